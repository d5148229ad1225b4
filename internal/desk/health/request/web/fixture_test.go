package web_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/desk/health/request/web"
	"lintas/internal/exchange"
	"lintas/internal/exchange/envelope"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// ring holds the keys of all members of a test; me is whose desk asks.
type ring struct {
	keys map[access.Member]ed25519.PrivateKey
	me   access.Member
}

func (k ring) Sign(msg []byte) (string, []byte) {
	key := k.keys[k.me]
	return envelope.KeyID(key.Public().(ed25519.PublicKey)), ed25519.Sign(key, msg)
}

func (k ring) Public(m access.Member, key string, _ time.Time) (ed25519.PublicKey, error) {
	if p, ok := k.keys[m]; ok && envelope.KeyID(p.Public().(ed25519.PublicKey)) == key {
		return p.Public().(ed25519.PublicKey), nil
	}
	return nil, errors.New("unknown key")
}

// site is one node with its pages.
type site struct {
	*webtest.Site
	w        *world
	member   access.Member
	db       *db.DB
	desk     *request.Desk
	pages    *web.Pages
	releases []exchange.Release
}

type world struct {
	testing.TB
	clock *clock.Manual
	nodes map[access.Member]*site
}

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "ihr": {access.IHRFocalPoint}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator},
	"regional": {access.SecretariatDsk}}

func (s *site) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	return nil
}

func (s *site) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }

func (s *site) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

func newWorld(t testing.TB) *world { return worldOn(t, db.SQLite) }

// worldOn is a world whose nodes keep their records in one of the engines.
func worldOn(t testing.TB, engine db.Engine) *world {
	w := &world{TB: t, clock: clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)), nodes: map[access.Member]*site{}}
	ids := &id.Maker{Clock: w.clock}
	keys := map[access.Member]ed25519.PrivateKey{}
	for i, m := range []access.Member{"KH", "TH", "ASEC"} {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		keys[m] = ed25519.NewKeyFromSeed(seed)
		s := &site{w: w, member: m}
		s.db = dbtest.Open(t, dbtest.Options(t, engine), history.Schema, files.Schema, health.Schema, request.Schema, api.Schema)
		env := &desk.Env{Member: m, DB: s.db, Clock: w.clock, Wall: w.clock, IDs: ids, Send: s}
		events := health.New(env)
		s.desk = request.New(env, events, ring{keys, m})
		s.pages = web.New(s.desk, events, m)
		s.Site = webtest.New(t, m, w.clock, webtest.Roles(m, people), s.pages.Routes)
		w.nodes[m] = s
	}
	return w
}

// deliver carries all that waits.
func (w *world) deliver() {
	w.Helper()
	for busy := true; busy; {
		busy = false
		for _, s := range w.nodes {
			rs := s.releases
			s.releases = nil
			for _, r := range rs {
				busy = true
				for _, m := range r.To {
					to, ok := w.nodes[m]
					if !ok {
						continue
					}
					if err := to.db.Write(w.Context(), func(tx *db.Tx) error {
						return to.desk.Handlers()[r.Kind](w.Context(), tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
					}); err != nil {
						w.Fatal(err)
					}
				}
			}
		}
	}
}

const base = "/health/requests"

// press sends a form of a page as a browser would, with some inputs changed.
func (s *site) press(who, path, form string, change ...string) webtest.Answer {
	s.w.Helper()
	p := s.Get(who, path).Want(200)
	f := p.Find(form)
	if f.Length() != 1 {
		s.w.Fatalf("%s at %s: %d forms match %s: %s", who, path, f.Length(), form, p.Find("#act").Text())
	}
	v := p.Values(form)
	for i := 0; i+1 < len(change); i += 2 {
		v[change[i]] = []string{change[i+1]}
	}
	return s.Post(who, f.AttrOr("action", ""), v)
}

// asked is a request that a person of KH wrote, with faults on the way.
func (w *world) asked() string {
	w.Helper()
	kh := w.nodes["KH"]
	path := base + "/new?what=request"
	bad := kh.press("duty", path, "#record", "title", "Salts and a team (sample)", "lines.0.item", "Rehydration salts", "lines.0.qty", "many", "lines.0.unit", "box", "lines.0.category", "supplies").Want(400)
	bad.Has("#f-lines-0-qty-error", "whole number")
	if bad.Values("#record").Get("lines.0.item") != "Rehydration salts" {
		w.Fatal("what was typed is lost")
	}
	v := bad.Values("#record")
	v["to"] = []string{"TH", "ASEC"}
	v.Set("lines.0.qty", "1,000")
	v.Set("do", "row.lines")
	more := kh.Post("duty", base+"/new", v).Want(200)
	v = more.Values("#record")
	v["to"] = []string{"TH", "ASEC"}
	for k, s := range map[string]string{"lines.1.item": "Medical team", "lines.1.qty": "2", "lines.1.unit": "team", "lines.1.category": "team", "lines.0.priority": "life_saving", "authority": "Ministry of Health",
		"event_name": "Cholera (sample)", "lines.0.support": "transport", "do": "save"} {
		v.Set(k, s)
	}
	at := kh.Post("duty", base+"/new", v).Want(303).Location
	kh.press("duty", at, "#act-submit").Want(303)
	kh.Get("duty", at).Want(200).Lacks("#act-clear")
	kh.press("approver", at, "#act-clear").Want(303)
	kh.press("duty", at, "#act-issue").Want(303)
	w.deliver()
	return at
}

// offered is an offer of TH to it, accepted in part.
func (w *world) offered(at string) string {
	w.Helper()
	kh, th := w.nodes["KH"], w.nodes["TH"]
	page := th.Get("duty", at).Want(200)
	page.Has("#lines", "Rehydration salts")
	offer := page.Find(`#act a[href*="what=offer"]`).AttrOr("href", "")
	oat := th.press("duty", offer, "#record", "entity", "Medical stores", "authority", "Ministry of Public Health", "lines.0.qty", "600", "lines.1.item", "", "lines.1.qty", "").Want(303).Location
	th.press("duty", oat, "#act-submit").Want(303)
	th.press("approver", oat, "#act-clear").Want(303)
	th.press("duty", oat, "#act-issue").Want(303)
	w.deliver()
	kh.Get("duty", oat).Want(200).Lacks("#act-accept")
	kh.press("approver", oat, "#act-accept_part", "accept_part.taken.0.qty", "700").Want(400)
	kh.press("approver", oat, "#act-accept_part", "accept_part.taken.0.qty", "400").Want(303)
	w.deliver()
	return oat
}

// rest serves the REST interface of the part at a site.
func (s *site) rest(t *testing.T) http.Handler {
	t.Helper()
	who := webtest.Roles(s.member, people)
	server, err := shell.New(shell.Config{Member: s.member, Clock: s.w.clock, IDs: &id.Maker{Clock: s.w.clock}, Log: slog.New(slog.DiscardHandler),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: who(secret)}, nil
		},
		Zone: place.Zone(string(s.member)), Place: place.Capital(string(s.member))})
	if err != nil {
		t.Fatal(err)
	}
	a := apitest.New(t, s.db, s.w.clock, who, "health.read", "health.write")
	s.pages.Operations(a)
	a.Mount(server.Mux())
	return server
}
