// Package db keeps a node's data in SQLite (the default, in the node's own
// folder) or PostgreSQL, behind one Tx and one SQL text: `?` for values,
// TEXT, BIGINT, DOUBLE PRECISION and BYTEA for columns, times as microseconds
// (clock.Micros), identifiers and times always made in Go.
package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Engine names a database engine.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options say where the data is.
type Options struct {
	Engine Engine
	// Path is the database file of SQLite.
	Path string
	// URL is the connection string of PostgreSQL. It may hold a password and
	// is never logged.
	URL string
	// Beside opens the database of SQLite beside the process that serves it,
	// as administrative commands do: the serving lock is not taken, and a
	// schema that is not current is refused rather than changed.
	Beside bool
	// Readers is how many reads run at once; 0 means 4 with SQLite and 8 with
	// PostgreSQL, which also bounds its writers.
	Readers int
	// Clock stamps migrations and backups; nil means the system's.
	Clock clock.Clock
	// Crash, where set, is asked at each named point of a write ("begin",
	// "commit", "committed"); an error it returns is what the caller sees.
	// Tests use it to fail every write before and after it took effect.
	Crash func(point string) error
}

// Schema is the tables of one package: FS holds its migrations, named
// 0001_what.sql, each applied once and in order.
type Schema struct {
	Name string
	FS   fs.FS
}

// DB is one node's database.
type DB struct {
	engine Engine
	write  *sql.DB // one connection with SQLite: there is one writer
	read   *sql.DB
	opts   Options
	owner  string
	// turn queues the writers of SQLite in Go rather than in busy timeouts.
	turn    chan struct{}
	inLine  atomic.Int64
	sharing *group // what is open for who has the turn next
	lock    *os.File
	full    fullState

	writes, failed, reads atomic.Int64
	closing               sync.Once
	closed                error
}

// Tx is one transaction. It must not outlive the function it was given to,
// and nothing that uses the network may be called inside.
type Tx struct {
	tx     *sql.Tx
	engine Engine
	after  []func()
}

// Engine says which engine the transaction runs on; only migrations and the
// counted engine-specific files ask.
func (t *Tx) Engine() Engine { return t.engine }

// AfterCommit registers what is done once the transaction is durable, such as
// waking the publisher. It is dropped when the transaction fails.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	args, err := values(args)
	if err != nil {
		return 0, err
	}
	r, err := t.tx.ExecContext(ctx, t.bind(query), args...)
	if err != nil {
		return 0, fail(err)
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	args, err := values(args)
	if err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(ctx, t.bind(query), args...)
	if err != nil {
		return nil, fail(err)
	}
	return rows, nil
}

// Row scans the one row of a query into dest and reports whether there was one.
func (t *Tx) Row(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	args, err := values(args)
	if err != nil {
		return false, err
	}
	err = t.tx.QueryRowContext(ctx, t.bind(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fail(err)
	}
	return true, nil
}

// Each runs a query and calls scan for every row.
func (t *Tx) Each(ctx context.Context, query string, args []any, scan func(scan func(dest ...any) error) error) error {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return nil
}

// bind turns ? into $1, $2 … for PostgreSQL. No SQL of ours has a literal ?.
func (t *Tx) bind(query string) string {
	if t.engine == SQLite {
		return query
	}
	return dollar(query)
}

func dollar(query string) string {
	if strings.IndexByte(query, '?') < 0 {
		return query
	}
	b := make([]byte, 0, len(query)+16)
	n := 0
	for i := range len(query) {
		if query[i] != '?' {
			b = append(b, query[i])
			continue
		}
		n++
		b = strconv.AppendInt(append(b, '$'), int64(n), 10)
	}
	return string(b)
}

// Conflict is the fault for a write whose version was no longer current: n is
// the row count of an UPDATE … WHERE id = ? AND version = ?.
func Conflict(n int64) error {
	if n == 1 {
		return nil
	}
	return fault.New(fault.Conflict, "fault.changed_meanwhile")
}
