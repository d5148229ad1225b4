package outbreak

import "math"

// poissonCDF is P(X <= k) of a Poisson count with mean m.
func poissonCDF(k, m float64) float64 {
	if k < 0 {
		return 0
	}
	_, q := gammaPQ(math.Floor(k)+1, m)
	return q
}

// poissonAbove is P(X >= k), precise where it is small.
func poissonAbove(k, m float64) float64 {
	if k <= 0 {
		return 1
	}
	p, _ := gammaPQ(math.Ceil(k), m)
	return p
}

func clamp(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }

// middle halves a bracket whose upper end may still be open.
func middle(lo, hi, x float64) float64 {
	switch {
	case math.IsInf(hi, 1):
		return 2 * x
	case lo == 0:
		return hi / 2
	}
	return lo + (hi-lo)/2
}
