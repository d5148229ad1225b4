package outbreak

import (
	"math"
	"math/rand/v2"
	"testing"
)

// plainFit is the reference path: dense iteratively reweighted least squares
// with one column for each level, no block sums.
type plainFit struct {
	ok         bool
	coef       []float64
	mu, was    []float64
	cov        [][]float64
	df         float64
	phi, relat float64
}

// plainModel holds the rows of a plan with a count.
type plainModel struct {
	y, off []float64
	t      []float64
	level  []int
	cols   []int // level to column, -1 where it has no row
	n      int
}

func newPlainModel(p *FarringtonPlan, counts, population []float64) plainModel {
	m := plainModel{cols: make([]int, p.levels)}
	for j := range m.cols {
		m.cols[j] = -1
	}
	for i, at := range p.index {
		if math.IsNaN(counts[at]) {
			continue
		}
		off := 0.0
		if p.opt.Population && population != nil {
			off = math.Log(population[at])
		}
		if j := p.level[i]; m.cols[j] < 0 {
			m.cols[j] = m.n
			m.n++
		}
		m.y, m.off, m.t, m.level = append(m.y, counts[at]), append(m.off, off), append(m.t, p.t[i]), append(m.level, int(p.level[i]))
	}
	return m
}

func (m plainModel) row(i int, trend bool) []float64 {
	r := make([]float64, m.n, m.n+1)
	r[m.cols[m.level[i]]] = 1
	if trend {
		r = append(r, m.t[i])
	}
	return r
}

func (m plainModel) fit(weights []float64, trend bool) plainFit {
	n, k := len(m.y), m.n
	if trend {
		k++
	}
	f := plainFit{mu: make([]float64, n), was: make([]float64, n), df: float64(n - k)}
	eta := make([]float64, n)
	for i, y := range m.y {
		f.mu[i] = y + 0.1
		eta[i] = math.Log(f.mu[i])
	}
	dev := func() float64 { return m.deviance(weights, f.mu) }
	old := dev()
	for range 25 {
		copy(f.was, f.mu)
		a, normal := m.equations(weights, f.mu, eta, k, trend)
		var ok bool
		if f.coef, ok = leastSquares(a); !ok {
			return f
		}
		f.cov = invert(normal)
		for i := range m.y {
			eta[i] = dot(f.coef, m.row(i, trend)) + m.off[i]
			f.mu[i] = math.Exp(eta[i])
		}
		now := dev()
		if math.Abs(now-old)/(0.1+math.Abs(now)) < 1e-8 {
			f.ok = true
			break
		}
		old = now
	}
	for i, y := range m.y {
		e := (y - f.mu[i]) / f.mu[i]
		f.phi += weights[i] * f.was[i] * e * e / f.df
		f.relat += weights[i] * e * e / f.df
	}
	return f
}

func (m plainModel) deviance(weights, mu []float64) float64 {
	s := 0.0
	for i, y := range m.y {
		d := mu[i] - y
		if y > 0 {
			d += y * math.Log(y/mu[i])
		}
		s += 2 * weights[i] * d
	}
	return s
}

// equations gives the weighted columns with the working response as the last,
// and the normal matrix.
func (m plainModel) equations(weights, mu, eta []float64, k int, trend bool) (a, normal [][]float64) {
	a, normal = make([][]float64, k+1), make([][]float64, k)
	for c := range a {
		a[c] = make([]float64, len(m.y))
	}
	for c := range normal {
		normal[c] = make([]float64, k)
	}
	for i := range m.y {
		w := weights[i] * mu[i]
		x := m.row(i, trend)
		for c, v := range x {
			a[c][i] = math.Sqrt(w) * v
			for d, u := range x {
				normal[c][d] += w * v * u
			}
		}
		a[k][i] = math.Sqrt(w) * (eta[i] - m.off[i] + (m.y[i]-mu[i])/mu[i])
	}
	return a, normal
}

// invert is Gauss-Jordan elimination; the matrices of the test are small.
func invert(m [][]float64) [][]float64 {
	n := len(m)
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, n)
		out[i][i] = 1
	}
	for c := range n {
		p := m[c][c]
		for j := range n {
			m[c][j] /= p
			out[c][j] /= p
		}
		for r := range n {
			if r == c {
				continue
			}
			f := m[r][c]
			for j := range n {
				m[r][j] -= f * m[c][j]
				out[r][j] -= f * out[c][j]
			}
		}
	}
	return out
}

func quadratic(x []float64, m [][]float64) float64 {
	s := 0.0
	for i, v := range x {
		s += v * dot(m[i], x)
	}
	return s
}

// reweighted is the whole fit by the plain path.
func (m plainModel) reweighted(o FarringtonOptions, trend bool) (plainFit, float64) {
	w := make([]float64, len(m.y))
	for i := range w {
		w[i] = 1
	}
	f := m.fit(w, trend)
	phi := math.Max(1, f.phi)
	if !f.ok || !o.Reweight {
		return f, phi
	}
	sum := 0.0
	for i, y := range m.y {
		hat := f.was[i] * quadratic(m.row(i, trend), f.cov)
		s := 1.5 * (math.Pow(y, 2.0/3)*math.Pow(f.mu[i], -1.0/6) - math.Sqrt(f.mu[i])) / math.Sqrt(phi*(1-hat))
		if s > o.ResidualLimit {
			w[i] = 1 / (s * s)
		}
		sum += w[i]
	}
	for i := range w {
		w[i] *= float64(len(w)) / sum
	}
	ok := f.ok
	f = m.fit(w, trend)
	f.ok = ok
	return f, math.Max(1, f.phi)
}

// TestBlocksAgainstPlainFit compares the block form with the plain path.
func TestBlocksAgainstPlainFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var work FarringtonWork
	checked := 0
	for round := range 300 {
		o := FarringtonFlexible()
		o.Periods = []int{10, 10, 5, 1, 2}[rng.IntN(5)]
		o.HalfWindow = 2 + rng.IntN(3)
		o.Omit = []int{26, 26, 3}[rng.IntN(3)]
		o.ResidualLimit = []float64{2.58, 1}[rng.IntN(2)]
		o.Compat = []Compat{Paper, R}[rng.IntN(2)]
		o.Population = rng.IntN(4) == 0
		counts := simulated(rng, 400, math.Exp(rng.Float64()*7-2), (rng.Float64()-0.4)*0.006, rng.Float64()*0.7, 1+rng.Float64()*3)
		if rng.IntN(3) == 0 {
			for range 30 {
				counts[100+rng.IntN(290)] = Missing()
			}
		}
		if rng.IntN(3) == 0 {
			counts[150+rng.IntN(100)] *= 20
		}
		var population []float64
		if o.Population {
			population = make([]float64, len(counts))
			for i := range population {
				population[i] = 1e5 * (1 + 0.001*float64(i))
			}
		}
		plan, err := PlanFarrington(Series{Counts: counts}, 399, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, trend := range []bool{true, false} {
			if compareFits(t, round, plan, &work, counts, population, trend) {
				checked++
			}
		}
	}
	if checked < 400 {
		t.Errorf("only %d fits were compared", checked)
	}
}

func compareFits(t *testing.T, round int, plan *FarringtonPlan, work *FarringtonWork, counts, population []float64, trend bool) bool {
	t.Helper()
	m := newPlainModel(plan, counts, population)
	want, phi := m.reweighted(plan.opt, trend)
	work.load(plan, counts, population)
	got := work.reweighted(plan, trend)
	if want.ok != (got.reason == Decided) {
		t.Errorf("round %d: plain converged %v, blocks %v", round, want.ok, got.reason)
		return false
	}
	if !want.ok {
		return false
	}
	got.predictAt(work, plan, plan.offset(population))
	x := make([]float64, len(want.coef))
	x[m.cols[plan.levels-1]] = 1
	if trend {
		x[len(x)-1] = plan.now
	}
	disp := phi
	if plan.opt.Compat == R {
		disp = want.relat
	}
	se := math.Sqrt(quadratic(x, want.cov) * disp)
	eta := dot(want.coef, x) + plan.offset(population)
	for _, c := range []struct {
		what      string
		got, want float64
	}{{"log mean", got.eta, eta}, {"standard error", got.se, se}, {"dispersion", got.phi, phi}} {
		if math.Abs(c.got-c.want) > 1e-9*math.Max(1e-3, math.Abs(c.want)) {
			t.Errorf("round %d trend %v: %s is %v by blocks, %v by the plain fit", round, trend, c.what, c.got, c.want)
			return false
		}
	}
	return true
}
