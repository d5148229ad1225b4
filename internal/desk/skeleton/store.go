package skeleton

import (
	"context"
	"encoding/json"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func load(ctx context.Context, tx *db.Tx, mid id.ID) (Memo, error) {
	var m Memo
	var doc string
	ok, err := tx.Row(ctx, `SELECT doc FROM skeleton_memo WHERE id = ?`, []any{string(mid)}, &doc)
	if err != nil {
		return m, err
	}
	if !ok {
		return m, desk.NotFound()
	}
	if err := json.Unmarshal([]byte(doc), &m); err != nil {
		return m, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return m, nil
}

func insert(ctx context.Context, tx *db.Tx, m *Memo) error {
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO skeleton_memo (id, owner, state, version, doc) VALUES (?, ?, ?, ?, ?)`,
		string(m.ID), string(m.Owner), string(m.State), m.Version, string(doc))
	return err
}

func update(ctx context.Context, tx *db.Tx, m *Memo, was int) error {
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE skeleton_memo SET state = ?, version = ?, doc = ? WHERE id = ? AND version = ?`,
		string(m.State), m.Version, string(doc), string(m.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
