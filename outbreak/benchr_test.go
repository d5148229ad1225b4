package outbreak

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// sampleSize is how many series are also given to R, which needs about 10 ms for
// each.
const sampleSize = 200

// compatScan is the scan of the benchmarks in the mode that gives R's answers.
func compatScan() FarringtonOptions {
	o := FarringtonFlexible()
	o.Compat = R
	o.MinCases = 0 // so that every threshold is compared
	return o
}

// TestWriteSampleForR writes the sample, our answers and our times for
// scripts/bench-r.sh into the folder LINTAS_BENCH_R.
func TestWriteSampleForR(t *testing.T) {
	dir := os.Getenv("LINTAS_BENCH_R")
	if dir == "" {
		t.Skip("LINTAS_BENCH_R names no folder: run scripts/bench-r.sh")
	}
	set := scanSet(sampleSize)
	plan, err := PlanFarrington(Series{Counts: set[0]}, 519, compatScan())
	if err != nil {
		t.Fatal(err)
	}
	var work FarringtonWork
	writeLines(t, filepath.Join(dir, "series.csv"), len(set), func(w *bufio.Writer, i int) {
		for k, x := range set[i] {
			if k > 0 {
				w.WriteByte(',')
			}
			w.WriteString(strconv.FormatFloat(x, 'g', -1, 64))
		}
	})
	writeLines(t, filepath.Join(dir, "ours.csv"), len(set), func(w *bufio.Writer, i int) {
		p := plan.Point(&work, set[i], nil)
		fmt.Fprintf(w, "%.17g,%.17g,%.17g,%d", p.Threshold.Or(-1), p.Expected.Or(-1), p.Dispersion.Or(-1), map[bool]int{true: 1}[p.Alarm])
	})
	rounds := 200
	start := cpuTime()
	for range rounds {
		for _, s := range set {
			plan.Point(&work, s, nil)
		}
	}
	farrington := float64(cpuTime()-start) / float64(rounds*len(set))
	start = cpuTime()
	for range rounds {
		for _, s := range set {
			if _, err := EARS(Series{Counts: s}, 468, 520, DefaultEARS(C1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	ears := float64(cpuTime()-start) / float64(rounds*len(set))
	start = cpuTime()
	for range rounds {
		for _, s := range set {
			if _, err := EARS(Series{Counts: s}, 519, 520, DefaultEARS(C1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	earsNow := float64(cpuTime()-start) / float64(rounds*len(set))
	rt := writeRtForR(t, dir, set, rounds)
	writeLines(t, filepath.Join(dir, "times.csv"), 1, func(w *bufio.Writer, _ int) {
		fmt.Fprintf(w, "%.0f,%.0f,%.0f,%.0f", farrington, ears, earsNow, rt)
	})
}

// writeRtForR writes the reproduction number of the last window of every series
// and gives the time for one; -1 where there is none.
func writeRtForR(t *testing.T, dir string, set [][]float64, rounds int) float64 {
	t.Helper()
	si, err := DiscretiseSerialInterval(2.4, 1.2, len(set[0]))
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewRtEstimator(si, RtOptions{Width: 7})
	if err != nil {
		t.Fatal(err)
	}
	writeLines(t, filepath.Join(dir, "rt.csv"), len(set), func(w *bufio.Writer, i int) {
		p, err := e.Latest(set[i])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "%.17g,%.17g,%.17g", p.Mean.Or(-1), p.Q025.Or(-1), p.Q975.Or(-1))
	})
	start := cpuTime()
	for range rounds {
		for _, s := range set {
			if _, err := e.Latest(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return float64(cpuTime()-start) / float64(rounds*len(set))
}

func writeLines(t *testing.T, name string, n int, line func(w *bufio.Writer, i int)) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range n {
		line(w, i)
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkFullScan is the whole region: 125,000 weekly series of 520 weeks, the
// current week, on all cores. The series are 2,500 drawn ones, each read from
// its own memory fifty times over.
func BenchmarkFullScan(b *testing.B) {
	const series = 125000
	drawn := scanSet(2500)
	all := make([][]float64, series)
	for i := range all {
		all[i] = append([]float64(nil), drawn[i%len(drawn)]...)
	}
	plan, err := PlanFarrington(Series{Counts: all[0]}, 519, FarringtonFlexible())
	if err != nil {
		b.Fatal(err)
	}
	workers := runtime.GOMAXPROCS(0)
	alarms := make([]int, workers)
	b.ResetTimer()
	start, cpu := time.Now(), cpuTime()
	for range b.N {
		var group sync.WaitGroup
		for k := range workers {
			group.Go(func() {
				var work FarringtonWork
				for i := k; i < series; i += workers {
					if plan.Point(&work, all[i], nil).Alarm {
						alarms[k]++
					}
				}
			})
		}
		group.Wait()
	}
	per := float64(b.N) * series
	b.ReportMetric(float64(cpuTime()-cpu)/per, "cpu-ns/series")
	b.ReportMetric(time.Since(start).Seconds()/float64(b.N), "s/scan")
	b.ReportMetric(float64(sumInts(alarms))/float64(b.N), "alarms")
}

func sumInts(xs []int) (s int) {
	for _, x := range xs {
		s += x
	}
	return s
}

func BenchmarkEARS(b *testing.B) {
	set := scanSet(100)
	b.ReportAllocs()
	for i := range b.N {
		if _, err := EARS(Series{Counts: set[i%len(set)]}, 519, 520, DefaultEARS(C2)); err != nil {
			b.Fatal(err)
		}
	}
}
