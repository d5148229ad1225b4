package region

import (
	"context"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// callInputs opens a regional report and asks for inputs until the cut-off.
func callInputs(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f, now := t.s.Fields, t.clock.Now()
	r, err := t.node.Reports.Open(ctx, by, t.other().ID, sitrep.OpenInput{Title: f["title"], Lang: "en", From: f["from"], Until: f["until"], Words: f["words"],
		CutOff: now.Add(span(t.s, "cutoff", 0)), Next: now.Add(span(t.s, "next", 0)), Authority: f["authority"], Asked: t.members("asked"), Marking: marking(t.s)})
	if err == nil {
		t.keep("", r.ID)
	}
	return err
}

// giveInput answers the call with a national report on an event, or that there
// is nothing to report.
func giveInput(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	call, err := t.node.Reports.Call(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	f, d := t.s.Fields, t.node.Reports
	in := sitrep.ReportInput{Title: t.s.Field("title", call.Name), Lang: "en", From: call.From, Until: call.Until, AsOf: t.clock.Now(), Next: call.CutOff.AddDate(0, 0, 1),
		Authority: f["authority"], Highlights: t.s.Lists["highlight"], Marking: call.Marking, To: []access.Member{t.of().Owner}}
	in.Texts, err = read(t.s, "text", func(r *row) sitrep.Text { return sitrep.Text{Part: r.word(0), Lang: "en", Text: r.text(0)} })
	if err != nil {
		return err
	}
	var r sitrep.Report
	if event := t.named("event").Event; event != "" {
		r, err = d.Draft(ctx, by, event, t.of().ID, in)
	} else {
		r, err = d.DraftNothing(ctx, by, t.of().ID, in)
	}
	if err != nil {
		return err
	}
	if err := t.issue(ctx, by, r.ID); err != nil {
		return err
	}
	t.said()
	return nil
}

// issue has a report cleared by a second person and sends it.
func (t *turn) issue(ctx context.Context, by access.Actor, rid id.ID) error {
	for _, s := range []struct {
		by   access.Actor
		verb workflow.Verb
	}{{by, "submit"}, {t.approver, "clear"}, {by, "issue"}} {
		if _, err := t.node.Reports.Step(ctx, s.by, rid, 0, s.verb, ""); err != nil {
			return err
		}
	}
	return nil
}

// gatherInputs waits until the inputs that the script gave have come, so that
// they are there before the cut-off at any speed.
func gatherInputs(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	p, err := t.node.Reports.Page(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	missing := p.View.Missing()
	if slices.ContainsFunc(t.of().Said, func(m access.Member) bool { return slices.Contains(missing, m) }) {
		return notYet()
	}
	return nil
}

// composeReport puts the inputs that came by the cut-off together and issues
// them to everybody.
func composeReport(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	d := t.node.Reports
	r, err := d.Compose(ctx, by, t.of().ID, 0)
	if err != nil {
		return err
	}
	v := t.node.Directory.Current()
	if v == nil {
		return notYet()
	}
	in := sitrep.ReportInput{Title: t.s.Field("title", r.Title), Lang: "en", From: r.From, Until: r.Until, AsOf: r.AsOf, Next: r.Next,
		Authority: t.s.Field("authority", r.Authority), Highlights: t.s.Lists["highlight"], Texts: r.Texts, Marking: r.Marking, To: v.Others(t.member)}
	if _, err := d.Edit(ctx, by, r.ID, 0, in); err != nil {
		return err
	}
	return t.issue(ctx, by, r.ID)
}

// raiseLevel proposes a level for a family to the members.
func raiseLevel(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	n, err := strconv.Atoi(f["level"])
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "level", Key: "fault.scenario.number", Args: fault.Args{"word": f["level"]}}}}
	}
	review, err := time.Parse(time.DateOnly, f["review"])
	if err != nil {
		return err
	}
	p, err := t.node.Levels.Draft(ctx, by, t.other().ID, level.ProposalInput{Title: f["title"], Lang: "en", Level: n, Criteria: t.s.Many("criteria"), Reasons: f["reasons"],
		Rule: f["rule"], Window: int(hours(t.s, "window", 24*time.Hour)), Review: review, Marking: marking(t.s)})
	if err != nil {
		return err
	}
	t.keep("", p.ID)
	if _, err := t.node.Levels.Step(ctx, by, p.ID, 0, "submit", ""); err != nil {
		return err
	}
	_, err = t.node.Levels.Step(ctx, t.approver, p.ID, 0, "propose", "")
	return err
}

// takeStance is the position of a state on a proposed level.
func takeStance(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	d := t.node.Levels
	if _, err := d.Page(ctx, by, t.of().ID); err != nil {
		return err
	}
	stance := t.s.Choice
	x, err := d.Answer(ctx, by, t.of().ID, level.PositionInput{Stance: stance, Reasons: t.s.Words, Lang: "en"})
	if err != nil {
		return err
	}
	if _, err := d.StepPosition(ctx, by, x.ID, 0, "submit", ""); err != nil {
		return err
	}
	if _, err := d.StepPosition(ctx, t.approver, x.ID, 0, "release", ""); err != nil {
		return err
	}
	t.said()
	return nil
}

// settleLevel closes the window, and the rule says what was decided.
func settleLevel(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	p, err := t.node.Levels.Page(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Result.Stands, func(s level.Stand) bool {
		return s.Stance == level.NoAnswer && slices.Contains(t.of().Said, s.Member)
	}) {
		return notYet()
	}
	_, err = t.node.Levels.Step(ctx, by, t.of().ID, 0, "close", "")
	return err
}
