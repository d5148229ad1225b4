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

// What the needs ask for is loaded with the record.

func (d *Desk) isOpen(ctx context.Context, tx *db.Tx, iid id.ID) (bool, error) {
	var state string
	ok, err := tx.Row(ctx, `SELECT state FROM incident_record WHERE id = ? AND kind = ?`, []any{string(iid), KindIncident}, &state)
	return ok && workflow.State(state) != Closed, err
}

func (d *Desk) fillIncident(ctx context.Context, tx *db.Tx, r *Incident) error {
	var n int
	_, err := tx.Row(ctx, `SELECT COUNT(*) FROM incident_record WHERE incident = ? AND (kind = ? AND state = ? OR kind = ? AND state IN (?, ?))`,
		[]any{string(r.ID), KindCheckout, string(Listed), KindDuty, string(OnDuty), string(HandedOver)}, &n)
	r.left = n
	return err
}

func (d *Desk) fillDuty(ctx context.Context, tx *db.Tx, r *Duty) error {
	var err error
	r.open, err = d.isOpen(ctx, tx, r.Incident)
	return err
}

func (d *Desk) fillPlan(ctx context.Context, tx *db.Tx, r *Plan) error {
	var err error
	if r.open, err = d.isOpen(ctx, tx, r.Incident); err != nil {
		return err
	}
	on, err := onDuty(ctx, tx, r.Incident)
	r.managers = nil
	for _, x := range on {
		if x.Function == Manager {
			r.managers = append(r.managers, x.Holder)
		}
	}
	return err
}

func (d *Desk) fillRing(ctx context.Context, tx *db.Tx, r *Ring) error {
	on, err := onDuty(ctx, tx, r.Incident)
	r.may, r.free = r.named(on)
	return err
}

// visible reads an incident that the actor may see.
func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, iid id.ID) (Incident, error) {
	r, err := d.incidents.Load(ctx, tx, iid)
	if err == nil && !sees(reach(actor), &r.Head) {
		err = desk.NotFound()
	}
	return r, err
}

// child reads a record of an incident that the actor may see.
func child[R any](ctx context.Context, d *Desk, tx *db.Tx, k *desk.Kind[R], actor access.Actor, rid id.ID, incident func(*R) id.ID) (R, Incident, error) {
	r, err := k.Load(ctx, tx, rid)
	if err != nil {
		return r, Incident{}, err
	}
	in, err := d.visible(ctx, tx, actor, incident(&r))
	return r, in, err
}

// begin gives a new record what it has from its incident.
func begin(h *desk.Head, in *Incident) {
	h.Place, h.Marking, h.Exercise = in.Place, in.Marking, in.Exercise
}

// post is the function in which the actor is on duty, of several the first that
// is asked for; empty: none.
func post(on []Duty, actor access.Actor, first ...string) string {
	var held []string
	for _, x := range on {
		if x.Holder == actor.Account && x.holds() {
			held = append(held, x.Function)
		}
	}
	for _, f := range append(first, held...) {
		if slices.Contains(held, f) {
			return f
		}
	}
	return ""
}

// works refuses whoever does not work in the centre, where no step of a table
// would.
func works(actor access.Actor, verb string) error {
	if !MayWork(actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	return nil
}

func refused(field, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key}}}
}
