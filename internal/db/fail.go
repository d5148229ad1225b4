package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"lintas/internal/fault"
)

// What went wrong is read from the codes of the drivers, never from texts.
// Keys: fault.db.*, and fault.changed_meanwhile for a lost race.

// fail classifies an error of a driver; other errors keep what they are.
func fail(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return failSQLite(e.Code(), err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return failPostgres(e.Code, err)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok || errors.Is(err, driver.ErrBadConn) {
		return fault.Wrap(fault.Unavailable, "fault.db.unreachable", err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Unavailable, "fault.db.cancelled", err)
	}
	return fmt.Errorf("db: %w", err)
}

// failCommit is fail for a commit. Without an answer of the engine nobody
// knows whether it took effect.
func failCommit(err error) error {
	_, answered := errors.AsType[*sqlite.Error](err)
	if !answered {
		_, answered = errors.AsType[*pgconn.PgError](err)
	}
	if !answered {
		return fault.Wrap(fault.Unavailable, "fault.db.unsure", err)
	}
	return fail(err)
}

func failSQLite(code int, err error) error {
	if sqliteFull(code) {
		return fault.Wrap(fault.Unavailable, "fault.db.disk_full", err)
	}
	switch code {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault.Wrap(fault.Conflict, "fault.db.duplicate", err)
	case lib.SQLITE_BUSY_SNAPSHOT:
		return fault.Wrap(fault.Conflict, "fault.changed_meanwhile", err)
	}
	switch code & 0xff { // the primary code
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fault.Wrap(fault.Unavailable, "fault.db.busy", err)
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return fault.Wrap(fault.Internal, "fault.db.damaged", err)
	case lib.SQLITE_CANTOPEN, lib.SQLITE_PERM, lib.SQLITE_AUTH:
		return fault.Wrap(fault.Unavailable, "fault.db.cannot_open", err)
	case lib.SQLITE_INTERRUPT:
		return fault.Wrap(fault.Unavailable, "fault.db.cancelled", err)
	}
	return fmt.Errorf("db: %w", err)
}

// sqliteFull: the disk is full, or refuses what is written to it. Reading
// errors are not among them: they say that the disk is broken.
func sqliteFull(code int) bool {
	switch code {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR_WRITE, lib.SQLITE_IOERR_FSYNC,
		lib.SQLITE_IOERR_DIR_FSYNC, lib.SQLITE_IOERR_TRUNCATE, lib.SQLITE_IOERR_SHMSIZE:
		return true
	}
	return false
}

func failPostgres(code string, err error) error {
	switch code {
	case "53100": // disk_full
		return fault.Wrap(fault.Unavailable, "fault.db.disk_full", err)
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return fault.Wrap(fault.Conflict, "fault.changed_meanwhile", err)
	case "23505": // unique_violation
		return fault.Wrap(fault.Conflict, "fault.db.duplicate", err)
	case "55P03": // lock_not_available
		return fault.Wrap(fault.Unavailable, "fault.db.busy", err)
	case "57014": // query_canceled
		return fault.Wrap(fault.Unavailable, "fault.db.cancelled", err)
	case "3D000": // invalid_catalog_name
		return fault.Wrap(fault.Unavailable, "fault.db.cannot_open", err)
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return fault.Wrap(fault.Internal, "fault.db.damaged", err)
	}
	for _, class := range []string{"08", "28", "53", "57P", "58"} { // connection, authorization, resources, shutdown, system
		if strings.HasPrefix(code, class) {
			return fault.Wrap(fault.Unavailable, "fault.db.unreachable", err)
		}
	}
	return fmt.Errorf("db: %w", err)
}

// isFull reports whether err says that the disk takes no more.
func isFull(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteFull(e.Code())
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "53100"
}

// values brings arguments to the four kinds that both engines keep alike, and
// refuses what only one of them would take.
func values(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("db: argument %d: %w", i+1, err)
		}
		switch x := v.(type) {
		case bool:
			v = int64(0)
			if x {
				v = int64(1)
			}
		case time.Time:
			return nil, fmt.Errorf("db: argument %d: a time is stored as clock.Micros", i+1)
		case string:
			if !utf8.ValidString(x) || strings.IndexByte(x, 0) >= 0 {
				return nil, fault.New(fault.Invalid, "fault.db.text").With("argument", i+1)
			}
		}
		out[i] = v
	}
	return out, nil
}
