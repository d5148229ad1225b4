package family

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
	r := health.ReachOf(actor)
	switch e.Record.Kind {
	case KindFamily:
		f, err := d.load(ctx, tx, e.Record.ID)
		if err == nil {
			return sees(r, f.Marking), nil
		}
		if known, err := desk.Known(err); known || err != nil {
			return known, err
		}
		c, ok, err := loadCopy(ctx, tx, e.Record.ID)
		return ok && sees(r, c.Marking), err
	case KindAnswer:
		a, err := loadAnswer(ctx, tx, e.Record.ID)
		if err == nil && !sees(r, a.Marking) {
			return false, nil
		}
		return desk.Known(err)
	}
	return false, nil
}
