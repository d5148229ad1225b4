package request

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Degree is how far one axis of a line has come.
type Degree string

// Degrees; the catalogue has "request.degree.<d>".
const (
	None     Degree = "none"
	Partial  Degree = "partial"
	Complete Degree = "complete"
)

// Reach is how far a line of a request is met, computed from records: what was
// taken of offers, what left, and what came whole. Sent counts what is under
// way and what came; what came short or damaged counts in neither. (The three
// axes are those of Sahana Eden's requests: commit, transit, fulfil.)
type Reach struct {
	Line      int    `json:"line"`
	Asked     int64  `json:"asked"`
	Offered   int64  `json:"offered"`
	Committed int64  `json:"committed"`
	Sent      int64  `json:"sent"`
	Came      int64  `json:"came"`
	Commit    Degree `json:"commit"`
	Transit   Degree `json:"transit"`
	Fulfil    Degree `json:"fulfil"`
}

func degree(n, of int64) Degree {
	switch {
	case n <= 0:
		return None
	case n < of:
		return Partial
	}
	return Complete
}

// Open is what nobody has committed to yet.
func (r Reach) Open() int64 { return max(0, r.Asked-r.Committed) }

// Match is a request with what answers it.
type Match struct {
	Request      Request
	Bids         []Offer
	Arrangements []Arrangement
	Teams        []Deployment
	Consignments []Consignment
	Lines        []Reach
}

// Reaches computes how far each line is met.
func Reaches(lines []Line, bids []Offer, teams []Deployment, goods []Consignment) []Reach {
	out := make([]Reach, len(lines))
	at := map[int]*Reach{}
	for i, l := range lines {
		out[i] = Reach{Line: l.N, Asked: l.Qty}
		at[l.N] = &out[i]
	}
	add := func(line int, f func(r *Reach)) {
		if r := at[line]; r != nil {
			f(r)
		}
	}
	for _, o := range bids {
		if o.State == Withdrawn || o.State == Lapsed {
			continue
		}
		for _, l := range o.Lines {
			t := o.Decision.TakenOf(l.N)
			line := l.For
			if t.Qty > 0 {
				line = t.For
			}
			add(line, func(r *Reach) { r.Offered += l.Qty; r.Committed += t.Qty })
		}
	}
	for _, t := range teams {
		add(t.Line, func(r *Reach) {
			if slices.Contains(states{Mobilised, OnTask, Demobilised, Debriefed}, t.Mission.State) {
				r.Sent += t.Mission.Teams
			}
			if slices.Contains(states{Arrived, Departed, Over}, t.Host.State) {
				r.Came += t.Mission.Teams
			}
		})
	}
	for _, c := range goods {
		if c.Shipment.State != Shipped && c.Shipment.State != Reconciled {
			continue
		}
		for _, it := range c.Shipment.Items {
			got, came := c.Receipt.Of(it.N)
			add(it.For, func(r *Reach) {
				if came && c.Receipt.State == GoodsReceived {
					r.Sent, r.Came = r.Sent+got.OK, r.Came+got.OK
				} else {
					r.Sent += it.Qty
				}
			})
		}
	}
	for i := range out {
		r := &out[i]
		r.Commit, r.Transit, r.Fulfil = degree(r.Committed, r.Asked), degree(r.Sent, r.Asked), degree(r.Came, r.Asked)
	}
	return out
}

// Whole is the least degree of all lines: a request is met when each line is.
func Whole(lines []Reach, axis func(Reach) Degree) Degree {
	if len(lines) == 0 {
		return None
	}
	every, some := true, false
	for _, l := range lines {
		d := axis(l)
		every = every && d == Complete
		some = some || d != None
	}
	switch {
	case every:
		return Complete
	case some:
		return Partial
	}
	return None
}

// wouldExceed reports whether taking this of an offer, beside what is taken of
// the others, is more than a line asks for.
func (m *Match) wouldExceed(offer id.ID, taken []Taken) bool {
	var others []Offer
	for _, b := range m.Bids {
		if b.ID != offer {
			others = append(others, b)
		}
	}
	for _, r := range Reaches(m.Request.Content().Lines, others, nil, nil) {
		more := int64(0)
		for _, t := range taken {
			if t.For == r.Line {
				more += t.Qty
			}
		}
		if more > 0 && r.Committed+more > r.Asked {
			return true
		}
	}
	return false
}

// matching reads all that answers a request of this member.
func (d *Desk) matching(ctx context.Context, tx *db.Tx, rid id.ID) (Match, error) {
	var m Match
	var err error
	if m.Request, err = d.requests.Load(ctx, tx, rid); err != nil {
		return m, err
	}
	return m, d.fill(ctx, tx, &m)
}

// fill reads what hangs on the request of a match, at either side.
func (d *Desk) fill(ctx context.Context, tx *db.Tx, m *Match) error {
	offers, teams, goods := Bid, HostedTeam, AwaitedGood
	if !m.Request.Own() {
		offers, teams, goods = OwnOffer, OwnTeam, OwnGoods
	}
	rid := string(m.Request.ID)
	var err error
	if m.Bids, err = all[Offer](ctx, tx, offers, `request = ? ORDER BY id`, rid); err != nil {
		return err
	}
	if m.Arrangements, err = all[Arrangement](ctx, tx, Agreement, `request = ? ORDER BY id`, rid); err != nil {
		return err
	}
	if m.Teams, err = all[Deployment](ctx, tx, teams, `request = ? ORDER BY id`, rid); err != nil {
		return err
	}
	if m.Consignments, err = all[Consignment](ctx, tx, goods, `request = ? ORDER BY id`, rid); err != nil {
		return err
	}
	m.Lines = Reaches(m.Request.Content().Lines, m.Bids, m.Teams, m.Consignments)
	return nil
}

// Matching is a request of this member, or one that it got, with what answers
// it as far as this node knows.
func (d *Desk) Matching(ctx context.Context, actor access.Actor, rid id.ID) (Match, error) {
	var m Match
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		kind, err := kindAt(ctx, tx, rid)
		if err != nil {
			return err
		}
		k := d.calls
		if kind == OwnRequest {
			k = d.requests
		}
		if m.Request, err = visible(ctx, tx, k, actor, rid); err != nil {
			return err
		}
		if err := d.fill(ctx, tx, &m); err != nil {
			return err
		}
		m.Bids = slices.DeleteFunc(m.Bids, func(o Offer) bool { return !sees(actor, o.Head.Marking) })
		return nil
	})
	return m, err
}
