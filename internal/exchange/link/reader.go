package link

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

var errGap = errors.New("a message was lost on the way")

// reader buffers what the hub hands over between one reset of the consumer
// and the next failure. The hub numbers what it hands over from 1 after a
// reset; as acknowledging a message acknowledges all before it, a reader that
// misses a number ends, and the next one starts at the ack floor.
type reader struct {
	it    jetstream.MessagesContext
	limit int // bytes
	more  chan struct{}
	room  chan struct{}
	quit  chan struct{}
	ended chan struct{}

	mu    sync.Mutex
	buf   []jetstream.Msg
	bytes int
	err   error
}

func newReader(it jetstream.MessagesContext, limit int) *reader {
	r := &reader{it: it, limit: limit, more: make(chan struct{}, 1), room: make(chan struct{}, 1),
		quit: make(chan struct{}), ended: make(chan struct{})}
	go r.run()
	return r
}

func (r *reader) run() {
	defer close(r.ended)
	var last uint64
	for {
		m, err := r.it.Next()
		if err != nil {
			r.fail(err)
			return
		}
		meta, err := m.Metadata()
		if err != nil {
			r.fail(err)
			return
		}
		if seq := meta.Sequence.Consumer; seq != last+1 {
			r.fail(fmt.Errorf("%w: after %d came %d", errGap, last, seq))
			return
		}
		last++
		if !r.put(m) {
			return
		}
	}
}

// put waits while the buffer is full, so that one slow node does not hold
// more than its share of memory.
func (r *reader) put(m jetstream.Msg) bool {
	for {
		r.mu.Lock()
		if r.err != nil {
			r.mu.Unlock()
			return false
		}
		if r.bytes < r.limit || len(r.buf) == 0 {
			r.buf = append(r.buf, m)
			r.bytes += len(m.Data())
			r.mu.Unlock()
			wake(r.more)
			return true
		}
		r.mu.Unlock()
		select {
		case <-r.room:
		case <-r.quit:
			return false
		}
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	if r.err == nil {
		r.err = err
		r.buf, r.bytes = nil, 0
		close(r.quit)
	}
	r.mu.Unlock()
	wake(r.more)
}

// stop ends the reader; it does not wait.
func (r *reader) stop(err error) {
	r.fail(err)
	r.it.Stop()
}

func (r *reader) dead() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err != nil
}

// take waits for the first message and returns up to max of those that are
// there, in the order of the hub.
func (r *reader) take(ctx context.Context, max int) ([]jetstream.Msg, int, error) {
	for {
		r.mu.Lock()
		if r.err != nil {
			r.mu.Unlock()
			return nil, 0, r.err
		}
		if n := min(len(r.buf), max); n > 0 {
			out := make([]jetstream.Msg, n)
			copy(out, r.buf)
			for _, m := range out {
				r.bytes -= len(m.Data())
			}
			// Copied, so that what was handed out can be freed.
			r.buf = append([]jetstream.Msg(nil), r.buf[n:]...)
			left := len(r.buf)
			r.mu.Unlock()
			wake(r.room)
			return out, left, nil
		}
		r.mu.Unlock()
		select {
		case <-r.more:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}
