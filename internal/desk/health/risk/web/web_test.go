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
	"lintas/internal/desk/health/risk"
	riskweb "lintas/internal/desk/health/risk/web"
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
	risk     *risk.Desk
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
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, risk.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: c, Wall: c, IDs: ids, Send: s}
	s.health = health.New(env)
	s.risk = risk.New(env, s.health)
	server, err := shell.New(shell.Config{Member: m, Clock: c, IDs: ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: access.Actor{Account: id.ID(secret), Member: m, Name: "Post " + secret, Grants: []access.Grant{{Role: access.Role(secret)}}}}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.shell = server
	pages := riskweb.New(s.risk, s.health)
	healthweb.New(s.health, healthweb.Deps{Member: m, Panels: []healthweb.EventPanel{pages.Panel()}}).Routes(server.Mux())
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

func (s *site) deliver(to *site) {
	s.t.Helper()
	for _, r := range s.releases {
		err := to.db.Write(s.t.Context(), func(tx *db.Tx) error {
			return to.risk.Handlers()[r.Kind](s.t.Context(), tx, exchange.Inbound{Release: r, Received: now})
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	s.releases = nil
}

func assessmentForm(event id.ID) url.Values {
	f := url.Values{"event": {string(event)}, "do": {"save"}, "scope": {"regional"}, "title": {"Spread (sample)"}, "lang": {"en"}, "questions": {"How likely is spread?"},
		"rows": {"2"}, "pop.0.group": {"general"}, "pop.0.likelihood": {"likely"}, "pop.0.consequence": {"moderate"}, "pop.1.group": {"displaced"},
		"pop.1.likelihood": {"unknown"}, "pop.1.consequence": {"major"}, "unknowns": {"source"}, "confidence": {"low"}, "actions": {"Screen."},
		"valid_until": {"2026-02-08"}, "marking": {"TLP:AMBER"}, "hours": {"48"}, "to": {"KH", "VN"}}
	for _, p := range []string{"hazard_part", "exposure_part", "context_part"} {
		f.Set(p, "Sample text.")
		f.Set(p+".as_of", "2026-01-31")
		f.Set(p+".source", "EOC")
	}
	return f
}

var missing = regexp.MustCompile(`\b(risk|fault|need|action|todo|clock)\.[a-z0-9_]+(\.[a-z0-9_]+)+\b|\{[a-z_]+(:[a-z]+)?\}`)

// The whole story through the pages of two nodes, then every page in both
// languages.
func TestPages(t *testing.T) {
	c := clock.NewManual(now)
	ids := &id.Maker{Clock: c}
	th, kh := newSite(t, "TH", ids, c), newSite(t, "KH", ids, c)
	duty, epi, approver := access.DutyOfficer, access.Epidemiologist, access.Approver
	e, err := th.health.RecordEvent(t.Context(), access.Actor{Account: "x", Grants: []access.Grant{{Role: duty}}}, health.EventInput{Name: "Cholera (sample)", Lang: "en",
		Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	form := assessmentForm(e.ID)
	bad := assessmentForm(e.ID)
	bad.Set("pop.1.likelihood", "")
	a := th.post(epi, "/health/risk/new", bad).want(400)
	a.has(".factrow .bad .err", "Choose a likelihood")
	if got := a.Find("#f-questions").Text(); got != "How likely is spread?" {
		t.Errorf("what was typed is lost: %q", got)
	}
	more := assessmentForm(e.ID)
	more.Set("do", "row")
	if n := th.post(epi, "/health/risk/new", more).want(200).Find(".riskrow").Length(); n != 3 {
		t.Errorf("%d groups after one more was asked for", n)
	}
	at := th.post(epi, "/health/risk/new", form).want(303).Location
	th.get(access.Administrator, at).want(404)
	th.step(epi, at, "ask_review", nil).want(303)
	page := th.get(epi, at).want(200)
	page.has("#state .unmet", "second person")
	th.step(duty, at, "review", nil).want(303)
	th.step(duty, at, "return", nil).want(400).has(".err", "reason")
	th.step(approver, at, "approve", nil).want(303)
	th.get(duty, at).has(".notice", "This is what recipients will get")
	th.step(duty, at, "publish", nil).want(303)
	th.deliver(kh)

	kh.get(duty, at).want(200).has(".notice", "Only Thailand can change it")
	kh.get(duty, at+"/edit").want(403)
	position := url.Values{"stance": {"dissent"}, "held": {"low"}, "importation": {"likely"}, "consequence": {"major"}, "receptivity.vector": {"unknown"},
		"receptivity.immunity": {"partly"}, "receptivity.season": {"favours"}, "capacity": {"strained"}, "lang": {"en"}}
	mine := kh.post(epi, at+"/position", position).want(303).Location
	kh.step(epi, mine, "submit", nil).want(400).has(".summary", "Say why")
	position.Set("reasons", "No crossing is open.")
	position.Set("version", kh.get(epi, mine+"/edit").want(200).Find("input[name=version]").AttrOr("value", ""))
	kh.post(epi, mine+"/edit", position).want(303)
	kh.step(epi, mine, "submit", nil).want(303)
	kh.step(approver, mine, "release", nil).want(303)
	kh.deliver(th)

	shownToAll(t, th, kh, e.ID, at, mine)
}

// shownToAll looks at the pages after the dissent has arrived.
func shownToAll(t *testing.T, th, kh *site, event id.ID, at, mine string) {
	t.Helper()
	duty, approver := access.DutyOfficer, access.Approver
	page := th.get(duty, at).want(200)
	page.has("#spread tbody tr:nth-child(2)", "dissents")
	page.has("#spread tbody tr:nth-child(2)", "No crossing is open.")
	page.has("#spread tbody tr:nth-child(11)", "no position")
	page.has("#spread header", "0 agree, 1 dissent, 1 without a position")
	if n := page.Find("#spread svg.ladder").Length() + page.Find("#matrix svg.riskmx .now").Length(); n != 2 {
		t.Error("a drawing is missing")
	}
	th.get(duty, "/health/events/"+string(event)).has("#risk", "likely")
	if csv := th.get(duty, "/health/risk.csv?level=high").Raw; strings.Count(csv, "\n") != 3 || !strings.Contains(csv, "displaced,unknown,major") {
		t.Errorf("the download is %q", csv)
	}
	if x := th.get(duty, "/health/risk.xlsx").want(200); !strings.HasPrefix(x.Raw, "PK") {
		t.Error("no workbook")
	}
	for _, lang := range []string{"en", "id"} {
		for path, s := range map[string]*site{"/health/risk": th, "/health/risk/matrix": th, at: th, mine: kh, at + "/position": kh,
			"/health/risk/new?event=" + string(event): th, "/health/risk/new?event=" + string(event) + "&supersedes=" + at[len("/health/risk/"):]: th, at + "/step/withdraw": th} {
			role := duty
			if strings.HasSuffix(path, "withdraw") {
				role = approver
			}
			checkPage(t, s.do(role, http.MethodGet, path, nil, lang).want(200), path+" "+lang)
		}
	}
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
