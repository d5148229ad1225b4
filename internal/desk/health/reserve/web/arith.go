package web

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// The arithmetic of a division, line by line, as a delegate checks it with a
// pocket calculator: every line goes on from the figures that are printed.

// point writes n with so many decimals, in the page's language.
func (w words) point(n int64, digits int) string {
	f, _ := new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)).Float64()
	return w.Decimal(f, digits)
}

func (w words) term(n int64) string  { return w.point(n, 4) }
func (w words) score(n int64) string { return w.point(n, 6) }

// arithmetic says how every share came about.
func (w words) arithmetic(r *allocation.Rule, in *allocation.Input, out *allocation.Result) []string {
	var lines []string
	for i := range out.Shares {
		s, c := &out.Shares[i], &in.Claims[i]
		name := w.name(access.Member(s.Member))
		lines = append(lines, name+": "+strings.Join(w.terms(r, c, s, out), " "))
		lines = append(lines, w.T("reserve.sum.score", "name", name, "a", r.Weights[0], "p", w.term(s.Terms[0]), "b", r.Weights[1], "q", w.term(s.Terms[1]), "c", r.Weights[2], "s", w.term(s.Terms[2]),
			"d", r.Weights[3], "t", w.term(s.Terms[3]), "score", w.score(s.Score)))
		if len(in.Claims) > 1 {
			lines = append(lines, w.T("reserve.sum.cap", "name", name, "asked", w.Number(s.Asked), "percent", r.CapPercent, "stock", w.Number(in.Stock), "cap", w.Number(s.Cap)))
		} else {
			lines = append(lines, w.T("reserve.sum.cap_alone", "name", name, "cap", w.Number(s.Cap)))
		}
	}
	for n, round := range out.Rounds {
		lines = append(lines, w.round(r, out, n+1, round)...)
	}
	return append(lines, w.T("reserve.sum.left", "given", w.Number(out.Given), "left", w.Number(out.Left)))
}

func (w words) terms(r *allocation.Rule, c *allocation.Claim, s *allocation.Share, out *allocation.Result) []string {
	var lines []string
	missing := func(k int, what string) bool {
		if !s.Missing[k] {
			return false
		}
		key := "reserve.sum.missing"
		if out.Nobody[k] {
			key = "reserve.sum.nobody"
		}
		lines = append(lines, w.T(key, "what", w.T("reserve.term."+what), "term", w.term(s.Terms[k])))
		return true
	}
	if !missing(allocation.NeedTerm, "need") {
		lines = append(lines, w.T("reserve.sum.need", "need", w.Number(*c.Need), "own", w.Number(*c.Own), "gap", w.Number(s.Gap), "persons", w.Number(*c.Persons), "rate", w.term(s.Rate), "top", w.term(out.TopRate),
			"term", w.term(s.Terms[allocation.NeedTerm])))
	}
	if !missing(allocation.RiskTerm, "risk") {
		lines = append(lines, w.T("reserve.sum.risk", "risk", *c.Risk, "top", r.RiskTop, "term", w.term(s.Terms[allocation.RiskTerm])))
	}
	if !missing(allocation.CapacityTerm, "capacity") {
		lines = append(lines, w.T("reserve.sum.capacity", "capacity", *c.Capacity, "term", w.term(s.Terms[allocation.CapacityTerm])))
	}
	if !missing(allocation.TimeTerm, "time") {
		if c.Never {
			lines = append(lines, w.T("reserve.sum.never", "term", w.term(s.Terms[allocation.TimeTerm])))
		} else {
			lines = append(lines, w.T("reserve.sum.time", "days", w.Number(*c.Days), "horizon", r.Horizon, "term", w.term(s.Terms[allocation.TimeTerm])))
		}
	}
	return lines
}

// weight writes what a share is divided by: the score, or score x asked.
func (w words) weight(r *allocation.Rule, s *allocation.Share) string {
	if r.Basis == allocation.BySize {
		return w.score(s.Score) + " × " + w.Number(s.Asked)
	}
	return w.score(s.Score)
}

func (w words) round(r *allocation.Rule, out *allocation.Result, n int, round allocation.Round) []string {
	sum := round.Sum
	equal := equalIn(out, n)
	if total, err := strconv.ParseInt(sum, 10, 64); err == nil && !equal {
		sum = w.score(total)
	}
	lines := []string{w.T("reserve.sum.round", "n", n, "left", w.Number(round.Left), "sum", sum)}
	if equal {
		lines[0] += " " + w.T("reserve.sum.equal")
	}
	for i := range out.Shares {
		s := &out.Shares[i]
		name := w.name(access.Member(s.Member))
		switch {
		case s.Capped == n:
			lines = append(lines, w.T("reserve.sum.capped", "name", name, "cap", w.Number(s.Cap)))
		case s.Capped == 0 && n == len(out.Rounds):
			key := "reserve.sum.quota"
			if s.Extra {
				key = "reserve.sum.extra"
			}
			weight := w.weight(r, s)
			if equal {
				weight = "1"
			}
			lines = append(lines, w.T(key, "name", name, "left", w.Number(round.Left), "weight", weight, "sum", sum, "quota", s.Quota, "whole", w.Number(s.Whole), "qty", w.Number(s.Qty)))
		}
	}
	return lines
}

// equalIn reports whether all who were still in a round had the weight 0, which
// then counts as equal.
func equalIn(out *allocation.Result, n int) bool {
	return out.Equal && !slices.ContainsFunc(out.Shares, func(s allocation.Share) bool { return (s.Capped == 0 || s.Capped >= n) && s.Score > 0 })
}

// shares is the table of a division; beside is another one to compare with.
func (w words) shares(in *allocation.Input, out, beside *allocation.Result) parts.Table {
	t := parts.Table{Caption: w.T("reserve.shares.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("reserve.col.member")}, {Text: w.T("reserve.col.asked"), Number: true}, {Text: w.T("reserve.term.need"), Number: true},
		{Text: w.T("reserve.term.risk"), Number: true}, {Text: w.T("reserve.term.capacity"), Number: true}, {Text: w.T("reserve.term.time"), Number: true}, {Text: w.T("reserve.col.score"), Number: true},
		{Text: w.T("reserve.col.cap"), Number: true}, {Text: w.T("reserve.col.share"), Number: true}}}
	if beside != nil {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("reserve.col.stored"), Number: true}, parts.Column{Text: w.T("reserve.col.difference"), Number: true})
	}
	for i := range out.Shares {
		s := &out.Shares[i]
		row := []parts.Cell{{Text: w.name(access.Member(s.Member))}, {Text: w.Number(s.Asked)}}
		for k, n := range s.Terms {
			c := parts.Cell{Text: w.term(n)}
			if s.Missing[k] {
				c.Note = w.T("reserve.missing")
			}
			row = append(row, c)
		}
		row = append(row, parts.Cell{Text: w.score(s.Score)}, parts.Cell{Text: w.Number(s.Cap)}, parts.Cell{Text: w.Number(s.Qty)})
		if s.Capped > 0 {
			row[len(row)-1].Note = w.T("reserve.capped")
		}
		if beside != nil {
			row = append(row, w.besides(s, beside)...)
		}
		t.Rows = append(t.Rows, row)
	}
	foot := make([]parts.Cell, len(t.Columns))
	foot[0], foot[8] = parts.Cell{Text: w.T("reserve.of_stock", "n", w.Number(in.Stock))}, parts.Cell{Text: w.Number(out.Given)}
	if beside != nil {
		foot[9] = parts.Cell{Text: w.Number(beside.Given)}
	}
	t.Foot = foot
	return t
}

func (w words) besides(s *allocation.Share, beside *allocation.Result) []parts.Cell {
	for i := range beside.Shares {
		if b := &beside.Shares[i]; b.Member == s.Member && b.Draw == s.Draw {
			return []parts.Cell{{Text: w.Number(b.Qty)}, {Text: signed(w, s.Qty-b.Qty)}}
		}
	}
	return []parts.Cell{{Text: "–"}, {Text: "–"}}
}

// bars is the division as a chart.
func (w words) bars(id string, out *allocation.Result) chart.Bars {
	b := chart.Bars{ID: id, Title: w.T("reserve.shares.title"), Desc: w.T("reserve.shares.desc"), Name: w.T("reserve.col.member"), Value: w.T("reserve.col.share")}
	for i := range out.Shares {
		b.Rows = append(b.Rows, chart.BarRow{Label: w.name(access.Member(out.Shares[i].Member)), Value: float64(out.Shares[i].Qty)})
	}
	return b
}
