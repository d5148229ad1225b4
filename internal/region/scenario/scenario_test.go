package scenario

import (
	"errors"
	"os"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/fault"
)

func shippedByID(t *testing.T, id string) *Scenario {
	t.Helper()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no scenario %s ships", id)
	return nil
}

// A front page says of each what it shows, what of it is real, and how long a
// play lasts: a minute or two.
func TestShippedScenariosSayWhatTheyAre(t *testing.T) {
	for _, id := range []string{"cholera-border", "cholera-response", "covid-2020", "nipah-1998"} {
		s := shippedByID(t, id)
		if s.Shows == "" || s.Note == "" || len(s.Steps) < 75 {
			t.Errorf("%s: %d steps, shows %q, note %q", id, len(s.Steps), s.Shows, s.Note)
		}
		if seconds := s.Days() / s.Speed; seconds < 45 || seconds > 120 {
			t.Errorf("%s plays %.0f seconds", id, seconds)
		}
	}
}

func TestFirstCasesOf2020(t *testing.T) {
	recorded := map[access.Member]string{}
	for _, st := range shippedByID(t, "covid-2020").Steps {
		if st.Verb == Record || st.Verb == Verify {
			recorded[st.Member] = st.At.Format("2006-01-02")
		}
	}
	// First confirmed case of each state, 2020.
	want := map[access.Member]string{"TH": "2020-01-13", "SG": "2020-01-23", "VN": "2020-01-23", "MY": "2020-01-25",
		"KH": "2020-01-27", "PH": "2020-01-30", "ID": "2020-03-02", "BN": "2020-03-09", "TL": "2020-03-21", "MM": "2020-03-23", "LA": "2020-03-24"}
	for m, d := range want {
		if recorded[m] != d {
			t.Errorf("%s is recorded on %q, want %s", m, recorded[m], d)
		}
	}
}

// What is invented says so in every record, also when it is read alone.
func TestInventedRecordsSaySo(t *testing.T) {
	for _, s := range shippedByID(t, "cholera-response").Steps { // with those of cholera-border
		for _, field := range []string{"name", "title", "text", "words"} {
			if text := s.Fields[field]; text != "" && !strings.Contains(text, "invented") && s.Fields["title"] == "" {
				t.Errorf("line %d: the %s does not say that it is invented", s.Line, field)
			}
		}
		if title := s.Fields["title"]; title != "" && !strings.Contains(title, "(invented)") {
			t.Errorf("line %d: the title does not say that it is invented", s.Line)
		}
		for _, f := range s.Facts {
			if !strings.Contains(f.Source, "invented") {
				t.Errorf("line %d: the source of a figure does not say that it is invented", s.Line)
			}
		}
	}
}

// Each figure of a past outbreak names where it was published.
func TestFiguresOfNipahNameTheirSource(t *testing.T) {
	n := 0
	for _, s := range shippedByID(t, "nipah-1998").Steps {
		for _, f := range s.Facts {
			n++
			if !strings.Contains(f.Source, "MMWR 1999;48:") && !strings.Contains(f.Source, "Lancet 1999;354:") && !strings.Contains(f.Source, "Science 2000;288:") {
				t.Errorf("line %d: %q is no published source", s.Line, f.Source)
			}
		}
	}
	if n == 0 {
		t.Error("no figures")
	}
}

// How the texts of the next tests begin.
const (
	head = "scenario x\nid x\nstarts 2020-01-01\nends 2020-02-01\n"
	at   = "2020-01-02 08:00 TH "
)

func TestFaultsNameTheLine(t *testing.T) {
	const event = at + "record a\n  name x\n  hazard cholera\n  places TH\n"
	refused(t, map[string]string{
		"scenario x\nid x\ncontinues y\nends 2020-02-01":                  "continues",
		head + event + "continues x":                                      "continues",
		head + "2020-01-02 08:00 XX record a":                             "member",
		head + "2020-01-02 08:00 TH/king record a":                        "role",
		head + at + "dance a":                                             "verb",
		head + at + "notify a as b":                                       "name",
		head + event + at + "notify a b":                                  "as",
		head + event + at + "notify a":                                    "as",
		head + event + at + "annex2 x of a b":                             "words",
		head + event + at + "record a":                                    "name",
		head + event + at + "claim a":                                     "name",
		head + event + at + "annex2 q of a\n" + at + "decide q maybe why": "choice",
		head + event + at + "withdraw a":                                  "name",
		head + event + at + "watch a":                                     "words",
		head + "2020-01-02 25:00 TH cut":                                  "date",
		head + "2020-03-02 08:00 TH cut":                                  "date",
		head + at + "record a":                                            "field",
		head + at + "record a\n  colour red":                              "field",
		head + at + "record a\n  name":                                    "name",
		head + at + "record a\n  onset 2020-13":                           "onset",
		head + at + "record a\n  fact cases | source":                     "fact",
		head + at + "record a\n  fact cases - 1 TH 2020-01-01 of=0 | s":   "fact",
		head + at + "signal a\n  cases eleven":                            "cases",
		head + at + "call c\n  to ALL":                                    "member",
		head + at + "call c\n  to all\n  within soon":                     "within",
		head + event + at + "describe a\n  support complete | now":        "support",
		"scenario x\nid x\nstarts 2020-01-01\n":                           "ends",
		head + "speed fast":                                               "speed",
		head + "speed 0":                                                  "speed",
		head + "counts ../../secret | x":                                  "counts",
	})
}

func TestFaultsOfTheReserveNameTheLine(t *testing.T) {
	const item = at + "specify i\n  code X-1\n  name x\n  unit x\n"
	const stock = item + at + "stock l of i opening\n  number 1\n  maker x\n  warehouse W\n  quantity 1\n"
	const divide = item + at + "divide v of i\n  title x\n  draws d\n  rule need\n  rationale x\n  replace_days 1\n  adopt silence\n  window 1h\n"
	refused(t, map[string]string{
		head + item + at + "stock l of i stolen":                                  "choice",
		head + stock + at + "take_out l eat":                                      "choice",
		head + item + at + "stock l of i opening\n  quantity 1.200":               "quantity",
		head + item + at + "stock l of i opening\n  quantity +12":                 "quantity",
		head + item + at + "stock l of i opening\n  quantity 1":                   "field",
		head + item + at + "stock l of i opening\n  expires next year":            "expires",
		head + divide + "  source i 500":                                          "name",
		head + divide + "  source TH lots":                                        "source",
		head + divide + "  source TH":                                             "source",
		head + divide + "  source TH 500":                                         "name", // d is no draw
		head + divide + at + "dispatch s for v to XX":                             "member",
		head + divide + at + "dispatch s for v to KH\n  load l W 5":               "name",
		head + stock + at + "gift s of i to KH\n  load l W":                       "load",
		head + stock + at + "receipt l\n  warehouse W":                            "name",
		head + stock + at + "gift s of i to KH\n" + at + "receipt s\n  got 1 2 3": "got",
	})
}

// refused wants a fault of each text that names its line and the field.
func refused(t *testing.T, texts map[string]string) {
	t.Helper()
	for text, field := range texts {
		_, err := Parse(text)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid {
			t.Errorf("%q: got %v", text, err)
			continue
		}
		found := false
		for _, x := range f.Fields {
			found = found || x.Name == field && x.Row > 0
		}
		if !found {
			t.Errorf("%q: no fault for %s in %v", text, field, f.Fields)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("scenario x\nid x\nstarts 2020-01-01\nends 2020-02-01\n2020-01-02 08:00 TH record a\n  name x\n  fact cases confirmed 1 TH 2020-01-02 | y\n")
	f.Add("2020-01-02 08:00 TH answer a from")
	for _, id := range []string{"cholera-border", "nipah-1998"} {
		text, err := os.ReadFile("files/" + id + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.SplitAfter(string(text), "\n\n") {
			f.Add("scenario x\nid x\nstarts 1998-01-01\nends 2027-02-01\n" + part)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if (s == nil) == (err == nil) {
			t.Fatal("either a scenario or an error")
		}
	})
}
