package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// A connection of SQLite parses a statement each time unless somebody keeps
// it. cachedConn keeps what it prepared, by text, and lends it to one use at a
// time. (The driver of PostgreSQL does so by itself.)

// maxKept bounds a connection's statements; beyond it all are dropped, which
// costs nothing next to texts that never come again.
const maxKept = 400

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type cachedConn struct {
	sqliteConn
	kept map[string]*keptStmt
	// whole lets a statement that began end: on the writing connection, where
	// statements are short and watching for cancellation costs a goroutine
	// each. database/sql looks at the context between statements.
	whole bool
}

// BeginTx only takes the lock, after the caller had its turn.
func (c *cachedConn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.sqliteConn.BeginTx(context.Background(), opts)
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type keptStmt struct {
	sqliteStmt
	lent bool
}

// borrow returns a prepared statement and how to give it back.
func (c *cachedConn) borrow(ctx context.Context, query string) (sqliteStmt, func() error, error) {
	k := c.kept[query]
	if k != nil && !k.lent {
		k.lent = true
		return k, func() error { k.lent = false; return nil }, nil
	}
	s, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, nil, err
	}
	st := s.(sqliteStmt)
	if k != nil { // lent: its rows are still being read
		return st, st.Close, nil
	}
	if len(c.kept) >= maxKept {
		if err := c.drop(); err != nil {
			return nil, nil, errors.Join(err, st.Close())
		}
	}
	k = &keptStmt{sqliteStmt: st, lent: true}
	c.kept[query] = k
	return k, func() error { k.lent = false; return nil }, nil
}

func (c *cachedConn) during(ctx context.Context) context.Context {
	if c.whole {
		return context.Background()
	}
	return ctx
}

// drop closes every statement that is not lent.
func (c *cachedConn) drop() error {
	var errs []error
	for q, k := range c.kept {
		if !k.lent {
			errs = append(errs, k.Close())
			delete(c.kept, q)
		}
	}
	return errors.Join(errs...)
}

func (c *cachedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 { // also scripts of several statements
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, back, err := c.borrow(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(c.during(ctx), args)
	return r, errors.Join(err, back())
}

func (c *cachedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, back, err := c.borrow(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(c.during(ctx), args)
	if err != nil {
		return nil, errors.Join(err, back())
	}
	return &cachedRows{Rows: rows, back: back}, nil
}

func (c *cachedConn) Close() error {
	for _, k := range c.kept {
		k.lent = false
	}
	return errors.Join(c.drop(), c.sqliteConn.Close())
}

// cachedRows gives the statement back once the rows are closed.
type cachedRows struct {
	driver.Rows
	back func() error
}

func (r *cachedRows) Close() error {
	if r.back == nil {
		return nil
	}
	err := errors.Join(r.Rows.Close(), r.back())
	r.back = nil
	return err
}

func (r *cachedRows) Next(dest []driver.Value) error {
	if r.back == nil {
		return io.EOF
	}
	if err := r.Rows.Next(dest); err != nil {
		return err
	}
	for i, v := range dest {
		if b, ok := v.([]byte); ok && b == nil {
			dest[i] = []byte{} // the driver gives nil, which is NULL to database/sql
		}
	}
	return nil
}
