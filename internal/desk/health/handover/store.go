package handover

import (
	"context"
	"encoding/json"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func load[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r R
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

func loadOne[R any](ctx context.Context, tx *db.Tx, query string, rid id.ID) (R, error) {
	var zero R
	rs, err := load[R](ctx, tx, query, string(rid))
	if err != nil {
		return zero, err
	}
	if len(rs) == 0 {
		return zero, desk.NotFound()
	}
	return rs[0], nil
}

func loadNote(ctx context.Context, tx *db.Tx, nid id.ID) (Note, error) {
	return loadOne[Note](ctx, tx, `SELECT doc FROM handover_note WHERE id = ?`, nid)
}

func insertNote(ctx context.Context, tx *db.Tx, n *Note) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover_note (id, state, version, account, until, due, doc) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(n.ID), string(n.State), n.Version, string(n.Created.Account), clock.Micros(n.Until), clock.Micros(n.Due), string(doc))
	return err
}

func updateNote(ctx context.Context, tx *db.Tx, n *Note, was int) error {
	doc, err := json.Marshal(n)
	if err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `UPDATE handover_note SET state = ?, version = ?, until = ?, due = ?, doc = ? WHERE id = ? AND version = ?`,
		string(n.State), n.Version, clock.Micros(n.Until), clock.Micros(n.Due), string(doc), string(n.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(rows)
}

// lastHanded is the newest note that was handed over.
func lastHanded(ctx context.Context, tx *db.Tx) (Note, bool, error) {
	ns, err := load[Note](ctx, tx, `SELECT doc FROM handover_note WHERE state IN (?, ?) ORDER BY until DESC LIMIT 1`, string(HandedOver), string(Accepted))
	if err != nil || len(ns) == 0 {
		return Note{}, false, err
	}
	return ns[0], true, nil
}

func loadWatch(ctx context.Context, tx *db.Tx, wid id.ID) (Watch, error) {
	return loadOne[Watch](ctx, tx, `SELECT doc FROM handover_watch WHERE id = ?`, wid)
}

func insertWatch(ctx context.Context, tx *db.Tx, w *Watch) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover_watch (id, event, state, version, until, doc) VALUES (?, ?, ?, ?, ?, ?)`,
		string(w.ID), string(w.Event), string(w.State), w.Version, clock.Micros(w.Until), string(doc))
	return err
}

func updateWatch(ctx context.Context, tx *db.Tx, w *Watch, was int) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `UPDATE handover_watch SET state = ?, version = ?, until = ?, doc = ? WHERE id = ? AND version = ?`,
		string(w.State), w.Version, clock.Micros(w.Until), string(doc), string(w.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(rows)
}

// watching are the watched events; one whose time is over is not among them.
func watching(ctx context.Context, tx *db.Tx, now time.Time) ([]Watch, error) {
	return load[Watch](ctx, tx, `SELECT doc FROM handover_watch WHERE state = ? AND (until = 0 OR until > ?) ORDER BY id LIMIT 200`,
		string(OnList), clock.Micros(now))
}

// watchOf is the watch of one event, if it is on the list.
func watchOf(ctx context.Context, tx *db.Tx, eid id.ID, now time.Time) (Watch, bool, error) {
	ws, err := load[Watch](ctx, tx, `SELECT doc FROM handover_watch WHERE event = ? AND state = ? AND (until = 0 OR until > ?) LIMIT 1`,
		string(eid), string(OnList), clock.Micros(now))
	if err != nil || len(ws) == 0 {
		return Watch{}, false, err
	}
	return ws[0], true, nil
}
