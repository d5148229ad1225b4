package outbreak

import "math"

// GrowthOptions are the settings of the growth rate.
type GrowthOptions struct {
	StepDays float64 // days per step of the series; 0 means 1
	Level    float64 // of the intervals; 0 means 0.95
	// Compat R gives the limits of doubling and halving times as the plain
	// inverse of the limits of the rate, which is negative where the interval
	// of the rate holds zero; Paper leaves such a limit undefined.
	Compat Compat
}

// GrowthPoint is a fitted value.
type GrowthPoint struct {
	Step         int
	Day          float64 // days from the first step with a case to the middle of this one
	Fit          Value   // expected count
	Lower, Upper Value   // confidence interval of Fit
}

// Growth is an exponential fitted to part of an epidemic curve.
type Growth struct {
	Rate               Value // per day
	RateLow, RateHigh  Value
	Doubling           Value // days; defined where the rate is positive
	DoublingLow        Value
	DoublingHigh       Value // undefined where growth is not certain
	Halving            Value // days; defined where the rate is not positive
	HalvingLow         Value
	HalvingHigh        Value
	AdjustedR2         Value
	Points             []GrowthPoint
	Dropped            int // steps without a case, or missing, that the fit leaves out
	FirstStep, Residue int // first step used; degrees of freedom left
}

// GrowthRate fits log(count) = level + rate x day by least squares over the
// steps that have a case, day being the middle of the step. The growth of early
// epidemics is discussed in Ma, Dushoff, Bolker and Earn, "Estimating initial
// epidemic growth rates", Bulletin of Mathematical Biology 76 (2014) 245-260;
// the fit is that of package incidence (Kamvar et al., F1000Research 8 (2019)
// 139).
func GrowthRate(s Series, o GrowthOptions) (Growth, error) {
	if err := o.defaults(); err != nil {
		return Growth{}, err
	}
	if err := s.Check(); err != nil {
		return Growth{}, err
	}
	return growth(s.Counts, 0, len(s.Counts), o)
}

func (o *GrowthOptions) defaults() error {
	if o.StepDays == 0 {
		o.StepDays = 1
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	if !(o.StepDays > 0) || o.StepDays > 1e6 {
		return refuse(BadOption, "StepDays", "a step has a positive number of days, not %v", o.StepDays)
	}
	if !(o.Level > 0 && o.Level < 1) {
		return refuse(BadOption, "Level", "the level of an interval lies between 0 and 1, not at %v", o.Level)
	}
	return nil
}

// growth fits steps from to (excluded).
func growth(counts []float64, from, to int, o GrowthOptions) (Growth, error) {
	var g Growth
	var days, logs []float64
	g.FirstStep = -1
	for t := from; t < to; t++ {
		if !(counts[t] > 0) {
			g.Dropped++
			continue
		}
		if g.FirstStep < 0 {
			g.FirstStep = t
		}
		day := (float64(t-g.FirstStep) + 0.5) * o.StepDays
		days, logs = append(days, day), append(logs, math.Log(counts[t]))
		g.Points = append(g.Points, GrowthPoint{Step: t, Day: day})
	}
	if len(days) < 2 {
		return Growth{}, refuse(ShortSeries, "Counts", "a growth rate needs at least 2 steps with a case; there is %d", len(days))
	}
	g.Residue = len(days) - 2
	fitLine(days, logs).fill(&g, o)
	return g, nil
}

// line is a least squares fit of y on x.
type line struct {
	n, xbar, ybar, sxx, syy, slope, rss float64
}

func fitLine(x, y []float64) line {
	l := line{n: float64(len(x))}
	for i := range x {
		l.xbar += x[i] / l.n
		l.ybar += y[i] / l.n
	}
	sxy := 0.0
	for i := range x {
		dx, dy := x[i]-l.xbar, y[i]-l.ybar
		l.sxx += dx * dx
		l.syy += dy * dy
		sxy += dx * dy
	}
	l.slope = sxy / l.sxx
	for i := range x {
		r := y[i] - l.ybar - l.slope*(x[i]-l.xbar)
		l.rss += r * r
	}
	return l
}

func (l line) fill(g *Growth, o GrowthOptions) {
	df := l.n - 2
	variance, t := math.NaN(), math.NaN() // two points leave nothing to measure spread with
	if df > 0 {
		variance = l.rss / df
		t = studentQuantile(0.5+o.Level/2, df)
		g.AdjustedR2 = Known(1 - variance/(l.syy/(l.n-1)))
	}
	half := t * math.Sqrt(variance/l.sxx)
	g.Rate, g.RateLow, g.RateHigh = Known(l.slope), Known(l.slope-half), Known(l.slope+half)
	for i := range g.Points {
		p := &g.Points[i]
		d := p.Day - l.xbar
		eta := l.ybar + l.slope*d
		band := t * math.Sqrt(variance*(1/l.n+d*d/l.sxx))
		p.Fit, p.Lower, p.Upper = Known(math.Exp(eta)), Known(math.Exp(eta-band)), Known(math.Exp(eta+band))
	}
	low, high := l.slope-half, l.slope+half
	if l.slope > 0 {
		g.Doubling = Known(math.Ln2 / l.slope)
		g.DoublingLow, g.DoublingHigh = Known(math.Ln2/high), Known(math.Ln2/low)
		if o.Compat == Paper && low <= 0 {
			g.DoublingHigh = Value{}
		}
		return
	}
	g.Halving = Known(-math.Ln2 / l.slope)
	g.HalvingLow, g.HalvingHigh = Known(-math.Ln2/low), Known(-math.Ln2/high)
	if o.Compat == Paper && high >= 0 {
		g.HalvingHigh = Value{}
	}
}

// GrowthSplit fits the steps up to and with split, and those from it on: growth
// before and after a peak.
func GrowthSplit(s Series, split int, o GrowthOptions) (before, after Growth, err error) {
	if err := o.defaults(); err != nil {
		return before, after, err
	}
	if err := s.Check(); err != nil {
		return before, after, err
	}
	if split < 0 || split >= len(s.Counts) {
		return before, after, refuse(BadOption, "split", "step %d is outside the series", split+1)
	}
	if before, err = growth(s.Counts, 0, split+1, o); err != nil {
		return before, after, err
	}
	after, err = growth(s.Counts, split, len(s.Counts), o)
	return before, after, err
}

// BestGrowthSplit tries every step with a case within a quarter of the series
// around its peak and gives the split with the best mean adjusted R squared of
// its two fits, the first of equals.
func BestGrowthSplit(s Series, o GrowthOptions) (split int, before, after Growth, err error) {
	if err := s.Check(); err != nil {
		return 0, before, after, err
	}
	peak, first, last := -1, -1, -1
	for t, x := range s.Counts {
		if !(x > 0) {
			continue
		}
		if first < 0 {
			first = t
		}
		last = t
		if peak < 0 || x > s.Counts[peak] {
			peak = t
		}
	}
	if peak < 0 {
		return 0, before, after, refuse(ShortSeries, "Counts", "there is no case to fit")
	}
	reach := float64(last-first+1) / 8
	best := math.Inf(-1)
	for t, x := range s.Counts {
		if !(x > 0) || math.Abs(float64(t-peak)) > reach {
			continue
		}
		b, a, e := GrowthSplit(s, t, o)
		if e != nil {
			err = e
			continue
		}
		if r2, n := meanDefined(b.AdjustedR2, a.AdjustedR2); n > 0 && r2 > best {
			best, split, before, after = r2, t, b, a
		}
	}
	if math.IsInf(best, -1) {
		if err == nil {
			err = refuse(ShortSeries, "Counts", "no split leaves enough steps with a case on both sides")
		}
		return 0, before, after, err
	}
	return split, before, after, nil
}

func meanDefined(values ...Value) (float64, int) {
	sum, n := 0.0, 0
	for _, v := range values {
		if x, ok := v.Get(); ok {
			sum += x
			n++
		}
	}
	return sum / math.Max(1, float64(n)), n
}
