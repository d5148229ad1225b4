package risk

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

func load(ctx context.Context, tx *db.Tx, query string, rid id.ID, out any) error {
	var doc string
	ok, err := tx.Row(ctx, query, []any{string(rid)}, &doc)
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

func loadAssessment(ctx context.Context, tx *db.Tx, aid id.ID) (Assessment, error) {
	var a Assessment
	if err := load(ctx, tx, `SELECT doc FROM risk_assessment WHERE id = ?`, aid, &a); err != nil {
		return a, err
	}
	// The event's marking is needed by the table; an event that is not here
	// any more sets no limit.
	var marking string
	_, err := tx.Row(ctx, `SELECT marking FROM health_event WHERE id = ?`, []any{string(a.Event)}, &marking)
	a.eventMarking = access.Marking(marking)
	return a, err
}

func assessmentColumns(a *Assessment) ([]any, error) {
	doc, err := encode(a)
	return []any{string(a.Owner), string(a.CopyOf), string(a.Event), string(a.State), a.Version, a.Place, a.Scope, a.Level().Rank(),
		string(a.Marking), string(a.Replaces), clock.Micros(a.ValidUntil), clock.Micros(a.Due), clock.Micros(a.Changed.At),
		needle(a), doc}, err
}

func needle(a *Assessment) string {
	return health.Fold(strings.Join([]string{a.Title, a.EventName, health.HazardNames(a.Hazard), a.HazardPart.Text, a.ExposurePart.Text, a.ContextPart.Text,
		strings.Join(a.Questions, " "), string(a.Owner), string(a.ID)}, "\n"))
}

func insertAssessment(ctx context.Context, tx *db.Tx, a *Assessment) error {
	cols, err := assessmentColumns(a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO risk_assessment
		(owner, copy_of, event, state, version, place, scope, level, marking, replaces, valid_until, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(a.ID))...)
	return err
}

func updateAssessment(ctx context.Context, tx *db.Tx, a *Assessment, was int) error {
	cols, err := assessmentColumns(a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE risk_assessment SET owner = ?, copy_of = ?, event = ?, state = ?, version = ?, place = ?, scope = ?,
		level = ?, marking = ?, replaces = ?, valid_until = ?, due = ?, changed = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(a.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func loadPosition(ctx context.Context, tx *db.Tx, pid id.ID) (Position, error) {
	var p Position
	if err := load(ctx, tx, `SELECT doc FROM risk_position WHERE id = ?`, pid, &p); err != nil {
		return p, err
	}
	a, err := loadAssessment(ctx, tx, p.Assessment)
	if fault.Is(err, fault.NotFound) {
		return p, nil // it came before the assessment that it answers
	}
	p.of = &a
	return p, err
}

func positionColumns(p *Position) ([]any, error) {
	doc, err := encode(p)
	return []any{string(p.Owner), string(p.CopyOf), string(p.Assessment), string(p.State), p.Version, string(p.Replaces),
		clock.Micros(p.Due), clock.Micros(p.Changed.At), doc}, err
}

func insertPosition(ctx context.Context, tx *db.Tx, p *Position) error {
	cols, err := positionColumns(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO risk_position (owner, copy_of, assessment, state, version, replaces, due, changed, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(p.ID))...)
	return err
}

func updatePosition(ctx context.Context, tx *db.Tx, p *Position, was int) error {
	cols, err := positionColumns(p)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE risk_position SET owner = ?, copy_of = ?, assessment = ?, state = ?, version = ?, replaces = ?,
		due = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(p.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// positionsOf are all positions on an assessment, the newest first.
func positionsOf(ctx context.Context, tx *db.Tx, aid id.ID) ([]Position, error) {
	return loadAll[Position](ctx, tx, `SELECT doc FROM risk_position WHERE assessment = ? ORDER BY changed DESC, id DESC`, string(aid))
}

// copyOf finds the copy that a release brought.
func copyOf(ctx context.Context, tx *db.Tx, table string, release id.ID) (id.ID, bool, error) {
	query := map[string]string{
		KindAssessment: `SELECT id FROM risk_assessment WHERE copy_of = ?`,
		KindPosition:   `SELECT id FROM risk_position WHERE copy_of = ?`,
	}[table]
	var rid string
	ok, err := tx.Row(ctx, query, []any{string(release)}, &rid)
	return id.ID(rid), ok, err
}

// replaced reports whether a copy that supersedes the release came before it.
func replaced(ctx context.Context, tx *db.Tx, table string, from access.Member, release id.ID) (bool, error) {
	query := map[string]string{
		KindAssessment: `SELECT 1 FROM risk_assessment WHERE replaces = ? AND owner = ? LIMIT 1`,
		KindPosition:   `SELECT 1 FROM risk_position WHERE replaces = ? AND owner = ? LIMIT 1`,
	}[table]
	var one int
	return tx.Row(ctx, query, []any{string(release), string(from)}, &one)
}

// noteGone remembers a withdrawal whose release has not arrived.
func noteGone(ctx context.Context, tx *db.Tx, release id.ID, from access.Member, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO risk_gone (release_id, sender, reason) VALUES (?, ?, ?) ON CONFLICT (release_id) DO NOTHING`,
		string(release), string(from), reason)
	return err
}

func gone(ctx context.Context, tx *db.Tx, release id.ID, from access.Member) (reason string, ok bool, err error) {
	ok, err = tx.Row(ctx, `SELECT reason FROM risk_gone WHERE release_id = ? AND sender = ?`, []any{string(release), string(from)}, &reason)
	return reason, ok, err
}
