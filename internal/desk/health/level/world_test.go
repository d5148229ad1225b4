package level

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
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

type world struct {
	*testing.T
	clock  *clock.Manual
	nodes  map[access.Member]*node
	family Family
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

func (w *world) join(m access.Member, d *db.DB, ids *id.Maker) *node {
	n := &node{w: w, m: m, db: d}
	env := &desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: ids, Send: n}
	n.health = health.New(env)
	n.desk = New(env, n.health, Sources{Families: func(context.Context, access.Actor) ([]Family, error) { return []Family{w.family}, nil }})
	w.nodes[m] = n
	return n
}

// each plays a story proposed by Cambodia, on either engine.
func each(t *testing.T, members []access.Member, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}}
		ids := &id.Maker{Clock: w.clock}
		w.family = Family{ID: ids.New(), Name: "Cholera on the border (sample)", Hazard: "cholera", Marking: access.TLPAmber, Open: true}
		for _, m := range members {
			if m == "KH" {
				w.join(m, d, ids)
			} else {
				w.join(m, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), ids)
			}
		}
		f(w)
	}, schemas...)
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return n.desk.Handlers()[r.Kind](n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

// collect takes what left; deliver gives it to everybody it is addressed to.
func (w *world) collect() []exchange.Release {
	var out []exchange.Release
	for _, m := range access.All() {
		if n := w.nodes[m]; n != nil {
			out = append(out, n.out...)
			n.out = nil
		}
	}
	w.all = append(w.all, out...)
	return out
}

func (w *world) deliver() {
	w.Helper()
	for _, r := range w.collect() {
		for _, to := range r.To {
			if x := w.nodes[to]; x != nil {
				w.must(x.receive(r))
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

func post(name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty      = post("duty", access.DutyOfficer)
	approver  = post("approver", access.Approver)
	both      = post("both", access.DutyOfficer, access.Approver)
	auditor   = post("auditor", access.Auditor)
	authority = post("authority", access.IHRAuthority)
)

func (w *world) input(level int, rule string) ProposalInput {
	s, _ := Current().At(level)
	return ProposalInput{Title: fmt.Sprintf("Level %d for the border (sample)", level), Lang: "en", Level: level, Criteria: s.Criteria[:1], Reasons: "Two states report cases.",
		Rule: rule, Window: 24, Review: w.clock.Now().AddDate(0, 0, 10), Marking: access.TLPAmber}
}

func (n *node) proposed(in ProposalInput) Proposal {
	n.w.Helper()
	ctx := n.w.Context()
	p, err := n.desk.Draft(ctx, duty, n.w.family.ID, in)
	n.w.must(err)
	p, err = n.desk.Step(ctx, duty, p.ID, p.Version, "submit", "")
	n.w.must(err)
	p, err = n.desk.Step(ctx, approver, p.ID, p.Version, "propose", "")
	n.w.must(err)
	n.w.deliver()
	return p
}

func (n *node) says(pid id.ID, stance string) {
	n.w.Helper()
	ctx := n.w.Context()
	x, err := n.desk.Answer(ctx, duty, pid, PositionInput{Stance: stance, Reasons: "Because (sample).", Lang: "en"})
	n.w.must(err)
	x, err = n.desk.StepPosition(ctx, duty, x.ID, x.Version, "submit", "")
	n.w.must(err)
	_, err = n.desk.StepPosition(ctx, approver, x.ID, x.Version, "release", "")
	n.w.must(err)
}

func (n *node) outcome(pid id.ID) Result {
	n.w.Helper()
	p, err := n.desk.Page(n.w.Context(), duty, pid)
	n.w.must(err)
	return p.Result
}

// The life of a decision: raised with one dissent, in force, expired unless
// renewed.
func TestLevelStory(t *testing.T) {
	members := []access.Member{"KH", "ID", "LA", "PH", "SG", "TH", "VN", "ASEC"}
	each(t, members, func(w *world) {
		ctx, kh, sg := w.Context(), w.nodes["KH"], w.nodes["SG"]
		in := w.input(3, "silence")
		_, err := kh.desk.Draft(ctx, auditor, w.family.ID, in)
		w.refused(fault.Forbidden, err)
		p, err := kh.desk.Draft(ctx, both, w.family.ID, in)
		w.must(err)
		_, err = kh.desk.Step(ctx, both, p.ID, p.Version, "submit", "")
		w.refused(fault.Invalid, err) // the ladder wants positions for level 3, not silence
		in.Rule, in.Review = "all_but_one", w.clock.Now().AddDate(0, 0, 40)
		p, err = kh.desk.Edit(ctx, both, p.ID, p.Version, in)
		w.must(err)
		_, err = kh.desk.Step(ctx, both, p.ID, p.Version, "submit", "")
		w.refused(fault.Invalid, err) // a review date later than the ladder allows
		in.Review = w.clock.Now().AddDate(0, 0, 10)
		p, err = kh.desk.Edit(ctx, both, p.ID, p.Version, in)
		w.must(err)
		p, err = kh.desk.Step(ctx, both, p.ID, p.Version, "submit", "")
		w.must(err)
		_, err = kh.desk.Step(ctx, both, p.ID, p.Version, "propose", "")
		w.refused(fault.Invalid, err)
		p, err = kh.desk.Step(ctx, approver, p.ID, p.Version, "propose", "")
		w.must(err)
		w.deliver()
		if todos, err := sg.desk.Todos(ctx, duty); err != nil || len(todos) != 1 || todos[0].Key != "todo.level.position" {
			t.Fatalf("todos of SG %+v %v", todos, err)
		}
		_, err = w.nodes["ASEC"].desk.Answer(ctx, duty, p.ID, PositionInput{Stance: Agree, Lang: "en"})
		w.refused(fault.Invalid, err) // the Secretariat has no position
		x, err := sg.desk.Answer(ctx, duty, p.ID, PositionInput{Stance: Disagree, Lang: "en"})
		w.must(err)
		_, err = sg.desk.StepPosition(ctx, duty, x.ID, x.Version, "submit", "")
		w.refused(fault.Invalid, err) // a dissent has reasons
		_, err = sg.desk.StepPosition(ctx, duty, x.ID, x.Version, "discard", "")
		w.must(err)
		sg.says(p.ID, Disagree)
		for _, m := range []access.Member{"ID", "LA", "PH", "TH"} {
			w.nodes[m].says(p.ID, Agree)
		}
		w.nodes["VN"].says(p.ID, Reserve)
		w.deliver()
		_, err = kh.desk.Step(ctx, duty, p.ID, 0, "close", "")
		w.refused(fault.Invalid, err) // four states have until the end of the window
		w.clock.Advance(25 * time.Hour)
		if o := kh.outcome(p.ID).Outcome; o != Awaiting {
			t.Fatalf("after the window, before the close: %s", o)
		}
		_, err = kh.desk.Step(ctx, duty, p.ID, 0, "close", "")
		w.must(err)
		w.deliver()
		decided(w, p)
	})
}

func decided(w *world, p Proposal) {
	ctx, t := w.Context(), w.T
	for m, n := range w.nodes {
		r := n.outcome(p.ID)
		if r.Outcome != Adopted {
			t.Fatalf("%s says %s", m, r.Outcome)
		}
		stance := map[access.Member]string{}
		for _, s := range r.Stands {
			stance[s.Member] = s.Stance
		}
		if len(r.Stands) != 11 || stance["SG"] != Disagree || stance["VN"] != Reserve || stance["KH"] != Implied || stance["MY"] != NoAnswer {
			t.Fatalf("%s shows %v", m, stance)
		}
		if s, err := n.desk.Current(ctx, duty, w.family.ID); err != nil || s.Level != 3 {
			t.Fatalf("%s is at level %d %v", m, s.Level, err)
		}
	}
	kh := w.nodes["KH"]
	w.clock.Advance(p.Review.Sub(w.clock.Now()) - time.Minute)
	if s, _ := kh.desk.Current(ctx, duty, w.family.ID); s.Level != 3 {
		t.Fatal("over before its review date")
	}
	if todos, err := kh.desk.Todos(ctx, duty); err != nil || len(todos) != 1 || todos[0].Key != "todo.level.renew" {
		t.Fatalf("todos of KH %+v %v", todos, err)
	}
	w.clock.Advance(time.Minute)
	for m, n := range w.nodes { // nobody swept anything
		if s, _ := n.desk.Current(ctx, duty, w.family.ID); s.Level != 0 {
			t.Fatalf("%s outlives the review date", m)
		}
	}
	w.must(kh.desk.Sweep(ctx))
	if pg, err := kh.desk.Page(ctx, duty, p.ID); err != nil || pg.View.State != Expired {
		t.Fatalf("%s %v", pg.View.State, err)
	}
}

// A family of four states: only they are asked, their share decides, and a
// state with an event cannot be left out.
func TestFewStates(t *testing.T) {
	members := []access.Member{"KH", "LA", "TH", "VN", "SG", "ASEC"}
	each(t, members, func(w *world) {
		ctx, kh := w.Context(), w.nodes["KH"]
		w.family.Owners = []access.Member{"KH", "TH"}
		in := w.input(2, "consensus")
		in.Concerned = []access.Member{"KH", "LA", "VN"}
		p, err := kh.desk.Draft(ctx, duty, w.family.ID, in)
		w.must(err)
		_, err = kh.desk.Step(ctx, duty, p.ID, p.Version, "submit", "")
		w.refused(fault.Invalid, err) // Thailand has an event in it
		_, err = kh.desk.Step(ctx, duty, p.ID, p.Version, "discard", "")
		w.must(err)
		in.Concerned = []access.Member{"VN", "TH", "LA", "KH"}
		p = kh.proposed(in)
		if _, err := w.nodes["SG"].desk.Page(ctx, duty, p.ID); !fault.Is(err, fault.NotFound) {
			t.Fatalf("Singapore was not asked and has it: %v", err)
		}
		if _, err := w.nodes["ASEC"].desk.Page(ctx, duty, p.ID); err != nil {
			t.Fatal(err)
		}
		w.nodes["LA"].says(p.ID, Agree)
		w.deliver()
		w.nodes["VN"].says(p.ID, Reserve)
		w.deliver()
		w.clock.Advance(25 * time.Hour)
		_, err = kh.desk.Step(ctx, duty, p.ID, 0, "close", "")
		w.must(err)
		w.deliver()
		for _, m := range []access.Member{"KH", "LA", "TH", "VN", "ASEC"} {
			if r := w.nodes[m].outcome(p.ID); r.Outcome != Adopted || len(r.Stands) != 4 {
				t.Errorf("%s says %s with %d stands", m, r.Outcome, len(r.Stands))
			}
		}
		if list, err := kh.desk.InForceNow(ctx, duty); err != nil || len(list) != 1 || list[0].Level != 2 || list[0].Every != 84*time.Hour {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// All nodes that hold the same releases say the same, whatever was lost on the
// way, came twice or in another order; who lacks one says so.
func TestOutcomeEquality(t *testing.T) {
	members := []access.Member{"KH", "ID", "LA", "PH", "SG", "TH", "VN"}
	each(t, members, func(w *world) {
		kh := w.nodes["KH"]
		p := kh.proposed(w.input(2, "consensus"))
		for _, m := range members[1:] {
			w.nodes[m].says(p.ID, Agree)
		}
		w.clock.Advance(time.Hour)
		w.nodes["TH"].says(p.ID, Abstain) // it thinks again
		w.deliver()
		w.clock.Advance(24 * time.Hour)
		_, err := kh.desk.Step(w.Context(), duty, p.ID, 0, "close", "")
		w.must(err)
		w.collect()
		rng := rand.New(rand.NewPCG(9, 9))
		ids := &id.Maker{Clock: w.clock}
		var last []Stand
		for round := range 6 {
			n := w.join("MY", dbtest.Open(w.T, dbtest.Options(w.T, db.SQLite), schemas...), ids)
			order := rng.Perm(len(w.all))
			lost := order[0]
			for _, i := range order[1:] {
				for range 1 + rng.IntN(2) {
					w.must(n.receive(w.all[i]))
				}
			}
			if w.all[lost].Kind == KindPosition {
				r, listed := n.outcome(p.ID), slices.Contains(mustPage(n, p.ID).View.Counted, w.all[lost].ID)
				if listed && (r.Outcome != Awaiting || r.Missing != 1) {
					t.Fatalf("round %d: lacks a listed position and says %s", round, r.Outcome)
				}
			}
			w.must(n.receive(w.all[lost]))
			r := n.outcome(p.ID)
			if r.Outcome != Adopted || last != nil && !slices.Equal(r.Stands, last) {
				t.Fatalf("round %d: %s %v", round, r.Outcome, r.Stands)
			}
			last = r.Stands
		}
		if own := kh.outcome(p.ID); own.Outcome != Adopted || !slices.Equal(own.Stands, last) {
			t.Fatalf("the proposer says %s %v", own.Outcome, own.Stands)
		}
		leftOutOf(w, kh, p)
	})
}

func mustPage(n *node, pid id.ID) Page {
	n.w.Helper()
	p, err := n.desk.Page(n.w.Context(), duty, pid)
	n.w.must(err)
	return p
}
