package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/incident"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// pageView is the first page of an incident: what rings, who is on duty, what
// is to be reached, and what happened last.
type pageView struct {
	frame
	Facts      []parts.Definition
	Figures    []parts.Figure
	Seats      []seatView
	Objectives parts.Table
	Entries    []incident.EntryView
	Quick      quickForm
	Moves      []parts.Button
	Activation string
	Review     []parts.Link
}

func (g *Pages) overview(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "overview")
	if err != nil {
		return err
	}
	b := f.B
	v := pageView{frame: f, Seats: f.seats(), Quick: f.quick(nil, nil)}
	v.facts()
	v.figures()
	v.Objectives = f.objectives(false)
	v.Entries = b.Entries[:min(len(b.Entries), 8)]
	for _, o := range b.Offers {
		verb := string(o.Verb)
		m := parts.Button{Text: v.T("incident.verb.incident." + verb), Href: f.path() + "/step/" + verb, Unmet: v.unmet(o)}
		if verb == "edit" {
			m.Href = f.path() + "/edit"
		}
		v.Moves = append(v.Moves, m)
	}
	if g.Review != nil && b.State != incident.Open {
		for _, e := range b.Events {
			v.Review = append(v.Review, parts.Link{Text: v.T("incident.review", "event", e.Name), Href: g.Review(e.ID)})
		}
	}
	return r.Show(w, f.page(), overviewPage(v))
}

func (v *pageView) facts() {
	b := v.B
	def := func(term, text string, body templ.Component) {
		if text != "" || body != nil {
			v.Facts = append(v.Facts, parts.Definition{Term: v.T("incident.field." + term), Text: text, Body: body})
		}
	}
	def("decided_by", b.DecidedBy, nil)
	def("since", v.Stamp(b.Since), nil)
	if !b.Ended.IsZero() {
		def("ended", v.Stamp(b.Ended), nil)
	}
	def("cost", b.Cost, nil)
	if len(b.Events) > 0 {
		def("events", "", eventLinks(v.frame))
	} else {
		def("events", v.T("incident.events.none"), nil)
	}
	if b.Level > 0 {
		def("level", "", levelLink(v.frame))
	}
	def("hours", v.T("incident.hours", "n", b.Hours), nil)
	def("marking", string(b.Marking), nil)
	if b.Reason != "" {
		def("reason", b.Reason, nil)
	}
}

func (v *pageView) figures() {
	vacant := 0
	for _, s := range v.B.Seats {
		if s.Vacant() {
			vacant++
		}
	}
	fig := func(label, value, note string) {
		v.Figures = append(v.Figures, parts.Figure{Label: v.T(label), Value: value, Note: note})
	}
	// Nobody holds a post in a closed incident: a vacancy there is no alarm.
	closed := v.B.State == incident.Closed
	if p := v.B.InForce(); p != nil {
		note := v.T("incident.until", "time", v.Stamp(p.To))
		if p.To.Before(v.now) {
			note = v.T("incident.period_past", "ago", v.Ago(p.To, v.now))
		}
		fig("incident.fig.period", str(p.Number), note)
	} else if !closed {
		fig("incident.fig.period", "–", v.T("incident.fig.no_period"))
	}
	if !closed {
		fig("incident.fig.on_duty", str(len(v.B.Seats)-vacant), v.T("incident.fig.of", "n", len(v.B.Seats)))
		fig("incident.fig.vacant", str(vacant), v.T("incident.fig.vacant.note"))
	}
	open := 0
	for _, o := range v.B.Objectives {
		if o.Status != "achieved" && o.Status != "dropped" {
			open++
		}
	}
	fig("incident.fig.objectives", str(open), v.T("incident.fig.of", "n", len(v.B.Objectives)))
	ran := "incident.fig.running"
	if closed {
		ran = "incident.fig.ran"
	}
	fig(ran, v.Duration(v.running()), v.T("incident.fig.since", "time", v.Stamp(v.B.Since)))
}

func (v *pageView) running() time.Duration {
	if !v.B.Ended.IsZero() {
		return v.B.Ended.Sub(v.B.Since)
	}
	return max(v.now.Sub(v.B.Since), 0)
}

// objectives are the aims of the plans, with how they stand; all of them, or
// those of the newest period.
func (f *frame) objectives(all bool) parts.Table {
	t := parts.Table{Caption: f.T("incident.objectives"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: f.T("incident.field.o_text")}, {Text: f.T("incident.field.o_function")},
		{Text: f.T("incident.col.status")}, {Text: f.T("incident.field.o_due")}, {Text: f.T("incident.col.history")}}}
	newest := 0
	for _, o := range f.B.Objectives {
		newest = max(newest, o.Period)
	}
	for _, o := range f.B.Objectives {
		if !all && o.Period < newest {
			continue
		}
		due := parts.Cell{Text: "–"}
		if !o.Due.IsZero() {
			due = parts.Cell{At: o.Due}
			if o.Due.Before(f.now) && o.Status != "achieved" && o.Status != "dropped" {
				due.Note = f.T("incident.late", "ago", f.Ago(o.Due, f.now))
			}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: o.Text, Note: o.Measure}, {Text: f.function(o.Function)},
			{Body: parts.Tag(statusGrade(o.Status), f.T("incident.status."+o.Status))}, due, {Text: f.past(o), Note: f.T("incident.set_in", "n", o.Since)}})
	}
	return t
}

// past is how an objective came to where it stands, over the periods.
func (f *frame) past(o incident.ObjectiveView) string {
	if len(o.History) == 0 {
		return f.T("incident.no_word")
	}
	var out []string
	for _, e := range o.History {
		s := f.ShortStamp(e.At) + ": " + f.T("incident.status."+e.Status)
		if e.Text != "" {
			s += " (" + e.Text + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
