package timeliness

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	c, ok, err := loadCopy(ctx, tx, e.Record.ID)
	if err != nil || ok {
		return ok && seesCopy(health.ReachOf(actor), &c), err
	}
	r, err := d.load(ctx, tx, e.Record.ID)
	if err == nil { // who sees the event sees its timeliness
		_, err = d.events.EventIn(ctx, tx, actor, r.Event)
	}
	return desk.Known(err)
}
