package verification

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
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// wire joins two desks: it keeps what each queued until deliver carries it.
type wire struct {
	*testing.T
	clock *clock.Manual
	desks map[access.Member]*side
}

type side struct {
	*Desk
	member   access.Member
	db       *db.DB
	releases []exchange.Release
	receipts []exchange.Receipt
	sent     map[id.ID]exchange.Release
}

func (s *side) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	s.sent[r.ID] = r
	return nil
}

func (s *side) SendReceipt(_ context.Context, _ *db.Tx, r exchange.Receipt) error {
	s.receipts = append(s.receipts, r)
	return nil
}

func (s *side) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

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
	ihr      = post("ihr", access.IHRFocalPoint)
	approver = post("approver", access.Approver)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
)

func each(t *testing.T, f func(w *wire)) {
	dbtest.Each(t, func(t *testing.T, first *db.DB) {
		w := &wire{T: t, clock: clock.NewManual(time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC)), desks: map[access.Member]*side{}}
		ids := &id.Maker{Clock: w.clock}
		for i, m := range []access.Member{"KH", "TH"} {
			d := first
			if i > 0 {
				d = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, Schema)
			}
			s := &side{member: m, db: d, sent: map[id.ID]exchange.Release{}}
			s.Desk = New(&desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: ids, Send: s}, nil)
			w.desks[m] = s
		}
		f(w)
	}, history.Schema, Schema)
}

func (w *wire) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *wire) refused(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
}

// deliver carries what waits from one side to the other, with the receipts.
func (w *wire) deliver(from access.Member) {
	w.Helper()
	s := w.desks[from]
	rs := s.releases
	s.releases = nil
	for _, r := range rs {
		to := w.desks[r.To[0]]
		w.must(w.apply(to, exchange.Inbound{Release: r, Received: w.clock.Now()}))
		w.receipt(s, r, exchange.Receipt{Release: r.ID, Member: to.member, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
	}
	receipts := s.receipts
	s.receipts = nil
	for _, rc := range receipts {
		for _, o := range w.desks {
			if of, ok := o.sent[rc.Release]; ok {
				w.receipt(o, of, rc)
			}
		}
	}
}

func (w *wire) apply(to *side, in exchange.Inbound) error {
	return to.db.Write(w.Context(), func(tx *db.Tx) error { return to.Handlers()[in.Kind](w.Context(), tx, in) })
}

func (w *wire) receipt(s *side, of exchange.Release, rc exchange.Receipt) {
	w.Helper()
	w.must(s.db.Write(w.Context(), func(tx *db.Tx) error { return s.ReceiveReceipt(w.Context(), tx, of, rc) }))
}

func (w *wire) page(m access.Member, rid id.ID) Page {
	w.Helper()
	p, err := w.desks[m].Page(w.Context(), duty, rid)
	w.must(err)
	return p
}

var sample = Input{To: []access.Member{"TH"}, Title: "Cluster of watery diarrhoea (sample)", Context: "Reported by border traders.", Lang: "en", Hazard: "cholera",
	Where: "TH-27", Questions: []string{"Is there a cluster?", "Has Vibrio cholerae been isolated?"}, Marking: access.TLPAmber,
	FirstWithin: FirstDefault, AnswerWithin: AnswerDefault, Event: "0197f6a0-0000-7000-8000-000000000001"}

var sampleAnswer = AnswerInput{Answer: Answer{Outcome: Partly, Summary: "A cluster of 12; no isolate yet.", Marking: access.TLPAmber,
	Replies:  []Reply{{N: 1, Text: "Yes, 12 people."}, {N: 2, Unknown: true}},
	Evidence: []Evidence{{Kind: "epidemiological", Text: "Line list of the district.", Source: "District health office", AsOf: "2020-01-13"}}}}

func (w *wire) sent() Request {
	w.Helper()
	rs, err := w.desks["KH"].Compose(w.Context(), duty, sample)
	w.must(err)
	r, err := w.desks["KH"].Send(w.Context(), duty, rs[0].ID, rs[0].Version)
	w.must(err)
	return r
}
