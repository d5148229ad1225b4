package gallery

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
)

func render(t testing.TB, p Page) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := p.Body.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, b.String()
}

// TestEveryPage: what must hold of every page, in both languages.
func TestEveryPage(t *testing.T) {
	for _, lang := range []string{"en", "id"} {
		for _, page := range Pages(lang, "day") {
			t.Run(page.Name+" "+lang, func(t *testing.T) {
				doc, html := render(t, page)
				if got := doc.Find("html").AttrOr("lang", ""); got != lang {
					t.Errorf("lang %q", got)
				}
				for selector, want := range map[string]int{"main": 1, "h1": 1, "header.mast": 1, "footer": 1, "a.skip": 1, "head title": 1} {
					if n := doc.Find(selector).Length(); n != want && !(page.Name == "parts" && selector == "h1") {
						t.Errorf("%d %s, want %d", n, selector, want)
					}
				}
				strict(t, doc, html)
				ids(t, doc)
				labels(t, doc)
				if m := regexp.MustCompile(`>[^<]*\b(layout|parts|ack|grade|map|script|precision)\.[a-z]+[^<]*<`).FindString(html); m != "" {
					t.Errorf("a key is shown: %s", m)
				}
			})
		}
	}
}

// strict: the content security policy allows no inline style and no script.
func strict(t *testing.T, doc *goquery.Document, html string) {
	if n := doc.Find("[style],style").Length(); n > 0 {
		t.Errorf("%d inline styles", n)
	}
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if s.Text() != "" || s.AttrOr("src", "") == "" {
			t.Error("inline script")
		}
	})
	if m := regexp.MustCompile(`\son[a-z]+=`).FindString(html); m != "" {
		t.Errorf("inline handler %s", m)
	}
	if m := regexp.MustCompile(`(?:src|href)="https?:[^"]*"`).FindString(html); m != "" {
		t.Errorf("foreign address %s", m)
	}
}

// ids are unique, and what refers to an id finds it.
func ids(t *testing.T, doc *goquery.Document) {
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if id == "" || seen[id] {
			t.Errorf("id %q is empty or twice", id)
		}
		seen[id] = true
	})
	for _, attr := range []string{"aria-labelledby", "aria-describedby", "for"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(attr, "")) {
				if !seen[id] {
					t.Errorf("%s refers to %q, which is not there", attr, id)
				}
			}
		})
	}
	doc.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("href", "#")[1:]; id != "" && !seen[id] {
			t.Errorf("link to #%s, which is not there", id)
		}
	})
	doc.Find(`[fill^="url(#"]`).Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimSuffix(strings.TrimPrefix(s.AttrOr("fill", ""), "url(#"), ")"); !seen[id] {
			t.Errorf("fill with %s, which is not there", id)
		}
	})
}

// labels: every input has words, every drawing that speaks has a title.
func labels(t *testing.T, doc *goquery.Document) {
	doc.Find("input:not([type=hidden]),select,textarea").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "-")
		if doc.Find(`label[for="`+id+`"]`).Length() == 0 && s.Closest("label").Length() == 0 {
			t.Errorf("input %s has no label", s.AttrOr("name", "?"))
		}
	})
	doc.Find("svg:not([aria-hidden])").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("aria-labelledby", "") == "" {
			t.Error("a drawing without a title")
		}
	})
}

func TestDesk(t *testing.T) {
	doc, html := render(t, Pages("en", "day")[0])
	if n := doc.Find("#events tbody tr").Length(); n != len(samples) {
		t.Errorf("%d rows", n)
	}
	if n := doc.Find("#map a.mk").Length(); n != len(samples) {
		t.Errorf("%d markers", n)
	}
	first := doc.Find("#events tbody tr").First()
	if got := first.Find(".ack .bar i").Length(); got != 11 {
		t.Errorf("%d cells in the strip", got)
	}
	if got := first.Find(".ack .w").Text(); !strings.Contains(got, "6 of 10") || !strings.Contains(got, "Timor-Leste") {
		t.Errorf("the silent are named: %q", got)
	}
	if got := doc.Find("#todo li").Eq(2).Find(".due b").Text(); got != "late by 25 min" {
		t.Errorf("time cell %q", got)
	}
	if got := doc.Find("#todo").AttrOr("hx-trigger", ""); got != "live-inbox from:body delay:200ms" {
		t.Errorf("live panel %q", got)
	}
	if !strings.Contains(html, "do not imply endorsement") {
		t.Error("the map has no disclaimer")
	}
	if n := doc.Find("#map .astable tbody tr").Length(); n != len(samples) {
		t.Errorf("table of the map has %d rows", n)
	}
}

func TestFormErrors(t *testing.T) {
	doc, _ := render(t, Pages("en", "day")[2])
	if got := doc.Find("#errors a").First().AttrOr("href", ""); got != "#f-name" {
		t.Errorf("summary leads to %q", got)
	}
	name := doc.Find("#f-name")
	if name.AttrOr("aria-invalid", "") != "true" || !strings.Contains(name.AttrOr("aria-describedby", ""), "f-name-error") {
		t.Error("the error is not tied to its input")
	}
	if doc.Find("button[disabled]").Length() != 1 {
		t.Error("a button with an unmet need is disabled")
	}
}

// TestDrawingsAreXML: what the charts and maps write is well formed.
func TestDrawingsAreXML(t *testing.T) {
	p := locale.New("en", nil, "")
	nasty := epi()
	nasty.Title, nasty.Series[0] = `<script>alert("x")</script>`, `a&b"<c>`
	nasty.Notes[0].Text = "</text><image href='x'>"
	m := regional()
	m.Title, m.Markers[0].Title, m.Markers[0].Href = `"><script>`, "</title><b>", "javascript:alert(1)"
	for name, d := range map[string]interface {
		Render(context.Context, io.Writer) error
	}{"epi": nasty.Draw(p, 720, 250, "wide"), "map": m.Draw(p), "zoom": zoom().Draw(p), "bars": bars().Draw(p, 500), "spark": samples[1].spark(1)} {
		var b bytes.Buffer
		if err := d.Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		dec := xml.NewDecoder(bytes.NewReader(b.Bytes()))
		for {
			tok, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s, ok := tok.(xml.StartElement); ok {
				if s.Name.Local == "script" || s.Name.Local == "image" || s.Name.Local == "b" {
					t.Errorf("%s: element %s came from a value", name, s.Name.Local)
				}
				for _, a := range s.Attr {
					if strings.HasPrefix(a.Value, "javascript:") {
						t.Errorf("%s: address %s", name, a.Value)
					}
				}
			}
		}
	}
}

func TestGradeShapesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range parts.Grades {
		if seen[g.Outline()] {
			t.Errorf("%s has the shape of another grade", g)
		}
		seen[g.Outline()] = true
	}
}

func BenchmarkDesk(b *testing.B) {
	page := Pages("en", "day")[0]
	b.ReportAllocs()
	for b.Loop() {
		if err := page.Body.Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegionMap(b *testing.B) {
	p, m := locale.New("en", nil, ""), regional()
	_ = m.Draw(p)
	for b.Loop() {
		_ = m.Draw(p)
	}
}
