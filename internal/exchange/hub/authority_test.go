package hub_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/hubtest"
	"lintas/internal/exchange/link"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// raw is a member that uses the engine's own client instead of ours.
func raw(t *testing.T, h *hubtest.Hub, code access.Member) *nats.Conn {
	t.Helper()
	public, sign, err := hub.Signer(h.Seed(code))
	must(t, err)
	nc, err := nats.Connect(h.URL(), nats.Nkey(public, sign), nats.CustomInboxPrefix("_INBOX."+string(code)),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func publish(t testing.TB, l *link.Link, subject, id, body string) error {
	t.Helper()
	done := make(chan error, 1)
	l.Publish(exchange.Message{Subject: subject, ID: id, Data: []byte(body)}, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("no answer at all")
		return nil
	}
}

func count(t testing.TB, h *hub.Hub) uint64 {
	t.Helper()
	st, err := h.Stats(within(t, 10*time.Second))
	must(t, err)
	return st.Messages
}

// forbidden is what a hostile member would ask for: 20 requests, none of
// which may reach the stream.
func forbidden(as, other string) map[string]string {
	create := fmt.Sprintf(`{"stream_name":"EX","config":{"durable_name":"%s2","ack_policy":"none","filter_subject":"x.v1.*.%s"}}`, other, other)
	return map[string]string{
		"x.v1." + other + "." + as:                               "as another",
		"x.v1." + other + ".all":                                 "as another to all",
		"$JS.API.STREAM.CREATE.MINE":                             `{"name":"MINE","subjects":["mine"]}`,
		"$JS.API.STREAM.DELETE.EX":                               "",
		"$JS.API.STREAM.PURGE.EX":                                "",
		"$JS.API.STREAM.MSG.GET.EX":                              `{"seq":1}`,
		"$JS.API.STREAM.MSG.DELETE.EX":                           `{"seq":1}`,
		"$JS.API.STREAM.UPDATE.EX":                               `{"name":"EX"}`,
		"$JS.API.CONSUMER.CREATE.EX." + other + "2":              create,
		"$JS.API.CONSUMER.DURABLE.CREATE.EX." + other + "2":      create,
		"$JS.API.CONSUMER.DELETE.EX." + other:                    "",
		"$JS.API.CONSUMER.DELETE.EX." + as:                       "",
		"$JS.API.CONSUMER.MSG.NEXT.EX." + other:                  `{"batch":1,"expires":100000000}`,
		"EX.API.CONSUMER.MSG.NEXT.EX." + other:                   `{"batch":1,"expires":100000000}`,
		"EX.API.CONSUMER.INFO.EX." + other:                       "",
		"EX.API.CONSUMER.RESET.EX." + other:                      `{"seq":1}`,
		"EX.API.CONSUMER.CREATE.EX." + as + "2":                  create,
		"EX.API.STREAM.MSG.GET.EX":                               `{"seq":1}`,
		"EX.API.DIRECT.GET.EX.x.v1." + other + "." + as:          "",
		"$JS.ACK.EX." + other + ".1.1.1.1700000000000000000.0.x": "+ACK",
	}
}

// TestRefusals tries 20 forbidden requests from each of five members.
func TestRefusals(t *testing.T) {
	codes := []access.Member{"KH", "ID", "VN", "TH", "MY"}
	h := hubtest.Start(t, codes...)
	for _, c := range codes {
		l := h.Link(t, c)
		must(t, publish(t, l, hub.Subject(c, "all"), "first-"+string(c), "first"))
		l.Close()
	}
	refused, before := 0, count(t, h.Hub)
	for i, c := range codes {
		nc := raw(t, h, c)
		other := string(codes[(i+1)%len(codes)])
		for subject, body := range forbidden(string(c), other) {
			m, err := nc.Request(subject, []byte(body), 400*time.Millisecond)
			switch {
			case errors.Is(err, nats.ErrNoResponders), errors.Is(err, nats.ErrTimeout):
				refused++
			case err == nil && bytes.Contains(m.Data, []byte("JetStream not enabled for account")):
				refused++
			default:
				t.Errorf("%s asked %s and was answered %v %v", c, subject, m, err)
			}
		}
	}
	if refused != 100 {
		t.Errorf("%d of 100 refused", refused)
	}
	st, err := h.Stats(within(t, 10*time.Second))
	must(t, err)
	if st.Messages != before || len(st.Members) != len(codes) {
		t.Errorf("%d messages, %d consumers; before %d and %d", st.Messages, len(st.Members), before, len(codes))
	}
	for _, m := range st.Members {
		if m.Waiting != uint64(len(codes)) {
			t.Errorf("%s has %d waiting: somebody else took its messages", m.Code, m.Waiting)
		}
	}
}

// Nobody overhears what is addressed to another, whatever it subscribes to.
func TestNobodyOverhears(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID", "VN")
	spy := raw(t, h, "VN")
	heard := make(chan *nats.Msg, 100)
	for _, s := range []string{">", "x.>", "x.v1.*.ID", "$JS.>", "_INBOX.>", "_INBOX.ID.>", "_R_.>", "$SYS.>"} {
		_, err := spy.ChanSubscribe(s, heard)
		must(t, err)
	}
	must(t, spy.Flush())
	kh, id := h.Link(t, "KH"), h.Link(t, "ID")
	for i := range 20 {
		must(t, publish(t, kh, "x.v1.KH.ID", fmt.Sprint(i), "secret"))
	}
	b, err := id.Fetch(within(t, 5*time.Second), 20)
	must(t, err)
	must(t, b.Ack())
	must(t, spy.Flush())
	for {
		select {
		case m := <-heard:
			t.Errorf("overheard %s %q", m.Subject, m.Data)
			continue
		case <-time.After(200 * time.Millisecond):
		}
		return
	}
}

func TestWrongKeyIsRefused(t *testing.T) {
	h := hubtest.Start(t, "KH")
	_, sign, err := hub.Signer(h.Seed("KH"))
	must(t, err)
	seed, stranger, err := hub.NewUser()
	must(t, err)
	_, other, err := hub.Signer(seed)
	must(t, err)
	public, _, _ := hub.Signer(h.Seed("KH"))
	for name, opt := range map[string][]nats.Option{
		"nobody":                       nil,
		"a stranger":                   {nats.Nkey(stranger, other)},
		"a stranger's signature":       {nats.Nkey(public, other)},
		"a member's, a stranger's key": {nats.Nkey(stranger, sign)},
		"a password":                   {nats.UserInfo("KH", "KH")},
	} {
		nc, err := nats.Connect(h.URL(), opt...)
		if err == nil {
			nc.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A message that was sent twice, because the first confirmation was lost, is
// stored once; one that is too large is refused and breaks nothing.
func TestRepeatsAndSize(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	kh := h.Link(t, "KH")
	for range 5 {
		must(t, publish(t, kh, "x.v1.KH.ID", "same", "same"))
	}
	if n := count(t, h.Hub); n != 1 {
		t.Errorf("stored %d times", n)
	}
	if err := publish(t, kh, "x.v1.KH.ID", "large", string(make([]byte, hub.MaxPayload+1))); err == nil {
		t.Error("a message over the limit was taken")
	}
	must(t, publish(t, kh, "x.v1.KH.ID", "fits", string(make([]byte, hub.MaxPayload-4096))))
	b, err := h.Link(t, "ID").Fetch(within(t, 10*time.Second), 10)
	must(t, err)
	must(t, b.Ack())
}

// A member's headers cannot purge what others have not read yet.
func TestHeadersCannotRollUp(t *testing.T) {
	h := hubtest.Start(t, "KH", "ID")
	must(t, publish(t, h.Link(t, "KH"), "x.v1.KH.ID", "1", "kept"))
	js, err := jetstream.New(raw(t, h, "ID"))
	must(t, err)
	m := nats.NewMsg("x.v1.ID.KH")
	m.Header.Set("Nats-Rollup", "all")
	if _, err := js.PublishMsg(within(t, 2*time.Second), m); err == nil {
		t.Error("a roll-up was accepted")
	}
	if n := count(t, h.Hub); n != 1 {
		t.Errorf("%d messages are left", n)
	}
}
