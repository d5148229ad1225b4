package outbreak

import "math"

// SerialInterval is the probability that the onsets of an infector and of the
// one infected are 0, 1, 2, ... steps apart. The weight of 0 is zero: a case
// infects nobody within its own step. The weights sum to one, or to a little
// less where a long tail was cut.
type SerialInterval []float64

// NewSerialInterval checks weights that come from elsewhere, such as a table in
// a paper: the first is zero, none is negative, and they sum to one within 0.01.
func NewSerialInterval(weights []float64) (SerialInterval, error) {
	si := SerialInterval(weights)
	if err := si.Check(); err != nil {
		return nil, err
	}
	return si, nil
}

// Check refuses weights that are no serial interval.
func (si SerialInterval) Check() error {
	if len(si) == 0 {
		return refuse(BadOption, "SerialInterval", "a serial interval needs at least the weights of lags 0 and 1")
	}
	if si[0] != 0 {
		return refuse(BadOption, "SerialInterval", "the weight of lag 0 is %v; it must be zero", si[0])
	}
	sum := 0.0
	for lag, w := range si {
		if !(w >= 0) || math.IsInf(w, 1) {
			return refuse(BadOption, "SerialInterval", "the weight of lag %d is %v; a weight is zero or more", lag, w)
		}
		sum += w
	}
	if math.Abs(sum-1) > 0.01 {
		return refuse(BadOption, "SerialInterval", "the weights sum to %.4g; they must sum to 1", sum)
	}
	return nil
}

// Mean is the sum of lag times weight.
func (si SerialInterval) Mean() float64 {
	mean := 0.0
	for lag, w := range si {
		mean += float64(lag) * w
	}
	return mean
}

// SD is the standard deviation; undefined where the weights leave so much out
// that it would be imaginary.
func (si SerialInterval) SD() Value {
	mean, square := 0.0, 0.0
	for lag, w := range si {
		mean += float64(lag) * w
		square += float64(lag) * float64(lag) * w
	}
	return Known(math.Sqrt(square - mean*mean))
}

// Normalised is the serial interval scaled so that its weights sum to one.
func (si SerialInterval) Normalised() SerialInterval {
	sum := 0.0
	for _, w := range si {
		sum += w
	}
	out := make(SerialInterval, len(si))
	for lag, w := range si {
		out[lag] = w / sum
	}
	return out
}

// trimmed leaves out the lags at the end that weigh nothing.
func (si SerialInterval) trimmed() []float64 {
	n := len(si)
	for n > 0 && si[n-1] == 0 {
		n--
	}
	return si[:n]
}

// DiscretiseSerialInterval gives the weights of lags 0 to lags-1 of a gamma
// distribution shifted by one step, of the given mean (above 1) and standard
// deviation (above 0), both in steps: Cori, Ferguson, Fraser and Cauchemez, "A
// new framework and software to estimate time-varying reproduction numbers
// during epidemics", American Journal of Epidemiology 178 (2013) 1505-1512, web
// appendix 11. The weights are not normalised: what lies beyond the last lag is
// cut off.
func DiscretiseSerialInterval(mean, sd float64, lags int) (SerialInterval, error) {
	g, err := shiftedGamma(mean, sd)
	if err != nil {
		return nil, err
	}
	if lags < 1 || lags > 1e6 {
		return nil, refuse(BadOption, "lags", "%d lags asked for; from 1 to a million are possible", lags)
	}
	si := make(SerialInterval, lags)
	var back, last gammaAt // two lags and one lag before
	for k := range si {
		here := g.at(float64(k))
		si[k] = g.weight(float64(k), here, last, back)
		back, last = last, here
	}
	return si, nil
}

// SerialIntervalWeight is the weight of one lag (zero or more, not necessarily
// whole) of the distribution of DiscretiseSerialInterval.
func SerialIntervalWeight(lag, mean, sd float64) (float64, error) {
	g, err := shiftedGamma(mean, sd)
	if err != nil {
		return 0, err
	}
	if !(lag >= 0) || lag > 1e12 {
		return 0, refuse(BadOption, "lag", "a lag is zero or more, not %v", lag)
	}
	return g.weight(lag, g.at(lag), g.at(lag-1), g.at(lag-2)), nil
}

type gammaSI struct{ shape, scale float64 }

// gammaAt is the distribution function of the gamma at a lag, and of the gamma
// with one more in its shape, which is the partial expectation over the mean.
type gammaAt struct{ cdf, partial float64 }

func shiftedGamma(mean, sd float64) (gammaSI, error) {
	if !(mean > 1) || mean > 1e9 {
		return gammaSI{}, refuse(BadOption, "mean", "the mean serial interval is %v steps; it must be more than 1", mean)
	}
	if !(sd > 0) || sd > 1e9 {
		return gammaSI{}, refuse(BadOption, "sd", "the standard deviation of the serial interval is %v; it must be more than 0", sd)
	}
	return gammaSI{shape: (mean - 1) * (mean - 1) / (sd * sd), scale: sd * sd / (mean - 1)}, nil
}

func (g gammaSI) at(lag float64) gammaAt {
	if lag <= 0 {
		return gammaAt{}
	}
	cdf, _ := gammaPQ(g.shape, lag/g.scale)
	partial, _ := gammaPQ(g.shape+1, lag/g.scale)
	return gammaAt{cdf, partial}
}

func (g gammaSI) weight(k float64, here, last, back gammaAt) float64 {
	w := k*here.cdf + (k-2)*back.cdf - 2*(k-1)*last.cdf
	w += g.shape * g.scale * (2*last.partial - back.partial - here.partial)
	return math.Max(0, w)
}

// withoutRounding drops weights that are no more than what cancellation leaves,
// so that a lag far out cannot become the only possible link between two cases.
func withoutRounding(weights []float64) []float64 {
	out := make([]float64, len(weights))
	for lag, w := range weights {
		if w >= 1e-15*float64(lag) {
			out[lag] = w
		}
	}
	return out
}
