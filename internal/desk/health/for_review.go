package health

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the records of the desk about an event, own and received.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM health_notification WHERE event = ? UNION SELECT id FROM health_notice WHERE event = ? UNION SELECT id FROM health_question WHERE event = ?`, e, e, e)
}
