package verification

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
}

func load(ctx context.Context, tx *db.Tx, rid id.ID) (Request, error) {
	var r Request
	var doc string
	ok, err := tx.Row(ctx, `SELECT doc FROM verification_request WHERE id = ?`, []any{string(rid)}, &doc)
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

func loadAll(ctx context.Context, tx *db.Tx, query string, args ...any) ([]Request, error) {
	var out []Request
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r Request
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// Sides of an exchange in the store and in the address of the list.
const (
	SideAsked     = "asked"     // by this member
	SideAnswering = "answering" // asked of this member
)

func columns(r *Request) ([]any, error) {
	doc, err := encode(r)
	side, open := SideAnswering, 0
	if r.Asking() {
		side = SideAsked
	}
	if r.Open() {
		open = 1
	}
	return []any{side, string(r.Peer()), string(r.State), open, r.Version, string(r.Event), string(r.Signal), r.Hazard, string(r.Marking),
		clock.Micros(r.Due), clock.Micros(r.Changed.At), needle(r), doc}, err
}

// needle is what the search looks through.
func needle(r *Request) string {
	text := []string{r.Title, r.Context, r.Where, place.Name(r.Where, "en"), r.Hazard, string(r.From), string(r.To), string(r.ID)}
	for _, q := range r.Questions {
		text = append(text, q.Text)
	}
	if r.Answer != nil {
		text = append(text, r.Answer.Summary)
	}
	return health.Fold(strings.Join(text, "\n"))
}

func insert(ctx context.Context, tx *db.Tx, r *Request) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO verification_request (side, peer, state, open, version, event, signal, hazard, marking, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, append(cols, string(r.ID))...)
	if err != nil {
		return err
	}
	return db.Conflict(n) // an identifier that is taken: somebody else's request, or a repeat
}

func update(ctx context.Context, tx *db.Tx, r *Request, was int) error {
	cols, err := columns(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE verification_request SET side = ?, peer = ?, state = ?, open = ?, version = ?, event = ?, signal = ?, hazard = ?,
		marking = ?, due = ?, changed = ?, needle = ?, doc = ? WHERE id = ? AND version = ?`, append(cols, string(r.ID), was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// stored is a message with what this node knows of it beside what was said.
type stored struct {
	Message
	ReceivedAt time.Time `json:"received,omitzero"`
}

// addMessage appends a line to the exchange. It reports whether the line is
// new.
func addMessage(ctx context.Context, tx *db.Tx, m *Message) (bool, error) {
	doc, err := encode(stored{Message: *m, ReceivedAt: m.Received})
	if err != nil {
		return false, err
	}
	var seq int64
	if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(seq), 0) FROM verification_message WHERE request = ?`, []any{string(m.Request)}, &seq); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO verification_message (id, request, seq, sender, release_id, delivered, doc) VALUES (?, ?, ?, ?, ?, 0, ?)
		ON CONFLICT (id) DO NOTHING`, string(m.ID), string(m.Request), seq+1, string(m.From), string(m.Release), doc)
	return n == 1, err
}

func messagesOf(ctx context.Context, tx *db.Tx, rid id.ID) ([]Message, error) {
	var out []Message
	err := tx.Each(ctx, `SELECT release_id, delivered, doc FROM verification_message WHERE request = ? ORDER BY seq`, []any{string(rid)},
		func(scan func(...any) error) error {
			var release, doc string
			var delivered int64
			if err := scan(&release, &delivered, &doc); err != nil {
				return err
			}
			var s stored
			if err := json.Unmarshal([]byte(doc), &s); err != nil {
				return fault.Wrap(fault.Internal, "fault.internal", err)
			}
			s.Message.Release, s.Message.Received, s.Message.Delivered = id.ID(release), s.ReceivedAt, clock.FromMicros(delivered)
			out = append(out, s.Message)
			return nil
		})
	return out, err
}

// noteDelivered keeps when the other node had stored an own message.
func noteDelivered(ctx context.Context, tx *db.Tx, release id.ID, at time.Time) (id.ID, error) {
	var rid string
	ok, err := tx.Row(ctx, `SELECT request FROM verification_message WHERE release_id = ?`, []any{string(release)}, &rid)
	if err != nil || !ok {
		return "", err
	}
	_, err = tx.Exec(ctx, `UPDATE verification_message SET delivered = ? WHERE release_id = ? AND delivered = 0`, clock.Micros(at), string(release))
	return id.ID(rid), err
}
