package ledger

import (
	"cmp"
	"slices"
)

// Batch is what there is of one lot at one warehouse.
type Batch struct {
	Lot       string
	Number    string
	Warehouse string
	Expires   string // 2027-03-31; empty: does not expire
	Usable    bool   // neither in quarantine nor damaged
	Qty       int64
}

// Pick is what is taken of a batch.
type Pick struct {
	Batch
	Take int64
}

// Keeps reports whether goods can be used on a day, 2027-03-31 and in UTC as
// all days here. The day of expiry is the last day of use, to its end. This is
// the one rule for what counts as usable, is proposed, may leave, and is told
// to have expired.
func Keeps(expires, day string) bool { return expires == "" || day <= expires }

// FEFO proposes what to send: of the usable lots that keep on the day, the one
// that expires first goes first; a lot without an expiry goes last. Among
// equals the smaller batch is emptied first, then the number decides. short is
// what the batches do not cover.
func FEFO(batches []Batch, want int64, day string) (picks []Pick, short int64) {
	fit := slices.DeleteFunc(slices.Clone(batches), func(b Batch) bool {
		return !b.Usable || b.Qty <= 0 || !Keeps(b.Expires, day)
	})
	slices.SortFunc(fit, func(a, b Batch) int {
		return cmp.Or(later(a.Expires, b.Expires), cmp.Compare(a.Qty, b.Qty), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Lot, b.Lot), cmp.Compare(a.Warehouse, b.Warehouse))
	})
	for _, b := range fit {
		if want <= 0 {
			break
		}
		n := min(want, b.Qty)
		picks, want = append(picks, Pick{b, n}), want-n
	}
	return picks, max(want, 0)
}

func later(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return cmp.Compare(a, b)
}
