package outbreak

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The Bayesian methods. The delays have a Dirichlet prior with weight Kappa for
// each; the posterior is a chain of independent beta variables, from the longest
// delay to the shortest: the share of delay x among delays of at most x.

// link is beta(a, b): a for this delay, b for all shorter ones.
type link struct{ a, b float64 }

func (o NowcastOptions) chain(d delayCounts) []link {
	links := make([]link, len(d.eq)) // links[0] is unused: some delay is the last
	shorter := d.eq[0]
	for x := 1; x < len(d.eq); x++ {
		b := shorter // without truncation: all cases of shorter delays
		if o.Method == NowcastTrunc {
			b = d.le[x] - d.eq[x]
		}
		links[x] = link{a: o.Kappa + d.eq[x], b: float64(x)*o.Kappa + b}
		shorter += d.eq[x]
	}
	return links
}

// cumulated is the expected share of reports within each delay.
func cumulated(links []link) []float64 {
	cdf := make([]float64, len(links))
	rest := 1.0
	for x := len(links) - 1; x >= 0; x-- {
		cdf[x] = rest
		if x > 0 {
			rest *= links[x].b / (links[x].a + links[x].b)
		}
	}
	return cdf
}

func (o NowcastOptions) refuseBlind(d delayCounts) error {
	if o.Compat == R && d.anyBlind() {
		return refuse(NotComputed, "Window", "the window of %d steps is shorter than the longest delay, which package surveillance cannot do", o.Window)
	}
	return nil
}

// open makes the steps, settles the complete ones, and gives each open step its
// completeness.
func (out *Nowcast) open(tr Triangle) {
	out.Steps = make([]NowcastStep, tr.now()+1)
	for t := range out.Steps {
		p := &out.Steps[t]
		*p = tr.step(t)
		if t < tr.incomplete() {
			p.settle()
			continue
		}
		p.Completeness = out.DelayCDF[tr.now()-t]
	}
}

// betaNegBinomial has a closed form: given the share F ~ beta(a, b) reported so
// far and a flat prior, the number still missing is negative binomial with size
// reported + 1.
func (out *Nowcast) betaNegBinomial(tr Triangle, o NowcastOptions, d delayCounts) error {
	if err := o.refuseBlind(d); err != nil {
		return err
	}
	out.DelayCDF = cumulated(o.chain(d))
	out.open(tr)
	total := 0.0
	for _, n := range d.eq {
		total += n + o.Kappa
	}
	within := 0.0
	for x := 0; x < tr.longest(); x++ {
		within += d.eq[x] + o.Kappa
		t := tr.now() - x
		p := &out.Steps[t]
		size, a, b := p.Reported+1, within, total-within
		p.PMF = make([]float64, o.Max-p.From+1)
		front := lgamma(size+a) + lgamma(a+b) - lgamma(size) - lgamma(a) - lgamma(b)
		sum := 0.0
		for k := range p.PMF {
			y := float64(k)
			p.PMF[k] = math.Exp(front + lgamma(y+b) + lgamma(size+y) - lgamma(size+y+a+b) - lgamma(y+1))
			sum += p.PMF[k]
		}
		if o.Compat != R {
			for k := range p.PMF {
				p.PMF[k] /= sum
			}
		}
		p.summarise(o.Level)
	}
	return nil
}

func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// share is one possible value of the share reported so far, with its weight.
type share struct{ value, weight float64 }

// bayes averages the posterior of the final count over the share reported so
// far: without truncation over its beta distribution by quadrature, with
// truncation over draws of the chain.
func (out *Nowcast) bayes(tr Triangle, o NowcastOptions, d delayCounts) error {
	if err := o.refuseBlind(d); err != nil {
		return err
	}
	links := o.chain(d)
	out.DelayCDF = cumulated(links)
	out.open(tr)
	var drawn [][]share
	if o.Method == NowcastTrunc {
		drawn = drawShares(links, o)
	}
	a := o.Kappa + d.eq[0]
	for x := 0; x < tr.longest(); x++ {
		p := &out.Steps[tr.now()-x]
		shares := []share(nil)
		if drawn != nil {
			shares = drawn[x]
		} else {
			shares = betaShares(a, dirichletRest(d, o, x))
			a += o.Kappa + d.eq[x+1]
		}
		p.PMF = make([]float64, o.Max-p.From+1)
		buffer := make([]float64, len(p.PMF))
		for _, s := range shares {
			o.given(p.Reported, s.value, buffer)
			for k, q := range buffer {
				p.PMF[k] += s.weight * q
			}
		}
		p.summarise(o.Level)
	}
	return nil
}

func dirichletRest(d delayCounts, o NowcastOptions, x int) float64 {
	b := 0.0
	for y := x + 1; y < len(d.eq); y++ {
		b += o.Kappa + d.eq[y]
	}
	return b
}

// drawShares draws the chain and multiplies it up: shares[x] are values of the
// share of reports within delay x. Draws that are neighbours in value are
// averaged, because the posterior varies smoothly with the share.
func drawShares(links []link, o NowcastOptions) [][]share {
	const groups = 500
	rng := rand.New(rand.NewPCG(o.Seed, 0x5eedca))
	values := make([][]float64, len(links))
	for x := range values {
		values[x] = make([]float64, o.Draws)
	}
	for i := range o.Draws {
		value := 1.0
		for x := len(links) - 1; x >= 0; x-- {
			values[x][i] = value
			if x > 0 {
				value *= randomBeta(rng, links[x].b, links[x].a)
			}
		}
	}
	out := make([][]share, len(links))
	for x, v := range values {
		slices.Sort(v)
		n := min(groups, len(v))
		for g := range n {
			part := v[g*len(v)/n : (g+1)*len(v)/n]
			sum := 0.0
			for _, f := range part {
				sum += f
			}
			out[x] = append(out[x], share{sum / float64(len(part)), float64(len(part)) / float64(len(v))})
		}
	}
	return out
}

// betaShares is a quadrature of beta(a, b): equal steps on the logit scale,
// where the density is smooth, log-concave and falls off exponentially, so that
// the plain sum is accurate to rounding.
func betaShares(a, b float64) []share {
	density := func(u float64) float64 { // log of the density of logit(F), up to a constant
		return -a*softplus(-u) - b*softplus(u)
	}
	mode := math.Log(a / b)
	edge := func(side float64) float64 {
		reach := 1.0
		for density(mode+side*reach)-density(mode) > -40 && reach < 1e6 {
			reach *= 1.3
		}
		return mode + side*reach
	}
	lo, hi := edge(-1), edge(1)
	nodes := int(clamp((hi-lo)/0.2, 200, 20000))
	out := make([]share, 0, nodes+1)
	total := 0.0
	for i := range nodes + 1 {
		u := lo + (hi-lo)*float64(i)/float64(nodes)
		w := math.Exp(density(u) - density(mode))
		out = append(out, share{1 / (1 + math.Exp(-u)), w})
		total += w
	}
	for i := range out {
		out[i].weight /= total
	}
	return out
}

// softplus is log(1 + exp(u)).
func softplus(u float64) float64 { return math.Max(u, 0) + math.Log1p(math.Exp(-math.Abs(u))) }

// given is the posterior of the final count when a share is known to be
// reported: reported, reported+1, ... up to the largest, normalised.
func (o NowcastOptions) given(reported, f float64, pmf []float64) {
	miss := 1 - f
	size := 0.0 // of the gamma prior
	switch o.Prior {
	case PriorGammaPoisson:
		size = o.PriorMean * o.PriorMean / (o.PriorVariance - o.PriorMean)
		miss *= o.PriorMean / (o.PriorMean + size)
	case PriorPoisson:
		miss *= o.PriorMean
	}
	term, sum := 1.0, 1.0
	pmf[0] = 1
	for k := 1; k < len(pmf); k++ {
		y := float64(k)
		switch o.Prior {
		case PriorGammaPoisson:
			term *= miss * (y - 1 + reported + size) / y
		case PriorPoisson:
			term *= miss / y
		default:
			term *= miss * (reported + y) / y
		}
		if term > 1e250 { // keep the running term within range
			for j := range k {
				pmf[j] /= term
			}
			sum, term = sum/term, 1
		}
		pmf[k] = term
		sum += term
	}
	for k := range pmf {
		pmf[k] /= sum
	}
}
