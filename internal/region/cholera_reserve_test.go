package region

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// books is the regional reserve after the play of the response.
type books struct {
	*testing.T
	r    *Region
	item id.ID
}

// The reserve at the end of the response: divided by the formula, short on one
// way, replenished by Cambodia, and half way by Viet Nam; every node that
// states its book, and one that does not, computes the same proof.
func responseReserve(t *testing.T, r *Region) {
	b := &books{T: t, r: r, item: r.player.names["ringer"].ID}
	for _, m := range []access.Member{access.ASEC, "KH", "VN", "SG", "MY", "TH"} {
		b.decided(m)
		b.owed(m)
		b.proven(m)
	}
	b.stock()
	b.received()
}

func (b *books) at(m access.Member) (*reserve.Desk, access.Actor) {
	c := castOf(b.T, b.r, m)
	return c.node.Reserve, c.duty
}

func (b *books) named(name string) id.ID { return b.r.player.names[name].ID }

// decided: the rule by size gives 1,200 and 800 of 2,000; one state said no.
func (b *books) decided(m access.Member) {
	b.Helper()
	d, who := b.at(m)
	p, err := d.Allocation(b.Context(), who, b.named("division-1"))
	if err != nil {
		b.Fatal(err)
	}
	if p.State != reserve.Decided || p.Verdict.Outcome != reserve.Adopted || !p.Same || p.C.Result.Given != 2000 || p.C.Unmet != 0 {
		b.Errorf("at %s the division is %s, %s, comes out again %t, gives %d", m, p.State, p.Verdict.Outcome, p.Same, p.C.Result.Given)
	}
	type line struct {
		from, to string
		qty      int64
	}
	var lines []line
	for _, l := range p.C.Lines {
		lines = append(lines, line{l.From, l.To, l.Qty})
	}
	if want := []line{{"ASEC", "KH", 800}, {"SG", "KH", 300}, {"MY", "KH", 100}, {"MY", "VN", 800}}; !slices.Equal(lines, want) {
		b.Errorf("at %s the plan is %v, want %v", m, lines, want)
	}
	stances := map[access.Member]string{}
	for _, v := range p.Verdict.Stands {
		stances[v.Member] = v.Stance
	}
	for s, want := range map[access.Member]string{"KH": reserve.Agree, "PH": "disagree", "LA": "reserve", "BN": reserve.NoAnswer} {
		if stances[s] != want {
			b.Errorf("at %s, %s is told to %s", m, s, stances[s])
		}
	}
}

// owed: Cambodia has put back all that it got, no more; Viet Nam a half.
func (b *books) owed(m access.Member) {
	b.Helper()
	d, who := b.at(m)
	type debt struct {
		from, to  access.Member
		qty, paid int64
		state     workflow.State
	}
	want := []debt{{"KH", access.ASEC, 780, 780, reserve.Settled}, {"KH", "MY", 100, 100, reserve.Settled}, {"KH", "SG", 300, 300, reserve.Settled}, {"VN", "MY", 800, 400, reserve.Owed}}
	var have []debt
	within(b.T, 30*time.Second, "what is owed at "+string(m), func() bool {
		list, _, err := d.Debts(b.Context(), who, reserve.Filter{Item: b.item})
		if err != nil {
			b.Fatal(err)
		}
		have = have[:0]
		for i := range list {
			x := &list[i]
			have = append(have, debt{x.Owner, x.C.Creditor, x.C.Qty, x.C.Paid, x.State})
		}
		return len(have) == len(want) && !slices.ContainsFunc(want, func(w debt) bool { return !slices.Contains(have, w) })
	})
}

// accounts of the five books at the end.
var accounts = map[access.Member]map[string]int64{
	access.ASEC: {ledger.Stock: 780, ledger.Lost: 12, ledger.Damaged: 5 + 8, ledger.Opening: -805, ledger.DueFrom: 0},
	"KH":        {ledger.Stock: 720, ledger.Consumed: 480, ledger.Supplier: -1200, ledger.DueTo: 0, ledger.Transit: 0},
	"VN":        {ledger.Stock: 600, ledger.Consumed: 300, ledger.Supplier: -900, ledger.DueTo: -400, ledger.Transit: 400},
	"SG":        {ledger.Stock: 0, ledger.National: 0, ledger.DueFrom: 0, ledger.Pledged: 0},
	"MY":        {ledger.Stock: 500, ledger.National: -900, ledger.DueFrom: 400, ledger.Pledged: 0},
}

// proven: the books balance one by one and together, but for what Viet Nam has
// on its way; who states nothing is silent.
func (b *books) proven(m access.Member) {
	b.Helper()
	d, who := b.at(m)
	var p reserve.Proof
	within(b.T, 30*time.Second, "the newest balances at "+string(m), func() bool {
		var err error
		if p, err = d.Prove(b.Context(), who, b.item); err != nil {
			b.Fatal(err)
		}
		return len(p.Items) == 1 && len(amiss(&p)) == 0
	})
	if i := &p.Items[0]; !i.Balanced || !i.Complete {
		b.Errorf("at %s: balanced %t, complete %t", m, i.Balanced, i.Complete)
	}
	var way []string
	for _, x := range p.Items[0].Pairs {
		for _, g := range x.OnWay {
			way = append(way, g.ID)
		}
	}
	if want := []string{string(b.named("back-vn-2"))}; !slices.Equal(way, want) {
		b.Errorf("at %s on the way: %v, want %v", m, way, want)
	}
	want := []access.Member{}
	for _, s := range access.All() {
		if accounts[s] == nil && s != m { // the own book is always at hand
			want = append(want, s)
		}
	}
	if silent := p.Silent(); !slices.Equal(silent, want) {
		b.Errorf("at %s silent are %v, want %v", m, silent, want)
	}
	a, err := d.Check(b.Context(), who)
	if err != nil || !a.Sound() {
		b.Errorf("the book of %s: %+v %v", m, a.Faults, err)
	}
}

// amiss are the accounts of a proof that are not as they should be.
func amiss(p *reserve.Proof) []string {
	var out []string
	for i, c := range p.Members {
		for kind, want := range accounts[c.Member] {
			var have int64
			for _, r := range p.Items[0].Rows {
				if r.Kind == kind && r.Cells[i] != nil {
					have = *r.Cells[i]
				}
			}
			if have != want {
				out = append(out, string(c.Member)+" "+kind)
			}
		}
	}
	return out
}

// stock: what expires first was sent first, what was bought went back.
func (b *books) stock() {
	b.Helper()
	for m, want := range map[access.Member]map[string]int64{access.ASEC: {"KH-07": 780}, "KH": {"RL-2604": 300, "SG-118": 300, "MY-9041": 100, "KH-07": 20}, "SG": {}, "MY": {"KH-07": 100, "VN-31": 400},
		"VN": {"MY-9041": 500, "VN-31": 100}} {
		d, who := b.at(m)
		list, err := d.Batches(b.Context(), who, b.item)
		if err != nil {
			b.Fatal(err)
		}
		for i := range list {
			if x := &list[i]; x.Qty != 0 && want[x.Number] != x.Qty {
				b.Errorf("%s has %d of %s, want %d", m, x.Qty, x.Number, want[x.Number])
			}
			delete(want, list[i].Number)
		}
		if len(want) > 0 {
			b.Errorf("%s lacks %v", m, want)
		}
	}
}

// received: sender and receiver say the same of the short load and of the one
// that customs held.
func (b *books) received() {
	b.Helper()
	for _, m := range []access.Member{access.ASEC, "KH"} {
		d, who := b.at(m)
		p, err := d.Movement(b.Context(), who, b.named("ship-asec"))
		if err != nil || p.State != reserve.Booked || p.C.Came != 780 || p.C.Short != 12 || p.C.Damaged != 8 || len(p.C.Loads) != 2 || p.C.Loads[0].Number != "RL-2503" {
			b.Errorf("at %s the goods from Jakarta: %s %+v %v", m, p.State, p.C, err)
		}
	}
	for _, m := range []access.Member{"MY", "KH"} {
		d, who := b.at(m)
		list, _, err := d.Arrivals(b.Context(), who, reserve.Filter{Parent: b.named("ship-my")})
		if err != nil || len(list) != 1 || list[0].C.HoldRef != "CUS-0421" || list[0].C.Freed.Sub(list[0].C.Held) != 5*time.Hour {
			b.Errorf("at %s the hold: %+v %v", m, list, err)
		}
	}
}
