package outbreak

import "math"

// residuals gives the two dispersions of a fit. The weights of the squares are
// those of the last step, as in the reference implementation; at convergence
// they are the fitted counts.
func (w *FarringtonWork) residuals(p *FarringtonPlan, r *fitResult) {
	if r.df <= 0 {
		r.pearson, r.relative = math.NaN(), math.NaN()
		return
	}
	if w.flat = !r.trend && len(w.people) == 0 && !w.fromStart; w.flat {
		r.pearson, r.relative = w.levelResiduals(p)
	} else {
		w.fill(p)
		r.pearson, r.relative = w.rowResiduals()
	}
	r.pearson *= w.gamma / r.df
	r.relative *= w.gamma / r.df
}

func (w *FarringtonWork) rowResiduals() (pearson, relative float64) {
	was, inverse, y := w.was[:len(w.u)], w.inverse[:len(w.u)], w.y[:len(w.u)]
	for i, u := range w.u {
		e := y[i]*inverse[i] - 1
		e *= e * u
		pearson += e * was[i]
		relative += e
	}
	return pearson, relative
}

// levelResiduals is the same where the fitted count is one for each level.
func (w *FarringtonWork) levelResiduals(p *FarringtonPlan) (pearson, relative float64) {
	for j := range w.a {
		w.level[j] = [4]float64{math.Exp(w.a[j])}
	}
	for k := range p.blocks {
		b := &p.blocks[k]
		f := &w.level[b.level]
		mu, sum := f[0], 0.0
		us := w.u[b.first : b.first+b.n]
		for i, y := range w.y[b.first : b.first+b.n] {
			e := y - mu
			sum += e * e * us[i]
		}
		f[1] += sum
	}
	for j := range w.a {
		if s := &w.last[j]; s.s0 > 0 {
			e := w.level[j][1] / (w.level[j][0] * w.level[j][0])
			relative += e
			pearson += e * s.s0 / w.start[j].u
		}
	}
	return pearson, relative
}

// fill sets for each row the inverse of the fitted count, its sixth root, and
// the fitted count that weighted the last step. It multiplies from row to row:
// the factor of time runs on through blocks that follow one another, and each
// level has its own factor.
func (w *FarringtonWork) fill(p *FarringtonPlan) {
	if len(w.people) > 0 {
		w.fillRows(p)
	} else {
		w.fillBlocks(p)
	}
	if w.fromStart {
		for i, y := range w.y {
			w.was[i] = y + 0.1
		}
	}
}

func (w *FarringtonWork) fillRows(p *FarringtonPlan) {
	for i, n := range w.people {
		level, t := p.level[i], p.t[i]
		mu := n * math.Exp(w.a[level]+w.beta*t)
		w.inverse[i] = 1 / mu
		w.was[i] = n * math.Exp(w.aLast[level]+w.bLast*t)
		w.sixth[i] = math.Pow(mu, 1.0/6)
	}
}

func (w *FarringtonWork) fillBlocks(p *FarringtonPlan) {
	r, rLast, r6 := math.Exp(-w.beta), math.Exp(w.bLast), math.Exp(w.beta/6)
	for j := range w.a {
		six := math.Exp(w.a[j] / 6)
		w.level[j] = [4]float64{math.Exp(-w.a[j]), math.Exp(w.aLast[j]), six}
	}
	var m, l, s float64
	end := 0.0
	for k := range p.blocks {
		b := &p.blocks[k]
		if k == 0 || b.t0 != end {
			m, l, s = math.Exp(-w.beta*b.t0), math.Exp(w.bLast*b.t0), math.Exp(w.beta/6*b.t0)
		}
		end = b.t0 + float64(b.n)
		f := &w.level[b.level]
		f0, f1, f2 := f[0], f[1], f[2]
		inverse := w.inverse[b.first : b.first+b.n]
		was, sixth := w.was[b.first:][:len(inverse)], w.sixth[b.first:][:len(inverse)]
		for i := range inverse {
			inverse[i], was[i], sixth[i] = m*f0, l*f1, s*f2
			m *= r
			l *= rLast
			s *= r6
		}
	}
}

// downweight sets the weights from standardised Anscombe residuals: 1 up to the
// limit, else the residual to the power -2. The weights are kept relative; gamma
// is the factor that makes them sum to the number of rows. It tells whether any
// row lost weight.
func (w *FarringtonWork) downweight(p *FarringtonPlan, trend bool, phi float64) bool {
	inverse := 0.0
	if trend {
		inverse = 1 / w.prev
	}
	lost := 0.0
	for k := range p.blocks {
		b := &p.blocks[k]
		s := &w.last[b.level]
		if s.s0 == 0 {
			continue
		}
		flat, mean := 1/s.s0, s.s1/s.s0
		if !trend {
			mean = 0
		}
		least := w.leastResidual(p, b, flat, mean, inverse, phi)
		for i := b.first; i < b.first+b.n; i++ {
			six := w.sixthRoot(b, i)
			if w.y23[i] <= six*(least+six*six*six) {
				continue // below the limit for any row of the block, or missing
			}
			a := 1.5 * (w.y23[i]/six - six*six*six)
			off := p.t[i] - mean
			square := a * a / (phi * (1 - w.lastFit(b, i)*(flat+off*off*inverse)))
			if !(square > p.opt.ResidualLimit*p.opt.ResidualLimit) || !usable(square) {
				continue
			}
			w.u[i] = 1 / square
			lost += 1 - w.u[i]
			w.down = append(w.down, i)
		}
	}
	w.gamma = float64(w.rows) / (float64(w.rows) - lost)
	return len(w.down) > 0
}

// sixthRoot and lastFit read what fill left, or the values of the level.
func (w *FarringtonWork) sixthRoot(b *block, i int32) float64 {
	if w.flat {
		return w.level[b.level][2]
	}
	return w.sixth[i]
}

func (w *FarringtonWork) lastFit(b *block, i int32) float64 {
	if w.flat {
		return w.level[b.level][3]
	}
	return w.was[i]
}

// leastResidual is a bound: a row of the block whose residual, before it is
// standardised and divided by 3/2, is not above it keeps its weight. The
// leverage is largest at an end of the block.
func (w *FarringtonWork) leastResidual(p *FarringtonPlan, b *block, flat, mean, inverse, phi float64) float64 {
	if w.flat && b.first == p.firstOf[b.level] {
		f := &w.level[b.level]
		f[2] = math.Exp(w.a[b.level] / 6)
		f[3] = w.last[b.level].s0 / w.start[b.level].u
	}
	if len(w.people) > 0 || w.fromStart {
		return 0
	}
	last := b.first + b.n - 1
	off := math.Max(math.Abs(p.t[b.first]-mean), math.Abs(p.t[last]-mean))
	leverage := math.Max(w.lastFit(b, b.first), w.lastFit(b, last)) * (flat + off*off*inverse)
	if !(leverage < 0.999) {
		return 0
	}
	return p.opt.ResidualLimit * math.Sqrt(phi*(1-leverage)) / 1.5 * (1 - 1e-12)
}

// upweight forgets the weights.
func (w *FarringtonWork) upweight() {
	for _, i := range w.down {
		w.u[i] = 1
	}
	w.down = w.down[:0]
	w.gamma = 1
}

// predict gives the logarithm of the expected count at a time and the square of
// its standard error for a dispersion of 1.
func (w *FarringtonWork) predict(level int, t, offset float64, trend bool) (eta, variance float64) {
	s := &w.last[level]
	eta = w.a[level] + offset
	variance = 1 / s.s0
	if trend {
		eta += w.beta * t
		off := t - s.s1/s.s0
		variance += off * off / w.prev
	}
	return eta, variance / w.gamma
}
