package db_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
)

// each runs a benchmark on both engines. The PostgreSQL of the tests runs
// without fsync: its figures say what the layer costs, not what a disk does.
func each(b *testing.B, f func(b *testing.B, ctx context.Context, d *db.DB)) {
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) {
			d := dbtest.Open(b, dbtest.Options(b, e), schema("boat", boats))
			ctx, cancel := context.WithCancel(b.Context()) // as a request has
			defer cancel()
			f(b, ctx, d)
		})
	}
}

func insertBoat(ctx context.Context, tx *db.Tx, i int) error {
	id := fmt.Sprintf("0190-%012d", i)
	_, err := tx.Exec(ctx, `INSERT INTO boat_boat (id, name, seats, length, papers) VALUES (?, ?, ?, ?, ?)`,
		id, "boat "+strconv.Itoa(i), i, 7.5, []byte(id))
	return err
}

// BenchmarkWriteRow is one durable transaction with one row.
func BenchmarkWriteRow(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, d *db.DB) {
		i := 0
		for b.Loop() {
			i++
			if err := d.Write(ctx, func(tx *db.Tx) error { return insertBoat(ctx, tx, i) }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "tx/s")
	})
}

// BenchmarkWriteBatch is 256 rows in one durable transaction.
func BenchmarkWriteBatch(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, d *db.DB) {
		i := 0
		for b.Loop() {
			err := d.Write(ctx, func(tx *db.Tx) error {
				for range 256 {
					i++
					if err := insertBoat(ctx, tx, i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "rows/s")
	})
}

const benchRows = 10_000

func fillBoats(b *testing.B, ctx context.Context, d *db.DB) {
	b.Helper()
	err := d.Write(ctx, func(tx *db.Tx) error {
		for i := range benchRows {
			if err := insertBoat(ctx, tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReadPoint is one row by key, each in its own transaction.
func BenchmarkReadPoint(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, d *db.DB) {
		fillBoats(b, ctx, d)
		i := 0
		for b.Loop() {
			i = (i + 7919) % benchRows
			var name string
			err := d.Read(ctx, func(tx *db.Tx) error {
				_, err := tx.Row(ctx, `SELECT name FROM boat_boat WHERE id = ?`, []any{fmt.Sprintf("0190-%012d", i)}, &name)
				return err
			})
			if err != nil || name == "" {
				b.Fatal(name, err)
			}
		}
	})
}

// BenchmarkReadPage is 50 rows from the middle of 10,000.
func BenchmarkReadPage(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, d *db.DB) {
		fillBoats(b, ctx, d)
		for b.Loop() {
			rows := 0
			err := d.Read(ctx, func(tx *db.Tx) error {
				return tx.Each(ctx, `SELECT id, name, seats, length, papers FROM boat_boat WHERE id > ? ORDER BY id LIMIT 50`, []any{"0190-000000005000"},
					func(scan func(...any) error) error {
						var id, name string
						var seats int64
						var length float64
						var papers []byte
						rows++
						return scan(&id, &name, &seats, &length, &papers)
					})
			})
			if err != nil || rows != 50 {
				b.Fatal(rows, err)
			}
		}
	})
}
