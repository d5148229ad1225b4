package sop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/locale"
)

// What is wrong with a file is said by line, field and mend. Each file of
// testdata ends with the faults that it must have: "#! LINE FIELD KEY".
func TestFaults(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	en := locale.New("en", nil, "")
	for _, n := range names {
		t.Run(filepath.Base(n), func(t *testing.T) {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			var want, have []string
			for _, line := range strings.Split(string(b), "\n") {
				if s, ok := strings.CutPrefix(line, "#! "); ok {
					want = append(want, s)
				}
			}
			_, err = Parse(string(b))
			if f, ok := errors.AsType[*fault.Error](err); ok {
				for _, x := range f.Fields {
					have = append(have, fmt.Sprintf("%d %s %s", x.Row, x.Name, strings.TrimPrefix(x.Key, "fault.sop.")))
					if s := en.With(x.Key, x.Args); !strings.Contains(s, fmt.Sprint(x.Row)) || strings.ContainsAny(s, "{}") {
						t.Errorf("line %d: said as %q", x.Row, s)
					}
				}
			}
			slices.Sort(want)
			slices.Sort(have)
			if !slices.Equal(want, have) {
				t.Errorf("faults\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestSamplesAreMarkedAndReadable(t *testing.T) {
	all := Samples()
	if len(all) != 3 {
		t.Fatalf("%d samples", len(all))
	}
	for _, s := range all {
		if !s.Sample || !strings.HasPrefix(s.Text, "# SAMPLE.") || !strings.Contains(s.Source, "Sample of the program") {
			t.Errorf("%s does not say that it is a sample", s.Code)
		}
		if len(s.Steps) < 5 || s.Digest != Digest(s.Text) {
			t.Errorf("%s: %d steps", s.Code, len(s.Steps))
		}
		if _, ok := SampleBy(s.Code); !ok {
			t.Errorf("%s is not found", s.Code)
		}
	}
}

func TestPlan(t *testing.T) {
	s, _ := SampleBy("foodborne-cross-border")
	f4 := s.Steps[3]
	if f4.Code != "F4" || f4.Within != 4*time.Hour || f4.Of != "F3" || !slices.Equal(f4.After, []string{"F3"}) {
		t.Errorf("%+v", f4)
	}
	if s.StartsAt(ByLevel, 0) != 0 || s.StartsAt(ByLevel, 3) != 1 || s.StartsAt("hand", 3) != 0 {
		t.Error("the triggers")
	}
	if !s.Fits("botulism") || s.Fits("dengue") {
		t.Error("the hazards")
	}
	if p, _ := SampleBy("ill-traveller"); !p.Fits("dengue") {
		t.Error("a playbook without hazards is for any")
	}
}

// What a state does is not planned at the Secretariat, and the other way round.
func TestStepsAreForTheirMember(t *testing.T) {
	for _, c := range []struct {
		role       access.Role
		state, sec bool
	}{{access.DutyOfficer, true, false}, {access.SecretariatDsk, false, true}, {access.Approver, true, true}} {
		s := Step{Role: c.role}
		if s.For("KH") != c.state || s.For(access.ASEC) != c.sec {
			t.Errorf("%s: for KH %v, for the Secretariat %v", c.role, s.For("KH"), s.For(access.ASEC))
		}
	}
}

// The digest names the text: line ends and blanks at the end change nothing,
// any word does.
func TestDigest(t *testing.T) {
	s, _ := SampleBy("ill-traveller")
	if Digest(strings.ReplaceAll(s.Text, "\n", " \r\n")+"\n\n") != s.Digest {
		t.Error("line ends changed the digest")
	}
	if Digest(strings.Replace(s.Text, "within 30m", "within 31m", 1)) == s.Digest {
		t.Error("another clock is another version")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range Samples() {
		f.Add(s.Text)
	}
	names, _ := filepath.Glob("testdata/*.txt")
	for _, n := range names {
		b, _ := os.ReadFile(n)
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(p.Steps) == 0 || len(p.Steps) > MaxSteps || p.Code == "" || cycle(p.Steps) != nil {
			t.Fatalf("accepted %+v", p)
		}
		again, err := Parse(Canonical(text))
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", p) {
			t.Fatalf("its canonical text says something else: %v", err)
		}
		if Canonical(Canonical(text)) != Canonical(text) {
			t.Fatal("the canonical text is not final")
		}
	})
}

func TestCompare(t *testing.T) {
	got := Compare("a\nb\nc\n", "a\nx\nc\nd\n")
	want := []Line{{"", "a"}, {"-", "b"}, {"+", "x"}, {"", "c"}, {"+", "d"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	long := strings.Repeat("same\n", 40)
	if got := Around(Compare(long, long+"new\n"), 2); !slices.Equal(got, []Line{{"…", ""}, {"", "same"}, {"", "same"}, {"+", "new"}}) {
		t.Errorf("%v", got)
	}
}
