package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/desk/health/web/rest"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/web"
)

// sink swallows what leaves.
type sink struct{}

func (sink) Queue(context.Context, *db.Tx, exchange.Release) error       { return nil }
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

// known is what the test knows of a record that it made, to judge by itself
// who may see it.
type known struct {
	own     bool
	place   string
	marking access.Marking
}

// desks is one node with random records, and every way to them.
type desks struct {
	t      *testing.T
	desk   *health.Desk
	db     *db.DB
	rest   *rest.Desk
	shell  *web.Server
	ids    *id.Maker
	clock  *clock.Manual
	actors map[string]access.Actor
	// exercise is what is being played; it must make no difference.
	exercise string
	events   map[id.ID]known
	notices  map[id.ID]known
}

func newDesks(t *testing.T, d *db.DB) *desks {
	w := &desks{t: t, db: d, clock: clock.NewManual(time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)), actors: map[string]access.Actor{},
		events: map[id.ID]known{}, notices: map[id.ID]known{}}
	w.ids = &id.Maker{Clock: w.clock}
	w.desk = health.New(&desk.Env{Member: "TH", DB: d, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: sink{},
		Exercise: func() string { return w.exercise }})
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	token := func(_ context.Context, secret string) (access.Actor, id.ID, error) {
		a, ok := w.actors[secret]
		if !ok {
			return a, "", fault.New(fault.Forbidden, "fault.people.token")
		}
		return a, id.ID(secret), nil
	}
	var err error
	if w.shell, err = web.New(web.Config{Member: "TH", Clock: w.clock, IDs: w.ids, Log: log, Zone: place.Zone("TH"), Place: "Bangkok",
		Session: func(_ context.Context, secret string) (web.Session, error) {
			return web.Session{ID: secret, Actor: w.actors[secret]}, nil
		}}); err != nil {
		t.Fatal(err)
	}
	w.rest = rest.New(w.desk, rest.Deps{Member: "TH", URL: "https://th.example", Token: token, Log: log})
	a, err := api.New(api.Config{DB: d, Clock: w.clock, Log: log, Token: token, PerSecond: 1e6, Burst: 1e6,
		Stream: api.StreamConfig{Describe: w.rest.Describe}})
	if err != nil {
		t.Fatal(err)
	}
	w.rest.Add(a)
	a.Mount(w.shell.Mux())
	w.rest.Routes(w.shell.Mux())
	healthweb.New(w.desk, healthweb.Deps{Member: "TH"}).Routes(w.shell.Mux())
	return w
}

const copies, own = 30, 60

// fill makes own events, and copies of other members' with their notices.
func (w *desks) fill(r *rand.Rand) {
	w.t.Helper()
	places := []string{"TH-10", "TH-11", "TH-50", "TH"}
	for i := range own {
		k := known{own: true, place: places[r.IntN(4)], marking: access.Markings[r.IntN(5)]}
		w.exercise = []string{"", "ex-1"}[r.IntN(2)]
		e, err := w.desk.RecordEvent(w.t.Context(), access.Node("TH"), health.EventInput{Name: fmt.Sprintf("Sample %d batch%02d", i, i/10), Lang: "en", Hazard: "cholera",
			Grade: health.Grades[r.IntN(4)], Marking: k.marking, Places: []string{k.place}}, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		w.events[e.ID] = k
		w.clock.Advance(time.Duration(r.IntN(3)) * time.Second) // some at the same moment
	}
	for i := range copies {
		k := known{place: "KH-12", marking: access.Markings[r.IntN(5)]}
		v := health.NotificationView{ID: w.ids.New(), Title: "Sample", Event: health.EventView{ID: w.ids.New(), Owner: "KH", Version: 1, State: health.Assessment,
			Name: fmt.Sprintf("Sample copy %d batch%02d", i, own/10+i/10), Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: k.marking, Places: []string{k.place}}}
		body, err := json.Marshal(v)
		if err != nil {
			w.t.Fatal(err)
		}
		in := exchange.Inbound{Received: w.clock.Now(), Release: exchange.Release{ID: w.ids.New(), Kind: health.KindNotification, From: "KH", To: []access.Member{"TH"},
			Ref: exchange.Ref{Desk: "health", Kind: "health.event", ID: v.Event.ID, Version: 1}, Marking: k.marking, Lang: "en", Issued: w.clock.Now(), Body: body,
			Exercise: []string{"", "ex-1"}[r.IntN(2)]}}
		if err := w.db.Write(w.t.Context(), func(tx *db.Tx) error {
			return w.desk.Handlers()[health.KindNotification](w.t.Context(), tx, in)
		}); err != nil {
			w.t.Fatal(err)
		}
		n, err := w.desk.FindNotice(w.t.Context(), access.Node("TH"), v.Event.ID, v.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		w.events[v.Event.ID], w.notices[n.ID] = k, k
	}
}

// judge is the rule in words, written without the code that it checks: who
// reads at all; TLP:RED only for those who decide on it; whose every reading
// role is for places sees own events that begin there and nothing received.
func judge(grants []access.Grant, k known, notice bool) bool {
	reads, everywhere, red, here := false, false, false, false
	for _, g := range grants {
		if g.Role == access.Administrator {
			continue
		}
		reads = true
		everywhere = everywhere || g.Place == ""
		red = red || g.Role != access.Epidemiologist && g.Role != access.IHRAuthority
		here = here || g.Place == k.place
	}
	return reads && (red || k.marking != access.TLPRed) && (everywhere || here && k.own && !notice)
}

func randomGrants(r *rand.Rand) []access.Grant {
	var out []access.Grant
	for range r.IntN(4) {
		g := access.Grant{Role: access.Roles[r.IntN(len(access.Roles))]}
		if r.IntN(2) == 0 {
			g.Place = []string{"TH-10", "TH-11", "KH-12", "TH"}[r.IntN(4)]
		}
		out = append(out, g)
	}
	return out
}

func (w *desks) same(who, way string, got, want map[id.ID]bool) {
	w.t.Helper()
	for i := range got {
		if !want[i] {
			w.t.Errorf("%s sees %d by %s, want %d; one too many: %+v", who, len(got), way, len(want), w.events[i])
			return
		}
	}
	for i := range want {
		if !got[i] {
			w.t.Errorf("%s sees %d by %s, want %d; missing: %+v", who, len(got), way, len(want), w.events[i])
			return
		}
	}
}

// What any actor can list, open, search, export, get by the interface or hear
// of in the stream is what the rule says, by every way the same.
func TestReachIsTheSameEverywhere(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	w := newDesks(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, api.Schema))
	w.fill(r)
	for i := range 24 {
		grants := randomGrants(r)
		if i < len(access.Roles) {
			grants = []access.Grant{{Role: access.Roles[i]}}
		}
		person := access.Actor{Account: id.ID(fmt.Sprint("p", i)), Member: "TH", Name: "Post", Grants: grants}
		w.actors[fmt.Sprint("p", i)] = person
		program := person
		program.Scopes = []string{rest.Read}
		w.actors[fmt.Sprint("t", i)] = program
		blind := person
		blind.Scopes = []string{rest.Write, "stream.read"}
		w.actors[fmt.Sprint("b", i)] = blind
		w.check(person, program, blind, i)
	}
}

func roles(grants []access.Grant) string {
	out := ""
	for _, g := range grants {
		out += string(g.Role) + "@" + g.Place + " "
	}
	return out
}

// expected are the events and notices that the person may see, and of the
// events this node's own.
func (w *desks) expected(person access.Actor) (want, notices, ownOnly map[id.ID]bool) {
	w.t.Helper()
	want, notices, ownOnly = map[id.ID]bool{}, map[id.ID]bool{}, map[id.ID]bool{}
	for e, k := range w.events {
		if judge(person.Grants, k, false) {
			want[e] = true
		}
		rec := health.Event{Head: desk.Head{Marking: k.marking, Place: k.place}}
		if !k.own {
			rec.CopyOf = "r"
		}
		if got := health.ReachOf(person).Sees(&rec); got != want[e] {
			w.t.Errorf("%v %+v: the rule says %v", person.Grants, k, got)
		}
		if want[e] && k.own {
			ownOnly[e] = true // a copy has no entry of its own in the history
		}
	}
	for n, k := range w.notices {
		if judge(person.Grants, k, true) {
			notices[n] = true
		}
	}
	return want, notices, ownOnly
}

func (w *desks) check(person, program, blind access.Actor, i int) {
	w.t.Helper()
	want, notices, ownOnly := w.expected(person)
	p, t, who := fmt.Sprint("p", i), fmt.Sprint("t", i), roles(person.Grants)
	w.same(who, "the list", w.listed(p, "/health/events"), want)
	w.same(who, "the list by grade", w.listed(p, "/health/events?sort=grade"), want)
	w.same(who, "the export", w.exported(p), want)
	w.same(who, "the page", w.opened(p, "/health/events/", true, w.events, ""), want)
	w.same(who, "GET list", w.items(t, "/health/events?limit=7"), want)
	w.same(who, "GET list by grade", w.items(t, "/health/events?limit=9&sort=grade"), want)
	w.same(who, "GET", w.opened(t, api.Prefix+"/health/events/", false, w.events, ""), want)
	w.same(who, "GET timeline", w.opened(t, api.Prefix+"/health/events/", false, w.events, "/timeline"), want)
	w.same(who, "the stream", w.told(program, "health.event"), ownOnly)
	page, get := map[id.ID]bool{}, map[id.ID]bool{}
	for b := range (own + copies) / 10 {
		for e := range w.listed(p, fmt.Sprintf("/search?q=batch%02d", b)) {
			page[e] = true
		}
		for e := range w.items(t, fmt.Sprintf("/health/events?q=batch%02d", b)) {
			get[e] = true
		}
	}
	w.same(who, "the search", page, want)
	w.same(who, "GET search", get, want)
	w.same(who, "GET notices", w.items(t, "/health/notices?limit=7"), notices)
	w.same(who, "GET notice search", w.items(t, "/health/search/notices?q=sample"), notices)
	w.same(who, "GET notice", w.opened(t, api.Prefix+"/health/notices/", false, w.notices, ""), notices)
	w.same(who, "the alert", w.opened(t, "/health/notices/", false, w.notices, "/cap.xml"), notices)
	w.same(who, "the stream of notices", w.told(program, "health.notice"), notices)
	b := fmt.Sprint("b", i)
	w.same(who, "a token without the scope", w.items(b, "/health/events?limit=7"), nil)
	w.same(who, "the stream without the scope", w.told(blind, "health.event"), nil)
	for e := range w.events {
		if rec := w.ask(b, api.Prefix+"/health/events/"+string(e), false); rec.Code != 403 {
			w.t.Errorf("without the scope: %d", rec.Code)
		}
		break
	}
	if len(want) > 0 && !slices.ContainsFunc(person.Grants, func(g access.Grant) bool { return g.Role != access.Administrator }) {
		w.t.Errorf("%v sees content", person.Grants)
	}
}
