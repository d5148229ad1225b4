package outbreak

import "math"

// lawless extrapolates reported/completeness. Completeness is the product of
// the reverse-time hazards that are still to come; its variance is Greenwood's.
func (out *Nowcast) lawless(tr Triangle, o NowcastOptions, d delayCounts) error {
	now, longest := tr.now(), tr.longest()
	hazard := make([]float64, longest+1)
	for x := range hazard {
		// A blind or unobserved delay adds nothing, as in R.
		if !d.blind[x] && d.le[x] > 0 {
			hazard[x] = d.eq[x] / d.le[x]
		}
	}
	hazard[0] = 1
	out.DelayCDF = make([]float64, now+1)
	out.Steps = make([]NowcastStep, now+1)
	for t := range out.Steps {
		share, greenwood := 1.0, 0.0
		for x := now - t + 1; x <= longest; x++ {
			share *= 1 - hazard[x]
			if g := hazard[x] / (d.le[x] * (1 - hazard[x])); !math.IsNaN(g) {
				greenwood += g
			}
		}
		out.DelayCDF[now-t] = share
		p := &out.Steps[t]
		*p = tr.step(t)
		p.Completeness = share
		if !(share > 0) {
			p.Reason = NoReference // every case so far had a longer delay
			continue
		}
		n := p.Reported
		variance := n * (1 - share) / (share * share)
		if o.Compat != R {
			// Prediction variance: also what is not known of the delays.
			variance += n * (n + 1) / (share * share) * greenwood
		}
		p.normal(n/share, variance, o)
	}
	return nil
}

// normal turns mean and variance into probabilities of whole numbers from what
// is reported upwards.
func (p *NowcastStep) normal(mean, variance float64, o NowcastOptions) {
	if !(variance > 0) {
		p.settle()
		return
	}
	sd := math.Sqrt(variance)
	p.PMF = make([]float64, o.Max-p.From+1)
	if o.Compat == R {
		// The distribution function of a truncated normal without its lower
		// part taken off: the first probability is too large.
		last, above := 0.0, normalAbove((p.Reported-mean)/sd)
		for i := range p.PMF {
			cdf := normalCDF((float64(p.From+i)-mean)/sd) / above
			p.PMF[i] = cdf - last
			last = cdf
		}
		p.summarise(o.Level)
		return
	}
	total := 0.0
	for i := range p.PMF {
		y := float64(p.From+i) - mean
		p.PMF[i] = normalBetween((y-0.5)/sd, (y+0.5)/sd)
		total += p.PMF[i]
	}
	for i := range p.PMF {
		p.PMF[i] /= total
	}
	p.summarise(o.Level)
}

// normalBetween is P(a < Z < b) without cancellation in the tails.
func normalBetween(a, b float64) float64 {
	if a > 0 {
		return normalAbove(a) - normalAbove(b)
	}
	return normalCDF(b) - normalCDF(a)
}

// uniform gives every count from the reported one to the largest the same
// probability.
func (out *Nowcast) uniform(tr Triangle, o NowcastOptions) {
	out.Steps = make([]NowcastStep, tr.now()+1)
	for t := range out.Steps {
		p := &out.Steps[t]
		*p = tr.step(t)
		if o.Compat != R && t < tr.incomplete() {
			p.settle()
			continue
		}
		p.PMF = make([]float64, o.Max-p.From+1)
		for i := range p.PMF {
			p.PMF[i] = 1 / float64(len(p.PMF))
		}
		p.summarise(o.Level)
	}
}
