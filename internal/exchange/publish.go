package exchange

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

const (
	publishRound = 500
	publishIdle  = time.Second
	publishLimit = 30 * time.Second // for the answers of one round
)

// publishLoop sends what is in the outbox, in order. What the hub has
// confirmed is noted once per round; what it has not is sent again, and the
// hub or the recipients drop the repeats.
func (x *Exchange) publishLoop(ctx context.Context, f *flow) error {
	tick := time.NewTicker(publishIdle)
	defer tick.Stop()
	c := &cursor{flow: f}
	for {
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), x.noteRound(context.WithoutCancel(ctx), c))
		case <-f.wake:
		case <-c.due():
		case <-tick.C:
		}
		for ctx.Err() == nil && x.c.Link.Up() && x.ready(ctx) {
			n, err := x.publishSome(ctx, c)
			if err != nil {
				x.c.Log.Info("exchange: not all was taken by the hub; will be sent again", "err", err)
				pause(ctx, retryMin)
				break
			}
			if c.late() {
				err = x.noteRound(ctx, c)
			}
			if n == 0 || err != nil {
				break
			}
		}
	}
}

// cursor is how far the hub has confirmed. It is stored at most once per
// roundEvery, not to wait for the disk after each round; after a crash what
// was confirmed meanwhile is sent again and dropped as a repeat.
type cursor struct {
	*flow
	upto   int64
	stored int64
	at     time.Time // of the last store
}

const roundEvery = 50 * time.Millisecond

func (c *cursor) late() bool { return c.upto > c.stored && time.Since(c.at) >= roundEvery }

func (c *cursor) due() <-chan time.Time {
	if c.upto <= c.stored {
		return nil
	}
	return time.After(roundEvery - time.Since(c.at))
}

func (x *Exchange) noteRound(ctx context.Context, c *cursor) error {
	if c.upto <= c.stored {
		return nil
	}
	at := clock.Micros(x.c.Clock.Now())
	err := x.c.DB.Write(ctx, func(tx *db.Tx) error { return c.note(ctx, tx, c.upto, at) })
	if err != nil {
		return err
	}
	c.stored, c.at = c.upto, time.Now()
	x.changed(TopicOutbox)
	return nil
}

// ready compares the outbox with what the hub last had of this node, once per
// connection: nothing is published from an outbox that is older than that.
func (x *Exchange) ready(ctx context.Context) bool {
	x.judging.Lock()
	defer x.judging.Unlock()
	if x.checked.Load() {
		return true
	}
	ok, err := x.checkHub(ctx)
	if err != nil {
		x.c.Log.Info("exchange: cannot ask the hub for what it last had", "err", err)
		return false
	}
	if ok {
		x.checked.Store(true)
	}
	return ok
}

type outgoing struct {
	ord     int64
	channel envelope.Channel
	place   place
	message Message
	err     error
}

func (x *Exchange) publishSome(ctx context.Context, c *cursor) (int, error) {
	var out []*outgoing
	err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
		out = out[:0]
		// A new epoch closes the rounds of the old one, so the store may be ahead.
		from, err := c.published(ctx, tx)
		if err != nil {
			return err
		}
		from = max(from, c.upto)
		size := 0
		err = tx.Each(ctx, "SELECT ord, channel, epoch, seq, hash, sealed FROM exchange_envelope WHERE lane = ? AND ord > ? ORDER BY ord LIMIT 500", []any{c.lane, from},
			func(scan func(...any) error) error {
				if size > c.bytes {
					return errEnough
				}
				o, err := x.scanOutgoing(scan)
				size += len(o.message.Data)
				out = append(out, o)
				return err
			})
		if errors.Is(err, errEnough) {
			err = nil
		}
		return err
	})
	if err != nil || len(out) == 0 {
		return 0, err
	}
	sendErr := x.publishAll(ctx, out)
	done := 0
	for done < len(out) && out[done].err == nil {
		done++
	}
	if done > 0 {
		c.upto = out[done-1].ord
		x.reached.add(out[:done])
	}
	return done, sendErr
}

var errEnough = errors.New("exchange: enough for one round")

func (x *Exchange) scanOutgoing(scan func(...any) error) (*outgoing, error) {
	o := &outgoing{}
	if err := scan(&o.ord, (*string)(&o.channel), &o.place.Epoch, &o.place.Seq, &o.place.Hash, &o.message.Data); err != nil {
		return o, err
	}
	o.message.Subject = Subject(x.me, o.channel)
	o.message.ID = messageID(x.me, o.channel, o.place.Epoch, o.place.Seq, o.place.Hash)
	return o, nil
}

// publishAll hands messages over in order and waits for the hub's answers.
func (x *Exchange) publishAll(ctx context.Context, out []*outgoing) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := make([]error, len(out))
	for i := range errs {
		errs[i] = errNoAnswer
	}
	for i, o := range out {
		wg.Add(1)
		x.c.Link.Publish(o.message, func(err error) {
			mu.Lock()
			errs[i] = err
			mu.Unlock()
			wg.Done()
		})
	}
	all := make(chan struct{})
	go func() { wg.Wait(); close(all) }() // ends when the link has answered for each message, which it must
	limit := time.NewTimer(publishLimit)
	defer limit.Stop()
	select {
	case <-all:
	case <-limit.C:
	case <-ctx.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	for i, o := range out {
		o.err = errs[i]
	}
	return errors.Join(firstOf(errs))
}

var errNoAnswer = errors.New("exchange: no answer from the hub")

func firstOf(errs []error) error {
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("message %d of %d: %w", i+1, len(errs), err)
		}
	}
	return nil
}
