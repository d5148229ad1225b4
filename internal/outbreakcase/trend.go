package outbreakcase

import "lintas/outbreak"

// Cases of package incidence: growth rate, doubling and halving time.

func runGrowth(c Case) (Answer, error) {
	var counts Numbers
	o := outbreak.GrowthOptions{Compat: outbreak.R}
	if err := all(c.input("counts", &counts), c.param("interval_days", &o.StepDays), c.param("level", &o.Level)); err != nil {
		return nil, err
	}
	if counts == nil {
		return nil, fail("input.counts is missing")
	}
	s := outbreak.Series{Counts: counts.counts(), Frequency: outbreak.Daily}
	if !c.has("split") {
		g, err := outbreak.GrowthRate(s, o)
		if err != nil {
			return nil, err
		}
		return growthColumns(g), nil
	}
	split := 0
	if err := c.param("split", &split); err != nil {
		return nil, err
	}
	before, after, err := outbreak.GrowthSplit(s, split-1, o)
	if err != nil {
		return nil, err
	}
	return Answer{"before": growthColumns(before), "after": growthColumns(after)}, nil
}

func growthColumns(g outbreak.Growth) Answer {
	grows := g.Rate.Or(0) > 0
	pair := func(shown bool, low, high outbreak.Value) Numbers {
		if !shown {
			return Numbers{}
		}
		return Numbers{value(low), value(high)}
	}
	day, fit, lower, upper := Numbers{}, Numbers{}, Numbers{}, Numbers{}
	for _, p := range g.Points {
		day, fit = append(day, num(p.Day)), append(fit, value(p.Fit))
		lower, upper = append(lower, value(p.Lower)), append(upper, value(p.Upper))
	}
	return Answer{
		"r": value(g.Rate), "r_conf": Numbers{value(g.RateLow), value(g.RateHigh)},
		"doubling": value(g.Doubling), "doubling_conf": pair(grows, g.DoublingLow, g.DoublingHigh),
		"halving": value(g.Halving), "halving_conf": pair(!grows, g.HalvingLow, g.HalvingHigh),
		"pred_day": day, "pred_fit": fit, "pred_lwr": lower, "pred_upr": upper,
	}
}
