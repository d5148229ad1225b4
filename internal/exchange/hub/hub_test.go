package hub_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/hubtest"
	"lintas/internal/exchange/link"
	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
)

// Members come and go while a hundred messages per connection are on their
// way, and no other connection is closed.
func TestLiveMembers(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	cfg := h.LinkConfig(t, "KH")
	downs := make(chan struct{}, 100)
	cfg.OnState = func(up bool) {
		if !up {
			downs <- struct{}{}
		}
	}
	kh, id := hubtest.Connect(t, cfg), h.Link(t, "ID")
	got := make(chan string, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- id.Consume(ctx, 50, func(_ context.Context, ms []exchange.Delivery) error {
			for _, m := range ms {
				got <- string(m.Data)
			}
			return nil
		})
	}()
	for i := range 5 {
		code := access.Member(fmt.Sprintf("N%d", i))
		m := h.Add(t, code)
		must(t, h.SetMembers(within(t, 10*time.Second), h.Members))
		l := h.Link(t, code)
		must(t, publish(t, l, hub.Subject(code, "ID"), "a"+string(code), "from "+string(code)))
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint("kh", i), "from KH"))
		for range 2 {
			select {
			case <-got:
			case <-time.After(5 * time.Second):
				t.Fatalf("round %d: not delivered in 5 s after a change of the members", i)
			}
		}
		if i%2 == 0 {
			h.Members = h.Members[:len(h.Members)-1]
			must(t, h.SetMembers(within(t, 10*time.Second), h.Members))
			waitDown(t, l)
			st, err := h.Stats(within(t, 5*time.Second))
			must(t, err)
			for _, s := range st.Members {
				if s.Code == m.Code {
					t.Errorf("%s was revoked and still has a consumer", m.Code)
				}
			}
		}
	}
	if len(downs) != 0 || !kh.Up() {
		t.Errorf("KH lost its connection %d times", len(downs))
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func waitDown(t *testing.T, l *link.Link) {
	t.Helper()
	for range 100 {
		if !l.Up() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("a revoked member is still connected after 5 s")
}

// settled waits until the hub holds so many messages that a member has not
// confirmed.
func settled(t *testing.T, h *hubtest.Hub, m access.Member, left int) {
	t.Helper()
	for range 100 {
		st, err := h.Stats(within(t, 5*time.Second))
		must(t, err)
		for _, s := range st.Members {
			if s.Code == m && int(s.Waiting)+s.Unacked == left {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the hub does not come to %d unconfirmed messages of %s", left, m)
}

// A new key for a member shuts out the old one and keeps its place.
func TestRotatedKey(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	old, id := h.LinkConfig(t, "ID"), h.Link(t, "ID")
	kh := h.Link(t, "KH")
	for i := range 10 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), fmt.Sprint(i)))
	}
	b, err := id.Fetch(within(t, 5*time.Second), 4)
	must(t, err)
	must(t, b.Ack())
	n := len(b.Messages)
	settled(t, h, "ID", 10-n) // the confirmation travels by itself
	h.Members = h.Members[:1]
	h.Add(t, "ID")
	must(t, h.SetMembers(within(t, 10*time.Second), h.Members))
	waitDown(t, id)
	b, err = h.Link(t, "ID").Fetch(within(t, 5*time.Second), 100)
	must(t, err)
	if got := string(b.Messages[0].Data); got != fmt.Sprint(n) {
		t.Errorf("the new key starts at %s, not %d", got, n)
	}
	l, err := link.Connect(old)
	must(t, err)
	defer l.Close()
	time.Sleep(300 * time.Millisecond)
	if l.Up() || id.Up() {
		t.Error("the old key is still let in")
	}
}

func TestStatsAndRestart(t *testing.T) {
	dir := t.TempDir()
	h := hubtest.StartWith(t, hub.Config{Folder: dir, Listen: freeAddress(t)}, nil, "KH", "ID")
	kh := h.Link(t, "KH")
	for i := range 20 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), "x"))
	}
	want := []hub.MemberStats{{Code: "ID", Waiting: 20}, {Code: "KH", Connections: 1}}
	var st hub.Stats
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) { // the server counts them a moment after it took them
		var err error
		st, err = h.Stats(within(t, 5*time.Second))
		must(t, err)
		slices.SortFunc(st.Members, func(a, b hub.MemberStats) int { return strings.Compare(string(a.Code), string(b.Code)) })
		if st.Messages == 20 && slices.Equal(st.Members, want) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%+v, not %+v", st, want)
		}
	}
	addr := h.Addr()
	h.Close()
	if err := publish(t, kh, "x.v1.KH.ID", "down", "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("publish without a hub: %v", err)
	}
	must(t, h.Start(within(t, 10*time.Second)))
	if h.Addr() != addr {
		t.Errorf("came back at %s, not %s", h.Addr(), addr)
	}
	hubtest.WaitUp(t, kh)
	must(t, publish(t, kh, "x.v1.KH.ID", "up", "x"))
	if n := count(t, h.Hub); n != 21 {
		t.Errorf("%d messages after the restart", n)
	}
}

// tlsHub listens with a certificate of a new authority.
func tlsHub(t *testing.T) (*hubtest.Hub, *tls.Config) {
	t.Helper()
	dir := t.TempDir()
	a, err := pki.Create(dir, "test", clock.System{})
	must(t, err)
	cert, key, err := a.Issue(dir, "hub", "127.0.0.1")
	must(t, err)
	s, err := pki.Load(cert, key)
	must(t, err)
	client, err := pki.Client(a.PEM())
	must(t, err)
	return hubtest.StartWith(t, hub.Config{Folder: t.TempDir(), Listen: "127.0.0.1:0", WebSocket: "127.0.0.1:0",
		TLS: s.Config()}, client, "KH", "ID"), client
}

func TestTLS13Only(t *testing.T) {
	h, client := tlsHub(t)
	if !strings.HasPrefix(h.URL(), "tls://") || !strings.HasPrefix(h.WebSocketURL(), "wss://") {
		t.Errorf("%s %s", h.URL(), h.WebSocketURL())
	}
	for _, address := range []string{h.Addr(), strings.TrimPrefix(h.WebSocketURL(), "wss://")} {
		c, err := tls.Dial("tcp", address, client)
		must(t, err)
		if v := c.ConnectionState().Version; v != tls.VersionTLS13 {
			t.Errorf("%s: version %x", address, v)
		}
		c.Close()
		old := client.Clone()
		old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		if c, err := tls.Dial("tcp", address, old); err == nil {
			c.Close()
			t.Errorf("%s accepts TLS 1.2", address)
		}
		plain, err := net.Dial("tcp", address)
		must(t, err)
		must(t, plain.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
		b := make([]byte, 4)
		if n, _ := plain.Read(b); string(b[:n]) == "INFO" {
			t.Errorf("%s greets in clear", address)
		}
		plain.Close()
	}
}

// TCP and WebSocket, with and without TLS, carry the same, and the link finds
// the address that answers.
func TestEveryKindOfAddress(t *testing.T) {
	sealed, _ := tlsHub(t)
	plain := hubtest.Start(t, "KH", "ID")
	for _, c := range []struct {
		h    *hubtest.Hub
		urls []string
	}{
		{plain, []string{plain.URL()}},
		{plain, []string{plain.WebSocketURL()}},
		{sealed, []string{sealed.URL()}},
		{sealed, []string{sealed.WebSocketURL()}},
		{sealed, []string{"tls://127.0.0.1:1", sealed.URL()}},
		{sealed, []string{"wss://127.0.0.1:1", sealed.WebSocketURL()}},
	} {
		kh, id := c.h.LinkConfig(t, "KH"), c.h.LinkConfig(t, "ID")
		kh.URLs, id.URLs = c.urls, c.urls
		from, to := hubtest.Connect(t, kh), hubtest.Connect(t, id)
		body := strings.Repeat("x", 1<<20)
		must(t, publish(t, from, "x.v1.KH.ID", fmt.Sprint(c.urls), body))
		b, err := to.Fetch(within(t, 10*time.Second), 10)
		if err != nil || len(b.Messages) != 1 || string(b.Messages[0].Data) != body {
			t.Fatalf("%v: %d messages, %v", c.urls, len(b.Messages), err)
		}
		must(t, b.Ack())
		from.Close()
		to.Close()
	}
}

func TestRefusesToListenInClear(t *testing.T) {
	_, public, err := hub.NewUser()
	must(t, err)
	ok := hub.Config{Folder: t.TempDir(), Listen: "127.0.0.1:0", Members: []hub.Member{{Code: "KH", NKey: public}}}
	for name, c := range map[string]struct {
		change func(*hub.Config)
		key    string
	}{
		"every address":       {func(c *hub.Config) { c.Listen = "0.0.0.0:0" }, "fault.hub.plain"},
		"no host":             {func(c *hub.Config) { c.Listen = ":0" }, "fault.hub.plain"},
		"a name":              {func(c *hub.Config) { c.Listen = "hub.example:0" }, "fault.hub.plain"},
		"web socket":          {func(c *hub.Config) { c.WebSocket = "[::]:0" }, "fault.hub.plain"},
		"old TLS":             {func(c *hub.Config) { c.TLS = &tls.Config{} }, "fault.hub.config"},
		"no folder":           {func(c *hub.Config) { c.Folder = "" }, "fault.hub.config"},
		"no port":             {func(c *hub.Config) { c.Listen = "127.0.0.1" }, "fault.hub.config"},
		"owner as member":     {func(c *hub.Config) { c.Members[0].Code = "EX" }, "fault.hub.member"},
		"subject in a code":   {func(c *hub.Config) { c.Members[0].Code = "A.>" }, "fault.hub.member"},
		"seed instead of key": {func(c *hub.Config) { c.Members[0].NKey = "SU" }, "fault.hub.member"},
		"twice":               {func(c *hub.Config) { c.Members = append(c.Members, c.Members[0]) }, "fault.hub.member"},
	} {
		cfg := ok
		cfg.Members = append([]hub.Member(nil), ok.Members...)
		c.change(&cfg)
		_, err := hub.New(cfg)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Key != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	ok.Listen, ok.PlainOutsideLoopback = "0.0.0.0:0", true
	if _, err := hub.New(ok); err != nil {
		t.Errorf("with the explicit act: %v", err)
	}
}
