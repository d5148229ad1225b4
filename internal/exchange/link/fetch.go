package link

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"lintas/internal/exchange"
)

const (
	answerLimit   = 3 * time.Second
	pullHeartbeat = time.Second // two are missed before the reader starts anew
	// pullExpiry is how long the hub keeps a reader's wish for messages. A
	// server of a cluster that a node of another server asks does not see that
	// the asking reader has ended, and hands its wishes messages that nobody
	// gets, until they expire.
	pullExpiry = 3 * time.Second
)

var (
	errUnacked = errors.New("the last batch was not acknowledged")
	errReset   = errors.New("reset")
)

// queue is one of the hub's consumers for this node.
type queue struct {
	*Link
	consumer string
	bytes    int           // that the hub hands over in advance
	fetching chan struct{} // holds a token: one fetch at a time

	// Guarded by the link's lock.
	reader  *reader // nil: the next Fetch goes back to the ack floor and opens one
	pending *reader // the reader whose last batch is not acked
}

func (l *Link) newQueue(consumer string, bytes int) *queue {
	return &queue{Link: l, consumer: consumer, bytes: bytes, fetching: make(chan struct{}, 1)}
}

// takeReaders takes the open readers away; the lock is held.
func (l *Link) takeReaders() []*reader {
	var open []*reader
	for _, q := range []*queue{l.main, l.files} {
		if q.reader != nil {
			open = append(open, q.reader)
			q.reader = nil
		}
	}
	return open
}

// Fetch, Reset and Consume are those of what is not a file.
func (l *Link) Fetch(ctx context.Context, max int) (exchange.Batch, error) {
	return l.main.Fetch(ctx, max)
}

// Reset goes back in what is not a file.
func (l *Link) Reset(ctx context.Context, all bool) error { return l.main.Reset(ctx, all) }

// Consume hands over what is not a file.
func (l *Link) Consume(ctx context.Context, max int, handle func(context.Context, []exchange.Delivery) error) error {
	return l.main.Consume(ctx, max, handle)
}

// Files is the queue of files.
func (l *Link) Files() exchange.Source { return l.files }

// Fetch waits until there is at least one message and returns up to max that
// are there. A batch that was not acked before the next Fetch comes again: the
// node did not store it, and must not confirm it by what follows.
func (l *queue) Fetch(ctx context.Context, max int) (exchange.Batch, error) {
	select {
	case l.fetching <- struct{}{}:
		defer func() { <-l.fetching }()
	case <-ctx.Done():
		return exchange.Batch{}, ctx.Err()
	}
	l.again()
	for {
		r, err := l.open(ctx)
		if err == nil {
			var ms []jetstream.Msg
			var left int
			if ms, left, err = r.take(ctx, max); err == nil {
				return l.batch(r, ms, left), nil
			}
			if ctx.Err() == nil {
				l.drop(r, err)
			}
		}
		if ctx.Err() != nil {
			return exchange.Batch{}, ctx.Err()
		}
		wait := l.cfg.RetryWait / 5
		if errors.Is(err, errGap) {
			wait = pullExpiry + pullExpiry/6 // no wish of an ended reader is left then, this one's neither
		}
		if err := l.pause(ctx, wait); err != nil {
			return exchange.Batch{}, err
		}
	}
}

// again goes back to the ack floor if the last batch was not acked.
func (l *queue) again() {
	l.mu.Lock()
	r := l.pending
	l.pending = nil
	l.mu.Unlock()
	if r != nil {
		l.drop(r, errUnacked)
	}
}

// open returns the reader, after a reset of the consumer where there is none.
func (l *queue) open(ctx context.Context) (*reader, error) {
	l.mu.Lock()
	r := l.reader
	l.mu.Unlock()
	if r != nil {
		return r, nil
	}
	if err := l.waitUp(ctx); err != nil {
		return nil, err
	}
	l.mu.Lock()
	now := l.changed
	l.mu.Unlock()
	c, err := l.alone(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.toFloor(ctx, false); err != nil {
		return nil, err
	}
	it, err := c.Messages(jetstream.PullMaxMessagesWithBytesLimit(l.cfg.MaxPull, l.bytes),
		jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(pullHeartbeat))
	if err != nil {
		return nil, unavailable(err)
	}
	r = newReader(it, l.bytes)
	l.mu.Lock()
	lost := l.changed != now // went down since the reset
	if !lost {
		l.reader = r
	}
	l.mu.Unlock()
	if lost {
		r.stop(errGone)
		return nil, unavailable(errGone)
	}
	return r, nil
}

// alone returns the consumer once a cluster keeps no wish of an ended reader.
func (l *queue) alone(ctx context.Context) (jetstream.Consumer, error) {
	for end := time.Now().Add(pullExpiry + pullExpiry/6); ; {
		// Bounded: a cluster between two leaders does not answer at all.
		ask, cancel := context.WithTimeout(ctx, answerLimit)
		c, err := l.js.Consumer(ask, stream, l.consumer)
		cancel()
		if err != nil {
			return nil, unavailable(err)
		}
		i := c.CachedInfo()
		if i.NumWaiting == 0 || i.Cluster == nil || len(i.Cluster.Replicas) == 0 || time.Now().After(end) {
			return c, nil
		}
		if err := l.pause(ctx, l.cfg.RetryWait/5); err != nil {
			return nil, err
		}
	}
}

// drop ends a reader; the next Fetch goes back to the ack floor.
func (l *queue) drop(r *reader, why error) {
	l.mu.Lock()
	if l.reader == r {
		l.reader = nil
	}
	l.mu.Unlock()
	if !errors.Is(why, errGone) && !errors.Is(why, errReset) && !errors.Is(why, errClosed) {
		l.cfg.Log.Info("link: back to the first unconfirmed message", "consumer", l.consumer, "cause", why)
	}
	r.stop(why)
	<-r.ended
}

// pause waits for the hub, or for a while where it answered wrongly.
func (l *queue) pause(ctx context.Context, wait time.Duration) error {
	if !l.Up() {
		return l.waitUp(ctx)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return unavailable(errClosed)
	}
	return nil
}

func (l *queue) batch(r *reader, ms []jetstream.Msg, left int) exchange.Batch {
	b := exchange.Batch{Messages: make([]exchange.Delivery, len(ms)), Waiting: uint64(left)}
	for i, m := range ms {
		b.Messages[i] = exchange.Delivery{Subject: m.Subject(), Data: m.Data()}
	}
	newest := ms[len(ms)-1]
	if meta, err := newest.Metadata(); err == nil {
		// What the hub had left when it handed this one over; what came to
		// the buffer after it is part of that.
		b.Waiting = max(b.Waiting, meta.NumPending)
	}
	l.mu.Lock()
	l.pending = r
	l.mu.Unlock()
	b.Ack = func() error { return l.ack(r, newest) }
	return b
}

// ack confirms a message and all before it. If the word does not arrive, the
// messages come again after the next reset, and are dropped as repeats.
func (l *queue) ack(r *reader, newest jetstream.Msg) error {
	l.mu.Lock()
	if l.pending == r {
		l.pending = nil
	}
	l.mu.Unlock()
	if r.dead() {
		return unavailable(errGone)
	}
	if err := newest.Ack(); err != nil {
		return unavailable(err)
	}
	return nil
}

// Reset goes back to the first message that this node has not acknowledged,
// or, with all, to the first that the hub still has.
func (l *queue) Reset(ctx context.Context, all bool) error {
	l.mu.Lock()
	r := l.reader
	l.reader, l.pending = nil, nil
	l.mu.Unlock()
	if r != nil {
		r.stop(errReset)
		<-r.ended
	}
	if !all {
		return nil // the next Fetch does it
	}
	return l.toFloor(ctx, true)
}

// Consume hands over batch after batch until ctx ends, and confirms each one
// after handle has stored it. What handle refused comes again, after a pause.
func (l *queue) Consume(ctx context.Context, max int, handle func(context.Context, []exchange.Delivery) error) error {
	for {
		b, err := l.Fetch(ctx, max)
		if err != nil {
			return err
		}
		if err := handle(ctx, b.Messages); err != nil {
			l.cfg.Log.Warn("link: batch refused", "error", err)
			if err := l.pause(ctx, l.cfg.RetryWait/5); err != nil {
				return err
			}
			continue
		}
		if err := b.Ack(); err != nil {
			l.cfg.Log.Debug("link: acknowledgement lost", "error", err)
		}
	}
}
