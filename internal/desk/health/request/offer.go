package request

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// OfferLine is one thing that is offered: the fields of the offer form.
type OfferLine struct {
	N          int    `json:"n"`
	For        int    `json:"for,omitempty"` // the line of the request; 0: none
	Category   string `json:"category"`
	Item       string `json:"item"`
	Spec       string `json:"spec,omitempty"`
	Qty        int64  `json:"qty"`
	Unit       string `json:"unit"`
	From       string `json:"from,omitempty"` // a day
	Hours      int64  `json:"hours,omitempty"`
	Transport  string `json:"transport,omitempty"`
	ETD        string `json:"etd,omitempty"`
	ETA        string `json:"eta,omitempty"`
	Days       int64  `json:"days,omitempty"`
	People     int64  `json:"people,omitempty"`
	Kilograms  int64  `json:"kilograms,omitempty"`
	Litres     int64  `json:"litres,omitempty"`    // volume: 1,000 l are 1 m³
	Dangerous  string `json:"dangerous,omitempty"` // UN class
	Cold       string `json:"cold,omitempty"`      // cold chain
	SelfDays   int64  `json:"self_days,omitempty"`
	Cost       string `json:"cost"`
	Conditions string `json:"conditions,omitempty"`
}

// OfferContent is what an offer says.
type OfferContent struct {
	Title     string         `json:"title"`
	Words     string         `json:"words,omitempty"`
	Entity    string         `json:"entity"` // who gives it
	Authority string         `json:"authority"`
	Contact   string         `json:"contact,omitempty"`
	Lang      string         `json:"lang"`
	Request   id.ID          `json:"request,omitempty"` // empty: unsolicited
	Event     id.ID          `json:"event,omitempty"`
	Valid     string         `json:"valid,omitempty"`
	Marking   access.Marking `json:"marking"`
	Lines     []OfferLine    `json:"lines"`
}

// OfferView is the body of a request.offer release.
type OfferView struct {
	OfferContent
	ID      id.ID         `json:"id"`
	From    access.Member `json:"from"`
	To      access.Member `json:"to"`
	Issued  time.Time     `json:"issued"`
	Post    string        `json:"post"`
	Cleared string        `json:"cleared"`
	Seq     int           `json:"seq"`
	Over    string        `json:"over,omitempty"` // "withdrawn" or "lapsed"
	Reason  string        `json:"reason,omitempty"`
}

// Taken is how much of a line of an offer the requester takes, and for which
// line of its request.
type Taken struct {
	N   int   `json:"n"`
	For int   `json:"for"`
	Qty int64 `json:"qty"`
}

// DecisionView is the body of a request.decision release: what the requester
// takes of the offer. It is the requester's half; an empty list declines.
type DecisionView struct {
	Offer   id.ID         `json:"offer"`
	Request id.ID         `json:"request,omitempty"`
	By      access.Member `json:"by"`
	Taken   []Taken       `json:"taken"`
	Words   string        `json:"words,omitempty"`
	At      time.Time     `json:"at"`
	Post    string        `json:"post"`
	Seq     int           `json:"seq"`
}

// Offer is an offer at the member that offers, or at the one that got it.
type Offer struct {
	desk.Head
	From         access.Member `json:"from"`
	To           access.Member `json:"to"`
	OfferContent `json:"content"`
	Inform       []access.Member `json:"inform,omitempty"` // bodies that get a copy
	Issued       time.Time       `json:"issued,omitzero"`
	Post         string          `json:"post,omitempty"`
	Seq          int             `json:"seq"`
	EditBy       id.ID           `json:"edit_by,omitempty"`
	SubmitBy     id.ID           `json:"submit_by,omitempty"`
	Cleared      string          `json:"cleared,omitempty"`
	Decision     *DecisionView   `json:"decision,omitempty"`
	Reason       string          `json:"reason,omitempty"`
	Opened       time.Time       `json:"opened,omitzero"`

	over bool // what is taken is more than was asked for
}

func (o *Offer) head() *desk.Head { return &o.Head }

// Own reports whether this member offers.
func (o *Offer) Own() bool { return o.From == o.Owner }

// Peer is the other side.
func (o *Offer) Peer() access.Member {
	if o.Own() {
		return o.To
	}
	return o.From
}

func (o *Offer) columns() columns {
	c := columns{Peer: o.Peer(), Request: o.Request, Offer: o.ID, Event: o.Event, Open: o.Open(), Words: []string{o.Title, o.OfferContent.Words, o.Entity}}
	for _, l := range o.Lines {
		c.Words = append(c.Words, l.Item, l.Spec)
	}
	return c
}

// Line finds a line by its number.
func (o *OfferContent) Line(n int) (OfferLine, bool) {
	i := slices.IndexFunc(o.Lines, func(l OfferLine) bool { return l.N == n })
	if i < 0 {
		return OfferLine{}, false
	}
	return o.Lines[i], true
}

// TakenOf is how much of a line was taken.
func (d *DecisionView) TakenOf(n int) Taken {
	if d != nil {
		for _, t := range d.Taken {
			if t.N == n {
				return t
			}
		}
	}
	return Taken{N: n}
}

// total is all that is offered, and all of it that is taken.
func (o *Offer) total() (offered, taken int64) {
	for _, l := range o.Lines {
		offered += l.Qty
		taken += o.Decision.TakenOf(l.N).Qty
	}
	return offered, taken
}

func validateOffer(o *Offer) error {
	var f form
	f.member(o.From, "from")
	f.member(o.To, "to")
	f.That(o.From != o.To, "to", "fault.request.member")
	f.text(&o.Reason, MaxReason, "reason", 0)
	for _, m := range o.Inform {
		f.member(m, "inform")
		f.That(m != o.From && m != o.To, "inform", "fault.request.member")
	}
	o.check(&f)
	if o.Decision != nil {
		o.Decision.check(&f, o)
	}
	return f.Err()
}

func (o *OfferContent) check(f *form) {
	f.text(&o.Title, MaxTitle, "title", 0)
	f.text(&o.Words, MaxWords, "words", 0)
	f.text(&o.Entity, MaxShort, "entity", 0)
	f.text(&o.Authority, MaxShort, "authority", 0)
	f.text(&o.Contact, MaxShort, "contact", 0)
	f.text(&o.Lang, 20, "lang", 0)
	f.ref(o.Request, "request")
	f.ref(o.Event, "event")
	f.day(o.Valid, "valid", 0)
	f.marking(o.Marking)
	f.That(len(o.Lines) <= MaxLines, "lines", "fault.too_many", map[string]any{"max": MaxLines})
	for i := range o.Lines {
		l := &o.Lines[i]
		f.Row(l.N == i+1, i+1, "lines", "fault.request.line_number")
		l.check(f, i+1)
	}
}

func (l *OfferLine) check(f *form, row int) {
	f.Row(l.Category != "", row, "category", "fault.request.choice")
	f.one(l.Category, Categories, "category", row)
	f.text(&l.Item, MaxShort, "item", row)
	f.Row(l.Item != "", row, "item", "fault.request.item")
	f.text(&l.Spec, MaxWords, "spec", row)
	f.Row(l.Qty >= 1 && l.Qty <= MaxQty, row, "qty", "fault.request.qty")
	f.text(&l.Unit, 40, "unit", row)
	f.Row(l.Unit != "", row, "unit", "fault.request.unit")
	f.number(int64(l.For), 10*MaxLines, "for", row)
	f.day(l.From, "from", row)
	f.days(l.ETD, l.ETA, "eta", row)
	for _, n := range []struct {
		v     int64
		most  int64
		field string
	}{{l.Hours, 24 * MaxDays, "hours"}, {l.Days, MaxDays, "days"}, {l.People, MaxPeople * 100, "people"}, {l.Kilograms, MaxQty, "kilograms"},
		{l.Litres, MaxQty, "litres"}, {l.SelfDays, MaxDays, "self_days"}} {
		f.number(n.v, n.most, n.field, row)
	}
	f.text(&l.Transport, MaxShort, "transport", row)
	f.text(&l.Dangerous, 40, "dangerous", row)
	f.text(&l.Cold, MaxShort, "cold", row)
	f.Row(l.Cost != "", row, "cost", "fault.request.choice")
	f.one(l.Cost, Costs, "cost", row)
	f.text(&l.Conditions, MaxWords, "conditions", row)
}

// check refuses a decision that takes more than is offered or names a line
// that is not there.
func (d *DecisionView) check(f *form, o *Offer) {
	f.text(&d.Words, MaxReason, "words", 0)
	f.That(d.Offer == o.ID && d.By == o.To, "offer", "fault.request.not_side")
	seen := map[int]bool{}
	for i, t := range d.Taken {
		l, ok := o.Line(t.N)
		f.Row(ok && !seen[t.N], i+1, "taken", "fault.request.line_number")
		f.Row(t.Qty >= 0 && t.Qty <= l.Qty, i+1, "taken", "fault.request.taken", map[string]any{"max": l.Qty})
		f.Row(t.For >= 0 && t.For <= 10*MaxLines, i+1, "taken", "fault.request.line_number")
		seen[t.N] = true
	}
}
