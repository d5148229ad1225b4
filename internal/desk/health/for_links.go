package health

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Shows reports whether the actor finds the page of an event here. A record of
// another member may name an event that was never released to this node; a
// link to it would lead nowhere.
func (d *Desk) Shows(ctx context.Context, actor access.Actor, eid id.ID) bool {
	if eid == "" {
		return false
	}
	return d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := d.visible(ctx, tx, actor, eid)
		return err
	}) == nil
}
