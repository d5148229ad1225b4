package outbreak

import "math"

// The gamma family: the incomplete gamma function, its inverse, and the terms
// of the Poisson distribution by Loader's saddle point expansion ("Fast and
// accurate computation of binomial probabilities", 2000), which keeps full
// precision where the plain formula cancels.

const (
	logSqrt2Pi = 0.918938533204672741780329736406
	gammaTiny  = 1e-300
)

// stirlingError is log(n!) minus Stirling's approximation of it, n >= 0.
func stirlingError(n float64) float64 {
	if n < 16 {
		if n == 0 {
			return 0
		}
		lg, _ := math.Lgamma(n + 1)
		return lg - (n+0.5)*math.Log(n) + n - logSqrt2Pi
	}
	r := 1 / (n * n)
	return (1.0/12 - r*(1.0/360-r*(1.0/1260-r*(1.0/1680-r*(1.0/1188-r*691.0/360360))))) / n
}

// deviance is x·log(x/m) + m - x without cancellation, x and m > 0.
func deviance(x, m float64) float64 {
	if d := x - m; math.Abs(d) < 0.1*(x+m) {
		v := d / (x + m)
		s := d * v
		t := 2 * x * v
		v *= v
		for j := 1.0; j < 1000; j++ {
			t *= v
			next := s + t/(2*j+1)
			if next == s {
				return next
			}
			s = next
		}
		return s
	}
	return x*math.Log(x/m) + m - x
}

// poissonTerm is exp(-m)·m^x/Γ(x+1) for any real x >= 0 and m >= 0.
func poissonTerm(x, m float64) float64 {
	switch {
	case m == 0:
		if x == 0 {
			return 1
		}
		return 0
	case x == 0:
		return math.Exp(-m)
	case x < 0 || math.IsInf(m, 1):
		return 0
	case x < 1:
		// A small exponent: the plain formula does not cancel here.
		lg, _ := math.Lgamma(x + 1)
		return math.Exp(x*math.Log(m) - m - lg)
	}
	return math.Exp(-stirlingError(x)-deviance(x, m)) / math.Sqrt(2*math.Pi*x)
}

// gammaPQ gives the regularised incomplete gamma functions P(a,x) and Q(a,x),
// the lower and upper tails of a gamma variable of shape a > 0 and scale 1.
// The smaller of the two is accurate to about 1e-14 relative.
func gammaPQ(a, x float64) (p, q float64) {
	p, q, _ = gammaTails(a, x)
	return p, q
}

// gammaTails also gives x^a e^-x / Γ(a+1), which is the density times x/a.
func gammaTails(a, x float64) (p, q, front float64) {
	if !(x > 0) {
		return 0, 1, 0
	}
	if math.IsInf(x, 1) {
		return 1, 0, 0
	}
	front = poissonTerm(a, x)
	if a > 1e7 {
		// Wilson and Hilferty's cube is off by less than 1e-9 at this size, which
		// moves a quantile by less than 1e-12; the sums would take seconds.
		z := (math.Cbrt(x/a) - 1 + 1/(9*a)) * 3 * math.Sqrt(a)
		return normalCDF(z), normalAbove(z), front
	}
	if x < a+1 {
		sum, term := 1.0, 1.0
		for n := a + 1; ; n++ {
			term *= x / n
			sum += term
			if term < sum*1e-17 {
				break
			}
		}
		p = math.Min(front*sum, 1)
		return p, 1 - p, front
	}
	b := x + 1 - a
	c := 1 / gammaTiny
	d := 1 / b
	h := d
	for i := 1.0; i < 1e6; i++ {
		an := i * (a - i)
		b += 2
		d = an*d + b
		if math.Abs(d) < gammaTiny {
			d = gammaTiny
		}
		c = b + an/c
		if math.Abs(c) < gammaTiny {
			c = gammaTiny
		}
		d = 1 / d
		step := d * c
		h *= step
		if math.Abs(step-1) < 1e-16 {
			break
		}
	}
	q = math.Min(front*a*h, 1)
	return 1 - q, q, front
}

// gammaQuantile is the value below which a gamma variable of the given shape
// and scale falls with probability p. It is 0 at p <= 0, infinite at p >= 1.
func gammaQuantile(p, shape, scale float64) float64 {
	switch {
	case !(p > 0):
		return 0
	case p >= 1:
		return math.Inf(1)
	}
	lg, _ := math.Lgamma(shape + 1)
	x := gammaQuantileStart(p, shape, lg)
	if x < 1e-17 {
		return x * scale // below this the leading term is exact
	}
	lo, hi := 0.0, math.Inf(1)
	for range 60 {
		below, above, front := gammaTails(shape, x)
		missing := p - below
		if p > 0.5 {
			missing = above - (1 - p)
		}
		if missing < 0 {
			hi = x
		} else {
			lo = x
		}
		if missing == 0 {
			return x * scale
		}
		next := math.NaN()
		if front > 0 {
			step, sure := inverseStep(missing*x/(front*shape), shape, x)
			if next = x + step; sure {
				return next * scale
			}
		}
		if !(next > lo && next < hi) {
			if next = (lo + hi) / 2; math.IsInf(hi, 1) {
				next = 2 * x
			}
		}
		x = next
	}
	return x * scale
}

// inverseStep is the Taylor series of the quantile function of a gamma variable
// around x, up to the fourth order; t is the missing probability divided by the
// density. It is sure where the next term is below rounding.
func inverseStep(t, shape, x float64) (step float64, sure bool) {
	g := 1 - (shape-1)/x // minus the slope of the log density
	g1 := (shape - 1) / (x * x)
	g2 := -2 * g1 / x
	c2, c3 := g/2, (g1+2*g*g)/6
	c4 := (g2 + 7*g*g1 + 6*g*g*g) / 24
	size := math.Abs(t) * (math.Abs(g) + math.Sqrt(math.Abs(g1)) + 1/x)
	if size > 0.5 { // too far for the series: Newton's step, checked by the caller
		return t, false
	}
	return t * (1 + t*(c2+t*(c3+t*c4))), size < 6e-4
}

// gammaQuantileStart is Wilson and Hilferty's cube approximation, or the
// leading term of the series near zero. lg is log Γ(shape+1).
func gammaQuantileStart(p, shape, lg float64) float64 {
	small := math.Exp((math.Log(p) + lg) / shape)
	if small < 0.2*(shape+1) && small < 0.01 {
		// One correction of P(a,x) = x^a/Γ(a+1)·(1 - a·x/(a+1) + ...).
		return small * (1 + small/(shape+1))
	}
	z := normalQuantile(p)
	c := 1 - 1/(9*shape) + z/(3*math.Sqrt(shape))
	if x := shape * c * c * c; c > 0 && x > 0.05*shape {
		return x
	}
	return math.Min(small, math.Max(shape, 1e-300))
}
