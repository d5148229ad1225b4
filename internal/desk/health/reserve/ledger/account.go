// Package ledger is the double-entry book of one member's part of the reserve:
// accounts, postings, their chain of digests, first expiry first out, and the
// comparison of the books of several members. It keeps nothing and does no I/O.
package ledger

import (
	"regexp"
	"slices"
	"strings"

	"lintas/internal/access"
)

// What the accounts mean. All quantities are whole numbers of the smallest
// pack of an item. A positive balance is goods, or a claim; a negative one is
// where they came from, or what is owed. Every posting sums to zero for each
// item, so every book does, and so do all books together.
//
//	stock:<warehouse>    goods at a place of this member
//	transit:<member>     dispatched to a member, its receipt not yet booked here
//	due_from:<member>    what a member got out of the reserve and has to replace
//	due_to:<member>      (negative) what this member has to replace
//	given:<member>       passed on for good; got:<member> (negative) its other side
//	consumed, expired    left the reserve
//	lost, damaged        did not arrive, or not usable
//	national             to and from this state's own supplies
//	opening, supplier    (negative) where the first stock and purchases came from
//	counted              differences found at a stocktaking
//	pledged              promised, still with its state; cover (negative) its
//	                     other side. Both stand outside the balance of goods.

// Account names one account of a book: a kind, and a place or member.
type Account string

// Kinds of accounts, in the order of the pages.
const (
	Stock    = "stock"
	Transit  = "transit"
	DueFrom  = "due_from"
	DueTo    = "due_to"
	Given    = "given"
	Got      = "got"
	Consumed = "consumed"
	Expired  = "expired"
	Lost     = "lost"
	Damaged  = "damaged"
	National = "national"
	Opening  = "opening"
	Supplier = "supplier"
	Counted  = "counted"
	Pledged  = "pledged"
	Cover    = "cover"
)

// Kinds lists the kinds of accounts.
var Kinds = []string{Stock, Transit, DueFrom, DueTo, Given, Got, Consumed, Expired, Lost, Damaged, National, Opening, Supplier, Counted, Pledged, Cover}

// Of is the account of a kind; detail is the warehouse or the member.
func Of(kind, detail string) Account {
	if detail == "" {
		return Account(kind)
	}
	return Account(kind + ":" + detail)
}

// Kind of the account.
func (a Account) Kind() string { k, _, _ := strings.Cut(string(a), ":"); return k }

// Detail is the warehouse or the member, or empty.
func (a Account) Detail() string { _, d, _ := strings.Cut(string(a), ":"); return d }

// Member is the other member that the account speaks of, or empty.
func (a Account) Member() access.Member {
	if slices.Contains(between, a.Kind()) {
		return access.Member(a.Detail())
	}
	return ""
}

var (
	between   = []string{Transit, DueFrom, DueTo, Given, Got}
	memo      = []string{Pledged, Cover}
	warehouse = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_-]{0,23}$`)
)

// Warehouse reports whether s can name a warehouse.
func Warehouse(s string) bool { return warehouse.MatchString(s) }

// Valid reports whether the account is one of a book.
func (a Account) Valid() bool {
	switch k, d := a.Kind(), a.Detail(); {
	case k == Stock:
		return Warehouse(d)
	case slices.Contains(between, k):
		return slices.Contains(access.All(), access.Member(d))
	default:
		return d == "" && !strings.Contains(string(a), ":") && slices.Contains(Kinds, k)
	}
}

// Lots reports whether the account is kept lot by lot: goods that can be
// pointed at.
func (a Account) Lots() bool { return a.Kind() == Stock || a.Kind() == Transit }

// Whole reports whether the account can never be negative: nobody sends, uses
// or promises away what is not there.
func (a Account) Whole() bool { return a.Lots() || a.Kind() == Pledged }

// Memo reports whether the account stands outside the balance of goods.
func (a Account) Memo() bool { return slices.Contains(memo, a.Kind()) }
