package locale

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var at = time.Date(2026, 11, 23, 8, 18, 30, 0, time.UTC)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("no zone database on this machine: ", err)
	}
	return z
}

func TestDates(t *testing.T) {
	hanoi := zone(t, "Asia/Ho_Chi_Minh")
	en, id := New("en", hanoi, "Hà Nội"), New("id", hanoi, "Hà Nội")
	for _, c := range []struct{ got, want string }{
		{en.Day(at), "23 Nov 2026"},
		{en.LongDay(at), "Monday 23 November 2026"},
		{id.LongDay(at), "Senin, 23 November 2026"},
		{en.Stamp(at), "23 Nov 2026, 08:18 UTC"},
		{en.Local(at), "15:18 Hà Nội"},
		{en.Local(at.Add(10 * time.Hour)), "Tue 01:18 Hà Nội"},
		{New("en", nil, "").Local(at), ""},
		{en.Week(at), "2026-W48"},
		{en.Week(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)), "2026-W53"},
		{en.Dated(at, "month"), "November 2026"},
		{en.Dated(at, "year"), "2026"},
		{en.Dated(at, "week"), "week 2026-W48"},
		{en.Dated(at, "day"), "23 Nov 2026"},
		{en.Dated(at, "minute"), "23 Nov 2026, 08:18 UTC"},
		{en.Dated(time.Time{}, "day"), "date not known"},
		{id.ShortDay(time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)), "3 Agu"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLengths(t *testing.T) {
	en, id := New("en", nil, ""), New("id", nil, "")
	for d, want := range map[time.Duration]string{
		30 * time.Second: "under 1 min", 12 * time.Minute: "12 min", 3 * time.Hour: "3 h", 102 * time.Minute: "1 h 42 min",
		22*time.Hour + 13*time.Minute: "22 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 days", -12 * time.Minute: "12 min",
	} {
		if got := en.Duration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := en.Ago(at.Add(-8*time.Minute), at); got != "8 min ago" {
		t.Error(got)
	}
	if got := en.Left(at.Add(-2*time.Hour), at); got != "late by 2 h" {
		t.Error(got)
	}
	if got := id.Left(at.Add(-2*time.Hour), at); got != "terlambat 2 jam" {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	if got := New("en", nil, "").Number(12345); got != "12,345" {
		t.Error(got)
	}
	if got := New("id", nil, "").Number(12345); got != "12.345" {
		t.Error(got)
	}
	if got := New("en", nil, "").Percent(0.314, 0); got != "31%" {
		t.Error(got)
	}
	for _, l := range names { // Latin digits in every language
		got := New(l.Code, nil, "").Number(9876543)
		if strings.IndexFunc(got, func(r rune) bool { return r > 0x2fff || r >= 0x0660 && r < 0x2000 }) >= 0 {
			t.Errorf("%s writes %q", l.Code, got)
		}
	}
}

func TestSentences(t *testing.T) {
	all, err := load(fstest.MapFS{
		"catalogue/a.en.json": {Data: []byte(lines(`"a.hello":"Hello {name}, {what:key} at {when:time}"`, `"a.kind.other":"Other kind"`, `"a.n.one":"{n} node"`,
			`"a.n.other":"{n} nodes"`, `"a.what":"the word"`))},
		"catalogue/a.id.json": {Data: []byte(lines(`"a.n.other":"{n} simpul"`))},
	})
	if err != nil {
		t.Fatal(err)
	}
	en, id := &Printer{own: all["en"], src: all["en"]}, &Printer{own: all["id"], src: all["en"]}
	for _, c := range []struct{ got, want string }{
		{en.T("a.hello", "name", "X", "what", "a.what", "when", at), "Hello X, the word at 08:18 UTC"},
		{en.With("a.hello", map[string]any{"name": "X", "what": "a.what"}), "Hello X, the word at {when}"},
		{en.T("a.n", "n", 1), "1 node"},
		{en.T("a.n", "n", 1200), "1,200 nodes"},
		{id.T("a.n", "n", 1), "1 simpul"},
		{id.T("a.what"), "the word"},
		{en.T("a.kind.other"), "Other kind"},
		{en.T("a.missing"), "a.missing"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if all["en"].share != 1 || all["id"].share != 0.25 {
		t.Errorf("shares %v %v", all["en"].share, all["id"].share)
	}
	if _, err := load(fstest.MapFS{"catalogue/c.xx.json": {Data: []byte("{}")}}); err == nil {
		t.Error("a language that nobody knows was accepted")
	}
	for _, data := range []string{`{"k":"{bad arg}"}`, `{"k":"{open"}`, `{"k":"{a:}"}`, `{"k":"{a:loud}"}`, `{"k":"{}"}`, `[]`, `{"k":1}`} {
		if _, err := readWords(fstest.MapFS{"a.json": {Data: []byte(data)}}, []string{"a.json"}); err == nil {
			t.Errorf("%s was accepted", data)
		}
	}
}

// lines is a catalogue file as the files are: one key a line.
func lines(pairs ...string) string { return "{\n  " + strings.Join(pairs, ",\n  ") + "\n}\n" }

func TestMatch(t *testing.T) {
	for _, c := range []struct{ chosen, accept, want string }{
		{"", "", "en"}, {"id", "en", "id"}, {"xx", "id-ID,id;q=0.9,en;q=0.8", "id"}, {"", "fr-FR", "en"},
		{"", "ms;q=0.1, en;q=0.9", "en"}, {"", ";;;q=", "en"},
	} {
		if got := Match(c.chosen, c.accept); got != c.want {
			t.Errorf("%q %q: got %s, want %s", c.chosen, c.accept, got, c.want)
		}
	}
}

// TestComplete: English and Indonesian have the same keys with the same
// arguments, and other languages have no key or argument of their own.
func TestComplete(t *testing.T) {
	src := loaded()[Source].words()
	for code, language := range loaded() {
		c := language.words()
		if got, want := language.share, float64(len(c.single)+len(c.plural))/float64(len(src.single)+len(src.plural)); got != want {
			t.Errorf("%s: %v of the keys were counted, %v were read: one key stands on a line", code, got, want)
		}
		for key, s := range c.single {
			want, ok := src.single[key]
			if !ok {
				t.Errorf("%s: %s is not in English", code, key)
			} else if a, b := arguments(s), arguments(want); !slices.Equal(a, b) {
				t.Errorf("%s: %s has arguments %v, English has %v", code, key, a, b)
			}
		}
		for key, forms := range c.plural {
			if _, ok := forms["other"]; !ok {
				t.Errorf("%s: %s has no form .other", code, key)
			}
			if _, ok := src.plural[key]; !ok {
				t.Errorf("%s: %s is not in English", code, key)
				continue
			}
			for form, s := range forms {
				for _, a := range arguments(s) {
					if !slices.Contains(arguments(src.plural[key]["other"]), a) {
						t.Errorf("%s: %s.%s has an argument %s of its own", code, key, form, a)
					}
				}
			}
		}
	}
	id := loaded()["id"].words()
	for _, key := range slices.Sorted(maps.Keys(src.single)) {
		if _, ok := id.single[key]; !ok {
			t.Errorf("id: %s is missing", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(src.plural)) {
		if _, ok := id.plural[key]; !ok {
			t.Errorf("id: %s is missing", key)
		}
	}
}

func arguments(s sentence) []string {
	var out []string
	for {
		_, argument, rest, found := s.next()
		if !found {
			slices.Sort(out)
			return slices.Compact(out)
		}
		if !strings.Contains(argument, ":") {
			argument += ":"
		}
		out, s = append(out, argument), rest
	}
}

func FuzzSentence(f *testing.F) {
	f.Add("Hello {name}, {n} of {when:time}")
	f.Add("{")
	f.Add("{a:key}}{")
	f.Fuzz(func(t *testing.T, text string) {
		got := New("en", nil, "").fill(sentence(text), func(string) (any, bool) { return "x", true })
		if sentence(text).check() == nil && strings.Contains(got, "{") {
			t.Errorf("%q was filled as %q", text, got)
		}
	})
}

func BenchmarkT(b *testing.B) {
	p := New("id", nil, "")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.T("duration.mixed", "h", 1, "m", 42)
	}
}
