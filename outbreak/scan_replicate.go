package outbreak

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// simulator draws counts without a cluster.
type simulator struct {
	field     *field
	steps     int
	permute   []int32 // steps ago of each case, place by place; for ScanPermutation
	perPlace  []int   // cases of each place
	alias     aliasTable
	weights   []float64 // expected cases of each cell, place by place, newest first
	expectAll float64
}

// permutable bounds the cases that a permutation holds in memory.
const permutable = 2e7

// replicate gives the largest score of each replicate. Every replicate has a
// generator of its own, so that the answer does not depend on the workers.
func (f *field) replicate(in ScanInput, baselines [][]float64, o ScanOptions) []float64 {
	sim := newSimulator(f, in, baselines)
	workers := o.Workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, o.Replicates)
	maxima := make([]float64, o.Replicates)
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			run := sim.run()
			for i := next.Add(1) - 1; i < int64(len(maxima)); i = next.Add(1) - 1 {
				maxima[i] = run(o.Seed, uint64(i))
			}
		})
	}
	done.Wait()
	return maxima
}

func newSimulator(f *field, in ScanInput, baselines [][]float64) *simulator {
	sim := &simulator{field: f, steps: len(in.Counts)}
	if f.kind == ScanPermutation {
		sim.permute = make([]int32, 0, int(f.total))
		sim.perPlace = make([]int, f.places)
		for p := range f.places {
			for k := range sim.steps {
				for range int(in.Counts[sim.steps-1-k][p]) {
					sim.permute = append(sim.permute, int32(k))
					sim.perPlace[p]++
				}
			}
		}
		return sim
	}
	sim.weights = make([]float64, f.places*sim.steps)
	for p := range f.places {
		for k := range sim.steps {
			b := baselines[sim.steps-1-k][p]
			sim.weights[p*sim.steps+k] = b
			sim.expectAll += b
		}
	}
	sim.alias = newAlias(sim.weights, sim.expectAll)
	return sim
}

// run gives a function that draws and scores one replicate in buffers of its own.
func (sim *simulator) run() func(seed, replicate uint64) float64 {
	f := sim.field
	table := make([]float64, f.places*f.durations)
	sums := make([]float64, f.durations)
	ago := append([]int32(nil), sim.permute...)
	source := rand.NewPCG(0, 0)
	rng := rand.New(source)
	return func(seed, replicate uint64) float64 {
		source.Seed(seed, replicate)
		clear(table)
		if f.kind == ScanPermutation {
			copy(ago, sim.permute)
			sim.shuffle(rng, ago, table)
		} else {
			sim.multinomial(rng, table)
		}
		for p := range f.places {
			row := table[p*f.durations:][:f.durations]
			for k := 1; k < len(row); k++ {
				row[k] += row[k-1]
			}
		}
		return f.largest(table, sums)
	}
}

// shuffle deals the times of the cases to the places anew.
func (sim *simulator) shuffle(rng *rand.Rand, ago []int32, table []float64) {
	for i := len(ago) - 1; i > 0; i-- {
		j := int(rng.Uint64N(uint64(i + 1)))
		ago[i], ago[j] = ago[j], ago[i]
	}
	next, durations := 0, sim.field.durations
	for p, n := range sim.perPlace {
		row := table[p*durations:][:durations]
		for _, k := range ago[next : next+n] {
			if int(k) < durations {
				row[k]++
			}
		}
		next += n
	}
}

// multinomial deals the total to the cells by their expected counts. For
// ScanExpectation the total is itself Poisson, which makes the cells independent
// Poisson counts.
func (sim *simulator) multinomial(rng *rand.Rand, table []float64) {
	n := int(sim.field.total)
	if sim.field.kind == ScanExpectation {
		n = randomPoisson(rng, sim.expectAll)
	}
	durations := sim.field.durations
	if n > 60*len(sim.weights) { // many cases per cell: draw cell by cell
		left := sim.expectAll
		for i, w := range sim.weights {
			x := randomBinomial(rng, n, w/left)
			n, left = n-x, left-w
			if k := i % sim.steps; k < durations {
				table[i/sim.steps*durations+k] = float64(x)
			}
			if n == 0 {
				return
			}
		}
		return
	}
	if durations == sim.steps {
		for range n {
			table[sim.alias.draw(rng)]++
		}
		return
	}
	for range n {
		i := sim.alias.draw(rng)
		if k := i % sim.steps; k < durations {
			table[i/sim.steps*durations+k]++
		}
	}
}

// aliasTable draws from a discrete distribution in constant time: Walker (1977)
// with Vose's construction (IEEE Trans. Software Eng. 17 (1991) 972).
type aliasTable struct {
	keep  []uint32 // chance of staying, of 2^32
	other []int32
}

func newAlias(weights []float64, total float64) aliasTable {
	n := len(weights)
	a := aliasTable{keep: make([]uint32, n), other: make([]int32, n)}
	part := make([]float64, n)
	var small, large []int32
	for i, w := range weights {
		part[i] = w / total * float64(n)
		if part[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.keep[s], a.other[s] = uint32(part[s]*(1<<32)), l
		part[l] -= 1 - part[s]
		if part[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, rest := range [][]int32{small, large} {
		for _, i := range rest {
			a.keep[i], a.other[i] = ^uint32(0), i
		}
	}
	return a
}

func (a aliasTable) draw(rng *rand.Rand) int {
	u := rng.Uint64()
	// The high half picks the cell, the low half keeps it or not.
	i := int((u >> 32) * uint64(len(a.keep)) >> 32)
	if uint32(u) <= a.keep[i] {
		return i
	}
	return int(a.other[i])
}
