package exchange

import (
	"context"
	"errors"
	"time"

	"lintas/internal/db"
)

const (
	fetchMost  = 1024
	applyBatch = 256 // messages in one transaction
	// After a rest applyBurst fetches follow one another without a pause. Under
	// load a fetch comes at most every applyEvery, and while several messages
	// come each time at most every applyMost: a commit, and an acknowledgement
	// that the hub must store, then serve many.
	applyEvery = 10 * time.Millisecond
	applyMost  = 50 * time.Millisecond
	applyFew   = 4
	applyBurst = 4
	retryMin   = 100 * time.Millisecond
	retryMax   = 10 * time.Second
)

// consumeLoop fetches, applies and acknowledges. A fetch is acknowledged once
// all of it is durable; until then the hub keeps it.
func (x *Exchange) consumeLoop(ctx context.Context, lane int64, from Source) error {
	x.startOver(ctx, lane, from)
	wait, pace := retryMin, pacer{every: applyEvery}
	for ctx.Err() == nil {
		b, err := from.Fetch(ctx, fetchMost)
		if err != nil {
			if ctx.Err() != nil || !pause(ctx, wait) {
				break
			}
			wait = min(2*wait, retryMax)
			continue
		}
		wait = retryMin
		if len(b.Messages) > 0 && x.consume(ctx, b) {
			if err := b.Ack(); err != nil {
				x.c.Log.Info("exchange: not acknowledged; the hub will repeat", "err", err)
			}
		}
		if rest := pace.after(len(b.Messages), time.Now()); rest > 0 {
			pause(ctx, rest)
		}
	}
	return ctx.Err()
}

// pacer says how long to wait before the next fetch.
type pacer struct {
	every time.Duration
	next  time.Time // when a steady pace would come to the next fetch
}

func (p *pacer) after(got int, now time.Time) time.Duration {
	if p.every = min(2*p.every, applyMost); got < applyFew {
		p.every = applyEvery
	}
	if burst := now.Add(-(applyBurst - 1) * p.every); p.next.Before(burst) {
		p.next = burst
	}
	p.next = p.next.Add(p.every)
	if got >= fetchMost {
		return 0
	}
	return p.next.Sub(now)
}

// startOver asks the hub for everything when this node has nothing at all:
// it is new, or it lost its inbox.
func (x *Exchange) startOver(ctx context.Context, lane int64, from Source) {
	for ctx.Err() == nil {
		var n int64
		err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_peer WHERE CASE WHEN channel LIKE 'files-%' THEN 1 ELSE 0 END = ?", []any{lane}, &n)
			return err
		})
		if err == nil && n > 0 {
			return
		}
		if err == nil {
			if err = from.Reset(ctx, true); err == nil {
				return
			}
		}
		x.c.Log.Debug("exchange: not started over yet", "err", err)
		pause(ctx, retryMin)
	}
}

// consume applies one fetch in transactions of applyBatch, and prepares the
// next of them while one is being applied. It reports whether all is stored.
func (x *Exchange) consume(ctx context.Context, b Batch) bool {
	ready := make(chan prepared, 1)
	go func() {
		defer close(ready)
		for start := 0; start < len(b.Messages); start += applyBatch {
			ms := b.Messages[start:min(start+applyBatch, len(b.Messages))]
			items := make([]*item, len(ms))
			for i, m := range ms {
				items[i] = &item{subject: m.Subject, raw: m.Data}
			}
			p, err := x.prepareUntil(ctx, items)
			if err != nil {
				return
			}
			select {
			case ready <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	n := 0
	for p := range ready {
		n += x.applyAll(ctx, p)
	}
	return n == len(b.Messages)
}

// prepareUntil tries again until there is a directory and a database.
func (x *Exchange) prepareUntil(ctx context.Context, items []*item) (prepared, error) {
	for wait := retryMin; ; wait = min(2*wait, retryMax) {
		p, err := x.prepare(ctx, items)
		if err == nil {
			return p, nil
		}
		x.c.Log.Warn("exchange: cannot read what arrived", "err", err)
		if !pause(ctx, wait) {
			return prepared{}, ctx.Err()
		}
	}
}

// applyAll applies a batch, trying again for as long as the database refuses,
// and returns how many messages are stored.
func (x *Exchange) applyAll(ctx context.Context, p prepared) (stored int) {
	wait := retryMin
	for len(p.items) > 0 && ctx.Err() == nil {
		if v, err := x.dir(); err == nil && v.Hash != p.dir {
			// The directory changed since: keys may have come or gone.
			if p, err = x.prepareUntil(ctx, p.items); err != nil {
				return stored
			}
		}
		n, err := x.apply(ctx, p.items)
		if err != nil {
			x.c.Log.Warn("exchange: batch not stored yet", "err", err)
			pause(ctx, wait)
			wait = min(2*wait, retryMax)
			continue
		}
		wait = retryMin
		stored += n
		p.items = p.items[n:]
	}
	return stored
}

// apply stores as many of the items as belong together in one transaction and
// returns how many. First all desks write into the bare transaction, which is
// fast; should one of them fail, everything is done again with a savepoint
// around each, so that only the failing release stays out.
func (x *Exchange) apply(ctx context.Context, items []*item) (int, error) {
	for try := range carefulTries + 1 {
		a := newApplication(x, try > 0, try == carefulTries)
		var n int
		err := x.c.DB.Write(ctx, func(tx *db.Tx) error {
			var err error
			n, err = a.run(ctx, tx, items)
			if err == nil {
				tx.AfterCommit(a.committed)
			}
			return err
		})
		if !errors.Is(err, errNotCareful) {
			return n, err
		}
	}
	return 0, errNotCareful // not reached: the last try never returns it
}
