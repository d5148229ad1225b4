package surveillance

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/id"
	"lintas/internal/place"
)

// The benchmarks of a node that holds everything: 2,500 places, 50 diseases,
// 520 weeks.
//
//	go test -run '^$' -bench 'Store' -benchtime 1x ./internal/desk/health/surveillance
var benchPlaces = 2500

const benchDiseases, benchWeeks = 50, 520

// noisy is weekly counts with a season, some weeks not reported.
func noisy(r *rand.Rand, from int32, n int) []packed.Cell {
	mean := math.Pow(10, r.Float64()*3.5-1)
	cells := make([]packed.Cell, 0, n)
	for i := range n {
		if r.IntN(50) > 0 {
			x := mean*(1+.6*math.Sin(float64(i)/8.3)) + r.NormFloat64()*math.Sqrt(mean)
			cells = append(cells, packed.Cell{Period: from + int32(i), Value: int32(max(0, x))})
		}
	}
	return cells
}

func filled(b *testing.B, e db.Engine, places int) (*Desk, Dataset, []Key) {
	b.Helper()
	d, now := newDesk(b, dbtest.Open(b, dbtest.Options(b, e), schemas...))
	s := describe(b, d, "All of it", sunday)
	var keys []Key
	r := rand.New(rand.NewPCG(11, 12))
	begun := time.Now()
	// Ten diseases at once, so that the batch does not need the memory of all.
	for from := 0; from < benchDiseases; from += 10 {
		batch := Batch{}
		for dis := from; dis < from+10; dis++ {
			for p := range places {
				k := Key{Disease: fmt.Sprintf("disease_%02d", dis), Place: fmt.Sprintf("KH-%d-%04d", p%25+1, p), Class: All}
				batch[k] = noisy(r, 2400, benchWeeks)
				keys = append(keys, k)
			}
		}
		if err := d.revise(b.Context(), &revision{Import: id.ID(fmt.Sprint("import", from)), Dataset: s.Number, KnownAt: now.Now(), Cells: batch}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%s: %d series x %d weeks stored in %.1f s", e, len(keys), benchWeeks, time.Since(begun).Seconds())
	return d, s, keys
}

func BenchmarkStore(b *testing.B) {
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) {
			d, s, keys := filled(b, e, benchPlaces)
			for _, workers := range []int{1, 2, 4} {
				b.Run(fmt.Sprintf("scan/workers=%d", workers), func(b *testing.B) { benchScan(b, d, s, keys, workers) })
			}
			b.Run("random", func(b *testing.B) { benchRandom(b, d, s, keys) })
			b.Run("disease", func(b *testing.B) { benchDisease(b, d, s) })
			b.Run("append", func(b *testing.B) { benchAppend(b, d, s, keys) })
			b.Run("asof", func(b *testing.B) { benchAsOf(b, d, s) })
		})
	}
}

func benchScan(b *testing.B, d *Desk, s Dataset, keys []Key, workers int) {
	for b.Loop() {
		bufs, sums := make([][]float64, workers), make([]float64, workers)
		var n, bytes atomic.Int64
		_, err := d.ScanAll(b.Context(), Scan{Dataset: s.Number, Workers: workers}, nil, func(w int, r *Row) error {
			_, v, err := r.Floats(bufs[w])
			bufs[w] = v
			for _, x := range v {
				if x == x {
					sums[w] += x
				}
			}
			n.Add(1)
			bytes.Add(int64(len(r.data)))
			return err
		})
		if err != nil || int(n.Load()) != len(keys) {
			b.Fatal(n.Load(), err)
		}
		b.ReportMetric(float64(bytes.Load())/float64(n.Load()), "bytes/series")
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/scan")
	b.ReportMetric(float64(len(keys))*benchWeeks*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func benchRandom(b *testing.B, d *Desk, s Dataset, keys []Key) {
	r := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		err := d.env.DB.Read(b.Context(), func(tx *db.Tx) error {
			for range 1000 {
				k := keys[r.IntN(len(keys))]
				if _, _, err := ReadSeries(b.Context(), tx, s.Number, 0, k.Disease, k.Place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/series")
}

func benchDisease(b *testing.B, d *Desk, s Dataset) {
	for b.Loop() {
		sum, _, err := d.SumOver(b.Context(), Scan{Dataset: s.Number, Disease: "disease_07", Workers: 2}, func(Key) bool { return true })
		if err != nil || sum.Places != benchPlaces {
			b.Fatal(sum.Places, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/sum")
}

var benchWeek = int32(2400 + benchWeeks)

// benchAppend adds one week to every series and corrects the week before in
// one of ten.
func benchAppend(b *testing.B, d *Desk, s Dataset, keys []Key) {
	r := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		batch := make(Batch, len(keys))
		for _, k := range keys {
			cells := []packed.Cell{{Period: benchWeek, Value: int32(r.IntN(20))}}
			if r.IntN(10) == 0 {
				cells = append([]packed.Cell{{Period: benchWeek - 1, Value: 77}}, cells...)
			}
			batch[k] = cells
		}
		benchWeek++
		begun := time.Now()
		rev := &revision{Import: id.ID(fmt.Sprint("week", benchWeek)), Dataset: s.Number, KnownAt: d.env.Clock.Now(), Cells: batch}
		if err := d.stage(b.Context(), rev); err != nil {
			b.Fatal(err)
		}
		staged := time.Since(begun)
		err := d.env.DB.Write(b.Context(), func(tx *db.Tx) error {
			_, err := d.publish(b.Context(), tx, rev)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(staged.Seconds(), "s/stage")
		b.ReportMetric((time.Since(begun) - staged).Seconds(), "s/switch")
	}
}

// benchAsOf reads everything as it was known one revision ago.
func benchAsOf(b *testing.B, d *Desk, s Dataset) {
	var rev int64
	err := d.env.DB.Read(b.Context(), func(tx *db.Tx) error {
		f, err := loadFront(b.Context(), tx, s.Number)
		rev = f.Rev - 1
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := d.ScanAll(b.Context(), Scan{Dataset: s.Number, Rev: rev, Workers: 2}, nil, func(_ int, r *Row) error {
			_, _, err := r.Counts(nil)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/scan")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}

// BenchmarkRead turns 100,000 rows of a CSV file into counts.
func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	fmt.Fprintln(&file, "Country,Province,Period,Disease,Cases")
	cal, n := sunday, 0
	for _, u := range place.Units("TH", true) {
		for p := int32(2400); p < 2400+1300 && n < 100_000; p++ {
			fmt.Fprintf(&file, "THA,%s,%s,dengue,%d\n", u.Name, cal.Label(p), n%97)
			n++
		}
	}
	m := place.NewMatcher(nil, nil)
	for b.Loop() {
		t, _, err := openTable(bytes.NewReader(file.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		s := Dataset{Measure: Cases, Calendar: cal}
		r := newReading(s, Guess(t.Head(), s), m)
		if err := r.run(t); err != nil || r.res.Ready != n {
			b.Fatal(err, r.res)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
