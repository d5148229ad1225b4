package sitrep

import (
	"context"
	"encoding/json"
	"strings"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// What is stored: every report as one JSON document, beside it the columns that
// lists filter and sort by, derived from it and written together with it.

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

func loadReport(ctx context.Context, tx *db.Tx, rid id.ID) (Report, error) {
	r, err := one[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE id = ?`, string(rid))
	if err != nil || r.Event == "" {
		return r, err
	}
	// The event's marking is needed by the table; an event that is not here
	// sets no limit.
	var marking string
	_, err = tx.Row(ctx, `SELECT marking FROM health_event WHERE id = ?`, []any{string(r.Event)}, &marking)
	r.eventMarking = access.Marking(marking)
	return r, err
}

func columns(r *Report) ([]any, error) {
	doc, err := encode(r)
	return []any{string(r.Owner), string(r.CopyOf), r.Scope, string(r.Event), string(r.Family), string(r.Call), string(r.State), r.Version, r.Number, r.Place,
		string(r.Marking), string(r.Replaces), clock.Micros(r.AsOf), clock.Micros(r.Received), clock.Micros(r.Next), clock.Micros(r.Due),
		clock.Micros(r.Changed.At), needle(r), doc}, err
}

func needle(r *Report) string {
	parts := append([]string{r.Title, r.Subject, r.GLIDE, r.Hazard, r.Authority, string(r.Owner), string(r.ID)}, r.Highlights...)
	for _, t := range r.Texts {
		parts = append(parts, t.Text)
	}
	return health.Fold(strings.Join(parts, "\n"))
}

func insertReport(ctx context.Context, tx *db.Tx, r *Report) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sitrep_report
		(owner, copy_of, scope, event, family, call_id, state, version, number, place, marking, replaces, as_of, received, next_issue, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(r.ID))...)
	return err
}

func updateReport(ctx context.Context, tx *db.Tx, r *Report, was int) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE sitrep_report SET owner = ?, copy_of = ?, scope = ?, event = ?, family = ?, call_id = ?, state = ?, version = ?,
		number = ?, place = ?, marking = ?, replaces = ?, as_of = ?, received = ?, next_issue = ?, due = ?, changed = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(r.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// seriesOf are the reports of this node on one event or family, the newest
// issue first.
func seriesOf(ctx context.Context, tx *db.Tx, r *Report) ([]Report, error) {
	of, column := r.Event, "event"
	if r.Scope == Regional {
		of, column = r.Family, "family"
	}
	if of == "" { // statements of nothing to report make a series by family
		of, column = r.Family, "family"
	}
	list, err := docs[Report](ctx, tx, map[string]string{
		"event":  `SELECT doc FROM sitrep_report WHERE event = ? AND copy_of = '' AND scope = ? AND state <> ? ORDER BY number DESC, changed DESC, id DESC`,
		"family": `SELECT doc FROM sitrep_report WHERE family = ? AND copy_of = '' AND scope = ? AND state <> ? ORDER BY number DESC, changed DESC, id DESC`,
	}[column], string(of), r.Scope, string(Discarded))
	return list, err
}

// Call is a request of another member for an input, as it stands here.
type Call struct {
	CallView
	Release  id.ID  `json:"release"`
	Received int64  `json:"received"`
	Exercise string `json:"exercise,omitempty"`
}

func loadCall(ctx context.Context, tx *db.Tx, cid id.ID) (Call, bool, error) {
	c, err := one[Call](ctx, tx, `SELECT doc FROM sitrep_call WHERE id = ?`, string(cid))
	if fault.Is(err, fault.NotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

func putCall(ctx context.Context, tx *db.Tx, c *Call) error {
	doc, err := encode(c)
	if err != nil {
		return err
	}
	ended := 0
	if c.Ended {
		ended = 1
	}
	_, err = tx.Exec(ctx, `INSERT INTO sitrep_call (id, owner, family, version, cut_off, received, marking, ended, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, cut_off = excluded.cut_off, received = excluded.received, marking = excluded.marking,
		ended = excluded.ended, doc = excluded.doc`,
		string(c.ID), string(c.Owner), string(c.Family), c.Version, clock.Micros(c.CutOff), c.Received, string(c.Marking), ended, doc)
	return err
}

// copyOf finds the copy that a release brought.
func copyOf(ctx context.Context, tx *db.Tx, release id.ID) (Report, bool, error) {
	r, err := one[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE copy_of = ?`, string(release))
	if fault.Is(err, fault.NotFound) {
		return r, false, nil
	}
	return r, err == nil, err
}

// replaced reports whether a copy that supersedes the release came before it.
func replaced(ctx context.Context, tx *db.Tx, from access.Member, release id.ID) (bool, error) {
	var one int
	return tx.Row(ctx, `SELECT 1 FROM sitrep_report WHERE replaces = ? AND owner = ? LIMIT 1`, []any{string(release), string(from)}, &one)
}

func noteGone(ctx context.Context, tx *db.Tx, release id.ID, from access.Member, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sitrep_gone (release_id, sender, reason) VALUES (?, ?, ?) ON CONFLICT (release_id) DO NOTHING`,
		string(release), string(from), reason)
	return err
}

func gone(ctx context.Context, tx *db.Tx, release id.ID, from access.Member) (reason string, ok bool, err error) {
	ok, err = tx.Row(ctx, `SELECT reason FROM sitrep_gone WHERE release_id = ? AND sender = ?`, []any{string(release), string(from)}, &reason)
	return reason, ok, err
}
