package risk_test

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
	"lintas/internal/desk/health/risk"
	"lintas/internal/exchange"
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
	risk     *risk.Desk
	releases []exchange.Release
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
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
		n := &node{member: m}
		n.db = dbtest.Open(t, dbtest.Options(t, o.Engine), history.Schema, health.Schema, files.Schema, risk.Schema)
		env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: n}
		n.health = health.New(env)
		n.risk = risk.New(env, n.health)
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
	duty     = person("duty", access.DutyOfficer)
	epi      = person("epi", access.Epidemiologist)
	approver = person("approver", access.Approver)
	auditor  = person("auditor", access.Auditor)
	admin    = person("admin", access.Administrator)
)

// hand gives one release to one member and returns what its desk says.
func (w *world) hand(to access.Member, r exchange.Release) error {
	n := w.desks[to]
	return n.db.Write(w.t.Context(), func(tx *db.Tx) error {
		return n.risk.Handlers()[r.Kind](w.t.Context(), tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
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

func (w *world) input(scope string, to ...access.Member) risk.AssessmentInput {
	part := func(s string) risk.Part {
		return risk.Part{Text: s, AsOf: "2026-01-31", Source: "National EOC (sample)"}
	}
	return risk.AssessmentInput{Scope: scope, Title: "Spread to the neighbours (sample)", Lang: "en",
		Questions:  []string{"How likely is spread to a neighbouring state within four weeks?"},
		HazardPart: part("O1, severe dehydration in one case of five."), ExposurePart: part("One canal serves both sides."), ContextPart: part("Beds are short."),
		Populations: []risk.Population{{Group: "general", Likelihood: "likely", Consequence: "moderate"},
			{Group: "displaced", Likelihood: "highly_likely", Consequence: "major", Note: "No safe water."}},
		Confidence: "moderate", Actions: []string{"Screen at the crossings."}, Contributors: []string{"Epidemiologist, national EOC"},
		ValidUntil: w.clock.Now().Add(7 * 24 * time.Hour), Marking: access.TLPAmber, To: to, AnswerWithin: 48 * time.Hour}
}

// published plays an assessment up to its publication.
func (w *world) published(m access.Member, event, supersedes id.ID, in risk.AssessmentInput) risk.Assessment {
	w.t.Helper()
	ctx, d := w.t.Context(), w.desks[m].risk
	a, err := d.Draft(ctx, epi, event, supersedes, in)
	for _, s := range []struct {
		who  access.Actor
		verb string
	}{{epi, "ask_review"}, {duty, "review"}, {approver, "approve"}, {duty, "publish"}} {
		if err == nil {
			a, err = d.Step(ctx, s.who, a.ID, a.Version, workflowVerb(s.verb), "")
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func agree() risk.PositionInput {
	return risk.PositionInput{Stance: risk.Agree, Importation: "unlikely", Consequence: "moderate", Lang: "en", Capacity: "sufficient",
		Receptivity: map[string]string{"vector": "not_applicable", "immunity": "partly", "season": "favours"}}
}

func dissent(held risk.Level, why string) risk.PositionInput {
	in := agree()
	in.Stance, in.Held, in.Reasons, in.Importation = risk.Dissent, held, why, "highly_likely"
	return in
}

// answered plays a position up to its release.
func (w *world) answered(m access.Member, aid id.ID, in risk.PositionInput) risk.Position {
	w.t.Helper()
	ctx, d := w.t.Context(), w.desks[m].risk
	p, err := d.Answer(ctx, epi, aid, in)
	if err == nil {
		p, err = d.StepPosition(ctx, epi, p.ID, p.Version, "submit", "")
	}
	if err == nil {
		p, err = d.StepPosition(ctx, approver, p.ID, p.Version, "release", "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) spread(m access.Member, aid id.ID) map[access.Member]risk.Cell {
	w.t.Helper()
	p, err := w.desks[m].risk.AssessmentPage(w.t.Context(), duty, aid)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[access.Member]risk.Cell{}
	var order []access.Member
	for _, c := range p.Spread {
		out[c.Member] = c
		order = append(order, c.Member)
	}
	if !slices.Equal(order, access.States) {
		w.t.Fatalf("%s: the spread is %v, want every state in the fixed order", m, order)
	}
	return out
}
