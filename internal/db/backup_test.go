package db_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// What a migration seeds is in the backup too and must not come twice.
const seeded = `CREATE TABLE seed_seed (id TEXT NOT NULL PRIMARY KEY); INSERT INTO seed_seed (id) VALUES ('one');`

func fleet() []db.Schema { return []db.Schema{schema("boat", boats), schema("seed", seeded)} }

// contents is every row of the tables, in an order of their own.
func contents(t *testing.T, d *db.DB) string {
	t.Helper()
	var out strings.Builder
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{
			`SELECT id, name, seats, length, papers FROM boat_boat ORDER BY id`,
			`SELECT id, boat, before, NULL, NULL FROM boat_trip ORDER BY id`,
			`SELECT id, '', 0, NULL, NULL FROM seed_seed ORDER BY id`,
			`SELECT name, value, 0, NULL, NULL FROM lintas_meta WHERE name = 'owner'`,
			`SELECT schema_name, sha256, applied_at, NULL, NULL FROM lintas_migration ORDER BY schema_name`,
		} {
			err := tx.Each(t.Context(), q, nil, func(scan func(...any) error) error {
				v := make([]any, 5)
				err := scan(&v[0], &v[1], &v[2], &v[3], &v[4])
				fmt.Fprintf(&out, "%#v\n", v)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// loadFleet stores awkward values, and rows that refer to later ones.
func loadFleet(t *testing.T, d *db.DB) {
	t.Helper()
	ctx := t.Context()
	err := d.Write(ctx, func(tx *db.Tx) error {
		rows := [][]any{
			{"a", "quote \" back \\ line \n <tag> ទន្លេ \u2028", int64(math.MaxInt64), 0.1, []byte{0, 1, 255}},
			{"b", "", int64(math.MinInt64), math.Inf(-1), []byte{}},
			{"c", "tb", 0, nil, nil},
			{"d", "big", 0, math.SmallestNonzeroFloat64, bytes.Repeat([]byte("0123456789abcdef"), 200_000)},
		}
		for _, r := range rows {
			if _, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats, length, papers) VALUES (?, ?, ?, ?, ?)`, r...); err != nil {
				return err
			}
		}
		for i := range 1234 {
			if _, err := tx.Exec(ctx, `INSERT INTO boat_trip (id, boat) VALUES (?, 'a')`, fmt.Sprintf("%05d", i)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE boat_trip SET before = ? WHERE id = ?`, "01200", "00001")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// From either engine into either engine, nothing is lost or changed.
func TestBackupRestore(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		ctx := t.Context()
		o.Clock = clock.NewManual(time.UnixMicro(1_000_000))
		d := dbtest.Open(t, o, fleet()...)
		loadFleet(t, d)
		path := filepath.Join(t.TempDir(), "backup")
		info, err := d.Backup(ctx, path)
		if err != nil || info.Owner != "KH" || info.Rows != 4+1234+1+1 || info.At != 1_000_000 {
			t.Fatalf("%+v %v", info, err)
		}
		if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
			t.Error(i, err)
		}
		_, err = d.Backup(ctx, path)
		want(t, err, fault.Invalid, "fault.db.backup_exists")
		if same, err := db.CheckBackup(path); err != nil || same != info {
			t.Fatalf("%+v %v", same, err)
		}
		for _, e := range dbtest.Engines {
			t.Run("into "+string(e), func(t *testing.T) {
				to := dbtest.Options(t, e)
				to.Clock = clock.NewManual(time.UnixMicro(2_000_000))
				if got, err := db.Restore(ctx, path, to, "KH", fleet()); err != nil || got != info {
					t.Fatalf("%+v %v", got, err)
				}
				r := dbtest.Open(t, to, fleet()...)
				if a, b := contents(t, d), contents(t, r); a != b {
					t.Errorf("restored otherwise:\n%.2000s\n%.2000s", a, b)
				}
				restored(t, r, db.Restoration{At: time.UnixMicro(2_000_000).UTC(), BackupAt: time.UnixMicro(1_000_000).UTC(), SHA256: info.SHA256})
				err := r.Write(ctx, func(tx *db.Tx) error { // the foreign keys are back
					_, err := tx.Exec(ctx, `INSERT INTO boat_trip (id, boat) VALUES ('x', 'none')`)
					return err
				})
				if err == nil {
					t.Error("a foreign key is gone")
				}
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
				_, err = db.Restore(ctx, path, to, "KH", fleet())
				want(t, err, fault.Invalid, "fault.db.not_empty")
			})
		}
	})
}

func restored(t *testing.T, d *db.DB, exp db.Restoration) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		got, ok, err := tx.Restored(t.Context())
		if !ok || got != exp {
			t.Errorf("%+v %v", got, ok)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A backup made before an upgrade restores into the program after it; one of
// a newer program, of another owner, or with an altered migration does not.
func TestRestoreOlderAndNewer(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		ctx := t.Context()
		newer := []db.Schema{schema("boat", boats), schema("seed", seeded, `ALTER TABLE seed_seed ADD COLUMN kind TEXT NOT NULL DEFAULT 'x';`), schema("sail", sails)}
		d := dbtest.Open(t, o, fleet()...)
		loadFleet(t, d)
		path := filepath.Join(t.TempDir(), "old")
		if _, err := d.Backup(ctx, path); err != nil {
			t.Fatal(err)
		}
		to := dbtest.Options(t, o.Engine)
		if _, err := db.Restore(ctx, path, to, "KH", newer); err != nil {
			t.Fatal(err)
		}
		up := dbtest.Open(t, to, newer...)
		if n := count(t, up, "boat_trip"); n != 1234 {
			t.Errorf("%d rows", n)
		}
		later := filepath.Join(t.TempDir(), "new")
		if _, err := up.Backup(ctx, later); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			path, owner, key string
			schemas          []db.Schema
		}{
			{later, "KH", "fault.db.newer", fleet()},
			{path, "TH", "fault.db.owner", fleet()},
			{path, "KH", "fault.db.altered", []db.Schema{schema("boat", boats), schema("seed", seeded+"\n")}},
			{path + ".none", "KH", "fault.db.backup_read", fleet()},
		} {
			none := dbtest.Options(t, o.Engine)
			_, err := db.Restore(ctx, c.path, none, c.owner, c.schemas)
			want(t, err, fault.Invalid, c.key)
			if o.Engine == db.SQLite {
				if _, err := os.Stat(none.Path); err == nil {
					t.Error("a refused restore made a database")
				}
			}
		}
	})
}

// While writes go on, a backup shows one moment: as many trips as boats.
func TestBackupWhileWriting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			for i := 0; ctx.Err() == nil; i++ {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					id := fmt.Sprint(i)
					if _, err := tx.Exec(t.Context(), `INSERT INTO boat_boat (id, name, seats) VALUES (?, ?, ?)`, id, id, 1); err != nil {
						return err
					}
					_, err := tx.Exec(t.Context(), `INSERT INTO boat_trip (id, boat) VALUES (?, ?)`, id, id)
					return err
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		dir := t.TempDir()
		for i := range 5 {
			for time.Sleep(30 * time.Millisecond); count(t, d, "boat_boat") == 0; time.Sleep(time.Millisecond) { // not begun
			}
			path := filepath.Join(dir, fmt.Sprint(i))
			if _, err := d.Backup(t.Context(), path); err != nil {
				t.Error(err)
				continue
			}
			to := dbtest.Options(t, db.SQLite)
			if _, err := db.Restore(t.Context(), path, to, "KH", fleet()); err != nil {
				t.Error(err)
				continue
			}
			r := dbtest.Open(t, to, fleet()...)
			if b, n := count(t, r, "boat_boat"), count(t, r, "boat_trip"); b != n || b == 0 {
				t.Errorf("%d boats, %d trips", b, n)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}, fleet()...)
}

func small(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := db.WriteBackup(&b, "KH", "boat_boat", []string{"id", "name", "seats"}, [][]any{{"a", "b", int64(1)}, {nil, 0.5, []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, file []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func pack(t testing.TB, text []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(text, nil)
}

// Every byte counts: whichever is changed or missing, the file is refused,
// also below the checksums of the compression.
func TestDamagedBackup(t *testing.T) {
	file := small(t)
	text := unpack(t, file)
	refused := func(what string, i int, file []byte) {
		t.Helper()
		if _, _, err := db.ReadBackup(bytes.NewReader(file)); !fault.Is(err, fault.Invalid) {
			t.Fatalf("%s %d: %v", what, i, err)
		}
	}
	if _, rows, err := db.ReadBackup(bytes.NewReader(pack(t, text))); err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		refused("byte", i, pack(t, bad))
		refused("cut", i, pack(t, text[:i]))
	}
	for i := range file {
		refused("cut file", i, file[:i])
	}
	refused("more", 0, pack(t, append(bytes.Clone(text), '\n')))
	refused("two", 0, append(bytes.Clone(file), file...))
	newer := bytes.Replace(text, []byte(`{"lintas_backup":1`), []byte(`{"lintas_backup":9`), 1)
	_, _, err := db.ReadBackup(bytes.NewReader(pack(t, newer)))
	want(t, err, fault.Invalid, "fault.db.backup_newer")
}

// A file that is whole but names what is not there fills nothing.
func TestForgedBackup(t *testing.T) {
	for _, c := range []struct {
		table   string
		columns []string
	}{
		{"boat_boat", []string{"id", "name", "seats", "none"}},
		{"lintas_meta", []string{"name", "none"}},
		{"boat_boat (id) SELECT 'x'; --", []string{"id"}},
		{"sqlite_schema", []string{"name"}},
		{"lintas_migration", []string{"file"}},
	} {
		path := filepath.Join(t.TempDir(), "forged")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]any, len(c.columns))
		if _, err := db.WriteBackup(f, "KH", c.table, c.columns, [][]any{row}); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		to := dbtest.Options(t, db.SQLite)
		_, err = db.Restore(t.Context(), path, to, "KH", fleet())
		want(t, err, fault.Invalid, "fault.db.backup_damaged")
		if d := dbtest.Open(t, to, fleet()...); count(t, d, "boat_boat") != 0 {
			t.Error("something was filled in")
		}
	}
}

// FuzzReadLines: no bytes crash the decoder, and what it accepts comes out
// the same when written again.
func FuzzReadLines(f *testing.F) {
	text := unpack(f, small(f))
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add([]byte(`{"lintas_backup":1}` + "\n" + `{"table":"a","columns":["b"]}` + "\n" + `["f1e999"]` + "\n"))
	f.Add([]byte(`{"lintas_backup":1}` + "\n" + `[]` + "\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		// The digest is put right, so that the rest is tried as well.
		_, rows, err := db.ReadLines(bytes.NewReader(withDigest(text)))
		if err != nil || len(rows) == 0 {
			return
		}
		for _, r := range rows {
			if len(r) != len(rows[0]) {
				return // tables of several widths
			}
			for _, v := range r {
				if n, ok := v.(float64); ok && math.IsNaN(n) {
					return // equals nothing
				}
			}
		}
		again := rewrite(t, rows)
		if !reflect.DeepEqual(rows, again) {
			t.Fatalf("%v %v", rows, again)
		}
	})
}

// withDigest replaces the last line by the one that the lines before it need.
func withDigest(text []byte) []byte {
	body := text[:bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n')+1]
	tables, rows := bytes.Count(body, []byte(`{"table":`)), bytes.Count(body, []byte("\n["))
	return fmt.Appendf(bytes.Clone(body), `{"tables":%d,"rows":%d,"sha256":"%x"}`+"\n", tables, rows, sha256.Sum256(body))
}

func rewrite(t *testing.T, rows [][]any) [][]any {
	t.Helper()
	var b bytes.Buffer
	if _, err := db.WriteBackup(&b, "KH", "t", make([]string, len(rows[0])), rows); err != nil {
		t.Fatal(err)
	}
	_, again, err := db.ReadLines(bytes.NewReader(unpack(t, b.Bytes())))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// FuzzReadBackup: no bytes crash what unpacks and decodes a file.
func FuzzReadBackup(f *testing.F) {
	f.Add(small(f))
	f.Add(small(f)[:40])
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _, _ = db.ReadBackup(bytes.NewReader(file))
	})
}
