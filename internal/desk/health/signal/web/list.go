package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is the inbox with its tabs, filters and rows.
type listView struct {
	words
	Head      parts.PageHead
	Path      string
	Tabs      []parts.Tab
	State     string
	Query     string
	Selects   []parts.Select
	Ticks     []parts.Option // mine, unclaimed, late
	Narrow    bool
	Reset     string
	Rows      []rowView
	Pager     parts.Pager
	Downloads []parts.Link
	Outcomes  []parts.Option // for many at once; none: the rows have no boxes
	Back      string
	Refused   []parts.Definition // of the last bulk step
	Import    string
}

// rowView is one signal in the inbox.
type rowView struct {
	signal.View
	Href   string
	Grade  parts.Grade
	Where  string
	What   string
	From   string
	Claim  string
	Counts string
}

// tabs in their order: what waits, each state, everything.
const (
	tabOpen = "open"
	tabAll  = "all"
)

// filterOf reads the filters of the address; unknown values find nothing
// rather than everything.
func filterOf(q url.Values) signal.Filter {
	f := signal.Filter{Query: q.Get("q"), Source: signal.Source(q.Get("source")), Hazard: q.Get("hazard"), Place: q.Get("place"),
		Mine: q.Get("mine") == "1", Unclaimed: q.Get("unclaimed") == "1", Late: q.Get("late") == "1", Import: id.ID(q.Get("import"))}
	switch s := q.Get("state"); s {
	case "", tabOpen:
		f.Open = f.Import == ""
	case tabAll:
	default:
		f.State = workflow.State(s)
	}
	rank, last, ok := strings.Cut(q.Get("after"), ".")
	n, err := strconv.ParseInt(rank, 10, 64)
	if at, bad := id.Parse(last); ok && err == nil && bad == nil {
		f.After = signal.Cursor{Rank: n, ID: at}
	}
	return f
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	return g.showList(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (g *Pages) showList(w http.ResponseWriter, r *shell.Request, status int, q url.Values, refused []parts.Definition) error {
	f := filterOf(q)
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	counts, err := g.desk.Tally(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Query: f.Query, Refused: refused, Narrow: f.Narrow(), Import: string(f.Import), State: q.Get("state")}
	v.Head = parts.PageHead{Title: v.T("signal.list.title"), Lede: v.T("signal.list.lede"), Actions: g.listActions(r, v.words)}
	q = clean(q)
	v.Path = address(inbox, q)
	v.Back, v.Reset = v.Path, address(inbox, url.Values{"state": q["state"]})
	v.tabs(q, counts)
	v.filters(f)
	for i := range rows {
		v.Rows = append(v.Rows, v.row(&rows[i]))
	}
	if signal.MayRecord(r.Actor) {
		for _, verb := range signal.TriageOutcomes {
			v.Outcomes = append(v.Outcomes, parts.Option{Value: string(verb), Text: v.T("signal.verb." + string(verb))})
		}
	}
	v.pager(q, len(rows), next)
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (g *Pages) listActions(r *shell.Request, w words) []parts.Button {
	var out []parts.Button
	if signal.MayRecord(r.Actor) {
		out = append(out, parts.Button{Text: w.T("signal.record"), Icon: "plus", Kind: parts.Primary, Href: inbox + "/new"})
	}
	if signal.MayImport(r.Actor) {
		out = append(out, parts.Button{Text: w.T("signal.imports"), Icon: "upload", Href: imports})
	}
	return out
}

// clean drops what is empty, so that the address says only what was chosen.
func clean(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		if len(v) > 0 && v[0] != "" && k != "do" {
			out.Set(k, v[0])
		}
	}
	return out
}

func address(path string, q url.Values) string {
	if e := q.Encode(); e != "" {
		return path + "?" + e
	}
	return path
}

func with(q url.Values, key, value string) url.Values {
	out := clean(q)
	out.Del("after")
	if out.Del(key); value != "" {
		out.Set(key, value)
	}
	return out
}

func (v *listView) tabs(q url.Values, counts map[workflow.State]int) {
	now := q.Get("state")
	if now == "" {
		now = tabOpen
		if v.Import != "" {
			now = tabAll
		}
	}
	open, all := 0, 0
	for s, n := range counts {
		all += n
		if slices.Contains(signal.OpenStates, s) {
			open += n
		}
	}
	add := func(key, text string, n int) {
		v.Tabs = append(v.Tabs, parts.Tab{Text: text, Href: address(inbox, with(q, "state", key)), Count: min(n, signal.MostCounted), Current: key == now})
	}
	add(tabOpen, v.T("signal.tab.open"), open)
	for _, s := range signal.States {
		add(string(s), v.state(s), counts[s])
	}
	add(tabAll, v.T("signal.tab.all"), all)
}

func (v *listView) filters(f signal.Filter) {
	choose := func(name, label string, options []parts.Option) {
		v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: label}, Blank: v.T("signal.list.any"), Options: options})
	}
	choose("source", v.T("signal.field.source"), v.sourceOptions(signal.Sources, f.Source))
	choose("hazard", v.T("signal.field.hazard"), v.hazardOptions(f.Hazard))
	choose("place", v.T("signal.field.place"), v.placeOptions(f.Place))
	for _, t := range []struct {
		name string
		on   bool
	}{{"mine", f.Mine}, {"unclaimed", f.Unclaimed}, {"late", f.Late}} {
		v.Ticks = append(v.Ticks, parts.Option{Value: t.name, Text: v.T("signal.list." + t.name), Chosen: t.on})
	}
}

func (v *listView) pager(q url.Values, shown int, next signal.Cursor) {
	v.Pager.Text = v.T("signal.list.shown", "n", shown)
	if q.Get("after") != "" {
		v.Pager.Previous = address(inbox, with(q, "after", "")) // the first page; a cursor only leads on
	}
	if next.ID != "" {
		v.Pager.Next = address(inbox, with(q, "after", fmt.Sprintf("%d.%s", next.Rank, next.ID)))
	}
	file := with(q, "after", "")
	v.Downloads = []parts.Link{{Text: v.T("signal.list.csv"), Href: address(inbox+".csv", file)}, {Text: v.T("signal.list.xlsx"), Href: address(inbox+".xlsx", file)}}
}

func (w words) row(s *signal.View) rowView {
	v := rowView{View: *s, Href: signalPath(s.ID), Grade: grade(s), Where: w.place(s.Place), What: w.hazard(s.Hazard), From: w.source(s.Source)}
	if s.Locality != "" && !strings.Contains(v.Where, s.Locality) {
		v.Where = s.Locality + ", " + v.Where
	}
	if s.Agent != "" {
		v.What += " · " + s.Agent
	}
	if s.SourceName != "" {
		v.From += " · " + s.SourceName
	}
	switch {
	case s.Mine:
		v.Claim = w.T("signal.claim.mine", "time", w.Left(s.ClaimEnds, w.now))
	case s.ClaimedBy != "":
		v.Claim = w.T("signal.claim.by", "post", s.ClaimedBy)
	}
	if s.Cases != nil || s.Deaths != nil {
		v.Counts = w.T("signal.counts", "cases", w.count(s.Cases), "deaths", w.count(s.Deaths))
	}
	return v
}

func (w words) sourceOptions(in []signal.Source, chosen signal.Source) []parts.Option {
	var out []parts.Option
	for _, s := range in {
		out = append(out, parts.Option{Value: string(s), Text: w.source(s), Chosen: s == chosen})
	}
	return out
}

// hazardOptions puts "unknown" first: it is what most signals begin as.
func (w words) hazardOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		if h.Key != "unknown" {
			out = append(out, parts.Option{Value: h.Key, Text: w.hazard(h.Key), Chosen: h.Key == chosen, Group: w.T("hazardclass." + h.Class)})
		}
	}
	slices.SortStableFunc(out, func(a, b parts.Option) int {
		if a.Group != b.Group {
			return strings.Compare(a.Group, b.Group)
		}
		return strings.Compare(a.Text, b.Text)
	})
	return append([]parts.Option{{Value: "unknown", Text: w.hazard("unknown"), Chosen: chosen == "unknown"}}, out...)
}

// placeOptions are the units of the own state, then the states of the region.
func (w words) placeOptions(chosen string) []parts.Option {
	var out []parts.Option
	add := func(code, text, group string) {
		out = append(out, parts.Option{Value: code, Text: text, Group: group, Chosen: code == chosen})
	}
	own := string(w.self)
	name := place.Name(own, w.Lang())
	if p, ok := place.Lookup(own); ok && p.Level == place.State {
		add(own, w.T("signal.place.whole", "state", name), name)
		for _, u := range place.Units(own, true) {
			add(u.Code, u.In(w.Lang()), name)
		}
	}
	for _, s := range place.States() {
		if s.Code != own {
			add(s.Code, s.In(w.Lang()), w.T("signal.place.region"))
		}
	}
	if chosen != "" && !slices.ContainsFunc(out, func(o parts.Option) bool { return o.Chosen }) {
		add(chosen, w.place(chosen), w.T("signal.place.other"))
	}
	return out
}

// mostRows is where a download ends; a list that long wants a filter.
const mostRows = 100_000

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	out, err := begin(w, r, "signals-"+r.Now.UTC().Format("2006-01-02"))
	if err != nil {
		return err
	}
	if err := out.Head("id", "state", "received", "due", "source", "source_name", "ref", "link", "title", "text", "lang", "hazard", "agent", "icd11", "icd10", "place", "locality",
		"first_seen", "precision", "population", "cases", "cases_about", "deaths", "deaths_about", "reliability", "credibility", "marking", "event", "duplicate_of", "exercise"); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, signal.Cursor{}
	for n := 0; n < mostRows; {
		rows, next, err := g.desk.List(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		for _, v := range rows {
			c, ca := counted(v.Cases)
			d, da := counted(v.Deaths)
			if err := out.Row(string(v.ID), string(v.State), v.Received, v.Due, string(v.Source), v.SourceName, v.Ref, v.Link, v.Title, v.Text, v.Lang, v.Hazard, v.Agent,
				v.ICD11, v.ICD10, v.Place, v.Locality, v.FirstSeen.On, string(v.FirstSeen.Precision), v.Population, c, ca, d, da, v.Reliability, v.Credibility,
				string(v.Marking), string(v.Event), string(v.DuplicateOf), v.Exercise); err != nil {
				return err
			}
		}
		if n += len(rows); next.ID == "" {
			break
		}
		f.After = next
	}
	return out.Close()
}

func counted(c *signal.Count) (n any, about string) {
	if c == nil {
		return nil, ""
	}
	return c.N, c.About
}

// begin answers with a table in the form that the address ends with.
func begin(w http.ResponseWriter, r *shell.Request, name string) (*sheet.Writer, error) {
	format := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		format = sheet.XLSX
	}
	w.Header().Set("Content-Type", format.MIME())
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.`+string(format)+`"`)
	return sheet.Create(w, format, name)
}
