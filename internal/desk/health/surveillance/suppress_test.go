package surveillance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func column(values ...int32) []CountsRow {
	var rows []CountsRow
	for i, v := range values {
		rows = append(rows, CountsRow{Place: fmt.Sprintf("KH-%02d", i), Values: []int32{v}})
	}
	return rows
}

func flat(rows []CountsRow) []int32 {
	var out []int32
	for _, r := range rows {
		out = append(out, r.Values[0])
	}
	return out
}

// TestSuppress is the rule by example, with a floor of 5.
func TestSuppress(t *testing.T) {
	const w, n = Withheld, NoReport
	for _, c := range []struct {
		name       string
		have, want []int32
		added      int
	}{
		{"nothing small", []int32{5, 0, 12, n}, []int32{5, 0, 12, n}, 0},
		{"one small cell takes the next larger", []int32{3, 9, 40, 0}, []int32{w, w, 40, 0}, 1},
		{"two that could be anything stand alone", []int32{4, 4, 40, 0}, []int32{w, w, 40, 0}, 0},
		{"two ones do not", []int32{1, 1, 40, 0}, []int32{w, w, w, 0}, 1},
		{"nobody reported stays that", []int32{n, 2, n, 60}, []int32{n, w, n, w}, 1},
		{"nothing above zero to hide behind", []int32{3, 0, 0, n}, []int32{w, w, w, n}, 2},
		{"small ones only", []int32{1, 2, 0}, []int32{w, w, w}, 1},
		{"a row alone", []int32{3}, []int32{w}, 0},
	} {
		rows := column(c.have...)
		added := suppress(rows, 10, 5, nil, nil)
		if got := flat(rows); !slices.Equal(got, c.want) || len(added) != c.added {
			t.Errorf("%s: %v, want %v; %d added, want %d", c.name, got, c.want, len(added), c.added)
		}
	}
	rows := column(3, 1, 0)
	if suppress(rows, 10, 1, nil, nil); !slices.Equal(flat(rows), []int32{3, 1, 0}) {
		t.Error("a floor of 1 withholds something")
	}
}

// ranges are the smallest and the largest count of each withheld cell that the
// told cells and the total allow, to a reader who knows that a withheld cell is
// not zero unless no zero is told.
func ranges(told []int32, total int64) (n int, lo, hi int64) {
	zeros := false
	for _, v := range told {
		if v >= 0 {
			total -= int64(v)
		}
		zeros = zeros || v == 0
		if v == Withheld {
			n++
		}
	}
	if !zeros { // zeros may be among the withheld
		return n, 0, total
	}
	if n == 1 {
		return n, total, total
	}
	return n, 1, total - int64(n-1)
}

// TestTotalBetraysNothing: to a reader who has the total of the period from
// elsewhere, every withheld cell may be anything from the smallest to at least
// the floor, or lie anywhere among all places.
func TestTotalBetraysNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		floor := int32(2 + r.IntN(9))
		have := make([]int32, 2+r.IntN(7))
		total := int64(0)
		for i := range have {
			switch r.IntN(4) {
			case 0:
				have[i] = NoReport
			case 1:
			default:
				have[i] = int32(r.IntN(16))
			}
			total += int64(max(have[i], 0))
		}
		rows := column(have...)
		suppress(rows, 0, floor, nil, nil)
		told := flat(rows)
		for i, v := range told {
			switch {
			case v > 0 && v < floor:
				t.Fatalf("%v is told as %v", have, told)
			case v >= 0 && v != have[i], (v == NoReport) != (have[i] == NoReport):
				t.Fatalf("%v became %v", have, told)
			}
		}
		n, lo, hi := ranges(told, total)
		if n == 0 {
			continue
		}
		reported := 0
		for _, v := range have {
			if v >= 0 {
				reported++
			}
		}
		// Either wide enough, or all that reported are withheld.
		if (lo == hi || hi < int64(floor)) && n != reported {
			t.Fatalf("floor %d: %v told as %v: between %d and %d", floor, have, told, lo, hi)
		}
	}
}

// TestRevisionsBetrayNothing: what was withheld for the sake of a small cell
// stays withheld after the small cell has grown, so that no later release says
// what an earlier one kept back.
func TestRevisionsBetrayNothing(t *testing.T) {
	kept := map[spot]bool{}
	for _, at := range suppress(column(2, 6, 40), 10, 5, kept, nil) {
		kept[at] = true
	}
	if !kept[spot{10, "KH-01"}] || len(kept) != 1 {
		t.Fatal(kept)
	}
	later := column(30, 6, 40) // the first was corrected; 48 - 40 - 6 would tell what it was
	suppress(later, 10, 5, kept, nil)
	if got := flat(later); got[1] != Withheld {
		t.Fatalf("%v: 48 less what is told now is what was withheld before", got)
	}
	if got := flat(later); got[0] != Withheld && got[2] != Withheld {
		t.Fatalf("%v: the total of now tells the second", got)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		revisions(t, r)
	}
}

// revisions goes through revisions of one period and checks that the cells told
// later leave every earlier withheld cell open.
func revisions(t *testing.T, r *rand.Rand) {
	t.Helper()
	const floor = 5
	have := make([]int32, 3+r.IntN(4))
	for i := range have {
		have[i] = int32(r.IntN(20))
	}
	kept := map[spot]bool{}
	type past struct {
		have, told []int32
	}
	var all []past
	for range 5 {
		rows := column(have...)
		for _, at := range suppress(rows, 0, floor, kept, nil) {
			kept[at] = true
		}
		all = append(all, past{slices.Clone(have), flat(rows)})
		have[r.IntN(len(have))] += int32(r.IntN(12))
	}
	for k, p := range all {
		open, hidden := 0, 0
		for i, v := range p.told {
			if v != Withheld {
				continue
			}
			hidden++
			if !slices.ContainsFunc(all[k+1:], func(l past) bool { return l.told[i] == p.have[i] }) {
				open++
			}
		}
		if hidden > 0 && open < 2 {
			t.Fatalf("%v told as %v: %d of %d withheld cells were told later", p.have, p.told, hidden-open, hidden)
		}
	}
}

// TestToldBefore: a cell that was told before hides nothing, if there is
// another.
func TestToldBefore(t *testing.T) {
	rows := column(3, 6, 9, 40)
	suppress(rows, 10, 5, nil, told{{10, "KH-00"}: 0, {10, "KH-01"}: 6, {10, "KH-02"}: 8, {10, "KH-03"}: 40})
	if got := flat(rows); !slices.Equal(got, []int32{Withheld, 6, Withheld, 40}) {
		t.Error(got)
	}
}
