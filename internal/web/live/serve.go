package live

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"lintas/internal/fault"
)

// The events of a stream, as a page hears them on its body.
const (
	EventPrefix = "live-"       // live-<topic>
	EventReload = "live-reload" // the position is too old; every topic follows
	EventEnded  = "live-ended"  // the session is over
)

// Trigger is the value of hx-trigger for a part that depends on the topics.
func Trigger(topics ...string) string {
	var b strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&b, "%s%s from:body delay:200ms, ", EventPrefix, t)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

// Stream is one browser's wish to listen.
type Stream struct {
	Session string
	Topics  []string
	Since   string // a position, or empty for "from now on"
	// Alive looks the session up again; a stream of an ended session closes.
	Alive func(context.Context) bool
}

// ParseTopics reads the list of an address and refuses what is not one.
func ParseTopics(s string) ([]string, error) {
	topics := strings.Split(s, ",")
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if len(topics) > MaxTopics || slices.ContainsFunc(topics, func(t string) bool { return !ValidTopic(t) }) {
		return nil, fault.New(fault.Invalid, "fault.web.topics").With("max", MaxTopics)
	}
	return topics, nil
}

// Serve writes the stream until the browser leaves, the session ends or the
// lifetime is over. It must not be compressed, buffered or timed.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, st Stream) error {
	sub := h.subscribe(st.Session, st.Topics, st.Since)
	if sub == nil {
		w.Header().Set("Retry-After", "10")
		return fault.New(fault.Unavailable, "fault.web.streams")
	}
	defer h.unsubscribe(sub)
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Time{}) // a recorder in a test has none
	_ = c.SetReadDeadline(time.Time{})
	head := w.Header()
	head.Set("Content-Type", "text/event-stream; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := &writer{w: w, c: c}
	out.printf("retry: 2000\nid: %s\n\n", h.startAt(st.Since))
	h.run(r.Context(), sub, st, out)
	return nil
}

// startAt is the position a new listener starts from: its own if it gave
// one, so that a broken first answer does not skip anything.
func (h *Hub) startAt(since string) string {
	if since != "" {
		if _, ok := h.parse(since); ok {
			return since
		}
	}
	return h.Position()
}

func (h *Hub) run(ctx context.Context, sub *subscriber, st Stream, out *writer) {
	beat := time.NewTicker(h.opts.Heartbeat)
	defer beat.Stop()
	life := time.NewTimer(h.opts.Lifetime)
	defer life.Stop()
	for out.flush() {
		select {
		case <-ctx.Done():
			return
		case <-life.C:
			return
		case <-sub.end:
			out.printf("event: %s\ndata:\n\n", EventEnded)
			out.flush()
			return
		case <-beat.C:
			if st.Alive != nil && !st.Alive(ctx) {
				out.printf("event: %s\ndata:\n\n", EventEnded)
				out.flush()
				return
			}
			out.printf(": beat\n\n")
		case <-sub.wake:
			h.deliver(sub, out)
		}
	}
}

func (h *Hub) deliver(sub *subscriber, out *writer) {
	due, reload, at := h.take(sub)
	if reload {
		out.printf("id: %s\nevent: %s\ndata: reload\n\n", h.position(at), EventReload)
	}
	for _, e := range due {
		out.printf("id: %s\nevent: %s%s\ndata: %s\n\n", h.position(e.seq), EventPrefix, e.topic, e.topic)
	}
}

// writer keeps the first error, so that the loop asks once.
type writer struct {
	w   http.ResponseWriter
	c   *http.ResponseController
	err error
}

func (o *writer) printf(format string, args ...any) {
	if o.err == nil {
		_, o.err = fmt.Fprintf(o.w, format, args...)
	}
}

func (o *writer) flush() bool {
	if o.err == nil {
		o.err = o.c.Flush()
	}
	return o.err == nil
}
