package outbreak

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func exponential(rate float64, n int) Series {
	out := make([]float64, n)
	for t := range out {
		out[t] = 100 * math.Exp(rate*float64(t))
	}
	return Series{Counts: out, Frequency: Daily}
}

func TestGrowthOfAnExponential(t *testing.T) {
	for _, rate := range []float64{0.2, 0.01, -0.01, -0.3} {
		g, err := GrowthRate(exponential(rate, 20), GrowthOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(g.Rate.Or(9)-rate) > 1e-12 {
			t.Errorf("rate %v estimated as %v", rate, g.Rate)
		}
		time := g.Doubling
		if rate < 0 {
			time = g.Halving
		}
		if math.Abs(time.Or(0)-math.Ln2/math.Abs(rate)) > 1e-8 || (rate > 0) == g.Halving.Defined() {
			t.Errorf("rate %v: doubling %v, halving %v", rate, g.Doubling, g.Halving)
		}
	}
}

func TestGrowthPerDayNotPerStep(t *testing.T) {
	s := exponential(0.7, 12)
	daily, _ := GrowthRate(s, GrowthOptions{})
	weekly, _ := GrowthRate(s, GrowthOptions{StepDays: 7})
	if math.Abs(daily.Rate.Or(0)-7*weekly.Rate.Or(0)) > 1e-12 {
		t.Errorf("%v a day, %v a day of weeks", daily.Rate, weekly.Rate)
	}
}

// Counts times a constant grow at the same rate; zero days change nothing but
// the number that is left out.
func TestGrowthScalesAndDropsZeros(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	counts := []float64{3}
	for range 30 {
		counts = append(counts, math.Floor(20*rng.Float64()))
	}
	big := make([]float64, len(counts))
	zeros := 0
	for i, x := range counts {
		big[i] = 1000 * x
		if x == 0 {
			zeros++
		}
	}
	a, err := GrowthRate(Series{Counts: counts}, GrowthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := GrowthRate(Series{Counts: big}, GrowthOptions{})
	if math.Abs(a.Rate.Or(0)-b.Rate.Or(1)) > 1e-12 || math.Abs(a.RateHigh.Or(0)-b.RateHigh.Or(1)) > 1e-12 {
		t.Errorf("%v and %v", a.Rate, b.Rate)
	}
	if a.Dropped != zeros || len(a.Points) != len(counts)-zeros {
		t.Errorf("%d dropped of %d zeros", a.Dropped, zeros)
	}
}

// Where growth is uncertain, the paper's mode gives no upper limit of the
// doubling time; R's gives a negative one.
func TestUncertainDoublingHasNoUpperLimit(t *testing.T) {
	s := Series{Counts: []float64{5, 9, 3, 8, 12, 4, 7, 9}}
	paper, err := GrowthRate(s, GrowthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	inR, _ := GrowthRate(s, GrowthOptions{Compat: R})
	if !paper.Doubling.Defined() || paper.DoublingHigh.Defined() || !(inR.DoublingHigh.Or(1) < 0) {
		t.Errorf("paper %v to %v, R %v", paper.DoublingLow, paper.DoublingHigh, inR.DoublingHigh)
	}
}

func TestGrowthRefuses(t *testing.T) {
	if _, err := GrowthRate(Series{Counts: []float64{0, 4, 0}}, GrowthOptions{}); !errors.Is(err, &Error{Kind: ShortSeries}) {
		t.Errorf("one step with a case: %v", err)
	}
	g, err := GrowthRate(Series{Counts: []float64{4, 8}}, GrowthOptions{})
	if err != nil || g.RateLow.Defined() || math.Abs(g.Doubling.Or(0)-1) > 1e-12 {
		t.Errorf("two steps: %+v, %v", g, err)
	}
	if _, _, err := GrowthSplit(exponential(0.1, 10), 10, GrowthOptions{}); !errors.Is(err, &Error{Kind: BadOption}) {
		t.Errorf("a split outside the series: %v", err)
	}
}

func TestBestSplitFindsThePeak(t *testing.T) {
	counts := make([]float64, 41)
	for t := range counts {
		counts[t] = 500 * math.Exp(-0.15*math.Abs(float64(t)-22))
	}
	split, before, after, err := BestGrowthSplit(Series{Counts: counts}, GrowthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if split != 22 || math.Abs(before.Rate.Or(0)-0.15) > 1e-9 || math.Abs(after.Rate.Or(0)+0.15) > 1e-9 {
		t.Errorf("split at %d, %v before, %v after", split, before.Rate, after.Rate)
	}
}

func FuzzGrowthRate(f *testing.F) {
	f.Add([]byte{1, 2, 4, 0, 255, 9}, 1.0, 0.95)
	f.Add([]byte{254, 1}, 1e-9, 0.999999)
	f.Fuzz(func(t *testing.T, raw []byte, step, level float64) {
		s := Series{Counts: bytesToCounts(raw)}
		if g, err := GrowthRate(s, GrowthOptions{StepDays: step, Level: level}); err == nil && len(g.Points) < 2 {
			t.Fatalf("%+v", g)
		}
		_, _, _, _ = BestGrowthSplit(s, GrowthOptions{})
	})
}

func daily(n int, effect [7]float64, seed uint64) Series {
	rng := rand.New(rand.NewPCG(seed, 9))
	s := Series{Frequency: Daily}
	for t := range n {
		day := DateOf(2026, 1, 1) + Day(t)
		level := 40 * math.Exp(0.01*float64(t)+0.3*math.Sin(float64(t)/15))
		s.Days = append(s.Days, day)
		s.Counts = append(s.Counts, float64(randomPoisson(rng, level*effect[day.Time().Weekday()])))
	}
	return s
}

func TestWeekdayEffectIsFound(t *testing.T) {
	truth := [7]float64{0.5, 1.3, 1.2, 1.1, 1.1, 1.1, 0.7}
	s := daily(140, truth, 1)
	w, err := WeekdayEffect(s)
	if err != nil {
		t.Fatal(err)
	}
	for d, e := range w.Effect {
		if math.Abs(e-truth[d]) > 4*w.SE[d].Or(0) {
			t.Errorf("day %d: %.3f (se %v), truth %v", d, e, w.SE[d], truth[d])
		}
	}
	if !(w.PValue.Or(1) < 1e-6) {
		t.Errorf("p %v", w.PValue)
	}
	flat, err := w.Adjust(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := WeekdayEffect(flat)
	if err != nil {
		t.Fatal(err)
	}
	for d, e := range again.Effect {
		if math.Abs(e-1) > 0.05 {
			t.Errorf("after adjustment day %d has effect %v", d, e)
		}
	}
}

// Without an effect the test speaks at about its level.
func TestNoWeekdayEffect(t *testing.T) {
	false5 := 0
	const n = 1000
	for seed := range uint64(n) {
		w, err := WeekdayEffect(daily(84, [7]float64{1, 1, 1, 1, 1, 1, 1}, seed+100))
		if err != nil {
			t.Fatal(err)
		}
		if w.PValue.Or(1) < 0.05 {
			false5++
		}
	}
	if rate := float64(false5) / n; rate < 0.03 || rate > 0.075 {
		t.Errorf("%v of the series without an effect are called at level 0.05", rate)
	}
	if _, err := WeekdayEffect(Series{Counts: make([]float64, 100)}); !errors.Is(err, &Error{Kind: NotSupported}) {
		t.Errorf("weekly counts: %v", err)
	}
}
