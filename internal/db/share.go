package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Shared commits. A durable commit waits for the disk, whatever it holds, and
// SQLite has one writer. So writers that stand in line while another has the
// turn put their functions, one after the other and each in a savepoint, into
// one transaction, and wait for its commit together. For each of them it is
// as if it had been alone: it sees what those before it did, its own error
// undoes its own savepoint only, and Write returns, and AfterCommit runs, once
// the commit is durable. When the shared commit fails it fails for all of
// them, which none had been told was done.
//
// Who made the transaction goes to the end of the line, and commits when its
// turn comes again, so that a group holds at most those who stood in line by
// then. Who finds nobody in line is alone and waits for nobody.

// group is one transaction that several writers share. All fields but err,
// which is read after done, belong to who has the turn.
type group struct {
	conn *sql.Conn
	tx   *sql.Tx
	end  context.CancelFunc
	done chan struct{}
	err  error
}

// takeTurn waits for the turn and reports whether others stand in line.
func (d *DB) takeTurn(ctx context.Context) (others bool, err error) {
	d.inLine.Add(1)
	defer func() { others = d.inLine.Add(-1) > 0 }()
	select {
	case d.turn <- struct{}{}:
		return false, nil
	case <-ctx.Done():
		return false, fail(ctx.Err())
	}
}

func (d *DB) giveTurn() { <-d.turn }

// shared is one writer's part of the only line that SQLite has.
func (d *DB) shared(ctx context.Context, f func(*Tx) error) (*Tx, error) {
	t, g, err := d.part(ctx, f)
	if err != nil || g == nil {
		return t, err
	}
	select {
	case <-g.done:
	case d.turn <- struct{}{}:
		d.close(g)
		d.giveTurn()
	}
	if g.err != nil {
		return nil, g.err
	}
	return t, nil
}

// part runs f while it has the turn, alone or in a group that is then still
// to be committed.
func (d *DB) part(ctx context.Context, f func(*Tx) error) (*Tx, *group, error) {
	others, err := d.takeTurn(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer d.giveTurn()
	if d.sharing == nil && !others {
		t, err := d.alone(ctx, f)
		return t, nil, err
	}
	if d.sharing == nil {
		if d.sharing, err = d.newGroup(ctx); err != nil {
			return nil, nil, err
		}
	}
	g := d.sharing
	t := &Tx{tx: g.tx, engine: d.engine}
	if err := d.savepoint(ctx, g, func() error { return d.attempt(t, f) }); err != nil {
		return nil, nil, broken(ctx, err)
	}
	if d.inLine.Load() == 0 {
		d.close(g)
	}
	return t, g, nil
}

func (d *DB) newGroup(ctx context.Context) (*group, error) {
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	conn, err := d.write.Conn(ctx)
	if err != nil {
		end()
		return nil, fail(err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		end()
		return nil, errors.Join(fail(err), conn.Close())
	}
	return &group{conn: conn, tx: tx, end: end, done: make(chan struct{})}, nil
}

// savepoint runs f so that its error, or its panic, undoes what it did and no
// more. An error of the engine that has undone the whole transaction ends the
// group.
func (d *DB) savepoint(ctx context.Context, g *group, f func() error) (err error) {
	bare := context.WithoutCancel(ctx)
	if _, err := g.tx.ExecContext(bare, "SAVEPOINT db_part"); err != nil {
		d.abandon(g, fail(err))
		return fail(err)
	}
	kept := false
	defer func() {
		if kept {
			return
		}
		if _, undo := g.tx.ExecContext(bare, "ROLLBACK TO SAVEPOINT db_part; RELEASE SAVEPOINT db_part"); undo != nil {
			if err == nil {
				err = fail(undo)
			}
			d.abandon(g, err)
		}
	}()
	if err := f(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	if _, err := g.tx.ExecContext(bare, "RELEASE SAVEPOINT db_part"); err != nil {
		return fail(err)
	}
	kept = true
	return nil
}

// close commits a group, unless somebody has, and tells all who share it.
func (d *DB) close(g *group) {
	if d.sharing != g {
		return
	}
	late := time.AfterFunc(commitPatience, g.end)
	defer late.Stop()
	if err := g.tx.Commit(); err != nil {
		g.err = failCommit(err)
	}
	d.finish(g)
}

// abandon ends a group whose transaction is lost.
func (d *DB) abandon(g *group, why error) {
	if d.sharing != g {
		return
	}
	g.err = why
	g.tx.Rollback() //nolint:errcheck // there is nothing left to undo
	d.finish(g)
}

func (d *DB) finish(g *group) {
	d.sharing = nil
	g.end()
	g.conn.Close() //nolint:errcheck // the connection goes back to its pool
	close(g.done)
}
