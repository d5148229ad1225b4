package ledger

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// book is one member's ledger with the statement that it made after every
// posting.
type book struct {
	m      access.Member
	b      Balances
	list   []Posting
	keys   map[string]int64
	states []map[string]map[Account]int64
}

// post books once per key.
func (b *book) post(key string, entries ...Entry) (int64, error) {
	if seq := b.keys[key]; seq > 0 {
		return seq, nil
	}
	p := Posting{ID: key, Key: key, Kind: "test", Entries: Merge(entries)}
	if err := b.b.Apply(&p); err != nil {
		return 0, err
	}
	prev := ""
	if n := len(b.list); n > 0 {
		prev = b.list[n-1].Digest
	}
	if err := p.Seal(int64(len(b.list)+1), prev); err != nil {
		return 0, err
	}
	b.list, b.keys[key] = append(b.list, p), p.Seq
	b.states = append(b.states, b.state())
	return p.Seq, nil
}

func (b *book) state() map[string]map[Account]int64 {
	out := map[string]map[Account]int64{}
	for k, n := range b.b {
		if out[k.Item] == nil {
			out[k.Item] = map[Account]int64{}
		}
		out[k.Item][k.Account] += n
	}
	return out
}

// sent is a movement with what its receiver will find.
type sent struct {
	Move
	lot                  string
	ok, short, damaged   int64
	arrived, told, ended bool
}

// message is news of a movement for one member: it left, or it came.
type message struct {
	of   *sent
	came bool
}

// play is several members that post, and a network that repeats, drops and
// mixes up what they tell each other.
type play struct {
	*testing.T
	r      *rand.Rand
	books  []*book
	moves  []*sent
	net    []message
	bought map[string]int64
	n      int
}

func (p *play) at(m access.Member) *book {
	for _, b := range p.books {
		if b.m == m {
			return b
		}
	}
	return nil
}

// booked posts; a refusal is only ever that there is not enough.
func (p *play) booked(b *book, key string, entries ...Entry) int64 {
	p.Helper()
	before := maps.Clone(b.b)
	seq, err := b.post(key, entries...)
	if err != nil && (!fault.Is(err, fault.Conflict) || !maps.Equal(before, b.b)) {
		p.Fatalf("%s: %v", key, err)
	}
	return seq
}

func (p *play) item() (item, lot string) {
	return []string{salts, tents}[p.r.IntN(2)], []string{"a", "b"}[p.r.IntN(2)]
}

// act lets one member do something by itself.
func (p *play) act() {
	b := p.books[p.r.IntN(len(p.books))]
	item, lot := p.item()
	n, stock := 1+p.r.Int64N(40), "stock:MAIN"
	p.n++
	key := fmt.Sprint("act", p.n)
	switch p.r.IntN(5) {
	case 0:
		p.booked(b, key, at(item, lot, stock, 3*n), at(item, "", "supplier", -3*n))
		p.bought[item] += 3 * n
	case 1:
		p.booked(b, key, at(item, lot, stock, -n), at(item, "", "consumed", n))
	default:
		p.dispatch(b, item, lot, n)
	}
}

func (p *play) dispatch(b *book, item, lot string, n int64) {
	to := p.books[p.r.IntN(len(p.books))]
	if to == b {
		return
	}
	purpose := []string{Draw, Gift, Replenish}[p.r.IntN(3)]
	if owed := -b.b.Sum(item, Of(DueTo, string(to.m))); purpose == Replenish && owed < n {
		return
	}
	m := &sent{Move: Move{ID: fmt.Sprint("m", p.n), From: b.m, To: to.m, Item: item, Purpose: purpose, Sent: n}, lot: lot}
	m.Out = p.booked(b, "dispatch:"+m.ID, at(item, lot, "stock:MAIN", -n), at(item, lot, "transit:"+string(to.m), n))
	if m.Out == 0 {
		return // there was not so much
	}
	p.moves, p.net = append(p.moves, m), append(p.net, message{m, false})
}

// receive books what came of a movement that the receiver knows of.
func (p *play) receive(m *sent) {
	if !m.arrived {
		return
	}
	if !m.told {
		m.ok = p.r.Int64N(m.Sent + 1)
		if p.r.IntN(2) == 0 {
			m.ok = m.Sent
		}
		m.short = p.r.Int64N(m.Sent - m.ok + 1)
		m.damaged, m.Came, m.told = m.Sent-m.ok-m.short, m.ok, true
	}
	against := map[string]string{Draw: DueTo, Gift: Got, Replenish: DueFrom}[m.Purpose]
	if m.ok > 0 {
		m.In = p.booked(p.at(m.To), "receive:"+m.ID, at(m.Item, m.lot, "stock:MAIN", m.ok), Entry{m.Item, "", Of(against, string(m.From)), -m.ok})
	}
	p.net = append(p.net, message{m, true})
}

// carry lets one message through: whichever, perhaps twice, perhaps not yet.
func (p *play) carry(faults bool) {
	if len(p.net) == 0 {
		return
	}
	i := p.r.IntN(len(p.net))
	x := p.net[i]
	fate := 2
	if faults {
		fate = p.r.IntN(4)
	}
	if fate == 0 {
		return // lost; it is sent again later
	}
	if fate > 1 {
		p.net = append(p.net[:i], p.net[i+1:]...)
	} // else it comes again
	if !x.came {
		x.of.arrived = true
		return
	}
	m := x.of
	account := map[string]string{Draw: DueFrom, Gift: Given, Replenish: DueTo}[m.Purpose]
	m.Closed = p.booked(p.at(m.From), "settle:"+m.ID, at(m.Item, m.lot, "transit:"+string(m.To), -m.Sent), Entry{m.Item, "", Of(account, string(m.To)), m.ok},
		at(m.Item, "", "lost", m.short), at(m.Item, "", "damaged", m.damaged))
	m.ended = true
}

// balances checks what must hold at any moment.
func (p *play) balances() {
	p.Helper()
	for _, item := range []string{salts, tents} {
		var all, stock, used, way, onWay, owed, half int64
		for _, b := range p.books {
			var sum int64
			for k, n := range b.b {
				if k.Account.Whole() && n < 0 {
					p.Fatalf("%s: %v is %d", b.m, k, n)
				}
				if k.Item != item {
					continue
				}
				sum += n
				switch k.Account.Kind() {
				case Stock:
					stock += n
				case Consumed, Lost, Damaged:
					used += n
				case Transit:
					way += n
				case DueFrom, DueTo, Given, Got:
					owed += n
				}
			}
			if sum != 0 {
				p.Fatalf("%s: the book of %s comes to %d", b.m, item, sum)
			}
			all += sum
		}
		for _, m := range p.moves {
			if m.Item != item || m.ended {
				continue
			}
			onWay += m.Sent
			half += m.ok // in the receiver's book and not in the sender's
		}
		if all != 0 || way != onWay || owed != -half || stock+used+way-half != p.bought[item] {
			p.Fatalf("%s: in store %d, used %d, in transit %d of %d on the way, half booked %d of %d, bought %d", item, stock, used, way, onWay, -owed, half, p.bought[item])
		}
	}
}

// statements of any age, each member's for itself, hold against one another.
func (p *play) match(newest bool) (way int) {
	p.Helper()
	var sides []Side
	for _, b := range p.books {
		s := Side{Member: b.m}
		if n := len(b.states); n > 0 && newest {
			s.Seq = int64(n)
		} else {
			s.Seq = p.r.Int64N(int64(n) + 1)
		}
		if s.Seq > 0 {
			s.Balances = b.states[s.Seq-1]
		}
		sides = append(sides, s)
	}
	var moves []Move
	for _, m := range p.moves {
		moves = append(moves, m.Move)
	}
	for _, x := range Match(sides, moves) {
		if !x.Both || x.Open != 0 {
			p.Fatalf("%s %s and %s %s: %d and %d, explained %d", x.A, x.Account, x.B, x.Mirror, x.Have, x.Other, x.Explained)
		}
		if newest && x.Mirror != "" && len(x.OnWay) == 0 && x.Have+x.Other != 0 {
			p.Fatalf("%s %s: %d and %d, and nothing on the way", x.A, x.Account, x.Have, x.Other)
		}
		way += len(x.OnWay)
	}
	return way
}

// Members post, messages are lost, repeated and mixed up: at any moment every
// book balances, all together balance with what is on the way by name, and
// nothing goes below what is there. When everything has arrived nothing is on
// the way and every pair of books cancels out.
func TestBooksTogether(t *testing.T) {
	refused, moved := 0, 0
	for seed := range uint64(60) {
		p := &play{T: t, r: rand.New(rand.NewPCG(seed, 8)), bought: map[string]int64{}}
		for _, m := range []access.Member{"KH", "LA", "TH", "ASEC"} {
			p.books = append(p.books, &book{m: m, b: Balances{}, keys: map[string]int64{}})
		}
		for range 400 {
			switch p.r.IntN(3) {
			case 0:
				p.act()
			case 1:
				p.carry(true)
			case 2:
				if len(p.moves) > 0 {
					p.receive(p.moves[p.r.IntN(len(p.moves))])
				}
			}
			p.balances()
			if p.r.IntN(8) == 0 {
				p.match(p.r.IntN(2) == 0)
			}
		}
		for len(p.net) > 0 {
			p.carry(false)
		}
		for _, m := range p.moves {
			p.receive(m)
		}
		for len(p.net) > 0 {
			p.carry(false)
		}
		p.balances()
		if n := p.match(true); n != 0 {
			t.Fatalf("%d: %d are still on the way", seed, n)
		}
		for _, b := range p.books {
			if a := audited(t, b.list, b.b, int64(len(b.list)), b.list[len(b.list)-1].Digest); !a.Sound() {
				t.Fatalf("%d: %s: %+v", seed, b.m, a.Faults)
			}
		}
		moved += len(p.moves)
		refused += p.n - len(p.moves)
	}
	if moved < 1000 || refused < 1000 {
		t.Fatalf("only %d movements and %d other deeds", moved, refused)
	}
}
