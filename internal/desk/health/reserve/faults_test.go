package reserve

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// stated is an item, with the standing statement of every book.
func (w *world) stated() Item {
	w.Helper()
	item := w.published(w.order[0])
	for _, m := range w.order {
		w.nodes[m].opened()
	}
	return item
}

// The day of expiry is the last day of use, to its end in UTC: what is stated
// as usable, what is proposed, what may leave and what is told follow one rule.
func TestLastDay(t *testing.T) {
	each(t, []access.Member{"KH", "TH"}, func(w *world) {
		ctx, th := w.Context(), w.nodes["TH"]
		item := w.stated()
		th.stocked(item.ID, "A-1", "2026-11-21", 300)
		usable := func() int64 {
			w.Helper()
			s := ok(th.desk.Totals(ctx, duty))(w)
			return s.Items[0].Usable
		}
		gift := func() Movement {
			w.Helper()
			return ok(th.desk.Prepare(ctx, approver, MovementInput{Title: "Gift (sample)", To: "KH", Item: item.ID, Qty: 10, Carrier: "Road (sample)"}))(w)
		}
		left, late := gift(), gift()
		w.clock.Set(time.Date(2026, 11, 22, 6, 59, 59, 0, time.FixedZone("UTC+7", 7*3600))) // 23:59:59 UTC
		if loads, short, err := th.desk.Propose(ctx, duty, item.ID, 300); err != nil || short != 0 || len(loads) != 1 || usable() != 300 || Alert("2026-11-21", w.clock.Now()) != 30 {
			t.Fatalf("in the last second: %v, short %d, usable %d, %v", loads, short, usable(), err)
		}
		ok(th.desk.StepMovement(ctx, approver, left.ID, left.Version, "dispatch", ""))(w)
		w.clock.Advance(time.Second)
		if loads, short, err := th.desk.Propose(ctx, duty, item.ID, 290); err != nil || short != 290 || usable() != 0 || Alert("2026-11-21", w.clock.Now()) != 0 {
			t.Fatalf("a second later: %v, short %d, usable %d, %v", loads, short, usable(), err)
		}
		_, err := th.desk.StepMovement(ctx, approver, late.ID, late.Version, "dispatch", "")
		w.refused(fault.Conflict, err)
		if !expired(w, th) {
			t.Error("nobody is told")
		}
	})
}

func expired(w *world, n *node) bool {
	for _, x := range ok(n.desk.Todos(w.Context(), duty))(w) {
		if x.Key == "todo.reserve.expired" && x.Late {
			return true
		}
	}
	return false
}

// A division of another member whose stored inputs the formula refuses has its
// page, which says so.
func TestBrokenDivision(t *testing.T) {
	w := newWorld(t, []access.Member{"KH", "TH"}, nil)
	ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
	item := w.stated()
	th.stocked(item.ID, "A-1", "2027-03-31", 300)
	draw := kh.asks(item.ID, 200, ptr(900), ptr(100), ptr(120_000), nil, nil)
	w.renewed()
	have := ok(th.desk.Sources(ctx, regional, item.ID))(w)
	in := AllocationInput{Title: "Wrong (sample)", Item: item.ID, Draws: []id.ID{draw.ID}, Rule: "need", Version: "1", Rationale: "None (sample).", Replace: 90, Adopt: "consensus", Window: 24}
	in.Sources = append(in.Sources, have[0].Source)
	a := ok(th.desk.DraftAllocation(ctx, regional, in))(w)
	a = ok(th.desk.StepAllocation(ctx, second2, a.ID, a.Version, "propose", ""))(w)
	for _, x := range w.collect() {
		x.Body = bytes.Replace(x.Body, []byte(`"persons":120000`), []byte(`"persons":0`), 1)
		w.must(kh.receive(x))
	}
	d := ok(kh.desk.Allocation(ctx, duty, a.ID))(w)
	var f *fault.Error
	if !errors.As(d.Fault, &f) || len(f.Fields) != 1 || f.Fields[0].Name != "persons" || d.Same {
		t.Fatalf("same %t, fault %v", d.Same, d.Fault)
	}
	if _, _, err := kh.desk.Allocations(ctx, duty, Filter{}); err != nil {
		t.Fatal(err)
	}
	if d = ok(th.desk.Allocation(ctx, duty, a.ID))(w); d.Fault != nil || !d.Same {
		t.Fatalf("at its owner: same %t, fault %v", d.Same, d.Fault)
	}
}

// Amounts and their sums are bounded where they come in, and the statement of a
// book is never one that others refuse.
func TestBounds(t *testing.T) {
	each(t, []access.Member{"KH", "TH"}, func(w *world) {
		ctx, th := w.Context(), w.nodes["TH"]
		item := w.stated()
		named := func(field, key string, err error) {
			w.Helper()
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == field && x.Key == key }) {
				w.Fatalf("want %s %s, got %v", field, key, err)
			}
		}
		lot := th.stocked(item.ID, "A-1", "", MaxQty)
		other := th.stocked(item.ID, "A-2", "", MaxQty)
		_, err := th.desk.Post(ctx, duty, PostInput{Kind: "opening", Lot: lot.ID, Warehouse: "CENTRAL", Qty: MaxQty + 1})
		named("qty", "fault.reserve.qty", err)
		_, err = th.desk.Prepare(ctx, approver, MovementInput{Title: "Too much (sample)", To: "KH", Item: item.ID, Loads: []Load{{Lot: lot.ID, Warehouse: "CENTRAL", Qty: MaxQty}, {Lot: other.ID, Warehouse: "CENTRAL", Qty: 1}}})
		named("qty", "fault.reserve.sum", err)
		w.must(th.db.Write(ctx, func(tx *db.Tx) error { // as after a thousand such postings
			for account, n := range map[string]int64{"opening": -ledger.MaxBalance, "stock:CENTRAL": ledger.MaxBalance - MaxQty} {
				if _, err := tx.Exec(ctx, `UPDATE reserve_balance SET amount = ? WHERE account = ? AND (lot = ? OR lot = '')`, n, account, string(lot.ID)); err != nil {
					return err
				}
			}
			return nil
		}))
		_, err = th.desk.Post(ctx, duty, PostInput{Kind: "opening", Lot: lot.ID, Warehouse: "CENTRAL", Qty: 1})
		named("qty", "fault.reserve.sum", err)
		s := ok(th.desk.Totals(ctx, duty))(w)
		var c fault.Check
		s.check(&c)
		w.must(c.Err())
	})
}

// A statement whose sums would wrap round is refused, not taken for balanced.
func TestStatementWraps(t *testing.T) {
	s := StatementContent{AsOf: time.Now()}
	one := id.ID("01a1f78a-5300-7000-b30e-78fd8c4717c0")
	for range 19_000 {
		s.Balances = append(s.Balances, Balance{one, ledger.Opening, ledger.MaxBalance})
	}
	var c fault.Check
	s.check(&c)
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "fault.reserve.statement") {
		t.Fatal(err)
	}
}

// What the reserve does because of an event: on its page, and in its review;
// in an exercise, whose goods are in a book of their own.
func TestLinked(t *testing.T) {
	each(t, []access.Member{"KH", "TH"}, func(w *world) {
		w.drill = "drill"
		ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
		item := w.stated()
		th.stocked(item.ID, "A-1", "2027-03-31", 300)
		e := ok(kh.desk.health.RecordEvent(ctx, duty, health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH-12"}}, nil))(w)
		d := ok(kh.desk.DraftDraw(ctx, duty, Shared{Lang: "en"}, DrawContent{Title: "Salts (sample)", Item: item.ID, Event: e.ID, Qty: 400, NeededBy: "2026-12-01", Reasons: "Wards are full (sample)."}))(w)
		d = ok(kh.desk.StepDraw(ctx, approver, d.ID, d.Version, "ask", "", nil))(w)
		other := kh.asks(item.ID, 5, nil, nil, nil, nil, nil)
		w.renewed()
		stage := func(n *node, want Stage) Progress {
			w.Helper()
			x := ok(n.desk.Linked(ctx, duty, e.ID))(w)
			if len(x.Draws) != 1 || x.Draws[0].ID != d.ID || x.Progress[d.ID].Stage != want {
				w.Fatalf("%s: %d requests, %+v, want %s", n.m, len(x.Draws), x.Progress, want)
			}
			return x.Progress[d.ID]
		}
		stage(kh, StageWaits)
		a := th.divided(item.ID, d.ID)
		if p := stage(kh, StageVoting); p.Proposed != 300 || p.Given != 0 {
			t.Fatalf("%+v", p)
		}
		kh.votes(a.ID, Agree)
		w.deliver()
		w.closed("TH", a)
		if p := stage(kh, StagePartly); p.Given != 300 || p.Sent != 0 || p.Decided.IsZero() {
			t.Fatalf("%+v", p)
		}
		m := ok(th.desk.Prepare(ctx, duty, MovementInput{Title: "Salts (sample)", Allocation: a.ID, Line: 1, Qty: 300, Carrier: "Road (sample)"}))(w)
		ok(th.desk.StepMovement(ctx, duty, m.ID, m.Version, "dispatch", ""))(w)
		w.deliver()
		w.receives("KH", m.ID)
		for _, n := range []*node{kh, th} {
			if p := stage(n, StageArrived); p.Sent != 300 || p.Usable != 300 {
				t.Fatalf("%s: %+v", n.m, p)
			}
		}
		reviewed(w, e.ID, other.ID, d.ID, a.ID, m.ID, repaid(w, item.ID, m).ID)
	})
}

// reviewed checks that a review of the event reads the history of these
// records and of what follows from them, and not of the other request.
func reviewed(w *world, event, other id.ID, want ...id.ID) {
	w.Helper()
	ctx, kh := w.Context(), w.nodes["KH"]
	w.must(kh.db.Read(ctx, func(tx *db.Tx) error {
		list, err := kh.desk.RecordsOn(ctx, tx, event)
		if err != nil {
			return err
		}
		for _, x := range want {
			if !slices.Contains(list, x) {
				w.Errorf("a review does not see %s", x)
			}
		}
		if slices.Contains(list, other) {
			w.Error("a review sees another request")
		}
		entries, err := history.Of(ctx, tx, list...)
		kinds := map[string]int{}
		for _, x := range entries {
			kinds[x.Record.Kind]++
		}
		for _, k := range []string{KindDraw, KindAllocation, KindVote, KindMovement, KindArrival, KindDebt, KindPosting} {
			if kinds[k] == 0 {
				w.Errorf("a review has no line of %s: %v", k, kinds)
			}
		}
		return err
	}))
}

// repaid replaces a part of what was drawn.
func repaid(w *world, item id.ID, of Movement) Movement {
	ctx, kh := w.Context(), w.nodes["KH"]
	debts, _, err := kh.desk.Debts(ctx, duty, Filter{Parent: of.ID})
	w.must(err)
	ok(kh.desk.Register(ctx, duty, LotInput{Item: item, Number: "K-9", Maker: "Sample maker", Expires: "2029-01-31", Holder: "KH"}, PostInput{Kind: "supply", Warehouse: "PHNOM-PENH", Qty: 100}))(w)
	back := ok(kh.desk.Prepare(ctx, duty, MovementInput{Title: "Back (sample)", Debt: debts[0].ID, Qty: 100, Carrier: "Road (sample)"}))(w)
	return ok(kh.desk.StepMovement(ctx, duty, back.ID, back.Version, "dispatch", ""))(w)
}

// A division that was not adopted leaves its requests refused, with the number.
func TestRefusedDraw(t *testing.T) {
	w := newWorld(t, []access.Member{"KH", "TH"}, nil)
	ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
	item := w.stated()
	th.stocked(item.ID, "A-1", "2027-03-31", 300)
	d := kh.asks(item.ID, 400, nil, nil, nil, nil, nil)
	w.renewed()
	a := th.divided(item.ID, d.ID)
	kh.votes(a.ID, "disagree")
	w.deliver()
	w.closed("TH", a)
	list, _, err := kh.desk.Draws(ctx, duty, Filter{})
	w.must(err)
	if p := ok(kh.desk.Progress(ctx, duty, list))(w)[d.ID]; p.Stage != StageRefused || p.Given != 0 || p.Decided.IsZero() || len(p.Records) != 1 {
		t.Fatalf("%+v", p)
	}
}
