package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
)

// A world is a few nodes in one process, each with its own database, desk and
// pages. deliver carries what they queued from one to the other, so that the
// pages of both sides show the same story.
type world struct {
	t     testing.TB
	clock *clock.Manual
	nodes map[access.Member]*testNode
	ids   *id.Maker
}

type testNode struct {
	world    *world
	member   access.Member
	db       *db.DB
	desk     *health.Desk
	shell    *shell.Server
	releases []exchange.Release
	receipts []exchange.Receipt
	all      []exchange.Receipt
	sent     map[id.ID]exchange.Release
	exercise string
	gone     access.Member // not in the directory any more
	files    sync.Map      // what arrived: id -> *carried
}

var people = map[string][]access.Role{
	"duty": {access.DutyOfficer}, "duty2": {access.DutyOfficer}, "epi": {access.Epidemiologist}, "ihr": {access.IHRFocalPoint},
	"approver": {access.Approver}, "both": {access.DutyOfficer, access.Approver}, "auditor": {access.Auditor},
	"admin": {access.Administrator}, "asec": {access.SecretariatDsk},
}

func newWorld(t testing.TB, at time.Time, members ...access.Member) *world {
	w := &world{t: t, clock: clock.NewManual(at), nodes: map[access.Member]*testNode{}}
	w.ids = &id.Maker{Clock: w.clock}
	for _, m := range members {
		n := &testNode{world: w, member: m, sent: map[id.ID]exchange.Release{}, exercise: "novel-coronavirus-2020"}
		n.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema)
		n.desk = health.New(&desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: n, Carry: carrier{n},
			Exercise: func() string { return n.exercise },
			Changed:  func(topic string) { n.shell.Hub().Publish(topic) }})
		n.serve()
		w.nodes[m] = n
	}
	return w
}

func (n *testNode) serve() {
	s, err := shell.New(shell.Config{Member: n.member, Clock: n.world.clock, IDs: n.world.ids, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: n.actor(secret)}, nil
		},
		Zone: place.Zone(string(n.member)), Place: place.Capital(string(n.member)), Frame: n.frame})
	if err != nil {
		n.world.t.Fatal(err)
	}
	n.shell = s
	healthweb.New(n.desk, healthweb.Deps{Member: n.member, Nodes: n.peers}).Routes(s.Mux())
}

func (n *testNode) actor(who string) access.Actor {
	a := access.Actor{Account: id.ID(who), Member: n.member, Name: "Duty post " + who}
	for _, r := range people[who] {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

func (n *testNode) frame(r *shell.Request, p *layout.Props) {
	p.Search = true
	p.Node = layout.Node{Name: place.Name(string(n.member), r.Printer.Lang()), Agency: "EOC", Code: string(n.member)}
	p.Exercise = &layout.Exercise{Name: "Novel coronavirus, 2020"}
	p.Account = &layout.Account{Initials: "DO", Role: r.Actor.Name}
	p.Nav = []layout.NavGroup{{Items: []layout.NavItem{
		{Text: "Duty desk", Href: "/", Icon: "layout-dashboard", Bar: true, Current: r.URL.Path == "/"},
		{Text: "Events", Href: "/health/events", Icon: "siren", Bar: true, Current: strings.HasPrefix(r.URL.Path, "/health")}}}}
}

func (n *testNode) peers(context.Context) ([]healthweb.Node, error) {
	var out []healthweb.Node
	for i, m := range access.All() {
		if m == n.member {
			continue
		}
		p := healthweb.Node{Member: m, State: healthweb.InStep, Heard: n.world.clock.Now().Add(-time.Duration(i) * time.Second)}
		switch m {
		case "TL":
			p.State, p.Heard = healthweb.Unreachable, n.world.clock.Now().Add(-14*time.Minute)
		case "LA":
			p.State, p.Behind = healthweb.Behind, 3
		}
		out = append(out, p)
	}
	return out, nil
}

// Queue, SendReceipt and Receipts make the node its own recording exchange.
func (n *testNode) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.releases = append(n.releases, r)
	n.sent[r.ID] = r
	return nil
}

func (n *testNode) SendReceipt(_ context.Context, _ *db.Tx, r exchange.Receipt) error {
	n.receipts = append(n.receipts, r)
	return nil
}

func (n *testNode) Receipts(_ context.Context, _ *db.Tx, rid id.ID) ([]exchange.Receipt, error) {
	return slices.DeleteFunc(slices.Clone(n.all), func(r exchange.Receipt) bool { return r.Release != rid }), nil
}

// deliver carries everything that waits, to the members that have a node;
// members in away are out of reach.
func (w *world) deliver(away ...access.Member) {
	w.t.Helper()
	for _, m := range access.All() {
		from := w.nodes[m]
		if from == nil {
			continue
		}
		rs := from.releases
		from.releases = nil
		for _, r := range rs {
			for _, to := range r.To {
				if slices.Contains(away, to) {
					continue
				}
				if n := w.nodes[to]; n != nil {
					w.write(n, func(ctx context.Context, tx *db.Tx) error {
						return n.desk.Handlers()[r.Kind](ctx, tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
					})
				}
				w.receipt(exchange.Receipt{Release: r.ID, Member: to, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
			}
		}
	}
	for _, n := range w.nodes {
		rs := n.receipts
		n.receipts = nil
		for _, r := range rs {
			w.receipt(r)
		}
	}
}

// receipt brings a receipt to the node whose release it is about.
func (w *world) receipt(r exchange.Receipt) {
	w.t.Helper()
	for _, n := range w.nodes {
		if of, ok := n.sent[r.Release]; ok {
			n.all = append(n.all, r)
			w.write(n, func(ctx context.Context, tx *db.Tx) error { return n.desk.ReceiveReceipt(ctx, tx, of, r) })
		}
	}
}

func (w *world) write(n *testNode, f func(context.Context, *db.Tx) error) {
	w.t.Helper()
	if err := n.db.Write(w.t.Context(), func(tx *db.Tx) error { return f(w.t.Context(), tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// A page is an answer that was read.
type answer struct {
	*goquery.Document
	t        testing.TB
	Status   int
	Location string
	Body     string
}

func (n *testNode) do(who, method, path string, form url.Values, more ...string) answer {
	n.world.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(n.member)), Value: who})
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	rec := httptest.NewRecorder()
	n.shell.ServeHTTP(rec, r)
	return read(n.world.t, rec)
}

func read(t testing.TB, rec *httptest.ResponseRecorder) answer {
	t.Helper()
	a := answer{t: t, Status: rec.Code, Location: rec.Header().Get("Location"), Body: rec.Body.String()}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	a.Document = doc
	return a
}

func (n *testNode) get(who, path string, more ...string) answer {
	n.world.t.Helper()
	return n.do(who, http.MethodGet, path, nil, more...)
}

func (n *testNode) post(who, path string, form url.Values) answer {
	n.world.t.Helper()
	return n.do(who, http.MethodPost, path, form)
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, strings.Join(strings.Fields(a.Find("main").Text()), " "))
	}
	return a
}

// values are what a browser would send of the form: every named control that
// is filled in or checked.
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
	found := a.Find(selector)
	if found.Length() == 0 {
		a.t.Fatalf("nothing matches %s in: %s", selector, strings.Join(strings.Fields(a.Find("main").Text()), " "))
	}
	if !strings.Contains(strings.Join(strings.Fields(found.Text()), " "), text) {
		a.t.Fatalf("%s holds %q, want %q", selector, strings.Join(strings.Fields(found.Text()), " "), text)
	}
}

func (a answer) lacks(selector string) {
	a.t.Helper()
	if n := a.Find(selector).Length(); n != 0 {
		a.t.Fatalf("%d elements match %s, want none", n, selector)
	}
}

// button reports whether a button or link with these words can be pressed.
func (a answer) button(text string) bool {
	return a.Find("main .btn:not(:disabled), main .btn[href]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.TrimSpace(s.Text()) == text
	}).Length() > 0
}
