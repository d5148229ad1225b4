package level

import (
	"context"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ActivationInput is what a person enters of the state's own level.
type ActivationInput struct {
	Level   int
	Trigger string
	Lang    string
	Review  time.Time
	Marking access.Marking
	To      []access.Member
}

// Propose puts the activation of an own event to the national authority.
func (d *Desk) Propose(ctx context.Context, actor access.Actor, event id.ID, in ActivationInput) (Activation, error) {
	var out Activation
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.health.EventIn(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		if e.Owner != d.env.Member {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		if e.Marking.Stricter(in.Marking) {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "marking", Key: "need.level.marking"}}}
		}
		a := Activation{Event: e.ID, EventName: e.Name, Level: in.Level, Trigger: in.Trigger, Lang: in.Lang, Review: in.Review}
		a.Place, a.Marking, a.Exercise = string(d.env.Member), in.Marking, e.Exercise
		if len(e.Places) > 0 {
			a.Place = e.Places[0]
		}
		for _, m := range d.env.Others() {
			if slices.Contains(in.To, m) {
				a.To = append(a.To, m)
			}
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.activations, actor, a, "propose", desk.Change[Activation]{})
		return err
	})
	return out, err
}

var activationSteps = []workflow.Verb{"activate", "renew", "lift", "discard"}

// StepActivation takes a step of an activation; level and review change with
// activate and renew. A new activation ends the one before it on the event.
func (d *Desk) StepActivation(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, level int, review time.Time, reason string) (Activation, error) {
	if !slices.Contains(activationSteps, verb) {
		return Activation{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var out Activation
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := loadActivation(ctx, tx, aid)
		if err == nil && !seesActivation(reach(actor), &a.Head, a.Own()) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		c := desk.Change[Activation]{Detail: map[string]any{"level": level}, Edit: func(a *Activation) error {
			a.Reason = reason
			if verb == "activate" || verb == "renew" {
				a.Level, a.DecidedAs = level, actor.Name
				if !review.IsZero() {
					a.Review = review
				}
				if a.Since.IsZero() {
					a.Since = d.env.Clock.Now()
				}
			}
			if verb != "discard" {
				a.Release = d.env.IDs.New()
			}
			return nil
		}}
		if verb != "discard" {
			c.Then = d.sendActivation
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.activations, actor, aid, seen, verb, c)
		return err
	})
	return out, err
}

// Sweep writes down what has expired, at its owner. A level that is over is
// over without it: nothing that says what is in force reads the state.
func (d *Desk) Sweep(ctx context.Context) error {
	now, node := d.env.Clock.Now(), access.Node(d.env.Member)
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		over, err := docs[Activation](ctx, tx, `SELECT doc FROM level_activation WHERE copy_of = '' AND state = ? AND review <= ? ORDER BY id LIMIT 200`, string(Active), clock.Micros(now))
		if err != nil {
			return err
		}
		var errs []error
		for _, a := range over {
			_, err := desk.TakeIn(ctx, d.env, tx, d.activations, node, a.ID, 0, "expire", desk.Change[Activation]{
				Edit: func(a *Activation) error { a.Release = d.env.IDs.New(); return nil }, Then: d.sendActivation})
			errs = append(errs, err)
		}
		list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE copy_of = '' AND state IN (?, ?) AND due > 0 AND due <= ? ORDER BY id LIMIT 200`,
			string(Consulted), string(Decided), clock.Micros(now))
		for _, p := range list {
			switch {
			case p.State == Decided:
				_, err := desk.TakeIn(ctx, d.env, tx, d.proposals, node, p.ID, 0, "expire", desk.Change[Proposal]{})
				errs = append(errs, err)
			case !now.Before(p.Closes.Add(Grace)):
				_, err := desk.TakeIn(ctx, d.env, tx, d.proposals, node, p.ID, 0, "close", desk.Change[Proposal]{
					Edit: func(p *Proposal) error { return d.edit(p, node, "close", "") }, Then: d.sendProposal})
				errs = append(errs, err)
			}
		}
		return errors.Join(append(errs, err)...)
	})
}
