package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Lots are written as number, expiry, quantity; picks as number and quantity.
func TestFEFO(t *testing.T) {
	const today = "2026-11-20"
	lot := func(number, expires string, n int64) Batch {
		return Batch{Lot: "lot-" + number, Number: number, Warehouse: "MAIN", Expires: expires, Usable: true, Qty: n}
	}
	blocked := lot("X", "2026-12-01", 9)
	blocked.Usable = false
	north := lot("A", "2027-03-31", 4)
	north.Warehouse = "NORTH"
	other := lot("A", "2027-03-31", 4)
	other.Lot = "lot-0"
	for name, x := range map[string]struct {
		have  []Batch
		want  int64
		picks string
		short int64
	}{
		"the first to expire goes first":          {[]Batch{lot("B", "2028-01-31", 9), lot("A", "2027-03-31", 4)}, 6, "A4 B2", 0},
		"what never expires goes last":            {[]Batch{lot("N", "", 9), lot("A", "2030-03-31", 4)}, 6, "A4 N2", 0},
		"of one day the smaller is emptied first": {[]Batch{lot("A", "2027-03-31", 9), lot("B", "2027-03-31", 2)}, 5, "B2 A3", 0},
		"of one day and size the number decides":  {[]Batch{lot("B", "2027-03-31", 4), lot("A", "2027-03-31", 4)}, 5, "A4 B1", 0},
		"then the lot":                            {[]Batch{lot("A", "2027-03-31", 4), other}, 5, "A4/lot-0 A1", 0},
		"then the warehouse":                      {[]Batch{north, lot("A", "2027-03-31", 4)}, 5, "A4 A1@NORTH", 0},
		"expired yesterday":                       {[]Batch{lot("A", "2026-11-19", 9), lot("B", "2027-01-31", 4)}, 5, "B4", 1},
		"today is its last day":                   {[]Batch{lot("A", today, 9)}, 5, "A5", 0},
		"keeps until tomorrow":                    {[]Batch{lot("A", "2026-11-21", 9)}, 5, "A5", 0},
		"in quarantine":                           {[]Batch{blocked, lot("A", "2027-03-31", 4)}, 5, "A4", 1},
		"empty":                                   {[]Batch{lot("E", "2026-12-31", 0), lot("A", "2027-03-31", 4)}, 4, "A4", 0},
		"exactly all":                             {[]Batch{lot("A", "2027-03-31", 4)}, 4, "A4", 0},
		"nothing there":                           {nil, 4, "", 4},
		"nothing wanted":                          {[]Batch{lot("A", "2027-03-31", 4)}, 0, "", 0},
		"less than nothing":                       {[]Batch{lot("A", "2027-03-31", 4)}, -4, "", 0},
	} {
		before := slices.Clone(x.have)
		picks, short := FEFO(x.have, x.want, today)
		var got []string
		for _, p := range picks {
			s := fmt.Sprintf("%s%d", p.Number, p.Take)
			if p.Lot != "lot-"+p.Number {
				s += "/" + p.Lot
			}
			if p.Warehouse != "MAIN" {
				s += "@" + p.Warehouse
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != x.picks || short != x.short {
			t.Errorf("%s: %s, short %d; want %s, short %d", name, got, short, x.picks, x.short)
		}
		if !slices.Equal(before, x.have) {
			t.Errorf("%s: the batches were changed", name)
		}
	}
}

// What is taken and what is short are together what was wanted; nothing that
// keeps shorter stays behind something that is taken; the order of the batches
// makes no difference.
func TestFEFOHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 6))
	const today = "2026-11-20"
	for n := range 5000 {
		var have []Batch
		for i := range r.IntN(8) {
			b := Batch{Lot: fmt.Sprint(i), Number: fmt.Sprint(r.IntN(3)), Warehouse: []string{"MAIN", "NORTH"}[r.IntN(2)], Usable: r.IntN(5) > 0, Qty: r.Int64N(5)}
			if r.IntN(4) > 0 {
				b.Expires = fmt.Sprintf("2026-11-%02d", 18+r.IntN(6))
			}
			have = append(have, b)
		}
		want := r.Int64N(20)
		picks, short := FEFO(have, want, today)
		left, sum := map[string]int64{}, short
		for _, b := range have {
			left[b.Lot] = b.Qty
		}
		last := ""
		for i, p := range picks {
			if !p.Usable || p.Take < 1 || p.Take > p.Qty || p.Expires != "" && p.Expires < today || i > 0 && later(last, p.Expires) > 0 {
				t.Fatalf("%d: pick %+v after %s", n, p, last)
			}
			left[p.Lot] -= p.Take
			sum, last = sum+p.Take, p.Expires
		}
		for _, b := range have {
			fit := b.Usable && (b.Expires == "" || b.Expires >= today) && left[b.Lot] > 0
			if fit && (short > 0 || len(picks) > 0 && later(b.Expires, last) < 0) {
				t.Fatalf("%d: %+v stays behind, short %d, last %s", n, b, short, last)
			}
		}
		r.Shuffle(len(have), func(i, j int) { have[i], have[j] = have[j], have[i] })
		again, _ := FEFO(have, want, today)
		if sum != want || !slices.Equal(picks, again) {
			t.Fatalf("%d: %d of %d; %v and %v", n, sum, want, picks, again)
		}
	}
}
