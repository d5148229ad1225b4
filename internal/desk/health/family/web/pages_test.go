package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
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
	"lintas/internal/desk/health/family"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

// site is the node of Thailand; what it queues is kept, and what others would
// send is given to it by the test.
type site struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Manual
	shell  *shell.Server
	health *health.Desk
	desk   *family.Desk
	out    []exchange.Release
	own    id.ID
	theirs id.ID // of Viet Nam, notified to Thailand
}

func (s *site) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.out = append(s.out, r)
	return nil
}
func (s *site) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (s *site) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var roles = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

func actor(who string) access.Actor {
	a := access.Actor{Account: id.ID(who), Member: "TH", Name: "Duty post " + who}
	for _, r := range roles[who] {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

func newSite(t *testing.T) *site {
	s := &site{t: t, clock: clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)),
		db: dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, family.Schema, api.Schema)}
	ids := &id.Maker{Clock: s.clock}
	env := &desk.Env{Member: "TH", DB: s.db, Clock: s.clock, Wall: s.clock, IDs: ids, Send: s}
	s.health = health.New(env)
	s.desk = family.New(env, s.health)
	e, err := s.health.RecordEvent(t.Context(), actor("duty"), health.EventInput{Name: "Thai cluster (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch,
		Marking: access.TLPAmber, Places: []string{"TH-10"}}, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "TH", Value: 5, Source: "sample", AsOf: s.clock.Now()}})
	s.must(err)
	s.own, s.theirs = e.ID, ids.New()
	s.give(health.KindNotification, "VN", s.theirs, 1, health.NotificationView{ID: ids.New(), Title: "x", Event: health.EventView{ID: s.theirs, Owner: "VN", Version: 1,
		State: health.Alert, Name: "Vietnamese cluster (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Places: []string{"VN"},
		Facts: []health.FactView{{ID: ids.New(), Indicator: "cases", Class: "confirmed", Place: "VN", Value: 7, Source: "sample", AsOf: s.clock.Now(), Revision: 1}}}})
	sh, err := shell.New(shell.Config{Member: "TH", Clock: s.clock, IDs: ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: actor(secret)}, nil
		}})
	s.must(err)
	New(s.desk, s.health, "TH").Routes(sh.Mux())
	s.shell = sh
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// give is a release of another member that arrives.
func (s *site) give(kind string, from access.Member, ref id.ID, v int, body any) {
	s.t.Helper()
	b, err := json.Marshal(body)
	s.must(err)
	r := exchange.Release{ID: (&id.Maker{Clock: s.clock}).New(), Kind: kind, From: from, To: []access.Member{"TH"}, Marking: access.TLPAmber, Issued: s.clock.Now(),
		Due: s.clock.Now().Add(time.Hour), Ref: exchange.Ref{ID: ref, Version: v}, Body: b}
	h := s.desk.Handlers()[kind]
	if h == nil {
		h = s.health.Handlers()[kind]
	}
	s.must(s.db.Write(s.t.Context(), func(tx *db.Tx) error {
		return h(s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.clock.Now()})
	}))
}

type answer struct {
	*goquery.Document
	t        *testing.T
	body     string
	location string
}

func (s *site) do(who string, r *http.Request, lang string, want int) answer {
	s.t.Helper()
	r.AddCookie(&http.Cookie{Name: "lintas-th", Value: who})
	r.Header.Set("Accept-Language", lang)
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	s.must(err)
	if rec.Code != want {
		s.t.Fatalf("%s %s: status %d, want %d: %s", r.Method, r.URL, rec.Code, want, strings.Join(strings.Fields(doc.Find("main").Text()), " "))
	}
	return answer{doc, s.t, rec.Body.String(), rec.Header().Get("Location")}
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

func (s *site) form(name string) url.Values {
	return url.Values{"name": {name}, "lang": {"en"}, "hazard": {"cholera"}, "marking": {"TLP:AMBER"}, "events": {string(s.own), string(s.theirs)}}
}

func (s *site) made() string {
	s.t.Helper()
	return s.post("duty", base+"/new", s.form("Border family (sample)"), 303).location
}

func TestFamilyAsClicked(t *testing.T) {
	s := newSite(t)
	s.get("admin", base, 404)
	s.get("auditor", base+"/new", 403)
	a := s.get("duty", base+"/new?event="+string(s.own), 200)
	if a.Find(`input[name=events][checked]`).AttrOr("value", "") != string(s.own) || a.Find("#f-name").AttrOr("value", "") != "Thai cluster (sample)" {
		t.Error("the event that one comes from is not chosen")
	}
	s.post("duty", base+"/new", s.form(" "), 400).has("#errors", "Give the family a name")
	p := s.made()
	a = s.get("duty", p, 200)
	if n := a.Find("#side tbody tr").Length(); n != 11 {
		t.Errorf("%d rows, want one for each state", n)
	}
	a.has("#side", "no event in this family")
	a.has("#side", "asked, no answer yet")
	if row := a.Find("#side tbody tr").FilterFunction(func(_ int, x *goquery.Selection) bool { return strings.Contains(x.Text(), "Brunei") }); !strings.Contains(row.Text(), "no report") {
		t.Errorf("a silent member: %q", row.Text())
	}
	a.has("#curves", "No total")
	s.get("duty", p+"/step/share", 403)
	share := url.Values{"version": {"1"}}
	s.post("approver", p+"/step/share", share, 400).has("#errors", "Choose at least one other member")
	share["to"] = []string{"VN", "SG"}
	s.post("approver", p+"/step/share", share, 303)
	a = s.get("duty", p, 200)
	a.has("#previews", "1 event, of TH") // to Singapore
	a.has("#previews", "2 events, of TH, VN")
	fid := id.ID(strings.TrimPrefix(p, base+"/"))
	s.give(family.KindAnswer, "VN", fid, 1, family.AnswerBody{Family: fid, Event: s.theirs, Standing: family.Declined, Words: "Another strain."})
	a = s.get("duty", p, 200)
	a.has("#side", "Another strain.")
	a.has(".notice", "changed since it was shared")
	a.has("#acks", "Not addressed")
	rows, err := csv.NewReader(strings.NewReader(s.get("auditor", p+"/figures.csv", 200).body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][13] != "5" || rows[2][13] != "7" {
		t.Errorf("%v %v", rows, err)
	}
	split := url.Values{"version": {"3"}, "name": {"Apart"}, "reason": {"Another strain."}, "events": {string(s.theirs)}}
	apart := s.post("duty", p+"/step/split", split, 303).location
	s.get("duty", apart, 200).has("#side", "Vietnamese cluster")
	s.post("approver", apart+"/step/merge", url.Values{"version": {"1"}, "reason": {"One after all."}}, 400).has("#errors", "Choose another open family")
	s.post("approver", apart+"/step/merge", url.Values{"version": {"1"}, "reason": {"One after all."}, "into": {string(fid)}}, 303)
	s.get("duty", apart, 200).has(".notice", "Merged into Border family")
	s.post("duty", p+"/drop", url.Values{"event": {string(s.theirs)}}, 303)
	s.get("duty", base+"?q=border", 200).has("#families", "Border family")
	s.get("duty", base+"?q=nothing", 200).has(".empty", "No family yet")
}

// received is a family of Viet Nam that asks about Thailand's event.
func (s *site) received() string {
	s.t.Helper()
	fid := (&id.Maker{Clock: s.clock}).New()
	s.give(family.KindFamily, "VN", fid, 2, family.View{ID: fid, Owner: "VN", Version: 2, State: family.Shared, Name: "Vietnamese family (sample)", Lang: "en", Hazard: "cholera",
		Entries: []family.Entry{{Event: s.theirs, Owner: "VN", Standing: family.Own}, {Event: s.own, Owner: "TH", Standing: family.Proposed}}})
	return path(fid)
}

func TestAnswerAsClicked(t *testing.T) {
	s := newSite(t)
	p := s.received()
	s.get("duty", p+"/edit", 403)
	a := s.get("duty", p, 200)
	a.has("#answers", "asked, no answer yet")
	say := p + "/answer/" + string(s.own)
	s.get("auditor", say+"?say=join", 403)
	form := url.Values{"version": {"1"}, "say": {"decline"}}
	s.post("duty", say, form, 400).has("#errors", "Say why it does not belong")
	form.Set("words", "Another strain.")
	s.post("duty", say, form, 303)
	s.get("duty", p, 200).has("#answers", "declined by its owner")
	s.post("duty", say, url.Values{"version": {"2"}, "say": {"join"}}, 303)
	if n := len(s.out); n != 2 || s.out[1].Kind != family.KindAnswer || s.out[1].To[0] != "VN" {
		t.Errorf("%d releases: %+v", n, s.out)
	}
	s.get("duty", p+"/events", 200).has("main", "No open event is left to choose.")
}

var missing = regexp.MustCompile(`\b(family|health|fault|need|action|hazard|parts|ack|indicator|class|map)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

func TestEveryPageInBothLanguages(t *testing.T) {
	s := newSite(t)
	own, foreign := s.made(), s.received()
	for who, paths := range map[string][]string{
		"duty":     {base, base + "/new", own, own + "/edit", own + "/events", own + "/step/split", foreign, foreign + "/events", foreign + "/answer/" + string(s.own) + "?say=decline"},
		"approver": {own + "/step/share", own + "/step/merge", own + "/step/close"},
	} {
		for _, p := range paths {
			for _, lang := range []string{"en", "id"} {
				a := s.do(who, httptest.NewRequest(http.MethodGet, p, nil), lang, 200)
				if m := missing.FindString(a.Find("body").Text()); m != "" {
					t.Errorf("%s/%s: a key or an argument is missing: %s", p, lang, m)
				}
				if a.Find("h1").Length() != 1 || strings.Contains(a.body, " style=") {
					t.Errorf("%s/%s: headings or inline style", p, lang)
				}
				seen := map[string]bool{}
				a.Find("[id]").Each(func(_ int, x *goquery.Selection) {
					if i := x.AttrOr("id", ""); seen[i] {
						t.Errorf("%s: the id %q is there twice", p, i)
					} else {
						seen[i] = true
					}
				})
				a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, x *goquery.Selection) {
					if x.AttrOr("aria-label", "") == "" && x.Closest("label").Length() == 0 && a.Find(`label[for="`+x.AttrOr("id", "")+`"]`).Length() == 0 {
						t.Errorf("%s: no label for %s", p, x.AttrOr("name", ""))
					}
				})
			}
		}
	}
}
