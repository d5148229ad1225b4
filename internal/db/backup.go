package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Backup writes all data as of one moment to a new file, while reads and
// writes go on, and has it on disk when it returns. The file restores into
// either engine.
func (d *DB) Backup(ctx context.Context, path string) (info BackupInfo, err error) {
	part := path + ".part"
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return info, fault.New(fault.Invalid, "fault.db.backup_exists").With("path", path)
	}
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return info, fault.Wrap(fault.Unavailable, "fault.db.backup_write", err).With("path", path)
	}
	info, err = d.BackupTo(ctx, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(part) // the error says more
		return info, fault.Wrap(fault.Unavailable, "fault.db.backup_write", err).With("path", path)
	}
	return info, nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// BackupTo is Backup to a writer.
func (d *DB) BackupTo(ctx context.Context, w io.Writer) (info BackupInfo, err error) {
	err = d.Read(ctx, func(tx *Tx) error {
		h, err := d.header(ctx, tx)
		if err != nil {
			return err
		}
		b, err := newBackupWriter(w, h)
		if err != nil {
			return fmt.Errorf("db: backup: %w", err)
		}
		tables, err := tx.tables(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := copyOut(ctx, tx, b, t); err != nil {
				return fmt.Errorf("db: backup of %s: %w", t, err)
			}
		}
		info, err = b.close()
		return err
	})
	return info, err
}

func (d *DB) header(ctx context.Context, tx *Tx) (backupHeader, error) {
	h := backupHeader{Format: backupFormat, Owner: d.owner, Engine: d.engine, At: clock.Micros(d.opts.Clock.Now())}
	err := tx.Each(ctx, `SELECT schema_name, number, file, sha256, applied_at FROM lintas_migration ORDER BY schema_name, number`, nil,
		func(scan func(...any) error) error {
			var s backupStep
			err := scan(&s.Schema, &s.Number, &s.File, &s.SHA256, &s.Applied)
			h.Steps = append(h.Steps, s)
			return err
		})
	return h, err
}

// notCopied are made anew by a restore.
func notCopied(table string) bool { return table == "lintas_migration" || table == "lintas_probe" }

func copyOut(ctx context.Context, tx *Tx, b *backupWriter, table string) error {
	if notCopied(table) {
		return nil
	}
	columns, err := tx.columns(ctx, table)
	if err != nil {
		return err
	}
	if err := b.table(table, columns); err != nil {
		return err
	}
	row, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	return tx.Each(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+table, nil, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		return b.row(row)
	})
}

// columns are those of a table, in their order.
func (t *Tx) columns(ctx context.Context, table string) ([]string, error) {
	if t.engine == SQLite {
		return column(ctx, t, `SELECT name FROM pragma_table_info(?) ORDER BY cid`, table)
	}
	return column(ctx, t, `SELECT attname::text FROM pg_attribute WHERE attrelid = ?::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
}

// CheckBackup reads a whole backup and says what it holds; it fails when one
// byte is not as it was written.
func CheckBackup(path string) (BackupInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return BackupInfo{}, fault.Wrap(fault.Invalid, "fault.db.backup_read", err).With("path", path)
	}
	defer f.Close()
	return readBackup(f, backupReader{row: func([]any) error { return nil }})
}
