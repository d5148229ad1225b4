package outbreakcase

import (
	"math"

	"lintas/outbreak"
)

// rRandom is the generator that R seeds with set.seed: the Mersenne Twister of
// Matsumoto and Nishimura (ACM TOMACS 8 (1998) 3-30), and normal numbers by
// inversion. With it a case that gives a seed finds the very numbers that R
// drew.
type rRandom struct {
	state [624]uint32
	next  int
}

func newRRandom(seed uint32) *rRandom {
	r := &rRandom{next: 624}
	const warmUp = 51 // R stirs the seed, and spends one word on the position
	for range warmUp {
		seed = 69069*seed + 1
	}
	for i := range r.state {
		seed = 69069*seed + 1
		r.state[i] = seed
	}
	return r
}

func (r *rRandom) word() uint32 {
	const n, m = 624, 397
	if r.next >= n {
		for i := range n {
			y := r.state[i]&0x80000000 | r.state[(i+1)%n]&0x7fffffff
			v := r.state[(i+m)%n] ^ y>>1
			if y&1 == 1 {
				v ^= 0x9908b0df
			}
			r.state[i] = v
		}
		r.next = 0
	}
	y := r.state[r.next]
	r.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (r *rRandom) uniform() float64 {
	const step = 2.3283064365386963e-10 // 2^-32
	u := float64(r.word()) * step
	return math.Max(0.5*2.328306437080797e-10, math.Min(1-0.5*2.328306437080797e-10, u))
}

func (r *rRandom) normal() float64 {
	const big = 134217728 // 2^27: two words make one number of full precision
	u := math.Floor(big*r.uniform()) + r.uniform()
	return -math.Sqrt2 * math.Erfcinv(2*u/big)
}

// drawPairsAsR draws candidates as EpiEstim does: normal numbers, drawn again
// until they fall within the limits, first the mean and then the standard
// deviation of each.
func drawPairsAsR(u outbreak.SIUncertainty, n int, seed uint32) ([]outbreak.SIPair, error) {
	r := newRRandom(seed)
	draw := func(mean, sd, low, high float64) (float64, error) {
		for range 1_000_000 {
			if x := mean + sd*r.normal(); x >= low && x <= high {
				return x, nil
			}
		}
		return 0, fail("the limits %v to %v leave almost no room round %v", low, high, mean)
	}
	out := make([]outbreak.SIPair, n)
	for i := range out {
		var err error
		if out[i].Mean, err = draw(u.Mean, u.MeanSD, u.MeanMin, u.MeanMax); err != nil {
			return nil, err
		}
		if out[i].SD, err = draw(u.SD, u.SDSD, u.SDMin, u.SDMax); err != nil {
			return nil, err
		}
	}
	return out, nil
}
