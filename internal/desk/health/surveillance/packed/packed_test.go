package packed

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// noise is a series of one of the kinds that occur.
func noise(r *rand.Rand, n int) []int32 {
	mean := math.Pow(10, r.Float64()*4.5-1)
	v := make([]int32, n)
	for i := range v {
		switch {
		case r.IntN(40) == 0:
			v[i] = Missing
		default:
			v[i] = int32(max(0, mean*(1+.5*math.Sin(float64(i)/8))+r.NormFloat64()*math.Sqrt(mean)))
		}
	}
	return v
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	modes := map[byte]int{}
	var buf []int32
	var floats []float64
	for i := range 4000 {
		first := int32(r.IntN(6000) - 3000)
		v := noise(r, r.IntN(700))
		if i%50 == 0 && len(v) > 0 {
			v[r.IntN(len(v))] = MaxCount
		}
		b := Append([]byte("before"), first, v)[6:]
		wantFirst, want := Trim(first, v)
		gotFirst, got, err := Counts(b, buf)
		if err != nil || gotFirst != wantFirst || !slices.Equal(got, want) {
			t.Fatalf("series %d: %v\n%v\n%v", i, err, got, want)
		}
		buf = got
		if _, floats, err = Floats(b, floats); err != nil {
			t.Fatal(err)
		}
		for k, x := range floats {
			if (want[k] == Missing) != math.IsNaN(x) || want[k] != Missing && float64(want[k]) != x {
				t.Fatalf("float %v of %d", x, want[k])
			}
		}
		if f, n, err := Span(b); err != nil || f != wantFirst || n != len(want) {
			t.Fatal(f, n, err)
		}
		modes[b[0]]++
	}
	if len(modes) != 4 {
		t.Errorf("not every body was tried: %v", modes)
	}
}

// TestSetIsUndone: what Set returns, set again, brings the old series back.
func TestSetIsUndone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		first := int32(r.IntN(100))
		old := noise(r, r.IntN(30))
		var cells []Cell
		for p := int32(r.IntN(140)); p < 140; p += 1 + int32(r.IntN(9)) {
			cells = append(cells, Cell{p, int32(r.IntN(5)) - 1})
		}
		f, v, was := Set(first, slices.Clone(old), cells)
		packedWas, err := Cells(AppendCells(nil, was), nil)
		if err != nil || !slices.Equal(packedWas, was) {
			t.Fatalf("%v %v: %v", packedWas, was, err)
		}
		for _, c := range cells {
			if v[c.Period-f] != c.Value {
				t.Fatal("a cell was not set")
			}
		}
		f, v, _ = Set(f, v, was)
		f, v = Trim(f, v)
		wantFirst, want := Trim(first, old)
		if f != wantFirst || !slices.Equal(v, want) {
			t.Fatalf("%d %v, want %d %v", f, v, wantFirst, want)
		}
	}
}

func TestRefusesDamage(t *testing.T) {
	good := Append(nil, 10, []int32{1, 2, 300, Missing, 4})
	for i := range good {
		if _, _, err := Counts(good[:i], nil); err == nil {
			t.Errorf("the first %d bytes alone were taken", i)
		}
	}
	if _, _, err := Counts(append(good, 0), nil); err == nil {
		t.Error("a byte too many was taken")
	}
	if _, _, err := Counts([]byte{runs, 0, 0xff, 0xff, 0xff, 0x7f, 1, 0xff, 0xff, 0xff, 0x7f}, nil); err == nil {
		t.Error("a series without end was taken")
	}
}

func FuzzCounts(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(Append(nil, 2800, noise(r, 60)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, v, err := Counts(b, nil)
		if err != nil {
			return
		}
		for _, x := range v {
			if x < Missing || x > MaxCount {
				t.Fatalf("value %d", x)
			}
		}
		f2, v2, err := Counts(Append(nil, first, v), nil)
		wantFirst, want := Trim(first, v)
		if err != nil || f2 != wantFirst || !slices.Equal(v2, want) {
			t.Fatal("what was read cannot be written")
		}
	})
}

func FuzzCells(f *testing.F) {
	f.Add(AppendCells(nil, []Cell{{1, 2}, {2, 2}, {9, Missing}, {10, 4}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		cells, err := Cells(b, nil)
		if err != nil {
			return
		}
		for i := 1; i < len(cells); i++ {
			if cells[i].Period <= cells[i-1].Period {
				return // not what we write; harmless
			}
		}
		again, err := Cells(AppendCells(nil, cells), nil)
		if err != nil || !slices.Equal(again, cells) {
			t.Fatal("what was read cannot be written")
		}
	})
}

func bench(b *testing.B, n int) (all [][]byte, size int) {
	r := rand.New(rand.NewPCG(7, 8))
	for range n {
		p := Append(nil, 2400, noise(r, 520))
		all, size = append(all, p), size+len(p)
	}
	b.ReportMetric(float64(size)/float64(n), "bytes/series")
	return all, size
}

func BenchmarkCounts(b *testing.B) {
	all, _ := bench(b, 1000)
	var dst []int32
	b.SetBytes(520 * 4)
	for i := 0; b.Loop(); i++ {
		_, dst, _ = Counts(all[i%len(all)], dst)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/520, "ns/value")
}

func BenchmarkFloats(b *testing.B) {
	all, _ := bench(b, 1000)
	var dst []float64
	for i := 0; b.Loop(); i++ {
		_, dst, _ = Floats(all[i%len(all)], dst)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/520, "ns/value")
}

func BenchmarkAppend(b *testing.B) {
	all, _ := bench(b, 1000)
	var out []byte
	_, v, _ := Counts(all[0], nil)
	for b.Loop() {
		out = Append(out[:0], 2400, v)
	}
	if !bytes.Equal(out, all[0]) {
		b.Fatal("another form")
	}
}
