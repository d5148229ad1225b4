package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"lintas/internal/access"
)

// memHub is a hub in memory that stores, drops repeats by id, and delivers
// again what was not acknowledged. The tests of the package hub run against a
// real server; this one lets a test lose, forge and reorder.
type memHub struct {
	mu   sync.Mutex
	log  []Message
	ids  map[string]bool
	wait chan struct{}
	drop func(m Message) bool // what the hub loses after it confirmed it
}

func newMemHub() *memHub { return &memHub{ids: map[string]bool{}, wait: make(chan struct{})} }

func (h *memHub) put(m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.ID != "" && h.ids[m.ID] {
		return
	}
	h.ids[m.ID] = true
	if h.drop != nil && h.drop(m) {
		return
	}
	h.log = append(h.log, m)
	close(h.wait)
	h.wait = make(chan struct{})
}

// size is how many messages were put so far.
func (h *memHub) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.log)
}

// wipe loses the hub's disk.
func (h *memHub) wipe() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.log {
		h.log[i] = Message{}
	}
	h.ids = map[string]bool{}
}

func (h *memHub) link(m access.Member) *memLink {
	l := &memLink{hub: h, me: m, up: true}
	l.memQueue = &memQueue{memLink: l, to: []string{"." + string(m), ".all"}}
	l.files = &memQueue{memLink: l, to: []string{".files-" + string(m), ".files-all"}}
	return l
}

type memLink struct {
	*memQueue
	files *memQueue
	hub   *memHub
	me    access.Member

	mu   sync.Mutex
	up   bool
	onUp []func()
}

// memQueue is what the hub keeps for a member in one order.
type memQueue struct {
	*memLink
	to    []string
	floor int
}

func (l *memLink) Files() Source { return l.files }

var errDown = errors.New("cut off")

func (l *memLink) cut(off bool) {
	l.mu.Lock()
	l.up = !off
	fs := slices.Clone(l.onUp)
	l.mu.Unlock()
	l.hub.mu.Lock()
	close(l.hub.wait)
	l.hub.wait = make(chan struct{})
	l.hub.mu.Unlock()
	if !off {
		for _, f := range fs {
			f()
		}
	}
}

func (l *memLink) Up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up
}

func (l *memLink) OnUp(f func()) {
	l.mu.Lock()
	l.onUp = append(l.onUp, f)
	l.mu.Unlock()
	f()
}

func (l *memLink) Publish(m Message, done func(error)) {
	if !l.Up() {
		go done(errDown)
		return
	}
	l.hub.put(m)
	go done(nil)
}

func (l *memQueue) Reset(_ context.Context, all bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if all {
		l.floor = 0
	}
	return nil
}

func (l *memLink) Last(_ context.Context, subject string) ([]byte, bool, error) {
	if !l.Up() {
		return nil, false, errDown
	}
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	for _, m := range slices.Backward(l.hub.log) {
		if m.Subject == subject {
			return m.Data, true, nil
		}
	}
	return nil, false, nil
}

func (l *memQueue) Fetch(ctx context.Context, most int) (Batch, error) {
	for {
		l.mu.Lock()
		from, up := l.floor, l.up
		l.mu.Unlock()
		l.hub.mu.Lock()
		wait := l.hub.wait
		var b Batch
		next := from
		if up {
			for next < len(l.hub.log) && len(b.Messages) < most {
				m := l.hub.log[next]
				next++
				if slices.ContainsFunc(l.to, func(to string) bool { return strings.HasSuffix(m.Subject, to) }) {
					b.Messages = append(b.Messages, Delivery{Subject: m.Subject, Data: m.Data})
				}
			}
		}
		l.hub.mu.Unlock()
		if len(b.Messages) > 0 {
			b.Ack = func() error {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.floor = next
				return nil
			}
			return b, nil
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-wait:
		}
	}
}
