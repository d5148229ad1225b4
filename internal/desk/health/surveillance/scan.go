package surveillance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// Scan says what is read.
type Scan struct {
	Dataset int64 // number of the dataset
	// Rev reads what was known at that revision; 0 is the newest.
	Rev int64
	// Disease limits the scan to one; empty: all.
	Disease string
	// Workers read at once; 0 is one for each processor.
	Workers int
}

// State is what a scan was made of: with it the same figures can be read again.
type State struct {
	Dataset int64
	Rev     int64
	First   int32
	Last    int32
	KnownAt time.Time
}

// errMoved says that an import became visible between two readers of a scan.
var errMoved = errors.New("surveillance: another revision while reading")

// ScanAll gives every series of a dataset to f, in no order, from several
// goroutines at once; worker tells them apart, from 0. All see one revision.
// When an import becomes visible meanwhile, begin is called again and the scan
// starts anew, so that what f kept must be forgotten in begin.
func (d *Desk) ScanAll(ctx context.Context, s Scan, begin func(State, int) error, f func(worker int, r *Row) error) (State, error) {
	if s.Workers <= 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	for range 5 {
		st, err := d.scanOnce(ctx, s, begin, f)
		if !errors.Is(err, errMoved) {
			return st, err
		}
	}
	return State{}, fault.Wrap(fault.Unavailable, "fault.surveillance.moving", errMoved)
}

func (d *Desk) scanOnce(ctx context.Context, s Scan, begin func(State, int) error, f func(int, *Row) error) (State, error) {
	var st State
	var newest, most int64
	var undo map[int64][][]byte
	lo, hi := s.Dataset<<32, (s.Dataset+1)<<32
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		front, err := loadFront(ctx, tx, s.Dataset)
		if err != nil {
			return err
		}
		newest = front.Rev
		if st, err = stateAt(ctx, tx, s, front); err != nil {
			return err
		}
		if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(id), 0) FROM surveillance_series WHERE id >= ? AND id < ?`, []any{lo, hi}, &most); err != nil {
			return err
		}
		undo, err = loadUndo(ctx, tx, s.Dataset, st.Rev, newest)
		return err
	})
	if err != nil {
		return st, err
	}
	if begin != nil {
		if err := begin(st, s.Workers); err != nil {
			return st, err
		}
	}
	if most == 0 || st.Rev == 0 {
		return st, nil
	}
	g, ctx := errgroup.WithContext(ctx)
	each := (most-lo)/int64(s.Workers) + 1
	for w := range s.Workers {
		from := lo + int64(w)*each
		to := min(from+each, most+1)
		if from >= to {
			continue
		}
		g.Go(func() error {
			return d.env.DB.Read(ctx, func(tx *db.Tx) error {
				front, err := loadFront(ctx, tx, s.Dataset) // begins the snapshot
				if err == nil && front.Rev != newest {
					err = errMoved
				}
				if err != nil {
					return err
				}
				return scanRange(ctx, tx, s, from, to, st.Last, undo, func(r *Row) error { return f(w, r) })
			})
		})
	}
	return st, g.Wait()
}

func stateAt(ctx context.Context, tx *db.Tx, s Scan, front Front) (State, error) {
	st := State{Dataset: s.Dataset, Rev: front.Rev, First: front.First, Last: front.Last, KnownAt: front.KnownAt}
	if s.Rev == 0 || s.Rev == front.Rev {
		return st, nil
	}
	var last, known int64
	ok, err := tx.Row(ctx, `SELECT front, known_at FROM surveillance_revision WHERE dataset = ? AND rev = ?`, []any{s.Dataset, s.Rev}, &last, &known)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fault.surveillance.revision").With("rev", s.Rev)
	}
	st.Rev, st.Last, st.KnownAt = s.Rev, int32(last), clock.FromMicros(known)
	return st, err
}

// loadUndo is what the revisions after rev replaced, by series, newest first.
func loadUndo(ctx context.Context, tx *db.Tx, dataset, rev, newest int64) (map[int64][][]byte, error) {
	if rev == newest {
		return nil, nil
	}
	out := map[int64][][]byte{}
	err := tx.Each(ctx, `SELECT series, was FROM surveillance_change WHERE dataset = ? AND rev > ? ORDER BY rev DESC`, []any{dataset, rev},
		func(scan func(...any) error) error {
			var series int64
			var was []byte
			if err := scan(&series, &was); err != nil {
				return err
			}
			out[series] = append(out[series], was)
			return nil
		})
	return out, err
}

func scanRange(ctx context.Context, tx *db.Tx, s Scan, from, to int64, last int32, undo map[int64][][]byte, f func(*Row) error) error {
	query, args := `SELECT id, disease, place, class, stratum, data FROM surveillance_series WHERE id >= ? AND id < ? ORDER BY id`, []any{from, to}
	if s.Disease != "" {
		query = `SELECT id, disease, place, class, stratum, data FROM surveillance_series WHERE dataset = ? AND disease = ? AND id >= ? AND id < ?`
		args = []any{s.Dataset, s.Disease, from, to}
	}
	var r Row
	var disease, pl, class, stratum, data sql.RawBytes
	words := map[string]string{}
	word := func(b []byte) string {
		w, ok := words[string(b)]
		if !ok {
			w = string(b)
			words[w] = w
		}
		return w
	}
	return tx.Each(ctx, query, args, func(scan func(...any) error) error {
		if err := scan(&r.ID, &disease, &pl, &class, &stratum, &data); err != nil {
			return err
		}
		r.Disease, r.Place, r.Class, r.Stratum, r.data = word(disease), word(pl), Class(word(class)), word(stratum), data
		r.undo, r.last = undo[r.ID], last
		return f(&r)
	})
}

// ReadSeries are the series of one place and disease, of every class and
// stratum, as they were known at a revision; 0 is the newest.
func ReadSeries(ctx context.Context, tx *db.Tx, dataset, rev int64, disease, placeCode string) ([]Series, State, error) {
	front, err := loadFront(ctx, tx, dataset)
	if err != nil {
		return nil, State{}, err
	}
	s := Scan{Dataset: dataset, Rev: rev}
	st, err := stateAt(ctx, tx, s, front)
	if err != nil || st.Rev == 0 {
		return nil, st, err
	}
	var rows []Row
	err = tx.Each(ctx, `SELECT id, class, stratum, data FROM surveillance_series WHERE dataset = ? AND disease = ? AND place = ? ORDER BY class, stratum`,
		[]any{dataset, disease, placeCode}, func(scan func(...any) error) error {
			r := Row{Key: Key{Disease: disease, Place: placeCode}, last: st.Last}
			if err := scan(&r.ID, (*string)(&r.Class), &r.Stratum, &r.data); err != nil {
				return err
			}
			rows = append(rows, r)
			return nil
		})
	if err != nil {
		return nil, st, err
	}
	var out []Series
	for i := range rows {
		r := &rows[i]
		if st.Rev != front.Rev {
			if r.undo, err = undoOf(ctx, tx, r.ID, st.Rev); err != nil {
				return nil, st, err
			}
		}
		x := Series{Key: r.Key}
		if x.First, x.Values, err = r.Counts(nil); err != nil {
			return nil, st, fault.Wrap(fault.Internal, "fault.internal", fmt.Errorf("series %d: %w", r.ID, err))
		}
		out = append(out, x)
	}
	return out, st, nil
}

func undoOf(ctx context.Context, tx *db.Tx, series, rev int64) ([][]byte, error) {
	var out [][]byte
	err := tx.Each(ctx, `SELECT was FROM surveillance_change WHERE series = ? AND rev > ? ORDER BY rev DESC`, []any{series, rev},
		func(scan func(...any) error) error {
			var was []byte
			err := scan(&was)
			out = append(out, was)
			return err
		})
	return out, err
}

// Sum adds up the series of several places, with how many of them reported in
// each period: a total of fewer places than before is no decline.
type Sum struct {
	First    int32
	Values   []int64
	Reported []int
	Places   int
}

// SumOver adds the series that want accepts, one for each place after
// AsReported. It reads like a scan of one disease.
func (d *Desk) SumOver(ctx context.Context, s Scan, want func(Key) bool) (Sum, State, error) {
	var mu sync.Mutex
	byPlace := map[string][]Series{}
	st, err := d.ScanAll(ctx, s, func(State, int) error { clear(byPlace); return nil }, func(_ int, r *Row) error {
		if r.Stratum != "" || !want(r.Key) {
			return nil
		}
		x := Series{Key: r.Key}
		var err error
		if x.First, x.Values, err = r.Counts(nil); err != nil {
			return err
		}
		mu.Lock()
		byPlace[r.Place] = append(byPlace[r.Place], x)
		mu.Unlock()
		return nil
	})
	if err != nil {
		return Sum{}, st, err
	}
	out := Sum{First: st.First, Places: len(byPlace)}
	if n := int(st.Last-st.First) + 1; n > 0 && len(byPlace) > 0 {
		out.Values, out.Reported = make([]int64, n), make([]int, n)
	}
	for _, all := range byPlace {
		one, _ := AsReported(all)
		for i, v := range one.Values {
			if at := int(one.First-st.First) + i; v >= 0 && at >= 0 && at < len(out.Values) {
				out.Values[at] += int64(v)
				out.Reported[at]++
			}
		}
	}
	return out, st, nil
}

// Revision is one applied import of a dataset.
type Revision struct {
	Rev     int64
	Import  string
	At      time.Time
	KnownAt time.Time
	Last    int32
	Cells   int64
}

// Revisions of a dataset, the newest first.
func Revisions(ctx context.Context, tx *db.Tx, dataset int64) ([]Revision, error) {
	var out []Revision
	err := tx.Each(ctx, `SELECT rev, import, at, known_at, front, cells FROM surveillance_revision WHERE dataset = ? ORDER BY rev DESC`, []any{dataset},
		func(scan func(...any) error) error {
			var r Revision
			var at, known, last int64
			if err := scan(&r.Rev, &r.Import, &at, &known, &last, &r.Cells); err != nil {
				return err
			}
			r.At, r.KnownAt, r.Last = clock.FromMicros(at), clock.FromMicros(known), int32(last)
			out = append(out, r)
			return nil
		})
	return out, err
}

// KnownOn is the newest revision that was known at a time; 0: none was.
func KnownOn(revs []Revision, at time.Time) int64 {
	i := slices.IndexFunc(revs, func(r Revision) bool { return !r.KnownAt.After(at) })
	if i < 0 {
		return 0
	}
	return revs[i].Rev
}
