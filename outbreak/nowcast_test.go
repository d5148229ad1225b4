package outbreak

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// reports draws cases with Poisson counts and a delay of 0 to 6 steps.
func reports(rng *rand.Rand, now int, mean float64) []Report {
	var out []Report
	for event := range now + 1 {
		for range randomPoisson(rng, mean) {
			out = append(out, Report{event, event + randomBinomial(rng, 6, 0.4)})
		}
	}
	return out
}

func triangleOf(t testing.TB, rs []Report, now, longest int) Triangle {
	t.Helper()
	tr, _, _, _, err := NewTriangle(rs, now, longest)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

var nowcastMethods = []NowcastMethod{NowcastTrunc, NowcastNoTrunc, NowcastNoTruncBNB, NowcastLawless, NowcastUniform}

func TestTriangleCountsEveryReportOnce(t *testing.T) {
	rs := []Report{{0, 0}, {0, 5}, {2, 3}, {4, 9}, {3, 1}, {-1, 2}, {5, 5}}
	tr, later, long, impossible, err := NewTriangle(rs, 5, 2)
	if err != nil {
		t.Fatal(err)
	}
	if later != 1 || long != 1 || impossible != 2 {
		t.Errorf("later %d, long %d, impossible %d", later, long, impossible)
	}
	if tr.Counts[0][0] != 1 || tr.Counts[0][2] != 1 || tr.Counts[2][1] != 1 || tr.Counts[5][0] != 1 || !IsMissing(tr.Counts[5][1]) {
		t.Errorf("%v", tr.Counts)
	}
	if _, _, _, _, err := NewTriangle(rs, 5, 6); !errors.Is(err, &Error{Kind: BadOption}) {
		t.Errorf("a delay longer than the history: %v", err)
	}
}

// A triangle from snapshots is the one from the line list, and lowered counts are
// taken back from the latest reports.
func TestTriangleOfRevisions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	rs := reports(rng, 20, 7)
	known := make([][]float64, 21)
	for r := range known {
		known[r] = make([]float64, r+1)
		for _, report := range rs {
			if report.Reported <= r {
				known[r][report.Event]++
			}
		}
	}
	got, err := TriangleOfRevisions(known, 6)
	if err != nil {
		t.Fatal(err)
	}
	want := triangleOf(t, rs, 20, 6)
	for e, row := range want.Counts {
		for x, n := range row {
			if g := got.Counts[e][x]; g != n && !(IsMissing(g) && IsMissing(n)) {
				t.Fatalf("event %d, delay %d: %v, want %v", e, x, g, n)
			}
		}
	}
	lowered, err := TriangleOfRevisions([][]float64{{4}, {7, 1}, {5, Missing(), 2}, {5, 3}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for e, sum := range []float64{5, 3, 2, 0} {
		if lowered.reported(e) != sum {
			t.Errorf("event %d sums to %v, want %v: %v", e, lowered.reported(e), sum, lowered.Counts[e])
		}
	}
	if lowered.Counts[0][0] != 4 || lowered.Counts[0][1] != 1 {
		t.Errorf("the latest reports are taken back first: %v", lowered.Counts[0])
	}
	if _, err := TriangleOfRevisions([][]float64{{0.5}}, 0); !errors.Is(err, &Error{Kind: BadSeries}) {
		t.Errorf("half a case: %v", err)
	}
}

// In the default mode every distribution is one: it starts at what is reported
// and sums to one.
func TestNowcastDistributions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	tr := triangleOf(t, reports(rng, 40, 12), 40, 6)
	for _, m := range nowcastMethods {
		n, err := tr.Nowcast(NowcastOptions{Method: m, Seed: 1})
		if err != nil {
			t.Fatal(m, err)
		}
		for _, p := range n.Steps {
			sum := 0.0
			for _, q := range p.PMF {
				if q < 0 {
					t.Fatalf("%v: negative probability", m)
				}
				sum += q
			}
			if math.Abs(sum-1) > 1e-9 || float64(p.From) != p.Reported {
				t.Errorf("%v step %d: sum %v from %d, reported %v", m, p.Step, sum, p.From, p.Reported)
			}
			if p.Step <= 34 && p.Median.Or(-1) != p.Reported {
				t.Errorf("%v step %d is complete: median %v of %v", m, p.Step, p.Median, p.Reported)
			}
			if !(p.Lower.Or(9) <= p.Median.Or(0) && p.Median.Or(9e9) <= p.Upper.Or(0)) {
				t.Errorf("%v step %d: %v, %v, %v", m, p.Step, p.Lower, p.Median, p.Upper)
			}
		}
	}
}

// The interval of the truncated Bayesian method holds the truth about as often
// as it says.
func TestNowcastCoverage(t *testing.T) {
	in, out := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		rs := reports(rng, 46, 20)
		truth := make([]float64, 47)
		for _, r := range rs {
			truth[r.Event]++
		}
		n, err := triangleOf(t, rs, 46, 6).Nowcast(NowcastOptions{Draws: 2000, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range n.Steps[41:46] {
			if p.Lower.Or(0) <= truth[p.Step] && truth[p.Step] <= p.Upper.Or(0) {
				in++
			} else {
				out++
			}
		}
	}
	if share := float64(in) / float64(in+out); share < 0.9 || share > 0.995 {
		t.Errorf("intervals of 95 %% hold the truth in %.3f", share)
	}
}

// The order of the line list does not matter, and more complete steps of the
// past leave the steps that were complete already.
func TestNowcastOrderAndFuture(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	rs := reports(rng, 40, 9)
	a, _ := triangleOf(t, rs, 30, 6).Nowcast(NowcastOptions{Method: NowcastNoTrunc})
	rng.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	b, _ := triangleOf(t, rs, 30, 6).Nowcast(NowcastOptions{Method: NowcastNoTrunc})
	later, _ := triangleOf(t, rs, 40, 6).Nowcast(NowcastOptions{Method: NowcastNoTrunc})
	for i, p := range a.Steps {
		if p.Median != b.Steps[i].Median || p.Mean != b.Steps[i].Mean {
			t.Errorf("step %d: %v, and %v in another order", i, p.Mean, b.Steps[i].Mean)
		}
		if i <= 24 && p.Median != later.Steps[i].Median {
			t.Errorf("complete step %d: %v, later %v", i, p.Median, later.Steps[i].Median)
		}
	}
}

// R leaves the uncertainty of the delays out of Lawless's variance and gives
// probabilities that sum to more than one; the default does neither.
func TestLawlessIsCorrected(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	tr := triangleOf(t, reports(rng, 12, 3), 12, 6)
	paper, err := tr.Nowcast(NowcastOptions{Method: NowcastLawless})
	if err != nil {
		t.Fatal(err)
	}
	inR, err := tr.Nowcast(NowcastOptions{Method: NowcastLawless, Compat: R, Max: 300})
	if err != nil {
		t.Fatal(err)
	}
	wider, excess := false, false
	for i, p := range paper.Steps {
		q := inR.Steps[i]
		sum := 0.0
		for _, x := range q.PMF {
			sum += x
		}
		excess = excess || sum > 1.001
		wider = wider || p.Upper.Or(0)-p.Lower.Or(0) > q.Upper.Or(0)-q.Lower.Or(0)
		if p.Completeness != q.Completeness {
			t.Errorf("step %d: completeness %v and %v", i, p.Completeness, q.Completeness)
		}
	}
	if !wider || !excess {
		t.Errorf("wider %v, sum above one in R %v", wider, excess)
	}
}

// The closed form with a flat prior and the quadrature with the uniform prior
// are the same posterior.
func TestFlatPriorTwoWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	tr := triangleOf(t, reports(rng, 30, 25), 30, 6)
	closed, err := tr.Nowcast(NowcastOptions{Method: NowcastNoTruncBNB, Max: 3000})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := tr.Nowcast(NowcastOptions{Method: NowcastNoTrunc, Prior: PriorUniform, Max: 3000})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range closed.Steps[:30] {
		q := sum.Steps[i]
		apart := 0.0
		for k := range p.PMF {
			apart += math.Abs(p.PMF[k]-q.PMF[k]) / 2
		}
		if apart > 1e-6 {
			t.Errorf("step %d: total variation %v", i, apart)
		}
	}
}

func TestNowcastRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	tr := triangleOf(t, reports(rng, 20, 8), 20, 6)
	for name, o := range map[string]NowcastOptions{
		"a largest count below what is reported": {Max: 2},
		"a window by report for another method":  {Window: 9, By: WindowByReport},
		"a prior without overdispersion":         {PriorMean: 10, PriorVariance: 9},
		"R's missing priors":                     {Prior: PriorPoisson, Compat: R},
		"a level of 1":                           {Level: 1},
		"R with a window shorter than delays":    {Window: 3, Compat: R},
	} {
		var e *Error
		if _, err := tr.Nowcast(o); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Triangle{Counts: [][]float64{{1, 2}}}).Nowcast(NowcastOptions{}); !errors.Is(err, &Error{Kind: ShortSeries}) {
		t.Errorf("more delays than rows: %v", err)
	}
	short, err := tr.Nowcast(NowcastOptions{Window: 3})
	if err != nil || len(short.Unseen) != 3 {
		t.Errorf("a short window names the delays it cannot see: %v, %v", short.Unseen, err)
	}
}

func TestCorrectedCountsForADetector(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	rs := reports(rng, 30, 40)
	n, err := triangleOf(t, rs, 30, 6).Nowcast(NowcastOptions{})
	if err != nil {
		t.Fatal(err)
	}
	full := make([]float64, 35)
	s, err := n.CorrectSeries(Series{Counts: full}, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range n.Steps {
		got := s.Counts[i+4]
		switch {
		case p.Completeness < 0.5 && !IsMissing(got):
			t.Errorf("step %d is %.2f complete, yet has %v", i, p.Completeness, got)
		case p.Completeness >= 0.5 && got < p.Reported:
			t.Errorf("step %d: %v below the %v reported", i, got, p.Reported)
		}
	}
	if full[10] != 0 {
		t.Error("the caller's series was changed")
	}
	last := n.Steps[29]
	if a, b := last.AlarmChance(last.Reported).Or(0), last.AlarmChance(1e9).Or(1); math.Abs(a-1) > 1e-9 || b != 0 {
		t.Errorf("chance to reach what is reported %v, a billion %v", a, b)
	}
}

func FuzzNowcast(f *testing.F) {
	f.Add([]byte{3, 2, 1, 4, 0, 9, 7, 7, 7, 1, 2, 3}, 2, 0, 0.1, 30, uint8(0), uint8(0))
	f.Add([]byte{0, 0, 0, 0}, 1, 3, 1e-3, 0, uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, raw []byte, longest, window int, kappa float64, most int, method, prior uint8) {
		if longest < 0 || longest > 8 || len(raw) > 120 || most > 2000 {
			return
		}
		var tr Triangle
		for i := 0; i+longest < len(raw); i += longest + 1 {
			row := make([]float64, longest+1)
			for x := range row {
				row[x] = float64(raw[i+x])
			}
			tr.Counts = append(tr.Counts, row)
		}
		for _, mode := range []Compat{Paper, R} {
			n, err := tr.Nowcast(NowcastOptions{Method: NowcastMethod(method), Window: window, Kappa: kappa, Max: most,
				Prior: NowcastPrior(prior), Draws: 50, Compat: mode})
			if err != nil {
				continue
			}
			for _, p := range n.Steps {
				if p.Reason == Decided && !p.Median.Defined() {
					t.Fatalf("%v: %+v", n.Method, p)
				}
			}
			n.Corrected(0.5)
		}
	})
}
