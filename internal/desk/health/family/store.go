package family

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

func one[R any](ctx context.Context, tx *db.Tx, query string, args ...any) (R, error) {
	list, err := docs[R](ctx, tx, query, args...)
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		var zero R
		return zero, err
	}
	return list[0], nil
}

// load reads a family with what its needs ask of the own events in it.
func (d *Desk) load(ctx context.Context, tx *db.Tx, fid id.ID) (Family, error) {
	f, err := one[Family](ctx, tx, `SELECT doc FROM family_family WHERE id = ?`, string(fid))
	if err != nil {
		return f, err
	}
	return f, d.look(ctx, tx, &f)
}

// look finds out how closely the own events of a family are marked.
func (d *Desk) look(ctx context.Context, tx *db.Tx, f *Family) error {
	f.closest, f.strict, f.known = "", true, map[id.ID]string{}
	for _, e := range f.Entries {
		if e.Owner != f.Owner {
			continue
		}
		v, err := d.events.EventIn(ctx, tx, access.Node(d.env.Member), e.Event)
		if err != nil {
			return err
		}
		f.known[e.Event] = v.Name
		if f.closest == "" || v.Marking.Stricter(f.closest) {
			f.closest = v.Marking
		}
	}
	return nil
}

func insert(ctx context.Context, tx *db.Tx, f *Family) error {
	doc, err := encode(f)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO family_family (id, state, version, changed, doc) VALUES (?, ?, ?, ?, ?)`,
		string(f.ID), string(f.State), f.Version, clock.Micros(f.Changed.At), doc); err != nil {
		return err
	}
	return relink(ctx, tx, f.ID, f.Entries)
}

func update(ctx context.Context, tx *db.Tx, f *Family, was int) error {
	doc, err := encode(f)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE family_family SET state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(f.State), f.Version, clock.Micros(f.Changed.At), doc, string(f.ID), was)
	if err != nil {
		return err
	}
	if err := db.Conflict(n); err != nil {
		return err
	}
	return relink(ctx, tx, f.ID, f.Entries)
}

func relink(ctx context.Context, tx *db.Tx, fid id.ID, entries []Entry) error {
	if _, err := tx.Exec(ctx, `DELETE FROM family_link WHERE family = ?`, string(fid)); err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := tx.Exec(ctx, `INSERT INTO family_link (family, event) VALUES (?, ?) ON CONFLICT (family, event) DO NOTHING`, string(fid), string(e.Event)); err != nil {
			return err
		}
	}
	return nil
}

func loadAnswer(ctx context.Context, tx *db.Tx, aid id.ID) (Answer, error) {
	return one[Answer](ctx, tx, `SELECT doc FROM family_answer WHERE id = ?`, string(aid))
}

func answerOf(ctx context.Context, tx *db.Tx, family, event id.ID) (Answer, bool, error) {
	a, err := one[Answer](ctx, tx, `SELECT doc FROM family_answer WHERE family = ? AND event = ?`, string(family), string(event))
	if fault.Is(err, fault.NotFound) {
		return a, false, nil
	}
	return a, err == nil, err
}

func insertAnswer(ctx context.Context, tx *db.Tx, a *Answer) error {
	doc, err := encode(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO family_answer (id, family, event, state, version, changed, doc) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (family, event) DO NOTHING`,
		string(a.ID), string(a.Family), string(a.Event), string(a.State), a.Version, clock.Micros(a.Changed.At), doc)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func updateAnswer(ctx context.Context, tx *db.Tx, a *Answer, was int) error {
	doc, err := encode(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE family_answer SET state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(a.State), a.Version, clock.Micros(a.Changed.At), doc, string(a.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// Copy is what another member shared of a family.
type Copy struct {
	View
	Release   id.ID          `json:"release"`
	Issued    int64          `json:"issued"`
	Marking   access.Marking `json:"marking"`
	Exercise  string         `json:"exercise,omitempty"`
	Withdrawn bool           `json:"withdrawn,omitempty"`
	Reason    string         `json:"reason,omitempty"`
}

func loadCopy(ctx context.Context, tx *db.Tx, fid id.ID) (Copy, bool, error) {
	c, err := one[Copy](ctx, tx, `SELECT doc FROM family_copy WHERE id = ?`, string(fid))
	if fault.Is(err, fault.NotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

func putCopy(ctx context.Context, tx *db.Tx, c *Copy) error {
	doc, err := encode(c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO family_copy (id, owner, release_id, version, issued, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, release_id = excluded.release_id, version = excluded.version, issued = excluded.issued, doc = excluded.doc`,
		string(c.ID), string(c.Owner), string(c.Release), c.Version, c.Issued, doc); err != nil {
		return err
	}
	return relink(ctx, tx, c.ID, c.Entries)
}
