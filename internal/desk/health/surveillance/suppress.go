package surveillance

import (
	"cmp"
	"slices"
)

// Suppression of small cells. The owner's rule names a floor: a count from 1
// to floor-1 is withheld (primary suppression). A recipient may know the total
// of the state for each period from elsewhere, so what is withheld in a period
// must not follow from it: further cells are withheld (complementary
// suppression) until, for every withheld cell, the others could explain the
// difference, that is until
//
//	n >= 2  and  S - (n-1) >= floor
//
// where n cells with the sum S are withheld. Then a withheld cell may be
// anything from 1 to at least the floor. If no count above 0 is left to take
// in, every cell of the period is withheld.
//
// Releases of one standing release follow each other, and the difference
// between two must betray nothing either. A cell that was withheld for the
// sake of another therefore stays withheld in all later ones (kept). And a cell
// whose count was told before is the last to be taken in for another's sake: a
// reader who takes it to be unchanged would not be kept from anything.
//
// See Willenborg and de Waal, Elements of Statistical Disclosure Control
// (2001), chapters 4 and 6, on primary and secondary suppression in tables.

// spot is a cell of a release: a period and a place.
type spot struct {
	Period int32
	Place  string
}

// suppress withholds cells of the rows, which are of one level and all begin
// at first. It returns the cells that were withheld for the sake of others and
// are not in kept yet. A table of one row has no other cells to hide behind:
// there only the floor counts.
func suppress(rows []CountsRow, first int32, floor int32, kept map[spot]bool, before told) []spot {
	var added []spot
	if len(rows) == 0 || floor <= 1 {
		return nil
	}
	for i := range rows[0].Values {
		p := first + int32(i)
		var hidden, open, zero []int
		for r := range rows {
			switch v := rows[r].Values[i]; {
			case v < 0:
			case v > 0 && v < floor || kept[spot{p, rows[r].Place}]:
				hidden = append(hidden, r)
			case v == 0:
				zero = append(zero, r)
			default:
				open = append(open, r)
			}
		}
		if len(hidden) == 0 {
			continue
		}
		if len(rows) > 1 {
			slices.SortFunc(open, func(a, b int) int {
				return cmp.Or(cmp.Compare(before.same(rows[a], i, p), before.same(rows[b], i, p)),
					cmp.Compare(rows[a].Values[i], rows[b].Values[i]), cmp.Compare(rows[a].Place, rows[b].Place))
			})
			more := complement(rows, i, floor, hidden, open, zero)
			for _, r := range more {
				added = append(added, spot{p, rows[r].Place})
			}
			hidden = append(hidden, more...)
		}
		for _, r := range hidden {
			rows[r].Values[i] = Withheld
		}
	}
	return added
}

// told is what the recipients hold from the release before.
type told map[spot]int32

// same is 1 where the count was told before as it is now.
func (t told) same(r CountsRow, i int, p int32) int {
	if v, ok := t[spot{p, r.Place}]; ok && v == r.Values[i] {
		return 1
	}
	return 0
}

// complement chooses the cells of column i that must be withheld besides the
// hidden ones: of the open ones, in their order, as many as are needed, and all
// zeros when those do not suffice.
func complement(rows []CountsRow, i int, floor int32, hidden, open, zero []int) []int {
	n, sum := int64(len(hidden)), int64(0)
	for _, r := range hidden {
		sum += int64(rows[r].Values[i])
	}
	var more []int
	for _, r := range open {
		if n >= 2 && sum-(n-1) >= int64(floor) {
			return more
		}
		more = append(more, r)
		n, sum = n+1, sum+int64(rows[r].Values[i])
	}
	if n >= 2 && sum-(n-1) >= int64(floor) {
		return more
	}
	return append(more, zero...)
}
