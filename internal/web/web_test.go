package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/web"
)

// shell is a server with one session and routes that fail in every way.
type shell struct {
	*web.Server
	url string
	log *buffer

	mu       sync.Mutex
	sessions map[string]web.Session
	broken   error
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const secret = "a-secret-of-a-session"

func (s *shell) session(_ context.Context, v string) (web.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return web.Session{}, s.broken
	}
	if ses, ok := s.sessions[v]; ok {
		return ses, nil
	}
	return web.Session{}, fault.New(fault.NotFound, "fault.people.session")
}

func (s *shell) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func newShell(t *testing.T, change func(*web.Config), routes func(*web.Mux)) *shell {
	t.Helper()
	s := &shell{log: &buffer{}, sessions: map[string]web.Session{
		secret: {ID: "s1", Actor: access.Actor{Account: "a1", Member: "TH", Name: "Duty officer"}}}}
	cfg := web.Config{Member: "TH", Clock: clock.NewManual(time.Date(2026, 11, 23, 8, 18, 0, 0, time.UTC)),
		IDs: &id.Maker{}, Log: slog.New(slog.NewJSONHandler(s.log, nil)), Session: s.session}
	if change != nil {
		change(&cfg)
	}
	srv, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = srv
	if routes != nil {
		routes(srv.Mux())
	}
	hs := httptest.NewServer(srv)
	s.url = hs.URL
	t.Cleanup(func() { srv.Close(); hs.Close() })
	return s
}

// browser keeps cookies and does not follow redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *shell) signedIn(t *testing.T) *http.Client {
	t.Helper()
	c := browser(t)
	u, _ := url.Parse(s.url)
	c.Jar.SetCookies(u, []*http.Cookie{{Name: "lintas-th", Value: secret}})
	return c
}

type answer struct {
	*http.Response
	body string
	doc  *goquery.Document
}

func do(t *testing.T, c *http.Client, req *http.Request) answer {
	t.Helper()
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(b), doc}
}

func get(t *testing.T, c *http.Client, url string, header ...string) answer {
	t.Helper()
	return do(t, c, request(t, http.MethodGet, url, "", header...))
}

func post(t *testing.T, c *http.Client, url, form string, header ...string) answer {
	t.Helper()
	return do(t, c, request(t, http.MethodPost, url, form,
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...))
}

func request(t *testing.T, method, url, body string, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

func hello(w http.ResponseWriter, r *web.Request) error {
	return r.Show(w, web.Page{Title: "Hello", Topics: []string{"desk"}}, templ.Raw(`<p id="who">`+r.Actor.Name+`</p>`))
}

func pages(m *web.Mux) {
	m.Page("GET /hello", hello)
	m.Page("POST /save", func(w http.ResponseWriter, r *web.Request) error {
		r.Say(w, "web.error.home", nil)
		return r.Redirect(w, r.PostFormValue("next"))
	})
	m.Open("GET /fail/{kind}", func(_ http.ResponseWriter, r *web.Request) error {
		switch r.PathValue("kind") {
		case "plain":
			return errors.New("password=hunter2 at 10.0.0.1")
		case "panic":
			panic("boom")
		case "fields":
			var c fault.Check
			c.That(false, "theme", "fault.web.theme")
			return c.Err()
		case "slow":
			return context.DeadlineExceeded
		}
		for k := fault.Internal; k <= fault.Unavailable; k++ {
			if k.String() == r.PathValue("kind") {
				return fault.Wrap(k, "fault.web.no_page", errors.New("secret cause"))
			}
		}
		return nil
	})
}

func TestErrorsHaveTheirStatusAndHideTheirCause(t *testing.T) {
	s := newShell(t, nil, pages)
	for kind, status := range map[string]int{"invalid": 400, "not_found": 404, "forbidden": 403, "conflict": 409,
		"unavailable": 503, "internal": 500, "plain": 500, "panic": 500, "fields": 400} {
		a := get(t, browser(t), s.url+"/fail/"+kind)
		if a.StatusCode != status {
			t.Errorf("%s: status %d, want %d", kind, a.StatusCode, status)
		}
		for _, leak := range []string{"secret cause", "hunter2", "boom"} {
			if strings.Contains(a.body, leak) {
				t.Errorf("%s: the page says %q", kind, leak)
			}
		}
		if kind == "panic" {
			continue
		}
		if a.doc.Find("main h1").Length() != 1 || !strings.Contains(a.doc.Find("main").Text(), a.Header.Get("X-Request-Id")) {
			t.Errorf("%s: page without heading or reference number:\n%s", kind, a.doc.Find("main").Text())
		}
	}
	if !strings.Contains(s.log.String(), "hunter2") {
		t.Error("the cause of an internal error is not in the log")
	}
	a := get(t, browser(t), s.url+"/fail/fields")
	if n := a.doc.Find("ul.faults li").Length(); n != 1 {
		t.Errorf("%d fields on the error page", n)
	}
}

func TestFragmentErrorHasNoFrame(t *testing.T) {
	s := newShell(t, nil, pages)
	a := get(t, browser(t), s.url+"/fail/conflict", "HX-Request", "true", "HX-Request-Type", "partial")
	if a.StatusCode != 409 || a.doc.Find("header.mast").Length() != 0 || a.doc.Find("[role=alert]").Length() != 1 {
		t.Errorf("status %d, body %s", a.StatusCode, a.body)
	}
	if a := get(t, browser(t), s.url+"/fail/conflict", "HX-Request", "true", "HX-Request-Type", "full"); a.Header.Get("HX-Reswap") != "none" {
		t.Error("a refresh that failed replaces what is shown")
	}
}

func TestSignedOutReaderIsSentToSignInAndBack(t *testing.T) {
	s := newShell(t, nil, pages)
	a := get(t, browser(t), s.url+"/hello?x=1")
	if loc := a.Header.Get("Location"); a.StatusCode != 303 || loc != "/sign-in?next=%2Fhello%3Fx%3D1" {
		t.Errorf("%d to %q", a.StatusCode, loc)
	}
	if a := post(t, browser(t), s.url+"/save", "words=long"); a.StatusCode != 401 || a.Header.Get("Location") != "" {
		t.Errorf("post: %d", a.StatusCode)
	}
	a = get(t, browser(t), s.url+"/hello", "HX-Request", "true", "HX-Request-Type", "full")
	if a.StatusCode != 401 || a.Header.Get("HX-Reswap") != "none" || a.Header.Get("HX-Redirect") != "" {
		t.Errorf("refresh: %d", a.StatusCode)
	}
}

func TestActorComesFromTheSession(t *testing.T) {
	s := newShell(t, nil, pages)
	c := s.signedIn(t)
	if got := get(t, c, s.url+"/hello").doc.Find("#who").Text(); got != "Duty officer" {
		t.Errorf("actor %q", got)
	}
	s.set(func() { delete(s.sessions, secret) })
	a := get(t, c, s.url+"/hello")
	if a.StatusCode != 303 || !strings.Contains(a.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("an ended session: %d, cookie %q", a.StatusCode, a.Header.Get("Set-Cookie"))
	}
}

func TestOpenPageIsNotActivity(t *testing.T) {
	var s *shell
	active, peeked := 0, 0
	s = newShell(t, func(c *web.Config) {
		c.Session = func(ctx context.Context, v string) (web.Session, error) { active++; return s.session(ctx, v) }
		c.Peek = func(ctx context.Context, v string) (web.Session, error) { peeked++; return s.session(ctx, v) }
	}, pages)
	c := s.signedIn(t)
	get(t, c, s.url+"/hello", "HX-Request", "true", "HX-Request-Type", "full")
	get(t, c, s.url+"/live?topics=-", "Accept", "text/html, text/event-stream")
	if active != 0 || peeked != 2 {
		t.Errorf("counted %d times as activity, peeked %d times", active, peeked)
	}
	if get(t, c, s.url+"/hello"); active != 1 {
		t.Errorf("reading a page counted %d times", active)
	}
}

func TestDatabaseFailureIsNotASignOut(t *testing.T) {
	s := newShell(t, nil, pages)
	s.set(func() { s.broken = fault.New(fault.Unavailable, "fault.web.timeout") })
	a := get(t, s.signedIn(t), s.url+"/hello")
	if a.StatusCode != 503 || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("%d, cookie %q", a.StatusCode, a.Header.Get("Set-Cookie"))
	}
}

func TestNoticeIsShownOnceAndNeverInTheAddress(t *testing.T) {
	s := newShell(t, nil, pages)
	c := s.signedIn(t)
	a := post(t, c, s.url+"/save", "next=/hello")
	if a.Header.Get("Location") != "/hello" {
		t.Errorf("goes to %q", a.Header.Get("Location"))
	}
	const words = "To the start page"
	// A panel that fetches itself must not eat the notice.
	if a := get(t, c, s.url+"/hello", "HX-Request", "true", "HX-Request-Type", "full"); strings.Contains(a.body, words) {
		t.Error("the refresh shows the notice")
	}
	if !strings.Contains(get(t, c, s.url+"/hello").body, words) {
		t.Error("the notice is missing")
	}
	if strings.Contains(get(t, c, s.url+"/hello").body, words) {
		t.Error("the notice is shown twice")
	}
}

func TestRedirectStaysOnTheNode(t *testing.T) {
	for in, want := range map[string]string{"/a?b=1": "/a?b=1", "//evil.example": "/", "https://evil.example/": "/",
		"/\\evil.example": "/", "javascript:alert(1)": "/", "": "/", "a": "/", "/\tx": "/"} {
		if got := web.Local(in); got != want {
			t.Errorf("%q leads to %q, want %q", in, got, want)
		}
	}
}
