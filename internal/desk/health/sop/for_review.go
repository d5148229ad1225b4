package sop

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the runs for an event or a family and their tasks. A review
// reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM sop_run WHERE event = ? OR scope = ? UNION SELECT t.id FROM sop_task t JOIN sop_run r ON t.run = r.id WHERE r.event = ? OR r.scope = ?`, e, e, e, e)
}
