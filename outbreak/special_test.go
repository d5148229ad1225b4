package outbreak

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if math.Abs(got-want) > rel*math.Abs(want) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

// The values are R 4.2.2's, or closed forms.
func TestDistributions(t *testing.T) {
	near(t, "z(0.975)", normalQuantile(0.975), 1.959963984540054, 1e-15)
	near(t, "z(0.995)", normalQuantile(0.995), 2.5758293035489004, 1e-15)
	near(t, "z(1e-10)", normalQuantile(1e-10), -6.3613409024040557, 1e-15)
	near(t, "z(1e-300)", normalQuantile(1e-300), -37.047096299361201, 1e-15)
	near(t, "t(0.975, 10)", studentQuantile(0.975, 10), 2.2281388519862739, 1e-14)
	near(t, "t(0.975, 226)", studentQuantile(0.975, 226), 1.9705162426831591, 1e-14)
	near(t, "t p-value", studentTwoSided(-60, 226), 7.9722271505982861e-141, 1e-11)
	near(t, "Poisson", poissonCDF(3, 2), 19.0/3*math.Exp(-2), 1e-15)
	near(t, "Poisson tail", poissonAbove(20, 2), 6.4437313931120937e-14, 1e-13)
	near(t, "Poisson tail by sums", lawOf(2, 1).above(20), 6.4437313931120937e-14, 1e-13)
	near(t, "negative binomial", negBinomialAbove(51, 3.3, 0.2, 0.8), 0.0011419820695391164, 1e-13)
	near(t, "negative binomial by sums", lawOf(13.2, 5).above(51), 0.0011419820695391164, 1e-13)
	near(t, "geometric", negBinomialAbove(5, 1, 0.5, 0.5), 1.0/32, 1e-14)
	near(t, "beta I_0.5(2,3)", first(incompleteBeta(2, 3, 0.5, 0.5)), 0.6875, 1e-15)
	near(t, "digamma(1)", digamma(1), -0.5772156649015329, 1e-14)
	near(t, "digamma(0.5)", digamma(0.5), -1.9635100260214231, 1e-14)
	near(t, "trigamma(1)", trigamma(1), math.Pi*math.Pi/6, 1e-14)
	near(t, "trigamma(3.3)", trigamma(3.3), 0.35350154184106186, 1e-14)
}

func first(a, _ float64) float64 { return a }

// The transformation is an integral; Simpson's rule after s³ = t² finds it too.
func TestAnscombeIntegral(t *testing.T) {
	for _, c := range []struct{ y, alpha float64 }{{1, 0.1}, {30, 0.1}, {200, 0.5}, {3, 2}} {
		top, n, sum := math.Pow(c.y, 2.0/3), 20000, 0.0
		for i := 0; i <= n; i++ {
			u := top * float64(i) / float64(n)
			w := 2.0
			switch {
			case i == 0 || i == n:
				w = 1
			case i%2 == 1:
				w = 4
			}
			sum += w * 1.5 / math.Cbrt(1+c.alpha*u*math.Sqrt(u))
		}
		near(t, "integral", anscombeIntegral(c.y, c.alpha, false), sum*top/float64(n)/3, 1e-8)
	}
}

// The quantile is the least count that reaches the probability, by the sums of
// the masses themselves.
func TestCountQuantile(t *testing.T) {
	for _, mean := range []float64{0.01, 0.3, 1, 2.5, 10, 47, 150, 199, 201, 1000, 20000} {
		for _, phi := range []float64{1, 1.01, 1.5, 4, 30} {
			for _, p := range []float64{0.01, 0.5, 0.9, 0.95, 0.995, 0.9999} {
				law := lawOf(mean, phi)
				k := law.quantile(p, normalQuantile(p))
				if law.cdf(k) < p*(1-1e-13) || k > 0 && law.cdf(k-1) >= p*(1+1e-13) {
					t.Errorf("mean %v phi %v p %v: %v (cdf %v, before %v)", mean, phi, p, k, law.cdf(k), law.cdf(k-1))
				}
				if tail := law.above(k + 1); math.Abs(tail+law.cdf(k)-1) > 1e-12 {
					t.Errorf("mean %v phi %v: P(X<=%v) + P(X>%v) = 1%+.2g", mean, phi, k, k, tail+law.cdf(k)-1)
				}
			}
		}
	}
}

// Where the sums give way to the expansion both agree.
func TestLargeMeans(t *testing.T) {
	for _, phi := range []float64{1, 2, 10} {
		sums, expansion := lawOf(9.9e7, phi), lawOf(1.01e8, phi)
		for _, p := range []float64{0.05, 0.95, 0.999} {
			z := normalQuantile(p)
			if got := sums.quantile(p, z); math.Abs(got-sums.guess(z)) > 1 {
				t.Errorf("phi %v p %v: %v by sums, %v by the expansion", phi, p, got, sums.guess(z))
			}
			k := expansion.quantile(p, z)
			near(t, "upper tail", expansion.above(k+1), 1-p, 1e-3)
		}
	}
}
