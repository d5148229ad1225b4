package outbreak

import "math"

// baseline gives the means of the judged steps and the dispersion.
func (o GLROptions) baseline(s Series, from, to int) ([]float64, float64, error) {
	means := make([]float64, to-from)
	alpha, known := o.Alpha.Get()
	if o.Means != nil {
		for i := range means {
			means[i] = o.Means[min(i, len(o.Means)-1)]
		}
		return means, alpha, nil
	}
	if from < 1 {
		return nil, 0, refuse(ShortSeries, "Counts", "a baseline needs counts before the first judged step")
	}
	row := func(step int) []float64 {
		t := float64(step + 1)
		r := []float64{1}
		if o.Seasonal.Trend {
			r = append(r, t)
		}
		for h := 1; h <= o.Seasonal.Harmonics; h++ {
			angle := 2 * float64(h) * math.Pi / float64(s.PerYear()) * t
			r = append(r, math.Cos(angle), math.Sin(angle))
		}
		return r
	}
	var fit glmFit
	var err error
	if known {
		fit, err = fitCounts(s.Counts[:from], row, alpha)
	} else {
		fit, alpha, err = fitNegBin(s.Counts[:from], row)
	}
	if err != nil {
		return nil, 0, err
	}
	for i := range means {
		means[i] = math.Exp(dot(fit.coef, row(from+i)))
		if !usable(means[i]) || means[i] <= 0 {
			return nil, 0, refuse(NotComputed, "Counts", "the baseline has no finite mean at step %d", from+i+1)
		}
	}
	return means, alpha, nil
}

// fitNegBin estimates the regression and the dispersion in turn until neither
// moves (W. N. Venables and B. D. Ripley, Modern Applied Statistics with S, 4th
// edition, section 7.4).
func fitNegBin(counts []float64, row func(step int) []float64) (glmFit, float64, error) {
	fit, err := fitCounts(counts, row, 0)
	if err != nil {
		return fit, 0, err
	}
	d := designOf(counts, row)
	theta, ok := sizeOf(fit.y, fit.fitted)
	if !ok {
		return fit, 0, refuse(NotComputed, "Counts", "the baseline varies no more than a Poisson count, so that no dispersion can be estimated")
	}
	scale := math.Sqrt(2 * math.Max(1, float64(len(d.y)-len(fit.coef))))
	like := negBinLikelihood(fit.y, fit.fitted, theta)
	old, move := like+2*scale, 1.0
	for iter := 0; iter < 25 && math.Abs(old-like)/scale+math.Abs(move) > 1e-8; iter++ {
		mu := append([]float64(nil), fit.fitted...)
		next, err := d.fit(append([]float64(nil), mu...), 1/theta)
		if err != nil {
			return fit, 0, err
		}
		before := theta
		if theta, ok = sizeOf(fit.y, mu); !ok {
			return fit, 0, refuse(NotComputed, "Counts", "no dispersion can be estimated for the baseline")
		}
		fit = next
		move, old = before-theta, like
		like = negBinLikelihood(fit.y, fit.fitted, theta)
	}
	return fit, 1 / theta, nil
}

// sizeOf is the likelihood estimate of the negative-binomial size by Newton
// steps.
func sizeOf(y, mu []float64) (float64, bool) {
	sum := 0.0
	for i := range y {
		e := y[i]/mu[i] - 1
		sum += e * e
	}
	size, move := float64(len(y))/sum, 1.0
	for iter := 1; iter < 25 && math.Abs(move) > math.Pow(2.220446049250313e-16, 0.25); iter++ {
		size = math.Abs(size)
		var score, info float64
		dg, tg := digamma(size), trigamma(size)
		for i, x := range y {
			m := mu[i]
			score += digamma(size+x) - dg + math.Log(size) + 1 - math.Log(size+m) - (x+size)/(m+size)
			info += tg - trigamma(size+x) - 1/size + 2/(m+size) - (x+size)/((m+size)*(m+size))
		}
		move = score / info
		size += move
		if !usable(size) {
			return 0, false
		}
	}
	return size, size > 0
}

func negBinLikelihood(y, mu []float64, size float64) float64 {
	sum := 0.0
	ls, _ := math.Lgamma(size)
	for i, x := range y {
		a, _ := math.Lgamma(size + x)
		b, _ := math.Lgamma(x + 1)
		sum += a - ls - b + size*math.Log(size) - (size+x)*math.Log(size+mu[i])
		if x > 0 {
			sum += x * math.Log(mu[i])
		} else {
			sum += x * math.Log(mu[i]+1)
		}
	}
	return sum
}

// digamma and trigamma go up by recurrence to 10 and then use the asymptotic
// series (Abramowitz and Stegun 6.3.18, 6.4.12).
func digamma(x float64) float64 {
	s := 0.0
	for ; x < 10; x++ {
		s -= 1 / x
	}
	r := 1 / (x * x)
	return s + math.Log(x) - 0.5/x - r*(1.0/12-r*(1.0/120-r*(1.0/252-r*(1.0/240-r*(1.0/132-r*(691.0/32760-r/12))))))
}

func trigamma(x float64) float64 {
	s := 0.0
	for ; x < 10; x++ {
		s += 1 / (x * x)
	}
	r := 1 / (x * x)
	return s + 1/x + r/2 + r/x*(1.0/6-r*(1.0/30-r*(1.0/42-r*(1.0/30-r*(5.0/66-r*(691.0/2730-r*7.0/6))))))
}
