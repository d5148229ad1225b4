package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/fault"
)

var errMine = errors.New("mine")

// Many writers at once, of which some fail, panic or give up: each sees its
// own outcome only, and what is in the table is exactly what was confirmed.
func TestSharedCommits(t *testing.T) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Engine: db.SQLite, Path: filepath.Join(t.TempDir(), "shared.db")}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE shared_row (n BIGINT PRIMARY KEY)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var after, confirmed atomic.Int64
	for w := range 8 {
		wg.Go(func() {
			for i := range 60 {
				n := w*1000 + i
				err := shareOne(d, n)
				switch {
				case n%7 == 3 && !errors.Is(err, errMine), n%7 == 5 && fault.KindOf(err) != fault.Unavailable, n%7 == 6 && (err == nil || err.Error() != "panic"),
					n%7 < 3 && err != nil:
					t.Errorf("%d: %v", n, err)
				}
				if err == nil {
					confirmed.Add(1)
					err = d.Write(ctx, func(tx *db.Tx) error {
						tx.AfterCommit(func() { after.Add(1) })
						var found int64
						if _, err := tx.Row(ctx, "SELECT COUNT(*) FROM shared_row WHERE n = ?", []any{n}, &found); err != nil || found != 1 {
							return fmt.Errorf("%d of %d: %v", found, n, err)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	var rows, bad int64
	if err := d.Read(ctx, func(tx *db.Tx) error {
		if _, err := tx.Row(ctx, "SELECT COUNT(*) FROM shared_row", nil, &rows); err != nil {
			return err
		}
		_, err := tx.Row(ctx, "SELECT COUNT(*) FROM shared_row WHERE n % 7 IN (3, 5, 6)", nil, &bad)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if rows != confirmed.Load() || bad != 0 || after.Load() != rows {
		t.Errorf("%d rows, %d confirmed, %d that failed, %d after commit", rows, confirmed.Load(), bad, after.Load())
	}
}

// shareOne inserts n and then does what n stands for.
func shareOne(d *db.DB, n int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic")
		}
	}()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	return d.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO shared_row (n) VALUES (?)", n); err != nil {
			return err
		}
		switch n % 7 {
		case 3:
			return errMine
		case 5:
			stop()
		case 6:
			panic("mine")
		}
		return nil
	})
}

// A writer that gives up in line leaves the others to commit.
func TestGiveUpInLine(t *testing.T) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Engine: db.SQLite, Path: filepath.Join(t.TempDir(), "line.db")}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	begun, gone := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Write(ctx, func(*db.Tx) error { close(begun); <-gone; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-begun
	short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	wg.Go(func() {
		if err := d.Write(ctx, func(*db.Tx) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	if err := d.Write(short, func(*db.Tx) error { return nil }); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	close(gone)
	wg.Wait()
}
