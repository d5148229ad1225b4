package sitrep

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the report, or the request for an input, that the
// entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	switch e.Record.Kind {
	case KindReport:
		return desk.Known(d.mayTouch(ctx, tx, actor, e.Record.ID))
	case KindCall:
		c, ok, err := loadCall(ctx, tx, e.Record.ID)
		return ok && err == nil && d.seesCall(actor, &c), err
	}
	return false, nil
}
