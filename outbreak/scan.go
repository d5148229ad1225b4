package outbreak

import (
	"math"
	"slices"
)

// Space-time scan statistics: every zone (a set of neighbouring places) with
// every duration up to now is a window; the window with the largest likelihood
// ratio is the most likely cluster, and its p-value comes from simulating counts
// without a cluster.
//
// Kulldorff, "Prospective time periodic geographical disease surveillance using
// a scan statistic", JRSS A 164 (2001) 61-72; Kulldorff, Heffernan, Hartman,
// Assuncao and Mostashari, "A space-time permutation scan statistic for disease
// outbreak detection", PLoS Medicine 2 (2005) e59; Neill, Moore, Sabhnani and
// Daniel, "Detection of emerging space-time clusters", KDD 2005, 218-227.

// ScanKind chooses the model without a cluster.
type ScanKind uint8

const (
	// ScanPoisson compares the rate inside with the rate outside, given the
	// total (Kulldorff 2001). Baselines in proportion to the population.
	ScanPoisson ScanKind = iota
	// ScanPermutation needs only the cases: places and times are independent
	// without a cluster (Kulldorff et al. 2005).
	ScanPermutation
	// ScanExpectation compares with what was expected in absolute numbers
	// (Neill et al. 2005), for baselines from a model.
	ScanExpectation
)

// ScanInput holds what is scanned. All tables have a row per step, oldest
// first, the last being now, and a column per place.
type ScanInput struct {
	Counts     [][]float64 // whole numbers of cases
	Population [][]float64 // people; one row stands for all steps; nil if not known
	Baselines  [][]float64 // expected cases; nil to estimate them
	Zones      [][]int     // places of each zone, counted from 0; see NearestZones
}

// ScanOptions are the settings.
type ScanOptions struct {
	Kind        ScanKind
	MaxDuration int    // longest cluster in steps; 0 means all steps
	Replicates  int    // simulations for the p-value, such as 999; 0 gives no p-value
	Seed        uint64 // of the simulations; the same seed gives the same p-value
	Workers     int    // goroutines; 0 means one per processor. The result does not depend on it
	Top         int    // windows to keep, best first; 0 means all
	// Compat R lets ScanPermutation use a population for its baselines, as
	// package scanstatistics does; Paper refuses it.
	Compat Compat
}

// ScanWindow is a zone over the last Duration steps.
type ScanWindow struct {
	Zone     int // index into the zones
	Duration int
	Observed float64
	Expected float64
	Score    float64 // log likelihood ratio, 0 where there are no more cases than expected
	Inside   Value   // observed over expected inside
	Outside  Value   // observed over expected outside; undefined for ScanExpectation
}

// Scan is the outcome.
type Scan struct {
	Windows   []ScanWindow // best first; of equal scores the shorter, then the lower zone
	Scored    int          // windows looked at
	Sum       float64      // of all scores
	Baselines [][]float64  // expected cases that were used
	Maxima    []float64    // largest score of each replicate, in order of the replicates
	PValue    Value        // of Windows[0]; undefined without replicates
	zones     [][]int
}

// ScanClusters looks for clusters that are alive now.
func ScanClusters(in ScanInput, o ScanOptions) (Scan, error) {
	if err := in.check(o); err != nil {
		return Scan{}, err
	}
	baselines, err := in.baselines(o)
	if err != nil {
		return Scan{}, err
	}
	out := Scan{Baselines: baselines, zones: in.Zones}
	f := newField(in, baselines, o)
	out.Windows = f.score()
	out.Scored = len(out.Windows)
	for _, w := range out.Windows {
		out.Sum += w.Score
	}
	slices.SortFunc(out.Windows, compareWindows)
	if o.Top > 0 && o.Top < len(out.Windows) {
		out.Windows = slices.Clip(out.Windows[:o.Top])
	}
	if o.Replicates > 0 {
		out.Maxima = f.replicate(in, baselines, o)
		out.PValue = out.pvalue(out.Windows[0].Score)
	}
	return out, nil
}

func compareWindows(a, b ScanWindow) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	case a.Duration != b.Duration:
		return a.Duration - b.Duration
	}
	return a.Zone - b.Zone
}

// pvalue is the rank of a score among the replicates.
func (s Scan) pvalue(score float64) Value {
	if len(s.Maxima) == 0 {
		return Value{}
	}
	larger := 1.0
	for _, m := range s.Maxima {
		if m > score {
			larger++
		}
	}
	return Known(larger / float64(len(s.Maxima)+1))
}

// GumbelPValue is the p-value of a score from a Gumbel distribution fitted to
// the replicates by their moments. It resolves far below 1/(replicates+1)
// (Abrams, Kulldorff and Kleinman, Int. J. Health Geographics 9 (2010) 61).
func (s Scan) GumbelPValue(score float64) Value {
	n := float64(len(s.Maxima))
	if n < 2 {
		return Value{}
	}
	mean, square := 0.0, 0.0
	for _, m := range s.Maxima {
		mean += m / n
	}
	for _, m := range s.Maxima {
		square += (m - mean) * (m - mean) / (n - 1)
	}
	const eulerGamma = 0.57721566490153286
	scale := math.Sqrt(6*square) / math.Pi
	if !(scale > 0) {
		return Value{}
	}
	return Known(-math.Expm1(-math.Exp(-(score - mean + eulerGamma*scale) / scale)))
}

// MaximaQuantile is a quantile of the replicates' largest scores: the score that
// a cluster must exceed to be significant at level 1-p.
func (s Scan) MaximaQuantile(p float64) Value {
	if len(s.Maxima) == 0 || !(p >= 0 && p <= 1) {
		return Value{}
	}
	sorted := slices.Clone(s.Maxima)
	slices.Sort(sorted)
	return Known(sampleQuantile(sorted, p))
}

// Cluster is a window that shares no place with a better one.
type Cluster struct {
	ScanWindow
	Places []int
	PValue Value
}

// Clusters lists up to n windows with a score above zero that share no place
// with a better one. The p-values of those after the first err on the safe side.
func (s Scan) Clusters(n int) []Cluster {
	var out []Cluster
	taken := map[int]bool{}
	for _, w := range s.Windows {
		if len(out) >= n || w.Score <= 0 {
			break
		}
		places := s.zones[w.Zone]
		if slices.ContainsFunc(places, func(p int) bool { return taken[p] }) {
			continue
		}
		for _, p := range places {
			taken[p] = true
		}
		out = append(out, Cluster{ScanWindow: w, Places: slices.Clone(places), PValue: s.pvalue(w.Score)})
	}
	return out
}
