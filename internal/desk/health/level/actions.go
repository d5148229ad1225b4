package level

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

// ProposalInput is what a person enters of a proposal.
type ProposalInput struct {
	Title, Lang string
	Level       int
	Criteria    []string
	Reasons     string
	Rule        string
	Window      int // hours
	Review      time.Time
	Marking     access.Marking
	Concerned   []access.Member // the states that are asked; nil: all that can be reached
}

// write puts the input into a proposal. It goes to the states that are
// concerned and to the regional bodies.
func (d *Desk) write(in *ProposalInput, f *Family, p *Proposal) {
	reach := append(d.env.Others(), d.env.Member)
	p.Concerned, p.To, p.Affected = nil, nil, nil
	for _, m := range access.All() {
		state := slices.Contains(access.States, m)
		asked := slices.Contains(in.Concerned, m) || len(in.Concerned) == 0 && slices.Contains(reach, m)
		if state && asked {
			p.Concerned = append(p.Concerned, m)
		}
		if m != d.env.Member && slices.Contains(reach, m) && (!state || asked) {
			p.To = append(p.To, m)
		}
		if slices.Contains(f.Owners, m) {
			p.Affected = append(p.Affected, m)
		}
	}
	p.Title, p.Lang, p.Level, p.Criteria, p.Reasons, p.Window, p.Review, p.Marking = in.Title, in.Lang, in.Level, slices.Clone(in.Criteria), in.Reasons, in.Window,
		in.Review, in.Marking
	p.Rule, p.RuleAt, p.RuleDigest, p.Ladder = in.Rule, "", "", Current().Version
	if r, ok := RuleBy(in.Rule); ok {
		p.RuleAt, p.RuleDigest = r.Version, r.Digest
	}
}

// Draft begins a proposal for the level of a family: to raise, renew, lower or
// lift it.
func (d *Desk) Draft(ctx context.Context, actor access.Actor, family id.ID, in ProposalInput) (Proposal, error) {
	f, ok, err := d.Family(ctx, actor, family)
	if err == nil && (!ok || !sees(reach(actor), f.Marking)) {
		err = desk.NotFound()
	}
	if err != nil {
		return Proposal{}, err
	}
	var out Proposal
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := d.inForce(ctx, tx, f.ID, f.Exercise)
		if err != nil {
			return err
		}
		p := Proposal{Family: f.ID, FamilyName: f.Name, Hazard: f.Hazard, From: now.Level, Closest: f.Marking, Authors: []id.ID{actor.Account}}
		p.Owner, p.Place, p.Exercise = d.env.Member, string(d.env.Member), f.Exercise
		d.write(&in, &f, &p)
		if f.Marking.Stricter(p.Marking) {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "marking", Key: "need.level.marking"}}}
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.proposals, actor, p, "draft", desk.Change[Proposal]{})
		return err
	})
	return out, err
}

// Edit changes a draft; who edits becomes an author.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, pid id.ID, seen int, in ProposalInput) (Proposal, error) {
	return d.take(ctx, actor, pid, seen, "edit", desk.Change[Proposal]{Edit: func(p *Proposal) error {
		f, ok, err := d.Family(ctx, actor, p.Family)
		if err != nil {
			return err
		}
		if !ok {
			f.Owners = p.Affected
		}
		d.write(&in, &f, p)
		if !slices.Contains(p.Authors, actor.Account) {
			p.Authors = append(p.Authors, actor.Account)
		}
		return nil
	}})
}

var proposalSteps = []workflow.Verb{"submit", "return", "propose", "close", "recount", "withdraw", "discard"}

// Step takes a step of a proposal that needs at most a reason.
func (d *Desk) Step(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, reason string) (Proposal, error) {
	if !slices.Contains(proposalSteps, verb) {
		return Proposal{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Proposal]{Detail: map[string]any{}, Edit: func(p *Proposal) error { return d.edit(p, actor, verb, reason) }}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	if slices.Contains([]workflow.Verb{"propose", "close", "recount", "withdraw"}, verb) {
		c.Then = d.sendProposal
	}
	return d.take(ctx, actor, pid, seen, verb, c)
}

// edit is what a step changes besides the state. The claim of a close is what
// the shared function gives; every node computes it again.
func (d *Desk) edit(p *Proposal, actor access.Actor, verb workflow.Verb, reason string) error {
	now := d.env.Clock.Now()
	switch verb {
	case "return", "withdraw", "discard":
		p.Reason = reason
	case "submit":
		p.Reason = ""
	case "propose":
		p.ClearedAs, p.Released, p.Closes = actor.Name, now, now.Add(time.Duration(p.Window)*time.Hour)
	case "close", "recount":
		if p.Decided.IsZero() {
			p.Decided = now
		}
		p.Counted = Count(p.given, p.Closes, p.Concerned)
		rule, ok := RuleAt(p.Rule, p.RuleAt, p.RuleDigest)
		if !ok {
			return fault.New(fault.Conflict, "fault.level.rule_changed")
		}
		p.Claimed = rule.outcome(concernedOr(p.Concerned), p.Owner, newest(p.given, p.Closes, concernedOr(p.Concerned)))
	}
	if slices.Contains([]workflow.Verb{"propose", "close", "recount", "withdraw"}, verb) {
		p.Release = d.env.IDs.New()
	}
	return nil
}

func (d *Desk) take(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Proposal]) (Proposal, error) {
	var out Proposal
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := d.loadProposal(ctx, tx, pid)
		if err == nil && !sees(reach(actor), p.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.proposals, actor, pid, seen, verb, c)
		return err
	})
	return out, err
}

// PositionInput is what a person enters of the own state's position.
type PositionInput struct {
	Stance, Reasons, Lang string
}

// Answer begins the position of this state on an open proposal. A released one
// stays, and the new one takes its place when it leaves.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, pid id.ID, in PositionInput) (Position, error) {
	var out Position
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		of, err := d.loadProposal(ctx, tx, pid)
		if err == nil && !sees(reach(actor), of.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		p := Position{Proposal: of.ID, Proposer: of.Owner, Family: of.Family, Title: of.Title, Level: of.Level, Lang: in.Lang, Stance: in.Stance, Reasons: in.Reasons,
			To: of.recipients(d.env.Member), Authors: []id.ID{actor.Account}, of: &of}
		p.Owner, p.Place, p.Marking, p.Exercise = d.env.Member, string(d.env.Member), of.Marking, of.Exercise
		all, err := positionsOn(ctx, tx, pid)
		if err != nil {
			return err
		}
		for _, old := range all {
			switch {
			case !old.Own():
			case old.State == Draft || old.State == Clearance:
				return fault.New(fault.Conflict, "fault.level.position_begun")
			case old.State == Released:
				p.Supersedes = old.ID
			}
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.positions, actor, p, "draft", desk.Change[Position]{})
		return err
	})
	return out, err
}

var positionSteps = []workflow.Verb{"submit", "return", "release", "discard"}

// StepPosition takes a step of a position that needs at most a reason.
func (d *Desk) StepPosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, reason string) (Position, error) {
	if !slices.Contains(positionSteps, verb) {
		return Position{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Position]{Detail: map[string]any{}, Edit: func(p *Position) error {
		switch verb {
		case "return", "discard":
			p.Reason = reason
		case "release":
			p.ClearedAs, p.Released, p.Release, p.Reason = actor.Name, d.env.Clock.Now(), d.env.IDs.New(), ""
		}
		return nil
	}}
	if reason != "" {
		c.Detail["reason"] = reason
	}
	if verb == "release" {
		c.Then = d.releasePosition
	}
	return d.takePosition(ctx, actor, pid, seen, verb, c)
}

// EditPosition changes a draft; who edits becomes an author.
func (d *Desk) EditPosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, in PositionInput) (Position, error) {
	return d.takePosition(ctx, actor, pid, seen, "edit", desk.Change[Position]{Edit: func(p *Position) error {
		p.Stance, p.Reasons, p.Lang = in.Stance, in.Reasons, in.Lang
		if !slices.Contains(p.Authors, actor.Account) {
			p.Authors = append(p.Authors, actor.Account)
		}
		return nil
	}})
}

func (d *Desk) takePosition(ctx context.Context, actor access.Actor, pid id.ID, seen int, verb workflow.Verb, c desk.Change[Position]) (Position, error) {
	var out Position
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := d.loadPosition(ctx, tx, pid)
		if err == nil && !sees(reach(actor), p.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.positions, actor, pid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) releasePosition(ctx context.Context, tx *db.Tx, p *Position) error {
	if p.Supersedes != "" {
		if _, err := desk.TakeIn(ctx, d.env, tx, d.positions, access.Node(d.env.Member), p.Supersedes, 0, "supersede", desk.Change[Position]{Detail: map[string]any{"by": p.ID}}); err != nil {
			return err
		}
	}
	return d.sendPosition(ctx, tx, p)
}
