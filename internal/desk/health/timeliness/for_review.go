package timeliness

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn is the timeliness of an event.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM timeliness_record WHERE event = ? UNION SELECT id FROM timeliness_copy WHERE event = ?`, e, e)
}
