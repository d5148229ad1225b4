package health

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func loadNotice(ctx context.Context, tx *db.Tx, nid id.ID) (Notice, error) {
	var n Notice
	err := load(ctx, tx, `SELECT doc FROM health_notice WHERE id = ?`, []any{string(nid)}, &n)
	return n, err
}

// noticeByRelease finds the notice that a release made; ok is false where the
// release never arrived here.
func noticeByRelease(ctx context.Context, tx *db.Tx, rid id.ID) (id.ID, bool, error) {
	var nid string
	ok, err := tx.Row(ctx, `SELECT id FROM health_notice WHERE release_id = ?`, []any{string(rid)}, &nid)
	return id.ID(nid), ok, err
}

// replaced reports whether a notice that supersedes the release came before it.
func replaced(ctx context.Context, tx *db.Tx, from access.Member, release id.ID) (bool, error) {
	var one int
	return tx.Row(ctx, `SELECT 1 FROM health_notice WHERE supersedes = ? AND sender = ? LIMIT 1`, []any{string(release), string(from)}, &one)
}

func noticeColumns(n *Notice) ([]any, error) {
	doc, err := encode(n)
	return []any{string(n.Release), string(n.From), string(n.Supersedes), string(n.Event), string(n.State), n.Version, string(n.Marking),
		clock.Micros(n.Due), clock.Micros(n.Changed.At), noticeNeedle(n), doc}, err
}

func insertNotice(ctx context.Context, tx *db.Tx, n *Notice) error {
	cols, err := noticeColumns(n)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO health_notice (release_id, sender, supersedes, event, state, version, marking, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(n.ID))...)
	return err
}

func updateNotice(ctx context.Context, tx *db.Tx, n *Notice, was int) error {
	cols, err := noticeColumns(n)
	if err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `UPDATE health_notice SET release_id = ?, sender = ?, supersedes = ?, event = ?, state = ?, version = ?, marking = ?,
		due = ?, changed = ?, needle = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(n.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(rows)
}

// questionKind serves both sides of a question: the record of the member that
// asks, and the record of the member that answers, which carries the same id.
func questionKind(name string, table *workflow.Table[Question]) *desk.Kind[Question] {
	return &desk.Kind[Question]{
		Name: name, Desk: Name, Table: table, Head: func(q *Question) *desk.Head { return &q.Head },
		Validate: validateQuestion, Load: loadQuestion, Insert: insertQuestion, Update: updateQuestion,
		Topics: func(q *Question) []string { return []string{"desk", "event:" + string(q.Event)} },
	}
}

func loadQuestion(ctx context.Context, tx *db.Tx, qid id.ID) (Question, error) {
	var q Question
	err := load(ctx, tx, `SELECT doc FROM health_question WHERE id = ?`, []any{string(qid)}, &q)
	return q, err
}

func questionColumns(q *Question) ([]any, error) {
	doc, err := encode(q)
	return []any{string(q.From), string(q.To), string(q.Event), string(q.State), q.Version, clock.Micros(q.Due),
		clock.Micros(q.Changed.At), doc}, err
}

func insertQuestion(ctx context.Context, tx *db.Tx, q *Question) error {
	cols, err := questionColumns(q)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO health_question (asker, asked, event, state, version, due, changed, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(q.ID))...)
	return err
}

func updateQuestion(ctx context.Context, tx *db.Tx, q *Question, was int) error {
	cols, err := questionColumns(q)
	if err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `UPDATE health_question SET asker = ?, asked = ?, event = ?, state = ?, version = ?, due = ?,
		changed = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(q.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(rows)
}

// Ack is how far one recipient has come with one notification.
type Ack struct {
	Notification id.ID
	Event        id.ID
	Member       access.Member
	Release      id.ID
	Stage        exchange.Stage
	At           int64 // microseconds
	Role         string
	Words        string
}

func upsertAck(ctx context.Context, tx *db.Tx, a Ack) error {
	_, err := tx.Exec(ctx, `INSERT INTO health_ack (notification, member, event, release_id, stage, role, words, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (notification, member) DO UPDATE SET release_id = excluded.release_id, stage = excluded.stage,
		role = excluded.role, words = excluded.words, at = excluded.at`,
		string(a.Notification), string(a.Member), string(a.Event), string(a.Release), string(a.Stage), a.Role, a.Words, a.At)
	return err
}

// acksOf are the acknowledgements of one notification.
func acksOf(ctx context.Context, tx *db.Tx, nid id.ID) ([]Ack, error) {
	return scanAcks(ctx, tx, `SELECT notification, event, member, release_id, stage, at, role, words FROM health_ack WHERE notification = ?`, string(nid))
}

func scanAcks(ctx context.Context, tx *db.Tx, query string, args ...any) ([]Ack, error) {
	var out []Ack
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var a Ack
		if err := scan(&a.Notification, &a.Event, &a.Member, &a.Release, &a.Stage, &a.At, &a.Role, &a.Words); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	return out, err
}
