package web

import (
	"net/http"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/signal"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// importView is the page of one import: its columns while they can be chosen,
// how far it is, and what became of its rows.
type importView struct {
	words
	I       signal.ImportPage
	Path    string
	Topic   string
	Head    parts.PageHead
	Errors  parts.Errors
	Tag     parts.Grade
	Figures []parts.Figure
	Share   int // of the file that was read, per cent
	Running bool
	Columns []columnView // none: they cannot be changed now
	Submit  string
	Notices []parts.Notice
	Broken  parts.Table
	More    string
	Mended  parts.Table
	Preview []rowView
	Details []parts.Definition
	Moves   []parts.Button
	Files   []parts.Link
	Again   bool // it was read from an address, and can be read again
}

// columnView is one column with what it can mean.
type columnView struct {
	N       int
	Head    string
	Samples string
	Options []parts.Option
	Error   string
}

func (g *Pages) importPage(w http.ResponseWriter, r *shell.Request) error {
	return g.showImport(w, r, http.StatusOK, nil, nil)
}

// showImport shows an import; chosen are the columns as they were posted.
func (g *Pages) showImport(w http.ResponseWriter, r *shell.Request, status int, chosen []signal.Target, cause error) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	after, _ := strings.CutPrefix(r.URL.Query().Get("after"), "r")
	p, err := g.desk.ImportPage(r.Context(), r.Actor, iid, max(0, version(after)))
	if err != nil {
		return err
	}
	for n := range p.Columns {
		if n < len(chosen) {
			p.Columns[n].Target = chosen[n]
		}
	}
	if cause != nil {
		p.Options = optionsOf(r.PostForm)
	}
	v := importView{words: g.words(r), I: p, Path: importPath(iid), Topic: signal.ImportTopic(&p.Import), Errors: parts.ErrorsOf(r.Printer, cause)}
	v.fill(r)
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}}, importedPage(v))
}

func (v *importView) fill(r *shell.Request) {
	p := v.I
	v.Head = parts.PageHead{Title: p.Name, Note: v.T("signal.import.by.at", "post", p.Created.Post, "at", v.Stamp(p.Created.At)),
		Crumbs: []parts.Link{{Text: v.T("signal.list.title"), Href: inbox}, {Text: v.T("signal.imports"), Href: imports}, {Text: p.Name}}}
	v.Tag = map[bool]parts.Grade{true: parts.Good, false: parts.Information}[p.State == signal.Stored]
	if p.State == signal.Failed {
		v.Tag = parts.Warning
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Warning, Title: v.T("signal.import.state.failed"), Text: v.With(p.Fault, nil)})
	}
	v.Running = p.State == signal.Checking || p.State == signal.Storing
	v.progress()
	if p.State == signal.Uploaded || p.State == signal.Checked || p.State == signal.Stopped {
		v.columns()
	}
	v.tables(r)
	for i := range p.Preview {
		v.Preview = append(v.Preview, v.row(&p.Preview[i]))
	}
	v.Details = []parts.Definition{{Term: v.T("signal.import.field.format"), Text: strings.ToUpper(string(p.Format))}, {Term: v.T("signal.import.field.size"), Text: v.Size(p.Size)},
		{Term: "SHA-256", Text: p.SHA256}}
	if p.Digest != "" {
		v.Details = append(v.Details, parts.Definition{Term: v.T("signal.import.field.digest"), Text: p.Digest})
	}
	v.Again = p.State == signal.Stored && (strings.HasPrefix(p.Name, "https://") || strings.HasPrefix(p.Name, "http://"))
	v.moves()
}

func (v *importView) progress() {
	t := v.I.Now
	if t.Total > 0 && v.I.Format == signal.CSV {
		v.Share = int(t.Bytes * 100 / t.Total)
	}
	figure := func(key string, n int) {
		v.Figures = append(v.Figures, parts.Figure{Label: v.T("signal.import." + key), Value: v.Number(int64(n))})
	}
	figure("rows", t.Rows())
	figure("good", t.Good)
	figure("repaired", t.Repaired)
	figure("broken", t.Broken)
	figure("known", t.Known)
	figure("outside", t.Outside)
}

func (v *importView) columns() {
	for n, c := range v.I.Columns {
		col := columnView{N: n, Head: c.Head, Samples: strings.Join(c.Samples, " · ")}
		for _, e := range v.Errors.Items {
			if e.Name == "columns" && e.Row == n+1 {
				col.Error = e.Text
			}
		}
		for _, t := range signal.Targets {
			col.Options = append(col.Options, parts.Option{Value: string(t), Text: v.target(t), Chosen: t == c.Target, Group: v.targetGroup(t)})
		}
		v.Columns = append(v.Columns, col)
	}
	v.Submit = v.T("signal.import.check")
	if v.I.State != signal.Uploaded {
		v.Submit = v.T("signal.import.check.again")
	}
}

// target names what a column can mean; dates are put together from their part
// and which date it is.
func (w words) target(t signal.Target) string {
	part, date, ok := strings.Cut(string(t), ".")
	if !ok {
		return w.T("signal.target." + string(t))
	}
	name := w.T("signal.field.first_seen")
	if date != "seen" {
		name = w.T("signal.milestone." + date)
	}
	return w.T("signal.target.part."+part, "date", name)
}

func (w words) targetGroup(t signal.Target) string {
	if strings.Contains(string(t), ".") {
		return w.T("signal.target.group.dates")
	}
	return w.T("signal.target.group.fields")
}

func (v *importView) tables(r *shell.Request) {
	p := v.I
	v.Broken = parts.Table{Caption: v.T("signal.import.broken"), Cards: true, Columns: []parts.Column{{Text: v.T("signal.import.rownumber"), Number: true}, {Text: v.T("signal.import.why")}, {Text: v.T("signal.import.cells")}}}
	for _, row := range p.Broken {
		cell := parts.Cell{Text: v.Number(int64(row.N))}
		why := parts.Cell{Text: strings.Join(reasons(r, row), " ")}
		if p.State == signal.Checked && len(row.Cells) > 0 {
			why.Note, why.Body = "", mendLink(importPath(p.ID)+"/rows/"+str(row.N), v.T("signal.import.mend", "row", row.N))
		}
		v.Broken.Rows = append(v.Broken.Rows, []parts.Cell{cell, why, {Text: excerpt(row.Cells)}})
	}
	if p.More > 0 {
		v.More = importPath(p.ID) + "?after=" + str(p.More) + "#broken"
	}
	if p.Now.Broken > 0 {
		v.Files = []parts.Link{{Text: v.T("signal.import.broken.csv"), Href: importPath(p.ID) + "/broken.csv"}, {Text: v.T("signal.import.broken.xlsx"), Href: importPath(p.ID) + "/broken.xlsx"}}
	}
	v.Mended = parts.Table{Caption: v.T("signal.import.repaired"), Cards: true, Columns: []parts.Column{{Text: v.T("signal.import.rownumber"), Number: true}, {Text: v.T("signal.import.column")},
		{Text: v.T("signal.import.was")}, {Text: v.T("signal.import.became")}, {Text: v.T("signal.import.why")}}}
	for _, row := range p.Mended {
		for _, x := range row.Repairs {
			v.Mended.Rows = append(v.Mended.Rows, []parts.Cell{{Text: v.Number(int64(row.N))}, {Text: x.Column}, {Text: x.From}, {Text: orDash(x.To)}, {Text: v.T("repair." + x.Key)}})
		}
	}
}

func excerpt(cells []string) string {
	var out []string
	n := 0
	for _, c := range cells {
		if c = strings.TrimSpace(c); c != "" && n < 160 {
			if r := []rune(c); len(r) > 50 {
				c = string(r[:50]) + "…"
			}
			out, n = append(out, c), n+len(c)
		}
	}
	return strings.Join(out, " · ")
}

func (v *importView) moves() {
	p := v.I
	post := func(verb string, kind parts.Kind, unmet ...string) {
		v.Moves = append(v.Moves, parts.Button{Text: v.T("signal.import.verb."+verb, "n", p.Now.Good), Kind: kind, Post: importPath(p.ID) + "/step/" + verb, Name: "version", Value: str(p.Version), Unmet: unmet})
	}
	switch p.State {
	case signal.Checking:
		post("stop", "")
	case signal.Stopped:
		post("resume", parts.Primary)
		post("discard", parts.Danger)
	case signal.Checked:
		if p.Now.Good == 0 {
			post("store", parts.Primary, v.T("need.signal.some_rows"))
		} else {
			post("store", parts.Primary)
		}
		post("discard", parts.Danger)
	case signal.Uploaded, signal.Failed:
		post("discard", parts.Danger)
	case signal.Stored:
		v.Moves = append(v.Moves, parts.Button{Text: v.T("signal.import.see"), Href: inbox + "?import=" + string(p.ID)})
	}
}

func (w words) orderOptions(chosen signal.DateOrder) []parts.Option {
	var out []parts.Option
	for _, o := range []signal.DateOrder{signal.DayFirst, signal.MonthFirst} {
		out = append(out, parts.Option{Value: string(o), Text: w.T("signal.import.order." + string(o)), Chosen: o == chosen})
	}
	return out
}

// optionFields are the values of the options of an import.
type optionFields struct {
	words
	Errors     parts.Errors
	Source     signal.Source
	SourceName string
	Lang       string
	Marking    access.Marking
	Order      signal.DateOrder // empty: not asked yet
	Region     bool
	Archive    bool
}

func (v importView) options() optionFields {
	o := v.I.Options
	return optionFields{v.words, v.Errors, o.Source, o.SourceName, o.Lang, o.Marking, o.Order, o.Region, o.Archive}
}

func (v newImportView) options() optionFields {
	o := optionsOf(v.Form)
	return optionFields{v.words, v.Errors, o.Source, o.SourceName, o.Lang, o.Marking, "", o.Region, o.Archive}
}

func (o optionFields) field(name string, required bool) parts.Field {
	return importField(o.words, o.Errors, name, required)
}

func (o optionFields) ticks() []parts.Option {
	return []parts.Option{{Value: "region", Text: o.T("signal.import.region"), Hint: o.T("signal.import.region.hint"), Chosen: o.Region},
		{Value: "archive", Text: o.T("signal.import.archive"), Hint: o.T("signal.import.archive.hint"), Chosen: o.Archive}}
}
