// Package live tells open pages that something changed, over server-sent
// events. Only names of topics travel; a page fetches its own parts again and
// gets what its reader may see.
package live

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A position is "<epoch>-<number>": the epoch is drawn at the start of the
// process, so that a position of an earlier process is known to be foreign
// and answered with "reload". A page carries the position of the moment it was
// asked for, so nothing is missed between its making and its connection.

// Limits keep one browser from using up the node.
const (
	MaxTopics     = 16
	maxTopicBytes = 80
)

var topicForm = regexp.MustCompile(`^[a-z][a-z0-9_.-]*(:[A-Za-z0-9_.-]+)?$`)

// ValidTopic reports whether s can be a topic: "desk", "event:<id>".
func ValidTopic(s string) bool { return len(s) <= maxTopicBytes && topicForm.MatchString(s) }

// Options of a hub; zero values have defaults.
type Options struct {
	Ring       int           // how many publications can be resumed: 4096
	PerSession int           // open streams per session: 8
	Total      int           // open streams: 2000
	Heartbeat  time.Duration // 15 s; the session is looked up as often
	Lifetime   time.Duration // a stream ends after 1 h; the browser comes back
}

// Hub passes topics from those who publish to those who listen. Publish never
// waits for a listener: what a slow one has not read yet is one set of names.
type Hub struct {
	opts  Options
	epoch string

	mu     sync.Mutex
	seq    uint64
	ring   []entry // ring[i] holds the number seq where seq % len == i
	subs   map[*subscriber]struct{}
	per    map[string]int
	closed bool
}

type entry struct {
	seq   uint64
	topic string
}

type subscriber struct {
	session string
	topics  map[string]bool
	wake    chan struct{} // of capacity 1
	end     chan struct{} // closed when the hub or the session ends
	ended   bool
	pending map[string]uint64
	reload  bool
}

// New returns a hub that runs until Close.
func New(o Options) *Hub {
	if o.Ring == 0 {
		o.Ring = 4096
	}
	if o.PerSession == 0 {
		o.PerSession = 8
	}
	if o.Total == 0 {
		o.Total = 2000
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	var e [6]byte
	_, _ = rand.Read(e[:]) // never fails
	return &Hub{opts: o, epoch: hex.EncodeToString(e[:]), ring: make([]entry, o.Ring),
		subs: map[*subscriber]struct{}{}, per: map[string]int{}}
}

// Publish says that what the topics name has changed. Call it after the
// commit, for example from Tx.AfterCommit.
func (h *Hub) Publish(topics ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range topics {
		h.seq++
		h.ring[h.seq%uint64(len(h.ring))] = entry{h.seq, t}
		for s := range h.subs {
			if s.topics[t] {
				s.pending[t] = h.seq
				s.nudge()
			}
		}
	}
}

func (s *subscriber) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (s *subscriber) stop() {
	if !s.ended {
		s.ended = true
		close(s.end)
	}
}

// Position is where the hub is now, for the address of a page's stream.
func (h *Hub) Position() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position(h.seq)
}

func (h *Hub) position(seq uint64) string {
	return h.epoch + "-" + strconv.FormatUint(seq, 10)
}

// EndSession closes the streams of a session at once.
func (h *Hub) EndSession(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.session == session {
			s.stop()
		}
	}
}

// Open is how many streams are open.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// Close ends every stream; later ones are refused.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		s.stop()
	}
}

// subscribe returns nil when a limit is reached or the hub is closed.
func (h *Hub) subscribe(session string, topics []string, since string) *subscriber {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.subs) >= h.opts.Total || h.per[session] >= h.opts.PerSession {
		return nil
	}
	s := &subscriber{session: session, topics: map[string]bool{}, wake: make(chan struct{}, 1),
		end: make(chan struct{}), pending: map[string]uint64{}}
	for _, t := range topics {
		s.topics[t] = true
	}
	h.replay(s, since)
	h.subs[s] = struct{}{}
	h.per[session]++
	return s
}

// replay queues what happened after the position since; if that is no longer
// known, the page has to fetch everything again.
func (h *Hub) replay(s *subscriber, since string) {
	if since == "" {
		return
	}
	seq, ok := h.parse(since)
	if !ok || seq > h.seq || h.seq-seq > uint64(len(h.ring)) {
		s.reload = true
		s.nudge()
		return
	}
	for n := seq + 1; n <= h.seq; n++ {
		if e := h.ring[n%uint64(len(h.ring))]; s.topics[e.topic] {
			s.pending[e.topic] = e.seq
			s.nudge()
		}
	}
}

func (h *Hub) parse(position string) (uint64, bool) {
	epoch, n, ok := strings.Cut(position, "-")
	if !ok || epoch != h.epoch {
		return 0, false
	}
	seq, err := strconv.ParseUint(n, 10, 64)
	return seq, err == nil
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
	if h.per[s.session]--; h.per[s.session] <= 0 {
		delete(h.per, s.session)
	}
}

// take empties what waits for s, oldest first, and says at which position the
// listener is after it.
func (h *Hub) take(s *subscriber) (due []entry, reload bool, at uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for t, n := range s.pending {
		due = append(due, entry{n, t})
	}
	clear(s.pending)
	slices.SortFunc(due, func(a, b entry) int {
		if a.seq < b.seq {
			return -1
		}
		return 1
	})
	if reload, s.reload = s.reload, false; reload {
		due = due[:0]
		for t := range s.topics { // all that the page listens to may have changed
			due = append(due, entry{h.seq, t})
		}
	}
	return due, reload, h.seq
}
