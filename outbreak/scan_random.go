package outbreak

import (
	"math"
	"math/rand/v2"
)

// Random numbers of the distributions that simulations here need. All come from
// a generator that the caller seeded.

// randomGamma draws from a gamma distribution of scale 1: Marsaglia and Tsang,
// "A simple method for generating gamma variables", ACM TOMS 26 (2000) 363.
func randomGamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return randomGamma(rng, shape+1) * math.Pow(1-rng.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		z := rng.NormFloat64()
		v := 1 + c*z
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := 1 - rng.Float64(); math.Log(u) < z*z/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// randomBeta draws from a beta distribution.
func randomBeta(rng *rand.Rand, a, b float64) float64 {
	x, y := randomGamma(rng, a), randomGamma(rng, b)
	if x+y == 0 { // both underflowed: the distribution is all at its ends
		if rng.Float64()*(a+b) < a {
			return 1
		}
		return 0
	}
	return x / (x + y)
}

// randomPoisson draws a Poisson count: products of uniforms for small means,
// else a gamma step that halves the mean (Ahrens and Dieter 1974).
func randomPoisson(rng *rand.Rand, mean float64) int {
	count := 0
	for mean > 25 {
		m := math.Floor(mean * 7 / 8)
		x := randomGamma(rng, m)
		if x > mean {
			return count + randomBinomial(rng, int(m)-1, mean/x)
		}
		count += int(m)
		mean -= x
	}
	limit, product := math.Exp(-mean), 1-rng.Float64()
	for product > limit {
		count++
		product *= 1 - rng.Float64()
	}
	return count
}

// randomBinomial draws a binomial count: by beta splits while n is large
// (Relles 1972), then trial by trial or by geometric gaps.
func randomBinomial(rng *rand.Rand, n int, p float64) int {
	count := 0
	for n > 40 {
		if p <= 0 {
			return count
		}
		if p >= 1 {
			return count + n
		}
		if float64(n)*math.Min(p, 1-p) < 12 {
			return count + binomialGaps(rng, n, p)
		}
		// The i-th smallest of n uniforms is beta(i, n+1-i).
		i := n/2 + 1
		b := randomBeta(rng, float64(i), float64(n+1-i))
		if b <= p {
			count += i
			n, p = n-i, (p-b)/(1-b)
		} else {
			n, p = i-1, p/b
		}
	}
	for range n {
		if rng.Float64() < p {
			count++
		}
	}
	return count
}

// binomialGaps jumps from success to success (or failure to failure).
func binomialGaps(rng *rand.Rand, n int, p float64) int {
	rare := math.Min(p, 1-p)
	logMiss := math.Log1p(-rare)
	hits := 0
	for at := 0.0; ; hits++ {
		at += math.Floor(math.Log(1-rng.Float64())/logMiss) + 1
		if at > float64(n) {
			break
		}
	}
	if p > 0.5 {
		return n - hits
	}
	return hits
}
