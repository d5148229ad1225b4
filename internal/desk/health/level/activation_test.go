package level

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// The national level is decided by the national authority alone and never
// outlives its review date.
func TestActivationStory(t *testing.T) {
	each(t, []access.Member{"KH", "TH"}, func(w *world) {
		ctx, kh, th := w.Context(), w.nodes["KH"], w.nodes["TH"]
		e, err := kh.health.RecordEvent(ctx, duty, health.EventInput{Name: "Cholera", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH"}}, nil)
		w.must(err)
		review := w.clock.Now().AddDate(0, 0, 7)
		a, err := kh.desk.Propose(ctx, duty, e.ID, ActivationInput{Level: 2, Trigger: "Cases double.", Lang: "en", Review: review, Marking: access.TLPAmber, To: []access.Member{"TH"}})
		w.must(err)
		_, err = kh.desk.StepActivation(ctx, duty, a.ID, 0, "activate", 2, time.Time{}, "")
		w.refused(fault.Forbidden, err)
		_, err = kh.desk.StepActivation(ctx, authority, a.ID, 0, "activate", 2, w.clock.Now().AddDate(1, 0, 0), "")
		w.refused(fault.Invalid, err)
		a, err = kh.desk.StepActivation(ctx, authority, a.ID, 0, "activate", 2, time.Time{}, "")
		w.must(err)
		w.deliver()
		list, err := th.desk.Activations(ctx, duty, "")
		w.must(err)
		if len(list) != 1 || list[0].Level != 2 || !list[0].InForce(w.clock.Now()) || len(list[0].Offers) != 0 {
			t.Fatalf("at TH %+v", list)
		}
		_, err = kh.desk.StepActivation(ctx, authority, a.ID, 0, "renew", 3, review.AddDate(0, 0, 7), "")
		w.refused(fault.Invalid, err) // a renewal has reasons
		_, err = kh.desk.StepActivation(ctx, authority, a.ID, 0, "renew", 3, review.AddDate(0, 0, 7), "It spreads.")
		w.must(err)
		w.deliver()
		w.clock.Advance(15 * 24 * time.Hour)
		if list, err = th.desk.Activations(ctx, duty, ""); err != nil || list[0].Level != 3 || list[0].InForce(w.clock.Now()) {
			t.Fatalf("at TH %+v %v", list, err)
		}
		w.must(kh.desk.Sweep(ctx))
		w.deliver()
		if list, err = th.desk.Activations(ctx, duty, ""); err != nil || list[0].State != workflow.State("expired") {
			t.Fatalf("at TH %s %v", list[0].State, err)
		}
	})
}
