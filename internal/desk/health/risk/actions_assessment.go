package risk

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// AssessmentInput is what a person enters of an assessment.
type AssessmentInput struct {
	Scope, Title, Lang                    string
	Questions                             []string
	HazardPart, ExposurePart, ContextPart Part
	Populations                           []Population
	Unknowns                              []string
	Confidence                            Confidence
	Actions, Contributors                 []string
	ValidUntil                            time.Time
	Marking                               access.Marking
	To                                    []access.Member
	AnswerWithin                          time.Duration
}

func (in AssessmentInput) into(a *Assessment) {
	a.Scope, a.Title, a.Lang, a.Questions = in.Scope, in.Title, in.Lang, in.Questions
	a.HazardPart, a.ExposurePart, a.ContextPart = in.HazardPart, in.ExposurePart, in.ContextPart
	a.Populations, a.Unknowns, a.Confidence = slices.Clone(in.Populations), in.Unknowns, in.Confidence
	a.Actions, a.Contributors, a.ValidUntil, a.Marking = in.Actions, in.Contributors, in.ValidUntil, in.Marking
	a.To, a.AnswerWithin = in.To, in.AnswerWithin
	a.compute()
}

// Draft begins an assessment of an event that the actor may see. supersedes is
// a published assessment of this node that it will replace, or empty.
func (d *Desk) Draft(ctx context.Context, actor access.Actor, event, supersedes id.ID, in AssessmentInput) (Assessment, error) {
	var out Assessment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.health.EventIn(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		a := Assessment{Event: e.ID, EventName: e.Name, EventOwner: e.Owner, EventAt: e.Version, Hazard: e.Hazard,
			Supersedes: supersedes, Authors: []id.ID{actor.Account}, eventMarking: e.Marking}
		a.Owner, a.Place, a.Exercise = d.env.Member, string(d.env.Member), e.Exercise
		if e.Owner == d.env.Member && len(e.Places) > 0 {
			a.Place = e.Places[0]
		}
		in.into(&a)
		if err := d.checkSuperseded(ctx, tx, &a); err != nil {
			return err
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.assessments, actor, a, "draft", desk.Change[Assessment]{})
		return err
	})
	return out, err
}

// checkSuperseded wants a published assessment of this node of the same event
// and scope.
func (d *Desk) checkSuperseded(ctx context.Context, tx *db.Tx, a *Assessment) error {
	if a.Supersedes == "" {
		return nil
	}
	old, err := loadAssessment(ctx, tx, a.Supersedes)
	if err != nil {
		return err
	}
	if old.Owner != d.env.Member || old.Event != a.Event || old.Scope != a.Scope || old.State != Published {
		return fault.New(fault.Conflict, "fault.risk.supersedes")
	}
	return nil
}

// Edit changes a draft; who edits becomes an author.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, aid id.ID, seen int, in AssessmentInput) (Assessment, error) {
	return d.take(ctx, actor, aid, seen, "edit", desk.Change[Assessment]{Edit: func(a *Assessment) error {
		in.into(a)
		if !slices.Contains(a.Authors, actor.Account) {
			a.Authors = append(a.Authors, actor.Account)
		}
		return nil
	}})
}

// steps are the verbs that take no more than a reason.
var steps = []workflow.Verb{"ask_review", "review", "return", "approve", "publish", "withdraw", "discard"}

// Step takes a step of an assessment that needs at most a reason.
func (d *Desk) Step(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, reason string) (Assessment, error) {
	if !slices.Contains(steps, verb) {
		return Assessment{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Assessment]{Detail: map[string]any{}, Edit: func(a *Assessment) error { return d.edit(a, actor, verb, reason) }}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	switch verb {
	case "publish":
		c.Then = func(ctx context.Context, tx *db.Tx, a *Assessment) error { return d.publish(ctx, tx, a) }
	case "withdraw":
		c.Then = func(ctx context.Context, tx *db.Tx, a *Assessment) error { return d.sendWithdrawal(ctx, tx, a) }
	}
	return d.take(ctx, actor, aid, seen, verb, c)
}

// edit is what a step changes besides the state.
func (d *Desk) edit(a *Assessment, actor access.Actor, verb workflow.Verb, reason string) error {
	switch verb {
	case "review":
		a.ReviewedAs, a.Reason = actor.Name, ""
	case "approve":
		a.ApprovedAs = actor.Name
	case "return":
		a.Reason, a.ReviewedAs, a.ApprovedAs = reason, "", ""
	case "withdraw", "discard":
		a.Reason = reason
	case "publish":
		a.Published, a.Reason = d.env.Clock.Now(), ""
		if len(a.To) > 0 {
			a.Release = d.env.IDs.New()
		}
	}
	return nil
}

// publish sends the assessment and takes the one that it supersedes out of
// force, in the same transaction.
func (d *Desk) publish(ctx context.Context, tx *db.Tx, a *Assessment) error {
	var old *Assessment
	if a.Supersedes != "" {
		o, err := loadAssessment(ctx, tx, a.Supersedes)
		if err != nil {
			return err
		}
		old = &o
	}
	if err := d.sendAssessment(ctx, tx, a, old); err != nil {
		return err
	}
	if old == nil {
		return nil
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.assessments, access.Node(d.env.Member), old.ID, 0, "supersede", desk.Change[Assessment]{})
	return err
}

// take is desk.Take after the check that the actor may know of the assessment.
func (d *Desk) take(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, c desk.Change[Assessment]) (Assessment, error) {
	var out Assessment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visible(ctx, tx, actor, aid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.assessments, actor, aid, seen, verb, c)
		return err
	})
	return out, err
}

// visible loads an assessment that the actor may read; what may not be read
// looks like what is not there.
func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, aid id.ID) (Assessment, error) {
	a, err := loadAssessment(ctx, tx, aid)
	if err != nil {
		return a, err
	}
	if !sees(reach(actor), &a.Head, a.Own()) {
		return Assessment{}, desk.NotFound()
	}
	return a, nil
}
