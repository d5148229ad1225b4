package health

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lintas/internal/fault"
	"lintas/internal/id"
)

func TestGrid(t *testing.T) {
	now := time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC)
	def := GridDefaults{Owner: "TH", Values: map[string]string{"indicator": "cases", "class": "confirmed", "as_of": "2020-01-31", "source": "sample"},
		Names: map[string]string{"column.jumlah": "value", "column.tempat": "place", "sex.perempuan": "female"}}
	read := func(text string) []GridFact {
		t.Helper()
		g, err := ReadGrid(strings.NewReader(text), def.Names)
		if err != nil {
			t.Fatal(err)
		}
		return g.Facts(def, now)
	}
	fs := read("Tempat\tJumlah\tsex\tas_of\n#adm1\t#affected\t\t\nTH-10\t1,234\tPerempuan\t31/01/2020\nBangkok\t\t\t\nTH-11\tn/a\t\t\nTH-12\t0\t\t\nTH-13\t<5\t\t\nTH\t12/40\t\t\nTH-14\t1.5\t\t\nNowhere\t3\t\tlater\n")
	if len(fs) != 8 {
		t.Fatalf("%d rows", len(fs))
	}
	if f := fs[0].Fact; len(fs[0].Faults) > 0 || f.Value != 1234 || f.Sex != "female" || f.AsOf.Format(time.DateOnly) != "2020-01-31" {
		t.Errorf("%+v", fs[0])
	}
	if !fs[1].Left || fs[1].Fact.Place != "TH-10" || !fs[2].Left {
		t.Errorf("what was not reported: %+v %+v", fs[1], fs[2])
	}
	if fs[3].Left || fs[3].Fact.Value != 0 || len(fs[3].Faults) > 0 {
		t.Errorf("a reported zero: %+v", fs[3])
	}
	if !fs[4].Fact.Suppressed || fs[5].Fact.Value != 12 || fs[5].Fact.Of != 40 {
		t.Errorf("%+v %+v", fs[4], fs[5])
	}
	names := func(f GridFact) (out []string) {
		for _, x := range f.Faults {
			out = append(out, x.Name)
		}
		return out
	}
	if got := names(fs[6]); !slices.Equal(got, []string{"value"}) {
		t.Errorf("1.5: %v", got)
	}
	if got := names(fs[7]); !slices.Contains(got, "place") || !slices.Contains(got, "as_of") {
		t.Errorf("%v", got)
	}
	if bare := read("TH-10\tcases\tprobable\t7\t2020-01-30\tbare"); bare[0].Fact.Value != 7 || bare[0].Fact.Class != "probable" {
		t.Errorf("without headings: %+v", bare[0])
	}
}

func TestAgeBandsAsWritten(t *testing.T) {
	for in, want := range map[string]string{"5-14": "5_14", "5 – 14 years": "5_14", "1 to 4": "1_4", "65+": "65_plus", "≥ 65": "65_plus", "<1": "under_1", "Under 1": "under_1",
		"unknown": "unknown", "0-4": "0-4", "65": "65", "14-May": "14-May", "": ""} {
		if got := ageBand(in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

// The table of figures is read back as it was.
func TestFactTableRoundTrip(t *testing.T) {
	e := sampleView()
	head, rows := FactTable(e)
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(head)
	for _, r := range rows {
		line := make([]string, len(r))
		for i, c := range r {
			switch v := c.(type) {
			case nil:
			case time.Time:
				line[i] = v.Format(time.RFC3339)
			case int64:
				line[i] = strconv.FormatInt(v, 10)
			case string:
				line[i] = v
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	g, err := ReadGrid(strings.NewReader(b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	have := g.Facts(GridDefaults{Owner: "TH"}, e.Facts[0].AsOf)
	for i, f := range e.AllFacts() {
		if len(have[i].Faults) > 0 || have[i].Fact.Key() != f.Key() || have[i].Fact.Value != f.Value || have[i].Fact.Suppressed != f.Suppressed {
			t.Errorf("row %d: %+v", i, have[i])
		}
	}
}

func sampleView() EventView {
	e := Event{Hazard: "cholera", GLIDE: "EP-2020-000012-THA"}
	e.ID, e.Owner = "019b0000-0000-7000-8000-000000000001", "TH"
	mk := func(n int64, class, place string, more ...func(*Fact)) Fact {
		f := sampleFact(n, 13)
		f.Class, f.Place, f.Revision, f.ID = class, place, 1, id.ID(place+class+strconv.Itoa(int(n)))
		for _, m := range more {
			m(&f)
		}
		return f
	}
	return viewEvent(&e, []Fact{mk(7, "confirmed", "TH"), mk(3, "confirmed", "TH-10"), mk(9, "suspected", "TH-10"),
		mk(1, "", "TH", func(f *Fact) { f.Indicator = "deaths" }), mk(2, "confirmed", "TH-10", func(f *Fact) { f.Sex = "female" }),
		mk(0, "confirmed", "TH-11", func(f *Fact) { f.Suppressed = true }), mk(4, "", "TH", func(f *Fact) { f.Indicator, f.Of = "tests", 9 })})
}

// hxlRead is a small reader of its own: it finds the row of tags, and returns
// the cells of a column by a tag with attributes in any order.
func hxlRead(t *testing.T, table [][]string, tag string) []string {
	t.Helper()
	want := strings.Split(tag, "+")
	for i, row := range table {
		if len(row) == 0 || !strings.HasPrefix(row[0], "#") {
			continue
		}
		for col, cell := range row {
			have := strings.Split(cell, "+")
			if have[0] != want[0] || len(have) != len(want) || slices.ContainsFunc(want[1:], func(a string) bool { return !slices.Contains(have[1:], a) }) {
				continue
			}
			var out []string
			for _, r := range table[i+1:] {
				out = append(out, r[col])
			}
			return out
		}
	}
	t.Fatalf("no column %s", tag)
	return nil
}

func TestHXL(t *testing.T) {
	h := HXL(sampleView())
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll([][]string{h.Titles, h.Tags})
	for _, r := range h.Rows {
		line := make([]string, len(r))
		for i, c := range r {
			if n, ok := c.(int64); ok {
				line[i] = strconv.FormatInt(n, 10)
			} else if s, ok := c.(string); ok {
				line[i] = s
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	table, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	country, code := hxlRead(t, table, "#country+v_iso3+code"), hxlRead(t, table, "#adm1+code+v_iso3166_2")
	confirmed, suspected := hxlRead(t, table, "#affected+confirmed+infected"), hxlRead(t, table, "#affected+infected+suspected")
	killed, sex, hidden := hxlRead(t, table, "#affected+killed"), hxlRead(t, table, "#meta+sex"), hxlRead(t, table, "#meta+suppressed")
	if len(country) != 4 {
		t.Fatalf("%d rows: %v", len(country), table)
	}
	type row struct{ country, code, confirmed, suspected, killed, sex, hidden string }
	want := []row{{"THA", "", "7", "", "1", "", ""}, {"THA", "TH-10", "3", "9", "", "", ""}, {"THA", "TH-10", "2", "", "", "female", ""},
		{"THA", "TH-11", "", "", "", "", "#affected+infected+confirmed"}}
	for i, w := range want {
		if got := (row{country[i], code[i], confirmed[i], suspected[i], killed[i], sex[i], hidden[i]}); got != w {
			t.Errorf("row %d: %+v, want %+v", i, got, w)
		}
	}
	for i, tag := range h.Tags {
		if len(h.Titles) != len(h.Tags) || !strings.HasPrefix(tag, "#") || slices.Index(h.Tags, tag) != i {
			t.Errorf("tag %q", tag)
		}
	}
}

// Whatever is pasted, every row is either a fact, left out, or has a fault.
func FuzzReadGrid(f *testing.F) {
	f.Add("place\tvalue\nTH-10\t3")
	f.Add("TH-10,cases,confirmed,<5,2020-01-01,x")
	f.Add("\"a\n;;;\x00")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ReadGrid(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		for _, r := range g.Facts(GridDefaults{Owner: "TH"}, time.Unix(1e9, 0)) {
			if r.Left || len(r.Faults) > 0 {
				continue
			}
			var c fault.Check
			if r.Fact.check(&c, 0, "TH", time.Unix(1e9, 0)); c.Err() != nil || r.Fact.Value < 0 {
				t.Errorf("%+v passes as a fact", r.Fact)
			}
		}
	})
}
