package outbreak

import "math"

// The beta family: regularised incomplete beta, negative-binomial and Student's
// t distributions. The incomplete beta is the continued fraction DLMF 8.17.22
// by Lentz's method; its factor is Loader's binomial density, so that large
// parameters lose nothing.

// binomialMass is Γ(n+1)/(Γ(x+1)Γ(n-x+1)) p^x q^(n-x) for real 0 <= x <= n.
func binomialMass(x, n, p, q float64) float64 {
	switch {
	case p == 0:
		return indicator(x == 0)
	case q == 0:
		return indicator(x == n)
	case x < 0 || x > n:
		return 0
	case x == 0:
		return math.Exp(n * math.Log1p(-p))
	case x == n:
		return math.Exp(n * math.Log(p))
	}
	lc := stirlingError(n) - stirlingError(x) - stirlingError(n-x) - deviance(x, n*p) - deviance(n-x, n*q)
	return math.Exp(lc) * math.Sqrt(n/(2*math.Pi*x*(n-x)))
}

func indicator(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// incompleteBeta gives the regularised I_x(a,b) and its complement; y is 1-x,
// passed so that neither end loses precision.
func incompleteBeta(a, b, x, y float64) (p, q float64) {
	switch {
	case math.IsNaN(a) || math.IsNaN(b) || math.IsNaN(x) || a < 0 || b < 0:
		return math.NaN(), math.NaN()
	case x <= 0 || math.IsInf(a, 1):
		return 0, 1
	case y <= 0 || math.IsInf(b, 1):
		return 1, 0
	}
	if x <= (a+1)/(a+b+2) {
		p = betaFraction(a, b, x, y)
		return p, 1 - p
	}
	q = betaFraction(b, a, y, x)
	return 1 - q, q
}

// betaFraction is I_x(a,b) for x left of the mean: x^a y^b / (a B(a,b)) times a
// continued fraction.
func betaFraction(a, b, x, y float64) float64 {
	const small = 1e-300
	c := 1.0
	d := 1 - (a+b)*x/(a+1)
	if math.Abs(d) < small {
		d = small
	}
	d = 1 / d
	h := d
	for i := 1; i < 1<<20; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 + even*d
		if math.Abs(d) < small {
			d = small
		}
		c = 1 + even/c
		if math.Abs(c) < small {
			c = small
		}
		d = 1 / d
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 + odd*d
		if math.Abs(d) < small {
			d = small
		}
		c = 1 + odd/c
		if math.Abs(c) < small {
			c = small
		}
		d = 1 / d
		step := d * c
		h *= step
		if math.Abs(step-1) < 1e-16 {
			break
		}
	}
	// x^a y^b / (a B(a,b)) = mass(a; a+b) · b/(a+b)·(a+b)/... written with the
	// binomial density: C(a+b, a) x^a y^b = x^a y^b (a+b) / (a b B(a,b)).
	return math.Min(1, binomialMass(a, a+b, x, y)*b/(a+b)*h)
}

// negBinomialCDF is P(X <= k) for a negative-binomial count with the given size
// and success probability p (q = 1-p): mean size·q/p.
func negBinomialCDF(k, size, p, q float64) float64 {
	if k < 0 {
		return 0
	}
	lower, _ := incompleteBeta(size, math.Floor(k)+1, p, q)
	return lower
}

// negBinomialAbove is P(X >= k), precise where it is small.
func negBinomialAbove(k, size, p, q float64) float64 {
	if k <= 0 {
		return 1
	}
	_, upper := incompleteBeta(size, math.Ceil(k), p, q)
	return upper
}

// negBinomialMass is P(X = k).
func negBinomialMass(k, size, p, q float64) float64 {
	if k < 0 {
		return 0
	}
	return binomialMass(size, k+size, p, q) * size / (k + size)
}

// studentTwoSided is P(|T| >= t) for Student's t with df degrees of freedom.
func studentTwoSided(t, df float64) float64 {
	if math.IsInf(t, 0) {
		return 0
	}
	t2 := t * t
	p, _ := incompleteBeta(df/2, 0.5, df/(df+t2), t2/(df+t2))
	return p
}

// studentQuantile is the t with P(T <= t) = p: bisection and Newton steps from
// the normal quantile.
func studentQuantile(p, df float64) float64 {
	if !(p > 0 && p < 1) || !(df > 0) {
		return math.NaN()
	}
	if p < 0.5 {
		return -studentQuantile(1-p, df)
	}
	tail := 2 * (1 - p)
	if tail >= 1 {
		return 0
	}
	lo, hi := 0.0, math.Inf(1)
	t := math.Max(normalQuantile(p), 1e-3)
	for range 300 {
		miss := studentTwoSided(t, df) - tail // falls with t
		if miss == 0 {
			return t
		}
		if miss > 0 {
			lo = t
		} else {
			hi = t
		}
		next := t + miss/(2*studentDensity(t, df))
		if !(next > lo && next < hi) {
			next = middle(lo, hi, t)
		}
		if math.Abs(next-t) <= 4e-16*t {
			return next
		}
		t = next
	}
	return t
}

func studentDensity(t, df float64) float64 {
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	return math.Exp(a-b-(df+1)/2*math.Log1p(t*t/df)) / math.Sqrt(df*math.Pi)
}
