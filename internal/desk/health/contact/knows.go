package contact

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
	case d.contacts.Name:
		_, err := d.visible(ctx, tx, actor, e.Record.ID)
		if known, err := desk.Known(err); known || err != nil {
			return known, err
		}
		k, ok, err := loadEntry(ctx, tx, e.Record.ID)
		return ok && k.Member != d.env.Member && seesMarking(actor, k.Marking), err
	case d.checks.Name:
		_, err := loadCheck(ctx, tx, e.Record.ID)
		if err == nil && !reads(actor) {
			return false, nil
		}
		return desk.Known(err)
	case d.calls.Name:
		_, err := d.visibleCall(ctx, tx, actor, e.Record.ID)
		return desk.Known(err)
	}
	return false, nil
}
