package request

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// BoardLine is one line of one request as the board shows it: who needs what,
// who offers it, and what is on the way, over what this node knows.
type BoardLine struct {
	Request   id.ID
	Href      string
	Member    access.Member // who needs it
	Title     string
	Line      Line
	Reach     Reach
	Offers    []BoardOffer
	Moves     []BoardMove
	AnswerBy  time.Time
	Silent    []access.Member // known of own requests; of others' only their number
	SilentN   int
	Late      bool // an answer is overdue
	AsOf      time.Time
	Unclear   bool // the requester did not tell how far the line is met
	EventName string
	Exercise  string
}

// BoardOffer is who offers how much, and what was taken of it.
type BoardOffer struct {
	Member  access.Member
	Offer   id.ID
	Qty     int64
	Taken   int64
	Decided bool
}

// BoardMove is a team or goods on the way.
type BoardMove struct {
	ID    id.ID
	From  access.Member
	To    access.Member
	What  string
	Stage string
	ETA   string
	Team  bool
}

// Board are all open lines of open requests that this node knows.
type Board struct {
	Lines    []BoardLine
	Moves    []BoardMove // on the way, each once, also those without a request
	Requests int
	Overdue  int // requests with an answer overdue
	Open     int // lines that nobody fully committed to
	AsOf     time.Time
}

// boardData is all that a board is made of.
type boardData struct {
	requests []Request
	offers   []OfferView
	taken    map[id.ID]*DecisionView
	progress map[id.ID]ProgressView
	teams    []Deployment
	goods    []Consignment
}

// Board reads the board: this member's own records and what was released to
// it. Nothing else enters: a line without a word from its owner says so.
func (d *Desk) Board(ctx context.Context, actor access.Actor) (Board, error) {
	var out Board
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		data, err := d.boardData(ctx, tx, actor)
		if err != nil {
			return err
		}
		out = data.board(d.env.Clock.Now())
		return nil
	})
	return out, err
}

func (d *Desk) boardData(ctx context.Context, tx *db.Tx, actor access.Actor) (*boardData, error) {
	b := &boardData{taken: map[id.ID]*DecisionView{}, progress: map[id.ID]ProgressView{}}
	// Of open requests also what is over: what came still counts.
	es, err := entries(ctx, tx, `open = 1 OR (kind IN (?, ?, ?) AND request <> '') ORDER BY id`, Bid, HostedTeam, AwaitedGood)
	if err != nil {
		return nil, err
	}
	for i := range es {
		e := &es[i]
		if !sees(actor, e.Head().Marking) {
			continue
		}
		switch {
		case e.Request != nil && e.Request.Sent != nil:
			b.requests = append(b.requests, *e.Request)
		case e.Offer != nil && !e.Offer.Issued.IsZero():
			b.offers = append(b.offers, viewOffer(e.Offer))
			b.taken[e.Offer.ID] = e.Offer.Decision
		case e.Deployment != nil:
			b.teams = append(b.teams, *e.Deployment)
		case e.Consignment != nil:
			b.goods = append(b.goods, *e.Consignment)
		}
	}
	return b, b.others(ctx, tx, actor)
}

// others adds what was released for information.
func (b *boardData) others(ctx context.Context, tx *db.Tx, actor access.Actor) error {
	offers, meta, err := copies[OfferView](ctx, tx, KindOffer, `open = 1 ORDER BY id`)
	if err != nil {
		return err
	}
	for i, o := range offers {
		if sees(actor, meta[i].Marking) {
			b.offers = append(b.offers, o)
		}
	}
	progress, meta, err := copies[ProgressView](ctx, tx, KindProgress, `1 = 1`)
	if err != nil {
		return err
	}
	for i, p := range progress {
		if sees(actor, meta[i].Marking) {
			b.progress[p.Request] = p
		}
	}
	teams, meta, err := copies[MissionView](ctx, tx, KindDeployment, `open = 1 ORDER BY id`)
	if err != nil {
		return err
	}
	for i, t := range teams {
		if sees(actor, meta[i].Marking) {
			r := Deployment{From: t.From, To: t.To}
			r.ID, r.State = t.ID, t.Mission.State
			r.takeMission(&t)
			b.teams = append(b.teams, r)
		}
	}
	hosts, meta, err := copies[HostView](ctx, tx, KindHosting, `1 = 1`)
	if err != nil {
		return err
	}
	for i, h := range hosts {
		for k := range b.teams {
			if t := &b.teams[k]; t.ID == h.ID && t.To == meta[i].Sender {
				t.Host = h.Host
			}
		}
	}
	return b.otherGoods(ctx, tx, actor)
}

// otherGoods adds consignments between others, both halves as far as told.
func (b *boardData) otherGoods(ctx context.Context, tx *db.Tx, actor access.Actor) error {
	goods, meta, err := copies[ShipmentView](ctx, tx, KindConsignment, `open = 1 ORDER BY id`)
	if err != nil {
		return err
	}
	for i, g := range goods {
		if sees(actor, meta[i].Marking) {
			c := Consignment{From: g.From, To: g.To}
			c.ID, c.State = g.ID, g.Shipment.State
			c.takeShipment(&g)
			b.goods = append(b.goods, c)
		}
	}
	receipts, meta, err := copies[ReceiptView](ctx, tx, KindArrival, `1 = 1`)
	if err != nil {
		return err
	}
	for i, r := range receipts {
		for k := range b.goods {
			if c := &b.goods[k]; c.ID == r.ID && c.To == meta[i].Sender {
				c.Receipt = r.Receipt
			}
		}
	}
	return nil
}

// board joins the lines with what answers them.
func (b *boardData) board(now time.Time) Board {
	out := Board{AsOf: now, Requests: len(b.requests)}
	type key struct {
		request id.ID
		line    int
	}
	offers, moves := map[key][]BoardOffer{}, map[key][]BoardMove{}
	for _, o := range b.offers {
		dec, decided := b.taken[o.ID]
		for _, l := range o.Lines {
			t, line := dec.TakenOf(l.N), l.For
			if t.Qty > 0 {
				line = t.For
			}
			k := key{o.Request, line}
			offers[k] = append(offers[k], BoardOffer{Member: o.From, Offer: o.ID, Qty: l.Qty, Taken: t.Qty, Decided: decided && dec != nil})
		}
	}
	for i := range b.teams {
		t := &b.teams[i]
		if !t.Open() {
			continue
		}
		m := BoardMove{ID: t.ID, From: t.From, To: t.To, What: t.Mission.Title, Stage: t.Stage(), ETA: t.Mission.ETA, Team: true}
		moves[key{t.Request, t.Line}] = append(moves[key{t.Request, t.Line}], m)
		out.Moves = append(out.Moves, m)
	}
	for i := range b.goods {
		c := &b.goods[i]
		if !c.Open() {
			continue
		}
		m := BoardMove{ID: c.ID, From: c.From, To: c.To, What: c.Shipment.Title, Stage: c.Stage(), ETA: c.Shipment.ETA}
		out.Moves = append(out.Moves, m)
		seen := map[key]bool{}
		for _, it := range c.Shipment.Items {
			if k := (key{c.Request, it.For}); !seen[k] {
				seen[k] = true
				moves[k] = append(moves[k], m)
			}
		}
	}
	for i := range b.requests {
		r := &b.requests[i]
		lines := b.linesOf(r, now)
		if len(lines) > 0 && lines[0].Late {
			out.Overdue++
		}
		for _, l := range lines {
			k := key{r.ID, l.Line.N}
			l.Offers, l.Moves = offers[k], moves[k]
			if l.Reach.Commit != Complete {
				out.Open++
			}
			out.Lines = append(out.Lines, l)
		}
	}
	slices.SortStableFunc(out.Lines, byUrgency)
	return out
}

// linesOf are the lines of a request with how far each is met: of an own
// request from the records, of another's from what its owner told.
func (b *boardData) linesOf(r *Request, now time.Time) []BoardLine {
	c := r.Content()
	p, told := b.progress[r.ID]
	var reach []Reach
	silent, n, asOf := []access.Member(nil), 0, r.Sent.Issued
	switch {
	case r.Own():
		var bids []Offer
		for _, o := range b.offers {
			if o.Request == r.ID {
				bids = append(bids, Offer{OfferContent: o.OfferContent, Decision: b.taken[o.ID]})
			}
		}
		reach = Reaches(c.Lines, bids, ofRequest(b.teams, r.ID), goodsOf(b.goods, r.ID))
		silent, asOf = r.Silent(), now
		n = len(silent)
	case told:
		reach, n, asOf = p.Lines, p.Silent, p.At
	}
	out := make([]BoardLine, 0, len(c.Lines))
	for _, l := range c.Lines {
		bl := BoardLine{Request: r.ID, Href: "/health/requests/" + string(r.ID), Member: r.From, Title: c.Title, Line: l, AnswerBy: r.Sent.AnswerBy, Silent: silent, SilentN: n,
			Late: n > 0 && Late(r.Sent.AnswerBy, now), AsOf: asOf, EventName: c.EventName, Exercise: r.Exercise, Unclear: true}
		for _, x := range reach {
			if x.Line == l.N {
				bl.Reach, bl.Unclear = x, false
			}
		}
		if bl.Unclear {
			bl.Reach = Reach{Line: l.N, Asked: l.Qty, Commit: None, Transit: None, Fulfil: None}
		}
		out = append(out, bl)
	}
	return out
}

func ofRequest(teams []Deployment, rid id.ID) []Deployment {
	var out []Deployment
	for _, t := range teams {
		if t.Request == rid {
			out = append(out, t)
		}
	}
	return out
}

func goodsOf(goods []Consignment, rid id.ID) []Consignment {
	var out []Consignment
	for _, c := range goods {
		if c.Request == rid {
			out = append(out, c)
		}
	}
	return out
}

// byUrgency: what nobody committed to before what is partly met, the more
// urgent and the sooner needed first.
func byUrgency(a, b BoardLine) int {
	rank := func(l BoardLine) int {
		return slices.Index([]Degree{None, Partial, Complete}, l.Reach.Commit)
	}
	prio := func(l BoardLine) int {
		if i := slices.Index(Priorities, l.Line.Priority); i >= 0 {
			return i
		}
		return len(Priorities)
	}
	day := func(s string) string { return cmp.Or(s, "9999") }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(prio(a), prio(b)), cmp.Compare(day(a.Line.NeededBy), day(b.Line.NeededBy)), cmp.Compare(a.Request, b.Request))
}
