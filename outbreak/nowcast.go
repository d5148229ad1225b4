package outbreak

import (
	"math"
)

// Nowcasting: how many cases of the last days there are, counting those not
// reported yet. It reads a reporting triangle, learns how long reports take, and
// gives a distribution for the final count of each incomplete step.
//
// Hohle and an der Heiden, "Bayesian nowcasting during the STEC O104:H4
// outbreak in Germany, 2011", Biometrics 70 (2014) 993-1002; Lawless,
// "Adjustments for reporting delays and the prediction of occurred but not
// reported events", Canadian Journal of Statistics 22 (1994) 15-31.

// NowcastMethod chooses how the delay distribution becomes a distribution of
// the final count.
type NowcastMethod uint8

const (
	// NowcastTrunc is the Bayesian method that knows that recent steps are cut
	// off (truncation): a generalised Dirichlet posterior of the delays.
	NowcastTrunc NowcastMethod = iota
	// NowcastNoTrunc is the Bayesian method that ignores the truncation.
	NowcastNoTrunc
	// NowcastNoTruncBNB is NowcastNoTrunc with an improper flat prior of the
	// final count, which has a closed form (beta-negative-binomial).
	NowcastNoTruncBNB
	// NowcastLawless is reported/completeness with a normal approximation.
	NowcastLawless
	// NowcastUniform knows no delays: every count from what is reported to the
	// largest is equally likely. It is the yardstick of the others.
	NowcastUniform
)

var nowcastNames = [...]string{"bayes.trunc", "bayes.notrunc", "bayes.notrunc.bnb", "lawless", "unif"}

// String is the name of the method in package surveillance.
func (m NowcastMethod) String() string {
	if int(m) < len(nowcastNames) {
		return nowcastNames[m]
	}
	return "unknown"
}

// ParseNowcastMethod reads a name as String writes it.
func ParseNowcastMethod(name string) (NowcastMethod, error) {
	for i, n := range nowcastNames {
		if n == name {
			return NowcastMethod(i), nil
		}
	}
	return 0, refuse(BadOption, "Method", "there is no nowcast method %q", name)
}

// NowcastPrior is the prior of the final count of a step.
type NowcastPrior uint8

const (
	PriorGammaPoisson NowcastPrior = iota // Poisson whose mean is gamma: PriorMean and PriorVariance of the mean
	PriorPoisson                          // Poisson of mean PriorMean
	PriorUniform                          // every count up to Max
)

// NowcastWindow says which part of the triangle a moving window keeps.
type NowcastWindow uint8

const (
	WindowByEvent  NowcastWindow = iota // steps of onset (Hohle and an der Heiden 2014)
	WindowByReport                      // steps of report (Lawless 1994)
)

// NowcastOptions are the settings. The zero value is the truncated Bayesian
// method with everything in the triangle, a weak prior, and 95 % intervals.
type NowcastOptions struct {
	Method NowcastMethod
	Window int           // steps of history to learn delays from; 0 means all
	By     NowcastWindow // WindowByReport is for NowcastLawless only
	Max    int           // largest final count considered; 0 chooses it
	Level  float64       // of the interval; 0 means 0.95
	Kappa  float64       // Dirichlet prior of each delay; 0 means 0.1
	Prior  NowcastPrior
	// PriorMean and PriorVariance of the mean count of a step. 0 takes them from
	// the complete steps of the triangle.
	PriorMean, PriorVariance float64
	Draws                    int    // of the delay distribution, NowcastTrunc only; 0 means 20000
	Seed                     uint64 // of those draws
	// Compat R keeps what package surveillance 1.20.3 does: NowcastLawless
	// without the uncertainty of the delays and with probabilities that do not
	// sum to one. Paper is right in both.
	Compat Compat
}

// NowcastStep is the distribution of the final count of one step.
type NowcastStep struct {
	Step         int
	Reported     float64
	Completeness float64 // expected share already reported
	Mean         Value
	Median       Value
	Lower, Upper Value     // limits of the interval
	From         int       // PMF[i] is the probability of From+i cases
	PMF          []float64 // nil where there is no distribution
	Reason       Reason    // Decided, or why there is no distribution
}

// Nowcast is the outcome for a triangle.
type Nowcast struct {
	Method   NowcastMethod
	Steps    []NowcastStep // every step of the triangle, oldest first
	DelayCDF []float64     // share of reports that arrive within 0, 1, ... steps
	// Unseen lists delays that no case in the window had a chance to show, so
	// that only the prior speaks for them.
	Unseen []int
	Max    int // largest final count considered
}

func (o *NowcastOptions) check(tr Triangle) error {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Kappa == 0 {
		o.Kappa = 0.1
	}
	if o.Draws == 0 {
		o.Draws = 20000
	}
	switch {
	case int(o.Method) >= len(nowcastNames):
		return refuse(BadOption, "Method", "there is no nowcast method %d", o.Method)
	case o.Prior > PriorUniform:
		return refuse(BadOption, "Prior", "there is no prior %d", o.Prior)
	case o.Window < 0:
		return refuse(BadOption, "Window", "a moving window has at least 1 step, not %d", o.Window)
	case o.Window > 0 && o.By == WindowByReport && o.Method != NowcastLawless:
		return refuse(NotSupported, "By", "a window by step of report goes with the method of Lawless only")
	case !(o.Level > 0 && o.Level < 1):
		return refuse(BadOption, "Level", "the level of an interval lies between 0 and 1, not at %v", o.Level)
	case !(o.Kappa > 0) || o.Kappa > 1e6:
		return refuse(BadOption, "Kappa", "the prior weight of a delay is %v; it must be more than 0", o.Kappa)
	case o.Draws < 1 || o.Draws > 1e6:
		return refuse(BadOption, "Draws", "%d draws asked for; from 1 to a million are possible", o.Draws)
	case o.Max < 0 || o.Max > 1e6:
		return refuse(BadOption, "Max", "the largest final count is %d; from 1 to a million is possible", o.Max)
	}
	return o.checkPrior(tr)
}

func (o *NowcastOptions) checkPrior(tr Triangle) error {
	if o.Method != NowcastTrunc && o.Method != NowcastNoTrunc {
		return nil
	}
	if o.Compat == R && o.Prior != PriorGammaPoisson {
		return refuse(NotSupported, "Prior", "package surveillance stops for this prior; only the gamma-Poisson one works there")
	}
	if o.Prior == PriorUniform {
		return nil
	}
	if o.PriorMean == 0 {
		o.PriorMean, o.PriorVariance = tr.guessPrior()
	}
	if !(o.PriorMean > 0) || o.PriorMean > 1e9 {
		return refuse(BadOption, "PriorMean", "the prior mean is %v; it must be more than 0", o.PriorMean)
	}
	if o.Prior == PriorGammaPoisson && (!(o.PriorVariance > o.PriorMean) || math.IsInf(o.PriorVariance, 1)) {
		return refuse(BadOption, "PriorVariance", "the prior variance is %v; it must be more than the prior mean %v", o.PriorVariance, o.PriorMean)
	}
	return nil
}

// Nowcast estimates the final counts of a triangle.
func (tr Triangle) Nowcast(o NowcastOptions) (Nowcast, error) {
	if err := tr.Check(); err != nil {
		return Nowcast{}, err
	}
	if err := o.check(tr); err != nil {
		return Nowcast{}, err
	}
	d := tr.delays(o)
	out := Nowcast{Method: o.Method, Unseen: d.unseen()}
	var err error
	if out.Max, err = tr.largest(o, d); err != nil {
		return Nowcast{}, err
	}
	o.Max = out.Max
	switch o.Method {
	case NowcastLawless:
		err = out.lawless(tr, o, d)
	case NowcastUniform:
		out.uniform(tr, o)
	case NowcastNoTruncBNB:
		err = out.betaNegBinomial(tr, o, d)
	default:
		err = out.bayes(tr, o, d)
	}
	return out, err
}

// step makes the point of a step before its distribution is known.
func (tr Triangle) step(t int) NowcastStep {
	return NowcastStep{Step: t, Reported: tr.reported(t), Completeness: 1, From: int(tr.reported(t))}
}

// settle makes a step certain: all its reports are in.
func (p *NowcastStep) settle() {
	p.PMF = []float64{1}
	p.From = int(p.Reported)
	p.summarise(0.95)
}

// summarise takes mean, median and limits from the probabilities. They may sum
// to less than one where the largest count cuts them off.
func (p *NowcastStep) summarise(level float64) {
	total := 0.0
	for _, q := range p.PMF {
		if math.IsNaN(q) || math.IsInf(q, 0) {
			p.PMF, p.Reason = nil, Unbounded
			return
		}
		total += q
	}
	if !(total > 0) {
		p.PMF, p.Reason = nil, Unbounded
		return
	}
	mean := 0.0
	for i, q := range p.PMF {
		mean += float64(p.From+i) * q / total
	}
	p.Mean = Known(mean)
	tail := math.Round((1-level)*1e12) / 2e12
	p.Median, p.Lower, p.Upper = p.first(0.5), p.first(tail), p.first(1-tail)
}

// first is the smallest count whose cumulated probability is above q. As in
// package surveillance it is 0 where the probabilities never reach q.
func (p *NowcastStep) first(q float64) Value {
	cum, lost := 0.0, 0.0
	for i, x := range p.PMF {
		// Compensated, so that rounding does not decide where the sum is q exactly.
		next := cum + (x + lost)
		lost += x - (next - cum)
		if cum = next; cum > q {
			return Known(float64(p.From + i))
		}
	}
	return Known(0)
}
