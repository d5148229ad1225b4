package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/clock"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/atom"
	"lintas/internal/desk/health/cap"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
)

// The feed is for everybody: what this node released under TLP:CLEAR, and
// what it withdrew of that. It knows no caller.

const (
	feedPage    = 50
	feedSummary = 500 // characters
	feedFresh   = "public, max-age=60"
)

func (d *Desk) feed(w http.ResponseWriter, r *http.Request) {
	after, ok := feedCursor(r.URL.Query().Get("before"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	entries, next, err := d.desk.Feed(r.Context(), after, feedPage)
	if err != nil {
		d.refuse(w, err)
		return
	}
	doc, updated, err := d.atom(entries, after, next)
	if err != nil {
		d.refuse(w, err)
		return
	}
	publish(w, r, atom.MediaType, updated, doc)
}

func feedCursor(s string) (health.FeedCursor, bool) {
	if s == "" {
		return health.FeedCursor{}, true
	}
	at, rest, _ := strings.Cut(s, ".")
	micros, e1 := strconv.ParseInt(at, 10, 64)
	last, e2 := id.Parse(rest)
	return health.FeedCursor{Updated: micros, ID: last}, e1 == nil && e2 == nil
}

func (d *Desk) page(c health.FeedCursor) string {
	out := d.deps.URL + "/health/feed.atom"
	if c.ID != "" {
		out += "?before=" + strconv.FormatInt(c.Updated, 10) + "." + string(c.ID)
	}
	return out
}

func (d *Desk) atom(entries []health.Public, at, next health.FeedCursor) ([]byte, time.Time, error) {
	p := locale.New(locale.Source, nil, "")
	member := place.Name(string(d.deps.Member), p.Lang())
	f := atom.Feed{
		ID: health.CAPSender(d.deps.Member) + ":health:feed", Title: p.T("rest.feed.title", "member", member),
		Subtitle: p.T("rest.feed.subtitle"), Lang: p.Lang(), Author: member, Rights: "TLP:CLEAR", Updated: time.Unix(0, 0).UTC(),
		Links: []atom.Link{{Rel: "self", Type: "application/atom+xml", Href: d.page(at)}, {Rel: "first", Type: "application/atom+xml", Href: d.page(health.FeedCursor{})}},
	}
	if next.ID != "" {
		f.Links = append(f.Links, atom.Link{Rel: "next", Type: "application/atom+xml", Href: d.page(next)})
	}
	for i := range entries {
		e := d.entry(p, &entries[i])
		if e.Updated.After(f.Updated) {
			f.Updated = e.Updated
		}
		f.Entries = append(f.Entries, e)
	}
	doc, err := f.Encode()
	return doc, f.Updated, err
}

func (d *Desk) entry(p *locale.Printer, e *health.Public) atom.Entry {
	a := e.CAP(d.deps.Exercise)
	out := atom.Entry{
		ID: "urn:uuid:" + string(e.Notification), Title: e.View.Title, Summary: short(e.View.Message), Updated: clock.Cut(e.Updated),
		Published: clock.Cut(e.Issued), Links: []atom.Link{atom.CAP(d.deps.URL + "/health/feed/" + string(e.Notification) + ".xml")},
		Categories: []atom.Category{{Term: string(a.Status), Scheme: cap.Namespace + ":status"}, {Term: string(a.MsgType), Scheme: cap.Namespace + ":msgType"}},
	}
	if h := e.View.Event.Hazard; h != "" {
		out.Categories = append(out.Categories, atom.Category{Term: h, Scheme: atom.HazardScheme, Label: p.T("hazard." + h)})
	}
	for _, code := range e.View.Event.Places {
		out.Categories = append(out.Categories, atom.Category{Term: code, Scheme: atom.PlaceScheme, Label: place.Name(code, p.Lang())})
	}
	if a.MsgType == cap.Cancel {
		out.Title = p.T("rest.feed.withdrawn", "title", out.Title)
	}
	if a.Status == cap.Exercise { // readers that show only titles must not take it for real
		out.Title = p.T("rest.feed.exercise", "title", out.Title)
	}
	return out
}

func short(s string) string {
	if utf8.RuneCountInString(s) <= feedSummary {
		return s
	}
	return string([]rune(s)[:feedSummary-1]) + "…"
}

// publicAlert is one document of the feed. What is not public is not there,
// whoever asks.
func (d *Desk) publicAlert(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".xml")
	nid, err := id.Parse(name)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	e, err := d.desk.PublicAlert(r.Context(), nid)
	if fault.Is(err, fault.NotFound) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		d.refuse(w, err)
		return
	}
	doc, err := e.CAP(d.deps.Exercise).Encode()
	if err != nil {
		d.refuse(w, err)
		return
	}
	publish(w, r, cap.MediaType, e.Updated, doc)
}

// publish answers with what caches may keep and other sites may read.
func publish(w http.ResponseWriter, r *http.Request, kind string, updated time.Time, doc []byte) {
	sum := sha256.Sum256(doc)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", feedFresh)
	h.Set("ETag", tag)
	h.Set("Last-Modified", updated.UTC().Format(http.TimeFormat))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	for wanted := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		// The weak comparison: the shell may have compressed the answer.
		if wanted = strings.TrimPrefix(strings.TrimSpace(wanted), "W/"); wanted == tag || wanted == "*" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(doc)))
	_, _ = w.Write(doc) // the reader left
}

// refuse says no more than that it did not work; there is no reader to
// explain it to.
func (d *Desk) refuse(w http.ResponseWriter, err error) {
	d.deps.Log.Error("public feed", "request", w.Header().Get("X-Request-Id"), "error", err.Error())
	status := http.StatusInternalServerError
	if fault.Is(err, fault.Unavailable) {
		status = http.StatusServiceUnavailable
	}
	http.Error(w, http.StatusText(status), status)
}
