package history

import (
	"context"
	"fmt"
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
)

func benchEach(b *testing.B, f func(b *testing.B, d *db.DB)) {
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) { f(b, dbtest.Open(b, dbtest.Options(b, e), Schema)) })
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 256} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			benchEach(b, func(b *testing.B, d *db.DB) {
				n := 0
				for b.Loop() {
					appendN(b, d, n, batch)
					n += batch
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/entry")
			})
		})
	}
}

const benchSize = 20000

func fill(b *testing.B, d *db.DB) {
	b.Helper()
	for n := 0; n < benchSize; n += 1000 {
		appendN(b, d, n, 1000)
	}
	signNow(b, d, day, "TH", "SG")
}

func BenchmarkInclusionProof(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		fill(b, d)
		b.ResetTimer()
		err := d.Read(b.Context(), func(tx *db.Tx) error {
			for i := int64(0); b.Loop(); i++ {
				if _, err := InclusionProof(b.Context(), tx, i*7919%benchSize, benchSize); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkConsistencyProof(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		fill(b, d)
		b.ResetTimer()
		err := d.Read(b.Context(), func(tx *db.Tx) error {
			for i := int64(0); b.Loop(); i++ {
				if _, err := ConsistencyProof(b.Context(), tx, 1+i*7919%benchSize, benchSize); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB) {
		fill(b, d)
		keys := allKeys(b)
		b.ResetTimer()
		for b.Loop() {
			r, err := Verify(b.Context(), d, keys, nil)
			if err != nil || !r.OK() {
				b.Fatal(r, err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchSize, "ns/entry")
	})
}

func BenchmarkOpenCountersigned(b *testing.B) {
	d := dbtest.Open(b, dbtest.Options(b, db.SQLite), Schema)
	appendN(b, d, 0, 10)
	signNow(b, d, day, "TH", "SG", "VN")
	var s Signed
	write(b, d, func(ctx context.Context, tx *db.Tx) error {
		var err error
		s, err = Last(ctx, tx)
		return err
	})
	keys := allKeys(b)
	for b.Loop() {
		if o, err := Open(s.Full(), keys); err != nil || len(o.By) != 3 {
			b.Fatal(o, err)
		}
	}
}
