package outbreakcase

import (
	"encoding/json"
	"math"
	"strconv"

	"lintas/outbreak"
)

// Cases of EpiEstim: estimate_R, wallinga_teunis and discr_si.

// windows reads t_start and t_end, counted from 1; absent, the library's
// default holds.
func (c Case) windows() ([]outbreak.Window, error) {
	var start, end []int
	if err := all(c.param("t_start", &start), c.param("t_end", &end)); err != nil {
		return nil, err
	}
	if start == nil || end == nil {
		return nil, nil
	}
	if len(start) != len(end) {
		return nil, fail("params.t_start has %d entries, params.t_end %d", len(start), len(end))
	}
	out := make([]outbreak.Window, len(start))
	for i := range out {
		out[i] = outbreak.Window{Start: start[i] - 1, End: end[i] - 1}
	}
	return out, nil
}

// incidence reads `I`, or `local` and `imported`. All cases of the first step
// count as imported, which the estimate sees to itself.
func (c Case) incidence() (local, imported []float64, err error) {
	var i, l, m Numbers
	if err := all(c.input("I", &i), c.input("local", &l), c.input("imported", &m)); err != nil {
		return nil, nil, err
	}
	if l != nil {
		if m == nil {
			return nil, nil, fail("input.local needs input.imported beside it")
		}
		return l.counts(), m.counts(), nil
	}
	if i == nil {
		return nil, nil, fail("input.I is missing")
	}
	return i.counts(), nil, nil
}

func (c Case) rtOptions() (outbreak.RtOptions, error) {
	var o outbreak.RtOptions
	mean, sd, cv := 5.0, 5.0, 0.3
	err := all(c.param("mean_prior", &mean), c.param("std_prior", &sd), c.param("cv_posterior", &cv))
	if err != nil {
		return o, err
	}
	// Zero means the default in the library, and is refused by EpiEstim.
	if mean == 0 || sd == 0 {
		return o, fail("params.mean_prior and params.std_prior must be more than 0")
	}
	o.PriorMean, o.PriorSD, o.PosteriorCV = mean, sd, cv
	o.Windows, err = c.windows()
	return o, err
}

// method names the way the serial interval is given; absent, it is read off the
// other settings.
func (c Case) method() (string, error) {
	method := ""
	if err := c.param("method", &method); err != nil || method != "" {
		return method, err
	}
	switch {
	case c.has("si_sample"):
		return "si_from_sample", nil
	case c.has("si_distr"):
		return "non_parametric_si", nil
	case c.has("std_mean_si"):
		return "uncertain_si", nil
	}
	return "parametric_si", nil
}

func runEstimateR(c Case) (Answer, error) {
	local, imported, err := c.incidence()
	if err != nil {
		return nil, err
	}
	o, err := c.rtOptions()
	if err != nil {
		return nil, err
	}
	o.Imported = imported
	method, err := c.method()
	if err != nil {
		return nil, err
	}
	s := outbreak.Series{Counts: local, Frequency: outbreak.Daily}
	switch method {
	case "uncertain_si":
		return c.uncertainR(s, o)
	case "si_from_sample":
		return c.sampledR(s, o)
	}
	si, err := c.serialInterval(method, len(local))
	if err != nil {
		return nil, err
	}
	rt, err := outbreak.ReproductionNumber(s, si, o)
	if err != nil {
		return nil, err
	}
	a := rtColumns(rt)
	a["si_distr"] = numbers(si)
	a["SI_mean"], a["SI_std"] = num(si.Mean()), value(si.SD())
	lambda := make(Numbers, len(rt.Infectivity))
	for t, x := range rt.Infectivity {
		lambda[t] = value(x)
	}
	a["overall_infectivity"] = lambda
	return a, nil
}

// serialInterval has a weight for every lag of the series and one more, as
// EpiEstim writes it.
func (c Case) serialInterval(method string, n int) (outbreak.SerialInterval, error) {
	var si outbreak.SerialInterval
	switch method {
	case "non_parametric_si":
		var weights []float64
		if err := c.param("si_distr", &weights); err != nil {
			return nil, err
		}
		var err error
		if si, err = outbreak.NewSerialInterval(weights); err != nil {
			return nil, err
		}
	case "parametric_si":
		mean, sd, err := c.siMoments()
		if err != nil {
			return nil, err
		}
		if si, err = outbreak.DiscretiseSerialInterval(mean, sd, max(n, 1)); err != nil {
			return nil, err
		}
	default:
		return nil, fail("the method %q is not known; known are parametric_si, non_parametric_si, uncertain_si and si_from_sample", method)
	}
	for len(si) < n+1 {
		si = append(si, 0)
	}
	return si, nil
}

func (c Case) siMoments() (mean, sd float64, err error) {
	mean, sd = math.NaN(), math.NaN()
	err = all(c.param("mean_si", &mean), c.param("std_si", &sd))
	if err == nil && (math.IsNaN(mean) || math.IsNaN(sd)) {
		err = fail("params.mean_si and params.std_si are needed")
	}
	return mean, sd, err
}

func rtColumns(rt outbreak.Rt) Answer {
	columns := map[string]func(outbreak.RtPoint) Number{
		"t_start": func(p outbreak.RtPoint) Number { return num(float64(p.Start + 1)) },
		"t_end":   func(p outbreak.RtPoint) Number { return num(float64(p.End + 1)) },
		"mean":    func(p outbreak.RtPoint) Number { return value(p.Mean) },
		"std":     func(p outbreak.RtPoint) Number { return value(p.SD) },
		"q025":    func(p outbreak.RtPoint) Number { return value(p.Q025) },
		"q05":     func(p outbreak.RtPoint) Number { return value(p.Q05) },
		"q25":     func(p outbreak.RtPoint) Number { return value(p.Q25) },
		"median":  func(p outbreak.RtPoint) Number { return value(p.Median) },
		"q75":     func(p outbreak.RtPoint) Number { return value(p.Q75) },
		"q95":     func(p outbreak.RtPoint) Number { return value(p.Q95) },
		"q975":    func(p outbreak.RtPoint) Number { return value(p.Q975) },
	}
	a := Answer{}
	for name, get := range columns {
		column := make(Numbers, len(rt.Points))
		for i, p := range rt.Points {
			column[i] = get(p)
		}
		a[name] = column
	}
	a["warnings"] = nil
	if rt.EarlyWarning {
		a.warn("the first window has too few cases for the wanted coefficient of variation of the posterior")
	}
	return a
}

func (a Answer) warn(sentence string) {
	had, _ := a["warnings"].([]string)
	a["warnings"] = append(had, sentence)
}

// uncertainR estimates with candidate serial intervals. The columns of the
// mixture and those that EpiEstim simulates are the same numbers here: the
// exact ones.
func (c Case) uncertainR(s outbreak.Series, o outbreak.RtOptions) (Answer, error) {
	pairs, err := c.pairs()
	if err != nil {
		return nil, err
	}
	rt, err := outbreak.ReproductionNumberUncertain(s, pairs, o)
	if err != nil {
		return nil, err
	}
	a := rtColumns(rt)
	means, sds := make(Numbers, len(pairs)), make(Numbers, len(pairs))
	for i, p := range pairs {
		means[i], sds[i] = num(p.Mean), num(p.SD)
	}
	a["SI_sample_mean"], a["SI_sample_std"] = means, sds
	for _, name := range []string{"mean", "std", "q025", "q05", "q25", "median", "q75", "q95", "q975"} {
		a["mixture_"+name] = a[name]
	}
	return a, c.lopsided(a)
}

// pairs are the candidates: given ones, or those that R draws from the seed.
func (c Case) pairs() ([]outbreak.SIPair, error) {
	var means, sds []float64
	for _, read := range []func(string, any) error{c.param, c.input} {
		if err := all(read("SI_sample_mean", &means), read("SI_sample_std", &sds)); err != nil {
			return nil, err
		}
	}
	if means == nil && !c.has("seed") {
		// Without a seed nobody can draw R's pairs again; a case carries them.
		if err := all(c.expected("SI_sample_mean", &means), c.expected("SI_sample_std", &sds)); err != nil {
			return nil, err
		}
	}
	if means != nil {
		if len(means) != len(sds) {
			return nil, fail("SI_sample_mean has %d entries, SI_sample_std %d", len(means), len(sds))
		}
		out := make([]outbreak.SIPair, len(means))
		for i := range out {
			out[i] = outbreak.SIPair{Mean: means[i], SD: sds[i]}
		}
		return out, nil
	}
	var u outbreak.SIUncertainty
	n, seed := 500, int64(1)
	err := all(c.param("mean_si", &u.Mean), c.param("std_mean_si", &u.MeanSD), c.param("min_mean_si", &u.MeanMin), c.param("max_mean_si", &u.MeanMax),
		c.param("std_si", &u.SD), c.param("std_std_si", &u.SDSD), c.param("min_std_si", &u.SDMin), c.param("max_std_si", &u.SDMax),
		c.param("n1", &n), c.param("seed", &seed))
	if err != nil {
		return nil, err
	}
	if err := u.Check(); err != nil {
		return nil, err
	}
	if n < 1 || n > 1e5 {
		return nil, fail("params.n1 is %d; it must lie between 1 and 100000", n)
	}
	return drawPairsAsR(u, n, uint32(seed))
}

// expected reads a column of what is expected.
func (c Case) expected(name string, dst *[]float64) error {
	raw, err := json.Marshal(c.Expected[name])
	if err != nil {
		return err
	}
	return decode("expected."+name, raw, dst)
}

// lopsided warns of limits that are not centred, as EpiEstim does.
func (c Case) lopsided(a Answer) error {
	var u outbreak.SIUncertainty
	err := all(c.param("mean_si", &u.Mean), c.param("min_mean_si", &u.MeanMin), c.param("max_mean_si", &u.MeanMax),
		c.param("std_si", &u.SD), c.param("min_std_si", &u.SDMin), c.param("max_std_si", &u.SDMax))
	if three(u.MeanMax-u.Mean) != three(u.Mean-u.MeanMin) {
		a.warn("the mean of the serial interval does not lie in the middle of its limits")
	}
	if three(u.SDMax-u.SD) != three(u.SD-u.SDMin) {
		a.warn("the standard deviation of the serial interval does not lie in the middle of its limits")
	}
	return err
}

// three rounds to three significant digits.
func three(x float64) string { return strconv.FormatFloat(x, 'e', 2, 64) }

// sampledR estimates with candidates given as columns of weights.
func (c Case) sampledR(s outbreak.Series, o outbreak.RtOptions) (Answer, error) {
	var rows [][]float64
	if err := c.param("si_sample", &rows); err != nil {
		return nil, err
	}
	if rows == nil {
		if err := c.input("si_sample", &rows); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return nil, fail("params.si_sample is missing")
	}
	candidates := make([]outbreak.SerialInterval, len(rows[0]))
	for lag, row := range rows {
		if len(row) != len(candidates) {
			return nil, fail("row %d of params.si_sample has %d columns, the first has %d", lag+1, len(row), len(candidates))
		}
		for k, w := range row {
			candidates[k] = append(candidates[k], w)
		}
	}
	rt, err := outbreak.ReproductionNumberMixture(s, candidates, o)
	if err != nil {
		return nil, err
	}
	a := rtColumns(rt)
	means, sds := make(Numbers, len(candidates)), make(Numbers, len(candidates))
	for k, si := range candidates {
		means[k], sds[k] = num(si.Mean()), value(si.SD())
	}
	a["SI_sample_mean"], a["SI_sample_std"] = means, sds
	for _, name := range []string{"mean", "std", "q025", "median", "q975"} {
		a["mixture_"+name] = a[name]
	}
	return a, nil
}

func runWallingaTeunis(c Case) (Answer, error) {
	local, imported, err := c.incidence()
	if err != nil {
		return nil, err
	}
	for t, x := range imported {
		local[t] += x
	}
	method, err := c.method()
	if err != nil {
		return nil, err
	}
	si, err := c.serialInterval(method, len(local))
	if err != nil {
		return nil, err
	}
	o := outbreak.WTOptions{Compat: outbreak.R}
	seed := int64(1)
	if o.Windows, err = c.windows(); err == nil {
		err = all(c.param("n_sim", &o.Simulations), c.param("seed", &seed))
	}
	if err != nil {
		return nil, err
	}
	o.Seed = uint64(seed)
	points, err := outbreak.WallingaTeunis(outbreak.Series{Counts: local, Frequency: outbreak.Daily}, si, o)
	if err != nil {
		return nil, err
	}
	start, end, mean, sd, low, high := Numbers{}, Numbers{}, Numbers{}, Numbers{}, Numbers{}, Numbers{}
	for _, p := range points {
		start, end = append(start, num(float64(p.Start+1))), append(end, num(float64(p.End+1)))
		mean = append(mean, value(p.Mean))
		if o.Simulations == 0 {
			p.SD = outbreak.Value{}
		}
		sd, low, high = append(sd, value(p.SD)), append(low, value(p.Q025)), append(high, value(p.Q975))
	}
	return Answer{"t_start": start, "t_end": end, "mean": mean, "std": sd, "q025": low, "q975": high,
		"si_distr": numbers(si), "SI_mean": num(si.Mean()), "SI_std": value(si.SD())}, nil
}

func runDiscretisedSI(c Case) (Answer, error) {
	var mean, sd, lags []float64
	if err := all(c.param("mean", &mean), c.param("std", &sd), c.param("k", &lags)); err != nil {
		return nil, err
	}
	if len(mean) == 0 || len(mean) != len(sd) || len(lags) == 0 {
		return nil, fail("params.mean, params.std and params.k are needed, the first two of one length")
	}
	out := make([]Numbers, len(mean))
	for i := range mean {
		for _, k := range lags {
			w, err := outbreak.SerialIntervalWeight(k, mean[i], sd[i])
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], num(w))
		}
	}
	return Answer{"w": out}, nil
}
