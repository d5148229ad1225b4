package risk_test

import (
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/risk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func workflowVerb(s string) workflow.Verb { return workflow.Verb(s) }

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("%s: %v, want %v", what, err, kind)
	}
}

// The life of an assessment: drafted, reviewed by a second person, approved,
// published, superseded by a newer one, withdrawn.
func TestAssessmentStory(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH", "TH")
		ctx, d := t.Context(), w.desks["KH"].risk
		e := w.event("KH")
		in := w.input(risk.Regional, "TH")

		bare := in
		bare.Actions, bare.Confidence, bare.HazardPart.Source = nil, "", ""
		_, err := d.Draft(ctx, auditor, e.ID, "", in)
		refused(t, "an auditor drafts", err, fault.Forbidden)
		_, err = d.Draft(ctx, admin, e.ID, "", in)
		refused(t, "who cannot read the event drafts", err, fault.NotFound)
		a, err := d.Draft(ctx, epi, e.ID, "", bare)
		if err != nil || a.State != risk.Draft || a.Level() != "high" {
			t.Fatal(a.State, a.Level(), err)
		}
		_, err = d.Step(ctx, duty, a.ID, a.Version, "review", "")
		refused(t, "reviewed without actions, confidence and sources", err, fault.Invalid)
		bad := in
		bad.Populations = []risk.Population{{Group: "children", Likelihood: "likely", Consequence: "major"}}
		_, err = d.Edit(ctx, epi, a.ID, a.Version, bad)
		refused(t, "without the general population", err, fault.Invalid)
		in.Unknowns = []string{"transmission"}
		if a, err = d.Edit(ctx, epi, a.ID, a.Version, in); err != nil {
			t.Fatal(err)
		}
		if p := a.Populations[0]; p.Result.Base != "high" || p.Result.Likelihood != "highly_likely" {
			t.Fatalf("the unknown raised nothing: %+v", p.Result)
		}
		_, err = d.Step(ctx, epi, a.ID, a.Version, "review", "")
		refused(t, "reviewed by its author", err, fault.Invalid)
		if a, err = d.Step(ctx, epi, a.ID, a.Version, "ask_review", ""); err != nil || a.Due.IsZero() {
			t.Fatal(a.Due, err)
		}
		if a, err = d.Step(ctx, duty, a.ID, a.Version, "review", ""); err != nil || a.State != risk.PeerReviewed {
			t.Fatal(a.State, err)
		}
		a = approvedAndPublished(t, w, d, a, in)
		w.deliver()
		supersededAndWithdrawn(t, w, e, a, in)
	})
}

func approvedAndPublished(t *testing.T, w *world, d *risk.Desk, a risk.Assessment, in risk.AssessmentInput) risk.Assessment {
	t.Helper()
	ctx := t.Context()
	_, err := d.Edit(ctx, epi, a.ID, a.Version, in)
	refused(t, "edited after the review", err, fault.Conflict)
	_, err = d.Step(ctx, duty, a.ID, a.Version, "return", "")
	refused(t, "returned without a reason", err, fault.Invalid)
	_, err = d.Step(ctx, duty, a.ID, a.Version, "approve", "")
	refused(t, "approved by a duty officer", err, fault.Forbidden)
	_, err = d.Step(ctx, approver, a.ID, a.Version-1, "approve", "")
	refused(t, "approved in an older version", err, fault.Conflict)
	if a, err = d.Step(ctx, approver, a.ID, a.Version, "approve", ""); err != nil {
		t.Fatal(err)
	}
	if a, err = d.Step(ctx, duty, a.ID, a.Version, "publish", ""); err != nil || a.State != risk.Published {
		t.Fatal(a.State, err)
	}
	if want := w.clock.Now().Add(48 * time.Hour); !a.Due.Equal(want) {
		t.Errorf("positions are due %s, want %s", a.Due, want)
	}
	_, err = d.Step(ctx, duty, a.ID, a.Version, "discard", "")
	refused(t, "discarded after publication", err, fault.Conflict)
	return a
}

func supersededAndWithdrawn(t *testing.T, w *world, e health.Event, a risk.Assessment, in risk.AssessmentInput) {
	t.Helper()
	ctx, kh, th := t.Context(), w.desks["KH"].risk, w.desks["TH"].risk
	_, err := th.Edit(ctx, epi, a.ID, 0, in)
	refused(t, "another member edits it", err, fault.Forbidden)
	_, err = th.Step(ctx, approver, a.ID, 0, "withdraw", "Ours is better.")
	refused(t, "another member withdraws it", err, fault.Forbidden)

	w.clock.Advance(8 * 24 * time.Hour)
	p, err := kh.AssessmentPage(ctx, duty, a.ID)
	if err != nil || !p.View.Expired(w.clock.Now()) || p.View.State != risk.Published {
		t.Fatal("it did not expire by itself", err)
	}
	if !has(t, kh, duty, "todo.risk.renew") {
		t.Error("nobody is told that it expired")
	}
	in.ValidUntil = w.clock.Now().Add(24 * time.Hour)
	in.Populations[0].Likelihood = "unlikely"
	in.Unknowns = nil
	b := w.published("KH", e.ID, a.ID, in)
	w.deliver()
	if has(t, kh, duty, "todo.risk.position") {
		t.Error("the owner is asked for a position on its own assessment")
	}
	for _, d := range []*risk.Desk{kh, th} {
		old, err := d.AssessmentPage(ctx, duty, a.ID)
		if err != nil || old.View.State != risk.Superseded || old.Next != b.ID {
			t.Fatalf("%s: the old one is %s, next %s: %v", d.Member(), old.View.State, old.Next, err)
		}
		now, err := d.AssessmentPage(ctx, duty, b.ID)
		if err != nil || now.View.Previous == nil || now.View.Previous.Level != "high" || now.View.Previous.Likelihood != "highly_likely" {
			t.Fatalf("%s: where the old one stood: %+v, %v", d.Member(), now.View.Previous, err)
		}
	}
	_, err = kh.Step(ctx, duty, b.ID, b.Version, "withdraw", "Wrong source.")
	refused(t, "withdrawn without clearance", err, fault.Forbidden)
	if _, err = kh.Step(ctx, approver, b.ID, b.Version, "withdraw", "Wrong source."); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	gone, err := th.AssessmentPage(ctx, duty, b.ID)
	if err != nil || gone.View.State != risk.Withdrawn || gone.View.Reason != "Wrong source." || gone.View.HazardPart.Text != "" {
		t.Fatalf("the recipient kept what was withdrawn: %+v, %v", gone.View, err)
	}
}

func has(t *testing.T, d *risk.Desk, who access.Actor, key string) bool {
	t.Helper()
	todos, err := d.Todos(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range todos {
		if x.Key == key {
			return true
		}
	}
	return false
}

// What comes in another order, twice, or from somebody who may not send it.
func TestReceiving(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH", "TH", "VN")
		e := w.event("KH")
		a := w.published("KH", e.ID, "", w.input(risk.Regional, "TH", "VN"))
		first := w.queued("KH")[0]
		if err := w.hand("VN", first); err != nil {
			t.Fatal(err)
		}
		w.answered("VN", a.ID, agree())
		early := w.queued("VN")[0]
		if err := w.hand("TH", early); err != nil { // before the assessment
			t.Fatal(err)
		}
		b := w.published("KH", e.ID, a.ID, w.input(risk.Regional, "TH", "VN"))
		second := w.queued("KH")[0]
		for _, r := range []exchange.Release{second, first} { // the newer one first
			if err := w.hand("TH", r); err != nil {
				t.Fatal(err)
			}
		}
		if c := w.spread("TH", a.ID)["VN"]; c.Kind != risk.CellAgree {
			t.Errorf("the early position is %s", c.Kind)
		}
		for aid, want := range map[id.ID]workflow.State{a.ID: risk.Superseded, b.ID: risk.Published} {
			p, err := w.desks["TH"].risk.AssessmentPage(t.Context(), duty, aid)
			if err != nil || p.View.State != want {
				t.Errorf("%s is %s, want %s: %v", aid, p.View.State, want, err)
			}
		}
		refusedBodies(t, w, first, early)
		withdrawnFirst(t, w, e)
	})
}

// refusedBodies: nothing is taken that its sender could not have sent.
func refusedBodies(t *testing.T, w *world, first, early exchange.Release) {
	t.Helper()
	change := func(r exchange.Release, edit func(m map[string]any)) exchange.Release {
		var m map[string]any
		if err := json.Unmarshal(r.Body, &m); err != nil {
			t.Fatal(err)
		}
		edit(m)
		r.ID = w.ids.New()
		r.Body, _ = json.Marshal(m)
		return r
	}
	for name, r := range map[string]exchange.Release{
		"assessment of another owner": change(first, func(m map[string]any) { m["owner"] = "SG" }),
		"another record":              change(first, func(m map[string]any) { m["id"] = string(w.ids.New()) }),
		"a level that the matrix does not give": change(first, func(m map[string]any) {
			m["populations"].([]any)[0].(map[string]any)["result"].(map[string]any)["level"] = "low"
		}),
		"no addressee":                    change(first, func(m map[string]any) { m["to"] = []string{"VN"} }),
		"a position in another's name":    change(early, func(m map[string]any) { m["owner"] = "SG" }),
		"a position of the assessor":      change(early, func(m map[string]any) { m["assessment_owner"] = "VN" }),
		"dissent without reasons":         change(early, func(m map[string]any) { m["stance"], m["held"] = "dissent", "low" }),
		"a position with another's level": change(early, func(m map[string]any) { m["result"].(map[string]any)["level"] = "very_high" }),
	} {
		if err := w.hand("TH", r); err == nil {
			t.Errorf("taken: %s", name)
		}
	}
	stranger := early
	stranger.From, stranger.Ref.ID, stranger.ID = "MM", w.ids.New(), w.ids.New()
	stranger = change(stranger, func(m map[string]any) { m["owner"], m["id"] = "MM", string(stranger.Ref.ID) })
	refused(t, "a position of who was not asked", w.hand("TH", stranger), fault.Forbidden)
}

// withdrawnFirst: a withdrawal that overtakes its release still holds.
func withdrawnFirst(t *testing.T, w *world, e health.Event) {
	t.Helper()
	a := w.published("KH", e.ID, "", w.input(risk.Regional, "TH"))
	if _, err := w.desks["KH"].risk.Step(t.Context(), approver, a.ID, 0, "withdraw", "Sent in error."); err != nil {
		t.Fatal(err)
	}
	sent := w.queued("KH")
	for _, r := range []exchange.Release{sent[1], sent[0], sent[0]} {
		if err := w.hand("TH", r); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.desks["TH"].risk.AssessmentPage(t.Context(), duty, a.ID)
	if err != nil || p.View.State != risk.Withdrawn || len(p.View.Populations) != 0 {
		t.Errorf("after its withdrawal it is %s: %v", p.View.State, err)
	}
}

// Who may read: TLP:RED stays with those who decide, and a reader of one place
// sees the own state's records of that place.
func TestReach(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH", "TH")
		in := w.input(risk.Regional, "TH")
		in.Marking = access.TLPRed
		ihr := person("ihr", access.IHRFocalPoint)
		a, err := w.desks["KH"].risk.Draft(t.Context(), ihr, w.event("KH").ID, "", in)
		for _, s := range []struct {
			who  access.Actor
			verb workflow.Verb
		}{{duty, "review"}, {approver, "approve"}, {duty, "publish"}} {
			if err == nil {
				a, err = w.desks["KH"].risk.Step(t.Context(), s.who, a.ID, a.Version, s.verb, "")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		w.deliver()
		if _, err := w.desks["TH"].risk.AssessmentPage(t.Context(), duty, a.ID); err != nil {
			t.Fatal(err)
		}
		local := access.Actor{Account: "local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-12"}}}
		token := duty
		token.Scopes = []string{"history.read"}
		for name, who := range map[string]access.Actor{"an epidemiologist": epi, "somebody of a province": local, "an administrator": admin, "a token without the scope": token} {
			for _, m := range []access.Member{"KH", "TH"} {
				d := w.desks[m].risk
				if _, err := d.AssessmentPage(t.Context(), who, a.ID); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s at %s reads it: %v", name, m, err)
				}
				rows, _, err := d.List(t.Context(), who, risk.Filter{})
				if err != nil || len(rows) != 0 {
					t.Errorf("%s at %s finds %d: %v", name, m, len(rows), err)
				}
			}
		}
		open := w.input(risk.National)
		open.Marking = access.TLPGreen
		if _, err = w.desks["KH"].risk.Draft(t.Context(), epi, a.Event, "", open); err != nil {
			t.Fatal(err)
		}
		rows, _, err := w.desks["KH"].risk.List(t.Context(), epi, risk.Filter{Scope: risk.National, Query: "neighbours"})
		if err != nil || len(rows) != 1 {
			t.Fatal(len(rows), err)
		}
		_, err = w.desks["KH"].risk.Step(t.Context(), duty, rows[0].View.ID, 0, "review", "")
		refused(t, "more open than its event", err, fault.Invalid)
	})
}
