package outbreak

import (
	"cmp"
	"slices"
)

// Area is one place of a hierarchy with the judgement of its own series.
type Area struct {
	ID, Parent string // Parent is empty at the top
	Point      Point
}

// Explained says of an alarm of an area whether areas below it account for it.
type Explained struct {
	ID      string
	Because []string // areas below whose excess accounts for the alarm, largest first
	Share   Value    // their part of the excess of the area
	Own     bool     // no area below accounts for it: the rise is spread, or is here
}

// ExplainAlarms finds for each area with an alarm the fewest areas directly
// below that have alarms themselves and without whose excess (observed less
// expected) the count would not have been above the threshold. A province that
// alarms because one district does is then one signal, not two; a province that
// alarms while its districts are quiet is a rise that only the sum shows.
//
// The answer is in the order of the identifiers, whatever the order of the areas.
func ExplainAlarms(areas []Area) []Explained {
	below := map[string][]Area{}
	for _, a := range areas {
		if a.Parent != "" && a.Parent != a.ID {
			below[a.Parent] = append(below[a.Parent], a)
		}
	}
	var out []Explained
	for _, a := range areas {
		if a.Point.Alarm {
			out = append(out, explain(a, below[a.ID]))
		}
	}
	slices.SortFunc(out, func(a, b Explained) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func explain(a Area, below []Area) Explained {
	e := Explained{ID: a.ID, Own: true}
	observed, ok1 := a.Point.Observed.Get()
	threshold, ok2 := a.Point.Threshold.Get()
	if !ok1 || !ok2 {
		return e
	}
	var causes []Area
	for _, b := range below {
		if b.Point.Alarm && excess(b.Point) > 0 {
			causes = append(causes, b)
		}
	}
	slices.SortFunc(causes, func(x, y Area) int {
		return cmp.Or(cmp.Compare(excess(y.Point), excess(x.Point)), cmp.Compare(x.ID, y.ID))
	})
	taken := 0.0
	for i, c := range causes {
		taken += excess(c.Point)
		if observed-taken <= threshold {
			for _, b := range causes[:i+1] {
				e.Because = append(e.Because, b.ID)
			}
			e.Own = false
			if all := excess(a.Point); all > 0 {
				e.Share = Known(taken / all)
			}
			return e
		}
	}
	return e
}

// excess is what was observed above the expected; 0 where either is undefined.
func excess(p Point) float64 {
	observed, ok1 := p.Observed.Get()
	expected, ok2 := p.Expected.Get()
	if !ok1 || !ok2 {
		return 0
	}
	return observed - expected
}
