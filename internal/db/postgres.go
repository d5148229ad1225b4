package db

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"lintas/internal/fault"
)

// Everything that only PostgreSQL has.

func (d *DB) openPostgres() error {
	cfg, err := pgx.ParseConfig(d.opts.URL)
	if err != nil {
		return fault.Wrap(fault.Invalid, "fault.db.url", err) // pgx blanks the password
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "lintas"
	}
	cfg.RuntimeParams["lock_timeout"] = "20s"
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "10min"
	conns := d.opts.Readers
	if conns == 0 {
		conns = 8
	}
	d.write = stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(durable))
	d.read = stdlib.OpenDB(*cfg)
	d.write.SetMaxOpenConns(conns)
	d.write.SetMaxIdleConns(conns)
	d.read.SetMaxOpenConns(conns)
	d.read.SetMaxIdleConns(conns)
	return nil
}

// durable sees to it that a confirmed commit is on disk, whatever the server
// was told to do for others; stricter settings stay.
func durable(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`)
	return err
}

// checkPostgres refuses a database that would sort or encode text otherwise
// than Go and SQLite do: pages and keys would then depend on the engine.
func (d *DB) checkPostgres(ctx context.Context) error {
	var coll, enc string
	err := d.write.QueryRowContext(ctx, `SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()`).Scan(&coll, &enc)
	if err != nil {
		return fail(err)
	}
	if (coll != "C" && !strings.HasPrefix(coll, "C.") && coll != "POSIX") || enc != "UTF8" {
		return fault.New(fault.Invalid, "fault.db.collation").With("collation", coll).With("encoding", enc)
	}
	return nil
}

// lockPostgres lets one process at a time change the schema, until the end of
// the transaction.
func lockPostgres(ctx context.Context, tx *Tx) error {
	const schemaLock = 0x6c696e746173 // "lintas"
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(?)`, int64(schemaLock))
	return err
}

func tablesPostgres(ctx context.Context, tx *Tx) ([]string, error) {
	return column(ctx, tx, `SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
		AND relkind IN ('r', 'p') ORDER BY relname`)
}

// dumpPostgres writes the tables as CREATE statements: the server does not
// keep the text that made them.
func dumpPostgres(ctx context.Context, tx *Tx) ([]string, error) {
	tables, err := tablesPostgres(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range tables {
		parts, err := column(ctx, tx, `SELECT '  ' || attname || ' ' || upper(format_type(atttypid, atttypmod))
			|| CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
			FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
			WHERE attrelid = ?::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, t)
		if err != nil {
			return nil, err
		}
		constraints, err := column(ctx, tx, `SELECT '  ' || pg_get_constraintdef(oid) FROM pg_constraint
			WHERE conrelid = ?::text::regclass AND contype <> 'n' ORDER BY contype = 'p' DESC, conname`, t)
		if err != nil {
			return nil, err
		}
		out = append(out, "CREATE TABLE "+t+" (\n"+strings.Join(append(parts, constraints...), ",\n")+"\n);")
		indexes, err := column(ctx, tx, `SELECT pg_get_indexdef(indexrelid) || ';' FROM pg_index WHERE indrelid = ?::text::regclass
			AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid::regclass::text`, t)
		if err != nil {
			return nil, err
		}
		out = append(out, indexes...)
	}
	return out, nil
}

// dropKeys drops all foreign keys; resume makes them again, which checks every
// row. Only so can tables that refer to each other, or to themselves, be
// filled in any order without being a superuser.
func (t *Tx) dropKeys(ctx context.Context) (resume func() error, err error) {
	var again []string
	var drop []string
	err = t.Each(ctx, `SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname`, nil,
		func(scan func(...any) error) error {
			var table, name, def string
			if err := scan(&table, &name, &def); err != nil {
				return err
			}
			drop = append(drop, `ALTER TABLE `+table+` DROP CONSTRAINT `+name)
			again = append(again, `ALTER TABLE `+table+` ADD CONSTRAINT `+name+` `+def)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, s := range drop {
		if err := t.script(ctx, s); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, s := range again {
			if err := t.script(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
