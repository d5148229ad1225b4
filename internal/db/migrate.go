package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Schema files are named 0001_what.sql. Each is applied once, in its own
// transaction, and its digest kept: a file that was applied never changes.
// lintas_meta says whose database this is, lintas_migration what was applied,
// and lintas_probe is where a full disk is tried.
const base = `
CREATE TABLE lintas_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lintas_migration (
  schema_name TEXT NOT NULL, number BIGINT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL,
  PRIMARY KEY (schema_name, number)
);
CREATE TABLE lintas_probe (name TEXT NOT NULL PRIMARY KEY, filler BYTEA NOT NULL);
`

// step is one migration file.
type step struct {
	schema string
	number int64
	file   string
	digest string
	text   string
}

type stepKey struct {
	schema string
	number int64
}

// load reads all migration files in the order in which they are applied.
func load(schemas []Schema) ([]step, error) {
	var steps []step
	seen := map[string]bool{}
	for _, s := range schemas {
		if s.Name == "" || seen[s.Name] {
			return nil, fmt.Errorf("db: schema name %q is empty or listed twice", s.Name)
		}
		seen[s.Name] = true
		names, err := fs.Glob(s.FS, "*.sql") // sorted
		if err != nil {
			return nil, fmt.Errorf("db: schema %s: %w", s.Name, err)
		}
		for i, name := range names {
			text, err := fs.ReadFile(s.FS, name)
			if err != nil {
				return nil, fmt.Errorf("db: schema %s: %w", s.Name, err)
			}
			n, err := strconv.ParseInt(strings.SplitN(name, "_", 2)[0], 10, 32)
			if err != nil || n != int64(i)+1 {
				return nil, fmt.Errorf("db: schema %s: %s should be number %04d", s.Name, name, i+1)
			}
			sum := sha256.Sum256(text)
			steps = append(steps, step{s.Name, n, name, hex.EncodeToString(sum[:]), string(text)})
		}
	}
	return steps, nil
}

// prepare checks whose database this is and applies what is missing.
func (d *DB) prepare(ctx context.Context, steps []step) error {
	if d.opts.Beside {
		pending, err := d.pending(ctx, steps)
		if err == nil && len(pending) > 0 {
			err = fault.New(fault.Unavailable, "fault.db.pending").With("schema", pending[0].schema).With("number", pending[0].number)
		}
		return err
	}
	err := d.alter(ctx, func(tx *Tx) error {
		tables, err := tx.tables(ctx)
		if err != nil || len(tables) > 0 {
			return err
		}
		if err := tx.script(ctx, base); err != nil {
			return err
		}
		return tx.setMeta(ctx, "owner", d.owner)
	})
	if err != nil {
		return err
	}
	pending, err := d.pending(ctx, steps)
	if err != nil {
		return err
	}
	for _, s := range pending {
		if err := d.apply(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// pending says what is missing, once the database is known to be ours and not
// newer than this program.
func (d *DB) pending(ctx context.Context, steps []step) ([]step, error) {
	var missing []step
	err := d.Read(ctx, func(tx *Tx) error {
		if err := d.checkOwner(ctx, tx); err != nil {
			return err
		}
		applied, err := tx.applied(ctx)
		if err != nil {
			return err
		}
		missing, err = compare(steps, applied)
		return err
	})
	return missing, err
}

func (d *DB) checkOwner(ctx context.Context, tx *Tx) error {
	tables, err := tx.tables(ctx)
	if err != nil {
		return err
	}
	ours := false
	for _, t := range tables {
		ours = ours || t == "lintas_meta"
	}
	if !ours {
		return fault.New(fault.Invalid, "fault.db.foreign").With("tables", len(tables))
	}
	owner, _, err := tx.meta(ctx, "owner")
	if err != nil {
		return err
	}
	if owner != d.owner {
		return fault.New(fault.Invalid, "fault.db.owner").With("owner", owner).With("expected", d.owner)
	}
	return nil
}

// compare returns the steps that were not applied. What was applied and is
// not among the steps was written by a newer program.
func compare(steps, applied []step) ([]step, error) {
	done := map[stepKey]step{}
	for _, a := range applied {
		done[stepKey{a.schema, a.number}] = a
	}
	var missing []step
	for _, s := range steps {
		a, ok := done[stepKey{s.schema, s.number}]
		if !ok {
			missing = append(missing, s)
			continue
		}
		if a.digest != s.digest {
			return nil, fault.New(fault.Invalid, "fault.db.altered").With("schema", s.schema).With("file", s.file)
		}
		delete(done, stepKey{s.schema, s.number})
	}
	for _, a := range applied {
		if _, left := done[stepKey{a.schema, a.number}]; left {
			return nil, fault.New(fault.Invalid, "fault.db.newer").With("schema", a.schema).With("file", a.file).With("number", a.number)
		}
	}
	return missing, nil
}

// apply runs one step, unless another process was faster.
func (d *DB) apply(ctx context.Context, s step) error {
	return d.alter(ctx, func(tx *Tx) error {
		var n int64
		if _, err := tx.Row(ctx, `SELECT count(*) FROM lintas_migration WHERE schema_name = ? AND number = ?`, []any{s.schema, s.number}, &n); err != nil || n > 0 {
			return err
		}
		if err := tx.script(ctx, s.text); err != nil {
			return fmt.Errorf("db: schema %s, file %s: %w", s.schema, s.file, err)
		}
		return tx.record(ctx, s, clock.Micros(d.opts.Clock.Now()))
	})
}

// alter is Write for changes of the schema: one process at a time.
func (d *DB) alter(ctx context.Context, f func(*Tx) error) error {
	_, err := d.inTurn(ctx, func(tx *Tx) error {
		if d.engine == Postgres {
			if err := lockPostgres(ctx, tx); err != nil {
				return err
			}
		}
		return f(tx)
	})
	return d.full.note(err)
}

func (t *Tx) record(ctx context.Context, s step, at int64) error {
	_, err := t.Exec(ctx, `INSERT INTO lintas_migration (schema_name, number, file, sha256, applied_at) VALUES (?, ?, ?, ?, ?)`,
		s.schema, s.number, s.file, s.digest, at)
	return err
}

// script runs several statements without arguments.
func (t *Tx) script(ctx context.Context, text string) error {
	if _, err := t.tx.ExecContext(ctx, text); err != nil {
		return fail(err)
	}
	return nil
}

func (t *Tx) tables(ctx context.Context) ([]string, error) {
	if t.engine == SQLite {
		return tablesSQLite(ctx, t)
	}
	return tablesPostgres(ctx, t)
}

func (t *Tx) applied(ctx context.Context) ([]step, error) {
	var out []step
	err := t.Each(ctx, `SELECT schema_name, number, file, sha256 FROM lintas_migration ORDER BY schema_name, number`, nil,
		func(scan func(...any) error) error {
			var s step
			err := scan(&s.schema, &s.number, &s.file, &s.digest)
			out = append(out, s)
			return err
		})
	return out, err
}

func (t *Tx) meta(ctx context.Context, name string) (string, bool, error) {
	var v string
	ok, err := t.Row(ctx, `SELECT value FROM lintas_meta WHERE name = ?`, []any{name}, &v)
	return v, ok, err
}

func (t *Tx) setMeta(ctx context.Context, name, value string) error {
	_, err := t.Exec(ctx, `INSERT INTO lintas_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// column is the first column of a query.
func column(ctx context.Context, tx *Tx, query string, args ...any) ([]string, error) {
	var out []string
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out = append(out, s)
		return err
	})
	return out, err
}
