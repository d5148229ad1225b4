package surveillance

import (
	"slices"

	"lintas/internal/fault"
	"lintas/outbreak"
)

// Algorithm names a method of package outbreak.
type Algorithm string

const (
	Farrington Algorithm = "farrington" // Farrington Flexible, and with one season Farrington 1996
	EARSC1     Algorithm = "ears_c1"
	EARSC2     Algorithm = "ears_c2"
	EARSC3     Algorithm = "ears_c3"
	CUSUM      Algorithm = "cusum"
	GLR        Algorithm = "glr"
)

// Algorithms in the order of the pages.
var Algorithms = []Algorithm{Farrington, EARSC1, EARSC2, EARSC3, CUSUM, GLR}

// ThresholdKinds are how a Farrington threshold is drawn from the fit.
var ThresholdKinds = []string{"nbplugin", "muan", "delta"}

// Levels of places that a method may judge: states, units of ISO 3166-2, and
// what lies below them.
var Levels = []int{0, 1, 2}

// Settings are all that a judgement depends on besides the counts. Only those
// of the algorithm matter; each stored alarm carries its own copy, so that it
// can be computed again whatever becomes of the method.
type Settings struct {
	Algorithm Algorithm `json:"algorithm"`
	// Of Farrington: years of history, the fewest that will do, steps on each
	// side of the reference points, seasonal levels, latest steps left out.
	Years         int     `json:"years,omitempty"`
	LeastYears    int     `json:"least_years,omitempty"`
	HalfWindow    int     `json:"half_window,omitempty"`
	Seasons       int     `json:"seasons,omitempty"`
	Omit          int     `json:"omit,omitempty"`
	Threshold     string  `json:"threshold,omitempty"` // of ThresholdKinds
	Trend         bool    `json:"trend,omitempty"`
	TrendP        float64 `json:"trend_p,omitempty"`
	Reweight      bool    `json:"reweight,omitempty"`
	ResidualLimit float64 `json:"residual_limit,omitempty"`
	// Alpha is the chance of a false alarm in one period, of Farrington and EARS.
	Alpha float64 `json:"alpha,omitempty"`
	// Of EARS: steps in the baseline, least standard deviation.
	Baseline int     `json:"baseline,omitempty"`
	MinSigma float64 `json:"min_sigma,omitempty"`
	// Of CUSUM and GLR: reference value (CUSUM), limit, steps that are judged
	// together; the years before them are the baseline.
	K     float64 `json:"k,omitempty"`
	Limit float64 `json:"limit,omitempty"`
	Span  int     `json:"span,omitempty"`
	// An alarm wants MinCases cases in the last MinSteps steps.
	MinCases int `json:"min_cases,omitempty"`
	MinSteps int `json:"min_steps,omitempty"`
	// Filled is the least share of the history that must have been reported.
	Filled float64 `json:"filled,omitempty"`
	// Persist is in how many periods in a row a count must be above its
	// threshold before there is an alarm; 1: at once.
	Persist int `json:"persist"`
	// Levels that are judged.
	Levels []int `json:"levels"`
	// FDR is the largest share of false alarms among all of one scan, by the
	// method of Benjamini and Hochberg (1995); 0: not controlled. Only methods
	// that give a p-value take part.
	FDR float64 `json:"fdr,omitempty"`
}

// DefaultSettings are used where no method is in force for a disease. Weekly:
// Noufaily et al., Stat. Med. 32 (2013) 1206, as national institutes use it;
// with fewer years down to three, as Farrington et al., JRSS A 159 (1996) 547,
// ask for a trend. Monthly: the same with four seasons. Daily: EARS C2
// (Hutwagner et al., J. Urban Health 80 (2003) i89), which needs no history.
func DefaultSettings(r Resolution) (Settings, bool) {
	s := Settings{Algorithm: Farrington, Years: 5, LeastYears: 3, HalfWindow: 3, Seasons: 10, Omit: 26, Threshold: "nbplugin", Alpha: 0.005,
		Trend: true, TrendP: 0.05, Reweight: true, ResidualLimit: 2.58, MinCases: 5, MinSteps: 4, Filled: 0.5, Persist: 1, Levels: []int{0, 1, 2}, FDR: 0.05}
	switch r {
	case Weekly:
	case Monthly:
		s.HalfWindow, s.Seasons, s.Omit, s.MinSteps = 1, 4, 6, 1
	case Daily:
		s = Settings{Algorithm: EARSC2, Baseline: 7, Alpha: 0.001, MinSigma: 0.5, MinCases: 5, MinSteps: 4, Persist: 1, Levels: []int{0, 1, 2}, FDR: 0.05}
	default:
		return Settings{}, false
	}
	return s, true
}

// DefaultBasis cites the source of DefaultSettings.
func DefaultBasis(r Resolution) string {
	if r == Daily {
		return "Hutwagner et al., J. Urban Health 80 (2003) i89; Benjamini, Hochberg, JRSS B 57 (1995) 289"
	}
	return "Noufaily et al., Stat. Med. 32 (2013) 1206; Farrington et al., JRSS A 159 (1996) 547; Benjamini, Hochberg, JRSS B 57 (1995) 289"
}

// WithDefaults fills what a new method of the algorithm begins with.
func WithDefaults(a Algorithm, r Resolution) Settings {
	s, _ := DefaultSettings(r)
	if s.Algorithm == a {
		return s
	}
	common := Settings{Algorithm: a, MinCases: 5, MinSteps: 4, Filled: 0.5, Persist: 1, Levels: []int{0, 1, 2}}
	switch a {
	case Farrington:
		common = Settings{Algorithm: a, Years: 3, LeastYears: 2, HalfWindow: 3, Seasons: 1, Omit: 3, Threshold: "delta", Alpha: 0.005, Trend: true, TrendP: 0.05,
			Reweight: true, ResidualLimit: 1, MinCases: 5, MinSteps: 4, Filled: 0.5, Persist: 1, Levels: []int{0, 1, 2}, FDR: 0.05}
	case EARSC1, EARSC2:
		common.Baseline, common.Alpha, common.MinSigma, common.FDR = 7, 0.001, 0.5, 0.05
	case EARSC3:
		common.Baseline, common.Alpha, common.MinSigma = 7, 0.025, 0.5
	case CUSUM: // Rossi et al., Stat. Med. 18 (1999) 2111
		common.Years, common.K, common.Limit, common.Span = 3, 1.04, 2.26, 26
	case GLR: // Höhle and Paul, CSDA 52 (2008) 4357
		common.Years, common.Limit, common.Span = 3, 5, 26
	}
	return common
}

// farrington are the options of package outbreak with some years of history.
func (s Settings) farrington(years int) outbreak.FarringtonOptions {
	o := outbreak.FarringtonOptions{Years: years, HalfWindow: s.HalfWindow, Periods: s.Seasons, Omit: s.Omit, Alpha: s.Alpha, Trend: s.Trend, TrendP: s.TrendP,
		Reweight: s.Reweight, ResidualLimit: s.ResidualLimit, MinCases: s.MinCases, MinSteps: max(s.MinSteps, 1)}
	switch s.Threshold {
	case "muan":
		o.Method = outbreak.Muan
	case "delta":
		o.Method = outbreak.Delta
	}
	return o
}

func (s Settings) ears() outbreak.EARSOptions {
	o := outbreak.EARSOptions{Method: outbreak.C1, Baseline: s.Baseline, Alpha: s.Alpha, MinSigma: s.MinSigma}
	switch s.Algorithm {
	case EARSC2:
		o.Method = outbreak.C2
	case EARSC3:
		o.Method = outbreak.C3
	}
	return o
}

// seasonal reports whether the method learns from years.
func (s Settings) seasonal() bool {
	return s.Algorithm == Farrington || s.Algorithm == CUSUM || s.Algorithm == GLR
}

// clean forgets what the algorithm does not read, so that two methods that do
// the same look the same.
func (s Settings) clean() Settings {
	out := Settings{Algorithm: s.Algorithm, MinCases: s.MinCases, MinSteps: s.MinSteps, Persist: s.Persist, Levels: slices.Clone(s.Levels)}
	slices.Sort(out.Levels)
	out.Levels = slices.Compact(out.Levels)
	switch s.Algorithm {
	case Farrington:
		out.Years, out.LeastYears, out.HalfWindow, out.Seasons, out.Omit = s.Years, s.LeastYears, s.HalfWindow, s.Seasons, s.Omit
		out.Threshold, out.Alpha, out.Trend, out.Reweight, out.FDR = s.Threshold, s.Alpha, s.Trend, s.Reweight, s.FDR
		if s.Trend {
			out.TrendP = s.TrendP
		}
		if s.Reweight {
			out.ResidualLimit = s.ResidualLimit
		}
	case EARSC1, EARSC2, EARSC3:
		out.Baseline, out.Alpha, out.MinSigma = s.Baseline, s.Alpha, s.MinSigma
		if s.Algorithm != EARSC3 { // C3 has no p-value
			out.FDR = s.FDR
		}
	case CUSUM, GLR:
		out.Years, out.Limit, out.Span = s.Years, s.Limit, s.Span
		if s.Algorithm == CUSUM {
			out.K = s.K
		}
	}
	if s.seasonal() {
		out.Filled = s.Filled
	}
	return out
}

// Limits of the settings.
const (
	mostYears   = 20
	mostSteps   = 400
	mostPersist = 8
)

func (s Settings) check(c *fault.Check) {
	c.That(slices.Contains(Algorithms, s.Algorithm), "algorithm", "fault.surveillance.algorithm")
	between := func(x, lo, hi int, field string) {
		c.That(x >= lo && x <= hi, field, "fault.surveillance.between", fault.Args{"from": lo, "to": hi})
	}
	share := func(x, lo, hi float64, field string) {
		c.That(x >= lo && x <= hi, field, "fault.surveillance.share", fault.Args{"from": lo, "to": hi})
	}
	switch s.Algorithm {
	case Farrington:
		between(s.Years, 1, mostYears, "years")
		between(s.LeastYears, 1, max(s.Years, 1), "least_years")
		between(s.HalfWindow, 0, mostSteps, "half_window")
		between(s.Seasons, 1, mostSteps, "seasons")
		between(s.Omit, 0, mostSteps, "omit")
		share(s.Alpha, 1e-6, 0.5, "alpha")
		c.That(slices.Contains(ThresholdKinds, s.Threshold), "threshold", "fault.surveillance.threshold")
	case EARSC1, EARSC2, EARSC3:
		between(s.Baseline, 3, mostSteps, "baseline")
		share(s.Alpha, 1e-6, 0.5, "alpha")
		share(s.MinSigma, 0, 1000, "min_sigma")
	case CUSUM, GLR:
		between(s.Years, 1, mostYears, "years")
		between(s.Span, 1, mostSteps, "span")
		share(s.Limit, 0.01, 1000, "limit")
		share(s.K, 0, 100, "k")
	}
	between(s.MinCases, 0, 1_000_000, "min_cases")
	between(s.MinSteps, 1, mostSteps, "min_steps")
	between(s.Persist, 1, mostPersist, "persist")
	share(s.Filled, 0, 1, "filled")
	share(s.FDR, 0, 0.5, "fdr")
	c.That(len(s.Levels) > 0 && !slices.ContainsFunc(s.Levels, func(l int) bool { return !slices.Contains(Levels, l) }), "levels", "fault.surveillance.levels")
}
