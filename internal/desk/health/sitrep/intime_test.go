package sitrep

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/id"
)

// The inputs to a regional report are in time, late or missing, read alike at
// the member that asked and at those that it asked.
func TestExpected(t *testing.T) {
	each(t, func(w *world) {
		ctx, asec := w.Context(), w.nodes["ASEC"]
		now := w.clock.Now()
		r, err := asec.desk.Open(ctx, sec, w.family.ID, OpenInput{Title: "Region (sample)", Lang: "en", From: now.AddDate(0, 0, -6).Format(time.DateOnly),
			Until: now.Format(time.DateOnly), CutOff: now.Add(6 * time.Hour), Authority: "Secretariat (sample)", Asked: []access.Member{"KH", "VN", "TH"}, Marking: access.TLPAmber})
		w.must(err)
		w.deliver()
		w.nodes["KH"].issued(w.nodes["KH"].event(cases(4, now)), r.ID)
		w.clock.Advance(7 * time.Hour)
		w.nodes["VN"].issued(w.nodes["VN"].event(cases(4, now)), r.ID)
		want := map[access.Member]time.Time{"KH": now, "VN": now.Add(7 * time.Hour), "TH": {}}
		for _, m := range []access.Member{"ASEC", "KH", "VN", "TH"} {
			by := duty
			if m == "ASEC" {
				by = sec
			}
			list, err := w.nodes[m].desk.Expected(ctx, by)
			w.must(err)
			if n := map[bool]int{true: 3, false: 1}[m == "ASEC"]; len(list) != n {
				t.Errorf("%s expects %+v", m, list)
			}
			for _, x := range list {
				if !x.Given.Equal(want[x.Member]) || !x.CutOff.Equal(r.CutOff) || m != "ASEC" && x.Member != m {
					t.Errorf("%s reads %+v, want %s", m, x, want[x.Member])
				}
			}
		}
		if list, err := asec.desk.Expected(ctx, local); err != nil || len(list) != 0 {
			t.Errorf("a reader of one place has %+v %v", list, err)
		}
		w.hears(asec, r.ID, sec, true)
		w.hears(asec, r.ID, local, false)
		w.hears(w.nodes["KH"], r.ID, duty, true)
		w.hears(w.nodes["KH"], r.ID, local, false)
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
