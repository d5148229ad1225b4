package link_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/hubtest"
	"lintas/internal/exchange/link"
	"lintas/internal/fault"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// publish sends one message and waits for the hub's word.
func publish(t testing.TB, l *link.Link, subject, id, body string) error {
	t.Helper()
	done := make(chan error, 1)
	l.Publish(exchange.Message{Subject: subject, ID: id, Data: []byte(body)}, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("no answer at all")
		return nil
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bodies fetches until it has n messages and acks each batch.
func bodies(t *testing.T, l *link.Link, n int) []string {
	t.Helper()
	var got []string
	for ctx := within(t, 30*time.Second); len(got) < n; {
		b, err := l.Fetch(ctx, 100)
		if err != nil {
			t.Fatalf("after %d of %d: %v", len(got), n, err)
		}
		for _, m := range b.Messages {
			got = append(got, string(m.Data))
		}
		must(t, b.Ack())
	}
	return got
}

func TestDelivery(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID", "VN")
	kh, id, vn := h.Link(t, "KH"), h.Link(t, "ID"), h.Link(t, "VN")
	must(t, publish(t, kh, "x.v1.KH.ID", "1", "to ID"))
	must(t, publish(t, kh, "x.v1.KH.all", "2", "to all"))
	if got := fmt.Sprint(bodies(t, id, 2)); got != "[to ID to all]" {
		t.Errorf("ID got %s", got)
	}
	b, err := vn.Fetch(within(t, 10*time.Second), 10)
	must(t, err)
	if len(b.Messages) != 1 || string(b.Messages[0].Data) != "to all" || b.Messages[0].Subject != "x.v1.KH.all" {
		t.Errorf("VN got %+v", b.Messages)
	}
	must(t, b.Ack())
	data, found, err := kh.Last(within(t, 5*time.Second), "x.v1.KH.ID")
	if err != nil || !found || string(data) != "to ID" {
		t.Errorf("last: %q %v %v", data, found, err)
	}
	if _, found, err := kh.Last(within(t, 5*time.Second), "x.v1.KH.VN"); err != nil || found {
		t.Errorf("last of nothing: %v %v", found, err)
	}
}

// What was not acked comes again, in order, before anything new.
func TestUnackedComesAgain(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	kh, id := h.Link(t, "KH"), h.Link(t, "ID")
	for i := range 30 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), fmt.Sprint(i)))
	}
	next := 0
	for range 20 {
		start := time.Now()
		b, err := id.Fetch(within(t, 10*time.Second), 3)
		must(t, err)
		if got := string(b.Messages[0].Data); got != "0" {
			t.Fatalf("the first is %s", got)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("took %v", d)
		}
	}
	for _, s := range bodies(t, id, 30) {
		if s != fmt.Sprint(next) {
			t.Fatalf("%s instead of %d", s, next)
		}
		next++
	}
}

func TestResetAll(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	kh, id := h.Link(t, "KH"), h.Link(t, "ID")
	for i := range 500 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), fmt.Sprint(i)))
	}
	bodies(t, id, 500)
	must(t, id.Reset(within(t, 5*time.Second), true))
	again := bodies(t, id, 500)
	if again[0] != "0" || again[499] != "499" {
		t.Errorf("from %s to %s", again[0], again[499])
	}
	must(t, id.Reset(within(t, 5*time.Second), false))
	must(t, publish(t, kh, "x.v1.KH.ID", "new", "new"))
	if got := bodies(t, id, 1); got[0] != "new" {
		t.Errorf("after a reset to the floor came %s", got[0])
	}
}

func TestCutAndMend(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	kh := h.Link(t, "KH")
	cfg := h.LinkConfig(t, "ID")
	states := make(chan bool, 10)
	cfg.OnState = func(up bool) { states <- up }
	id := hubtest.Connect(t, cfg)
	if up := <-states; !up {
		t.Error("the first state is down")
	}
	// Half of it is handed over and unconfirmed when the cable is pulled.
	for i := range 100 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), fmt.Sprint(i)))
	}
	b, err := id.Fetch(within(t, 5*time.Second), 50)
	must(t, err)
	id.Cut()
	if up := <-states; up || id.Up() || !id.IsCut() {
		t.Error("still up after the cut")
	}
	if err := b.Ack(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("ack while cut off: %v", err)
	}
	if err := publish(t, id, "x.v1.ID.KH", "a", "a"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("publish while cut off: %v", err)
	}
	if _, err := id.Fetch(within(t, 300*time.Millisecond), 50); err != context.DeadlineExceeded {
		t.Errorf("fetch while cut off: %v", err)
	}
	id.Mend()
	if up := <-states; !up {
		t.Error("not up after the mend")
	}
	for i, s := range bodies(t, id, 100) {
		if s != fmt.Sprint(i) {
			t.Fatalf("%s instead of %d", s, i)
		}
	}
	must(t, publish(t, id, "x.v1.ID.KH", "a", "a"))
}

// A node that starts before its hub, and one that the hub does not know yet.
func TestConnectsLater(t *testing.T) {
	h := hubtest.Start(t, "KH")
	id := h.Add(t, "ID")
	l, err := link.Connect(h.LinkConfig(t, "ID"))
	must(t, err)
	t.Cleanup(l.Close)
	time.Sleep(500 * time.Millisecond)
	if l.Up() {
		t.Fatal("up before the hub knows it")
	}
	must(t, h.SetMembers(within(t, 10*time.Second), h.Members))
	hubtest.WaitUp(t, l)
	must(t, publish(t, l, hub.Subject(id.Code, "KH"), "1", "hello"))
	if got := bodies(t, h.Link(t, "KH"), 1); got[0] != "hello" {
		t.Errorf("KH got %s", got)
	}
}

func TestBoundedPending(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	cfg := h.LinkConfig(t, "KH")
	cfg.MaxPending = 5
	l := hubtest.Connect(t, cfg)
	var mu sync.Mutex
	var busy, stored int
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Add(1)
		l.Publish(exchange.Message{Subject: "x.v1.KH.ID", ID: fmt.Sprint(i), Data: []byte("x")}, func(err error) {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				stored++
			} else if fault.Is(err, fault.Unavailable) {
				busy++
			}
		})
	}
	wg.Wait()
	if busy == 0 || stored < 5 || busy+stored != 500 {
		t.Errorf("%d stored, %d refused as too many", stored, busy)
	}
}

func TestBadConfig(t *testing.T) {
	ok := link.Config{URLs: []string{"nats://127.0.0.1:1"}, Member: "KH", NKey: "U", Sign: func([]byte) ([]byte, error) { return nil, nil }, Log: slog.Default()}
	for name, change := range map[string]func(*link.Config){
		"no URL":     func(c *link.Config) { c.URLs = nil },
		"no member":  func(c *link.Config) { c.Member = "" },
		"no signer":  func(c *link.Config) { c.Sign = nil },
		"no TLS":     func(c *link.Config) { c.URLs = []string{"tls://127.0.0.1:1"} },
		"web page":   func(c *link.Config) { c.URLs = []string{"https://127.0.0.1"} },
		"both kinds": func(c *link.Config) { c.URLs = []string{"nats://127.0.0.1:1", "ws://127.0.0.1:2"} },
		"no address": func(c *link.Config) { c.URLs = []string{"nats://"} },
	} {
		c := ok
		change(&c)
		if l, err := link.Connect(c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				l.Close()
			}
		}
	}
}
