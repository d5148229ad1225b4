package web

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/surveillance"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

const regionPath = "/surveillance/region"

// regionView is one disease in every state: this node's counts, and those of
// the others as far as they released them.
type regionView struct {
	words
	Head    parts.PageHead
	P       surveillance.RegionPage
	ByRate  bool
	Ground  *mapview.Ground
	Query   url.Values
	Map     templ.Component
	Grid    templ.Component
	Table   parts.Table
	Earlier string
	Later   string
}

// regionAsk reads the address; on names a day in the shown period, since the
// numbers of periods mean nothing outside a dataset.
func regionAsk(q url.Values) surveillance.RegionAsk {
	ask := surveillance.RegionAsk{Then: q.Get("then") == "1"}
	if part := strings.SplitN(q.Get("of"), "|", 3); len(part) == 3 {
		ask.Subject = surveillance.Subject{Disease: part[0], Measure: surveillance.Measure(part[1]), Resolution: surveillance.Resolution(part[2])}
	}
	if t, err := time.Parse(time.DateOnly, q.Get("on")); err == nil {
		ask.On = t
	}
	return ask
}

func subjectValue(s surveillance.Subject) string {
	return s.Disease + "|" + string(s.Measure) + "|" + string(s.Resolution)
}

func (g *Pages) region(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.regionView(r)
	if err != nil {
		return err
	}
	if v.P.Disease != "" {
		v.Map, v.Grid, v.Table = v.mapOf().Figure(r.Printer), v.grid().Figure(r.Printer), v.table()
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Map: true, Topics: []string{"desk", "released"}}, regionPage(v))
}

func (g *Pages) regionView(r *shell.Request) (regionView, error) {
	v := regionView{words: words{r.Printer}, Query: r.URL.Query()}
	ask := regionAsk(v.Query)
	var err error
	if n := v.Query.Get("at"); n != "" && ask.On.IsZero() {
		ask.On, err = g.dayOf(r, ask, n)
		if err != nil {
			return v, err
		}
	}
	if v.P, err = g.desk.Region(r.Context(), r.Actor, ask); err != nil {
		return v, err
	}
	if v.Ground, err = g.ground(r.Context(), r.Actor); err != nil {
		return v, err
	}
	v.ByRate = v.Query.Get("rate") == "1" && v.P.People != nil
	v.Head = parts.PageHead{Title: v.T("surveillance.region.title"), Lede: v.T("surveillance.region.lede"), Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}}}
	if v.P.Disease != "" {
		v.Head.Title = v.T("surveillance.region.of", "disease", v.diseaseName(v.P.Disease))
		v.Head.Note = v.T("surveillance.measure."+string(v.P.Measure)) + " · " + v.period()
		if v.P.At > v.P.First {
			v.Earlier = v.link("on", v.day(v.P.At-1))
		}
		if v.P.At < v.P.Last {
			v.Later = v.link("on", v.day(v.P.At+1))
		}
	}
	return v, nil
}

// dayOf turns the number that the slider sends into a day.
func (g *Pages) dayOf(r *shell.Request, ask surveillance.RegionAsk, n string) (time.Time, error) {
	p, err := g.desk.Region(r.Context(), r.Actor, ask)
	if err != nil {
		return time.Time{}, err
	}
	at, ok := number32(n)
	if !ok {
		return time.Time{}, nil
	}
	return p.Calendar.Start(min(max(at, p.First), p.Last)), nil
}

func (v regionView) day(p int32) string { return v.P.Calendar.Start(p).Format(time.DateOnly) }

func (v regionView) link(name, value string) string {
	q := url.Values{}
	for k, s := range v.Query {
		if k != "at" && k != "on" {
			q[k] = s
		}
	}
	q.Set(name, value)
	return regionPath + "?" + q.Encode()
}

func (v regionView) period() string {
	return v.T("surveillance.period", "name", v.P.Calendar.Label(v.P.At), "from", v.Day(v.P.Calendar.Start(v.P.At)), "to", v.Day(v.P.Calendar.End(v.P.At)))
}

func (v regionView) subjects() []parts.Option {
	var out []parts.Option
	for _, s := range v.P.Subjects {
		out = append(out, parts.Option{Value: subjectValue(s), Chosen: s == v.P.Subject,
			Text: v.diseaseName(s.Disease) + ", " + v.T("surveillance.measure."+string(s.Measure)) + ", " + v.T("surveillance.resolution."+string(s.Resolution))})
	}
	return out
}

// value is the count, or the rate, of the shown period; ok is false where there
// is none.
func (v regionView) value(c *surveillance.RegionCell) (x float64, ok bool) {
	n := c.Count(c.At)
	switch {
	case c.Why != "" || n < 0:
		return 0, false
	case !v.ByRate:
		return float64(n), true
	case c.People == 0:
		return 0, false
	}
	return float64(n) * 100_000 / float64(c.People), true
}

// said is the value in words, or why there is none.
func (v regionView) said(c *surveillance.RegionCell) string {
	if c.Why != "" {
		return v.T("surveillance.why." + string(c.Why))
	}
	switch n := c.Count(c.At); {
	case n == surveillance.Withheld:
		return v.T("map.withheld")
	case n < 0:
		return v.T("map.noreport")
	}
	x, ok := v.value(c)
	if !ok {
		return v.T("surveillance.why.no_people")
	}
	if v.ByRate {
		return v.Decimal(x, 1)
	}
	return v.Number(int64(x))
}

func (v regionView) mapOf() mapview.Map {
	m := mapview.Map{ID: "region-map", Title: v.T("surveillance.map_of.title", "disease", v.diseaseName(v.P.Disease)), Desc: v.period(), Value: v.T("surveillance.measure." + string(v.P.Measure)), Note: v.mapNote(), Ground: v.Ground, Hatched: v.T("surveillance.region.hatched")}
	most := 0.0
	for i := range v.P.Cells {
		if x, ok := v.value(&v.P.Cells[i]); ok {
			most = math.Max(most, x)
		}
	}
	for i := range v.P.Cells {
		c := &v.P.Cells[i]
		a := mapview.Area{Code: c.State.Code, Class: mapview.NoReport, Value: v.said(c)}
		if x, ok := v.value(c); ok {
			a.Class = mapview.Ramp(x, [4]float64{most * .2, most * .4, most * .6, most * .8})
		} else if c.Why == "" && c.Count(c.At) == surveillance.Withheld {
			a.Class = mapview.Withheld
		}
		m.Areas = append(m.Areas, a)
	}
	if most > 0 {
		m.Low, m.High = "0", v.Number(int64(most))
		if v.ByRate {
			m.High = v.Decimal(most, 1)
		}
	}
	return m
}

func (v regionView) mapNote() string {
	if !v.ByRate {
		return v.T("surveillance.map_of.count", "period", v.period()) + " " + v.T("surveillance.region.sources")
	}
	first, last := 0, 0
	for _, c := range v.P.Cells {
		if c.Year > 0 && (first == 0 || c.Year < first) {
			first = c.Year
		}
		last = max(last, c.Year)
	}
	return v.T("surveillance.map_of.rate", "period", v.period(), "source", v.P.People.Source, "from", str(first), "to", str(last)) + " " + v.T("surveillance.region.sources")
}

// grid is one cell for each state, all over the same year up to the shown
// period, each with its own scale, which it says.
func (v regionView) grid() chart.Grid {
	g := chart.Grid{ID: "region", Title: v.T("surveillance.region.grid"), Member: v.T("surveillance.table.place"), Latest: v.P.Calendar.Label(v.P.At), Note: v.T("surveillance.region.grid.note")}
	reported, sum := 0, int64(0)
	for i := range v.P.Cells {
		c := &v.P.Cells[i]
		m := chart.Multiple{Plate: parts.Plate{Code: c.State.Code, Title: c.State.In(v.Lang())}, Value: v.said(c)}
		switch {
		case c.Why != "":
			m.NoData, m.Value, m.Plate.State = v.said(c), "", parts.Missing
		default:
			m.Line, m.Low, m.High = band(c.Count, c.At, v.P.Resolution)
			m.Scale = v.T("surveillance.region.scale", "most", v.Number(int64(m.Most())))
		}
		if c.Own {
			m.Plate.State = parts.Lead
			if c.Why == "" {
				m.More = parts.Link{Text: v.T("surveillance.region.open"), Href: diseasePath(c.Dataset, v.P.Disease) + "?in=" + c.State.Code}
			}
		} else if c.Share != "" || c.Units != "" {
			m.More = parts.Link{Text: v.T("surveillance.region.open"), Href: releasedPath(pickID(c.Units, c.Share))}
		}
		if n := c.Count(c.At); c.Why == "" && n >= 0 {
			reported++
			sum += int64(n)
		}
		g.Cells = append(g.Cells, m)
	}
	g.Total = v.T("surveillance.region.total.none", "period", v.P.Calendar.Label(v.P.At))
	if reported > 0 {
		g.Total = v.T("surveillance.region.total.some", "n", v.Number(sum), "measure", v.T("surveillance.measure."+string(v.P.Measure)), "period", v.P.Calendar.Label(v.P.At), "of", reported, "all", len(v.P.Cells))
	}
	return g
}

// years is how many periods a year has.
var years = map[surveillance.Resolution]int32{surveillance.Weekly: 52, surveillance.Monthly: 12, surveillance.Daily: 365, surveillance.Yearly: 10}

// band is the year up to a period, NaN where there is no count, and the lowest
// and highest of the same periods in the five years before.
func band(count func(int32) int32, at int32, res surveillance.Resolution) (line, low, high []float64) {
	year, some := years[res], false
	for p := at - year + 1; p <= at; p++ {
		x := math.NaN()
		if n := count(p); n >= 0 {
			x = float64(n)
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		for k := int32(1); k <= 5; k++ {
			if b := count(p - k*year); b >= 0 {
				lo, hi = math.Min(lo, float64(b)), math.Max(hi, float64(b))
			}
		}
		if math.IsInf(lo, 1) {
			lo, hi = 0, 0
		} else {
			some = true
		}
		line, low, high = append(line, x), append(low, lo), append(high, hi)
	}
	if !some {
		return line, nil, nil
	}
	return line, low, high
}

func (v regionView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.region.table"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")}, {Text: v.T("surveillance.measure." + string(v.P.Measure)), Number: true},
		{Text: v.T("surveillance.field.source")}, {Text: v.T("surveillance.field.known")}, {Text: v.T("surveillance.share.rule")}}}
	if v.P.People != nil {
		t.Columns = append(t.Columns, parts.Column{Text: v.T("surveillance.table.people"), Number: true})
	}
	for i := range v.P.Cells {
		c := &v.P.Cells[i]
		row := []parts.Cell{{Text: c.State.In(v.Lang()), Href: placePath(c.State.Code), Note: c.State.Code}, {Text: v.said(c)}}
		if c.Why != "" {
			row = append(row, parts.Cell{}, parts.Cell{}, parts.Cell{})
		} else {
			if c.Incomplete(c.At) {
				row[1].Note = v.T("surveillance.partial")
			}
			source := parts.Cell{Text: c.Source, Note: v.calendar(c.Calendar) + ", " + c.Calendar.Label(c.At)}
			if c.Row.SumOf > 0 {
				source.Note += "; " + v.T("surveillance.share.sum", "n", c.Row.SumOf)
			}
			known := parts.Cell{At: c.KnownAt}
			if !c.Own {
				known.Note = v.T("surveillance.region.received", "at", v.Stamp(c.Received))
			}
			rule := v.T("surveillance.region.own")
			if !c.Own {
				rule = v.floor(c.Floor)
			}
			row = append(row, source, known, parts.Cell{Text: rule})
		}
		if v.P.People != nil {
			people := parts.Cell{Text: "–"}
			if c.People > 0 {
				people = parts.Cell{Text: v.Number(c.People), Note: str(c.Year)}
			}
			row = append(row, people)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
