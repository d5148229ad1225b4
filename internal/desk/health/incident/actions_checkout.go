package incident

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// listFunctions begins the check-out of every function that somebody held.
func (d *Desk) listFunctions(ctx context.Context, tx *db.Tx, in *Incident, actor access.Actor) error {
	duties, err := of[Duty](ctx, tx, KindDuty, in.ID)
	if err != nil {
		return err
	}
	have, err := of[Checkout](ctx, tx, KindCheckout, in.ID)
	if err != nil {
		return err
	}
	for _, f := range Functions {
		if !slices.ContainsFunc(duties, func(x Duty) bool { return x.Function == f.Key && !x.Taken.IsZero() }) ||
			slices.ContainsFunc(have, func(x Checkout) bool { return x.Function == f.Key && x.State != Cancelled }) {
			continue
		}
		x := Checkout{Incident: in.ID, Function: f.Key}
		begin(&x.Head, in)
		if _, err := desk.CreateIn(ctx, d.env, tx, d.checkouts, actor, x, "list", desk.Change[Checkout]{}); err != nil {
			return err
		}
	}
	return nil
}

// CheckoutInput is what a person enters of a check-out.
type CheckoutInput struct {
	Function, Resource, Words string
	Items                     []Item
}

// List begins the check-out of a function or a resource.
func (d *Desk) List(ctx context.Context, actor access.Actor, iid id.ID, in CheckoutInput) (Checkout, error) {
	var out Checkout
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		of, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		if err := of.writable(); err != nil {
			return err
		}
		x := Checkout{Incident: iid, Function: in.Function, Resource: in.Resource, Words: in.Words, Items: in.Items}
		begin(&x.Head, &of)
		out, err = desk.CreateIn(ctx, d.env, tx, d.checkouts, actor, x, "list", desk.Change[Checkout]{Then: d.feedCheckout(&of, actor, "list")})
		return err
	})
	return out, err
}

func (d *Desk) feedCheckout(of *Incident, actor access.Actor, verb workflow.Verb) func(context.Context, *db.Tx, *Checkout) error {
	return func(ctx context.Context, tx *db.Tx, x *Checkout) error {
		s := said{Key: "incident.did.checkout_" + string(verb), Function: x.Function, Args: map[string]string{"what": x.Resource}}
		if x.Function != "" {
			s.Args["what"] = functionKey(x.Function)
		}
		switch {
		case verb == "edit":
			return nil
		case verb == "cancel" || verb == "reopen":
			s.Args["reason"] = x.Reason
		}
		return d.feed(ctx, tx, of, actor, s)
	}
}

var checkoutSteps = []workflow.Verb{"edit", "clear", "cancel", "reopen"}

// StepCheckout takes a step of a check-out; edit and clear keep what was
// entered.
func (d *Desk) StepCheckout(ctx context.Context, actor access.Actor, xid id.ID, seen int, verb workflow.Verb, in CheckoutInput, reason string) (Checkout, error) {
	if !slices.Contains(checkoutSteps, verb) {
		return Checkout{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var out Checkout
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, of, err := child(ctx, d, tx, d.checkouts, actor, xid, func(x *Checkout) id.ID { return x.Incident })
		if err == nil {
			err = of.writable()
		}
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.checkouts, actor, xid, seen, verb, desk.Change[Checkout]{
			Edit: func(x *Checkout) error {
				x.Reason = reason
				if verb == "edit" || verb == "clear" {
					x.Words, x.Items = in.Words, in.Items
				}
				if verb == "clear" {
					x.Cleared, x.ClearedAs = d.env.Clock.Now(), actor.Name
				}
				return nil
			}, Then: d.feedCheckout(&of, actor, verb)})
		return err
	})
	return out, err
}
