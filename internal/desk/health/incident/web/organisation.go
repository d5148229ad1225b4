package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
	"lintas/internal/workflow"
)

// seatView is a function with who holds it, in words.
type seatView struct {
	Key, Name string
	Vacant    bool
	On        []string
	Due       []string
	Next      []string
	Above     string
}

// seats are the functions of the incident in words; who is vacant stands among
// the others.
func (f *frame) seats() []seatView {
	var out []seatView
	for _, s := range f.B.Seats {
		v := seatView{Key: s.Key, Name: f.function(s.Key), Vacant: s.Vacant(), Above: s.Above}
		for _, d := range s.On {
			text := f.T("incident.seat.on", "post", d.Post, "time", f.ShortStamp(d.To))
			switch {
			case d.State == incident.HandedOver:
				text = f.T("incident.seat.handed", "post", d.Post)
			case d.To.Before(f.now):
				text = f.T("incident.seat.overdue", "post", d.Post, "ago", f.Ago(d.To, f.now))
			}
			v.On = append(v.On, text)
		}
		for _, d := range s.Due {
			v.Due = append(v.Due, f.T("incident.seat.due", "post", d.Post, "ago", f.Ago(d.From, f.now)))
		}
		for _, d := range s.Next {
			v.Next = append(v.Next, f.T("incident.seat.next", "post", d.Post, "time", f.ShortStamp(d.From)))
		}
		out = append(out, v)
	}
	return out
}

// organisationView is who does what, when.
type organisationView struct {
	frame
	Chart  *svg.Drawing
	Table  parts.Table
	Held   parts.Table // of a closed incident
	Seats  []seatView
	Mine   []dutyLine
	Roster parts.Table
	Shift  shiftForm
	Hands  []dutyLine
}

// dutyLine is a duty with its buttons.
type dutyLine struct {
	D       incident.Duty
	Text    string
	Note    string
	Buttons []parts.Button
}

// shiftForm names people for one shift.
type shiftForm struct {
	form
	People []incident.Person
	Of     []string
}

func (v shiftForm) holder(function string) parts.Select {
	var o []parts.Option
	for _, p := range v.People {
		text := p.Post
		if p.Display != "" {
			text += " (" + p.Display + ")"
		}
		o = append(o, parts.Option{Value: string(p.Account), Text: text})
	}
	s := v.pick("holder."+function, false, v.T("incident.nobody"), o)
	s.Label, s.Optional = v.function(function), false
	return s
}

func (g *Pages) organisation(w http.ResponseWriter, r *shell.Request) error {
	return g.showOrganisation(w, r, http.StatusOK, nil, nil)
}

func (g *Pages) showOrganisation(w http.ResponseWriter, r *shell.Request, status int, posted url.Values, cause error) error {
	f, err := g.book(r, "organisation")
	if err != nil {
		return err
	}
	people, err := g.desk.People(r.Context())
	if err != nil {
		return err
	}
	v := organisationView{frame: f, Chart: f.chartOf(920), Seats: f.seats()}
	v.table()
	v.Held = f.held()
	v.duties()
	v.roster()
	if posted == nil {
		posted = f.nextShift()
	}
	v.Shift = shiftForm{form: form{words: f.words, Action: f.path() + "/organisation", Form: posted, Errors: errorsOf(r.Printer, cause), Save: f.T("incident.shift.save")}, People: people, Of: f.B.Functions}
	return r.ShowStatus(w, status, f.page(), organisationPage(v))
}

// nextShift fills the form with the shift that the roster lacks, and with those
// who had the functions when the same shift was filled last.
func (f *frame) nextShift() url.Values {
	var all []incident.Duty
	for _, d := range f.B.Duties {
		all = append(all, d.Duty)
	}
	s := incident.NextShift(all, f.B.Hours, f.now)
	out := url.Values{"from": {stamp(s.From)}, "to": {stamp(s.To)}}
	for _, d := range all {
		if d.From.Hour() == s.From.Hour() && d.State != incident.Cancelled {
			out.Set("holder."+d.Function, string(d.Holder))
		}
	}
	return out
}

func (v *organisationView) table() {
	v.Table = parts.Table{Caption: v.T("incident.chart.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("incident.field.function")}, {Text: v.T("incident.col.on")}, {Text: v.T("incident.col.next")}, {Text: v.T("incident.col.above")}}}
	for _, s := range v.Seats {
		on := parts.Cell{Text: strings.Join(s.On, "; ")}
		if s.Vacant {
			on = parts.Cell{Body: parts.Tag(parts.Emergency, v.T("incident.vacant")), Note: strings.Join(s.Due, "; ")}
		}
		above := "–"
		if s.Above != "" {
			above = v.function(s.Above)
		}
		next := strings.Join(s.Next, "; ")
		if next == "" {
			next = v.T("incident.next.none")
		}
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: s.Name}, on, {Text: next}, {Text: above}})
	}
}

// held is who held which function of the incident, and from when to when.
func (f *frame) held() parts.Table {
	t := parts.Table{Caption: f.T("incident.held"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: f.T("incident.field.function")}, {Text: f.T("incident.col.post")},
		{Text: f.T("incident.col.held_from")}, {Text: f.T("incident.col.held_to")}, {Text: f.T("incident.col.relief")}}}
	for _, fn := range incident.Functions {
		for i := range f.B.Duties {
			d := &f.B.Duties[i]
			if d.Function != fn.Key || d.Taken.IsZero() {
				continue
			}
			end, relief := parts.Cell{Text: "–"}, d.Relief
			if !d.Ended.IsZero() {
				end = parts.Cell{At: d.Ended}
			}
			if relief == "" {
				relief = "–"
			}
			t.Rows = append(t.Rows, []parts.Cell{{Text: f.function(fn.Key)}, {Text: d.Post}, {At: d.Taken}, end, {Text: relief}})
		}
	}
	return t
}

// asksDuty are the steps of a duty that need words.
var asksDuty = []string{"hand_over", "end"}

func (v *organisationView) line(d incident.DutyView) dutyLine {
	l := dutyLine{D: d.Duty, Text: v.duty(d.Duty), Note: v.span(d.From, d.To)}
	if !d.Mine {
		l.Text = v.function(d.Function) + ": " + d.Post
	}
	for _, o := range d.Offers {
		verb := string(o.Verb)
		if slices.Contains([]string{"take", "hand_over"}, verb) && !d.Mine || verb == "relieve" && d.Mine {
			continue
		}
		b := parts.Button{Text: v.T("incident.verb.duty." + verb), Small: true, Unmet: v.unmet(o)}
		if path := v.path() + "/duties/" + string(d.ID) + "/" + verb; slices.Contains(asksDuty, verb) {
			b.Href = path
		} else {
			b.Post, b.Name, b.Value = path, "version", str(d.Version)
		}
		if verb == "take" || verb == "hand_over" || verb == "relieve" {
			b.Kind = parts.Primary
		}
		l.Buttons = append(l.Buttons, b)
	}
	return l
}

// duties are those of the reader, and the hand-overs that wait or were given.
func (v *organisationView) duties() {
	for _, d := range v.B.Duties {
		if d.Mine && (d.State == incident.OnDuty || d.State == incident.HandedOver || d.State == incident.Planned && d.To.After(v.now)) {
			v.Mine = append(v.Mine, v.line(d))
		}
	}
	for _, d := range slices.Backward(v.B.Duties) {
		if !d.Handed.IsZero() && len(v.Hands) < 12 {
			l := v.line(d)
			l.Text = v.function(d.Function) + ": " + d.Post
			l.Note = v.T("incident.handed.at", "time", v.Stamp(d.Handed))
			if d.Relief != "" {
				l.Note = v.T("incident.handed.to", "time", v.Stamp(d.Handed), "post", d.Relief, "ack", v.Stamp(d.Ended))
			}
			v.Hands = append(v.Hands, l)
		}
	}
}

// roster is functions by shifts: those that run or come, and the last before.
func (v *organisationView) roster() {
	var all []incident.Duty
	for _, d := range v.B.Duties {
		all = append(all, d.Duty)
	}
	shifts := incident.Shifts(all)
	past := 0
	for _, s := range shifts {
		if !s.To.After(v.now) {
			past++
		}
	}
	shifts = shifts[max(past-1, 0):]
	shifts = shifts[:min(len(shifts), 6)]
	v.Roster = parts.Table{Caption: v.T("incident.roster"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("incident.field.function")}}}
	for _, s := range shifts {
		v.Roster.Columns = append(v.Roster.Columns, parts.Column{Text: v.span(s.From, s.To)})
	}
	if len(shifts) == 0 {
		return
	}
	for _, f := range v.B.Functions {
		row := []parts.Cell{{Text: v.function(f)}}
		for _, s := range shifts {
			var cells []rosterCell
			for _, d := range v.B.Duties {
				if d.Function == f && d.State != incident.Cancelled && d.From.Equal(s.From) && d.To.Equal(s.To) {
					cells = append(cells, rosterCell{d.Post, v.state(d.State), v.line(d).Buttons})
				}
			}
			if len(cells) == 0 {
				nobody := parts.Cell{Body: parts.Tag(parts.Emergency, v.T("incident.vacant"))}
				if v.B.State == incident.Closed { // no alarm any more
					nobody = parts.Cell{Text: "–"}
				}
				row = append(row, nobody)
				continue
			}
			row = append(row, parts.Cell{Body: rosterCells(cells, v.words)})
		}
		v.Roster.Rows = append(v.Roster.Rows, row)
	}
}

type rosterCell struct {
	Post, State string
	Buttons     []parts.Button
}

func (g *Pages) roster(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	var posts []incident.Post
	for _, f := range incident.Functions {
		if h := r.PostForm.Get("holder." + f.Key); h != "" {
			posts = append(posts, incident.Post{Function: f.Key, Holder: id.ID(h)})
		}
	}
	n, err := g.desk.Roster(r.Context(), r.Actor, iid, incident.Shift{From: moment(r.PostForm.Get("from")), To: moment(r.PostForm.Get("to"))}, posts)
	if status := again(err); status != 0 {
		return g.showOrganisation(w, r, status, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.roster", map[string]any{"n": n})
	return r.Redirect(w, incident.Path(iid)+"/organisation")
}

func (g *Pages) findDuty(r *shell.Request) (frame, incident.DutyView, error) {
	f, err := g.book(r, "organisation")
	if err != nil {
		return f, incident.DutyView{}, err
	}
	i := slices.IndexFunc(f.B.Duties, func(d incident.DutyView) bool { return string(d.ID) == r.PathValue("duty") })
	if i < 0 {
		return f, incident.DutyView{}, refusal(false, r.PathValue("verb"), "")
	}
	return f, f.B.Duties[i], nil
}

func (g *Pages) askDuty(w http.ResponseWriter, r *shell.Request) error {
	return g.showDuty(w, r, http.StatusOK, nil)
}

func (g *Pages) showDuty(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	f, d, err := g.findDuty(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offered(d.Offers, workflow.Verb(verb))
	if !ok {
		_, known := incident.Duties.Find(d.State, workflow.Verb(verb))
		return refusal(known, verb, d.State)
	}
	v := f.stepOf(r, "duty", verb, f.path()+"/duties/"+string(d.ID)+"/"+verb, f.path()+"/organisation", d.Version, o, cause)
	v.Points = []string{f.function(d.Function) + ": " + d.Post + ", " + f.span(d.From, d.To)}
	switch verb {
	case "hand_over":
		v.Areas = append(v.Areas, v.area("brief", true, 6, incident.MaxText), v.area("pending", false, 4, incident.MaxText))
	case "end":
		v.why(true)
	}
	return r.ShowStatus(w, status, f.page(), stepPage(v))
}

func (g *Pages) stepDuty(w http.ResponseWriter, r *shell.Request) error {
	f, d, err := g.findDuty(r)
	if err != nil {
		return err
	}
	p, verb := r.PostForm, r.PathValue("verb")
	_, err = g.desk.StepDuty(r.Context(), r.Actor, d.ID, version(p.Get("version")), workflow.Verb(verb), incident.DutyInput{Brief: text(p.Get("brief")), Pending: text(p.Get("pending")), Reason: text(p.Get("reason"))})
	if status := again(err); status != 0 {
		return g.showDuty(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.duty."+verb, nil)
	return r.Redirect(w, f.path()+"/organisation")
}
