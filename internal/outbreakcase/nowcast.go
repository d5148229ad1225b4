package outbreakcase

import (
	"slices"
	"time"

	"lintas/outbreak"
)

// Cases of surveillance::nowcast.

// enoughDraws of the delay distribution make the noise of a simulation smaller
// than that of the case itself.
const enoughDraws = 20000

func (c Case) triangle() (outbreak.Triangle, error) {
	var rows []Numbers
	longest := -1
	if err := all(c.input("triangle", &rows), c.param("D", &longest)); err != nil {
		return outbreak.Triangle{}, err
	}
	if len(rows) == 0 {
		return outbreak.Triangle{}, fail("input.triangle is missing")
	}
	var tr outbreak.Triangle
	for t, row := range rows {
		cells := row.counts()
		if longest >= 0 && len(cells) != longest+1 {
			return tr, fail("row %d of input.triangle has %d delays; params.D asks for %d", t+1, len(cells), longest+1)
		}
		tr.Counts = append(tr.Counts, cells)
	}
	return tr, nil
}

func (c Case) nowcastOptions() (outbreak.NowcastOptions, error) {
	o := outbreak.NowcastOptions{Compat: outbreak.R, Max: 300}
	method, by := "bayes.notrunc", "hoehle_anderheiden2014"
	alpha, draws, seed := 0.05, 1000, int64(1)
	var prior []float64
	err := all(c.param("method", &method), c.param("m_interpretation", &by), c.param("m", &o.Window), c.param("N_max", &o.Max),
		c.param("alpha", &alpha), c.param("gd_prior_kappa", &o.Kappa), c.param("prior_mean_var", &prior),
		c.param("nSamples", &draws), c.param("seed", &seed))
	if err != nil {
		return o, err
	}
	if o.Method, err = outbreak.ParseNowcastMethod(method); err != nil {
		return o, err
	}
	if c.has("m") && o.Window < 1 {
		return o, fail("params.m is %d; a moving window has at least 1 step", o.Window)
	}
	switch by {
	case "hoehle_anderheiden2014":
	case "lawless1994":
		o.By = outbreak.WindowByReport
	default:
		return o, fail("params.m_interpretation %q is not known", by)
	}
	o.Level, o.Seed, o.Draws = 1-alpha, uint64(seed), max(draws, enoughDraws)
	switch len(prior) {
	case 0:
		o.Prior = outbreak.PriorUniform // R's default; it has no meaning for all methods
	case 2:
		o.PriorMean, o.PriorVariance = prior[0], prior[1]
	default:
		return o, fail("params.prior_mean_var holds a mean and a variance, not %d numbers", len(prior))
	}
	return o, nil
}

func runNowcast(c Case) (Answer, error) {
	tr, err := c.triangle()
	if err != nil {
		return nil, err
	}
	o, err := c.nowcastOptions()
	if err != nil {
		return nil, err
	}
	dates, err := c.epochs(len(tr.Counts))
	if err != nil {
		return nil, err
	}
	var when []string
	if err := all(c.param("when", &when), c.input("when", &when)); err != nil {
		return nil, err
	}
	if when == nil { // the incomplete steps before now
		n, longest := len(dates)-1, len(tr.Counts[0])-1
		when = dates[max(0, n-longest):n]
	}
	n, err := tr.Nowcast(o)
	if err != nil {
		return nil, err
	}
	return nowcastColumns(n, dates, when)
}

func nowcastColumns(n outbreak.Nowcast, dates, when []string) (Answer, error) {
	median, low, high := Numbers{}, Numbers{}, Numbers{}
	pmf := []Numbers{}
	for _, day := range when {
		i := slices.Index(dates, day)
		if i < 0 {
			return nil, fail("%s is no step of the triangle", day)
		}
		p := n.Steps[i]
		if !p.Median.Defined() { // R stops here, too
			return nil, fail("nothing can be said of %s: every case in the window had a longer delay", day)
		}
		median, low, high = append(median, value(p.Median)), append(low, value(p.Lower)), append(high, value(p.Upper))
		row := make(Numbers, n.Max+1)
		for k := range row {
			if j := k - p.From; j >= 0 && j < len(p.PMF) {
				row[k] = num(p.PMF[j])
			}
		}
		pmf = append(pmf, row)
	}
	cdf := numbers(n.DelayCDF)
	return Answer{"when": when, "median": median, "ci_low": low, "ci_high": high, "pmf": pmf, "delayCDF": cdf, "warnings": nil}, nil
}

// epochs are the first days of the rows of the triangle.
func (c Case) epochs(n int) ([]string, error) {
	first, by := "", "1 day"
	if err := all(c.input("first_epoch", &first), c.param("aggregate", &by)); err != nil {
		return nil, err
	}
	day, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return nil, fail("input.first_epoch %q is not a date such as 2011-05-02", first)
	}
	out := make([]string, n)
	for i := range out {
		switch by {
		case "1 day":
			out[i] = day.AddDate(0, 0, i).Format(time.DateOnly)
		case "1 week":
			out[i] = day.AddDate(0, 0, 7*i).Format(time.DateOnly)
		case "1 month":
			out[i] = day.AddDate(0, i, 0).Format(time.DateOnly)
		default:
			return nil, fail("params.aggregate %q is not known; known are 1 day, 1 week and 1 month", by)
		}
	}
	return out, nil
}
