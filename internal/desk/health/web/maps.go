package web

import (
	"math"
	"slices"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/place"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

// region is the map of the home page: a marker at the first place of every
// open event, and the provinces that events name shaded by the gravest of
// them. Rows come the gravest first or newest first, with the same numbers.
func (w words) region(rows []health.Row) templ.Component {
	m := mapview.Map{ID: "region", Title: w.T("health.map.title"), Desc: w.T("health.map.desc", "n", len(rows)), Note: w.T("health.map.note")}
	rank := map[string]int{}
	for i, e := range rows {
		if len(e.Places) == 0 {
			continue
		}
		grade := parts.Grade(e.Grade)
		m.Markers = append(m.Markers, mapview.Marker{Code: e.Places[0], Number: i + 1, Grade: grade, Href: eventPath(e.ID), Title: e.Name})
		for _, code := range e.Places {
			at, seen := rank[code]
			if !seen {
				rank[code] = len(m.Areas)
				m.Areas = append(m.Areas, mapview.Area{Code: code, Class: mapview.OfGrade(grade), Value: e.Name})
				continue
			}
			m.Areas[at].Value = w.T("health.map.and", "a", m.Areas[at].Value, "b", e.Name)
			if gradeRank(e.Grade) < classRank(m.Areas[at].Class) {
				m.Areas[at].Class = mapview.OfGrade(grade)
			}
		}
	}
	return m.Figure(w.Printer)
}

func gradeRank(g health.Grade) int { return slices.Index(health.Grades, g) }

func classRank(c mapview.Class) int {
	return slices.IndexFunc(health.Grades, func(g health.Grade) bool { return mapview.OfGrade(parts.Grade(g)) == c })
}

// where is the map of one event: its places, by their cases where the places
// have figures, else in the colour of the grade.
func (w words) where(e health.EventView) templ.Component {
	m := mapview.Map{ID: "where-map", Title: w.T("health.where.title"), Desc: w.placesFull(e.Places), Zoom: zoom(e.Places),
		Value: w.T("indicator.cases"), Note: w.T("health.where.note")}
	cases, most := w.byPlace(e)
	for _, code := range e.Places {
		a := mapview.Area{Code: code, Class: mapview.OfGrade(parts.Grade(e.Grade)), Label: len(e.Places) <= 12 && code != place.Member(code)}
		if n, ok := cases[code]; ok {
			a.Value = w.Number(n)
			a.Class = mapview.Ramp(float64(n), [4]float64{most * .2, most * .4, most * .6, most * .8})
		} else if len(cases) > 0 {
			a.Class = mapview.NoReport
		}
		m.Areas = append(m.Areas, a)
	}
	if len(cases) > 1 {
		m.Low, m.High = w.T("health.where.low"), w.Number(int64(most))
	}
	return m.Figure(w.Printer)
}

// byPlace are the newest cases of each place below the state.
func (w words) byPlace(e health.EventView) (map[string]int64, float64) {
	out := map[string]int64{}
	most := 0.0
	for _, code := range e.Places {
		of := slices.DeleteFunc(facts(e.Facts), func(f health.Fact) bool { return f.Place != code })
		for _, class := range health.Classes {
			if f, ok := health.Latest(of, "cases", class); ok {
				out[code], most = f.Value, max(most, float64(f.Value))
				break
			}
		}
	}
	return out, most
}

// near is how far around the places of a large state the map looks, degrees.
const near, small = 1.3, 9.0

// zoom is the whole state where that is small, else the places and the units
// around them.
func zoom(codes []string) []string {
	var out []string
	for _, code := range codes {
		state, ok := place.Lookup(place.Member(code))
		if !ok {
			continue
		}
		if b := state.Box; b[2]-b[0] < small && b[3]-b[1] < small || code == state.Code {
			out = append(out, state.Code)
			continue
		}
		out = append(out, code)
		p, _ := place.Lookup(code)
		for _, u := range place.Units(state.Code, true) {
			if math.Hypot(u.At.Lon-p.At.Lon, u.At.Lat-p.At.Lat) < near && u.Drawn {
				out = append(out, u.Code)
			}
		}
	}
	return out
}
