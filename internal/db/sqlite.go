package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"lintas/internal/fault"
)

// Everything that only SQLite has. case_sensitive_like makes LIKE mean what it
// means in PostgreSQL; query_only keeps reads from writing there as well.
var sqlitePragmas = []string{
	"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
	"case_sensitive_like(1)", "temp_store(MEMORY)", "cache_size(-8000)",
}

func (d *DB) openSQLite() error {
	path, err := filepath.Abs(d.opts.Path)
	if err != nil || d.opts.Path == "" {
		return fault.Wrap(fault.Invalid, "fault.db.cannot_open", err).With("path", d.opts.Path)
	}
	if err := d.claim(path); err != nil {
		return err
	}
	readers := d.opts.Readers
	if readers == 0 {
		readers = 4
	}
	if d.write, err = openPool(path, 1, true, append([]string{}, sqlitePragmas...)); err != nil {
		return err
	}
	if d.read, err = openPool(path, readers, false, append([]string{"query_only(1)"}, sqlitePragmas...)); err != nil {
		return err
	}
	d.turn = make(chan struct{}, 1)
	return nil
}

// claim makes the file, readable by nobody else, and takes the serving lock.
func (d *DB) claim(path string) error {
	flags := os.O_RDWR
	if !d.opts.Beside {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fault.Wrap(fault.Unavailable, "fault.db.cannot_open", err).With("path", path)
		}
		flags |= os.O_CREATE
		lock, err := lockFile(path + ".lock")
		if errors.Is(err, errLocked) {
			return fault.New(fault.Unavailable, "fault.db.in_use").With("path", path)
		}
		if err != nil {
			return fault.Wrap(fault.Unavailable, "fault.db.cannot_open", err).With("path", path)
		}
		d.lock = lock
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "fault.db.cannot_open", err).With("path", path)
	}
	return f.Close()
}

func openPool(path string, conns int, whole bool, pragmas []string) (*sql.DB, error) {
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}, "_dqs": {"0"}}
	dsn := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + q.Encode()
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	pool := sql.OpenDB(cachedConnector{c, whole})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// tablesSQLite lists all tables, sorted.
func tablesSQLite(ctx context.Context, tx *Tx) ([]string, error) {
	return column(ctx, tx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
}

func dumpSQLite(ctx context.Context, tx *Tx) ([]string, error) {
	all, err := column(ctx, tx, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY tbl_name, type DESC, name`)
	for i := range all {
		all[i] = strings.TrimSpace(all[i]) + ";"
	}
	return all, err
}

// cachedConnector makes connections that keep their prepared statements.
type cachedConnector struct {
	driver.Connector
	whole bool
}

func (c cachedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &cachedConn{sqliteConn: conn.(sqliteConn), kept: map[string]*keptStmt{}, whole: c.whole}, nil
}
