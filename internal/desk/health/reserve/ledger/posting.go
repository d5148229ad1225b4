package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"lintas/internal/fault"
)

// Limits of one posting, and of one account over all lots of an item, so that
// the statement of a book is never one that others refuse.
const (
	MaxAmount  = int64(1e12)
	MaxBalance = int64(1e15)
	MaxEntries = 200
	MaxWords   = 500
)

// Entry is one line of a posting.
type Entry struct {
	Item    string  `json:"item"`
	Lot     string  `json:"lot,omitempty"`
	Account Account `json:"account"`
	Amount  int64   `json:"amount"`
}

// Key of the balance that the entry changes.
func (e Entry) Key() Key { return Key{e.Item, e.Lot, e.Account} }

// Posting is one transaction of a book. It is never changed: a mistake is
// reversed by a posting of its own. Digest covers all of it and the digest of
// the posting before.
type Posting struct {
	Seq      int64   `json:"seq"`
	ID       string  `json:"id"`
	Key      string  `json:"key"`  // what is booked, once: "receive:<movement>"
	Kind     string  `json:"kind"` // why: "dispatch", "consume"
	Movement string  `json:"movement,omitempty"`
	Release  string  `json:"release,omitempty"` // that carried it here
	Reverses int64   `json:"reverses,omitempty"`
	At       int64   `json:"at"` // microseconds
	By       string  `json:"by"` // duty post
	Words    string  `json:"words,omitempty"`
	Entries  []Entry `json:"entries"`
	Prev     string  `json:"prev"`
	Digest   string  `json:"-"`
}

func bad(key string) *fault.Error { return fault.New(fault.Invalid, key) }

// Check refuses a posting that does not balance. Memo accounts balance among
// themselves.
func (p *Posting) Check() error {
	switch {
	case p.Key == "" || p.Kind == "" || p.ID == "":
		return bad("fault.reserve.posting")
	case len(p.Entries) < 2 || len(p.Entries) > MaxEntries:
		return bad("fault.reserve.entries").With("max", MaxEntries)
	case utf8.RuneCountInString(p.Words) > MaxWords:
		return bad("fault.too_long").With("max", MaxWords)
	}
	type side struct {
		item string
		memo bool
	}
	sums, seen := map[side]int64{}, map[Key]bool{}
	for _, e := range p.Entries {
		switch {
		case e.Item == "" || !e.Account.Valid() || e.Account.Lots() != (e.Lot != "") || seen[e.Key()]:
			return bad("fault.reserve.account").With("account", string(e.Account))
		case e.Amount == 0 || e.Amount > MaxAmount || e.Amount < -MaxAmount:
			return bad("fault.reserve.amount")
		}
		seen[e.Key()] = true
		sums[side{e.Item, e.Account.Memo()}] += e.Amount
	}
	for s, n := range sums {
		if n != 0 {
			return bad("fault.reserve.unbalanced").With("item", s.item).With("sum", n)
		}
	}
	return nil
}

// Seal gives the posting its place in the book.
func (p *Posting) Seal(seq int64, prev string) error {
	p.Seq, p.Prev = seq, prev
	d, err := p.digest()
	p.Digest = d
	return err
}

func (p *Posting) digest() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Reversal is the posting that takes another one back.
func (p *Posting) Reversal() []Entry {
	out := slices.Clone(p.Entries)
	for i := range out {
		out[i].Amount = -out[i].Amount
	}
	return out
}

// Merge adds up entries of one account and drops those that come to nothing.
func Merge(entries []Entry) []Entry {
	sums := map[Key]int64{}
	for _, e := range entries {
		sums[e.Key()] += e.Amount
	}
	var out []Entry
	for k, n := range sums {
		if n != 0 {
			out = append(out, Entry{k.Item, k.Lot, k.Account, n})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return a.Key().Compare(b.Key()) })
	return out
}

// Key is what one balance is kept for.
type Key struct {
	Item    string
	Lot     string
	Account Account
}

// Compare orders keys by item, account and lot.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Item, o.Item), cmp.Compare(slices.Index(Kinds, k.Account.Kind()), slices.Index(Kinds, o.Account.Kind())),
		cmp.Compare(k.Account, o.Account), cmp.Compare(k.Lot, o.Lot))
}

// Balances of a book.
type Balances map[Key]int64

// Overdrawn is the refusal of a posting for which there is not enough.
func Overdrawn(k Key, left int64) error {
	return fault.New(fault.Conflict, "fault.reserve.overdrawn").With("account", string(k.Account)).With("left", left)
}

// Apply books a posting, or changes nothing.
func (b Balances) Apply(p *Posting) error {
	if err := p.Check(); err != nil {
		return err
	}
	for _, e := range p.Entries {
		if e.Account.Whole() && b[e.Key()]+e.Amount < 0 {
			return Overdrawn(e.Key(), b[e.Key()])
		}
	}
	for _, e := range p.Entries {
		b.add(e)
	}
	return nil
}

func (b Balances) add(e Entry) {
	k := e.Key()
	if b[k] += e.Amount; b[k] == 0 {
		delete(b, k)
	}
}

// Sum is the balance of an account over all lots.
func (b Balances) Sum(item string, a Account) int64 {
	var n int64
	for k, v := range b {
		if k.Item == item && k.Account == a {
			n += v
		}
	}
	return n
}
