package surveillance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/outbreak"
)

// allSettings are one of each algorithm for each resolution it can judge.
func allSettings() []struct {
	Settings
	Calendar
} {
	var out []struct {
		Settings
		Calendar
	}
	for _, c := range []Calendar{{Weekly, ISOWeeks}, {Weekly, SundayWeeks}, {Resolution: Monthly}, {Resolution: Daily}} {
		for _, a := range Algorithms {
			s := WithDefaults(a, c.Resolution).clean()
			if c.Resolution == Daily {
				s.Years, s.LeastYears = min(s.Years, 2), min(s.LeastYears, 1)
			}
			out = append(out, struct {
				Settings
				Calendar
			}{s, c})
		}
	}
	return out
}

func wild(r *rand.Rand, n int) []float64 {
	mean := math.Exp(r.Float64()*6 - 2)
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Max(0, math.Round(mean*(1+.5*math.Sin(float64(i)/8.3))+r.NormFloat64()*math.Sqrt(mean)))
		if r.IntN(20) == 0 {
			out[i] = outbreak.Missing()
		}
		if r.IntN(40) == 0 {
			out[i] = math.Round(mean * 6)
		}
	}
	return out
}

// TestLaterPeriodsDoNotChange: what a method says of a period does not depend
// on what came after it, nor on where the store cut the series.
func TestLaterPeriodsDoNotChange(t *testing.T) {
	for _, x := range allSettings() {
		r := rand.New(rand.NewPCG(5, uint64(len(x.Algorithm))))
		var w judging
		decided := 0
		for range 25 {
			n := x.mostInYear()*3 + r.IntN(x.mostInYear()*4)
			counts, at := wild(r, n), int32(2900)
			if x.Resolution == Daily {
				at = 20500
			}
			first := at - int32(n) + 1 + int32(r.IntN(20))
			j, err := newJudge(x.Settings, x.Calendar, at)
			if err != nil {
				t.Fatalf("%s, %s: %v", x.Algorithm, x.Resolution, err)
			}
			whole := j.point(&w, first, counts)
			cut := counts[:min(int(at-first)+1, n)]
			if got := j.point(&judging{}, first, slices.Clone(cut)); got != whole {
				t.Fatalf("%s, %s: later periods changed it:\n%+v\n%+v", x.Algorithm, x.Resolution, got, whole)
			}
			if whole.Why == "" || whole.Why == WhyFew {
				decided++
			}
		}
		if decided < 5 {
			t.Errorf("%s, %s: only %d of 25 were decided", x.Algorithm, x.Resolution, decided)
		}
	}
}

// TestOrderDoesNotMatter: the same series, stored in another order and by
// another number of imports, give the same alarms in the same order.
func TestOrderDoesNotMatter(t *testing.T) {
	d, now := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	at := scanWeek(now)
	r := rand.New(rand.NewPCG(7, 8))
	b := bulletin(at)
	for n := range 60 {
		k := Key{Disease: "measles", Place: fmt.Sprintf("KH-%d-%d", n%24+1, n), Class: All}
		b[k] = quiet(r, at-300, at, 9)
		if n%5 == 0 {
			b[k][len(b[k])-1].Value = int32(20 + n)
		}
	}
	var keys []Key
	for k := range b {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	var found [][]Alarm
	for turn := range 3 {
		s := describe(t, d, fmt.Sprint("Order ", turn), sunday)
		order := slices.Clone(keys)
		if turn > 0 {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for i := 0; i < len(order); i += []int{1000, 30, 7}[turn] {
			part := Batch{}
			for _, k := range order[i:min(i+[]int{1000, 30, 7}[turn], len(order))] {
				part[k] = b[k]
			}
			store(t, d, s, fmt.Sprint(turn, "-", i), now.Now(), part)
		}
		run := ScanRun{Dataset: s.Number, Set: s.ID}
		list, err := d.scanDataset(t.Context(), &run)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list { // what only names the dataset
			list[i].Dataset, list[i].Set, list[i].Rev, list[i].KnownAt = 0, "", 0, time.Time{}
		}
		found = append(found, list)
	}
	if len(found[0]) < 10 {
		t.Fatalf("only %d alarms", len(found[0]))
	}
	for turn := 1; turn < 3; turn++ {
		if len(found[turn]) != len(found[0]) {
			t.Fatalf("%d alarms, then %d", len(found[0]), len(found[turn]))
		}
		for i := range found[0] {
			if a, z := found[0][i], found[turn][i]; a.Key != z.Key || a.Judged != z.Judged || a.Rank != z.Rank || a.Held != z.Held || !slices.Equal(a.Because, z.Because) || a.Adjusted != z.Adjusted {
				t.Fatalf("alarm %d differs:\n%+v\n%+v", i+1, a, z)
			}
		}
	}
}

// TestScanIsThePackage: what the scan says of a series is what package outbreak
// says of it when it is called alone.
func TestScanIsThePackage(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	s, _ := DefaultSettings(Weekly)
	at := int32(2950)
	j, err := newJudge(s.clean(), sunday, at)
	if err != nil {
		t.Fatal(err)
	}
	var w judging
	for range 200 {
		counts := wild(r, 320)
		counts[len(counts)-1] = float64(r.IntN(200))
		got := j.point(&w, at-319, counts)
		series := outbreak.Series{Counts: counts}
		for i := range counts {
			series.Days = append(series.Days, outbreak.DayOf(sunday.Start(at-319+int32(i))))
		}
		o := outbreak.FarringtonFlexible()
		want, err := outbreak.Farrington(series, 319, 320, o)
		if err != nil {
			t.Fatal(err)
		}
		if got.Why == WhyGaps {
			continue
		}
		same := func(a, b outbreak.Value) bool {
			return a.Defined() == b.Defined() && math.Abs(a.Or(0)-b.Or(0)) <= 1e-9*(1+math.Abs(b.Or(0)))
		}
		if !same(got.Expected, want[0].Expected) || !same(got.Threshold, want[0].Threshold) || !same(got.P, want[0].PValue) || got.Above != want[0].Alarm {
			t.Fatalf("%+v\n%+v", got, want[0])
		}
	}
}

// TestRecomputeAfterAnything: after random corrections of everything, every
// alarm of every scan computes to what it was, to the last bit.
func TestRecomputeAfterAnything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		s := describe(t, d, "Weekly bulletin", sunday)
		at := scanWeek(now)
		b := bulletin(at)
		store(t, d, s, "first", now.Now(), b)
		d.ScanWork(t.Context())
		r := rand.New(rand.NewPCG(1, 9))
		for turn := range 4 {
			now.Advance(24 * time.Hour)
			part := Batch{}
			for k := range b {
				for p := at - 300; p < at+int32(turn); p += int32(1 + r.IntN(30)) {
					part[k] = append(part[k], packed.Cell{Period: p, Value: int32(r.IntN(40))})
				}
				part[k] = append(part[k], packed.Cell{Period: at + int32(turn), Value: int32(r.IntN(120))})
			}
			store(t, d, s, fmt.Sprint("turn", turn), now.Now(), part)
			d.ScanWork(t.Context())
		}
		list := alarms(t, d, epi, AlarmFilter{Past: true, Held: true, Limit: MostAlarms})
		if len(list) < 5 {
			t.Fatalf("only %d alarms", len(list))
		}
		for _, v := range list {
			got, err := d.Recompute(t.Context(), epi, v.ID)
			if err != nil || !got.Same {
				t.Fatalf("alarm of revision %d at %s: %v\n%+v\n%+v", v.Rev, v.Place, err, got.Judged, v.Judged)
			}
		}
	}, schemas...)
}
