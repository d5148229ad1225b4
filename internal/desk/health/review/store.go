package review

import (
	"context"
	"encoding/json"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// What is stored: every review as one JSON document, beside it the columns that
// lists filter and sort by, derived from it and written together with it.

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

// load reads a review with how far its trail is, for the needs.
func (d *Desk) load(ctx context.Context, tx *db.Tx, rid id.ID) (Review, error) {
	r, err := one[Review](ctx, tx, `SELECT doc FROM review_review WHERE id = ?`, string(rid))
	if err != nil || !r.Own() {
		return r, err
	}
	r.stand, err = d.trail.StandingOf(ctx, tx, r.Source())
	return r, err
}

func columns(r *Review) ([]any, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	words := []string{r.Title, r.FamilyName, r.Hazard, r.Summary, r.Objectives, string(r.Owner), string(r.ID)}
	for _, e := range r.Events {
		words = append(words, e.Name)
	}
	open := 1
	if final(r.State) {
		open = 0
	}
	return []any{string(r.Owner), string(r.CopyOf), string(r.Of), string(r.Family), r.Sort, string(r.State), open, r.Version, string(r.Marking), clock.Micros(r.Due),
		clock.Micros(r.Changed.At), desk.Fold(strings.Join(words, "\n")), string(doc)}, nil
}

func final(s workflow.State) bool { return s == Closed || s == Cancelled }

func insert(ctx context.Context, tx *db.Tx, r *Review) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, `INSERT INTO review_review (owner, copy_of, half_of, family, sort, state, open, version, marking, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(r.ID))...); err != nil {
		return err
	}
	return events(ctx, tx, r)
}

func update(ctx context.Context, tx *db.Tx, r *Review, was int) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE review_review SET owner = ?, copy_of = ?, half_of = ?, family = ?, sort = ?, state = ?, open = ?, version = ?, marking = ?, due = ?, changed = ?,
		needle = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(r.ID), was)...)
	if err == nil {
		err = db.Conflict(n)
	}
	if err != nil {
		return err
	}
	return events(ctx, tx, r)
}

func events(ctx context.Context, tx *db.Tx, r *Review) error {
	if _, err := tx.Exec(ctx, `DELETE FROM review_event WHERE review = ?`, string(r.ID)); err != nil {
		return err
	}
	for _, e := range r.Events {
		if _, err := tx.Exec(ctx, `INSERT INTO review_event (review, event) VALUES (?, ?) ON CONFLICT (review, event) DO NOTHING`, string(r.ID), string(e.ID)); err != nil {
			return err
		}
	}
	return nil
}

// putLock writes locked evidence once: a second lock of the same review is
// refused by the table, and by this.
func putLock(ctx context.Context, tx *db.Tx, rid id.ID, l *Evidence) error {
	doc, err := json.Marshal(l)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO review_lock (review, doc) VALUES (?, ?) ON CONFLICT (review) DO NOTHING`, string(rid), string(doc))
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "fault.review.locked")
	}
	return err
}

func loadLock(ctx context.Context, tx *db.Tx, rid id.ID) (Evidence, error) {
	return one[Evidence](ctx, tx, `SELECT doc FROM review_lock WHERE review = ?`, string(rid))
}
