package sitrep

import (
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

// world is a few nodes whose releases deliver carries, as the exchange would:
// a node gets only what is addressed to it.
type world struct {
	testing.TB
	clock  *clock.Manual
	nodes  map[access.Member]*node
	family Family
	rhythm Rhythm
	all    []exchange.Release
}

type node struct {
	w      *world
	m      access.Member
	db     *db.DB
	health *health.Desk
	desk   *Desk
	out    []exchange.Release
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.out = append(n.out, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}

// each plays a story whose regional report is of the Secretariat, on either
// engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(worldOf(t, d, "KH", "VN", "TH", "SG")) }, schemas...)
}

// worldOf has the Secretariat, with the database given, and these states.
func worldOf(t testing.TB, d *db.DB, states ...access.Member) *world {
	w := &world{TB: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}, rhythm: Rhythm{Level: 3, Every: 24 * time.Hour}}
	ids := &id.Maker{Clock: w.clock}
	for _, m := range append([]access.Member{access.ASEC}, states...) {
		n := &node{w: w, m: m, db: d}
		if m != access.ASEC {
			n.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
		}
		env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: ids, Send: n}
		n.health = health.New(env)
		n.desk = New(env, n.health, Sources{
			Families: func(context.Context, access.Actor) ([]Family, error) { return []Family{w.family}, nil },
			Rhythm: func(context.Context, access.Actor, id.ID) (Rhythm, error) {
				return w.rhythm, nil
			},
		})
		w.nodes[m] = n
	}
	w.family = Family{ID: ids.New(), Owner: "ASEC", Name: "Cholera on the border (sample)", Hazard: "cholera", Marking: access.TLPAmber, Open: true}
	return w
}

func (n *node) receive(r exchange.Release) error {
	h := n.desk.Handlers()[r.Kind]
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return h(n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

func (w *world) deliver() {
	w.Helper()
	for _, m := range access.All() {
		n := w.nodes[m]
		if n == nil {
			continue
		}
		rs := n.out
		n.out = nil
		for _, r := range rs {
			w.all = append(w.all, r)
			for _, to := range r.To {
				if x := w.nodes[to]; x != nil {
					w.must(x.receive(r))
				}
			}
		}
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
}

func post(name string, place string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r, Place: place})
	}
	return a
}

var (
	duty     = post("duty", "", access.DutyOfficer)
	approver = post("approver", "", access.Approver)
	both     = post("both", "", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", "", access.Auditor)
	local    = post("local", "SG", access.DutyOfficer)
	sec      = post("sec", "", access.SecretariatDsk)
	sec2     = post("sec2", "", access.SecretariatDsk)
)

// event records an event of the node in the family.
func (n *node) event(facts ...health.Fact) id.ID {
	n.w.Helper()
	for i := range facts {
		if facts[i].Source == "" {
			facts[i].Source = "Ministry (sample)"
		}
		if facts[i].Place == "" {
			facts[i].Place = string(n.m)
		}
		if facts[i].AsOf.IsZero() {
			facts[i].AsOf = n.w.clock.Now()
		}
	}
	e, err := n.health.RecordEvent(n.w.Context(), duty, health.EventInput{Name: "Cholera, " + string(n.m), Lang: "en", Hazard: "cholera", Grade: health.Warning,
		Marking: access.TLPAmber, Places: []string{string(n.m)}}, facts)
	n.w.must(err)
	n.w.family.Events = append(n.w.family.Events, FamilyEvent{ID: e.ID, Owner: n.m})
	return e.ID
}

func others(m access.Member) []access.Member {
	var out []access.Member
	for _, x := range access.All() {
		if x != m {
			out = append(out, x)
		}
	}
	return out
}

func (n *node) input() ReportInput {
	now := n.w.clock.Now()
	return ReportInput{Title: "Cholera, " + string(n.m), Lang: "en", From: now.AddDate(0, 0, -6).Format(time.DateOnly), Until: now.Format(time.DateOnly), AsOf: now,
		Next: now.Add(24 * time.Hour), Authority: "Ministry of Health (sample)", Highlights: []string{"Cases go on."},
		Texts: []Text{{"changed", "en", "More cases upstream."}, {"needs", "en", "Ringer's lactate."}}, Marking: access.TLPAmber, To: others(n.m)}
}

// issued drafts, clears and issues a national report.
func (n *node) issued(event, call id.ID) Report {
	n.w.Helper()
	r, err := n.desk.Draft(n.w.Context(), duty, event, call, n.input())
	n.w.must(err)
	return n.issue(r, duty, approver)
}

func (n *node) issue(r Report, writer, clearer access.Actor) Report {
	n.w.Helper()
	ctx := n.w.Context()
	var err error
	for _, s := range []struct {
		by   access.Actor
		verb string
	}{{writer, "submit"}, {clearer, "clear"}, {writer, "issue"}} {
		r, err = n.desk.Step(ctx, s.by, r.ID, r.Version, workflowVerb(s.verb), "")
		n.w.must(err)
	}
	n.w.deliver()
	return r
}
