package ihr

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// DeterminationInput is what a person enters of an outside determination.
type DeterminationInput struct {
	Kind, Hazard, Title, Grade, By, On, Source string
	Meeting                                    int
	Recommendations                            []Recommendation
	Marking                                    access.Marking
	Members                                    []access.Member // who gets it
}

func (in DeterminationInput) into(d *Determination, actor access.Actor) {
	if !slices.Contains(d.Authors, actor.Account) {
		d.Authors = append(d.Authors, actor.Account)
	}
	d.Members = slices.Clone(in.Members)
	d.Kind, d.Title, d.Grade, d.By, d.On, d.Source, d.Meeting = in.Kind, in.Title, in.Grade, in.By, in.On, in.Source, in.Meeting
	d.Marking, d.Recommendations = in.Marking, nil
	for _, r := range in.Recommendations {
		if r.Expires == "" {
			r.Expires = LapseOf(in.On)
		}
		d.Recommendations = append(d.Recommendations, r)
	}
	if d.Event == "" {
		d.Hazard = in.Hazard
	}
}

// Record keeps an outside determination, of an event or of a hazard.
func (d *Desk) Record(ctx context.Context, actor access.Actor, event id.ID, in DeterminationInput) (Determination, error) {
	var out Determination
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var x Determination
		x.Owner, x.Place = d.env.Member, string(d.env.Member)
		if event != "" {
			e, err := d.health.EventIn(ctx, tx, actor, event)
			if err != nil {
				return err
			}
			x.Event, x.Hazard, x.Exercise = e.ID, e.Hazard, e.Exercise
		}
		in.into(&x, actor)
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.determinations, actor, x, "record", desk.Change[Determination]{})
		return err
	})
	return out, err
}

// EditDetermination corrects what was recorded, or renews recommendations.
func (d *Desk) EditDetermination(ctx context.Context, actor access.Actor, xid id.ID, seen int, in DeterminationInput) (Determination, error) {
	return d.takeDetermination(ctx, actor, xid, seen, "edit", desk.Change[Determination]{Edit: func(x *Determination) error { in.into(x, actor); return nil }})
}

// ReleaseDetermination clears what was recorded and tells the chosen members.
// Once it was released, its end and its striking out tell them too; a
// correction leaves only when it is cleared.
func (d *Desk) ReleaseDetermination(ctx context.Context, actor access.Actor, xid id.ID, seen int) (Determination, error) {
	return d.takeDetermination(ctx, actor, xid, seen, "release", desk.Change[Determination]{Edit: func(x *Determination) error {
		v := viewDetermination(x)
		x.Cleared, x.ClearedAs = &v, actor.Name
		return nil
	}})
}

// EndDetermination records the day on which it ended.
func (d *Desk) EndDetermination(ctx context.Context, actor access.Actor, xid id.ID, seen int, on string) (Determination, error) {
	return d.takeDetermination(ctx, actor, xid, seen, "end", desk.Change[Determination]{Edit: func(x *Determination) error { x.Ended = on; return nil }})
}

// Strike marks a determination as recorded in error; it stays readable.
func (d *Desk) Strike(ctx context.Context, actor access.Actor, xid id.ID, seen int, reason string) (Determination, error) {
	return d.takeDetermination(ctx, actor, xid, seen, "strike", desk.Change[Determination]{Detail: map[string]any{"reason": reason},
		Edit: func(x *Determination) error { x.Reason = reason; return nil }})
}

func (d *Desk) takeDetermination(ctx context.Context, actor access.Actor, xid id.ID, seen int, verb workflow.Verb, c desk.Change[Determination]) (Determination, error) {
	var out Determination
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		x, err := determinationStore.load(ctx, tx, xid)
		if err != nil {
			return err
		}
		if !sees(reach(actor), &x.Head, x.Own()) {
			return desk.NotFound()
		}
		c.Then = func(ctx context.Context, tx *db.Tx, x *Determination) error {
			return d.tellDetermination(ctx, tx, x, verb)
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.determinations, actor, xid, seen, verb, c)
		return err
	})
	return out, err
}

// AmendmentInput is what a person enters of the own state's statement.
type AmendmentInput struct{ Status, On, InForce, Words, Source, Lang string }

func (in AmendmentInput) into(a *Amendment) {
	a.Status, a.On, a.InForce, a.Words, a.Source, a.Lang = in.Status, in.On, in.InForce, in.Words, in.Source, in.Lang
}

// State begins a statement of this state on the amendments; one that was
// released before is superseded when the new one leaves.
func (d *Desk) State(ctx context.Context, actor access.Actor, in AmendmentInput) (Amendment, error) {
	var out Amendment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a := Amendment{Authors: []id.ID{actor.Account}}
		a.Owner, a.Place, a.Marking = d.env.Member, string(d.env.Member), access.TLPGreen
		in.into(&a)
		before, err := amendmentStore.all(ctx, tx, `owner = ? AND state = ?`, string(d.env.Member), string(Released))
		if err != nil {
			return err
		}
		if len(before) > 0 {
			a.Supersedes = before[0].ID
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.amendments, actor, a, "state", desk.Change[Amendment]{})
		return err
	})
	return out, err
}

// EditAmendment changes a draft.
func (d *Desk) EditAmendment(ctx context.Context, actor access.Actor, aid id.ID, seen int, in AmendmentInput) (Amendment, error) {
	return d.takeAmendment(ctx, actor, aid, seen, "edit", desk.Change[Amendment]{Edit: func(a *Amendment) error {
		in.into(a)
		if !slices.Contains(a.Authors, actor.Account) {
			a.Authors = append(a.Authors, actor.Account)
		}
		return nil
	}})
}

// CancelAmendment puts a draft aside.
func (d *Desk) CancelAmendment(ctx context.Context, actor access.Actor, aid id.ID, seen int) (Amendment, error) {
	return d.takeAmendment(ctx, actor, aid, seen, "cancel", desk.Change[Amendment]{})
}

// ReleaseAmendment clears the statement and tells every other member of the
// directory.
func (d *Desk) ReleaseAmendment(ctx context.Context, actor access.Actor, aid id.ID, seen int) (Amendment, error) {
	return d.takeAmendment(ctx, actor, aid, seen, "release", desk.Change[Amendment]{
		Edit: func(a *Amendment) error {
			a.ClearedAs, a.Released, a.Release = actor.Name, d.env.Clock.Now(), d.env.IDs.New()
			a.To = d.env.Others()
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, a *Amendment) error { return d.sendAmendment(ctx, tx, a) },
	})
}

func (d *Desk) takeAmendment(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, c desk.Change[Amendment]) (Amendment, error) {
	var out Amendment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := amendmentStore.load(ctx, tx, aid)
		if err != nil {
			return err
		}
		if !sees(reach(actor), &a.Head, a.Own()) {
			return desk.NotFound()
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.amendments, actor, aid, seen, verb, c)
		return err
	})
	return out, err
}
