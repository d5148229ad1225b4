package outbreak

import "math"

// Triangle counts cases by step of the event (row, oldest first, the last row
// being now) and by delay of the report in steps (column, from 0). A report
// that cannot have arrived yet is missing, not zero. Longer delays than the
// last column are counted in the last column.
type Triangle struct {
	Counts [][]float64
}

// Report is one case of a line list, in steps counted from the first row.
type Report struct{ Event, Reported int }

// NewTriangle counts reports that arrived by step now (the last row) in rows of
// events 0 to now and delays 0 to maxDelay. It says how many reports came later
// than now, how many had a longer delay and were put in the last column, and
// how many are impossible (an event before row 0, or a report before its event)
// and were left out.
func NewTriangle(reports []Report, now, maxDelay int) (tr Triangle, later, long, impossible int, err error) {
	if now < 0 || maxDelay < 0 || maxDelay > now || now > 1e5 {
		return tr, 0, 0, 0, refuse(BadOption, "maxDelay", "a triangle of %d rows cannot show a delay of %d steps", now+1, maxDelay)
	}
	tr.Counts = make([][]float64, now+1)
	for t := range tr.Counts {
		tr.Counts[t] = make([]float64, maxDelay+1)
		for x := range tr.Counts[t] {
			if t+x > now {
				tr.Counts[t][x] = Missing()
			}
		}
	}
	for _, r := range reports {
		switch delay := r.Reported - r.Event; {
		case r.Event < 0 || delay < 0:
			impossible++
		case r.Reported > now:
			later++
		default:
			if delay > maxDelay {
				long++
				delay = maxDelay
			}
			tr.Counts[r.Event][delay]++
		}
	}
	return tr, later, long, impossible, nil
}

// Check refuses a triangle that is not one.
func (tr Triangle) Check() error {
	rows := len(tr.Counts)
	if rows == 0 || len(tr.Counts[0]) == 0 {
		return refuse(BadSeries, "Triangle", "the reporting triangle is empty")
	}
	cols := len(tr.Counts[0])
	if cols > rows {
		return refuse(ShortSeries, "Triangle", "%d rows cannot show a delay of %d steps", rows, cols-1)
	}
	for t, row := range tr.Counts {
		if len(row) != cols {
			return refuse(BadSeries, "Triangle", "row %d has %d delays, the first has %d", t+1, len(row), cols)
		}
		for x, n := range row {
			if t+x >= rows { // not observable yet: whatever stands there is ignored
				continue
			}
			if !(n >= 0) || n > 1e9 || n != math.Floor(n) {
				return refuse(BadSeries, "Triangle", "row %d, delay %d is %v; it must be a whole number of cases", t+1, x, n)
			}
		}
	}
	return nil
}

// now is the index of the last row, longest the largest delay.
func (tr Triangle) now() int     { return len(tr.Counts) - 1 }
func (tr Triangle) longest() int { return len(tr.Counts[0]) - 1 }

// reported sums what is known of a step.
func (tr Triangle) reported(t int) float64 {
	sum := 0.0
	for x := 0; x <= tr.longest() && t+x <= tr.now(); x++ {
		sum += tr.Counts[t][x]
	}
	return sum
}

// incomplete is the first step that may still gain cases.
func (tr Triangle) incomplete() int { return max(0, tr.now()-tr.longest()+1) }

// guessPrior takes mean and variance of the mean count from the complete steps,
// never tighter than five times the mean.
func (tr Triangle) guessPrior() (mean, variance float64) {
	n, sum, square := 0.0, 0.0, 0.0
	for t := 0; t < max(1, tr.incomplete()); t++ {
		x := tr.reported(t)
		n++
		sum += x
		square += x * x
	}
	mean = math.Max(1, sum/n)
	return mean, math.Max(5*mean, 4*math.Max(square/n, mean*mean))
}

// delayCounts are the sufficient statistics of the delays: cases with delay x
// and cases with delay at most x, both among steps whose delay x is observable.
type delayCounts struct {
	eq, le []float64
	blind  []bool // no step in the window could show this delay
}

func (tr Triangle) delays(o NowcastOptions) delayCounts {
	now, cols := tr.now(), tr.longest()+1
	d := delayCounts{eq: make([]float64, cols), le: make([]float64, cols), blind: make([]bool, cols)}
	for x := range d.eq {
		from := 0
		if o.Window > 0 {
			from = max(0, now-o.Window)
			if o.By == WindowByReport {
				from = max(0, now-o.Window-x)
			}
		}
		d.blind[x] = from > now-x
		for t := from; t <= now-x; t++ {
			d.eq[x] += tr.Counts[t][x]
			for y := 0; y <= x; y++ {
				d.le[x] += tr.Counts[t][y]
			}
		}
	}
	return d
}

func (d delayCounts) unseen() []int {
	var out []int
	for x := 1; x < len(d.le); x++ {
		if d.blind[x] || d.le[x] == 0 {
			out = append(out, x)
		}
	}
	return out
}

// anyBlind tells whether the window hides a delay altogether.
func (d delayCounts) anyBlind() bool {
	for _, b := range d.blind {
		if b {
			return true
		}
	}
	return false
}

// largest checks or chooses the largest final count considered.
func (tr Triangle) largest(o NowcastOptions, d delayCounts) (int, error) {
	top := 0.0
	for t := range tr.Counts {
		top = math.Max(top, tr.reported(t))
	}
	if o.Max > 0 {
		if top > float64(o.Max) {
			return 0, refuse(BadOption, "Max", "a step has %v reported cases, more than the largest final count %d", top, o.Max)
		}
		return o.Max, nil
	}
	// Room for the least complete step that has a report, several times over.
	share, need := 1.0, top
	for x := tr.longest(); x >= 1; x-- {
		share *= 1 - (d.eq[x]+o.Kappa)/(d.le[x]+float64(x+1)*o.Kappa)
		if t := tr.now() - x + 1; t >= 0 {
			need = math.Max(need, (tr.reported(t)+1)/math.Max(share, 1e-3))
		}
	}
	prior := o.PriorMean + 6*math.Sqrt(o.PriorVariance+o.PriorMean)
	most := math.Ceil(math.Max(4*need, prior)) + 300
	return int(math.Min(math.Max(most, top+300), 1e6)), nil
}
