package outbreak

import (
	"math"
	"math/rand/v2"
	"testing"
)

// R of the latest window of 125,000 weekly series of 520 weeks, on one core.
// go test -run '^$' -bench 125000 ./outbreak
func BenchmarkRtLatest125000(b *testing.B) {
	const series, weeks = 125_000, 520
	rng := rand.New(rand.NewPCG(1, 1))
	counts := make([][]float64, 200) // as many different series, used in turn
	for i := range counts {
		counts[i] = make([]float64, weeks)
		level := math.Exp(4 * rng.Float64())
		for t := range counts[i] {
			counts[i][t] = float64(randomPoisson(rng, level*(1+0.5*math.Sin(float64(t)/8))))
		}
	}
	si, err := DiscretiseSerialInterval(2.4, 1.2, weeks)
	if err != nil {
		b.Fatal(err)
	}
	e, err := NewRtEstimator(si, RtOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	start := cpuTime()
	for b.Loop() {
		for i := range series {
			if _, err := e.Latest(counts[i%len(counts)]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/series, "cpu-ns/series")
}

// R of every window of one daily series of 520 days.
func BenchmarkRtSeries(b *testing.B) {
	s := Series{Counts: epidemic(1, 520)}
	si := mustSI(b, 5, 3, 520)
	e, _ := NewRtEstimator(si, RtOptions{})
	for b.Loop() {
		if _, err := e.Estimate(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNowcast(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	tr := triangleOf(b, reports(rng, 60, 20), 60, 6)
	for _, m := range nowcastMethods {
		b.Run(m.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := tr.Nowcast(NowcastOptions{Method: m}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// 350 places, 26 weeks, zones of up to 15 places, 999 replicates.
func BenchmarkScan350x26x999(b *testing.B) {
	in, points := region(1, 26, 350)
	in.Zones = zonesOf(b, points, 15)
	for name, kind := range map[string]ScanKind{"poisson": ScanPoisson, "permutation": ScanPermutation, "expectation": ScanExpectation} {
		one := in
		if kind == ScanPermutation {
			one.Population = nil
		}
		b.Run(name, func(b *testing.B) {
			start := cpuTime()
			defer func() { b.ReportMetric((cpuTime()-start).Seconds()/float64(b.N), "cpu-s/op") }()
			for b.Loop() {
				if _, err := ScanClusters(one, ScanOptions{Kind: kind, Replicates: 999, Seed: 1, Top: 100}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFalseDiscovery125000(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := make([]Value, 125_000)
	for i := range p {
		p[i] = Known(rng.Float64())
	}
	for b.Loop() {
		if _, err := FalseDiscovery(p, 0.05, BenjaminiHochberg); err != nil {
			b.Fatal(err)
		}
	}
}
