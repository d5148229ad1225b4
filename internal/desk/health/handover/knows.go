package handover

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	switch e.Record.Kind {
	case d.notes.Name:
		if mayRead(actor) != nil {
			return false, nil
		}
		_, err := loadNote(ctx, tx, e.Record.ID)
		return desk.Known(err)
	case d.watches.Name:
		w, err := loadWatch(ctx, tx, e.Record.ID)
		if err == nil {
			_, err = d.src.Event(ctx, tx, actor, w.Event)
		}
		return desk.Known(err)
	}
	return false, nil
}
