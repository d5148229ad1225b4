package account_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/pquerna/otp/totp"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/account"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const password = "tangga kuning menari 47 payung"

// house is a node's pages about people, with one administrator invited.
type house struct {
	t      *testing.T
	people *people.People
	clock  *clock.Manual
	url    string
	invite string // path of the administrator's link
}

func newHouse(t *testing.T) *house {
	t.Helper()
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), people.Schema)
	h := &house{t: t, clock: clock.NewManual(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))}
	var err error
	h.people, err = people.New(people.Config{Member: "KH", DB: d, Clock: h.clock, IDs: &id.Maker{Clock: h.clock},
		Key: []byte(strings.Repeat("k", people.KeySize)), Scopes: []string{"health.read"},
		Hasher: people.NewHasher(people.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}, 2),
		Log:    func(context.Context, *db.Tx, people.Event) error { return nil }})
	h.must(err)
	s, err := web.New(web.Config{Member: "KH", Clock: h.clock, IDs: &id.Maker{}, Log: slog.New(slog.DiscardHandler),
		Session: func(ctx context.Context, secret string) (web.Session, error) {
			s, a, err := h.people.Session(ctx, secret)
			return web.Session{ID: string(s.ID), Actor: a}, err
		}})
	h.must(err)
	account.New(account.Config{People: h.people, Clock: h.clock, Scopes: []string{"health.read"}}).Routes(s.Mux())
	srv := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); srv.Close() })
	h.url = srv.URL
	l, err := h.people.CreateAccount(t.Context(), access.Node("KH"), people.NewAccount{Login: "first.admin", Post: "Administrator, National EOC",
		Grants: []access.Grant{{Role: access.Administrator}}})
	h.must(err)
	h.invite = l.Token
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// person is somebody at a browser.
type person struct {
	h      *house
	c      *http.Client
	secret string
}

func (h *house) somebody() *person {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &person{h: h, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type page struct {
	*goquery.Document
	status int
	to     string
}

func (p *person) do(method, path string, form url.Values) page {
	p.h.t.Helper()
	req, err := http.NewRequestWithContext(p.h.t.Context(), method, p.h.url+path, strings.NewReader(form.Encode()))
	p.h.must(err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := p.c.Do(req)
	p.h.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	p.h.must(err)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b))
	p.h.must(err)
	if n := doc.Find("style, [style], script:not([src])").Length(); n > 0 {
		p.h.t.Errorf("%s %s: %d inline parts", method, path, n)
	}
	for _, key := range []string{"account.", "fault.", "verb.", "state.", "role.", "need."} {
		doc.Find("main *").Each(func(_ int, s *goquery.Selection) {
			if s.Children().Length() == 0 && strings.HasPrefix(strings.TrimSpace(s.Text()), key) && !strings.Contains(s.Text(), " ") && s.Text() != "health.read" {
				p.h.t.Errorf("%s %s: a key without a sentence: %s", method, path, s.Text())
			}
		})
	}
	return page{doc, res.StatusCode, res.Header.Get("Location")}
}

func (p *person) get(path string) page                   { return p.do(http.MethodGet, path, nil) }
func (p *person) post(path string, form url.Values) page { return p.do(http.MethodPost, path, form) }

func (g page) want(t *testing.T, status int, to string) page {
	t.Helper()
	if g.status != status || g.to != to {
		t.Fatalf("%d to %q, want %d to %q: %s", g.status, g.to, status, to, strings.TrimSpace(g.Find("main").Text()))
	}
	return g
}

// code is a fresh one: a code is good once.
func (p *person) code() string {
	p.h.t.Helper()
	p.h.clock.Advance(31 * time.Second)
	c, err := totp.GenerateCode(p.secret, p.h.clock.Now())
	p.h.must(err)
	return c
}

// accept goes through an invitation and returns the page with recovery codes.
func (p *person) accept(link string) page {
	p.h.t.Helper()
	g := p.post("/invitation", url.Values{"link": {link}}).want(p.h.t, 200, "")
	if g.Find("figure.qr svg path").Length() != 1 {
		p.h.t.Error("no symbol to scan")
	}
	p.secret = strings.ReplaceAll(g.Find("#secret").Text(), " ", "")
	return p.post("/invitation/accept", url.Values{"link": {link}, "password": {password}, "again": {password}, "code": {p.code()}}).want(p.h.t, 200, "")
}

func TestFromInvitationToSignIn(t *testing.T) {
	h := newHouse(t)
	admin := h.somebody()
	if g := admin.post("/invitation", url.Values{"link": {h.invite}}); !strings.Contains(g.Find("main").Text(), "first.admin") {
		t.Error("the invitation does not name the account")
	}
	g := admin.post("/invitation/accept", url.Values{"link": {h.invite}, "password": {password}, "again": {"another one"}, "code": {"000000"}}).want(t, 400, "")
	if g.Find("#f-again[aria-invalid]").Length() != 1 || g.Find("#errors li").Length() != 1 {
		t.Error("two different passwords are not shown at their field")
	}
	g = admin.post("/invitation/accept", url.Values{"link": {h.invite}, "password": {"password1234"}, "again": {"password1234"}, "code": {"000000"}}).want(t, 400, "")
	if g.Find("#f-password[aria-invalid]").Length() != 1 {
		t.Error("a weak password is not shown at its field")
	}
	codes := admin.accept(h.invite)
	if codes.Find("ul.codes li").Length() < 8 {
		t.Errorf("%d recovery codes", codes.Find("ul.codes li").Length())
	}
	admin.get("/account").want(t, 200, "")
	h.somebody().post("/invitation", url.Values{"link": {h.invite}}).want(t, 404, "")

	// The same person at another browser.
	other := h.somebody()
	other.secret = admin.secret
	other.get("/account").want(t, 303, "/sign-in?next=%2Faccount")
	if g := other.get("/sign-in?next=%2Faccount"); g.Find("input[name=next]").AttrOr("value", "") != "/account" {
		t.Error("the page to go on to is lost")
	}
	g = other.post("/sign-in", url.Values{"login": {"first.admin"}, "password": {"wrong"}}).want(t, 403, "")
	if g.Find("[role=alert]").Length() != 1 || g.Find("input[name=login]").AttrOr("value", "") != "first.admin" || g.Find("input[name=password]").AttrOr("value", "") != "" {
		t.Error("after a wrong password the name is kept and the password is not")
	}
	other.post("/sign-in", url.Values{"login": {"first.admin"}, "password": {password}, "next": {"//evil.example"}}).want(t, 303, "/sign-in/code?next=%2F")
	other.get("/account").want(t, 303, "/sign-in?next=%2Faccount") // half signed in is not signed in
	other.post("/sign-in/code", url.Values{"code": {"123456"}}).want(t, 403, "")
	other.post("/sign-in/code", url.Values{"code": {other.code()}, "next": {"/account"}}).want(t, 303, "/account")
	if g := other.get("/account").want(t, 200, ""); g.Find("#sessions tbody tr").Length() != 2 {
		t.Errorf("%d sessions", g.Find("#sessions tbody tr").Length())
	}
	other.post("/sign-out", nil).want(t, 303, "/sign-in")
	other.get("/account").want(t, 303, "/sign-in?next=%2Faccount")
	h.somebody().get("/sign-in/code").want(t, 303, "/sign-in?next=%2F")
}

func TestOwnAccount(t *testing.T) {
	h := newHouse(t)
	admin := h.somebody()
	admin.accept(h.invite)
	admin.post("/account/tokens", url.Values{"name": {"export"}, "scopes": {"health.read"}, "roles": {"approver"}, "expires": {"2026-04-01"}}).want(t, 400, "")
	g := admin.post("/account/tokens", url.Values{"name": {"export"}, "scopes": {"health.read"}, "roles": {"administrator"}, "expires": {"2026-04-01"}}).want(t, 201, "")
	secret := g.Find("#token").Text()
	actor, _, err := h.people.TokenActor(t.Context(), secret)
	if err != nil || !actor.InScope("health.read") {
		t.Fatalf("the token that is shown is not good: %v", err)
	}
	g = admin.get("/account")
	if strings.Contains(g.Text(), secret) || g.Find("#tokens tbody tr").Length() != 1 {
		t.Error("the token is listed with its secret, or not at all")
	}
	revoke := g.Find("#tokens tbody form").AttrOr("action", "")
	admin.post(revoke, nil).want(t, 303, "/account")
	if _, _, err := h.people.TokenActor(t.Context(), secret); err == nil {
		t.Error("the revoked token is still good")
	}

	h.clock.Advance(20 * time.Minute)
	admin.get("/account/second-factor").want(t, 200, "")
	admin.post("/account/step-up", url.Values{"code": {admin.code()}, "next": {"/account/second-factor"}}).want(t, 303, "/account/second-factor")
	g = admin.get("/account/second-factor").want(t, 200, "")
	admin.post("/account/second-factor", url.Values{"code": {"111111"}}).want(t, 403, "")
	admin.secret = strings.ReplaceAll(g.Find("#secret").Text(), " ", "")
	admin.post("/account/second-factor", url.Values{"code": {admin.code()}}).want(t, 303, "/account")

	next := "empat payung biru di 12 sungai"
	admin.post("/account/password", url.Values{"old": {"wrong"}, "password": {next}, "again": {next}})
	admin.post("/account/password", url.Values{"old": {password}, "password": {next}, "again": {next}}).want(t, 303, "/account")
	admin.get("/account").want(t, 200, "")
	admin.post("/account/language", url.Values{"language": {"id"}}).want(t, 303, "/account")
	if got := admin.get("/account").Find("html").AttrOr("lang", ""); got != "id" {
		t.Errorf("language %q", got)
	}
}

func TestAdministration(t *testing.T) {
	h := newHouse(t)
	admin := h.somebody()
	admin.accept(h.invite)
	admin.get("/admin/accounts/new").want(t, 200, "")
	g := admin.post("/admin/accounts", url.Values{"login": {"X"}, "post": {"Duty officer"}}).want(t, 400, "")
	if g.Find("#f-login[aria-invalid]").Length() != 1 || g.Find("#f-post").AttrOr("value", "") != "Duty officer" {
		t.Error("the form does not come back with what was typed")
	}
	g = admin.post("/admin/accounts", url.Values{"login": {"duty.one"}, "post": {"Duty officer"}, "roles": {"duty_officer"}}).want(t, 201, "")
	link := g.Find("#link").Text()
	if !strings.HasPrefix(link, h.url+"/invitation#") {
		t.Errorf("the secret of the link must stand behind the #: %s", link)
	}
	duty := h.somebody()
	duty.accept(link)
	duty.get("/admin/accounts").want(t, 403, "")
	duty.get("/admin/accounts/new").want(t, 403, "")
	duty.post("/admin/accounts", url.Values{"login": {"duty.two"}, "post": {"Duty officer"}, "roles": {"administrator"}}).want(t, 403, "")

	one, ok := admin.get("/admin/accounts?q=duty").Find("#accounts tbody a").Attr("href")
	if !ok {
		t.Fatal("the account is not listed")
	}
	g = admin.get(one).want(t, 200, "")
	version := g.Find("form#edit input[name=version]").AttrOr("value", "")
	form := url.Values{"version": {version}, "login": {"duty.one"}, "post": {"Duty officer, Province"}}
	admin.post(one, form).want(t, 303, one)
	form.Set("post", "Another post")
	g = admin.post(one, form).want(t, 409, "") // with the version that was read before
	if g.Find("table.conflict tbody tr").Length() != 1 || g.Find("#f-post").AttrOr("value", "") != "Another post" {
		t.Error("the conflict page does not show both versions and keep what was typed")
	}

	secondAdministrator(t, admin, duty, one)

	if admin.get(one+"/suspend").want(t, 200, "").Find("main form").AttrOr("action", "") != one+"/suspend" {
		t.Error("no confirmation before suspending")
	}
	admin.post(one+"/suspend", nil).want(t, 303, one)
	duty.get("/account").want(t, 303, "/sign-in?next=%2Faccount")
	admin.post(one+"/destroy", nil).want(t, 404, "")

	admin.post("/admin/agencies", url.Values{"version": {"0"}, "code": {"moh"}, "name": {"Ministry of Health"}}).want(t, 400, "")
	admin.post("/admin/agencies", url.Values{"version": {"0"}, "code": {"MOH"}, "name": {"Ministry of Health"}}).want(t, 303, "/admin/agencies")
	if g := admin.get("/admin/agencies?code=MOH"); g.Find("#f-name").AttrOr("value", "") != "Ministry of Health" {
		t.Error("the agency is not offered for a change")
	}
}

// secondAdministrator goes through the rule of two for the role of
// administrator: one is the second one's account.
func secondAdministrator(t *testing.T, admin, duty *person, one string) {
	t.Helper()
	// The second administrator is made by the first alone; from then on one
	// asks and the other approves.
	admin.post(one+"/grants", url.Values{"role": {"administrator"}}).want(t, 303, one)
	admin.post("/admin/accounts", url.Values{"login": {"third.one"}, "post": {"Deputy"}, "roles": {"administrator"}}).want(t, 201, "")
	asked := admin.get("/admin/accounts").want(t, 200, "").Find("#asked ul.plain > li")
	if asked.Length() != 1 || asked.Find("button[disabled]").Length() != 1 {
		t.Errorf("%d roles wait, %d buttons are disabled for who asked", asked.Length(), asked.Find("button[disabled]").Length())
	}
	var approve string
	duty.get("/admin/accounts").want(t, 200, "").Find("#asked form").Each(func(_ int, f *goquery.Selection) {
		if a := f.AttrOr("action", ""); strings.HasSuffix(a, "/approve") {
			approve = a
		}
	})
	if g := admin.post(approve, nil); g.status != 400 {
		t.Errorf("who asked approves: %d", g.status)
	}
	duty.post(approve, nil).want(t, 303, "/admin/accounts")
	if n := admin.get("/admin/accounts").Find("#asked").Length(); n != 0 {
		t.Error("an approved role still waits")
	}
	admin.post(one+"/grants", url.Values{"role": {"approver"}, "from": {"yesterday"}}).want(t, 400, "")
}
