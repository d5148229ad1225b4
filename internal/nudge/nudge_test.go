package nudge

import (
	"bufio"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// ways records what was sent, and fails when told to.
type ways struct {
	mails  []string
	pushed []string
	fail   bool
	gone   string
}

func (w *ways) Mail(_ context.Context, to, subject, text string) error {
	if w.fail {
		return errors.New("no mail today")
	}
	w.mails = append(w.mails, to+"|"+subject+"|"+text)
	return nil
}

func (w *ways) Push(_ context.Context, d Device, body []byte) error {
	if d.Endpoint == w.gone {
		return ErrGone
	}
	if w.fail {
		return errors.New("no push today")
	}
	w.pushed = append(w.pushed, string(body))
	return nil
}
func (w *ways) PublicKey() string    { return "key" }
func (w *ways) Serves(e string) bool { return strings.HasPrefix(e, "https://push.example/") }

func device(t *testing.T, endpoint string) Device {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding
	return Device{Endpoint: endpoint, Key: enc.EncodeToString(k.PublicKey().Bytes()), Auth: enc.EncodeToString(make([]byte, 16))}
}

func TestNudgeStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, w, now := t.Context(), &ways{}, clock.NewManual(time.Date(2020, 1, 27, 5, 0, 0, 0, time.UTC))
		person := access.Actor{Account: "kh-duty", Member: "KH", Name: "duty officer, KH"}
		var active, recorded = true, 0
		waiting := []Waiting{{Key: "notice-1", Grave: true, Due: now.Now().Add(time.Hour)}}
		n := New(Config{Member: "KH", DB: d, Clock: now, IDs: &id.Maker{}, Zone: time.FixedZone("ICT", 7*3600), URL: "https://kh.example", Mail: w, Push: w,
			Actor: func(context.Context, *db.Tx, id.ID) (access.Actor, error) {
				if !active {
					return access.Actor{}, fault.New(fault.Forbidden, "fault.people.not_active")
				}
				return person, nil
			},
			Waiting: func(context.Context, access.Actor) ([]Waiting, error) { return waiting, nil },
			Record:  func(context.Context, *db.Tx, access.Actor, string) error { recorded++; return nil }})
		look := func(mails, pushed int) {
			t.Helper()
			if err := n.Look(ctx); err != nil && !w.fail {
				t.Fatal(err)
			}
			if len(w.mails) != mails || len(w.pushed) != pushed {
				t.Fatalf("%d mails and %d pushed, want %d and %d", len(w.mails), len(w.pushed), mails, pushed)
			}
		}
		look(0, 0) // nobody chose anything
		prefer(t, n, person)
		devices(t, n, person)
		w.fail = true
		look(0, 0)
		w.fail = false
		look(0, 0) // the way rests after a failure
		now.Advance(pause)
		look(2, 4) // what came and the daily summary, by mail and to two browsers
		for _, m := range w.mails {
			if strings.Contains(m, "notice-1") || !strings.HasPrefix(m, "duty@kh.example|") || !strings.Contains(m, "https://kh.example/") {
				t.Errorf("a mail says %q", m)
			}
		}
		look(2, 4) // once
		w.gone = "https://push.example/1"
		waiting = append(waiting, Waiting{Key: "notice-2", Emergency: true})
		look(3, 5)
		if ds, _ := n.Devices(ctx, person); len(ds) != 1 {
			t.Errorf("%d browsers after one was gone", len(ds))
		}
		active = false
		waiting = append(waiting, Waiting{Key: "notice-3", Emergency: true})
		look(3, 5)
		if recorded != 3 {
			t.Errorf("%d entries in the history, want 3", recorded)
		}
	}, Schema)
}

func prefer(t *testing.T, n *Nudges, person access.Actor) {
	t.Helper()
	ctx := t.Context()
	for name, bad := range map[string]Preference{"mail": {Mail: "duty officer <a@b.example>", Flash: Never, Daily: NoDaily}, "flash": {Flash: "often", Daily: NoDaily},
		"daily": {Flash: Never, Daily: 24 * 60}, "quiet": {Flash: Never, Daily: NoDaily, QuietTo: -1}} {
		if err := n.Prefer(ctx, person, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	token := person
	token.Scopes = []string{"health.read"}
	good := Preference{Mail: "duty@kh.example", Flash: AtOnce, Daily: 6 * 60, Lang: "en"}
	if err := n.Prefer(ctx, token, good); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token chose for its person: %v", err)
	}
	if err := n.Prefer(ctx, person, good); err != nil {
		t.Fatal(err)
	}
}

func devices(t *testing.T, n *Nudges, person access.Actor) {
	t.Helper()
	for _, bad := range []Device{device(t, "https://intranet.example/1"), {Endpoint: "https://push.example/1", Key: "x", Auth: "y"}} {
		if err := n.Subscribe(t.Context(), person, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("subscribed %s: %v", bad.Endpoint, err)
		}
	}
	for _, e := range []string{"https://push.example/1", "https://push.example/2"} {
		if err := n.Subscribe(t.Context(), person, device(t, e)); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := n.Devices(t.Context(), person)
	if err != nil || len(ds) != 2 {
		t.Fatal(ds, err)
	}
	if err := n.Unsubscribe(t.Context(), access.Actor{Account: "other"}, ds[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's browser: %v", err)
	}
}

// Two processes on one database tell a person once.
func TestToldOnceByTwoProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		var mu sync.Mutex
		var wg sync.WaitGroup
		total := 0
		for range 8 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					keys, err := claim(t.Context(), tx, "a", []string{"k1", "k2", "k3"}, now)
					mu.Lock()
					defer mu.Unlock()
					total += len(keys)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if total != 3 {
			t.Errorf("%d claims of 3 keys", total)
		}
	}, Schema)
}

func TestServices(t *testing.T) {
	w, err := NewWebPush([]byte("a secret of a node, 32 bytes long"), "mailto:operator@kh.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	same, _ := NewWebPush([]byte("a secret of a node, 32 bytes long"), "mailto:operator@kh.example", nil)
	if w.PublicKey() != same.PublicKey() || len(w.PublicKey()) != 87 {
		t.Errorf("keys %s and %s", w.PublicKey(), same.PublicKey())
	}
	for e, want := range map[string]bool{"https://fcm.googleapis.com/fcm/send/x": true, "https://wns2-sg2p.notify.windows.com/w/?token=x": true,
		"http://fcm.googleapis.com/x": false, "https://evilfcm.googleapis.com/x": false, "https://fcm.googleapis.com.evil.example/x": false,
		"https://127.0.0.1/x": false, "https://user@fcm.googleapis.com/x": false, "": false} {
		if w.Serves(e) != want {
			t.Errorf("%q: %v", e, !want)
		}
	}
}

// TestMail speaks to a server of the test as RFC 5321 has it.
func TestMail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go serveMail(l, got)
	s := &SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "none", From: "lintas@kh.example"}
	if err := s.Mail(t.Context(), "duty@kh.example", "3 បន្ទាន់", "Three wait:\nhttps://kh.example/\n"); err != nil {
		t.Fatal(err)
	}
	text := <-got
	for _, want := range []string{"MAIL FROM:<lintas@kh.example>", "RCPT TO:<duty@kh.example>", "Auto-Submitted: auto-generated", "=?UTF-8?q?3_=E1", "https://kh.example/"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	s.TLS = ""
	if err := s.Mail(t.Context(), "duty@kh.example", "x", "x"); err == nil {
		t.Error("sent without encryption to a server that offers none")
	}
}

func serveMail(l net.Listener, got chan<- string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		var all strings.Builder
		in := bufio.NewScanner(c)
		fmt.Fprint(c, "220 test\r\n")
		data := false
		for in.Scan() {
			line := in.Text()
			all.WriteString(line + "\n")
			switch {
			case data && line == ".":
				data = false
				fmt.Fprint(c, "250 kept\r\n")
			case data:
			case strings.HasPrefix(line, "EHLO"):
				fmt.Fprint(c, "250-test\r\n250 SMTPUTF8\r\n")
			case line == "DATA":
				data = true
				fmt.Fprint(c, "354 go on\r\n")
			case line == "QUIT":
				fmt.Fprint(c, "221 bye\r\n")
				c.Close()
			default:
				fmt.Fprint(c, "250 ok\r\n")
			}
		}
		c.Close()
		if strings.Contains(all.String(), "DATA") {
			got <- all.String()
		}
	}
}
