package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// A write that fails before it took effect leaves nothing, one that fails
// after leaves all: after closing and opening again.
func TestCrashPoints(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		ctx := t.Context()
		crashed := errors.New("crashed")
		rows := int64(0)
		for i, c := range []struct {
			point string
			rows  int64
		}{{"begin", 0}, {"commit", 0}, {"committed", 2}} {
			armed := false
			o.Crash = func(point string) error {
				if armed && point == c.point {
					return crashed
				}
				return nil
			}
			d, err := db.Open(ctx, o, "KH", []db.Schema{schema("boat", boats)})
			if err != nil {
				t.Fatal(err)
			}
			armed = true
			woken := false
			err = d.Write(ctx, func(tx *db.Tx) error {
				tx.AfterCommit(func() { woken = true })
				for n := range 2 {
					id := fmt.Sprint(i, "-", n)
					if _, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, id, id, n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != crashed || woken {
				t.Fatal(c.point, err, woken)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			rows += c.rows
			o.Crash = nil
			d, err = db.Open(ctx, o, "KH", []db.Schema{schema("boat", boats)})
			if err != nil {
				t.Fatal(err)
			}
			if n := count(t, d, "boat_boat"); n != rows {
				t.Errorf("%s: %d rows, want %d", c.point, n, rows)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A process killed while it writes has every row that it said was durable, and
// no half transaction.
func TestKilled(t *testing.T) {
	o := dbtest.Options(t, db.SQLite)
	if path := os.Getenv("LINTAS_DBTEST_WRITE"); path != "" { // the process that is killed
		writePairs(t.Context(), db.Options{Engine: db.SQLite, Path: path})
		return
	}
	confirmed := 0
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "LINTAS_DBTEST_WRITE="+o.Path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(400*time.Millisecond, func() { _ = cmd.Process.Kill() })
		buf := make([]byte, 1<<10)
		for {
			n, err := out.Read(buf)
			confirmed += strings.Count(string(buf[:n]), "\n")
			if err != nil {
				break
			}
		}
		_ = cmd.Wait() // it was killed
	}
	d := dbtest.Open(t, o, schema("boat", boats))
	n, trips := count(t, d, "boat_boat"), count(t, d, "boat_trip")
	if confirmed == 0 || n < int64(confirmed) || n > int64(confirmed)+3 || n != trips {
		t.Fatalf("confirmed %d, found %d and %d", confirmed, n, trips)
	}
	t.Logf("3 kills, %d confirmed, %d found", confirmed, n)
}

func writePairs(ctx context.Context, o db.Options) {
	d, err := db.Open(ctx, o, dbtest.Owner, []db.Schema{schema("boat", boats)})
	for i := 0; err == nil; i++ {
		id := fmt.Sprint(os.Getpid(), "-", i)
		err = d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, id, id, 1); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO boat_trip (id, boat) VALUES (?, ?)`, id, id)
			return err
		})
		if err == nil {
			fmt.Println(i)
		}
	}
	fmt.Fprintln(os.Stderr, err)
}

// A full disk refuses writes with one clear fault, keeps what was confirmed,
// lets reads go on, and ends by itself once there is room.
func TestFullDisk(t *testing.T) {
	o := dbtest.Options(t, db.SQLite)
	d, err := db.Open(t.Context(), o, "KH", []db.Schema{schema("boat", boats)})
	if err != nil {
		t.Fatal(err)
	}
	d.ProbeEvery(50 * time.Millisecond)
	if err := d.LimitPages("60"); err != nil {
		t.Fatal(err)
	}
	confirmed := fillUp(t, d)
	if s := d.State(); !s.Full || s.FullSince.IsZero() {
		t.Errorf("%+v", s)
	}
	ran := false
	for range 3 { // refused without running anything
		err := d.Write(t.Context(), func(*db.Tx) error { ran = true; return nil })
		want(t, err, fault.Unavailable, "fault.db.disk_full")
	}
	time.Sleep(60 * time.Millisecond)
	want(t, addBoat(t.Context(), d, "still"), fault.Unavailable, "fault.db.disk_full") // the probe found no room
	if n := count(t, d, "boat_boat"); ran || n != confirmed {
		t.Fatalf("%d rows, %d were confirmed; ran %v", n, confirmed, ran)
	}
	if err := d.LimitPages("4000"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(60 * time.Millisecond)
	if err := addBoat(t.Context(), d, "after"); err != nil {
		t.Fatal("no recovery:", err)
	}
	if s := d.State(); s.Full || !s.FullSince.IsZero() || s.Refused < 4 {
		t.Errorf("%+v", s)
	}
	if n := count(t, d, "lintas_probe"); n != 0 {
		t.Error("the probe left something")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, dbtest.Open(t, o, schema("boat", boats)), "boat_boat"); n != confirmed+1 {
		t.Errorf("%d rows after opening again, want %d", n, confirmed+1)
	}
}

// fillUp writes until the disk is full and says how many writes were confirmed.
func fillUp(t *testing.T, d *db.DB) int64 {
	t.Helper()
	ctx := t.Context()
	for i := int64(0); i < 10_000; i++ {
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats, papers) VALUES (?, ?, ?, ?)`, fmt.Sprint(i), fmt.Sprint(i), i, make([]byte, 3000))
			return err
		})
		if err != nil {
			want(t, err, fault.Unavailable, "fault.db.disk_full")
			return i
		}
	}
	t.Fatal("the disk did not fill")
	return 0
}

// PostgreSQL's code for a full disk has the same effect, and its codes for a
// lost race are conflicts.
func TestPostgresCodes(t *testing.T) {
	d := dbtest.Open(t, dbtest.Options(t, db.Postgres), schema("boat", boats))
	d.ProbeEvery(time.Millisecond)
	raise := func(code string) error {
		return d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '`+code+`'; END $$`)
			return err
		})
	}
	want(t, raise("40001"), fault.Conflict, "fault.changed_meanwhile")
	want(t, raise("40P01"), fault.Conflict, "fault.changed_meanwhile")
	want(t, raise("57P01"), fault.Unavailable, "fault.db.unreachable")
	want(t, raise("53200"), fault.Unavailable, "fault.db.unreachable")
	if d.State().Full {
		t.Fatal("full too early")
	}
	want(t, raise("53100"), fault.Unavailable, "fault.db.disk_full")
	if !d.State().Full {
		t.Fatal("not noticed")
	}
	time.Sleep(5 * time.Millisecond)
	if err := addBoat(t.Context(), d, "a"); err != nil || d.State().Full {
		t.Fatal("no recovery:", err)
	}
}

// A real disk that is full: a small one in memory, where the test may mount.
func TestFullDiskReal(t *testing.T) {
	dir := t.TempDir()
	if os.Getenv("LINTAS_TEST_MOUNT") != "1" || os.Geteuid() != 0 {
		t.Skip("set LINTAS_TEST_MOUNT=1 as root to try it on a small tmpfs")
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount: %s", out)
	}
	defer func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	}()
	ballast := dir + "/ballast"
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	o := db.Options{Engine: db.SQLite, Path: dir + "/lintas.db"}
	d, err := db.Open(t.Context(), o, "KH", []db.Schema{schema("boat", boats)})
	if err != nil {
		t.Fatal(err)
	}
	d.ProbeEvery(50 * time.Millisecond)
	confirmed := fillUp(t, d)
	if n := count(t, d, "boat_boat"); n != confirmed {
		t.Errorf("%d rows, %d were confirmed", n, confirmed)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	time.Sleep(60 * time.Millisecond)
	if err := addBoat(t.Context(), d, "after"); err != nil {
		t.Error("no recovery:", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := reopen(t, o, "KH", schema("boat", boats)); err != nil {
		t.Error(err)
	}
}
