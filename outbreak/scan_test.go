package outbreak

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// region makes counts of places on a plane without a cluster.
func region(seed uint64, steps, places int) (ScanInput, [][]float64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	points := make([][]float64, places)
	people := make([]float64, places)
	for j := range points {
		points[j] = []float64{rng.Float64() * 100, rng.Float64() * 100}
		people[j] = math.Exp(8 + 2*rng.Float64())
	}
	in := ScanInput{Population: [][]float64{people}}
	for range steps {
		row := make([]float64, places)
		for j := range row {
			row[j] = float64(randomPoisson(rng, people[j]/3000))
		}
		in.Counts = append(in.Counts, row)
	}
	return in, points
}

func zonesOf(t testing.TB, points [][]float64, k int) [][]int {
	t.Helper()
	d, err := PlaneDistances(points)
	if err != nil {
		t.Fatal(err)
	}
	zones, err := NearestZones(d, k)
	if err != nil {
		t.Fatal(err)
	}
	return zones
}

// Every score equals the likelihood ratio written out from the counts.
func TestScoresByBruteForce(t *testing.T) {
	in, points := region(1, 8, 25)
	in.Zones = zonesOf(t, points, 6)
	for _, kind := range []ScanKind{ScanPoisson, ScanPermutation, ScanExpectation} {
		one := in
		if kind == ScanPermutation {
			one.Population = nil
		}
		s, err := ScanClusters(one, ScanOptions{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		if s.Scored != len(in.Zones)*8 || len(s.Windows) != s.Scored {
			t.Fatalf("%d windows for %d zones", s.Scored, len(in.Zones))
		}
		total := 0.0
		for _, row := range in.Counts {
			for _, x := range row {
				total += x
			}
		}
		for _, w := range s.Windows {
			c, b := 0.0, 0.0
			for step := 8 - w.Duration; step < 8; step++ {
				for _, p := range in.Zones[w.Zone] {
					c += in.Counts[step][p]
					b += s.Baselines[step][p]
				}
			}
			want := 0.0
			if c > b {
				want = c*math.Log(c/b) + b - c
				if kind != ScanExpectation {
					want = c*math.Log(c/b) + (total-c)*math.Log((total-c)/(total-b))
				}
			}
			if math.Abs(w.Score-want) > 1e-9 || w.Observed != c || math.Abs(w.Expected-b) > 1e-9 {
				t.Fatalf("kind %d zone %d duration %d: %+v, want score %v", kind, w.Zone, w.Duration, w, want)
			}
		}
	}
}

func TestScanFindsAPlantedCluster(t *testing.T) {
	in, points := region(2, 10, 40)
	in.Zones = zonesOf(t, points, 8)
	planted := in.Zones[slices.IndexFunc(in.Zones, func(z []int) bool { return len(z) == 4 })]
	for step := 7; step < 10; step++ {
		for _, p := range planted {
			in.Counts[step][p] += 12
		}
	}
	for _, kind := range []ScanKind{ScanPoisson, ScanPermutation, ScanExpectation} {
		one := in
		if kind == ScanPermutation {
			one.Population = nil
		}
		s, err := ScanClusters(one, ScanOptions{Kind: kind, Replicates: 199, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		c := s.Clusters(3)
		if !slices.Equal(c[0].Places, planted) || c[0].Duration != 3 || c[0].PValue.Or(1) > 0.01 {
			t.Errorf("kind %d: found %v for %d steps, p %v; planted %v for 3", kind, c[0].Places, c[0].Duration, c[0].PValue, planted)
		}
		if g := s.GumbelPValue(c[0].Score).Or(1); g > 1e-6 {
			t.Errorf("kind %d: Gumbel p-value %v", kind, g)
		}
		for i, a := range c {
			for _, b := range c[:i] {
				if slices.ContainsFunc(a.Places, func(p int) bool { return slices.Contains(b.Places, p) }) {
					t.Errorf("clusters %v and %v overlap", a.Places, b.Places)
				}
			}
		}
	}
}

// Without a cluster the p-value is uniform: below 0.1 in a tenth of the regions.
func TestScanPValueIsFair(t *testing.T) {
	for _, kind := range []ScanKind{ScanPoisson, ScanPermutation, ScanExpectation} {
		low := 0
		const n = 200
		for seed := range uint64(n) {
			in, points := region(seed+50, 6, 15)
			in.Zones = zonesOf(t, points, 5)
			if kind == ScanPermutation {
				in.Population = nil
			}
			if kind == ScanExpectation { // the truth, not estimated from the counts
				for range in.Counts {
					row := make([]float64, 15)
					for j := range row {
						row[j] = in.Population[0][j] / 3000
					}
					in.Baselines = append(in.Baselines, row)
				}
			}
			s, err := ScanClusters(in, ScanOptions{Kind: kind, Replicates: 99, Seed: seed, Top: 1})
			if err != nil {
				t.Fatal(err)
			}
			if s.PValue.Or(1) <= 0.1 {
				low++
			}
		}
		if share := float64(low) / n; share < 0.04 || share > 0.17 {
			t.Errorf("kind %d: p <= 0.1 in %v of the regions without a cluster", kind, share)
		}
	}
}

// The same seed gives the same replicates whatever the workers, and the order
// of the places does not matter to the scores.
func TestScanIsDeterministic(t *testing.T) {
	in, points := region(3, 12, 30)
	in.Zones = zonesOf(t, points, 7)
	a, err := ScanClusters(in, ScanOptions{Replicates: 99, Seed: 9, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := ScanClusters(in, ScanOptions{Replicates: 99, Seed: 9, Workers: 5})
	if !slices.Equal(a.Maxima, b.Maxima) || !slices.Equal(a.Windows, b.Windows) {
		t.Error("the workers changed the answer")
	}
	other, _ := ScanClusters(in, ScanOptions{Replicates: 99, Seed: 10})
	if slices.Equal(a.Maxima, other.Maxima) {
		t.Error("another seed gave the same replicates")
	}
	turned := ScanInput{Population: [][]float64{nil}}
	order := rand.New(rand.NewPCG(1, 1)).Perm(30)
	moved := make([][]float64, 30)
	for _, p := range order {
		turned.Population[0] = append(turned.Population[0], in.Population[0][p])
	}
	for i, p := range order {
		moved[i] = points[p]
	}
	for _, row := range in.Counts {
		var r []float64
		for _, p := range order {
			r = append(r, row[p])
		}
		turned.Counts = append(turned.Counts, r)
	}
	turned.Zones = zonesOf(t, moved, 7)
	c, err := ScanClusters(turned, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(c.Sum-a.Sum) > 1e-6 || math.Abs(c.Windows[0].Score-a.Windows[0].Score) > 1e-9 {
		t.Errorf("in another order the best score is %v, not %v", c.Windows[0].Score, a.Windows[0].Score)
	}
}

// Populations times a constant change nothing.
func TestScalingPopulationLeavesTheScan(t *testing.T) {
	in, points := region(4, 6, 20)
	in.Zones = zonesOf(t, points, 5)
	a, _ := ScanClusters(in, ScanOptions{})
	for j := range in.Population[0] {
		in.Population[0][j] *= 1000
	}
	b, _ := ScanClusters(in, ScanOptions{})
	for i := range a.Windows {
		if a.Windows[i].Zone != b.Windows[i].Zone || math.Abs(a.Windows[i].Score-b.Windows[i].Score) > 1e-9 {
			t.Fatalf("%+v and %+v", a.Windows[i], b.Windows[i])
		}
	}
}

func TestZonesThatDoNotNest(t *testing.T) {
	in, _ := region(5, 5, 6)
	in.Zones = [][]int{{0, 1, 2}, {1}, {3, 5}, {3, 4, 5}, {0}}
	s, err := ScanClusters(in, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range s.Windows {
		c := 0.0
		for step := 5 - w.Duration; step < 5; step++ {
			for _, p := range in.Zones[w.Zone] {
				c += in.Counts[step][p]
			}
		}
		if w.Observed != c {
			t.Errorf("zone %d duration %d: %v cases, want %v", w.Zone, w.Duration, w.Observed, c)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	good, points := region(6, 5, 6)
	good.Zones = zonesOf(t, points, 3)
	for name, change := range map[string]func(*ScanInput, *ScanOptions){
		"no counts":                      func(in *ScanInput, _ *ScanOptions) { in.Counts = nil },
		"a missing count":                func(in *ScanInput, _ *ScanOptions) { in.Counts = [][]float64{{1, Missing(), 0, 0, 0, 0}} },
		"half a case":                    func(in *ScanInput, _ *ScanOptions) { in.Counts = [][]float64{{0.5, 0, 0, 0, 0, 0}} },
		"no case":                        func(in *ScanInput, _ *ScanOptions) { in.Counts = [][]float64{make([]float64, 6)} },
		"a place that is not there":      func(in *ScanInput, _ *ScanOptions) { in.Zones = [][]int{{6}} },
		"an empty zone":                  func(in *ScanInput, _ *ScanOptions) { in.Zones = [][]int{{}} },
		"a population of zero":           func(in *ScanInput, _ *ScanOptions) { in.Population = [][]float64{make([]float64, 6)} },
		"permutation with a population":  func(_ *ScanInput, o *ScanOptions) { o.Kind = ScanPermutation },
		"a cluster longer than the data": func(_ *ScanInput, o *ScanOptions) { o.MaxDuration = 6 },
	} {
		in, o := good, ScanOptions{}
		change(&in, &o)
		var e *Error
		if _, err := ScanClusters(in, o); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDistances(t *testing.T) {
	d, err := EarthDistances([][]float64{{1.3521, 103.8198}, {3.139, 101.6869}}) // Singapore, Kuala Lumpur
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(d[0][1]-309) > 3 {
		t.Errorf("%v km", d[0][1])
	}
	if _, err := EarthDistances([][]float64{{103.8, 1.35}}); err == nil {
		t.Error("a latitude of 103.8 was taken")
	}
}

// The samplers have the right mean and variance.
func TestRandomCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(name string, mean, variance float64, draw func() float64) {
		const n = 40000
		sum, square := 0.0, 0.0
		for range n {
			x := draw()
			sum += x
			square += x * x
		}
		m := sum / n
		v := square/n - m*m
		if math.Abs(m-mean) > 5*math.Sqrt(variance/n) || math.Abs(v-variance) > 0.06*variance {
			t.Errorf("%s: mean %v (want %v), variance %v (want %v)", name, m, mean, v, variance)
		}
	}
	for _, mean := range []float64{0.3, 5, 24, 60, 3000} {
		check("Poisson", mean, mean, func() float64 { return float64(randomPoisson(rng, mean)) })
	}
	for _, c := range []struct {
		n int
		p float64
	}{{7, 0.3}, {100, 0.02}, {100, 0.97}, {90, 0.5}, {100000, 0.4}} {
		n := float64(c.n)
		check("binomial", n*c.p, n*c.p*(1-c.p), func() float64 { return float64(randomBinomial(rng, c.n, c.p)) })
	}
	for _, a := range []float64{0.2, 1, 9} {
		check("gamma", a, a, func() float64 { return randomGamma(rng, a) })
		check("beta", a/(a+2), a*2/((a+2)*(a+2)*(a+3)), func() float64 { return randomBeta(rng, a, 2) })
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte{1, 0, 3, 9, 2, 2, 0, 0, 1}, 3, uint8(0), 2, true)
	f.Fuzz(func(t *testing.T, raw []byte, places int, kind uint8, k int, people bool) {
		if places < 1 || places > 12 || len(raw) > 200 {
			return
		}
		var in ScanInput
		points := make([][]float64, places)
		for j := range points {
			points[j] = []float64{float64(j % 3), float64(j % 5)}
		}
		d, err := PlaneDistances(points)
		if err != nil {
			t.Fatal(err)
		}
		if in.Zones, err = NearestZones(d, k); err != nil {
			return
		}
		for i := 0; i+places <= len(raw); i += places {
			in.Counts = append(in.Counts, bytesToCounts(raw[i:i+places]))
		}
		if people {
			in.Population = [][]float64{slices.Repeat([]float64{10}, places)}
		}
		for _, row := range in.Counts {
			for _, x := range row {
				if x > 300 {
					return
				}
			}
		}
		s, err := ScanClusters(in, ScanOptions{Kind: ScanKind(kind), Replicates: 3})
		if err != nil {
			return
		}
		for _, w := range s.Windows {
			if !(w.Score >= 0) || math.IsInf(w.Score, 0) {
				t.Fatalf("%+v", w)
			}
		}
	})
}
