package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// bookletView is the incident action plan on paper, with the content of the
// forms ICS-201, 202, 203, 204, 205, 214 and 221.
type bookletView struct {
	frame
	P           *incident.PlanView // nil: no plan is in force, or there was none in a closed incident
	Past        bool               // the incident is closed: the booklet is its record
	Name        string
	Situations  []situation
	Chart       *svg.Drawing
	Seats       parts.Table
	Held        parts.Table // of a closed incident: who held which function, and when
	Objectives  parts.Table
	Assignments parts.Table
	Channels    parts.Table
	Safety      []string
	Changes     parts.Table
	Resources   parts.Table
	Logs        []logSheet
	Checkouts   parts.Table
	Standing    parts.Table
	Print       parts.Button
}

// situation is what is known of one event, with its source and as-of.
type situation struct {
	Title string
	Text  []string
	Lang  string
	Table parts.Table
}

// logSheet is the activity log of one function.
type logSheet struct {
	Title string
	Table parts.Table
}

func (g *Pages) booklet(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "overview")
	if err != nil {
		return err
	}
	v := bookletView{frame: f, P: f.B.InForce(), Print: parts.Button{Text: f.T("parts.print"), Icon: "printer", Kind: parts.Primary, Print: true}}
	if pid := r.URL.Query().Get("plan"); pid != "" {
		if v.P = f.B.Plan(id.ID(pid)); v.P == nil {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	} else if f.B.State == incident.Closed {
		v.P, v.Past = f.B.Last(), true
	}
	v.Name = f.T("incident.no_plan")
	if v.P != nil {
		v.Name = f.planName(&v.P.Plan)
		v.Objectives, v.Assignments, v.Channels = f.tables(&v.P.Plan)
		v.Changes = f.changes(v.P)
		v.Safety = paragraphs(v.P.Safety)
	}
	if err := g.briefing(r, &v); err != nil {
		return err
	}
	v.Standing = f.objectives(true)
	o := organisationView{frame: f, Seats: f.seats()}
	o.table()
	v.Chart, v.Seats = f.chartOf(920), o.Table
	if f.B.State == incident.Closed {
		v.Held = f.held()
	}
	v.logs()
	v.Checkouts = f.checkouts(false)
	page := f.page()
	page.Title = f.T("incident.booklet") + ": " + f.B.Name
	return r.Show(w, page, bookletPage(v))
}

// briefing is the situation by the newest facts, and what has arrived.
func (g *Pages) briefing(r *shell.Request, v *bookletView) error {
	list, err := g.desk.Situations(r.Context(), r.Actor, &v.B.Incident)
	if err != nil {
		return err
	}
	for i := range list {
		x := &list[i]
		s := situation{Title: v.name(string(x.Event.Owner)) + ": " + x.Event.Name, Text: paragraphs(x.Event.Summary), Lang: x.Event.Lang}
		s.Table = parts.Table{Caption: s.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("incident.col.figure")}, {Text: v.T("incident.col.value"), Number: true}, {Text: v.T("incident.col.as_of")}, {Text: v.T("incident.col.source")}}}
		for _, fg := range x.Figures {
			name := v.T("indicator." + fg.Indicator)
			if fg.Class != "" {
				name += ", " + v.T("class."+fg.Class)
			}
			source := parts.Cell{Text: strings.Join(fg.Sources, "; ")}
			if fg.Places > 1 {
				source.Note = v.T("incident.sum", "n", fg.Places)
			}
			s.Table.Rows = append(s.Table.Rows, []parts.Cell{{Text: name}, {Text: v.Number(fg.Value)}, {At: fg.AsOf}, source})
		}
		v.Situations = append(v.Situations, s)
	}
	res, err := g.desk.Resources(r.Context(), r.Actor, &v.B.Incident)
	v.Resources = v.resources(res)
	return err
}

func (w words) resources(list []incident.Resource) parts.Table {
	t := parts.Table{Caption: w.T("incident.resources"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("incident.col.resource")}, {Text: w.T("incident.col.from")}, {Text: w.T("incident.field.a_place")}, {Text: w.T("incident.col.arrived")}, {Text: w.T("incident.col.until")}}}
	for _, x := range list {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: x.Href, Note: x.Detail}, {Text: w.name(string(x.From))}, {Text: x.Place}, {Text: x.Since}, {Text: x.Until}})
	}
	return t
}

// mostOnPaper is how many lines of a function's log are printed; the rest is in
// the download, and the sheet says so.
const mostOnPaper = 60

// logs are the lines of the plan's period for each function, or the newest
// where there is no plan, and in the record of a closed incident. What was before
// the first period stands in the first.
func (v *bookletView) logs() {
	by := map[string][]incident.EntryView{}
	for _, e := range v.B.Entries {
		if v.P != nil && !v.Past && (v.P.Number > 1 && e.At.Before(v.P.From) || !e.At.Before(v.P.To)) {
			continue
		}
		by[e.Function] = append(by[e.Function], e)
	}
	var keys []string
	for _, f := range incident.Functions {
		keys = append(keys, f.Key)
	}
	for _, k := range append(keys, "") {
		list := by[k]
		if len(list) == 0 {
			continue
		}
		s := logSheet{Title: v.T("incident.log.none")}
		if k != "" {
			s.Title = v.function(k)
		}
		if len(list) > mostOnPaper {
			s.Title += " (" + v.T("incident.log.newest", "n", mostOnPaper, "of", len(list)) + ")"
			list = list[:mostOnPaper]
		}
		s.Table = parts.Table{Caption: s.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("incident.col.time")}, {Text: v.T("incident.col.text")}, {Text: v.T("incident.col.post")}}}
		for _, e := range slices.Backward(list) {
			text := v.saying(&e.Entry)
			if e.Notable {
				text = "★ " + text
			}
			cell := parts.Cell{Text: text}
			switch {
			case e.Corrected != "":
				cell.Note = v.T("incident.log.corrected")
			case e.Later():
				cell.Note = v.T("incident.log.later", "time", v.Stamp(e.Created.At))
			}
			post := e.Created.Post
			if e.Entry.Kind == incident.StepKind {
				post = v.by(e.Args["post"])
			}
			s.Table.Rows = append(s.Table.Rows, []parts.Cell{{Text: v.Stamp(e.At)}, cell, {Text: post}})
		}
		v.Logs = append(v.Logs, s)
	}
}

// sheetHead stands on top of every sheet of the booklet.
func (v *bookletView) sheetHead(form string) []string {
	out := []string{v.Name}
	if v.P != nil {
		out = append(out, v.span(v.P.From, v.P.To), v.T("incident.version", "n", strconv.Itoa(v.P.Number)+"."+strconv.Itoa(v.P.Edition))+" "+v.state(v.P.State))
	}
	return append(out, string(v.B.Marking), v.T("incident.form."+form))
}
