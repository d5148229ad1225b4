package sop

import (
	"context"
	"slices"
	"strings"
	"testing"

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
	clock *clock.Manual
	nodes map[access.Member]*node
}

type node struct {
	w      *world
	m      access.Member
	db     *db.DB
	health *health.Desk
	desk   *Desk
	out    []exchange.Release
	levels []Decision
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

// each plays a story of Cambodia, Thailand and the Secretariat on either engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, clock: clock.NewManual(at0), nodes: map[access.Member]*node{}}
		ids := &id.Maker{Clock: w.clock}
		for _, m := range []access.Member{"KH", "TH", access.ASEC} {
			n := &node{w: w, m: m, db: d}
			if m != "KH" {
				n.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...)
			}
			env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: ids, Send: n}
			n.health = health.New(env)
			n.desk = New(env, n.health, Sources{Standing: func(context.Context, access.Actor) ([]Decision, error) {
				return slices.DeleteFunc(slices.Clone(n.levels), func(d Decision) bool { return !w.clock.Now().Before(d.Until) }), nil
			}, People: func(context.Context) ([]Person, error) {
				var out []Person
				for _, a := range []access.Actor{duty, second, epi, approver, both, auditor} {
					out = append(out, Person{Actor: a})
				}
				return out, nil
			}})
			w.nodes[m] = n
		}
		f(w)
	}, schemas...)
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return n.desk.Handlers()[r.Kind](n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

// deliver gives what left to everybody it is addressed to, twice.
func (w *world) deliver() {
	w.Helper()
	for _, n := range w.nodes {
		for _, r := range n.out {
			for _, to := range r.To {
				w.must(w.nodes[to].receive(r))
				w.must(w.nodes[to].receive(r))
			}
		}
		n.out = nil
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(kind fault.Kind, err error, why ...string) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
	for _, s := range why {
		if !strings.Contains(err.Error(), s) {
			w.Fatalf("want %s, got %v", s, err)
		}
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
	duty     = post("duty", access.DutyOfficer)
	second   = post("second", access.DutyOfficer)
	epi      = post("epi", access.Epidemiologist)
	approver = post("approver", access.Approver)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
)

const short = `playbook border
title Cholera on the border (sample)
lang en
sample
summary What to do first.
hazard cholera
trigger level >= 2
trigger activation >= 1
step A1 Open the log
  function management
  role duty_officer
  within 1h of start
step A2 Count the cases
  function planning
  role epidemiologist
  within 4h of A1
  after A1
  evidence Number of cases
step A3 Treat water
  function operations
  role duty_officer
  within 24h of start
  optional
step A4 Open a field laboratory
  function logistics
  role duty_officer
  level 3
`

// published takes a text through review.
func (n *node) published(text string, from id.ID) Playbook {
	n.w.Helper()
	ctx := n.w.Context()
	p, err := n.desk.DraftPlaybook(ctx, duty, PlaybookInput{Text: text, Marking: access.TLPGreen, From: from})
	n.w.must(err)
	p, err = n.desk.StepPlaybook(ctx, duty, p.ID, p.Version, "submit", "")
	n.w.must(err)
	p, err = n.desk.StepPlaybook(ctx, approver, p.ID, p.Version, "publish", "")
	n.w.must(err)
	return p
}

func (n *node) event() health.Event {
	n.w.Helper()
	e, err := n.health.RecordEvent(n.w.Context(), duty, health.EventInput{Name: "Cholera, Koh Kong (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber,
		Places: []string{string(n.m)}}, nil)
	n.w.must(err)
	return e
}

func (n *node) runs() []RunView {
	n.w.Helper()
	list, _, err := n.desk.ListRuns(n.w.Context(), duty, Filter{})
	n.w.must(err)
	return list
}

// task is one step of a run as it is now.
func (n *node) task(run id.ID, code string) TaskPage {
	n.w.Helper()
	r, err := n.desk.RunPage(n.w.Context(), duty, run)
	n.w.must(err)
	i := slices.IndexFunc(r.Tasks, func(t TaskPage) bool { return t.Code == code })
	if i < 0 {
		n.w.Fatalf("no step %s among %d", code, len(r.Tasks))
	}
	return r.Tasks[i]
}

func (n *node) try(by access.Actor, run id.ID, code string, verb string, in TaskInput) error {
	n.w.Helper()
	t := n.task(run, code)
	_, err := n.desk.StepTask(n.w.Context(), by, t.ID, t.Version, verbOf(verb), in)
	return err
}

func (n *node) do(by access.Actor, run id.ID, code string, verb string, in TaskInput) {
	n.w.Helper()
	if err := n.try(by, run, code, verb, in); err != nil {
		n.w.Fatalf("%s %s: %v", verb, code, err)
	}
}

func (n *node) level(at int, family id.ID, number string, days int) Decision {
	return Decision{Kind: ByLevel, ID: id.ID(number), Level: at, Since: n.w.clock.Now(), Until: n.w.clock.Now().AddDate(0, 0, days), Family: family, Title: "Cholera, family (sample)", Hazard: "cholera",
		Marking: access.TLPAmber, Place: string(n.m)}
}

func (n *node) sweep() {
	n.w.Helper()
	n.w.must(n.desk.Sweep(n.w.Context()))
}
