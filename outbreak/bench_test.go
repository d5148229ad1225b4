package outbreak

import (
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// simulated is a weekly series with season and trend, negative binomial about a
// mean, as scenario 12 of Noufaily et al. (2013).
func simulated(rng *rand.Rand, weeks int, mean, slope, season, phi float64) []float64 {
	out := make([]float64, weeks)
	for i := range out {
		angle := 2 * math.Pi * float64(i) / 52
		mu := math.Exp(math.Log(mean) + slope*float64(i) + season*math.Cos(angle) + season*math.Sin(angle))
		out[i] = drawCount(rng, mu, phi)
	}
	return out
}

// drawCount draws a count with a mean and a variance of phi times the mean.
func drawCount(rng *rand.Rand, mean, phi float64) float64 {
	law := lawOf(mean, phi)
	u := rng.Float64()
	return law.quantile(u, normalQuantile(math.Max(u, 1e-12)))
}

// scanSet is the set of series of the scan benchmark: means from 0.1 to 100.
func scanSet(n int) [][]float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([][]float64, n)
	for i := range out {
		mean := math.Exp(math.Log(0.1) + rng.Float64()*math.Log(1000))
		out[i] = simulated(rng, 520, mean, (rng.Float64()-0.3)*0.003, rng.Float64()*0.6, 1+rng.Float64()*2)
	}
	return out
}

func BenchmarkFarringtonScan(b *testing.B) {
	set := scanSet(1000)
	o := FarringtonFlexible()
	plan, err := PlanFarrington(Series{Counts: set[0]}, 519, o)
	if err != nil {
		b.Fatal(err)
	}
	var work FarringtonWork
	plan.Point(&work, set[0], nil)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	for i := range b.N {
		plan.Point(&work, set[i%len(set)], nil)
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}

// cpuTime is what this process has used: on a shared machine the clock also
// counts the work of others.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
