package risk

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// Every line of testdata/levels.txt, which an expert can read and extend.
func TestLevels(t *testing.T) {
	text, err := os.ReadFile("testdata/levels.txt")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]bool{}
	for n, line := range strings.Split(string(text), "\n") {
		w := strings.Fields(line)
		if len(w) == 0 || w[0] == "#" || strings.HasPrefix(w[0], "#") {
			continue
		}
		if len(w) != 5 {
			t.Fatalf("line %d: %d columns", n+1, len(w))
		}
		in := Inputs{Likelihood: Likelihood(w[0]), Consequence: Consequence(w[1])}
		if w[2] != "-" {
			in.Unknowns = strings.Split(w[2], ",")
		} else {
			cells[w[0]+"/"+w[1]] = true
		}
		got := Current().Assess(in)
		if got.Base != Level(w[3]) || got.Level != Level(w[4]) {
			t.Errorf("line %d: %s: base %s, level %s", n+1, strings.TrimSpace(line), got.Base, got.Level)
		}
		if got.Matrix != CurrentMatrix || got.Digest != Current().Digest {
			t.Errorf("line %d: the result does not say which matrix made it", n+1)
		}
	}
	for _, l := range Likelihoods {
		for _, c := range Consequences {
			if !cells[string(l)+"/"+string(c)] {
				t.Errorf("no line for %s and %s", l, c)
			}
		}
	}
}

// every makes all inputs with one set of unknowns.
func every(unknowns []string, f func(Inputs)) {
	for _, l := range append([]Likelihood{Unknown}, Likelihoods...) {
		for _, c := range append([]Consequence{Unknown}, Consequences...) {
			f(Inputs{l, c, unknowns})
		}
	}
}

// Knowing less never gives a lower level: neither one more unknown, whatever
// is unknown already, nor an unknown answer in place of a known one. All
// answers are tried with every set of unknowns.
func TestUnknownNeverLowers(t *testing.T) {
	m := Current()
	all := m.Unknowns()
	for set := range 1 << len(all) {
		var some []string
		for i, u := range all {
			if set>>i&1 == 1 {
				some = append(some, u)
			}
		}
		every(some, func(in Inputs) {
			was := m.Assess(in)
			if was.Level.Rank() < was.Base.Rank() {
				t.Fatalf("%v: unknowns lowered %s to %s", in, was.Base, was.Level)
			}
			for _, u := range all {
				more := in
				more.Unknowns = append(slices.Clone(some), u)
				if m.Assess(more).Level.Rank() < was.Level.Rank() {
					t.Fatalf("%v: one more unknown, %s, lowers the level", in, u)
				}
			}
			for _, less := range []Inputs{{Unknown, in.Consequence, some}, {in.Likelihood, Unknown, some}} {
				if m.Assess(less).Level.Rank() < was.Level.Rank() {
					t.Fatalf("%v: an unknown answer lowers the level", in)
				}
			}
		})
	}
}

// The same holds for every matrix that can be read: tables are made at random,
// and those in which something graver gives a lower level are refused.
func TestParsedMatrixNeverLowers(t *testing.T) {
	text, err := matrixFS.ReadFile("matrix/" + CurrentMatrix + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	read, refused := 0, 0
	for range 3000 {
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			w := strings.Fields(line)
			if len(w) == 6 && slices.Contains(Likelihoods, Likelihood(w[0])) && r.IntN(3) == 0 {
				w[1+r.IntN(5)] = string(Levels[r.IntN(4)])
				lines[i] = "  " + strings.Join(w, " ")
			}
		}
		m, err := ParseMatrix(strings.Join(lines, "\n"))
		if err != nil {
			refused++
			continue
		}
		read++
		some := m.Unknowns()[:r.IntN(len(m.Unknowns()))]
		every(some, func(in Inputs) {
			more := Inputs{in.Likelihood, in.Consequence, m.Unknowns()}
			if m.Assess(more).Level.Rank() < m.Assess(in).Level.Rank() {
				t.Fatalf("a matrix that was accepted lowers %v", in)
			}
		})
	}
	if read == 0 || refused == 0 {
		t.Errorf("%d matrices were read and %d refused: the test tried nothing", read, refused)
	}
}

func TestRefusedMatrices(t *testing.T) {
	b, err := matrixFS.ReadFile("matrix/" + CurrentMatrix + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	for name, change := range map[string][2]string{
		"a graver consequence is lower": {"unlikely         low       low        moderate   high        high", "unlikely         low       low        high   moderate        high"},
		"likelier is lower":             {"almost_certain   low       moderate   high       very_high   very_high", "almost_certain   low       low   high       very_high   very_high"},
		"unknown counts as likely":      {"likelihood       almost_certain", "likelihood       likely"},
		"a level that does not exist":   {"low       moderate   high       high        very_high", "low       moderate   high       high        extreme"},
		"a row is missing":              {"  likely           low       moderate   high       high        very_high\n", ""},
		"bands overlap":                 {"highly_likely    70  94", "highly_likely    70  96"},
		"steps below zero":              {"agent            consequence 1", "agent            consequence -1"},
		"columns in another order":      {"minimal   minor ", "minor   minimal "},
		"no version":                    {"version  lintas-1", "version"},
		"a section that nobody knows":   {"most\n", "least\n"},
		"a scale that nobody knows":     {"agent            consequence 1", "agent            luck 1"},
		"no limit of raising":           {"  likelihood       1\n", ""},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if text == good {
			t.Fatalf("%s: nothing to change", name)
		}
		if _, err := ParseMatrix(text); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
}

// A stored assessment gives the same levels again, from its inputs alone. The
// file was written by the program and is never changed: if this fails, a
// matrix that was used has changed.
func TestRecompute(t *testing.T) {
	b, err := os.ReadFile("testdata/stored.json")
	if err != nil {
		t.Fatal(err)
	}
	var a Assessment
	if err := json.Unmarshal(b, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Populations) < 3 {
		t.Fatal("the pinned assessment has too few populations to mean anything")
	}
	for _, p := range a.Populations {
		same, known := Recompute(a.inputs(p), p.Result)
		if !known || !same {
			t.Errorf("%s: known %t, same %t: %+v", p.Group, known, same, p.Result)
		}
		p.Result.Level = "low"
		if same, _ := Recompute(a.inputs(p), p.Result); same {
			t.Errorf("%s: a changed level goes unnoticed", p.Group)
		}
	}
	stranger := a.Populations[0].Result
	stranger.Digest = "000000000000"
	if _, known := Recompute(a.inputs(a.Populations[0]), stranger); known {
		t.Error("a matrix with another text passes for the known one")
	}
}

func FuzzParseMatrix(f *testing.F) {
	b, err := matrixFS.ReadFile("matrix/" + CurrentMatrix + ".txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add("matrix minimal\n  likely low")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatrix(text)
		if err != nil {
			return
		}
		every(m.Unknowns(), func(in Inputs) {
			if m.Assess(in).Level.Rank() < 0 {
				t.Fatalf("no level for %v", in)
			}
		})
	})
}

func FuzzDecodeAssessment(f *testing.F) {
	f.Add([]byte(`{"title":"x","scope":"regional","populations":[{"group":"general","likelihood":"likely","consequence":"major"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeAssessment(b)
		if err == nil && v.Level().Rank() < 0 {
			t.Fatal("accepted without a level")
		}
	})
}

func FuzzDecodePosition(f *testing.F) {
	f.Add([]byte(`{"stance":"dissent","held":"low","importation":"likely","consequence":"major","capacity":"unknown"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodePosition(b)
		if err == nil && (v.Level().Rank() < 0 || v.Stance == Dissent && v.Reasons == "") {
			t.Fatal("accepted without a level or a reason")
		}
	})
}
