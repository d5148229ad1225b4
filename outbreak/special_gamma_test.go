package outbreak

import (
	"math"
	"testing"
)

// Values of pgamma and qgamma of R 4.2.2, to 15 digits.
func TestGammaAgainstR(t *testing.T) {
	for _, c := range []struct{ shape, x, lower, upper float64 }{
		{0.02, 1e-30, 0, 0}, // filled below: the leading term
		{0.5, 2, 0.954499736103642, 0.045500263896358},
		{20, 30, 0.978126531558609, 0.021873468441391},
		{1, 2, 0.864664716763387, 0.135335283236613},
		{0.5, 0.1, 0.345279153981423, 0.654720846018577},
		{10, 10, 0.542070285528148, 0.457929714471852},
	} {
		p, q := gammaPQ(c.shape, c.x)
		if c.lower == 0 {
			lg, _ := math.Lgamma(c.shape + 1)
			c.lower = math.Exp(c.shape*math.Log(c.x) - lg)
			c.upper = 1 - c.lower
		}
		if math.Abs(p-c.lower) > 1e-13 || math.Abs(q-c.upper) > 1e-13 {
			t.Errorf("shape %v at %v: %.15g and %.15g, want %.15g and %.15g", c.shape, c.x, p, q, c.lower, c.upper)
		}
	}
}

func TestGammaQuantileAgainstR(t *testing.T) {
	for _, c := range []struct{ p, shape, want float64 }{
		{0.025, 0.04, 5.15033201940585e-41},
		{0.025, 42.5, 30.6943872916058},
		{0.975, 42.5, 56.1966868076341},
	} {
		if got := gammaQuantile(c.p, c.shape, 1); math.Abs(got-c.want) > 1e-13*c.want {
			t.Errorf("p %v, shape %v: %.15g, want %.15g", c.p, c.shape, got, c.want)
		}
	}
}

func TestGammaQuantileInverts(t *testing.T) {
	for _, shape := range []float64{0.01, 0.04, 0.3, 1, 1.7, 9, 42, 1e3, 1e5, 1e8, 1e12} {
		for _, p := range []float64{1e-9, 0.025, 0.3, 0.5, 0.9, 0.975, 1 - 1e-9} {
			x := gammaQuantile(p, shape, 1)
			below, above := gammaPQ(shape, x)
			off := math.Abs(below - p)
			if p > 0.5 {
				off = math.Abs(above - (1 - p))
			}
			if x > 1e-300 && off > 1e-6*math.Min(p, 1-p) {
				t.Errorf("shape %v, p %v: quantile %v has %v below it", shape, p, x, below)
			}
		}
	}
}
