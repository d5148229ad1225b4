package outbreak

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// epidemic is a series of 60 days with rise, fall and quiet days.
func epidemic(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, n)
	level := 3 + 10*rng.Float64()
	for t := range out {
		level *= math.Exp(0.12 * rng.NormFloat64())
		out[t] = float64(randomPoisson(rng, level))
	}
	return out
}

func mustSI(t testing.TB, mean, sd float64, lags int) SerialInterval {
	t.Helper()
	si, err := DiscretiseSerialInterval(mean, sd, lags)
	if err != nil {
		t.Fatal(err)
	}
	return si
}

func TestSerialIntervalIsADistribution(t *testing.T) {
	for _, mean := range []float64{1.01, 1.5, 4.8, 14, 90} {
		for _, sd := range []float64{0.05, 0.6, 3, 12} {
			si := mustSI(t, mean, sd, 4000)
			sum := 0.0
			for _, w := range si {
				sum += w
			}
			if si[0] != 0 || math.Abs(sum-1) > 1e-6 {
				t.Errorf("mean %v sd %v: weight of lag 0 is %v, sum %v", mean, sd, si[0], sum)
			}
			if sd < 3*(mean-1) && math.Abs(si.Mean()-mean) > 1e-5*mean {
				t.Errorf("mean %v sd %v: discretised mean is %v", mean, sd, si.Mean())
			}
		}
	}
}

func TestReproductionNumberRefuses(t *testing.T) {
	si := mustSI(t, 4, 2, 20)
	good := Series{Counts: epidemic(1, 30)}
	gap := Series{Counts: append([]float64{1, Missing()}, epidemic(1, 30)...)}
	for name, c := range map[string]struct {
		s    Series
		o    RtOptions
		kind Kind
	}{
		"a missing count":               {gap, RtOptions{}, BadSeries},
		"a negative count":              {Series{Counts: []float64{1, 2, -1, 4, 5, 6, 7, 8, 9}}, RtOptions{}, BadSeries},
		"too few counts":                {Series{Counts: []float64{1, 2, 3, 4, 5, 6, 7}}, RtOptions{}, ShortSeries},
		"a window of the first step":    {good, RtOptions{Windows: []Window{{0, 3}}}, BadOption},
		"a window past the end":         {good, RtOptions{Windows: []Window{{5, 30}}}, BadOption},
		"a window that runs backwards":  {good, RtOptions{Windows: []Window{{9, 5}}}, BadOption},
		"a negative prior":              {good, RtOptions{PriorMean: -1}, BadOption},
		"imported counts of other size": {good, RtOptions{Imported: []float64{1}}, BadSeries},
	} {
		if _, err := ReproductionNumber(c.s, si, c.o); !errors.Is(err, &Error{Kind: c.kind}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSerialInterval([]float64{0, 0.5, 0.2}); err == nil {
		t.Error("weights that sum to 0.7 were taken")
	}
	if _, err := DiscretiseSerialInterval(1, 2, 9); err == nil {
		t.Error("a mean serial interval of 1 was taken")
	}
}

func TestMissingAsZeroIsFlagged(t *testing.T) {
	si := mustSI(t, 3, 1.5, 12)
	counts := epidemic(2, 40)
	holed := slices.Clone(counts)
	holed[20] = Missing()
	filled := slices.Clone(counts)
	filled[20] = 0
	got, err := ReproductionNumber(Series{Counts: holed}, si, RtOptions{MissingAsZero: true})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := ReproductionNumber(Series{Counts: filled}, si, RtOptions{})
	if !slices.Equal(got.Filled, []int{20}) {
		t.Errorf("filled steps %v", got.Filled)
	}
	for i, p := range got.Points {
		touched := p.End >= 20 && p.Start-12 < 20
		if p.Mean != want.Points[i].Mean || (p.Filled == 1) != touched {
			t.Errorf("window %v: mean %v, want %v; filled %d", p.Window, p.Mean, want.Points[i].Mean, p.Filled)
		}
	}
}

func TestEarlyWindowsAreUndefined(t *testing.T) {
	si := mustSI(t, 15.5, 4, 60)
	rt, err := ReproductionNumber(Series{Counts: epidemic(3, 40)}, si, RtOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range rt.Points {
		early := float64(p.End+1) <= si.Mean()
		if early != (p.Reason == TooEarly) || early == p.Mean.Defined() {
			t.Errorf("window %v: mean %v, reason %v", p.Window, p.Mean, p.Reason)
		}
	}
}

// Nothing that happens later changes an estimate of the past.
func TestFutureDoesNotChangeRt(t *testing.T) {
	si := mustSI(t, 5, 3, 30)
	for seed := range uint64(20) {
		long := epidemic(seed, 80)
		all, err := ReproductionNumber(Series{Counts: long}, si, RtOptions{})
		if err != nil {
			t.Fatal(err)
		}
		part, _ := ReproductionNumber(Series{Counts: long[:50]}, si, RtOptions{})
		for i, p := range part.Points {
			if p != all.Points[i] {
				t.Fatalf("seed %d window %v: %+v then %+v", seed, p.Window, p, all.Points[i])
			}
		}
	}
}

// With many cases the prior fades, and R depends on ratios of counts only.
func TestScalingCountsLeavesRt(t *testing.T) {
	si := mustSI(t, 5, 3, 30)
	counts := epidemic(5, 60)
	big, bigger := make([]float64, len(counts)), make([]float64, len(counts))
	for t, x := range counts {
		big[t], bigger[t] = (x+1)*1e6, (x+1)*1e7
	}
	a, _ := ReproductionNumber(Series{Counts: big}, si, RtOptions{})
	b, _ := ReproductionNumber(Series{Counts: bigger}, si, RtOptions{})
	for i := range a.Points {
		x, y := a.Points[i].Mean.Or(-1), b.Points[i].Mean.Or(-1)
		if math.Abs(x-y) > 1e-5*y {
			t.Errorf("window %v: %v and %v", a.Points[i].Window, x, y)
		}
	}
}

// Imported cases raise infectivity, so they lower the local reproduction number.
func TestImportedCasesAreNotLocalTransmission(t *testing.T) {
	si := mustSI(t, 5, 3, 30)
	counts := epidemic(6, 60)
	imported := make([]float64, 60)
	for t := range imported {
		imported[t] = 4
	}
	plain, _ := ReproductionNumber(Series{Counts: counts}, si, RtOptions{})
	split, err := ReproductionNumber(Series{Counts: counts}, si, RtOptions{Imported: imported})
	if err != nil {
		t.Fatal(err)
	}
	for i := range plain.Points {
		if !(split.Points[i].Mean.Or(9) < plain.Points[i].Mean.Or(0)) {
			t.Errorf("window %v: %v with, %v without imported cases", plain.Points[i].Window, split.Points[i].Mean, plain.Points[i].Mean)
		}
	}
}

func TestLatestIsTheLastPoint(t *testing.T) {
	e, err := NewRtEstimator(mustSI(t, 4, 2, 25), RtOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(10) {
		counts := epidemic(seed, 12+int(seed)*9)
		all, _ := e.Estimate(Series{Counts: counts})
		last, err := e.Latest(counts)
		if err != nil {
			t.Fatal(err)
		}
		want := all.Points[len(all.Points)-1]
		if last.Window != want.Window || math.Abs(last.Median.Or(0)-want.Median.Or(1)) > 1e-12 {
			t.Errorf("seed %d: %+v, want %+v", seed, last, want)
		}
	}
}

func TestMixtureOfOneIsThePlainEstimate(t *testing.T) {
	counts := epidemic(7, 40)
	s := Series{Counts: counts}
	plain, _ := ReproductionNumber(s, mustSI(t, 4, 2, len(counts)), RtOptions{})
	mixed, err := ReproductionNumberUncertain(s, []SIPair{{4, 2}, {4, 2}}, RtOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range plain.Points {
		q := mixed.Points[i]
		if math.Abs(p.Q975.Or(0)-q.Q975.Or(1)) > 1e-10 || math.Abs(p.SD.Or(0)-q.SD.Or(1)) > 1e-9 {
			t.Errorf("window %v: %+v and %+v", p.Window, p, q)
		}
	}
}

func TestSampledPosteriorAgreesWithTheMixture(t *testing.T) {
	u := SIUncertainty{Mean: 4, MeanSD: 1, MeanMin: 2, MeanMax: 6, SD: 2, SDSD: 0.5, SDMin: 1, SDMax: 3}
	pairs, err := u.Draw(100, 7)
	if err != nil {
		t.Fatal(err)
	}
	s, w := Series{Counts: epidemic(8, 40)}, Window{20, 26}
	exact, err := ReproductionNumberUncertain(s, pairs, RtOptions{Windows: []Window{w}})
	if err != nil {
		t.Fatal(err)
	}
	draws, err := SampleRt(s, pairs, RtOptions{}, w, 500, 3)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(draws)
	for i, v := range exact.Points[0].quantiles() {
		got := sampleQuantile(draws, rtQuantiles[i])
		if math.Abs(got-v.Or(0)) > 0.015*v.Or(0) {
			t.Errorf("quantile %v: %v sampled, %v exact", rtQuantiles[i], got, v)
		}
	}
}

// When everybody infects the same number and all infections are seen, the cohort
// reproduction numbers average to the cases infected over the cases infecting.
func TestWallingaTeunisBalances(t *testing.T) {
	counts := epidemic(9, 60)
	si := mustSI(t, 3, 1, 15)
	points, err := WallingaTeunis(Series{Counts: counts}, si, WTOptions{Windows: []Window{{1, 59}}, Simulations: 500, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := points[0]
	c := cohort{weights: si.trimmed(), cases: counts, force: infectivity(si, counts)}
	attributed := 0.0
	for day := 1; day < 60; day++ {
		attributed += counts[day] * c.share(day, Window{1, 59})
	}
	if math.Abs(p.Mean.Or(0)*p.Cases-attributed) > 1e-9*attributed {
		t.Errorf("%v infections, %v attributed", p.Mean.Or(0)*p.Cases, attributed)
	}
	if low, high := p.Q025.Or(9), p.Q975.Or(0); !(low <= p.Mean.Or(0) && p.Mean.Or(0) <= high) {
		t.Errorf("mean %v outside %v to %v", p.Mean, low, high)
	}
	if !(p.Corrected.Or(0) >= p.Mean.Or(9)) || p.Seen > 1 {
		t.Errorf("corrected %v, mean %v, seen %v", p.Corrected, p.Mean, p.Seen)
	}
	empty, err := WallingaTeunis(Series{Counts: make([]float64, 20)}, si, WTOptions{})
	if err != nil || empty[0].Reason != TooFewCases {
		t.Errorf("no cases: %+v, %v", empty[0], err)
	}
}

// Intervals of EpiEstim 2.2-4 with 4000 simulated transmission trees.
func TestWallingaTeunisIntervalsAgainstR(t *testing.T) {
	counts := []float64{1, 2, 2, 4, 5, 8, 12, 18, 24, 30, 33, 30, 26, 21, 15, 12, 8, 6, 4, 3, 2}
	points, err := WallingaTeunis(Series{Counts: counts}, mustSI(t, 4, 2, 21), WTOptions{
		Windows: []Window{{1, 7}, {5, 11}, {10, 16}, {14, 20}}, Simulations: 4000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][4]float64{{2.58034, 0.10371, 2.39216, 2.78431}, {1.19620, 0.03350, 1.12903, 1.25806},
		{0.44179, 0.03068, 0.37931, 0.50345}, {0.17367, 0.04420, 0.10000, 0.26000}} {
		p := points[i]
		if math.Abs(p.Mean.Or(0)-want[0]) > 1e-5 || math.Abs(p.SD.Or(0)-want[1]) > 0.03*want[1] ||
			math.Abs(p.Q025.Or(0)-want[2]) > 1.5/p.Cases || math.Abs(p.Q975.Or(0)-want[3]) > 1.5/p.Cases {
			t.Errorf("window %v: %+v, want %v", p.Window, p, want)
		}
	}
}

func FuzzReproductionNumber(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 0, 0, 5, 6, 7, 8, 9, 255}, 4.0, 2.0, 7, 5.0, true)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0}, 1.0001, 1e-6, 1, 1e-9, false)
	f.Fuzz(func(t *testing.T, raw []byte, mean, sd float64, width int, prior float64, zero bool) {
		if len(raw) > 200 {
			return
		}
		counts := bytesToCounts(raw)
		si, err := DiscretiseSerialInterval(mean, sd, max(1, len(counts)))
		if err != nil {
			return
		}
		s := Series{Counts: counts}
		rt, err := ReproductionNumber(s, si, RtOptions{Width: width % 300, PriorMean: prior, PriorSD: prior, MissingAsZero: zero})
		if err != nil {
			return
		}
		for _, p := range rt.Points {
			if p.Reason == Decided && (!p.Mean.Defined() || !p.Median.Defined() || p.Q025.Or(0) > p.Q975.Or(0)) {
				t.Fatalf("%+v", p)
			}
		}
		if _, err := WallingaTeunis(s, si, WTOptions{Width: width % 300, MissingAsZero: zero, Simulations: 3}); err != nil {
			t.Fatalf("the cohort method refuses what the other takes: %v", err)
		}
	})
}

// bytesToCounts makes small counts, large ones and gaps.
func bytesToCounts(raw []byte) []float64 {
	out := make([]float64, len(raw))
	for i, b := range raw {
		switch {
		case b == 255:
			out[i] = Missing()
		case b > 240:
			out[i] = math.Pow(10, float64(b-240))
		default:
			out[i] = float64(b)
		}
	}
	return out
}
