package region

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/review"
	"lintas/internal/id"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

// looked is a region in which Cambodia leads a joint review with Thailand, and
// the Secretariat is informed.
type looked struct{ response }

// A joint review over real nodes: each member's own evidence and findings, two
// actions for Thailand: one accepted, done and verified, one declined, proposed
// again, countered and agreed. Nobody edits another's half.
func TestJointReview(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three nodes")
	}
	w := &looked{response{rules: rules{t: t, ctx: t.Context(), r: open(t, "KH", "TH", access.ASEC)}}}
	w.at(time.Now().UTC().Truncate(time.Second))
	lead, half := w.joined()
	f1, f2 := w.foundBy("KH", lead, "Samples waited (sample)"), w.foundBy("TH", half, "Samples came in time (sample)")
	w.let("TH", half, "KH", access.ASEC)
	w.until("the half of Thailand at Cambodia", func() bool {
		p, err := w.node("KH").Reviews.Page(w.ctx, w.as("KH", access.DutyOfficer), lead)
		return err == nil && len(p.Halves) == 1 && p.Halves[0].View != nil && len(p.Chain.Findings) == 2
	})
	for _, who := range w.people("KH") {
		if _, err := w.node("KH").Trail.StepFinding(w.ctx, who, f2, 0, "withdraw", trail.StepInput{Reason: "Not ours."}); err == nil {
			t.Errorf("%s of Cambodia withdrew a finding of Thailand", who.Name)
		}
	}
	w.let("KH", lead, "TH", access.ASEC)
	w.acted(lead, f1, f2)
}

func (w *looked) joined() (lead, half id.ID) {
	w.t.Helper()
	duty, now := w.as("KH", access.DutyOfficer), w.r.clock.Now()
	e, err := w.node("KH").Health.RecordEvent(w.ctx, duty, health.EventInput{Name: "Cholera (sample)", Hazard: "cholera", Grade: health.Warning, Lang: "en", Places: []string{"KH-7"}, Marking: access.TLPAmber},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH-7", Value: 40, AsOf: now, Source: "Province (sample)"}})
	w.must(err)
	d := w.node("KH").Reviews
	in := review.Input{Text: review.Text{Title: "Joint review (sample)", Lang: "en", Sort: "after", Format: "debrief", From: now.AddDate(0, 0, -20).Format(time.DateOnly), Until: now.Format(time.DateOnly), Joint: true,
		Members: []access.Member{"TH"}}, Events: []id.ID{e.ID}, Marking: access.TLPAmber}
	r, err := d.Plan(w.ctx, duty, in)
	w.must(err)
	_, err = d.Step(w.ctx, w.as("KH", access.Approver), r.ID, 0, "invite", review.StepInput{})
	w.must(err)
	th, thDuty := w.node("TH").Reviews, w.as("TH", access.DutyOfficer)
	var h review.Review
	w.until("the invitation at Thailand", func() bool {
		h, err = th.Join(w.ctx, thDuty, r.ID, nil)
		return err == nil
	})
	_, err = th.Add(w.ctx, thDuty, h.ID, 0, now.AddDate(0, 0, -9), "The laboratory was told (sample).", "Log of the duty officer")
	w.must(err)
	for m, rid := range map[access.Member]id.ID{"KH": r.ID, "TH": h.ID} {
		_, err = w.node(m).Reviews.Step(w.ctx, w.as(m, access.DutyOfficer), rid, 0, "lock", review.StepInput{})
		w.must(err)
	}
	proof, err := d.Check(w.ctx, duty, r.ID)
	w.must(err)
	if !proof.OK() || proof.Seal.Entries == 0 || proof.Seal.Figures != 1 {
		w.t.Errorf("the evidence: %+v", proof)
	}
	return r.ID, h.ID
}

func (w *looked) foundBy(m access.Member, rid id.ID, title string) id.ID {
	w.t.Helper()
	duty := w.as(m, access.DutyOfficer)
	f, err := w.node(m).Reviews.Find(w.ctx, duty, rid, trail.FindingInput{Input: trail.Input{Title: title, Lang: "en", Marking: access.TLPAmber}, FindingText: trail.FindingText{Sort: trail.Gap,
		Planned: "A day.", Happened: "Four days.", Method: trail.Factors, Factors: []string{"logistics"}, Cause: "Workdays only.", Theme: "D1", Affected: []string{"women"}, Evidence: "Register."}})
	w.must(err)
	_, err = w.node(m).Trail.StepFinding(w.ctx, duty, f.ID, 0, "settle", trail.StepInput{})
	w.must(err)
	return f.ID
}

// let takes a review to its release, by two people.
func (w *looked) let(m access.Member, rid id.ID, to ...access.Member) {
	w.t.Helper()
	d, duty := w.node(m).Reviews, w.as(m, access.DutyOfficer)
	p, err := d.Page(w.ctx, duty, rid)
	w.must(err)
	text := p.Text
	text.Summary = "Samples waited (sample)."
	_, err = d.Describe(w.ctx, duty, rid, 0, text)
	w.must(err)
	_, err = d.Step(w.ctx, duty, rid, 0, "draft", review.StepInput{})
	w.must(err)
	for _, x := range []struct {
		verb workflow.Verb
		in   review.StepInput
	}{{"validate", review.StepInput{Words: "In the meeting."}}, {"clear", review.StepInput{}}, {"release", review.StepInput{To: to}}} {
		_, err = d.Step(w.ctx, w.as(m, access.Approver), rid, 0, x.verb, x.in)
		w.must(err)
	}
}

// stage waits until an action stands so at all three nodes.
func (w *looked) stage(p id.ID, want workflow.State) {
	w.t.Helper()
	for _, m := range []access.Member{"KH", "TH", access.ASEC} {
		w.until(string(want)+" at "+string(m), func() bool {
			x, err := w.node(m).Trail.Action(w.ctx, w.as(m, dutyRole(m)), p)
			return err == nil && x.Stage == want
		})
	}
}

func (w *looked) proposed(fid id.ID, title string) id.ID {
	w.t.Helper()
	p, err := w.node("KH").Trail.DraftProposal(w.ctx, w.as("KH", access.DutyOfficer), trail.ProposalInput{Input: trail.Input{Title: title, Lang: "en", Marking: access.TLPAmber}, For: "TH",
		Inform: []access.Member{access.ASEC}, Findings: []id.ID{fid}, Terms: trail.Terms{Deliverable: "A contract.", By: future(60)}, Measure: "Median below a day."})
	w.must(err)
	w.asks(p.ID, "propose", trail.StepInput{})
	w.stage(p.ID, trail.Offered)
	return p.ID
}

// asks is a step of the proposer, answers one of Thailand.
func (w *looked) asks(p id.ID, verb workflow.Verb, in trail.StepInput) {
	w.t.Helper()
	_, err := w.node("KH").Trail.StepProposal(w.ctx, w.as("KH", access.Approver), p, 0, verb, in)
	w.must(err)
}

func (w *looked) answers(p id.ID, role access.Role, verb workflow.Verb, in trail.StepInput) {
	w.t.Helper()
	d, who := w.node("TH").Trail, w.as("TH", role)
	x, err := d.Action(w.ctx, who, p)
	w.must(err)
	_, err = d.StepAction(w.ctx, who, x.Action.ID, 0, verb, in)
	w.must(err)
}

func (w *looked) acted(lead, f1, f2 id.ID) {
	w.t.Helper()
	p1, p2 := w.proposed(f1, "Weekend courier (sample)"), w.proposed(f2, "Shared laboratory (sample)")
	w.answers(p1, access.Approver, "accept", trail.StepInput{})
	w.answers(p2, access.Approver, "decline", trail.StepInput{Reason: "Not within our mandate."})
	w.stage(p1, trail.Accepted)
	w.stage(p2, trail.Declined)
	d := w.node("KH").Reviews
	duty, approver := w.as("KH", access.DutyOfficer), w.as("KH", access.Approver)
	_, err := d.Step(w.ctx, duty, lead, 0, "follow", review.StepInput{})
	w.must(err)
	w.answers(p1, access.DutyOfficer, "finish", trail.StepInput{Words: "Contract 7."})
	w.answers(p1, access.Approver, "report", trail.StepInput{})
	w.stage(p1, trail.Done)
	w.asks(p1, "verify", trail.StepInput{Words: "Two weekends in the register."})
	w.stage(p1, trail.Verified)
	w.asks(p2, "revise", trail.StepInput{Terms: trail.Terms{Deliverable: "Only at the border.", By: future(80)}})
	w.stage(p2, trail.Offered)
	other := trail.Terms{Deliverable: "By train.", By: future(90)}
	w.answers(p2, access.Approver, "counter", trail.StepInput{Reason: "The road is closed.", Terms: other})
	w.stage(p2, trail.Countered)
	w.asks(p2, "revise", trail.StepInput{})
	w.stage(p2, trail.Accepted)
	if _, err := d.Step(w.ctx, approver, lead, 0, "close", review.StepInput{}); err == nil {
		w.t.Error("closed with an open action")
	}
	w.answers(p2, access.Approver, "drop", trail.StepInput{Reason: "The funds were cut."})
	w.stage(p2, trail.Dropped)
	_, err = d.Step(w.ctx, approver, lead, 0, "close", review.StepInput{})
	w.must(err)
	w.until("the end at Thailand", func() bool {
		p, err := w.node("TH").Reviews.Page(w.ctx, w.as("TH", access.DutyOfficer), lead)
		return err == nil && p.State == review.Closed && len(p.Chain.Actions) == 2
	})
}
