package surveillance

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lintas/internal/db/dbtest"
)

// BenchmarkScanStore scans the whole store end to end: every series is read,
// decoded and judged for the current week by the default method, false
// discoveries are controlled, alarms and the record of the scan are stored.
// 125,000 series of 520 weeks; Farrington Flexible with 5 years, 10 seasons,
// trend and reweighting; two cores.
//
//	go test -run '^$' -bench ScanStore -benchtime 3x ./internal/desk/health/surveillance
//
// SCAN_PLACES takes another number of places than 2,500.
func BenchmarkScanStore(b *testing.B) {
	places := benchPlaces
	if n, err := strconv.Atoi(os.Getenv("SCAN_PLACES")); err == nil {
		places = n
	}
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) {
			d, s, keys := filled(b, e, places)
			b.Run("all", func(b *testing.B) { benchScanAll(b, d, s, len(keys)) })
			b.Run("read", func(b *testing.B) { benchScanParts(b, d, s, true, false) })
			b.Run("decode", func(b *testing.B) { benchScanParts(b, d, s, false, false) })
			b.Run("fit", func(b *testing.B) { benchScanParts(b, d, s, false, true) })
		})
	}
}

func cpuSeconds() float64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

func benchScanAll(b *testing.B, d *Desk, s Dataset, n int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	begun := cpuSeconds()
	for b.Loop() {
		r, err := d.StartScan(b.Context(), epi, s.ID, "")
		if err != nil {
			b.Fatal(err)
		}
		r, ok, err := d.takeQueued(b.Context())
		if err != nil || !ok {
			b.Fatal(err)
		}
		d.scanOne(b.Context(), r)
		v, err := d.ScanPage(b.Context(), epi, r.ID)
		if err != nil || v.State != Done || v.Series != n || v.Judged < n*9/10 {
			b.Fatalf("%v %+v %+v", err, v.ScanCounts, v.Failure)
		}
		b.ReportMetric(float64(v.Above), "above")
		b.ReportMetric(float64(v.Alarms), "alarms")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/scan")
	b.ReportMetric((cpuSeconds()-begun)/float64(b.N), "cpu-s/scan")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}

// benchScanParts reads only, reads and decodes, or also judges, so that what
// the whole spends is known part by part.
func benchScanParts(b *testing.B, d *Desk, s Dataset, readOnly, fit bool) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	r := ScanRun{Dataset: s.Number, Set: s.ID}
	p, err := d.prepare(b.Context(), &r)
	if err != nil {
		b.Fatal(err)
	}
	begun := cpuSeconds()
	var spent atomic.Int64
	for b.Loop() {
		work, bufs := make([]judging, scanWorkers), make([][]float64, scanWorkers)
		_, err := d.ScanAll(context.Background(), Scan{Dataset: s.Number, Workers: scanWorkers}, nil, func(w int, row *Row) error {
			if readOnly {
				return nil
			}
			first, v, err := row.Floats(bufs[w])
			bufs[w] = v
			if fit {
				at := time.Now()
				p.judges[""].point(&work[w], first, v)
				spent.Add(int64(time.Since(at)))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/scan")
	b.ReportMetric((cpuSeconds()-begun)/float64(b.N), "cpu-s/scan")
	if fit {
		b.ReportMetric(time.Duration(spent.Load()).Seconds()/float64(b.N)/scanWorkers, "s-fit/scan")
	}
}
