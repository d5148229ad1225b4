package exchange

import (
	"context"
	"time"
)

// Message is one sealed envelope on its way to the hub.
type Message struct {
	Subject string // x.v1.<from>.<to>
	ID      string // the hub drops a second message with the same id; "" is none
	Data    []byte
	// TTL is how long the hub keeps the message; 0 is for as long as the
	// stream does. Heartbeats have one, so that they do not pile up.
	TTL time.Duration
}

// Delivery is one message as the hub handed it over.
type Delivery struct {
	Subject string
	Data    []byte
}

// Batch are messages in the order of the hub. Ack confirms all of them and
// everything before them; it is called once they are stored.
type Batch struct {
	Messages []Delivery
	Ack      func() error
	// Waiting is how many more messages the hub holds for this node.
	Waiting uint64
}

// Source is one queue of messages for this node. The hub keeps two: what is
// on channels of files waits in one of its own.
type Source interface {
	// Fetch waits until there is at least one message and returns up to max
	// that are there; it returns ctx.Err() when ctx ends.
	Fetch(ctx context.Context, max int) (Batch, error)
	// Reset goes back to the first unacknowledged message, or, with all, to
	// the first message of the hub (a node that lost its inbox).
	Reset(ctx context.Context, all bool) error
}

// Link is the connection to the hub. Every method may be called at any time,
// connected or not. Implementations never call back while holding a lock
// that Publish or Fetch needs.
type Link interface {
	Source
	// Files is the queue of files.
	Files() Source
	// Publish hands a message over without waiting; done is called once, from
	// any goroutine, when the hub has stored it or will not.
	Publish(m Message, done func(error))
	// Last is the newest message that this node itself published on one of
	// its own subjects, if the hub still has one. A node that was restored
	// from an old backup recognises itself by it.
	Last(ctx context.Context, subject string) (data []byte, found bool, err error)
	// Up reports whether the hub is connected.
	Up() bool
	// OnUp registers a function that is called after each connection; it must
	// not block.
	OnUp(f func())
}
