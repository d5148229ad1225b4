package skeleton

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// Write drafts a memo.
func (d *Desk) Write(ctx context.Context, actor access.Actor, text string, to []access.Member, marking access.Marking) (Memo, error) {
	m := Memo{Text: text, To: to}
	m.Marking = marking
	return desk.Create(ctx, d.env, d.memos, actor, m, "write", desk.Change[Memo]{})
}

// Release sends the memo to its recipients.
func (d *Desk) Release(ctx context.Context, actor access.Actor, mid id.ID, seen int) (Memo, error) {
	return desk.Take(ctx, d.env, d.memos, actor, mid, seen, "release", desk.Change[Memo]{
		Then: func(ctx context.Context, tx *db.Tx, m *Memo) error { return d.send(ctx, tx, m) },
	})
}

// Close ends the memo.
func (d *Desk) Close(ctx context.Context, actor access.Actor, mid id.ID, seen int) (Memo, error) {
	return desk.Take(ctx, d.env, d.memos, actor, mid, seen, "close", desk.Change[Memo]{})
}
