package ihr_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// A world is a few desks, each with a database of its own; deliver carries
// what they queued from one to the other.
type world struct {
	t     *testing.T
	clock *clock.Manual
	ids   *id.Maker
	desks map[access.Member]*node
}

type node struct {
	member   access.Member
	db       *db.DB
	health   *health.Desk
	ihr      *ihr.Desk
	releases []exchange.Release
	others   []access.Member // in the directory
}

// Queue refuses what the exchange would refuse.
func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	if len(r.To) == 0 || r.Withdraws != "" && r.Reason == "" || slices.ContainsFunc(r.To, func(m access.Member) bool { return !slices.Contains(n.others, m) }) {
		return fault.New(fault.Invalid, "fault.exchange.recipient")
	}
	n.releases = append(n.releases, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func newWorld(t *testing.T, o db.Options, members ...access.Member) *world {
	w := &world{t: t, clock: clock.NewManual(time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)), desks: map[access.Member]*node{}}
	w.ids = &id.Maker{Clock: w.clock}
	for _, m := range members {
		n := &node{member: m, others: slices.DeleteFunc(access.All(), func(o access.Member) bool { return o == m })}
		n.db = dbtest.Open(t, dbtest.Options(t, o.Engine), history.Schema, health.Schema, files.Schema, ihr.Schema)
		env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: n, Members: func() []access.Member { return n.others }}
		n.health = health.New(env)
		n.ihr = ihr.New(env, n.health)
		w.desks[m] = n
	}
	return w
}

// each runs a story on both engines.
func each(t *testing.T, f func(t *testing.T, o db.Options)) { dbtest.EachOptions(t, f) }

func person(name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty      = person("duty", access.DutyOfficer)
	epi       = person("epi", access.Epidemiologist)
	approver  = person("approver", access.Approver)
	auditor   = person("auditor", access.Auditor)
	duty2     = person("duty2", access.DutyOfficer)
	focal     = person("ihr", access.IHRFocalPoint)
	authority = person("authority", access.IHRAuthority)
)

// hand gives one release to one member and returns what its desk says.
func (w *world) hand(to access.Member, r exchange.Release) error {
	n := w.desks[to]
	return n.db.Write(w.t.Context(), func(tx *db.Tx) error {
		return n.ihr.Handlers()[r.Kind](w.t.Context(), tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
	})
}

// queued takes what a member queued, without delivering it.
func (w *world) queued(m access.Member) []exchange.Release {
	out := w.desks[m].releases
	w.desks[m].releases = nil
	return out
}

// deliver hands everything over.
func (w *world) deliver() {
	w.t.Helper()
	for m := range w.desks {
		for _, r := range w.queued(m) {
			for _, to := range r.To {
				if w.desks[to] == nil {
					continue
				}
				if err := w.hand(to, r); err != nil {
					w.t.Fatalf("%s to %s: %v", r.Kind, to, err)
				}
			}
		}
	}
}

func (w *world) event(m access.Member) health.Event {
	w.t.Helper()
	e, err := w.desks[m].health.RecordEvent(w.t.Context(), duty, health.EventInput{Name: "Cholera at a land border (sample)", Lang: "en",
		Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{string(m)}}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}
