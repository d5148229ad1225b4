package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Stages. Queued, Sent and Delivered are derived, not stored per release:
// from the outbox, from the rounds of the publisher (exchange_round), and from
// what each member reports to have stored (exchange_mark). They only move
// forward. The answers of people are stored: Opened and Acknowledged once,
// and Opened not after Acknowledged; Question and Refused as often as they
// are given, before or after an acknowledgement. A node's own refusal stands
// until it reports the release delivered after all.

// nodeRole marks a receipt that a node gave by itself.
const nodeRole = "node"

var rank = map[Stage]int{Queued: 0, Sent: 1, Delivered: 2, Opened: 3, Acknowledged: 4, Question: 4, Refused: 4}

// SendReceipt answers a release that this node received: a person opened or
// acknowledged it, asked, or refused. It travels to the owner.
func (x *Exchange) SendReceipt(ctx context.Context, tx *db.Tx, r Receipt) error {
	if r.Stage != Opened && r.Stage != Acknowledged && r.Stage != Question && r.Stage != Refused {
		return fault.New(fault.Invalid, "fault.exchange.stage").With("stage", string(r.Stage))
	}
	var owner access.Member
	found, err := tx.Row(ctx, "SELECT from_member FROM exchange_inbox WHERE release = ? AND state IN ('applied', 'withdrawn')", []any{string(r.Release)}, (*string)(&owner))
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, "fault.exchange.no_release")
	}
	r.Member = x.me
	if r.At.IsZero() {
		r.At = x.c.Clock.Now()
	}
	r.At = clock.Cut(r.At)
	stored, err := storeReceipt(ctx, tx, r)
	if err != nil || !stored {
		return err
	}
	tx.AfterCommit(func() { x.changed(TopicReceipt) })
	return x.queueReceipts(ctx, tx, owner, []Receipt{r})
}

func (x *Exchange) queueReceipts(ctx context.Context, tx *db.Tx, to access.Member, rs []Receipt) error {
	v, err := x.dir()
	if err != nil {
		return err
	}
	body, err := json.Marshal(rs)
	if err != nil {
		return err
	}
	return x.append(ctx, tx, v, envelope.Channel(to), kindReceipts, "", body)
}

// storeReceipt keeps an answer and reports whether it says anything new.
func storeReceipt(ctx context.Context, tx *db.Tx, r Receipt) (bool, error) {
	if r.Stage == Opened || r.Stage == Acknowledged {
		var n int64
		if _, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_receipt WHERE release = ? AND member = ? AND stage IN (?, ?)",
			[]any{string(r.Release), string(r.Member), string(r.Stage), string(Acknowledged)}, &n); err != nil || n > 0 {
			return false, err
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO exchange_receipt (release, member, stage, at, role, words) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (release, member, stage, at) DO NOTHING`, string(r.Release), string(r.Member), string(r.Stage), clock.Micros(r.At), r.Role, r.Words)
	return n > 0, err
}

// applyReceipts stores the answers of a member to releases of this node and
// tells the desks.
func (a *application) applyReceipts(ctx context.Context, tx *db.Tx, it *item) error {
	var rs []Receipt
	if err := json.Unmarshal(it.body, &rs); err != nil || len(rs) > 10_000 {
		return envelope.Refuse(envelope.BadContent, err)
	}
	for _, r := range rs {
		byNode := r.Role == nodeRole && (r.Stage == Delivered || r.Stage == Refused)
		if rank[r.Stage] < rank[Opened] && !byNode || r.At.IsZero() || len(r.Words) > 100_000 || len(r.Role) > 200 {
			return envelope.Refuse(envelope.BadContent, nil)
		}
		r.Member, r.At = it.env.From, clock.Cut(r.At)
		of, found, err := a.sentOnce(ctx, tx, r.Release)
		if err != nil {
			return err
		}
		if !found || !slices.Contains(of.To, r.Member) {
			// Of an outbox that was lost, or nothing of theirs: not applied.
			a.x.c.Log.Info("exchange: receipt for an unknown release", "member", r.Member, "release", r.Release)
			continue
		}
		stored, err := storeReceipt(ctx, tx, r)
		if err != nil {
			return err
		}
		if stored {
			if err := a.tell(ctx, tx, of, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell lets the desk react to a receipt. A desk that fails does not undo the
// receipt.
func (a *application) tell(ctx context.Context, tx *db.Tx, of Release, r Receipt) error {
	a.topics = append(a.topics, TopicReceipt)
	h := a.x.receipts[of.Ref.Desk]
	if h == nil {
		return nil
	}
	err := a.guard(ctx, tx, func() error { return h(ctx, tx, of, r) })
	if refused(err) {
		a.x.c.Log.Error("exchange: a desk could not take a receipt", "desk", of.Ref.Desk, "release", of.ID, "member", r.Member, "err", err)
		return nil
	}
	return err
}

// Receipts are all stages of all recipients of one's own release, by member
// in the order of its recipients, then by time.
func (x *Exchange) Receipts(ctx context.Context, tx *db.Tx, release id.ID) ([]Receipt, error) {
	r, found, err := x.Sent(ctx, tx, release)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fault.New(fault.NotFound, "fault.exchange.no_release")
	}
	stages := map[access.Member][]Receipt{}
	if err := x.derived(ctx, tx, r, stages); err != nil {
		return nil, err
	}
	if err := readReceipts(ctx, tx, release, func(a Receipt) { stages[a.Member] = append(stages[a.Member], a) }); err != nil {
		return nil, err
	}
	var out []Receipt
	for _, m := range r.To {
		out = append(out, settleStages(stages[m])...)
	}
	return out, nil
}

// settleStages drops the derived delivery of what the node refused, and the
// refusal of what it delivered afterwards, and sorts.
func settleStages(rs []Receipt) []Receipt {
	var refused, delivered time.Time
	for _, r := range rs {
		if r.Role == nodeRole && r.Stage == Refused {
			refused = r.At
		}
		if r.Role == nodeRole && r.Stage == Delivered {
			delivered = r.At
		}
	}
	rs = slices.DeleteFunc(rs, func(r Receipt) bool {
		if delivered.IsZero() {
			return !refused.IsZero() && r.Stage == Delivered
		}
		return r.Role == nodeRole && r.Stage == Refused && !r.At.After(delivered) || r.Stage == Delivered && r.Role != nodeRole
	})
	slices.SortStableFunc(rs, func(a, b Receipt) int {
		if c := cmp.Compare(min(rank[a.Stage], 3), min(rank[b.Stage], 3)); c != 0 && (rank[a.Stage] < 3 || rank[b.Stage] < 3) {
			return c
		}
		return a.At.Compare(b.At)
	})
	return rs
}

// derived fills in what is not stored per release: queued, sent, delivered.
func (x *Exchange) derived(ctx context.Context, tx *db.Tx, r Release, into map[access.Member][]Receipt) error {
	var queued int64
	if _, err := tx.Row(ctx, "SELECT queued FROM exchange_outbox WHERE release = ?", []any{string(r.ID)}, &queued); err != nil {
		return err
	}
	for _, m := range r.To {
		into[m] = append(into[m], Receipt{Release: r.ID, Member: m, Stage: Queued, At: clock.FromMicros(queued)})
	}
	type spot struct {
		ch              envelope.Channel
		epoch, seq, ord int64
	}
	var spots []spot
	err := tx.Each(ctx, "SELECT channel, epoch, seq, ord FROM exchange_envelope WHERE release = ? AND kind = 'release' ORDER BY ord", []any{string(r.ID)},
		func(scan func(...any) error) error {
			var s spot
			err := scan((*string)(&s.ch), &s.epoch, &s.seq, &s.ord)
			spots = append(spots, s)
			return err
		})
	if err != nil {
		return err
	}
	for _, m := range r.To {
		var sent, delivered int64
		for _, s := range spots {
			if s.ch != envelope.All && s.ch != envelope.Channel(m) {
				continue
			}
			for _, q := range []struct {
				into *int64
				sql  string
				args []any
			}{
				{&sent, "SELECT at FROM exchange_round WHERE upto >= ? ORDER BY upto LIMIT 1", []any{s.ord}},
				{&delivered, "SELECT at FROM exchange_mark WHERE member = ? AND channel = ? AND epoch = ? AND upto >= ? ORDER BY upto LIMIT 1", []any{string(m), string(s.ch), s.epoch, s.seq}},
			} {
				if *q.into == 0 {
					if _, err := tx.Row(ctx, q.sql, q.args, q.into); err != nil {
						return err
					}
				}
			}
		}
		if sent == 0 {
			sent = delivered // seen there before the hub's word came back
		}
		for _, d := range []struct {
			stage Stage
			at    int64
		}{{Sent, sent}, {Delivered, delivered}} {
			if d.at > 0 {
				into[m] = append(into[m], Receipt{Release: r.ID, Member: m, Stage: d.stage, At: clock.FromMicros(d.at)})
			}
		}
	}
	return nil
}

// Latest is the present stage of each recipient of one's own release: the
// newest answer of a person or refusal of a node if there is one, else how far
// the release has come.
func (x *Exchange) Latest(ctx context.Context, tx *db.Tx, release id.ID) (map[access.Member]Receipt, error) {
	rs, err := x.Receipts(ctx, tx, release)
	if err != nil {
		return nil, err
	}
	out := map[access.Member]Receipt{}
	for _, r := range rs {
		if was, ok := out[r.Member]; !ok || rank[r.Stage] >= rank[was.Stage] {
			out[r.Member] = r
		}
	}
	return out, nil
}

// Answered is what this node itself answered to a release of another.
func (x *Exchange) Answered(ctx context.Context, tx *db.Tx, release id.ID) ([]Receipt, error) {
	var out []Receipt
	err := readReceipts(ctx, tx, release, func(r Receipt) {
		if r.Member == x.me {
			out = append(out, r)
		}
	})
	return out, err
}

func readReceipts(ctx context.Context, tx *db.Tx, release id.ID, add func(Receipt)) error {
	return tx.Each(ctx, "SELECT member, stage, at, role, words FROM exchange_receipt WHERE release = ? ORDER BY at", []any{string(release)},
		func(scan func(...any) error) error {
			r := Receipt{Release: release}
			var at int64
			if err := scan((*string)(&r.Member), (*string)(&r.Stage), &at, &r.Role, &r.Words); err != nil {
				return err
			}
			r.At = clock.FromMicros(at)
			add(r)
			return nil
		})
}
