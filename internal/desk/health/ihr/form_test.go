package ihr

import (
	"os"
	"slices"
	"strings"
	"testing"

	"lintas/internal/desk/health"
)

// Every vignette of testdata/vignettes.txt, which an expert can read and
// extend.
func TestVignettes(t *testing.T) {
	text, err := os.ReadFile("testdata/vignettes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var name, hazard string
	replies := map[string]Reply{}
	seen := map[Outcome]int{}
	for n, line := range strings.Split(string(text), "\n") {
		w := strings.Fields(line)
		if len(w) == 0 || strings.HasPrefix(w[0], "#") {
			continue
		}
		switch w[0] {
		case "vignette":
			name, hazard, replies = strings.Join(w[1:], " "), "", map[string]Reply{}
		case "hazard":
			hazard = w[1]
			if _, ok := health.HazardByKey(hazard); !ok {
				t.Fatalf("line %d: no hazard %q", n+1, hazard)
			}
		case "answers":
			for _, a := range w[1:] {
				q, answer, ok := strings.Cut(a, "=")
				if _, known := Current().Question(q); !ok || !known || !slices.Contains(Answers, Answer(answer)) {
					t.Fatalf("line %d: %q is no answer", n+1, a)
				}
				replies[q] = Reply{Answer: Answer(answer)}
			}
		case "outcome":
			got := Current().Compute(Current().PathOf(hazard), replies)
			if got.Outcome != Outcome(w[1]) {
				t.Errorf("%s: %s, want %s (%+v)", name, got.Outcome, w[1], got)
			}
			seen[got.Outcome]++
		default:
			t.Fatalf("line %d: %q", n+1, w[0])
		}
	}
	for _, o := range Outcomes {
		if seen[o] < 3 {
			t.Errorf("only %d vignettes end in %s", seen[o], o)
		}
	}
}

// all tries every combination of answers of a path.
func all(path string, f func(map[string]Reply)) {
	var questions []string
	for _, q := range Current().Asked(path) {
		questions = append(questions, q.ID)
	}
	total := 1
	for range questions {
		total *= 3
	}
	for n := range total {
		replies, rest := map[string]Reply{}, n
		for _, q := range questions {
			replies[q] = Reply{Answer: Answers[rest%3]}
			rest /= 3
		}
		f(replies)
	}
}

// Knowing less never takes a duty away: an unknown answer in place of "no"
// never gives less, and "yes" in place of unknown never gives less. On every
// path, for every combination of answers.
func TestUnknownNeverLowers(t *testing.T) {
	for _, path := range []string{"A", "B", "C"} {
		tried := 0
		all(path, func(replies map[string]Reply) {
			was := Current().Compute(path, replies).Outcome.rank()
			for q, r := range replies {
				for _, more := range map[Answer][]Answer{No: {Unknown, Yes, ""}, Unknown: {Yes}, Yes: nil}[r.Answer] {
					tried++
					changed := map[string]Reply{}
					for k, v := range replies {
						changed[k] = v
					}
					changed[q] = Reply{Answer: more}
					if Current().Compute(path, changed).Outcome.rank() < was {
						t.Fatalf("path %s, %s from %s to %q lowers %v", path, q, r.Answer, more, replies)
					}
				}
			}
		})
		if tried < 200 {
			t.Errorf("path %s: only %d changes tried", path, tried)
		}
	}
}

// Each language of a version asks the same questions with the same lists.
func TestLanguagesOfTheForm(t *testing.T) {
	for version, languages := range forms() {
		en := languages["en"]
		if en == nil || languages["id"] == nil {
			t.Fatalf("%s is not there in English and Indonesian", version)
		}
		for lang, f := range languages {
			if f.Threshold != en.Threshold || len(f.Questions) != len(en.Questions) {
				t.Fatalf("%s %s: another rule or number of questions", version, lang)
			}
			for p := range en.Paths {
				if !slices.Equal(f.Paths[p], en.Paths[p]) {
					t.Errorf("%s %s: another list %s", version, lang, p)
				}
			}
			for i, q := range f.Questions {
				o := en.Questions[i]
				if q.ID != o.ID || q.Only != o.Only || len(q.Guide) != len(o.Guide) || len(q.Examples) != len(o.Examples) || len(q.Subs) != len(o.Subs) {
					t.Errorf("%s %s: question %s differs in its parts", version, lang, q.ID)
					continue
				}
				for j, s := range q.Subs {
					if s.ID != o.Subs[j].ID {
						t.Errorf("%s %s: %s asks %s", version, lang, q.ID, s.ID)
					}
				}
				for j, e := range q.Examples {
					if e.Answer != o.Examples[j].Answer {
						t.Errorf("%s %s: an example of %s has another answer", version, lang, q.ID)
					}
				}
			}
		}
	}
}

// The lists of the form and the path of the hazard list are the same.
func TestPathsAreThoseOfTheHazards(t *testing.T) {
	for _, h := range health.Hazards {
		if got := Current().PathOf(h.Key); got != h.Annex2 {
			t.Errorf("%s: path %s, the hazard list says %s", h.Key, got, h.Annex2)
		}
	}
	for p, list := range Current().Paths {
		for _, key := range list {
			if _, ok := health.HazardByKey(key); !ok {
				t.Errorf("path %s names %s, which no list has", p, key)
			}
		}
	}
}

func TestRefusedForms(t *testing.T) {
	b, err := formFS.ReadFile("form/" + CurrentForm + ".en.txt")
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	for name, change := range map[string][2]string{
		"no threshold":                 {"  yes 2", ""},
		"more yes than questions":      {"  yes 2", "  yes 5"},
		"a threshold below one":        {"  yes 2", "  yes 0"},
		"a question twice":             {"question q2", "question q1"},
		"a question without parts":     {"  sub      past Did similar events lead to restrictions before?\n  sub      product Is food, or another product that is exported or imported, suspected?\n  sub      tourism Is the place known to travellers from abroad?\n  sub      asked Have foreign authorities or media asked for more information?\n", ""},
		"an example without an answer": {"example  yes The national", "example  maybe The national"},
		"a path that nobody knows":     {"path B", "path D"},
		"a section that nobody knows":  {"rule\n", "rules\n"},
		"a row that nobody knows":      {"  only     A", "  never    A"},
		"no version":                   {"version  annex2-2024-1", "version"},
		"a part of a question twice":   {"  sub      reference", "  sub      laboratory"},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if text == good {
			t.Fatalf("%s: nothing to change", name)
		}
		if _, err := ParseForm(text); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
}

func TestSuggested(t *testing.T) {
	q, _ := Current().Question("q2")
	for _, c := range []struct {
		subs map[string]Answer
		want Answer
	}{
		{nil, Unknown},
		{map[string]Answer{"agent": No, "course": No, "place": No, "eliminated": No}, No},
		{map[string]Answer{"agent": No, "course": No, "place": No}, Unknown},
		{map[string]Answer{"agent": No, "course": Yes}, Yes},
		{map[string]Answer{"agent": No, "course": Unknown, "place": No, "eliminated": No}, Unknown},
	} {
		if got := (Reply{Subs: c.subs}).Suggested(q); got != c.want {
			t.Errorf("%v suggest %s, want %s", c.subs, got, c.want)
		}
	}
}

func FuzzParseForm(f *testing.F) {
	b, err := formFS.ReadFile("form/" + CurrentForm + ".en.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add("question q1\n  sub x")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := ParseForm(text)
		if err == nil && form.Compute("A", nil).Outcome == "" {
			t.Fatal("no outcome")
		}
	})
}

func FuzzDecodeMeasure(f *testing.F) {
	f.Add([]byte(`{"content":{"type":"testing","target":"travellers","title":"x","from":["TH"],"to":["*"]},"state":"in_force"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeMeasure(b)
		if err == nil && (v.Content.Title == "" || v.Content.Evidence == "") {
			t.Fatal("accepted without a title or evidence")
		}
	})
}

func FuzzDecodeAmendment(f *testing.F) {
	f.Add([]byte(`{"status":"accepted","on":"2025-09-19","source":"x","lang":"en","state":"released"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeAmendment(b)
		if err == nil && (!slices.Contains(Statuses, v.Status) || v.Source == "") {
			t.Fatal("accepted without a status or a source")
		}
	})
}
