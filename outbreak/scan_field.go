package outbreak

import "math"

// field is what every replicate shares: the zones as steps of growth and the
// expected counts of every window.
type field struct {
	kind      ScanKind
	places    int
	durations int
	total     float64
	growth    []grow    // one per zone, in order
	expected  []float64 // of zone z and duration k+1 at z*durations+k
	// bound x (observed-expected)^2 is never less than the score, by log x <=
	// x-1. It spares the logarithm for all windows but the few that could win.
	bound  []float64
	counts []float64 // observed, cumulated over durations, place by place
}

// grow makes a zone from the one before it: the places to add, after starting
// anew or not. Zones of nearest neighbours grow by one place at a time, which
// makes a window cost one addition.
type grow struct {
	anew bool
	add  []int
}

func newField(in ScanInput, baselines [][]float64, o ScanOptions) *field {
	f := &field{kind: o.Kind, places: len(in.Counts[0]), durations: o.MaxDuration}
	if f.durations == 0 {
		f.durations = len(in.Counts)
	}
	for _, row := range in.Counts {
		for _, x := range row {
			f.total += x
		}
	}
	f.growth = growths(in.Zones)
	f.counts = f.cumulate(in.Counts)
	f.expected = make([]float64, len(in.Zones)*f.durations)
	f.bound = make([]float64, len(f.expected))
	f.walk(f.cumulate(baselines), func(z int, sums []float64) {
		copy(f.expected[z*f.durations:], sums)
	})
	for i, b := range f.expected {
		f.bound[i] = 1 / b
		if f.kind != ScanExpectation {
			f.bound[i] = math.Inf(1)
			if rest := f.total - b; rest > 1e-9*f.total {
				f.bound[i] = f.total / (b * rest)
			}
		}
		// Room for rounding: the bound may only ever be too large.
		f.bound[i] *= 1 + 1e-9
	}
	return f
}

func growths(zones [][]int) []grow {
	out := make([]grow, len(zones))
	inside := map[int]bool{}
	for z, zone := range zones {
		held := 0
		var add []int
		for _, p := range zone {
			if inside[p] {
				held++
			} else {
				add = append(add, p)
			}
		}
		if held == len(inside) && z > 0 {
			out[z] = grow{add: add}
		} else {
			out[z] = grow{anew: true, add: zone}
			clear(inside)
		}
		for _, p := range zone {
			inside[p] = true
		}
	}
	return out
}

// cumulate turns rows of steps, oldest first, into sums over the last 1, 2, ...
// steps of each place.
func (f *field) cumulate(rows [][]float64) []float64 {
	out := make([]float64, f.places*f.durations)
	for p := range f.places {
		sum := 0.0
		for k := range f.durations {
			sum += rows[len(rows)-1-k][p]
			out[p*f.durations+k] = sum
		}
	}
	return out
}

// walk visits every zone with its sums by duration.
func (f *field) walk(table []float64, visit func(zone int, sums []float64)) {
	sums := make([]float64, f.durations)
	for z, g := range f.growth {
		f.advance(sums, table, g)
		visit(z, sums)
	}
}

func (f *field) advance(sums, table []float64, g grow) {
	if g.anew {
		clear(sums)
	}
	for _, p := range g.add {
		row := table[p*f.durations:][:len(sums)]
		for k, x := range row {
			sums[k] += x
		}
	}
}

// score gives every window of the observed counts.
func (f *field) score() []ScanWindow {
	out := make([]ScanWindow, 0, len(f.expected))
	f.walk(f.counts, func(z int, sums []float64) {
		for k, c := range sums {
			b := f.expected[z*f.durations+k]
			w := ScanWindow{Zone: z, Duration: k + 1, Observed: c, Expected: b, Score: f.ratio(c, b, f.total), Inside: Known(c / b)}
			if f.kind != ScanExpectation {
				w.Outside = Known(1)
				if f.total > b {
					w.Outside = Known((f.total - c) / (f.total - b))
				}
			}
			out = append(out, w)
		}
	})
	return out
}

// ratio is the log likelihood ratio of a window with c cases where b were
// expected, of a total of n.
func (f *field) ratio(c, b, n float64) float64 {
	if !(c > b) {
		return 0
	}
	if f.kind == ScanExpectation {
		return math.Max(0, c*math.Log(c/b)+b-c)
	}
	s := c * math.Log(c/b)
	if n > c && n > b {
		s += (n - c) * math.Log((n-c)/(n-b))
	}
	return math.Max(0, s)
}

// largest is the best score of one replicate. It may spoil sums.
func (f *field) largest(table, sums []float64) float64 {
	best := 0.0
	for z, g := range f.growth {
		f.advance(sums, table, g)
		expected := f.expected[z*f.durations:][:len(sums)]
		bound := f.bound[z*f.durations:][:len(sums)]
		for k, c := range sums {
			d := c - expected[k]
			if d > 0 && d*d*bound[k] > best {
				best = math.Max(best, f.ratio(c, expected[k], f.total))
			}
		}
	}
	return best
}
