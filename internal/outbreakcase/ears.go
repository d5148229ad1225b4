package outbreakcase

import (
	"math"
	"slices"

	"lintas/outbreak"
)

func runEARS(c Case) (Answer, error) {
	s, err := series(c)
	if err != nil {
		return nil, err
	}
	name := "C1"
	if err := c.param("method", &name); err != nil {
		return nil, err
	}
	methods := map[string]outbreak.EARSMethod{"C1": outbreak.C1, "C2": outbreak.C2, "C3": outbreak.C3}
	m, ok := methods[name]
	if !ok {
		return nil, fail("there is no EARS method %q; known are C1, C2, C3", name)
	}
	o := outbreak.DefaultEARS(m)
	o.Compat = outbreak.R
	if err := all(c.param("baseline", &o.Baseline), c.param("minSigma", &o.MinSigma), c.param("alpha", &o.Alpha)); err != nil {
		return nil, err
	}
	steps, err := stepRange(c, s, o.Reach())
	if err != nil {
		return nil, err
	}
	from, to := bounds(steps)
	if o.Method == outbreak.C3 && to-from+1 != len(steps) {
		return nil, fail("params.range has gaps; the reference implementation of C3 takes a range without gaps")
	}
	points, err := outbreak.EARS(s, from, to+1, o)
	if err != nil {
		return nil, err
	}
	var t []int
	var observed, upper Numbers
	var alarm []flag
	for _, k := range slices.Sorted(slices.Values(steps)) {
		p := points[k-from]
		t, observed = append(t, k+1), append(observed, value(p.Observed))
		bound := value(p.Threshold)
		if p.Reason == outbreak.UndefinedVariance {
			bound = num(math.NaN())
		}
		upper = append(upper, bound)
		alarm = append(alarm, flag{on: p.Alarm, na: bound.NA || math.IsNaN(bound.X) || !p.Observed.Defined()})
	}
	return Answer{"t": t, "observed": observed, "upperbound": upper, "alarm": alarm}, nil
}

func runEARSDocumented(c Case) (Answer, error) {
	s, err := series(c)
	if err != nil {
		return nil, err
	}
	base, alpha12, alpha3 := outbreak.DefaultEARS(outbreak.C1), 0.001, 0.025
	err = all(c.param("baseline", &base.Baseline), c.param("minSigma", &base.MinSigma),
		c.param("alpha_c1_c2", &alpha12), c.param("alpha_c3", &alpha3))
	if err != nil {
		return nil, err
	}
	a := Answer{}
	t := make([]int, len(s.Counts))
	for i := range t {
		t[i] = i + 1
	}
	a["t"] = t
	for _, m := range []struct {
		method     outbreak.EARSMethod
		low, upper string
		alpha      float64
	}{{outbreak.C1, "c1", "C1", alpha12}, {outbreak.C2, "c2", "C2", alpha12}, {outbreak.C3, "c3", "C3", alpha3}} {
		o := base
		o.Method, o.Alpha = m.method, m.alpha
		points, err := outbreak.EARS(s, 0, len(s.Counts), o)
		if err != nil {
			return nil, err
		}
		var mean, sd, score, bound Numbers
		var alarm []flag
		for _, p := range points {
			mean, sd = append(mean, value(p.Mean)), append(sd, value(p.SD))
			score, bound = append(score, value(p.Score)), append(bound, documentedBound(p))
			alarm = append(alarm, flag{on: p.Alarm, na: !p.Score.Defined()})
		}
		a[m.upper], a[m.low+"_alarm"] = score, alarm
		if m.method == outbreak.C3 {
			a["c3_upper_for_current_count"] = bound
		} else {
			a[m.low+"_mean"], a[m.low+"_sd"] = mean, sd
		}
	}
	return a, nil
}

func bounds(steps []int) (from, to int) {
	from, to = steps[0], steps[0]
	for _, k := range steps {
		from, to = min(from, k), max(to, k)
	}
	return from, to
}

// documentedBound is the count from which C3 speaks. Where the two steps before
// are already enough, every count is, and the reference writes what would be
// enough without them.
func documentedBound(p outbreak.EARSPoint) Number {
	upper := value(p.Threshold)
	if mean, ok := p.Mean.Get(); ok && !upper.NA && upper.X == 0 {
		return num(mean + p.SD.Or(0))
	}
	return upper
}
