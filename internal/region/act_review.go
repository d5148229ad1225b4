package region

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/review"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

var reviewActs = map[scenario.Verb]doer{
	scenario.LookBack: lookBack, scenario.FindOut: findOut, scenario.Conclude: conclude,
	scenario.Propose: proposeAction, scenario.TakeOn: answerAction, scenario.TurnAway: answerAction, scenario.Drop: answerAction,
	scenario.Carried: carriedOut, scenario.Verified: checkAction, scenario.Follow: stepReview, scenario.Wind: stepReview,
}

// lookBack plans a review of an event, adds the moments that no record holds
// (DAY TIME | words | source) and locks the evidence.
func lookBack(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f, d := t.s.Fields, t.node.Reviews
	r, err := d.Plan(ctx, by, review.Input{Events: []id.ID{t.other().Event}, Marking: marking(t.s),
		Text: review.Text{Title: f["title"], Lang: "en", Sort: t.s.Field("sort", "after"), Format: "debrief", From: f["from"], Until: f["until"]}})
	if err != nil {
		return err
	}
	t.keep(t.other().Event, r.ID)
	for _, m := range rows(t.s, "moment") {
		at, err := time.Parse("2006-01-02 15:04", m.word(0)+" "+m.word(1))
		if err != nil {
			return invalid("moment", "fault.scenario.date", strings.Join(m.words, " "))
		}
		if _, err := d.Add(ctx, by, r.ID, 0, at, m.text(0), m.text(1)); err != nil {
			return err
		}
	}
	_, err = d.Step(ctx, by, r.ID, 0, "lock", review.StepInput{})
	return err
}

func findOut(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	x, err := t.node.Reviews.Find(ctx, by, t.other().ID, trail.FindingInput{Input: trail.Input{Title: f["title"], Lang: "en", Marking: marking(t.s)},
		FindingText: trail.FindingText{Sort: t.s.Field("sort", trail.Gap), Planned: f["planned"], Happened: f["happened"], Method: trail.Factors, Factors: t.s.Lists["factor"],
			Cause: f["cause"], Theme: f["theme"], Affected: t.s.Many("affected"), AffectedHow: f["affected_how"], Evidence: f["evidence"]}})
	if err != nil {
		return err
	}
	t.keep(t.other().Event, x.ID)
	_, err = t.node.Trail.StepFinding(ctx, by, x.ID, 0, "settle", trail.StepInput{})
	return err
}

// conclude writes the summary; those who took part agree, a second person
// clears it, and it is released.
func conclude(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	d, rid := t.node.Reviews, t.of().ID
	p, err := d.Page(ctx, by, rid)
	if err != nil {
		return err
	}
	text := p.Text
	text.Summary = t.s.Fields["summary"]
	if _, err := d.Describe(ctx, by, rid, 0, text); err != nil {
		return err
	}
	for _, s := range []struct {
		by   access.Actor
		verb workflow.Verb
		in   review.StepInput
	}{{by, "draft", review.StepInput{}}, {t.approver, "validate", review.StepInput{Words: t.s.Fields["words"]}}, {t.approver, "clear", review.StepInput{}},
		{t.approver, "release", review.StepInput{To: t.members("to")}}} {
		if _, err := d.Step(ctx, s.by, rid, 0, s.verb, s.in); err != nil {
			return err
		}
	}
	return nil
}

func proposeAction(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f, d := t.s.Fields, t.node.Trail
	p, err := d.DraftProposal(ctx, by, trail.ProposalInput{Input: trail.Input{Title: f["title"], Lang: "en", Marking: marking(t.s)}, For: access.Member(f["for"]),
		Inform: t.members("inform"), Findings: []id.ID{t.other().ID}, Terms: trail.Terms{Deliverable: f["deliverable"], By: f["by"]}, Measure: f["measure"]})
	if err != nil {
		return err
	}
	t.keep("", p.ID)
	_, err = d.StepProposal(ctx, t.approver, p.ID, 0, "propose", trail.StepInput{})
	return err
}

// ofAction takes a step of the half of an action that its owner holds.
func (t *turn) ofAction(ctx context.Context, by access.Actor, verb workflow.Verb, in trail.StepInput) error {
	x, err := t.node.Trail.Action(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	_, err = t.node.Trail.StepAction(ctx, by, x.Action.ID, 0, verb, in)
	return err
}

func answerAction(ctx context.Context, t *turn) error {
	verb := map[scenario.Verb]workflow.Verb{scenario.TakeOn: "accept", scenario.TurnAway: "decline", scenario.Drop: "drop"}[t.s.Verb]
	return t.ofAction(ctx, t.approver, verb, trail.StepInput{Reason: t.s.Words})
}

func carriedOut(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	if err := t.ofAction(ctx, by, "finish", trail.StepInput{Words: t.s.Words}); err != nil {
		return err
	}
	return t.ofAction(ctx, t.approver, "report", trail.StepInput{})
}

// checkAction is the proposer's word on what the owner says is done.
func checkAction(ctx context.Context, t *turn) error {
	x, err := t.node.Trail.Action(ctx, t.approver, t.of().ID)
	if err != nil {
		return err
	}
	if x.Stage != trail.Done {
		return notYet()
	}
	_, err = t.node.Trail.StepProposal(ctx, t.approver, t.of().ID, 0, "verify", trail.StepInput{Words: t.s.Words})
	return err
}

func stepReview(ctx context.Context, t *turn) error {
	verb, by := workflow.Verb("close"), t.approver
	if t.s.Verb == scenario.Follow {
		verb, by = "follow", t.duty
	}
	_, err := t.node.Reviews.Step(ctx, by, t.of().ID, 0, verb, review.StepInput{})
	return err
}
