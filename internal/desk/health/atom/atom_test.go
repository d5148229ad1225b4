package atom

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	reader "github.com/mmcdole/gofeed/atom"

	"lintas/internal/fault"
)

var day = time.Date(2020, 1, 13, 10, 5, 6, 789000000, time.FixedZone("", 7*3600))

func sample(n int) Feed {
	f := Feed{
		ID: "urn:uuid:018f0000-0000-7000-8000-000000000001", Title: "TH: <alerts> & notes", Subtitle: "Cleared for everyone", Lang: "en",
		Author: "TH", Rights: "TLP:CLEAR", Updated: day,
		Links: []Link{{Rel: "self", Type: "application/atom+xml", Href: "https://th.example/feed?page=1&n=2"}, {Rel: "next", Href: "https://th.example/feed?page=2"}},
	}
	for i := range n {
		f.Entries = append(f.Entries, Entry{
			ID: fmt.Sprintf("urn:uuid:018f0000-0000-7000-8000-0000000001%02d", i), Title: fmt.Sprintf("Alert %d \"โควิด\"", i),
			Summary: "One case & <more>", Updated: day.Add(time.Duration(i) * time.Hour), Published: day, Author: "EOC",
			Links:      []Link{CAP(fmt.Sprintf("https://th.example/cap/%d.xml", i)), {Rel: "alternate", Type: "text/html", Href: "https://th.example/e/1", Hreflang: "en"}},
			Categories: []Category{{Term: "Health", Scheme: "urn:oasis:names:tc:emergency:cap:1.2", Label: "Health"}},
		})
	}
	return f
}

// TestIndependentReader has another program's parser read what we write.
func TestIndependentReader(t *testing.T) {
	want := sample(3)
	doc, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&reader.Parser{}).Parse(bytes.NewReader(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	if got.ID != want.ID || got.Title != want.Title || got.Subtitle != want.Subtitle || got.Language != "en" ||
		got.Rights != want.Rights || len(got.Authors) != 1 || got.Authors[0].Name != "TH" || got.Version != "1.0" {
		t.Errorf("feed %s", got)
	}
	if got.Updated != "2020-01-13T03:05:06Z" || !got.UpdatedParsed.Equal(day.Truncate(time.Second)) {
		t.Errorf("updated %q", got.Updated)
	}
	if len(got.Links) != 2 || got.Links[0].Rel != "self" || got.Links[0].Href != want.Links[0].Href || got.Links[1].Rel != "next" {
		t.Errorf("links %+v", got.Links)
	}
	if len(got.Entries) != len(want.Entries) {
		t.Fatalf("%d entries", len(got.Entries))
	}
	for i, e := range got.Entries {
		w := want.Entries[i]
		if e.ID != w.ID || e.Title != w.Title || e.Summary != w.Summary || e.Authors[0].Name != w.Author ||
			!e.UpdatedParsed.Equal(w.Updated.Truncate(time.Second)) || !e.PublishedParsed.Equal(w.Published.Truncate(time.Second)) {
			t.Errorf("entry %d: %+v", i, e)
		}
		if len(e.Links) != 2 || e.Links[0].Type != "application/cap+xml" || e.Links[0].Href != w.Links[0].Href || e.Links[1].Hreflang != "en" {
			t.Errorf("links of %d: %+v", i, e.Links)
		}
		if len(e.Categories) != 1 || *e.Categories[0] != (reader.Category{Term: "Health", Scheme: w.Categories[0].Scheme, Label: "Health"}) {
			t.Errorf("categories of %d: %+v", i, e.Categories)
		}
	}
}

func TestEmptyFeed(t *testing.T) {
	doc, err := sample(0).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (&reader.Parser{}).Parse(bytes.NewReader(doc)); err != nil || len(got.Entries) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Feed){
		"id":             func(f *Feed) { f.ID = "feed" },
		"title":          func(f *Feed) { f.Title = " " },
		"author":         func(f *Feed) { f.Author = "" },
		"updated":        func(f *Feed) { f.Updated = time.Time{} },
		"no self":        func(f *Feed) { f.Links = f.Links[1:] },
		"relative link":  func(f *Feed) { f.Links[0].Href = "/feed" },
		"entry id":       func(f *Feed) { f.Entries[1].ID = "" },
		"entry twice":    func(f *Feed) { f.Entries[1].ID = f.Entries[0].ID },
		"entry title":    func(f *Feed) { f.Entries[1].Title = "" },
		"entry updated":  func(f *Feed) { f.Entries[1].Updated = time.Time{} },
		"entry link":     func(f *Feed) { f.Entries[1].Links = nil },
		"two alternates": func(f *Feed) { f.Entries[1].Links = append(f.Entries[1].Links, CAP("https://th.example/other.xml")) },
		"category":       func(f *Feed) { f.Entries[1].Categories[0].Term = "" },
		"too many": func(f *Feed) {
			*f = sample(MaxEntries)
			f.Entries = append(f.Entries, sample(1).Entries[0])
			f.Entries[MaxEntries].ID = "urn:x:1"
		},
	} {
		f := sample(2)
		spoil(&f)
		err := f.validate()
		e, ok := err.(*fault.Error)
		if !ok || e.Kind != fault.Invalid || len(e.Fields) != 1 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := f.Encode(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// FuzzText: whatever people type, the document stays well-formed and the
// reader finds the same number of entries.
func FuzzText(f *testing.F) {
	f.Add("Alert", "summary")
	f.Add("]]>", "<script>&\x00\xff\ufffe")
	f.Fuzz(func(t *testing.T, title, summary string) {
		feed := sample(2)
		feed.Entries[0].Title, feed.Entries[1].Summary = title, summary
		doc, err := feed.Encode()
		if err != nil {
			return
		}
		got, err := (&reader.Parser{}).Parse(bytes.NewReader(doc))
		if err != nil || len(got.Entries) != 2 {
			t.Errorf("%v\n%s", err, doc)
		}
	})
}
