package outbreak

import "math"

// rtInput is a series that was checked, with missing counts filled in.
type rtInput struct {
	local, all []float64 // all = local + imported
	windows    []Window
	filled     []int // steps that were missing
}

func missingRefused(step int) error {
	return refuse(BadSeries, "Counts", "the count of step %d is missing: a reproduction number needs every count; fill it in, or ask for missing counts to be taken as zero", step+1)
}

func (e *RtEstimator) read(s Series) (rtInput, error) {
	in, err := readCases(s, e.options.Imported, e.options.MissingAsZero)
	if err != nil {
		return in, err
	}
	in.windows, err = readWindows(e.options.Windows, e.options.Width, len(in.all))
	return in, err
}

// readCases checks local and imported counts and fills in what is missing.
func readCases(s Series, imported []float64, asZero bool) (rtInput, error) {
	if err := s.Check(); err != nil {
		return rtInput{}, err
	}
	if imported != nil && len(imported) != len(s.Counts) {
		return rtInput{}, refuse(BadSeries, "Imported", "there are %d imported counts for %d local ones", len(imported), len(s.Counts))
	}
	in := rtInput{local: make([]float64, len(s.Counts)), all: make([]float64, len(s.Counts))}
	for t, x := range s.Counts {
		gap := IsMissing(x)
		if !gap {
			in.local[t] = x
		}
		in.all[t] = in.local[t]
		if imported != nil {
			y := imported[t]
			switch {
			case IsMissing(y):
				gap = true
			case y < 0 || math.IsInf(y, 0):
				return in, refuse(BadSeries, "Imported", "imported count %d is %v; a count is zero or more", t+1, y)
			default:
				in.all[t] += y
			}
		}
		if gap {
			if !asZero {
				return in, missingRefused(t)
			}
			in.filled = append(in.filled, t)
		}
	}
	return in, nil
}

// readWindows checks windows against n steps, or makes them.
func readWindows(windows []Window, width, n int) ([]Window, error) {
	if windows == nil {
		if n <= width {
			return nil, refuse(ShortSeries, "Counts", "a window of %d steps needs at least %d counts, not %d", width, width+1, n)
		}
		return SlidingWindows(n, width), nil
	}
	for i, w := range windows {
		if w.Start < 1 || w.End >= n || w.Start > w.End {
			return nil, refuse(BadOption, "Windows", "window %d goes from step %d to step %d; it must lie within steps 2 to %d", i+1, w.Start+1, w.End+1, n)
		}
	}
	return windows, nil
}

// filledIn counts the filled steps that a window's estimate rests on.
func (e *RtEstimator) filledIn(in rtInput, w Window) int {
	n := 0
	for _, t := range in.filled {
		if t <= w.End && t > w.Start-len(e.weights) {
			n++
		}
	}
	return n
}
