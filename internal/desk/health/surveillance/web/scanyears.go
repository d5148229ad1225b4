package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// yearsView is the whole history of one series, year by year.
type yearsView struct {
	words
	Head parts.PageHead
	P    surveillance.YearsPage
	Path string
}

func yearsPath(set surveillance.DatasetView, disease, place string) string {
	return diseasePath(set.ID, disease) + "/years?place=" + url.QueryEscape(place)
}

func (g *Pages) yearsOf(r *shell.Request) (surveillance.YearsPage, error) {
	sid, err := r.PathID("id")
	if err != nil {
		return surveillance.YearsPage{}, err
	}
	place := r.URL.Query().Get("place")
	if place == "" {
		return surveillance.YearsPage{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return g.desk.Years(r.Context(), r.Actor, sid, r.PathValue("disease"), place)
}

func (g *Pages) years(w http.ResponseWriter, r *shell.Request) error {
	v := yearsView{words: words{r.Printer}}
	var err error
	if v.P, err = g.yearsOf(r); err != nil {
		return err
	}
	v.Path = yearsPath(v.P.Set, v.P.Disease, v.P.Place)
	m := v.P.Method
	v.Head = parts.PageHead{Title: v.T("surveillance.years.title", "disease", v.diseaseName(v.P.Disease), "place", v.placeName(v.P.Place)), Lede: v.T("surveillance.years.lede"),
		Note:    v.T("surveillance.years.note", "method", v.methodName(m.Settings.Algorithm, surveillance.MethodRef{ID: m.ID, Disease: m.Disease, Number: m.Number}), "source", v.P.Set.Source, "rev", v.P.Rev, "classes", v.classes(v.P.Used)),
		Crumbs:  v.scanCrumbs(parts.Link{Text: v.P.Set.Title, Href: datasetPath(v.P.Set.ID)}, parts.Link{Text: v.diseaseName(v.P.Disease), Href: diseasePath(v.P.Set.ID, v.P.Disease)}),
		Actions: []parts.Button{{Text: v.T("surveillance.print"), Icon: "printer", Print: true}}}
	return r.Show(w, shell.Page{Title: v.Head.Title, Marking: string(v.P.Set.Marking), Topics: []string{"dataset:" + string(v.P.Set.ID)}}, yearsPageOf(v))
}

func (v yearsView) table() parts.Table {
	t := parts.Table{Caption: v.Head.Title, RowHead: true, Columns: []parts.Column{{Text: v.T("surveillance.years.year")}, {Text: v.T("surveillance.years.strip")}, {Text: v.T("surveillance.measure." + string(v.P.Set.Measure)), Number: true},
		{Text: v.T("surveillance.years.reported"), Number: true}, {Text: v.T("surveillance.scan.judged"), Number: true}, {Text: v.T("surveillance.above"), Number: true}, {Text: v.T("surveillance.years.first")}}}
	known := slices.ContainsFunc(v.P.Rows, func(r surveillance.YearRow) bool { return r.Known != nil })
	if known {
		t.Columns = append(t.Columns, parts.Column{Text: v.T("surveillance.years.known")})
	}
	for _, r := range v.P.Rows {
		first := "–"
		if r.Above > 0 {
			first = v.P.Set.Label(r.First)
		}
		row := []parts.Cell{{Text: str(r.Year)}, {Body: v.strip(r)}, {Text: v.Number(r.Cases)}, {Text: str(r.Reported)}, {Text: str(r.Judged)}, {Text: str(r.Above)}, {Text: first}}
		if known {
			c := parts.Cell{Text: "–"}
			if r.Known != nil {
				c = parts.Cell{Text: r.Known.Words, Note: r.Known.Source}
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// strip draws the periods of a year: filled above the threshold, pale below,
// hatched lines where there is no decision, a gap where nobody reported. The
// row says the same in numbers.
func (v yearsView) strip(r surveillance.YearRow) *svg.Drawing {
	const w, h = 4.0, 14.0
	most := 53
	switch v.P.Set.Resolution {
	case surveillance.Monthly:
		most = 12
	case surveillance.Daily:
		most = 366
	}
	d := &svg.Drawing{}
	d.Open("svg", "class", "years", "viewBox", "0 0 "+svg.Num(float64(most)*w)+" "+svg.Num(h), "aria-hidden", "true", "focusable", "false")
	for _, p := range r.Periods {
		_, n := v.P.Set.InYear(p.Period)
		class := "quiet"
		switch {
		case !p.Observed.Defined():
			continue
		case p.Above:
			class = "above"
		case !p.Expected.Defined():
			class = "blank"
		}
		d.El("rect", "class", class, "x", svg.Num(float64(n-1)*w+.4), "width", svg.Num(w-.8), "height", svg.Num(h))
	}
	d.Close("svg")
	return d
}

// yearsTable downloads every period with what was expected.
func (g *Pages) yearsTable(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.yearsOf(r)
	if err != nil {
		return err
	}
	t, err := openSheet(w, r, p.Disease+"-"+p.Place+"-years")
	if err != nil {
		return err
	}
	if err := t.Head("period", "period_start", "period_end", "observed", "expected", "threshold", "score", "p_value", "above", "why"); err != nil {
		return err
	}
	for _, row := range slices.Backward(p.Rows) {
		for _, q := range row.Periods {
			if err := t.Row(p.Set.Label(q.Period), sheet.Day(p.Set.Start(q.Period)), sheet.Day(p.Set.End(q.Period)), defined(q.Observed), defined(q.Expected), defined(q.Threshold), defined(q.Score), defined(q.P), q.Above, q.Why); err != nil {
				return err
			}
		}
	}
	return t.Close()
}
