package edxlsitrep

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"lintas/internal/fault"
)

func sample() *Report {
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	return &Report{ID: "0197f6a0-0000-7000-8000-000000000001", Title: "Cholera & the border <sample>", Purpose: "Situation report", Number: 6, Version: "Correction",
		PreparedBy: Signed{"Duty officer (sample)", at}, ClearedBy: Signed{"Approver (sample)", at.Add(time.Hour)}, From: at.AddDate(0, 0, -6), To: at,
		Incident: "0197f6a0-0000-7000-8000-000000000002", Preceding: []string{"0197f6a0-0000-7000-8000-000000000003"}, Severity: "Severe", Confidence: "SomewhatConfident",
		Next: at.AddDate(0, 0, 1), Place: "KH", Needs: "Ringer’s lactate", Text: "មានអ្នកជំងឺ\nMore cases upstream.", Actions: "Trucked water.",
		Cells: []Cell{
			{Member: "KH", Place: "KH-21", Indicator: "cases", Class: "confirmed", Told: true, Value: 84, Source: "Ministry (sample)", Release: "r", AsOf: at},
			{Member: "KH", Place: "KH-2", Indicator: "deaths", Class: "confirmed", Told: true, Value: 0, Source: "Ministry (sample)", AsOf: at},
			{Member: "KH", Place: "KH", Indicator: "tests", Why: "small", AsOf: at},
			{Member: "TH", Place: "TH", Why: "no_report"},
		}}
}

// What is written is read back the same: a told zero stays a zero, and no
// report stays no report.
func TestRoundTrip(t *testing.T) {
	want := sample()
	b, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if n := strings.Count(string(b), "<ext:nameURI>value</ext:nameURI>"); n != 2 {
		t.Errorf("%d cells have a value, want 2", n)
	}
}

// The text of a message is kept, so that a change of it is seen.
func TestText(t *testing.T) {
	b, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	b = append(bytes.ReplaceAll(b, []byte("><"), []byte(">\n<")), '\n')
	const path = "testdata/sample.xml"
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Error("the message changed; compare and write it anew with LINTAS_WRITE=1")
	}
}

// A message of another program, with other prefixes and without our
// extension, is read as far as it goes.
func TestForeign(t *testing.T) {
	f, err := os.Open("testdata/foreign.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Number != 3 || r.Place != "VN" || len(r.Cells) != 0 || r.PreparedBy.Name != "Operations centre (sample)" || r.From.Hour() != 17 {
		t.Errorf("%+v", r)
	}
}

func TestRefused(t *testing.T) {
	b, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	ok := string(b)
	for name, text := range map[string]string{
		"empty": "", "no XML": "{}", "another root": `<a xmlns="` + NS + `"/>`,
		"a document type": strings.Replace(ok, "<sitRep", `<!DOCTYPE x [<!ENTITY a "b">]><sitRep`, 1),
		"a number":        strings.Replace(ok, "<reportNumber>6", "<reportNumber>six", 1),
		"a severity":      strings.Replace(ok, ">Severe<", ">Dire<", 1),
		"a time":          strings.Replace(ok, "+00:00</ct:fromDateTime>", "Z</ct:fromDateTime>", 1),
		"a value":         strings.Replace(ok, "<ext:value>84<", "<ext:value>-1<", 1),
		"both":            strings.Replace(ok, "<ext:nameURI>class</ext:nameURI>", "<ext:nameURI>why</ext:nameURI>", 1),
		"deep":            strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
	} {
		if _, err := Decode(strings.NewReader(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := sample()
	r.Cells[3].Why, r.Cells[3].Told = "", true
	if _, err := Encode(r); !fault.Is(err, fault.Invalid) {
		t.Errorf("a cell that says nothing is written: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	b, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`<sitRep xmlns="` + NS + `"/>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		out, err := Encode(r)
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		again, err := Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatalf("written and not read: %v", err)
		}
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("%+v is read again as %+v", r, again)
		}
	})
}
