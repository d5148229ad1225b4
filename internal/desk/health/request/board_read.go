package request

import (
	"context"
	"sync"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// boardData is all that a board is made of.
type boardData struct {
	requests []Request
	offers   []OfferView
	taken    map[id.ID]*DecisionView
	progress map[id.ID]ProgressView
	teams    []Deployment
	goods    []Consignment
}

// stamp changes with every record that a board could show.
type stamp struct{ records, changed, versions, copies, issued, revs int64 }

func readStamp(ctx context.Context, tx *db.Tx) (stamp, error) {
	var s stamp
	if _, err := tx.Row(ctx, `SELECT COUNT(*), COALESCE(MAX(changed), 0), COALESCE(SUM(version), 0) FROM request_record`, nil, &s.records, &s.changed, &s.versions); err != nil {
		return s, err
	}
	_, err := tx.Row(ctx, `SELECT COUNT(*), COALESCE(MAX(issued), 0), COALESCE(SUM(rev), 0) FROM request_copy`, nil, &s.copies, &s.issued, &s.revs)
	return s, err
}

// boards keeps what the last boards were made of, one for each reach: with
// thousands of open lines, reading them all again for each look would be slow.
// A board is computed anew each time, for its clocks run.
type boards struct {
	mu   sync.Mutex
	kept map[bool]*keptBoard // by whether records marked red are left out
}

type keptBoard struct {
	stamp stamp
	data  *boardData
}

func (b *boards) find(noRed bool, s stamp) *boardData {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.kept[noRed]; k != nil && k.stamp == s {
		return k.data
	}
	return nil
}

func (b *boards) keep(noRed bool, s stamp, data *boardData) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[bool]*keptBoard{}
	}
	b.kept[noRed] = &keptBoard{s, data}
}

// Board reads the board: this member's own records and what was released to
// it. Nothing else enters: a line without a word from its owner says so.
func (d *Desk) Board(ctx context.Context, actor access.Actor) (Board, error) {
	var out Board
	reach := health.ReachOf(actor)
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var data *boardData
		s, err := readStamp(ctx, tx)
		if err != nil {
			return err
		}
		if reach.None || reach.Places != nil {
			data = &boardData{}
		} else {
			data = d.boards.find(reach.NoRed, s)
		}
		if data == nil {
			if data, err = d.boardData(ctx, tx, actor); err != nil {
				return err
			}
			d.boards.keep(reach.NoRed, s, data)
		}
		out = data.board(d.env.Clock.Now())
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, d.around(ctx, actor, &out)
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
		case e.Offer != nil && (e.Offer.State == Withdrawn || e.Offer.State == Lapsed):
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
