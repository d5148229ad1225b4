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
	ctx, stop := context.WithCancel(context.Background())
	r, err := Open(ctx, Options{Dir: t.TempDir() + "/region", Members: members, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
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

// The shipped scenario, played on the eleven states and the Secretariat: every
// step is done, every record carries the exercise mark, and the answers of the
// script are what the notifying nodes see.
func TestScenarioPlaysToItsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a whole scenario on twelve nodes")
	}
	r := open(t)
	if err := r.Play("covid-2020", MaxRate); err != nil {
		t.Fatal(err)
	}
	within(t, 3*time.Minute, "the end of the scenario", func() bool {
		p, _ := r.Playing()
		return p.Done
	})
	p, _ := r.Playing()
	for _, e := range p.Errors {
		t.Errorf("line %d: %s", e.Line, e.Text)
	}
	ctx := t.Context()
	for _, m := range access.States {
		c, err := r.cast(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		rows, _, err := c.desk.List(ctx, c.duty, health.Filter{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(access.States) {
			t.Errorf("%s knows %d events, want one of each state", m, len(rows))
		}
		for _, e := range rows {
			if e.Exercise != "covid-2020" {
				t.Errorf("%s: event of %s carries the exercise mark %q", m, e.Owner, e.Exercise)
			}
		}
	}
}
