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
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is the list of reports with its filters, and what others ask for.
type listView struct {
	words
	Head    parts.PageHead
	Path    string
	Query   string
	Selects []parts.Select
	Table   parts.Table
	Calls   parts.Table
	Pager   parts.Pager
	Total   int
	Files   []parts.Link
	Narrow  bool
}

// filterOf reads the filters of the address; unknown values find nothing
// rather than everything.
func filterOf(q url.Values) sitrep.Filter {
	f := sitrep.Filter{Query: q.Get("q"), Scope: q.Get("scope"), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner")),
		Event: id.ID(q.Get("event")), Family: id.ID(q.Get("family"))}
	at, rest, _ := strings.Cut(q.Get("after"), ".")
	changed, e1 := strconv.ParseInt(at, 10, 64)
	last, e2 := id.Parse(rest)
	if e1 == nil && e2 == nil {
		f.After = sitrep.Cursor{Changed: changed, ID: last}
	}
	return f
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	total, err := g.desk.Count(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	calls, err := g.desk.Calls(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Total: total}
	v.Head = parts.PageHead{Title: v.T("sitrep.list.title"), Lede: v.T("sitrep.list.lede")}
	if sitrep.MayWrite(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("sitrep.new"), Icon: "file-plus-2", Kind: parts.Primary, Href: base + "/new"},
			{Text: v.T("sitrep.new.regional"), Icon: "network", Href: base + "/regional"}}
	}
	v.selects(f)
	v.Table, v.Calls = v.reports(rows), v.calls(calls)
	v.Narrow = f.Query+f.Scope+string(f.State)+string(f.Owner)+string(f.Event)+string(f.Family) != ""
	after := q.Get("after")
	q.Del("after")
	v.Files = []parts.Link{{Text: "CSV", Href: base + ".csv?" + q.Encode()}, {Text: "XLSX", Href: base + ".xlsx?" + q.Encode()}}
	if after != "" {
		v.Pager.Previous = base + "?" + q.Encode()
	}
	if next.ID != "" {
		q.Set("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
		v.Pager.Next = base + "?" + q.Encode()
	}
	v.Pager.Text = v.T("health.list.shown", "shown", len(rows), "total", total)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (v *listView) selects(f sitrep.Filter) {
	add := func(name string, options []parts.Option) {
		v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: v.T("sitrep.field." + name)}, Blank: v.T("health.list.any"), Options: options})
	}
	add("scope", options([]string{sitrep.National, sitrep.Regional}, f.Scope, func(s string) string { return v.T("sitrep.scope." + s) }))
	add("state", options([]workflow.State{sitrep.Compiling, sitrep.Draft, sitrep.Clearance, sitrep.Cleared, sitrep.Issued, sitrep.Corrected, sitrep.Withdrawn}, f.State, v.state))
	add("owner", options(access.All(), f.Owner, func(m access.Member) string { return v.name(string(m)) }))
}

// options are the choices of a closed list.
func options[S ~string](all []S, chosen S, say func(S) string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: string(x), Text: say(x), Chosen: x == chosen})
	}
	return out
}

func (w words) reports(rows []sitrep.Row) parts.Table {
	t := parts.Table{Caption: w.T("sitrep.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("sitrep.col.report")}, {Text: w.T("sitrep.col.owner")},
		{Text: w.T("sitrep.col.issue")}, {Text: w.T("sitrep.col.state")}, {Text: w.T("sitrep.col.asof")}, {Text: w.T("sitrep.col.inputs")}, {Text: w.T("sitrep.col.next")}}}
	for i := range rows {
		x := &rows[i]
		v := &x.View
		state := parts.Cell{Text: w.state(v.State)}
		if x.Late {
			state.Note = w.Left(x.Due, w.now)
		}
		row := []parts.Cell{{Text: v.Title, Href: sitrep.Path(v.ID), Note: w.T("sitrep.scope."+v.Scope) + " · " + v.Subject},
			{Body: parts.PlateMark(w.plate(v.Owner, parts.Plain))}, {Text: w.issue(v)}, state, {Text: w.Stamp(v.AsOf)}, {}, {}}
		if v.Scope == sitrep.Regional {
			row[5] = parts.Cell{Text: w.inputs(v)}
		}
		if !v.Next.IsZero() && v.State == sitrep.Issued {
			row[6] = parts.Cell{Text: w.Stamp(v.Next)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// inputs says how many of the members that were asked are in.
func (w words) inputs(v *sitrep.ReportView) string {
	return w.T("sitrep.inputs.count", "n", v.Count(sitrep.In, sitrep.Nothing), "of", len(v.Inputs))
}

func (w words) calls(calls []sitrep.CallRow) parts.Table {
	t := parts.Table{Caption: w.T("sitrep.calls.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("sitrep.col.report")}, {Text: w.T("sitrep.col.asks")},
		{Text: w.T("sitrep.col.period")}, {Text: w.T("sitrep.col.cutoff")}, {Text: w.T("sitrep.col.answer")}}}
	for _, c := range calls {
		answer := parts.Cell{Text: w.T("sitrep.answer.none")}
		if c.Answer != "" {
			answer = parts.Cell{Text: w.state(c.State), Href: sitrep.Path(c.Answer)}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: c.Name, Href: sitrep.CallPath(c.ID), Note: w.T("sitrep.issue", "n", c.Number)},
			{Body: parts.PlateMark(w.plate(c.Owner, parts.Plain))}, {Text: w.T("sitrep.period", "from", w.date(c.From), "until", w.date(c.Until))},
			{Text: w.Left(c.CutOff, w.now), Note: w.Stamp(c.CutOff)}, answer})
	}
	return t
}

// mostRows is where a download ends; a list that long wants a filter.
const mostRows = 5000

func mayExport(r *shell.Request) error {
	if !sitrep.Capabilities.May(r.Actor, "sitrep.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	return nil
}

// begin answers with a table in the format of the address.
func begin(w http.ResponseWriter, r *shell.Request, name string) (*sheet.Writer, error) {
	f := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		f = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+`-`+r.Now.UTC().Format(time.DateOnly)+`.`+string(f)+`"`)
	return sheet.Create(w, f, name)
}

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, sitrep.Cursor{}
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	out, err := begin(w, r, "sitreps")
	if err == nil {
		err = out.Head("id", "owner", "scope", "title", "subject", "number", "correction", "state", "from", "until", "as_of", "issued", "next", "asked", "in", "nothing",
			"late", "no_report", "marking", "exercise")
	}
	for n := 0; err == nil; {
		for i := range rows {
			v := &rows[i].View
			if err == nil {
				err = out.Row(string(v.ID), string(v.Owner), v.Scope, v.Title, v.Subject, v.Number, v.Corrections, string(v.State), v.From, v.Until, v.AsOf,
					when(v.Issued), when(v.Next), len(v.Inputs), v.Count(sitrep.In), v.Count(sitrep.Nothing), v.Count(sitrep.Late), v.Count(sitrep.Silent),
					string(v.Marking), v.Exercise)
			}
		}
		if n += len(rows); err != nil || next.ID == "" || n >= mostRows {
			break
		}
		f.After = next
		rows, next, err = g.desk.List(r.Context(), r.Actor, f)
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// when is a time for a table, empty where there is none.
func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// table is one report as a table, one row for each value.
func (g *Pages) table(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	p, err := g.find(r)
	if err != nil {
		return err
	}
	out, err := begin(w, r, "sitrep-"+str(p.View.Number))
	if err == nil {
		err = out.Head(sitrep.TableHead...)
	}
	for _, row := range sitrep.Table(&p.View) {
		if err == nil {
			err = out.Row(row...)
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}

func (g *Pages) find(r *shell.Request) (sitrep.Page, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return sitrep.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, rid)
}

// panelView is the series of reports on the page of an event.
type panelView struct {
	words
	Rows []sitrep.Row
	New  string
}

func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	rows, _, err := g.desk.List(r.Context(), r.Actor, sitrep.Filter{Event: e.ID, Limit: 5})
	if err != nil {
		return nil, err
	}
	v := panelView{words: g.words(r), Rows: rows}
	if e.Owner == g.desk.Member() && sitrep.MayWrite(r.Actor) {
		v.New = base + "/new?event=" + string(e.ID)
	}
	if len(rows) == 0 && v.New == "" {
		return nil, nil
	}
	return panelBody(v), nil
}
