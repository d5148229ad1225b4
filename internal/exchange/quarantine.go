package exchange

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

const (
	// strangersMost is how many refused messages are kept whose signature was
	// not verified: anybody could send more of them than the disk takes.
	strangersMost = 1000
	strangerBytes = 64 << 10
)

// QuarantineRow is a refused message, for the administrator.
type QuarantineRow struct {
	ID       id.ID
	Received time.Time
	Reason   envelope.Reason // the sentence is under "exchange.reason."
	Detail   string          // for operators
	Subject  string
	From     access.Member
	Channel  envelope.Channel
	Epoch    int64
	Seq      int64
	Release  id.ID
	Kind     string
	Size     int
	Settled  time.Time // applied after all
}

// quarantine keeps a refused message with its reason, and counts it.
func (a *application) quarantine(ctx context.Context, tx *db.Tx, it *item) error {
	reason := it.reason()
	a.counts[reason]++
	row := QuarantineRow{ID: a.x.c.IDs.New(), Reason: reason, Detail: it.err.Error(), Subject: it.subject, Kind: it.meta.Kind, Size: len(it.raw)}
	raw, hash := it.raw, ""
	if e := it.env; e != nil {
		row.From, row.Channel, row.Epoch, row.Seq, row.Release, hash = e.From, e.Channel, e.Epoch, e.Seq, e.Release, e.Hash()
	}
	if it.meta.Kind == kindRelease {
		row.Kind = it.release.Kind
	}
	if keep, err := a.keeps(ctx, tx, it, hash); err != nil || !keep {
		return err
	}
	if !it.trusted {
		raw = raw[:min(len(raw), strangerBytes)]
		a.x.strangers.Store(true)
	}
	a.x.c.Log.Warn("exchange: message refused", "reason", string(reason), "subject", row.Subject, "seq", row.Seq)
	a.topics = append(a.topics, TopicQuarantine)
	_, err := tx.Exec(ctx, `INSERT INTO exchange_quarantine (id, received, reason, detail, subject, from_member, channel, epoch, seq, release, kind, hash, size, settled, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
		row.ID, clock.Micros(a.x.c.Wall.Now()), string(reason), clip(row.Detail), clip(row.Subject), string(row.From), string(row.Channel), row.Epoch, row.Seq,
		row.Release, row.Kind, hash, row.Size, raw)
	return err
}

func clip(s string) string { return string([]rune(s)[:min(len([]rune(s)), 500)]) }

// keeps says whether a refused message is worth a row: not when the same one
// is there already, and not too many of strangers.
func (a *application) keeps(ctx context.Context, tx *db.Tx, it *item, hash string) (bool, error) {
	if hash != "" {
		var n int64
		if _, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_quarantine WHERE hash = ? AND reason = ?", []any{hash, string(it.reason())}, &n); err != nil || n > 0 {
			return false, err
		}
	}
	if it.trusted {
		return true, nil
	}
	var n int64
	_, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_quarantine", nil, &n)
	return n < strangersMost, err
}

// settle notes that what was refused before has now taken its place.
func (a *application) settle(ctx context.Context, tx *db.Tx, hash string) error {
	if !a.x.strangers.Load() {
		return nil
	}
	_, err := tx.Exec(ctx, "UPDATE exchange_quarantine SET settled = ? WHERE hash = ? AND settled = 0", clock.Micros(a.x.c.Wall.Now()), hash)
	return err
}

// Retry applies again what is in quarantine, such as after an upgrade of this
// node. What keeps it out is returned.
func (x *Exchange) Retry(ctx context.Context, row id.ID) error {
	var raw []byte
	var subject string
	err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := tx.Row(ctx, "SELECT sealed, subject FROM exchange_quarantine WHERE id = ? AND settled = 0", []any{string(row)}, &raw, &subject)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "fault.exchange.no_quarantine")
		}
		return err
	})
	if err != nil {
		return err
	}
	it := &item{raw: raw, subject: subject}
	if _, err := x.prepare(ctx, []*item{it}); err != nil {
		return err
	}
	if it.err != nil || !it.trusted || it.env.Class != envelope.Sequenced {
		return fault.Wrap(fault.Invalid, "fault.exchange.still_refused", it.err).With("reason", "exchange.reason."+string(it.reason()))
	}
	a := newApplication(x, true, true)
	return x.c.DB.Write(ctx, func(tx *db.Tx) error {
		if err := a.again(ctx, tx, it); err != nil {
			return err
		}
		tx.AfterCommit(a.committed)
		return nil
	})
}

// again applies an envelope that has its place already.
func (a *application) again(ctx context.Context, tx *db.Tx, it *item) error {
	var err error
	if a.v, err = a.x.dir(); err != nil {
		return err
	}
	if err := a.prefetch(ctx, tx, []*item{it}); err != nil {
		return err
	}
	e := it.env
	state, _, err := a.apply(ctx, tx, it)
	if err != nil && !refused(err) {
		return err
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.still_refused", err).With("reason", "exchange.reason."+string(envelope.ReasonOf(err)))
	}
	r := inboxRow{kind: it.meta.Kind, state: state, plain: []byte{}}
	if it.meta.Kind == kindRelease {
		r.release(it)
	}
	n, err := tx.Exec(ctx, `UPDATE exchange_inbox SET kind = ?, state = ?, supersedes = ?, withdraws = ?, exercise = ?, plain = ?
		WHERE from_member = ? AND channel = ? AND epoch = ? AND seq = ? AND hash = ? AND state = 'quarantined'`,
		r.kind, r.state, r.supersedes, r.withdraws, r.exercise, r.plain, string(e.From), string(e.Channel), e.Epoch, e.Seq, e.Hash())
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "fault.exchange.not_in_place")
	}
	if _, err := tx.Exec(ctx, "UPDATE exchange_quarantine SET settled = ? WHERE hash = ?", clock.Micros(a.x.c.Wall.Now()), e.Hash()); err != nil {
		return err
	}
	a.topics = append(a.topics, TopicQuarantine)
	if it.meta.Kind != kindRelease {
		return nil
	}
	return a.x.queueReceipts(ctx, tx, e.From, []Receipt{{Release: e.Release, Member: a.x.me, Stage: Delivered, At: a.x.c.Clock.Now(), Role: nodeRole}})
}

// retryAll tries once more what an older program could not apply.
func (x *Exchange) retryAll(ctx context.Context) (left int, err error) {
	var ids []id.ID
	err = x.c.DB.Read(ctx, func(tx *db.Tx) error {
		var n int64
		if _, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_quarantine", nil, &n); err != nil {
			return err
		}
		x.strangers.Store(n > 0)
		return tx.Each(ctx, "SELECT id FROM exchange_quarantine WHERE settled = 0 AND reason IN (?, ?, ?, ?) ORDER BY received LIMIT 1000",
			[]any{string(envelope.Future), string(envelope.UnknownKind), string(envelope.Unapplied), string(envelope.NoKey)}, func(scan func(...any) error) error {
				var i id.ID
				err := scan((*string)(&i))
				ids = append(ids, i)
				return err
			})
	})
	for _, i := range ids {
		if err := x.Retry(ctx, i); err != nil {
			left++
			x.c.Log.Debug("exchange: still refused", "quarantine", i, "err", err)
		}
	}
	return left, err
}
