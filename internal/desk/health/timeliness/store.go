package timeliness

import (
	"context"
	"encoding/json"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

// docs reads the documents of rows.
func docs[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
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

// load reads a record with its event; the actor's reach was checked before.
func (d *Desk) load(ctx context.Context, tx *db.Tx, rid id.ID) (Record, error) {
	return d.loadBy(ctx, tx, `SELECT doc FROM timeliness_record WHERE id = ?`, rid)
}

func (d *Desk) loadBy(ctx context.Context, tx *db.Tx, query string, arg id.ID) (Record, error) {
	list, err := docs[Record](ctx, tx, query, string(arg))
	if err != nil {
		return Record{}, err
	}
	if len(list) == 0 {
		return Record{}, desk.NotFound()
	}
	r := list[0]
	e, err := d.events.EventIn(ctx, tx, access.Node(d.env.Member), r.Event)
	r.event = &e
	return r, err
}

func columns(r *Record) ([]any, error) {
	doc, err := encode(r)
	return []any{string(r.Event), string(r.State), r.Version, clock.Micros(r.Changed.At), doc, string(r.ID)}, err
}

func insert(ctx context.Context, tx *db.Tx, r *Record) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO timeliness_record (event, state, version, changed, doc, id) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (event) DO NOTHING`, cols...)
	if err == nil && n == 0 { // somebody was faster: one record for each event
		err = fault.New(fault.Conflict, "fault.timeliness.twice")
	}
	return err
}

func update(ctx context.Context, tx *db.Tx, r *Record, was int) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE timeliness_record SET event = ?, state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// Copy is what another member released.
type Copy struct {
	View
	Release   id.ID          `json:"release"`
	Version   int            `json:"version"`
	Issued    int64          `json:"issued"`
	Marking   access.Marking `json:"marking"`
	Exercise  string         `json:"exercise,omitempty"`
	Withdrawn bool           `json:"withdrawn,omitempty"`
	Reason    string         `json:"reason,omitempty"`
}

func loadCopy(ctx context.Context, tx *db.Tx, rid id.ID) (Copy, bool, error) {
	list, err := docs[Copy](ctx, tx, `SELECT doc FROM timeliness_copy WHERE id = ?`, string(rid))
	if err != nil || len(list) == 0 {
		return Copy{}, false, err
	}
	return list[0], true, nil
}

func putCopy(ctx context.Context, tx *db.Tx, c *Copy) error {
	doc, err := encode(c)
	if err != nil {
		return err
	}
	gone := 0
	if c.Withdrawn {
		gone = 1
	}
	_, err = tx.Exec(ctx, `INSERT INTO timeliness_copy (id, event, owner, release_id, version, marking, withdrawn, issued, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET event = excluded.event, owner = excluded.owner, release_id = excluded.release_id, version = excluded.version,
		marking = excluded.marking, withdrawn = excluded.withdrawn, issued = excluded.issued, doc = excluded.doc`,
		string(c.ID), string(c.Event), string(c.Owner), string(c.Release), c.Version, string(c.Marking), gone, c.Issued, doc)
	return err
}
