package outbreak

import (
	"math"
	"math/rand/v2"
	"slices"
)

// An uncertain serial interval: R is estimated with each of many candidate
// intervals, and the posterior is the mixture of the results with equal
// weights (Cori et al. 2013, section "Uncertainty in the serial interval").
// Given the candidates the mixture is exact: its quantiles are roots of the mean
// of gamma distribution functions, not of a simulation.

// SIPair is the mean and the standard deviation of one candidate.
type SIPair struct{ Mean, SD float64 }

// SIUncertainty describes candidates as independent normal variables, each
// truncated to its limits.
type SIUncertainty struct {
	Mean, MeanSD, MeanMin, MeanMax float64
	SD, SDSD, SDMin, SDMax         float64
}

// Check refuses limits that do not enclose the centre or lie outside the range
// of a serial interval.
func (u SIUncertainty) Check() error {
	for _, c := range []struct {
		name       string
		x, sd      float64
		low, high  float64
		least      float64
		leastTaken bool
	}{{"mean", u.Mean, u.MeanSD, u.MeanMin, u.MeanMax, 1, true}, {"standard deviation", u.SD, u.SDSD, u.SDMin, u.SDMax, 0, false}} {
		switch {
		case !(c.sd > 0) || math.IsInf(c.sd, 1):
			return refuse(BadOption, "SIUncertainty", "the spread of the %s is %v; it must be more than 0", c.name, c.sd)
		case !(c.low > c.least || c.leastTaken && c.low == c.least):
			return refuse(BadOption, "SIUncertainty", "the lowest %s is %v; it must be more than %v", c.name, c.low, c.least)
		case !(c.low <= c.x && c.x <= c.high) || math.IsInf(c.high, 1):
			return refuse(BadOption, "SIUncertainty", "the %s %v does not lie between its limits %v and %v", c.name, c.x, c.low, c.high)
		case c.high == c.low:
			return refuse(BadOption, "SIUncertainty", "the limits of the %s leave no room", c.name)
		}
	}
	return nil
}

// Draw gives n candidates from a seed, the same ones each time.
func (u SIUncertainty) Draw(n int, seed uint64) ([]SIPair, error) {
	rng := rand.New(rand.NewPCG(seed, 0x5eed51))
	return u.DrawFrom(n, rng.Float64)
}

// DrawFrom gives n candidates from a source of uniform numbers in (0, 1), by
// inversion.
func (u SIUncertainty) DrawFrom(n int, uniform func() float64) ([]SIPair, error) {
	if err := u.Check(); err != nil {
		return nil, err
	}
	if n < 1 || n > 1e6 {
		return nil, refuse(BadOption, "n", "%d candidates asked for; from 1 to a million are possible", n)
	}
	out := make([]SIPair, n)
	for i := range out {
		out[i].Mean = truncatedNormal(u.Mean, u.MeanSD, u.MeanMin, u.MeanMax, uniform())
		out[i].SD = truncatedNormal(u.SD, u.SDSD, u.SDMin, u.SDMax, uniform())
	}
	return out, nil
}

func truncatedNormal(mean, sd, low, high, u float64) float64 {
	a, b := normalCDF((low-mean)/sd), normalCDF((high-mean)/sd)
	x := mean + sd*normalQuantile(a+u*(b-a))
	return math.Max(low, math.Min(high, x))
}

// ReproductionNumberUncertain estimates R with candidates given by mean and
// standard deviation. A window counts a candidate only if it ends after the
// candidate's mean.
func ReproductionNumberUncertain(s Series, pairs []SIPair, o RtOptions) (Rt, error) {
	parts := make([]*RtEstimator, len(pairs))
	for i, pair := range pairs {
		si, err := DiscretiseSerialInterval(pair.Mean, pair.SD, max(1, len(s.Counts)))
		if err != nil {
			return Rt{}, err
		}
		if parts[i], err = NewRtEstimator(si, o); err != nil {
			return Rt{}, err
		}
		// The interval is cut at the length of the series, which lowers its mean.
		parts[i].siMean = math.Max(parts[i].siMean, pair.Mean)
	}
	return mixRt(s, parts)
}

// ReproductionNumberMixture estimates R with candidates given as weights, for
// example draws from a posterior of the serial interval.
func ReproductionNumberMixture(s Series, candidates []SerialInterval, o RtOptions) (Rt, error) {
	parts := make([]*RtEstimator, len(candidates))
	for i, si := range candidates {
		if err := si.Check(); err != nil {
			return Rt{}, err
		}
		var err error
		if parts[i], err = NewRtEstimator(si, o); err != nil {
			return Rt{}, err
		}
	}
	return mixRt(s, parts)
}

func mixRt(s Series, parts []*RtEstimator) (Rt, error) {
	if len(parts) == 0 {
		return Rt{}, refuse(BadOption, "candidates", "an uncertain serial interval needs at least one candidate")
	}
	in, err := parts[0].read(s)
	if err != nil {
		return Rt{}, err
	}
	out := Rt{Filled: in.filled, Infectivity: make([]Value, len(in.all)), EarlyWarning: parts[0].early(in)}
	each := make([][]float64, len(parts))
	mean := make([]float64, len(in.all))
	for i, e := range parts {
		each[i] = infectivity(e.weights, in.all)
		for t, x := range each[i] {
			mean[t] += x / float64(len(parts))
		}
	}
	for t := 1; t < len(mean); t++ {
		out.Infectivity[t] = Known(mean[t])
	}
	out.Points = make([]RtPoint, len(in.windows))
	scales := make([]float64, 0, len(parts))
	for i, w := range in.windows {
		p := &out.Points[i]
		p.Window, p.Cases, p.Infectivity = w, sumOf(in.local, w), sumOf(mean, w)
		scales = scales[:0]
		for k, e := range parts {
			p.Filled = max(p.Filled, e.filledIn(in, w))
			if float64(w.End+1) > e.siMean {
				scales = append(scales, 1/(e.rate+sumOf(each[k], w)))
			}
		}
		gammaMixture{parts[0].shape + p.Cases, scales}.fill(p)
	}
	return out, nil
}

// gammaMixture is an equal mixture of gamma variables of one shape.
type gammaMixture struct {
	shape  float64
	scales []float64
}

func (g gammaMixture) fill(p *RtPoint) {
	if len(g.scales) == 0 {
		p.Reason = TooEarly
		return
	}
	slices.Sort(g.scales)
	n := float64(len(g.scales))
	first, second, above := 0.0, 0.0, 0.0
	for _, s := range g.scales {
		first += s / n
		second += s * s / n
		_, q := gammaPQ(g.shape, 1/s)
		above += q / n
	}
	p.Mean = Known(g.shape * first)
	// Variance = mean of variances + variance of means.
	p.SD = Known(math.Sqrt(math.Max(0, g.shape*second+g.shape*g.shape*(second-first*first))))
	p.AboveOne = Known(above)
	for i, q := range p.quantiles() {
		*q = Known(g.quantile(rtQuantiles[i]))
	}
}

// quantile solves mean of P(shape, x/scale) = p by Newton steps kept within a
// bracket: the quantiles of the components with the extreme scales.
func (g gammaMixture) quantile(p float64) float64 {
	unit := gammaQuantile(p, g.shape, 1)
	lo, hi := unit*g.scales[0], unit*g.scales[len(g.scales)-1]
	x := unit * g.scales[len(g.scales)/2]
	n := float64(len(g.scales))
	for range 100 {
		below, density := 0.0, 0.0
		for _, s := range g.scales {
			c, _ := gammaPQ(g.shape, x/s)
			below += c / n
			density += poissonTerm(g.shape, x/s) * g.shape / x / n
		}
		if below > p {
			hi = x
		} else {
			lo = x
		}
		next := x - (below-p)/density
		if !(next >= lo && next <= hi) {
			next = (lo + hi) / 2
		}
		if math.Abs(next-x) <= 1e-13*x {
			return next
		}
		x = next
	}
	return x
}

// SampleRt draws from the posterior of one window of a series whose candidates
// are given: draws of R for each candidate in turn. It is what a simulation
// would use; the summaries of Rt do not need it.
func SampleRt(s Series, pairs []SIPair, o RtOptions, w Window, draws int, seed uint64) ([]float64, error) {
	if draws < 1 || len(pairs) == 0 || draws*len(pairs) > 1e8 {
		return nil, refuse(BadOption, "draws", "%d draws for each of %d candidates asked for", draws, len(pairs))
	}
	o.Windows = []Window{w}
	rng := rand.New(rand.NewPCG(seed, 0x5eedd7))
	out := make([]float64, 0, draws*len(pairs))
	for _, pair := range pairs {
		one, err := ReproductionNumberUncertain(s, []SIPair{pair}, o)
		if err != nil {
			return nil, err
		}
		mean, known := one.Points[0].Mean.Get()
		if !known {
			continue
		}
		sd := one.Points[0].SD.Or(0)
		shape, scale := (mean/sd)*(mean/sd), sd*sd/mean
		for range draws {
			out = append(out, scale*randomGamma(rng, shape))
		}
	}
	return out, nil
}
