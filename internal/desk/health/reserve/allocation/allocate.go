package allocation

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"lintas/internal/fault"
)

// Limits of what is divided.
const (
	MaxUnits   = int64(1e12)
	MaxPersons = int64(1e11)
	MaxEach    = int64(1e6) // units needed for each person at risk
	MaxClaims  = 50
)

// Claim is one state's request with what its formula needs. A nil input was
// not given.
type Claim struct {
	Draw     string `json:"draw,omitempty"` // record of the request
	Member   string `json:"member"`
	Asked    int64  `json:"asked"`
	Need     *int64 `json:"need,omitempty"`       // units needed
	Own      *int64 `json:"own_stock,omitempty"`  // units that the state has
	Persons  *int64 `json:"persons,omitempty"`    // at risk
	Risk     *int64 `json:"risk,omitempty"`       // 0 to the rule's highest
	Capacity *int64 `json:"capacity,omitempty"`   // own capacity in per cent
	Days     *int64 `json:"days,omitempty"`       // since the last draw
	Never    bool   `json:"never_drew,omitempty"` // then Days is not asked for
}

// Input is everything that a division depends on beside the rule.
type Input struct {
	Stock  int64   `json:"stock"`
	Claims []Claim `json:"claims"`
}

// Decimals: terms and rates have four, scores six.
const (
	termOne  = 10_000
	scoreOne = 1_000_000
	perHead  = 100_000
)

// Share is what a claim comes to, with every figure on the way to it. Rates
// and terms are in ten-thousandths, the score in millionths.
type Share struct {
	Draw     string       `json:"draw,omitempty"`
	Member   string       `json:"member"`
	Asked    int64        `json:"asked"`
	Gap      int64        `json:"gap"`
	Rate     int64        `json:"rate"`
	Terms    [terms]int64 `json:"terms"`
	Missing  [terms]bool  `json:"missing"` // the term was not given and is the lowest of the others
	Score    int64        `json:"score"`
	Cap      int64        `json:"cap"`
	Capped   int          `json:"capped,omitempty"` // in which round it got its cap; 0: never
	Quota    string       `json:"quota,omitempty"`  // four decimals, cut off; not of the capped
	Whole    int64        `json:"whole"`
	Extra    bool         `json:"extra,omitempty"` // got one of the units left over
	Qty      int64        `json:"qty"`
	days     int64
	weight   *big.Int
	leftover int64 // ten-thousandths of a unit, as the quota prints them
}

// Round is one division of what is left.
type Round struct {
	Left int64  `json:"left"` // units to divide
	Sum  string `json:"sum"`  // of the weights
}

// Result of a division.
type Result struct {
	Shares  []Share     `json:"shares"`
	Nobody  [terms]bool `json:"nobody"` // nobody gave the term: it was left out
	TopRate int64       `json:"top_rate"`
	Rounds  []Round     `json:"rounds"`
	Given   int64       `json:"given"`
	Left    int64       `json:"left"`
	Equal   bool        `json:"equal,omitempty"` // all weights of a round were 0 and counted as equal
}

func (in *Input) check(r *Rule) error {
	var c fault.Check
	c.That(in.Stock >= 0 && in.Stock <= MaxUnits, "stock", "fault.reserve.qty", fault.Args{"max": MaxUnits})
	c.That(len(in.Claims) <= MaxClaims, "claims", "fault.too_many", fault.Args{"max": MaxClaims})
	seen := map[string]bool{}
	for i := range in.Claims {
		x, n := &in.Claims[i], i+1
		// A state that asked twice would count twice and have two caps.
		c.Row(x.Member != "" && !seen[x.Member], n, "member", "fault.reserve.claim_twice")
		seen[x.Member] = true
		c.Row(x.Asked >= 1 && x.Asked <= MaxUnits, n, "asked", "fault.reserve.qty", fault.Args{"max": MaxUnits})
		between := func(v *int64, low, high int64, field string) {
			c.Row(v == nil || *v >= low && *v <= high, n, field, "fault.reserve.between", fault.Args{"low": low, "high": high})
		}
		between(x.Need, 0, MaxUnits, "need")
		between(x.Own, 0, MaxUnits, "own")
		between(x.Persons, 1, MaxPersons, "persons")
		if x.Need != nil && x.Persons != nil && *x.Need/MaxEach > *x.Persons {
			between(x.Need, 0, max(*x.Persons, 0)*MaxEach, "need") // no rate has room for it
		}
		between(x.Risk, 0, r.RiskTop, "risk")
		between(x.Capacity, 0, 100, "capacity")
		between(x.Days, 0, 100_000, "days")
	}
	return c.Err()
}

// Allocate divides the stock.
func Allocate(r Rule, in Input) (Result, error) {
	if err := r.Check(); err != nil {
		return Result{}, err
	}
	if err := in.check(&r); err != nil {
		return Result{}, err
	}
	var out Result
	out.terms(&r, &in)
	for i := range out.Shares {
		s := &out.Shares[i]
		for k, w := range r.Weights {
			s.Score += w * s.Terms[k]
		}
		s.Cap = s.Asked
		if len(in.Claims) > 1 {
			s.Cap = min(s.Cap, ceil(in.Stock, r.CapPercent))
		}
		s.weight = big.NewInt(s.Score)
		if r.Basis == BySize {
			s.weight.Mul(s.weight, big.NewInt(s.Asked))
		}
	}
	out.divide(in.Stock)
	for i := range out.Shares {
		out.Given += out.Shares[i].Qty
	}
	out.Left = in.Stock - out.Given
	return out, nil
}

// ceil is a percentage of units, rounded up.
func ceil(units, percent int64) int64 {
	n := new(big.Int).Mul(big.NewInt(units), big.NewInt(percent))
	return n.Add(n, big.NewInt(99)).Div(n, big.NewInt(100)).Int64()
}

// ratio is a x scale / b, rounded half up.
func ratio(a, scale, b int64) int64 {
	n := new(big.Int).Mul(big.NewInt(a), big.NewInt(2*scale))
	d := big.NewInt(2 * b)
	return n.Add(n, big.NewInt(b)).Div(n, d).Int64()
}

// terms works out rates and terms, and fills those that are missing.
func (out *Result) terms(r *Rule, in *Input) {
	out.Shares = make([]Share, len(in.Claims))
	for i, c := range in.Claims {
		s := &out.Shares[i]
		*s = Share{Draw: c.Draw, Member: c.Member, Asked: c.Asked, days: 1 << 40}
		if s.Missing[NeedTerm] = c.Need == nil || c.Own == nil || c.Persons == nil; !s.Missing[NeedTerm] {
			s.Gap = max(*c.Need-*c.Own, 0)
			s.Rate = ratio(s.Gap, perHead*termOne, *c.Persons)
			out.TopRate = max(out.TopRate, s.Rate)
		}
		if s.Missing[RiskTerm] = c.Risk == nil; c.Risk != nil {
			s.Terms[RiskTerm] = ratio(*c.Risk, termOne, r.RiskTop)
		}
		if s.Missing[CapacityTerm] = c.Capacity == nil; c.Capacity != nil {
			s.Terms[CapacityTerm] = (100 - *c.Capacity) * (termOne / 100)
		}
		switch {
		case c.Never:
			s.Terms[TimeTerm] = termOne
		case c.Days == nil:
			s.Missing[TimeTerm], s.days = true, -1
		default:
			s.days = *c.Days
			s.Terms[TimeTerm] = ratio(min(*c.Days, r.Horizon), termOne, r.Horizon)
		}
	}
	for i := range out.Shares {
		if s := &out.Shares[i]; out.TopRate > 0 && !s.Missing[NeedTerm] {
			s.Terms[NeedTerm] = ratio(s.Rate, termOne, out.TopRate)
		}
	}
	for k := range terms {
		lowest, any := int64(0), false
		for i := range out.Shares {
			if s := &out.Shares[i]; !s.Missing[k] && (!any || s.Terms[k] < lowest) {
				lowest, any = s.Terms[k], true
			}
		}
		out.Nobody[k] = !any
		for i := range out.Shares {
			if s := &out.Shares[i]; s.Missing[k] {
				s.Terms[k] = lowest
			}
		}
	}
}

// divide gives out the stock, round by round, and then the units left over.
func (out *Result) divide(stock int64) {
	left := stock
	var open []*Share
	for i := range out.Shares {
		open = append(open, &out.Shares[i])
	}
	for left > 0 && len(open) > 0 {
		sum := new(big.Int)
		for _, s := range open {
			sum.Add(sum, s.weight)
		}
		if sum.Sign() == 0 {
			out.Equal = true
			for _, s := range open {
				s.weight = big.NewInt(1)
			}
			sum.SetInt64(int64(len(open)))
		}
		out.Rounds = append(out.Rounds, Round{Left: left, Sum: sum.String()})
		pool, rest := left, open[:0:0]
		for _, s := range open {
			n := new(big.Int).Mul(big.NewInt(pool), s.weight)
			if n.Cmp(new(big.Int).Mul(big.NewInt(s.Cap), sum)) < 0 {
				rest = append(rest, s)
				continue
			}
			s.Capped, s.Whole, s.Qty = len(out.Rounds), s.Cap, s.Cap
			left -= s.Cap
		}
		if len(rest) == len(open) {
			out.round(open, left, sum)
			return
		}
		open = rest
	}
}

// round turns quotas into whole units. Remainders are compared as they are
// printed. Fewer units are left over than there are remainders above 0.0000:
// those that print as 0 come to less than 50 x 0.0001 together.
func (out *Result) round(open []*Share, left int64, sum *big.Int) {
	units := left
	for _, s := range open {
		n := new(big.Int).Mul(big.NewInt(left), s.weight)
		q, rest := new(big.Int).QuoRem(n, sum, new(big.Int))
		rest.Mul(rest, big.NewInt(termOne)).Div(rest, sum)
		s.Whole, s.leftover = q.Int64(), rest.Int64()
		s.Qty = s.Whole
		s.Quota = fmt.Sprintf("%d.%04d", s.Whole, s.leftover)
		units -= s.Whole
	}
	slices.SortStableFunc(open, func(a, b *Share) int {
		return cmp.Or(cmp.Compare(b.leftover, a.leftover), cmp.Compare(b.Score, a.Score), cmp.Compare(b.days, a.days), cmp.Compare(a.Member, b.Member))
	})
	for _, s := range open[:units] {
		s.Extra = true
		s.Qty++
	}
}
