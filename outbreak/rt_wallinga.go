package outbreak

import (
	"math"
	"math/rand/v2"
	"slices"
)

// WTOptions are the settings of the cohort reproduction number.
type WTOptions struct {
	Windows       []Window // nil: every window of Width steps
	Width         int      // 0 means 7
	Simulations   int      // sets of who infected whom, for quantiles; 0 gives none
	Seed          uint64   // of the simulation
	MissingAsZero bool     // as in RtOptions
	// Compat R leaves out windows that start before the first case and windows
	// without a case, as EpiEstim does; Paper keeps them as undefined points, and
	// takes no weight that is only rounding as a link between two cases.
	Compat Compat
}

// WTPoint is the cohort reproduction number of the cases of one window.
type WTPoint struct {
	Window
	Cases      float64
	Mean, SD   Value // SD is exact given the counts
	Q025, Q975 Value // by simulation
	// Seen is the share of the infections by these cases that could have shown
	// by the end of the series. Corrected is Mean divided by it (Cauchemez et
	// al., Emerging Infectious Diseases 12 (2006) 110).
	Seen      float64
	Corrected Value
	Reason    Reason // TooFewCases where the window has no case
}

// WallingaTeunis estimates how many people the cases of each window infected,
// from the likelihood of who infected whom: Wallinga and Teunis, "Different
// epidemic curves for severe acute respiratory syndrome reveal similar impacts
// of control measures", American Journal of Epidemiology 160 (2004) 509-516.
// It looks forward: the last windows miss infections that have not shown yet.
func WallingaTeunis(s Series, si SerialInterval, o WTOptions) ([]WTPoint, error) {
	e, err := NewRtEstimator(si, RtOptions{Windows: o.Windows, Width: o.Width, MissingAsZero: o.MissingAsZero})
	if err != nil {
		return nil, err
	}
	if o.Simulations < 0 || o.Simulations > 1e6 {
		return nil, refuse(BadOption, "Simulations", "%d simulations asked for; from 0 to a million are possible", o.Simulations)
	}
	in, err := e.readCohort(s, o.Compat)
	if err != nil {
		return nil, err
	}
	windows, weights := in.windows, e.weights
	if o.Compat != R {
		weights = withoutRounding(weights)
	}
	c := cohort{weights: weights, cases: in.all, force: infectivity(weights, in.all)}
	each := c.perCase()
	seen := c.seen()
	out := make([]WTPoint, len(windows))
	for i, w := range windows {
		p := &out[i]
		p.Window, p.Cases = w, sumOf(c.cases, w)
		if p.Cases == 0 {
			p.Reason = TooFewCases
			continue
		}
		total := 0.0
		for t := w.Start; t <= w.End; t++ {
			total += each[t] * c.cases[t]
			p.Seen += seen[t] * c.cases[t] / p.Cases
		}
		p.Mean = Known(total / p.Cases)
		p.SD = Known(math.Sqrt(c.variance(w)) / p.Cases)
		p.Corrected = Known(total / p.Cases / p.Seen)
	}
	if o.Simulations > 0 {
		c.simulate(out, o.Simulations, o.Seed)
	}
	return out, nil
}

// readCohort reads a series. EpiEstim drops windows before it checks them.
func (e *RtEstimator) readCohort(s Series, mode Compat) (rtInput, error) {
	if mode != R {
		return e.read(s)
	}
	in, err := readCases(s, nil, e.options.MissingAsZero)
	if err != nil {
		return in, err
	}
	windows := e.options.Windows
	if windows == nil {
		windows = SlidingWindows(len(in.all), e.options.Width)
	}
	for _, w := range windows {
		if w.Start < 0 || w.Start > len(in.all) || w.End >= len(in.all) || w.End < w.Start {
			return in, refuse(BadOption, "Windows", "the window of steps %d to %d does not lie within the series", w.Start+1, w.End+1)
		}
	}
	if windows, err = windowsWithCases(windows, in.all); err != nil {
		return in, err
	}
	if windows == nil { // nothing left, which is an answer of its own
		return in, nil
	}
	in.windows, err = readWindows(windows, e.options.Width, len(in.all))
	return in, err
}

// windowsWithCases keeps the windows that EpiEstim keeps.
func windowsWithCases(windows []Window, cases []float64) ([]Window, error) {
	before := func(w Window) bool { return sumOf(cases, Window{0, w.Start - 1}) > 0 }
	first := slices.IndexFunc(windows, before)
	if first < 0 {
		return nil, refuse(NotComputed, "Windows", "no window starts after a case")
	}
	var out []Window
	for _, w := range windows {
		// EpiEstim compares the start of a window with the number of the first
		// window that has a case before it.
		if w.Start+1 >= first+1 && sumOf(cases, w) > 0 {
			out = append(out, w)
		}
	}
	return out, nil
}

type cohort struct {
	weights []float64
	cases   []float64
	force   []float64 // infectivity of all earlier cases, per step
}

// perCase is the expected number infected by one case of each step.
func (c cohort) perCase() []float64 {
	out := make([]float64, len(c.cases))
	for t := range out {
		for lag := 1; lag < len(c.weights) && t+lag < len(out); lag++ {
			if p := c.weights[lag] / c.force[t+lag]; !math.IsNaN(p) && !math.IsInf(p, 0) {
				out[t] += p * c.cases[t+lag]
			}
		}
	}
	return out
}

// seen is the share of the serial interval that has passed since each step.
func (c cohort) seen() []float64 {
	total := 0.0
	for _, w := range c.weights {
		total += w
	}
	out := make([]float64, len(c.cases))
	sum := 0.0
	for ago := range out {
		if ago < len(c.weights) {
			sum += c.weights[ago]
		}
		if total > 0 {
			out[len(out)-1-ago] = sum / total
		}
	}
	return out
}

// share is the chance that a case of step t was infected by a case of the window.
func (c cohort) share(t int, w Window) float64 {
	sum := 0.0
	for lag := max(1, t-w.End); lag < len(c.weights) && lag <= t-w.Start; lag++ {
		sum += c.weights[lag] * c.cases[t-lag]
	}
	if !(sum > 0) || !(c.force[t] > 0) {
		return 0
	}
	return math.Min(1, sum/c.force[t])
}

// variance of the number infected by the cases of a window: each later case is
// a trial of its own.
func (c cohort) variance(w Window) float64 {
	sum := 0.0
	for t := w.Start + 1; t < len(c.cases); t++ {
		q := c.share(t, w)
		sum += c.cases[t] * q * (1 - q)
	}
	return sum
}

// simulate draws for each window how many of the later cases it infected, and
// takes the quantiles of the reproduction number.
func (c cohort) simulate(points []WTPoint, n int, seed uint64) {
	draws := make([]float64, n)
	for i := range points {
		p := &points[i]
		if p.Reason != Decided {
			continue
		}
		rng := rand.New(rand.NewPCG(seed, uint64(p.Start)<<32|uint64(uint32(p.End))))
		clear(draws)
		for t := p.Start + 1; t < len(c.cases); t++ {
			if q := c.share(t, p.Window); q > 0 {
				for k := range draws {
					draws[k] += float64(randomBinomial(rng, int(math.Min(c.cases[t], 1e15)), q))
				}
			}
		}
		slices.Sort(draws)
		p.Q025 = Known(sampleQuantile(draws, 0.025) / p.Cases)
		p.Q975 = Known(sampleQuantile(draws, 0.975) / p.Cases)
	}
}

// sampleQuantile interpolates between the order statistics of a sorted sample:
// definition 7 of Hyndman and Fan (1996), the usual one.
func sampleQuantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}
