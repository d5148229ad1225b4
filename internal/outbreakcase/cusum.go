package outbreakcase

import (
	"encoding/json"
	"strings"

	"lintas/outbreak"
)

var cusumRules = rules{"*": {rel: 1e-9}, "m": {rel: 1e-6}, "alarm": {exact: true}, "t": {exact: true}}

func runCUSUM(c Case) (Answer, error) {
	s, err := series(c)
	if err != nil {
		return nil, err
	}
	o, trans := outbreak.DefaultCUSUM(), "standard"
	o.Compat = outbreak.R
	err = all(c.param("k", &o.K), c.param("h", &o.H), c.param("trans", &trans), c.param("alpha", &o.Alpha),
		c.param("start_week", &o.Phase), cusumBaseline(c, &o))
	if err != nil {
		return nil, err
	}
	if o.Transform, err = outbreak.TransformNamed(trans); err != nil {
		return nil, err
	}
	steps, err := stepRange(c, s, 1)
	if err != nil {
		return nil, err
	}
	from, to := bounds(steps)
	if to-from+1 != len(steps) {
		return nil, fail("params.range has gaps")
	}
	points, err := outbreak.CUSUM(s, from, to+1, o)
	if err != nil {
		return nil, err
	}
	var t []int
	var observed, m, sums, upper Numbers
	var alarm []flag
	for _, p := range points {
		t, observed = append(t, p.Step+1), append(observed, value(p.Observed))
		m, sums = append(m, value(p.Expected)), append(sums, value(p.Sum))
		upper = append(upper, num(p.Threshold.Or(0)))
		alarm = append(alarm, flag{on: p.Alarm, na: !p.Sum.Defined()})
	}
	if !o.Seasonal && len(o.Means) < 2 {
		m = m[:1]
	}
	return Answer{"t": t, "observed": observed, "m": m, "cusum": sums, "upperbound": upper, "alarm": alarm}, nil
}

// cusumBaseline reads m: a number or several, "glm", or words for the mean of
// what came before.
func cusumBaseline(c Case, o *outbreak.CUSUMOptions) error {
	var words string
	if !c.has("m") {
		return nil
	}
	if json.Unmarshal(c.Params["m"], &words) != nil {
		return c.param("m", &o.Means)
	}
	switch {
	case words == "glm":
		o.Seasonal = true
	case !strings.HasPrefix(words, "mean"):
		return fail("params.m is %q; it is a number, \"glm\" or absent", words)
	}
	return nil
}
