package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// placeView is what is known of one place.
type placeView struct {
	words
	Head   parts.PageHead
	P      surveillance.PlacePage
	Curves []placeCurve
}

type placeCurve struct {
	ID, Title, Aside, Source string
	More                     parts.Link
	Body                     templ.Component
}

func (g *Pages) place(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.placeView(r)
	if err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title}, placePage(v))
}

func (g *Pages) placeView(r *shell.Request) (placeView, error) {
	v := placeView{words: words{r.Printer}}
	var err error
	if v.P, err = g.desk.Place(r.Context(), r.Actor, r.PathValue("code")); err != nil {
		return v, err
	}
	v.Head = parts.PageHead{Title: v.P.Place.In(v.Lang()), Note: v.P.Place.Code, Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}}}
	if v.P.Parent.Code != "" {
		v.Head.Crumbs = append(v.Head.Crumbs, parts.Link{Text: v.P.Parent.In(v.Lang()), Href: placePath(v.P.Parent.Code)})
	}
	slices.SortStableFunc(v.P.Lines, func(a, b surveillance.PlaceLine) int { return cmp.Compare(lately(b), lately(a)) })
	for i, l := range v.P.Lines[:min(placeCurves, len(v.P.Lines))] {
		v.Curves = append(v.Curves, placeCurve{ID: "line-" + str(i), Title: v.diseaseName(l.Disease), Aside: l.Dataset.Title + ", " + v.calendar(l.Dataset.Calendar),
			More: parts.Link{Text: v.T("surveillance.place.more"), Href: v.lineHref(l)}, Body: v.curve(i, l).Figure(r.Printer),
			Source: v.T("surveillance.source", "source", l.Dataset.Source, "calendar", v.calendar(l.Dataset.Calendar), "rev", l.Dataset.Front.Rev, "known", v.Stamp(l.Dataset.Front.KnownAt))})
	}
	return v, nil
}

// placeCurves is how many diseases have a curve on the page of a place; the
// others are a list.
const placeCurves = 12

// lately is the sum of the newest year of a series.
func lately(l surveillance.PlaceLine) int64 {
	year := spans[l.Dataset.Resolution]
	sum := int64(0)
	for p := l.Dataset.Front.Last - int32(year[len(year)-1]) + 1; p <= l.Dataset.Front.Last; p++ {
		sum += int64(max(l.Series.At(p), 0))
	}
	return sum
}

// lineHref is the page of the disease with the curve of this place.
func (v placeView) lineHref(l surveillance.PlaceLine) string {
	in := ""
	switch v.P.Place.Level {
	case place.State:
		in = "?in=" + v.P.Place.Code
	case place.Unit:
		in = "?in=" + v.P.Place.Parent + "&of=" + v.P.Place.Code
	}
	return diseasePath(l.Dataset.ID, l.Disease) + in
}

// rest is the diseases without a curve of their own.
func (v placeView) rest() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.place.rest"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.scan.dataset")},
		{Text: v.T("surveillance.place.year"), Number: true}, {Text: v.T("surveillance.table.last")}}}
	for _, l := range v.P.Lines[len(v.Curves):] {
		last := "–"
		if n := len(l.Series.Values); n > 0 {
			last = l.Dataset.Label(l.Series.First + int32(n) - 1)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.diseaseName(l.Disease), Href: v.lineHref(l)}, {Text: l.Dataset.Title, Note: v.calendar(l.Dataset.Calendar)}, {Text: v.Number(lately(l))}, {Text: last}})
	}
	return t
}

func (v placeView) curve(i int, l surveillance.PlaceLine) chart.Epi {
	c := l.Dataset.Calendar
	e := chart.Epi{ID: "place-" + str(i), Title: v.curveTitle(c.Resolution, l.Disease), Unit: v.T("surveillance.resolution." + string(c.Resolution)),
		Desc: v.T("surveillance.curve.of", "place", v.P.Place.In(v.Lang()), "classes", v.classes(l.Used)), Series: []string{v.T("surveillance.measure." + string(l.Dataset.Measure))}}
	to := l.Dataset.Front.Last
	if n := len(l.Series.Values); n > 0 && l.Series.First+int32(n)-1 < to-103 {
		to = l.Series.First + int32(n) - 1 // nothing since: the curve ends with the last report
	}
	for p := max(to-103, l.Dataset.Front.First); p <= to; p++ {
		b := chart.Bar{Label: c.Label(p), Partial: p > l.Dataset.Front.Last-int32(l.Dataset.Late)}
		if y, n := c.InYear(p); n == 1 {
			b.Tick = str(y)
		}
		if n := l.Series.At(p); n >= 0 {
			b.Values = []float64{float64(n)}
		} else {
			b.Missing = true
		}
		if b.Partial {
			e.Partial = v.T("surveillance.partial")
		}
		e.Bars = append(e.Bars, b)
	}
	return e
}

// facts are the entry of the gazetteer: names, codes, dates, what came before
// and after, and what the boundaries do not show.
func (v placeView) facts() []parts.Definition {
	p := v.P.Place
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: v.T("surveillance.place." + key), Text: text})
		}
	}
	var names []string
	for _, lang := range []string{"en", "id", "ms", "km", "lo", "my", "fil", "ta", "th", "tet", "vi"} {
		if n := p.Names[lang]; n != "" {
			names = append(names, n+" ("+lang+")")
		}
	}
	add("names", strings.Join(names, ", "))
	add("aliases", strings.Join(p.Aliases, ", "))
	add("pcode", p.PCode)
	add("from", p.From)
	add("to", p.To)
	add("before", v.placeNames(p.SuccessorOf))
	var after []string
	for _, s := range v.P.Successors {
		after = append(after, s.Code)
	}
	add("after", v.placeNames(after))
	later := place.Later(p.Code)
	var follow []string
	for _, x := range later {
		follow = append(follow, x.Name)
	}
	add("later", strings.Join(follow, ", "))
	if p.Unverified || len(later) > 0 || len(v.P.Successors) > 0 && v.P.Successors[0].Unverified {
		add("unverified", v.T("surveillance.place.unverified.text"))
	}
	if !p.Drawn {
		add("outline", v.T("surveillance.place.undrawn"))
	}
	var gaps []string
	for _, x := range v.P.Gaps {
		gaps = append(gaps, x.In(v.Lang()))
	}
	add("gaps", strings.Join(gaps, ", "))
	for i, y := range v.P.Population {
		if i < 3 {
			out = append(out, parts.Definition{Term: v.T("surveillance.place.people", "year", str(y.Year)), Text: v.Number(y.People) + " · " + y.Source})
		}
	}
	return out
}

func (v placeView) placeNames(codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, v.name(c)+" ("+c+")")
	}
	return strings.Join(out, ", ")
}
