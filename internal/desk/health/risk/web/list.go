package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/risk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is the list of assessments with its filters.
type listView struct {
	words
	Head    parts.PageHead
	Path    string
	Query   string
	InForce bool
	Selects []parts.Select
	Table   parts.Table
	Pager   parts.Pager
	Total   int
	Files   []parts.Link
	Narrow  bool
}

// filterOf reads the filters of the address; unknown values find nothing
// rather than everything.
func filterOf(q url.Values) risk.Filter {
	f := risk.Filter{Query: q.Get("q"), Scope: q.Get("scope"), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner")),
		Event: id.ID(q.Get("event")), Level: risk.Level(q.Get("level")), InForce: q.Get("inforce") == "1"}
	at, rest, _ := strings.Cut(q.Get("after"), ".")
	changed, e1 := strconv.ParseInt(at, 10, 64)
	last, e2 := id.Parse(rest)
	if e1 == nil && e2 == nil {
		f.After = risk.Cursor{Changed: changed, ID: last}
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
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, InForce: f.InForce, Total: total}
	v.Head = parts.PageHead{Title: v.T("risk.list.title"), Lede: v.T("risk.list.lede"),
		Actions: []parts.Button{{Text: v.T("risk.matrix.rule"), Icon: "shield-check", Href: base + "/matrix"}}}
	v.selects(f)
	v.Table = v.table(rows)
	v.Narrow = f.Query+f.Scope+string(f.State)+string(f.Owner)+string(f.Event)+string(f.Level) != "" || f.InForce
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

func (v *listView) selects(f risk.Filter) {
	add := func(name string, options []parts.Option) {
		v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: v.T("risk.field." + name)}, Blank: v.T("health.list.any"), Options: options})
	}
	add("level", options(risk.Levels, f.Level, v.level))
	add("scope", options([]string{risk.National, risk.Regional}, f.Scope, func(s string) string { return v.T("risk.scope." + s) }))
	add("state", options([]workflow.State{risk.Draft, risk.PeerReviewed, risk.Approved, risk.Published, risk.Superseded, risk.Withdrawn}, f.State, v.state))
	add("owner", options(access.All(), f.Owner, v.name))
}

// options are the choices of a closed list.
func options[S ~string](all []S, chosen S, say func(S) string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: string(x), Text: say(x), Chosen: x == chosen})
	}
	return out
}

func (w words) table(rows []risk.Row) parts.Table {
	t := parts.Table{Caption: w.T("risk.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("risk.col.level")}, {Text: w.T("risk.col.title")},
		{Text: w.T("risk.col.owner")}, {Text: w.T("risk.col.state")}, {Text: w.T("risk.col.positions")}, {Text: w.T("risk.col.valid")}}}
	for _, x := range rows {
		a := x.View
		level := parts.Cell{Text: w.level("")}
		if a.Level() != "" {
			level = parts.Cell{Body: parts.Tag(grade(a.Level()), w.level(a.Level()))}
		}
		row := []parts.Cell{level, {Text: a.Title, Href: path(a.ID), Note: w.T("risk.scope."+a.Scope) + " · " + a.EventName},
			{Body: parts.PlateMark(w.plate(a.Owner, parts.Plain))}, {Text: w.state(a.State)}, {}, {}}
		if a.Scope == risk.Regional && !a.Published.IsZero() {
			row[4] = parts.Cell{Text: w.T("risk.spread.counts", "agree", x.Agree, "dissent", x.Dissent, "silent", x.Silent)}
		}
		if !a.ValidUntil.IsZero() {
			row[5] = parts.Cell{Text: w.Day(a.ValidUntil)}
			if a.State == risk.Published && a.Expired(w.now) {
				row[5].Note = w.T("risk.expired")
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// mostRows is where a download ends; a list that long wants a filter.
const mostRows = 5000

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !risk.Capabilities.May(r.Actor, "risk.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	format := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="risk-`+r.Now.UTC().Format("2006-01-02")+`.`+string(format)+`"`)
	out, err := sheet.Create(w, format, "risk")
	if err != nil {
		return err
	}
	if err := out.Head("id", "owner", "title", "event", "hazard", "scope", "state", "group", "likelihood", "consequence", "base", "level", "confidence",
		"matrix", "unknowns", "valid_until", "published", "agree", "dissent", "no_position", "marking", "exercise"); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, risk.Cursor{}
	for n := 0; n < mostRows; {
		rows, next, err := g.desk.List(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := writeRow(out, x); err != nil {
				return err
			}
		}
		n += len(rows)
		if next.ID == "" {
			break
		}
		f.After = next
	}
	return out.Close()
}

// writeRow writes a line for each population.
func writeRow(out *sheet.Writer, x risk.Row) error {
	a := x.View
	for _, p := range a.Populations {
		group := p.Group
		if p.Words != "" {
			group += ": " + p.Words
		}
		if err := out.Row(string(a.ID), string(a.Owner), a.Title, a.EventName, a.Hazard, a.Scope, string(a.State), group, string(p.Likelihood),
			string(p.Consequence), string(p.Result.Base), string(p.Result.Level), string(a.Confidence), p.Result.Matrix, strings.Join(a.Unknowns, " "),
			a.ValidUntil, a.Published, x.Agree, x.Dissent, x.Silent, string(a.Marking), a.Exercise); err != nil {
			return err
		}
	}
	return nil
}

// matrixView is the rule as data: the matrix, its bands, what unknowns do.
type matrixView struct {
	words
	Head    parts.PageHead
	Drawing templ.Component
	Cells   parts.Table
	Bands   []parts.Definition
	Raises  []parts.Definition
	Status  string
}

func (g *Pages) matrix(w http.ResponseWriter, r *shell.Request) error {
	v, m := matrixView{words: g.words(r)}, risk.Current()
	v.Head = parts.PageHead{Title: v.T("risk.matrix.page"), Lede: v.T("risk.matrix.lede"), Note: v.T("risk.matrix.version", "version", m.Version, "digest", m.Digest),
		Crumbs: []parts.Link{{Text: v.T("risk.list.title"), Href: base}, {Text: v.T("risk.matrix.page")}}}
	v.Drawing = v.matrixDrawing("mx", v.T("risk.matrix.page"), v.T("risk.matrix.lede"), m, nil, false)
	v.Cells = parts.Table{Caption: v.T("risk.matrix.page"), RowHead: true, Tiles: true, Columns: []parts.Column{{Text: v.T("risk.col.likelihood")}}}
	for _, c := range risk.Consequences {
		v.Cells.Columns = append(v.Cells.Columns, parts.Column{Text: v.consequence(c)})
	}
	for _, l := range risk.Likelihoods {
		row := []parts.Cell{{Text: v.band(l)}}
		for _, c := range risk.Consequences {
			row = append(row, parts.Cell{Text: v.level(m.Level(l, c))})
		}
		v.Cells.Rows = append(v.Cells.Rows, row)
	}
	for _, u := range m.Unknowns() {
		scale, steps := m.Raises(u)
		v.Raises = append(v.Raises, parts.Definition{Term: v.T("risk.unknown." + u), Text: v.T("risk.raises."+scale, "n", steps)})
	}
	v.Status = v.T("risk.matrix.check", "source", m.Source)
	return r.Show(w, shell.Page{Title: v.Head.Title}, matrixPage(v))
}
