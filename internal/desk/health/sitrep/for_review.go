package sitrep

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the situation reports on an event or a family.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM sitrep_report WHERE event = ? OR family = ?`, e, e)
}
