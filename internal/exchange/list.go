package exchange

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// Filter narrows a list; empty fields do not. Lists are newest first.
type Filter struct {
	Member   access.Member // sender in the inbox and the quarantine
	Kind     string
	State    string // of the inbox
	Reason   envelope.Reason
	Open     bool // quarantine: only what is not settled
	Before   id.ID
	Limit    int // 0 is 100, at most 1000
	Exercise *string
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 100
	}
	return min(f.Limit, 1000)
}

// where collects the conditions of a list.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(on bool, sql string, arg any) {
	if on {
		w.parts, w.args = append(w.parts, sql), append(w.args, arg)
	}
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// InboxRow is what came of one release.
type InboxRow struct {
	Release      id.ID
	From         access.Member
	Kind         string
	State        string
	Received     time.Time
	Supersedes   id.ID
	Withdraws    id.ID
	SupersededBy id.ID
	WithdrawnBy  id.ID
	Exercise     string
	Epoch, Seq   int64
	Channel      envelope.Channel
}

// Inbox lists the releases that came, withdrawn and refused ones included.
func (x *Exchange) Inbox(ctx context.Context, tx *db.Tx, f Filter) ([]InboxRow, error) {
	w := where{parts: []string{"release <> ''", "kind <> 'receipts'"}}
	w.add(f.Member != "", "from_member = ?", string(f.Member))
	w.add(f.Kind != "", "kind = ?", f.Kind)
	w.add(f.State != "", "state = ?", f.State)
	w.add(f.Before != "", "release < ?", string(f.Before))
	if f.Exercise != nil {
		w.add(true, "exercise = ?", *f.Exercise)
	}
	w.args = append(w.args, f.limit())
	var out []InboxRow
	err := tx.Each(ctx, `SELECT release, from_member, kind, state, received, supersedes, withdraws, superseded_by, withdrawn_by, exercise, epoch, seq, channel
		FROM exchange_inbox`+w.String()+" ORDER BY release DESC LIMIT ?", w.args, func(scan func(...any) error) error {
		var r InboxRow
		var at int64
		err := scan((*string)(&r.Release), (*string)(&r.From), &r.Kind, &r.State, &at, (*string)(&r.Supersedes), (*string)(&r.Withdraws),
			(*string)(&r.SupersededBy), (*string)(&r.WithdrawnBy), &r.Exercise, &r.Epoch, &r.Seq, (*string)(&r.Channel))
		r.Received = clock.FromMicros(at)
		out = append(out, r)
		return err
	})
	return out, err
}

// OutboxRow is one release of this node.
type OutboxRow struct {
	Release      id.ID
	Kind         string
	Desk         string
	RefID        id.ID
	Queued       time.Time
	Due          time.Time
	Published    bool // the hub has it
	WithdrawnBy  id.ID
	SupersededBy id.ID
	Exercise     string
	Recipients   int
}

// Outbox lists one's own releases.
func (x *Exchange) Outbox(ctx context.Context, tx *db.Tx, f Filter) ([]OutboxRow, error) {
	upto, err := x.main.published(ctx, tx)
	if err != nil {
		return nil, err
	}
	var w where
	w.add(f.Kind != "", "kind = ?", f.Kind)
	w.add(f.Before != "", "release < ?", string(f.Before))
	if f.Exercise != nil {
		w.add(true, "exercise = ?", *f.Exercise)
	}
	args := append([]any{upto}, w.args...)
	args = append(args, f.limit())
	var out []OutboxRow
	err = tx.Each(ctx, `SELECT release, kind, desk, ref_id, queued, due, withdrawn_by, superseded_by, exercise, recipients,
		(SELECT COUNT(*) FROM exchange_envelope e WHERE e.release = exchange_outbox.release AND e.ord > ?)
		FROM exchange_outbox`+w.String()+" ORDER BY release DESC LIMIT ?", args, func(scan func(...any) error) error {
		var r OutboxRow
		var queued, due, waiting int64
		err := scan((*string)(&r.Release), &r.Kind, &r.Desk, (*string)(&r.RefID), &queued, &due, (*string)(&r.WithdrawnBy), (*string)(&r.SupersededBy),
			&r.Exercise, &r.Recipients, &waiting)
		r.Queued, r.Due, r.Published = clock.FromMicros(queued), clock.FromMicros(due), waiting == 0
		out = append(out, r)
		return err
	})
	return out, err
}

// Quarantine lists what was refused.
func (x *Exchange) Quarantine(ctx context.Context, tx *db.Tx, f Filter) ([]QuarantineRow, error) {
	var w where
	w.add(f.Member != "", "from_member = ?", string(f.Member))
	w.add(f.Kind != "", "kind = ?", f.Kind)
	w.add(f.Reason != "", "reason = ?", string(f.Reason))
	w.add(f.Open, "settled = ?", 0)
	w.add(f.Before != "", "id < ?", string(f.Before))
	w.args = append(w.args, f.limit())
	var out []QuarantineRow
	err := tx.Each(ctx, `SELECT id, received, reason, detail, subject, from_member, channel, epoch, seq, release, kind, size, settled
		FROM exchange_quarantine`+w.String()+" ORDER BY id DESC LIMIT ?", w.args, func(scan func(...any) error) error {
		var r QuarantineRow
		var at, settled int64
		err := scan((*string)(&r.ID), &at, (*string)(&r.Reason), &r.Detail, &r.Subject, (*string)(&r.From), (*string)(&r.Channel), &r.Epoch, &r.Seq,
			(*string)(&r.Release), &r.Kind, &r.Size, &settled)
		r.Received, r.Settled = clock.FromMicros(at), clock.FromMicros(settled)
		out = append(out, r)
		return err
	})
	return out, err
}

// Received is one release that was applied; its Body is empty when it was
// withdrawn, and then only its Withdraws-side row tells why.
func (x *Exchange) Received(ctx context.Context, tx *db.Tx, release id.ID) (Inbound, bool, error) {
	var in Inbound
	var from access.Member
	var state, kind string
	var at int64
	var plain []byte
	found, err := tx.Row(ctx, "SELECT from_member, kind, state, received, plain FROM exchange_inbox WHERE release = ? AND state IN ('applied', 'withdrawn')",
		[]any{string(release)}, (*string)(&from), &kind, &state, &at, &plain)
	if err != nil || !found {
		return in, false, err
	}
	if state == stateApplied {
		if in.Release, err = decodeRelease(plain); err != nil {
			return in, false, err
		}
	} else {
		in.Release = Release{ID: release, From: from, Kind: kind}
	}
	in.Received = clock.FromMicros(at)
	return in, true, nil
}

// Sent is one's own release as it left.
func (x *Exchange) Sent(ctx context.Context, tx *db.Tx, release id.ID) (Release, bool, error) {
	var plain []byte
	found, err := tx.Row(ctx, "SELECT plain FROM exchange_outbox WHERE release = ?", []any{string(release)}, &plain)
	if err != nil || !found {
		return Release{}, false, err
	}
	r, err := decodeRelease(plain)
	return r, err == nil, err
}

// Epochs lists the beginnings of this node's own sequences and the later
// beginnings of the members', newest first.
func (x *Exchange) Epochs(ctx context.Context, tx *db.Tx) ([]Epoch, error) {
	var out []Epoch
	add := func(scan func(...any) error) error {
		var e Epoch
		var at int64
		err := scan((*string)(&e.Member), (*string)(&e.Channel), &e.Epoch, &at, &e.Reason)
		e.At = clock.FromMicros(at)
		out = append(out, e)
		return err
	}
	err := tx.Each(ctx, `SELECT ?, channel, epoch, at, reason FROM exchange_epoch
		UNION ALL SELECT member, channel, epoch, at, '' FROM exchange_peer_epoch ORDER BY 4 DESC`, []any{string(x.me)}, add)
	return out, err
}
