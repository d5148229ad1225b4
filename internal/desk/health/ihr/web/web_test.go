package web_test

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
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	ihrweb "lintas/internal/desk/health/ihr/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

// site is a node with the pages of the desk and of the part.
type site struct {
	t        *testing.T
	member   access.Member
	db       *db.DB
	health   *health.Desk
	ihr      *ihr.Desk
	shell    *shell.Server
	releases []exchange.Release
}

func (s *site) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	return nil
}
func (s *site) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (s *site) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var now = time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)

func newSite(t *testing.T, m access.Member, ids *id.Maker, c *clock.Manual) *site {
	t.Helper()
	s := &site{t: t, member: m}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, ihr.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: c, Wall: c, IDs: ids, Send: s}
	s.health = health.New(env)
	s.ihr = ihr.New(env, s.health)
	server, err := shell.New(shell.Config{Member: m, Clock: c, IDs: ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: access.Actor{Account: id.ID(secret), Member: m, Name: "Post " + secret, Grants: []access.Grant{{Role: access.Role(secret)}}}}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.shell = server
	pages := ihrweb.New(s.ihr, s.health)
	healthweb.New(s.health, healthweb.Deps{Member: m, Panels: pages.Panels()}).Routes(server.Mux())
	pages.Routes(server.Mux())
	return s
}

type answer struct {
	*goquery.Document
	t        *testing.T
	Status   int
	Location string
	Raw      string
}

func (s *site) do(role access.Role, method, path string, form url.Values, lang string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", lang)
	r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(s.member)), Value: string(role)})
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{doc, s.t, rec.Code, rec.Header().Get("Location"), rec.Body.String()}
}

func (s *site) get(role access.Role, path string) answer {
	s.t.Helper()
	return s.do(role, http.MethodGet, path, nil, "en")
}

func (s *site) post(role access.Role, path string, form url.Values) answer {
	s.t.Helper()
	return s.do(role, http.MethodPost, path, form, "en")
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, strings.Join(strings.Fields(a.Find("main").Text()), " "))
	}
	return a
}

func (a answer) has(selector, text string) {
	a.t.Helper()
	if got := strings.Join(strings.Fields(a.Find(selector).Text()), " "); !strings.Contains(got, text) {
		a.t.Fatalf("%s holds %q, want %q", selector, got, text)
	}
}

// step presses the button of a step on its page.
func (s *site) step(role access.Role, record, verb string, more url.Values) answer {
	s.t.Helper()
	form := url.Values{"version": {s.get(role, record+"/step/"+verb).want(200).Find("input[name=version]").AttrOr("value", "")}}
	for k, v := range more {
		form[k] = v
	}
	return s.post(role, record+"/step/"+verb, form)
}

var missing = regexp.MustCompile(`\b(ihr|fault|need|action|todo|clock|complete)\.[a-z0-9_]+(\.[a-z0-9_]+)+\b|\{[a-z_]+(:[a-z]+)?\}`)

func answers(list ...string) url.Values {
	f := url.Values{}
	for i, a := range list {
		q := "q" + string(rune('1'+i))
		f.Set(q, a)
		f.Set(q+".reason", "Because of "+a+" "+q)
	}
	return f
}

func (s *site) reading(role access.Role, at, do string, f url.Values) answer {
	s.t.Helper()
	f.Set("version", s.get(role, at).want(200).Find("#annex2 input[name=version]").AttrOr("value", ""))
	f.Set("do", do)
	return s.post(role, at+"/read", f)
}

// The decision instrument, a measure, a determination and a statement through
// the pages, then every page in both languages.
func TestPages(t *testing.T) {
	c := clock.NewManual(now)
	th := newSite(t, "TH", &id.Maker{Clock: c}, c)
	duty, epi, approver, focal := access.DutyOfficer, access.Epidemiologist, access.Approver, access.IHRFocalPoint
	e, err := th.health.RecordEvent(t.Context(), access.Actor{Account: "x", Grants: []access.Grant{{Role: duty}}}, health.EventInput{Name: "Cholera (sample)", Lang: "en",
		Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := th.post(epi, "/health/annex2", url.Values{"event": {string(e.ID)}}).want(303).Location
	a := th.reading(epi, at, "finish", answers("yes", "no")).want(400)
	a.has(".summary", "Answer every question")
	if got := a.Find("#f-q1-reason").Text(); got != "Because of yes q1" {
		t.Errorf("what was typed is lost: %q", got)
	}
	th.reading(epi, at, "finish", answers("yes", "no", "yes", "no")).want(303)
	sealed := th.get(duty, at).want(200)
	sealed.has(".notice", "sealed")
	if strings.Contains(sealed.Raw, "Because of") {
		t.Error("the second reader sees the first one's reasons")
	}
	th.reading(duty, at, "finish", answers("no", "no", "yes", "no")).want(303)
	th.get(focal, at).has("#readings tbody tr:nth-child(1)", "answered differently")
	th.get(duty, at+"/step/decide").want(409)
	th.step(focal, at, "decide", url.Values{"outcome": {"notify"}, "reason": {""}}).want(400).has(".err", "reason")
	th.step(focal, at, "decide", url.Values{"outcome": {"notify"}, "reason": {"The first reader knew more."}}).want(303)
	th.get(duty, at).has("#state", "Notify WHO (24 h)")

	m := url.Values{"event": {string(e.ID)}, "type": {"testing"}, "target": {"travellers"}, "title": {"Test (sample)"}, "from": {"KH"}, "to": {"TH"}, "rationale": {"Cases."},
		"evidence": {"Incubation."}, "review": {"2026-02-08"}, "expires": {"2026-02-20"}, "marking": {"TLP:AMBER"}, "lang": {"en"}, "members": {"KH"}}
	measure := th.post(duty, "/health/measures/new", m).want(303).Location
	th.step(duty, measure, "start", url.Values{"at": {"2026-02-01T07:00"}}).want(303)
	th.step(approver, measure, "release", nil).want(303)
	if len(th.releases) != 1 {
		t.Errorf("%d releases", len(th.releases))
	}
	th.get(duty, "/health/measures").has("#corridors tbody tr:nth-child(2)", "1")
	if csv := th.get(duty, "/health/measures.csv?from=KH&to=TH").Raw; strings.Count(csv, "\n") != 2 || strings.Count(th.get(duty, "/health/measures.csv?from=TH").Raw, "\n") != 1 {
		t.Errorf("the download is %q", csv)
	}
	det := th.determined(t)
	th.get(duty, det).has("#recommendations", "20 Apr 2026")
	th.post(access.IHRAuthority, "/health/amendments/new", url.Values{"stands": {"accepted"}, "on": {"2025-07-01"}, "source": {"Note (sample)"}, "lang": {"en"}}).want(303)
	th.get(duty, "/health/amendments").has("tbody tr:nth-child(9)", "Unknown")
	th.get(access.Administrator, at).want(404)
	th.get(duty, "/health/article6/"+string(e.ID)).has("#block-deaths", "Missing")
	page := th.get(duty, "/health/events/"+string(e.ID)).want(200)
	page.has("#annex2", "Notify (Article 6)")
	page.has("#determinations", "PHEIC")
	page.has("#measures", "Test (sample)")
	for _, lang := range []string{"en", "id"} {
		for _, path := range []string{"/health/ihr", "/health/ihr/roles", "/health/measures", "/health/measures/new", "/health/measures/corridors", measure, measure + "/edit", measure + "/step/lift", det, det + "/edit",
			"/health/determinations/new", "/health/amendments", at, "/health/article6/" + string(e.ID)} {
			checkPage(t, th.do(duty, http.MethodGet, path, nil, lang).want(200), path+" "+lang)
		}
	}
}

// determined looks at the corridors, then records a determination and releases
// it to two members.
func (th *site) determined(t *testing.T) string {
	t.Helper()
	duty, approver, focal := access.DutyOfficer, access.Approver, access.IHRFocalPoint
	ways := th.get(duty, "/health/measures/corridors").want(200)
	ways.has("#ways tbody tr", "Cambodia Thailand Test (sample)")
	if csv := th.get(duty, "/health/measures/corridors.csv").Raw; !strings.Contains(csv, "KH,TH,") || strings.Count(csv, "\n") != 2 {
		t.Errorf("the corridors are %q", csv)
	}
	det := th.post(focal, "/health/determinations/new", url.Values{"hazard": {"cholera"}, "determination": {"pheic"}, "title": {"Sample"}, "by": {"WHO Director-General"},
		"on": {"2026-01-20"}, "source": {"https://example.org/s"}, "recommendations": {"Watch (sample)."}, "marking": {"TLP:CLEAR"}, "members": {"KH", "SG"}}).want(303).Location
	th.get(approver, det).has(".notice", "Waits for clearance")
	th.step(approver, det, "release", nil).want(303)
	if r := th.releases[len(th.releases)-1]; r.Kind != ihr.KindDetermination || len(r.To) != 2 {
		t.Errorf("%s to %v", r.Kind, r.To)
	}
	th.get(duty, det).has(".notice", "Cambodia, Singapore")
	return det
}

func checkPage(t *testing.T, a answer, name string) {
	t.Helper()
	if m := missing.FindString(a.Find("main").Text()); m != "" {
		t.Errorf("%s: a key or an argument is missing: %s", name, m)
	}
	if n := a.Find("h1").Length(); n != 1 {
		t.Errorf("%s: %d main headings", name, n)
	}
	twice := map[string]bool{}
	a.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if i := s.AttrOr("id", ""); twice[i] {
			t.Errorf("%s: the id %q is there twice", name, i)
		} else {
			twice[i] = true
		}
	})
	a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, s *goquery.Selection) {
		if i := s.AttrOr("id", ""); s.Closest("label").Length() == 0 && a.Find(`label[for="`+i+`"]`).Length() == 0 {
			t.Errorf("%s: no label for %s", name, s.AttrOr("name", ""))
		}
	})
	if strings.Contains(a.Raw, " style=") || strings.Contains(a.Raw, "onclick") {
		t.Errorf("%s: inline style or script", name)
	}
}
