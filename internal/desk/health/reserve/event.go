package reserve

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/id"
)

// Linked is what the reserve does for an event: who asked because of it, the
// divisions that name these requests, and the goods that are sent.
type Linked struct {
	Draws     []DrawView
	Progress  map[id.ID]Progress
	Divisions []AllocationView
	Outcomes  map[id.ID]string // of the divisions, as computed here
	Movements []MovementView
}

// shareOf reports whether a share answers one of some requests.
func shareOf[V any](draws map[id.ID]V) func(s allocation.Share) bool {
	return func(s allocation.Share) bool { _, ok := draws[id.ID(s.Draw)]; return ok }
}

// linked reads the records about an event, whoever may see them.
func (d *Desk) linked(ctx context.Context, tx *db.Tx, event id.ID) (draws []Draw, divisions []Allocation, moves []Movement, err error) {
	if event == "" {
		return
	}
	if draws, err = d.draws.all(ctx, tx, `parent = ? AND state <> ? ORDER BY changed DESC, id DESC`, string(event), string(Discarded)); err != nil {
		return
	}
	named, items := map[id.ID]bool{}, map[id.ID]bool{}
	for i := range draws {
		named[draws[i].ID] = true
		if item := draws[i].C.Item; !items[item] {
			items[item] = true
			list, err := d.allocations.all(ctx, tx, `item = ? AND state <> ? ORDER BY changed DESC, id DESC`, string(item), string(Discarded))
			if err != nil {
				return nil, nil, nil, err
			}
			divisions = append(divisions, list...)
		}
	}
	divisions = slices.DeleteFunc(divisions, func(r Allocation) bool { return !slices.ContainsFunc(r.C.Result.Shares, shareOf(named)) })
	for i := range divisions {
		list, err := d.movements.all(ctx, tx, `parent = ? ORDER BY changed DESC, id DESC`, string(divisions[i].ID))
		if err != nil {
			return nil, nil, nil, err
		}
		for _, m := range list {
			if named[m.C.Draw] {
				moves = append(moves, m)
			}
		}
	}
	return
}

// Linked reads what the reserve does for an event.
func (d *Desk) Linked(ctx context.Context, a access.Actor, event id.ID) (Linked, error) {
	out := Linked{Outcomes: map[id.ID]string{}}
	if !Sees(a) {
		return out, nil
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		draws, divisions, moves, err := d.linked(ctx, tx, event)
		if err != nil {
			return err
		}
		out.Draws, out.Divisions, out.Movements = nil, nil, nil
		for i := range draws {
			if sees(a, draws[i].Marking) {
				out.Draws = append(out.Draws, viewOf(&draws[i]))
			}
		}
		for i := range divisions {
			r := &divisions[i]
			if !sees(a, r.Marking) {
				continue
			}
			out.Divisions = append(out.Divisions, viewOf(r))
			if r.State == Voted || r.State == Decided {
				if err := d.fillAllocation(ctx, tx, r); err != nil {
					return err
				}
				out.Outcomes[r.ID] = d.decide(ballotOf(r)).Outcome
			}
		}
		for i := range moves {
			if sees(a, moves[i].Marking) && moves[i].State != Cancelled {
				out.Movements = append(out.Movements, viewOf(&moves[i]))
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Progress, err = d.Progress(ctx, a, out.Draws)
	return out, err
}
