// Package dbtest runs one test on both database engines: SQLite in a
// temporary folder, and PostgreSQL from the binaries that are installed, a
// fresh database each time.
package dbtest

import (
	"os"
	"path/filepath"
	"testing"

	"lintas/internal/db"
)

// Owner is whose the databases of tests are.
const Owner = "KH"

// Engines are those that Each runs on.
var Engines = []db.Engine{db.SQLite, db.Postgres}

// Each runs f as a subtest per engine, with a new database of the schemas.
// Where PostgreSQL is not installed its subtest is skipped, or fails when
// LINTAS_REQUIRE_POSTGRES is 1.
func Each(t *testing.T, f func(t *testing.T, d *db.DB), schemas ...db.Schema) {
	t.Helper()
	EachOptions(t, func(t *testing.T, o db.Options) {
		f(t, Open(t, o, schemas...))
	})
}

// EachOptions is Each for tests that open the database themselves, such as
// those that open it again after a crash.
func EachOptions(t *testing.T, f func(t *testing.T, o db.Options)) {
	t.Helper()
	for _, e := range Engines {
		t.Run(string(e), func(t *testing.T) { f(t, Options(t, e)) })
	}
}

// Options are those of a new, empty database that is gone after the test.
func Options(tb testing.TB, e db.Engine) db.Options {
	tb.Helper()
	if e == db.SQLite {
		return db.Options{Engine: e, Path: filepath.Join(tb.TempDir(), "lintas.db")}
	}
	return db.Options{Engine: e, URL: freshDatabase(tb)}
}

// Open opens the database for Owner and closes it after the test.
func Open(tb testing.TB, o db.Options, schemas ...db.Schema) *db.DB {
	tb.Helper()
	d, err := db.Open(tb.Context(), o, Owner, schemas)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}

// Main runs the tests of a package and waits until the PostgreSQL they
// started is gone. Without it the server still ends with the process.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// Serve starts the server for other processes, which find it by
// LINTAS_TEST_POSTGRES, until stop.
func Serve() (url string, end func(), err error) {
	s, err := theServer()
	if err != nil {
		return "", nil, err
	}
	return s.url.String(), stop, nil
}
