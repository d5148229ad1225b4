package skeleton

import (
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

type sender struct{ releases []exchange.Release }

func (s *sender) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	return nil
}
func (s *sender) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (s *sender) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func TestMemoStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, sent, now := t.Context(), &sender{}, clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		desk := New(&desk.Env{Member: "TH", DB: d, Clock: now, Wall: now, IDs: &id.Maker{}, Send: sent})
		duty := access.Actor{Account: "duty", Grants: []access.Grant{{Role: access.DutyOfficer}}}
		m, err := desk.Write(ctx, duty, " A sample. ", nil, access.TLPGreen)
		if err != nil || m.Text != "A sample." {
			t.Fatal(m, err)
		}
		if _, err := desk.Release(ctx, duty, m.ID, m.Version); !fault.Is(err, fault.Invalid) {
			t.Fatalf("released to nobody: %v", err)
		}
		m, err = desk.Write(ctx, duty, "A sample.", []access.Member{"KH"}, access.TLPGreen)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Release(ctx, access.Actor{}, m.ID, 0); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("anybody may release: %v", err)
		}
		if m, err = desk.Release(ctx, duty, m.ID, m.Version); err != nil || len(sent.releases) != 1 || m.State != Released {
			t.Fatal(m.State, err)
		}
		if _, err := desk.Release(ctx, duty, m.ID, m.Version); !fault.Is(err, fault.Conflict) {
			t.Fatalf("released twice: %v", err)
		}
		receives(t, d, desk, sent.releases[0])
	}, history.Schema, Schema)
}

// receives lets the desk take a release as if another member had sent it.
func receives(t *testing.T, d *db.DB, desk *Desk, r exchange.Release) {
	t.Helper()
	r.From, r.Ref.ID = "KH", "0197f6a0-0000-7000-8000-000000000001"
	r.Body = []byte(`{"id":"0197f6a0-0000-7000-8000-000000000001","text":"From elsewhere."}`)
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		return desk.receive(t.Context(), tx, exchange.Inbound{Release: r})
	})
	if err != nil {
		t.Fatal(err)
	}
	duty := access.Actor{Account: "duty", Grants: []access.Grant{{Role: access.DutyOfficer}}}
	if _, err := desk.Close(t.Context(), duty, r.Ref.ID, 0); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("changed another member's record: %v", err)
	}
}
