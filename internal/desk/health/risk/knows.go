package risk

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
	case KindAssessment:
		_, err := d.visible(ctx, tx, actor, e.Record.ID)
		return desk.Known(err)
	case KindPosition:
		p, err := d.visiblePosition(ctx, tx, actor, e.Record.ID)
		if err == nil && p.of != nil && !sees(reach(actor), &p.of.Head, p.of.Own()) {
			return false, nil
		}
		return desk.Known(err)
	}
	return false, nil
}
