package reserve

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// expect begins the arrival of goods that another member dispatched to this
// one. A release that comes again, or after a later one, changes nothing.
func (d *Desk) expect(ctx context.Context, tx *db.Tx, m *Movement, _ *exchange.Inbound) error {
	if m.C.To != d.env.Member {
		return nil
	}
	list, err := d.arrivals.all(ctx, tx, `parent = ? AND owner = ?`, string(m.ID), string(d.env.Member))
	if err != nil || len(list) > 0 {
		return err
	}
	r := record(d, Shared{Marking: m.Marking}, ArrivalContent{Movement: m.ID, From: m.Owner, Title: m.C.Title, Item: m.C.Item, Name: m.C.Name, Unit: m.C.Unit, Keeps: m.C.Keeps,
		Purpose: m.C.Purpose, Draw: m.C.Draw, Replace: m.C.Replace, ETA: m.C.ETA})
	r.Exercise = m.Exercise
	for _, l := range m.C.Loads {
		r.C.Landed = append(r.C.Landed, Landed{Load: l})
	}
	_, err = d.arrivals.create(ctx, tx, d, access.Node(d.env.Member), r, "expect", nil)
	return err
}

// ReceiptInput is what a person enters of a receipt.
type ReceiptInput struct {
	Warehouse string   `json:"warehouse"`
	Landed    []Landed `json:"landed"` // by load: N, OK, Short, Damaged, Words
}

// StepArrival holds, lets go or receives.
func (d *Desk) StepArrival(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason, paper string, in *ReceiptInput) (Arrival, error) {
	return write(ctx, d, func(tx *db.Tx) (Arrival, error) {
		var edit func(r *Arrival) error
		switch verb {
		case "hold":
			edit = func(r *Arrival) error { r.C.Held, r.C.HoldRef = d.Now(), paper; return nil }
		case "free":
			edit = func(r *Arrival) error { r.C.Freed = d.Now(); return nil }
		case "receive":
			if in == nil {
				return Arrival{}, unknownVerb()
			}
			edit = func(r *Arrival) error {
				in.into(&r.C)
				r.C.Received = d.Now()
				var c fault.Check
				r.C.counted(&c)
				if err := c.Err(); err != nil {
					return err
				}
				r.C.check(&c)
				if err := c.Err(); err != nil {
					return err
				}
				return d.book(ctx, tx, actor, r)
			}
		default:
			return Arrival{}, unknownVerb()
		}
		return d.arrivals.step(ctx, tx, d, actor, rid, seen, verb, d.arrivals.releases(d, actor, reason, edit, nil))
	})
}

func (in *ReceiptInput) into(c *ArrivalContent) {
	c.Warehouse = in.Warehouse
	for _, l := range in.Landed {
		for i := range c.Landed {
			if c.Landed[i].N == l.N {
				c.Landed[i].OK, c.Landed[i].Short, c.Landed[i].Damaged, c.Landed[i].Words = l.OK, l.Short, l.Damaged, l.Words
			}
		}
	}
}

// book puts what came into this member's book, and on its debts.
func (d *Desk) book(ctx context.Context, tx *db.Tx, actor access.Actor, r *Arrival) error {
	if r.C.Warehouse == "" {
		return wrong("warehouse", "fault.reserve.warehouse")
	}
	ok, _, _ := r.C.Sum()
	if ok == 0 {
		return nil // nothing usable came: there is nothing to book here
	}
	item := string(r.C.Item)
	var entries []ledger.Entry
	for _, l := range r.C.Landed {
		if l.OK == 0 {
			continue
		}
		lot, err := d.landedLot(ctx, tx, r, &l)
		if err != nil {
			return err
		}
		entries = append(entries, ledger.Entry{Item: item, Lot: string(lot), Account: ledger.Of(ledger.Stock, r.C.Warehouse), Amount: l.OK})
	}
	entries = append(entries, ledger.Entry{Item: item, Account: against(r.C.Purpose, r.C.From), Amount: -ok})
	seq, err := d.post(ctx, tx, actor, booking{book: r.Exercise, key: "receive:" + string(r.C.Movement), kind: "receive", movement: r.C.Movement, release: r.Release, entries: ledger.Merge(entries)})
	if err != nil {
		return err
	}
	r.C.In = seq
	if r.C.Purpose != ledger.Draw {
		return nil
	}
	b := record(d, Shared{Marking: r.Marking}, DebtContent{Creditor: r.C.From, Item: r.C.Item, Name: r.C.Name, Unit: r.C.Unit, Qty: ok, Movement: r.C.Movement, Draw: r.C.Draw,
		By: d.Now().Add(time.Duration(r.C.Replace) * 24 * time.Hour)})
	b.Exercise, b.Released, b.Release, b.ClearedAs = r.Exercise, d.Now(), d.env.IDs.New(), actor.Name
	made, err := d.debts.create(ctx, tx, d, access.Node(d.env.Member), b, "owe", func(ctx context.Context, tx *db.Tx, b *Debt) error { return d.debts.send(ctx, tx, d, b) })
	r.C.Debt = made.ID
	return err
}

// against is the other side of a receipt in the receiver's book.
func against(purpose string, from access.Member) ledger.Account {
	switch purpose {
	case ledger.Draw:
		return ledger.Of(ledger.DueTo, string(from))
	case ledger.Replenish:
		return ledger.Of(ledger.DueFrom, string(from))
	}
	return ledger.Of(ledger.Got, string(from))
}

// landedLot is the lot of a load in this member's own register. The lot of the
// sender is known by number, maker and expiry; here it gets a record of its own.
func (d *Desk) landedLot(ctx context.Context, tx *db.Tx, r *Arrival, l *Landed) (id.ID, error) {
	list, err := d.lots.all(ctx, tx, `item = ? AND owner = ? ORDER BY id`, string(r.C.Item), string(d.env.Member))
	if err != nil {
		return "", err
	}
	for i := range list {
		c := &list[i].C
		if c.Number == l.Number && c.Maker == l.Maker && c.Expires == l.Expires && list[i].State == Usable && list[i].Exercise == r.Exercise {
			return list[i].ID, nil
		}
	}
	lot := record(d, Shared{Marking: r.Marking}, LotContent{Item: r.C.Item, Name: r.C.Name, Unit: r.C.Unit, Number: l.Number, Maker: l.Maker, Expires: l.Expires, Holder: d.env.Member, Keeps: r.C.Keeps})
	lot.Exercise = r.Exercise
	made, err := d.lots.create(ctx, tx, d, access.Node(d.env.Member), lot, "receive", nil)
	return made.ID, err
}

// settle books the other side's receipt in the sender's book.
func (d *Desk) settle(ctx context.Context, tx *db.Tx, a *Arrival, in *exchange.Inbound) error {
	if a.State != Received {
		return nil
	}
	m, err := d.movements.load(ctx, tx, a.C.Movement)
	if fault.Is(err, fault.NotFound) || err == nil && (!m.Own() || m.State != Dispatched) {
		return nil
	}
	if err != nil {
		return err
	}
	node := access.Node(d.env.Member)
	ok, short, damaged := a.C.Sum()
	c := d.movements.releases(d, node, "", func(r *Movement) error {
		r.C.Came, r.C.Short, r.C.Damaged, r.C.In = ok, short, damaged, a.C.In
		seq, err := d.postReceipt(ctx, tx, node, r, a, in.ID)
		r.C.Closed = seq
		return err
	}, func(ctx context.Context, tx *db.Tx, r *Movement) error { return d.pay(ctx, tx, r) })
	c.Detail = map[string]any{"came": ok, "short": short, "damaged": damaged}
	_, err = d.movements.step(ctx, tx, d, node, m.ID, 0, "book_receipt", c)
	return err
}

func (d *Desk) postReceipt(ctx context.Context, tx *db.Tx, node access.Actor, r *Movement, a *Arrival, release id.ID) (int64, error) {
	item, way := string(r.C.Item), ledger.Of(ledger.Transit, string(r.C.To))
	var entries []ledger.Entry
	for _, l := range r.C.Loads {
		entries = append(entries, ledger.Entry{Item: item, Lot: string(l.Lot), Account: way, Amount: -l.Qty})
	}
	account := ledger.Of(ledger.DueFrom, string(r.C.To))
	switch r.C.Purpose {
	case ledger.Replenish:
		account = ledger.Of(ledger.DueTo, string(r.C.To))
	case ledger.Gift:
		account = ledger.Of(ledger.Given, string(r.C.To))
	}
	ok, short, damaged := a.C.Sum()
	entries = append(entries, ledger.Entry{Item: item, Account: account, Amount: ok}, ledger.Entry{Item: item, Account: ledger.Lost, Amount: short},
		ledger.Entry{Item: item, Account: ledger.Damaged, Amount: damaged})
	return d.post(ctx, tx, node, booking{book: r.Exercise, key: "settle:" + string(r.ID), kind: "settle", movement: r.ID, release: release, entries: ledger.Merge(entries)})
}

// pay counts a replacement that arrived on the debt that it was sent for.
func (d *Desk) pay(ctx context.Context, tx *db.Tx, m *Movement) error {
	if m.C.Debt == "" || m.C.Came == 0 {
		return nil
	}
	b, err := d.debts.load(ctx, tx, m.C.Debt)
	if err != nil || b.State != Owed {
		return err
	}
	verb := workflow.Verb("pay_part")
	if b.C.Paid+m.C.Came >= b.C.Qty {
		verb = "settle"
	}
	node := access.Node(d.env.Member)
	_, err = d.debts.step(ctx, tx, d, node, b.ID, 0, verb, d.debts.releases(d, node, "", func(r *Debt) error { r.C.Paid += m.C.Came; return nil }, nil))
	return err
}

// Sweep lets pledges lapse and tells what changed in the book.
func (d *Desk) Sweep(ctx context.Context) error {
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := d.pledges.all(ctx, tx, `owner = ? AND state = ?`, string(d.env.Member), string(InForce))
		if err != nil {
			return err
		}
		node := access.Node(d.env.Member)
		for i := range list {
			p := &list[i]
			if !ended(p.C.Until, d.Now()) {
				continue
			}
			c := d.pledges.releases(d, node, "", nil, func(ctx context.Context, tx *db.Tx, r *Pledge) error {
				return d.memo(ctx, tx, node, r, -r.C.Left(), "lapse_pledge")
			})
			if _, err := d.pledges.step(ctx, tx, d, node, p.ID, 0, "lapse", c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.Renew(ctx)
}

// unchanged helps the receivers below: what was released once stays.
func unchanged[C any](old *Record[C], same bool) error {
	if old != nil && !same {
		return foreign()
	}
	return nil
}
