package packed

import (
	"encoding/binary"
	"math"
)

// Cell is the value of one period.
type Cell struct {
	Period int32
	Value  int32 // or Missing
}

// AppendCells packs what periods held before a correction, in ascending order
// of the periods. Neighbours stand together; a span of equal values takes no
// more than its first:
//
//	for each span: gap to the last period (varint), 2*length + same (uvarint), value + 1 (uvarint) once or for each
func AppendCells(dst []byte, cells []Cell) []byte {
	last := int32(0)
	for len(cells) > 0 {
		n, same := 1, true
		for n < len(cells) && cells[n].Period == cells[n-1].Period+1 {
			same = same && cells[n].Value == cells[0].Value
			n++
		}
		u := uint64(n) << 1
		if same {
			u |= 1
		}
		dst = binary.AppendVarint(dst, int64(cells[0].Period)-int64(last))
		dst = binary.AppendUvarint(dst, u)
		for i := range n {
			if i == 0 || !same {
				dst = binary.AppendUvarint(dst, uint64(cells[i].Value+1))
			}
		}
		last = cells[n-1].Period
		cells = cells[n:]
	}
	return dst
}

// Cells reads what AppendCells packed, behind dst.
func Cells(b []byte, dst []Cell) ([]Cell, error) {
	at := int64(0)
	for i := 0; i < len(b); {
		gap, n := binary.Varint(b[i:])
		if n <= 0 {
			return dst, ErrDamaged
		}
		i += n
		at += gap
		u, j := next(b, i)
		if j < 0 || u>>1 == 0 || u>>1 > MaxLength || gap > math.MaxInt32 || gap < math.MinInt32 || at < math.MinInt32/2 || at+int64(u>>1) > math.MaxInt32/2 {
			return dst, ErrDamaged
		}
		i = j
		v := uint64(0)
		for k := range int64(u >> 1) {
			if k == 0 || u&1 == 0 {
				if v, i = next(b, i); i < 0 || v > MaxCount+1 {
					return dst, ErrDamaged
				}
			}
			dst = append(dst, Cell{int32(at + k), int32(v) - 1})
			if len(dst) > MaxLength {
				return dst, ErrDamaged
			}
		}
		at += int64(u>>1) - 1
	}
	return dst, nil
}

// Set writes cells into a series, which grows to hold them, and returns it and
// what the cells that changed held before. Cells come in ascending order.
func Set(first int32, values []int32, cells []Cell) (newFirst int32, out []int32, was []Cell) {
	if len(cells) == 0 {
		return first, values, nil
	}
	if len(values) == 0 {
		first = cells[0].Period
	}
	lo, hi := min(first, cells[0].Period), max(first+int32(len(values)), cells[len(cells)-1].Period+1)
	if lo < first || int(hi-lo) > len(values) {
		grown := make([]int32, hi-lo, hi-lo+8)
		for i := range grown {
			grown[i] = Missing
		}
		copy(grown[first-lo:], values)
		first, values = lo, grown
	}
	for _, c := range cells {
		if old := values[c.Period-first]; old != c.Value {
			was = append(was, Cell{c.Period, old})
			values[c.Period-first] = c.Value
		}
	}
	return first, values, was
}
