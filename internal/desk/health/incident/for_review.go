package incident

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the incidents of an event with what belongs to each.
// A review reads their history, each entry by the rule of this part.
func (*Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	like := `%"` + string(event) + `"%`
	return desk.IDs(ctx, tx, `SELECT id FROM incident_record WHERE kind = ? AND doc LIKE ? UNION
		SELECT r.id FROM incident_record r JOIN incident_record i ON r.incident = i.id WHERE i.kind = ? AND i.doc LIKE ?`, KindIncident, like, KindIncident, like)
}
