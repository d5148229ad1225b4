// Package web is the pages of the playbooks: the files and their review, the
// runs and their steps, what was not possible, and the board of the region.
package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sop"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *sop.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *sop.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const (
	books    = "/health/sops"
	runs     = "/health/sop-runs"
	tasks    = "/health/sop-tasks"
	progress = "/health/sop-progress"
)

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+books, g.reader(g.list))
	m.Files(books, g.exporter(g.listFile))
	m.Page("GET "+books+"/new", g.reader(g.newBook))
	m.Page("POST "+books+"/new", g.reader(g.draft))
	m.Page("GET "+books+"/{id}", g.reader(g.book))
	m.Download("GET "+books+"/{id}/playbook.txt", g.reader(g.text))
	m.Page("GET "+books+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+books+"/{id}/edit", g.reader(g.save))
	m.Page("POST "+books+"/{id}/adopt", g.reader(g.adopt))
	m.Page("GET "+books+"/{id}/step/{verb}", g.reader(g.askBook))
	m.Page("POST "+books+"/{id}/step/{verb}", g.reader(g.stepBook))
	m.Page("GET "+books+"/{id}/drift", g.reader(g.drift))
	m.Files(books+"/{id}/drift", g.exporter(g.driftFile))
	m.Page("GET "+runs, g.reader(g.listRuns))
	m.Files(runs, g.exporter(g.runsFile))
	m.Page("GET "+runs+"/new", g.reader(g.newRun))
	m.Page("POST "+runs+"/new", g.reader(g.start))
	m.Page("GET "+runs+"/{id}", g.reader(g.run))
	m.Files(runs+"/{id}/steps", g.exporter(g.runFile))
	m.Page("GET "+runs+"/{id}/step/{verb}", g.reader(g.askRun))
	m.Page("POST "+runs+"/{id}/step/{verb}", g.reader(g.stepRun))
	m.Page("GET "+tasks, g.reader(g.listTasks))
	m.Files(tasks, g.exporter(g.tasksFile))
	m.Page("GET "+tasks+"/{id}", g.reader(g.task))
	m.Page("GET "+tasks+"/{id}/step/{verb}", g.reader(g.askTask))
	m.Page("POST "+tasks+"/{id}/step/{verb}", g.reader(g.stepTask))
	m.Upload("POST "+tasks+"/{id}/files", g.reader(g.attach))
	m.Download("GET "+tasks+"/{id}/files/{file}", g.reader(g.taskFile))
	m.Page("POST "+tasks+"/{id}/files/{file}/remove", g.reader(g.detach))
	m.Page("GET "+progress, g.reader(g.board))
	m.Download("GET "+progress+"/{id}/files/{file}", g.reader(g.progressFile))
	m.Files(progress, g.exporter(g.boardFile))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !sop.Capabilities.May(r.Actor, "sop.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.sop"), Href: books, Icon: "clipboard-list"}}
}

// reader lets only those in who may read the desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !sop.Capabilities.May(r.Actor, "sop.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

func (g *Pages) exporter(h shell.Handler) shell.Handler {
	return g.reader(func(w http.ResponseWriter, r *shell.Request) error {
		if !sop.Capabilities.May(r.Actor, "sop.export") {
			return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
		}
		return h(w, r)
	})
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.desk.Member()} }

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

func (w words) plates(all []access.Member) []parts.Plate {
	out := make([]parts.Plate, len(all))
	for i, m := range all {
		out[i] = w.plate(m, parts.Plain)
	}
	return out
}

// tabs lead from one list of the part to the next.
func (w words) tabs(at string) []parts.Tab {
	var out []parts.Tab
	for _, t := range []struct{ key, href string }{{"sop.tab.books", books}, {"sop.tab.runs", runs}, {"sop.tab.tasks", tasks}, {"sop.tab.board", progress}} {
		out = append(out, parts.Tab{Text: w.T(t.key), Href: t.href, Count: -1, Current: t.href == at})
	}
	return out
}

// cols are headings of a table, by the ends of their keys.
func (w words) cols(keys ...string) []parts.Column {
	out := make([]parts.Column, len(keys))
	for i, k := range keys {
		out[i] = parts.Column{Text: w.T("sop.col." + k)}
	}
	return out
}

func stateGrade(s workflow.State) parts.Grade {
	switch s {
	case sop.Blocked:
		return parts.Warning
	case sop.Done, sop.Verified, sop.Published:
		return parts.Good
	case sop.Not, sop.Review:
		return parts.Watch
	case sop.Accepted, sop.Working, sop.Open:
		return parts.Information
	}
	return parts.Ungraded
}

func (w words) state(record string, s workflow.State) templ.Component {
	return parts.Tag(stateGrade(s), w.T(record+".state."+string(s)))
}

// stamp is a time, or a dash where there is none.
func (w words) stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.Stamp(t)
}

// due says when something is due, and how long ago that was.
func (w words) due(at time.Time, settled bool) parts.Cell {
	if at.IsZero() {
		return parts.Cell{Text: "–"}
	}
	c := parts.Cell{Text: w.Stamp(at)}
	if !settled {
		c.Note = w.Left(at, w.now)
	}
	return c
}

func str(n int) string { return strconv.Itoa(n) }

func number(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func seen(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

// keyOf reads where a list goes on; more writes it.
func keyOf(q url.Values) sop.Key {
	at, rid, _ := strings.Cut(q.Get("after"), ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if k, bad := id.Parse(rid); err == nil && bad == nil {
		return sop.Key{At: n, ID: k}
	}
	return sop.Key{}
}

func (w words) pager(base string, q url.Values, next sop.Key) parts.Pager {
	var p parts.Pager
	c := url.Values{}
	for k, v := range q {
		if k != "after" {
			c[k] = v
		}
	}
	if q.Get("after") != "" {
		p.Previous = base + "?" + c.Encode()
	}
	if next.ID != "" {
		c.Set("after", strconv.FormatInt(next.At, 10)+"."+string(next.ID))
		p.Next = base + "?" + c.Encode()
	}
	return p
}

// files are the links that give a list as a table.
func files(path string, q url.Values) []parts.Link {
	end := ""
	if s := q.Encode(); s != "" {
		end = "?" + s
	}
	return []parts.Link{{Text: "CSV", Href: path + ".csv" + end}, {Text: "XLSX", Href: path + ".xlsx" + end}}
}

// table answers with a table in the format that the address ends with.
func table(w http.ResponseWriter, r *shell.Request, name string, head []string, rows func(row func(cells ...any) error) error) error {
	var all [][]any
	if err := rows(func(cells ...any) error { all = append(all, cells); return nil }); err != nil {
		return err
	}
	return r.Sheet(w, name, head, all)
}

// when is a time as a cell of a table; nothing where there is none.
func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// spare are the needs that the form of a step itself fulfils.
var spare = map[string]bool{"health.reason": true, "sop.evidence": true, "sop.recipients": true}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !spare[n] || n == "sop.evidence" && o.Verb == "verify" {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func offer(list []workflow.Offer, verb string) (workflow.Offer, bool) {
	for _, o := range list {
		if string(o.Verb) == verb {
			return o, true
		}
	}
	return workflow.Offer{}, false
}

// refused says why a step that nobody offered cannot be taken.
func refused[R any](t *workflow.Table[R], state workflow.State, verb string) error {
	if _, ok := t.Find(state, workflow.Verb(verb)); ok {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	return fault.New(fault.Conflict, "fault.wrong_state").With("verb", verb).With("state", string(state))
}
