package packed

import (
	"encoding/binary"
	"math"
)

// number is what a series can be read into: counts with Missing for a gap, or
// floating point with NaN for a gap, as the algorithms take it.
type number interface{ int32 | float64 }

// Counts reads a series into dst, whose old content is gone.
func Counts(b []byte, dst []int32) (first int32, values []int32, err error) {
	return decode(b, dst[:0], Missing)
}

// Floats reads a series into dst with NaN for a gap.
func Floats(b []byte, dst []float64) (first int32, values []float64, err error) {
	return decode(b, dst[:0], math.NaN())
}

// Span is the first period of a series and how many there are.
func Span(b []byte) (first int32, n int, err error) {
	_, first, n, _, err = head(b)
	return first, n, err
}

func head(b []byte) (mode byte, first int32, n int, body []byte, err error) {
	if len(b) < 3 {
		return 0, 0, 0, nil, ErrDamaged
	}
	f, i := binary.Varint(b[1:])
	if i <= 0 || f < math.MinInt32/2 || f > math.MaxInt32/2 {
		return 0, 0, 0, nil, ErrDamaged
	}
	u, j := binary.Uvarint(b[1+i:])
	if j <= 0 || u > MaxLength {
		return 0, 0, 0, nil, ErrDamaged
	}
	return b[0], int32(f), int(u), b[1+i+j:], nil
}

func decode[T number](b []byte, dst []T, gap T) (int32, []T, error) {
	mode, first, n, body, err := head(b)
	if err != nil {
		return 0, dst, err
	}
	if cap(dst) < n {
		// A short text cannot make a long series, except by runs.
		if mode != runs && n > 2*len(body) {
			return 0, dst, ErrDamaged
		}
		dst = make([]T, n)
	}
	dst = dst[:n]
	ok := false
	switch mode {
	case plain:
		ok = readPlain(body, dst, gap)
	case delta:
		ok = readDelta(body, dst, gap)
	case runs:
		ok = readRuns(body, dst, gap)
	case nibbles:
		ok = readNibbles(body, dst, gap)
	}
	if !ok {
		return 0, dst[:0], ErrDamaged
	}
	return first, dst, nil
}

// next reads one uvarint; a negative position means damage.
func next(b []byte, i int) (uint64, int) {
	if i < len(b) && b[i] < 0x80 {
		return uint64(b[i]), i + 1
	}
	if i > len(b) {
		return 0, -1
	}
	u, n := binary.Uvarint(b[i:])
	if n <= 0 {
		return 0, -1
	}
	return u, i + n
}

func readPlain[T number](b []byte, dst []T, gap T) bool {
	i := 0
	for k := range dst {
		var u uint64
		if i < len(b) && b[i] < 0x80 {
			u, i = uint64(b[i]), i+1
		} else if u, i = next(b, i); i < 0 {
			return false
		}
		if u == 0 {
			dst[k] = gap
			continue
		}
		if u > MaxCount+1 {
			return false
		}
		dst[k] = T(int32(u - 1))
	}
	return i == len(b)
}

func readDelta[T number](b []byte, dst []T, gap T) bool {
	i, last := 0, int64(0)
	for k := range dst {
		var u uint64
		if i < len(b) && b[i] < 0x80 {
			u, i = uint64(b[i]), i+1
		} else if u, i = next(b, i); i < 0 {
			return false
		}
		if u == 0 {
			dst[k] = gap
			continue
		}
		d := unzigzag(u - 1)
		if d > MaxCount || d < -MaxCount {
			return false
		}
		if last += d; last < 0 || last > MaxCount {
			return false
		}
		dst[k] = T(int32(last))
	}
	return i == len(b)
}

func readRuns[T number](b []byte, dst []T, gap T) bool {
	i, k := 0, 0
	for k < len(dst) {
		u, j := next(b, i)
		if j < 0 {
			return false
		}
		i = j
		run := uint64(1)
		if u&1 == 1 {
			if run, i = next(b, i); i < 0 {
				return false
			}
		}
		u >>= 1
		if u > MaxCount+1 || run == 0 || run > uint64(len(dst)-k) {
			return false
		}
		v := gap
		if u > 0 {
			v = T(int32(u - 1))
		}
		for range run {
			dst[k] = v
			k++
		}
	}
	return i == len(b)
}

func readNibbles[T number](b []byte, dst []T, gap T) bool {
	half := (len(dst) + 1) / 2
	if half > len(b) {
		return false
	}
	i := half
	for k := range dst {
		n := b[k>>1] >> (4 * (k & 1)) & 15
		switch n {
		case 0:
			dst[k] = gap
		case 15:
			u, j := next(b, i)
			if j < 0 || u > MaxCount-14 {
				return false
			}
			dst[k], i = T(int32(u)+14), j
		default:
			dst[k] = T(int32(n) - 1)
		}
	}
	return i == len(b) && (len(dst)&1 == 0 || half == 0 || b[half-1]>>4 == 0)
}
