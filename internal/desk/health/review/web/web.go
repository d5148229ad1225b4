// Package web is the pages of the reviews: the list, a review with its timeline
// and locked evidence, its findings side by side, and the report.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/review"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *review.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *review.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/reviews"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.ask))
	m.Page("POST "+base+"/new", g.reader(g.save))
	m.Page("GET "+base+"/{id}", g.reader(g.page))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.ask))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("POST "+base+"/{id}/join", g.reader(g.join))
	m.Page("GET "+base+"/{id}/timeline", g.reader(g.timeline))
	m.Page("POST "+base+"/{id}/timeline", g.reader(g.choose))
	m.Page("POST "+base+"/{id}/moments", g.reader(g.add))
	m.Download("GET "+base+"/{id}/timeline.csv", g.reader(g.timelineFile))
	m.Download("GET "+base+"/{id}/timeline.xlsx", g.reader(g.timelineFile))
	m.Page("GET "+base+"/{id}/check", g.reader(g.check))
	m.Page("GET "+base+"/{id}/findings/new", g.reader(g.askFinding))
	m.Page("POST "+base+"/{id}/findings/new", g.reader(g.saveFinding))
	m.Page("GET "+base+"/{id}/groups", g.reader(g.askGroups))
	m.Page("POST "+base+"/{id}/groups", g.reader(g.saveGroups))
	m.Page("GET "+base+"/{id}/report", g.reader(g.report))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !review.Capabilities.May(r.Actor, "review.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.review"), Href: base, Icon: "history"}}
}

// reader lets only those in who may read the desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !review.Capabilities.May(r.Actor, "review.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page.
type words struct{ trailweb.Words }

func (g *Pages) words(r *shell.Request) words {
	return words{trailweb.Words{Printer: r.Printer, Now: r.Now, Self: g.desk.Member()}}
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

const stampForm = "2006-01-02T15:04"

// stateGrade is the colour of a state: only what is over is green.
func stateGrade(s workflow.State) parts.Grade {
	switch s {
	case review.Closed:
		return parts.Good
	case review.Cancelled, review.Planned:
		return parts.Ungraded
	}
	return parts.Information
}

func (w words) state(s workflow.State) templ.Component {
	return parts.Tag(stateGrade(s), w.T("review.state."+string(s)))
}

// acted says what an entry of the history is.
func (w words) acted(m *review.Moment) string {
	if m.Index < 0 {
		return m.Words
	}
	if k := "action." + m.Action; w.Has(k) {
		return w.T(k)
	}
	return m.Action
}

type listView struct {
	words
	Head    parts.PageHead
	Path    string
	Query   string
	Selects []parts.Select
	Any     bool
	Table   parts.Table
	None    parts.Empty
	Pager   parts.Pager
	Files   []parts.Link
}

const perPage = 50

func filterOf(q url.Values) review.Filter {
	page, _ := strconv.Atoi(q.Get("page"))
	return review.Filter{Query: q.Get("q"), State: workflow.State(q.Get("state")), Sort: q.Get("sort"), Owner: access.Member(q.Get("owner")), Event: id.ID(q.Get("event")),
		Limit: perPage, Offset: max(page-1, 0) * perPage}
}

// states in the order of a review's life.
var states = []workflow.State{review.Planned, review.Locked, review.Drafted, review.Validated, review.Cleared, review.Released, review.Following, review.Closed, review.Cancelled}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	rows, more, err := g.desk.List(r.Context(), r.Actor, filterOf(q))
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: q.Get("q")}
	v.Head = parts.PageHead{Title: v.T("review.list.title"), Lede: v.T("review.list.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	plan := parts.Button{Text: v.T("review.new"), Icon: "plus", Kind: parts.Primary, Href: base + "/new"}
	if review.MayPlan(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, plan)
	}
	choice := func(name string, list []string, say func(string) string) {
		s := parts.Select{Field: parts.Field{Name: name, Label: v.T("review.col." + name)}, Blank: v.T("trail.filter.all")}
		for _, x := range list {
			s.Options = append(s.Options, parts.Option{Value: x, Text: say(x), Chosen: q.Get(name) == x})
		}
		v.Selects = append(v.Selects, s)
		v.Any = v.Any || q.Get(name) != ""
	}
	v.Any = q.Get("q") != "" || q.Get("event") != ""
	choice("sort", review.Sorts, func(s string) string { return v.T("review.sort." + s) })
	var all []string
	for _, s := range states {
		all = append(all, string(s))
	}
	choice("state", all, func(s string) string { return v.T("review.state." + s) })
	all = nil
	for _, m := range access.All() {
		all = append(all, string(m))
	}
	choice("owner", all, func(s string) string { return v.Name(access.Member(s)) })
	v.Table = v.reviews(rows)
	v.None = parts.Empty{Title: v.T("review.list.none"), Text: v.T("review.list.none.text")}
	if review.MayPlan(r.Actor) {
		v.None.Action = plan
	}
	if v.Any {
		v.None = parts.Empty{Title: v.T("trail.none.filtered"), Text: v.T("trail.none.filtered.text"), Action: parts.Button{Text: v.T("health.list.reset"), Href: base}}
	}
	v.pages(q, len(rows), more)
	q.Del("page")
	v.Files = []parts.Link{{Text: "CSV", Href: base + ".csv?" + q.Encode()}, {Text: "XLSX", Href: base + ".xlsx?" + q.Encode()}}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (v *listView) pages(q url.Values, n int, more bool) {
	page, _ := strconv.Atoi(q.Get("page"))
	page = max(page, 1)
	at := func(p int) string {
		c := url.Values{}
		for k, s := range q {
			c[k] = s
		}
		c.Set("page", str(p))
		return base + "?" + c.Encode()
	}
	if page > 1 {
		v.Pager.Previous = at(page - 1)
	}
	if more {
		v.Pager.Next = at(page + 1)
	}
	if page > 1 || more {
		v.Pager.Text = v.T("trail.pager", "from", (page-1)*perPage+1, "to", (page-1)*perPage+n)
	}
}

func (w words) reviews(rows []review.Row) parts.Table {
	t := parts.Table{Caption: w.T("review.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("review.col.review")}, {Text: w.T("review.col.sort")}, {Text: w.T("review.col.owner")},
		{Text: w.T("review.col.period")}, {Text: w.T("review.col.state")}, {Text: w.T("review.col.due")}}}
	for i := range rows {
		x := &rows[i]
		row := []parts.Cell{{Text: x.Title, Href: review.Path(x.ID), Note: w.about(&x.View)}, {Text: w.T("review.sort." + x.Sort)}, {Body: parts.PlateMark(w.Plate(x.Owner))},
			{Text: w.DayOf(x.From) + " – " + w.DayOf(x.Until)}, {Body: w.state(x.State)}, {Text: "–"}}
		if x.Joint || x.Of != "" {
			row[1].Note = w.T("review.joint.tag")
		}
		if !x.Due.IsZero() && x.Own {
			row[5] = parts.Cell{Text: w.Day(x.Due), Note: w.Left(x.Due, w.Now)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// about is what is reviewed, in one line.
func (w words) about(v *review.View) string {
	if v.FamilyName != "" {
		return v.FamilyName
	}
	var out []string
	for _, e := range v.Events {
		out = append(out, e.Name)
	}
	return strings.Join(out, ", ")
}

// download is the list as a table.
func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r.URL.Query())
	f.Limit, f.Offset = 500, 0
	var rows []review.Row
	for {
		list, more, err := g.desk.List(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		if rows = append(rows, list...); !more || len(rows) > 20000 {
			break
		}
		f.Offset += f.Limit
	}
	out, err := begin(w, r, "reviews")
	if err == nil {
		err = out.Head("review", "owner", "kind", "joint_of", "title", "about", "from", "until", "state", "held", "women", "men", "not_said", "locked", "digest", "released", "marking", "exercise")
	}
	ws := g.words(r)
	for i := range rows {
		v := &rows[i].View
		var locked, released, digest any
		if v.Lock != nil {
			locked, digest = v.Lock.At, v.Lock.Digest
		}
		if !v.Released.IsZero() {
			released = v.Released
		}
		if err == nil {
			err = out.Row(string(v.ID), string(v.Owner), v.Sort, string(v.Of), v.Title, ws.about(v), v.From, v.Until, string(v.State), v.Held, number(v.Turnout.Women), number(v.Turnout.Men),
				number(v.Turnout.Unsaid), locked, digest, released, string(v.Marking), v.Exercise)
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// number is a count, or nothing where nobody counted: never zero.
func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

func begin(w http.ResponseWriter, r *shell.Request, name string) (*sheet.Writer, error) {
	f := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		f = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+`.`+string(f)+`"`)
	return sheet.Create(w, f, name)
}

// Panel stands on the page of an event: its reviews.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "reviews", Title: "review.panel.title", Side: true, Body: g.panel}
}

type panelView struct {
	words
	Rows  []review.Row
	Moves []parts.Button
}

func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	if !review.Capabilities.May(r.Actor, "review.read") {
		return nil, nil
	}
	rows, _, err := g.desk.List(r.Context(), r.Actor, review.Filter{Event: e.ID, Limit: 5})
	if err != nil {
		return nil, err
	}
	v := panelView{words: g.words(r), Rows: rows}
	if review.MayPlan(r.Actor) {
		sort := "early"
		if slices.Contains([]workflow.State{health.Closed}, e.State) {
			sort = "after"
		}
		v.Moves = []parts.Button{{Text: v.T("review.plan." + sort), Icon: "history", Small: true, Href: base + "/new?sort=" + sort + "&event=" + string(e.ID)}}
	}
	if len(rows) == 0 && len(v.Moves) == 0 {
		return nil, nil
	}
	return panelBody(v), nil
}
