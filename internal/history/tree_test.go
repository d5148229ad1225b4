package history

import (
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

func TestProofs(t *testing.T) {
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), Schema)
	const n = 70
	appendN(t, d, 0, n)
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		ctx := t.Context()
		roots := make([]Checkpoint, n+1)
		for size := int64(1); size <= n; size++ {
			root, err := Root(ctx, tx, size)
			if err != nil {
				return err
			}
			roots[size] = Checkpoint{Member: "KH", Epoch: 1, Size: size, Root: root}
		}
		for size := int64(1); size <= n; size += 3 {
			for i := int64(0); i < size; i++ {
				proof, err := InclusionProof(ctx, tx, i, size)
				if err != nil {
					return err
				}
				e, err := At(ctx, tx, i)
				if err != nil {
					return err
				}
				if err := CheckInclusion(proof, roots[size], e); err != nil {
					t.Errorf("entry %d in %d: %v", i, size, err)
				}
				e.Actor = "nobody"
				if CheckInclusion(proof, roots[size], e) == nil {
					t.Errorf("changed entry %d in %d accepted", i, size)
				}
				old, err := ConsistencyProof(ctx, tx, i+1, size)
				if err != nil {
					return err
				}
				if err := CheckConsistency(old, roots[i+1], roots[size]); err != nil {
					t.Errorf("%d to %d: %v", i+1, size, err)
				}
				wrong := roots[i+1]
				wrong.Root[5]++
				if CheckConsistency(old, wrong, roots[size]) == nil {
					t.Errorf("%d to %d: another root accepted", i+1, size)
				}
			}
		}
		for _, bad := range [][2]int64{{-1, 5}, {5, 5}, {0, n + 1}} {
			if _, err := InclusionProof(ctx, tx, bad[0], bad[1]); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v: %v", bad, err)
			}
		}
		if _, err := ConsistencyProof(ctx, tx, 0, 5); !fault.Is(err, fault.NotFound) {
			t.Errorf("from nothing: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
