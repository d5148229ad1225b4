package sitrep

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

var cutOffAt = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// made are national reports as a desk may hold them: some members silent, some
// late, some with nothing to report, some with figures, disputed or too small.
func made(rng *rand.Rand, facts int) []Report {
	var out []Report
	for _, m := range access.States {
		for n := range rng.IntN(3) {
			r := Report{Scope: National, Event: id.ID(fmt.Sprintf("event-%s-%d", m, rng.IntN(2))), Number: n + 1, Lang: "en"}
			r.ID, r.Owner, r.State = id.ID(fmt.Sprintf("report-%s-%d", m, n)), m, Issued
			r.CopyOf, r.Release = "x", id.ID("release-"+string(r.ID))
			r.Received = cutOffAt.Add(time.Duration(rng.IntN(40)-30) * time.Hour)
			r.Nothing = rng.IntN(5) == 0
			if !r.Nothing {
				r.Figures = FiguresOf(someFacts(rng, m, facts), m, "2026-11-16", "2026-11-22")
			}
			out = append(out, r)
		}
	}
	return out
}

func someFacts(rng *rand.Rand, m access.Member, n int) []health.Fact {
	var out []health.Fact
	for i := range n {
		f := health.Fact{ID: id.ID(fmt.Sprint(i)), Owner: m, Indicator: health.Indicators[rng.IntN(len(health.Indicators))], Class: health.Classes[rng.IntN(len(health.Classes))],
			Place: string(m), Value: 1 + rng.Int64N(900), Source: []string{"A", "B"}[rng.IntN(2)], AsOf: cutOffAt.Add(-time.Duration(rng.IntN(10*24)) * time.Hour)}
		f.Suppressed = rng.IntN(10) == 0
		if f.Suppressed {
			f.Value = 0
		}
		if rng.IntN(2) == 0 {
			f.Place = fmt.Sprintf("%s-%d", m, rng.IntN(20))
		}
		out = append(out, f)
	}
	return out
}

// A report never prints 0 for "no report": whatever came, a member that is not
// in has no figure, a cell has a number only where somebody reported exactly
// that number, and a number that nobody reported stands nowhere.
func TestNoReportIsNeverZero(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 10))
	for range 100 {
		given := made(rng, rng.IntN(40))
		inputs, figures := Compose(access.States, given, cutOffAt)
		v := ReportView{Scope: Regional, Inputs: inputs, Figures: figures}
		told := map[string]bool{}
		for _, r := range given {
			for _, f := range r.Figures {
				for _, x := range f.Values {
					told[fmt.Sprint(r.Owner, f.Key(), x.Value, x.Suppressed, r.Release)] = true
				}
			}
		}
		cols, lines := Overview(&v)
		if len(lines) != len(access.States) {
			t.Fatalf("%d lines for %d members", len(lines), len(access.States))
		}
		for i, l := range lines {
			if inputs[i].Stands == Silent && slices.ContainsFunc(given, func(r Report) bool { return r.Owner == inputs[i].Member }) {
				t.Fatalf("%s gave something and is called silent", l.Place)
			}
			for j, c := range l.Cells {
				number := c.Why == Told || c.Why == Differ
				if number && l.Stands != In {
					t.Fatalf("%s is %s and has a number", l.Place, l.Stands)
				}
				for _, x := range c.Figure.Values {
					if !told[fmt.Sprint(l.Place, c.Figure.Key(), x.Value, x.Suppressed, x.Release)] {
						t.Fatalf("nobody told %+v of %+v", x, cols[j])
					}
				}
				if c.Why == Told && c.Figure.Values[0].Suppressed {
					t.Fatal("a suppressed number is told")
				}
			}
		}
		for _, row := range Table(&v) {
			stands, value := row[5].(string), row[9]
			if value == int64(0) || stands != string(In) && value != nil {
				t.Fatalf("row %v", row)
			}
		}
	}
}

// The order in which inputs arrived does not matter.
func TestComposeOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		given := made(rng, 30)
		in1, f1 := Compose(access.States, given, cutOffAt)
		rng.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		in2, f2 := Compose(access.States, given, cutOffAt)
		if !reflect.DeepEqual(in1, in2) || !reflect.DeepEqual(f1, f2) {
			t.Fatal("another order gives another report")
		}
	}
}

// Figures by hand.
func TestFigures(t *testing.T) {
	at := func(d int) time.Time { return time.Date(2026, 11, d, 12, 0, 0, 0, time.UTC) }
	fact := func(ind, class, place string, v int64, d int, source string) health.Fact {
		return health.Fact{Indicator: ind, Class: class, Place: place, Value: v, AsOf: at(d), Source: source}
	}
	facts := []health.Fact{
		fact("cases", "confirmed", "KH-21", 30, 10, "A"), fact("cases", "confirmed", "KH-21", 52, 20, "A"),
		fact("cases", "confirmed", "KH-2", 10, 10, "A"), fact("cases", "confirmed", "KH-2", 12, 21, "A"),
		fact("cases", "suspected", "KH", 200, 21, "A"), fact("cases", "suspected", "KH", 212, 21, "B"),
		fact("deaths", "confirmed", "KH", 2, 20, "A"),
		{Indicator: "deaths", Class: "confirmed", Place: "KH", From: "2026-11-16", To: "2026-11-22", Value: 1, AsOf: at(22), Source: "A"},
		{Indicator: "tests", Place: "KH", AsOf: at(21), Source: "A", Suppressed: true},
		fact("beds", "", "KH", 9, 25, "A"), // after the period
	}
	got := FiguresOf(facts, "KH", "2026-11-16", "2026-11-22")
	var lines []string
	for _, f := range got {
		s := f.Key()
		for _, x := range f.Values {
			s += fmt.Sprintf(" %d%s", x.Value, x.Source)
			if x.Suppressed {
				s += "<"
			}
			if x.Places > 0 {
				s += fmt.Sprintf("sum%d", x.Places)
			}
		}
		if f.New != nil {
			s += fmt.Sprintf(" +%d", *f.New)
		}
		lines = append(lines, s)
	}
	want := "figure:cases|confirmed|KH 64sum2 +24\nfigure:cases|suspected|KH 212B 200A\nfigure:deaths|confirmed|KH 2A +1\nfigure:tests||KH 0A<\n" +
		"figure:cases|confirmed|KH-2 12A +2\nfigure:cases|confirmed|KH-21 52A +22"
	// values of one moment come in the order of their sources
	want = strings.Replace(want, "212B 200A", "200A 212B", 1)
	if s := strings.Join(lines, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func BenchmarkRegional(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	var given []Report
	n := 0
	for _, m := range access.States {
		r := Report{Scope: National, Event: id.ID("event-" + m), Number: 1, Lang: "en"}
		r.ID, r.Owner, r.State, r.CopyOf, r.Release = id.ID("report-"+m), m, Issued, "x", id.ID("release-"+m)
		r.Received = cutOffAt.Add(-time.Hour)
		facts := someFacts(rng, m, 200)
		n += len(facts)
		r.Figures = FiguresOf(facts, m, "2026-11-16", "2026-11-22")
		given = append(given, r)
	}
	b.ReportAllocs()
	for b.Loop() {
		inputs, figures := Compose(access.States, given, cutOffAt)
		v := ReportView{Scope: Regional, Inputs: inputs, Figures: figures}
		Overview(&v)
		Table(&v)
	}
	b.ReportMetric(float64(n), "facts")
}
