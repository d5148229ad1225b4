package outbreak

import "math"

// glmFit is a regression of counts with a log link.
type glmFit struct {
	coef      []float64
	fitted    []float64 // of the rows with a count, in order
	y         []float64 // their counts
	converged bool
}

// fitCounts fits counts by iteratively reweighted least squares: Poisson, or
// negative binomial with variance mu + alpha mu² when alpha > 0. Missing counts
// are left out. It stops where the reference implementation stops: when the
// deviance changes by less than 1e-8, at most after 25 steps.
func fitCounts(counts []float64, row func(step int) []float64, alpha float64) (glmFit, error) {
	d := designOf(counts, row)
	if len(d.y) == 0 {
		return glmFit{}, refuse(ShortSeries, "Counts", "no count is left for the baseline")
	}
	mu := make([]float64, len(d.y))
	for i, y := range d.y {
		mu[i] = y + 0.1
		if alpha > 0 {
			mu[i] = y
			if y == 0 {
				mu[i] = 1.0 / 6
			}
		}
	}
	return d.fit(mu, alpha)
}

// design is the rows of a regression, without the missing counts.
type design struct {
	y []float64
	x [][]float64
}

func designOf(counts []float64, row func(step int) []float64) design {
	var d design
	for i, y := range counts {
		if !math.IsNaN(y) {
			d.y = append(d.y, y)
			d.x = append(d.x, row(i))
		}
	}
	return d
}

// fit iterates from the fitted counts mu, which it overwrites.
func (d design) fit(mu []float64, alpha float64) (glmFit, error) {
	f := glmFit{fitted: mu, y: d.y}
	old := devianceOf(d.y, mu, alpha)
	eta := make([]float64, len(mu))
	for i, m := range mu {
		eta[i] = math.Log(m)
	}
	for range 25 {
		next, ok := d.solve(mu, eta, alpha)
		if !ok {
			return f, refuse(NotComputed, "Counts", "the baseline cannot be fitted: its terms depend on one another")
		}
		before := f.coef
		f.coef = next
		d.predict(f.coef, mu, eta)
		dev := devianceOf(d.y, mu, alpha)
		for half := 0; !usable(dev) && before != nil && half < 25; half++ {
			for k := range f.coef {
				f.coef[k] = (f.coef[k] + before[k]) / 2
			}
			d.predict(f.coef, mu, eta)
			dev = devianceOf(d.y, mu, alpha)
		}
		if !usable(dev) {
			return f, refuse(NotComputed, "Counts", "the fit of the baseline diverges")
		}
		if math.Abs(dev-old) < 1e-8*(0.1+math.Abs(dev)) {
			f.converged = true
			return f, nil
		}
		old = dev
	}
	return f, nil
}

func (d design) predict(coef, mu, eta []float64) {
	for i, x := range d.x {
		eta[i] = dot(coef, x)
		mu[i] = math.Exp(eta[i])
	}
}

// devianceOf is twice the distance of the log likelihood from the best one.
func devianceOf(y, mu []float64, alpha float64) float64 {
	sum := 0.0
	for i, x := range y {
		m := mu[i]
		if !(m > 0) {
			return math.NaN()
		}
		if alpha > 0 {
			theta := 1 / alpha
			sum += x*math.Log(math.Max(1, x)/m) - (x+theta)*math.Log((x+theta)/(m+theta))
			continue
		}
		if x > 0 {
			sum += x * math.Log(x/m)
		}
		sum -= x - m
	}
	return 2 * sum
}

// solve is one weighted least-squares step by Householder reflections.
func (d design) solve(mu, eta []float64, alpha float64) ([]float64, bool) {
	n, p := len(d.y), len(d.x[0])
	if n < p {
		return nil, false
	}
	a := make([][]float64, p+1) // columns; the last is the working response
	for k := range a {
		a[k] = make([]float64, n)
	}
	for i, x := range d.x {
		w := math.Sqrt(mu[i] / (1 + alpha*mu[i]))
		for k, v := range x {
			a[k][i] = w * v
		}
		a[p][i] = w * (eta[i] + (d.y[i]-mu[i])/mu[i])
	}
	return leastSquares(a)
}

// leastSquares solves for the last column by the others; it overwrites them.
func leastSquares(a [][]float64) ([]float64, bool) {
	p := len(a) - 1
	r := make([]float64, p)
	for k := range p {
		v := a[k][k:]
		norm := math.Sqrt(dot(v, v))
		if !(norm > 0) || !usable(norm) {
			return nil, false
		}
		if v[0] > 0 {
			norm = -norm
		}
		r[k] = norm
		v[0] -= norm
		vv := dot(v, v)
		for j := k + 1; j <= p; j++ {
			c := a[j][k:]
			f := 2 * dot(v, c) / vv
			for i := range c {
				c[i] -= f * v[i]
			}
		}
	}
	coef := make([]float64, p)
	for k := p - 1; k >= 0; k-- {
		s := a[p][k]
		for j := k + 1; j < p; j++ {
			s -= a[j][k] * coef[j]
		}
		if math.Abs(r[k]) < 1e-11*math.Abs(r[0]) {
			return nil, false
		}
		coef[k] = s / r[k]
	}
	return coef, true
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, x := range a {
		s += x * b[i]
	}
	return s
}
