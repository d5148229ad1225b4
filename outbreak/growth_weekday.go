package outbreak

import "math"

// Weekday is how daily counts differ by day of the week.
type Weekday struct {
	// Effect is the ratio of the counts of each day to the level of its week; the
	// mean over the week is 1. Index 0 is Sunday where the series has days, else
	// the first step of the series.
	Effect [7]float64
	SE     [7]Value // standard error
	PValue Value    // of no difference between the days
	Weeks  int      // full weeks' worth of days that were used
	dated  bool
}

// WeekdayEffect estimates the day-of-week effect of daily counts as the ratio to
// a centred mean of seven days, which takes out level and trend (the classical
// ratio to moving average of Macaulay, "The Smoothing of Time Series", 1931),
// and tests it by a weighted analysis of variance of those ratios. Days with a
// missing count within three days are left out.
func WeekdayEffect(s Series) (Weekday, error) {
	w := Weekday{dated: s.Days != nil}
	if err := s.Check(); err != nil {
		return w, err
	}
	if s.Frequency != Daily {
		return w, refuse(NotSupported, "Frequency", "a day-of-week effect needs daily counts; this series has %d steps per year", s.PerYear())
	}
	for i := 1; i < len(s.Days); i++ {
		if s.Days[i] != s.Days[i-1]+1 {
			return w, refuse(BadSeries, "Days", "day %d (%s) is not the day after %s", i+1, s.Days[i], s.Days[i-1])
		}
	}
	var sum, level, square [7]float64
	used := 0
	for t := 3; t+3 < len(s.Counts); t++ {
		mean := 0.0
		for _, x := range s.Counts[t-3 : t+4] {
			mean += x / 7
		}
		if !(mean > 0) {
			continue // missing, or nothing to compare with
		}
		d := w.day(s, t)
		sum[d] += s.Counts[t]
		level[d] += mean
		square[d] += s.Counts[t] * s.Counts[t] / mean
		used++
	}
	w.Weeks = used / 7
	if w.Weeks < 3 {
		return w, refuse(ShortSeries, "Counts", "a day-of-week effect needs at least 3 weeks with cases and no gap; there are %d", w.Weeks)
	}
	return w, w.fit(sum, level, square, used)
}

// fit is the analysis of variance of count/level with weight level.
func (w *Weekday) fit(sum, level, square [7]float64, used int) error {
	total, within, mean := 0.0, 0.0, 0.0
	for d := range w.Effect {
		if !(level[d] > 0) {
			return refuse(ShortSeries, "Counts", "a day of the week has no usable count")
		}
		w.Effect[d] = sum[d] / level[d]
		within += square[d] - sum[d]*sum[d]/level[d]
		mean += w.Effect[d] / 7
		total += level[d]
	}
	// A count is part of its own mean, which takes a seventh of its variance away
	// from the ratio but not from the mean of the ratios over the weeks.
	df := float64(used - 7)
	spread := math.Max(0, within) / df * 7 / 6
	between, grand := 0.0, 0.0
	for d, e := range w.Effect {
		grand += e * level[d] / total
	}
	for d, e := range w.Effect {
		between += level[d] * (e - grand) * (e - grand)
		w.SE[d] = Known(math.Sqrt(spread/level[d]) / mean)
		w.Effect[d] = e / mean
	}
	if f := between / 6 / spread; !math.IsNaN(f) {
		p, _ := incompleteBeta(df/2, 3, df/(df+6*f), 6*f/(df+6*f))
		if math.IsInf(f, 1) {
			p = 0
		}
		w.PValue = Known(p)
	}
	return nil
}

func (w Weekday) day(s Series, t int) int {
	if w.dated {
		return int(s.Days[t].Time().Weekday())
	}
	return t % 7
}

// Adjust divides each count by the effect of its day, so that a detector sees
// the same level all week. A day that never has a case is left missing.
func (w Weekday) Adjust(s Series) (Series, error) {
	if err := s.Check(); err != nil {
		return Series{}, err
	}
	if w.dated != (s.Days != nil) {
		return Series{}, refuse(BadSeries, "Days", "the effect and the series must both have days, or neither")
	}
	out := s
	out.Counts = make([]float64, len(s.Counts))
	for t, x := range s.Counts {
		out.Counts[t] = Missing()
		if e := w.Effect[w.day(s, t)]; e > 0 {
			out.Counts[t] = x / e
		}
	}
	return out, nil
}
