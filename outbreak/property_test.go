package outbreak

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// detectors are all methods that judge steps of a series, for the properties
// that each must have.
var detectors = map[string]func(s Series, from, to int) ([]Point, error){
	"farrington flexible": farringtonBy(FarringtonFlexible()),
	"farrington muan":     farringtonBy(func() FarringtonOptions { o := FarringtonFlexible(); o.Method = Muan; return o }()),
	"farrington classic":  farringtonBy(FarringtonClassic()),
	"C1":                  earsBy(C1), "C2": earsBy(C2), "C3": earsBy(C3),
	"cusum": func(s Series, from, to int) ([]Point, error) {
		return pointsOf(CUSUM(s, from, to, DefaultCUSUM()))(func(p CUSUMPoint) Point { return p.Point })
	},
	"glr": func(s Series, from, to int) ([]Point, error) {
		r, err := GLR(s, from, to, DefaultGLR())
		return pointsOf(r.Points, err)(func(p GLRPoint) Point { return p.Point })
	},
}

func farringtonBy(o FarringtonOptions) func(Series, int, int) ([]Point, error) {
	return func(s Series, from, to int) ([]Point, error) {
		return pointsOf(Farrington(s, from, to, o))(func(p FarringtonPoint) Point { return p.Point })
	}
}

func earsBy(m EARSMethod) func(Series, int, int) ([]Point, error) {
	return func(s Series, from, to int) ([]Point, error) {
		return pointsOf(EARS(s, from, to, DefaultEARS(m)))(func(p EARSPoint) Point { return p.Point })
	}
}

func pointsOf[T any](in []T, err error) func(func(T) Point) ([]Point, error) {
	return func(point func(T) Point) ([]Point, error) {
		out := make([]Point, len(in))
		for i, p := range in {
			out[i] = point(p)
		}
		return out, err
	}
}

// What happens later must not change what was said of a step.
func TestFutureDoesNotChangeThePast(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, run := range detectors {
		for range 10 {
			counts := simulated(rng, 420, 8, 0.001, 0.4, 1.5)
			before, err := run(Series{Counts: counts[:380]}, 330, 380)
			if err != nil {
				t.Fatal(name, err)
			}
			after, err := run(Series{Counts: counts}, 330, 420)
			if err != nil {
				t.Fatal(name, err)
			}
			if !reflect.DeepEqual(before, after[:50]) {
				t.Errorf("%s: forty further weeks change earlier answers", name)
			}
		}
	}
}

// With the population as offset a decision is about the rate: people counted in
// thousands give the same one.
func TestPopulationScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 40 {
		counts := simulated(rng, 400, 12, 0, 0.5, 2)
		people, thousands := make([]float64, 400), make([]float64, 400)
		for i := range people {
			people[i] = 250000 * math.Exp(0.0005*float64(i))
			thousands[i] = people[i] / 1000
		}
		o := FarringtonFlexible()
		o.Population = true
		a, err := Farrington(Series{Counts: counts, Population: people}, 360, 400, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Farrington(Series{Counts: counts, Population: thousands}, 360, 400, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a {
			if a[i].Alarm != b[i].Alarm || a[i].Threshold != b[i].Threshold || a[i].Reason != b[i].Reason ||
				math.Abs(a[i].Expected.Or(0)-b[i].Expected.Or(0)) > 1e-9*a[i].Expected.Or(0) {
				t.Errorf("step %d: %+v with people, %+v with thousands", i, a[i].Point, b[i].Point)
			}
		}
	}
}

// A workspace carries nothing from one series to the next: the order in which
// series are scanned does not matter.
func TestOrderOfSeries(t *testing.T) {
	set := scanSet(60)
	set[7] = make([]float64, 520)
	for i := range 200 {
		set[9][i+300] = Missing()
	}
	plan, err := PlanFarrington(Series{Counts: set[0]}, 519, FarringtonFlexible())
	if err != nil {
		t.Fatal(err)
	}
	var work FarringtonWork
	first := make([]FarringtonPoint, len(set))
	for i, s := range set {
		first[i] = plan.Point(&work, s, nil)
	}
	for i := len(set) - 1; i >= 0; i-- {
		if again := plan.Point(&work, set[i], nil); again != first[i] {
			t.Errorf("series %d: %+v then %+v", i, first[i], again)
		}
	}
}

// The order of dated counts does not matter, and what was not reported stays
// missing.
func TestOrderOfPairs(t *testing.T) {
	start := DateOf(2024, 1, 1)
	pairs := []DatedCount{}
	for i := range 30 {
		if i != 11 {
			pairs = append(pairs, DatedCount{Day: start + Day(7*i), Count: float64(i)})
		}
	}
	want, err := WeeklySeries(pairs)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Counts) != 30 || !IsMissing(want.Counts[11]) || want.Counts[12] != 12 {
		t.Fatalf("the gap is lost: %v", want.Counts)
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	got, err := WeeklySeries(pairs)
	if err != nil || len(got.Counts) != 30 {
		t.Fatal(err)
	}
	for i := range got.Counts {
		if got.Days[i] != want.Days[i] || got.Counts[i] != want.Counts[i] && !(IsMissing(got.Counts[i]) && IsMissing(want.Counts[i])) {
			t.Fatalf("step %d differs", i)
		}
	}
	if _, err := WeeklySeries(append(pairs, pairs[0])); err == nil {
		t.Error("two counts for one week are taken")
	}
	if _, err := WeeklySeries([]DatedCount{{start, 1}, {start + 8, 1}}); err == nil {
		t.Error("a day that is no week's start is taken")
	}
}

// sound tells what is wrong with a point: a NaN, an infinity, or an alarm
// without a threshold.
func sound(p Point) string {
	for name, v := range map[string]Value{"observed": p.Observed, "expected": p.Expected, "threshold": p.Threshold, "score": p.Score, "p": p.PValue} {
		if x, ok := v.Get(); ok && !usable(x) {
			return name
		}
	}
	if x, ok := p.PValue.Get(); ok && (x < 0 || x > 1) {
		return "p-value outside 0 to 1"
	}
	if p.Alarm && (!p.Threshold.Defined() || p.Reason != Decided) {
		return "an alarm without a threshold"
	}
	if !p.Threshold.Defined() && p.Reason == Decided {
		return "neither a threshold nor a reason"
	}
	return ""
}

// FuzzDetectors feeds any counts to every method: none may panic, hang, or give
// a number that is not one.
func FuzzDetectors(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 52, uint8(0))
	f.Add(make([]byte, 300), 12, uint8(1))
	f.Add([]byte("a series of letters as counts, some of them very large\xff\xff\xff"), 4, uint8(9))
	f.Fuzz(func(t *testing.T, raw []byte, frequency int, shape uint8) {
		raw = raw[:min(len(raw), 1200)] // a chart without a window looks back over all steps at each step
		counts := make([]float64, 0, len(raw))
		for i, b := range raw {
			switch {
			case b == 255:
				counts = append(counts, Missing())
			case b == 254 && i+8 < len(raw):
				counts = append(counts, math.Float64frombits(binary.LittleEndian.Uint64(raw[i+1:])))
			case shape%3 == 1:
				counts = append(counts, float64(b)*1e6)
			case shape%3 == 2:
				counts = append(counts, float64(b/64))
			default:
				counts = append(counts, float64(b))
			}
		}
		s := Series{Counts: counts, Frequency: frequency}
		if shape&16 != 0 {
			s.Days = make([]Day, len(counts))
			for i := range s.Days {
				s.Days[i] = Day(i) * Day(shape%9)
			}
		}
		for name, run := range detectors {
			points, err := run(s, len(counts)/2, len(counts))
			if err != nil {
				continue
			}
			for _, p := range points {
				if what := sound(p); what != "" {
					t.Errorf("%s: %s at step %d: %+v", name, what, p.Step, p)
				}
			}
		}
	})
}

// FuzzFarringtonOptions runs short and odd settings in both modes.
func FuzzFarringtonOptions(f *testing.F) {
	f.Add(1, 0, 1, 0, 0.05, 2.58, uint8(0), uint64(1))
	f.Add(2, 1, 10, 6, 0.001, 0.5, uint8(255), uint64(2))
	f.Fuzz(func(t *testing.T, years, half, periods, omit int, alpha, limit float64, bits uint8, seed uint64) {
		o := FarringtonOptions{Years: years, HalfWindow: half, Periods: periods, Omit: omit, Alpha: alpha, ResidualLimit: limit,
			Method: ThresholdMethod(bits % 3), Power: PowerTransform(bits / 3 % 3), Trend: bits&1 != 0, TrendP: float64(bits%5) / 4,
			Reweight: bits&2 != 0, Population: bits&4 != 0, MinSteps: 1 + int(bits%6), MinCases: int(bits % 7), Compat: Compat(bits >> 7)}
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 20 + rng.IntN(120)
		s := Series{Counts: make([]float64, n), Frequency: 12, Population: make([]float64, n)}
		for i := range s.Counts {
			s.Counts[i] = math.Floor(rng.ExpFloat64() * math.Exp(rng.Float64()*4-2))
			s.Population[i] = 1 + rng.Float64()*1e6
			if rng.IntN(9) == 0 {
				s.Counts[i] = Missing()
			}
		}
		points, err := Farrington(s, n-8, n, o)
		if err != nil {
			return
		}
		for _, p := range points {
			if what := sound(p.Point); what != "" {
				t.Errorf("%s: %+v with %+v", what, p.Point, o)
			}
		}
	})
}
