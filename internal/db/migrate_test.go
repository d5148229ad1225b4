package db_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// reopen opens and closes, for the error and the dump.
func reopen(t *testing.T, o db.Options, owner string, schemas ...db.Schema) (string, error) {
	t.Helper()
	d, err := db.Open(t.Context(), o, owner, schemas)
	if err != nil {
		return "", err
	}
	dump, err := d.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dump, d.Close()
}

const (
	sails  = `CREATE TABLE sail_sail (id TEXT NOT NULL PRIMARY KEY);`
	colour = `ALTER TABLE sail_sail ADD COLUMN colour TEXT NOT NULL DEFAULT 'white'; CREATE INDEX sail_colour ON sail_sail (colour);`
)

func TestMigrations(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		ctx := t.Context()
		pending := func(exp string, schemas ...db.Schema) {
			t.Helper()
			got, err := db.Pending(ctx, o, "KH", schemas)
			if err != nil || strings.Join(got, " ") != exp {
				t.Fatalf("pending %q, %v", got, err)
			}
		}
		boat, sail := schema("boat", boats), schema("sail", sails)
		pending("boat/0001_step.sql sail/0001_step.sql", boat, sail)
		first, err := reopen(t, o, "KH", boat, sail)
		if err != nil || !strings.Contains(first, "boat_trip_boat") || strings.Contains(first, "colour") {
			t.Fatal(first, err)
		}
		pending("", boat, sail)
		again, err := reopen(t, o, "KH", boat, sail)
		if err != nil || again != first {
			t.Fatal(again, err)
		}
		sail2 := schema("sail", sails, colour)
		pending("sail/0002_step.sql", boat, sail2)
		beside := o
		beside.Beside = true
		_, err = reopen(t, beside, "KH", boat, sail2)
		want(t, err, fault.Unavailable, "fault.db.pending")
		second, err := reopen(t, o, "KH", boat, sail2)
		if err != nil || !strings.Contains(second, "colour") {
			t.Fatal(second, err)
		}
		if _, err = reopen(t, beside, "KH", boat, sail2); err != nil {
			t.Fatal(err)
		}
		_, err = reopen(t, o, "KH", boat, sail)
		want(t, err, fault.Invalid, "fault.db.newer")
		_, err = reopen(t, o, "KH", boat)
		want(t, err, fault.Invalid, "fault.db.newer")
		_, err = db.Pending(ctx, o, "KH", []db.Schema{boat})
		want(t, err, fault.Invalid, "fault.db.newer")
		_, err = reopen(t, o, "KH", boat, schema("sail", sails+" ", colour))
		want(t, err, fault.Invalid, "fault.db.altered")
		_, err = reopen(t, o, "TH", boat, sail2)
		want(t, err, fault.Invalid, "fault.db.owner")
		if last, err := reopen(t, o, "KH", boat, sail2); err != nil || last != second {
			t.Fatal("the refusals changed something", last, err)
		}
	})
}

// A migration that fails half-way leaves nothing of itself, and the node can
// start again once it is mended.
func TestFailingMigration(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		good, err := reopen(t, o, "KH", schema("sail", sails))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reopen(t, o, "KH", schema("sail", sails, colour+"CREATE NONSENSE;")); err == nil {
			t.Fatal("nonsense was accepted")
		}
		if now, err := reopen(t, o, "KH", schema("sail", sails)); err != nil || now != good {
			t.Fatal(now, err)
		}
	})
}

func TestBadSchemas(t *testing.T) {
	gap := schema("sail", sails, colour)
	delete(gap.FS.(fstest.MapFS), "0001_step.sql")
	for name, list := range map[string][]db.Schema{
		"twice": {schema("sail", sails), schema("sail", sails)}, "unnamed": {schema("", sails)}, "gap": {gap},
	} {
		if _, err := db.Open(t.Context(), dbtest.Options(t, db.SQLite), "KH", list); err == nil {
			t.Error(name, "accepted")
		}
	}
	if _, err := db.Open(t.Context(), db.Options{}, "KH", nil); !fault.Is(err, fault.Invalid) {
		t.Error("no engine:", err)
	}
}

// Somebody else's database is refused and left as it was.
func TestForeignDatabase(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		driver, dsn := "sqlite", o.Path
		if o.Engine == db.Postgres {
			driver, dsn = "pgx", o.URL
		}
		c, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Exec(`CREATE TABLE other (id TEXT)`); err != nil {
			t.Fatal(err)
		}
		_, err = reopen(t, o, "KH", schema("sail", sails))
		want(t, err, fault.Invalid, "fault.db.foreign")
		if _, err := c.Exec(`CREATE TABLE lintas_meta (name TEXT)`); err != nil {
			t.Fatal("it was changed:", err)
		}
	})
}

func TestNotADatabase(t *testing.T) {
	o := dbtest.Options(t, db.SQLite)
	if err := os.WriteFile(o.Path, []byte(strings.Repeat("a letter, not a database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := db.Open(t.Context(), o, "KH", nil)
	want(t, err, fault.Internal, "fault.db.damaged")
	o.Path = filepath.Join(filepath.Dir(o.Path), "lintas.db", "below")
	_, err = db.Open(t.Context(), o, "KH", nil)
	want(t, err, fault.Unavailable, "fault.db.cannot_open")
}

func TestUnreachable(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := db.Open(ctx, db.Options{Engine: db.Postgres, URL: "postgres://lintas:hidden@127.0.0.1:1/x"}, "KH", nil)
	want(t, err, fault.Unavailable, "fault.db.unreachable")
	if strings.Contains(err.Error(), "hidden") {
		t.Error("the password is in the error:", err)
	}
	_, err = db.Open(ctx, db.Options{Engine: db.Postgres, URL: "postgres://lintas:hidden@127.0.0.1:no/x"}, "KH", nil)
	want(t, err, fault.Invalid, "fault.db.url")
	if strings.Contains(err.Error(), "hidden") {
		t.Error("the password is in the error:", err)
	}
}

// The file of SQLite is served by one process, is readable by its owner only,
// and may be opened beside.
func TestServedOnce(t *testing.T) {
	o := dbtest.Options(t, db.SQLite)
	if path := os.Getenv("LINTAS_DBTEST_SECOND"); path != "" { // the second process
		_, err := reopen(t, db.Options{Engine: db.SQLite, Path: path}, "KH")
		want(t, err, fault.Unavailable, "fault.db.in_use")
		return
	}
	d, err := db.Open(t.Context(), o, "KH", nil)
	if err != nil {
		t.Fatal(err)
	}
	second := exec.Command(os.Args[0], "-test.run=^TestServedOnce$", "-test.v")
	second.Env = append(os.Environ(), "LINTAS_DBTEST_SECOND="+o.Path)
	if out, err := second.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v: %s", err, out)
	}
	beside := o
	beside.Beside = true
	if _, err := reopen(t, beside, "KH"); err != nil {
		t.Error(err)
	}
	for _, f := range []string{o.Path, o.Path + "-wal"} {
		if i, err := os.Stat(f); err != nil || i.Mode().Perm() != 0o600 {
			t.Error(i, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t, o, "KH"); err != nil {
		t.Fatal("after closing:", err)
	}
	beside.Path += ".none"
	_, err = reopen(t, beside, "KH")
	want(t, err, fault.Unavailable, "fault.db.cannot_open")
}

// Two processes that start at once on one PostgreSQL migrate it once.
func TestMigrateTogether(t *testing.T) {
	o := dbtest.Options(t, db.Postgres)
	done := make(chan error)
	for range 4 {
		go func() {
			d, err := db.Open(t.Context(), o, "KH", []db.Schema{schema("boat", boats), schema("sail", sails, colour)})
			if err == nil {
				err = d.Close()
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// When a migration was applied is told by the injected clock.
func TestAppliedAt(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		o.Clock = clock.NewManual(time.UnixMicro(42))
		d := dbtest.Open(t, o, schema("sail", sails, colour))
		var at []int64
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Each(t.Context(), `SELECT applied_at FROM lintas_migration`, nil, func(scan func(...any) error) error {
				var a int64
				err := scan(&a)
				at = append(at, a)
				return err
			})
		})
		if err != nil || !slices.Equal(at, []int64{42, 42}) {
			t.Fatal(at, err)
		}
	})
}
