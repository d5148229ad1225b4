package contact

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"lintas/internal/access"
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

func loadOne(ctx context.Context, tx *db.Tx, query string, key id.ID, out any) error {
	var doc string
	ok, err := tx.Row(ctx, query, []any{string(key)}, &doc)
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

func loadOwn(ctx context.Context, tx *db.Tx, i id.ID) (Own, error) {
	var o Own
	err := loadOne(ctx, tx, `SELECT doc FROM contact_own WHERE id = ?`, i, &o)
	return o, err
}

func insertOwn(ctx context.Context, tx *db.Tx, o *Own) error {
	doc, err := encode(o)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_own (id, role, state, version, changed, doc) VALUES (?, ?, ?, ?, ?, ?)`,
		string(o.ID), string(o.Contact.Role), string(o.State), o.Version, clock.Micros(o.Changed.At), doc)
	return err
}

func updateOwn(ctx context.Context, tx *db.Tx, o *Own, was int) error {
	doc, err := encode(o)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE contact_own SET role = ?, state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(o.Contact.Role), string(o.State), o.Version, clock.Micros(o.Changed.At), doc, string(o.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// entry is one line of the directory.
type entry struct {
	Contact
	Marking   access.Marking `json:"marking"`
	Withdrawn time.Time      `json:"withdrawn,omitzero"`
	Reason    string         `json:"reason,omitempty"`
	Received  time.Time      `json:"received,omitzero"`
	Exercise  string         `json:"exercise,omitempty"`
}

func loadEntry(ctx context.Context, tx *db.Tx, i id.ID) (entry, bool, error) {
	var e entry
	err := loadOne(ctx, tx, `SELECT doc FROM contact_entry WHERE id = ?`, i, &e)
	if fault.Is(err, fault.NotFound) {
		return e, false, nil
	}
	return e, err == nil, err
}

// storeEntry keeps the newest version of an entry; an older one that comes
// late changes nothing.
func storeEntry(ctx context.Context, tx *db.Tx, e *entry) error {
	doc, err := encode(e)
	if err != nil {
		return err
	}
	gone := 0
	if !e.Withdrawn.IsZero() {
		gone = 1
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_entry (id, member, role, ord, version, withdrawn, needle, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET role = excluded.role, ord = excluded.ord, version = excluded.version, withdrawn = excluded.withdrawn,
		needle = excluded.needle, doc = excluded.doc WHERE contact_entry.version < excluded.version AND contact_entry.member = excluded.member`,
		string(e.ID), string(e.Member), string(e.Role), e.Order, e.Version, gone, needle(&e.Contact), doc)
	return err
}

func needle(k *Contact) string {
	text := []string{string(k.Member), place.Name(string(k.Member), "en"), string(k.Role), k.Organisation, k.Unit, k.Post, k.Person, k.Note}
	for _, c := range k.Channels {
		text = append(text, c.Value)
	}
	return health.Fold(strings.Join(text, "\n"))
}

func loadCheck(ctx context.Context, tx *db.Tx, i id.ID) (Check, error) {
	var k Check
	err := loadOne(ctx, tx, `SELECT doc FROM contact_check WHERE id = ?`, i, &k)
	return k, err
}

func insertCheck(ctx context.Context, tx *db.Tx, k *Check) error {
	doc, err := encode(k)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_check (id, state, role, release_id, version, issued, due, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		string(k.ID), string(k.State), string(k.Role), string(k.Release), k.Version, clock.Micros(k.Issued), clock.Micros(k.Due), doc)
	return err
}

func updateCheck(ctx context.Context, tx *db.Tx, k *Check, was int) error {
	doc, err := encode(k)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE contact_check SET state = ?, version = ?, due = ?, doc = ? WHERE id = ? AND version = ?`,
		string(k.State), k.Version, clock.Micros(k.Due), doc, string(k.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func loadCall(ctx context.Context, tx *db.Tx, i id.ID) (Call, error) {
	var k Call
	err := loadOne(ctx, tx, `SELECT doc FROM contact_call WHERE id = ?`, i, &k)
	return k, err
}

func insertCall(ctx context.Context, tx *db.Tx, k *Call) error {
	doc, err := encode(k)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO contact_call (id, sender, release_id, state, version, due, issued, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`, string(k.ID), string(k.From), string(k.Release), string(k.State), k.Version, clock.Micros(k.Due), clock.Micros(k.Body.Issued), doc)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func updateCall(ctx context.Context, tx *db.Tx, k *Call, was int) error {
	doc, err := encode(k)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE contact_call SET state = ?, version = ?, due = ?, doc = ? WHERE id = ? AND version = ?`,
		string(k.State), k.Version, clock.Micros(k.Due), doc, string(k.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func storeAnswer(ctx context.Context, tx *db.Tx, a *Answer) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact_answer (check_id, member, delivered, opened, answered, arrived, post, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (check_id, member) DO UPDATE SET delivered = excluded.delivered, opened = excluded.opened, answered = excluded.answered,
		arrived = excluded.arrived, post = excluded.post, words = excluded.words`, string(a.Check), string(a.Member), clock.Micros(a.Delivered),
		clock.Micros(a.Opened), clock.Micros(a.Answered), clock.Micros(a.Arrived), a.Post, a.Words)
	return err
}

const answerColumns = `SELECT check_id, member, delivered, opened, answered, arrived, post, words FROM contact_answer `

func answers(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Answer, error) {
	var out []Answer
	err := tx.Each(ctx, answerColumns+where, args, func(scan func(...any) error) error {
		var a Answer
		var delivered, opened, answered, arrived int64
		if err := scan(&a.Check, &a.Member, &delivered, &opened, &answered, &arrived, &a.Post, &a.Words); err != nil {
			return err
		}
		a.Delivered, a.Opened, a.Answered, a.Arrived = clock.FromMicros(delivered), clock.FromMicros(opened), clock.FromMicros(answered), clock.FromMicros(arrived)
		out = append(out, a)
		return nil
	})
	return out, err
}
