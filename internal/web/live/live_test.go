package live_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/fault"
	"lintas/internal/web/live"
)

type client struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  context.CancelFunc
}

// listen opens a stream and reads its opening.
func listen(t *testing.T, h *live.Hub, st live.Stream) *client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Serve(w, r, st); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(srv.Close)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
	c := &client{t: t, lines: bufio.NewScanner(res.Body), stop: stop}
	if ev := c.next(); ev["id"] == "" {
		t.Fatalf("opening without a position: %v", ev)
	}
	return c
}

// next reads one event; comments are passed over.
func (c *client) next() map[string]string {
	c.t.Helper()
	ev := map[string]string{}
	for c.lines.Scan() {
		line := c.lines.Text()
		if line == "" && len(ev) > 0 {
			return ev
		}
		if k, v, ok := strings.Cut(line, ":"); ok && k != "" {
			ev[k] = strings.TrimPrefix(v, " ")
		}
	}
	return nil
}

func TestOnlyAskedTopicsArrive(t *testing.T) {
	h := live.New(live.Options{})
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk", "event:1"}})
	h.Publish("event:2")
	h.Publish("event:1")
	ev := c.next()
	if ev["event"] != "live-event:1" || ev["data"] != "event:1" || ev["id"] == "" {
		t.Fatalf("got %v", ev)
	}
}

func TestNothingIsMissedBetweenPageAndStream(t *testing.T) {
	h := live.New(live.Options{})
	at := h.Position()
	h.Publish("desk")
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"}, Since: at})
	if ev := c.next(); ev["event"] != "live-desk" {
		t.Fatalf("got %v", ev)
	}
}

func TestResumeAfterTheRingIsAReload(t *testing.T) {
	h := live.New(live.Options{Ring: 4})
	at := h.Position()
	for range 5 {
		h.Publish("desk")
	}
	for name, since := range map[string]string{
		"too old": at, "another process": "0000-1", "nonsense": "x", "from the future": at + "9",
	} {
		c := listen(t, h, live.Stream{Session: name, Topics: []string{"desk"}, Since: since})
		if ev := c.next(); ev["event"] != live.EventReload {
			t.Errorf("%s: got %v", name, ev)
		}
		if ev := c.next(); ev["event"] != "live-desk" {
			t.Errorf("%s: after the reload: %v", name, ev)
		}
	}
}

func TestSlowListenerGetsEachTopicOnce(t *testing.T) {
	h := live.New(live.Options{})
	at := h.Position()
	for range 1000 {
		h.Publish("desk", "inbox")
	}
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk", "inbox"}, Since: at})
	first, second := c.next(), c.next()
	if first["data"] != "desk" || second["data"] != "inbox" {
		t.Fatalf("got %v, %v", first, second)
	}
	h.Publish("desk")
	if ev := c.next(); ev["data"] != "desk" {
		t.Fatalf("got %v", ev)
	}
}

func TestStreamEndsWithItsSession(t *testing.T) {
	h := live.New(live.Options{})
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"}})
	other := listen(t, h, live.Stream{Session: "o", Topics: []string{"desk"}})
	h.EndSession("s")
	if ev := c.next(); ev["event"] != live.EventEnded {
		t.Fatalf("got %v", ev)
	}
	h.Publish("desk")
	if ev := other.next(); ev["event"] != "live-desk" {
		t.Fatalf("the other session got %v", ev)
	}
}

func TestHeartbeatLooksTheSessionUp(t *testing.T) {
	h := live.New(live.Options{Heartbeat: 5 * time.Millisecond})
	var alive atomic.Bool
	alive.Store(true)
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"},
		Alive: func(context.Context) bool { return alive.Load() }})
	alive.Store(false)
	if ev := c.next(); ev["event"] != live.EventEnded {
		t.Fatalf("got %v", ev)
	}
}

func TestLimitPerSession(t *testing.T) {
	h := live.New(live.Options{PerSession: 1})
	listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"}})
	err := h.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/live", nil),
		live.Stream{Session: "s", Topics: []string{"desk"}})
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	listen(t, h, live.Stream{Session: "another", Topics: []string{"desk"}})
}

func TestPlaceIsFreedWhenTheBrowserLeaves(t *testing.T) {
	h := live.New(live.Options{})
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"}})
	c.stop()
	for deadline := time.Now().Add(5 * time.Second); h.Open() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the stream is still open")
		}
	}
}

func TestCloseEndsAll(t *testing.T) {
	h := live.New(live.Options{})
	c := listen(t, h, live.Stream{Session: "s", Topics: []string{"desk"}})
	h.Close()
	if ev := c.next(); ev["event"] != live.EventEnded {
		t.Fatalf("got %v", ev)
	}
}

func FuzzParseTopics(f *testing.F) {
	for _, s := range []string{"", "desk", "desk,event:0190-a", "a,,b", "x:y:z", "live:reload\nid: 1", strings.Repeat("a,", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		topics, err := live.ParseTopics(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if len(topics) == 0 || len(topics) > live.MaxTopics {
			t.Fatalf("%d topics", len(topics))
		}
		for _, topic := range topics {
			// A line break or a space in a topic would forge an event.
			if strings.ContainsAny(topic, "\r\n \x00,") {
				t.Fatalf("topic %q", topic)
			}
		}
	})
}
