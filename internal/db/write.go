package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"lintas/internal/fault"
)

// Write runs f in one transaction and commits it; an error of f rolls it back
// and is returned as it is. f runs once: a transaction that lost against
// another is a Conflict, never tried again here, because only the caller
// knows whether f may run twice.
func (d *DB) Write(ctx context.Context, f func(*Tx) error) error {
	if d.full.refusing() {
		if err := d.probe(ctx); err != nil {
			return err
		}
	}
	t, err := d.inTurn(ctx, f)
	if err != nil {
		d.failed.Add(1)
		return d.full.note(err)
	}
	d.writes.Add(1)
	if err := d.crash("committed"); err != nil {
		return err
	}
	for _, g := range t.after {
		g() // outside the turn, so that it may write
	}
	return nil
}

// commitPatience is how long a server may take to answer a commit before the
// outcome is reported as unknown.
const commitPatience = 60 * time.Second

// inTurn is one transaction, or one writer's part of one.
func (d *DB) inTurn(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	if d.turn != nil {
		return d.shared(ctx, f)
	}
	return d.alone(ctx, f)
}

// alone is one transaction for one function. The caller's context ends it
// until it is being committed, and no longer: a commit that is broken off may
// have taken effect.
func (d *DB) alone(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, fail(err)
	}
	defer conn.Close()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	detach := context.AfterFunc(ctx, end)
	defer detach()
	tx, err := conn.BeginTx(life, nil)
	if err != nil {
		return nil, broken(ctx, fail(err))
	}
	// Also when f panics; after a commit it does nothing.
	defer tx.Rollback() //nolint:errcheck // the error of the attempt says more
	t := &Tx{tx: tx, engine: d.engine}
	if err := d.attempt(t, f); err != nil {
		return nil, broken(ctx, err)
	}
	if !detach() {
		return nil, fail(ctx.Err())
	}
	defer time.AfterFunc(commitPatience, end).Stop()
	if err := tx.Commit(); err != nil {
		return nil, failCommit(err)
	}
	return t, nil
}

func (d *DB) attempt(t *Tx, f func(*Tx) error) error {
	if err := d.crash("begin"); err != nil {
		return err
	}
	if err := f(t); err != nil {
		return err
	}
	return d.crash("commit")
}

// broken names the reason when the context ended the transaction under f.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, sql.ErrTxDone) || errors.Is(err, context.Canceled)) && fault.KindOf(err) == fault.Internal {
		return fail(ctx.Err())
	}
	return err
}

func (d *DB) crash(point string) error {
	if d.opts.Crash == nil {
		return nil
	}
	return d.opts.Crash(point)
}

// Read runs f in one read-only transaction: all its queries see one state.
func (d *DB) Read(ctx context.Context, f func(*Tx) error) error {
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.readIsolation()})
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing to keep
	d.reads.Add(1)
	return f(&Tx{tx: tx, engine: d.engine})
}

func (d *DB) readIsolation() sql.IsolationLevel {
	if d.engine == SQLite {
		return sql.LevelDefault // a read transaction of SQLite is a snapshot
	}
	return sql.LevelRepeatableRead
}
