package region

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/risk"
	"lintas/internal/region/scenario"
)

// assess drafts a risk assessment and asks for its review.
func assess(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Epidemiologist)
	if err != nil {
		return err
	}
	a, err := t.node.Risk.Draft(ctx, by, t.other().Event, t.named("replaces").ID, t.assessment())
	if err != nil {
		return err
	}
	t.keep(t.other().Event, a.ID)
	_, err = t.node.Risk.Step(ctx, by, a.ID, 0, "ask_review", "")
	return err
}

func (t *turn) assessment() risk.AssessmentInput {
	f := t.s.Fields
	in := risk.AssessmentInput{Scope: f["scope"], Title: f["title"], Lang: "en", Questions: t.s.Lists["question"],
		HazardPart: part(f["hazard"]), ExposurePart: part(f["exposure"]), ContextPart: part(f["context"]),
		Unknowns: t.s.Many("unknown"), Confidence: risk.Confidence(f["confidence"]), Actions: t.s.Lists["action"],
		Contributors: t.s.Lists["contributor"], Marking: marking(t.s), To: t.members("to")}
	for _, line := range t.s.Lists["population"] {
		v := scenario.Parts(line)
		w := append(strings.Fields(v[0]), "", "", "")
		p := risk.Population{Group: w[0], Likelihood: risk.Likelihood(w[1]), Consequence: risk.Consequence(w[2])}
		if len(v) > 1 {
			p.Note = v[1]
		}
		in.Populations = append(in.Populations, p)
	}
	if until, err := time.Parse(time.DateOnly, f["valid"]); err == nil {
		in.ValidUntil = until.AddDate(0, 0, 1) // the day is the last on which it holds
	}
	if in.Scope == risk.Regional {
		in.AnswerWithin = span(t.s, "within", risk.AnswerDefault)
	}
	return in
}

func part(s string) risk.Part {
	v := scenario.Parts(s)
	return risk.Part{AsOf: v[0], Source: v[1], Text: v[2]}
}

// publish has the assessment reviewed and approved by others than its author,
// and sends it.
func publish(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	reviewer := by
	if t.member == access.ASEC { // its desk wrote it
		reviewer = t.approver
	}
	aid := t.of().ID
	if _, err := t.node.Risk.Step(ctx, reviewer, aid, 0, "review", ""); err != nil {
		return err
	}
	if _, err := t.node.Risk.Step(ctx, t.approver, aid, 0, "approve", ""); err != nil {
		return err
	}
	_, err = t.node.Risk.Step(ctx, by, aid, 0, "publish", "")
	return err
}

// position is what the member holds of an assessment that it received.
func position(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Epidemiologist)
	if err != nil {
		return err
	}
	f := t.s.Fields
	p, err := t.node.Risk.Answer(ctx, by, t.of().ID, risk.PositionInput{Stance: t.s.Choice, Held: risk.Level(f["held"]),
		Importation: risk.Likelihood(f["importation"]), Consequence: risk.Consequence(f["consequence"]),
		Receptivity: map[string]string{"vector": f["vector"], "immunity": f["immunity"], "season": f["season"]},
		Capacity:    f["capacity"], Stated: risk.Level(f["stated"]), Reasons: f["reasons"], Lang: "en"})
	if err != nil {
		return err
	}
	if _, err := t.node.Risk.StepPosition(ctx, by, p.ID, 0, "submit", ""); err != nil {
		return err
	}
	_, err = t.node.Risk.StepPosition(ctx, t.approver, p.ID, 0, "release", "")
	return err
}
