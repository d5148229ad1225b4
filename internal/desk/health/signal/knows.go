package signal

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
	case d.signals.Name:
		_, err := d.visible(ctx, tx, actor, e.Record.ID)
		return desk.Known(err)
	case d.imports.Name:
		return MayImport(actor), nil // who may import sees the imports of all
	}
	return false, nil
}
