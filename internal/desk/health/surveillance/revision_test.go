package surveillance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
	"lintas/internal/id"
)

type world map[Key]map[int32]int32

func (w world) clone() world {
	out := world{}
	for k, v := range w {
		out[k] = maps.Clone(v)
	}
	return out
}

// TestWhatWasKnownWhen: for a random sequence of imports, appends, corrections
// and late arrivals, the value known at every revision is what replaying the
// imports up to it gives; read by scan, by key and on both engines.
func TestWhatWasKnownWhen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		s := describe(t, d, "Sample", sunday)
		r := rand.New(rand.NewPCG(9, 10))
		states := []world{{}}
		truth := world{}
		for n := range 14 {
			batch := randomBatch(r, int32(2800+4*n))
			for k, cells := range batch {
				if truth[k] == nil {
					truth[k] = map[int32]int32{}
				}
				for _, c := range cells {
					truth[k][c.Period] = c.Value
				}
			}
			err := d.revise(t.Context(), &revision{Import: id.ID(fmt.Sprint(n)), Dataset: s.Number, KnownAt: now.Now(), Cells: batch}, nil)
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, truth.clone())
			now.Advance(24 * time.Hour)
		}
		for rev := 1; rev < len(states); rev++ {
			checkState(t, d, s, int64(rev), states[rev])
		}
		checkState(t, d, s, 0, truth)
		revs := revisionsOf(t, d, s)
		for i, at := range []time.Time{now.Now(), revs[3].KnownAt.Add(time.Hour), revs[len(revs)-1].KnownAt.Add(-time.Hour)} {
			if got, want := KnownOn(revs, at), []int64{14, revs[3].Rev, 0}[i]; got != want {
				t.Errorf("known on %s: revision %d, want %d", at, got, want)
			}
		}
		err := d.revise(t.Context(), &revision{Import: "old", Dataset: s.Number, KnownAt: revs[5].KnownAt, Cells: randomBatch(r, 2800)}, nil)
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("an import that was known before the last one: %v", err)
		}
	}, schemas...)
}

// randomBatch touches a few of 12 series, mostly near the newest period.
func randomBatch(r *rand.Rand, newest int32) Batch {
	b := Batch{}
	for range 1 + r.IntN(8) {
		k := Key{Disease: []string{"dengue", "cholera"}[r.IntN(2)], Place: []string{"KH-1", "KH-2", "KH-17"}[r.IntN(3)], Class: []Class{All, ConfirmedCases}[r.IntN(2)]}
		set := map[int32]int32{}
		for range 1 + r.IntN(10) {
			p := newest - int32(r.IntN(12))
			if r.IntN(6) == 0 {
				p -= int32(r.IntN(80))
			}
			set[p] = int32(r.IntN(40))
		}
		b[k] = nil
		for _, p := range slices.Sorted(maps.Keys(set)) {
			b[k] = append(b[k], packed.Cell{Period: p, Value: set[p]})
		}
	}
	return b
}

func checkState(t *testing.T, d *Desk, s Dataset, rev int64, want world) {
	t.Helper()
	var mu sync.Mutex
	got := world{}
	_, err := d.ScanAll(t.Context(), Scan{Dataset: s.Number, Rev: rev, Workers: 3}, nil, func(_ int, r *Row) error {
		first, v, err := r.Counts(nil)
		m := map[int32]int32{}
		for i, x := range v {
			if x != packed.Missing {
				m[first+int32(i)] = x
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if len(m) > 0 {
			got[r.Key] = m
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("revision %d: %d series, want %d", rev, len(got), len(want))
	}
	for k, w := range want {
		if !maps.Equal(got[k], w) {
			t.Fatalf("revision %d, %v:\n got %v\nwant %v", rev, k, got[k], w)
		}
		found := false
		for _, x := range seriesOf(t, d, s, rev, k.Disease, k.Place) {
			if x.Key == k {
				found = x.Reported() == len(w)
			}
		}
		if !found {
			t.Fatalf("revision %d, %v: by key it is another", rev, k)
		}
	}
}

func revisionsOf(t *testing.T, d *Desk, s Dataset) []Revision {
	t.Helper()
	var out []Revision
	err := d.env.DB.Read(t.Context(), func(tx *db.Tx) error {
		var err error
		out, err = Revisions(t.Context(), tx, s.Number)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
