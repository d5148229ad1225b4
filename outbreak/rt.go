package outbreak

import "math"

// The instantaneous reproduction number: how many people each case of a step
// would infect if conditions stayed as they are in the window.
//
// Cori, Ferguson, Fraser and Cauchemez, "A new framework and software to
// estimate time-varying reproduction numbers during epidemics", American
// Journal of Epidemiology 178 (2013) 1505-1512; cases infected elsewhere as in
// Thompson et al., "Improved inference of time-varying reproduction numbers
// during infectious disease outbreaks", Epidemics 29 (2019) 100356.
//
// Infectivity of a step = sum over lags of weight(lag) x cases lag steps ago.
// Within a window R is constant with a gamma prior; its posterior is gamma with
//	shape = prior shape + local cases in the window
//	rate  = prior rate + infectivity in the window

// Window is a run of steps, first and last included, counted from 0. The first
// step of a series can be in no window, because nothing came before it.
type Window struct{ Start, End int }

// SlidingWindows gives every window of a width in a series of n steps, from the
// one that starts at the second step.
func SlidingWindows(n, width int) []Window {
	if width < 1 || n-width < 1 {
		return nil
	}
	out := make([]Window, 0, n-width)
	for start := 1; start+width <= n; start++ {
		out = append(out, Window{start, start + width - 1})
	}
	return out
}

// RtOptions are the settings of the reproduction number. The zero value asks
// for windows of seven steps and the prior of the paper.
type RtOptions struct {
	Windows     []Window // nil: every window of Width steps
	Width       int      // steps per window where Windows is nil; 0 means 7
	PriorMean   float64  // mean of the gamma prior of R; 0 means 5
	PriorSD     float64  // its standard deviation; 0 means 5
	PosteriorCV float64  // wanted coefficient of variation; 0 means 0.3
	// Imported counts cases infected elsewhere, besides those of the series.
	// They infect others but were not infected here. Nil means none.
	Imported []float64
	// MissingAsZero takes missing counts as zero and says so in Filled; without
	// it they are refused, because a gap looks like the end of transmission.
	MissingAsZero bool
}

// RtPoint is the posterior of the reproduction number in one window.
type RtPoint struct {
	Window
	Cases                                  float64 // local cases in the window
	Infectivity                            float64 // expected cases in the window if R were 1
	Filled                                 int     // missing counts in or before the window that were taken as zero
	Mean, SD                               Value
	Q025, Q05, Q25, Median, Q75, Q95, Q975 Value
	AboveOne                               Value  // posterior probability that R is more than 1
	Reason                                 Reason // Decided; TooEarly where the window ends before the mean serial interval
}

// Rt is the reproduction number over time.
type Rt struct {
	Points      []RtPoint
	Infectivity []Value // per step; undefined for the first
	Filled      []int   // steps whose missing count was taken as zero
	// EarlyWarning tells that the first window has too few cases for the wanted
	// PosteriorCV: the prior still shows.
	EarlyWarning bool
}

var rtQuantiles = [...]float64{0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975}

func (p *RtPoint) quantiles() [7]*Value {
	return [7]*Value{&p.Q025, &p.Q05, &p.Q25, &p.Median, &p.Q75, &p.Q95, &p.Q975}
}

// RtEstimator estimates reproduction numbers of many series with one serial
// interval. It holds no state of a series and may be used by many goroutines.
type RtEstimator struct {
	weights     []float64 // of lag 0, 1, ...; no trailing zeros
	kernel      []float64 // what a case so many steps before now adds to the infectivity of the last window
	siMean      float64
	shape, rate float64 // of the prior
	options     RtOptions
}

// NewRtEstimator checks the serial interval and the options.
func NewRtEstimator(si SerialInterval, o RtOptions) (*RtEstimator, error) {
	// A discretised interval is cut at the length of its series and may sum to
	// less than one; only what cannot be weights is refused here.
	for lag, w := range si {
		if !(w >= 0) || math.IsInf(w, 1) || lag == 0 && w != 0 {
			return nil, refuse(BadOption, "SerialInterval", "the weight of lag %d is %v; it must be zero at lag 0 and never negative", lag, w)
		}
	}
	if len(si) == 0 {
		return nil, refuse(BadOption, "SerialInterval", "a serial interval needs at least the weights of lags 0 and 1")
	}
	if err := o.defaults(); err != nil {
		return nil, err
	}
	e := &RtEstimator{weights: si.trimmed(), siMean: si.Mean(), options: o}
	e.shape = (o.PriorMean / o.PriorSD) * (o.PriorMean / o.PriorSD)
	e.rate = o.PriorMean / (o.PriorSD * o.PriorSD)
	e.kernel = latestKernel(e.weights, o.Width)
	return e, nil
}

func (o *RtOptions) defaults() error {
	for _, d := range []struct {
		name string
		x    *float64
		def  float64
	}{{"PriorMean", &o.PriorMean, 5}, {"PriorSD", &o.PriorSD, 5}, {"PosteriorCV", &o.PosteriorCV, 0.3}} {
		if *d.x == 0 {
			*d.x = d.def
		}
		if !(*d.x > 0) || *d.x > 1e9 {
			return refuse(BadOption, d.name, "%s is %v; it must be more than 0", d.name, *d.x)
		}
	}
	if o.Width == 0 {
		o.Width = 7
	}
	if o.Width < 1 || o.Width > 1e6 {
		return refuse(BadOption, "Width", "a window has from 1 step to a million, not %d", o.Width)
	}
	return nil
}

// ReproductionNumber estimates R of a series of local cases.
func ReproductionNumber(s Series, si SerialInterval, o RtOptions) (Rt, error) {
	e, err := NewRtEstimator(si, o)
	if err != nil {
		return Rt{}, err
	}
	return e.Estimate(s)
}

// Estimate gives the reproduction number in every window.
func (e *RtEstimator) Estimate(s Series) (Rt, error) {
	in, err := e.read(s)
	if err != nil {
		return Rt{}, err
	}
	out := Rt{Filled: in.filled, Infectivity: make([]Value, len(in.all)), EarlyWarning: e.early(in)}
	infectivity := infectivity(e.weights, in.all)
	for t := 1; t < len(in.all); t++ {
		out.Infectivity[t] = Known(infectivity[t])
	}
	out.Points = make([]RtPoint, len(in.windows))
	for i, w := range in.windows {
		p := &out.Points[i]
		p.Window, p.Filled = w, e.filledIn(in, w)
		p.Cases, p.Infectivity = sumOf(in.local, w), sumOf(infectivity, w)
		e.posterior(p)
	}
	return out, nil
}

// Latest gives the reproduction number in the last window of Width steps only.
// It makes no garbage, for scans of many series. Missing counts are taken as
// zero only where the options allow it.
func (e *RtEstimator) Latest(counts []float64) (RtPoint, error) {
	n := len(counts)
	if n <= e.options.Width {
		return RtPoint{}, refuse(ShortSeries, "Counts", "a window of %d steps needs at least %d counts, not %d", e.options.Width, e.options.Width+1, n)
	}
	p := RtPoint{Window: Window{n - e.options.Width, n - 1}}
	for ago := range min(n, max(len(e.kernel), e.options.Width)) {
		x := counts[n-1-ago]
		if !(x >= 0 && x <= math.MaxFloat64) {
			if !IsMissing(x) {
				return RtPoint{}, refuse(BadSeries, "Counts", "count %d is %v; a count is zero or more, or missing", n-ago, x)
			}
			if !e.options.MissingAsZero {
				return RtPoint{}, missingRefused(n - 1 - ago)
			}
			p.Filled++
			continue
		}
		if ago < e.options.Width {
			p.Cases += x
		}
		if ago < len(e.kernel) {
			p.Infectivity += e.kernel[ago] * x
		}
	}
	e.posterior(&p)
	return p, nil
}

// posterior fills in the gamma posterior of a window.
func (e *RtEstimator) posterior(p *RtPoint) {
	if float64(p.End+1) <= e.siMean {
		p.Reason = TooEarly
		return
	}
	shape, scale := e.shape+p.Cases, 1/(e.rate+p.Infectivity)
	p.Mean, p.SD = Known(shape*scale), Known(math.Sqrt(shape)*scale)
	for i, q := range p.quantiles() {
		*q = Known(gammaQuantile(rtQuantiles[i], shape, scale))
	}
	_, above := gammaPQ(shape, 1/scale)
	p.AboveOne = Known(above)
}

// latestKernel sums the weights over the steps of the last window. The tail of
// a discretised interval, which is rounding, is left out.
func latestKernel(weights []float64, width int) []float64 {
	tail, n := 0.0, len(weights)
	for n > 0 && tail+weights[n-1] < 1e-13 {
		n--
		tail += weights[n]
	}
	within := make([]float64, n+1) // sum of the weights of the lags below
	for lag := range n {
		within[lag+1] = within[lag] + weights[lag]
	}
	kernel := make([]float64, max(0, n+width-1))
	for ago := range kernel {
		kernel[ago] = within[min(ago+1, n)] - within[max(0, ago-width+1)]
	}
	return kernel
}

// early tells whether the first window has fewer cases than the wanted
// precision of the posterior needs.
func (e *RtEstimator) early(in rtInput) bool {
	cv := e.options.PosteriorCV
	return len(in.windows) > 0 && sumOf(in.all, in.windows[0]) < math.Ceil(1/(cv*cv)-e.shape)
}

func sumOf(xs []float64, w Window) float64 {
	sum := 0.0
	for _, x := range xs[w.Start : w.End+1] {
		sum += x
	}
	return sum
}

// infectivity is the sum of past cases times the weight of their lag, per step.
func infectivity(weights, cases []float64) []float64 {
	out := make([]float64, len(cases))
	for t := range cases {
		for lag := 1; lag < len(weights) && lag <= t; lag++ {
			out[t] += weights[lag] * cases[t-lag]
		}
	}
	return out
}
