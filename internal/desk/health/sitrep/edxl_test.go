package sitrep

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"lintas/internal/access"
	"lintas/internal/desk/health/edxlsitrep"
)

// A regional report goes out and comes back with every number, every source
// and every silence.
func TestEDXLRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 30 {
		inputs, figures := Compose(access.States, made(rng, 20), cutOffAt)
		v := ReportView{ID: "0197f6a0-0000-7000-8000-000000000001", Owner: "ASEC", Scope: Regional, Family: "0197f6a0-0000-7000-8000-000000000002", Number: 2, Title: "x", Lang: "en",
			From: "2026-11-16", Until: "2026-11-22", AsOf: cutOffAt, Cleared: cutOffAt, Authority: "Secretariat (sample)", Inputs: inputs, Figures: figures,
			Highlights: []string{"One.", "Two."}, Texts: []Text{{"needs", "en", "Water."}, {Summary, "km", "ទឹក"}}}
		out := EDXL(&v)
		b, err := edxlsitrep.Encode(&out)
		if err != nil {
			t.Fatal(err)
		}
		in, err := edxlsitrep.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		got, missing := FromEDXL(in)
		if len(got) != len(figures) {
			t.Fatalf("%d figures of %d", len(got), len(figures))
		}
		for i := range got {
			if got[i].Key() != figures[i].Key() || !same(got[i].Values, figures[i].Values) || got[i].Values[0].Release != figures[i].Values[0].Release {
				t.Fatalf("%+v came back as %+v", figures[i], got[i])
			}
		}
		for _, x := range inputs {
			want := map[Stands]Why{Silent: NoReport, Late: NoReport, Nothing: NoneHere}[x.Stands]
			if missing[x.Member] != want {
				t.Fatalf("%s is %s and came back as %q", x.Member, x.Stands, missing[x.Member])
			}
		}
	}
}
