package feed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintas/internal/fault"
)

func TestDecode(t *testing.T) {
	for name, want := range map[string]Item{
		"sample.atom": {ID: "urn:sample:1", Title: "Cluster of watery diarrhoea in a border commune (sample)", Link: "https://example.org/1", Lang: "en", Category: "Cholera"},
		"sample.rss":  {ID: "a-1", Title: "Kasus demam berdarah naik di Medan (contoh)", Link: "https://example.org/a", Lang: "id", Author: "Sample paper"},
		"sample.cap":  {ID: "sample-1", Title: "Undiagnosed fever at a land crossing (sample)", Lang: "en-GB", Author: "eoc@example.org", Category: "Cholera", Area: "Kampot"},
	} {
		data, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		items, form, err := Decode(data)
		if err != nil || "."+form != filepath.Ext(name) {
			t.Fatalf("%s: %s %v", name, form, err)
		}
		got := items[0]
		if got.At.IsZero() || strings.ContainsAny(got.Text, "<>") || strings.Contains(got.Text, "alert(") {
			t.Errorf("%s: %+v", name, got)
		}
		want.At, want.Text = got.At, got.Text
		if got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What could attack a reader of XML is refused, not followed.
func TestHostile(t *testing.T) {
	for name, doc := range map[string]string{
		"entities":   `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`,
		"external":   `<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><rss></rss>`,
		"depth":      `<rss>` + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + `</rss>`,
		"other":      `<?xml version="1.0"?><html><body>no</body></html>`,
		"open":       `<rss><channel>`,
		"two roots":  `<rss></rss><rss></rss>`,
		"no charset": `<?xml version="1.0" encoding="x-nowhere"?><rss></rss>`,
	} {
		if _, _, err := Decode([]byte(doc)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := `<rss><channel>` + strings.Repeat(`<item><title>x</title></item>`, MaxItems+50) + `</channel></rss>`
	if items, _, err := Decode([]byte(many)); err != nil || len(items) != MaxItems {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"sample.atom", "sample.rss", "sample.cap"} {
		data, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		items, _, err := Decode(data)
		if err == nil && len(items) > MaxItems {
			t.Fatal("too many items")
		}
	})
}
