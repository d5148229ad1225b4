package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	signalweb "lintas/internal/desk/health/signal/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "epi": {access.Epidemiologist}, "approver": {access.Approver}, "ihr": {access.IHRFocalPoint},
	"auditor": {access.Auditor}, "admin": {access.Administrator}}

// A site is one node's inbox with its pages.
type site struct {
	testing.TB
	desk   *signal.Desk
	health *health.Desk
	clock  *clock.Manual
	shell  *shell.Server
	db     *db.DB
}

func newSite(t testing.TB) *site {
	s := &site{TB: t, clock: clock.NewManual(time.Date(2025, 3, 10, 2, 0, 0, 0, time.UTC))}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, signal.Schema, api.Schema)
	env := &desk.Env{Member: "KH", DB: s.db, Clock: s.clock, Wall: s.clock, IDs: &id.Maker{Clock: s.clock},
		Changed: func(topic string) { s.shell.Hub().Publish(topic) }}
	s.health = health.New(env)
	s.desk = signal.New(env, s.health)
	var err error
	s.shell, err = shell.New(shell.Config{Member: "KH", Clock: s.clock, IDs: env.IDs, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: actor(secret)}, nil
		}, Zone: place.Zone("KH"), Place: place.Capital("KH")})
	if err != nil {
		t.Fatal(err)
	}
	pages := signalweb.New(s.desk, s.health, signalweb.Deps{Member: "KH", Fetch: func(context.Context, string) ([]byte, error) { return os.ReadFile("../testdata/sample.atom") }})
	pages.Routes(s.shell.Mux())
	healthweb.New(s.health, healthweb.Deps{Member: "KH", Panels: []healthweb.EventPanel{{ID: "signals", Title: "signal.panel.title", Side: true, Body: pages.EventPanel}}}).Routes(s.shell.Mux())
	return s
}

func actor(who string) access.Actor {
	a := access.Actor{Account: id.ID(who), Member: "KH", Name: "Duty post " + who}
	for _, r := range people[who] {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

// answer is a page that was read.
type answer struct {
	*goquery.Document
	t        testing.TB
	Status   int
	Location string
	Body     string
	Type     string
}

func (s *site) send(who string, r *http.Request, more ...string) answer {
	s.Helper()
	r.AddCookie(&http.Cookie{Name: "lintas-kh", Value: who})
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	a := answer{t: s, Status: rec.Code, Location: rec.Header().Get("Location"), Body: rec.Body.String(), Type: rec.Header().Get("Content-Type")}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		s.Fatal(err)
	}
	a.Document = doc
	return a
}

func (s *site) get(who, path string, more ...string) answer {
	s.Helper()
	return s.send(who, httptest.NewRequest(http.MethodGet, path, nil), more...)
}

func (s *site) post(who, path string, form url.Values) answer {
	s.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(who, r)
}

func (s *site) uploadTable(who, table string, fields ...string) answer {
	s.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	part, err := w.CreateFormFile("file", "table.csv")
	if err != nil {
		s.Fatal(err)
	}
	_, _ = io.WriteString(part, table)
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, "/health/signal-imports/new", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.send(who, r)
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.words("main"))
	}
	return a
}

func (a answer) words(selector string) string {
	return strings.Join(strings.Fields(a.Find(selector).Text()), " ")
}

// values are what a browser would send of the form.
func (a answer) values(selector string) url.Values {
	out := url.Values{}
	a.Find(selector + " [name]").Each(func(_ int, s *goquery.Selection) {
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

// has fails unless the selector finds something that holds the text.
func (a answer) has(selector, text string) {
	a.t.Helper()
	if a.Find(selector).Length() == 0 {
		a.t.Fatalf("nothing matches %s in: %s", selector, a.words("main"))
	}
	if got := a.words(selector); !strings.Contains(got, text) {
		a.t.Fatalf("%s holds %q, want %q", selector, got, text)
	}
}

func (a answer) lacks(selector string) {
	a.t.Helper()
	if n := a.Find(selector).Length(); n != 0 {
		a.t.Fatalf("%d elements match %s, want none", n, selector)
	}
}
