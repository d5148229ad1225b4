package surveillance

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type sink struct{}

func (sink) Queue(context.Context, *db.Tx, exchange.Release) error       { return nil }
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var (
	epi     = access.Actor{Account: "epi", Member: "KH", Name: "Epidemiologist", Grants: []access.Grant{{Role: access.Epidemiologist}}}
	duty    = access.Actor{Account: "duty", Member: "KH", Name: "Duty officer", Grants: []access.Grant{{Role: access.DutyOfficer}}}
	schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}
)

func newDesk(t testing.TB, d *db.DB) (*Desk, *clock.Manual) {
	t.Helper()
	now := clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	return New(&desk.Env{Member: "KH", DB: d, Clock: now, Wall: now, IDs: &id.Maker{}, Send: sink{}}), now
}

func describe(t testing.TB, d *Desk, title string, c Calendar) Dataset {
	t.Helper()
	s, err := d.Describe(t.Context(), epi, DatasetInput{Title: title, Source: "Sample", Measure: Cases, Calendar: c, Marking: access.TLPGreen})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bring takes a file all the way, with the guessed mapping as change leaves it.
func bring(t testing.TB, d *Desk, s Dataset, name string, r io.Reader, known time.Time, change func(*Mapping)) Import {
	t.Helper()
	i, err := d.Upload(t.Context(), epi, s.ID, name, "", r)
	if err != nil {
		t.Fatal(err)
	}
	m := i.Mapping
	if change != nil {
		change(&m)
	}
	if i, err = d.MapImport(t.Context(), epi, i.ID, i.Version, m); err != nil {
		t.Fatal(err)
	}
	if i, err = d.Apply(t.Context(), epi, i.ID, i.Version, ApplyInput{KnownAt: known}); err != nil {
		t.Fatalf("%v: %+v", err, i.Result.Problems)
	}
	d.Work(t.Context())
	return reload(t, d, i.ID)
}

func reload(t testing.TB, d *Desk, iid id.ID) Import {
	t.Helper()
	i, _, err := d.importOf(t.Context(), epi, iid)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func csv(lines ...string) io.Reader { return strings.NewReader(strings.Join(lines, "\n") + "\n") }

func seriesOf(t testing.TB, d *Desk, s Dataset, rev int64, disease, pl string) []Series {
	t.Helper()
	var out []Series
	err := d.env.DB.Read(t.Context(), func(tx *db.Tx) error {
		var err error
		out, _, err = ReadSeries(t.Context(), tx, s.Number, rev, disease, pl)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
