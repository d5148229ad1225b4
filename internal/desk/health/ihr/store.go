package ihr

import (
	"context"
	"encoding/json"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// What is stored: every record as one JSON document, beside it the columns
// that lists filter and sort by, the same for the four kinds. The columns are
// derived from the document and written together with it.

// row is what the columns of a record hold.
type row struct {
	head    *desk.Head
	copyOf  id.ID
	event   id.ID
	subject string // what the kind is looked up by: hazard, form, status
	expires int64
}

// store is the table of one kind. Its name is a constant of the code.
type store[R any] struct {
	table string
	row   func(*R) row
}

var (
	annexStore = store[Annex2]{"ihr_annex2", func(a *Annex2) row {
		return row{head: &a.Head, event: a.Event, subject: a.Class}
	}}
	determinationStore = store[Determination]{"ihr_determination", func(x *Determination) row {
		return row{head: &x.Head, copyOf: x.CopyOf, event: x.Event, subject: x.Hazard}
	}}
	measureStore = store[Measure]{"ihr_measure", func(m *Measure) row {
		return row{head: &m.Head, copyOf: m.CopyOf, event: m.Event, subject: m.Content.Type, expires: clock.Micros(m.until())}
	}}
	amendmentStore = store[Amendment]{"ihr_amendment", func(a *Amendment) row {
		return row{head: &a.Head, copyOf: a.CopyOf, subject: a.Status}
	}}
)

func kind[R any](name string, table *workflow.Table[R], s store[R], head func(*R) *desk.Head, validate func(*R) error, event func(*R) id.ID) *desk.Kind[R] {
	return &desk.Kind[R]{Name: name, Desk: Name, Table: table, Head: head, Validate: validate, Load: s.load, Insert: s.insert, Update: s.update,
		Topics: func(r *R) []string { return topics(event(r)) }}
}

func (s store[R]) load(ctx context.Context, tx *db.Tx, rid id.ID) (R, error) {
	var r R
	var doc string
	ok, err := tx.Row(ctx, `SELECT doc FROM `+s.table+` WHERE id = ?`, []any{string(rid)}, &doc)
	if err != nil {
		return r, err
	}
	if !ok {
		return r, desk.NotFound()
	}
	if err := json.Unmarshal([]byte(doc), &r); err != nil {
		return r, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return r, nil
}

func (s store[R]) columns(r *R) ([]any, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	x := s.row(r)
	h := x.head
	return []any{string(h.Owner), string(x.copyOf), string(x.event), x.subject, string(h.State), h.Version, h.Place, string(h.Marking),
		clock.Micros(h.Due), x.expires, clock.Micros(h.Changed.At), string(doc), string(h.ID)}, nil
}

func (s store[R]) insert(ctx context.Context, tx *db.Tx, r *R) error {
	cols, err := s.columns(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO `+s.table+` (owner, copy_of, event, subject, state, version, place, marking, due, expires, changed, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, cols...)
	return err
}

func (s store[R]) update(ctx context.Context, tx *db.Tx, r *R, was int) error {
	cols, err := s.columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE `+s.table+` SET owner = ?, copy_of = ?, event = ?, subject = ?, state = ?, version = ?, place = ?, marking = ?,
		due = ?, expires = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// all reads the records that a condition of the code matches.
func (s store[R]) all(ctx context.Context, tx *db.Tx, where string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, `SELECT doc FROM `+s.table+` WHERE `+where, args, func(scan func(...any) error) error {
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

// keep stores a copy unless a newer version came before it; it refuses one
// that would replace another owner's record.
func (s store[R]) keep(ctx context.Context, tx *db.Tx, r *R) (bool, error) {
	h := s.row(r).head
	old, err := s.load(ctx, tx, h.ID)
	if fault.Is(err, fault.NotFound) {
		return true, s.insert(ctx, tx, r)
	}
	if err != nil {
		return false, err
	}
	x := s.row(&old)
	switch {
	case x.copyOf == "" || x.head.Owner != h.Owner:
		return false, fault.New(fault.Forbidden, "fault.ihr.not_sender")
	case x.head.Version >= h.Version:
		return false, nil
	}
	return true, s.update(ctx, tx, r, x.head.Version)
}
