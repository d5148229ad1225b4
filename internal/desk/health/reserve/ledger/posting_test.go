package ledger

import (
	"reflect"
	"strings"
	"testing"

	"lintas/internal/fault"
)

const salts, tents = "item-salts", "item-tents"

// of is a posting of entries that is whole but for them.
func of(entries ...Entry) *Posting {
	return &Posting{ID: "p", Key: "k", Kind: "test", Entries: entries}
}

func at(item, lot, account string, n int64) Entry { return Entry{item, lot, Account(account), n} }

func TestPostingRefusals(t *testing.T) {
	in, out := at(salts, "a", "stock:MAIN", 5), at(salts, "", "opening", -5)
	many := of()
	for range MaxEntries/2 + 1 {
		many.Entries = append(many.Entries, in, out)
	}
	named := func(change func(p *Posting)) *Posting { p := of(in, out); change(p); return p }
	for name, x := range map[string]struct {
		p   *Posting
		key string // of the refusal; empty: it is a posting
	}{
		"goods come in":                {of(in, out), ""},
		"dispatch with a promise":      {of(at(salts, "a", "stock:MAIN", -5), at(salts, "a", "transit:KH", 5), at(salts, "", "pledged", -5), at(salts, "", "cover", 5)), ""},
		"two items":                    {of(in, out, at(tents, "b", "stock:MAIN", 1), at(tents, "", "supplier", -1)), ""},
		"the largest amount":           {of(at(salts, "a", "stock:MAIN", MaxAmount), at(salts, "", "opening", -MaxAmount)), ""},
		"the longest words":            {named(func(p *Posting) { p.Words = strings.Repeat("ក", MaxWords) }), ""},
		"no key":                       {named(func(p *Posting) { p.Key = "" }), "fault.reserve.posting"},
		"no kind":                      {named(func(p *Posting) { p.Kind = "" }), "fault.reserve.posting"},
		"no identifier":                {named(func(p *Posting) { p.ID = "" }), "fault.reserve.posting"},
		"words too long":               {named(func(p *Posting) { p.Words = strings.Repeat("ក", MaxWords+1) }), "fault.too_long"},
		"no entry":                     {of(), "fault.reserve.entries"},
		"one entry":                    {of(in), "fault.reserve.entries"},
		"too many entries":             {many, "fault.reserve.entries"},
		"nothing on the other side":    {of(in, at(salts, "", "opening", -4)), "fault.reserve.unbalanced"},
		"items do not stand for items": {of(in, at(tents, "", "opening", -5)), "fault.reserve.unbalanced"},
		"a promise is no goods":        {of(in, at(salts, "", "cover", -5)), "fault.reserve.unbalanced"},
		"amount 0":                     {of(at(salts, "a", "stock:MAIN", 0), at(salts, "", "opening", 0)), "fault.reserve.amount"},
		"amount too large":             {of(at(salts, "a", "stock:MAIN", MaxAmount+1), at(salts, "", "opening", -MaxAmount-1)), "fault.reserve.amount"},
		"lowest number there is":       {of(at(salts, "", "lost", -1<<63), at(salts, "", "opening", -1<<63)), "fault.reserve.amount"},
		"no item":                      {of(at("", "a", "stock:MAIN", 5), at("", "", "opening", -5)), "fault.reserve.account"},
		"stock without a lot":          {of(at(salts, "", "stock:MAIN", 5), out), "fault.reserve.account"},
		"a lot where there is none":    {of(in, at(salts, "a", "opening", -5)), "fault.reserve.account"},
		"stock at no place":            {of(at(salts, "a", "stock", 5), out), "fault.reserve.account"},
		"a place in small letters":     {of(at(salts, "a", "stock:main", 5), out), "fault.reserve.account"},
		"transit to nobody":            {of(at(salts, "a", "transit:XX", 5), out), "fault.reserve.account"},
		"an account that is not one":   {of(in, at(salts, "", "profit", -5)), "fault.reserve.account"},
		"a detail that is not one":     {of(in, at(salts, "", "opening:", -5)), "fault.reserve.account"},
		"an account twice":             {of(in, out, in, out), "fault.reserve.account"},
	} {
		err := x.p.Check()
		if x.key == "" && err == nil {
			continue
		}
		if !fault.Is(err, fault.Invalid) || x.key == "" || !strings.Contains(err.Error(), x.key) {
			t.Errorf("%s: want %q, got %v", name, x.key, err)
		}
	}
}

// A posting that is refused changes nothing, not even the entries before the
// one that is refused.
func TestApply(t *testing.T) {
	b := Balances{}
	book := func(entries ...Entry) error { return b.Apply(of(entries...)) }
	if err := book(at(salts, "a", "stock:MAIN", 5), at(salts, "", "opening", -5)); err != nil {
		t.Fatal(err)
	}
	before := Balances{{salts, "a", "stock:MAIN"}: 5, {salts, "", "opening"}: -5}
	for name, entries := range map[string][]Entry{
		"more than there is":       {at(salts, "", "consumed", 6), at(salts, "a", "stock:MAIN", -6)},
		"of another lot":           {at(salts, "", "consumed", 1), at(salts, "b", "stock:MAIN", -1)},
		"of another place":         {at(salts, "", "consumed", 1), at(salts, "a", "stock:NORTH", -1)},
		"what is not on the way":   {at(salts, "", "lost", 1), at(salts, "a", "transit:KH", -1)},
		"what was not promised":    {at(salts, "", "cover", 1), at(salts, "", "pledged", -1)},
		"first in, then too much":  {at(salts, "b", "stock:MAIN", 6), at(salts, "a", "stock:MAIN", -6)},
		"of another item's pocket": {at(tents, "", "consumed", 1), at(tents, "a", "stock:MAIN", -1)},
	} {
		if err := book(entries...); !fault.Is(err, fault.Conflict) || !reflect.DeepEqual(b, before) {
			t.Errorf("%s: %v, %v", name, err, b)
		}
	}
	if err := book(at(salts, "a", "stock:MAIN", -5), at(salts, "", "due_to:KH", 5)); err != nil {
		t.Fatal(err)
	}
	if len(b) != 2 || b.Sum(salts, "opening") != -5 || b.Sum(salts, "due_to:KH") != 5 {
		t.Errorf("an empty account stays: %v", b)
	}
}

// What takes a posting back brings the book to where it was, and neither the
// posting nor its entries change.
func TestReversal(t *testing.T) {
	b, p := Balances{}, of(at(salts, "a", "stock:MAIN", 5), at(salts, "", "opening", -5))
	was := of(p.Entries...)
	was.Entries = append([]Entry(nil), p.Entries...)
	if err := b.Apply(p); err != nil {
		t.Fatal(err)
	}
	if err := b.Apply(of(p.Reversal()...)); err != nil || len(b) != 0 || !reflect.DeepEqual(p, was) {
		t.Errorf("%v, %v, %+v", err, b, p)
	}
}

func TestMerge(t *testing.T) {
	got := Merge([]Entry{at(salts, "", "lost", 0), at(salts, "b", "transit:KH", 3), at(salts, "a", "stock:MAIN", -2), at(salts, "a", "stock:MAIN", -1), at(salts, "", "damaged", 2),
		at(salts, "", "damaged", -2)})
	want := []Entry{at(salts, "a", "stock:MAIN", -3), at(salts, "b", "transit:KH", 3)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestAccounts(t *testing.T) {
	for a, want := range map[Account][4]bool{ // valid, by lots, never negative, memo
		"stock:MAIN": {true, true, true, false}, "transit:KH": {true, true, true, false}, "due_from:KH": {true, false, false, false}, "due_to:ASEC": {true, false, false, false},
		"given:TH": {true, false, false, false}, "got:TH": {true, false, false, false}, "consumed": {true, false, false, false}, "pledged": {true, false, true, true},
		"cover": {true, false, false, true}, "counted": {true, false, false, false},
		"stock:": {false, true, true, false}, "stock:A B": {false, true, true, false}, "due_from:": {}, "due_from:kh": {}, "lost:KH": {}, "": {}, ":": {}, "nothing": {},
		"stock:ABCDEFGHIJKLMNOPQRSTUVWXY": {false, true, true, false},
	} {
		if got := [4]bool{a.Valid(), a.Lots(), a.Whole(), a.Memo()}; got != want {
			t.Errorf("%q: %v, want %v", a, got, want)
		}
	}
	if Of(Stock, "MAIN") != "stock:MAIN" || Of(Lost, "") != "lost" || Account("due_to:KH").Member() != "KH" || Account("stock:KH").Member() != "" {
		t.Error("names of accounts")
	}
}
