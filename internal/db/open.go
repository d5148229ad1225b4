package db

import (
	"context"
	"errors"
	"fmt"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Open opens the database of owner (a member's code) and brings it to the
// given schemas. It refuses a database that belongs to another owner or to
// another program, that knows a newer schema, or that another process serves.
func Open(ctx context.Context, o Options, owner string, schemas []Schema) (*DB, error) {
	if owner == "" {
		return nil, errors.New("db: a database needs an owner")
	}
	steps, err := load(schemas)
	if err != nil {
		return nil, err
	}
	d, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	d.owner = owner
	if err := d.prepare(ctx, steps); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// connect opens the connections and looks at nothing yet.
func connect(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	d := &DB{engine: o.Engine, opts: o}
	var err error
	switch o.Engine {
	case SQLite:
		err = d.openSQLite()
	case Postgres:
		err = d.openPostgres()
	default:
		return nil, fault.New(fault.Invalid, "fault.db.engine").With("engine", string(o.Engine))
	}
	if err == nil {
		if err = d.write.PingContext(ctx); err != nil {
			err = fail(err)
		}
	}
	if err == nil && o.Engine == Postgres {
		err = d.checkPostgres(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Engine says which engine keeps the data.
func (d *DB) Engine() Engine { return d.engine }

// Owner is the member whose data this is.
func (d *DB) Owner() string { return d.owner }

// Close waits for what runs and gives the database free. It may be called
// more than once.
func (d *DB) Close() error {
	d.closing.Do(func() {
		var errs []error
		if d.read != nil {
			errs = append(errs, d.read.Close())
		}
		if d.write != nil {
			errs = append(errs, d.write.Close())
		}
		if d.lock != nil {
			errs = append(errs, d.lock.Close())
		}
		if err := errors.Join(errs...); err != nil {
			d.closed = fmt.Errorf("db: close: %w", err)
		}
	})
	return d.closed
}
