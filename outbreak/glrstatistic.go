package outbreak

import "math"

// known is the CUSUM of log likelihood ratios for a known change.
func (c *chart) known(start, n int) float64 {
	before := 0.0
	if n > start {
		before = c.score[n-1]
	}
	if math.IsNaN(c.x[n]) {
		return before
	}
	return math.Max(0, before+c.ratio(c.x[n], c.mu[n], c.opt.Theta))
}

// ratio is the log likelihood ratio of one count for a mean multiplied by
// exp(kappa).
func (c *chart) ratio(x, mu, kappa float64) float64 {
	if c.alpha == 0 {
		return kappa*x + (1-math.Exp(kappa))*mu
	}
	return kappa*x + (x+1/c.alpha)*math.Log((1+c.alpha*mu)/(1+c.alpha*mu*math.Exp(kappa)))
}

// poisson is the largest ratio over all beginnings; the change has a closed
// form, and the sums grow backwards.
func (c *chart) poisson(start, n int) float64 {
	low, high := start, n
	if c.opt.Window > 0 {
		low, high = max(start, n-c.opt.Window), n-c.opt.Least
	}
	best, sumX, sumMu := math.Inf(-1), 0.0, 0.0
	for k := n; k >= low; k-- {
		if x := c.x[k]; !math.IsNaN(x) {
			sumX += x
			sumMu += c.mu[k]
		}
		if k <= high {
			best = larger(best, c.poissonRatio(sumX, sumMu))
		}
	}
	if math.IsInf(best, -1) {
		return 0
	}
	return best
}

func (c *chart) poissonRatio(sumX, sumMu float64) float64 {
	kappa := math.Log(sumX / sumMu)
	switch {
	case math.IsNaN(kappa):
		return 0
	case c.opt.Decrease && math.IsInf(kappa, -1):
		if c.opt.Compat == R {
			return math.Inf(-1) // infinity times zero there
		}
		return sumMu
	case c.opt.Decrease:
		kappa = math.Min(0, kappa)
	default:
		kappa = math.Max(0, kappa)
	}
	return kappa*sumX + (1-math.Exp(kappa))*sumMu
}

// larger leaves out what is not a number: a beginning whose change cannot be
// estimated.
func larger(best, x float64) float64 {
	if x > best {
		return x
	}
	return best
}

// beginnings gives the first and last step at which a change may have begun.
func (c *chart) beginnings(start, n int) (low, high int) {
	low = start
	if c.opt.Window > 0 || c.opt.Window == 0 && c.opt.Compat == R {
		low = max(start, n-c.opt.Window)
	}
	return low, n - (c.opt.Least - 1)
}

// negBin is the largest ratio over all beginnings, with the change of each found
// by Newton steps from that of the beginning before.
func (c *chart) negBin(start, n int) float64 {
	low, high := c.beginnings(start, n)
	best, kappa := math.Inf(-1), 0.5
	for k := low; k <= min(high, n); k++ {
		kappa = c.changeFrom(kappa, k, n)
		if c.opt.Decrease {
			kappa = math.Min(0, kappa)
		} else {
			kappa = math.Max(0, kappa)
		}
		sum := 0.0
		for i := k; i <= n; i++ {
			if !math.IsNaN(c.x[i]) {
				sum += c.ratio(c.x[i], c.mu[i], kappa)
			}
		}
		best = larger(best, sum)
	}
	if math.IsInf(best, -1) {
		return 0
	}
	return best
}

// changeFrom solves for the change over steps k to n.
func (c *chart) changeFrom(kappa float64, k, n int) float64 {
	old := 0.4
	for iter := 0; kappa > -18 && math.Abs(kappa-old) > 1e-6 && iter < 1000; iter++ {
		old = kappa
		e := math.Exp(kappa)
		var score, info float64
		for i := k; i <= n; i++ {
			if x, m := c.x[i], c.mu[i]; !math.IsNaN(x) {
				d := 1 + c.alpha*e*m
				score += (x - e*m) / d
				info += m * (c.alpha*x + 1) / (d * d)
			}
		}
		if info == 0 {
			return 0
		}
		kappa = old + score/(e*info)
	}
	return kappa
}

// epidemic is the largest ratio for a mean mu + lambda·(count before).
func (c *chart) epidemic(start, n int) float64 {
	low, high := c.beginnings(start, n)
	best, lambda, kappa := math.Inf(-1), 0.5, 0.5
	for k := low; k <= min(high, n); k++ {
		switch {
		case c.alpha == 0:
			lambda = c.lambdaFrom(lambda, k, n)
		case c.opt.Compat == R:
			// The reference implementation takes the change of the intercept
			// chart for the logarithm of lambda.
			kappa = c.changeFrom(kappa, k, n)
			lambda = math.Exp(kappa)
		default:
			lambda = c.lambdaSearch(k, n)
		}
		best = larger(best, c.epidemicRatio(lambda, k, n))
	}
	if math.IsInf(best, -1) {
		return 0
	}
	return best
}

func (c *chart) epidemicRatio(lambda float64, k, n int) float64 {
	sum := 0.0
	for i := k; i <= n; i++ {
		x, m, b := c.x[i], c.mu[i], c.before[i]
		if math.IsNaN(x) {
			continue
		}
		if c.alpha == 0 {
			sum += x*math.Log(lambda*b/m+1) - lambda*b
			continue
		}
		m1 := m + lambda*b
		shrink := math.Log((1 + c.alpha*m) / (1 + c.alpha*m1))
		sum += x*(math.Log(m1/m)+shrink) + shrink/c.alpha
	}
	return sum
}

// lambdaFrom is the Poisson estimate by Newton steps on its logarithm.
func (c *chart) lambdaFrom(lambda float64, k, n int) float64 {
	old, phi := 2.0, math.Log(lambda)
	for iter := 0; phi > -18 && math.Abs(math.Exp(phi)-math.Exp(old)) > 1e-6 && iter < 1000; iter++ {
		old = phi
		e := math.Exp(phi)
		var score, info float64
		for i := k; i <= n; i++ {
			x, b := c.x[i], c.before[i]
			if math.IsNaN(x) {
				continue
			}
			m := e*b + c.mu[i]
			score += x*b/m - b
			info += x * b * b / (m * m)
		}
		score *= e
		phi = old + score/(e*e*info-score)
		if math.IsNaN(phi) {
			return math.NaN()
		}
	}
	return math.Exp(phi)
}

// lambdaSearch is the negative-binomial estimate. The derivative of the log
// likelihood falls with lambda where it matters, so that bisection finds it.
func (c *chart) lambdaSearch(k, n int) float64 {
	slope := func(lambda float64) float64 {
		s := 0.0
		for i := k; i <= n; i++ {
			x, b := c.x[i], c.before[i]
			if !math.IsNaN(x) && b > 0 {
				m := c.mu[i] + lambda*b
				s += b * (x - m) / (m * (1 + c.alpha*m))
			}
		}
		return s
	}
	lo, hi := 0.0, 1.0
	if !(slope(lo) > 0) {
		return 0
	}
	for slope(hi) > 0 && hi < 1e9 {
		lo, hi = hi, hi*2
	}
	for range 60 {
		if mid := (lo + hi) / 2; slope(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// needed is the count from which step n would raise the alarm.
func (c *chart) needed(start, n int, alarm bool) float64 {
	switch {
	case c.opt.Change == Epidemic:
		return math.NaN()
	case c.opt.Theta != 0:
		return c.neededKnown(start, n)
	}
	x := c.x[n]
	defer func() { c.x[n] = x }()
	at := func(count float64) float64 { c.x[n] = count; return c.statistic(start, n) }
	if c.alpha == 0 {
		return c.neededPoisson(at)
	}
	if math.IsNaN(x) {
		return math.NaN()
	}
	return c.neededNegBin(at, x, alarm)
}

// neededKnown has a closed form. It need not be whole.
func (c *chart) neededKnown(start, n int) float64 {
	before, theta, m := 0.0, c.opt.Theta, c.mu[n]
	if n > start {
		before = c.score[n-1]
	}
	if c.alpha == 0 {
		return (c.opt.Limit - before + m*(math.Exp(theta)-1)) / theta
	}
	l := math.Log((1 + c.alpha*m) / (1 + c.alpha*m*math.Exp(theta)))
	return -(before*c.alpha + l - c.opt.Limit*c.alpha) / c.alpha / (theta + l)
}

// neededPoisson is for an increase the least count that reaches the limit, for a
// decrease the least that no longer exceeds it. The statistic moves one way with
// the count, so that doubling and halving find it.
func (c *chart) neededPoisson(at func(float64) float64) float64 {
	enough := func(x float64) bool {
		if c.opt.Decrease {
			return at(x) <= c.opt.Limit
		}
		return at(x) >= c.opt.Limit
	}
	if enough(0) {
		return 0
	}
	lo, hi := 0.0, 1.0
	for ; !enough(hi); hi *= 2 {
		if lo = hi; hi > 1e12 {
			return math.NaN()
		}
	}
	for hi-lo > 1 {
		if mid := math.Floor((lo + hi) / 2); enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// neededNegBin walks from the observed count to where the decision changes.
func (c *chart) neededNegBin(at func(float64) float64, x float64, alarm bool) float64 {
	step := 1.0
	if alarm {
		step = -1
	}
	for x <= float64(c.opt.MaxCases) && x >= 1 {
		x += step
		above := at(x) >= c.opt.Limit
		switch {
		case !alarm && above:
			return x
		case alarm && !above:
			return x + 1
		}
	}
	if c.opt.Compat == R && !alarm {
		return outOfReach
	}
	return math.NaN()
}
