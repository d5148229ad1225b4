package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// mapForm says what the columns of a file mean.
type mapForm struct {
	words
	I       surveillance.ImportView
	Columns surveillance.Columns
	M       surveillance.Mapping
	Saved   []surveillance.Mapping
	Path    string
	Errors  parts.Errors
}

// conditions is how many rows of conditions the form has.
const conditions = 2

func (g *Pages) mapForm(w http.ResponseWriter, r *shell.Request) error {
	return g.showMap(w, r, http.StatusOK, nil, nil)
}

func (g *Pages) showMap(w http.ResponseWriter, r *shell.Request, status int, m *surveillance.Mapping, fail error) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := mapForm{words: words{r.Printer}, Path: importPath(iid), Errors: parts.ErrorsOf(r.Printer, fail)}
	if v.I, err = g.desk.ImportPage(r.Context(), r.Actor, iid); err != nil {
		return err
	}
	if v.Columns, err = g.desk.Columns(r.Context(), r.Actor, iid); err != nil {
		return err
	}
	if v.Saved, err = g.desk.Mappings(r.Context(), r.Actor); err != nil {
		return err
	}
	v.M = v.I.Mapping
	if m != nil {
		v.M = *m
	} else if use := r.URL.Query().Get("use"); use != "" {
		if i := slices.IndexFunc(v.Saved, func(s surveillance.Mapping) bool { return s.Name == use }); i >= 0 {
			v.M = v.Saved[i]
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("surveillance.map.title")}, mapPage(v))
}

func readMapping(f url.Values) surveillance.Mapping {
	m := surveillance.Mapping{Name: strings.TrimSpace(f.Get("name")), Columns: map[surveillance.Field]string{}, Fixed: map[surveillance.Field]string{},
		Words: map[string]string{}, Line: f.Get("line") == "1", Sum: f.Get("sum") == "1", Region: f.Get("region") == "1"}
	for _, x := range surveillance.Fields {
		if c := f.Get("col." + string(x)); c != "" {
			m.Columns[x] = c
		}
		if c := strings.TrimSpace(f.Get("fix." + string(x))); c != "" && m.Columns[x] == "" {
			m.Fixed[x] = c
		}
	}
	for i := range conditions {
		col := f.Get("only." + str(i) + ".column")
		var values []string
		for _, s := range strings.Split(f.Get("only."+str(i)+".values"), ";") {
			if s = strings.TrimSpace(s); s != "" {
				values = append(values, s)
			}
		}
		if col != "" || len(values) > 0 {
			m.Only = append(m.Only, surveillance.Only{Column: col, Values: values})
		}
	}
	for i := range f["word.of"] { // those that were there, and those that are asked for
		if i < len(f["word.means"]) && f["word.means"][i] != "" {
			m.Words[f["word.of"][i]] = f["word.means"][i]
		}
	}
	return m
}

func (g *Pages) saveMap(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	m := readMapping(r.PostForm)
	_, err = g.desk.MapImport(r.Context(), r.Actor, iid, version(r.PostForm), m)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showMap(w, r, shell.Status(err), &m, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.previewed", nil)
	return r.Redirect(w, importPath(iid))
}

func (v mapForm) columnField(f surveillance.Field) parts.Select {
	s := parts.Select{Field: parts.Field{Name: "col." + string(f), Label: v.T("surveillance.map." + string(f)), Error: v.Errors.Of(string(f))}, Blank: v.T("surveillance.map.none")}
	if v.Has("surveillance.map." + string(f) + ".hint") {
		s.Hint = v.T("surveillance.map." + string(f) + ".hint")
	}
	s.Options = v.columnOptions(v.M.Columns[f])
	return s
}

func (v mapForm) columnOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range v.Columns.Head {
		if h != "" {
			out = append(out, parts.Option{Value: h, Text: h, Chosen: h == chosen})
		}
	}
	return out
}

func (v mapForm) diseaseField() parts.Select {
	return parts.Select{Field: parts.Field{Name: "fix.disease", Label: v.T("surveillance.map.disease.all"), Hint: v.T("surveillance.map.disease.all.hint")},
		Blank: v.T("surveillance.map.column"), Options: v.diseaseOptions(v.M.Fixed[surveillance.FieldDisease])}
}

func (w words) diseaseOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		out = append(out, parts.Option{Value: h.Key, Text: w.diseaseName(h.Key), Chosen: h.Key == chosen})
	}
	slices.SortFunc(out, func(a, b parts.Option) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func (w words) classOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, c := range surveillance.Classes {
		out = append(out, parts.Option{Value: string(c), Text: w.class(c), Chosen: string(c) == chosen})
	}
	return out
}

func (v mapForm) classField() parts.Select {
	return parts.Select{Field: parts.Field{Name: "fix.class", Label: v.T("surveillance.map.class.all")}, Blank: v.T("surveillance.map.column"),
		Options: v.classOptions(v.M.Fixed[surveillance.FieldClass])}
}

func (v mapForm) stateField() parts.Select {
	s := parts.Select{Field: parts.Field{Name: "fix.state", Label: v.T("surveillance.map.state.all")}, Blank: v.T("surveillance.map.column")}
	for _, p := range place.States() {
		s.Options = append(s.Options, parts.Option{Value: p.Code, Text: p.In(v.Lang()), Chosen: v.M.Fixed[surveillance.FieldState] == p.Code})
	}
	return s
}

// wordLine is one word of the file and what it means.
type wordLine struct {
	Of, Field, Word string
	Options         []parts.Option
}

// wordLines are the words that the mapping already translates and those that
// the last reading did not know.
func (v mapForm) wordLines() []wordLine {
	var out []wordLine
	add := func(of string) {
		field, word, _ := strings.Cut(of, "|")
		l := wordLine{Of: of, Field: field, Word: word}
		switch surveillance.Field(field) {
		case surveillance.FieldDisease:
			l.Options = v.diseaseOptions(v.M.Words[of])
		case surveillance.FieldClass:
			l.Options = v.classOptions(v.M.Words[of])
		default:
			return
		}
		out = append(out, l)
	}
	for of := range v.M.Words {
		add(of)
	}
	for _, of := range v.I.Result.Unknown {
		if v.M.Words[of] == "" {
			add(of)
		}
	}
	slices.SortFunc(out, func(a, b wordLine) int { return strings.Compare(a.Of, b.Of) })
	return out
}

func (v mapForm) only(i int) surveillance.Only {
	if i < len(v.M.Only) {
		return v.M.Only[i]
	}
	return surveillance.Only{}
}

func (v mapForm) sample() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.map.sample")}
	for _, h := range v.Columns.Head {
		t.Columns = append(t.Columns, parts.Column{Text: h})
	}
	for _, row := range v.Columns.Rows {
		var cells []parts.Cell
		for i := range v.Columns.Head {
			c := parts.Cell{}
			if i < len(row) {
				c.Text = row[i]
			}
			cells = append(cells, c)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
