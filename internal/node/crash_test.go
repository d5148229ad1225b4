package node

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/people"
)

// region makes the folders of two nodes that know each other; there is no hub,
// so what is released waits in the outbox.
func twoNodes(t *testing.T) (th, kh string) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	root := t.TempDir()
	var entries []directory.Member
	dirs := map[access.Member]string{}
	for _, m := range []access.Member{"TH", "KH"} {
		dirs[m] = filepath.Join(root, string(m))
		e, err := Init(dirs[m], Config{Member: m, Exchange: ExchangeConfig{Hubs: []string{"nats://127.0.0.1:1"}}}, now)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	signed, err := directory.New("ASEAN", 2, entries, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		k, err := ReadKeys(d)
		if err != nil {
			t.Fatal(err)
		}
		signed = signed.Sign(k.Member)
	}
	raw, err := signed.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if err := WriteDirectory(d, raw); err != nil {
			t.Fatal(err)
		}
	}
	return dirs["TH"], dirs["KH"]
}

var errCrash = errors.New("crashed here")

// session opens the node, lets it do one act in which the given point of the
// transaction fails, and closes it again as a crash would.
func session(t *testing.T, dir, point string, act func(n *Node) error) error {
	t.Helper()
	armed := false
	n, err := Open(t.Context(), dir, Options{Log: slog.New(slog.DiscardHandler), Hasher: people.NewHasher(people.Recommended, 1),
		Crash: func(p string) error {
			if armed && p == point {
				armed = false
				return errCrash
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	armed = point != ""
	return act(n)
}

var (
	duty     = access.Actor{Account: "duty", Name: "Duty officer, TH", Grants: []access.Grant{{Role: access.DutyOfficer}}}
	approver = access.Actor{Account: "approver", Name: "Approver, TH", Grants: []access.Grant{{Role: access.Approver}}}
)

// Every step of a notification's life fails before and after it took effect.
// After a restart the record, its history and the outbox agree: all of the
// step is there or none of it, and doing it again leads on.
func TestTakeAtEveryCrashPoint(t *testing.T) {
	dir, _ := twoNodes(t)
	var event, note id.ID
	steps := []struct {
		name string
		act  func(ctx context.Context, n *Node) error
		done func(ctx context.Context, n *Node) bool
	}{
		{"record", func(ctx context.Context, n *Node) error { return record(ctx, n) },
			func(ctx context.Context, n *Node) bool { event = only(ctx, t, n); return event != "" }},
		{"compose", func(ctx context.Context, n *Node) error { return compose(ctx, n, event) },
			func(ctx context.Context, n *Node) bool { note = noteOf(ctx, t, n, event); return note != "" }},
		{"submit", func(ctx context.Context, n *Node) error { _, err := n.Health.Submit(ctx, duty, note, 0); return err },
			func(ctx context.Context, n *Node) bool { return stateOf(ctx, t, n, note) == health.NationalClearance }},
		{"clear", func(ctx context.Context, n *Node) error { _, err := n.Health.Clear(ctx, approver, note, 0); return err },
			func(ctx context.Context, n *Node) bool { return stateOf(ctx, t, n, note) == health.Cleared }},
		{"release", func(ctx context.Context, n *Node) error { _, err := n.Health.Release(ctx, duty, note, 0); return err },
			func(ctx context.Context, n *Node) bool { return stateOf(ctx, t, n, note) == health.Released }},
		{"withdraw", func(ctx context.Context, n *Node) error {
			_, err := n.Health.Withdraw(ctx, duty, note, 0, "Sample.")
			return err
		}, func(ctx context.Context, n *Node) bool { return stateOf(ctx, t, n, note) == health.Withdrawn }},
	}
	acts, sent := int64(0), 0
	for i, s := range steps {
		for _, point := range []string{"begin", "commit", "committed"} {
			err := session(t, dir, point, func(n *Node) error { return s.act(t.Context(), n) })
			if !errors.Is(err, errCrash) {
				t.Fatalf("%s at %s: %v", s.name, point, err)
			}
			took := point == "committed"
			if took {
				acts++
				if s.name == "release" || s.name == "withdraw" {
					sent++
				}
			}
			_ = session(t, dir, "", func(n *Node) error {
				if got := s.done(t.Context(), n); got != took {
					t.Fatalf("step %d, %s at %s: took effect %v, want %v", i, s.name, point, got, took)
				}
				agree(t, n, acts, sent)
				return nil
			})
		}
	}
}

// agree compares the history and the outbox with what was done.
func agree(t *testing.T, n *Node, acts int64, sent int) {
	t.Helper()
	ctx := t.Context()
	err := n.DB.Read(ctx, func(tx *db.Tx) error {
		head, err := history.Now(ctx, tx)
		if err != nil {
			return err
		}
		if head.Size != acts {
			t.Errorf("%d entries in the history after %d steps", head.Size, acts)
		}
		out, err := n.Exchange.Outbox(ctx, tx, exchange.Filter{Limit: 100})
		if len(out) != sent {
			t.Errorf("%d releases in the outbox, want %d", len(out), sent)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := n.verifiers()
	if err != nil {
		t.Fatal(err)
	}
	if report, err := history.Verify(ctx, n.DB, keys, nil); err != nil || !report.OK() {
		t.Fatalf("the history does not verify: %v %v", report.Problems, err)
	}
}

func record(ctx context.Context, n *Node) error {
	_, err := n.Health.RecordEvent(ctx, duty, health.EventInput{Name: "Sample", Lang: "en", Hazard: "cholera", Grade: health.Watch,
		Marking: access.TLPAmber, Places: []string{"TH-10"}}, []health.Fact{{Indicator: "cases", Class: "suspected", Place: "TH-10",
		Value: 4, Source: "sample", AsOf: n.Clock().Now()}})
	return err
}

func compose(ctx context.Context, n *Node, event id.ID) error {
	_, err := n.Health.Compose(ctx, duty, event, "", health.NotificationInput{Title: "Sample", Message: "Sample.", Lang: "en",
		Purpose: "early_warning", Basis: "aphecs", Marking: access.TLPAmber, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "KH", Blocks: health.Blocks}}})
	return err
}

func only(ctx context.Context, t *testing.T, n *Node) id.ID {
	t.Helper()
	rows, _, err := n.Health.List(ctx, duty, health.Filter{})
	if err != nil || len(rows) > 1 {
		t.Fatalf("%d events: %v", len(rows), err)
	}
	if len(rows) == 0 {
		return ""
	}
	p, err := n.Health.EventPage(ctx, duty, rows[0].ID)
	if err != nil || len(p.View.Facts) != 1 {
		t.Fatalf("an event without its fact: %d, %v", len(p.View.Facts), err)
	}
	return rows[0].ID
}

func noteOf(ctx context.Context, t *testing.T, n *Node, event id.ID) id.ID {
	t.Helper()
	p, err := n.Health.EventPage(ctx, duty, event)
	if err != nil || len(p.Notifications) > 1 {
		t.Fatalf("%d notifications: %v", len(p.Notifications), err)
	}
	if len(p.Notifications) == 0 {
		return ""
	}
	return p.Notifications[0].ID
}

func stateOf(ctx context.Context, t *testing.T, n *Node, note id.ID) any {
	t.Helper()
	p, err := n.Health.NotificationPage(ctx, duty, note)
	if err != nil {
		t.Fatal(err)
	}
	return p.Sent.Notification.State
}
