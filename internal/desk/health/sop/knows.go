package sop

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	r, sight, err := reach(actor), false, error(nil)
	rid := string(e.Record.ID)
	switch e.Record.Kind {
	case KindPlaybook:
		var p Playbook
		p, err = one[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE id = ?`, rid)
		sight = seesPlaybook(r, p.Marking)
	case KindRun:
		var x Run
		x, err = one[Run](ctx, tx, `SELECT doc FROM sop_run WHERE id = ?`, rid)
		sight = seesRun(r, &x.Head)
	case KindTask:
		var t Task
		t, err = one[Task](ctx, tx, `SELECT doc FROM sop_task WHERE id = ?`, rid)
		sight = seesRun(r, &t.Head)
	case KindProgress:
		var p Received
		p, err = one[Received](ctx, tx, `SELECT doc FROM sop_progress WHERE id = ?`, rid)
		sight = seesProgress(r, p.Marking)
	}
	known, err := desk.Known(err)
	return known && sight, err
}
