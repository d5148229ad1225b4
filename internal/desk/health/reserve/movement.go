package reserve

import (
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Records of what travels and of what is owed for it. The sender owns the
// movement, the receiver its arrival; neither writes what is the other's.
type (
	Movement = Record[MovementContent]
	Arrival  = Record[ArrivalContent]
	Debt     = Record[DebtContent]
)

// Purposes of a movement.
var Purposes = []string{ledger.Draw, ledger.Replenish, ledger.Gift}

// Load is one lot on a movement.
type Load struct {
	N         int    `json:"n"`
	Lot       id.ID  `json:"lot"`
	Number    string `json:"number"`
	Maker     string `json:"maker"`
	Expires   string `json:"expires,omitempty"`
	Warehouse string `json:"warehouse"` // that it leaves
	Qty       int64  `json:"qty"`
}

// MovementContent is goods of the reserve on their way, as their sender says.
type MovementContent struct {
	Title      string        `json:"title"`
	To         access.Member `json:"to"`
	Item       id.ID         `json:"item"`
	Name       string        `json:"name"`
	Unit       string        `json:"unit"`
	Keeps      string        `json:"cold"`
	Purpose    string        `json:"purpose"`
	Allocation id.ID         `json:"allocation,omitempty"`
	Line       int           `json:"line,omitempty"`
	Draw       id.ID         `json:"draw,omitempty"`
	Pledge     id.ID         `json:"pledge,omitempty"`
	Debt       id.ID         `json:"debt,omitempty"` // that it pays
	Replace    int           `json:"replace_days,omitempty"`
	Loads      []Load        `json:"loads"`
	Carrier    string        `json:"carrier,omitempty"`
	Waybill    string        `json:"waybill,omitempty"`
	ETA        string        `json:"eta,omitempty"`
	Went       time.Time     `json:"went,omitzero"`
	Out        int64         `json:"posted_out,omitempty"`    // posting of the sender: dispatched
	Closed     int64         `json:"posted_closed,omitempty"` // posting of the sender: receipt booked
	In         int64         `json:"posted_in,omitempty"`     // posting of the receiver
	Came       int64         `json:"came,omitempty"`
	Short      int64         `json:"short,omitempty"`
	Damaged    int64         `json:"damaged,omitempty"`

	basis   bool
	arrived *Arrival
}

// Sent is the whole of the loads.
func (m *MovementContent) Sent() int64 {
	var n int64
	for _, l := range m.Loads {
		n += l.Qty
	}
	return n
}

// bounded is a sum of which none is more than one posting can carry.
func (m *MovementContent) bounded() bool {
	var n int64
	for _, l := range m.Loads {
		if n += max(min(l.Qty, MaxQty), 0); n > MaxQty {
			return false
		}
	}
	return true
}

func (m *MovementContent) check(c *fault.Check) {
	need(c, &m.Title, MaxTitle, "title")
	member(c, m.To, "to")
	ref(c, m.Item, "item")
	need(c, &m.Name, MaxShort, "name")
	need(c, &m.Unit, MaxShort, "unit")
	c.That(slices.Contains(Cold, m.Keeps), "cold", "fault.reserve.choice")
	c.That(slices.Contains(Purposes, m.Purpose), "purpose", "fault.reserve.choice")
	refs(c, m.Allocation, m.Draw, m.Pledge, m.Debt)
	c.That(m.Replace >= 0 && m.Replace <= MaxReplace && (m.Replace > 0) == (m.Purpose == ledger.Draw), "replace", "fault.reserve.replace")
	for _, t := range []*string{&m.Carrier, &m.Waybill} {
		text(c, t, MaxShort, "waybill")
	}
	day(c, m.ETA, "eta", false)
	c.That(len(m.Loads) >= 1 && len(m.Loads) <= MaxLines, "loads", "fault.reserve.loads", fault.Args{"max": MaxLines})
	seen := map[[2]string]bool{}
	for i := range m.Loads {
		l := &m.Loads[i]
		_, err := id.Parse(string(l.Lot))
		key := [2]string{string(l.Lot), l.Warehouse}
		c.Row(err == nil && l.N == i+1 && !seen[key] && ledger.Warehouse(l.Warehouse) && l.Number != "" && !long(l.Number, 60) && !long(l.Maker, MaxShort), i+1, "loads", "fault.reserve.load")
		c.Row(l.Qty >= 1 && l.Qty <= MaxQty, i+1, "loads", "fault.reserve.qty", fault.Args{"max": MaxQty})
		seen[key] = true
	}
	c.That(m.bounded(), "qty", "fault.reserve.sum", fault.Args{"max": MaxQty})
	c.That(m.Out >= 0 && m.Closed >= 0 && m.Came >= 0 && m.Short >= 0 && m.Damaged >= 0, "loads", "fault.reserve.load")
}

// Landed is the receipt of one load: OK, Short and Damaged together are what
// was sent.
type Landed struct {
	Load
	OK      int64  `json:"ok"`
	Short   int64  `json:"short"`
	Damaged int64  `json:"damaged"`
	Words   string `json:"words,omitempty"`
}

// ArrivalContent is what the receiver says of a movement.
type ArrivalContent struct {
	Movement  id.ID         `json:"movement"`
	From      access.Member `json:"from"`
	Title     string        `json:"title"`
	Item      id.ID         `json:"item"`
	Name      string        `json:"name"`
	Unit      string        `json:"unit"`
	Keeps     string        `json:"cold"`
	Purpose   string        `json:"purpose"`
	Draw      id.ID         `json:"draw,omitempty"`
	Replace   int           `json:"replace_days,omitempty"`
	ETA       string        `json:"eta,omitempty"`
	Landed    []Landed      `json:"landed"`
	Warehouse string        `json:"warehouse,omitempty"`
	HoldRef   string        `json:"hold_ref,omitempty"`
	Held      time.Time     `json:"held,omitzero"`
	Freed     time.Time     `json:"freed,omitzero"`
	Received  time.Time     `json:"received,omitzero"`
	In        int64         `json:"posted_in,omitempty"` // posting of the receiver
	Debt      id.ID         `json:"debt,omitempty"`      // that it made
}

// Sum of the receipt: usable, short, damaged.
func (a *ArrivalContent) Sum() (ok, short, damaged int64) {
	for _, l := range a.Landed {
		ok, short, damaged = ok+l.OK, short+l.Short, damaged+l.Damaged
	}
	return
}

// counted judges what a person wrote of each load, field by field: "ok.1" is
// the usable ones of the first.
func (a *ArrivalContent) counted(c *fault.Check) {
	c.That(ledger.Warehouse(a.Warehouse), "warehouse", "fault.reserve.warehouse")
	for i := range a.Landed {
		l := &a.Landed[i]
		n, whole := "."+strconv.Itoa(l.N), true
		for _, f := range []struct {
			name string
			qty  int64
		}{{"ok", l.OK}, {"short", l.Short}, {"damaged", l.Damaged}} {
			fits := f.qty >= 0 && f.qty <= l.Qty
			whole = whole && fits
			c.That(fits, f.name+n, "fault.reserve.between", fault.Args{"low": 0, "high": l.Qty})
		}
		c.That(!whole || l.OK+l.Short+l.Damaged == l.Qty, "ok"+n, "fault.reserve.landed", fault.Args{"sent": l.Qty})
		text(c, &l.Words, health.MaxReason, "words"+n)
		c.That(!whole || l.Short+l.Damaged == 0 || l.Words != "", "words"+n, "fault.reserve.loss_words")
	}
}

func (a *ArrivalContent) check(c *fault.Check) {
	ref(c, a.Movement, "movement")
	member(c, a.From, "from")
	need(c, &a.Title, MaxTitle, "title")
	ref(c, a.Item, "item")
	need(c, &a.Name, MaxShort, "name")
	need(c, &a.Unit, MaxShort, "unit")
	c.That(slices.Contains(Cold, a.Keeps) && slices.Contains(Purposes, a.Purpose), "purpose", "fault.reserve.choice")
	refs(c, a.Draw, a.Debt)
	text(c, &a.HoldRef, MaxShort, "hold_ref")
	c.That(a.Warehouse == "" || ledger.Warehouse(a.Warehouse), "warehouse", "fault.reserve.warehouse")
	c.That(len(a.Landed) >= 1 && len(a.Landed) <= MaxLines, "landed", "fault.reserve.loads", fault.Args{"max": MaxLines})
	for i := range a.Landed {
		l := &a.Landed[i]
		c.Row(l.OK >= 0 && l.Short >= 0 && l.Damaged >= 0 && max(l.OK, l.Short, l.Damaged) <= MaxQty, i+1, "landed", "fault.reserve.qty", fault.Args{"max": MaxQty})
		c.Row(a.Received.IsZero() || l.OK+l.Short+l.Damaged == l.Qty, i+1, "landed", "fault.reserve.landed", fault.Args{"sent": l.Qty})
		c.Row(!long(l.Words, health.MaxReason), i+1, "landed", "fault.too_long", fault.Args{"max": health.MaxReason})
	}
	c.That(a.In >= 0, "landed", "fault.reserve.load")
}

// DebtContent is what a member has to put back for what it drew.
type DebtContent struct {
	Creditor access.Member `json:"creditor"`
	Item     id.ID         `json:"item"`
	Name     string        `json:"name"`
	Unit     string        `json:"unit"`
	Qty      int64         `json:"qty"`
	Paid     int64         `json:"paid"`
	Movement id.ID         `json:"movement"` // that it arose from
	Draw     id.ID         `json:"draw,omitempty"`
	By       time.Time     `json:"by"`
}

// Left is what is still owed; more may have come than was owed.
func (d *DebtContent) Left() int64 { return max(d.Qty-d.Paid, 0) }

func (d *DebtContent) check(c *fault.Check) {
	member(c, d.Creditor, "creditor")
	ref(c, d.Item, "item")
	need(c, &d.Name, MaxShort, "name")
	need(c, &d.Unit, MaxShort, "unit")
	quantity(c, d.Qty, 1, "qty")
	c.That(d.Paid >= 0 && d.Paid <= ledger.MaxBalance, "paid", "fault.reserve.sum", fault.Args{"max": ledger.MaxBalance})
	ref(c, d.Movement, "movement")
	refs(c, d.Draw)
}
