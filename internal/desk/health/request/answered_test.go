package request

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/id"
)

// How soon help came is read from the first version, the first offer to it and
// the first goods, until the request ends.
func TestAnswered(t *testing.T) {
	each(t, func(w *wire) {
		ctx, kh := w.Context(), w.desks["KH"]
		one := func() Answered {
			t.Helper()
			list, err := kh.Answered(ctx, duty)
			w.must(err)
			if len(list) != 1 {
				t.Fatalf("%+v", list)
			}
			return list[0]
		}
		issued := w.clock.Now()
		rid := w.issued(sample)
		w.deliver()
		if a := one(); a.ID != rid || !a.Issued.Equal(issued) || !a.Offered.IsZero() || !a.Arrived.IsZero() || !a.Ended.IsZero() {
			t.Errorf("before anybody offered: %+v", a)
		}
		w.clock.Advance(5 * time.Hour)
		offered := w.clock.Now()
		th := w.offered("TH", offerOf(rid, salts(600)))
		w.deliver()
		w.clock.Advance(time.Hour)
		w.offered("SG", offerOf(rid, salts(100)))
		w.deliver()
		w.step("KH", approver, th, "accept", StepInput{})
		w.deliver()
		c := w.consigned("TH", th, w.agreed("TH", th))
		w.step("KH", duty, c, "confirm", StepInput{Day: "2026-11-23", Got: []Got{{N: 1, OK: 600}}})
		w.deliver()
		arrived := w.clock.Now()
		if a := one(); !a.Offered.Equal(offered) || !a.Arrived.Equal(arrived) {
			t.Errorf("offered %s, want %s; arrived %s, want %s", a.Offered, offered, a.Arrived, arrived)
		}
		w.clock.Advance(time.Hour)
		w.step("KH", duty, rid, "close", StepInput{Words: "Enough came."})
		if a := one(); !a.Ended.Equal(w.clock.Now()) || !a.Issued.Equal(issued) {
			t.Errorf("after its end: %+v", a)
		}
		if list, err := kh.Answered(ctx, admin); err != nil || len(list) != 0 {
			t.Errorf("who may not read the desk has %+v %v", list, err)
		}
	})
}

// Who may not read a record does not hear of it; a copy for information is
// heard of where it came.
func TestKnows(t *testing.T) {
	each(t, func(w *wire) {
		red := sample
		red.Marking = access.TLPRed
		rid := w.issued(red)
		w.deliver()
		for _, m := range []access.Member{"KH", "TH"} {
			w.knows(m, map[string]bool{"duty": true, "auditor": true}, rid)
		}
		open := w.issued(sample)
		w.deliver()
		o := w.offered("TH", offerOf(open, salts(10)))
		w.deliver()
		for _, m := range []access.Member{"KH", "ASEC"} {
			w.knows(m, map[string]bool{"duty": true, "auditor": true}, o)
		}
	})
}

// knows asks about each entry of the history of a record.
func (w *wire) knows(m access.Member, want map[string]bool, rid id.ID) {
	w.Helper()
	s := w.desks[m]
	place := access.Actor{Account: "place", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}}
	w.must(s.db.Read(w.Context(), func(tx *db.Tx) error {
		list, err := history.Of(w.Context(), tx, rid)
		if err != nil || len(list) == 0 {
			w.Fatalf("%s wrote %d entries: %v", m, len(list), err)
		}
		for _, e := range list {
			for _, a := range []access.Actor{duty, auditor, admin, place} {
				ok, err := s.Knows(w.Context(), tx, a, e)
				if err != nil || ok != want[string(a.Account)] {
					w.Errorf("%s: %s hears of %s: %v, want %v: %v", m, a.Account, e.Action, ok, want[string(a.Account)], err)
				}
			}
		}
		return nil
	}))
}
