package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// The stream tells programs what happened, entry by entry of the node's
// history, which outlives restarts: a position "<epoch>-<n>" stays good. Only
// what an entry is about travels; the record is then read like any other.

// StreamTopics are the kinds of happenings.
var StreamTopics = []string{"record", "release", "receipt"}

const (
	streamScope  = "stream.read"
	streamBatch  = 200
	streamPoll   = 5 * time.Second // for entries that another process wrote
	streamBeat   = 15 * time.Second
	streamLife   = time.Hour
	streamPer    = 4 // per token
	streamsTotal = 200
)

// StreamConfig says what of the history an actor is told; nil Describe closes
// the stream.
type StreamConfig struct {
	Describe func(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (StreamEvent, bool, error)
}

// StreamEvent is one happening.
type StreamEvent struct {
	Topic    string    `json:"topic" enum:"record,release,receipt"`
	Desk     string    `json:"desk"`
	Kind     string    `json:"kind" example:"health.event"`
	ID       id.ID     `json:"id" format:"uuid"`
	Version  int       `json:"version"`
	Action   string    `json:"action"`
	At       time.Time `json:"at"`
	Exercise string    `json:"exercise,omitempty" doc:"The exercise it belongs to; absent when it is real."`
}

// wakeup lets streams sleep until a commit.
type wakeup struct {
	mu   sync.Mutex
	ch   chan struct{}
	open map[string]int
	all  int
}

func (u *wakeup) init() { u.ch, u.open = make(chan struct{}), map[string]int{} }

func (u *wakeup) wait() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ch
}

func (u *wakeup) enter(token string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all >= streamsTotal || u.open[token] >= streamPer {
		return false
	}
	u.all++
	u.open[token]++
	return true
}

func (u *wakeup) leave(token string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.open[token]--; u.open[token] <= 0 {
		delete(u.open, token)
	}
}

// Wake tells the streams to look at the history; call it after commits.
func (a *API) Wake() {
	a.wake.mu.Lock()
	defer a.wake.mu.Unlock()
	close(a.wake.ch)
	a.wake.ch = make(chan struct{})
}

// follower is one open stream.
type follower struct {
	a      *API
	call   *Call
	topics []string
	epoch  int64
	next   int64 // the entry to look at next
	w      http.ResponseWriter
	c      *http.ResponseController
}

func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	printer := locale.New(locale.Match("", r.Header.Get("Accept-Language")), nil, "")
	call, problem := a.identify(r, printer)
	if problem != nil {
		problem.write(w)
		return
	}
	call.ctx = r.Context()
	f := &follower{a: a, call: call, w: w, c: http.NewResponseController(w)}
	if err := f.start(r); err != nil {
		call.problemOf(err).write(w)
		return
	}
	token := string(call.Token)
	if !a.wake.enter(token) {
		a.slow(printer, streamBeat).write(w)
		return
	}
	defer a.wake.leave(token)
	_ = f.c.SetWriteDeadline(time.Time{}) // a recorder in a test has none
	_ = f.c.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	fmt.Fprintf(w, "retry: 2000\nid: %s\n\n", f.position())
	secret, _ := bearer(r)
	f.run(r.Context(), secret)
}

// start finds out where the stream begins.
func (f *follower) start(r *http.Request) error {
	if err := f.call.admit(Op{Scope: streamScope}); err != nil {
		return err
	}
	if f.a.cfg.Stream.Describe == nil {
		return notFound.problem(f.call.Printer, "", nil)
	}
	f.topics = StreamTopics
	if t := r.URL.Query().Get("topics"); t != "" {
		f.topics = strings.Split(t, ",")
		if slices.ContainsFunc(f.topics, func(t string) bool { return !slices.Contains(StreamTopics, t) }) {
			return malformed.problem(f.call.Printer, "api.stream.topics", nil)
		}
	}
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.URL.Query().Get("since")
	}
	return f.a.cfg.DB.Read(r.Context(), func(tx *db.Tx) error {
		head, err := history.Now(r.Context(), tx)
		if err != nil {
			return err
		}
		f.epoch, f.next = head.Epoch, head.Size
		if since == "" {
			return nil
		}
		epoch, next, ok := parsePosition(since)
		if !ok {
			return malformed.problem(f.call.Printer, "api.stream.position", nil)
		}
		// Entries below the part that was given up are the same in all epochs.
		if next > head.Size || epoch > head.Epoch || epoch < head.Epoch && next > head.Kept {
			return streamReset.problem(f.call.Printer, "", nil)
		}
		f.next = next
		return nil
	})
}

func (f *follower) position() string {
	return strconv.FormatInt(f.epoch, 10) + "-" + strconv.FormatInt(f.next, 10)
}

func parsePosition(s string) (epoch, next int64, ok bool) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, false
	}
	epoch, err1 := strconv.ParseInt(a, 10, 64)
	next, err2 := strconv.ParseInt(b, 10, 64)
	return epoch, next, err1 == nil && err2 == nil && epoch >= 0 && next >= 0
}

func (f *follower) run(ctx context.Context, secret string) {
	beat, poll, life := time.NewTicker(streamBeat), time.NewTicker(streamPoll), time.NewTimer(streamLife)
	defer beat.Stop()
	defer poll.Stop()
	defer life.Stop()
	for {
		woken := f.a.wake.wait() // before reading, so that no commit falls between
		more, err := f.deliver(ctx)
		if err == nil {
			err = f.c.Flush()
		}
		if err != nil {
			if ctx.Err() == nil {
				f.a.cfg.Log.Warn("stream ended", "token", f.call.Token, "error", err.Error())
			}
			return // the client comes back with its position
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-life.C:
			return
		case <-beat.C:
			actor, _, err := f.a.cfg.Token(ctx, secret)
			if err != nil || !actor.InScope(streamScope) {
				return
			}
			f.call.Actor = actor
			fmt.Fprint(f.w, ": beat\n\n")
		case <-poll.C:
		case <-woken:
		}
	}
}

// deliver writes what is new, at most a batch, and says whether there is more.
func (f *follower) deliver(ctx context.Context) (more bool, err error) {
	var out []string
	err = f.a.cfg.DB.Read(ctx, func(tx *db.Tx) error {
		head, err := history.Now(ctx, tx)
		if err != nil {
			return err
		}
		if head.Epoch != f.epoch || head.Size < f.next {
			return fmt.Errorf("the history was reopened")
		}
		end := min(head.Size, f.next+streamBatch)
		for ; f.next < end; f.next++ {
			e, err := history.At(ctx, tx, f.next)
			if err != nil {
				return err
			}
			ev, told, err := f.a.cfg.Stream.Describe(ctx, tx, f.call.Actor, e)
			if err != nil {
				return err
			}
			if !told || !slices.Contains(f.topics, ev.Topic) {
				continue
			}
			b, err := json.Marshal(ev)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("id: %d-%d\nevent: %s\ndata: %s\n\n", f.epoch, f.next+1, ev.Topic, b))
		}
		more = f.next < head.Size
		return nil
	})
	if err != nil {
		return false, err
	}
	_, err = f.w.Write([]byte(strings.Join(out, "")))
	return more, err
}

// describeStream puts the stream into the document.
func (a *API) describeStream() {
	doc := a.huma.OpenAPI()
	op := Op{Method: http.MethodGet, Path: "/stream", ID: "stream", Tag: "node", Scope: streamScope, Status: http.StatusOK,
		Summary: "Follow what happens at this node", Description: "Server-sent events. The name of an event is its topic, its id a position to resume from; its data is a StreamEvent."}
	h := a.operation(op)
	event := doc.Components.Schemas.Schema(reflect.TypeFor[StreamEvent](), true, "StreamEvent")
	h.Parameters = []*huma.Param{
		{Name: "topics", In: "query", Description: "Some of " + strings.Join(StreamTopics, ", ") + ", with commas; all when empty.", Schema: &huma.Schema{Type: "string"}},
		{Name: "since", In: "query", Description: "The id of the last event seen; empty: from now on; 0-0: from the beginning.", Schema: &huma.Schema{Type: "string"}},
		{Name: "Last-Event-ID", In: "header", Description: "As since; goes before it.", Schema: &huma.Schema{Type: "string"}},
	}
	h.Responses = map[string]*huma.Response{"200": {Description: "The stream",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string", Description: "data of each event: StreamEvent",
			Extensions: map[string]any{"x-event-data": event}}}}}}
	doc.AddOperation(&h)
	op.Problems = []int{404, 410}
	a.ops[op.ID] = op
	a.declare(op)
	delete(h.Responses, "304")
}

// StreamHandler serves the stream; Mount puts it apart from the rest, since
// it is not compressed.
func (a *API) StreamHandler() http.Handler { return http.HandlerFunc(a.stream) }
