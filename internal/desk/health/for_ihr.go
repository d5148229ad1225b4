package health

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// EventRecorded is when an event that the actor may see was recorded, which is
// when the clock of its assessment began.
func (d *Desk) EventRecorded(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (time.Time, error) {
	e, err := d.visible(ctx, tx, actor, eid)
	return e.Created.At, err
}
