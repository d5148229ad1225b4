package outbreakcase

import (
	"encoding/json"
	"math"
	"strconv"

	"lintas/outbreak"
)

// Number is a number as the cases write it: null is missing, and NaN and the
// infinities are strings.
type Number struct {
	X  float64
	NA bool
}

// Numbers is a column.
type Numbers []Number

func (n Number) MarshalJSON() ([]byte, error) {
	switch {
	case n.NA:
		return []byte("null"), nil
	case math.IsNaN(n.X):
		return []byte(`"NaN"`), nil
	case math.IsInf(n.X, 1):
		return []byte(`"Inf"`), nil
	case math.IsInf(n.X, -1):
		return []byte(`"-Inf"`), nil
	}
	return strconv.AppendFloat(nil, n.X, 'g', -1, 64), nil
}

func (n *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null", `"NA"`:
		*n = Number{NA: true}
		return nil
	case `"NaN"`:
		*n = Number{X: math.NaN()}
		return nil
	case `"Inf"`:
		*n = Number{X: math.Inf(1)}
		return nil
	case `"-Inf"`:
		*n = Number{X: math.Inf(-1)}
		return nil
	}
	*n = Number{}
	return json.Unmarshal(b, &n.X)
}

// counts turns a column into counts, with NaN for missing.
func (ns Numbers) counts() []float64 {
	out := make([]float64, len(ns))
	for i, n := range ns {
		out[i] = n.X
		if n.NA {
			out[i] = outbreak.Missing()
		}
	}
	return out
}

// na is the missing number.
func na() Number { return Number{NA: true} }

// num writes x; NaN stays NaN.
func num(x float64) Number { return Number{X: x} }

// value writes an undefined value as missing.
func value(v outbreak.Value) Number {
	x, ok := v.Get()
	return Number{X: x, NA: !ok}
}

// numbers writes a column as it is.
func numbers(xs []float64) Numbers {
	out := make(Numbers, len(xs))
	for i, x := range xs {
		out[i] = num(x)
	}
	return out
}

// flag is an alarm: true, false or missing.
type flag struct{ on, na bool }

func (f flag) MarshalJSON() ([]byte, error) {
	if f.na {
		return []byte("null"), nil
	}
	return strconv.AppendBool(nil, f.on), nil
}
