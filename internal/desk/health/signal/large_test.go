package signal

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// largeTable is a table of n rows of which every hundredth is broken, in three
// ways in turn. It says what each broken row must be reported for.
func largeTable(n int) (*bytes.Buffer, map[int]string) {
	var b bytes.Buffer
	broken := map[int]string{}
	b.WriteString("Date,Place,Disease,Cases,Description\n")
	units := []string{"KH-1", "KH-2", "KH-3", "KH-7", "KH-12", "KH-16", "KH-23"}
	diseases := []string{"Cholera", "Dengue", "Measles", "Rabies", "unknown", "Food poisoning"}
	for i := range n {
		row := i + 2
		day := start.AddDate(0, 0, -i%900).Format(time.DateOnly)
		cases := fmt.Sprint(i % 40)
		if i%100 == 99 {
			switch i / 100 % 3 {
			case 0:
				day, broken[row] = "2025-13-40", "Date"
			case 1:
				cases, broken[row] = "a few", "Cases"
			case 2:
				fmt.Fprintf(&b, "%s,%s,%s,%s,\"broken \xff\xfe text %d\"\n", day, units[i%7], diseases[i%6], cases, i)
				broken[row] = ""
				continue
			}
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,Report %d of %s: %d people with fever and diarrhoea near market %d\n", day, units[i%7], diseases[i%6], cases, i, units[i%7], i%40, i%977)
	}
	return &b, broken
}

// Many rows of which every hundredth is broken: each broken row is reported
// with its reason; the work is stopped, goes on, survives a crash between two
// commits, and until it is stored there is not one signal.
func TestLargeImport(t *testing.T) {
	n := 15_000 // LINTAS_FULL=1 takes all 100,000
	if os.Getenv("LINTAS_FULL") != "" {
		n = 100_000
	}
	b := newBench(t, openDB(t), "KH")
	ctx := t.Context()
	body, broken := largeTable(n)
	i, err := b.desk.Upload(ctx, duty, "large.csv", Options{Source: Facility, Lang: "en", Marking: access.TLPGreen, Archive: true}, body)
	b.ok(err)
	_, err = b.desk.Check(ctx, duty, i.ID, 0, targets(i), i.Options)
	b.ok(err)
	interrupted(b, i, n)
	began := time.Now()
	for state := Checking; state == Checking; {
		_, err := b.desk.Work(ctx)
		b.ok(err)
		p, err := b.desk.ImportPage(ctx, duty, i.ID, 0)
		b.ok(err)
		state = p.State
	}
	t.Logf("the rest of the check: %v", time.Since(began).Round(time.Millisecond))
	p, err := b.desk.ImportPage(ctx, duty, i.ID, 0)
	b.ok(err)
	if p.Tally.Broken != len(broken) || p.Tally.Good != n-len(broken) || p.More == 0 || b.rows("signal_signal") != 0 {
		t.Fatalf("%s %+v, want %d broken", p.State, p.Tally, len(broken))
	}
	b.ok(b.desk.ImportRowsOf(ctx, duty, i.ID, Broken, func(r Row) error {
		want, ok := broken[r.N]
		if !ok || len(r.Faults) == 0 || r.Faults[0].Name != want || r.Faults[0].Key == "" || r.Faults[0].Row != r.N {
			t.Errorf("row %d: %+v, want %q", r.N, r.Faults, want)
		}
		delete(broken, r.N)
		return nil
	}))
	if len(broken) != 0 {
		t.Errorf("%d broken rows were not reported", len(broken))
	}
	_, err = b.desk.MoveImport(ctx, duty, i.ID, 0, "store")
	b.ok(err)
	began = time.Now()
	_, err = b.desk.Work(ctx)
	b.ok(err)
	t.Logf("stored %d signals in one transaction: %v", p.Tally.Good, time.Since(began).Round(time.Millisecond))
	if got := b.rows("signal_signal"); got != p.Tally.Good || b.rows("signal_staged") != 0 || b.rows("files_blob") != 0 {
		t.Errorf("%d signals, want %d", got, p.Tally.Good)
	}
}

// interrupted: two chunks, a stop, nothing goes on, a resume; then a commit
// that fails, after which the same rows come again and none is missing.
func interrupted(b *bench, i Import, n int) {
	b.Helper()
	ctx := b.Context()
	calls := 0
	halt := errAfter(func() bool { calls++; return calls > 2 })
	b.desk.pause = halt
	_, err := b.desk.Work(ctx)
	if err == nil {
		b.Fatal("the check was not interrupted")
	}
	b.desk.pause = nil
	part, err := b.desk.ImportPage(ctx, duty, i.ID, 0)
	b.ok(err)
	if part.Now.Rows() == 0 || part.Now.Rows() >= n || part.Now.Bytes == 0 || part.Now.Bytes > part.Now.Total {
		b.Fatalf("progress %+v", part.Now)
	}
	_, err = b.desk.MoveImport(ctx, epi, i.ID, 0, "stop")
	b.ok(err)
	if busy, err := b.desk.Work(ctx); err != nil || busy {
		b.Fatalf("a stopped import went on: %v", err)
	}
	still, err := b.desk.ImportPage(ctx, duty, i.ID, 0)
	b.ok(err)
	if still.Now != part.Now || b.rows("signal_signal") != 0 {
		b.Fatalf("%+v became %+v", part.Now, still.Now)
	}
	_, err = b.desk.MoveImport(ctx, duty, i.ID, 0, "store")
	b.refused(fault.Conflict, "", err)
	_, err = b.desk.MoveImport(ctx, duty, i.ID, 0, "resume")
	b.ok(err)
}

// errAfter makes a hook that fails once when says so.
func errAfter(when func() bool) func() error {
	return func() error {
		if when() {
			return context.Canceled
		}
		return nil
	}
}

// A stop while rows are being checked takes effect with the next chunk, and
// what was discarded leaves nothing at all.
func TestStopWhileChecking(t *testing.T) {
	b := newBench(t, openDB(t), "KH")
	ctx := t.Context()
	body, _ := largeTable(5000)
	i, err := b.desk.Upload(ctx, duty, "t.csv", Options{Source: Facility, Lang: "en", Marking: access.TLPGreen}, body)
	b.ok(err)
	_, err = b.desk.Check(ctx, duty, i.ID, 0, targets(i), i.Options)
	b.ok(err)
	stopped := false
	b.desk.pause = func() error {
		if !stopped {
			stopped = true
			_, err := b.desk.MoveImport(ctx, duty, i.ID, 0, "stop")
			return err
		}
		return nil
	}
	_, err = b.desk.Work(ctx)
	b.ok(err)
	p, err := b.desk.ImportPage(ctx, duty, i.ID, 0)
	b.ok(err)
	if p.State != Stopped || p.Now.Rows() == 0 || p.Now.Rows() >= 5000 {
		t.Fatalf("%s %+v", p.State, p.Now)
	}
	_, err = b.desk.MoveImport(ctx, duty, i.ID, 0, "discard")
	b.ok(err)
	for _, table := range []string{"signal_staged", "signal_row", "signal_signal", "files_blob", "files_chunk"} {
		if n := b.rows(table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add("2025-03-01;KH-7;Cholera;>1,000;12*;x", "25RA01")
	f.Add("1/2/2025;;;;;", "800")
	f.Add("NA;Global;Polio;1.5;;y", "1E+50")
	i := &Import{Columns: []Column{{Target: "date.seen"}, {Target: ToPlace}, {Target: ToHazard}, {Target: ToCases}, {Target: ToDeaths}, {Target: ToText}, {Target: ToICD11}},
		Options: Options{Source: Media, Lang: "en", Marking: access.TLPGreen, Order: DayFirst}}
	c := newConverter(i, "KH", start)
	f.Fuzz(func(t *testing.T, row, code string) {
		r, outside := c.convert(2, append(strings.Split(row, ";"), code))
		if outside || len(r.faults) > 0 {
			return
		}
		if err := validate(&r.s, start); err != nil {
			t.Fatalf("a row without faults gives a signal that is refused: %v", err)
		}
	})
}

func openDB(t testing.TB) *db.DB {
	return dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
}
