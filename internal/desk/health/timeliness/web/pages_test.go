package web

import (
	"context"
	"io"
	"log/slog"
	"mime/multipart"
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
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

type sink struct{}

func (sink) Queue(context.Context, *db.Tx, exchange.Release) error       { return nil }
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

type site struct {
	t     *testing.T
	shell *shell.Server
	event id.ID
	db    *db.DB
	pages *Pages
}

var roles = map[string][]access.Role{"epi": {access.Epidemiologist}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

func actor(who string) access.Actor {
	a := access.Actor{Account: id.ID(who), Member: "TH", Name: "Duty post " + who}
	for _, r := range roles[who] {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

func newSite(t *testing.T) *site {
	c := clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: c}
	store := dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, timeliness.Schema, api.Schema)
	env := &desk.Env{Member: "TH", DB: store, Clock: c, Wall: c, IDs: ids, Send: sink{}}
	h := health.New(env)
	d := func(on string, p health.Precision) health.Date { return health.Date{On: on, Precision: p} }
	e, err := h.RecordEvent(t.Context(), actor("epi"), health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPAmber,
		Places: []string{"TH-10"}, Emergence: d("2020-01-01", health.Month), Detection: d("2020-01-09", health.Day), Notified: d("2020-01-10", health.Day)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := shell.New(shell.Config{Member: "TH", Clock: c, IDs: ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: actor(secret)}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	pages := New(timeliness.New(env, h), "TH")
	pages.Routes(s.Mux())
	return &site{t, s, e.ID, store, pages}
}

type answer struct {
	*goquery.Document
	t    *testing.T
	body string
}

func (s *site) do(who string, r *http.Request, lang string, want int) answer {
	s.t.Helper()
	r.AddCookie(&http.Cookie{Name: "lintas-th", Value: who})
	r.Header.Set("Accept-Language", lang)
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	if err != nil {
		s.t.Fatal(err)
	}
	if rec.Code != want {
		s.t.Fatalf("%s %s: status %d, want %d: %s", r.Method, r.URL, rec.Code, want, strings.Join(strings.Fields(doc.Find("main").Text()), " "))
	}
	return answer{doc, s.t, rec.Body.String()}
}

func (s *site) get(who, path string, want int) answer {
	s.t.Helper()
	return s.do(who, httptest.NewRequest(http.MethodGet, path, nil), "en", want)
}

func (s *site) post(who, path string, f url.Values, want int) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(who, r, "en", want)
}

func (a answer) has(selector, text string) {
	a.t.Helper()
	if got := strings.Join(strings.Fields(a.Find(selector).Text()), " "); !strings.Contains(got, text) {
		a.t.Fatalf("%s holds %q, want %q", selector, got, text)
	}
}

func form(version string) url.Values {
	f := url.Values{"version": {version}, "do": {"save"}, "factors": {"2"}, "pauses": {"1"}}
	for _, k := range timeliness.ActionKeys {
		f.Set("action."+string(k)+".answer", "done")
		f.Set("action."+string(k)+".on", "2020-01-12")
		f.Set("action."+string(k)+".on_precision", "day")
	}
	f.Set("factor.1.kind", "bottleneck")
	f.Set("factor.1.clock", "notify")
	f.Set("factor.1.category", "D2")
	f.Set("factor.1.text", "The report waited for a signature.")
	return f
}

func TestStoryAsClicked(t *testing.T) {
	s := newSite(t)
	p := path(s.event)
	s.get("admin", p, 404)
	s.get("auditor", p+"/edit", 403)
	a := s.get("epi", p, 200)
	a.has("#results", "Undecided") // a month is no pass
	a.has("#results", "0 to 8 days")
	a.has("#actions", "nobody has said")
	bad := form("0")
	bad.Set("factor.1.category", "")
	bad.Set("pause.0.from", "2020-01-11")
	bad.Set("action.laboratory.answer", "not_done")
	a = s.post("epi", p+"/edit", bad, 400)
	a.has("#errors", "technical area")
	for _, input := range []string{"#f-factor-1-category", "#f-pause-0-from", "#f-action-laboratory-on"} {
		if _, wrong := a.Find(input).Attr("aria-invalid"); !wrong {
			t.Errorf("%s is not marked", input)
		}
	}
	if a.Find("#f-factor-1-text").Text() != "The report waited for a signature." {
		t.Error("what was typed is lost")
	}
	more := form("0")
	more.Set("do", "pause")
	if n := s.post("epi", p+"/edit", more, 200).Find(`[name^="pause."][name$=".from"]`).Length(); n != 2 {
		t.Errorf("%d rows of pauses", n)
	}
	s.post("epi", p+"/edit", form("0"), 303)
	s.post("epi", p+"/edit", form("0"), 409).has("#errors", "meanwhile")
	a = s.get("epi", p, 200)
	a.has("#factors", "D2 Surveillance")
	a.has("#results", "2 days")
	s.get("epi", p+"/step/confirm", 403)
	s.post("approver", p+"/step/confirm", url.Values{"version": {"1"}}, 303)
	s.post("epi", p+"/step/reopen", url.Values{"version": {"2"}}, 400).has("#errors", "reason")
	s.post("approver", p+"/step/release", url.Values{"version": {"2"}, "marking": {"TLP:CLEAR"}, "to": {"VN"}}, 400).has("#errors", "marking")
	s.post("approver", p+"/step/release", url.Values{"version": {"2"}, "marking": {"TLP:AMBER"}, "to": {"VN", "KH"}}, 303)
	s.get("auditor", p, 200).has("#state", "Viet Nam, Cambodia")
	a = s.get("auditor", base, 200)
	a.has("#compare", "54 % (n=41)")
	a.has("#matrix", "no report") // of states that released nothing
	a.has("#r1", "R2")
	a.has("#events", "released")
	rows := strings.Split(strings.TrimSpace(s.get("auditor", base+".csv", 200).body), "\n")
	if len(rows) != 2 || !strings.Contains(rows[1], "undecided,0,8") {
		t.Errorf("%q", rows)
	}
	s.get("auditor", base+".xlsx", 200)
	s.get("auditor", base+"?state=VN", 200).has(".empty", "No event yet")
}

func (s *site) upload(who, content, lang string, want int) answer {
	s.t.Helper()
	var b strings.Builder
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("file", "dons.csv")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.WriteString(f, content)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, base+"/backtest", strings.NewReader(b.String()))
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(who, r, lang, want)
}

// milestones is a table with a row of each kind.
func milestones() string {
	rows := "ISO,DiseaseLevel1"
	for _, m := range []string{"OutbreakStart", "OutbreakDetection"} {
		rows += "," + m + "Year," + m + "Month," + m + "Day"
	}
	return rows + "\nTHA,Cholera,2020,1,1,2020,1,6\nIDN,Dengue,2020,1,1,2020,1,9\nVNM,Plague,2020,2,NA,2020,2,20\nVNM,Plague,2020,3,9,2020,3,1\nKHM,Polio,2020,2,31,2020,3,1\n"
}

func TestBacktestPage(t *testing.T) {
	s := newSite(t)
	s.upload("admin", milestones(), "en", 404)
	s.upload("epi", "a,b\n1,2\n", "en", 400).has("#errors", "OutbreakStartYear")
	a := s.upload("epi", milestones(), "en", 200)
	a.has("#intervals .body", "5 rows were read; 5 are of the member states.")
	cells := a.Find("#intervals table").First().Find("tbody tr").First().Find("td, th").Map(func(_ int, c *goquery.Selection) string { return strings.TrimSpace(c.Text()) })
	if got := strings.Join(cells, "|"); got != "start – detection|2|6.5|1|5 and 8 (n=3)|1|1" {
		t.Errorf("%s", got)
	}
	a.has("#reversed", "-8")
	a.has("#bad", "OutbreakStart")
}

var missing = regexp.MustCompile(`\b(timeliness|health|fault|need|action|hazard|precision|parts)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

func TestEveryPageInBothLanguages(t *testing.T) {
	s := newSite(t)
	s.post("epi", path(s.event)+"/edit", form("0"), 303)
	pages := map[string]func(lang string) answer{"backtest-read": func(lang string) answer { return s.upload("epi", milestones(), lang, 200) }}
	for _, p := range []string{base, base + "/backtest", path(s.event), path(s.event) + "/edit"} {
		pages[p] = func(lang string) answer { return s.do("epi", httptest.NewRequest(http.MethodGet, p, nil), lang, 200) }
	}
	pages["confirm"] = func(lang string) answer {
		return s.do("approver", httptest.NewRequest(http.MethodGet, path(s.event)+"/step/confirm", nil), lang, 200)
	}
	for name, get := range pages {
		for _, lang := range []string{"en", "id"} {
			a := get(lang)
			if m := missing.FindString(a.Find("body").Text()); m != "" {
				t.Errorf("%s/%s: a key or an argument is missing: %s", name, lang, m)
			}
			if a.Find("h1").Length() != 1 || strings.Contains(a.body, " style=") {
				t.Errorf("%s/%s: headings or inline style", name, lang)
			}
			seen := map[string]bool{}
			a.Find("[id]").Each(func(_ int, x *goquery.Selection) {
				if i := x.AttrOr("id", ""); seen[i] {
					t.Errorf("%s: the id %q is there twice", name, i)
				} else {
					seen[i] = true
				}
			})
			a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, x *goquery.Selection) {
				if x.AttrOr("aria-label", "") == "" && x.Closest("label").Length() == 0 && a.Find(`label[for="`+x.AttrOr("id", "")+`"]`).Length() == 0 {
					t.Errorf("%s: no label for %s", name, x.AttrOr("name", ""))
				}
			})
		}
	}
}
