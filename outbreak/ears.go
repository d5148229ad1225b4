package outbreak

import "math"

// EARSMethod is one of the three rules of the Early Aberration Reporting System.
type EARSMethod uint8

const (
	C1 EARSMethod = iota // the steps just before
	C2                   // a lag of two steps, so that a rising outbreak does not hide itself
	C3                   // C2 summed over three steps, for slow rises
)

// earsLag is the number of steps between the baseline and the judged step.
const earsLag = 2

// EARSOptions are the settings of EARS. Start from DefaultEARS.
type EARSOptions struct {
	Method   EARSMethod
	Baseline int     // steps in the baseline, at least 3
	Alpha    float64 // the threshold is the normal quantile 1-Alpha
	MinSigma float64 // least standard deviation; 0 for none
	Compat   Compat
}

// DefaultEARS gives seven steps of baseline and the usual levels: 0.001 for C1
// and C2, 0.025 for C3.
func DefaultEARS(m EARSMethod) EARSOptions {
	o := EARSOptions{Method: m, Baseline: 7, Alpha: 0.001}
	if m == C3 {
		o.Alpha = 0.025
	}
	return o
}

// Check refuses options that have no meaning.
func (o EARSOptions) Check() error {
	switch {
	case o.Method > C3:
		return refuse(BadOption, "Method", "the methods are C1, C2 and C3")
	case o.Baseline < 3:
		return refuse(BadOption, "Baseline", "a baseline has at least 3 steps, not %d", o.Baseline)
	case !(o.Alpha > 0 && o.Alpha < 1):
		return refuse(BadOption, "Alpha", "alpha is between 0 and 1, not %v", o.Alpha)
	case !(o.MinSigma >= 0) || math.IsInf(o.MinSigma, 1):
		return refuse(BadOption, "MinSigma", "the least standard deviation is zero or more, not %v", o.MinSigma)
	}
	return nil
}

// Reach is the number of steps before the judged one that the method reads.
func (o EARSOptions) Reach() int {
	switch o.Method {
	case C2:
		return o.Baseline + earsLag
	case C3:
		return o.Baseline + 2*earsLag
	}
	return o.Baseline
}

// EARSPoint is the answer for one step. Score is the C1, C2 or C3 statistic, in
// standard deviations of the baseline.
type EARSPoint struct {
	Point
	Mean, SD Value // of the baseline of this step; SD is at least MinSigma
}

// EARS judges the steps from to to-1 by the mean and standard deviation of a
// short baseline: L. Hutwagner et al., "The bioterrorism preparedness and
// response Early Aberration Reporting System (EARS)", J. Urban Health 80 (2003)
// i89. C3 is the sum of max(0, C2-1) over the step and the two before it
// (R. D. Fricker et al., Stat. Med. 27 (2008) 3407).
//
// With Compat R, C3 leaves the judged step out of the sum, as R's earsC does.
func EARS(s Series, from, to int, o EARSOptions) ([]EARSPoint, error) {
	if err := checkRange(s, from, to); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Compat == R {
		if from < o.Reach() {
			return nil, refuse(ShortSeries, "Counts", "step %d has fewer than the %d steps before it that the method reads", from+1, o.Reach())
		}
		if o.Method == C3 && to-from == 1 {
			return nil, refuse(NotSupported, "Steps", "the reference implementation of C3 takes at least two steps")
		}
	}
	out := make([]EARSPoint, 0, to-from)
	z := normalQuantile(1 - o.Alpha)
	for step := from; step < to; step++ {
		var p EARSPoint
		if o.Method == C3 {
			p = o.c3(s.Counts, step, z)
		} else {
			p = o.simple(s.Counts, step, z)
		}
		out = append(out, p)
	}
	return out, nil
}

// baseline gives mean and standard deviation before a step, or why not.
func (o EARSOptions) baseline(counts []float64, step int) (mean, sd float64, why Reason) {
	lag := earsLag
	if o.Method == C1 {
		lag = 0
	}
	last := step - lag
	if last-o.Baseline < 0 {
		return 0, 0, TooShort
	}
	window := counts[last-o.Baseline : last]
	n := float64(len(window))
	for _, x := range window {
		if math.IsNaN(x) {
			return 0, 0, MissingCount
		}
		mean += x
	}
	mean /= n
	for _, x := range window {
		sd += (x - mean) * (x - mean) / (n - 1)
	}
	if mean > 0 && sd < 1e-24*mean*mean {
		sd = 0 // equal counts: what is left is rounding of the mean
	}
	return mean, math.Sqrt(sd), Decided
}

func (o EARSOptions) simple(counts []float64, step int, z float64) EARSPoint {
	p := EARSPoint{Point: Point{Step: step, Observed: Known(counts[step])}}
	mean, sd, why := o.baseline(counts, step)
	if p.Reason = why; why != Decided {
		return p
	}
	p.Mean, p.SD, p.Expected = Known(mean), Known(math.Max(sd, o.MinSigma)), Known(mean)
	sigma := math.Max(sd, o.MinSigma)
	y, seen := p.Observed.Get()
	if sigma == 0 && o.Compat == Paper {
		p.Reason = UndefinedVariance
		return p
	}
	p.Threshold = Known(mean + z*sigma)
	switch {
	case !seen:
		p.Reason = MissingCount
		return p
	case sigma > 0:
		p.Score = Known((y - mean) / sigma)
		p.PValue = Known(normalAbove((y - mean) / sigma))
	}
	p.Alarm = y > p.Threshold.Or(math.Inf(1))
	return p
}

// excess is max(0, C2-1) of a step.
func (o EARSOptions) excess(counts []float64, step int) (float64, Reason) {
	if step < 0 {
		return 0, TooShort
	}
	mean, sd, why := o.baseline(counts, step)
	sigma := math.Max(sd, o.MinSigma)
	switch {
	case why != Decided:
		return 0, why
	case math.IsNaN(counts[step]):
		return 0, MissingCount
	case sigma == 0 && o.Compat == Paper:
		return 0, UndefinedVariance
	case sigma == 0 && counts[step] == mean:
		return math.NaN(), Decided
	}
	return math.Max(0, (counts[step]-mean)/sigma-1), Decided
}

func (o EARSOptions) c3(counts []float64, step int, z float64) EARSPoint {
	p := EARSPoint{Point: Point{Step: step, Observed: Known(counts[step])}}
	mean, sd, why := o.baseline(counts, step)
	if p.Reason = why; why != Decided {
		return p
	}
	p.Mean, p.SD, p.Expected = Known(mean), Known(math.Max(sd, o.MinSigma)), Known(mean)
	before2, why2 := o.excess(counts, step-2)
	before1, why1 := o.excess(counts, step-1)
	if why2 != Decided || why1 != Decided {
		p.Reason = max(why1, why2)
		if why1 == MissingCount || why2 == MissingCount {
			p.Reason = MissingCount
		}
		return p
	}
	sigma := math.Max(sd, o.MinSigma)
	y, seen := p.Observed.Get()
	if !seen && o.Compat == R {
		p.Reason = MissingCount
		return p
	}
	if o.Compat == R {
		return earsC3(p, y, sigma, z-(before2+before1))
	}
	if sigma == 0 {
		p.Reason = UndefinedVariance
		return p
	}
	// The count at which this step's own excess fills the sum up to z.
	if room := z - before2 - before1; room > 0 {
		p.Threshold = Known(mean + sigma*(1+room))
	} else {
		p.Threshold = Known(0)
	}
	if !seen {
		p.Reason = MissingCount
		return p
	}
	sum := math.Max(0, (y-mean)/sigma-1) + before1 + before2
	p.Score = Known(sum)
	p.Alarm = sum > z
	return p
}

// earsC3 is the threshold of the reference implementation.
func earsC3(p EARSPoint, y, sigma, room float64) EARSPoint {
	upper := y + sigma*room
	if math.IsNaN(upper) {
		p.Reason = UndefinedVariance
		return p
	}
	p.Threshold = Known(math.Max(0, upper))
	p.Alarm = y > math.Max(0, upper)
	return p
}
