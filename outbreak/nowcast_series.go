package outbreak

// Corrected gives the counts to hand to a detector after correcting for
// reporting delay: what was reported for the complete steps, the median of the
// nowcast for the incomplete ones, and Missing for steps of which less than
// minComplete (say 0.5) is expected to be reported, because an alarm on a guess
// is no alarm. A detector that sees the raw counts takes every incomplete tail
// for the end of the outbreak, and learns a baseline that is too low.
//
// The interval of the nowcast is not lost: a step whose lower limit (Lower) is
// above the detector's threshold alarms whatever is still to come.
func (n Nowcast) Corrected(minComplete float64) []float64 {
	out := make([]float64, len(n.Steps))
	for i, p := range n.Steps {
		median, known := p.Median.Get()
		switch {
		case p.Completeness >= 1:
			out[i] = p.Reported
		case !known || p.Completeness < minComplete:
			out[i] = Missing()
		default:
			out[i] = median
		}
	}
	return out
}

// CorrectSeries puts the corrected counts of a nowcast in place of the last
// counts of a series; the last step of both is now. Steps of the series before
// the triangle stay as they are.
func (n Nowcast) CorrectSeries(s Series, minComplete float64) (Series, error) {
	if err := s.Check(); err != nil {
		return Series{}, err
	}
	if len(n.Steps) > len(s.Counts) {
		return Series{}, refuse(BadSeries, "Counts", "the nowcast has %d steps, the series only %d", len(n.Steps), len(s.Counts))
	}
	out := s
	out.Counts = append([]float64(nil), s.Counts...)
	copy(out.Counts[len(s.Counts)-len(n.Steps):], n.Corrected(minComplete))
	return out, nil
}

// AlarmChance is the probability that the final count of a step reaches a
// threshold, given what is reported so far.
func (p NowcastStep) AlarmChance(threshold float64) Value {
	if p.PMF == nil {
		return Value{}
	}
	above, total := 0.0, 0.0
	for i, q := range p.PMF {
		total += q
		if float64(p.From+i) >= threshold {
			above += q
		}
	}
	return Known(above / total)
}
