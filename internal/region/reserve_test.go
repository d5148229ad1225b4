package region

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
)

// goods is a region that divides oral rehydration salts: Thailand keeps them,
// Singapore promises more, Cambodia and Viet Nam ask, the Secretariat
// proposes.
type goods struct {
	response
	item id.ID
}

// The reserve over real nodes: kept, promised, asked for, divided, voted on,
// sent, received short, owed and put back in part; each node proves the same
// books from what it has been told.
func TestReserve(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five nodes")
	}
	w := &goods{response: response{rules: rules{t: t, ctx: t.Context(), r: open(t, five...)}}}
	w.at(time.Now().UTC().Truncate(time.Second))
	w.kept()
	w.proven(map[string]int64{ledger.Stock: 800, ledger.Pledged: 400}, 0)
	x := w.divided(w.asks("KH", 900), w.asks("VN", 600))
	w.decided(x)
	m := w.sent(x)
	w.proven(map[string]int64{ledger.Stock: 800 - m.C.Sent(), ledger.Transit: m.C.Sent(), ledger.DueTo: 0}, 1)
	b := w.short(&m)
	came := m.C.Sent() - 30
	w.proven(map[string]int64{ledger.Transit: 0, ledger.Lost: 20, ledger.Damaged: 10, ledger.DueFrom: came, ledger.DueTo: -came, ledger.Stock: 770}, 0)
	w.replaced(b)
	w.proven(map[string]int64{ledger.Transit: 0, ledger.DueFrom: came - 100, ledger.DueTo: 100 - came, ledger.Stock: 1270}, 0)
}

func (w *goods) desk(m access.Member) *reserve.Desk { return w.node(m).Reserve }

func (w *goods) duty(m access.Member) access.Actor { return w.as(m, dutyRole(m)) }

func (w *goods) approver(m access.Member) access.Actor { return w.as(m, access.Approver) }

// there waits for a record of another member, or for a state of it.
func (w *goods) there(m access.Member, what string, holds func(d *reserve.Desk, who access.Actor) bool) {
	w.t.Helper()
	w.until(what+" at "+string(m), func() bool { return holds(w.desk(m), w.duty(m)) })
}

// stocked puts a new lot into the warehouse of a member.
func (w *goods) stocked(m access.Member, number, expires, how string, qty int64) {
	w.t.Helper()
	_, err := w.desk(m).Register(w.ctx, w.duty(m), reserve.LotInput{Item: w.item, Number: number, Maker: "Sample maker", Expires: expires, Holder: m},
		reserve.PostInput{Kind: how, Warehouse: "CENTRAL", Qty: qty})
	w.must(err)
}

// kept is the item, what is in the warehouse, what is promised, and the
// statement of every book.
func (w *goods) kept() {
	w.t.Helper()
	i, err := w.desk(access.ASEC).DraftItem(w.ctx, w.duty(access.ASEC), reserve.Shared{Lang: "en"}, reserve.ItemContent{Code: "ORS-1L", Name: "Oral rehydration salts (sample)",
		Unit: "sachet for 1 litre", Pack: "carton of 100", ATC: "A07CA", Shelf: 36, Keeps: "ambient"})
	w.must(err)
	if _, err := w.desk(access.ASEC).StepItem(w.ctx, w.duty(access.ASEC), i.ID, 0, "publish", "", nil); err == nil {
		w.t.Error("published by who wrote it")
	}
	_, err = w.desk(access.ASEC).StepItem(w.ctx, w.approver(access.ASEC), i.ID, 0, "publish", "", nil)
	w.must(err)
	w.item = i.ID
	for _, m := range five {
		w.there(m, "the item", func(d *reserve.Desk, who access.Actor) bool { _, err := d.Item(w.ctx, who, i.ID); return err == nil })
		_, err := w.desk(m).StepStatement(w.ctx, w.approver(m), "open", "")
		w.must(err)
	}
	w.stocked("TH", "A-2", future(900), "opening", 500)
	w.stocked("TH", "A-1", future(200), "opening", 300)
	p, err := w.desk("SG").DraftPledge(w.ctx, w.duty("SG"), reserve.Shared{}, reserve.PledgeContent{Item: i.ID, Qty: 400, Notice: 48, Until: future(300)})
	w.must(err)
	_, err = w.desk("SG").StepPledge(w.ctx, w.approver("SG"), p.ID, 0, "pledge", "", nil)
	w.must(err)
}

// asks is a cleared draw request of a state.
func (w *goods) asks(m access.Member, qty int64) id.ID {
	w.t.Helper()
	number := func(n int64) *int64 { return &n }
	r, err := w.desk(m).DraftDraw(w.ctx, w.duty(m), reserve.Shared{Lang: "en"}, reserve.DrawContent{Title: "Salts for " + string(m) + " (sample)", Item: w.item, Qty: qty, NeededBy: future(20),
		Reasons: "Wards are full (sample).", Need: number(qty + 200), Have: number(100), Persons: number(120_000), Risk: number(3), Source: "Line list (sample)", AsOf: future(-1)})
	w.must(err)
	_, err = w.desk(m).StepDraw(w.ctx, w.approver(m), r.ID, 0, "ask", "", nil)
	w.must(err)
	w.there(access.ASEC, "the draw request of "+string(m), func(d *reserve.Desk, who access.Actor) bool { _, err := d.Draw(w.ctx, who, r.ID); return err == nil })
	return r.ID
}

// divided is what the Secretariat proposes: all that there is.
func (w *goods) divided(draws ...id.ID) id.ID {
	w.t.Helper()
	d, desk := w.desk(access.ASEC), w.duty(access.ASEC)
	in := reserve.AllocationInput{Title: "First division (sample)", Item: w.item, Draws: draws, Rule: "need", Version: "1", Rationale: "By the published formula (sample).", Replace: 90,
		Adopt: "all_but_one", Window: 24}
	have, err := d.Sources(w.ctx, desk, w.item)
	w.must(err)
	for _, s := range have {
		in.Sources = append(in.Sources, s.Source)
	}
	a, err := d.DraftAllocation(w.ctx, desk, in)
	w.must(err)
	if a.C.Input.Stock != 1200 || a.C.Result.Given != 1200 || a.C.Unmet != 0 {
		w.t.Fatalf("of %d, %d are given, %d unmet", a.C.Input.Stock, a.C.Result.Given, a.C.Unmet)
	}
	_, err = d.StepAllocation(w.ctx, w.approver(access.ASEC), a.ID, 0, "propose", "")
	w.must(err)
	return a.ID
}

// decided: three agree and Viet Nam does not; every node reads the same
// outcome, the dissent with its reasons, and the same numbers.
func (w *goods) decided(x id.ID) {
	w.t.Helper()
	const why = "Our wards are as full (sample)."
	for _, m := range []access.Member{"KH", "TH", "SG", "VN"} {
		w.there(m, "the division", func(d *reserve.Desk, who access.Actor) bool {
			p, err := d.Allocation(w.ctx, who, x)
			return err == nil && p.MayVote
		})
		in := reserve.VoteInput{Stance: reserve.Agree}
		if m == "VN" {
			in = reserve.VoteInput{Stance: "disagree", Reasons: why}
		}
		v, err := w.desk(m).DraftVote(w.ctx, w.duty(m), x, in)
		w.must(err)
		_, err = w.desk(m).StepVote(w.ctx, w.approver(m), v.ID, 0, "give", nil)
		w.must(err)
	}
	w.there(access.ASEC, "four votes", func(d *reserve.Desk, who access.Actor) bool {
		p, err := d.Allocation(w.ctx, who, x)
		return err == nil && !slices.ContainsFunc(p.Verdict.Stands, func(v reserve.Voice) bool { return v.Release == "" })
	})
	if _, err := w.desk("KH").DraftVote(w.ctx, w.duty(access.ASEC), x, reserve.VoteInput{Stance: reserve.Agree}); err == nil {
		w.t.Error("somebody of the Secretariat voted for Cambodia")
	}
	for _, m := range []access.Member{"KH", "TH", "VN"} {
		for _, who := range w.people(m) {
			if _, err := w.desk(m).StepAllocation(w.ctx, who, x, 0, "close", ""); err == nil {
				w.t.Errorf("%s of %s closed the vote of the Secretariat", who.Name, m)
			}
		}
	}
	w.later(25 * time.Hour)
	_, err := w.desk(access.ASEC).StepAllocation(w.ctx, w.duty(access.ASEC), x, 0, "close", "")
	w.must(err)
	for _, m := range five {
		w.there(m, "the decision", func(d *reserve.Desk, who access.Actor) bool {
			p, err := d.Allocation(w.ctx, who, x)
			no := slices.IndexFunc(p.Verdict.Stands, func(v reserve.Voice) bool { return v.Member == "VN" })
			return err == nil && p.State == reserve.Decided && p.Verdict.Outcome == reserve.Adopted && p.Same && no >= 0 && p.Verdict.Stands[no].Stance == "disagree" && p.Verdict.Stands[no].Reasons == why
		})
	}
}

// sent is what Thailand dispatches to Cambodia: what expires first goes first.
func (w *goods) sent(x id.ID) reserve.Movement {
	w.t.Helper()
	d, duty := w.desk("TH"), w.duty("TH")
	due, err := d.DueLines(w.ctx, duty)
	w.must(err)
	i := slices.IndexFunc(due, func(l reserve.DueLine) bool { return l.Allocation == x && l.Line.To == "KH" })
	if i < 0 {
		w.t.Fatalf("Thailand sends nothing to Cambodia: %+v", due)
	}
	in := reserve.MovementInput{Title: "Salts to Cambodia (sample)", Allocation: x, Line: due[i].Line.N, Qty: due[i].Left + 1, Carrier: "Road (sample)", Waybill: "TH-1"}
	if _, err := d.Prepare(w.ctx, duty, in); err == nil {
		w.t.Error("Thailand prepares more than was decided")
	}
	in.Qty = due[i].Left
	m, err := d.Prepare(w.ctx, duty, in)
	w.must(err)
	m, err = d.StepMovement(w.ctx, duty, m.ID, 0, "dispatch", "")
	w.must(err)
	if m.C.Loads[0].Number != "A-1" {
		w.t.Errorf("%s left first", m.C.Loads[0].Number)
	}
	for _, who := range w.people(access.ASEC) {
		if _, err := w.desk(access.ASEC).StepMovement(w.ctx, who, m.ID, 0, "cancel", "By order."); err == nil {
			w.t.Errorf("%s of the Secretariat called the goods back", who.Name)
		}
	}
	return m
}

// receives confirms at a member what came of a movement.
func (w *goods) receives(m access.Member, of id.ID, change func(in *reserve.ReceiptInput)) {
	w.t.Helper()
	var a reserve.ArrivalView
	w.there(m, "the goods on their way", func(d *reserve.Desk, who access.Actor) bool {
		list, _, err := d.Arrivals(w.ctx, who, reserve.Filter{Parent: of, Owner: m})
		if err == nil && len(list) == 1 {
			a = list[0]
		}
		return a.ID != ""
	})
	in := &reserve.ReceiptInput{Warehouse: "EAST"}
	for _, l := range a.C.Landed {
		in.Landed = append(in.Landed, reserve.Landed{Load: reserve.Load{N: l.N}, OK: l.Qty})
	}
	if change != nil {
		change(in)
	}
	_, err := w.desk(m).StepArrival(w.ctx, w.duty(m), a.ID, 0, "receive", "", "", in)
	w.must(err)
}

// short: twenty are missing and ten are wet; both books say so, and Cambodia
// owes what it got, and no more.
func (w *goods) short(m *reserve.Movement) reserve.DebtView {
	w.t.Helper()
	w.receives("KH", m.ID, func(in *reserve.ReceiptInput) {
		l := &in.Landed[0]
		l.OK, l.Short, l.Damaged, l.Words = l.OK-30, 20, 10, "A carton was open, and one was wet (sample)."
	})
	w.there("TH", "the receipt", func(d *reserve.Desk, who access.Actor) bool {
		p, err := d.Movement(w.ctx, who, m.ID)
		return err == nil && p.State == reserve.Booked && p.C.Short == 20 && p.C.Damaged == 10 && p.C.Came == m.C.Sent()-30
	})
	var debt reserve.DebtView
	for _, at := range five {
		w.there(at, "the debt", func(d *reserve.Desk, who access.Actor) bool {
			list, _, err := d.Debts(w.ctx, who, reserve.Filter{Owner: "KH"})
			if err != nil || len(list) != 1 {
				return false
			}
			debt = list[0]
			return debt.C.Creditor == "TH" && debt.C.Qty == m.C.Sent()-30 && debt.C.Paid == 0
		})
	}
	return debt
}

// replaced puts a part of a debt back.
func (w *goods) replaced(b reserve.DebtView) {
	w.t.Helper()
	w.stocked("KH", "K-9", future(1000), "supply", 500)
	d, duty := w.desk("KH"), w.duty("KH")
	m, err := d.Prepare(w.ctx, duty, reserve.MovementInput{Title: "Back to Thailand (sample)", Debt: b.ID, Qty: 100, Carrier: "Road (sample)"})
	w.must(err)
	_, err = d.StepMovement(w.ctx, duty, m.ID, 0, "dispatch", "")
	w.must(err)
	w.receives("TH", m.ID, nil)
	for _, at := range five {
		w.there(at, "the payment", func(d *reserve.Desk, who access.Actor) bool {
			p, err := d.Debt(w.ctx, who, b.ID)
			return err == nil && p.State == reserve.Owed && p.C.Paid == 100
		})
	}
}

// proven wants the same sums over all books at every node, nothing that is not
// explained, and so many movements that explain something.
func (w *goods) proven(sums map[string]int64, way int) {
	w.t.Helper()
	for _, m := range five {
		w.must(w.desk(m).Sweep(w.ctx))
	}
	for _, m := range five {
		var p reserve.Proof
		var wrong string
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			var err error
			p, err = w.desk(m).Prove(w.ctx, w.duty(m), w.item)
			w.must(err)
			if wrong = unproven(&p, sums, way); wrong == "" {
				break
			}
		}
		if wrong != "" {
			w.t.Fatalf("at %s: %s: %+v", m, wrong, p.Items)
		}
		a, err := w.desk(m).Check(w.ctx, w.duty(m))
		w.must(err)
		if !a.Sound() {
			w.t.Errorf("the book of %s: %+v", m, a.Faults)
		}
	}
}

// unproven is what of a proof is not as it should be.
func unproven(p *reserve.Proof, sums map[string]int64, way int) string {
	if len(p.Items) != 1 || len(p.Silent()) > 0 {
		return "somebody is silent"
	}
	i := &p.Items[0]
	if !i.Balanced || !i.Complete {
		return "it does not balance"
	}
	have, n := map[string]int64{}, 0
	for _, r := range i.Rows {
		have[r.Kind] = r.Sum
	}
	for _, x := range i.Pairs {
		n += len(x.OnWay)
	}
	for kind, want := range sums {
		if have[kind] != want {
			return kind
		}
	}
	if n != way {
		return "on the way"
	}
	return ""
}
