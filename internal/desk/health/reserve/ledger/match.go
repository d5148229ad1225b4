package ledger

import (
	"cmp"
	"maps"
	"slices"

	"lintas/internal/access"
)

// Side is what one member states of its book: the balances after posting Seq.
type Side struct {
	Member   access.Member
	Seq      int64
	Balances map[string]map[Account]int64 // item → account → amount
}

// Why goods move between members.
const (
	Draw      = "draw"      // the receiver owes a replacement
	Replenish = "replenish" // settles what the sender owed
	Gift      = "gift"      // owes nothing
)

// Move is one line of a movement between two members, as both have released
// it: what was sent and came, and the numbers of the postings with which each
// side booked it. 0: not booked, as far as is known here.
type Move struct {
	ID      string
	Title   string
	From    access.Member
	To      access.Member
	Item    string
	Purpose string
	Sent    int64
	Came    int64 // usable
	Out     int64 // posting of From: dispatched
	In      int64 // posting of To: received
	Closed  int64 // posting of From: the receipt booked
}

// Pair is an account of one member and its mirror image at another. They
// cancel out once both sides have booked every movement; until then the
// difference is what is on the way, by name.
type Pair struct {
	Item      string
	A, B      access.Member
	Account   Account // of A
	Mirror    Account // of B; empty for goods in transit, which no other book has
	Have      int64
	Other     int64
	Both      bool // statements of both sides are here
	OnWay     []Move
	Explained int64
	Open      int64 // difference that no movement explains; must be 0
}

// effect is what a movement does to the account of A that mirrors one of B,
// and with which posting each of them books it.
func (m *Move) effect() (a, b access.Member, acc, mirror Account, amount, inA, inB int64) {
	switch m.Purpose {
	case Replenish: // To is the creditor
		return m.To, m.From, Of(DueFrom, string(m.From)), Of(DueTo, string(m.To)), -m.Came, m.In, m.Closed
	case Gift:
		return m.From, m.To, Of(Given, string(m.To)), Of(Got, string(m.From)), m.Came, m.Closed, m.In
	}
	return m.From, m.To, Of(DueFrom, string(m.To)), Of(DueTo, string(m.From)), m.Came, m.Closed, m.In
}

type pairKey struct {
	item string
	a, b access.Member
	acc  Account
}

// Match compares the books of several members pair by pair.
func Match(sides []Side, moves []Move) []Pair {
	book := map[access.Member]*Side{}
	for i := range sides {
		book[sides[i].Member] = &sides[i]
	}
	pairs := map[pairKey]*Pair{}
	at := func(item string, a, b access.Member, acc, mirror Account) *Pair {
		k := pairKey{item, a, b, acc}
		if pairs[k] == nil {
			p := &Pair{Item: item, A: a, B: b, Account: acc, Mirror: mirror, Both: book[a] != nil && (mirror == "" || book[b] != nil)}
			if s := book[a]; s != nil {
				p.Have = s.Balances[item][acc]
			}
			if s := book[b]; s != nil && mirror != "" {
				p.Other = s.Balances[item][mirror]
			}
			pairs[k] = p
		}
		return pairs[k]
	}
	mirrored(sides, at)
	for i := range moves {
		m := &moves[i]
		if s := book[m.From]; s != nil && booked(m.Out, s.Seq) && !booked(m.Closed, s.Seq) {
			p := at(m.Item, m.From, m.To, Of(Transit, string(m.To)), "")
			p.OnWay, p.Explained = append(p.OnWay, *m), p.Explained+m.Sent
		}
		a, b, acc, mirror, amount, inA, inB := m.effect()
		if book[a] == nil || book[b] == nil || amount == 0 {
			continue
		}
		hasA, hasB := booked(inA, book[a].Seq), booked(inB, book[b].Seq)
		if hasA == hasB {
			continue
		}
		p := at(m.Item, a, b, acc, mirror)
		if hasA {
			p.Explained += amount
		} else {
			p.Explained -= amount
		}
		p.OnWay = append(p.OnWay, *m)
	}
	var out []Pair
	for _, k := range slices.SortedFunc(maps.Keys(pairs), comparePairs) {
		p := pairs[k]
		if p.Both {
			p.Open = p.Have + p.Other - p.Explained
		}
		out = append(out, *p)
	}
	return out
}

// mirrored finds every account that speaks of another member.
func mirrored(sides []Side, at func(item string, a, b access.Member, acc, mirror Account) *Pair) {
	for _, s := range sides {
		for item, accounts := range s.Balances {
			for acc := range accounts {
				other := acc.Member()
				switch acc.Kind() {
				case DueFrom:
					at(item, s.Member, other, acc, Of(DueTo, string(s.Member)))
				case DueTo:
					at(item, other, s.Member, Of(DueFrom, string(s.Member)), acc)
				case Given:
					at(item, s.Member, other, acc, Of(Got, string(s.Member)))
				case Got:
					at(item, other, s.Member, Of(Given, string(s.Member)), acc)
				case Transit:
					at(item, s.Member, other, acc, "")
				}
			}
		}
	}
}

func booked(posting, seq int64) bool { return posting > 0 && posting <= seq }

func comparePairs(x, y pairKey) int {
	return cmp.Or(cmp.Compare(x.item, y.item), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.acc, y.acc))
}
