package outbreak

import "math"

// Change is the kind of outbreak that a GLR chart looks for.
type Change uint8

const (
	Intercept Change = iota // the mean is multiplied
	Epidemic                // a multiple of the count before is added to the mean
)

// GLROptions are the settings of GLR. Start from DefaultGLR.
type GLROptions struct {
	Limit    float64   // the alarm limit of the statistic (c.ARL)
	Means    []float64 // means without an outbreak: one for all steps or one for each; nil to estimate them
	Alpha    Value     // dispersion: variance = mean + alpha mean²; 0 is Poisson; undefined is estimated with the means
	Seasonal Baseline  // how to estimate the means
	Change   Change
	Theta    float64 // size of the change on the log scale, when it is known; 0 estimates it (GLR)
	Decrease bool    // look for a decrease
	Least    int     // steps that an outbreak has at least (Mtilde)
	Window   int     // steps that it began before at most (M); 0 or less for any
	Cases    bool    // give as threshold the count that would have raised the alarm
	MaxCases int     // where the search for that count stops
	Compat   Compat
}

// Baseline is the regression that gives the means: an intercept, pairs of
// harmonics, a trend.
type Baseline struct {
	Harmonics int
	Trend     bool
	Refit     bool // again after each alarm
}

// DefaultGLR is the Poisson chart of the reference implementation.
func DefaultGLR() GLROptions {
	return GLROptions{Limit: 5, Alpha: Known(0), Seasonal: Baseline{Harmonics: 1}, Least: 1, Window: -1, MaxCases: 10000}
}

// Check refuses options that have no meaning.
func (o GLROptions) Check() error {
	alpha, known := o.Alpha.Get()
	switch {
	case !usable(o.Limit):
		return refuse(BadOption, "Limit", "the alarm limit is a finite number")
	case known && alpha < 0:
		return refuse(BadOption, "Alpha", "the dispersion is zero or more, not %v", alpha)
	case !known && o.Means != nil:
		return refuse(BadOption, "Alpha", "the dispersion can be estimated only together with the means")
	case o.Change > Epidemic:
		return refuse(BadOption, "Change", "there is no such kind of change")
	case !usable(o.Theta):
		return refuse(BadOption, "Theta", "the size of the change is a finite number")
	case o.Least < 0 || o.Seasonal.Harmonics < 0 || o.Seasonal.Harmonics > 26:
		return refuse(BadOption, "Least", "numbers of steps and harmonics are zero or more (26 harmonics at most)")
	}
	for i, m := range o.Means {
		if !(m > 0) || !usable(m) {
			return refuse(BadOption, "Means", "mean %d is %v; a mean is more than zero", i+1, m)
		}
	}
	return nil
}

// GLRPoint is the answer for one step. Score is the statistic; Threshold the
// alarm limit. Cases is the count from which this step would have raised the
// alarm, when it was asked for.
type GLRPoint struct {
	Point
	Cases Value
}

// GLRResult is the answer of GLR: the points, and the dispersion that was used.
type GLRResult struct {
	Points []GLRPoint
	Alpha  float64
}

// GLR is the generalised likelihood ratio chart for counts with a seasonal mean:
// M. Höhle and M. Paul, "Count data regression charts for the monitoring of
// surveillance time series", Comput. Stat. Data Anal. 52 (2008) 4357. At each
// step it takes the largest log likelihood ratio of a change that began at any
// step since the last alarm. The chart restarts after each alarm.
//
// A missing count carries no information and never raises an alarm.
func GLR(s Series, from, to int, o GLROptions) (GLRResult, error) {
	var out GLRResult
	if err := checkRange(s, from, to); err != nil {
		return out, err
	}
	if err := o.Check(); err != nil {
		return out, err
	}
	if n := len(o.Means); n > 1 && n < to-from {
		return out, refuse(BadOption, "Means", "there are %d means for %d steps", n, to-from)
	}
	if o.Compat == R && hasMissing(s.Counts[from:to]) {
		return out, refuse(BadSeries, "Counts", "a count of the judged steps is missing, which the reference implementation cannot read")
	}
	means, alpha, err := o.baseline(s, from, to)
	if err != nil {
		return out, err
	}
	out.Alpha = alpha
	c := chart{opt: o, alpha: alpha, x: s.Counts[from:to], mu: means}
	for done := 0; done < to-from; {
		stop := c.run(done)
		for i := done; i < min(stop+1, to-from); i++ {
			out.Points = append(out.Points, c.point(from, i, i == stop))
		}
		if done = stop + 1; done < to-from && o.Seasonal.Refit && o.Means == nil {
			o.Alpha = Known(alpha)
			again, _, err := o.baseline(s, from+done, to)
			if err != nil {
				return out, err
			}
			copy(c.mu[done:], again)
		}
	}
	return out, nil
}

func hasMissing(counts []float64) bool {
	for _, x := range counts {
		if math.IsNaN(x) {
			return true
		}
	}
	return false
}

// outOfReach stands in the reference implementation for a count that no alarm
// needs, however large.
const outOfReach = 1e99

// chart is one run over the judged steps.
type chart struct {
	opt    GLROptions
	alpha  float64
	x, mu  []float64
	before []float64 // the count before each step, for Epidemic
	score  []float64
	cases  []float64
}

// statistic gives the value at step n of a chart that began at start.
func (c *chart) statistic(start, n int) float64 {
	switch {
	case c.opt.Change == Epidemic:
		return c.epidemic(start, n)
	case c.opt.Theta != 0:
		return c.known(start, n)
	case c.alpha > 0:
		return c.negBin(start, n)
	}
	return c.poisson(start, n)
}

// alarms applies the limit; charts for a known change and the Poisson epidemic
// chart want more than the limit.
func (c *chart) alarms(score float64) bool {
	strict := c.opt.Theta != 0 && c.opt.Change == Intercept || c.opt.Change == Epidemic && c.alpha == 0
	return score > c.opt.Limit || !strict && score == c.opt.Limit
}

// first is the first step at which the chart speaks.
func (c *chart) first(start int) int {
	switch {
	case c.opt.Theta != 0 && c.opt.Change == Intercept:
		return start
	case c.opt.Change == Intercept && c.alpha == 0 && c.opt.Window > 0:
		return start + c.opt.Least
	}
	return start + max(c.opt.Least-1, 0)
}

// run fills scores from start to the first alarm and returns its step, or the
// number of steps.
func (c *chart) run(start int) int {
	if c.score == nil {
		c.score, c.cases, c.before = make([]float64, len(c.x)), make([]float64, len(c.x)), make([]float64, len(c.x))
		for i := 1; i < len(c.x); i++ {
			c.before[i] = zeroIfMissing(c.x[i-1])
		}
	}
	for n := start; n < len(c.x); n++ {
		c.score[n], c.cases[n] = 0, math.NaN()
		if n < c.first(start) {
			if c.opt.Compat == R && c.alpha > 0 {
				c.cases[n] = outOfReach
			}
			continue
		}
		c.score[n] = c.statistic(start, n)
		alarm := c.alarms(c.score[n]) && !math.IsNaN(c.x[n])
		if c.opt.Cases {
			c.cases[n] = c.needed(start, n, alarm)
		}
		if alarm {
			return n
		}
	}
	return len(c.x)
}

func zeroIfMissing(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func (c *chart) point(from, i int, alarm bool) GLRPoint {
	p := GLRPoint{Point: Point{Step: from + i, Observed: Known(c.x[i]), Expected: Known(c.mu[i]),
		Threshold: Known(c.opt.Limit), Score: Known(math.Max(0, c.score[i])), Alarm: alarm}}
	if c.opt.Cases {
		p.Cases = Known(c.cases[i])
	}
	if math.IsNaN(c.x[i]) {
		p.Reason = MissingCount
	}
	return p
}
