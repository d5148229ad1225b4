package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// Figures from a spreadsheet: text is pasted or a file is given, the page
// shows every row as it was understood, faulty rows are mended in place, and
// all are stored together or none. Nothing is kept between the two steps but
// the table itself, which goes along in the form.

// gridView is the page in both of its steps.
type gridView struct {
	words
	E       health.EventView
	Form    url.Values
	Errors  parts.Errors
	Columns []string
	Rows    []gridRow
	Good    int
	Left    int
	Bad     int
	New     int // revisions of figures that are there
	Table   string
}

// gridRow is one row as it was understood.
type gridRow struct {
	Line  int
	Left  bool
	Bad   bool
	Cells []gridCell
	Notes []string // faults that belong to no shown cell
	Again string   // the value that it would replace
}

type gridCell struct {
	Name, Column, Text, Error string
}

// gridDefaults are the fields that fill what the table does not say.
var gridDefaults = []string{"place", "indicator", "class", "as_of", "source", "from", "to", "granularity", "method"}

func (g *Pages) newGrid(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "add_facts")
	if err != nil {
		return err
	}
	form := url.Values{"def.indicator": {"cases"}, "def.class": {"confirmed"}, "def.as_of": {r.Now.UTC().Format("2006-01-02T15:04")}}
	if len(p.View.Places) > 0 {
		form.Set("def.place", p.View.Places[0])
	}
	return g.showGrid(w, r, http.StatusOK, p.View, form, health.Grid{}, nil)
}

// readGrid takes what was pasted, or the table that a preview sent back with
// the cells that were mended.
func (g *Pages) readGrid(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "add_facts")
	if err != nil {
		return err
	}
	v := g.words(r)
	grid, err := health.ReadGrid(strings.NewReader(text(r.PostForm.Get("table"))), v.gridNames())
	if err != nil {
		return g.refuseGrid(w, r, p.View, r.PostForm, err)
	}
	mend(&grid, r.PostForm)
	facts := grid.Facts(v.gridDefaults(p.View, r.PostForm), r.Now)
	if r.PostForm.Get("do") != "save" || bad(facts) > 0 {
		status := http.StatusOK
		if bad(facts) > 0 {
			status = http.StatusBadRequest
		}
		return g.showGrid(w, r, status, p.View, r.PostForm, grid, nil)
	}
	var list []health.Fact
	for _, f := range facts {
		if !f.Left {
			list = append(list, f.Fact)
		}
	}
	_, err = g.desk.AddFacts(r.Context(), r.Actor, p.View.ID, 0, list)
	if fault.Is(err, fault.Invalid) {
		return g.showGrid(w, r, http.StatusBadRequest, p.View, r.PostForm, grid, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "health.said.grid", map[string]any{"n": len(list)})
	return r.Redirect(w, eventPath(p.View.ID)+"#facts")
}

func (g *Pages) refuseGrid(w http.ResponseWriter, r *shell.Request, e health.EventView, form url.Values, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	return g.showGrid(w, r, http.StatusBadRequest, e, form, health.Grid{}, err)
}

// readGridFile takes a file; the fields before it are the defaults.
func (g *Pages) readGridFile(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "add_facts")
	if err != nil {
		return err
	}
	form, grid, err := gridUpload(r, g.words(r).gridNames())
	if err != nil {
		_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
		return g.refuseGrid(w, r, p.View, form, err)
	}
	status := http.StatusOK
	if bad(grid.Facts(g.words(r).gridDefaults(p.View, form), r.Now)) > 0 {
		status = http.StatusBadRequest
	}
	return g.showGrid(w, r, status, p.View, form, grid, nil)
}

func gridUpload(r *shell.Request, names map[string]string) (url.Values, health.Grid, error) {
	form := url.Values{}
	in, err := r.MultipartReader()
	if err != nil {
		return form, health.Grid{}, fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	for {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return form, health.Grid{}, fault.New(fault.Invalid, "fault.health.no_file_chosen")
		}
		if err != nil {
			return form, health.Grid{}, fault.Wrap(fault.Invalid, "fault.web.form", err)
		}
		if part.FormName() == "file" {
			grid, err := gridFile(part, names)
			return form, grid, err
		}
		b, err := io.ReadAll(io.LimitReader(part, 4096))
		if err != nil {
			return form, health.Grid{}, fault.Wrap(fault.Invalid, "fault.web.form", err)
		}
		form.Add(part.FormName(), string(b))
	}
}

func gridFile(part *multipart.Part, names map[string]string) (health.Grid, error) {
	if part.FileName() == "" {
		return health.Grid{}, fault.New(fault.Invalid, "fault.health.no_file_chosen")
	}
	return health.ReadGrid(part, names)
}

// mend puts the cells that were changed in the preview into the grid.
func mend(g *health.Grid, form url.Values) {
	for i := range g.Rows {
		for _, c := range health.GridColumns {
			v, ok := form[cellName(i, c)]
			if !ok || len(v) == 0 {
				continue
			}
			at := slices.Index(g.Columns, c)
			if at < 0 {
				g.Columns = append(g.Columns, c)
				at = len(g.Columns) - 1
			}
			for j := range g.Rows {
				for len(g.Rows[j]) < len(g.Columns) {
					g.Rows[j] = append(g.Rows[j], "")
				}
			}
			g.Rows[i][at] = strings.TrimSpace(v[0])
		}
	}
}

func cellName(row int, column string) string { return "cell." + str(row) + "." + column }

func bad(facts []health.GridFact) int {
	n := 0
	for _, f := range facts {
		if len(f.Faults) > 0 {
			n++
		}
	}
	return n
}

// gridNames are what people of the page's language write in a table.
func (w words) gridNames() map[string]string {
	out := map[string]string{}
	for _, c := range health.GridColumns {
		out["column."+health.Fold(w.T("grid."+c))] = c
	}
	add := func(column, prefix string, list []string) {
		for _, x := range list {
			if x != "" {
				out[column+"."+health.Fold(w.T(prefix+x))] = x
			}
		}
	}
	add("indicator", "indicator.", health.Indicators)
	add("class", "class.", health.Classes)
	add("age", "age.", health.Ages)
	add("sex", "sex.", health.Sexes)
	add("group", "group.", health.Groups)
	add("granularity", "granularity.", health.Granularities)
	add("method", "method.", health.Methods)
	return out
}

func (w words) gridDefaults(e health.EventView, form url.Values) health.GridDefaults {
	d := health.GridDefaults{Owner: e.Owner, Names: w.gridNames(), Values: map[string]string{}}
	for _, c := range gridDefaults {
		d.Values[c] = strings.TrimSpace(form.Get("def." + c))
	}
	return d
}

func (g *Pages) showGrid(w http.ResponseWriter, r *shell.Request, status int, e health.EventView, form url.Values, grid health.Grid, cause error) error {
	v := gridView{words: g.words(r), E: e, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Table: form.Get("table")}
	if len(grid.Rows) > 0 {
		v.preview(grid, grid.Facts(v.gridDefaults(e, form), r.Now))
		v.Table = grid.TSV()
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("health.grid.title"), Marking: string(e.Marking)}, gridPage(v))
}

// preview lays the rows out: the columns of the table, and those in which
// something is wrong.
func (v *gridView) preview(g health.Grid, facts []health.GridFact) {
	for _, c := range health.GridColumns {
		wrong := slices.ContainsFunc(facts, func(f health.GridFact) bool {
			return slices.ContainsFunc(f.Faults, func(x fault.Field) bool { return x.Name == c })
		})
		if wrong || slices.Contains(g.Columns, c) {
			v.Columns = append(v.Columns, c)
		}
	}
	have := map[string]health.FactView{}
	for _, f := range slices.Concat(v.E.Facts, v.E.More) {
		fact := f.Fact()
		if old, ok := have[fact.Key()]; !ok || f.Revision > old.Revision {
			have[fact.Key()] = f
		}
	}
	for i, f := range facts {
		row := gridRow{Line: g.Lines[i], Left: f.Left, Bad: len(f.Faults) > 0}
		for _, c := range v.Columns {
			cell := gridCell{Name: cellName(i, c), Column: c}
			if at := slices.Index(g.Columns, c); at >= 0 {
				cell.Text = g.Rows[i][at]
			}
			for _, x := range f.Faults {
				if x.Name == c {
					cell.Error = joined(" ", cell.Error, v.With(x.Key, x.Args))
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		for _, x := range f.Faults {
			if !slices.Contains(v.Columns, x.Name) {
				row.Notes = append(row.Notes, v.With(x.Key, x.Args))
			}
		}
		v.note(&row, f, have)
		v.Rows = append(v.Rows, row)
	}
}

func (v *gridView) note(row *gridRow, f health.GridFact, have map[string]health.FactView) {
	switch {
	case row.Bad:
		v.Bad++
	case row.Left:
		v.Left++
	default:
		v.Good++
		if old, ok := have[f.Fact.Key()]; ok {
			v.New++
			row.Again = v.T("health.grid.again", "value", v.value(old))
		}
	}
}

// gridField is one of the defaults.
func (v gridView) gridField(column string) parts.Field {
	return parts.Field{Name: "def." + column, Label: v.T("grid." + column), Optional: true}
}

func (v gridView) def(column string) string { return v.Form.Get("def." + column) }

func (v gridView) options(column, prefix string, list []string) parts.Select {
	s := parts.Select{Field: v.gridField(column), Blank: v.T("health.grid.none")}
	for _, x := range list {
		if x != "" {
			s.Options = append(s.Options, parts.Option{Value: x, Text: v.T(prefix + x), Chosen: x == v.def(column)})
		}
	}
	return s
}

// gridColumns names the columns for the hint.
func (v gridView) gridColumns() string { return strings.Join(health.GridColumns, ", ") }

func fieldID(name string) string { return strings.ReplaceAll(name, ".", "-") }

// invalid ties a fault to its cell.
func invalid(c gridCell) templ.Attributes {
	if c.Error == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "f-" + fieldID(c.Name) + "-error"}
}
