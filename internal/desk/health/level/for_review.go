package level

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the decisions on the level of a state about an event, or on that
// of a family.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	e := string(event)
	return desk.IDs(ctx, tx, `SELECT id FROM level_activation WHERE event = ? UNION SELECT id FROM level_proposal WHERE family = ? UNION SELECT p.id FROM level_position p JOIN level_proposal q ON p.proposal = q.id WHERE q.family = ?`, e, e, e)
}
