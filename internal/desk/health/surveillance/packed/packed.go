// Package packed keeps one series of counts, and what its corrections
// replaced, in a few bytes: whole numbers by period with explicit gaps.
package packed

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// A packed series is
//
//	mode (1 byte), first period (varint), length (uvarint), body
//
// where the body holds the values plus one, so that 0 is a gap. Four bodies
// are known and the shortest is taken: plain has one uvarint for each value;
// delta the zigzag difference from the last value that is no gap, plus one;
// runs marks repeated values with the length of the run; nibbles has half a
// byte for each value below 14 and an escape to a uvarint behind them. Counts
// of districts are mostly small, those of states large and alike, those of
// rare diseases runs of zeros. A general compressor on top (zstd) made
// noisy counts 0.3 % smaller and reading twice as slow, and was left out.
//
// Gaps before the first and after the last value are not stored.

// Missing is the value of a period for which nobody reported.
const Missing int32 = -1

// MaxCount is the largest count of one period.
const MaxCount = math.MaxInt32 - 1

// MaxLength is the longest series in periods: 179 years of days.
const MaxLength = 1 << 16

const (
	plain byte = 1 + iota
	delta
	runs
	nibbles
)

// ErrDamaged says that bytes are no packed series.
var ErrDamaged = errors.New("packed: not a packed series")

// Trim drops gaps at both ends.
func Trim(first int32, v []int32) (int32, []int32) {
	for len(v) > 0 && v[len(v)-1] == Missing {
		v = v[:len(v)-1]
	}
	for len(v) > 0 && v[0] == Missing {
		first, v = first+1, v[1:]
	}
	if len(v) == 0 {
		first = 0
	}
	return first, v
}

// Append packs a series behind dst. Values must be Missing or 0 to MaxCount,
// and no more than MaxLength.
func Append(dst []byte, first int32, values []int32) []byte {
	first, values = Trim(first, values)
	mode := best(values)
	dst = append(dst, mode)
	dst = binary.AppendVarint(dst, int64(first))
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	switch mode {
	case delta:
		return appendDelta(dst, values)
	case runs:
		return appendRuns(dst, values)
	case nibbles:
		return appendNibbles(dst, values)
	}
	for _, v := range values {
		dst = binary.AppendUvarint(dst, uint64(v+1))
	}
	return dst
}

func size(u uint64) int { return (bits.Len64(u|1) + 6) / 7 }

func zigzag(d int64) uint64 { return uint64(d<<1) ^ uint64(d>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// best compares how long the four bodies would be.
func best(values []int32) byte {
	var p, d, r int
	n := (len(values) + 1) / 2
	last := int32(0)
	for i := 0; i < len(values); i++ {
		v := values[i]
		s := size(uint64(v + 1))
		p += s
		if v >= 14 {
			n += size(uint64(v - 14))
		}
		if v == Missing {
			d++
		} else {
			d += size(zigzag(int64(v)-int64(last)) + 1)
			last = v
		}
		if i == 0 || values[i-1] != v {
			run := runLength(values[i:])
			r += size(uint64(v+1)<<1 | 1)
			if run > 1 {
				r += size(uint64(run))
			}
		}
	}
	mode, least := plain, p
	for _, o := range []struct {
		mode byte
		size int
	}{{nibbles, n}, {runs, r}, {delta, d}} {
		if o.size < least {
			mode, least = o.mode, o.size
		}
	}
	return mode
}

func runLength(v []int32) int {
	n := 1
	for n < len(v) && v[n] == v[0] {
		n++
	}
	return n
}

func appendDelta(dst []byte, values []int32) []byte {
	last := int32(0)
	for _, v := range values {
		if v == Missing {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, zigzag(int64(v)-int64(last))+1)
		last = v
	}
	return dst
}

func appendRuns(dst []byte, values []int32) []byte {
	for i := 0; i < len(values); {
		run := runLength(values[i:])
		u := uint64(values[i]+1) << 1
		if run > 1 {
			dst = binary.AppendUvarint(dst, u|1)
			dst = binary.AppendUvarint(dst, uint64(run))
		} else {
			dst = binary.AppendUvarint(dst, u)
		}
		i += run
	}
	return dst
}

func appendNibbles(dst []byte, values []int32) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, (len(values)+1)/2)...)
	for i, v := range values {
		n := min(v+1, 15)
		dst[at+i/2] |= byte(n) << (4 * (i & 1))
		if n == 15 {
			dst = binary.AppendUvarint(dst, uint64(v-14))
		}
	}
	return dst
}
