package outbreak

import "math"

// countLaw is the distribution of a count with a mean and a dispersion.
//
// Small means are summed from zero by the ratio of neighbouring masses, which
// costs a few nanoseconds a count. For large ones the quantile starts at a guess
// and walks by single counts from one evaluation of the distribution; far
// guesses are first mended by normal steps. A probability is reached when it
// falls short by no more than rounding.
type countLaw struct {
	mean float64
	phi  float64 // variance over mean; 1 is Poisson
	size float64 // of the negative binomial: mean/(phi-1)
	p, q float64 // 1/phi and 1-1/phi
}

// lawOf gives the count distribution with a mean and a dispersion: Poisson when
// phi <= 1, else negative binomial with variance phi times the mean.
func lawOf(mean, phi float64) countLaw {
	l := countLaw{mean: mean, phi: 1}
	if phi > 1 {
		l.phi, l.size, l.p, l.q = phi, mean/(phi-1), 1/phi, (phi-1)/phi
	}
	return l
}

func (l countLaw) cdf(k float64) float64 {
	if l.phi > 1 {
		return negBinomialCDF(k, l.size, l.p, l.q)
	}
	return poissonCDF(k, l.mean)
}

// above is P(X >= k).
func (l countLaw) above(k float64) float64 {
	if l.mean == 0 {
		return indicator(k <= 0)
	}
	if l.large() {
		return l.edgeworthAbove(k)
	}
	if k = math.Ceil(k); l.small() && k <= smallSum {
		return l.sumAbove(k)
	}
	if l.phi > 1 {
		return negBinomialAbove(k, l.size, l.p, l.q)
	}
	return poissonAbove(k, l.mean)
}

// smallSum is the count up to which sums from zero are used.
const smallSum = 400

// small tells whether the law is summed from zero.
func (l countLaw) small() bool { return l.mean < 200 && l.mean*l.phi < 1000 }

// zero is the mass at zero.
func (l countLaw) zero() float64 {
	if l.phi > 1 {
		return math.Exp(-l.size * math.Log(l.phi))
	}
	return math.Exp(-l.mean)
}

// sumAbove is P(X >= k): the rest of the sum below where k is near or under the
// mean, else the sum above, which keeps small chances precise.
func (l countLaw) sumAbove(k float64) float64 {
	if k <= 0 {
		return 1
	}
	mass, below := l.zero(), 0.0
	for i := 0.0; i < k; i++ {
		below += mass
		mass *= l.next(i)
	}
	if below < 0.5 {
		return 1 - below
	}
	sum := 0.0
	for i := k; mass > sum*1e-17 && i < k+1e6; i++ {
		sum += mass
		mass *= l.next(i)
	}
	return sum
}

// sumQuantile is the quantile by sums from zero, or false where it is out of
// reach or within rounding of a step.
func (l countLaw) sumQuantile(target float64) (float64, bool) {
	mass, sum := l.zero(), 0.0
	for k := 0.0; k <= smallSum; k++ {
		sum += mass
		if sum >= target {
			return k, sum-target > 1e-12 && target-(sum-mass) > 1e-12
		}
		mass *= l.next(k)
	}
	return 0, false
}

func (l countLaw) mass(k float64) float64 {
	if l.phi > 1 {
		return negBinomialMass(k, l.size, l.p, l.q)
	}
	return poissonTerm(k, l.mean)
}

// next is mass(k+1)/mass(k).
func (l countLaw) next(k float64) float64 {
	if l.phi > 1 {
		return (k + l.size) / (k + 1) * l.q
	}
	return l.mean / (k + 1)
}

// quantile is the smallest k with P(X <= k) >= p.
func (l countLaw) quantile(p, z float64) float64 {
	switch {
	case !(l.mean >= 0) || math.IsInf(l.mean, 1) || !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0 || l.mean == 0:
		return 0
	case p == 1:
		return math.Inf(1)
	}
	target := p * (1 - 64*2.220446049250313e-16)
	if l.large() {
		return l.guess(z)
	}
	if l.small() {
		if k, ok := l.sumQuantile(target); ok {
			return k
		}
	}
	if k, ok := l.walk(l.guess(z), target); ok {
		return k
	}
	return l.bisect(target)
}

// large tells whether the law is so close to normal that its expansion is more
// precise than its sums.
func (l countLaw) large() bool { return l.mean > 1e8 }

// guess is the Cornish-Fisher expansion of the quantile (Abramowitz and Stegun
// 26.2.49, four terms).
func (l countLaw) guess(z float64) float64 {
	sigma := math.Sqrt(l.mean * l.phi)
	skew := (2*l.phi - 1) / sigma
	kurt := (6*l.phi*l.phi - 6*l.phi + 1) / (sigma * sigma)
	x := z + skew*(z*z-1)/6 + kurt*(z*z*z-3*z)/24 - skew*skew*(2*z*z*z-5*z)/36
	return math.Max(0, math.Round(l.mean+sigma*x))
}

// edgeworthAbove is P(X >= k) by the Edgeworth expansion with the skewness.
func (l countLaw) edgeworthAbove(k float64) float64 {
	sigma := math.Sqrt(l.mean * l.phi)
	z := (k - 0.5 - l.mean) / sigma
	tail := normalAbove(z) + (2*l.phi-1)/sigma*(z*z-1)/6*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)
	return clamp(tail, 0, 1)
}

// walk goes by single counts from k to the quantile; false where it is far or
// within rounding of a step.
func (l countLaw) walk(k, target float64) (float64, bool) {
	cum, mass := l.cdf(k), l.mass(k)
	if !(math.Abs(cum-target) < 50*mass) {
		return 0, false
	}
	for range 200 {
		switch below := cum - mass; {
		case cum < target:
			mass *= l.next(k)
			k++
			cum += mass
		case k > 0 && below >= target:
			k--
			mass /= l.next(k)
			cum = below
		default:
			return k, cum-target > 1e-12 && target-below > 1e-12
		}
	}
	return 0, false
}

// bisect finds the quantile from the distribution alone.
func (l countLaw) bisect(target float64) float64 {
	lo, hi := -1.0, math.Max(1, math.Floor(l.mean))
	for l.cdf(hi) < target {
		if lo, hi = hi, 2*hi; hi > 1e18 {
			return math.Inf(1)
		}
	}
	for hi-lo > 1 {
		mid := math.Floor(lo + (hi-lo)/2)
		if mid == lo || mid == hi {
			break
		}
		if l.cdf(mid) < target {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
