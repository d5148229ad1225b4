package scenario

import (
	"errors"
	"testing"

	"lintas/internal/access"
	"lintas/internal/fault"
)

func TestShippedScenariosParse(t *testing.T) {
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no scenario ships")
	}
	s := all[0]
	recorded := map[access.Member]string{}
	for _, st := range s.Steps {
		if st.Verb == Record {
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

func TestFaultsNameTheLine(t *testing.T) {
	const head = "scenario x\nid x\nstarts 2020-01-01\nends 2020-02-01\n"
	for text, field := range map[string]string{
		head + "2020-01-02 08:00 XX record a":                        "member",
		head + "2020-01-02 08:00 TH dance a":                         "verb",
		head + "2020-01-02 08:00 TH notify a as b":                   "name",
		head + "2020-01-02 25:00 TH cut":                             "date",
		head + "2020-03-02 08:00 TH cut":                             "date",
		head + "2020-01-02 08:00 TH record a\n  colour red":          "field",
		head + "2020-01-02 08:00 TH record a\n  fact cases | source": "fact",
		"scenario x\nid x\nstarts 2020-01-01\n":                      "ends",
	} {
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
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if (s == nil) == (err == nil) {
			t.Fatal("either a scenario or an error")
		}
	})
}
