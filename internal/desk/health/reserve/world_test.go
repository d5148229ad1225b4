package reserve

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
	"lintas/internal/desk/health/level"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is several members whose releases a fake sender carries.
type world struct {
	*testing.T
	clock *clock.Manual
	ids   *id.Maker
	nodes map[access.Member]*node
	order []access.Member
	crash func(point string) error // of the first member
	drill string                   // the exercise that is played, or empty
}

type node struct {
	w    *world
	m    access.Member
	db   *db.DB
	desk *Desk
	out  []exchange.Release
}

func (n *node) Queue(_ context.Context, tx *db.Tx, r exchange.Release) error {
	tx.AfterCommit(func() { n.out = append(n.out, r) })
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var schemas = []db.Schema{history.Schema, health.Schema, files.Schema, Schema}

// adopted takes the rules of the level part, as a node does.
func adopted() Sources {
	return Sources{
		Rules: func() []Adoption {
			var out []Adoption
			for _, k := range level.Rules() {
				r, _ := level.RuleBy(k)
				out = append(out, Adoption{r.Key, r.Version, r.Digest, r.Silence})
			}
			return out
		},
		Decide: func(b Ballot, now time.Time) Verdict {
			f := level.Facts{Proposer: b.Proposer, Concerned: b.Voters, Closes: b.Closes, Rule: b.Rule, Version: b.Version, Digest: b.Digest, Gone: b.Gone, Closed: b.Closed, Counted: b.Counted,
				Claimed: level.Outcome(b.Claimed)}
			for _, g := range b.Given {
				f.Given = append(f.Given, level.Said(g))
			}
			r := level.Decide(f, now)
			v := Verdict{Outcome: string(r.Outcome), Omitted: r.Omitted, Missing: r.Missing}
			for _, s := range r.Stands {
				v.Stands = append(v.Stands, Voice{s.Member, s.Release, s.Stance, s.Reasons, s.At})
			}
			return v
		},
		Count: func(given []Voice, closes time.Time, voters []access.Member) []id.ID {
			var said []level.Said
			for _, g := range given {
				said = append(said, level.Said(g))
			}
			return level.Count(said, closes, voters)
		},
	}
}

func (w *world) join(m access.Member, d *db.DB) {
	n := &node{w: w, m: m, db: d}
	env := &desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: n}
	env.Members = func() []access.Member {
		return slices.DeleteFunc(slices.Clone(w.order), func(x access.Member) bool { return x == m })
	}
	env.Exercise = func() string { return w.drill }
	n.desk = New(env, health.New(env), adopted())
	w.nodes[m] = n
}

// each plays a story on either engine; the first member's data is on it.
func each(t *testing.T, members []access.Member, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, members, d)) }, schemas...)
}

func newWorld(t *testing.T, members []access.Member, d *db.DB) *world {
	w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}, order: members}
	w.ids = &id.Maker{Clock: w.clock}
	for i, m := range members {
		if i > 0 || d == nil {
			d = dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
		}
		w.join(m, d)
	}
	return w
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return n.desk.Handlers()[r.Kind](n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

// collect takes what left.
func (w *world) collect() []exchange.Release {
	var out []exchange.Release
	for _, m := range w.order {
		n := w.nodes[m]
		out, n.out = append(out, n.out...), nil
	}
	return out
}

// deliver carries all that waits, and what follows from it.
func (w *world) deliver() {
	w.Helper()
	for list := w.collect(); len(list) > 0; list = w.collect() {
		for _, r := range list {
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

func ok[R any](r R, err error) func(w *world) R {
	return func(w *world) R { w.Helper(); w.must(err); return r }
}

func post(name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty     = post("duty", access.DutyOfficer)
	approver = post("approver", access.Approver)
	regional = post("regional", access.SecretariatDsk)
	second2  = post("second", access.SecretariatDsk)
	auditor  = post("auditor", access.Auditor)
)

func ptr(n int64) *int64 { return &n }

var salts = ItemContent{Code: "ORS-1L", Name: "Oral rehydration salts (sample)", Unit: "sachet for 1 litre", Pack: "carton of 100", ATC: "A07CA", UNSPSC: "51191602", Shelf: 36, Keeps: "ambient"}

// published is an item of the regional desk that everybody has.
func (w *world) published(by access.Member) Item {
	w.Helper()
	d := w.nodes[by].desk
	i := ok(d.DraftItem(w.Context(), regional, Shared{Lang: "en"}, salts))(w)
	i = ok(d.StepItem(w.Context(), second2, i.ID, i.Version, "publish", "", nil))(w)
	w.deliver()
	return i
}

// stocked puts a lot of an item into a member's warehouse.
func (n *node) stocked(item id.ID, number, expires string, qty int64) Lot {
	n.w.Helper()
	return ok(n.desk.Register(n.w.Context(), duty, LotInput{Item: item, Number: number, Maker: "Sample maker", Expires: expires, Holder: "ASEC"},
		PostInput{Kind: "opening", Warehouse: "CENTRAL", Qty: qty}))(n.w)
}

func (n *node) opened() {
	n.w.Helper()
	ok(n.desk.StepStatement(n.w.Context(), approver, "open", ""))(n.w)
}

func (w *world) renewed() {
	w.Helper()
	w.deliver()
	for _, m := range w.order {
		w.must(w.nodes[m].desk.Sweep(w.Context()))
	}
	w.deliver()
}

func (n *node) asks(item id.ID, qty int64, need, own, persons, risk, capacity *int64) Draw {
	n.w.Helper()
	d := ok(n.desk.DraftDraw(n.w.Context(), duty, Shared{Lang: "en"}, DrawContent{Title: "Salts for " + string(n.m) + " (sample)", Item: item, Qty: qty, NeededBy: "2026-12-01", Reasons: "Wards are full (sample).",
		Need: need, Have: own, Persons: persons, Risk: risk, Capacity: capacity, Source: "Ministry line list (sample)", AsOf: "2026-11-19"}))(n.w)
	return ok(n.desk.StepDraw(n.w.Context(), approver, d.ID, d.Version, "ask", "", nil))(n.w)
}

func (n *node) votes(on id.ID, stance string) {
	n.w.Helper()
	v := ok(n.desk.DraftVote(n.w.Context(), duty, on, VoteInput{Stance: stance, Reasons: "Because (sample)."}))(n.w)
	ok(n.desk.StepVote(n.w.Context(), approver, v.ID, v.Version, "give", nil))(n.w)
}

// divided proposes a division of all that is offered of an item.
func (n *node) divided(item id.ID, draws ...id.ID) Allocation {
	n.w.Helper()
	ctx := n.w.Context()
	have := ok(n.desk.Sources(ctx, regional, item))(n.w)
	in := AllocationInput{Title: "Salts, first division (sample)", Item: item, Draws: draws, Rule: "need", Version: "1", Rationale: "By the published formula (sample).", Replace: 90, Adopt: "consensus", Window: 24}
	for _, s := range have {
		in.Sources = append(in.Sources, s.Source)
	}
	a := ok(n.desk.DraftAllocation(ctx, regional, in))(n.w)
	a = ok(n.desk.StepAllocation(ctx, second2, a.ID, a.Version, "propose", ""))(n.w)
	n.w.deliver()
	return a
}

func (w *world) closed(by access.Member, a Allocation) Allocation {
	w.Helper()
	w.clock.Advance(25 * time.Hour)
	a = ok(w.nodes[by].desk.StepAllocation(w.Context(), regional, a.ID, 0, "close", ""))(w)
	w.deliver()
	return a
}

// proves checks the proof at every node: it balances, nothing is unexplained.
func (w *world) proves(way int) {
	w.Helper()
	for _, m := range w.order {
		p := ok(w.nodes[m].desk.Prove(w.Context(), duty, ""))(w)
		n := 0
		for _, i := range p.Items {
			for _, x := range i.Pairs {
				n += len(x.OnWay)
				if x.Both && x.Open != 0 {
					w.Fatalf("%s: %s %s and %s %s: %d and %d, explained %d", m, x.A, x.Account, x.B, x.Mirror, x.Have, x.Other, x.Explained)
				}
			}
			if !i.Balanced {
				w.Fatalf("%s: %s does not balance: %v", m, i.Name, i.Sums)
			}
		}
		if way >= 0 && n != way {
			w.Fatalf("%s: %d on the way, want %d", m, n, way)
		}
		a := ok(w.nodes[m].desk.Check(w.Context(), duty))(w)
		if !a.Sound() {
			w.Fatalf("%s: %+v", m, a.Faults)
		}
	}
}
