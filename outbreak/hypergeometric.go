package outbreak

import (
	"math"
	"slices"
)

// anscombeIntegral is the integral of (t + alpha t²)^(-1/3) from 0 to y, the
// variance-stabilising transformation of a negative-binomial count for
// residuals that are close to normal (Anscombe 1953; Hilbe, Negative Binomial
// Regression, 2007). It equals 3/2 y^(2/3) F(1/3, 2/3; 5/3; -alpha y).
func anscombeIntegral(y, alpha float64, table bool) float64 {
	f := hypergeometric(alpha * y)
	if table {
		f = tabulated(alpha * y)
	}
	return 1.5 * math.Cbrt(y*y) * f
}

// hypergeometric is F(1/3, 2/3; 5/3; -x) for x >= 0: the power series near 0
// (DLMF 15.2.1), after Pfaff's transformation in the middle (15.8.1), and the
// connection formula to 1/x beyond (15.8.2).
func hypergeometric(x float64) float64 {
	switch {
	case !(x >= 0):
		return math.NaN()
	case x < 0.5:
		return powerSeries(1.0/3, 2.0/3, 5.0/3, -x)
	case x < 2:
		return powerSeries(1.0/3, 1, 5.0/3, x/(1+x)) / math.Cbrt(1+x)
	}
	g := math.Gamma
	first := g(5.0/3) * g(1.0/3) / (g(2.0/3) * g(4.0/3)) / math.Cbrt(x) * powerSeries(1.0/3, -1.0/3, 2.0/3, -1/x)
	return first + g(5.0/3)*g(-1.0/3)/(g(1.0/3)*g(1))/math.Cbrt(x*x)
}

func powerSeries(a, b, c, z float64) float64 {
	term, sum := 1.0, 1.0
	for n := 0.0; n < 2000; n++ {
		term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
		next := sum + term
		if next == sum {
			break
		}
		sum = next
	}
	return sum
}

// tabulated is F as the reference implementation reads it: from a table with ten
// digits at -x = 0, 0.01 … 10, 11 … 100, the nearest entry up to 10 and linear
// beyond; undefined past 100.
func tabulated(x float64) float64 {
	if x <= 10 {
		at := int(x * 100)
		if low, high := float64(at)/100, float64(at+1)/100; math.Abs(high-x) < math.Abs(low-x) {
			at++
		}
		return tableEntry(at, float64(at)/100)
	}
	if x > 100 {
		return math.NaN()
	}
	low := int(math.Ceil(x)) - 1
	a, b := tableEntry(990+low, float64(low)), tableEntry(991+low, float64(low+1))
	return a + (b-a)*(x-float64(low))
}

// roundedDown are the entries of that table that are rounded down; the others
// are rounded up.
var roundedDown = [...]int{1, 3, 4, 5, 8, 10, 11, 13, 17, 19, 21, 24, 25, 26, 31, 33, 34, 35, 39, 43, 47, 53, 54, 55, 57, 60, 61, 63, 68,
	69, 71, 74, 76, 78, 81, 86, 88, 91, 98, 99, 103, 105, 108, 113, 115, 116, 122, 133, 139, 142, 143, 145, 147, 149, 153, 156, 159,
	161, 163, 169, 175, 188, 199, 201, 209, 210, 213, 222, 223, 233, 249, 252, 254, 266, 292, 295, 304, 319, 324, 329, 334, 336, 341,
	344, 351, 354, 384, 410, 413, 447, 473, 496, 499, 521, 530, 557, 567, 571, 583, 584, 596, 634, 703, 767, 803, 805, 837, 914}

func tableEntry(at int, x float64) float64 {
	up := math.Ceil(hypergeometric(x)*1e10 - 1e-5)
	if at == 1012 || at == 1027 {
		up++
	}
	if _, down := slices.BinarySearch(roundedDown[:], at); down {
		up--
	}
	return up / 1e10
}
