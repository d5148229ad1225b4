package ledger

import (
	"maps"
	"slices"
)

// Audit computes a book again from its first posting.
type Audit struct {
	Seq      int64
	Head     string // digest of the newest posting
	Entries  int64
	Balances Balances
	Faults   []Fault
}

// Fault is something in a book that cannot be.
type Fault struct {
	What string // "sequence", "chain", "unbalanced", "negative", "balance", "head"
	Seq  int64
	Key  Key
	Have int64
	Want int64
}

// maxFaults keeps a ruined book from filling the page.
const maxFaults = 50

// NewAudit begins with an empty book.
func NewAudit() *Audit { return &Audit{Balances: Balances{}} }

func (a *Audit) fail(f Fault) {
	if len(a.Faults) < maxFaults {
		a.Faults = append(a.Faults, f)
	}
}

// Add takes the next posting. It goes on after a fault, so that every one is
// found.
func (a *Audit) Add(p *Posting) error {
	if p.Seq != a.Seq+1 {
		a.fail(Fault{What: "sequence", Seq: p.Seq, Have: p.Seq, Want: a.Seq + 1})
	}
	d, err := p.digest()
	if err != nil {
		return err
	}
	if p.Prev != a.Head || d != p.Digest {
		a.fail(Fault{What: "chain", Seq: p.Seq})
	}
	if p.Check() != nil {
		a.fail(Fault{What: "unbalanced", Seq: p.Seq})
	}
	for _, e := range p.Entries {
		a.Balances.add(e)
		if n := a.Balances[e.Key()]; e.Account.Whole() && n < 0 {
			a.fail(Fault{What: "negative", Seq: p.Seq, Key: e.Key(), Have: n})
		}
	}
	a.Seq, a.Head, a.Entries = p.Seq, p.Digest, a.Entries+int64(len(p.Entries))
	return nil
}

// Compare holds what was computed against the balances that the node keeps.
func (a *Audit) Compare(kept Balances, seq int64, head string) {
	if seq != a.Seq || head != a.Head {
		a.fail(Fault{What: "head", Have: seq, Want: a.Seq})
	}
	keys := maps.Clone(a.Balances)
	maps.Copy(keys, kept)
	for _, k := range slices.SortedFunc(maps.Keys(keys), Key.Compare) {
		if kept[k] != a.Balances[k] {
			a.fail(Fault{What: "balance", Key: k, Have: kept[k], Want: a.Balances[k]})
		}
	}
}

// Sound reports whether nothing was found.
func (a *Audit) Sound() bool { return len(a.Faults) == 0 }
