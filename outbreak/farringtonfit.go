package outbreak

import "math"

// The fit of a Farrington model: quasi-Poisson, log link, one coefficient per
// seasonal level and, with a trend, a common slope.
//
// It takes exactly the steps of iteratively reweighted least squares from the
// start y+0.1 until the deviance changes by less than 1e-8 (at most 25 steps),
// because results on histories of zeros depend on where the iteration stops.
// What makes it fast: the normal equations are an arrow, so the level
// coefficients follow from the slope; and the fitted counts in a block of
// consecutive steps are a geometric series, so that its sums are closed forms.
// Missing and down-weighted rows are corrections to these sums, row by row.

const (
	fitPrecision = 1e-8
	fitSteps     = 25
)

// fitResult is what the decisions need of a fit.
type fitResult struct {
	converged bool
	trend     bool
	df        float64
	pearson   float64 // sum of weighted squared Pearson residuals over df
	relative  float64 // sum of weights times squared relative residuals over df
}

// fit finds the coefficients for the weights of the work.
func (w *FarringtonWork) fit(p *FarringtonPlan, trend bool) fitResult {
	w.weigh(p)
	r := fitResult{trend: trend, df: float64(w.rows - w.used)}
	if trend {
		r.df--
	}
	copy(w.last, w.start)
	w.fromStart = true
	ok := w.solveStart(trend)
	old := 2 * w.gamma * w.startDev
	for step := 1; ok; step++ {
		w.sums(p, trend)
		dev := w.deviance()
		for half := 0; !usable(dev) && half < fitSteps && step > 1; half++ {
			w.halve(trend)
			w.sums(p, trend)
			dev = w.deviance()
		}
		if !usable(dev) {
			break
		}
		if math.Abs(dev-old) < fitPrecision*(0.1+math.Abs(dev)) {
			r.converged = true
			break
		}
		if step == fitSteps {
			break
		}
		old = dev
		ok = w.step(trend)
	}
	w.residuals(p, &r)
	return r
}

func usable(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// solveStart is the first step, from the start values.
func (w *FarringtonWork) solveStart(trend bool) bool {
	w.beta = 0
	if trend {
		num := 0.0
		w.prev = 0
		for j := range w.start {
			if s := &w.start[j]; s.s0 > 0 {
				mean := s.s1 / s.s0
				w.prev += s.s2 - s.s1*mean
				num += s.z1 - s.z0*mean
			}
		}
		if !(w.prev > 0) {
			return false
		}
		w.beta = num / w.prev
	}
	for j := range w.start {
		if s := &w.start[j]; s.s0 > 0 {
			w.a[j] = (s.z0 - w.beta*s.s1) / s.s0
		}
	}
	return true
}

// step is a later step: the coefficients move by the solution for the residuals.
func (w *FarringtonWork) step(trend bool) bool {
	copy(w.aLast, w.a)
	w.last, w.cur = w.cur, w.last
	w.bLast, w.prev, w.fromStart = w.beta, w.spread, false
	move := 0.0
	if trend {
		num := 0.0
		for j := range w.last {
			if s, y := &w.last[j], &w.start[j]; s.s0 > 0 {
				num += y.y1 - s.s1 - (y.y0-s.s0)*(s.s1/s.s0)
			}
		}
		if !(w.prev > 0) {
			return false
		}
		move = num / w.prev
		w.beta += move
	}
	for j := range w.last {
		if s := &w.last[j]; s.s0 > 0 {
			w.a[j] += (w.start[j].y0 - s.s0 - s.s1*move) / s.s0
		}
	}
	return true
}

// halve goes half way back to the last coefficients after a divergent step.
func (w *FarringtonWork) halve(trend bool) {
	for j := range w.a {
		w.a[j] = (w.a[j] + w.aLast[j]) / 2
	}
	if trend {
		w.beta = (w.beta + w.bLast) / 2
	}
}

// deviance at the current sums.
func (w *FarringtonWork) deviance() float64 {
	d := w.startYL
	for j := range w.cur {
		if y := &w.start[j]; y.u > 0 {
			if !(w.cur[j].s0 > 0) {
				return math.NaN()
			}
			d += w.cur[j].s0 - y.y0 - w.a[j]*y.y0 - w.beta*y.y1
		}
	}
	return 2 * w.gamma * d
}

// sums sets the sums of the fitted counts and, with a trend, their spread.
func (w *FarringtonWork) sums(p *FarringtonPlan, trend bool) {
	switch {
	case len(w.people) > 0:
		w.sumRows(p)
	case trend:
		w.sumBlocks(p)
	default:
		for j := range w.cur {
			w.cur[j] = levelSums{s0: math.Exp(w.a[j]) * w.start[j].u}
			if w.start[j].u == 0 {
				w.cur[j].s0 = 0
			}
		}
	}
	if !trend {
		return
	}
	w.spread = 0
	for j := range w.cur {
		if s := &w.cur[j]; s.s0 > 0 {
			w.spread += s.s2 - s.s1*s.s1/s.s0
		}
	}
}

// sumRows adds up row by row: with an offset nothing is geometric.
func (w *FarringtonWork) sumRows(p *FarringtonPlan) {
	clear(w.cur)
	for i, u := range w.u {
		if u == 0 {
			continue
		}
		s, t := &w.cur[p.level[i]], p.t[i]
		m := u * w.people[i] * math.Exp(w.a[p.level[i]]+w.beta*t)
		s.s0 += m
		s.s1 += m * t
		s.s2 += m * t * t
	}
}

// sumBlocks adds up block by block.
func (w *FarringtonWork) sumBlocks(p *FarringtonPlan) {
	w.powers(p.most, p.far)
	clear(w.cur)
	e := 0.0
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.gap > 0 {
			e *= w.power[b.gap]
		} else {
			e = math.Exp(w.beta * b.t0)
		}
		s, g := &w.cur[b.level], &w.g[b.n]
		g0, g1 := g[0]*e, g[1]*e
		at := b.t0 * g0
		s.s0 += g0
		s.s1 += at + g1
		s.s2 += b.t0*(at+2*g1) + g[2]*e
	}
	for _, i := range w.missing {
		w.correct(p, i, -1)
	}
	for _, i := range w.down {
		w.correct(p, i, w.u[i]-1)
	}
	for j := range w.cur {
		s, f := &w.cur[j], 0.0
		if w.start[j].u > 0 {
			f = math.Exp(w.a[j])
		}
		s.s0 *= f
		s.s1 *= f
		s.s2 *= f
	}
}

// correct adds a multiple of one row to the sums of its level.
func (w *FarringtonWork) correct(p *FarringtonPlan, i int32, by float64) {
	t := p.t[i]
	s, m := &w.cur[p.level[i]], by*math.Exp(w.beta*t)
	s.s0 += m
	s.s1 += m * t
	s.s2 += m * t * t
}

// powers fills the powers r^k of the factor r from one step to the next, and
// the sums of r^k, k·r^k and k²·r^k over k = 0..n-1.
func (w *FarringtonWork) powers(most, far int) {
	r, e := math.Exp(w.beta), 1.0
	var s0, s1, s2 float64
	for k := 0; k <= max(most, far); k++ {
		w.power[k] = e
		if k <= most {
			w.g[k] = [3]float64{s0, s1, s2}
			f := float64(k)
			s0 += e
			s1 += f * e
			s2 += f * f * e
		}
		e *= r
	}
}
