package request

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// ring holds the signing keys of all members of a test.
type ring map[access.Member]ed25519.PrivateKey

func newRing(ms ...access.Member) ring {
	out := ring{}
	for i, m := range ms {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		out[m] = ed25519.NewKeyFromSeed(seed)
	}
	return out
}

// keysOf is the ring as one member has it.
type keysOf struct {
	ring
	me access.Member
}

func (k keysOf) Sign(msg []byte) (string, []byte) {
	key := k.ring[k.me]
	return envelope.KeyID(key.Public().(ed25519.PublicKey)), ed25519.Sign(key, msg)
}

func (k keysOf) Public(m access.Member, key string, _ time.Time) (ed25519.PublicKey, error) {
	if p, ok := k.ring[m]; ok && envelope.KeyID(p.Public().(ed25519.PublicKey)) == key {
		return p.Public().(ed25519.PublicKey), nil
	}
	return nil, errors.New("unknown key")
}

// wire joins desks: it keeps what each queued until deliver carries it.
type wire struct {
	*testing.T
	clock *clock.Manual
	ids   *id.Maker
	desks map[access.Member]*side
	all   []exchange.Release // everything that ever left
}

type side struct {
	*Desk
	w        *wire
	member   access.Member
	db       *db.DB
	releases []exchange.Release
	receipts []exchange.Receipt
}

func (s *side) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	if len(r.To) == 0 || slices.Contains(r.To, s.member) {
		s.w.Errorf("%s sends to %v", s.member, r.To)
	}
	s.releases = append(s.releases, r)
	s.w.all = append(s.w.all, r)
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
	ihr      = post("ihr", access.IHRFocalPoint)
	approver = post("approver", access.Approver)
	both     = post("both", access.DutyOfficer, access.Approver)
	auditor  = post("auditor", access.Auditor)
	admin    = post("admin", access.Administrator)
	regional = post("regional", access.SecretariatDsk)
)

var members = []access.Member{"KH", "TH", "SG", "ASEC"}

// each runs a story with KH on either engine.
func each(t *testing.T, f func(w *wire)) {
	dbtest.Each(t, func(t *testing.T, first *db.DB) { f(join(t, first)) }, history.Schema, Schema)
}

// join makes desks for all members; the first has the database given.
func join(t *testing.T, first *db.DB) *wire {
	w := &wire{T: t, clock: clock.NewManual(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)), desks: map[access.Member]*side{}}
	w.ids = &id.Maker{Clock: w.clock}
	keys := newRing(members...)
	for i, m := range members {
		d := first
		if i > 0 || d == nil {
			d = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, Schema)
		}
		s := &side{w: w, member: m, db: d}
		s.Desk = New(&desk.Env{Member: m, DB: d, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: s}, nil, keysOf{keys, m})
		w.desks[m] = s
	}
	return w
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

// deliver carries all that waits, until nothing does.
func (w *wire) deliver() {
	w.Helper()
	for busy := true; busy; {
		busy = false
		for _, m := range members {
			s := w.desks[m]
			rs, receipts := s.releases, s.receipts
			s.releases, s.receipts = nil, nil
			busy = busy || len(rs)+len(receipts) > 0
			for _, r := range rs {
				for _, to := range r.To {
					w.must(w.apply(w.desks[to], r))
					w.receipt(s, r, exchange.Receipt{Release: r.ID, Member: to, Stage: exchange.Delivered, At: w.clock.Now(), Role: "node"})
				}
			}
			for _, rc := range receipts {
				i := slices.IndexFunc(w.all, func(r exchange.Release) bool { return r.ID == rc.Release })
				w.receipt(w.desks[w.all[i].From], w.all[i], rc)
			}
		}
	}
}

func (w *wire) apply(to *side, r exchange.Release) error {
	return to.db.Write(w.Context(), func(tx *db.Tx) error {
		return to.Handlers()[r.Kind](w.Context(), tx, exchange.Inbound{Release: r, Received: w.clock.Now()})
	})
}

func (w *wire) receipt(s *side, of exchange.Release, rc exchange.Receipt) {
	w.Helper()
	w.must(s.db.Write(w.Context(), func(tx *db.Tx) error { return s.ReceiveReceipt(w.Context(), tx, of, rc) }))
}

func (w *wire) page(m access.Member, rid id.ID) *Page {
	w.Helper()
	p, err := w.desks[m].Page(w.Context(), duty, rid)
	w.must(err)
	return &p
}

// step takes a step and must succeed.
func (w *wire) step(m access.Member, a access.Actor, rid id.ID, verb string, in StepInput) {
	w.Helper()
	if err := w.desks[m].Step(w.Context(), a, rid, 0, verb, in); err != nil {
		w.Fatalf("%s %s: %v", m, verb, err)
	}
}

// no takes a step that must be refused.
func (w *wire) no(kind fault.Kind, m access.Member, a access.Actor, rid id.ID, verb string, in StepInput) {
	w.Helper()
	if err := w.desks[m].Step(w.Context(), a, rid, 0, verb, in); !fault.Is(err, kind) {
		w.Fatalf("%s %s: want %s, got %v", m, verb, kind, err)
	}
}

func (w *wire) lines(m access.Member, rid id.ID) []Reach {
	w.Helper()
	x, err := w.desks[m].Matching(w.Context(), duty, rid)
	w.must(err)
	return x.Lines
}

var sample = RequestInput{To: []access.Member{"TH", "SG", "ASEC"}, Content: Content{Title: "Help with cholera in the east (sample)", Context: "Wards are full.",
	Authority: "Ministry of Health", Lang: "en", Hazard: "cholera", EventName: "Cholera (sample)", Hours: 24, Marking: access.TLPAmber, Valid: "2026-12-31",
	Lines: []Line{
		{Category: "supplies", Item: "Oral rehydration salts", Qty: 1000, Unit: "box", Priority: "life_saving", NeededBy: "2026-11-28", Entry: "PNH", Place: "KH-7", Support: []string{"transport"}},
		{Category: "team", Item: "Emergency medical team", Spec: "EMT type 1 mobile", Qty: 2, Unit: "team", Priority: "urgent", Days: 21, Formality: []string{"visa", "licence_recognition"}},
	}}}

// issued is a request that went all the way out.
func (w *wire) issued(in RequestInput) id.ID {
	w.Helper()
	r, err := w.desks["KH"].DraftRequest(w.Context(), duty, in)
	w.must(err)
	w.step("KH", duty, r.ID, "submit", StepInput{})
	w.step("KH", approver, r.ID, "clear", StepInput{})
	w.step("KH", duty, r.ID, "issue", StepInput{})
	return r.ID
}

func offerOf(rid id.ID, lines ...OfferLine) OfferInput {
	return OfferInput{Inform: []access.Member{"ASEC"}, OfferContent: OfferContent{Title: "Offer (sample)", Entity: "Medical stores", Authority: "Ministry of Health", Lang: "en",
		Request: rid, Marking: access.TLPAmber, Valid: "2026-12-10", Lines: lines}}
}

func salts(qty int64) OfferLine {
	return OfferLine{For: 1, Category: "supplies", Item: "Oral rehydration salts", Qty: qty, Unit: "box", Cost: "free", ETA: "2026-11-27"}
}

func medical(qty int64) OfferLine {
	return OfferLine{For: 2, Category: "team", Item: "EMT type 1 mobile", Qty: qty, Unit: "team", Cost: "free", People: 20}
}

// offered is an offer that went all the way out.
func (w *wire) offered(m access.Member, in OfferInput) id.ID {
	w.Helper()
	o, err := w.desks[m].DraftOffer(w.Context(), duty, in)
	w.must(err)
	w.step(m, duty, o.ID, "submit", StepInput{})
	w.step(m, approver, o.ID, "clear", StepInput{})
	w.step(m, duty, o.ID, "issue", StepInput{})
	return o.ID
}

// agreed is an arrangement that both sides signed, from now to the end of the
// year.
func (w *wire) agreed(sender access.Member, offer id.ID) id.ID {
	w.Helper()
	o := w.page(sender, offer).Offer
	a, err := w.desks[sender].DraftArrangement(w.Context(), duty, ArrangementInput{Peer: o.To, Sends: true, Title: "Arrangement (sample)", Request: o.Request, Offer: o.ID,
		Scope: []ScopeLine{{What: o.Lines[0].Item, Qty: o.Lines[0].Qty, Unit: o.Lines[0].Unit, Cost: "free"}}, From: "2026-11-23", Until: "2026-12-31", Lang: "en", Marking: access.TLPAmber,
		Clauses: []Clause{{Key: "liability", Text: "Each side bears its own."}, {Key: "control", Text: "The receiving state directs."}}})
	w.must(err)
	w.step(sender, duty, a.ID, "propose", StepInput{})
	w.deliver()
	digest := w.page(sender, a.ID).Arrangement.Waiting()[0]
	w.step(sender, approver, a.ID, "sign", StepInput{Digest: digest})
	w.deliver()
	w.step(o.To, approver, a.ID, "sign", StepInput{Digest: digest})
	w.deliver()
	return a.ID
}
