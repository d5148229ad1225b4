package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Restore fills a new, empty database of either engine from a backup of the
// same owner, in one transaction: all or nothing. The schema becomes that of
// the backup; the next Open brings it up to date. What it wrote is noted, see
// Restored, because what a node did after the backup was made is not in it.
func Restore(ctx context.Context, path string, o Options, owner string, schemas []Schema) (info BackupInfo, err error) {
	steps, err := load(schemas)
	if err != nil {
		return info, err
	}
	f, err := os.Open(path)
	if err != nil {
		return info, fault.Wrap(fault.Invalid, "fault.db.backup_read", err).With("path", path)
	}
	defer f.Close()
	// Look at all of it first, so that nothing is made from a bad file.
	var header backupHeader
	info, err = readBackup(f, backupReader{header: func(h backupHeader) error { header = h; return nil }})
	if err != nil {
		return info, err
	}
	if info.Owner != owner {
		return info, fault.New(fault.Invalid, "fault.db.owner").With("owner", info.Owner).With("expected", owner)
	}
	if steps, err = stepsOf(header, steps); err != nil {
		return info, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return info, fmt.Errorf("db: %w", err)
	}
	o.Beside = false
	d, err := connect(ctx, o)
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.owner = owner
	return info, d.alter(ctx, func(tx *Tx) error { return d.restore(ctx, tx, f, header, steps) })
}

// stepsOf are the steps that the backup had, all known and unaltered.
func stepsOf(h backupHeader, steps []step) ([]step, error) {
	applied := make([]step, len(h.Steps))
	for i, s := range h.Steps {
		applied[i] = step{schema: s.Schema, number: s.Number, file: s.File, digest: s.SHA256}
	}
	missing, err := compare(steps, applied)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return slices.Contains(missing, s) }), nil
}

func (d *DB) restore(ctx context.Context, tx *Tx, f io.Reader, h backupHeader, steps []step) error {
	tables, err := tx.tables(ctx)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		return fault.New(fault.Invalid, "fault.db.not_empty").With("tables", len(tables))
	}
	if err := tx.script(ctx, base); err != nil {
		return err
	}
	for _, s := range steps {
		if err := tx.script(ctx, s.text); err != nil {
			return fmt.Errorf("db: schema %s, file %s: %w", s.schema, s.file, err)
		}
		at := h.Steps[slices.IndexFunc(h.Steps, func(b backupStep) bool { return b.Schema == s.schema && b.Number == s.number })].Applied
		if err := tx.record(ctx, s, at); err != nil {
			return err
		}
	}
	info, err := d.fill(ctx, tx, f)
	if err != nil {
		return err
	}
	note := strings.Join([]string{strconv.FormatInt(clock.Micros(d.opts.Clock.Now()), 10), strconv.FormatInt(info.At, 10), info.SHA256}, " ")
	return tx.setMeta(ctx, "restored", note)
}

// fill copies all rows in, with foreign keys checked once all are there.
func (d *DB) fill(ctx context.Context, tx *Tx, f io.Reader) (BackupInfo, error) {
	resume, err := tx.deferKeys(ctx)
	if err != nil {
		return BackupInfo{}, err
	}
	c := &copyIn{ctx: ctx, tx: tx}
	if c.tables, err = tx.tables(ctx); err != nil {
		return BackupInfo{}, err
	}
	// What migrations put into the tables is in the backup as well.
	for _, t := range c.tables {
		if notCopied(t) {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+t); err != nil {
			return BackupInfo{}, err
		}
	}
	info, err := readBackup(f, backupReader{table: c.table, row: c.row})
	if err != nil {
		return info, err
	}
	if err := c.flush(); err != nil {
		return info, err
	}
	return info, resume()
}

// deferKeys puts foreign keys off until resume, or the commit.
func (t *Tx) deferKeys(ctx context.Context) (resume func() error, err error) {
	if t.engine == SQLite {
		return func() error { return nil }, t.script(ctx, `PRAGMA defer_foreign_keys = ON`)
	}
	return t.dropKeys(ctx)
}

// copyIn inserts rows, many per statement.
type copyIn struct {
	ctx    context.Context
	tx     *Tx
	tables []string
	into   string
	width  int
	args   []any
	full   string // the statement for a full batch
	fullAt int    // how many arguments make one
}

const batchRows = 100

func (c *copyIn) table(t backupTable) error {
	if err := c.flush(); err != nil {
		return err
	}
	if !slices.Contains(c.tables, t.Table) || notCopied(t.Table) {
		return damaged("unknown table")
	}
	known, err := c.tx.columns(c.ctx, t.Table)
	if err != nil {
		return err
	}
	for _, col := range t.Columns {
		if !slices.Contains(known, col) {
			return damaged("unknown column")
		}
	}
	c.into = `INSERT INTO ` + t.Table + ` (` + strings.Join(t.Columns, ", ") + `) VALUES `
	c.width = len(t.Columns)
	c.full, c.fullAt = c.statement(batchRows), batchRows*c.width
	return nil
}

func (c *copyIn) statement(rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", c.width), ", ") + "), "
	return c.into + strings.TrimSuffix(strings.Repeat(one, rows), ", ")
}

func (c *copyIn) row(values []any) error {
	c.args = append(c.args, values...)
	if len(c.args) < c.fullAt {
		return nil
	}
	return c.flush()
}

func (c *copyIn) flush() error {
	if len(c.args) == 0 {
		return nil
	}
	query := c.full
	if len(c.args) != c.fullAt {
		query = c.statement(len(c.args) / c.width)
	}
	_, err := c.tx.Exec(c.ctx, query, c.args...)
	c.args = c.args[:0]
	return err
}

// Restoration says where a database came from.
type Restoration struct {
	At       time.Time // when it was restored
	BackupAt time.Time // the moment that the backup shows
	SHA256   string    // of the backup's lines
}

// Restored tells the last restore, if the database came from one. Whoever
// numbers what leaves the node must start a new epoch after it.
func (t *Tx) Restored(ctx context.Context) (Restoration, bool, error) {
	note, ok, err := t.meta(ctx, "restored")
	if err != nil || !ok {
		return Restoration{}, false, err
	}
	var at, backup int64
	var r Restoration
	if _, err := fmt.Sscan(note, &at, &backup, &r.SHA256); err != nil {
		return r, false, fmt.Errorf("db: restored: %w", err)
	}
	r.At, r.BackupAt = clock.FromMicros(at), clock.FromMicros(backup)
	return r, true, nil
}
