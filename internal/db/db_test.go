package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// schema makes one from its migration files, in order.
func schema(name string, files ...string) db.Schema {
	fs := fstest.MapFS{}
	for i, text := range files {
		fs[fmt.Sprintf("%04d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return db.Schema{Name: name, FS: fs}
}

const boats = `
CREATE TABLE boat_boat (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, seats BIGINT NOT NULL, length DOUBLE PRECISION, papers BYTEA,
  UNIQUE (name)
);
CREATE TABLE boat_trip (
  id TEXT NOT NULL PRIMARY KEY, boat TEXT NOT NULL REFERENCES boat_boat (id), before TEXT REFERENCES boat_trip (id)
);
CREATE INDEX boat_trip_boat ON boat_trip (boat, id);
`

func addBoat(ctx context.Context, d *db.DB, id string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, id, "boat "+id, 12)
		return err
	})
}

func count(t *testing.T, d *db.DB, table string) int64 {
	t.Helper()
	var n int64
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Row(t.Context(), `SELECT count(*) FROM `+table, nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// want fails the test unless err is a fault of the kind and key.
func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != kind || e.Key != key {
		t.Fatalf("got %v, want %v %s", err, kind, key)
	}
}

// Both engines give back what was stored, and refuse what one of them would
// store otherwise.
func TestValues(t *testing.T) {
	type named string
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		insert := func(id string, name, seats, length, papers any) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				n, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats, length, papers) VALUES (?, ?, ?, ?, ?)`, id, name, seats, length, papers)
				if err == nil && n != 1 {
					t.Errorf("%d rows", n)
				}
				return err
			})
		}
		for _, err := range []error{
			insert("a", "Tonlé Sap ទន្លេ", int64(1)<<62, 0.1, []byte{0, 255}),
			insert("b", named("x"), true, nil, []byte{}),
			insert("c", "", -1, 3.0, nil),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		want(t, insert("d", "a\x00b", 1, nil, nil), fault.Invalid, "fault.db.text")
		want(t, insert("d", "a\xff", 1, nil, nil), fault.Invalid, "fault.db.text")
		want(t, insert("a", "other", 1, nil, nil), fault.Conflict, "fault.db.duplicate")
		want(t, insert("d", "x", 1, nil, nil), fault.Conflict, "fault.db.duplicate")
		if err := insert("d", "d", time.Now(), nil, nil); err == nil {
			t.Error("a time was stored")
		}
		var got []string
		err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.Each(ctx, `SELECT id, name, seats, length, papers FROM boat_boat ORDER BY name`, nil, func(scan func(...any) error) error {
				var id, name string
				var seats int64
				var length *float64
				var papers []byte
				err := scan(&id, &name, &seats, &length, &papers)
				text := fmt.Sprint(id, " ", name, " ", seats, " ", papers, " ", papers == nil)
				if length != nil {
					text += fmt.Sprint(" ", *length)
				}
				got = append(got, text)
				return err
			})
		})
		exp := []string{"c  -1 [] true 3", "a Tonlé Sap ទន្លេ 4611686018427387904 [0 255] false 0.1", "b x 1 [] false"}
		if err != nil || strings.Join(got, "\n") != strings.Join(exp, "\n") {
			t.Fatalf("%q %v", got, err)
		}
	}, schema("boat", boats))
}

// LIKE tells cases apart, and text sorts by its bytes.
func TestSameMeaning(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for _, id := range []string{"b", "A", "a", "B", "é"} {
			if err := addBoat(ctx, d, id); err != nil {
				t.Fatal(err)
			}
		}
		var order, like string
		err := d.Read(ctx, func(tx *db.Tx) error {
			add := func(to *string) func(func(...any) error) error {
				return func(scan func(...any) error) error {
					var s string
					err := scan(&s)
					*to += s
					return err
				}
			}
			if err := tx.Each(ctx, `SELECT id FROM boat_boat ORDER BY id`, nil, add(&order)); err != nil {
				return err
			}
			return tx.Each(ctx, `SELECT id FROM boat_boat WHERE name LIKE ?`, []any{"boat a%"}, add(&like))
		})
		if err != nil || order != "ABabé" || like != "a" {
			t.Fatal(order, like, err)
		}
	}, schema("boat", boats))
}

func TestReadSeesOneStateAndCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		n := func(tx *db.Tx) (n int) {
			if _, err := tx.Row(ctx, `SELECT count(*) FROM boat_boat`, nil, &n); err != nil {
				t.Error(err)
			}
			return n
		}
		err := d.Read(ctx, func(tx *db.Tx) error {
			if n(tx) != 0 {
				t.Error("not empty")
			}
			if err := addBoat(ctx, d, "a"); err != nil {
				t.Error(err)
			}
			if n(tx) != 0 {
				t.Error("the read sees a later write")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM boat_boat WHERE id = ?`, "a")
			return err
		})
		if err == nil || count(t, d, "boat_boat") != 1 {
			t.Fatal("a read wrote", err)
		}
	}, schema("boat", boats))
}

// A statement whose rows are still being read can be used again.
func TestNestedQueries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() == db.Postgres {
			t.Skip("one query at a time per connection: read into a slice first")
		}
		ctx := t.Context()
		for _, id := range []string{"a", "b"} {
			if err := addBoat(ctx, d, id); err != nil {
				t.Fatal(err)
			}
		}
		seen := ""
		q := `SELECT id FROM boat_boat WHERE seats > ? ORDER BY id`
		err := d.Write(ctx, func(tx *db.Tx) error {
			return tx.Each(ctx, q, []any{1}, func(scan func(...any) error) error {
				return tx.Each(ctx, q, []any{2}, func(scan func(...any) error) error {
					var s string
					err := scan(&s)
					seen += s
					return err
				})
			})
		})
		if err != nil || seen != "abab" {
			t.Fatal(seen, err)
		}
	}, schema("boat", boats))
}

func TestAfterCommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		calls := 0
		try := func(result error) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				tx.AfterCommit(func() {
					calls++
					if err := addBoat(ctx, d, "after"); err != nil { // must not wait for itself
						t.Error(err)
					}
				})
				return result
			})
		}
		refused := errors.New("refused")
		if err := try(refused); err != refused || calls != 0 {
			t.Fatal(err, calls)
		}
		if err := try(nil); err != nil || calls != 1 || count(t, d, "boat_boat") != 1 {
			t.Fatal(err, calls)
		}
	}, schema("boat", boats))
}

// A panic in a write leaves nothing behind, not even a lock.
func TestPanicRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		func() {
			defer func() { _ = recover() }()
			_ = d.Write(ctx, func(tx *db.Tx) error {
				_, _ = tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, "a", "a", 1)
				panic("stop")
			})
		}()
		if err := addBoat(ctx, d, "b"); err != nil || count(t, d, "boat_boat") != 1 {
			t.Fatal(err)
		}
	}, schema("boat", boats))
}

func TestCancelled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, "a", "a", 1); err != nil {
				return err
			}
			cancel()
			_, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, "b", "b", 1)
			return err
		})
		want(t, err, fault.Unavailable, "fault.db.cancelled")
		want(t, addBoat(ctx, d, "c"), fault.Unavailable, "fault.db.cancelled")
		if err := addBoat(t.Context(), d, "d"); err != nil || count(t, d, "boat_boat") != 1 {
			t.Fatal(err)
		}
	}, schema("boat", boats))
}

// Many at once: every confirmed write is there, and readers never wait.
func TestConcurrent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		done := make(chan error)
		for w := range 8 {
			go func() {
				for i := range 25 {
					if err := addBoat(ctx, d, fmt.Sprintf("%d-%d", w, i)); err != nil {
						done <- err
						return
					}
					count(t, d, "boat_boat")
				}
				done <- nil
			}()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if s := d.State(); count(t, d, "boat_boat") != 200 || s.Writes != 200 || s.Failed != 0 {
			t.Errorf("%+v", s)
		}
	}, schema("boat", boats))
}

func TestConflict(t *testing.T) {
	if err := db.Conflict(1); err != nil {
		t.Error(err)
	}
	want(t, db.Conflict(0), fault.Conflict, "fault.changed_meanwhile")
}
