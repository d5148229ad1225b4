package incident

import (
	"context"
	"encoding/json"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// What is stored: every record as one JSON document in one table, beside it the
// columns that lists filter and sort by, derived from it and written with it.

// columns are those of a record that its head does not have.
type columns struct {
	Incident id.ID
	At       time.Time
	Mark     string // at most one record has it; empty: none
	Needle   string
}

// kindOf is what Take must know of a kind. fill loads what the needs ask for.
func kindOf[R any](name string, table *workflow.Table[R], head func(*R) *desk.Head, validate func(*R) error, cols func(*R) columns,
	fill func(context.Context, *db.Tx, *R) error) *desk.Kind[R] {
	values := func(r *R) ([]any, error) {
		doc, err := json.Marshal(r)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "fault.internal", err)
		}
		h, c := head(r), cols(r)
		if c.Mark == "" {
			c.Mark = string(h.ID)
		}
		return []any{name, string(c.Incident), string(h.State), h.Version, string(h.Marking), clock.Micros(c.At), clock.Micros(h.Due), clock.Micros(h.Changed.At),
			c.Mark, c.Needle, string(doc), string(h.ID)}, nil
	}
	return &desk.Kind[R]{Name: name, Desk: Name, Table: table, Head: head, Validate: validate,
		Load: func(ctx context.Context, tx *db.Tx, rid id.ID) (R, error) {
			r, err := one[R](ctx, tx, `SELECT doc FROM incident_record WHERE id = ? AND kind = ?`, string(rid), name)
			if err == nil && fill != nil {
				err = fill(ctx, tx, &r)
			}
			return r, err
		},
		Insert: func(ctx context.Context, tx *db.Tx, r *R) error {
			v, err := values(r)
			if err != nil {
				return err
			}
			n, err := tx.Exec(ctx, `INSERT INTO incident_record (kind, incident, state, version, marking, at, due, changed, mark, needle, doc, id)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) DO NOTHING`, v...)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.New(fault.Conflict, "fault.incident.twice")
			}
			return nil
		},
		Update: func(ctx context.Context, tx *db.Tx, r *R, was int) error {
			v, err := values(r)
			if err != nil {
				return err
			}
			n, err := tx.Exec(ctx, `UPDATE incident_record SET kind = ?, incident = ?, state = ?, version = ?, marking = ?, at = ?, due = ?, changed = ?, mark = ?, needle = ?, doc = ?
				WHERE id = ? AND version = ?`, append(v, was)...)
			if err != nil {
				return err
			}
			return db.Conflict(n)
		},
		Topics: func(r *R) []string { return []string{"desk", "incident:" + string(cols(r).Incident)} },
	}
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

// of are the records of a kind of an incident, by their time.
func of[R any](ctx context.Context, tx *db.Tx, kind string, incident id.ID) ([]R, error) {
	return docs[R](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? ORDER BY at, id`, string(incident), kind)
}

// onDuty are those who hold a function of an incident now: whoever handed over
// stays on duty until somebody has taken over.
func onDuty(ctx context.Context, tx *db.Tx, incident id.ID) ([]Duty, error) {
	return docs[Duty](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?) ORDER BY at, id`,
		string(incident), KindDuty, string(OnDuty), string(HandedOver))
}
