package request

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the requests of help and what answers them about an event.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM request_record WHERE event = ? UNION SELECT o.id FROM request_record o JOIN request_record r ON o.request = r.id WHERE r.event = ?`, e, e)
}
