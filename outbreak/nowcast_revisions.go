package outbreak

import "math"

// TriangleOfRevisions builds a reporting triangle from what was known when:
// known[r][t] is the count of step t as it stood at the end of step r, for
// r >= t; the last row is what is known now. A count not known at the time is
// missing, or its row is short: until the first report there are none, and
// afterwards the count stands as it was. Where a revision lowers a count, the
// cases are taken back from the latest reports first, so that each row sums to
// what is known now.
func TriangleOfRevisions(known [][]float64, maxDelay int) (Triangle, error) {
	now := len(known) - 1
	if now < 0 || maxDelay < 0 || maxDelay > now || now > 1e5 {
		return Triangle{}, refuse(BadOption, "maxDelay", "%d states of knowledge cannot show a delay of %d steps", now+1, maxDelay)
	}
	var tr Triangle
	for t := range now + 1 {
		row := make([]float64, maxDelay+1)
		total := 0.0
		for r := t; r <= now; r++ {
			stands := total
			if t < len(known[r]) && !IsMissing(known[r][t]) {
				stands = known[r][t]
			}
			if stands < 0 || stands > 1e9 || stands != math.Floor(stands) {
				return Triangle{}, refuse(BadSeries, "known", "step %d as known at step %d is %v; it must be a whole number of cases", t+1, r+1, stands)
			}
			delay := min(r-t, maxDelay)
			if stands >= total {
				row[delay] += stands - total
			} else {
				takeBack(row[:delay+1], total-stands)
			}
			total = stands
		}
		for x := range row {
			if t+x > now {
				row[x] = Missing()
			}
		}
		tr.Counts = append(tr.Counts, row)
	}
	return tr, nil
}

// takeBack removes cases from the latest reports.
func takeBack(row []float64, cases float64) {
	for x := len(row) - 1; x >= 0 && cases > 0; x-- {
		less := math.Min(row[x], cases)
		row[x] -= less
		cases -= less
	}
}
