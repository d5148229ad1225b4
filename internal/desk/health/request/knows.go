package request

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record, or the copy for information, that the
// entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	es, err := entries(ctx, tx, `id = ?`, string(e.Record.ID))
	if err != nil {
		return false, err
	}
	if len(es) > 0 {
		return sees(actor, es[0].Head().Marking), nil
	}
	var marking string
	ok, err := tx.Row(ctx, `SELECT marking FROM request_copy WHERE id = ? AND kind = ?`, []any{string(e.Record.ID), e.Record.Kind}, &marking)
	return ok && err == nil && sees(actor, access.Marking(marking)), err
}
