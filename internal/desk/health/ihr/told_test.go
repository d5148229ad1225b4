package ihr_test

import (
	"slices"
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
)

// Who is taken off a measure, or off what was determined outside, loses the
// copy; who is put on again has the newest.
func TestDroppedMember(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "TH", "KH", "SG")
		ctx, d := t.Context(), w.desks["TH"].ihr
		e := w.event("TH")
		m, err := d.Plan(ctx, duty, e.ID, measureInput("KH", "SG"))
		if err != nil {
			t.Fatal(err)
		}
		for i, to := range [][]access.Member{{"KH", "SG"}, {"KH"}, {"SG", "KH"}} {
			if i > 0 {
				if _, err := d.EditMeasure(ctx, duty, m.ID, 0, measureInput(to...)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := d.StepMeasure(ctx, approver, m.ID, 0, "release", ihr.StepInput{}); err != nil {
				t.Fatal(err)
			}
			w.deliver()
			for _, x := range []access.Member{"KH", "SG"} {
				v, err := w.copyAt(x, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				if has := v.State == ihr.Planned && v.Content.Reason != ""; has != slices.Contains(to, x) {
					t.Errorf("addressed to %v: %s has it as %s with the reason %q", to, x, v.State, v.Content.Reason)
				}
			}
		}
		in := ihr.DeterminationInput{Kind: "pheic", Hazard: "cholera", Title: "Sample", By: "WHO Director-General", On: "2026-01-30",
			Source: "https://example.org/statement", Marking: access.TLPClear, Members: []access.Member{"KH", "SG"}}
		x, err := d.Record(ctx, duty, "", in)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range [][]access.Member{{"KH", "SG"}, {"KH"}} {
			in.Members = to
			if _, err := d.EditDetermination(ctx, duty, x.ID, 0, in); err != nil {
				t.Fatal(err)
			}
			if _, err := d.ReleaseDetermination(ctx, approver, x.ID, 0); err != nil {
				t.Fatal(err)
			}
			w.deliver()
			for _, m := range []access.Member{"KH", "SG"} {
				list, err := w.desks[m].ihr.DeterminationsOf(ctx, duty, "", "cholera")
				if err != nil {
					t.Fatal(err)
				}
				stands := slices.ContainsFunc(list, func(x ihr.DeterminationView) bool { return x.State == ihr.Standing && x.Source != "" })
				if stands != slices.Contains(to, m) {
					t.Errorf("addressed to %v: %s shows %+v", to, m, list)
				}
			}
		}
	})
}

// A statement on the amendments goes to who is in the directory, also while a
// member has not joined the region.
func TestAmendmentInSmallRegion(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "TH", "KH")
		ctx, th := t.Context(), w.desks["TH"]
		th.others = []access.Member{"KH", access.ASEC}
		a, err := th.ihr.State(ctx, authority, ihr.AmendmentInput{Status: "accepted", On: "2025-07-18", Source: "Note (sample)", Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if a, err = th.ihr.ReleaseAmendment(ctx, approver, a.ID, a.Version); err != nil || !slices.Equal(a.To, th.others) {
			t.Fatal(a.To, err)
		}
		w.deliver()
		p, err := w.desks["KH"].ihr.Amendments(ctx, duty)
		i := slices.IndexFunc(p.Rows, func(r ihr.StandingRow) bool { return r.Member == "TH" })
		if err != nil || i < 0 || p.Rows[i].Status() != "accepted" {
			t.Errorf("%+v %v", p.Rows, err)
		}
		th.others = nil
		b, err := th.ihr.State(ctx, authority, ihr.AmendmentInput{Status: "unknown", Source: "Note (sample)", Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = th.ihr.ReleaseAmendment(ctx, approver, b.ID, b.Version)
		refused(t, "told to nobody", err, fault.Invalid)
	})
}
