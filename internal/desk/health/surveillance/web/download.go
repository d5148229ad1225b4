package web

import (
	"net/http"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
)

func (v diseaseView) download(format, what string) string {
	q := v.link("format", format)[len(v.Path):]
	return v.Path + "/table" + q + "&what=" + what
}

// hxl are the hashtags of HXL 1.1 (hxlstandard.org) for the columns of table.
var hxl = []string{"#country+code+v_iso2", "#adm1+code", "#adm1+name", "#date+period", "#date+start", "#date+end", "#affected+infected", "#indicator+rate", "#population", "#date+population+year", "#meta+status"}

// table is a download: the rows of the page, or every period of every place.
func (g *Pages) table(w http.ResponseWriter, r *shell.Request) error {
	ask, err := askOf(r)
	if err != nil {
		return err
	}
	p, err := g.desk.Disease(r.Context(), r.Actor, ask)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	format := sheet.CSV
	if q.Get("format") == "xlsx" {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+p.Disease+"-"+p.Set.Label(p.At)+"."+string(format)+`"`)
	t, err := sheet.Create(w, format, p.Disease)
	if err != nil {
		return err
	}
	// Headings are of the file format, the same in every language, so that the
	// file can be brought in again.
	if err := t.Head("country", "place_code", "place", "period", "period_start", "period_end", "count", "rate_100000", "population", "population_year", "class"); err != nil {
		return err
	}
	if q.Get("format") == "hxl" {
		if err := t.Head(hxl...); err != nil {
			return err
		}
	}
	for _, row := range p.Rows {
		if err := tableRows(t, p, row, q.Get("what") == "all"); err != nil {
			return err
		}
	}
	return t.Close()
}

func tableRows(t *sheet.Writer, p surveillance.DiseasePage, r surveillance.PlaceRow, all bool) error {
	write := func(from, to int32, label string, count int64, reported bool) error {
		var n, rate, people, year any
		if reported {
			n = count
		}
		if r.People > 0 {
			people, year = r.People, r.Year
			if reported {
				rate = float64(count) * 100_000 / float64(r.People)
			}
		}
		class := ""
		for i, c := range r.Used {
			if i > 0 {
				class += " "
			}
			class += string(c)
		}
		return t.Row(place.Member(r.Place.Code), r.Place.Code, r.Place.Name, label, sheet.Day(p.Set.Start(from)), sheet.Day(p.Set.End(to)), n, rate, people, year, class)
	}
	if !all {
		label := p.Set.Label(p.At)
		if p.Span > 1 {
			label = p.Set.Label(p.At-int32(p.Span)+1) + "/" + label
		}
		return write(p.At-int32(p.Span)+1, p.At, label, r.Count, r.Reported > 0)
	}
	for i, n := range r.Series.Values {
		q := r.Series.First + int32(i)
		if n < 0 {
			continue // no row says no report; a row with 0 says none
		}
		if err := write(q, q, p.Set.Label(q), int64(n), true); err != nil {
			return err
		}
	}
	return nil
}
