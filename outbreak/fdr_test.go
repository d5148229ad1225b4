package outbreak

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func values(xs ...float64) []Value {
	out := make([]Value, len(xs))
	for i, x := range xs {
		out[i] = Known(x)
	}
	return out
}

// The fifteen p-values of Benjamini and Hochberg (1995), section 3.1: four are
// rejected at level 0.05.
func TestBenjaminiHochbergPaper(t *testing.T) {
	p := values(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000)
	f, err := FalseDiscovery(p, 0.05, BenjaminiHochberg)
	if err != nil {
		t.Fatal(err)
	}
	if f.Alarms != 4 || f.Cutoff.Or(0) != 0.0095 || !f.Alarm[3] || f.Alarm[4] {
		t.Errorf("%d alarms up to p %v", f.Alarms, f.Cutoff)
	}
	if y, _ := FalseDiscovery(p, 0.05, BenjaminiYekutieli); y.Alarms != 3 {
		t.Errorf("Benjamini and Yekutieli: %d alarms", y.Alarms)
	}
}

// Adjusted values as p.adjust of R gives them.
func TestAdjustedAgainstR(t *testing.T) {
	p := values(0.01, 0.04, 0.03, 0.02, 0.2)
	for method, want := range map[FDRMethod][]float64{
		BenjaminiHochberg:  {0.05, 0.05, 0.05, 0.05, 0.2},
		BenjaminiYekutieli: {0.114166666666667, 0.114166666666667, 0.114166666666667, 0.114166666666667, 0.456666666666667},
	} {
		f, err := FalseDiscovery(p, 0.05, method)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if math.Abs(f.Adjusted[i].Or(9)-w) > 1e-12 {
				t.Errorf("method %d: adjusted %d is %v, want %v", method, i, f.Adjusted[i], w)
			}
		}
	}
}

func TestFalseDiscoveryOrderAndGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := make([]Value, 300)
	for i := range p {
		x := rng.Float64()
		if i%5 == 0 {
			x *= 1e-4
		}
		if i%7 != 0 {
			p[i] = Known(math.Round(x*1e6) / 1e6)
		}
	}
	a, err := FalseDiscovery(p, 0.1, BenjaminiHochberg)
	if err != nil {
		t.Fatal(err)
	}
	order := rng.Perm(len(p))
	turned := make([]Value, len(p))
	for i, j := range order {
		turned[i] = p[j]
	}
	b, _ := FalseDiscovery(turned, 0.1, BenjaminiHochberg)
	for i, j := range order {
		if a.Alarm[j] != b.Alarm[i] || a.Adjusted[j] != b.Adjusted[i] {
			t.Fatalf("series %d: %v, in another order %v", j, a.Adjusted[j], b.Adjusted[i])
		}
	}
	if a.Tests != 257 || a.Adjusted[0].Defined() || a.Alarm[0] {
		t.Errorf("%d tests; a series without a p-value has %v", a.Tests, a.Adjusted[0])
	}
	if none, _ := FalseDiscovery(nil, 0.1, BenjaminiHochberg); none.Alarms != 0 || none.Cutoff.Defined() {
		t.Errorf("%+v", none)
	}
	if _, err := FalseDiscovery(values(1.2), 0.1, BenjaminiHochberg); !errors.Is(err, &Error{Kind: BadSeries}) {
		t.Errorf("a p-value of 1.2: %v", err)
	}
}

// Of many scans with true and false signals, the share of false alarms stays at
// or below the level.
func TestFalseDiscoveryControls(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	share := 0.0
	const runs, series, real = 400, 500, 50
	for range runs {
		p := make([]Value, series)
		for i := range p {
			z := rng.NormFloat64()
			if i < real {
				z += 3.5
			}
			p[i] = Known(normalAbove(z))
		}
		f, _ := FalseDiscovery(p, 0.1, BenjaminiHochberg)
		wrong := 0
		for _, on := range f.Alarm[real:] {
			if on {
				wrong++
			}
		}
		share += float64(wrong) / math.Max(1, float64(f.Alarms)) / runs
	}
	if share > 0.1 || share < 0.06 { // the expectation is 0.1 x 450/500
		t.Errorf("share of false alarms %v", share)
	}
}

func TestImportationRisk(t *testing.T) {
	r, err := ImportationRisk([]Route{{"A", 1000, 1e-3}, {"B", 4000, 5e-4}, {"C", 0, 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Expected != 3 || math.Abs(r.Probability-(1-math.Exp(-3))) > 1e-15 {
		t.Errorf("%+v", r)
	}
	none := 1.0 // routes are independent: no import by any is no import by each
	for _, route := range r.Routes {
		none *= 1 - route.Probability
	}
	if math.Abs(1-none-r.Probability) > 1e-12 || math.Abs(r.Routes[1].Share-2.0/3) > 1e-12 {
		t.Errorf("%+v", r.Routes)
	}
	tiny, _ := ImportationRisk([]Route{{"A", 1, 1e-18}})
	if tiny.Probability != 1e-18 {
		t.Errorf("a tiny risk is %v", tiny.Probability)
	}
	for _, bad := range []Route{{"A", -1, 0.1}, {"A", 1, 1.1}, {"A", math.NaN(), 0}, {"A", 1, math.NaN()}} {
		if _, err := ImportationRisk([]Route{bad}); !errors.Is(err, &Error{Kind: BadSeries}) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if x, err := PointPrevalence(700, 1e6, 7, 5, 0.5); err != nil || math.Abs(x-1e-3) > 1e-15 {
		t.Errorf("prevalence %v, %v", x, err)
	}
	if _, err := PointPrevalence(1, 1, 1, 1, 0); err == nil {
		t.Error("a reported share of zero was taken")
	}
}
