package trail

import (
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

type world struct {
	*testing.T
	clock *clock.Manual
	ids   *id.Maker
	nodes map[access.Member]*node
	sent  []exchange.Release
}

type node struct {
	w    *world
	m    access.Member
	db   *db.DB
	desk *Desk
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.w.sent = append(n.w.sent, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var schemas = []db.Schema{history.Schema, Schema}

// each plays a story between Cambodia, Thailand and the regional desk, on
// either engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t)
		w.join("KH", d)
		w.join("TH", dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
		w.join(access.ASEC, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
		f(w)
	}, schemas...)
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*node{}}
	w.ids = &id.Maker{Clock: w.clock}
	return w
}

func (w *world) join(m access.Member, d *db.DB) {
	n := &node{w: w, m: m, db: d}
	n.desk = New(&desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: n}, Door{"review.review", func(i id.ID) string { return "/health/reviews/" + string(i) }})
	w.nodes[m] = n
}

func (n *node) receive(r exchange.Release) error {
	return n.db.Write(n.w.Context(), func(tx *db.Tx) error {
		return n.desk.Handlers()[r.Kind](n.w.Context(), tx, exchange.Inbound{Release: r, Received: n.w.clock.Now()})
	})
}

// deliver gives what was sent to whom it is addressed, until nothing is left.
func (w *world) deliver() {
	w.Helper()
	for len(w.sent) > 0 {
		r := w.sent[0]
		w.sent = w.sent[1:]
		for _, to := range r.To {
			if n := w.nodes[to]; n != nil {
				w.must(n.receive(r))
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
	duty     = post("duty", access.DutyOfficer)
	epi      = post("epi", access.Epidemiologist)
	approver = post("approver", access.Approver)
	desker   = post("desk", access.SecretariatDsk)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
)

func (w *world) source() Source {
	return Source{Desk: "review", Kind: "review.review", ID: w.ids.New(), Owner: "KH", Title: "Review (sample)", Marking: access.TLPAmber}
}

func gap() FindingInput {
	return FindingInput{Input: Input{Title: "Samples waited for a courier (sample)", Lang: "en", Marking: access.TLPAmber}, FindingText: FindingText{Sort: Gap,
		Planned: "Samples reach the laboratory within a day.", Happened: "They took four days.", Method: Whys, Whys: []string{"No courier.", "No contract for weekends."},
		Cause: "The contract covers workdays only.", Theme: "D1", Clock: "notify", Affected: []string{"women", "children"}, Evidence: "Laboratory register."}}
}

// found is a settled finding of a member.
func (n *node) found(s Source, in FindingInput) Finding {
	n.w.Helper()
	f, err := n.desk.DraftFinding(n.w.Context(), duty, s, "", in)
	n.w.must(err)
	f, err = n.desk.StepFinding(n.w.Context(), duty, f.ID, f.Version, "settle", StepInput{})
	n.w.must(err)
	return f
}

func (n *node) draftFor(m access.Member, f Finding) Proposal {
	n.w.Helper()
	p, err := n.desk.DraftProposal(n.w.Context(), duty, ProposalInput{Input: Input{Title: "Weekend courier (sample)", Lang: "en", Marking: access.TLPAmber}, For: m,
		Inform: []access.Member{access.ASEC}, Findings: []id.ID{f.ID}, Terms: Terms{"A contract that covers weekends.", "2026-12-31"}, Measure: "Median time to the laboratory below a day."})
	n.w.must(err)
	return p
}

func (n *node) proposal(a access.Actor, p id.ID, verb workflow.Verb, in StepInput) error {
	_, err := n.desk.StepProposal(n.w.Context(), a, p, 0, verb, in)
	return err
}

func (n *node) pair(p id.ID) PairPage {
	n.w.Helper()
	x, err := n.desk.Action(n.w.Context(), auditor, p)
	n.w.must(err)
	return x
}

// action takes a step of the half that this node owns.
func (n *node) action(a access.Actor, p id.ID, verb workflow.Verb, in StepInput) error {
	x, err := n.desk.Action(n.w.Context(), a, p)
	if err != nil {
		return err
	}
	if x.Action == nil {
		return desk.NotFound()
	}
	_, err = n.desk.StepAction(n.w.Context(), a, x.Action.ID, 0, verb, in)
	return err
}

func (w *world) stages(p id.ID, want workflow.State) {
	w.Helper()
	for m, n := range w.nodes {
		if got := n.pair(p).Stage; got != want {
			w.Fatalf("%s shows %s, want %s", m, got, want)
		}
	}
}
