package outbreakcase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// rule says how closely a column must match.
type rule struct {
	rel   float64 // allowed difference relative to the expected number
	abs   float64 // allowed difference whatever the size
	exact bool
	skip  string // why the column is not compared; empty where it is
}

// rules are by column; "*" is for all others. A column inside another has the
// name outer.inner.
type rules map[string]rule

// tiny is the absolute difference that counts as none: sums that cancel leave
// this much rounding.
const tiny = 1e-12

// Difference is one number that does not match.
type Difference struct {
	Where     string // column, and place in it from 1
	Got, Want any
	Off       float64 // relative difference where both are numbers
	Allowed   float64
}

func (d Difference) String() string {
	if d.Off > 0 {
		return fmt.Sprintf("%s: got %v, expected %v (off by %.2g, allowed %.2g)", d.Where, d.Got, d.Want, d.Off, d.Allowed)
	}
	return fmt.Sprintf("%s: got %v, expected %v", d.Where, d.Got, d.Want)
}

// Comparison is the outcome of one case.
type Comparison struct {
	ID          string
	Algorithm   string
	Compared    int                // numbers, flags and words that were compared
	Worst       map[string]float64 // largest relative difference by column
	Skipped     map[string]string  // columns not compared, and why
	Differences []Difference
}

// Compare runs a case and compares its answer with what is expected. A case
// that must be refused matches any refusal: the words may differ.
func Compare(c Case) Comparison {
	out := Comparison{ID: c.ID, Algorithm: c.Algorithm, Worst: map[string]float64{}, Skipped: map[string]string{}}
	got, err := Run(c)
	_, refused := c.Expected["error"]
	switch {
	case c.Expected == nil:
		out.differ("expected", nil, "a case to compare with has `expected`")
	case refused && err == nil:
		out.differ("error", "an answer", "a refusal")
	case refused:
		out.Compared++
	case err != nil:
		out.differ("error", err.Error(), "an answer")
	default:
		out.answer(c, got)
	}
	return out
}

func (o *Comparison) answer(c Case, got Answer) {
	plain, err := generic(got)
	if err != nil {
		o.differ("answer", err.Error(), "readable JSON")
		return
	}
	have, _ := plain.(map[string]any)
	rs := algorithms[c.Algorithm].rulesFor(c)
	for _, key := range slices.Sorted(maps.Keys(c.Expected)) {
		o.column(rs, key, key, have[key], c.Expected[key])
	}
}

// generic turns an answer into what its JSON decodes to.
func generic(a any) (any, error) {
	b, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var v any
	err = json.NewDecoder(bytes.NewReader(b)).Decode(&v)
	return v, err
}

func (rs rules) of(key string) rule {
	if r, ok := rs[key]; ok {
		return r
	}
	return rs["*"]
}

func (o *Comparison) column(rs rules, key, where string, got, want any) {
	r := rs.of(key)
	if r.skip != "" {
		o.Skipped[key] = r.skip
		return
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			o.differ(where, got, want)
			return
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			o.column(rs, key+"."+k, where+"."+k, g[k], w[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok && len(w) == 1 {
			o.column(rs, key, where, got, w[0])
			return
		}
		if !ok || len(g) != len(w) {
			o.differ(where, fmt.Sprintf("%d entries", len(g)), fmt.Sprintf("%d entries", len(w)))
			return
		}
		for i := range w {
			o.column(rs, key, fmt.Sprintf("%s[%d]", where, i+1), g[i], w[i])
		}
	default:
		if g, ok := got.([]any); ok && len(g) == 1 {
			got = g[0]
		}
		o.scalar(r, key, where, got, want)
	}
}

func (o *Comparison) scalar(r rule, key, where string, got, want any) {
	o.Compared++
	g, gok := got.(float64)
	w, wok := want.(float64)
	if !gok || !wok {
		if got != want {
			o.differ(where, got, want)
		}
		return
	}
	diff := math.Abs(g - w)
	off := diff
	if w != 0 {
		off = diff / math.Abs(w)
	}
	if diff > 0 {
		o.Worst[key] = max(o.Worst[key], min(off, diff/tiny))
	}
	allowed := r.rel
	if r.exact {
		allowed = 0
	}
	if diff <= r.abs || !r.exact && (diff <= tiny || off <= allowed) || diff == 0 {
		return
	}
	o.Differences = append(o.Differences, Difference{Where: where, Got: got, Want: want, Off: off, Allowed: max(allowed, r.abs)})
}

func (o *Comparison) differ(where string, got, want any) {
	o.Differences = append(o.Differences, Difference{Where: where, Got: got, Want: want})
}
