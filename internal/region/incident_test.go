package region

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	"lintas/internal/desk/health/level"
	"lintas/internal/id"
)

// An operations centre over real nodes: Cambodia's own activation proposes its
// incident, a notification of Thailand rings there by itself, and what is in the
// incident stays at its node.
func TestIncident(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nodes")
	}
	w := &response{rules: rules{t: t, ctx: t.Context(), r: open(t, "KH", "TH")}}
	w.at(time.Now().UTC().Truncate(time.Second))
	kh, duty, approver := w.node("KH").Incidents, w.as("KH", access.DutyOfficer), w.as("KH", access.Approver)
	e, err := w.node("KH").Health.RecordEvent(w.ctx, duty, health.EventInput{Name: "Cholera, coast (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber,
		Places: []string{"KH-9"}}, nil)
	w.must(err)
	a, err := w.node("KH").Levels.Propose(w.ctx, duty, e.ID, level.ActivationInput{Level: 3, Trigger: "Wards are full (sample).", Lang: "en",
		Review: w.r.clock.Now().AddDate(0, 0, 10), Marking: access.TLPAmber})
	w.must(err)
	if list, err := kh.Proposed(w.ctx, duty); err != nil || len(list) != 0 {
		t.Fatalf("an activation that nobody adopted proposes an incident: %v %v", list, err)
	}
	_, err = w.node("KH").Levels.StepActivation(w.ctx, approver, a.ID, 0, "activate", 3, w.r.clock.Now().AddDate(0, 0, 10), "")
	w.must(err)
	in, err := kh.Adopt(w.ctx, duty, a.ID)
	w.must(err)
	if in.Mode != "response" || in.Level != 3 || !in.Has(e.ID) || in.Trigger == "" {
		t.Errorf("adopted as %+v", in)
	}
	people, err := kh.People(w.ctx)
	w.must(err)
	if !slices.ContainsFunc(people, func(p incident.Person) bool { return p.Account == duty.Account }) ||
		slices.ContainsFunc(people, func(p incident.Person) bool { return p.Account == w.as("KH", access.Auditor).Account }) {
		t.Errorf("on the roster may stand %+v", people)
	}
	from := w.r.clock.Now().UTC().Truncate(time.Hour)
	_, err = kh.Roster(w.ctx, duty, in.ID, incident.Shift{From: from, To: from.Add(12 * time.Hour)}, []incident.Post{{Function: incident.Manager, Holder: approver.Account}})
	w.must(err)
	b, err := kh.Book(w.ctx, duty, in.ID)
	w.must(err)
	_, err = kh.StepDuty(w.ctx, approver, b.Duties[0].ID, 0, "take", incident.DutyInput{})
	w.must(err)
	_, err = kh.Require(w.ctx, duty, in.ID, incident.RequirementInput{Text: "A neighbour notifies", Tell: incident.Manager, Minutes: 30, Watch: "notification", Hazard: "cholera"})
	w.must(err)
	w.rings(kh, approver, in.ID)
	if _, err := w.node("TH").Incidents.Book(w.ctx, w.as("TH", access.DutyOfficer), in.ID); err == nil {
		t.Error("Thailand reads the incident of Cambodia")
	}
}

// rings has Thailand notify; it rings at the incident manager of Cambodia
// without anybody doing anything there.
func (w *response) rings(kh *incident.Desk, manager access.Actor, in id.ID) {
	w.t.Helper()
	th, duty := w.node("TH").Health, w.as("TH", access.DutyOfficer)
	e, err := th.RecordEvent(w.ctx, duty, health.EventInput{Name: "Cholera, Trat (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-23"}}, nil)
	w.must(err)
	n, err := th.Compose(w.ctx, duty, e.ID, "", health.NotificationInput{Title: "Cholera in Trat (sample)", Message: "Six cases.", Lang: "en", Purpose: "early_warning",
		Basis: "aphecs", Marking: access.TLPAmber, AckWithin: health.AckDefault, Recipients: []health.Recipient{{Member: "KH", Blocks: health.Blocks}}})
	w.must(err)
	_, err = th.Submit(w.ctx, duty, n.ID, 0)
	w.must(err)
	_, err = th.Clear(w.ctx, w.as("TH", access.Approver), n.ID, 0)
	w.must(err)
	_, err = th.Release(w.ctx, duty, n.ID, 0)
	w.must(err)
	w.until("the ring", func() bool {
		list, err := kh.Ringing(w.ctx, manager)
		return err == nil && len(list) == 1 && list[0].Named && list[0].Key == "incident.seen.notification" && strings.HasPrefix(list[0].Href, "/health/notices/")
	})
}
