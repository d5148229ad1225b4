package review

import (
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/id"
	"lintas/internal/trail"
)

// A review that is mended and released to one more member: what was found and
// released before reaches that member too, as it stands; a member that had it
// keeps one copy.
func TestMendedReachesMore(t *testing.T) {
	each(t, func(w *world) {
		kh, th, ctx := w.nodes["KH"], w.nodes["TH"], w.Context()
		w.join("VN", dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), &id.Maker{Clock: w.clock})
		vn := w.nodes["VN"]
		r, err := kh.desk.Plan(ctx, duty, input(kh.event()))
		w.must(err)
		w.must(kh.step(duty, r.ID, "lock", StepInput{}))
		kept, mended := kh.found(r.ID, "Samples waited (sample)"), kh.found(r.ID, "Boats came late (sample)")
		kh.released(r.ID, "TH")
		if p := th.page(r.ID); len(p.Chain.Findings) != 2 {
			t.Fatalf("TH has %d findings", len(p.Chain.Findings))
		}
		w.must(kh.step(duty, r.ID, "mend", StepInput{Reason: "Boats came on time."}))
		_, err = kh.trail.StepFinding(ctx, duty, mended.ID, 0, "mend", trail.StepInput{Reason: "Boats came on time."})
		w.must(err)
		_, err = kh.trail.EditFinding(ctx, duty, mended.ID, 0, gap("Boats came on time (sample)"))
		w.must(err)
		_, err = kh.trail.StepFinding(ctx, duty, mended.ID, 0, "settle", trail.StepInput{})
		w.must(err)
		was, err := kh.trail.Finding(ctx, auditor, kept.ID)
		w.must(err)
		w.must(kh.step(approver, r.ID, "validate", StepInput{Words: "By telephone."}))
		w.must(kh.step(approver, r.ID, "clear", StepInput{}))
		w.must(kh.step(approver, r.ID, "release", StepInput{To: []access.Member{"VN"}}))
		w.deliver()
		for _, n := range []*node{th, vn} {
			p := n.page(r.ID)
			titles := map[string]bool{}
			for _, f := range p.Chain.Findings {
				titles[f.Title] = true
			}
			if p.State != Released || len(titles) != 2 || !titles["Samples waited (sample)"] || !titles["Boats came on time (sample)"] {
				t.Errorf("%s has %s with %v", n.m, p.State, titles)
			}
		}
		now, err := kh.trail.Finding(ctx, auditor, kept.ID)
		w.must(err)
		if !now.Released.Equal(was.Released) || now.ClearedAs != was.ClearedAs || len(now.To) != 2 || now.Version != was.Version+1 {
			t.Errorf("sent on: %+v, was %+v", now.Shown, was.Shown)
		}
	})
}
