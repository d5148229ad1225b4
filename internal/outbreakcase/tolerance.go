package outbreakcase

import (
	"maps"
	"math"
)

// Tolerances of the cases whose expected answer is itself a simulation, or whose
// tolerance depends on their settings.

// rulesFor are the rules of an algorithm for one case.
func (a algorithm) rulesFor(c Case) rules {
	if a.vary == nil {
		return a.rules
	}
	out := maps.Clone(a.rules)
	maps.Copy(out, a.vary(c))
	return out
}

var words = rule{skip: "the words of a warning may differ"}

var rtRules = rules{"*": {rel: 1e-9}, "warnings": words}

// varyRt: R summarises an uncertain serial interval by simulation (2 %), while
// the mixture is exact (1e-8).
func varyRt(c Case) rules {
	if method, err := c.method(); err != nil || method != "uncertain_si" && method != "si_from_sample" {
		return nil
	}
	out := rules{"*": {rel: 1e-8}}
	for _, name := range []string{"mean", "std", "q025", "q05", "q25", "median", "q75", "q95", "q975"} {
		out[name] = rule{rel: 0.02}
	}
	return out
}

var nowcastRules = rules{"*": {rel: 1e-9}, "pmf": {abs: 1e-8}, "warnings": words}

// varyNowcast: R samples delay distributions for two of the methods, so that
// its probabilities are noisy.
func varyNowcast(c Case) rules {
	method := ""
	if c.param("method", &method) != nil || method != "bayes.trunc" && method != "bayes.notrunc" {
		return nil
	}
	return rules{"pmf": {abs: 0.03}, "median": {abs: 1}, "ci_low": {abs: 1}, "ci_high": {rel: 0.05, abs: 2}}
}

var scanRules = rules{"*": {rel: 1e-9}, "mc_replicate_score_quantiles.q": {rel: 0.12}}

// varyScan: a p-value from as many replicates on both sides has twice the
// binomial variance; four standard errors are allowed.
func varyScan(c Case) rules {
	p, ok := c.Expected["mc_pvalue"].(float64)
	n, known := c.Expected["mc_replicates"].(float64)
	if !ok || !known || n < 1 {
		return nil
	}
	return rules{"mc_pvalue": {abs: 4*math.Sqrt(2*p*(1-p)/n) + 2/n}}
}
