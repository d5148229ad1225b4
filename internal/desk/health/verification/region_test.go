package verification_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/verification"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region"
)

// open starts real nodes and a hub, and gives each node's people a desk whose
// clock the test moves; the nodes themselves run on the machine's.
func open(t *testing.T, members ...access.Member) (*region.Region, *clock.Manual, map[access.Member]*verification.Desk) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, err := region.Open(ctx, region.Options{Dir: t.TempDir() + "/region", Members: members,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
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
	now := clock.NewManual(time.Now())
	desks := map[access.Member]*verification.Desk{}
	for _, m := range members {
		n := r.Node(m)
		desks[m] = verification.New(&desk.Env{Member: m, DB: n.DB, Clock: now, Wall: clock.System{}, IDs: &id.Maker{}, Send: n.Exchange}, n.Health)
	}
	return r, now, desks
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not happen", what)
}

func post(name string, role access.Role) access.Actor {
	return access.Actor{Account: id.ID(name), Name: "Post " + name, Grants: []access.Grant{{Role: role}}}
}

// Across real nodes: delivered, opened, cut off, overdue for both and for
// nobody else, answered while cut off, and late when the answer arrives.
func TestOverdueIsSeenByBothAndByNobodyElse(t *testing.T) {
	r, now, desks := open(t, "KH", "TH", "SG")
	ctx := t.Context()
	kh, th, sg := desks["KH"], desks["TH"], desks["SG"]
	duty, must := post("duty", access.DutyOfficer), func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rs, err := kh.Compose(ctx, duty, verification.Input{To: []access.Member{"TH"}, Title: "Cluster at the border (sample)", Lang: "en", Hazard: "cholera", Where: "TH-27",
		Questions: []string{"Is there a cluster?"}, Marking: access.TLPAmber, FirstWithin: 24 * time.Hour, AnswerWithin: 72 * time.Hour})
	must(err)
	rid := rs[0].ID
	_, err = kh.Send(ctx, duty, rid, 0)
	must(err)
	page := func(d *verification.Desk) verification.Page {
		p, err := d.Page(ctx, duty, rid)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		return p
	}
	within(t, "the arrival at TH", func() bool { return page(th).State == verification.Received })
	within(t, "the receipt of the delivery", func() bool { return page(kh).State == verification.Delivered })
	_, err = th.OpenRequest(ctx, duty, rid)
	must(err)
	within(t, "the receipt of the opening", func() bool { return !page(kh).Opened.IsZero() })

	r.SetCut("TH", true)
	now.Advance(25 * time.Hour)
	must(kh.Lapse(ctx))
	for m, d := range map[access.Member]*verification.Desk{"KH": kh, "TH": th} {
		if p := page(d); !p.Late || p.Clocks[0].Mark != verification.Missed {
			t.Errorf("%s does not see that it is overdue: %+v", m, p.Clocks)
		}
		if list, _, err := d.List(ctx, duty, verification.Filter{Late: true}); err != nil || len(list) != 1 {
			t.Errorf("%s lists %d overdue: %v", m, len(list), err)
		}
	}
	nothingAt(t, r, sg, rid, duty)

	answer(t, th, rid, duty)
	if p := page(kh); p.Answer != nil {
		t.Fatal("the answer arrived over a cut link")
	}
	r.SetCut("TH", false)
	within(t, "the late answer at KH", func() bool { return page(kh).State == verification.Answered })
	if p := page(kh); p.Clocks[0].Mark != verification.TooLate || p.Clocks[1].Mark != verification.Met || p.Answer.Outcome != verification.Confirmed {
		t.Fatalf("%+v", p.Clocks)
	}
	within(t, "the delivery of the answer", func() bool { ms := page(th).Messages; return !ms[len(ms)-1].Delivered.IsZero() })
	_, err = kh.Close(ctx, duty, rid, 0, "")
	must(err)
	within(t, "the closing at TH", func() bool { return page(th).State == verification.Closed })
	if a, b := page(kh).Messages, page(th).Messages; len(a) != 3 || len(b) != 3 || a[1].ID != b[1].ID {
		t.Errorf("%d lines at KH, %d at TH", len(a), len(b))
	}
	nothingAt(t, r, sg, rid, duty)
}

// answer writes the full answer at a node and has it cleared.
func answer(t *testing.T, d *verification.Desk, rid id.ID, duty access.Actor) {
	t.Helper()
	ctx := t.Context()
	_, err := d.Prepare(ctx, duty, rid, 0, verification.AnswerInput{Answer: verification.Answer{Outcome: verification.Confirmed, Summary: "A cluster of 12.",
		Replies: []verification.Reply{{N: 1, Text: "Yes."}}, Marking: access.TLPAmber,
		Evidence: []verification.Evidence{{Kind: "laboratory", Text: "Culture", Source: "Reference laboratory", AsOf: "2026-11-22"}}}})
	if err == nil {
		_, err = d.Submit(ctx, duty, rid, 0)
	}
	if err == nil {
		_, err = d.Clear(ctx, post("approver", access.Approver), rid, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// nothingAt: a third node neither lists the exchange nor holds any message of
// it.
func nothingAt(t *testing.T, r *region.Region, d *verification.Desk, rid id.ID, duty access.Actor) {
	t.Helper()
	ctx := t.Context()
	if _, err := d.Page(ctx, duty, rid); !fault.Is(err, fault.NotFound) {
		t.Errorf("SG reads it: %v", err)
	}
	rows, _, err := d.List(ctx, duty, verification.Filter{})
	if err != nil || len(rows) != 0 {
		t.Errorf("SG lists %d: %v", len(rows), err)
	}
	if todos, err := d.Todos(ctx, duty); err != nil || len(todos) != 0 {
		t.Errorf("SG has to do %v: %v", todos, err)
	}
	if err := r.Node("SG").DB.Read(ctx, func(tx *db.Tx) error {
		var n int
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM exchange_inbox WHERE kind LIKE 'verification.%'`, nil, &n)
		if n != 0 {
			t.Errorf("SG received %d messages of it", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
