package outbreakcase

import (
	"math"

	"lintas/outbreak"
)

var farringtonRules = rules{
	"*":     {rel: 1e-6},
	"trace": {skip: "intermediate values"}, "warnings": {skip: "words"},
	"alarm": {exact: true}, "t": {exact: true},
}

var textbookRules = rules{"*": {rel: 1e-6}, "t": {exact: true}, "alarm": {exact: true}}

// farringtonSetup reads settings with the defaults of the reference
// implementation.
func farringtonSetup(c Case) (outbreak.FarringtonOptions, []int, outbreak.Series, error) {
	o := outbreak.FarringtonOptions{Years: 5, HalfWindow: 3, Periods: 1, Omit: -1, Alpha: 0.05, Trend: true, TrendP: 0.05,
		Reweight: true, ResidualLimit: 2.58, Compat: outbreak.R}
	limit, power, method := []int{5, 4}, "2/3", "delta"
	err := all(c.param("b", &o.Years), c.param("w", &o.HalfWindow), c.param("noPeriods", &o.Periods),
		c.param("pastWeeksNotIncluded", &o.Omit), c.param("alpha", &o.Alpha), c.param("trend", &o.Trend),
		c.param("pThresholdTrend", &o.TrendP), c.param("reweight", &o.Reweight), c.param("weightsThreshold", &o.ResidualLimit),
		c.param("populationOffset", &o.Population), c.param("limit54", &limit), c.param("powertrans", &power),
		c.param("thresholdMethod", &method))
	if err != nil {
		return o, nil, outbreak.Series{}, err
	}
	if len(limit) != 2 {
		return o, nil, outbreak.Series{}, fail("params.limit54 has two numbers: cases and steps")
	}
	o.MinCases, o.MinSteps = limit[0], limit[1]
	if o.Omit < 0 {
		o.Omit = o.HalfWindow
	}
	if o.Method, err = methodOf(method); err != nil {
		return o, nil, outbreak.Series{}, err
	}
	if o.Power, err = powerOf(power); err != nil {
		return o, nil, outbreak.Series{}, err
	}
	s, err := series(c)
	if err != nil {
		return o, nil, s, err
	}
	steps, err := stepRange(c, s, s.PerYear()*o.Years+o.HalfWindow)
	return o, steps, s, err
}

func methodOf(name string) (outbreak.ThresholdMethod, error) {
	switch name {
	case "delta":
		return outbreak.Delta, nil
	case "nbPlugin":
		return outbreak.NBPlugin, nil
	case "muan":
		return outbreak.Muan, nil
	}
	return 0, fail("there is no threshold method %q; known are delta, nbPlugin, muan", name)
}

func powerOf(name string) (outbreak.PowerTransform, error) {
	switch name {
	case "2/3":
		return outbreak.TwoThirds, nil
	case "1/2":
		return outbreak.SquareRoot, nil
	case "none":
		return outbreak.Identity, nil
	}
	return 0, fail("there is no power transformation %q; known are 2/3, 1/2, none", name)
}

// farringtonColumns are the columns of the reference implementation.
type farringtonColumns struct {
	t                                      []int
	observed, upper, expected, score       Numbers
	pvalue, mu0, phi, trend, slope, trendP Numbers
	se                                     Numbers
	alarm                                  []flag
	warnings                               []string
}

func runFarrington(c Case) (Answer, error) {
	o, steps, s, err := farringtonSetup(c)
	if err != nil {
		return nil, err
	}
	from, to := steps[0], steps[0]
	for _, k := range steps {
		from, to = min(from, k), max(to, k)
	}
	if to-from+1 > len(steps) {
		return nil, fail("params.range has gaps; the reference implementation takes a range without gaps")
	}
	points, err := outbreak.Farrington(s, from, to+1, o)
	if err != nil {
		return nil, err
	}
	var col farringtonColumns
	for _, k := range steps {
		col.add(points[k-from], s.Counts, o)
	}
	a := Answer{"t": col.t, "observed": col.observed, "upperbound": col.upper, "alarm": col.alarm, "expected": col.expected,
		"score": col.score, "pvalue": col.pvalue, "mu0Vector": col.mu0, "phi": col.phi, "trend": col.trend, "trendCoef": col.slope}
	if len(col.warnings) > 0 {
		a["warnings"] = col.warnings
	}
	return a, nil
}

func (f *farringtonColumns) add(p outbreak.FarringtonPoint, counts []float64, o outbreak.FarringtonOptions) {
	f.t = append(f.t, p.Step+1)
	f.observed = append(f.observed, value(p.Observed))
	if p.Reason == outbreak.NotConverged {
		f.upper, f.expected = append(f.upper, na()), append(f.expected, num(0))
		f.score, f.pvalue, f.mu0 = append(f.score, na()), append(f.pvalue, na()), append(f.mu0, na())
		f.phi, f.trend, f.slope = append(f.phi, na()), append(f.trend, na()), append(f.slope, na())
		f.alarm = append(f.alarm, flag{na: true})
		f.warnings = append(f.warnings, "the model did not converge, with or without a trend")
		return
	}
	upper, bounded := p.Threshold.Get()
	enough := p.Reason != outbreak.TooFewCases && recentReported(counts, p.Step, o.MinSteps)
	if !bounded || !enough {
		f.upper, f.expected = append(f.upper, na()), append(f.expected, na())
	} else {
		f.upper, f.expected = append(f.upper, num(upper)), append(f.expected, value(p.Expected))
	}
	f.score = append(f.score, linkScore(p, o))
	f.pvalue = append(f.pvalue, value(p.PValue))
	f.mu0 = append(f.mu0, plugMean(p, o))
	f.phi = append(f.phi, value(p.Dispersion))
	f.trend = append(f.trend, num(map[bool]float64{true: 1}[p.Trend]))
	f.slope = append(f.slope, value(p.Slope))
	f.alarm = append(f.alarm, flag{on: p.Alarm})
}

// recentReported tells whether the rule of recent cases could be read: without
// gaps in the last steps.
func recentReported(counts []float64, step, steps int) bool {
	for i := max(0, step-steps+1); i <= step; i++ {
		if outbreak.IsMissing(counts[i]) {
			return false
		}
	}
	return true
}

// linkScore is the score of the reference implementation, which for the quantile
// methods mixes the scale of the counts with that of the model.
func linkScore(p outbreak.FarringtonPoint, o outbreak.FarringtonOptions) Number {
	upper, bounded := p.Threshold.Get()
	y, seen := p.Observed.Get()
	if !bounded || !seen {
		return na()
	}
	centre := p.Expected.Or(math.NaN())
	if o.Method != outbreak.Delta {
		centre = p.LinkFit.Or(math.NaN())
	}
	return num((y - centre) / (upper - centre))
}

// plugMean is the mean that the reference implementation writes down: with the
// delta method it takes the expected count for its own logarithm.
func plugMean(p outbreak.FarringtonPoint, o outbreak.FarringtonOptions) Number {
	mean, centre, se := p.Expected.Or(math.NaN()), p.LinkFit.Or(math.NaN()), p.LinkError.Or(math.NaN())
	z := outbreak.NormalQuantile(1 - o.Alpha)
	switch o.Method {
	case outbreak.NBPlugin:
		return num(mean)
	case outbreak.Delta:
		centre, se = mean, se*mean
	}
	return num(math.Exp(centre + z*se))
}

func runFarringtonTextbook(c Case) (Answer, error) {
	o, steps, s, err := farringtonSetup(c)
	if err != nil {
		return nil, err
	}
	o.Compat, o.MinCases = outbreak.Paper, 0
	var col farringtonColumns
	for _, k := range steps {
		points, err := outbreak.Farrington(s, k, k+1, o)
		if err != nil {
			return nil, err
		}
		p := points[0]
		if p.Reason == outbreak.TooShort {
			return nil, fail("step %d has not enough history", k+1)
		}
		col.t = append(col.t, k+1)
		col.observed = append(col.observed, value(p.Observed))
		col.expected = append(col.expected, value(p.Expected))
		col.phi = append(col.phi, value(p.Dispersion))
		col.se = append(col.se, value(p.LinkError))
		col.trend = append(col.trend, num(map[bool]float64{true: 1}[p.Trend]))
		col.trendP = append(col.trendP, value(p.TrendP))
		col.upper = append(col.upper, value(p.Threshold))
		col.pvalue = append(col.pvalue, value(p.PValue))
		col.alarm = append(col.alarm, flag{on: p.Alarm, na: p.Reason == outbreak.MissingCount})
	}
	return Answer{"t": col.t, "observed": col.observed, "expected": col.expected, "phi": col.phi, "se_link": col.se, "trend": col.trend,
		"trend_p": col.trendP, "upperbound": col.upper, "pvalue": col.pvalue, "alarm": col.alarm}, nil
}
