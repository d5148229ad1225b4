package outbreak

import "math"

// Transform makes counts comparable before a CUSUM adds them up.
type Transform uint8

const (
	Standard       Transform = iota // (x-m)/√m
	Rossi                           // (x-3m+2√(xm))/(2√m), close to normal for small m
	Anscombe                        // residual on the 2/3 scale
	AnscombeSecond                  // the same with a second-order centre
	AnscombeNegBin                  // the same for negative-binomial counts
	PearsonNegBin                   // (x-m)/√(m+αm²)
	Untransformed                   // the count itself
)

var transformNames = [...]string{"standard", "rossi", "anscombe", "anscombe2nd", "anscombeNegBin", "pearsonNegBin", "none"}

// String is the name of the transformation.
func (t Transform) String() string {
	if int(t) >= len(transformNames) {
		return "unknown"
	}
	return transformNames[t]
}

// TransformNamed finds a transformation.
func TransformNamed(name string) (Transform, error) {
	for i, n := range transformNames {
		if n == name {
			return Transform(i), nil
		}
	}
	return 0, refuse(BadOption, "Transform", "there is no transformation %q; known are %v", name, transformNames)
}

// CUSUMOptions are the settings of CUSUM. Start from DefaultCUSUM.
type CUSUMOptions struct {
	K         float64 // reference value, subtracted at each step
	H         float64 // decision limit
	Transform Transform
	Alpha     float64 // dispersion of the negative-binomial transformations
	// The baseline: the mean of all counts before the first judged step, unless
	// Seasonal, or Means is given (one for all steps, or one for each).
	Seasonal bool // Poisson regression with one harmonic on the counts before
	Phase    int  // place of the first step in its year, from 1; for Seasonal
	Means    []float64
	Compat   Compat
}

// DefaultCUSUM has the limits of Rossi et al. (1999): k 1.04, h 2.26.
func DefaultCUSUM() CUSUMOptions {
	return CUSUMOptions{K: 1.04, H: 2.26, Transform: Rossi, Alpha: 0.1, Phase: 1}
}

// Check refuses options that have no meaning.
func (o CUSUMOptions) Check() error {
	switch {
	case !usable(o.K) || !usable(o.H):
		return refuse(BadOption, "K", "k and h are finite numbers")
	case o.Transform > Untransformed:
		return refuse(BadOption, "Transform", "there is no such transformation")
	case (o.Transform == AnscombeNegBin || o.Transform == PearsonNegBin) && !(o.Alpha > 0 && usable(o.Alpha)):
		return refuse(BadOption, "Alpha", "the dispersion of the transformation is above zero, not %v", o.Alpha)
	}
	for i, m := range o.Means {
		if !(m >= 0) || !usable(m) {
			return refuse(BadOption, "Means", "mean %d is %v; a mean is zero or more", i+1, m)
		}
	}
	return nil
}

// CUSUMPoint is the answer for one step. Score is the cumulative sum, Threshold
// the count that would have raised it to the limit (with Compat R and
// AnscombeNegBin or Untransformed: what the sum still lacks, as there).
type CUSUMPoint struct {
	Point
	Sum Value
}

// CUSUM adds up what exceeds the baseline and speaks of an alarm when the sum
// reaches H: G. Rossi, L. Lampugnani and M. Marchi, "An approximate CUSUM
// procedure for surveillance of health events", Stat. Med. 18 (1999) 2111. The
// sum is not reset by an alarm. A missing count leaves the sum as it is; with
// Compat R it makes the rest undefined.
func CUSUM(s Series, from, to int, o CUSUMOptions) ([]CUSUMPoint, error) {
	if err := checkRange(s, from, to); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	means, err := o.means(s, from, to)
	if err != nil {
		return nil, err
	}
	if o.Compat == R && o.Transform == AnscombeNegBin && len(means) > 1 {
		return nil, refuse(NotSupported, "Transform", "the reference implementation of anscombeNegBin takes one mean for all steps")
	}
	out := make([]CUSUMPoint, 0, to-from)
	sum := 0.0
	for step := from; step < to; step++ {
		m, x := means[min(step-from, len(means)-1)], s.Counts[step]
		p := CUSUMPoint{Point: Point{Step: step, Observed: Known(x), Expected: Known(m)}}
		before := sum
		if z := o.transform(x, m); !math.IsNaN(x) && usable(z) {
			sum = math.Max(0, sum+z-o.K)
		} else if p.Reason = UndefinedVariance; math.IsNaN(x) {
			p.Reason = MissingCount
		}
		if p.Reason == Decided || o.Compat == Paper {
			p.Threshold = o.threshold(m, before, sum)
		}
		if p.Reason != Decided && o.Compat == R {
			sum = math.NaN()
		}
		p.Sum = Known(sum)
		p.Score = p.Sum
		p.Alarm = p.Reason == Decided && sum >= o.H
		out = append(out, p)
	}
	return out, nil
}

// means is the baseline of the judged steps; one entry stands for all.
func (o CUSUMOptions) means(s Series, from, to int) ([]float64, error) {
	if n := len(o.Means); n > 0 {
		if n != 1 && n < to-from {
			return nil, refuse(BadOption, "Means", "there are %d means for %d steps", n, to-from)
		}
		return o.Means, nil
	}
	if from < 1 {
		return nil, refuse(ShortSeries, "Counts", "a baseline needs counts before the first judged step")
	}
	if o.Seasonal {
		return o.seasonal(s, from, to)
	}
	sum, n := 0.0, 0.0
	for _, x := range s.Counts[:from] {
		if math.IsNaN(x) {
			if o.Compat == R {
				return nil, refuse(BadSeries, "Counts", "the baseline has missing counts")
			}
			continue
		}
		sum, n = sum+x, n+1
	}
	if n == 0 {
		return nil, refuse(ShortSeries, "Counts", "all counts of the baseline are missing")
	}
	return []float64{sum / n}, nil
}

// seasonal fits log mean = a + b cos + c sin to the counts before.
func (o CUSUMOptions) seasonal(s Series, from, to int) ([]float64, error) {
	row := func(step int) []float64 {
		angle := 2 * math.Pi / float64(s.PerYear()) * float64(o.Phase+step)
		return []float64{1, math.Cos(angle), math.Sin(angle)}
	}
	fit, err := fitCounts(s.Counts[:from], row, 0)
	if err != nil {
		return nil, err
	}
	out := make([]float64, 0, to-from)
	for step := from; step < to; step++ {
		out = append(out, math.Exp(dot(fit.coef, row(step))))
	}
	return out, nil
}

func (o CUSUMOptions) transform(x, m float64) float64 {
	switch o.Transform {
	case Rossi:
		return (x - 3*m + 2*math.Sqrt(x*m)) / (2 * math.Sqrt(m))
	case Anscombe:
		return 1.5 * (twoThirds(x) - twoThirds(m)) / math.Pow(m, 1.0/6)
	case AnscombeSecond:
		return (twoThirds(x) - (twoThirds(m) - 1/(9*math.Cbrt(m)))) / (2.0 / 3 * math.Pow(m, 1.0/6))
	case AnscombeNegBin:
		table := o.Compat == R
		up := anscombeIntegral(x, o.Alpha, table) - anscombeIntegral(m, o.Alpha, table)
		return up / math.Pow(m+o.Alpha*m*m, 1.0/6)
	case PearsonNegBin:
		return (x - m) / math.Sqrt(m+o.Alpha*m*m)
	case Untransformed:
		return x
	}
	return (x - m) / math.Sqrt(m)
}

func twoThirds(x float64) float64 { return math.Cbrt(x * x) }

// threshold is the count that would have raised the sum from before to H. The
// reference implementation centres AnscombeSecond differently here.
func (o CUSUMOptions) threshold(m, before, sum float64) Value {
	room, root := o.H+o.K-before, math.Sqrt(m)
	var x float64
	switch o.Transform {
	case Rossi:
		// The sum is so far above the limit that any count keeps it there when
		// the root has no real value.
		x = 2*root*room + 5*m - 2*math.Sqrt(4*m*m+2*m*root*room)
		if math.IsNaN(x) {
			x = 0
		}
	case Standard:
		x = math.Ceil(root*room + m)
	case Anscombe:
		x = threeHalves(2.0/3*math.Pow(m, 1.0/6)*room + twoThirds(m))
	case AnscombeSecond:
		centre := twoThirds(m) - 1/(9*math.Cbrt(m))
		if o.Compat == R {
			centre = twoThirds(m) - math.Cbrt(m)/9
		}
		x = threeHalves(2.0/3*math.Pow(m, 1.0/6)*room + centre)
	case PearsonNegBin:
		x = math.Sqrt(m+o.Alpha*m*m)*room + m
	default:
		if o.Compat == R {
			x = o.H - sum
		} else {
			x = o.invert(m, room)
		}
	}
	return Known(math.Max(0, x))
}

// invert finds the count whose transformation is z, by bisection.
func (o CUSUMOptions) invert(m, z float64) float64 {
	lo, hi := 0.0, math.Max(1, m)
	for ; o.transform(hi, m) < z && hi < 1e15; hi *= 2 {
		lo = hi
	}
	for range 100 {
		if mid := (lo + hi) / 2; o.transform(mid, m) < z {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// threeHalves is the inverse of twoThirds; what is below zero is zero.
func threeHalves(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x * math.Sqrt(x)
}
