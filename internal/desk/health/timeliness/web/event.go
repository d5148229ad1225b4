package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// eventView is the timeliness of one event.
type eventView struct {
	words
	P       timeliness.Page
	Head    parts.PageHead
	Path    string
	Topic   string
	Notice  *parts.Notice
	Chart   templ.Component
	Clocks  parts.Table
	Dates   []parts.Definition
	Actions parts.Table
	Factors []parts.Table
	Pauses  parts.Table
	State   []parts.Definition
	Moves   []parts.Button
	R       []parts.Table // 7-1-7-R: what this node has of R1, R2, R3
}

func (g *Pages) page(r *shell.Request) (timeliness.Page, error) {
	eid, err := r.PathID("id")
	if err != nil {
		return timeliness.Page{}, err
	}
	return g.desk.EventPage(r.Context(), r.Actor, eid)
}

func (g *Pages) event(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.page(r)
	if err != nil {
		return err
	}
	v := eventView{words: g.words(r), P: p, Path: r.URL.RequestURI(), Topic: "event:" + string(p.Event)}
	v.Head = parts.PageHead{Title: v.T("timeliness.event.title", "name", p.Name), Lede: v.T("timeliness.event.lede"), Actions: v.actions(),
		Crumbs: []parts.Link{{Text: v.T("timeliness.region.title"), Href: base}, {Text: p.Name, Href: "/health/events/" + string(p.Event)}, {Text: v.T("timeliness.title")}}}
	v.fill()
	if err := g.eventRegional(r, &v); err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic, "desk"}, Marking: string(p.Marking)}, eventPage(v))
}

// eventRegional is how fast the region answered to the event.
func (g *Pages) eventRegional(r *shell.Request, v *eventView) error {
	x, err := g.desk.RegionalOf(r.Context(), r.Actor, v.P.Event)
	if err != nil {
		return err
	}
	for _, t := range []*parts.Table{v.told(x.R1), v.helped(x.R2), v.given(x.R3)} {
		if len(t.Rows) > 0 {
			t.ShowCaption = true
			v.R = append(v.R, *t)
		}
	}
	return nil
}

func (v *eventView) actions() []parts.Button {
	out := []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}
	if v.P.MayBegin {
		return append(out, parts.Button{Text: v.T("timeliness.verb.begin"), Icon: "pencil", Kind: parts.Primary, Href: path(v.P.Event) + "/edit"})
	}
	for _, o := range v.P.Offers {
		b := parts.Button{Text: v.T("timeliness.verb." + string(o.Verb)), Href: path(v.P.Event) + "/step/" + string(o.Verb)}
		for _, n := range o.Unmet {
			if !slices.Contains([]string{"timeliness.reason", "timeliness.recipients", "timeliness.marking"}, n) { // they come with the press
				b.Unmet = append(b.Unmet, v.T("need."+n))
			}
		}
		if o.Verb == "edit" {
			b.Href, b.Icon = path(v.P.Event)+"/edit", "pencil"
		} else {
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	return out
}

func (v *eventView) fill() {
	p := v.P
	switch {
	case p.Copy != nil && p.Copy.Withdrawn:
		v.Notice = &parts.Notice{Grade: parts.Warning, Title: v.T("timeliness.withdrawn", "owner", v.name(string(p.Owner))), Text: p.Reason}
	case p.Copy != nil:
		v.Notice = &parts.Notice{Grade: parts.Information, Title: v.T("timeliness.foreign", "owner", v.name(string(p.Owner))), Text: v.T("timeliness.foreign.text", "time", p.Judged)}
	case p.Changed:
		v.Notice = &parts.Notice{Grade: parts.Warning, Title: v.T("timeliness.changed"), Text: v.T("timeliness.changed.text")}
	case p.Version == 0:
		v.Notice = &parts.Notice{Grade: parts.Information, Title: v.T("timeliness.unrecorded"), Text: v.T("timeliness.unrecorded.text")}
	}
	var bars []barRow
	v.Clocks = parts.Table{Caption: v.T("timeliness.results"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.clock")}, {Text: v.T("timeliness.limit.head")},
		{Text: v.T("timeliness.days")}, {Text: v.T("timeliness.outcome")}}}
	for _, r := range p.Results {
		title := v.T("timeliness.clock." + string(r.Clock))
		note := v.T("timeliness.why." + string(r.Outcome))
		if r.Paused > 0 {
			note = joined(note, v.T("timeliness.paused", "n", r.Paused))
		}
		v.Clocks.Rows = append(v.Clocks.Rows, []parts.Cell{{Text: title}, {Text: v.T("timeliness.lag", "n", r.Limit)}, {Text: v.lag(r.Lag)},
			{Body: parts.Tag(grade(r.Outcome), v.outcome(r.Outcome)), Note: note}})
		if r.Lag.Known && r.Outcome != timeliness.Reversed && r.Clock != timeliness.Notify {
			bars = append(bars, barRow{Label: title, Words: v.lag(r.Lag), R: r})
		}
	}
	if len(bars) > 0 {
		v.Chart = intervals("event-clocks", v.T("timeliness.results"), v.T("timeliness.results.desc"), bars, 7, v.T("timeliness.limit", "n", 7))
	}
	v.Dates = []parts.Definition{{Term: v.T("timeliness.date.emergence"), Text: v.date(p.Dates.Emergence)}, {Term: v.T("timeliness.date.detection"), Text: v.date(p.Dates.Detection)},
		{Term: v.T("timeliness.date.notification"), Text: v.date(p.Dates.Notification)}}
	v.tables()
	if p.State != "" {
		v.State = append(v.State, parts.Definition{Term: v.T("timeliness.state.record"), Text: v.T("timeliness.record." + string(p.State))})
	}
	if len(p.To) > 0 && p.State == timeliness.Released {
		names := make([]string, len(p.To))
		for i, m := range p.To {
			names[i] = v.name(string(m))
		}
		v.State = append(v.State, parts.Definition{Term: v.T("timeliness.to"), Text: strings.Join(names, ", ")})
	}
	if p.Reason != "" {
		v.State = append(v.State, parts.Definition{Term: v.T("timeliness.reason"), Text: p.Reason})
	}
	v.State = append(v.State, parts.Definition{Term: v.T("timeliness.rules"), Text: v.T("timeliness.rules.text", "rules", p.Rules, "time", p.Judged)})
}

func (v *eventView) tables() {
	p := v.P
	v.Actions = parts.Table{Caption: v.T("timeliness.actions"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.action")}, {Text: v.T("timeliness.answer")},
		{Text: v.T("timeliness.on")}, {Text: v.T("timeliness.evidence")}}}
	for _, k := range timeliness.ActionKeys {
		a := timeliness.Action{Key: k}
		if i := slices.IndexFunc(p.Actions, func(a timeliness.Action) bool { return a.Key == k }); i >= 0 {
			a = p.Actions[i]
		}
		on, answer := "–", v.T("timeliness.answer.none")
		if a.Answer != timeliness.NotAnswered {
			answer = v.T("timeliness.answer." + string(a.Answer))
		}
		if a.Answer == timeliness.Done {
			on = v.date(a.On)
		}
		v.Actions.Rows = append(v.Actions.Rows, []parts.Cell{{Text: v.T("timeliness.action." + string(k))}, {Text: answer}, {Text: on}, {Text: a.Evidence}})
	}
	for _, enabler := range []bool{false, true} {
		caption := v.T("timeliness.bottlenecks")
		if enabler {
			caption = v.T("timeliness.enablers")
		}
		t := parts.Table{Caption: caption, ShowCaption: true, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.what")}, {Text: v.T("timeliness.clock")}, {Text: v.T("timeliness.category")}}}
		if !enabler {
			t.Columns = append(t.Columns, parts.Column{Text: v.T("timeliness.todo")})
		}
		for _, f := range p.Factors {
			if f.Enabler != enabler {
				continue
			}
			row := []parts.Cell{{Text: f.Text}, {Text: v.T("timeliness.clock." + string(f.Clock))}, {Text: v.category(f.Category)}}
			if !enabler {
				cell := parts.Cell{Text: f.Action}
				if f.Horizon != "" {
					cell.Note = v.T("timeliness.horizon." + f.Horizon)
				}
				row = append(row, cell)
			}
			t.Rows = append(t.Rows, row)
		}
		if len(t.Rows) > 0 {
			v.Factors = append(v.Factors, t)
		}
	}
	v.Pauses = parts.Table{Caption: v.T("timeliness.pauses"), ShowCaption: true, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.clock")}, {Text: v.T("timeliness.from")}, {Text: v.T("timeliness.until")}, {Text: v.T("timeliness.reason")}}}
	for _, x := range p.Pauses {
		v.Pauses.Rows = append(v.Pauses.Rows, []parts.Cell{{Text: v.T("timeliness.clock." + string(x.Clock))}, {Text: x.From}, {Text: x.To}, {Text: x.Reason}})
	}
}

// category is a technical area with its code.
func (w words) category(c string) string {
	return w.T("timeliness.category.line", "code", c, "name", w.T("timeliness.jee."+strings.ToLower(c)))
}

// stepView asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Verb    string
	Reason  string
	To      parts.Choices
	Marking parts.Choices
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.page(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	if err := offered(p, verb); err != nil {
		return err
	}
	v := stepView{words: g.words(r), Verb: verb, Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason")}
	v.Confirm = parts.Confirm{Title: v.T("timeliness.step.title", "verb", v.T("timeliness.verb."+verb), "name", p.Name), Text: v.T("timeliness.step." + verb),
		Action: path(p.Event) + "/step/" + verb, Hidden: [][2]string{{"version", str(p.Version)}},
		Submit: parts.Button{Text: v.T("timeliness.verb." + verb), Kind: parts.Primary}, Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: path(p.Event)}}
	if verb == "withdraw" {
		v.Confirm.Submit.Kind = parts.Danger
	}
	if verb == "release" {
		v.release(p, g.member, r.PostForm)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

func (v *stepView) release(p timeliness.Page, self access.Member, form url.Values) {
	v.To = parts.Choices{Many: true, Field: parts.Field{Name: "to", Label: v.T("timeliness.to"), Error: v.Errors.Of("timeliness.recipients")}}
	for _, m := range access.All() {
		if m != self {
			v.To.Options = append(v.To.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Hint: string(m), Chosen: slices.Contains(form["to"], string(m))})
		}
	}
	chosen := access.Marking(form.Get("marking"))
	if chosen == "" {
		chosen = p.Marking
	}
	v.Marking = parts.Choices{Field: parts.Field{Name: "marking", Label: v.T("health.field.marking"), Error: v.Errors.Of("timeliness.marking"), Required: true}}
	for _, m := range access.Markings {
		v.Marking.Options = append(v.Marking.Options, parts.Option{Value: string(m), Text: string(m), Chosen: m == chosen})
	}
}

// offered refuses, as the table would, a step that the actor cannot take now.
func offered(p timeliness.Page, verb string) error {
	for _, o := range p.Offers {
		if string(o.Verb) == verb {
			return nil
		}
	}
	if verb == "edit" && p.MayBegin {
		return nil
	}
	if !p.Own {
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.Owner))
	}
	if _, ok := timeliness.Records.Find(p.State, workflow.Verb(verb)); !ok && p.Version > 0 {
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", verb).With("state", string(p.State))
	}
	return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, seen, why := r.PathValue("verb"), version(r.PostForm.Get("version")), text(r.PostForm.Get("reason"))
	if seen == 0 {
		seen = -1
	}
	switch verb {
	case "confirm":
		_, err = g.desk.Confirm(r.Context(), r.Actor, eid, seen)
	case "release":
		var to []access.Member
		for _, m := range r.PostForm["to"] {
			to = append(to, access.Member(m))
		}
		_, err = g.desk.Release(r.Context(), r.Actor, eid, seen, to, access.Marking(r.PostForm.Get("marking")))
	case "reopen", "withdraw":
		_, err = g.desk.Back(r.Context(), r.Actor, eid, seen, workflow.Verb(verb), why)
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showStep(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.stepConflict(w, r, err)
	case err != nil:
		return err
	}
	r.Say(w, "timeliness.said."+verb, nil)
	return r.Redirect(w, path(eid))
}

// stepConflict shows the step again where it can still be taken.
func (g *Pages) stepConflict(w http.ResponseWriter, r *shell.Request, cause error) error {
	p, err := g.page(r)
	if err != nil {
		return err
	}
	if offered(p, r.PathValue("verb")) != nil {
		return cause
	}
	return g.showStep(w, r, http.StatusConflict, cause)
}

// eventPath is the page of the event itself.
func eventPath(eid id.ID) string { return "/health/events/" + string(eid) }

// precisionOptions are those of the form of an event.
func (w words) precisionOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range health.Precisions {
		out = append(out, parts.Option{Value: string(x), Text: w.T("precision." + string(x)), Chosen: string(x) == chosen})
	}
	return out
}
