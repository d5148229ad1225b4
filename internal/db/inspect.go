package db

import (
	"context"
	"errors"
	"os"
	"strings"
)

// Dump returns the schema as CREATE statements, sorted by table, for a text
// that is kept under version control. Only dumps of one engine compare.
func (d *DB) Dump(ctx context.Context) (string, error) {
	var all []string
	err := d.Read(ctx, func(tx *Tx) error {
		var err error
		if d.engine == SQLite {
			all, err = dumpSQLite(ctx, tx)
		} else {
			all, err = dumpPostgres(ctx, tx)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return strings.Join(all, "\n") + "\n", nil
}

// Pending lists the migrations that Open would apply, as "schema/file",
// without changing anything and also beside a serving process. It fails where
// Open would refuse the database.
func Pending(ctx context.Context, o Options, owner string, schemas []Schema) (names []string, err error) {
	steps, err := load(schemas)
	if err != nil {
		return nil, err
	}
	if o.Engine == SQLite {
		if _, err := os.Stat(o.Path); errors.Is(err, os.ErrNotExist) {
			return stepNames(steps), nil
		}
	}
	o.Beside = true
	d, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.owner = owner
	empty, err := d.empty(ctx)
	if err != nil || empty {
		return stepNames(steps), err
	}
	missing, err := d.pending(ctx, steps)
	return stepNames(missing), err
}

func stepNames(steps []step) []string {
	var names []string
	for _, s := range steps {
		names = append(names, s.schema+"/"+s.file)
	}
	return names
}

func (d *DB) empty(ctx context.Context) (bool, error) {
	var tables []string
	err := d.Read(ctx, func(tx *Tx) error {
		var err error
		tables, err = tx.tables(ctx)
		return err
	})
	return len(tables) == 0, err
}
