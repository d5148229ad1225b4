package incident

import (
	"context"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PlanInput is what a person enters of an action plan.
type PlanInput struct {
	From, To                               time.Time
	Situation, Safety, Weather, Other, Why string
	Objectives                             []Objective
	Assignments                            []Assignment
	Channels                               []Channel
}

// into writes the input into a draft. An objective keeps its identity where the
// draft already has it; a new one gets its own.
func (d *Desk) planInto(in *PlanInput, p *Plan, actor access.Actor) {
	p.From, p.To, p.Situation, p.Safety, p.Weather, p.Other = in.From.UTC(), in.To.UTC(), in.Situation, in.Safety, in.Weather, in.Other
	if p.Edition > 1 {
		p.Why = in.Why
	}
	var objectives []Objective
	for _, o := range in.Objectives {
		i := slices.IndexFunc(p.Objectives, func(x Objective) bool { return o.ID != "" && x.ID == o.ID })
		if i < 0 {
			o.ID, o.Since = d.env.IDs.New(), p.Number
		} else {
			o.Since = p.Objectives[i].Since
		}
		objectives = append(objectives, o)
	}
	p.Objectives, p.Assignments, p.Channels, p.WrittenAs = objectives, in.Assignments, in.Channels, actor.Name
	if !slices.Contains(p.Authors, actor.Account) {
		p.Authors = append(p.Authors, actor.Account)
	}
}

// Draft begins the plan of the next operational period, as a copy of the last.
func (d *Desk) Draft(ctx context.Context, actor access.Actor, iid id.ID) (Plan, error) {
	return d.draft(ctx, actor, iid, "")
}

// Amend begins the next edition of a plan that was approved.
func (d *Desk) Amend(ctx context.Context, actor access.Actor, pid id.ID) (Plan, error) {
	var p Plan
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		p, _, err = child(ctx, d, tx, d.plans, actor, pid, func(p *Plan) id.ID { return p.Incident })
		return err
	})
	if err != nil {
		return p, err
	}
	if p.State != Approved && p.State != InForce {
		return p, fault.New(fault.Conflict, "fault.incident.amend")
	}
	return d.draft(ctx, actor, p.Incident, pid)
}

func (d *Desk) draft(ctx context.Context, actor access.Actor, iid, amends id.ID) (Plan, error) {
	var out Plan
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		in, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		p, err := d.newPlan(ctx, tx, &in, amends)
		if err != nil {
			return err
		}
		p.Authors, p.WrittenAs, p.open = []id.ID{actor.Account}, actor.Name, in.State != Closed
		begin(&p.Head, &in)
		out, err = desk.CreateIn(ctx, d.env, tx, d.plans, actor, p, "draft", desk.Change[Plan]{Detail: map[string]any{"number": p.Number, "edition": p.Edition}})
		return err
	})
	return out, err
}

// newPlan is what a draft begins with.
func (d *Desk) newPlan(ctx context.Context, tx *db.Tx, in *Incident, amends id.ID) (Plan, error) {
	plans, err := of[Plan](ctx, tx, KindPlan, in.ID)
	if err != nil {
		return Plan{}, err
	}
	plans = slices.DeleteFunc(plans, func(p Plan) bool { return p.State == Discarded })
	last := Plan{}
	for _, p := range plans {
		switch {
		case p.State == Draft || p.State == Submitted:
			return Plan{}, fault.New(fault.Conflict, "fault.incident.begun").With("number", p.Number)
		case p.ID == amends:
			return p.amended(), nil
		case p.Number > last.Number || p.Number == last.Number && p.Edition > last.Edition:
			last = p
		}
	}
	if last.Number == 0 {
		from := d.env.Clock.Now().UTC().Truncate(time.Hour)
		return Plan{Incident: in.ID, Number: 1, Edition: 1, From: from, To: from.Add(24 * time.Hour)}, nil
	}
	entries, err := of[Entry](ctx, tx, KindEntry, in.ID)
	return last.next(status(entries)), err
}

// EditPlan changes a draft; who edits becomes an author.
func (d *Desk) EditPlan(ctx context.Context, actor access.Actor, pid id.ID, seen int, in PlanInput) (Plan, error) {
	return d.takePlan(ctx, actor, pid, seen, "edit", desk.Change[Plan]{Edit: func(p *Plan) error {
		d.planInto(&in, p, actor)
		return nil
	}})
}

var planSteps = []workflow.Verb{"submit", "return", "approve", "begin", "close", "discard"}

// StepPlan takes a step of a plan. A plan whose period has begun is in force
// with its approval.
func (d *Desk) StepPlan(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, reason string) (Plan, error) {
	if !slices.Contains(planSteps, verb) {
		return Plan{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Plan]{Detail: map[string]any{}, Edit: func(p *Plan) error {
		p.Reason = reason
		switch verb {
		case "approve":
			p.ApprovedAs, p.Approved = actor.Name, d.env.Clock.Now()
		case "begin":
			p.Began = d.env.Clock.Now()
		case "close":
			p.Ended = d.env.Clock.Now()
		}
		return nil
	}}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	return d.takePlan(ctx, actor, pid, seen, verb, c)
}

func (d *Desk) takePlan(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Plan]) (Plan, error) {
	var out Plan
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, in, err := child(ctx, d, tx, d.plans, actor, pid, func(p *Plan) id.ID { return p.Incident })
		if err != nil {
			return err
		}
		out, err = d.takePlanIn(ctx, tx, actor, &in, pid, seen, verb, c)
		if err == nil && verb == "approve" && !d.env.Clock.Now().Before(out.From) {
			out, err = d.beginPlan(ctx, tx, &in, pid)
		}
		return err
	})
	return out, err
}

func (d *Desk) takePlanIn(ctx context.Context, tx *db.Tx, actor access.Actor, in *Incident, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Plan]) (Plan, error) {
	c.Then = func(ctx context.Context, tx *db.Tx, p *Plan) error {
		if verb == "edit" || verb == "discard" {
			return nil
		}
		if verb == "begin" {
			if err := d.replace(ctx, tx, in, p); err != nil {
				return err
			}
		}
		s := said{Key: "incident.did.plan_" + string(verb), Function: Planning, Notable: verb == "approve" || verb == "begin",
			Args: map[string]string{"number": strconv.Itoa(p.Number), "edition": strconv.Itoa(p.Edition)}}
		if verb == "return" {
			s.Args["reason"] = p.Reason
		}
		return d.feed(ctx, tx, in, actor, s)
	}
	return desk.TakeIn(ctx, d.env, tx, d.plans, actor, pid, seen, verb, c)
}

// beginPlan puts an approved plan in force.
func (d *Desk) beginPlan(ctx context.Context, tx *db.Tx, in *Incident, pid id.ID) (Plan, error) {
	return d.takePlanIn(ctx, tx, access.Node(d.env.Member), in, pid, 0, "begin", desk.Change[Plan]{Edit: func(p *Plan) error {
		p.Began = d.env.Clock.Now()
		return nil
	}})
}

// replace ends what a plan takes the place of: earlier editions of its period
// and the plan of the period before.
func (d *Desk) replace(ctx context.Context, tx *db.Tx, in *Incident, now *Plan) error {
	plans, err := of[Plan](ctx, tx, KindPlan, in.ID)
	for _, p := range plans {
		if err != nil {
			return err
		}
		if p.ID == now.ID || p.State != InForce && p.State != Approved || p.Number > now.Number {
			continue
		}
		verb := workflow.Verb("supersede")
		if p.Number < now.Number && p.State == InForce {
			verb = "close"
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.plans, access.Node(d.env.Member), p.ID, 0, verb, desk.Change[Plan]{Edit: func(p *Plan) error {
			if p.Reason == "" {
				p.Reason = strconv.Itoa(now.Number) + "." + strconv.Itoa(now.Edition)
			}
			return d.endPlan(p)
		}})
	}
	return err
}
