package health

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// EventFull is what the actor may see of an event, with its figures. Of another
// member's event these are the newest that it released to this node, and
// Changed is when it released them.
func (d *Desk) EventFull(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (EventView, error) {
	e, err := d.visible(ctx, tx, actor, eid)
	if err != nil {
		return EventView{}, err
	}
	facts, err := factsOf(ctx, tx, eid)
	if err != nil {
		return EventView{}, err
	}
	return viewEvent(&e, newest(facts)), nil
}
