package outbreak

import "math"

// FarringtonWork is the memory that fits use. One serves any number of series,
// one after another, and allocates only while it grows; the zero value is ready.
type FarringtonWork struct {
	y, u    []float64 // counts and relative weights of the rows; 0 where missing
	y23     []float64 // counts^(2/3)
	people  []float64 // population of the rows; nil without offset
	missing []int32
	down    []int32   // rows that are down-weighted
	inverse []float64 // 1 over the fitted counts
	was     []float64 // the fitted counts that weighted the last step
	sixth   []float64 // sixth root of the fitted counts

	base, start  []levelSums // sums of the start values: unweighted, weighted
	cur, last    []levelSums // sums at the current and at the last coefficients
	a, aLast     []float64   // coefficient of each level
	beta, bLast  float64
	spread, prev float64      // sum of squares of time about its level means: now, and at the last step
	level        [][4]float64 // what the passes over rows need of each level
	flat         bool         // the fitted counts are one for each level

	power []float64    // powers of the factor from step to step
	g     [][3]float64 // and their sums

	rows              int // rows with a count
	used              int // levels with a row
	total, largest    float64
	dev0, yLogY       float64
	startDev, startYL float64 // the same, weighted
	gamma             float64 // scale of the weights
	fromStart         bool    // the last step was weighted by the start values
}

// levelSums are sums over the rows of one level, with weights w (fitted counts)
// and time t: w, w·t, w·t², and of the start values w·z and w·z·t; y and y·t.
type levelSums struct {
	s0, s1, s2, z0, z1, y0, y1, u float64
}

// countTable holds what every small count needs, computed once.
type countTable struct {
	start, z, dev, yLogY, y23 float64
}

const tableSize = 2048

var counts = func() *[tableSize]countTable {
	var t [tableSize]countTable
	for y := range t {
		t[y] = countTerms(float64(y))
	}
	return &t
}()

// countTerms: the start value y+0.1, start·z with z = log(start) - 0.1/start the
// first working response, half the deviance of the start, y log y, y^(2/3).
func countTerms(y float64) countTable {
	m := y + 0.1
	c := countTable{start: m, z: m*math.Log(m) - 0.1, dev: 0.1, y23: math.Cbrt(y * y)}
	if y > 0 {
		c.dev = y*math.Log(y/m) + 0.1
		c.yLogY = y * math.Log(y)
	}
	return c
}

func termsOf(y float64) countTable {
	if y < tableSize {
		if n := int(y); float64(n) == y {
			return counts[n]
		}
	}
	return countTerms(y)
}

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

func growSums(s []levelSums, n int) []levelSums {
	if cap(s) < n {
		return make([]levelSums, n)
	}
	return s[:n]
}

func (w *FarringtonWork) reserve(p *FarringtonPlan) {
	n := len(p.index)
	w.y, w.u, w.y23 = resize(w.y, n), resize(w.u, n), resize(w.y23, n)
	w.inverse, w.was, w.sixth = resize(w.inverse, n), resize(w.was, n), resize(w.sixth, n)
	w.base, w.start = growSums(w.base, p.levels), growSums(w.start, p.levels)
	w.cur, w.last = growSums(w.cur, p.levels), growSums(w.last, p.levels)
	w.a, w.aLast = resize(w.a, p.levels), resize(w.aLast, p.levels)
	if cap(w.level) < p.levels {
		w.level = make([][4]float64, p.levels)
	}
	w.level = w.level[:p.levels]
	clear(w.a)
	clear(w.aLast)
	k := max(p.most, p.far) + 1
	w.power = resize(w.power, k)
	if cap(w.g) < k {
		w.g = make([][3]float64, k)
	}
	w.g = w.g[:k]
	w.missing, w.down = w.missing[:0], w.down[:0]
}

// load gathers the rows of a series and the sums of the start values.
func (w *FarringtonWork) load(p *FarringtonPlan, series, population []float64) {
	w.reserve(p)
	w.people = w.people[:0]
	w.rows, w.used, w.total, w.largest, w.dev0, w.yLogY = 0, 0, 0, 0, 0, 0
	clear(w.base)
	offset := p.opt.Population && population != nil
	var other countTable
	for b := range p.blocks {
		blk := &p.blocks[b]
		sum := w.base[blk.level]
		for i := int(blk.first); i < int(blk.first+blk.n); i++ {
			y := series[p.index[i]]
			if offset {
				w.people = append(w.people, population[p.index[i]])
			}
			if !(y >= 0) {
				w.y[i], w.u[i], w.y23[i] = 0, 0, 0
				w.missing = append(w.missing, int32(i))
				continue
			}
			c := &other
			if y < tableSize && y == float64(int(y)) {
				c = &counts[int(y)]
			} else {
				other = countTerms(y)
			}
			t := p.t[i]
			w.y[i], w.u[i], w.y23[i] = y, 1, c.y23
			z := c.z
			if offset {
				lp := math.Log(w.people[i])
				z -= c.start * lp
				w.yLogY -= y * lp
			}
			st := c.start * t
			sum.s0 += c.start
			sum.s1 += st
			sum.s2 += st * t
			sum.z0 += z
			sum.z1 += z * t
			sum.y0 += y
			sum.y1 += y * t
			sum.u++
			w.dev0 += c.dev
			w.yLogY += c.yLogY
			w.largest = max(w.largest, y)
		}
		w.base[blk.level] = sum
	}
	for i := range w.base {
		if w.base[i].u > 0 {
			w.used++
			w.rows += int(w.base[i].u)
			w.total += w.base[i].y0
		}
	}
}

// weigh sets the sums of the start values for the current weights.
func (w *FarringtonWork) weigh(p *FarringtonPlan) {
	copy(w.start, w.base)
	w.startDev, w.startYL = w.dev0, w.yLogY
	for _, i := range w.down {
		c := termsOf(w.y[i])
		less, t, z := w.u[i]-1, p.t[i], c.z
		yl := c.yLogY
		if len(w.people) > 0 {
			lp := math.Log(w.people[i])
			z -= c.start * lp
			yl -= w.y[i] * lp
		}
		s := &w.start[p.level[i]]
		s.s0 += less * c.start
		s.s1 += less * c.start * t
		s.s2 += less * c.start * t * t
		s.z0 += less * z
		s.z1 += less * z * t
		s.y0 += less * w.y[i]
		s.y1 += less * w.y[i] * t
		s.u += less
		w.startDev += less * c.dev
		w.startYL += less * yl
	}
}
