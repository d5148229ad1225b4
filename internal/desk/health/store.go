package health

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// What is stored: every record as one JSON document, beside it the columns
// that lists filter and sort by. The columns are derived from the document and
// written together with it.

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

// load reads the document of one row into out.
func load(ctx context.Context, tx *db.Tx, query string, args []any, out any) error {
	var doc string
	ok, err := tx.Row(ctx, query, args, &doc)
	if err != nil {
		return err
	}
	if !ok {
		return desk.NotFound()
	}
	if err := json.Unmarshal([]byte(doc), out); err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return nil
}

// loadAll reads the documents of many rows.
func loadAll[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
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

func loadEvent(ctx context.Context, tx *db.Tx, eid id.ID) (Event, error) {
	var e Event
	err := load(ctx, tx, `SELECT doc FROM health_event WHERE id = ?`, []any{string(eid)}, &e)
	return e, err
}

func eventColumns(e *Event) ([]any, error) {
	doc, err := encode(e)
	if err != nil {
		return nil, err
	}
	open := 0
	if slices.Contains(OpenStates, e.State) {
		open = 1
	}
	return []any{string(e.Owner), string(e.CopyOf), string(e.State), e.Version, e.Place, e.Hazard, string(e.Grade),
		slices.Index(Grades, e.Grade), string(e.Marking), clock.Micros(e.Changed.At), clock.Micros(e.Due), e.Exercise,
		needle(e), open, doc}, nil
}

func insertEvent(ctx context.Context, tx *db.Tx, e *Event) error {
	cols, err := eventColumns(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO health_event
		(owner, copy_of, state, version, place, hazard, grade, grade_rank, marking, changed, due, exercise, needle, open, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(e.ID))...)
	return err
}

func updateEvent(ctx context.Context, tx *db.Tx, e *Event, was int) error {
	cols, err := eventColumns(e)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE health_event SET owner = ?, copy_of = ?, state = ?, version = ?, place = ?, hazard = ?, grade = ?,
		grade_rank = ?, marking = ?, changed = ?, due = ?, exercise = ?, needle = ?, open = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(e.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// needle is what the search looks through: folded text, which works in
// scripts without word spaces as well.
func needle(e *Event) string {
	return Fold(strings.Join([]string{e.Name, e.Summary, e.Agent, e.Hazard, e.ICD11, e.ICD10, e.GLIDE, string(e.Owner),
		strings.Join(e.Places, " "), string(e.ID)}, "\n"))
}

// Fold brings text to a form in which a search finds it.
func Fold(s string) string { return desk.Fold(s) }

func insertFacts(ctx context.Context, tx *db.Tx, facts []Fact, from int) error {
	for i, f := range facts {
		doc, err := encode(f)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO health_fact (id, event, seq, revision, doc) VALUES (?, ?, ?, ?, ?)`,
			string(f.ID), string(f.Event), from+i, f.Revision, doc); err != nil {
			return err
		}
	}
	return nil
}

func factsOf(ctx context.Context, tx *db.Tx, eid id.ID) ([]Fact, error) {
	return loadAll[Fact](ctx, tx, `SELECT doc FROM health_fact WHERE event = ? ORDER BY seq`, string(eid))
}

func loadNotification(ctx context.Context, tx *db.Tx, nid id.ID) (Notification, error) {
	var n Notification
	if err := load(ctx, tx, `SELECT doc FROM health_notification WHERE id = ?`, []any{string(nid)}, &n); err != nil {
		return n, err
	}
	e, err := loadEvent(ctx, tx, n.Event)
	if err != nil {
		return n, err
	}
	if e.shows, err = absorbed(ctx, tx, &e, Reach{}); err != nil {
		return n, err
	}
	n.event = &e
	if n.Supersedes != "" {
		var old Notification
		if err := load(ctx, tx, `SELECT doc FROM health_notification WHERE id = ?`, []any{string(n.Supersedes)}, &old); err != nil {
			return n, err
		}
		n.old = &old
	}
	return n, nil
}

func notificationColumns(n *Notification) ([]any, error) {
	doc, err := encode(n)
	return []any{string(n.Event), string(n.State), n.Version, string(n.Marking), clock.Micros(n.Released),
		clock.Micros(n.Due), clock.Micros(n.Changed.At), doc}, err
}

func insertNotification(ctx context.Context, tx *db.Tx, n *Notification) error {
	cols, err := notificationColumns(n)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO health_notification (event, state, version, marking, released, due, changed, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(n.ID))...)
	return err
}

func updateNotification(ctx context.Context, tx *db.Tx, n *Notification, was int) error {
	cols, err := notificationColumns(n)
	if err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `UPDATE health_notification SET event = ?, state = ?, version = ?, marking = ?, released = ?, due = ?,
		changed = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(n.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(rows)
}
