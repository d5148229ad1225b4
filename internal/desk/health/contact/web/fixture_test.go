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
	"lintas/internal/desk/health/contact"
	"lintas/internal/desk/health/contact/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is two nodes in one process with their pages; deliver carries what
// they queued.
type world struct {
	*testing.T
	clock *clock.Manual
	nodes map[access.Member]*site
}

type site struct {
	w        *world
	member   access.Member
	db       *db.DB
	desk     *contact.Desk
	shell    *shell.Server
	releases []exchange.Release
	receipts []exchange.Receipt
	sent     map[id.ID]exchange.Release
}

var people = map[string][]access.Role{
	"duty": {access.DutyOfficer}, "epi": {access.Epidemiologist}, "ihr": {access.IHRFocalPoint}, "approver": {access.Approver},
	"auditor": {access.Auditor}, "admin": {access.Administrator},
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)), nodes: map[access.Member]*site{}}
	ids := &id.Maker{Clock: w.clock}
	for _, m := range []access.Member{"KH", "TH"} {
		s := &site{w: w, member: m, sent: map[id.ID]exchange.Release{}}
		s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, contact.Schema, api.Schema)
		env := &desk.Env{Member: m, DB: s.db, Clock: w.clock, Wall: w.clock, IDs: ids, Send: s}
		s.desk = contact.New(env)
		var err error
		s.shell, err = shell.New(shell.Config{Member: m, Clock: w.clock, IDs: ids, Log: slog.New(slog.DiscardHandler),
			Session: func(_ context.Context, secret string) (shell.Session, error) {
				return shell.Session{ID: secret, Actor: s.actor(secret)}, nil
			}, Zone: place.Zone(string(m)), Place: place.Capital(string(m))})
		if err != nil {
			t.Fatal(err)
		}
		g := web.New(s.desk, m)
		g.Routes(s.shell.Mux())
		w.nodes[m] = s
	}
	return w
}

func (s *site) actor(who string) access.Actor {
	a := access.Actor{Account: id.ID(who), Member: s.member, Name: "Duty post " + who}
	for _, r := range people[who] {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

func (s *site) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	s.sent[r.ID] = r
	return nil
}

func (s *site) SendReceipt(_ context.Context, _ *db.Tx, r exchange.Receipt) error {
	s.receipts = append(s.receipts, r)
	return nil
}

func (s *site) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

func (w *world) deliver() {
	w.Helper()
	for _, s := range w.nodes {
		rs, receipts := s.releases, s.receipts
		s.releases, s.receipts = nil, nil
		for _, r := range rs {
			for _, m := range r.To {
				to := w.nodes[m]
				if to == nil {
					continue
				}
				w.write(to, func(ctx context.Context, tx *db.Tx) error {
					return to.desk.Handlers()[r.Kind](ctx, tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
				})
				w.write(s, func(ctx context.Context, tx *db.Tx) error {
					return s.desk.ReceiveReceipt(ctx, tx, r, exchange.Receipt{Release: r.ID, Member: m, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
				})
			}
		}
		for _, rc := range receipts {
			for _, o := range w.nodes {
				if of, ok := o.sent[rc.Release]; ok {
					w.write(o, func(ctx context.Context, tx *db.Tx) error { return o.desk.ReceiveReceipt(ctx, tx, of, rc) })
				}
			}
		}
	}
}

func (w *world) write(s *site, f func(context.Context, *db.Tx) error) {
	w.Helper()
	if err := s.db.Write(w.Context(), func(tx *db.Tx) error { return f(w.Context(), tx) }); err != nil {
		w.Fatal(err)
	}
}

// answer is a page that was read.
type answer struct {
	*goquery.Document
	t        *testing.T
	Status   int
	Location string
	Body     string
	Header   http.Header
}

func (s *site) do(who, method, path string, form url.Values, lang string) answer {
	s.w.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", lang)
	r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(s.member)), Value: who})
	rec := httptest.NewRecorder()
	s.shell.ServeHTTP(rec, r)
	a := answer{t: s.w.T, Status: rec.Code, Location: rec.Header().Get("Location"), Body: rec.Body.String(), Header: rec.Header()}
	var err error
	if a.Document, err = goquery.NewDocumentFromReader(strings.NewReader(a.Body)); err != nil {
		s.w.Fatal(err)
	}
	return a
}

func (s *site) get(who, path string) answer {
	s.w.Helper()
	return s.do(who, "GET", path, nil, "en")
}

func (s *site) post(who, path string, form url.Values) answer {
	s.w.Helper()
	return s.do(who, "POST", path, form, "en")
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
	found := strings.Join(strings.Fields(a.Find(selector).Text()), " ")
	if a.Find(selector).Length() == 0 || !strings.Contains(found, text) {
		a.t.Fatalf("%s holds %q, want %q", selector, found, text)
	}
}

func (a answer) lacks(selector string) {
	a.t.Helper()
	if n := a.Find(selector).Length(); n != 0 {
		a.t.Fatalf("%d elements match %s, want none", n, selector)
	}
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

var missing = regexp.MustCompile(`\b(verification|contact|health|fault|need|action|todo|hit|hazard|clock|marking|parts|ack|grade|web)\.[a-z0-9_]+(\.[a-z0-9_]+)*\b|\{[a-z_]+(:[a-z]+)?\}`)

// sound checks what holds for every page in every language.
func (a answer) sound(lang string) {
	a.t.Helper()
	text := a.Find("body").Text()
	a.Find("[aria-label], [title]").Each(func(_ int, s *goquery.Selection) {
		text += "\n" + s.AttrOr("aria-label", "") + "\n" + s.AttrOr("title", "")
	})
	if m := missing.FindString(text); m != "" {
		a.t.Errorf("a key or an argument is missing: %s", m)
	}
	if a.Find("html").AttrOr("lang", "") != lang || a.Find("h1").Length() != 1 {
		a.t.Errorf("language %q, %d main headings", a.Find("html").AttrOr("lang", ""), a.Find("h1").Length())
	}
	twice := map[string]bool{}
	a.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		i := s.AttrOr("id", "")
		if twice[i] {
			a.t.Errorf("the id %q is there twice", i)
		}
		twice[i] = true
	})
	if strings.Contains(a.Body, " style=") || a.Find("script:not([src])").Length() > 0 {
		a.t.Error("inline style or script")
	}
	a.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, s *goquery.Selection) {
		if i := s.AttrOr("id", ""); s.AttrOr("aria-label", "") == "" && s.Closest("label").Length() == 0 && a.Find(`label[for="`+i+`"]`).Length() == 0 {
			a.t.Errorf("no label for %s", s.AttrOr("name", ""))
		}
	})
}
