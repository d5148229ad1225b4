// Package feed reads what others publish as Atom 1.0 (RFC 4287), RSS 2.0, or
// one alert of CAP 1.2, into plain items. It is pure and trusts nothing: size,
// depth and number of elements are limited, document types are refused.
package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	atomfeed "lintas/internal/desk/health/atom"
	"lintas/internal/desk/health/cap"
	"lintas/internal/fault"
)

// Limits of a document.
const (
	MaxDocument = 10 << 20
	MaxItems    = 5000
	maxDepth    = 30
	maxElements = 300_000
	maxText     = 16 << 10 // of one element
)

// Item is one entry of a feed, or one info block of an alert. Place is a code,
// where the feed gives one; Area is in words.
type Item struct {
	ID, Title, Text, Link, Lang, Author, Category, Place, Area, Instruction string
	At                                                                      time.Time
}

// Looks reports whether a document may be a feed rather than a table.
func Looks(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<")) {
		return false
	}
	for _, mark := range []string{"<?xml", "<feed", "<rss", "<alert", "<!--"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}

var errForm = errors.New("feed: not a plain XML document")

// element is one element; namespaces are dropped after the root, since feeds
// mix them and only names matter here.
type element struct {
	name, text string
	attr       map[string]string
	children   []*element
}

// Decode reads a document and says which form it has: atom, rss or cap.
func Decode(data []byte) ([]Item, string, error) {
	if len(data) > MaxDocument {
		return nil, "", fault.New(fault.Invalid, "fault.signal.feed_size").With("max", MaxDocument>>20)
	}
	if bytes.Contains(data[:min(len(data), 4096)], []byte(cap.Namespace)) && !bytes.Contains(data[:min(len(data), 4096)], []byte("<feed")) {
		items, err := decodeCAP(data)
		return items, "cap", err
	}
	root, err := parse(data)
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, "fault.signal.feed_xml", err)
	}
	switch root.name {
	case "feed":
		return atom(root), "atom", nil
	case "rss":
		return rss(root), "rss", nil
	}
	return nil, "", fault.New(fault.Invalid, "fault.signal.feed_form").With("name", short(root.name))
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40])
	}
	return s
}

func parse(data []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	d.Strict, d.Entity = false, xml.HTMLEntity
	var root *element
	var open []*element
	count := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			if root == nil || len(open) > 0 {
				return nil, errForm
			}
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, errForm
		case xml.StartElement:
			if count++; count > maxElements || len(open) >= maxDepth || root != nil && len(open) == 0 {
				return nil, errForm
			}
			e := &element{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			if root == nil {
				root = e
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				if e := open[len(open)-1]; len(e.text)+len(t) <= maxText {
					e.text += string(t)
				}
			}
		}
	}
}

// child is the text of the first child with one of the names.
func (e *element) child(names ...string) string {
	for _, n := range names {
		for _, c := range e.children {
			if c.name == n {
				if s := strings.TrimSpace(c.all()); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// all is the text of an element with that of the elements in it, as xhtml in
// an Atom entry has it.
func (e *element) all() string {
	if len(e.children) == 0 {
		return e.text
	}
	var b strings.Builder
	b.WriteString(e.text)
	for _, c := range e.children {
		if b.Len() < maxText {
			b.WriteString(" " + c.all())
		}
	}
	return b.String()
}

var (
	tags   = regexp.MustCompile(`(?s)<(?:script|style)[^>]*>.*?</(?:script|style)>|<[^>]{0,900}>`)
	breaks = regexp.MustCompile(`(?i)<(?:br|/p|/div|/li)[^>]{0,200}>`)
	spaces = regexp.MustCompile(`[ \t\r\f\x{00a0}]+`)
	lines  = regexp.MustCompile(`\s*\n\s*\n\s*`)
)

// words takes the markup out of a text.
func words(s string) string {
	s = breaks.ReplaceAllString(s, "\n")
	s = html.UnescapeString(tags.ReplaceAllString(s, " "))
	return strings.TrimSpace(lines.ReplaceAllString(spaces.ReplaceAllString(s, " "), "\n\n"))
}

func atom(root *element) []Item {
	lang, publisher := root.attr["lang"], "" // an entry without an author has the feed's (RFC 4287, 4.2.1)
	for _, c := range root.children {
		if c.name == "author" && publisher == "" {
			publisher = c.child("name")
		}
	}
	var out []Item
	for _, e := range root.children {
		if e.name != "entry" || len(out) == MaxItems {
			continue
		}
		i := Item{ID: e.child("id"), Title: words(e.child("title")), Text: words(e.child("content", "summary")), At: moment(e.child("published", "updated")),
			Lang: first(e.attr["lang"], lang)}
		for _, c := range e.children {
			switch {
			case c.name == "link" && (c.attr["rel"] == "" || c.attr["rel"] == "alternate") && i.Link == "":
				i.Link = c.attr["href"]
			case c.name == "author" && i.Author == "":
				i.Author = c.child("name")
			}
		}
		i.Author = first(i.Author, publisher)
		i.categories(e)
		out = append(out, i)
	}
	return out
}

// categories reads hazard and places: by their schemes where the feed has them;
// else the first category that is not a status of CAP names the hazard.
func (i *Item) categories(entry *element) {
	var areas []string
	named := ""
	for _, c := range entry.children {
		switch scheme := c.attr["scheme"]; {
		case c.name != "category" || strings.HasPrefix(scheme, cap.Namespace):
		case scheme == atomfeed.HazardScheme:
			i.Category = first(i.Category, c.attr["term"])
		case scheme == atomfeed.PlaceScheme:
			i.Place = first(i.Place, c.attr["term"])
			areas = append(areas, first(c.attr["label"], c.attr["term"]))
		default:
			named = first(named, c.attr["label"], c.attr["term"])
		}
	}
	i.Category = first(i.Category, named)
	if i.Area = entry.child("areaDesc"); i.Area == "" && len(areas) > 1 {
		i.Area = strings.Join(areas, "; ")
	}
}

func rss(root *element) []Item {
	var out []Item
	for _, ch := range root.children {
		if ch.name != "channel" {
			continue
		}
		lang, title := ch.child("language"), words(ch.child("title"))
		for _, e := range ch.children {
			if e.name != "item" || len(out) == MaxItems {
				continue
			}
			out = append(out, Item{ID: first(e.child("guid"), e.child("link")), Title: words(e.child("title")), Text: words(e.child("encoded", "description")),
				Link: e.child("link"), At: moment(e.child("pubDate", "date")), Lang: lang, Author: first(words(e.child("source")), title),
				Category: words(e.child("category")), Area: e.child("areaDesc")})
		}
	}
	return out
}

func decodeCAP(data []byte) ([]Item, error) {
	a, err := cap.Decode(data)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, in := range a.Infos {
		var areas []string
		for _, r := range in.Areas {
			areas = append(areas, r.Desc)
		}
		out = append(out, Item{ID: a.Identifier, Title: first(in.Headline, in.Event), Text: in.Description, Link: in.Web, At: a.Sent, Lang: in.Language,
			Author: first(in.SenderName, a.Sender), Category: in.Event, Area: strings.Join(areas, "; "), Instruction: in.Instruction})
	}
	return out, nil
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func moment(s string) time.Time {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", time.RFC822Z, time.RFC822, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
