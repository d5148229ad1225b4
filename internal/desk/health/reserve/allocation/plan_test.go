package allocation

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestPlan(t *testing.T) {
	share := func(m string, score, qty int64) Share { return Share{Member: m, Score: score, Qty: qty} }
	for name, x := range map[string]struct {
		shares  []Share
		sources []Source
		lines   []Line
		unmet   int64
	}{
		"warehouses before pledges, short notice before long, large before small, higher score first": {
			[]Share{share("KH", 1, 30), share("LA", 2, 40)},
			[]Source{{Member: "SG", Pool: Pledge, Pledge: "p", Qty: 20, Notice: 24}, {Member: "MY", Pool: Pledge, Pledge: "q", Qty: 20, Notice: 12}, {Member: "ID", Pool: Physical, Qty: 10}, {Member: "TH", Pool: Physical, Qty: 35}},
			[]Line{{N: 1, From: "TH", Pool: Physical, To: "LA", Qty: 35}, {N: 2, From: "ID", Pool: Physical, To: "LA", Qty: 5}, {N: 3, From: "ID", Pool: Physical, To: "KH", Qty: 5},
				{N: 4, From: "MY", Pool: Pledge, Pledge: "q", To: "KH", Qty: 20}, {N: 5, From: "SG", Pool: Pledge, Pledge: "p", To: "KH", Qty: 5}}, 0},
		"nobody sends to itself": {
			[]Share{share("KH", 1, 8)}, []Source{{Member: "KH", Pool: Physical, Qty: 5}, {Member: "LA", Pool: Physical, Qty: 4}},
			[]Line{{N: 1, From: "LA", Pool: Physical, To: "KH", Qty: 4}}, 4},
		"who has goods itself exchanges": { // KH would take all of TH; LA would be left with its own
			[]Share{share("KH", 2, 5), share("LA", 1, 5)}, []Source{{Member: "TH", Pool: Physical, Qty: 5}, {Member: "LA", Pool: Pledge, Pledge: "p", Qty: 5}},
			[]Line{{N: 1, From: "LA", Pool: Pledge, Pledge: "p", To: "KH", Qty: 5}, {N: 2, From: "TH", Pool: Physical, To: "LA", Qty: 5}}, 0},
		"a part of a line is exchanged": {
			[]Share{share("KH", 2, 6), share("LA", 1, 4)}, []Source{{Member: "TH", Pool: Physical, Qty: 7}, {Member: "LA", Pool: Physical, Qty: 3}},
			[]Line{{N: 1, From: "TH", Pool: Physical, To: "KH", Qty: 3}, {N: 2, From: "TH", Pool: Physical, To: "LA", Qty: 4}, {N: 3, From: "LA", Pool: Physical, To: "KH", Qty: 3}}, 0},
		"nothing": {nil, nil, nil, 0},
	} {
		lines, unmet := Plan(x.shares, x.sources)
		if !reflect.DeepEqual(lines, x.lines) || unmet != x.unmet {
			t.Errorf("%s:\n%+v, unmet %d\nwant\n%+v, unmet %d", name, lines, unmet, x.lines, x.unmet)
		}
	}
}

// No source sends more than it has or to itself, nobody gets more than its
// share, and of what is divided only as much is unmet as nobody else has.
func TestPlanHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 5))
	for n := range runs {
		var shares []Share
		var sources []Source
		var stock, need int64
		have, want := map[string]int64{}, map[string]int64{}
		for _, i := range r.Perm(len(codes))[:1+r.IntN(5)] {
			for range 1 + r.IntN(2) {
				s := Source{Member: codes[i], Pool: []string{Physical, Pledge}[len(sources)%2], Pledge: codes[len(sources)], Qty: 1 + r.Int64N(20), Notice: r.Int64N(3)}
				sources, stock = append(sources, s), stock+s.Qty
				have[s.Member] += s.Qty
			}
		}
		for _, i := range r.Perm(len(codes))[:1+r.IntN(5)] {
			if q := r.Int64N(stock - need + 1); q > 0 {
				shares, need = append(shares, Share{Member: codes[i], Score: r.Int64N(4), Qty: q}), need+q
				want[codes[i]] = q
			}
		}
		lines, unmet := Plan(shares, sources)
		sent, got, pairs := map[string]int64{}, map[string]int64{}, map[Line]bool{}
		var sum int64
		for i, l := range lines {
			sent[l.From], got[l.To], sum = sent[l.From]+l.Qty, got[l.To]+l.Qty, sum+l.Qty
			l.N, l.Qty = 0, 0
			if l.From == l.To || lines[i].Qty < 1 || lines[i].N != i+1 || pairs[l] {
				t.Fatalf("%d: line %+v", n, lines[i])
			}
			pairs[l] = true
		}
		for _, m := range codes {
			if sent[m] > have[m] || got[m] > want[m] {
				t.Fatalf("%d: %s sends %d of %d, gets %d of %d", n, m, sent[m], have[m], got[m], want[m])
			}
		}
		// What can be met is bounded for every claimant by what the others have;
		// with the goods of all it is enough that nobody exceeds that bound.
		var least int64
		for m, q := range want {
			least = max(least, q-(stock-have[m]))
		}
		for m := range want { // a claimant's own goods have to find another claimant
			least = max(least, need-((stock-have[m])+min(have[m], need-want[m])))
		}
		if sum+unmet != need || unmet != least {
			t.Fatalf("%d: sent %d, unmet %d of %d; at least %d cannot be met\n%+v\n%+v", n, sum, unmet, need, least, shares, sources)
		}
	}
}
