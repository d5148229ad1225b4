package request

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// What a consignment carries.
const (
	Goods     = "goods"
	Specimens = "specimens" // referral to a laboratory across a border
)

// Item is one line of a consignment. Of specimens What is a code that the
// sending laboratory can lead back to its record; it names nobody.
type Item struct {
	N     int    `json:"n"`
	For   int    `json:"for,omitempty"` // the line of the request
	What  string `json:"what"`
	Spec  string `json:"spec,omitempty"` // of specimens the type
	Qty   int64  `json:"qty"`
	Unit  string `json:"unit"`
	Lot   string `json:"lot,omitempty"`
	Until string `json:"until,omitempty"` // expiry
}

// Shipment is the sender's half of a consignment.
type Shipment struct {
	Title      string         `json:"title"`
	Carries    string         `json:"carries"`
	Items      []Item         `json:"items"`
	Packages   int64          `json:"packages,omitempty"`
	Kilograms  int64          `json:"kilograms,omitempty"`
	Litres     int64          `json:"litres,omitempty"`
	Dangerous  string         `json:"dangerous,omitempty"` // UN class, such as UN 3373
	Cold       string         `json:"cold,omitempty"`
	Permit     string         `json:"permit,omitempty"`   // export permit
	Transfer   string         `json:"transfer,omitempty"` // material transfer agreement
	Carrier    string         `json:"carrier,omitempty"`
	Waybill    string         `json:"waybill,omitempty"`
	Entry      string         `json:"entry,omitempty"`
	Place      string         `json:"place,omitempty"` // final place, or the laboratory
	ETD        string         `json:"etd,omitempty"`
	ETA        string         `json:"eta,omitempty"`
	Reconciled string         `json:"reconciled,omitempty"` // words
	Reason     string         `json:"reason,omitempty"`
	State      workflow.State `json:"state"`
	Seq        int            `json:"seq"`
	At         time.Time      `json:"at"`
	Post       string         `json:"post,omitempty"`
}

// Got is the receipt of one line: OK, Short and Damaged together are what was
// sent.
type Got struct {
	N       int    `json:"n"`
	OK      int64  `json:"ok"`
	Short   int64  `json:"short"`
	Damaged int64  `json:"damaged"`
	Words   string `json:"words,omitempty"`
	Result  string `json:"result,omitempty"`    // of a specimen
	Access  string `json:"accession,omitempty"` // of its sequence
}

// Receipt is the receiver's half of a consignment.
type Receipt struct {
	Import   string         `json:"import,omitempty"` // import permit
	HoldRef  string         `json:"hold_ref,omitempty"`
	HoldWhy  string         `json:"hold_why,omitempty"`
	Held     time.Time      `json:"held,omitzero"`
	Released time.Time      `json:"released,omitzero"`
	Day      string         `json:"day,omitempty"` // of the receipt
	Got      []Got          `json:"got,omitempty"`
	Words    string         `json:"words,omitempty"`
	State    workflow.State `json:"state"`
	Seq      int            `json:"seq"`
	At       time.Time      `json:"at"`
	Post     string         `json:"post,omitempty"`
}

// Of is the receipt of a line.
func (r *Receipt) Of(n int) (Got, bool) {
	i := slices.IndexFunc(r.Got, func(g Got) bool { return g.N == n })
	if i < 0 {
		return Got{N: n}, false
	}
	return r.Got[i], true
}

// Consignment is goods or specimens on their way, at the member that sends
// them or at the one that gets them. Each side writes its own half alone.
type Consignment struct {
	desk.Head
	From        access.Member   `json:"from"`
	To          access.Member   `json:"to"`
	Request     id.ID           `json:"request,omitempty"`
	Offer       id.ID           `json:"offer,omitempty"`
	Event       id.ID           `json:"event,omitempty"`
	Arrangement id.ID           `json:"arrangement,omitempty"`
	Basis       string          `json:"basis,omitempty"`
	Inform      []access.Member `json:"inform,omitempty"`
	Shipment    Shipment        `json:"shipment"`
	Receipt     Receipt         `json:"receipt"`
	Told        bool            `json:"told,omitempty"` // something of it was released

	force bool
	words string
}

// ShipmentView is the body of a request.consignment release.
type ShipmentView struct {
	ID          id.ID          `json:"id"`
	From        access.Member  `json:"from"`
	To          access.Member  `json:"to"`
	Request     id.ID          `json:"request,omitempty"`
	Offer       id.ID          `json:"offer,omitempty"`
	Event       id.ID          `json:"event,omitempty"`
	Arrangement id.ID          `json:"arrangement,omitempty"`
	Basis       string         `json:"basis,omitempty"`
	Marking     access.Marking `json:"marking"`
	Shipment    Shipment       `json:"shipment"`
}

// ReceiptView is the body of a request.arrival release.
type ReceiptView struct {
	ID      id.ID         `json:"id"`
	From    access.Member `json:"from"` // the receiver
	Receipt Receipt       `json:"receipt"`
}

func (c *Consignment) head() *desk.Head { return &c.Head }

// Own reports whether this member sends it.
func (c *Consignment) Own() bool { return c.From == c.Owner }

// Peer is the other side.
func (c *Consignment) Peer() access.Member {
	if c.Own() {
		return c.To
	}
	return c.From
}

func (c *Consignment) columns() columns {
	out := columns{Peer: c.Peer(), Request: c.Request, Offer: c.Offer, Event: c.Event, Open: c.Open(), Words: []string{c.Shipment.Title, c.Shipment.Waybill, c.Shipment.Place}}
	for _, i := range c.Shipment.Items {
		out.Words = append(out.Words, i.What, i.Lot)
	}
	return out
}

// Passage are the stages of a consignment in their order.
var Passage = []string{"allocated", "packed", "shipped", "customs_hold", "released", "received", "reconciled"}

// Stage is how far the consignment has come, as both halves together say.
func (c *Consignment) Stage() string {
	s, r := c.Shipment.State, c.Receipt.State
	switch {
	case s == Cancelled || s == Reconciled:
		return string(s)
	case r == GoodsReceived:
		return "received"
	case s == Shipped && (r == CustomsHold || r == Released):
		return string(r)
	}
	return string(s)
}

// OnWay reports whether the goods left and were not received yet.
func (c *Consignment) OnWay() bool {
	return c.Shipment.State == Shipped && c.Receipt.State != GoodsReceived
}

// Whole reports whether every line came whole.
func (r *Receipt) Whole() bool {
	return !slices.ContainsFunc(r.Got, func(g Got) bool { return g.Short != 0 || g.Damaged != 0 })
}

func validateConsignment(c *Consignment) error {
	var f form
	f.member(c.From, "from")
	f.member(c.To, "to")
	f.That(c.From != c.To, "to", "fault.request.member")
	f.ref(c.Arrangement, "arrangement")
	f.text(&c.Basis, MaxShort, "basis", 0)
	f.text(&c.words, MaxReason, "words", 0)
	f.marking(c.Marking)
	c.Shipment.check(&f)
	c.Receipt.check(&f, &c.Shipment)
	return f.Err()
}

func (s *Shipment) check(f *form) {
	f.text(&s.Title, MaxTitle, "title", 0)
	f.That(s.Carries == Goods || s.Carries == Specimens, "carries", "fault.request.choice")
	for _, t := range []struct {
		s     *string
		field string
	}{{&s.Dangerous, "dangerous"}, {&s.Cold, "cold"}, {&s.Permit, "permit"}, {&s.Transfer, "transfer"}, {&s.Carrier, "carrier"}, {&s.Waybill, "waybill"},
		{&s.Entry, "entry"}, {&s.Place, "place"}} {
		f.text(t.s, MaxShort, t.field, 0)
	}
	f.text(&s.Reconciled, MaxReason, "words", 0)
	f.text(&s.Reason, MaxReason, "reason", 0)
	f.number(s.Packages, MaxQty, "packages", 0)
	f.number(s.Kilograms, MaxQty, "kilograms", 0)
	f.number(s.Litres, MaxQty, "litres", 0)
	f.days(s.ETD, s.ETA, "eta", 0)
	f.That(len(s.Items) <= MaxLines, "items", "fault.too_many", map[string]any{"max": MaxLines})
	for i := range s.Items {
		it := &s.Items[i]
		f.Row(it.N == i+1, i+1, "items", "fault.request.line_number")
		f.number(int64(it.For), 10*MaxLines, "for", i+1)
		f.text(&it.What, MaxShort, "what", i+1)
		f.Row(it.What != "", i+1, "what", "fault.request.item")
		f.text(&it.Spec, MaxShort, "spec", i+1)
		f.Row(it.Qty >= 1 && it.Qty <= MaxQty, i+1, "qty", "fault.request.qty")
		f.text(&it.Unit, 40, "unit", i+1)
		f.Row(it.Unit != "", i+1, "unit", "fault.request.unit")
		f.text(&it.Lot, MaxShort, "lot", i+1)
		f.day(it.Until, "expiry", i+1)
	}
}

func (r *Receipt) check(f *form, s *Shipment) {
	for _, t := range []*string{&r.Import, &r.HoldRef} {
		f.text(t, MaxShort, "ref", 0)
	}
	f.text(&r.HoldWhy, MaxReason, "reason", 0)
	f.text(&r.Words, MaxReason, "words", 0)
	f.day(r.Day, "day", 0)
	seen := map[int]bool{}
	f.That(len(r.Got) <= MaxLines, "got", "fault.too_many", map[string]any{"max": MaxLines})
	for i := range r.Got {
		g := &r.Got[i]
		k := slices.IndexFunc(s.Items, func(it Item) bool { return it.N == g.N })
		f.Row(k >= 0 && !seen[g.N], i+1, "got", "fault.request.line_number")
		f.Row(g.OK >= 0 && g.Short >= 0 && g.Damaged >= 0 && max(g.OK, g.Short, g.Damaged) <= MaxQty, i+1, "got", "fault.request.qty")
		if k >= 0 {
			f.Row(g.OK+g.Short+g.Damaged == s.Items[k].Qty, i+1, "got", "fault.request.got", map[string]any{"sent": s.Items[k].Qty})
		}
		f.text(&g.Words, MaxReason, "got_words", i+1)
		f.text(&g.Result, MaxShort, "result", i+1)
		f.text(&g.Access, MaxShort, "accession", i+1)
		seen[g.N] = true
	}
}
