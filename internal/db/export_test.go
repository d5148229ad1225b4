package db

import (
	"io"
	"time"
)

// LimitPages makes the database of SQLite as full as a disk of n pages; 0
// lifts the limit.
func (d *DB) LimitPages(n string) error {
	_, err := d.write.Exec(`PRAGMA max_page_count = ` + n)
	return err
}

// ProbeEvery sets how often a full disk is tried again.
func (d *DB) ProbeEvery(t time.Duration) { d.full.interval = t }

// ReadBackup decodes a backup as a restore does.
func ReadBackup(r io.Reader) (BackupInfo, [][]any, error) {
	var rows [][]any
	info, err := readBackup(r, backupReader{row: func(v []any) error { rows = append(rows, v); return nil }})
	return info, rows, err
}

// ReadLines is ReadBackup below the compression.
func ReadLines(r io.Reader) (BackupInfo, [][]any, error) {
	var rows [][]any
	info, err := readLines(r, backupReader{row: func(v []any) error { rows = append(rows, v); return nil }})
	return info, rows, err
}

// WriteBackup encodes rows of one table.
func WriteBackup(w io.Writer, owner, table string, columns []string, rows [][]any) (BackupInfo, error) {
	b, err := newBackupWriter(w, backupHeader{Format: backupFormat, Owner: owner, Engine: SQLite, At: 1})
	if err != nil {
		return BackupInfo{}, err
	}
	if err := b.table(table, columns); err != nil {
		return BackupInfo{}, err
	}
	for _, r := range rows {
		if err := b.row(r); err != nil {
			return BackupInfo{}, err
		}
	}
	return b.close()
}
