// Package allocation divides what a reserve has of one item among the states
// that ask for it, by a published formula. It is pure: the same rule and the
// same inputs give the same numbers at every node and in every year.
package allocation

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"sync"

	"lintas/internal/fault"
)

// The rule, in the order in which it is worked out. Every step goes on from
// the figure as it is printed, so a pocket calculator gives the same.
//
//  1. gap = need - own stock, at least 0
//     rate = gap x 100,000 / persons at risk       (four decimals)
//     need term = rate / the largest rate, or 0 where no rate is above 0
//     (four decimals)
//  2. risk term = risk level / highest level       (four decimals)
//  3. capacity term = (100 - own capacity in %) / 100
//  4. time term = days since the last draw / horizon, at most 1; who never
//     drew has 1                                   (four decimals)
//  5. A term that cannot be worked out because an input is missing takes the
//     lowest value that any other claimant has, and is named. If nobody gave
//     it, it is left out for all: 0 for everyone, and named.
//  6. score = sum of weight% x term                (six decimals, exact)
//  7. weight of a share = score, or score x asked. If all weights are 0 they
//     count as equal.
//  8. cap = what was asked, and, where two or more ask, not more than the
//     cap's percentage of the stock, rounded up to a whole unit.
//  9. quota = stock x weight / sum of weights. Who would get its cap or more
//     gets its cap; the rest is divided again among the others, until nobody
//     is above its cap.
//  10. Everyone gets the whole units of its quota (four decimals, cut off); the
//     units left over go one by one to the largest remainders. A tie goes to
//     the higher score, then to the longer time since the last draw (unknown
//     comes last), then by the code of the state. What all caps leave over
//     stays in the reserve.
//
// A state stands in a division once. As with every division by largest
// remainders, one unit more in stock can give a state one unit less of those
// left over; its whole units never become fewer while no cap is reached.

//go:embed rules/*.json
var ruleFS embed.FS

// Bases of a share.
const (
	ByScore = "score"
	BySize  = "score_x_asked"
)

// Lowest is the rule for a missing input: the lowest value of the others.
const Lowest = "lowest"

// Terms of the score.
const (
	NeedTerm = iota
	RiskTerm
	CapacityTerm
	TimeTerm
	terms
)

// Rule is one published version of the formula.
type Rule struct {
	Key        string       `json:"key"`
	Version    string       `json:"version"`
	Source     string       `json:"source"`
	Weights    [terms]int64 `json:"weights"` // per cent; together 100
	Basis      string       `json:"basis"`
	CapPercent int64        `json:"cap_percent"`
	RiskTop    int64        `json:"risk_top"`
	Horizon    int64        `json:"horizon_days"`
	Missing    string       `json:"missing"`
	Digest     string       `json:"-"` // of the file; empty: weights that somebody tries
}

// Check refuses a rule that divides nothing.
func (r *Rule) Check() error {
	var c fault.Check
	var sum int64
	for _, w := range r.Weights {
		c.That(w >= 0 && w <= 100, "weights", "fault.reserve.weight")
		sum += w
	}
	c.That(sum == 100, "weights", "fault.reserve.weights", fault.Args{"sum": sum})
	c.That(r.Basis == ByScore || r.Basis == BySize, "basis", "fault.reserve.choice")
	c.That(r.CapPercent >= 1 && r.CapPercent <= 100, "cap", "fault.reserve.cap")
	c.That(r.RiskTop >= 1 && r.RiskTop <= 100 && r.Horizon >= 1 && r.Horizon <= 36500 && r.Missing == Lowest, "rule", "fault.reserve.choice")
	return c.Err()
}

// decode reads the file of a rule. Nothing that a rule needs is made up: what
// is missing, misspelt or too much is refused.
func decode(b []byte) (Rule, error) {
	var r Rule
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Rule{}, fault.Wrap(fault.Invalid, "fault.invalid", err)
	}
	// An array takes fewer and more numbers than it holds without a word.
	var raw struct{ Weights []*int64 }
	if err := json.Unmarshal(b, &raw); err != nil { // also: something follows
		return Rule{}, fault.Wrap(fault.Invalid, "fault.invalid", err)
	}
	var c fault.Check
	c.That(len(raw.Weights) == terms && !slices.Contains(raw.Weights, nil), "weights", "fault.reserve.weight")
	c.That(r.Key != "" && r.Version != "" && r.Source != "", "rule", "fault.reserve.choice")
	if err := cmp.Or(c.Err(), r.Check()); err != nil {
		return Rule{}, err
	}
	sum := sha256.Sum256(b)
	r.Digest = hex.EncodeToString(sum[:8])
	return r, nil
}

var loaded = sync.OnceValue(func() []Rule {
	files, err := fs.Glob(ruleFS, "rules/*.json")
	if err != nil {
		panic(err) // the pattern is fixed
	}
	var out []Rule
	for _, f := range files {
		b, err := ruleFS.ReadFile(f)
		if err != nil {
			panic(err) // embedded above
		}
		r, err := decode(b)
		if err != nil {
			panic(f + ": " + err.Error()) // a test reads every file
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rule) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(b.Version, a.Version)) })
	return out
})

// Rules are all published versions, the newest of each key first.
func Rules() []Rule { return slices.Clone(loaded()) }

// Find is a published version; an old one stays as long as a decision names it.
func Find(key, version string) (Rule, bool) {
	i := slices.IndexFunc(loaded(), func(r Rule) bool { return r.Key == key && r.Version == version })
	if i < 0 {
		return Rule{}, false
	}
	return loaded()[i], true
}
