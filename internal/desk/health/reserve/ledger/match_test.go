package ledger

import (
	"fmt"
	"strings"
	"testing"
)

// TH sent 10 to KH, of which 8 came. Its postings: 5 at TH out, 3 at KH in, 7
// at TH closed. A pair is written as account, have+other=explained, the number
// on the way, and what is open.
func TestMatch(t *testing.T) {
	side := func(m string, seq int64, of ...any) Side {
		s := Side{Member: "TH", Seq: seq, Balances: map[string]map[Account]int64{salts: {}}}
		if m == "KH" {
			s.Member = "KH"
		}
		for i := 0; i < len(of); i += 2 {
			s.Balances[salts][Account(of[i].(string))] = int64(of[i+1].(int))
		}
		return s
	}
	move := func(purpose string) Move {
		return Move{ID: "m", From: "TH", To: "KH", Item: salts, Purpose: purpose, Sent: 10, Came: 8, Out: 5, In: 3, Closed: 7}
	}
	draw := move(Draw)
	unseen := draw
	unseen.In, unseen.Closed = 0, 0
	lost := Move{ID: "m", From: "TH", To: "KH", Item: salts, Purpose: Draw, Sent: 10, Out: 5, Closed: 7}
	for name, x := range map[string]struct {
		sides []Side
		moves []Move
		pairs string
	}{
		"before it left": {[]Side{side("TH", 4), side("KH", 2)}, []Move{draw}, ""},
		"on the way":     {[]Side{side("TH", 6, "transit:KH", 10), side("KH", 2)}, []Move{draw}, "TH transit:KH 10+0=10 1 open 0"},
		"came, not told": {[]Side{side("TH", 6, "transit:KH", 10), side("KH", 3, "due_to:TH", -8)}, []Move{draw},
			"TH due_from:KH 0+-8=-8 1 open 0, TH transit:KH 10+0=10 1 open 0"},
		"told; the statement of KH is old": {[]Side{side("TH", 7, "due_from:KH", 8), side("KH", 2)}, []Move{draw}, "TH due_from:KH 8+0=8 1 open 0"},
		"in both books":                    {[]Side{side("TH", 7, "due_from:KH", 8), side("KH", 3, "due_to:TH", -8)}, []Move{draw}, "TH due_from:KH 8+-8=0 0 open 0"},
		"KH states 2 less":                 {[]Side{side("TH", 7, "due_from:KH", 8), side("KH", 3, "due_to:TH", -6)}, []Move{draw}, "TH due_from:KH 8+-6=0 0 open 2"},
		"goods that nobody sent":           {[]Side{side("TH", 7, "transit:KH", 4), side("KH", 3)}, nil, "TH transit:KH 4+0=0 0 open 4"},
		"a receipt that is not known here": {[]Side{side("TH", 6, "transit:KH", 10), side("KH", 3, "due_to:TH", -8)}, []Move{unseen},
			"TH due_from:KH 0+-8=0 0 open -8, TH transit:KH 10+0=10 1 open 0"},
		"KH states nothing":                {[]Side{side("TH", 7, "due_from:KH", 8)}, []Move{draw}, "TH due_from:KH 8+0=0 0 one side"},
		"all was lost":                     {[]Side{side("TH", 7, "lost", 10), side("KH", 2)}, []Move{lost}, ""},
		"all was lost, not told":           {[]Side{side("TH", 6, "transit:KH", 10), side("KH", 2)}, []Move{lost}, "TH transit:KH 10+0=10 1 open 0"},
		"replaced, the creditor not told":  {[]Side{side("TH", 6, "transit:KH", 10, "due_to:KH", -8), side("KH", 2, "due_from:TH", 8)}, []Move{move(Replenish)}, "KH due_from:TH 8+-8=0 0 open 0, TH transit:KH 10+0=10 1 open 0"},
		"replaced, the debtor not told":    {[]Side{side("TH", 6, "transit:KH", 10, "due_to:KH", -8), side("KH", 3)}, []Move{move(Replenish)}, "KH due_from:TH 0+-8=-8 1 open 0, TH transit:KH 10+0=10 1 open 0"},
		"replaced, statement of KH is old": {[]Side{side("TH", 7), side("KH", 2, "due_from:TH", 8)}, []Move{move(Replenish)}, "KH due_from:TH 8+0=8 1 open 0"},
		"a gift in both books":             {[]Side{side("TH", 7, "given:KH", 8), side("KH", 3, "got:TH", -8)}, []Move{move(Gift)}, "TH given:KH 8+-8=0 0 open 0"},
		"a gift that came, not told":       {[]Side{side("TH", 6, "transit:KH", 10), side("KH", 3, "got:TH", -8)}, []Move{move(Gift)}, "TH given:KH 0+-8=-8 1 open 0, TH transit:KH 10+0=10 1 open 0"},
	} {
		var got []string
		for _, p := range Match(x.sides, x.moves) {
			end := fmt.Sprintf("open %d", p.Open)
			if !p.Both {
				end = "one side"
			}
			got = append(got, fmt.Sprintf("%s %s %d+%d=%d %d %s", p.A, p.Account, p.Have, p.Other, p.Explained, len(p.OnWay), end))
		}
		if s := strings.Join(got, ", "); s != x.pairs {
			t.Errorf("%s:\n%s\nwant\n%s", name, s, x.pairs)
		}
	}
}
