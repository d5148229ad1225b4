package reserve

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
)

var eight = []access.Member{"KH", "ID", "LA", "PH", "SG", "TH", "VN", "ASEC"}

// The life of goods in the reserve: specified, stocked, promised, asked for,
// divided, voted on, sent, held, received short, owed, replaced.
func TestReserveStory(t *testing.T) {
	each(t, eight, func(w *world) {
		ctx := w.Context()
		item := w.published("ASEC")
		th, sg, kh, la := w.nodes["TH"], w.nodes["SG"], w.nodes["KH"], w.nodes["LA"]
		_, err := th.desk.DraftItem(ctx, auditor, Shared{}, salts)
		w.refused(fault.Forbidden, err)
		old, fresh := th.stocked(item.ID, "A-1", "2027-03-31", 300), th.stocked(item.ID, "A-2", "2028-03-31", 500)
		_, err = th.desk.Post(ctx, duty, PostInput{Kind: "consume", Lot: old.ID, Warehouse: "CENTRAL", Qty: 301})
		w.refused(fault.Conflict, err) // not more than is there
		_, err = th.desk.Post(ctx, duty, PostInput{Kind: "count_less", Lot: old.ID, Warehouse: "CENTRAL", Qty: 1, Words: "Counted."})
		w.refused(fault.Forbidden, err)
		th.opened()
		p := ok(sg.desk.DraftPledge(ctx, duty, Shared{}, PledgeContent{Item: item.ID, Qty: 400, Notice: 48, Blackout: "Not while dengue is at level 3 (sample).", Until: "2027-06-30"}))(w)
		_, err = sg.desk.StepPledge(ctx, duty, p.ID, p.Version, "pledge", "", nil)
		w.refused(fault.Forbidden, err)
		ok(sg.desk.StepPledge(ctx, approver, p.ID, p.Version, "pledge", "", nil))(w)
		sg.opened()
		kh.opened()
		for _, m := range []access.Member{"ID", "LA", "PH", "VN"} {
			w.nodes[m].opened()
		}
		ok(w.nodes["ASEC"].desk.StepStatement(ctx, regional, "open", ""))(w)
		a, b := kh.asks(item.ID, 700, ptr(900), ptr(100), ptr(120_000), ptr(3), ptr(40)), la.asks(item.ID, 600, ptr(700), ptr(100), ptr(200_000), ptr(2), nil)
		w.renewed()
		w.proves(0)
		x := w.nodes["ASEC"].divided(item.ID, a.ID, b.ID)
		if x.C.Input.Stock != 1200 || x.C.Result.Given != 1200 {
			t.Fatalf("stock %d, given %d", x.C.Input.Stock, x.C.Result.Given)
		}
		voted(w, x)
		x = w.closed("ASEC", x)
		sent(w, x, fresh.ID)
	})
}

func voted(w *world, x Allocation) {
	ctx := w.Context()
	_, err := w.nodes["ASEC"].desk.DraftVote(ctx, duty, x.ID, VoteInput{Stance: Agree})
	w.refused(fault.Invalid, err) // a body has no vote
	_, err = w.nodes["VN"].desk.DraftVote(ctx, duty, x.ID, VoteInput{Stance: "disagree"})
	w.refused(fault.Invalid, err) // a dissent has reasons
	for _, m := range eight[:6] {
		w.nodes[m].votes(x.ID, Agree)
	}
	w.deliver()
	_, err = w.nodes["ASEC"].desk.StepAllocation(ctx, regional, x.ID, 0, "close", "")
	w.refused(fault.Invalid, err) // VN has until the end of the window
}

func sent(w *world, x Allocation, keep id.ID) {
	ctx, t := w.Context(), w.T
	for m, n := range w.nodes {
		d := ok(n.desk.Allocation(ctx, duty, x.ID))(w)
		if d.Verdict.Outcome != Adopted || !d.Same {
			t.Fatalf("%s says %s, same %t", m, d.Verdict.Outcome, d.Same)
		}
	}
	th, kh, sg := w.nodes["TH"], w.nodes["KH"], w.nodes["SG"]
	due := ok(th.desk.DueLines(ctx, duty))(w)
	if len(due) == 0 {
		t.Fatal("TH has nothing to send")
	}
	var first Movement
	for i, l := range due {
		in := MovementInput{Title: "Salts (sample)", Allocation: l.Allocation, Line: l.Line.N, Qty: l.Left + 1, Carrier: "Road (sample)", Waybill: "TH-1"}
		if i == 0 {
			_, err := th.desk.Prepare(ctx, duty, in)
			w.refused(fault.Conflict, err) // more than was decided
		}
		in.Qty = l.Left
		m := ok(th.desk.Prepare(ctx, duty, in))(w)
		m = ok(th.desk.StepMovement(ctx, duty, m.ID, m.Version, "dispatch", ""))(w)
		if m.C.To == "KH" {
			first = m
		}
	}
	w.renewed()
	w.proves(len(due))
	p, _, err := kh.desk.Arrivals(ctx, duty, Filter{Parent: first.ID})
	w.must(err)
	if len(p) != 1 || p[0].State != Expected {
		t.Fatalf("KH expects %+v", p)
	}
	arr := p[0]
	held := ok(kh.desk.StepArrival(ctx, duty, arr.ID, 0, "hold", "A permit is missing (sample).", "CUS-1", nil))(w)
	ok(kh.desk.StepArrival(ctx, duty, held.ID, 0, "free", "", "", nil))(w)
	in := &ReceiptInput{Warehouse: "PHNOM-PENH"}
	for _, l := range arr.C.Landed {
		in.Landed = append(in.Landed, Landed{Load: Load{N: l.N}, OK: l.Qty})
	}
	in.Landed[0].OK -= 30
	in.Landed[0].Short, in.Landed[0].Damaged = 20, 9
	_, err = kh.desk.StepArrival(ctx, duty, arr.ID, 0, "receive", "", "", in)
	w.refused(fault.Invalid, err) // one sachet is not accounted for
	in.Landed[0].Damaged = 10
	_, err = kh.desk.StepArrival(ctx, duty, arr.ID, 0, "receive", "", "", in)
	w.refused(fault.Invalid, err) // and what is short is not explained
	in.Landed[0].Words = "One carton was wet, two sachets bags torn (sample)."
	ok(kh.desk.StepArrival(ctx, duty, arr.ID, 0, "receive", "", "", in))(w)
	w.renewed()
	w.proves(len(due) - 1)
	if m := ok(th.desk.Movement(ctx, duty, first.ID))(w); m.State != Booked || m.C.Short != 20 || m.C.Damaged != 10 {
		t.Fatalf("TH reads %s %d %d", m.State, m.C.Short, m.C.Damaged)
	}
	replaced(w, first)
	_, _ = sg, keep
}

func replaced(w *world, of Movement) {
	ctx, t := w.Context(), w.T
	kh := w.nodes["KH"]
	debts, _, err := kh.desk.Debts(ctx, duty, Filter{Owner: "KH"})
	w.must(err)
	if len(debts) != 1 || debts[0].C.Creditor != "TH" || debts[0].C.Qty != of.C.Sent()-30 {
		t.Fatalf("KH owes %+v", debts)
	}
	ok(kh.desk.Register(ctx, duty, LotInput{Item: of.C.Item, Number: "K-9", Maker: "Sample maker", Expires: "2029-01-31", Holder: "KH"},
		PostInput{Kind: "supply", Warehouse: "PHNOM-PENH", Qty: 1000}))(w)
	_, err = kh.desk.Prepare(ctx, duty, MovementInput{Title: "Back (sample)", Debt: debts[0].ID, Qty: debts[0].C.Qty + 1, Carrier: "Road (sample)"})
	w.refused(fault.Conflict, err) // more than is owed
	for i, n := range []int64{100, debts[0].C.Qty - 100} {
		m := ok(kh.desk.Prepare(ctx, duty, MovementInput{Title: "Back (sample)", Debt: debts[0].ID, Qty: n, Carrier: "Road (sample)"}))(w)
		more := MovementInput{Title: "Too much (sample)", Debt: debts[0].ID, Qty: debts[0].C.Qty - n + 1, Carrier: "Road (sample)"}
		_, err = kh.desk.Prepare(ctx, duty, more)
		w.refused(fault.Conflict, err) // what is prepared counts
		ok(kh.desk.StepMovement(ctx, duty, m.ID, m.Version, "dispatch", ""))(w)
		_, err = kh.desk.Prepare(ctx, duty, more)
		w.refused(fault.Conflict, err) // and so does what is under way
		w.deliver()
		w.receives("TH", m.ID)
		w.renewed()
		b := ok(kh.desk.Debt(ctx, duty, debts[0].ID))(w)
		if want := []any{Owed, Settled}[i]; b.State != want {
			t.Fatalf("after payment %d the debt is %s, paid %d of %d", i, b.State, b.C.Paid, b.C.Qty)
		}
	}
	w.proves(-1)
	s := ok(w.nodes["TH"].desk.Totals(ctx, duty))(w)
	for _, b := range s.Balances {
		if b.Account == ledger.Of(ledger.DueFrom, "KH") && b.Amount != 0 {
			t.Fatalf("TH is still owed %d", b.Amount)
		}
	}
	w.clock.Advance(time.Hour)
}

// receives takes everything of a movement in good order.
func (w *world) receives(m access.Member, movement id.ID) {
	w.Helper()
	d := w.nodes[m].desk
	p, _, err := d.Arrivals(w.Context(), duty, Filter{Parent: movement, Owner: m})
	w.must(err)
	if len(p) != 1 {
		w.Fatalf("%s expects %d arrivals", m, len(p))
	}
	in := &ReceiptInput{Warehouse: "CENTRAL"}
	for _, l := range p[0].C.Landed {
		in.Landed = append(in.Landed, Landed{Load: Load{N: l.N}, OK: l.Qty})
	}
	ok(d.StepArrival(w.Context(), duty, p[0].ID, 0, "receive", "", "", in))(w)
	w.deliver()
}
