// Package web is the pages of requests, offers, arrangements, deployments and
// consignments: one list, one page and one form for all of them, made from
// tables of fields, and the board.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *request.Desk
	events *health.Desk
	self   access.Member
}

// New makes the pages; events are what a request may be about.
func New(d *request.Desk, events *health.Desk, self access.Member) *Pages {
	return &Pages{desk: d, events: events, self: self}
}

const base = "/health/requests"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/board", g.reader(g.board))
	m.Download("GET "+base+"/board.xlsx", g.reader(g.boardSheet))
	m.Download("GET "+base+"/board.csv", g.reader(g.boardSheet))
	m.Page("GET "+base+"/new", g.reader(g.begin))
	m.Page("POST "+base+"/new", g.reader(g.create))
	m.Page("GET "+base+"/{id}", g.reader(g.record))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Download("GET "+base+"/{id}/arrangement.json", g.reader(g.proof))
	m.Download("GET "+base+"/{id}/edxl.xml", g.reader(g.edxlFile))
	m.Download("GET "+base+"/{id}/fhir.json", g.reader(g.fhirFile))
}

// reader lets only those in who may read the health desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.self} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func (w words) plate(m access.Member, state parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(string(m)), State: state}
}

func (w words) plates(ms []access.Member) []parts.Plate {
	var out []parts.Plate
	for _, m := range ms {
		out = append(out, w.plate(m, parts.Plain))
	}
	return out
}

func (w words) missing(ms []access.Member) []parts.Plate {
	var out []parts.Plate
	for _, m := range ms {
		out = append(out, w.plate(m, parts.Missing))
	}
	return out
}

func (w words) names(ms []access.Member) string {
	var out []string
	for _, m := range ms {
		out = append(out, w.name(string(m)))
	}
	return strings.Join(out, ", ")
}

// stage is how far a record has come, in words.
func (w words) stage(s string) string { return w.T("request.state." + s) }

func (w words) stageTag(e *request.Entry, late bool) (parts.Grade, string) {
	s := e.Stage()
	switch {
	case late:
		return parts.Warning, w.stage(s)
	case slices.Contains([]string{"customs_hold", "refused", "declined"}, s):
		return parts.Watch, w.stage(s)
	case slices.Contains([]string{"in_force", "accepted", "received", "reconciled", "on_task", "extended", "debriefed"}, s):
		return parts.Good, w.stage(s)
	case e.Open() && s != "draft":
		return parts.Information, w.stage(s)
	}
	return parts.Ungraded, w.stage(s)
}

func degreeGrade(d request.Degree) parts.Grade {
	switch d {
	case request.Complete:
		return parts.Good
	case request.Partial:
		return parts.Watch
	}
	return parts.Ungraded
}

func (w words) noun(kind string) string {
	return w.T("request.noun." + strings.TrimPrefix(kind, "request."))
}

// where is the place by its name, or the words that were given.
func (w words) where(s string) string {
	if place.Known(s) {
		return place.Full(s, w.Lang())
	}
	return s
}

// label of a field: by its last part.
func (w words) label(name string) string {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if rest, ok := strings.CutPrefix(name, "clause."); ok {
		return w.T("request.clause." + rest)
	}
	return w.T("request.field." + last)
}

// languageName is a language by its own name.
func languageName(code string) string {
	for _, l := range locale.Languages() {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

// labelOf a field of a form or page.
func (w words) labelOf(s spec) string {
	if s.says != "" {
		return w.T("request.field." + s.says)
	}
	return w.label(s.name)
}

func (w words) choice(s spec, v string) string {
	switch {
	case v == "":
		return ""
	case s.of == "hazard":
		return w.T("hazard." + v)
	case s.of == "lang":
		return languageName(v)
	case s.list == nil:
		return v
	}
	return w.T("request." + s.of + "." + v)
}

// show is the value of a field of a page.
func (w words) show(s spec, vs []string) string {
	var out []string
	for _, v := range vs {
		switch s.kind {
		case "select", "many":
			v = w.choice(s, v)
		case "date":
			if t, err := time.Parse(time.DateOnly, v); err == nil {
				v = w.Dated(t, "day")
			}
		case "number":
			v = w.digits(v)
		default:
			if strings.HasSuffix(s.name, "place") || strings.HasSuffix(s.name, "places") || strings.HasSuffix(s.name, "entry") {
				v = w.where(v)
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}

func (w words) digits(v string) string {
	var n int64
	for _, c := range v {
		if c < '0' || c > '9' {
			return v
		}
		n = n*10 + int64(c-'0')
	}
	return w.Number(n)
}

// definitions are the fields of a group that were filled in.
func (w words) definitions(form url.Values, groups ...group) []parts.Definition {
	var out []parts.Definition
	for _, g := range groups {
		if g.rows != "" {
			continue
		}
		for _, s := range g.fields {
			if v := w.show(s, form[s.name]); v != "" && s.kind != "hidden" {
				out = append(out, parts.Definition{Term: w.labelOf(s), Text: v})
			}
		}
	}
	return out
}

// named is the field that names a row of the group, and the others.
func (g group) named() (spec, []spec) {
	i := max(0, slices.IndexFunc(g.fields, func(s spec) bool { return slices.Contains([]string{"item", "what", "name"}, s.name) }))
	return g.fields[i], slices.Delete(slices.Clone(g.fields), i, i+1)
}

// table is the rows of a group, with the columns that any row has.
func (w words) table(form url.Values, g group, caption string) *parts.Table {
	n := rowsOf(form, g.rows)
	if n == 0 {
		return nil
	}
	head, fields := g.named()
	t := &parts.Table{Caption: caption, RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.labelOf(head)}}}
	var cols []spec
	for _, s := range fields {
		used := false
		for i := range n {
			used = used || form.Get(g.rows+"."+str(i)+"."+s.name) != ""
		}
		if used && s.kind != "hidden" {
			cols = append(cols, s)
			t.Columns = append(t.Columns, parts.Column{Text: w.labelOf(s), Number: s.kind == "number"})
		}
	}
	for i := range n {
		pre := g.rows + "." + str(i) + "."
		no := form.Get(pre + "n")
		if no == "" {
			no = str(i + 1)
		}
		row := []parts.Cell{{Text: no + ". " + w.show(head, form[pre+head.name])}}
		for _, s := range cols {
			row = append(row, parts.Cell{Text: w.show(s, form[pre+s.name])})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// EventPanel is what the page of an event shows of this part; nil for nothing.
func (g *Pages) EventPanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	es, err := g.desk.Of(r.Context(), r.Actor, e.ID)
	if err != nil {
		return nil, err
	}
	w := g.words(r)
	var rows []row
	for i := range es {
		rows = append(rows, w.row(&es[i]))
	}
	may := request.MayBegin(r.Actor, request.OwnRequest) && e.Owner == g.self
	if len(rows) == 0 && !may {
		return nil, nil
	}
	return eventPanel(w, rows, may, base+"/new?what=request&event="+url.QueryEscape(string(e.ID)), base+"/new?what=offer&to="+url.QueryEscape(string(e.Owner))), nil
}
