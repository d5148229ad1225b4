package web

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

// diseaseView is the counts of one disease by place.
type diseaseView struct {
	words
	Head    parts.PageHead
	P       surveillance.DiseasePage
	ByRate  bool
	Ground  *mapview.Ground
	Query   url.Values
	Path    string
	Marks   []Marks
	Epi     templ.Component
	Map     templ.Component
	Grid    templ.Component
	Table   parts.Table
	Earlier string
	Later   string
}

// spans that may be added up, by resolution.
var spans = map[surveillance.Resolution][]int{surveillance.Weekly: {1, 4, 12, 52}, surveillance.Monthly: {1, 3, 12}, surveillance.Daily: {1, 7, 28}, surveillance.Yearly: {1}}

func askOf(r *shell.Request) (surveillance.DiseaseAsk, error) {
	q := r.URL.Query()
	sid, err := r.PathID("id")
	ask := surveillance.DiseaseAsk{Dataset: sid, Disease: r.PathValue("disease"), Class: surveillance.Class(q.Get("class")), In: q.Get("in"), Of: q.Get("of"), Then: q.Get("then") == "1"}
	if n, perr := strconv.ParseInt(q.Get("at"), 10, 32); perr == nil {
		ask.At, ask.HasAt = int32(n), true
	}
	if ask.Span, _ = strconv.Atoi(q.Get("span")); ask.Span < 1 {
		ask.Span = 1 // also what is no number
	}
	if ask.In != "" && !slices.ContainsFunc(place.States(), func(p place.Place) bool { return p.Code == ask.In }) {
		return ask, fault.New(fault.NotFound, "fault.not_found")
	}
	return ask, err
}

func (g *Pages) disease(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.diseaseView(r)
	if err != nil {
		return err
	}
	v.Epi, v.Map, v.Table = v.epi().Figure(r.Printer), v.mapOf().Figure(r.Printer), v.table()
	if v.P.In == "" {
		v.Grid = v.grid().Figure(r.Printer)
	}
	if v.P.At > v.P.Set.Front.First {
		v.Earlier = v.link("at", str(int(v.P.At-1)))
	}
	if v.P.At < v.P.Set.Front.Last {
		v.Later = v.link("at", str(int(v.P.At+1)))
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Map: true, Marking: string(v.P.Set.Marking), Topics: []string{"dataset:" + string(v.P.Set.ID)}}, diseasePage(v))
}

// diseaseView reads what the page and its files show.
func (g *Pages) diseaseView(r *shell.Request) (diseaseView, error) {
	v := diseaseView{words: words{r.Printer}, Query: r.URL.Query(), ByRate: r.URL.Query().Get("rate") == "1"}
	ask, err := askOf(r)
	if err != nil {
		return v, err
	}
	v.Path = diseasePath(ask.Dataset, ask.Disease)
	if v.P, err = g.desk.Disease(r.Context(), r.Actor, ask); err != nil {
		return v, err
	}
	v.ByRate = v.ByRate && v.P.People != nil
	if v.Ground, err = g.ground(r.Context(), r.Actor); err != nil {
		return v, err
	}
	v.Head = parts.PageHead{Title: v.diseaseName(ask.Disease), Lede: v.lede(), Note: v.source(),
		Crumbs:  []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.P.Set.Title, Href: datasetPath(v.P.Set.ID)}},
		Actions: []parts.Button{{Text: v.T("surveillance.compare.open"), Icon: "list", Href: v.compareLink()}}}
	return v, g.marks(r, &v)
}

// marks asks the layers about exactly the figures that are shown.
func (g *Pages) marks(r *shell.Request, v *diseaseView) error {
	from, to := v.window()
	of := CurveOf{Dataset: v.P.Set.Number, Rev: v.P.State.Rev, Disease: v.P.Disease, Class: v.P.Class, Place: v.P.CurveOf, From: from, To: to,
		Calendar: v.P.Set.Calendar, Printer: r.Printer, Figure: v.figure}
	for _, l := range g.deps.Layers {
		m, err := l.Curve(r.Context(), r.Actor, of)
		if err != nil {
			return err
		}
		v.Marks = append(v.Marks, m)
	}
	return nil
}

// link is this page with one value changed; an empty one is left out.
func (v diseaseView) link(name, value string) string {
	q := url.Values{}
	for k, s := range v.Query {
		q[k] = s
	}
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	return v.Path + "?" + q.Encode()
}

func (v diseaseView) label() string { return v.P.Set.Label(v.P.At) }

// period is "2024-W05 (28 Jan 2024 – 3 Feb 2024)", over the whole span.
func (v diseaseView) period() string {
	from := v.P.At - int32(v.P.Span) + 1
	name := v.P.Set.Label(v.P.At)
	if v.P.Span > 1 {
		name = v.P.Set.Label(from) + " – " + name
	}
	return v.T("surveillance.period", "name", name, "from", v.Day(v.P.Set.Start(from)), "to", v.Day(v.P.Set.End(v.P.At)))
}

func (v diseaseView) lede() string {
	in := v.T("surveillance.in.region")
	if v.P.In != "" {
		in = v.name(v.P.In)
	}
	return v.T("surveillance.disease.lede", "measure", v.T("surveillance.measure."+string(v.P.Set.Measure)), "class", v.class(v.P.Class), "in", in, "period", v.period())
}

// source says what the figures are and as of when they were known: it stands
// under every figure.
func (v diseaseView) source() string {
	if v.P.State.Rev == 0 {
		return v.T("surveillance.known.nothing")
	}
	return v.T("surveillance.source", "source", v.P.Set.Source, "calendar", v.calendar(v.P.Set.Calendar), "rev", v.P.State.Rev, "known", v.Stamp(v.P.State.KnownAt))
}

// bars is how many periods the curve shows.
func (v diseaseView) bars() int32 {
	switch v.P.Set.Resolution {
	case surveillance.Monthly:
		return 60
	case surveillance.Yearly:
		return 30
	}
	return 104
}

func (v diseaseView) window() (from, to int32) {
	return max(v.P.At-v.bars()+1, v.P.Set.Front.First), v.P.At
}

func (v diseaseView) epi() chart.Epi {
	e := chart.Epi{ID: "epi", Title: v.curveTitle(v.P.Set.Resolution, v.P.Disease), Desc: v.curveOf(), Unit: v.T("surveillance.resolution." + string(v.P.Set.Resolution)),
		Series: []string{v.T("surveillance.measure." + string(v.P.Set.Measure))}}
	from, to := v.window()
	late := v.P.Set.Front.Last - int32(v.P.Set.Late)
	for _, m := range v.Marks {
		if m.Limit != "" {
			e.Limit, e.Expect, e.Alarm = m.Limit, m.Expect, m.Alarm
		}
	}
	for p := from; p <= to; p++ {
		b := chart.Bar{Label: v.P.Set.Label(p), Partial: p > late && v.P.Set.Late > 0}
		if y, n := v.P.Set.InYear(p); n == 1 {
			b.Tick = strconv.Itoa(y)
		}
		if n := v.P.Curve.At(p); n >= 0 {
			b.Values = []float64{float64(n)}
		} else {
			b.Missing = true
		}
		for _, m := range v.Marks {
			if x, ok := m.Values[p]; ok {
				b.Limit = x
			}
			if x, ok := m.Expected[p]; ok {
				b.Expect = x
			}
			b.Alarm = b.Alarm || m.Alarms[p]
		}
		if b.Partial {
			e.Partial = v.T("surveillance.partial")
		}
		e.Bars = append(e.Bars, b)
	}
	return e
}

// curveOf says whose the curve is, and that a sum may be of fewer places.
func (v diseaseView) curveOf() string {
	if v.P.CurveOf != "" {
		return v.T("surveillance.curve.of", "place", v.name(v.P.CurveOf), "classes", v.classes(v.P.Used))
	}
	n := 0
	if i := int(v.P.At - v.P.Curve.First); i >= 0 && i < len(v.P.Reported) {
		n = v.P.Reported[i]
	}
	return v.T("surveillance.curve.sum", "n", n, "of", len(v.P.Rows), "classes", v.classes(v.P.Used))
}

func (v diseaseView) mapOf() mapview.Map {
	m := mapview.Map{ID: "map", Title: v.T("surveillance.map_of.title", "disease", v.diseaseName(v.P.Disease)), Desc: v.lede(), Value: v.T("surveillance.measure." + string(v.P.Set.Measure)), Note: v.mapNote(), Ground: v.Ground}
	if v.P.In != "" {
		m.Zoom = []string{v.P.In}
	}
	most := 0.0
	for _, r := range v.P.Rows {
		most = math.Max(most, v.value(r))
	}
	for _, r := range v.P.Rows {
		a := mapview.Area{Code: r.Place.Code, Class: mapview.NoReport}
		if r.Reported > 0 && !(v.ByRate && r.People == 0) {
			a.Value = v.valueText(r)
			a.Class = mapview.Ramp(v.value(r), [4]float64{most * .2, most * .4, most * .6, most * .8})
		}
		m.Areas = append(m.Areas, a)
	}
	if most > 0 {
		m.Low, m.High = "0", v.number(most)
	}
	return m
}

func (v diseaseView) value(r surveillance.PlaceRow) float64 {
	if v.ByRate {
		return r.Rate
	}
	return float64(r.Count)
}

func (v diseaseView) number(x float64) string {
	if v.ByRate {
		return v.Decimal(x, 1)
	}
	return v.Number(int64(x))
}

func (v diseaseView) valueText(r surveillance.PlaceRow) string { return v.number(v.value(r)) }

// mapNote says what the shades mean: the count or the rate with the source and
// date of its denominator, and the dates of the counts.
func (v diseaseView) mapNote() string {
	if !v.ByRate {
		return v.T("surveillance.map_of.count", "period", v.period()) + " " + v.source()
	}
	first, last := 0, 0
	for _, r := range v.P.Rows {
		if r.Year > 0 {
			if first == 0 || r.Year < first {
				first = r.Year
			}
			last = max(last, r.Year)
		}
	}
	return v.T("surveillance.map_of.rate", "period", v.period(), "source", v.P.People.Source, "from", str(first), "to", str(last)) + " " + v.source()
}

func (v diseaseView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.table.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")},
		{Text: v.T("surveillance.measure." + string(v.P.Set.Measure)), Number: true}, {Text: v.T("surveillance.table.reported"), Number: true},
		{Text: v.T("surveillance.table.class")}, {Text: v.T("surveillance.table.last")}, {Text: ""}}}
	if v.P.People != nil {
		t.Columns = slices.Insert(t.Columns, 2, parts.Column{Text: v.T("surveillance.table.rate"), Number: true}, parts.Column{Text: v.T("surveillance.table.people"), Number: true})
	}
	for _, r := range v.P.Rows {
		name := parts.Cell{Text: r.Place.In(v.Lang()), Href: placePath(r.Place.Code), Note: r.Place.Code}
		if !r.Place.Drawn {
			name.Note = v.T("surveillance.table.undrawn", "code", r.Place.Code)
		}
		count, last := v.T("map.noreport"), "–"
		if r.Reported > 0 {
			count = v.Number(r.Count)
		}
		if n := len(r.Series.Values); n > 0 {
			last = v.P.Set.Label(r.Series.First + int32(n) - 1)
		}
		row := []parts.Cell{name, {Text: count}}
		if v.P.People != nil {
			rate, people := "–", parts.Cell{Text: "–"}
			if r.People > 0 {
				people = parts.Cell{Text: v.Number(r.People), Note: str(r.Year)}
				if r.Reported > 0 {
					rate = v.Decimal(r.Rate, 1)
				}
			}
			row = append(row, parts.Cell{Text: rate}, people)
		}
		row = append(row, parts.Cell{Text: v.T("surveillance.table.of", "n", r.Reported, "of", v.P.Span)}, parts.Cell{Text: v.classes(r.Used)},
			parts.Cell{Text: last}, parts.Cell{Body: v.spark(r)})
		t.Rows = append(t.Rows, row)
	}
	return t
}

// spark is the last 26 periods of a row; nothing where none was reported.
func (v diseaseView) spark(r surveillance.PlaceRow) templ.Component {
	var values []float64
	if first := r.Series.First; len(r.Series.Values) == 0 || first > v.P.At || first+int32(len(r.Series.Values)) <= v.P.At-25 {
		return nil
	}
	for p := v.P.At - 25; p <= v.P.At; p++ {
		values = append(values, float64(max(r.Series.At(p), 0)))
	}
	return chart.Spark(values, 0, 0)
}

// grid is the states beside each other: this period's year over the band of
// the years before.
func (v diseaseView) grid() chart.Grid {
	g := chart.Grid{ID: "states", Title: v.T("surveillance.grid.title"), Member: v.T("surveillance.table.place"), Latest: v.label(), Note: v.T("surveillance.grid.note")}
	for _, r := range v.P.Rows {
		m := chart.Multiple{Plate: parts.Plate{Code: r.Place.Code, Title: r.Place.In(v.Lang())}}
		if n := r.Series.At(v.P.At); n >= 0 {
			m.Value = v.Number(int64(n))
		}
		m.Line, m.Low, m.High = band(r.Series.At, v.P.At, v.P.Set.Resolution)
		if r.Series.Reported() == 0 || allMissing(m.Line) {
			m.NoData = v.T("map.noreport")
		} else {
			m.Scale = v.T("surveillance.region.scale", "most", v.Number(int64(m.Most())))
		}
		g.Cells = append(g.Cells, m)
	}
	n := v.P.Curve.At(v.P.At)
	g.Total = v.T("surveillance.grid.total", "n", max(int64(n), 0))
	return g
}

func allMissing(line []float64) bool {
	return !slices.ContainsFunc(line, func(x float64) bool { return !math.IsNaN(x) })
}

// compareLink opens the comparison with the places of the most counts.
func (v diseaseView) compareLink() string {
	rows := slices.Clone(v.P.Rows)
	slices.SortStableFunc(rows, func(a, b surveillance.PlaceRow) int { return cmp.Compare(b.Count, a.Count) })
	q := url.Values{}
	for _, r := range rows[:min(3, len(rows))] {
		if r.Reported > 0 {
			q.Add("p", r.Place.Code)
		}
	}
	return comparePath(v.P.Set.ID, v.P.Disease) + "?" + q.Encode()
}

func (v diseaseView) spanOptions() []parts.Option {
	var out []parts.Option
	for _, n := range spans[v.P.Set.Resolution] {
		out = append(out, parts.Option{Value: str(n), Text: v.spanOf(v.P.Set.Resolution, n), Chosen: n == v.P.Span})
	}
	return out
}

func (v diseaseView) classOptions() []parts.Option {
	var out []parts.Option
	for _, c := range v.P.Classes {
		out = append(out, parts.Option{Value: string(c), Text: v.class(c), Chosen: c == v.P.Class})
	}
	return out
}

// curveOptions are the places with counts, whose curve may be shown.
func (v diseaseView) curveOptions() []parts.Option {
	var out []parts.Option
	for _, r := range v.P.Rows {
		if len(r.Series.Values) > 0 {
			out = append(out, parts.Option{Value: r.Place.Code, Text: r.Place.In(v.Lang()), Chosen: r.Place.Code == v.Query.Get("of")})
		}
	}
	slices.SortFunc(out, func(a, b parts.Option) int { return compareText(a.Text, b.Text) })
	return out
}

func (v diseaseView) stateOptions() []parts.Option {
	var out []parts.Option
	for _, s := range v.P.States {
		out = append(out, parts.Option{Value: s, Text: v.name(s), Chosen: s == v.P.In})
	}
	return out
}
