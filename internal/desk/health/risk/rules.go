package risk

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the part: proposals, to be replaced by the region's adopted
// procedure.
const (
	ReviewLimit  = 4 * time.Hour
	ApproveLimit = 4 * time.Hour
	PublishLimit = 4 * time.Hour
	ClearLimit   = 4 * time.Hour
	ExpiryNotice = 24 * time.Hour // before the end of validity somebody is told
)

func after[R any](d time.Duration) func(R, time.Time) time.Time {
	return func(_ R, now time.Time) time.Time { return now.Add(d) }
}

func none[R any](R, time.Time) time.Time { return time.Time{} }

var (
	reviewWithin    = &workflow.Within[Assessment]{Name: "risk_review", Due: after[Assessment](ReviewLimit)}
	approveWithin   = &workflow.Within[Assessment]{Name: "risk_approve", Due: after[Assessment](ApproveLimit)}
	publishWithin   = &workflow.Within[Assessment]{Name: "risk_publish", Due: after[Assessment](PublishLimit)}
	positionsWithin = &workflow.Within[Assessment]{Name: "risk_positions", Due: func(a Assessment, now time.Time) time.Time {
		if a.Scope != Regional || a.AnswerWithin == 0 {
			return time.Time{}
		}
		return now.Add(a.AnswerWithin)
	}}
	clearWithin = &workflow.Within[Position]{Name: "clear", Due: after[Position](ClearLimit)}
	noClock     = &workflow.Within[Assessment]{Due: none[Assessment]}
	noClockP    = &workflow.Within[Position]{Due: none[Position]}
)

// Needs, each with the sentence "need.<name>".
var (
	reasonGiven = workflow.Need[Assessment]{Name: "health.reason", Check: func(a Assessment, _ access.Actor, _ time.Time) bool {
		return strings.TrimSpace(a.Reason) != ""
	}}
	// secondPerson: nobody reviews or approves what he or she wrote.
	secondPerson = workflow.Need[Assessment]{Name: "risk.second_person", Check: func(a Assessment, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(a.Authors, by.Account)
	}}
	// addressed: a regional assessment asks others for their positions.
	addressed = workflow.Need[Assessment]{Name: "risk.addressed", Check: func(a Assessment, _ access.Actor, _ time.Time) bool {
		return a.Scope == National || len(a.To) > 0
	}}
	stillValid = workflow.Need[Assessment]{Name: "risk.valid", Check: func(a Assessment, _ access.Actor, now time.Time) bool {
		return a.ValidUntil.After(now)
	}}
	// eventNotCloser: a release may be closer than its event, never more open.
	eventNotCloser = workflow.Need[Assessment]{Name: "risk.marking", Check: func(a Assessment, _ access.Actor, _ time.Time) bool {
		return !a.eventMarking.Stricter(a.Marking)
	}}
	// content is what every assessment must have before anybody reviews it.
	content = []workflow.Need[Assessment]{
		{Name: "risk.questions", Check: func(a Assessment, _ access.Actor, _ time.Time) bool { return len(a.Questions) > 0 }},
		{Name: "risk.parts", Check: func(a Assessment, _ access.Actor, _ time.Time) bool {
			return whole(a.HazardPart) && whole(a.ExposurePart) && whole(a.ContextPart)
		}},
		{Name: "risk.levels", Check: func(a Assessment, _ access.Actor, _ time.Time) bool { return a.Level() != "" }},
		{Name: "risk.confidence", Check: func(a Assessment, _ access.Actor, _ time.Time) bool { return a.Confidence != "" }},
		{Name: "risk.actions", Check: func(a Assessment, _ access.Actor, _ time.Time) bool { return len(a.Actions) > 0 }},
		{Name: "risk.valid", Check: func(a Assessment, _ access.Actor, now time.Time) bool {
			return a.ValidUntil.After(now) && !a.ValidUntil.After(now.Add(MaxValid))
		}},
		eventNotCloser,
	}

	positionReason = workflow.Need[Position]{Name: "health.reason", Check: func(p Position, _ access.Actor, _ time.Time) bool {
		return strings.TrimSpace(p.Reason) != ""
	}}
	positionSecond = workflow.Need[Position]{Name: "risk.second_person", Check: func(p Position, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(p.Authors, by.Account)
	}}
	// asked: a position answers an assessment in force that was released to
	// this state.
	asked = workflow.Need[Position]{Name: "risk.asked", Check: func(p Position, _ access.Actor, _ time.Time) bool {
		return p.of != nil && p.of.State == Published && !p.of.Own() && slices.Contains(p.of.To, p.Owner) && slices.Contains(access.States, p.Owner)
	}}
	// reasoned: who dissents, or sets another level than the matrix, says why.
	reasoned = []workflow.Need[Position]{
		{Name: "risk.reasons", Check: func(p Position, _ access.Actor, _ time.Time) bool {
			return p.Reasons != "" || p.Stance == Agree && (p.Stated == "" || p.Stated == p.Result.Level)
		}},
		{Name: "risk.dissent_level", Check: func(p Position, _ access.Actor, _ time.Time) bool {
			return p.Stance == Agree || p.of == nil || p.Held != p.of.Level()
		}},
	}
)

// whole reports whether a part says what, since when and from where.
func whole(p Part) bool { return p.Text != "" && p.AsOf != "" && p.Source != "" }

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
