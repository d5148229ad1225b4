package contact_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/contact"
	"lintas/internal/id"
	"lintas/internal/region"
)

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

// Across real nodes: a contact reaches its standing recipients and is taken
// back from them; a communication check is answered by one, and names the one
// that is cut off until its answer comes late.
func TestDirectoryAndCheckAcrossNodes(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	r, err := region.Open(ctx, region.Options{Dir: t.TempDir() + "/region", Members: []access.Member{"KH", "TH", "SG"},
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
	desks := map[access.Member]*contact.Desk{}
	for _, m := range []access.Member{"KH", "TH", "SG"} {
		n := r.Node(m)
		desks[m] = contact.New(&desk.Env{Member: m, DB: n.DB, Clock: now, Wall: clock.System{}, IDs: &id.Maker{}, Send: n.Exchange})
	}
	directory(t, desks)
	check(t, r, now, desks)
}

func directory(t *testing.T, desks map[access.Member]*contact.Desk) {
	t.Helper()
	ctx, duty, approver, th := t.Context(), post("duty", access.DutyOfficer), post("approver", access.Approver), desks["TH"]
	o, err := th.Add(ctx, duty, contact.Input{To: []access.Member{"KH", "SG"}, Marking: access.TLPGreen, Contact: contact.Contact{Role: contact.EOC, Order: 1,
		Organisation: "Ministry (sample)", Post: "Duty officer (sample)", From: "2020-01-01", Channels: []contact.Channel{{Kind: "phone", Value: "+66 2 000 0001", Night: true}}}})
	if err == nil {
		_, err = th.Submit(ctx, duty, o.ID, 0)
	}
	if err == nil {
		_, err = th.Clear(ctx, approver, o.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := func(m access.Member) []contact.Entry {
		s, err := desks[m].Directory(ctx, duty, contact.Filter{Member: "TH"})
		if err != nil {
			t.Fatal(err)
		}
		return s[0].Rows
	}
	for _, m := range []access.Member{"KH", "SG"} {
		within(t, "the contact at "+string(m), func() bool { return len(rows(m)) == 1 })
		if k := rows(m)[0]; k.Post != "Duty officer (sample)" || k.Channels[0].Value != "+6620000001" {
			t.Errorf("%s has %+v", m, k)
		}
	}
	if _, err := th.Remove(ctx, duty, o.ID, 0, "Dissolved (sample)."); err != nil {
		t.Fatal(err)
	}
	for _, m := range []access.Member{"KH", "SG"} {
		within(t, "the withdrawal at "+string(m), func() bool { return len(rows(m)) == 0 })
	}
}

func check(t *testing.T, r *region.Region, now *clock.Manual, desks map[access.Member]*contact.Desk) {
	t.Helper()
	ctx, duty, kh := t.Context(), post("duty", access.DutyOfficer), desks["KH"]
	r.SetCut("SG", true)
	k, err := kh.Call(ctx, duty, contact.CheckInput{To: []access.Member{"TH", "SG"}, Urgent: true, Within: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "the check at TH", func() bool { ring, err := desks["TH"].Ringing(ctx, duty); return err == nil && len(ring) == 1 })
	now.Advance(2 * time.Minute)
	if _, err := desks["TH"].Here(ctx, duty, k.ID, "Here."); err != nil {
		t.Fatal(err)
	}
	page := func() contact.CheckPage {
		p, err := kh.CheckPage(ctx, duty, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	within(t, "the answer of TH", func() bool { return page().Replied == 1 })
	now.Advance(time.Hour)
	if err := kh.Lapse(ctx); err != nil {
		t.Fatal(err)
	}
	p := page()
	if sg := p.Results[0]; p.State != contact.Over || sg.Member != "SG" || !sg.Late || !sg.Delivered.IsZero() || p.Results[1].Took != 2 {
		t.Fatalf("%s %+v", p.State, p.Results)
	}
	r.SetCut("SG", false)
	within(t, "the check at SG", func() bool { ring, err := desks["SG"].Ringing(ctx, duty); return err == nil && len(ring) == 1 })
	if _, err := desks["SG"].Here(ctx, duty, k.ID, ""); err != nil {
		t.Fatal(err)
	}
	within(t, "the late answer of SG", func() bool { return page().Replied == 2 })
	within(t, "the report of its delivery", func() bool { return !page().Results[0].Delivered.IsZero() }) // may come after the answer
	if p := page(); p.InTime != 1 || !p.Results[0].Late {
		t.Fatalf("%+v", p.Results)
	}
	if err := r.Node("KH").DB.Read(ctx, func(tx *db.Tx) error {
		_, err := kh.Escalation(ctx, tx, "SG", "")
		return err
	}); err != nil {
		t.Error(err)
	}
}
