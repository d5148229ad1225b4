package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/people"
)

// The program ends between the release and the sending of its files, and once
// more in the middle of sending: the next run sends the rest, once.
func TestFilesOfAReleaseSurviveCrashes(t *testing.T) {
	dir, _ := twoNodes(t)
	var event, note id.ID
	var file exchange.File
	data := bytes.Repeat([]byte("sample "), 3<<20/7)
	err := session(t, dir, "", func(n *Node) error {
		ctx := t.Context()
		if err := record(ctx, n); err != nil {
			return err
		}
		event = only(ctx, t, n)
		if err := compose(ctx, n, event); err != nil {
			return err
		}
		note = noteOf(ctx, t, n, event)
		var err error
		if file, err = n.Health.Attach(ctx, duty, note, "a.txt", bytes.NewReader(data)); err != nil {
			return err
		}
		_, err = n.Health.Submit(ctx, duty, note, 0)
		if err == nil {
			_, err = n.Health.Clear(ctx, approver, note, 0)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = session(t, dir, "committed", func(n *Node) error { _, err := n.Health.Release(t.Context(), duty, note, 0); return err })
	if !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	crashes := 0
	for range 20 {
		if sendUntilCrash(t, dir, file.ID) {
			crashes++
		}
	}
	if crashes == 0 {
		t.Error("nothing crashed")
	}
	_ = session(t, dir, "", func(n *Node) error {
		state, have, waiting := sendState(t, n, file.ID)
		if state != health.FileSent || have != 6 || waiting != 0 {
			t.Errorf("%s, %d parts, %d files wait; want all 6 parts sent", state, have, waiting)
		}
		return nil
	})
}

// sendUntilCrash opens the node and sends; the third transaction fails as it
// commits, and that is the end of this run.
func sendUntilCrash(t *testing.T, dir string, file id.ID) (crashed bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	var writes atomic.Int32
	var armed atomic.Bool
	n, err := Open(ctx, dir, Options{Log: slog.New(slog.DiscardHandler), Hasher: people.NewHasher(people.Recommended, 1),
		Crash: func(p string) error {
			if !armed.Load() || p != "commit" || writes.Add(1) < 3 {
				return nil
			}
			stop()
			return errCrash
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, _, waiting := sendState(t, n, file); waiting == 0 {
		return false
	}
	armed.Store(true)
	done := make(chan struct{})
	go func() { n.Health.SendFiles(ctx, func(error) {}); close(done) }()
	for ctx.Err() == nil {
		if _, _, waiting := sendState(t, n, file); waiting == 0 {
			stop()
		}
		time.Sleep(2 * time.Millisecond)
	}
	<-done
	return writes.Load() >= 3
}

// sendState is how far the sending is, and how many files wait for it.
func sendState(t *testing.T, n *Node, file id.ID) (state health.FileState, have, waiting int) {
	err := n.DB.Read(context.Background(), func(tx *db.Tx) error {
		s, _, err := n.Exchange.FileStatus(context.Background(), tx, n.Config.Member, file)
		if err != nil {
			return err
		}
		if have = s.Have; s.State == exchange.FileComplete {
			state = health.FileSent
		}
		_, err = tx.Row(context.Background(), `SELECT count(*) FROM health_sending`, nil, &waiting)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return state, have, waiting
}
