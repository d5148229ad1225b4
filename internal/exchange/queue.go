package exchange

import (
	"context"
	"crypto/hpke"
	"encoding/json"
	"slices"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Channels. What goes to every other member of the directory goes once, on
// the channel "all"; anything else goes once per recipient, on the channel
// named after it. So each recipient sees every step of each sequence that it
// reads, sees a gap at once, and learns nothing of what others were sent. The
// order is kept within a channel; between the two channels of a sender it is
// that of the hub, except after a loss there.

// What an envelope holds; only the recipient sees it.
const (
	kindRelease   = "release"
	kindReceipts  = "receipts"
	kindChunk     = "chunk"
	kindDirectory = "directory"
	kindBeat      = "beat"
	kindResend    = "resend"
)

// Queue signs and seals a release and puts it into the outbox, in the
// transaction that stores the record. It leaves after the commit.
func (x *Exchange) Queue(ctx context.Context, tx *db.Tx, r Release) error {
	v, err := x.dir()
	if err != nil {
		return err
	}
	if err := x.checkRelease(r, v); err != nil {
		return err
	}
	plain, err := envelope.Canonical(r)
	if err != nil {
		return err
	}
	if err := x.markOwn(ctx, tx, r); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO exchange_outbox (release, kind, desk, ref_id, queued, due, withdrawn_by, superseded_by, exercise, recipients, plain)
		VALUES (?, ?, ?, ?, ?, ?, '', '', ?, ?, ?) ON CONFLICT (release) DO NOTHING`,
		r.ID, r.Kind, r.Ref.Desk, r.Ref.ID, clock.Micros(x.c.Clock.Now()), clock.Micros(r.Due), r.Exercise, len(r.To), plain)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "fault.exchange.queued_already").With("release", string(r.ID))
	}
	for _, ch := range x.channels(r.To, v) {
		if err := x.append(ctx, tx, v, ch, kindRelease, r.ID, plain); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { x.changed(TopicOutbox) })
	return nil
}

func (x *Exchange) checkRelease(r Release, v *directory.View) error {
	var c fault.Check
	c.That(r.From == x.me, "from", "fault.exchange.not_own")
	_, err := id.Parse(string(r.ID))
	c.That(err == nil, "id", "fault.bad_id")
	c.That(r.Kind != "" && r.Schema >= 1, "kind", "fault.exchange.kind")
	c.That(r.Marking.Valid(), "marking", "fault.exchange.marking")
	c.That(r.Purpose != "", "purpose", "fault.exchange.purpose")
	c.That(!r.Issued.IsZero(), "issued", "fault.exchange.issued")
	c.That(len(r.To) > 0, "to", "fault.exchange.no_recipient")
	c.That(r.Withdraws == "" || r.Reason != "", "reason", "fault.exchange.reason")
	for i, m := range r.To {
		_, known := v.Member(m)
		c.Row(known && m != x.me && !slices.Contains(r.To[:i], m), i+1, "to", "fault.exchange.recipient", fault.Args{"member": string(m)})
	}
	return c.Err()
}

// channels are those on which a message for the members goes.
func (x *Exchange) channels(to []access.Member, v *directory.View) []envelope.Channel {
	if others := v.Others(x.me); len(others) > 1 && len(to) == len(others) {
		return []envelope.Channel{envelope.All} // to holds no repeats and only members
	}
	out := make([]envelope.Channel, 0, len(to))
	for _, m := range to {
		out = append(out, envelope.Channel(m))
	}
	return out
}

// markOwn notes in the outbox what a release withdraws or supersedes.
func (x *Exchange) markOwn(ctx context.Context, tx *db.Tx, r Release) error {
	if r.Withdraws != "" {
		n, err := tx.Exec(ctx, "UPDATE exchange_outbox SET withdrawn_by = ? WHERE release = ?", r.ID, r.Withdraws)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "fault.exchange.nothing_to_withdraw").With("release", string(r.Withdraws))
		}
	}
	if r.Supersedes != "" {
		if _, err := tx.Exec(ctx, "UPDATE exchange_outbox SET superseded_by = ? WHERE release = ?", r.ID, r.Supersedes); err != nil {
			return err
		}
	}
	return nil
}

// lockHead takes the next place in the order of what leaves. The row stays
// locked until the commit, so that several processes never fork a sequence
// and the publisher sees every row in order.
func (x *Exchange) lockHead(ctx context.Context, tx *db.Tx) (int64, error) {
	var ord int64
	_, err := tx.Row(ctx, "UPDATE exchange_head SET ord = ord + 1 WHERE id = 1 RETURNING ord", nil, &ord)
	return ord, err
}

// place is a position in a channel.
type place struct {
	Epoch int64  `json:"epoch"`
	Seq   int64  `json:"seq"`
	Hash  string `json:"hash"`
}

func (p place) before(o place) bool { return p.Epoch < o.Epoch || p.Epoch == o.Epoch && p.Seq < o.Seq }

func ownPlace(ctx context.Context, tx *db.Tx, ch envelope.Channel) (place, bool, error) {
	var p place
	found, err := tx.Row(ctx, "SELECT epoch, seq, hash FROM exchange_channel WHERE channel = ?", []any{string(ch)}, &p.Epoch, &p.Seq, &p.Hash)
	return p, found, err
}

// append gives a message the next place of its channel and stores it sealed.
func (x *Exchange) append(ctx context.Context, tx *db.Tx, v *directory.View, ch envelope.Channel, kind string, release id.ID, body []byte) error {
	return x.appendOf(ctx, tx, v, ch, kind, release, "", body)
}

// appendOf is append for a part of a file, which is noted beside it.
func (x *Exchange) appendOf(ctx context.Context, tx *db.Tx, v *directory.View, ch envelope.Channel, kind string, release, file id.ID, body []byte) error {
	ord, err := x.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	p, found, err := ownPlace(ctx, tx, ch)
	if err != nil {
		return err
	}
	if !found {
		// A node that lost its database begins later than it ever did before.
		p = place{Epoch: x.c.Wall.Now().Unix()}
	}
	h := envelope.Header{Channel: ch, Class: envelope.Sequenced, Epoch: p.Epoch, Seq: p.Seq + 1, From: x.me, Prev: p.Hash,
		Release: release, Time: clock.Micros(x.c.Wall.Now())}
	s, withWraps, err := x.out.get(ch, v.Hash, x.c.Wall.Now(), func() (*envelope.Session, error) { return x.newSession(v, ch, true) })
	if err != nil {
		return err
	}
	raw, hash, err := s.Seal(*x.keys.Load(), h, kind, body, withWraps)
	if err != nil {
		return err
	}
	if file != "" {
		release = file // in this node's books only
	}
	flow := x.flowOf(ch)
	if _, err := tx.Exec(ctx, "INSERT INTO exchange_envelope (ord, channel, epoch, seq, release, kind, hash, lane, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		ord, string(ch), h.Epoch, h.Seq, release, kind, hash, flow.lane, raw); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO exchange_channel (channel, epoch, seq, hash) VALUES (?, ?, ?, ?)
		ON CONFLICT (channel) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash`,
		string(ch), h.Epoch, h.Seq, hash); err != nil {
		return err
	}
	if withWraps {
		if err := storeSession(ctx, tx, x.me, ch, s.ID, s.Wraps(), h.Time); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() {
		if withWraps {
			x.out.carriedBy(s)
		}
		wake(flow.wake)
	})
	return nil
}

// newSession makes a message key for a channel. With self it is wrapped for
// this node too, which may have to seal its own messages anew.
func (x *Exchange) newSession(v *directory.View, ch envelope.Channel, self bool) (*envelope.Session, error) {
	to := []access.Member{access.Member(ch.Main())}
	if ch.Main() == envelope.All {
		to = v.Others(x.me)
	}
	var pks []hpke.PublicKey
	for _, m := range to {
		pk, ok := v.SealingKey(m, x.c.Wall.Now())
		if !ok {
			return nil, fault.New(fault.Unavailable, "fault.exchange.no_sealing_key").With("member", string(m))
		}
		pks = append(pks, pk)
	}
	if self {
		pks = append(pks, x.keys.Load().Open[0].PublicKey())
	}
	return envelope.NewSession(x.me, ch, pks)
}

func storeSession(ctx context.Context, tx *db.Tx, from access.Member, ch envelope.Channel, session string, wraps []byte, at int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO exchange_session (from_member, channel, session, received, wraps) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (from_member, channel, session) DO NOTHING`, string(from), string(ch), session, at, wraps)
	return err
}

// messageID lets the hub drop what is published twice.
func messageID(from access.Member, ch envelope.Channel, epoch, seq int64, hash string) string {
	return string(from) + "/" + string(ch) + "/" + strconv.FormatInt(epoch, 10) + "/" + strconv.FormatInt(seq, 10) + "/" + hash[:16]
}

func decodeRelease(plain []byte) (Release, error) {
	var r Release
	err := json.Unmarshal(plain, &r)
	return r, err
}
