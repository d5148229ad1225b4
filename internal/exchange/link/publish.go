package link

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"lintas/internal/exchange"
)

var (
	errBusy  = errors.New("too many messages on their way")
	errLate  = errors.New("the hub did not confirm in time")
	errNoHub = errors.New("the hub has no stream for the message")
)

// outgoing are the messages that the hub has not confirmed yet.
type outgoing struct {
	max   int
	limit time.Duration
	quit  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	next    uint64
	waiting map[string]sent
	closed  bool
}

type sent struct {
	done func(error)
	at   time.Time
}

func newOutgoing(max int, limit time.Duration) *outgoing {
	o := &outgoing{max: max, limit: limit, waiting: map[string]sent{},
		quit: make(chan struct{}), ended: make(chan struct{})}
	go o.sweep()
	return o
}

// sweep gives up on what the hub never answered.
func (o *outgoing) sweep() {
	defer close(o.ended)
	tick := time.NewTicker(o.limit / 4)
	defer tick.Stop()
	for {
		select {
		case <-o.quit:
			return
		case now := <-tick.C:
			for _, f := range o.older(now.Add(-o.limit)) {
				f(unavailable(errLate))
			}
		}
	}
}

func (o *outgoing) older(than time.Time) []func(error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var late []func(error)
	for token, s := range o.waiting {
		if s.at.Before(than) {
			late = append(late, s.done)
			delete(o.waiting, token)
		}
	}
	return late
}

// add registers a message and names it.
func (o *outgoing) add(done func(error)) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return "", errClosed
	}
	if len(o.waiting) >= o.max {
		return "", errBusy
	}
	o.next++
	token := strconv.FormatUint(o.next, 36)
	o.waiting[token] = sent{done, time.Now()}
	return token, nil
}

// take hands out each message's callback once, whoever comes first.
func (o *outgoing) take(token string) func(error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s, ok := o.waiting[token]
	if !ok {
		return nil
	}
	delete(o.waiting, token)
	return s.done
}

func (o *outgoing) failAll(err error) {
	o.mu.Lock()
	all := o.waiting
	o.waiting = map[string]sent{}
	o.mu.Unlock()
	for _, s := range all {
		s.done(err)
	}
}

func (o *outgoing) close() {
	o.mu.Lock()
	was := o.closed
	o.closed = true
	o.mu.Unlock()
	if was {
		return
	}
	close(o.quit)
	<-o.ended
	o.failAll(unavailable(errClosed))
}

// Publish hands a message over without waiting. done is called once, never
// from within Publish: with nil when the hub has the message.
func (l *Link) Publish(m exchange.Message, done func(error)) {
	token, err := l.out.add(done)
	if err != nil {
		go done(unavailable(err))
		return
	}
	msg := &nats.Msg{Subject: m.Subject, Reply: l.answer + token, Data: m.Data, Header: nats.Header{}}
	if m.ID != "" {
		msg.Header["Nats-Msg-Id"] = []string{m.ID}
	}
	if m.TTL > 0 {
		// The hub counts in seconds and takes no less than one.
		msg.Header["Nats-TTL"] = []string{max(m.TTL.Truncate(time.Second), time.Second).String()}
	}
	if err := l.nc.PublishMsg(msg); err != nil {
		if f := l.out.take(token); f != nil {
			go f(unavailable(err))
		}
	}
}

// confirmed receives the hub's answers.
func (l *Link) confirmed(m *nats.Msg) {
	f := l.out.take(m.Subject[len(l.answer):])
	if f == nil {
		return
	}
	f(confirmation(m))
}

// confirmation is nil only for the stream's own word that it has the message.
func confirmation(m *nats.Msg) error {
	if len(m.Data) == 0 {
		return unavailable(errNoHub)
	}
	var a struct {
		apiError
		Stream string `json:"stream"`
		Seq    uint64 `json:"seq"`
	}
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return unavailable(fmt.Errorf("answer of the hub: %w", err))
	}
	if a.Error != nil {
		return unavailable(fmt.Errorf("the hub refused: %d %s", a.Error.Code, a.Error.Description))
	}
	if a.Stream != stream || a.Seq == 0 {
		return unavailable(errNoHub)
	}
	return nil
}
