package timeliness

import (
	"context"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Input is what a person enters.
type Input struct {
	Actions []Action
	Pauses  []Pause
	Factors []Factor
}

func (in Input) into(r *Record, actor access.Actor) {
	r.Actions, r.Pauses, r.Factors, r.EditedBy = in.Actions, in.Pauses, in.Factors, actor.Account
}

// Save makes the record of an own event, or changes its draft. seen is the
// version that the person saw; 0 where there was none.
func (d *Desk) Save(ctx context.Context, actor access.Actor, eid id.ID, seen int, in Input) (Record, error) {
	var out Record
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.own(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		old, err := d.loadBy(ctx, tx, `SELECT doc FROM timeliness_record WHERE event = ?`, eid)
		if fault.Is(err, fault.NotFound) && seen == 0 {
			r := Record{Event: eid, event: &e}
			r.Place, r.Marking, r.Exercise = string(e.Owner), e.Marking, e.Exercise
			if len(e.Places) > 0 {
				r.Place = e.Places[0]
			}
			in.into(&r, actor)
			out, err = desk.CreateIn(ctx, d.env, tx, d.records, actor, r, "begin", desk.Change[Record]{})
			return err
		}
		if err != nil {
			return err
		}
		if seen == 0 { // somebody began meanwhile
			return fault.New(fault.Conflict, "fault.changed_meanwhile").With("version", old.Version)
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.records, actor, old.ID, seen, "edit", desk.Change[Record]{
			Edit: func(r *Record) error { in.into(r, actor); return nil },
		})
		return err
	})
	return out, err
}

// own is an event of this member that the actor may see.
func (d *Desk) own(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (health.EventView, error) {
	e, err := d.events.EventIn(ctx, tx, actor, eid)
	if err == nil && e.Owner != d.env.Member {
		err = fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
	}
	return e, err
}

// Confirm fixes the dates of the event and the results, by a second person.
func (d *Desk) Confirm(ctx context.Context, actor access.Actor, eid id.ID, seen int) (Record, error) {
	return d.take(ctx, actor, eid, seen, "confirm", desk.Change[Record]{
		Edit: func(r *Record) error {
			r.Dates, r.EventAt, r.Judged, r.Reason = datesOf(r.event), r.event.Version, d.env.Clock.Now(), ""
			return nil
		},
	})
}

// Release sends the confirmed results to members.
func (d *Desk) Release(ctx context.Context, actor access.Actor, eid id.ID, seen int, to []access.Member, m access.Marking) (Record, error) {
	return d.take(ctx, actor, eid, seen, "release", desk.Change[Record]{
		Edit:   func(r *Record) error { r.To, r.Marking, r.Release = to, m, d.env.IDs.New(); return nil },
		Detail: map[string]any{"to": to},
		Then:   d.send,
	})
}

// Back reopens a confirmed record, or withdraws a released one: either becomes
// a draft again, with a reason.
func (d *Desk) Back(ctx context.Context, actor access.Actor, eid id.ID, seen int, verb workflow.Verb, why string) (Record, error) {
	if verb != "reopen" && verb != "withdraw" {
		return Record{}, fault.New(fault.Invalid, "fault.invalid")
	}
	why = strings.TrimSpace(why)
	c := desk.Change[Record]{Edit: func(r *Record) error { r.Reason = why; return nil }, Detail: map[string]any{"reason": why}}
	if verb == "withdraw" {
		c.Then = d.sendWithdrawal
	}
	return d.take(ctx, actor, eid, seen, verb, c)
}

func (d *Desk) take(ctx context.Context, actor access.Actor, eid id.ID, seen int, verb workflow.Verb, c desk.Change[Record]) (Record, error) {
	var out Record
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.own(ctx, tx, actor, eid); err != nil {
			return err
		}
		r, err := d.loadBy(ctx, tx, `SELECT doc FROM timeliness_record WHERE event = ?`, eid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.records, actor, r.ID, seen, verb, c)
		return err
	})
	return out, err
}
