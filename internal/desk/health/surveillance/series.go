package surveillance

import (
	"cmp"
	"math"

	"lintas/internal/desk/health/surveillance/packed"
)

// Class says which cases a series counts. All is for sources that do not say,
// or that count every case.
type Class string

const (
	All                Class = "all"
	SuspectedConfirmed Class = "suspected_confirmed"
	ConfirmedCases     Class = "confirmed"
	Probable           Class = "probable"
	Suspected          Class = "suspected"
)

// Classes in the order of preference where several are there for one period.
var Classes = []Class{All, SuspectedConfirmed, ConfirmedCases, Probable, Suspected}

// Key names one series of a dataset. Stratum is empty for everybody, else such
// as "sex=f;age=0-4".
type Key struct {
	Disease string // of health.Hazards
	Place   string
	Class   Class
	Stratum string
}

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Disease, b.Disease), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Stratum, b.Stratum))
}

// Row is one series as a scan meets it. Its bytes are the reader's until the
// function that got it returns.
type Row struct {
	ID int64
	Key
	data []byte
	undo [][]byte // what later revisions replaced, newest first
	last int32    // newest period that was known
}

// Counts reads the series into dst, which is used again; packed.Missing is a
// period for which nobody reported.
func (r *Row) Counts(dst []int32) (first int32, values []int32, err error) {
	first, values, err = packed.Counts(r.data, dst)
	if err != nil {
		return first, values, err
	}
	for _, b := range r.undo {
		cells, err := packed.Cells(b, nil)
		if err != nil {
			return 0, nil, err
		}
		first, values, _ = packed.Set(first, values, cells)
	}
	if n := int64(r.last) - int64(first) + 1; n < int64(len(values)) {
		values = values[:max(n, 0)]
	}
	return first, values, nil
}

// Floats reads the series into dst with NaN for a gap, as package outbreak
// takes counts.
func (r *Row) Floats(dst []float64) (first int32, values []float64, err error) {
	if len(r.undo) == 0 {
		first, values, err = packed.Floats(r.data, dst)
		if n := int64(r.last) - int64(first) + 1; n < int64(len(values)) {
			values = values[:max(n, 0)]
		}
		return first, values, err
	}
	first, counts, err := r.Counts(nil)
	return first, floats(dst, counts), err
}

func floats(dst []float64, counts []int32) []float64 {
	dst = dst[:0]
	for _, c := range counts {
		if c == packed.Missing {
			dst = append(dst, math.NaN())
		} else {
			dst = append(dst, float64(c))
		}
	}
	return dst
}

// Window puts the part from period from to period to of a series into dst,
// with NaN where the series does not reach.
func Window(dst []float64, first int32, values []float64, from, to int32) []float64 {
	dst = dst[:0]
	for p := from; p <= to; p++ {
		if i := int64(p) - int64(first); i >= 0 && i < int64(len(values)) {
			dst = append(dst, values[i])
		} else {
			dst = append(dst, math.NaN())
		}
	}
	return dst
}

// Series is one series on its own.
type Series struct {
	Key
	First  int32
	Values []int32 // packed.Missing where nobody reported
}

// At is the count of a period, or packed.Missing.
func (s Series) At(p int32) int32 {
	if i := int64(p) - int64(s.First); i >= 0 && i < int64(len(s.Values)) {
		return s.Values[i]
	}
	return packed.Missing
}

func (s Series) reportedSince(from, to int32) bool {
	for p := from; p <= to; p++ {
		if s.At(p) != packed.Missing {
			return true
		}
	}
	return false
}

// Reported is how many periods have a count.
func (s Series) Reported() int {
	n := 0
	for _, v := range s.Values {
		if v != packed.Missing {
			n++
		}
	}
	return n
}

// AsReported is one series out of several of the same place and disease with
// different case classes: each period has the count of the first class, in the
// order of Classes, that was reported. Which were used is said beside it.
func AsReported(all []Series) (Series, []Class) {
	var out Series
	var used []Class
	if len(all) == 0 {
		return out, nil
	}
	out.Disease, out.Place = all[0].Disease, all[0].Place
	lo, hi := int32(math.MaxInt32), int32(math.MinInt32)
	for _, s := range all {
		if len(s.Values) > 0 {
			lo, hi = min(lo, s.First), max(hi, s.First+int32(len(s.Values)))
		}
	}
	if lo > hi {
		return out, nil
	}
	out.First, out.Values = lo, make([]int32, hi-lo)
	for i := range out.Values {
		out.Values[i] = packed.Missing
	}
	for _, c := range Classes {
		some := false
		for _, s := range all {
			if s.Class != c || s.Stratum != "" {
				continue
			}
			for i, v := range s.Values {
				if at := s.First + int32(i) - lo; v != packed.Missing && out.Values[at] == packed.Missing {
					out.Values[at], some = v, true
				}
			}
		}
		if some {
			used = append(used, c)
		}
	}
	return out, used
}
