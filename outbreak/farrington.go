package outbreak

// ThresholdMethod says how a Farrington threshold is drawn from the fit.
type ThresholdMethod uint8

const (
	NBPlugin ThresholdMethod = iota // negative-binomial quantile at the expected count (Noufaily 2013)
	Muan                            // the same quantile at the upper limit of the expected count
	Delta                           // normal limit after a power transformation (Farrington 1996)
)

// PowerTransform is the transformation that Delta uses to remove skewness.
type PowerTransform uint8

const (
	TwoThirds  PowerTransform = iota // counts^(2/3), which makes a Poisson count symmetrical
	SquareRoot                       // counts^(1/2), which makes its variance constant
	Identity                         // none
)

// FarringtonOptions are the settings of Farrington. Start from
// FarringtonFlexible or FarringtonClassic; the zero value is refused.
type FarringtonOptions struct {
	Years      int // years of history (b)
	HalfWindow int // steps on each side of the reference points (w)
	Periods    int // seasonal levels; 1 fits the reference windows only
	Omit       int // latest steps before the current one that are left out
	Alpha      float64
	Method     ThresholdMethod
	Power      PowerTransform

	Trend  bool
	TrendP float64 // a trend is kept when its p-value is below; 1 keeps it always

	Reweight      bool
	ResidualLimit float64 // standardised Anscombe residual above which a past count is down-weighted

	Population bool // model the rate: the logarithm of the population is an offset

	// An alarm wants MinCases cases in the last MinSteps steps, the current one
	// included. MinCases 0 switches the rule off.
	MinCases, MinSteps int

	Compat Compat
}

// FarringtonFlexible is the method of A. Noufaily et al., "An improved algorithm
// for outbreak detection in multiple surveillance systems", Stat. Med. 32 (2013)
// 1206: ten seasonal levels, all weeks of five years, the last half year left
// out, weights only for residuals above 2.58, negative-binomial threshold.
func FarringtonFlexible() FarringtonOptions {
	return FarringtonOptions{Years: 5, HalfWindow: 3, Periods: 10, Omit: 26, Alpha: 0.005, Trend: true, TrendP: 0.05,
		Reweight: true, ResidualLimit: 2.58, MinCases: 5, MinSteps: 4}
}

// FarringtonClassic is the method of C. P. Farrington et al., "A statistical
// algorithm for the early detection of outbreaks of infectious disease", J. R.
// Statist. Soc. A 159 (1996) 547: only windows round the same week of the years
// before, and a limit on the 2/3 power scale.
func FarringtonClassic() FarringtonOptions {
	return FarringtonOptions{Years: 5, HalfWindow: 3, Periods: 1, Omit: 3, Alpha: 0.005, Trend: true, TrendP: 0.05,
		Reweight: true, ResidualLimit: 1, Method: Delta, MinCases: 5, MinSteps: 4}
}

// Check refuses options that have no meaning.
func (o FarringtonOptions) Check() error {
	switch {
	case o.Years < 1 || o.Years > 100:
		return refuse(BadOption, "Years", "the history is 1 to 100 years, not %d", o.Years)
	case o.HalfWindow < 0 || o.HalfWindow > 366:
		return refuse(BadOption, "HalfWindow", "the half window is 0 to 366 steps, not %d", o.HalfWindow)
	case o.Periods < 1 || o.Periods > 366:
		return refuse(BadOption, "Periods", "there are 1 to 366 seasonal levels, not %d", o.Periods)
	case o.Omit < 0 || o.Omit > 1<<20:
		return refuse(BadOption, "Omit", "the number of steps left out is zero or more, not %d", o.Omit)
	case !(o.Alpha > 0 && o.Alpha < 1):
		return refuse(BadOption, "Alpha", "alpha is between 0 and 1, not %v", o.Alpha)
	case o.Trend && !(o.TrendP >= 0):
		return refuse(BadOption, "TrendP", "the p-value for a trend is zero or more, not %v", o.TrendP)
	case o.Reweight && !(o.ResidualLimit >= 0):
		return refuse(BadOption, "ResidualLimit", "the residual limit is zero or more, not %v", o.ResidualLimit)
	case o.MinCases < 0 || o.MinSteps < 1:
		return refuse(BadOption, "MinCases", "the rule of recent cases wants zero or more cases in one or more steps, not %d in %d", o.MinCases, o.MinSteps)
	case o.Method > Delta || o.Power > Identity:
		return refuse(BadOption, "Method", "there is no such threshold method or power")
	}
	return nil
}

// FarringtonPoint is the answer for one step. Score is Farrington's exceedance
// score: (observed - expected) / (threshold - expected), an alarm above 1.
type FarringtonPoint struct {
	Point
	Trend        bool  // a linear trend was kept
	Slope        Value // of the logarithm per step (per first interval of the days)
	TrendP       Value // p-value of the trend, where one was fitted
	Dispersion   Value // variance over mean, at least 1
	LinkFit      Value // logarithm of the expected count
	LinkError    Value // its standard error
	QuantileMean Value // the mean whose quantile is the threshold (NBPlugin, Muan)
	Used         int   // past counts in the fit
}

// Farrington judges the steps from to to-1 of a series against its own history
// by a quasi-Poisson model with seasonal levels and a trend. A step whose
// history does not reach back far enough gets the reason TooShort; with Compat R
// the whole call is refused instead, as the reference implementation does.
func Farrington(s Series, from, to int, o FarringtonOptions) ([]FarringtonPoint, error) {
	if err := checkRange(s, from, to); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	out := make([]FarringtonPoint, 0, to-from)
	var work FarringtonWork
	for step := from; step < to; step++ {
		plan, err := PlanFarrington(s, step, o)
		if err != nil {
			if o.Compat == R || !isKind(err, ShortSeries) {
				return nil, err
			}
			out = append(out, FarringtonPoint{Point: Point{Step: step, Observed: Known(s.Counts[step]), Reason: TooShort}})
			continue
		}
		pt := plan.Point(&work, s.Counts, s.Population)
		if o.Compat == R && pt.Reason == NoReference {
			return nil, refuse(NotComputed, "Counts", "at step %d no count of the current season is left in the history", step+1)
		}
		out = append(out, pt)
	}
	return out, nil
}

// checkRange refuses a bad series and steps outside it.
func checkRange(s Series, from, to int) error {
	if err := s.Check(); err != nil {
		return err
	}
	if from < 0 || to > len(s.Counts) || from > to {
		return refuse(BadOption, "Steps", "steps %d to %d are not within the %d of the series", from+1, to, len(s.Counts))
	}
	return nil
}

func isKind(err error, k Kind) bool {
	e, ok := err.(*Error)
	return ok && e.Kind == k
}

// SameAxis tells whether a plan made for one series serves another: the same
// number of steps, frequency and days.
func SameAxis(a, b Series) bool {
	if len(a.Counts) != len(b.Counts) || a.PerYear() != b.PerYear() || len(a.Days) != len(b.Days) {
		return false
	}
	for i, d := range a.Days {
		if d != b.Days[i] {
			return false
		}
	}
	return true
}
