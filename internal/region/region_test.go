package region

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
)

func open(t *testing.T, members ...access.Member) *Region {
	t.Helper()
	return openWith(t, Options{Members: members})
}

func openWith(t *testing.T, o Options) *Region {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	o.Dir, o.Log = t.TempDir()+"/region", slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	r, err := Open(ctx, o)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func within(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not happen within %s", what, d)
}

// The life of a first alert: recorded, cleared by a second person, released,
// opened, questioned, answered and acknowledged, across real nodes and a hub.
func TestFirstAlert(t *testing.T) {
	r := open(t, "TH", "KH", "SG")
	ctx := t.Context()
	th, err := r.cast(ctx, "TH")
	if err != nil {
		t.Fatal(err)
	}
	e, err := th.desk.RecordEvent(ctx, th.duty, health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera",
		Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := th.desk.Compose(ctx, th.duty, e.ID, "", health.NotificationInput{Title: "Cholera (sample)", Message: "Please acknowledge.", Lang: "en",
		Purpose: "early_warning", Basis: "aphecs", Marking: access.TLPAmber, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "KH", Blocks: health.Blocks}, {Member: "SG", Blocks: health.Blocks}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := th.desk.Submit(ctx, th.duty, n.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := th.desk.Clear(ctx, th.approver, n.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := th.desk.Release(ctx, th.duty, n.ID, 0); err != nil {
		t.Fatal(err)
	}
	kh, err := r.cast(ctx, "KH")
	if err != nil {
		t.Fatal(err)
	}
	var notice health.Notice
	within(t, 10*time.Second, "delivery to KH", func() bool {
		notice, err = kh.desk.FindNotice(ctx, kh.duty, e.ID, n.ID)
		return err == nil
	})
	if _, err := kh.desk.Acknowledge(ctx, kh.duty, notice.ID, 0, "Seen."); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "acknowledgement at TH", func() bool {
		p, err := th.desk.NotificationPage(ctx, th.duty, n.ID)
		if err != nil {
			t.Fatal(err)
		}
		states := map[access.Member]health.AckState{}
		for _, c := range p.Acks {
			states[c.Member] = c.State
		}
		return states["KH"] == health.AckActed && states["SG"] == health.AckSilent
	})
}
