package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/files"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// newImportView chooses a file, an address, or text to paste.
type newImportView struct {
	words
	Form    url.Values
	Errors  parts.Errors
	Fetches bool
	Feed    string // of this node
}

func (g *Pages) importer(r *shell.Request) error {
	if !signal.MayImport(r.Actor) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return nil
}

func (g *Pages) newImport(w http.ResponseWriter, r *shell.Request) error {
	if err := g.importer(r); err != nil {
		return err
	}
	return g.showNewImport(w, r, http.StatusOK, url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPGreen)}, "source": {string(signal.Imported)}}, nil)
}

func (g *Pages) showNewImport(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	v := newImportView{words: g.words(r), Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Fetches: g.deps.Fetch != nil, Feed: g.deps.Feed}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("signal.import.new")}, newImportPage(v))
}

func (v newImportView) field(name string, required bool) parts.Field {
	return importField(v.words, v.Errors, name, required)
}

func importField(w words, e parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: w.T("signal.import.field." + name), Error: e.Of(name), Required: required, Optional: !required}
	if hint := "signal.import.hint." + name; w.Has(hint) {
		f.Hint = w.T(hint)
	}
	return f
}

// optionsOf reads the options that both forms have.
func optionsOf(f url.Values) signal.Options {
	o := signal.Options{Source: signal.Source(f.Get("source")), SourceName: strings.TrimSpace(f.Get("source_name")), Lang: f.Get("lang"),
		Marking: access.Marking(f.Get("marking")), Order: signal.DateOrder(f.Get("order")), Region: f.Get("region") == "1", Archive: f.Get("archive") == "1"}
	if o.Source == "" {
		o.Source = signal.Imported
	}
	return o
}

const mostFields = 64 << 10

// upload reads the parts as they come: fields first, then the file, which is
// not held in memory.
func (g *Pages) upload(w http.ResponseWriter, r *shell.Request) error {
	if err := g.importer(r); err != nil {
		return err
	}
	form, err := r.MultipartReader()
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	fields := url.Values{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return g.showNewImport(w, r, http.StatusBadRequest, fields, noFile())
		}
		if err != nil {
			return fault.Wrap(fault.Invalid, "fault.web.form", err)
		}
		i, taken, err := g.part(r, fields, part)
		if err == nil && !taken {
			continue
		}
		if err == nil {
			return r.Redirect(w, importPath(i.ID))
		}
		_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
		if fault.Is(err, fault.Invalid) {
			return g.showNewImport(w, r, http.StatusBadRequest, fields, err)
		}
		return err
	}
}

func noFile() error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "file", Key: "fault.signal.no_file"}}}
}

// part is one part of the form: a field, or what is to be imported.
func (g *Pages) part(r *shell.Request, fields url.Values, p *multipart.Part) (signal.Import, bool, error) {
	switch {
	case p.FormName() == "file" && p.FileName() != "":
		i, err := g.desk.Upload(r.Context(), r.Actor, files.CleanName(p.FileName()), optionsOf(fields), p)
		return i, true, big(err)
	case p.FormName() == "file":
		return signal.Import{}, false, nil
	case p.FormName() == "paste":
		head := make([]byte, 1)
		n, _ := io.ReadFull(p, head)
		if n == 0 {
			return signal.Import{}, false, nil
		}
		i, err := g.desk.Upload(r.Context(), r.Actor, r.Printer.T("signal.import.pasted"), optionsOf(fields), io.MultiReader(bytes.NewReader(head), p))
		return i, true, big(err)
	}
	b, err := io.ReadAll(io.LimitReader(p, mostFields))
	fields.Set(p.FormName(), string(b))
	return signal.Import{}, false, err
}

// big names a body that the shell cut off.
func big(err error) error {
	var m *http.MaxBytesError
	if errors.As(err, &m) {
		return fault.Wrap(fault.Invalid, "fault.sheet.bytes", err)
	}
	return err
}

// fetch reads a feed from an address.
func (g *Pages) fetch(w http.ResponseWriter, r *shell.Request) error {
	if err := g.importer(r); err != nil {
		return err
	}
	form := r.PostForm
	if g.deps.Fetch == nil {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	address := strings.TrimSpace(form.Get("address"))
	body, err := g.deps.Fetch(r.Context(), address)
	var i signal.Import
	if err == nil {
		i, err = g.desk.Upload(r.Context(), r.Actor, address, optionsOf(form), bytes.NewReader(body))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unavailable) {
		return g.showNewImport(w, r, http.StatusBadRequest, form, err)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, importPath(i.ID))
}

// importListView are the newest imports.
type importListView struct {
	words
	Head  parts.PageHead
	Table parts.Table
}

func (g *Pages) importList(w http.ResponseWriter, r *shell.Request) error {
	list, err := g.desk.ImportList(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := importListView{words: g.words(r)}
	v.Head = parts.PageHead{Title: v.T("signal.imports"), Lede: v.T("signal.imports.lede"), Crumbs: []parts.Link{{Text: v.T("signal.list.title"), Href: inbox}, {Text: v.T("signal.imports")}},
		Actions: []parts.Button{{Text: v.T("signal.import.new"), Icon: "upload", Kind: parts.Primary, Href: imports + "/new"}}}
	v.Table = parts.Table{Caption: v.T("signal.imports"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("signal.import.field.name")}, {Text: v.T("signal.field.state")},
		{Text: v.T("signal.import.good"), Number: true}, {Text: v.T("signal.import.broken"), Number: true}, {Text: v.T("signal.import.by")}}}
	for _, i := range list {
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: i.Name, Href: importPath(i.ID)}, {Text: v.T("signal.import.state." + string(i.State))},
			{Text: v.Number(int64(i.Tally.Good))}, {Text: v.Number(int64(i.Tally.Broken))}, {Text: i.Created.Post, Note: v.Stamp(i.Created.At)}})
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, importListPage(v))
}

// check begins to check all rows with the columns as they were chosen.
func (g *Pages) check(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form := r.PostForm
	var targets []signal.Target
	for n := 0; form.Has("column." + str(n)); n++ {
		targets = append(targets, signal.Target(form.Get("column."+str(n))))
	}
	_, err = g.desk.Check(r.Context(), r.Actor, iid, version(form.Get("version")), targets, optionsOf(form))
	if fault.Is(err, fault.Invalid) {
		return g.showImport(w, r, http.StatusBadRequest, targets, err)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, importPath(iid))
}

func (g *Pages) moveImport(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if !slices.Contains([]workflow.Verb{"stop", "resume", "store", "discard"}, verb) {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	i, err := g.desk.MoveImport(r.Context(), r.Actor, iid, version(r.PostFormValue("version")), verb)
	if err != nil {
		return err
	}
	r.Say(w, "signal.import.said."+string(verb), nil)
	if i.State == signal.ImportDiscarded {
		return r.Redirect(w, imports)
	}
	return r.Redirect(w, importPath(iid))
}

// rowForm mends the cells of one broken row.
type rowForm struct {
	words
	Import  signal.ImportPage
	Row     signal.Row
	Cells   []string
	Errors  parts.Errors
	Columns []int // that are used
}

func (g *Pages) brokenRow(r *shell.Request) (signal.ImportPage, signal.Row, error) {
	iid, err := r.PathID("id")
	if err != nil {
		return signal.ImportPage{}, signal.Row{}, err
	}
	n, err := strconv.Atoi(r.PathValue("row"))
	if err != nil || n < 1 {
		return signal.ImportPage{}, signal.Row{}, fault.New(fault.NotFound, "fault.web.no_page")
	}
	p, err := g.desk.ImportPage(r.Context(), r.Actor, iid, n-1)
	if err != nil {
		return p, signal.Row{}, err
	}
	if len(p.Broken) == 0 || p.Broken[0].N != n || len(p.Broken[0].Cells) == 0 {
		return p, signal.Row{}, fault.New(fault.NotFound, "fault.web.no_page")
	}
	return p, p.Broken[0], nil
}

func (g *Pages) askRow(w http.ResponseWriter, r *shell.Request) error {
	p, row, err := g.brokenRow(r)
	if err != nil {
		return err
	}
	return g.showRow(w, r, http.StatusOK, p, row, row.Cells, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: row.Faults})
}

func (g *Pages) showRow(w http.ResponseWriter, r *shell.Request, status int, p signal.ImportPage, row signal.Row, cells []string, cause error) error {
	v := rowForm{words: g.words(r), Import: p, Row: row, Cells: make([]string, len(p.Columns)), Errors: parts.ErrorsOf(r.Printer, cause)}
	copy(v.Cells, cells)
	for n, c := range p.Columns {
		if c.Target != signal.ToNothing && c.Target != signal.ToDropped {
			v.Columns = append(v.Columns, n)
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("signal.import.row", "row", row.N)}, rowPage(v))
}

func (g *Pages) mendRow(w http.ResponseWriter, r *shell.Request) error {
	p, row, err := g.brokenRow(r)
	if err != nil {
		return err
	}
	cells := make([]string, len(p.Columns))
	copy(cells, row.Cells)
	for n := range cells {
		if name := "cell." + str(n); r.PostForm.Has(name) {
			cells[n] = text(r.PostForm.Get(name))
		}
	}
	_, err = g.desk.MendRow(r.Context(), r.Actor, p.ID, version(r.PostForm.Get("version")), row.N, slices.Clone(cells))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showRow(w, r, http.StatusBadRequest, p, row, cells, err)
	case err != nil:
		return err
	}
	r.Say(w, "signal.import.said.mend", fault.Args{"row": row.N})
	return r.Redirect(w, importPath(p.ID)+"#broken")
}

// brokenRows are all broken rows as a table, with why in the first columns, to
// be mended and brought in again.
func (g *Pages) brokenRows(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.ImportPage(r.Context(), r.Actor, iid, 0)
	if err != nil {
		return err
	}
	out, err := begin(w, r, "broken-rows")
	if err != nil {
		return err
	}
	heads := []string{r.Printer.T("signal.import.rownumber"), r.Printer.T("signal.import.why")}
	for _, c := range p.Columns {
		heads = append(heads, c.Head)
	}
	if err := out.Head(heads...); err != nil {
		return err
	}
	if err := g.desk.ImportRowsOf(r.Context(), r.Actor, iid, signal.Broken, func(row signal.Row) error {
		cells := []any{row.N, strings.Join(reasons(r, row), " ")}
		for _, c := range row.Cells {
			cells = append(cells, c)
		}
		return out.Row(cells...)
	}); err != nil {
		return err
	}
	return out.Close()
}

// reasons are why a row is broken, in words, each with its column.
func reasons(r *shell.Request, row signal.Row) []string {
	var out []string
	for _, f := range row.Faults {
		why := r.Printer.With(f.Key, f.Args)
		if f.Name != "" {
			why = r.Printer.T("signal.import.cell", "column", f.Name, "why", why)
		}
		out = append(out, why)
	}
	return out
}
