// Package atom writes Atom 1.0 feeds (RFC 4287) whose entries link to alerts
// of the Common Alerting Protocol. It is pure: plain values in, XML out.
package atom

import (
	"encoding/xml"
	"net/url"
	"strings"
	"time"

	"lintas/internal/fault"
)

// MediaType is that of a feed.
const MediaType = "application/atom+xml; charset=utf-8"

// MaxEntries is the size of one page of a feed; more go behind a "next" link
// (RFC 5005).
const MaxEntries = 100

// Feed is a feed, or one page of it.
type Feed struct {
	ID       string // absolute URI, the same for ever
	Title    string
	Subtitle string
	Lang     string // BCP 47
	Author   string // the member that publishes
	Rights   string
	Updated  time.Time // newest change in the feed
	Links    []Link    // one must have rel "self"
	Entries  []Entry
}

// Entry is one alert.
type Entry struct {
	ID         string // absolute URI, such as urn:uuid:…
	Title      string
	Summary    string
	Author     string // empty: the feed's
	Updated    time.Time
	Published  time.Time
	Links      []Link // one must have rel "alternate"
	Categories []Category
}

// Link points to the alert's document, page or next part of the feed.
type Link struct {
	Rel, Type, Href, Hreflang string
}

// Schemes of the categories by which a node names hazard and places in its own
// feed, as codes that need no guess.
const (
	HazardScheme = "urn:lintas:hazard"
	PlaceScheme  = "urn:lintas:place"
)

// Category marks an entry: its hazard, its places, its status.
type Category struct {
	Term, Scheme, Label string
}

// CAP is the link to an alert's document.
func CAP(href string) Link { return Link{Rel: "alternate", Type: "application/cap+xml", Href: href} }

// Encode writes a valid feed.
func (f Feed) Encode() ([]byte, error) {
	if err := f.validate(); err != nil {
		return nil, err
	}
	w := wireFeed{
		Lang: f.Lang, ID: f.ID, Title: f.Title, Subtitle: f.Subtitle, Updated: stamp(f.Updated),
		Author: &wirePerson{f.Author}, Rights: f.Rights, Links: links(f.Links),
	}
	for _, e := range f.Entries {
		w.Entries = append(w.Entries, e.wire())
	}
	body, err := xml.Marshal(w)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.atom.write", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

func (e Entry) wire() wireEntry {
	w := wireEntry{ID: e.ID, Title: e.Title, Updated: stamp(e.Updated), Summary: e.Summary, Links: links(e.Links)}
	if !e.Published.IsZero() {
		w.Published = stamp(e.Published)
	}
	if e.Author != "" {
		w.Author = &wirePerson{e.Author}
	}
	for _, c := range e.Categories {
		w.Categories = append(w.Categories, wireCategory(c))
	}
	return w
}

// validate checks what RFC 4287 requires (sections 4.1.1, 4.1.2 and 4.2).
func (f Feed) validate() error {
	var c fault.Check
	c.That(absolute(f.ID), "id", "fault.atom.uri")
	c.That(filled(f.Title), "title", "fault.atom.needed")
	c.That(filled(f.Author), "author", "fault.atom.needed")
	c.That(!f.Updated.IsZero(), "updated", "fault.atom.needed")
	c.That(has(f.Links, "self"), "link", "fault.atom.self")
	c.That(len(f.Entries) <= MaxEntries, "entry", "fault.atom.entries", fault.Args{"max": MaxEntries})
	seen := map[string]bool{}
	for i, e := range f.Entries {
		row := i + 1
		c.Row(absolute(e.ID), row, "id", "fault.atom.uri")
		c.Row(!seen[e.ID], row, "id", "fault.atom.twice")
		seen[e.ID] = true
		c.Row(filled(e.Title), row, "title", "fault.atom.needed")
		c.Row(!e.Updated.IsZero(), row, "updated", "fault.atom.needed")
		c.Row(has(e.Links, "alternate"), row, "link", "fault.atom.alternate")
		for _, k := range e.Categories {
			c.Row(filled(k.Term), row, "category", "fault.atom.needed")
		}
	}
	return c.Err()
}

func filled(s string) bool { return strings.TrimSpace(s) != "" }

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

// has reports whether there is a link of the relation, each with an address,
// and no two alternates of the same type and language (section 4.1.2).
func has(list []Link, rel string) bool {
	found := false
	seen := map[Link]bool{}
	for _, l := range list {
		if l.Rel == "" || !absolute(l.Href) {
			return false
		}
		key := Link{Rel: l.Rel, Type: l.Type, Hreflang: l.Hreflang}
		if l.Rel == "alternate" && seen[key] {
			return false
		}
		seen[key] = true
		found = found || l.Rel == rel
	}
	return found
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func links(list []Link) []wireLink {
	out := make([]wireLink, len(list))
	for i, l := range list {
		out[i] = wireLink(l)
	}
	return out
}

// The wire structs give the elements their names and order.
type wireFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr,omitempty"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Author   *wirePerson `xml:"author"`
	Rights   string      `xml:"rights,omitempty"`
	Links    []wireLink  `xml:"link"`
	Entries  []wireEntry `xml:"entry"`
}

type wireEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published,omitempty"`
	Author     *wirePerson    `xml:"author"`
	Summary    string         `xml:"summary,omitempty"`
	Links      []wireLink     `xml:"link"`
	Categories []wireCategory `xml:"category"`
}

type wirePerson struct {
	Name string `xml:"name"`
}

type wireLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Href     string `xml:"href,attr"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
}

type wireCategory struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}
