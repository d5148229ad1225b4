package reserve

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/db"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
)

// What is expected of a release of another member, kind by kind, and what
// follows from it here.

func same(a, b *allocation.Result) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

// wire joins the kinds to what their needs ask for and what follows from them.
func (d *Desk) wire() {
	d.allocations.fill, d.votes.fill, d.movements.fill = d.fillAllocation, d.fillVote, d.fillBasis
	d.registered.accept = func(_ context.Context, _ *db.Tx, r, old *Registration) error {
		return unchanged(old, old == nil || old.C.Item == r.C.Item)
	}
	d.pledges.accept = func(_ context.Context, _ *db.Tx, r, old *Pledge) error {
		if !state(r.Owner) {
			return foreign()
		}
		return unchanged(old, old == nil || old.C.Item == r.C.Item && old.C.Qty == r.C.Qty && old.C.Drawn <= r.C.Drawn)
	}
	d.draws.accept = func(_ context.Context, _ *db.Tx, r, old *Draw) error {
		return unchanged(old, old == nil || old.C.Item == r.C.Item && old.C.Qty == r.C.Qty)
	}
	d.allocations.accept = acceptAllocation
	d.votes.accept = acceptVote
	d.movements.accept = acceptMovement
	d.arrivals.accept = d.acceptArrival
	d.debts.accept = func(_ context.Context, _ *db.Tx, r, old *Debt) error {
		return unchanged(old, old == nil || old.C.Item == r.C.Item && old.C.Qty == r.C.Qty && old.C.Creditor == r.C.Creditor && old.C.Paid <= r.C.Paid)
	}
	d.statements.accept = func(_ context.Context, _ *db.Tx, r, old *Statement) error {
		return unchanged(old, old == nil || old.C.Seq <= r.C.Seq && old.Exercise == r.Exercise)
	}
	d.movements.came, d.arrivals.came = d.expect, d.settle
}

// acceptAllocation: nobody is counted for what was not asked.
func acceptAllocation(_ context.Context, _ *db.Tx, r, old *Allocation) error {
	if (r.State == Decided) == r.C.Decided.IsZero() || r.C.Closes.IsZero() {
		return foreign()
	}
	if old == nil {
		return nil
	}
	a, b := old.C, r.C
	ok := a.Item == b.Item && a.Closes.Equal(b.Closes) && a.Rule == b.Rule && a.Adopt == b.Adopt && a.AdoptAt == b.AdoptAt && a.AdoptSum == b.AdoptSum && a.Replace == b.Replace &&
		slices.Equal(a.Voters, b.Voters) && slices.Equal(a.Lines, b.Lines) && slices.Equal(a.Sources, b.Sources) && same(&a.Result, &b.Result)
	return unchanged(old, ok)
}

// acceptVote: a vote is released once, by a state, at the time that it says.
func acceptVote(_ context.Context, _ *db.Tx, r, old *Vote) error {
	apart := r.Changed.At.Sub(r.Released)
	if old != nil || !state(r.Owner) || r.State != Given || r.C.Stance != Agree && r.C.Reasons == "" || apart > time.Minute || apart < -time.Minute {
		return foreign()
	}
	return nil
}

// acceptMovement: what left does not change any more.
func acceptMovement(_ context.Context, _ *db.Tx, r, old *Movement) error {
	if r.C.To == r.Owner || r.C.Out < 1 || r.State == Booked && r.C.Came+r.C.Short+r.C.Damaged != r.C.Sent() {
		return foreign()
	}
	return unchanged(old, old == nil || old.C.To == r.C.To && old.C.Item == r.C.Item && old.C.Purpose == r.C.Purpose && old.C.Out == r.C.Out && slices.Equal(old.C.Loads, r.C.Loads))
}

// acceptArrival: of an own movement, only its receiver says what came, and of
// what was sent.
func (d *Desk) acceptArrival(ctx context.Context, tx *db.Tx, r, old *Arrival) error {
	if old != nil && (old.C.Movement != r.C.Movement || old.State == Received) {
		return foreign()
	}
	m, err := d.movements.load(ctx, tx, r.C.Movement)
	if fault.Is(err, fault.NotFound) {
		return nil // it came before the movement that it answers
	}
	if err != nil {
		return err
	}
	if m.C.To != r.Owner || m.Owner != r.C.From || m.C.Item != r.C.Item || m.C.Purpose != r.C.Purpose || len(m.C.Loads) != len(r.C.Landed) || m.Exercise != r.Exercise {
		return foreign()
	}
	for i, l := range r.C.Landed {
		if l.Load != m.C.Loads[i] {
			return foreign()
		}
	}
	return nil
}
