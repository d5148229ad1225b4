package contact

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

// Input is what a person enters of a contact.
type Input struct {
	Contact Contact // its identifier, member, version and as-of are not entered
	To      []access.Member
	Marking access.Marking
}

func (in Input) into(o *Own, actor access.Actor) {
	o.Contact, o.To, o.Marking, o.EditBy, o.Reason = in.Contact, slices.Clone(in.To), in.Marking, actor.Account, ""
	o.Contact.ID, o.Contact.Member, o.Contact.Version, o.Contact.AsOf = o.ID, o.Owner, 0, time.Time{}
}

// Add drafts a contact of this member.
func (d *Desk) Add(ctx context.Context, actor access.Actor, in Input) (Own, error) {
	var o Own
	o.Place = string(d.env.Member)
	return desk.Create(ctx, d.env, d.contacts, actor, o, "add", desk.Change[Own]{Edit: func(o *Own) error { in.into(o, actor); return nil }})
}

// Edit changes a contact. What was given before stands until the change is
// cleared.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, i id.ID, seen int, in Input) (Own, error) {
	return d.take(ctx, actor, i, seen, "edit", desk.Change[Own]{Edit: func(o *Own) error { in.into(o, actor); return nil }})
}

// Submit asks for the clearance.
func (d *Desk) Submit(ctx context.Context, actor access.Actor, i id.ID, seen int) (Own, error) {
	return d.take(ctx, actor, i, seen, "submit", desk.Change[Own]{Edit: func(o *Own) error { o.SubmitBy, o.Reason = actor.Account, ""; return nil }})
}

// Back takes one of the steps return, recall and keep; return needs a reason.
// keep drops a change and leaves what was given before.
func (d *Desk) Back(ctx context.Context, actor access.Actor, i id.ID, seen int, verb workflow.Verb, reason string) (Own, error) {
	if !slices.Contains([]workflow.Verb{"return", "recall", "keep"}, verb) {
		return Own{}, fault.New(fault.Invalid, "fault.invalid")
	}
	return d.take(ctx, actor, i, seen, verb, desk.Change[Own]{Edit: func(o *Own) error {
		o.Reason = reason
		if verb == "keep" && o.Given != nil {
			o.Contact = *o.Given
			o.To = nil
			for _, h := range o.Held {
				o.To = append(o.To, h.Member)
			}
		}
		return nil
	}})
}

// Clear lets the contact leave, by a second person: it is released to every
// standing recipient, and withdrawn from those who are none any more.
func (d *Desk) Clear(ctx context.Context, actor access.Actor, i id.ID, seen int) (Own, error) {
	return d.give(ctx, actor, i, seen, "clear", func(o *Own) { o.ClearedAs = actor.Name })
}

// Confirm says that a contact is still right; the recipients get it with the
// new time.
func (d *Desk) Confirm(ctx context.Context, actor access.Actor, i id.ID, seen int) (Own, error) {
	return d.give(ctx, actor, i, seen, "confirm", func(*Own) {})
}

func (d *Desk) give(ctx context.Context, actor access.Actor, i id.ID, seen int, verb workflow.Verb, edit func(*Own)) (Own, error) {
	var before []Held
	return d.take(ctx, actor, i, seen, verb, desk.Change[Own]{
		Edit: func(o *Own) error {
			edit(o)
			before = o.Held
			o.Confirmed, o.Reason = d.env.Clock.Now(), ""
			k := viewContact(o, o.Version+1, o.Confirmed)
			o.Given = &k
			o.Held = d.releases(o)
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, o *Own) error {
			if err := d.sendContact(ctx, tx, o, before); err != nil {
				return err
			}
			return storeEntry(ctx, tx, &entry{Contact: *o.Given, Marking: o.Marking, Exercise: o.Exercise})
		},
	})
}

// Remove takes a contact out of every directory, with a reason.
func (d *Desk) Remove(ctx context.Context, actor access.Actor, i id.ID, seen int, reason string) (Own, error) {
	var before []Held
	return d.take(ctx, actor, i, seen, "remove", desk.Change[Own]{
		Edit:   func(o *Own) error { before, o.Held, o.Reason = o.Held, nil, reason; return nil },
		Detail: map[string]any{"reason": reason},
		Then: func(ctx context.Context, tx *db.Tx, o *Own) error {
			if err := d.withdraw(ctx, tx, o, before, o.Reason); err != nil || o.Given == nil {
				return err
			}
			return storeEntry(ctx, tx, tombstone(*o.Given, o.Version, o.Changed.At, o.Reason))
		},
	})
}

// tombstone is an entry that was withdrawn: whose it was and what for, not how
// to reach anybody.
func tombstone(k Contact, version int, at time.Time, reason string) *entry {
	return &entry{Contact: Contact{ID: k.ID, Member: k.Member, Role: k.Role, Order: k.Order, Organisation: k.Organisation, Post: k.Post,
		From: k.From, To: k.To, Version: version, AsOf: k.AsOf}, Withdrawn: at, Reason: reason}
}

// take is desk.Take after the check that the actor may know of the contact.
func (d *Desk) take(ctx context.Context, actor access.Actor, i id.ID, seen int, verb workflow.Verb, c desk.Change[Own]) (Own, error) {
	var out Own
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visible(ctx, tx, actor, i); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.contacts, actor, i, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, i id.ID) (Own, error) {
	o, err := loadOwn(ctx, tx, i)
	if err != nil {
		return o, err
	}
	if !seesMarking(actor, o.Marking) {
		return Own{}, desk.NotFound()
	}
	return o, nil
}
