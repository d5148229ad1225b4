package level

import (
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/id"
)

// Who may not read a proposal hears of it neither where it was made nor where
// it came.
func TestKnows(t *testing.T) {
	each(t, []access.Member{"KH", "SG"}, func(w *world) {
		red := w.input(1, "silence")
		red.Marking = access.TLPRed
		p := w.nodes["KH"].proposed(red)
		admin := post("admin", access.Administrator)
		for _, n := range w.nodes {
			w.hears(n, p.ID, duty, true)
			w.hears(n, p.ID, auditor, true)
			w.hears(n, p.ID, access.Actor{Account: "place", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}}, false)
			w.hears(n, p.ID, admin, false)
		}
	})
}

func (w *world) hears(n *node, rid id.ID, a access.Actor, want bool) {
	w.Helper()
	w.must(n.db.Read(w.Context(), func(tx *db.Tx) error {
		list, err := history.Of(w.Context(), tx, rid)
		if err != nil || len(list) == 0 {
			w.Fatalf("%s wrote %d entries: %v", n.m, len(list), err)
		}
		for _, e := range list {
			if ok, err := n.desk.Knows(w.Context(), tx, a, e); err != nil || ok != want {
				w.Errorf("%s: %s hears of %s: %v, want %v: %v", n.m, a.Account, e.Action, ok, want, err)
			}
		}
		return nil
	}))
}
