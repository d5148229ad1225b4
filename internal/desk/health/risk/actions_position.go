package risk

import (
	"context"
	"maps"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PositionInput is what a person enters of the own state's position.
type PositionInput struct {
	Stance      string
	Held        Level
	Importation Likelihood
	Consequence Consequence
	Receptivity map[string]string
	Capacity    string
	Stated      Level
	Reasons     string
	Lang        string
}

func (in PositionInput) into(p *Position) {
	p.Stance, p.Held, p.Importation, p.Consequence = in.Stance, in.Held, in.Importation, in.Consequence
	p.Receptivity, p.Capacity, p.Stated, p.Reasons, p.Lang = maps.Clone(in.Receptivity), in.Capacity, in.Stated, in.Reasons, in.Lang
	if p.Stance == Agree {
		p.Held = ""
	}
	p.compute()
}

// Answer begins the position of this state on an assessment that it received.
// One that this state released before is superseded when the new one leaves.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, aid id.ID, in PositionInput) (Position, error) {
	var out Position
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := d.visible(ctx, tx, actor, aid)
		if err != nil {
			return err
		}
		p := Position{Assessment: a.ID, AssessmentOwner: a.Owner, AssessmentAt: a.Version, Event: a.Event, Title: a.Title,
			Authors: []id.ID{actor.Account}, of: &a}
		p.Place, p.Marking, p.Exercise = string(d.env.Member), a.Marking, a.Exercise
		in.into(&p)
		all, err := positionsOf(ctx, tx, aid)
		if err != nil {
			return err
		}
		for _, old := range all {
			switch {
			case !old.Own():
			case old.State == Draft || old.State == Clearance:
				return fault.New(fault.Conflict, "fault.risk.position_begun")
			case old.State == Released:
				p.Supersedes = old.ID
			}
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.positions, actor, p, "draft", desk.Change[Position]{})
		return err
	})
	return out, err
}

// EditPosition changes a draft; who edits becomes an author.
func (d *Desk) EditPosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, in PositionInput) (Position, error) {
	return d.takePosition(ctx, actor, pid, seen, "edit", desk.Change[Position]{Edit: func(p *Position) error {
		in.into(p)
		if !slices.Contains(p.Authors, actor.Account) {
			p.Authors = append(p.Authors, actor.Account)
		}
		return nil
	}})
}

var positionSteps = []workflow.Verb{"submit", "return", "release", "withdraw", "discard"}

// StepPosition takes a step of a position that needs at most a reason.
func (d *Desk) StepPosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, reason string) (Position, error) {
	if !slices.Contains(positionSteps, verb) {
		return Position{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Position]{Detail: map[string]any{}, Edit: func(p *Position) error { return d.editPosition(p, actor, verb, reason) }}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	switch verb {
	case "release":
		c.Then = func(ctx context.Context, tx *db.Tx, p *Position) error { return d.releasePosition(ctx, tx, p) }
	case "withdraw":
		c.Then = func(ctx context.Context, tx *db.Tx, p *Position) error { return d.sendPositionWithdrawal(ctx, tx, p) }
	}
	return d.takePosition(ctx, actor, pid, seen, verb, c)
}

func (d *Desk) editPosition(p *Position, actor access.Actor, verb workflow.Verb, reason string) error {
	switch verb {
	case "return", "withdraw", "discard":
		p.Reason = reason
	case "submit":
		p.Reason = ""
	case "release":
		p.ClearedAs, p.Released, p.Release = actor.Name, d.env.Clock.Now(), d.env.IDs.New()
		p.To = d.audience(p)
	}
	return nil
}

// audience is who gets a position: the owner of the assessment and every other
// recipient of it, so that all see the same spread.
func (d *Desk) audience(p *Position) []access.Member {
	if p.of == nil {
		return nil
	}
	out := []access.Member{p.of.Owner}
	for _, m := range p.of.To {
		if m != d.env.Member && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func (d *Desk) releasePosition(ctx context.Context, tx *db.Tx, p *Position) error {
	var old *Position
	if p.Supersedes != "" {
		o, err := loadPosition(ctx, tx, p.Supersedes)
		if err != nil {
			return err
		}
		old = &o
	}
	if err := d.sendPosition(ctx, tx, p, old); err != nil {
		return err
	}
	if old == nil || old.State != Released {
		return nil
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.positions, access.Node(d.env.Member), old.ID, 0, "supersede", desk.Change[Position]{})
	return err
}

func (d *Desk) takePosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Position]) (Position, error) {
	var out Position
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visiblePosition(ctx, tx, actor, pid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.positions, actor, pid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) visiblePosition(ctx context.Context, tx *db.Tx, actor access.Actor, pid id.ID) (Position, error) {
	p, err := loadPosition(ctx, tx, pid)
	if err != nil {
		return p, err
	}
	if !sees(reach(actor), &p.Head, p.Own()) {
		return Position{}, desk.NotFound()
	}
	return p, nil
}
