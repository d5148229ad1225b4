// Package webtest serves pages to tests without a network, as named people of
// one node, and reads the answers by selector.
package webtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/web"
	"lintas/internal/web/layout"
)

// Site is a shell with the pages of a desk.
type Site struct {
	t      testing.TB
	member access.Member
	shell  *web.Server
}

// New serves the routes at a member. who gives the actor of a name that a
// request is made as; an empty name is nobody.
func New(t testing.TB, member access.Member, now clock.Clock, who func(name string) access.Actor, routes ...func(m *web.Mux)) *Site {
	t.Helper()
	s, err := web.New(web.Config{Member: member, Clock: now, IDs: &id.Maker{Clock: now}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Session: func(_ context.Context, secret string) (web.Session, error) {
			return web.Session{ID: secret, Actor: who(secret)}, nil
		},
		Zone: place.Zone(string(member)), Place: place.Capital(string(member)),
		Frame: func(r *web.Request, p *layout.Props) {
			p.Node = layout.Node{Name: place.Name(string(member), r.Printer.Lang()), Agency: "EOC", Code: string(member)}
			p.Account = &layout.Account{Initials: "DO", Role: r.Actor.Name}
		}})
	if err != nil {
		t.Fatal(err)
	}
	for _, add := range routes {
		add(s.Mux())
	}
	return &Site{t: t, member: member, shell: s}
}

// Server is the shell that serves the pages, for what is mounted beside them.
func (s *Site) Server() *web.Server { return s.shell }

// Roles is a who for New: each name has these roles in the whole member.
func Roles(member access.Member, people map[string][]access.Role) func(string) access.Actor {
	return func(name string) access.Actor {
		a := access.Actor{Account: id.ID(name), Member: member, Name: "Duty post " + name}
		for _, r := range people[name] {
			a.Grants = append(a.Grants, access.Grant{Role: r})
		}
		return a
	}
}

// Answer is a page that was read.
type Answer struct {
	*goquery.Document
	t        testing.TB
	Status   int
	Location string
	Header   http.Header
	Body     string
}

// Get asks for a page; more are header names and values.
func (s *Site) Get(who, path string, more ...string) Answer {
	s.t.Helper()
	return s.do(who, http.MethodGet, path, nil, "", more)
}

// Post sends a form.
func (s *Site) Post(who, path string, form url.Values, more ...string) Answer {
	s.t.Helper()
	return s.do(who, http.MethodPost, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", more)
}

// Send sends any body, such as a multipart form.
func (s *Site) Send(who, path, mime string, body io.Reader) Answer {
	s.t.Helper()
	return s.do(who, http.MethodPost, path, body, mime, nil)
}

func (s *Site) do(who, method, path string, body io.Reader, mime string, more []string) Answer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, body)
	if mime != "" {
		r.Header.Set("Content-Type", mime)
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(s.member)), Value: who})
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	a := Answer{t: s.t, Status: rec.Code, Location: rec.Header().Get("Location"), Header: rec.Header(), Body: rec.Body.String()}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		s.t.Fatal(err)
	}
	a.Document = doc
	return a
}

func (a Answer) main() string { return words(a.Find("main").Text()) }

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// Want fails unless the answer has this status.
func (a Answer) Want(status int) Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.main())
	}
	return a
}

// Has fails unless what the selector finds holds the text.
func (a Answer) Has(selector, text string) {
	a.t.Helper()
	found := a.Find(selector)
	if found.Length() == 0 {
		a.t.Fatalf("nothing matches %s in: %s", selector, a.main())
	}
	if !strings.Contains(words(found.Text()), text) {
		a.t.Fatalf("%s holds %q, want %q", selector, words(found.Text()), text)
	}
}

// Lacks fails if the selector finds anything.
func (a Answer) Lacks(selector string) {
	a.t.Helper()
	if n := a.Find(selector).Length(); n != 0 {
		a.t.Fatalf("%d elements match %s, want none", n, selector)
	}
}

// Button reports whether a button or link with these words can be pressed.
func (a Answer) Button(text string) bool {
	return a.Find("main .btn:not(:disabled), main .btn[href]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return words(s.Text()) == text
	}).Length() > 0
}

// Values are what a browser would send of a form: every named control that is
// filled in or checked, buttons left out.
func (a Answer) Values(form string) url.Values {
	out := url.Values{}
	a.Find(form + " [name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch {
		case s.Is("button"):
		case s.Is("select"):
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			out.Add(name, chosen.AttrOr("value", ""))
		case s.Is("textarea"):
			out.Add(name, s.Text())
		case s.Is("[type=checkbox], [type=radio]"):
			if _, on := s.Attr("checked"); on {
				out.Add(name, s.AttrOr("value", "on"))
			}
		default:
			out.Add(name, s.AttrOr("value", ""))
		}
	})
	return out
}

// key finds a key of the catalogue that has no sentence, or an argument that
// nobody gave.
var key = regexp.MustCompile(`\b[a-z]+(\.[a-z][a-z0-9_]*){2,}\b|\b(fault|need|action|todo|hit|hazard|clock|parts|nav)\.[a-z0-9_.]+|\{[a-z_]+(:[a-z]+)?\}`)

// Sound checks what holds for every page: one main heading, every sentence
// there, identifiers unique, controls labelled, nothing inline.
func (a Answer) Sound() {
	a.t.Helper()
	if n := a.Find("h1").Length(); n != 1 {
		a.t.Errorf("%d main headings", n)
	}
	text := a.Find("body").Text()
	a.Find("[aria-label], [title]").Each(func(_ int, s *goquery.Selection) {
		text += "\n" + s.AttrOr("aria-label", "") + "\n" + s.AttrOr("title", "")
	})
	if m := key.FindString(text); m != "" {
		a.t.Errorf("a key or an argument is missing: %s", m)
	}
	seen := map[string]bool{}
	a.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		i := s.AttrOr("id", "")
		if seen[i] {
			a.t.Errorf("the id %q is there twice", i)
		}
		seen[i] = true
	})
	if strings.Contains(a.Body, " style=") || a.Find("script:not([src])").Length() > 0 || strings.Contains(a.Body, "onclick") {
		a.t.Error("inline style or script")
	}
	a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, s *goquery.Selection) {
		if i := s.AttrOr("id", ""); s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && a.Find(`label[for="`+i+`"]`).Length() == 0 {
			a.t.Errorf("no label for %s", s.AttrOr("name", ""))
		}
	})
}
