package outbreakcase

import (
	"bytes"
	"encoding/json"
	"math"

	"lintas/outbreak"
)

func runGLR(c Case) (Answer, error) {
	s, err := series(c)
	if err != nil {
		return nil, err
	}
	o := outbreak.DefaultGLR()
	o.Compat = outbreak.R
	change, dir, ret := "intercept", "inc", "value"
	theta := math.NaN()
	err = all(c.param("c.ARL", &o.Limit), c.param("Mtilde", &o.Least), c.param("M", &o.Window), c.param("change", &change),
		c.param("dir", &dir), c.param("ret", &ret), c.param("theta", &theta), c.param("xMax", &o.MaxCases), glrBaseline(c, &o))
	if err != nil {
		return nil, err
	}
	switch {
	case change == "epi":
		o.Change = outbreak.Epidemic
	case change != "intercept":
		return nil, fail("params.change is %q; known are intercept, epi", change)
	}
	switch {
	case theta == 1:
		return nil, fail("params.theta is 1, which the reference implementation refuses")
	case !math.IsNaN(theta):
		o.Theta = theta
	}
	if dir != "inc" && dir != "dec" || ret != "value" && ret != "cases" {
		return nil, fail("params.dir is inc or dec, and params.ret is value or cases")
	}
	o.Decrease, o.Cases = dir == "dec", ret == "cases"
	if o.Cases && o.Change == outbreak.Epidemic {
		return nil, fail("the epidemic chart does not give the number of cases")
	}
	steps, err := stepRange(c, s, 1)
	if err != nil {
		return nil, err
	}
	from, to := bounds(steps)
	if to-from+1 != len(steps) {
		return nil, fail("params.range has gaps")
	}
	r, err := outbreak.GLR(s, from, to+1, o)
	if err != nil {
		return nil, err
	}
	var t []int
	var observed, mu, stat Numbers
	var alarm []flag
	for _, p := range r.Points {
		t, observed, mu = append(t, p.Step+1), append(observed, value(p.Observed)), append(mu, value(p.Expected))
		v := p.Score
		if o.Cases {
			v = p.Cases
		}
		stat = append(stat, num(math.Max(0, v.Or(0))))
		alarm = append(alarm, flag{on: p.Alarm})
	}
	return Answer{"t": t, "observed": observed, "mu0": mu, "alpha_used": num(r.Alpha), "statistic_or_cases": stat, "alarm": alarm}, nil
}

// glrBaseline reads mu0, given or to be estimated, and alpha. Null for alpha
// asks for an estimate; absent means Poisson unless the means are estimated.
func glrBaseline(c Case, o *outbreak.GLROptions) error {
	alpha := math.NaN()
	if err := c.param("alpha", &alpha); err != nil {
		return err
	}
	raw := bytes.TrimSpace(c.Params["mu0"])
	if estimated := !c.has("mu0") || raw[0] == '{'; estimated {
		m := struct {
			S            *int
			Trend, Refit bool
		}{}
		if c.has("mu0") {
			if err := json.Unmarshal(raw, &m); err != nil {
				return fail("params.mu0 has the wrong form: %v", err)
			}
		}
		if m.S != nil {
			o.Seasonal.Harmonics = *m.S
		}
		o.Seasonal.Trend, o.Seasonal.Refit = m.Trend, m.Refit
		o.Alpha = outbreak.Known(alpha) // undefined when absent: estimated
		return nil
	}
	if !math.IsNaN(alpha) {
		o.Alpha = outbreak.Known(alpha)
	}
	return c.param("mu0", &o.Means)
}
