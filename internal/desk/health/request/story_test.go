package request

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func (w *wire) state(m access.Member, rid id.ID, want workflow.State) {
	w.Helper()
	if s := w.page(m, rid).Head().State; s != want {
		w.Fatalf("%s has it %s, want %s", m, s, want)
	}
}

func (w *wire) todo(m access.Member, a access.Actor, key string) bool {
	w.Helper()
	todos, err := w.desks[m].Todos(w.Context(), a)
	w.must(err)
	for _, t := range todos {
		if t.Key == "todo.request."+key {
			return true
		}
	}
	return false
}

func (w *wire) reach(rid id.ID, line int, want Reach) {
	w.Helper()
	got := w.lines("KH", rid)[line-1]
	want.Line, want.Asked = got.Line, got.Asked
	if got != want {
		w.Fatalf("line %d:\n got %+v\nwant %+v", line, got, want)
	}
}

// KH asks, TH and SG offer, the match is partial, both sign, the goods are
// held at customs and come short.
func TestFromRequestToReceipt(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issuedSlowly()
		w.reach(rid, 1, Reach{Commit: None, Transit: None, Fulfil: None})
		if !w.todo("TH", duty, "answer") || w.todo("TH", auditor, "answer") {
			t.Error("who must answer does not see it, or who may not does")
		}
		w.must(w.desks["SG"].OpenRecord(w.Context(), duty, rid))
		w.deliver()
		th := w.offered("TH", offerOf(rid, salts(600)))
		sg := w.offered("SG", offerOf(rid, salts(700), medical(1)))
		w.deliver()
		if s := w.page("KH", rid).Request.Silent(); len(s) != 0 {
			t.Errorf("silent: %v", s)
		}
		w.state("TH", rid, Offered)
		w.reach(rid, 1, Reach{Offered: 1300, Commit: None, Transit: None, Fulfil: None})
		w.no(fault.Forbidden, "KH", duty, th, "accept", StepInput{}) // a commitment is the approver's
		w.step("KH", approver, th, "accept", StepInput{})
		w.no(fault.Invalid, "KH", approver, sg, "accept", StepInput{}) // 600 + 700 is more than 1,000
		w.no(fault.Invalid, "KH", approver, sg, "accept_part", StepInput{Taken: []Taken{{N: 1, Qty: 401}}})
		w.no(fault.Invalid, "KH", approver, sg, "accept_part", StepInput{Taken: []Taken{{N: 1, Qty: 701}}})
		w.step("KH", approver, sg, "accept_part", StepInput{Taken: []Taken{{N: 1, Qty: 300}, {N: 2, Qty: 1}}})
		w.deliver()
		w.state("TH", th, Accepted)
		w.state("SG", sg, Partly)
		w.reach(rid, 1, Reach{Offered: 1300, Committed: 900, Commit: Partial, Transit: None, Fulfil: None})
		w.reach(rid, 2, Reach{Offered: 1, Committed: 1, Commit: Partial, Transit: None, Fulfil: None})

		a := w.agreed("TH", th)
		w.state("KH", a, InForce)
		c := w.consigned("TH", th, a)
		w.reach(rid, 1, Reach{Offered: 1300, Committed: 900, Sent: 600, Commit: Partial, Transit: Partial, Fulfil: None})
		w.no(fault.Invalid, "KH", duty, c, "hold", StepInput{})
		w.step("KH", duty, c, "hold", StepInput{Words: "A permit is missing.", Ref: "CUS-1"})
		w.deliver()
		if p := w.page("TH", c); p.Consignment.Stage() != "customs_hold" || p.Consignment.Receipt.HoldRef != "CUS-1" {
			t.Fatalf("TH sees %s", p.Consignment.Stage())
		}
		w.no(fault.Conflict, "KH", duty, c, "confirm", StepInput{})
		w.step("KH", duty, c, "release", StepInput{})
		w.no(fault.Invalid, "KH", duty, c, "confirm", StepInput{Day: "2026-11-28", Got: []Got{{N: 1, OK: 500, Short: 80, Damaged: 10}}}) // ten unaccounted for
		w.step("KH", duty, c, "confirm", StepInput{Day: "2026-11-28", Got: []Got{{N: 1, OK: 500, Short: 80, Damaged: 20, Words: "Two pallets were wet."}}})
		w.deliver()
		w.reach(rid, 1, Reach{Offered: 1300, Committed: 900, Sent: 500, Came: 500, Commit: Partial, Transit: Partial, Fulfil: Partial})
		if !w.todo("TH", duty, "reconcile") {
			t.Error("TH is not told to reconcile")
		}
		w.no(fault.Invalid, "TH", duty, c, "reconcile", StepInput{}) // a difference needs words
		w.step("TH", duty, c, "reconcile", StepInput{Words: "80 follow, 20 are written off."})
		w.deliver()
		w.state("KH", c, Reconciled)
		w.reach(rid, 1, Reach{Offered: 1300, Committed: 900, Sent: 500, Came: 500, Commit: Partial, Transit: Partial, Fulfil: Partial})
		w.no(fault.Invalid, "KH", duty, rid, "close", StepInput{})
		w.step("KH", duty, rid, "close", StepInput{Words: "The rest was bought."})
		w.deliver()
		w.state("SG", rid, Closed)
	})
}

// issuedSlowly issues the sample with every refusal on the way.
func (w *wire) issuedSlowly() id.ID {
	w.Helper()
	kh, ctx := w.desks["KH"], w.Context()
	bad := sample
	bad.Lines = []Line{{Category: "miracles", Item: "", Qty: 0, Unit: "box", NeededBy: "soon"}}
	_, err := kh.DraftRequest(ctx, duty, bad)
	w.refused(fault.Invalid, err)
	_, err = kh.DraftRequest(ctx, auditor, sample)
	w.refused(fault.Forbidden, err)
	empty := sample
	empty.Lines, empty.To = nil, nil
	r, err := kh.DraftRequest(ctx, duty, empty)
	w.must(err)
	w.no(fault.Invalid, "KH", duty, r.ID, "submit", StepInput{})
	w.must(kh.EditRequest(ctx, both, r.ID, r.Version, sample))
	w.refused(fault.Conflict, kh.EditRequest(ctx, duty, r.ID, r.Version, sample))
	w.step("KH", duty, r.ID, "submit", StepInput{})
	if !w.todo("KH", approver, "clear") || w.todo("KH", both, "clear") {
		w.Error("clearance is the second person's")
	}
	w.no(fault.Invalid, "KH", both, r.ID, "clear", StepInput{}) // wrote it
	w.no(fault.Invalid, "KH", approver, r.ID, "return", StepInput{})
	w.step("KH", approver, r.ID, "return", StepInput{Words: "Say where."})
	w.step("KH", duty, r.ID, "submit", StepInput{})
	w.step("KH", approver, r.ID, "clear", StepInput{})
	w.no(fault.Forbidden, "KH", approver, r.ID, "issue", StepInput{})
	w.step("KH", duty, r.ID, "issue", StepInput{})
	w.deliver()
	for _, m := range []access.Member{"TH", "SG", "ASEC"} {
		w.state(m, r.ID, Received)
	}
	w.no(fault.NotFound, "TH", duty, r.ID, "withdraw", StepInput{Words: "x"}) // nobody's half is edited by another
	return r.ID
}

// consigned ships what was offered, with every refusal on the way.
func (w *wire) consigned(from access.Member, offer, arrangement id.ID) id.ID {
	w.Helper()
	c, err := w.desks[from].Allocate(w.Context(), duty, ShipmentInput{Link: Link{Offer: offer, Arrangement: arrangement, Marking: access.TLPAmber},
		Shipment: Shipment{Title: "Salts (sample)", Carries: Goods, Items: []Item{{For: 1, What: "Oral rehydration salts", Qty: 600, Unit: "box", Lot: "L-7", Until: "2028-01-31"}}}})
	w.must(err)
	w.no(fault.Invalid, from, duty, c.ID, "pack", StepInput{})
	w.step(from, duty, c.ID, "pack", StepInput{Packages: 30, Kilograms: 900})
	w.deliver()
	w.state("KH", c.ID, Expected)
	w.no(fault.Invalid, "KH", duty, c.ID, "hold", StepInput{Words: "x"}) // it has not left
	w.no(fault.Invalid, from, duty, c.ID, "ship", StepInput{})
	w.step(from, duty, c.ID, "ship", StepInput{Carrier: "Air cargo (sample)", Waybill: "217-0001", Entry: "PNH", ETD: "2026-11-26", ETA: "2026-11-27"})
	w.deliver()
	return c.ID
}

// A version that follows is shown with its differences; silence is shown; who
// declines may take that back; nothing comes after the end.
func TestVersionsSilenceAndEnd(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issued(sample)
		w.deliver()
		w.step("TH", duty, rid, "decline", StepInput{Words: "We have none."})
		w.deliver()
		w.step("TH", duty, rid, "reconsider", StepInput{})
		w.deliver()
		w.clock.Advance(25 * time.Hour)
		if s := w.page("KH", rid).Request.Silent(); len(s) != 2 || !w.todo("KH", duty, "silent") || !w.page("TH", rid).Late {
			t.Errorf("silent: %v", s)
		}
		w.step("KH", duty, rid, "remind", StepInput{})
		w.deliver()
		w.step("KH", duty, rid, "amend", StepInput{})
		in := sample
		in.Lines = append([]Line(nil), w.page("KH", rid).Request.Draft.Lines...)
		in.Lines[0].Qty = 1500
		in.Lines = append(in.Lines[:1], Line{Category: "funds", Item: "Cash for transport", Qty: 5000, Unit: "USD"})
		fewer := in
		fewer.To = []access.Member{"TH"}
		w.refused(fault.Invalid, w.desks["KH"].EditRequest(w.Context(), duty, rid, 0, fewer))
		w.must(w.desks["KH"].EditRequest(w.Context(), duty, rid, 0, in))
		if got := w.page("TH", rid).Request.Content().Lines[0].Qty; got != 1000 {
			t.Errorf("a draft left the node: %d", got)
		}
		w.step("KH", duty, rid, "submit", StepInput{})
		w.step("KH", approver, rid, "clear", StepInput{})
		w.step("KH", duty, rid, "issue", StepInput{})
		w.deliver()
		r := w.page("TH", rid).Request
		diff := Differences(&r.Past[0].Content, r.Content())
		if len(diff) != 3 || diff[0] != (Difference{1, "qty", "1000", "1500"}) || diff[1].Line != 3 || diff[1].Was != "" || diff[2].Line != 2 || diff[2].Is != "" {
			t.Errorf("%+v", diff)
		}
		if r.Late(w.clock.Now()) {
			t.Error("a new version did not renew the clock")
		}
		w.step("KH", duty, rid, "withdraw", StepInput{Words: "Issued in error."})
		w.deliver()
		w.state("TH", rid, Withdrawn)
		_, err := w.desks["TH"].DraftOffer(w.Context(), duty, offerOf(rid, salts(1)))
		w.refused(fault.Conflict, err)
	})
}

func (r *Request) Late(now time.Time) bool { return Late(r.Due, now) }

// Validity ends by itself, for requests and for offers.
func TestLapse(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issued(sample)
		w.deliver()
		oid := w.offered("TH", to("KH", offerOf("", OfferLine{Category: "equipment", Item: "Generator", Qty: 1, Unit: "piece", Cost: "loan"})))
		w.deliver()
		w.state("KH", oid, Received)
		w.clock.Set(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
		for _, s := range w.desks {
			w.must(s.Lapse(w.Context()))
			w.must(s.Lapse(w.Context())) // once
		}
		w.deliver()
		w.state("KH", rid, Expired)
		w.state("SG", rid, Expired)
		w.state("TH", oid, Lapsed)
		w.state("KH", oid, Lapsed)
	})
}

// The same rule for list, page, search, things to do and board.
func TestReach(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issued(sample)
		red := sample
		red.Marking, red.Title = access.TLPRed, "Named eyes (sample)"
		r2 := w.issued(red)
		local := access.Actor{Account: "local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}}
		epi := post("epi", access.Epidemiologist)
		for _, c := range []struct {
			a    access.Actor
			want int
		}{{duty, 2}, {auditor, 2}, {epi, 1}, {admin, 0}, {local, 0}, {access.Actor{}, 0}} {
			kh, ctx := w.desks["KH"], w.Context()
			rows, _, err := kh.List(ctx, c.a, Filter{Query: "sample"})
			w.must(err)
			n, err := kh.Count(ctx, c.a, Filter{})
			w.must(err)
			hits, err := kh.Search(ctx, c.a, "rehydration", 10)
			w.must(err)
			b, err := kh.Board(ctx, c.a)
			w.must(err)
			if len(rows) != c.want || n != c.want || len(hits) != c.want || b.Requests != c.want {
				t.Errorf("%s: list %d, count %d, search %d, board %d, want %d", c.a.Account, len(rows), n, len(hits), b.Requests, c.want)
			}
			for _, x := range []id.ID{rid, r2} {
				_, err = kh.Page(ctx, c.a, x)
				if (err == nil) != (c.want == 2 || c.want == 1 && x == rid) {
					t.Errorf("%s reads %s: %v", c.a.Account, x, err)
				}
			}
		}
		first, next, err := w.desks["KH"].List(w.Context(), duty, Filter{Limit: 1})
		w.must(err)
		second, end, err := w.desks["KH"].List(w.Context(), duty, Filter{Limit: 1, After: next})
		w.must(err)
		if len(first) != 1 || len(second) != 1 || first[0].Head().ID == second[0].Head().ID || end.ID != "" {
			t.Error("paging loses or repeats")
		}
	})
}

func to(m access.Member, in OfferInput) OfferInput {
	in.To = m
	return in
}
