package outbreak

import (
	"cmp"
	"slices"
)

// DatedCount is a count with the first day of its week.
type DatedCount struct {
	Day   Day
	Count float64
}

// longestSeries bounds what one pair with a wrong year can make.
const longestSeries = 100 * 53

// WeeklySeries puts dated counts of any order on one axis of weeks. Weeks
// between the first and the last that nobody reported are missing. All days must
// be the same day of the week, and no week may come twice.
func WeeklySeries(pairs []DatedCount) (Series, error) {
	s := Series{Frequency: Weekly}
	if len(pairs) == 0 {
		return s, nil
	}
	sorted := slices.Clone(pairs)
	slices.SortFunc(sorted, func(a, b DatedCount) int { return cmp.Compare(a.Day, b.Day) })
	first, last := sorted[0].Day, sorted[len(sorted)-1].Day
	weeks := (int64(last)-int64(first))/7 + 1
	if weeks > longestSeries {
		return s, refuse(BadSeries, "Days", "the weeks from %s to %s are more than %d", first, last, longestSeries)
	}
	for day := first; day <= last; day += 7 {
		s.Days = append(s.Days, day)
		s.Counts = append(s.Counts, Missing())
	}
	before := first - 7
	for _, p := range sorted {
		switch {
		case p.Day == before:
			return Series{}, refuse(BadSeries, "Days", "the week of %s has two counts", p.Day)
		case (p.Day-first)%7 != 0:
			return Series{}, refuse(BadSeries, "Days", "%s is not the same day of the week as %s", p.Day, first)
		}
		s.Counts[(p.Day-first)/7] = p.Count
		before = p.Day
	}
	return s, s.Check()
}
