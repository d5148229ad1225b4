package ledger

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// sealed is a book of n postings: goods come in, some leave.
func sealed(t testing.TB, n int) ([]Posting, Balances) {
	t.Helper()
	var out []Posting
	b, head := Balances{}, ""
	for i := 1; i <= n; i++ {
		p := of(at(salts, "a", "stock:MAIN", 10), at(salts, "", "supplier", -10))
		if i%3 == 0 {
			p = of(at(salts, "a", "stock:MAIN", -7), at(salts, "a", "transit:KH", 4), at(salts, "", "consumed", 3))
		}
		p.ID, p.Key, p.At, p.By, p.Movement, p.Release = fmt.Sprint("id", i), fmt.Sprint("key", i), int64(i), "Post duty", "m", "r"
		if err := b.Apply(p); err != nil {
			t.Fatal(err)
		}
		if err := p.Seal(int64(i), head); err != nil {
			t.Fatal(err)
		}
		head, out = p.Digest, append(out, *p)
	}
	return out, b
}

func audited(t testing.TB, list []Posting, kept Balances, seq int64, head string) *Audit {
	t.Helper()
	a := NewAudit()
	for i := range list {
		if err := a.Add(&list[i]); err != nil {
			t.Fatal(err)
		}
	}
	a.Compare(kept, seq, head)
	return a
}

// alteration is what somebody did to a book, and the kinds of faults that are
// found, each once, in their order.
type alteration struct {
	change func(list []Posting, kept Balances) []Posting
	faults string
}

const postings = 9 // of the book that is altered

var alteredContent = map[string]alteration{
	"nothing":    {func(l []Posting, _ Balances) []Posting { return l }, ""},
	"a quantity": {func(l []Posting, _ Balances) []Posting { l[3].Entries[0].Amount = 11; return l }, "chain unbalanced balance"},
	"both quantities": {func(l []Posting, _ Balances) []Posting {
		l[3].Entries[0].Amount, l[3].Entries[1].Amount = 11, -11
		return l
	}, "chain balance"},
	"the account":        {func(l []Posting, _ Balances) []Posting { l[3].Entries[1].Account = "opening"; return l }, "chain balance"},
	"the lot":            {func(l []Posting, _ Balances) []Posting { l[3].Entries[0].Lot = "b"; return l }, "chain balance"},
	"the item":           {func(l []Posting, _ Balances) []Posting { l[3].Entries[0].Item = tents; return l }, "chain unbalanced balance"},
	"the order of lines": {func(l []Posting, _ Balances) []Posting { slices.Reverse(l[3].Entries); return l }, "chain"},
	"a line less":        {func(l []Posting, _ Balances) []Posting { l[3].Entries = l[3].Entries[:1]; return l }, "chain unbalanced balance"},
	"the time":           {func(l []Posting, _ Balances) []Posting { l[3].At++; return l }, "chain"},
	"who booked":         {func(l []Posting, _ Balances) []Posting { l[3].By = "Post admin"; return l }, "chain"},
	"the words":          {func(l []Posting, _ Balances) []Posting { l[3].Words = "Counted."; return l }, "chain"},
	"the kind":           {func(l []Posting, _ Balances) []Posting { l[3].Kind = "expire"; return l }, "chain"},
	"the key":            {func(l []Posting, _ Balances) []Posting { l[3].Key = "other"; return l }, "chain"},
	"the identifier":     {func(l []Posting, _ Balances) []Posting { l[3].ID = "other"; return l }, "chain"},
	"the movement":       {func(l []Posting, _ Balances) []Posting { l[3].Movement = ""; return l }, "chain"},
	"the release":        {func(l []Posting, _ Balances) []Posting { l[3].Release = ""; return l }, "chain"},
	"what it reverses":   {func(l []Posting, _ Balances) []Posting { l[3].Reverses = 2; return l }, "chain"},
}

var alteredOrder = map[string]alteration{
	"its number":        {func(l []Posting, _ Balances) []Posting { l[3].Seq = 40; return l }, "sequence chain"},
	"the digest before": {func(l []Posting, _ Balances) []Posting { l[3].Prev = l[0].Digest; return l }, "chain"},
	"its digest":        {func(l []Posting, _ Balances) []Posting { l[3].Digest = l[0].Digest; return l }, "chain"},
	"the last digest":   {func(l []Posting, _ Balances) []Posting { l[postings-1].Digest = l[0].Digest; return l }, "chain head"},
	"one is gone":       {func(l []Posting, _ Balances) []Posting { return slices.Delete(l, 3, 4) }, "sequence chain balance"},
	"the first is gone": {func(l []Posting, _ Balances) []Posting { return l[1:] }, "sequence chain balance"},
	"the last is gone":  {func(l []Posting, _ Balances) []Posting { return l[:postings-1] }, "head balance"},
	"one stands twice":  {func(l []Posting, _ Balances) []Posting { return slices.Insert(l, 4, l[3]) }, "sequence chain balance"},
	"two are exchanged": {func(l []Posting, _ Balances) []Posting { l[3], l[4] = l[4], l[3]; return l }, "sequence chain"},
	"the lines of two": {func(l []Posting, _ Balances) []Posting {
		l[2].Entries, l[3].Entries = l[3].Entries, l[2].Entries
		return l
	}, "chain"},
	"a kept balance":    {func(l []Posting, b Balances) []Posting { b[Key{salts, "a", "stock:MAIN"}]++; return l }, "balance"},
	"a balance is gone": {func(l []Posting, b Balances) []Posting { delete(b, Key{salts, "", "consumed"}); return l }, "balance"},
	"a balance more":    {func(l []Posting, b Balances) []Posting { b[Key{tents, "", "lost"}] = 1; return l }, "balance"},
	"written anew from the middle on": {func(l []Posting, _ Balances) []Posting {
		l[3].Entries[0].Amount, l[3].Entries[1].Amount = 11, -11
		for i := 3; i < postings; i++ {
			if err := l[i].Seal(l[i].Seq, l[i-1].Digest); err != nil {
				panic(err)
			}
		}
		return l
	}, "head balance"},
	"more left than came": {func(l []Posting, b Balances) []Posting {
		p := of(at(salts, "a", "stock:MAIN", -1000), at(salts, "", "consumed", 1000))
		if err := p.Seal(postings+1, l[postings-1].Digest); err != nil {
			panic(err)
		}
		return append(l, *p)
	}, "negative head balance"},
}

// Every way in which somebody can change a book behind its back is found, and
// named for what it is.
func TestAuditFinds(t *testing.T) {
	all := maps.Clone(alteredContent)
	maps.Copy(all, alteredOrder)
	for name, x := range all {
		t.Run(name, func(t *testing.T) {
			list, kept := sealed(t, postings)
			head := list[postings-1].Digest
			list = x.change(list, kept)
			a := audited(t, list, kept, postings, head)
			var kinds []string
			for _, f := range a.Faults {
				if !slices.Contains(kinds, f.What) {
					kinds = append(kinds, f.What)
				}
			}
			if got := strings.Join(kinds, " "); got != x.faults || a.Sound() != (x.faults == "") {
				t.Errorf("found %q, want %q: %+v", got, x.faults, a.Faults)
			}
		})
	}
}

// A ruined book does not fill the page, and the audit goes on to its end.
func TestAuditOfARuin(t *testing.T) {
	list, kept := sealed(t, 3*maxFaults)
	head := list[len(list)-1].Digest
	for i := range list {
		list[i].By = "somebody"
	}
	a := audited(t, list, kept, int64(len(list)), head)
	if len(a.Faults) != maxFaults || a.Seq != int64(len(list)) || !maps.Equal(a.Balances, kept) {
		t.Errorf("%d faults, to %d", len(a.Faults), a.Seq)
	}
}

// A single change at any place of a book is found.
func TestAuditFindsOneUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(20261120, 7))
	for range 300 {
		list, kept := sealed(t, 1+r.IntN(30))
		n, head := int64(len(list)), list[len(list)-1].Digest
		p := &list[r.IntN(len(list))]
		i := r.IntN(len(p.Entries))
		p.Entries[i].Amount += 1 - 2*r.Int64N(2)
		if a := audited(t, list, kept, n, head); a.Sound() || a.Faults[0].What != "chain" || a.Faults[0].Seq != p.Seq {
			t.Fatalf("posting %d of %d: %+v", p.Seq, n, a.Faults)
		}
	}
}
