package outbreakcase

import "lintas/outbreak"

// series reads the input of a method that works on one series.
func series(c Case) (outbreak.Series, error) {
	var s outbreak.Series
	var counts, population Numbers
	var dates []string
	dated := true
	err := all(c.input("counts", &counts), c.input("population", &population), c.input("dates", &dates),
		c.input("epochAsDate", &dated), c.input("frequency", &s.Frequency), c.param("frequency", &s.Frequency))
	if err != nil {
		return s, err
	}
	if len(counts) == 0 {
		return s, fail("input.counts has no counts")
	}
	s.Counts = counts.counts()
	if population != nil {
		s.Population = population.counts()
	}
	if dates != nil && dated {
		s.Days = make([]outbreak.Day, len(dates))
		for i, d := range dates {
			if s.Days[i], err = outbreak.ParseDay(d); err != nil {
				return s, fail("input.dates[%d]: %v", i+1, err)
			}
		}
	}
	return s, s.Check()
}

// stepRange reads params.range, whose steps count from 1, as steps from 0. When
// it is absent all steps from first are judged.
func stepRange(c Case, s outbreak.Series, first int) ([]int, error) {
	var given []int
	if err := c.param("range", &given); err != nil {
		return nil, err
	}
	if given == nil {
		if first >= len(s.Counts) {
			return nil, fail("the series has %d steps; the first one that can be judged is step %d", len(s.Counts), first+1)
		}
		for i := first; i < len(s.Counts); i++ {
			given = append(given, i+1)
		}
	}
	if len(given) == 0 {
		return nil, fail("params.range is empty")
	}
	out := make([]int, len(given))
	for i, k := range given {
		if k < 1 || k > len(s.Counts) {
			return nil, fail("params.range has step %d; the series has %d steps", k, len(s.Counts))
		}
		out[i] = k - 1
	}
	return out, nil
}
