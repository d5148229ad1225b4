package reserve

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// errCrash ends a transaction of a test between two of its steps.
var errCrash = errors.New("the process ended")

// frail is a node whose process may end while a release is queued: after the
// posting, before the commit.
type frail struct{ *node }

func (f frail) Queue(ctx context.Context, tx *db.Tx, r exchange.Release) error {
	if err := f.w.point("queue"); err != nil {
		return err
	}
	return f.node.Queue(ctx, tx, r)
}

func (w *world) point(name string) error {
	if w.crash == nil {
		return nil
	}
	return w.crash(name)
}

// parcel is a release on its way to one member.
type parcel struct {
	r  exchange.Release
	to access.Member
}

// storm plays members that act while the network loses, repeats and mixes up
// what they release, and while their processes end at any moment.
type storm struct {
	*world
	r       *rand.Rand
	item    id.ID
	net     []parcel
	done    map[string]int // what was done, by deed
	crashed map[string]int // where a process ended
	refused int
}

func newStorm(w *world, seed uint64) *storm {
	s := &storm{world: w, r: rand.New(rand.NewPCG(seed, 9)), done: map[string]int{}, crashed: map[string]int{}}
	for _, m := range w.order {
		n := w.nodes[m]
		env := &desk.Env{Member: m, DB: n.db, Clock: w.clock, Wall: w.clock, IDs: w.ids, Send: frail{n}}
		env.Members = func() []access.Member {
			return slices.DeleteFunc(slices.Clone(w.order), func(x access.Member) bool { return x == m })
		}
		n.desk = New(env, health.New(env), adopted())
	}
	return s
}

// prepare brings the region to an adopted division of which all is to be sent.
func (s *storm) prepare() {
	s.Helper()
	ctx := s.Context()
	s.item = s.published("ASEC").ID
	s.nodes["TH"].stocked(s.item, "A-1", "2027-03-31", 300)
	s.nodes["TH"].stocked(s.item, "A-2", "2028-03-31", 200)
	s.nodes["SG"].stocked(s.item, "B-1", "", 400)
	for _, m := range []access.Member{"KH", "TH", "SG"} {
		s.nodes[m].opened()
	}
	ok(s.nodes["ASEC"].desk.StepStatement(ctx, regional, "open", ""))(s.world)
	d := s.nodes["KH"].asks(s.item, 600, ptr(900), ptr(100), ptr(120_000), ptr(3), ptr(40))
	s.renewed()
	a := s.nodes["ASEC"].divided(s.item, d.ID)
	for _, m := range []access.Member{"KH", "TH", "SG"} {
		s.nodes[m].votes(a.ID, Agree)
	}
	s.deliver()
	s.closed("ASEC", a)
	s.crash = func(point string) error {
		if s.r.IntN(9) > 0 {
			return nil
		}
		s.crashed[point]++
		return errCrash
	}
}

// did takes the result of a deed: it was done, refused, or the process ended.
func (s *storm) did(what string, err error) bool {
	s.Helper()
	switch {
	case err == nil:
		s.done[what]++
		return true
	case errors.Is(err, errCrash):
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid):
		s.refused++
	default:
		s.Fatalf("%s: %v", what, err)
	}
	return false
}

func pick[T any](r *rand.Rand, list []T) (T, bool) {
	if len(list) == 0 {
		var none T
		return none, false
	}
	return list[r.IntN(len(list))], true
}

// act lets a member do one thing.
func (s *storm) act(n *node) {
	s.Helper()
	ctx, d := s.Context(), n.desk
	switch s.r.IntN(6) {
	case 0: // goods come and go
		batches := ok(d.Batches(ctx, duty, s.item))(s.world)
		if b, has := pick(s.r, batches); has {
			kind, _ := pick(s.r, []string{"consume", "supply", "to_national", "damage", "expire", "move"})
			_, err := d.Post(ctx, duty, PostInput{Kind: kind, Lot: id.ID(b.Lot), Warehouse: b.Warehouse, To: "NORTH", Qty: 1 + s.r.Int64N(30)})
			s.did("post", err)
		}
	case 1: // a posting is taken back
		if end := ok(d.Totals(ctx, duty))(s.world).Seq; end > 0 {
			_, err := d.Reverse(ctx, approver, 1+s.r.Int64N(end), "Booked by mistake (sample).")
			s.did("reverse", err)
		}
	case 2:
		s.did("sweep", d.Sweep(ctx))
	default:
		s.send(n)
	}
}

// send prepares goods for another member and lets prepared ones leave.
func (s *storm) send(n *node) {
	s.Helper()
	ctx, d := s.Context(), n.desk
	in := MovementInput{Title: "Salts (sample)", Item: s.item, Carrier: "Road (sample)", Qty: 1 + s.r.Int64N(60)}
	in.To, _ = pick(s.r, s.order)
	debts, _, err := d.Debts(ctx, duty, Filter{Owner: n.m, State: Owed})
	s.must(err)
	if l, has := pick(s.r, ok(d.DueLines(ctx, duty))(s.world)); has && s.r.IntN(3) > 0 {
		in.Allocation, in.Line = l.Allocation, l.Line.N
	} else if b, has := pick(s.r, debts); has && s.r.IntN(3) > 0 && !s.paying(n, b.ID) {
		in.Debt = b.ID
	}
	_, err = d.Prepare(ctx, approver, in)
	s.did("prepare", err)
	ready, _, err := d.Movements(ctx, duty, Filter{Owner: n.m, State: Prepared})
	s.must(err)
	if m, has := pick(s.r, ready); has {
		_, err := d.StepMovement(ctx, approver, m.ID, m.Version, "dispatch", "")
		s.did("dispatch "+m.C.Purpose, err)
	}
}

// paying reports whether goods for a debt are on their way: one at a time.
func (s *storm) paying(n *node, debt id.ID) bool {
	s.Helper()
	list, _, err := n.desk.Movements(s.Context(), duty, Filter{Owner: n.m, Limit: most})
	s.must(err)
	return slices.ContainsFunc(list, func(m MovementView) bool {
		return m.C.Debt == debt && (m.State == Prepared || m.State == Dispatched)
	})
}

// land says what came of one movement, or that customs hold it.
func (s *storm) land(n *node, calm bool) {
	s.Helper()
	list, _, err := n.desk.Arrivals(s.Context(), duty, Filter{Owner: n.m, Limit: most})
	s.must(err)
	for _, a := range list {
		if a.State == Received || !calm && s.r.IntN(3) > 0 {
			continue
		}
		verb, in := workflow.Verb("receive"), &ReceiptInput{Warehouse: "CENTRAL"}
		switch {
		case a.State == CustomsHold:
			verb = "free"
		case !calm && a.State == Expected && s.r.IntN(4) == 0:
			verb = "hold"
		}
		for _, l := range a.C.Landed {
			x := Landed{Load: Load{N: l.N}, OK: l.Qty, Words: "Counted at the gate (sample)."}
			if s.r.IntN(3) == 0 {
				x.OK = s.r.Int64N(l.Qty + 1)
				x.Short = s.r.Int64N(l.Qty - x.OK + 1)
				x.Damaged = l.Qty - x.OK - x.Short
			}
			in.Landed = append(in.Landed, x)
		}
		_, err := n.desk.StepArrival(s.Context(), duty, a.ID, 0, verb, "Papers (sample)", "", in)
		s.did(string(verb), err)
	}
}

// carry takes what left, and brings one parcel of all that are on their way.
func (s *storm) carry(faults bool) {
	s.Helper()
	for _, r := range s.collect() {
		for _, to := range r.To {
			s.net = append(s.net, parcel{r, to})
		}
	}
	if len(s.net) == 0 {
		return
	}
	i := s.r.IntN(len(s.net))
	p := s.net[i]
	if faults && s.r.IntN(5) == 0 {
		return // lost: it is sent again later
	}
	n := s.nodes[p.to]
	err := n.db.Write(s.Context(), func(tx *db.Tx) error {
		err := n.desk.Handlers()[p.r.Kind](s.Context(), tx, exchange.Inbound{Release: p.r, Received: s.clock.Now()})
		if err == nil {
			err = s.point("receive")
		}
		return err
	})
	if errors.Is(err, errCrash) {
		return // not acknowledged: it comes again
	}
	if err != nil {
		s.Fatalf("%s refuses %s of %s: %v", p.to, p.r.Kind, p.r.From, err)
	}
	if !faults || s.r.IntN(4) > 0 {
		s.net = slices.Delete(s.net, i, i+1)
	}
}

// settle lets everything arrive and be received.
func (s *storm) settle() {
	s.Helper()
	s.crash = nil
	quiet := func() {
		s.carry(false)
		for len(s.net) > 0 {
			s.carry(false)
		}
	}
	quiet()
	for range 2 { // what customs hold is freed first
		for _, m := range s.order {
			s.land(s.nodes[m], true)
		}
		quiet()
	}
	for _, m := range s.order {
		s.must(s.nodes[m].desk.Sweep(s.Context()))
	}
	quiet()
}

// sound checks every own book from its first posting.
func (s *storm) sound() {
	s.Helper()
	for _, m := range s.order {
		if a := ok(s.nodes[m].desk.Check(s.Context(), duty))(s.world); !a.Sound() {
			s.Fatalf("%s: %+v", m, a.Faults)
		}
	}
}

// Members send, receive short, replace, take back and use up while deliveries
// are lost, repeated and mixed up and processes end between two postings. When
// everything has arrived, the proof balances at every node, nothing is on the
// way, and all nodes show the same.
func TestReserveInAStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("several nodes")
	}
	members := []access.Member{"KH", "TH", "SG", "ASEC"}
	each(t, members, func(w *world) { storming(w, 1) })
	if os.Getenv("LINTAS_FULL") == "" {
		return
	}
	for seed := range uint64(20) {
		t.Run("seed "+strconv.FormatUint(seed+2, 10), func(t *testing.T) { storming(newWorld(t, members, nil), seed+2) })
	}
}

func storming(w *world, seed uint64) {
	s := newStorm(w, seed)
	s.prepare()
	for i := range 300 {
		w.clock.Advance(time.Minute)
		switch m, _ := pick(s.r, s.order); s.r.IntN(5) {
		case 0, 1:
			s.act(s.nodes[m])
		case 2:
			s.land(s.nodes[m], false)
		default:
			for range 4 {
				s.carry(true)
			}
		}
		if i%75 == 74 {
			s.sound()
		}
	}
	s.settle()
	s.proves(0)
	s.complete()
	for _, what := range []string{"dispatch draw", "receive", "post", "sweep"} {
		if s.done[what] == 0 {
			w.Errorf("%s was never done: %v", what, s.done)
		}
	}
	if s.crashed["queue"] == 0 || s.crashed["receive"] == 0 || s.refused == 0 {
		w.Errorf("crashes %v, refusals %d", s.crashed, s.refused)
	}
	w.Log(s.done, s.crashed, s.refused)
}

// complete checks that every node proves the same, from everybody's word, and
// that what is owed by the records is what is owed by the books.
func (s *storm) complete() {
	s.Helper()
	first := ""
	for _, m := range s.order {
		p := ok(s.nodes[m].desk.Prove(s.Context(), duty, ""))(s.world)
		text := ""
		for _, i := range p.Items {
			if !i.Complete || len(p.Silent()) > 0 || !p.Balanced() {
				s.Fatalf("%s: complete %t, silent %v", m, i.Complete, p.Silent())
			}
			for _, r := range i.Rows {
				text += r.Kind
				for _, n := range r.Cells {
					text += " " + strconv.FormatInt(*n, 10)
				}
				text += "\n"
			}
		}
		if first == "" {
			first = text
		}
		if text != first || text == "" {
			s.Fatalf("%s proves\n%s\nand %s\n%s", m, text, s.order[0], first)
		}
	}
	for _, m := range s.order {
		books, records := map[access.Member]int64{}, map[access.Member]int64{}
		for _, b := range ok(s.nodes[m].desk.Totals(s.Context(), duty))(s.world).Balances {
			if b.Account.Kind() == "due_to" {
				books[b.Account.Member()] -= b.Amount
			}
		}
		debts, _, err := s.nodes[m].desk.Debts(s.Context(), duty, Filter{Owner: m, Limit: most})
		s.must(err)
		for _, b := range debts {
			records[b.C.Creditor] += b.C.Qty - b.C.Paid
		}
		for _, c := range s.order {
			if books[c] != records[c] {
				s.Fatalf("%s owes %s %d by its book and %d by its records", m, c, books[c], records[c])
			}
		}
	}
}
