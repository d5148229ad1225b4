package outbreak

import "math"

// fitted is the final model of one step.
type fitted struct {
	fitResult
	phi    float64 // dispersion, at least 1
	forSE  float64 // dispersion in the standard errors
	eta    float64
	se     float64
	trendP float64 // NaN where no trend was fitted
	slope  float64
	reason Reason
}

// Point judges the step of the plan in one series on its axis.
func (p *FarringtonPlan) Point(w *FarringtonWork, series, population []float64) FarringtonPoint {
	pt := FarringtonPoint{Point: Point{Step: p.step}}
	if len(series) != p.length || p.opt.Population && population != nil && len(population) != p.length {
		pt.Reason = BadInput
		return pt
	}
	y := series[p.step]
	pt.Observed = Known(y)
	w.load(p, series, population)
	pt.Used = w.rows
	current := p.levels - 1
	switch {
	case w.rows == 0 || w.base[current].u == 0, p.opt.Compat == R && p.levels > 1 && w.used < 2:
		// The reference implementation also needs two levels for its contrasts.
		pt.Reason = NoReference
		return pt
	case math.IsInf(w.total, 0) || w.total > 1e13:
		pt.Reason = BadInput
		return pt
	case w.total == 0 && p.opt.Compat == Paper:
		p.neverSeen(w, &pt, y, series)
		return pt
	}
	f := w.model(p, p.offset(population))
	pt.TrendP = Known(f.trendP)
	if f.reason != Decided {
		pt.Reason = f.reason
		return pt
	}
	p.describe(&pt, f)
	p.threshold(&pt, f, y)
	p.decide(&pt, y, series)
	return pt
}

func (p *FarringtonPlan) offset(population []float64) float64 {
	if !p.opt.Population || population == nil {
		return 0
	}
	return math.Log(population[p.step])
}

// model fits with a trend, keeps it if the rules say so, else fits without.
func (w *FarringtonWork) model(p *FarringtonPlan, offset float64) fitted {
	f := fitted{trendP: math.NaN(), reason: NotConverged}
	if p.opt.Trend {
		f = w.reweighted(p, true)
		if f.reason == Decided {
			f.predictAt(w, p, offset)
			se := math.Sqrt(f.forSE / (w.gamma * w.prev))
			f.slope = w.beta
			f.trendP = math.NaN()
			if se > 0 {
				f.trendP = studentTwoSided(f.slope/se, f.df)
			}
			if p.keeps(f, w.largest) {
				return f
			}
		}
	}
	trendP := f.trendP
	f = w.reweighted(p, false)
	f.trendP = trendP
	if f.reason == Decided {
		f.predictAt(w, p, offset)
	}
	return f
}

// keeps are the rules for a trend: significant, three years of history, and no
// extrapolation beyond the largest past count.
func (p *FarringtonPlan) keeps(f fitted, largest float64) bool {
	significant := f.trendP < p.opt.TrendP || p.opt.TrendP >= 1 && f.trendP <= 1 && p.opt.Compat == Paper
	return p.opt.Years >= 3 && significant && math.Exp(f.eta) <= largest
}

// predictTime is the time at which the model is read. The reference
// implementation counts the days of the past from its first row, but those of
// the judged step from the first row that has a count.
func (p *FarringtonPlan) predictTime(w *FarringtonWork) float64 {
	if p.opt.Compat != R || !p.dated {
		return p.now
	}
	for i, u := range w.u {
		if u > 0 {
			return p.now - p.day[i]
		}
	}
	return p.now
}

// reweighted fits once, and again with past outbreaks down-weighted.
func (w *FarringtonWork) reweighted(p *FarringtonPlan, trend bool) fitted {
	w.upweight()
	f := fitted{reason: NotConverged, trendP: math.NaN()}
	f.fitResult = w.fit(p, trend)
	if !f.converged || !(f.pearson >= 0) || math.IsInf(f.pearson, 1) {
		return f
	}
	f.phi = math.Max(1, f.pearson)
	if p.opt.Reweight && w.downweight(p, trend, f.phi) {
		f.fitResult = w.fit(p, trend)
		if !(f.pearson >= 0) || math.IsInf(f.pearson, 1) {
			return f
		}
		f.phi = math.Max(1, f.pearson)
	}
	f.forSE = f.phi
	if p.opt.Compat == R {
		f.forSE = f.pearson
		if p.opt.Reweight {
			f.forSE = f.relative
		}
	}
	f.reason = Decided
	return f
}

func (f *fitted) predictAt(w *FarringtonWork, p *FarringtonPlan, offset float64) {
	eta, variance := w.predict(p.levels-1, p.predictTime(w), offset, f.trend)
	f.eta, f.se = eta, math.Sqrt(variance*f.forSE)
}

func (p *FarringtonPlan) describe(pt *FarringtonPoint, f fitted) {
	pt.Trend = f.trend
	if f.trend {
		pt.Slope = Known(f.slope)
	}
	pt.Dispersion = Known(f.phi)
	pt.LinkFit, pt.LinkError = Known(f.eta), Known(f.se)
	pt.Expected = Known(math.Exp(f.eta))
}

// threshold sets threshold, p-value and score.
func (p *FarringtonPlan) threshold(pt *FarringtonPoint, f fitted, y float64) {
	mean := math.Exp(f.eta)
	if p.opt.Method == Delta {
		upper, pvalue := deltaLimit(mean, f.se*mean, f.phi, p.opt.Alpha, p.opt.Power, y)
		pt.Threshold, pt.PValue = Known(upper), Known(pvalue)
	} else {
		z := normalQuantile(1 - p.opt.Alpha)
		at := mean
		if p.opt.Method == Muan {
			at = math.Exp(f.eta + z*f.se)
		}
		pt.QuantileMean = Known(at)
		// A mean that large is the upper limit for a season without a case.
		if at <= 1e12 || p.opt.Compat == R && !math.IsInf(at, 0) {
			law := lawOf(at, f.phi)
			pt.Threshold = Known(law.quantile(1-p.opt.Alpha, z))
			if y >= 0 {
				pt.PValue = Known(law.above(y))
			}
		}
	}
	if upper, ok := pt.Threshold.Get(); ok && y >= 0 && upper != mean {
		pt.Score = Known((y - mean) / (upper - mean))
	}
}

// deltaLimit is the upper limit on the transformed scale and the chance of a
// count above y (Farrington 1996, section 3.7).
func deltaLimit(mean, se, phi, alpha float64, power PowerTransform, y float64) (upper, pvalue float64) {
	tau := phi + se*se/mean
	exponent, sd := 1.0, math.Sqrt(mean*tau)
	switch power {
	case TwoThirds:
		exponent, sd = 2.0/3, math.Sqrt(4.0/9*math.Cbrt(mean)*tau)
	case SquareRoot:
		exponent, sd = 0.5, math.Sqrt(tau/4)
	}
	centre := math.Pow(mean, exponent)
	z := normalQuantile(1 - alpha)
	upper = math.Pow(centre+z*sd, 1/exponent)
	if lower := math.Pow(centre-z*sd, 1/exponent); lower > upper || math.IsNaN(upper) {
		upper = lower
	}
	return upper, normalAbove((math.Pow(y, exponent) - centre) / sd)
}

// decide applies the rule of recent cases and says why there is no alarm.
func (p *FarringtonPlan) decide(pt *FarringtonPoint, y float64, series []float64) {
	threshold, known := pt.Threshold.Get()
	switch {
	case math.IsNaN(y):
		pt.Reason = MissingCount
	case !known:
		pt.Reason = Unbounded
	case !p.enough(series):
		pt.Reason = TooFewCases
	default:
		pt.Alarm = y > threshold && y != 0
	}
}

// enough tells whether the last steps hold enough cases for an alarm. What was
// not reported cannot be counted, but what was may already be enough; the
// reference implementation wants every step reported.
func (p *FarringtonPlan) enough(series []float64) bool {
	sum := 0.0
	for i := max(0, p.step-p.opt.MinSteps+1); i <= p.step; i++ {
		x := series[i]
		if math.IsNaN(x) {
			if p.opt.Compat == R {
				return false
			}
			continue
		}
		sum += x
	}
	return sum >= float64(p.opt.MinCases)
}

// neverSeen judges a step whose whole history is zero, where the fit has no
// finite answer. The rate gets Jeffreys' prior: after n steps without a case its
// mean is 1/(2n), and a new count is negative binomial with size 1/2.
func (p *FarringtonPlan) neverSeen(w *FarringtonWork, pt *FarringtonPoint, y float64, series []float64) {
	n := float64(w.rows)
	law := countLaw{mean: 0.5 / n, phi: 1 + 1/n, size: 0.5, p: n / (n + 1), q: 1 / (n + 1)}
	pt.Expected, pt.Dispersion = Known(law.mean), Known(law.phi)
	pt.Threshold = Known(law.quantile(1-p.opt.Alpha, normalQuantile(1-p.opt.Alpha)))
	if y >= 0 {
		pt.PValue = Known(law.above(y))
		pt.Score = Known((y - law.mean) / math.Max(pt.Threshold.Or(0)-law.mean, law.mean))
	}
	p.decide(pt, y, series)
}
