package web

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// compareView is one disease at several places side by side.
type compareView struct {
	words
	Head   parts.PageHead
	P      surveillance.Comparison
	Path   string
	Query  url.Values
	Chosen []string
	ByRate bool
	Bars   int32
}

func comparePath(s id.ID, disease string) string { return diseasePath(s, disease) + "/compare" }

func pickID(a, b id.ID) id.ID {
	if a != "" {
		return a
	}
	return b
}

func number32(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

func (g *Pages) compare(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.compareView(r)
	if err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Marking: string(v.P.Set.Marking), Topics: []string{"dataset:" + string(v.P.Set.ID), "released"}}, comparePage(v))
}

func (g *Pages) compareView(r *shell.Request) (compareView, error) {
	v := compareView{words: words{r.Printer}, Query: r.URL.Query()}
	sid, err := r.PathID("id")
	if err != nil {
		return v, err
	}
	disease := r.PathValue("disease")
	v.Path = comparePath(sid, disease)
	for _, c := range v.Query["p"] {
		if c != "" && !slices.Contains(v.Chosen, c) {
			v.Chosen = append(v.Chosen, c)
		}
	}
	if v.P, err = g.desk.Compare(r.Context(), r.Actor, sid, disease, v.Chosen); err != nil {
		return v, err
	}
	if len(v.Chosen) == 0 { // something to begin with
		if v.Chosen, err = g.compareFirst(r, v.P); err != nil {
			return v, err
		}
		if v.P, err = g.desk.Compare(r.Context(), r.Actor, sid, disease, v.Chosen); err != nil {
			return v, err
		}
	}
	v.ByRate = v.Query.Get("rate") == "1" && v.P.People != nil
	v.Bars = map[surveillance.Resolution]int32{surveillance.Weekly: 104, surveillance.Monthly: 60, surveillance.Daily: 120, surveillance.Yearly: 30}[v.P.Set.Resolution]
	v.Head = parts.PageHead{Title: v.T("surveillance.compare.title", "disease", v.diseaseName(disease)), Lede: v.T("surveillance.compare.lede", "max", surveillance.MaxCompared),
		Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.P.Set.Title, Href: datasetPath(v.P.Set.ID)}, {Text: v.diseaseName(disease), Href: diseasePath(sid, disease)}}}
	return v, nil
}

// compareFirst are the places with the most counts in the last year: of the
// first thirty that may be chosen, states before what lies in them.
func (g *Pages) compareFirst(r *shell.Request, p surveillance.Comparison) ([]string, error) {
	const most, rounds = 3, 5
	choices := slices.Clone(p.Choices)
	slices.SortStableFunc(choices, func(a, b place.Place) int { return cmp.Compare(a.Level, b.Level) })
	type found struct {
		code string
		sum  int64
	}
	var all []found
	year := spans[p.Set.Resolution]
	for round := 0; round < rounds && len(choices) > 0; round++ {
		n := min(surveillance.MaxCompared, len(choices))
		var codes []string
		for _, c := range choices[:n] {
			codes = append(codes, c.Code)
		}
		choices = choices[n:]
		q, err := g.desk.Compare(r.Context(), r.Actor, p.Set.ID, p.Disease, codes)
		if err != nil {
			return nil, err
		}
		for i := range q.Places {
			if sum, told := tally(q.Places[i].Row.Values, year[len(year)-1]); told > 0 {
				all = append(all, found{q.Places[i].Place.Code, sum})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.sum, a.sum) })
	var out []string
	for _, x := range all[:min(most, len(all))] {
		out = append(out, x.code)
	}
	if len(out) == 0 {
		out = append(out, p.Choices[0].Code)
	}
	return out, nil
}

// tally adds the newest n counts that are told.
func tally(values []int32, n int) (total int64, told int) {
	for _, x := range values[max(len(values)-n, 0):] {
		if x >= 0 {
			total += int64(x)
			told++
		}
	}
	return total, told
}

// slots are as many lists as may be chosen from, the chosen ones first.
func (v compareView) slots() []parts.Select {
	var out []parts.Select
	for i := range surveillance.MaxCompared {
		s := parts.Select{Field: parts.Field{Name: "p", Label: v.T("surveillance.compare.place", "n", i+1)}}
		for _, c := range v.P.Choices {
			s.Options = append(s.Options, parts.Option{Value: c.Code, Text: placeOption(v.words, c), Group: v.group(c), Chosen: i < len(v.Chosen) && v.Chosen[i] == c.Code})
		}
		out = append(out, s)
	}
	return out
}

func placeOption(w words, p place.Place) string { return p.In(w.Lang()) + " (" + p.Code + ")" }

func (v compareView) group(p place.Place) string {
	if p.Level == place.State {
		return v.T("surveillance.places.states")
	}
	return v.name(place.Member(p.Code))
}

func (v compareView) value(c *surveillance.Compared, n int32) float64 {
	switch {
	case n < 0 || v.ByRate && c.People == 0:
		return math.NaN()
	case v.ByRate:
		return float64(n) * 100_000 / float64(c.People)
	}
	return float64(n)
}

// lines are the curves over the newest periods.
func (v compareView) lines() chart.Lines {
	set := v.P.Set
	from := max(v.P.Last-v.Bars+1, v.P.First)
	l := chart.Lines{ID: "compare", Title: v.Head.Title, Desc: v.note(), Unit: v.T("surveillance.resolution." + string(set.Resolution)), Gap: v.T("map.noreport"), Partial: v.T("surveillance.partial"), Tail: set.Late}
	if v.ByRate {
		l.Digits = 1
	}
	for p := from; p <= v.P.Last; p++ {
		tick := ""
		if y, n := set.InYear(p); n == 1 {
			tick = str(y)
		}
		l.Labels, l.Ticks = append(l.Labels, set.Label(p)), append(l.Ticks, tick)
	}
	for i := range v.P.Places {
		c := &v.P.Places[i]
		curve := chart.Curve{Name: c.Place.In(v.Lang()), Short: c.Place.Code, Said: map[int]string{}}
		for k := range l.Labels {
			n := int32(surveillance.NoReport)
			if at := int(from-v.P.First) + k; at < len(c.Row.Values) {
				n = c.Row.Values[at]
			}
			if n == surveillance.Withheld {
				curve.Said[k] = v.T("map.withheld")
			}
			curve.Values = append(curve.Values, v.value(c, n))
		}
		l.Curves = append(l.Curves, curve)
	}
	return l
}

func (v compareView) note() string {
	if v.ByRate {
		return v.T("surveillance.compare.rate", "source", v.P.People.Source)
	}
	return v.T("surveillance.compare.count")
}

// table sums each place over the last four, twelve and 52 periods.
func (v compareView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.compare.table"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")}}}
	sums := spans[v.P.Set.Resolution]
	for _, n := range sums {
		head := v.P.Set.Label(v.P.Last)
		if n > 1 {
			head = v.T("surveillance.compare.sum", "span", v.spanOf(v.P.Set.Resolution, n))
		}
		t.Columns = append(t.Columns, parts.Column{Text: head, Number: true})
	}
	t.Columns = append(t.Columns, parts.Column{Text: v.T("surveillance.table.people"), Number: true}, parts.Column{Text: v.T("surveillance.field.source")}, parts.Column{Text: v.T("surveillance.field.known")})
	for i := range v.P.Places {
		c := &v.P.Places[i]
		row := []parts.Cell{{Text: c.Place.In(v.Lang()), Href: placePath(c.Place.Code), Note: c.Place.Code}}
		for _, n := range sums {
			row = append(row, v.sum(c, n))
		}
		people := parts.Cell{Text: "–"}
		if c.People > 0 {
			people = parts.Cell{Text: v.Number(c.People), Note: str(c.Year)}
		}
		source, known := parts.Cell{Text: v.T("map.noreport")}, parts.Cell{Text: "–"}
		if c.Owner != "" {
			source, known = parts.Cell{Text: c.Source, Note: v.calendar(c.Calendar)}, parts.Cell{At: c.KnownAt}
		}
		t.Rows = append(t.Rows, append(row, people, source, known))
	}
	return t
}

// sum adds the newest n periods of a place, and says how many of them have a
// count that is told.
func (v compareView) sum(c *surveillance.Compared, n int) parts.Cell {
	total, told := tally(c.Row.Values, n)
	if told == 0 {
		return parts.Cell{Text: v.T("map.noreport")}
	}
	cell := parts.Cell{Text: v.Number(total)}
	if n > 1 {
		cell.Note = v.T("surveillance.table.of", "n", told, "of", n)
	}
	if v.ByRate {
		if cell.Text = "–"; c.People > 0 {
			cell.Text = v.Decimal(float64(total)*100_000/float64(c.People), 1)
		}
	}
	return cell
}
