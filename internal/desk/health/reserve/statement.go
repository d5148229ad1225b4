package reserve

import (
	"time"

	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Statement is the standing statement of a member's book: an approver opens
// it once, and from then on the newest balances leave by themselves.
type Statement = Record[StatementContent]

// Balance is one line of a statement: an account over all lots.
type Balance struct {
	Item    id.ID          `json:"item"`
	Account ledger.Account `json:"account"`
	Amount  int64          `json:"amount"`
}

// Held is an item of a statement: its name, and how much of the physical
// stock can be sent: usable, not expired, not promised by a decision.
type Held struct {
	Item   id.ID  `json:"item"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Usable int64  `json:"usable"`
}

// StatementContent are the balances of a book after posting Seq.
type StatementContent struct {
	Seq      int64     `json:"seq"`
	Head     string    `json:"head"` // digest of that posting
	AsOf     time.Time `json:"as_of"`
	Balances []Balance `json:"balances"`
	Items    []Held    `json:"items"`
}

// maxBalances and maxSum bound what another member can send.
const (
	maxBalances = 20_000
	maxSum      = 1000 * ledger.MaxBalance
)

func (s *StatementContent) check(c *fault.Check) {
	c.That(s.Seq >= 0 && len(s.Head) <= 64 && !s.AsOf.IsZero(), "seq", "fault.reserve.statement")
	c.That(len(s.Balances) <= maxBalances && len(s.Items) <= maxBalances, "balances", "fault.too_many", fault.Args{"max": maxBalances})
	sums := map[[2]string]int64{}
	for _, b := range s.Balances {
		if _, err := id.Parse(string(b.Item)); err != nil || !b.Account.Valid() || b.Account.Whole() && b.Amount < 0 || b.Amount > ledger.MaxBalance || b.Amount < -ledger.MaxBalance {
			c.That(false, "balances", "fault.reserve.statement")
			return
		}
		memo := ""
		if b.Account.Memo() {
			memo = "memo"
		}
		k := [2]string{string(b.Item), memo}
		if sums[k] += b.Amount; sums[k] > maxSum || sums[k] < -maxSum {
			c.That(false, "balances", "fault.reserve.statement") // before it wraps round
			return
		}
	}
	for k, n := range sums {
		c.That(n == 0, "balances", "fault.reserve.unbalanced", fault.Args{"item": k[0], "sum": n})
	}
	for _, h := range s.Items {
		c.That(h.Name != "" && !long(h.Name, MaxShort) && !long(h.Unit, MaxShort) && h.Usable >= 0 && h.Usable <= ledger.MaxBalance, "items", "fault.reserve.statement")
	}
}

// sideOf is the statement as the comparison of the books takes it.
func sideOf(r *Statement) ledger.Side {
	s := &r.C
	out := ledger.Side{Member: r.Owner, Seq: s.Seq, Balances: map[string]map[ledger.Account]int64{}}
	for _, b := range s.Balances {
		m := out.Balances[string(b.Item)]
		if m == nil {
			m = map[ledger.Account]int64{}
			out.Balances[string(b.Item)] = m
		}
		m[b.Account] += b.Amount
	}
	return out
}
