package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// listView is the list of events with its filters.
type listView struct {
	words
	Head    parts.PageHead
	Path    string
	Query   string
	Open    bool
	Grades  parts.Select
	Hazards parts.Select
	Owners  parts.Select
	Rows    []parts.EventRow
	Total   int
	Pager   parts.Pager
	Narrow  bool // filters are set
	CSV     string
	XLSX    string
}

// filterOf reads the filters of the address; unknown values find nothing
// rather than everything.
func filterOf(q url.Values) health.Filter {
	f := health.Filter{Query: q.Get("q"), Open: q.Get("open") == "1", Owner: access.Member(q.Get("owner")),
		Grade: health.Grade(q.Get("grade")), Hazard: q.Get("hazard"), Mine: q.Get("mine") == "1"}
	if q.Get("sort") == "grade" {
		f.Sort = health.ByGrade
	}
	f.After = cursorOf(q.Get("after"))
	return f
}

func cursorOf(s string) health.Cursor {
	p := strings.SplitN(s, ".", 3)
	if len(p) != 3 {
		return health.Cursor{}
	}
	rank, e1 := strconv.Atoi(p[0])
	changed, e2 := strconv.ParseInt(p[1], 10, 64)
	at, e3 := id.Parse(p[2])
	if e1 != nil || e2 != nil || e3 != nil {
		return health.Cursor{}
	}
	return health.Cursor{Rank: rank, Changed: changed, ID: at}
}

func cursorText(c health.Cursor) string { return fmt.Sprintf("%d.%d.%s", c.Rank, c.Changed, c.ID) }

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	counted := f
	counted.After = health.Cursor{}
	total, err := g.desk.Count(r.Context(), r.Actor, counted)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Open: f.Open, Total: total}
	v.Head = parts.PageHead{Title: v.T("health.list.title"), Note: v.T("health.list.count", "n", total)}
	v.Head.Actions = []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}
	if health.MayRecord(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("health.desk.record"), Icon: "plus", Kind: parts.Primary, Href: "/health/events/new"})
	}
	if v.Rows, err = g.eventRows(r, v.words, rows); err != nil {
		return err
	}
	for i := range v.Rows {
		v.Rows[i].Number = 0 // numbers belong to a map
	}
	v.selects(f)
	after := q.Get("after")
	q.Del("after")
	v.CSV, v.XLSX = "/health/events.csv?"+q.Encode(), "/health/events.xlsx?"+q.Encode()
	v.Narrow = len(f.Query+string(f.Owner)+string(f.Grade)+f.Hazard) > 0 || f.Open || f.Mine
	if after != "" {
		v.Pager.Previous = "/health/events?" + q.Encode() // the first page; a cursor only leads on
	}
	if next.ID != "" {
		q.Set("after", cursorText(next))
		v.Pager.Next = "/health/events?" + q.Encode()
	}
	v.Pager.Text = v.T("health.list.shown", "shown", len(rows), "total", total)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, eventList(v))
}

func (v *listView) selects(f health.Filter) {
	v.Grades = parts.Select{Field: parts.Field{Name: "grade", Label: v.T("health.field.grade")}, Blank: v.T("health.list.any")}
	for _, x := range health.Grades {
		v.Grades.Options = append(v.Grades.Options, parts.Option{Value: string(x), Text: parts.Grade(x).Word(v.Printer), Chosen: x == f.Grade})
	}
	v.Owners = parts.Select{Field: parts.Field{Name: "owner", Label: v.T("health.list.owner")}, Blank: v.T("health.list.any")}
	for _, m := range access.All() {
		v.Owners.Options = append(v.Owners.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: m == f.Owner})
	}
	v.Hazards = parts.Select{Field: parts.Field{Name: "hazard", Label: v.T("health.field.hazard")}, Blank: v.T("health.list.any"), Options: v.hazardOptions(f.Hazard)}
}

// hazardOptions lists the hazards in groups, each with its codes.
func (w words) hazardOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		text := w.hazard(h.Key)
		if h.ICD11 != "" || h.ICD10 != "" {
			text = w.T("health.hazard.codes", "name", text, "icd11", dash(h.ICD11), "icd10", dash(h.ICD10))
		}
		out = append(out, parts.Option{Value: h.Key, Text: text, Chosen: h.Key == chosen, Group: w.T("hazardclass." + h.Class)})
	}
	slices.SortStableFunc(out, func(a, b parts.Option) int { return strings.Compare(a.Group, b.Group) })
	return out
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// searchView is what the search of the masthead found.
type searchView struct {
	words
	Head    parts.PageHead
	Query   string
	Rows    []parts.EventRow
	More    string
	Notices []parts.Definition
	Places  []parts.Link
	Others  []noteLine // found in other parts of the node
}

const found = 30

func (g *Pages) search(w http.ResponseWriter, r *shell.Request) error {
	v := searchView{words: g.words(r), Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	v.Head = parts.PageHead{Title: v.T("health.search.title")}
	page := shell.Page{Title: v.Head.Title, Query: v.Query}
	if v.Query == "" {
		return r.Show(w, page, searchPage(v))
	}
	v.Head.Title = v.T("health.search.for", "query", v.Query)
	f := health.Filter{Query: v.Query, Limit: found}
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	if next.ID != "" {
		v.More = "/health/events?" + url.Values{"q": {v.Query}}.Encode()
	}
	if v.Rows, err = g.eventRows(r, v.words, rows); err != nil {
		return err
	}
	for i := range v.Rows {
		v.Rows[i].Number = 0
	}
	notices, err := g.desk.SearchNotices(r.Context(), r.Actor, v.Query, found)
	if err != nil {
		return err
	}
	for _, n := range notices {
		v.Notices = append(v.Notices, v.noticeLine(n))
	}
	if g.deps.Search != nil {
		hits, err := g.deps.Search(r.Context(), r.Actor, v.Query, found)
		if err != nil {
			return err
		}
		for _, h := range hits {
			v.Others = append(v.Others, noteLine{Title: h.Title, Href: h.Href, Text: h.Text, State: v.T(h.Key), Plate: v.plate(h.Owner, parts.Plain)})
		}
	}
	for _, p := range place.Search(v.Query, "", 5) {
		v.Places = append(v.Places, parts.Link{Text: place.Full(p.Code, v.Lang()), Href: "/health/events?" + url.Values{"q": {p.Code}}.Encode()})
	}
	return r.Show(w, page, searchPage(v))
}
