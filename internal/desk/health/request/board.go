package request

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
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
	Levels   []BoardLevel
	Reports  []BoardReport
}

// BoardLevel is the level of a family in force, as another part computes it.
type BoardLevel struct {
	Family id.ID
	Name   string
	Level  int
	Until  time.Time
	Href   string
}

// BoardReport is how far a regional situation report has come.
type BoardReport struct {
	Title, Href string
	Number      int
	In, Of      int
	Missing     []access.Member
	CutOff      time.Time
	Overdue     bool
	Done        bool // composed or issued: nothing is awaited any more
}

// Sources are what the board reads of other parts, for an actor. A nil one has
// nothing.
type Sources struct {
	Levels  func(ctx context.Context, actor access.Actor) ([]BoardLevel, error)
	Reports func(ctx context.Context, actor access.Actor) ([]BoardReport, error)
}

// Connect adds sources that are made after the part.
func (d *Desk) Connect(s Sources) {
	if s.Levels != nil {
		d.from.Levels = s.Levels
	}
	if s.Reports != nil {
		d.from.Reports = s.Reports
	}
}

// around adds what other parts say.
func (d *Desk) around(ctx context.Context, actor access.Actor, b *Board) error {
	var err error
	if d.from.Levels != nil {
		if b.Levels, err = d.from.Levels(ctx, actor); err != nil {
			return err
		}
	}
	if d.from.Reports != nil {
		b.Reports, err = d.from.Reports(ctx, actor)
	}
	return err
}

// board joins the lines with what answers them.
func (b *boardData) board(now time.Time) Board {
	out := Board{AsOf: now, Requests: len(b.requests)}
	by := b.byRequest()
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
		lines := b.linesOf(r, by[r.ID], now)
		if len(lines) > 0 && lines[0].Late {
			out.Overdue++
		}
		for _, l := range lines {
			l.Offers, l.Moves = offers[key{r.ID, l.Line.N}], moves[key{r.ID, l.Line.N}]
			if l.Reach.Commit != Complete {
				out.Open++
			}
			out.Lines = append(out.Lines, l)
		}
	}
	out.Lines = byUrgency(out.Lines)
	return out
}

// linesOf are the lines of a request with how far each is met: of an own
// request from the records, of another's from what its owner told.
func (b *boardData) linesOf(r *Request, by *answering, now time.Time) []BoardLine {
	c := r.Content()
	p, told := b.progress[r.ID]
	var reach []Reach
	silent, n, asOf := []access.Member(nil), 0, r.Sent.Issued
	switch {
	case r.Own():
		if by == nil {
			by = &answering{}
		}
		reach = Reaches(c.Lines, by.bids, by.teams, by.goods)
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

// answering is what hangs on one request.
type answering struct {
	bids  []Offer
	teams []Deployment
	goods []Consignment
}

func (b *boardData) byRequest() map[id.ID]*answering {
	out := map[id.ID]*answering{}
	of := func(rid id.ID) *answering {
		if out[rid] == nil {
			out[rid] = &answering{}
		}
		return out[rid]
	}
	for i := range b.offers {
		o := &b.offers[i]
		x := of(o.Request)
		x.bids = append(x.bids, Offer{OfferContent: o.OfferContent, Decision: b.taken[o.ID]})
	}
	for i := range b.teams {
		x := of(b.teams[i].Request)
		x.teams = append(x.teams, b.teams[i])
	}
	for i := range b.goods {
		x := of(b.goods[i].Request)
		x.goods = append(x.goods, b.goods[i])
	}
	return out
}

// urgency is what the order of a line follows from.
type urgency struct {
	rank, prio int
	day        string
	request    id.ID
	at         int // where the line stood
}

func urgencyOf(l *BoardLine, at int) urgency {
	u := urgency{slices.Index([]Degree{None, Partial, Complete}, l.Reach.Commit), slices.Index(Priorities, l.Line.Priority), cmp.Or(l.Line.NeededBy, "9999"), l.Request, at}
	if u.prio < 0 {
		u.prio = len(Priorities)
	}
	return u
}

// byUrgency orders lines: what nobody committed to before what is partly met,
// the more urgent and the sooner needed first. The lines are large: their keys
// are sorted in their place.
func byUrgency(lines []BoardLine) []BoardLine {
	keys := make([]urgency, len(lines))
	for i := range lines {
		keys[i] = urgencyOf(&lines[i], i)
	}
	slices.SortFunc(keys, func(a, b urgency) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.prio, b.prio), cmp.Compare(a.day, b.day), cmp.Compare(a.request, b.request), cmp.Compare(a.at, b.at))
	})
	out := make([]BoardLine, len(lines))
	for i, k := range keys {
		out[i] = lines[k.at]
	}
	return out
}
