package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/sitrep"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// reportView is one report: the sheet that is printed, and beside it on the
// screen how it stands.
type reportView struct {
	words
	P         sitrep.Page
	R         *sitrep.ReportView
	Path      string
	Topic     string
	Notices   []parts.Notice
	Figures   []parts.Figure
	Curve     templ.Component
	CurveRule string
	Bars      templ.Component
	Map       templ.Component
	Table     parts.Table
	Groups    parts.Table
	Inputs    parts.Table
	Sources   parts.Table
	Texts     []block
	Summaries []block
	State     []parts.Definition
	Buttons   []parts.Button
	Acks      []parts.Ack
	Files     []parts.Link
}

// block is a part of the text in its language.
type block struct {
	Title, Lang, Text, Language string
	Changed                     bool
}

func (g *Pages) report(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := reportView{words: g.words(r), P: p, R: &p.View, Path: r.URL.RequestURI(), Topic: "report:" + string(p.View.ID)}
	v.notices()
	v.figures()
	if p.View.Scope == sitrep.National {
		v.Curve, _, v.CurveRule = healthweb.Curve(r.Printer, p.View.AsOf, p.View.Facts)
		v.Groups = v.groups()
	} else {
		v.regional()
	}
	v.Table = v.overview()
	v.texts()
	v.standing()
	v.Buttons = v.buttons()
	v.Acks = v.acks()
	if sitrep.Capabilities.May(r.Actor, "sitrep.export") {
		v.Files = []parts.Link{{Text: "XLSX", Href: v.link("/table.xlsx")}, {Text: "CSV", Href: v.link("/table.csv")}}
		if p.View.State == sitrep.Issued || p.View.State == sitrep.Corrected {
			v.Files = append(v.Files, parts.Link{Text: "EDXL-SitRep", Href: v.link("/edxl.xml")})
		}
	}
	return r.Show(w, shell.Page{Title: p.View.Title, Topics: []string{v.Topic}, Marking: string(p.View.Marking), Map: v.Map != nil}, reportPage(v))
}

func (v *reportView) link(rest string) string { return sitrep.Path(v.R.ID) + rest }

func (v *reportView) notices() {
	add := func(g parts.Grade, title, text string, to ...parts.Button) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text, Actions: to})
	}
	r := v.R
	switch {
	case r.State == sitrep.Withdrawn:
		add(parts.Warning, v.T("sitrep.withdrawn", "owner", v.name(string(r.Owner))), r.Reason)
	case r.State == sitrep.Corrected && v.P.Newer != "":
		add(parts.Warning, v.T("sitrep.corrected"), v.T("sitrep.corrected.text"), parts.Button{Text: v.T("sitrep.corrected.open"), Href: sitrep.Path(v.P.Newer), Small: true})
	case r.State == sitrep.Corrected:
		add(parts.Warning, v.T("sitrep.corrected"), v.T("sitrep.corrected.text"))
	case r.State == sitrep.Draft && r.Reason != "":
		add(parts.Watch, v.T("sitrep.returned"), r.Reason)
	case v.P.Later != "":
		add(parts.Information, v.T("sitrep.later"), "", parts.Button{Text: v.T("sitrep.later.open"), Href: sitrep.Path(v.P.Later), Small: true})
	}
	if r.State == sitrep.Compiling {
		add(parts.Information, v.T("sitrep.compiling"), v.T("sitrep.compiling.text", "time", v.Stamp(r.CutOff)))
	}
}

// figures are the key figures of the whole state, or how many members are in.
func (v *reportView) figures() {
	add := func(label, value, note string) {
		v.Figures = append(v.Figures, parts.Figure{Label: label, Value: value, Note: note})
	}
	if v.R.Scope == sitrep.Regional {
		n := len(v.R.Inputs)
		add(v.T("sitrep.stands.in"), v.Number(int64(v.R.Count(sitrep.In))), v.T("sitrep.ofmembers", "n", n))
		add(v.T("sitrep.stands.nothing"), v.Number(int64(v.R.Count(sitrep.Nothing))), v.T("sitrep.ofmembers", "n", n))
		add(v.T("sitrep.stands.late"), v.Number(int64(v.R.Count(sitrep.Late))), v.codes(sitrep.Late))
		add(v.T("sitrep.stands.silent"), v.Number(int64(v.R.Count(sitrep.Silent))), v.codes(sitrep.Silent))
		return
	}
	totals := v.R.Totals()
	for i := range totals[:min(len(totals), 8)] {
		f := &totals[i]
		x, ok := f.Single()
		if !ok {
			add(v.what(f.Indicator, f.Class), v.several(f), v.T("sitrep.differ"))
			continue
		}
		add(v.what(f.Indicator, f.Class), v.Number(x.Value), strings.Join(v.growth(f), " · "))
	}
	for _, l := range lineOf(v.R, string(v.R.Owner)) {
		if l.CFR != nil {
			add(v.T("sitrep.cfr"), v.Percent(l.CFR.Of(), 1), v.T("sitrep.cfr.of", "deaths", l.CFR.Part, "cases", l.CFR.Whole, "class", v.T("class."+l.CFR.Class)))
		}
	}
}

func lineOf(r *sitrep.ReportView, place string) []sitrep.Line {
	_, all := sitrep.Overview(r)
	for _, l := range all {
		if l.Place == place {
			return []sitrep.Line{l}
		}
	}
	return nil
}

func (v *reportView) codes(s sitrep.Stands) string {
	var out []string
	for _, in := range v.R.Inputs {
		if in.Stands == s {
			out = append(out, string(in.Member))
		}
	}
	return strings.Join(out, ", ")
}

// growth says what is new in the period, and since the last issue.
func (v *reportView) growth(f *sitrep.Figure) []string {
	var out []string
	if f.New != nil {
		out = append(out, v.T("sitrep.newin", "n", v.signed(*f.New)))
	}
	if x, ok := f.Single(); ok && f.Was != nil && v.R.Last != nil {
		out = append(out, v.T("sitrep.since", "n", v.signed(x.Value-*f.Was), "issue", v.R.Last.Number))
	}
	return out
}

// several are the values of sources that disagree, side by side.
func (v *reportView) several(f *sitrep.Figure) string {
	var out []string
	for _, x := range f.Values {
		if x.Suppressed {
			out = append(out, v.T("sitrep.cell.small"))
		} else {
			out = append(out, v.Number(x.Value))
		}
	}
	return strings.Join(out, " / ")
}

// overview sets places or members against the figures.
func (v *reportView) overview() parts.Table {
	cols, all := sitrep.Overview(v.R)
	first := v.T("sitrep.col.place")
	if v.R.Scope == sitrep.Regional {
		first = v.T("sitrep.col.member")
	}
	t := parts.Table{Caption: v.T("sitrep.table.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: first}}}
	if len(cols) == 0 {
		return parts.Table{}
	}
	for _, c := range cols {
		t.Columns = append(t.Columns, parts.Column{Text: v.what(c.Indicator, c.Class), Number: true})
	}
	t.Columns = append(t.Columns, parts.Column{Text: v.T("sitrep.cfr"), Number: true})
	for _, l := range all {
		row := []parts.Cell{{Text: v.name(l.Place)}}
		if v.R.Marks("input:" + l.Place) {
			row[0].Note = v.T("sitrep.mark")
		}
		for _, c := range l.Cells {
			row = append(row, parts.Cell{Body: cellMark(v.cell(c))})
		}
		cfr := parts.Cell{}
		if l.CFR != nil {
			cfr = parts.Cell{Text: v.Percent(l.CFR.Of(), 1)}
		}
		t.Rows = append(t.Rows, append(row, cfr))
	}
	return t
}

// cellView is one cell of the overview in words.
type cellView struct {
	Class string // of the style
	Lines []cellLine
	Notes []string
	Mark  string // it was corrected
}

type cellLine struct{ Value, Source string }

func (v *reportView) cell(c sitrep.Cell) cellView {
	switch c.Why {
	case sitrep.NoReport, sitrep.NoneHere, sitrep.NotGiven:
		return cellView{Class: string(c.Why), Lines: []cellLine{{Value: v.T("sitrep.cell." + string(c.Why))}}}
	}
	out := cellView{Class: string(c.Why)}
	for _, x := range c.Figure.Values {
		l := cellLine{Value: v.Number(x.Value)}
		if x.Suppressed {
			l.Value = v.T("sitrep.cell.small")
		}
		if c.Why == sitrep.Differ || v.R.Scope == sitrep.Regional {
			l.Source = v.T("sitrep.cell.source", "source", v.source(x), "time", v.ShortStamp(x.AsOf))
		}
		out.Lines = append(out.Lines, l)
	}
	out.Notes = v.growth(&c.Figure)
	if v.R.Marks(c.Figure.Key()) {
		out.Mark = v.T("sitrep.mark")
	}
	return out
}

func (v *reportView) source(x sitrep.Value) string {
	if x.Source == "" {
		return v.T("sitrep.sum", "n", x.Places)
	}
	return x.Source
}

// groups is the table of parts of the people and of shares.
func (v *reportView) groups() parts.Table {
	list := v.R.Groups()
	if len(list) == 0 {
		return parts.Table{}
	}
	t := parts.Table{Caption: v.T("sitrep.groups.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("sitrep.col.figure")}, {Text: v.T("sitrep.col.place")},
		{Text: v.T("sitrep.col.group")}, {Text: v.T("sitrep.col.value"), Number: true}, {Text: v.T("sitrep.col.of"), Number: true}, {Text: v.T("sitrep.col.share"), Number: true},
		{Text: v.T("sitrep.col.asof"), Number: true}}}
	for _, f := range list {
		var who []string
		for _, g := range [][2]string{{"age.", f.Age}, {"sex.", f.Sex}, {"group.", f.Group}} {
			if g[1] != "" {
				who = append(who, v.T(g[0]+g[1]))
			}
		}
		value, of, share := parts.Cell{Text: v.T("sitrep.cell.small")}, parts.Cell{Text: "–"}, parts.Cell{Text: "–"}
		if !f.Suppressed {
			value.Text = v.Number(f.Value)
		}
		if f.Of > 0 {
			of.Text = v.Number(f.Of)
			if !f.Suppressed {
				share.Text = v.Percent(float64(f.Value)/float64(f.Of), 1)
			}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.what(f.Indicator, f.Class)}, {Text: v.name(f.Place)}, {Text: strings.Join(who, ", ")}, value, of, share, {Text: v.ShortStamp(f.AsOf)}})
	}
	return t
}

func (v *reportView) texts() {
	for _, p := range sitrep.Parts {
		if t := v.R.Text(p); t != "" {
			v.Texts = append(v.Texts, block{Title: v.T("sitrep.part." + p), Lang: v.R.Lang, Text: t, Changed: v.R.Marks("text:" + p + "|" + v.R.Lang)})
		}
	}
	for _, t := range v.R.Texts {
		if t.Part == sitrep.Summary {
			v.Summaries = append(v.Summaries, block{Title: v.T("sitrep.part.summary"), Lang: t.Lang, Text: t.Text, Language: sitrep.LanguageName(t.Lang),
				Changed: v.R.Marks("text:" + t.Part + "|" + t.Lang)})
		}
	}
}

// issuer is who issues the report; a state that issues in its own name is
// named once.
func (v *reportView) issuer() string {
	owner := v.name(string(v.R.Owner))
	if v.R.Authority == "" || v.R.Authority == owner {
		return owner
	}
	return v.T("sitrep.issuedby", "authority", v.R.Authority, "owner", owner)
}

// standing is how the report stands, for the screen.
func (v *reportView) standing() {
	r := v.R
	def := func(term, text string) {
		if text != "" {
			v.State = append(v.State, parts.Definition{Term: v.T(term), Text: text})
		}
	}
	def("sitrep.col.state", v.state(r.State))
	if v.P.Own && !v.P.Due.IsZero() {
		def("clock."+v.P.Clock, v.Left(v.P.Due, v.now)+" · "+v.Stamp(v.P.Due))
	}
	if r.Level > 0 {
		def("sitrep.field.level", v.T("sitrep.level.why", "level", r.Level))
	}
	if r.Scope == sitrep.Regional {
		def("sitrep.field.cut_off", v.Stamp(r.CutOff))
		def("sitrep.field.asked", v.members(r.Asked))
	}
	def("health.field.marking", string(r.Marking))
	def("sitrep.field.to", v.members(r.To))
	if !r.Cleared.IsZero() {
		def("sitrep.cleared", v.T("sitrep.by", "post", r.ClearedAs, "time", v.Stamp(r.Cleared)))
	}
	if !r.Issued.IsZero() {
		def("sitrep.issued", v.Stamp(r.Issued))
	}
	if r.Reason != "" {
		def("health.field.reason", r.Reason)
	}
}

func (v *reportView) buttons() []parts.Button {
	out := []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}
	icons := map[string]string{"edit": "pencil", "refresh": "refresh-cw", "submit": "send", "clear": "shield-check", "issue": "send", "remind": "bell", "compose": "file-plus-2"}
	for _, o := range v.P.Offers {
		verb := string(o.Verb)
		b := parts.Button{Text: v.T("sitrep.verb." + verb), Icon: icons[verb], Href: v.link("/step/" + verb), Unmet: v.unmet(o)}
		switch verb {
		case "edit":
			b.Href = v.link("/edit")
		case "compose", "submit", "clear", "issue":
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	if v.P.MayFix {
		out = append(out, parts.Button{Text: v.T("sitrep.verb.correct"), Icon: "pencil", Href: v.link("/step/correct")})
	}
	return out
}

// acks is how far an issued report has come at each recipient.
func (v *reportView) acks() []parts.Ack {
	if !v.P.Own || v.R.Release == "" {
		return nil
	}
	var out []parts.Ack
	for _, m := range access.States {
		a := parts.Ack{Code: string(m), Name: v.name(string(m)), State: parts.NotAsked}
		for _, to := range v.R.To {
			if to == m {
				a.State = parts.Waiting
			}
		}
		if m == v.R.Owner {
			a.State = parts.Own
		}
		if x, ok := v.P.Reached[m]; ok {
			a.State, a.When = stage(x.Stage), v.ShortStamp(x.At)
		}
		out = append(out, a)
	}
	return out
}

func stage(s exchange.Stage) parts.AckState {
	switch s {
	case exchange.Acknowledged:
		return parts.Acted
	case exchange.Question:
		return parts.Asked
	case exchange.Refused:
		return parts.Refused
	case exchange.Opened:
		return parts.Read
	}
	return parts.Waiting
}

// grade is that of the event, drawn only where there is one.
