package surveillance

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// How counts become visible. An import first writes the whole new form of every
// series that it touches into surveillance_stage, in small transactions that
// hold up nobody. Then one transaction copies them over, with what they
// replaced, and moves the dataset's revision on. Before it nothing can be
// seen, after it everything; a node that stops between begins the stage anew.

// Batch is the cells of one revision, by series, ascending in time.
type Batch map[Key][]packed.Cell

// revision is a batch on its way into a dataset.
type revision struct {
	Import  id.ID
	Dataset int64
	KnownAt time.Time
	Cells   Batch
	// OnlyGaps leaves cells alone that hold a count: what came later knew better.
	OnlyGaps bool
	// Progress hears how many series are staged.
	Progress func(done, total int) error

	front Front
	next  int64 // identifier of the next new series
	made  int64
	cells int64
	lo    int32
	hi    int32
	rows  []staged
	done  int
}

type staged struct {
	id      int64
	key     Key
	data    []byte
	was     []byte
	revised bool
}

const stageRows = 100 // of one INSERT

// claim reserves the dataset for this import and clears what an earlier try
// left behind.
func (d *Desk) claim(ctx context.Context, r *revision) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE surveillance_front SET busy = ? WHERE dataset = ? AND busy IN ('', ?)`, string(r.Import), r.Dataset, string(r.Import))
		if err != nil {
			return err
		}
		if n != 1 {
			return fault.New(fault.Conflict, "fault.surveillance.busy")
		}
		if r.front, err = loadFront(ctx, tx, r.Dataset); err != nil {
			return err
		}
		if r.KnownAt.Before(r.front.KnownAt) {
			return fault.New(fault.Conflict, "fault.surveillance.known_order").With("date", r.front.KnownAt.Format(time.DateOnly))
		}
		lo := r.Dataset << 32
		if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(id), ?) + 1 FROM surveillance_series WHERE id >= ? AND id < ?`, []any{lo, lo, lo + 1<<32}, &r.next); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM surveillance_stage WHERE import = ?`, string(r.Import))
		return err
	})
}

// release frees the dataset of an import that did not become visible.
func (d *Desk) release(ctx context.Context, tx *db.Tx, imp id.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE surveillance_front SET busy = '' WHERE busy = ?`, string(imp)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM surveillance_stage WHERE import = ?`, string(imp))
	return err
}

// stage writes the new form of every series that the batch touches.
func (d *Desk) stage(ctx context.Context, r *revision) error {
	if err := d.claim(ctx, r); err != nil {
		return err
	}
	r.lo, r.hi = r.front.First, r.front.Last
	if r.front.Empty() {
		r.lo, r.hi = math.MaxInt32, math.MinInt32
	}
	left := make(map[Key]bool, len(r.Cells))
	for k := range r.Cells {
		left[k] = true
	}
	var buf []int32
	err := d.existing(ctx, r, func(row *Row) error {
		cells, ok := r.Cells[row.Key]
		if !ok {
			return nil
		}
		delete(left, row.Key)
		first, values, err := packed.Counts(row.data, buf)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", fmt.Errorf("series %d: %w", row.ID, err))
		}
		buf = values
		return d.add(ctx, r, row.ID, row.Key, first, values, cells)
	})
	if err != nil {
		return err
	}
	fresh := make([]Key, 0, len(left))
	for k := range left {
		fresh = append(fresh, k)
	}
	slices.SortFunc(fresh, compareKeys)
	for _, k := range fresh {
		if err := d.add(ctx, r, r.next, k, 0, nil, r.Cells[k]); err != nil {
			return err
		}
		r.next++
		r.made++
	}
	return d.flush(ctx, r)
}

// few is up to how many series are looked up one by one; beyond it, reading
// the whole dataset in its order is faster.
const few = 2000

// existing gives the stored series that the batch may touch.
func (d *Desk) existing(ctx context.Context, r *revision, f func(*Row) error) error {
	if r.front.Empty() {
		return nil
	}
	s := Scan{Dataset: r.Dataset}
	if len(r.Cells) > few {
		return d.env.DB.Read(ctx, func(tx *db.Tx) error {
			return scanRange(ctx, tx, s, r.Dataset<<32, (r.Dataset+1)<<32, math.MaxInt32, nil, f)
		})
	}
	return d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for k := range r.Cells {
			row := Row{Key: k}
			ok, err := tx.Row(ctx, `SELECT id, data FROM surveillance_series WHERE dataset = ? AND disease = ? AND place = ? AND class = ? AND stratum = ?`,
				[]any{r.Dataset, k.Disease, k.Place, string(k.Class), k.Stratum}, &row.ID, &row.data)
			if err == nil && ok {
				err = f(&row)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// add stages one series, unless nothing about it changed.
func (d *Desk) add(ctx context.Context, r *revision, sid int64, k Key, first int32, values []int32, cells []packed.Cell) error {
	if r.OnlyGaps {
		s := Series{First: first, Values: values}
		cells = slices.DeleteFunc(slices.Clone(cells), func(c packed.Cell) bool { return s.At(c.Period) != packed.Missing })
	}
	first, values, was := packed.Set(first, values, cells)
	if len(was) == 0 {
		return nil
	}
	r.cells += int64(len(was))
	r.lo, r.hi = min(r.lo, cells[0].Period), max(r.hi, cells[len(cells)-1].Period)
	// Beyond the front nothing was known, so nothing need be kept of it.
	kept := was[:0]
	for _, c := range was {
		if !r.front.Empty() && c.Period <= r.front.Last {
			kept = append(kept, c)
		}
	}
	s := staged{id: sid, key: k, data: packed.Append(nil, first, values), was: []byte{}, revised: len(kept) > 0}
	if s.revised {
		s.was = packed.AppendCells(nil, kept)
	}
	r.rows = append(r.rows, s)
	if len(r.rows) < 10*stageRows {
		return nil
	}
	return d.flush(ctx, r)
}

func (d *Desk) flush(ctx context.Context, r *revision) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		for rows := range slices.Chunk(r.rows, stageRows) {
			args := make([]any, 0, 10*len(rows))
			for _, s := range rows {
				revised := 0
				if s.revised {
					revised = 1
				}
				args = append(args, string(r.Import), s.id, r.Dataset, s.key.Disease, s.key.Place, string(s.key.Class), s.key.Stratum, s.data, revised, s.was)
			}
			if _, err := tx.Exec(ctx, stageInsert(len(rows)), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.done += len(r.rows)
	r.rows = r.rows[:0]
	if r.Progress != nil {
		return r.Progress(r.done, len(r.Cells))
	}
	return nil
}

func stageInsert(n int) string {
	const one = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	return `INSERT INTO surveillance_stage (import, series, dataset, disease, place, class, stratum, data, revised, was) VALUES ` +
		one + strings.Repeat(", "+one, n-1)
}

// publish makes the staged series visible and returns the new revision. A
// batch that changed nothing makes none.
func (d *Desk) publish(ctx context.Context, tx *db.Tx, r *revision) (int64, error) {
	front, err := loadFront(ctx, tx, r.Dataset)
	if err != nil {
		return 0, err
	}
	if front.busy != string(r.Import) || front.Rev != r.front.Rev {
		return 0, fault.New(fault.Conflict, "fault.surveillance.busy")
	}
	if r.cells == 0 {
		return front.Rev, d.release(ctx, tx, r.Import)
	}
	rev := front.Rev + 1
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO surveillance_series (id, dataset, disease, place, class, stratum, data)
			SELECT series, dataset, disease, place, class, stratum, data FROM surveillance_stage WHERE import = ?
			ON CONFLICT (id) DO UPDATE SET data = excluded.data`, []any{string(r.Import)}},
		{`INSERT INTO surveillance_change (dataset, rev, series, was)
			SELECT dataset, ? + 0, series, was FROM surveillance_stage WHERE import = ? AND revised = 1`, []any{rev, string(r.Import)}},
		{`INSERT INTO surveillance_revision (dataset, rev, import, at, known_at, front, cells) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			[]any{r.Dataset, rev, string(r.Import), clock.Micros(d.env.Clock.Now()), clock.Micros(r.KnownAt), r.hi, r.cells}},
		{`UPDATE surveillance_front SET rev = ?, known_at = ?, first = ?, front = ?, series = series + ?, busy = '' WHERE dataset = ?`,
			[]any{rev, clock.Micros(r.KnownAt), r.lo, r.hi, r.made, r.Dataset}},
		{`DELETE FROM surveillance_stage WHERE import = ?`, []any{string(r.Import)}},
	} {
		if _, err := tx.Exec(ctx, step.query, step.args...); err != nil {
			return 0, err
		}
	}
	return rev, nil
}

// revise stages a batch and makes it visible, with then in the same
// transaction. A failure leaves the dataset as it was.
func (d *Desk) revise(ctx context.Context, r *revision, then func(tx *db.Tx, rev int64) error) error {
	err := d.stage(ctx, r)
	if err == nil {
		err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
			rev, err := d.publish(ctx, tx, r)
			if err != nil || then == nil {
				return err
			}
			return then(tx, rev)
		})
	}
	if err == nil {
		return nil
	}
	clean := d.env.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return d.release(ctx, tx, r.Import) })
	return errors.Join(err, clean)
}
