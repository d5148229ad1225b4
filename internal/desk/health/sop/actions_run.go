package sop

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

// Start begins a published playbook by hand on an own event.
func (d *Desk) Start(ctx context.Context, actor access.Actor, playbook, event id.ID) (Run, error) {
	var out Run
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := loadPlaybook(ctx, tx, playbook)
		if err == nil && (!p.Own() || !seesPlaybook(reach(actor), p.Marking)) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		if p.State != Published {
			return fault.New(fault.Conflict, "fault.sop.not_published")
		}
		e, err := d.health.EventIn(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		if e.Owner != d.env.Member {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		old, found, err := latestRun(ctx, tx, p.Code, event)
		if err != nil {
			return err
		}
		if found && old.State == Open {
			return fault.New(fault.Conflict, "fault.sop.running")
		}
		r := Run{Why: ByHand, Event: e.ID, Subject: e.Name, Hazard: e.Hazard}
		if !d.concerns(&p, &r) {
			return fault.New(fault.Conflict, "fault.sop.nothing")
		}
		r.Place, r.Marking, r.Exercise = placeOf(e.Places, d.env.Member), stricter(e.Marking, p.Marking), e.Exercise
		out, err = d.begin(ctx, tx, actor, &p, r)
		return err
	})
	return out, err
}

func placeOf(places []string, m access.Member) string {
	if len(places) > 0 {
		return places[0]
	}
	return string(m)
}

func stricter(a, b access.Marking) access.Marking {
	if b.Stricter(a) {
		return b
	}
	return a
}

// begin makes a run with its tasks.
func (d *Desk) begin(ctx context.Context, tx *db.Tx, actor access.Actor, p *Playbook, r Run) (Run, error) {
	plan, err := p.Plan()
	if err != nil {
		return r, err
	}
	r.Playbook, r.Code, r.Number, r.Digest, r.Title, r.Lang, r.Started = p.ID, p.Code, p.Number, p.Digest, p.Title, p.Lang, d.env.Clock.Now()
	return desk.CreateIn(ctx, d.env, tx, d.runs, actor, r, "start", desk.Change[Run]{Detail: map[string]any{"playbook": p.Code, "digest": Short(p.Digest), "why": r.Why},
		Then: func(ctx context.Context, tx *db.Tx, r *Run) error { return d.plan(ctx, tx, r, &plan, nil) }})
}

// plan makes the tasks that a run should have at its level and has not.
func (d *Desk) plan(ctx context.Context, tx *db.Tx, r *Run, plan *Plan, have []Task) error {
	for i := range plan.Steps {
		s := &plan.Steps[i]
		if !r.asks(s) || !s.For(d.env.Member) || slices.ContainsFunc(have, func(t Task) bool { return t.Code == s.Code }) {
			continue
		}
		var base time.Time
		if s.Within > 0 {
			base = baseOf(s.Of, have, d.env.Clock.Now())
		}
		if _, err := desk.CreateIn(ctx, d.env, tx, d.tasks, access.Node(d.env.Member), r.stepOf(i+1, s, base), "plan", desk.Change[Task]{}); err != nil {
			return err
		}
	}
	return nil
}

// baseOf is when the clock of a step begins: now, or when the step that it
// counts from was settled; zero while it is not.
func baseOf(of string, have []Task, now time.Time) time.Time {
	if of == "" {
		return now
	}
	for i := range have {
		if have[i].Code == of && settled(have[i].State) {
			return have[i].Changed.At
		}
	}
	return time.Time{}
}

var runSteps = []workflow.Verb{"close", "abandon"}

// StepRun ends a run.
func (d *Desk) StepRun(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) (Run, error) {
	if !slices.Contains(runSteps, verb) {
		return Run{}, fault.New(fault.Invalid, "fault.invalid")
	}
	return d.takeRun(ctx, actor, rid, seen, verb, desk.Change[Run]{Detail: detail("reason", reason), Edit: func(r *Run) error {
		r.Reason, r.Ended = reason, d.env.Clock.Now()
		return nil
	}})
}

func (d *Desk) takeRun(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Run]) (Run, error) {
	var out Run
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.takeRunIn(ctx, tx, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) takeRunIn(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Run]) (Run, error) {
	r, err := loadRun(ctx, tx, rid)
	if err == nil && !seesRun(reach(actor), &r.Head) {
		err = desk.NotFound()
	}
	if err != nil {
		return r, err
	}
	return desk.TakeIn(ctx, d.env, tx, d.runs, actor, rid, seen, verb, c)
}
