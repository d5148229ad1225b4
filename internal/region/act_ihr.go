package region

import (
	"context"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

// openAnnex2 begins the assessment by Annex 2 with the first reading.
func openAnnex2(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	a, err := t.node.IHR.Open(ctx, by, t.other().Event)
	if err != nil {
		return err
	}
	t.keep(t.other().Event, a.ID)
	_, err = t.node.IHR.Finish(ctx, by, a.ID, 0, replies(t.s))
	return err
}

func secondReading(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Epidemiologist)
	if err != nil {
		return err
	}
	_, err = t.node.IHR.Finish(ctx, by, t.of().ID, 0, replies(t.s))
	return err
}

// replies reads "q1 yes why", and "part q1 numbers yes".
func replies(s *scenario.Step) map[string]ihr.Reply {
	out := map[string]ihr.Reply{}
	for _, q := range []string{ihr.Definition, "q1", "q2", "q3", "q4"} {
		if line := s.Fields[q]; line != "" {
			answer, why, _ := strings.Cut(line, " ")
			out[q] = ihr.Reply{Answer: ihr.Answer(answer), Reason: strings.TrimSpace(why)}
		}
	}
	for _, line := range s.Lists["part"] {
		w := append(strings.Fields(line), "", "", "")
		r := out[w[0]]
		if r.Subs == nil {
			r.Subs = map[string]ihr.Answer{}
		}
		r.Subs[w[1]] = ihr.Answer(w[2])
		out[w[0]] = r
	}
	return out
}

func decideAnnex2(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.IHRFocalPoint)
	if err != nil {
		return err
	}
	_, err = t.node.IHR.Decide(ctx, by, t.of().ID, 0, ihr.Outcome(t.s.Choice), t.s.Words)
	return err
}

func toldWHO(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.IHRFocalPoint)
	if err != nil {
		return err
	}
	_, err = t.node.IHR.Told(ctx, by, t.of().ID, 0, t.clock.Now(), t.s.Words)
	return err
}

func determine(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	in := ihr.DeterminationInput{Kind: f["kind"], Hazard: f["hazard"], Title: f["title"], Grade: f["grade"], By: f["by"], On: f["on"], Source: f["source"], Marking: marking(t.s)}
	in.Meeting, _ = strconv.Atoi(f["meeting"]) // none is 0
	for _, text := range t.s.Lists["recommendation"] {
		in.Recommendations = append(in.Recommendations, ihr.Recommendation{Text: text})
	}
	x, err := t.node.IHR.Record(ctx, by, t.named("event").Event, in)
	if err == nil {
		t.keep("", x.ID)
	}
	return err
}

func endDetermination(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.IHR.EndDetermination(ctx, by, t.of().ID, 0, t.s.Day)
	return err
}

func planMeasure(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	m, err := t.node.IHR.Plan(ctx, by, t.other().Event, ihr.MeasureInput{Review: f["review"], Expires: f["expires"], Members: t.members("to"), Marking: marking(t.s),
		Content: ihr.Content{Type: f["type"], Target: f["target"], Title: f["title"], Text: f["text"], From: t.s.Many("from"), To: t.s.Many("into"),
			Others: f["others"], Reason: f["reason"], Evidence: f["evidence"], Lang: "en"}})
	if err == nil {
		t.keep(t.other().Event, m.ID)
	}
	return err
}

// adoptMeasure puts a measure in force and has it cleared for the members.
func adoptMeasure(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	if _, err := t.node.IHR.StepMeasure(ctx, by, t.of().ID, 0, "start", ihr.StepInput{}); err != nil {
		return err
	}
	_, err = t.node.IHR.StepMeasure(ctx, t.approver, t.of().ID, 0, "release", ihr.StepInput{})
	return err
}

func stepMeasure(ctx context.Context, t *turn) error {
	role := map[scenario.Verb]access.Role{scenario.Tell: access.IHRFocalPoint, scenario.Renew: access.IHRAuthority}[t.s.Verb]
	if role == "" {
		role = access.DutyOfficer
	}
	by, err := t.by(ctx, role)
	if err != nil {
		return err
	}
	in := ihr.StepInput{Words: t.s.Words, Expires: t.s.Day}
	if last, err := time.Parse(time.DateOnly, t.s.Day); err == nil {
		in.Review = last.AddDate(0, 0, -1).Format(time.DateOnly) // before it lapses
	}
	_, err = t.node.IHR.StepMeasure(ctx, by, t.of().ID, 0, workflow.Verb(t.s.Verb), in)
	return err
}

// stateAmendments says where a state stands on the amendments of 2024, and
// tells all others.
func stateAmendments(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.IHRAuthority)
	if err != nil {
		return err
	}
	f := t.s.Fields
	a, err := t.node.IHR.State(ctx, by, ihr.AmendmentInput{Status: f["status"], On: f["on"], InForce: f["in_force"], Words: f["words"], Source: f["source"], Lang: "en"})
	if err != nil {
		return err
	}
	_, err = t.node.IHR.ReleaseAmendment(ctx, t.approver, a.ID, 0)
	return err
}
