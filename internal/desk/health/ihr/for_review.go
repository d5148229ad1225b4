package ihr

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the assessments, determinations and measures about an event.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM ihr_annex2 WHERE event = ? UNION SELECT id FROM ihr_determination WHERE event = ? UNION SELECT id FROM ihr_measure WHERE event = ?`, e, e, e)
}
