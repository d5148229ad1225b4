package request

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
	"lintas/internal/workflow"
)

// columns are what the store looks for beside the document.
type columns struct {
	Peer                  access.Member
	Request, Offer, Event id.ID
	Open                  bool
	Words                 []string // that a search finds
}

// record is any record of the part.
type record[R any] interface {
	*R
	head() *desk.Head
	columns() columns
}

func kindOf[R any, P record[R]](name string, table *workflow.Table[R], validate func(*R) error) *desk.Kind[R] {
	return &desk.Kind[R]{
		Name: name, Desk: Name, Table: table, Head: func(r *R) *desk.Head { return P(r).head() }, Validate: validate,
		Load:   func(ctx context.Context, tx *db.Tx, rid id.ID) (R, error) { return load[R](ctx, tx, rid, name) },
		Insert: insert[R, P], Update: update[R, P],
		Topics: func(r *R) []string { return topicsOf(P(r).head(), P(r).columns()) },
	}
}

func topicsOf(h *desk.Head, c columns) []string {
	out := []string{"desk", "request:" + string(h.ID)}
	for topic, rid := range map[string]id.ID{"request": c.Request, "event": c.Event} {
		if rid != "" && rid != h.ID {
			out = append(out, topic+":"+string(rid))
		}
	}
	return out
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

func decodeDoc[R any](doc string) (R, error) {
	var r R
	if err := json.Unmarshal([]byte(doc), &r); err != nil {
		return r, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return r, nil
}

// load reads a record of one kind; another kind's is not found.
func load[R any](ctx context.Context, tx *db.Tx, rid id.ID, kind string) (R, error) {
	var zero R
	var doc string
	ok, err := tx.Row(ctx, `SELECT doc FROM request_record WHERE id = ? AND kind = ?`, []any{string(rid), kind}, &doc)
	if err != nil {
		return zero, err
	}
	if !ok {
		return zero, desk.NotFound()
	}
	return decodeDoc[R](doc)
}

// kindAt is the kind of the record with the identifier; empty: none.
func kindAt(ctx context.Context, tx *db.Tx, rid id.ID) (string, error) {
	var kind string
	_, err := tx.Row(ctx, `SELECT kind FROM request_record WHERE id = ?`, []any{string(rid)}, &kind)
	return kind, err
}

// all reads the documents of one kind that meet a condition.
func all[R any](ctx context.Context, tx *db.Tx, kind, cond string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, `SELECT doc FROM request_record WHERE kind = ? AND `+cond, append([]any{kind}, args...), func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		r, err := decodeDoc[R](doc)
		out = append(out, r)
		return err
	})
	return out, err
}

func values[R any, P record[R]](r *R) ([]any, error) {
	h, c := P(r).head(), P(r).columns()
	doc, err := encode(r)
	open := 0
	if c.Open {
		open = 1
	}
	words := append(c.Words, string(c.Peer), string(h.Owner), string(h.ID))
	return []any{h.Kind, string(c.Peer), string(c.Request), string(c.Offer), string(c.Event), string(h.State), open, h.Version, string(h.Marking),
		clock.Micros(h.Due), clock.Micros(h.Changed.At), health.Fold(strings.Join(words, "\n")), doc}, err
}

func insert[R any, P record[R]](ctx context.Context, tx *db.Tx, r *R) error {
	vals, err := values[R, P](r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO request_record (kind, peer, request, offer, event, state, open, version, marking, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, append(vals, string(P(r).head().ID))...)
	if err != nil {
		return err
	}
	return db.Conflict(n) // an identifier that is taken: somebody else's record
}

func update[R any, P record[R]](ctx context.Context, tx *db.Tx, r *R, was int) error {
	vals, err := values[R, P](r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE request_record SET kind = ?, peer = ?, request = ?, offer = ?, event = ?, state = ?, open = ?, version = ?, marking = ?,
		due = ?, changed = ?, needle = ?, doc = ? WHERE id = ? AND version = ?`, append(vals, string(P(r).head().ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// keepCopy stores what a member released for information, unless something
// newer of it is here.
func keepCopy(ctx context.Context, tx *db.Tx, c Copy, doc any) error {
	text, err := encode(doc)
	if err != nil {
		return err
	}
	open := 0
	if c.Open {
		open = 1
	}
	_, err = tx.Exec(ctx, `INSERT INTO request_copy (id, kind, sender, receiver, request, rev, open, marking, issued, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id, kind) DO UPDATE SET rev = excluded.rev, open = excluded.open, marking = excluded.marking, issued = excluded.issued, doc = excluded.doc
		WHERE request_copy.rev <= excluded.rev AND request_copy.sender = excluded.sender`,
		string(c.ID), c.Kind, string(c.Sender), string(c.Receiver), string(c.Request), c.Rev, open, string(c.Marking), clock.Micros(c.Issued), text)
	return err
}

// copies are what others let this member know, of one kind.
func copies[V any](ctx context.Context, tx *db.Tx, kind, cond string, args ...any) ([]V, []Copy, error) {
	var out []V
	var meta []Copy
	err := tx.Each(ctx, `SELECT id, sender, receiver, request, rev, open, marking, issued, doc FROM request_copy WHERE kind = ? AND `+cond, append([]any{kind}, args...),
		func(scan func(...any) error) error {
			var c Copy
			var open, issued int64
			var doc string
			if err := scan(&c.ID, &c.Sender, &c.Receiver, &c.Request, &c.Rev, &open, &c.Marking, &issued, &doc); err != nil {
				return err
			}
			c.Kind, c.Open, c.Issued = kind, open == 1, clock.FromMicros(issued)
			v, err := decodeDoc[V](doc)
			out, meta = append(out, v), append(meta, c)
			return err
		})
	return out, meta, err
}
