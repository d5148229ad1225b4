package feed

import (
	"testing"
	"time"

	atomfeed "lintas/internal/desk/health/atom"
	"lintas/internal/desk/health/cap"
)

// The feed of another node says hazard and places as codes, and its status is
// no disease; an entry without an author has the feed's.
func TestFeedOfANode(t *testing.T) {
	at := time.Date(2026, 11, 10, 6, 0, 0, 0, time.UTC)
	entry := atomfeed.Entry{ID: "urn:uuid:1", Title: "Cholera (sample)", Updated: at, Published: at, Summary: "Two cases (sample).",
		Links: []atomfeed.Link{atomfeed.CAP("https://vn.example/health/feed/1.xml")},
		Categories: []atomfeed.Category{{Term: "Exercise", Scheme: cap.Namespace + ":status"}, {Term: "cholera", Scheme: atomfeed.HazardScheme, Label: "Cholera"},
			{Term: "VN-44", Scheme: atomfeed.PlaceScheme, Label: "An Giang"}, {Term: "VN-37", Scheme: atomfeed.PlaceScheme, Label: "Tiền Giang"}}}
	doc, err := atomfeed.Feed{ID: "urn:lintas:member:VN:health:feed", Title: "Viet Nam: health alerts", Author: "Viet Nam", Lang: "en", Updated: at,
		Links: []atomfeed.Link{{Rel: "self", Type: "application/atom+xml", Href: "https://vn.example/health/feed.atom"}}, Entries: []atomfeed.Entry{entry}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	items, form, err := Decode(doc)
	if err != nil || form != "atom" || len(items) != 1 {
		t.Fatalf("%s %+v %v", form, items, err)
	}
	got := items[0]
	if got.Category != "cholera" || got.Place != "VN-44" || got.Area != "An Giang; Tiền Giang" || got.Author != "Viet Nam" {
		t.Errorf("%+v", got)
	}
}
