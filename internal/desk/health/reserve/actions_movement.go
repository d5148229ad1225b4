package reserve

import (
	"cmp"
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// MovementInput is what a person enters of goods to be sent. For a line of a
// division only its number; for a debt only the debt.
type MovementInput struct {
	Shared
	Title      string        `json:"title"`
	Allocation id.ID         `json:"allocation,omitempty"`
	Line       int           `json:"line,omitempty"`
	Debt       id.ID         `json:"debt,omitempty"`
	To         access.Member `json:"to,omitempty"`   // of a gift
	Item       id.ID         `json:"item,omitempty"` // of a gift
	Qty        int64         `json:"qty"`            // of which FEFO takes the lots
	Loads      []Load        `json:"loads,omitempty"`
	Carrier    string        `json:"carrier,omitempty"`
	Waybill    string        `json:"waybill,omitempty"`
	ETA        string        `json:"eta,omitempty"`
}

// Batch is what there is of one lot at one warehouse of this member.
type Batch struct {
	ledger.Batch
	Item   id.ID
	Name   string
	Unit   string
	Maker  string
	Holder access.Member
	Keeps  string
	State  workflow.State
}

// batches are the goods that are physically here; item narrows them.
func (d *Desk) batches(ctx context.Context, tx *db.Tx, book string, item id.ID) ([]Batch, error) {
	cond, args := `account LIKE 'stock:%'`, []any{}
	lotCond := `owner = ?`
	lotArgs := []any{string(d.env.Member)}
	if item != "" {
		cond, args = cond+` AND item = ?`, append(args, string(item))
		lotCond, lotArgs = lotCond+` AND item = ?`, append(lotArgs, string(item))
	}
	have, err := balances(ctx, tx, book, cond, args...)
	if err != nil {
		return nil, err
	}
	list, err := d.lots.all(ctx, tx, lotCond, lotArgs...)
	if err != nil {
		return nil, err
	}
	lots := map[string]*Lot{}
	for i := range list {
		lots[string(list[i].ID)] = &list[i]
	}
	var out []Batch
	for k, n := range have {
		b := Batch{Batch: ledger.Batch{Lot: k.Lot, Warehouse: k.Account.Detail(), Qty: n}, Item: id.ID(k.Item)}
		if l := lots[k.Lot]; l != nil {
			b.Number, b.Expires, b.Usable, b.Name, b.Unit, b.Maker, b.Holder, b.Keeps, b.State = l.C.Number, l.C.Expires, l.State == Usable, l.C.Name, l.C.Unit, l.C.Maker, l.C.Holder, l.C.Keeps, l.State
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Batch) int { return compareBatches(&a, &b) })
	return out, nil
}

// fefo proposes loads for a quantity.
func (d *Desk) fefo(ctx context.Context, tx *db.Tx, book string, item id.ID, qty int64) ([]Load, int64, error) {
	list, err := d.batches(ctx, tx, book, item)
	if err != nil {
		return nil, 0, err
	}
	plain := make([]ledger.Batch, len(list))
	for i := range list {
		plain[i] = list[i].Batch
	}
	picks, short := ledger.FEFO(plain, qty, today(d.Now()))
	var out []Load
	for _, p := range picks {
		i := slices.IndexFunc(list, func(b Batch) bool { return b.Lot == p.Lot })
		out = append(out, Load{N: len(out) + 1, Lot: id.ID(p.Lot), Number: p.Number, Maker: list[i].Maker, Expires: p.Expires, Warehouse: p.Warehouse, Qty: p.Take})
	}
	return out, short, nil
}

// movement is the content that the input comes to.
func (d *Desk) movement(ctx context.Context, tx *db.Tx, actor access.Actor, in *MovementInput) (MovementContent, error) {
	out := MovementContent{Title: in.Title, To: in.To, Item: in.Item, Carrier: in.Carrier, Waybill: in.Waybill, ETA: in.ETA, Purpose: ledger.Gift}
	switch {
	case in.Allocation != "":
		a, err := d.allocations.visible(ctx, tx, actor, in.Allocation)
		if err != nil {
			return out, err
		}
		l, ok := a.C.Line(in.Line)
		if !ok || l.From != string(d.env.Member) {
			return out, wrong("line", "fault.reserve.choice")
		}
		out.Purpose, out.Allocation, out.Line, out.To, out.Item, out.Replace, out.Draw = ledger.Draw, a.ID, l.N, access.Member(l.To), a.C.Item, a.C.Replace, id.ID(l.Draw)
		if a.C.Replace == 0 {
			out.Purpose = ledger.Gift
		}
		if l.Pool == allocation.Pledge {
			out.Pledge = id.ID(l.Pledge)
		}
	case in.Debt != "":
		b, err := d.debts.visible(ctx, tx, actor, in.Debt)
		if err != nil {
			return out, err
		}
		if !b.Own() {
			return out, wrong("debt", "fault.reserve.choice")
		}
		out.Purpose, out.Debt, out.To, out.Item, out.Draw = ledger.Replenish, b.ID, b.C.Creditor, b.C.Item, b.C.Draw
	}
	if out.To == d.env.Member {
		return out, wrong("to", "fault.reserve.choose")
	}
	item, err := d.item(ctx, tx, actor, out.Item)
	if err != nil {
		return out, err
	}
	out.Name, out.Unit, out.Keeps, out.Loads = item.C.Name, item.C.Unit, item.C.Keeps, slices.Clone(in.Loads)
	if len(out.Loads) == 0 {
		loads, short, err := d.fefo(ctx, tx, d.exercise(), out.Item, in.Qty)
		if err == nil && (short > 0 || in.Qty <= 0) {
			err = fault.New(fault.Conflict, "fault.reserve.not_enough").With("short", short)
		}
		if err != nil {
			return out, err
		}
		out.Loads = loads
	}
	return out, d.nameLoads(ctx, tx, &out)
}

// nameLoads writes onto every load what is known of its lot here.
func (d *Desk) nameLoads(ctx context.Context, tx *db.Tx, m *MovementContent) error {
	for i := range m.Loads {
		l := &m.Loads[i]
		lot, err := d.lots.load(ctx, tx, l.Lot)
		if fault.Is(err, fault.NotFound) || err == nil && lot.C.Item != m.Item {
			return wrong("loads", "fault.reserve.load")
		}
		if err != nil {
			return err
		}
		l.N, l.Number, l.Maker, l.Expires = i+1, lot.C.Number, lot.C.Maker, lot.C.Expires
	}
	return nil
}

// Prepare begins a movement. Without loads, the lots that expire first are
// taken.
func (d *Desk) Prepare(ctx context.Context, actor access.Actor, in MovementInput) (Movement, error) {
	return write(ctx, d, func(tx *db.Tx) (Movement, error) {
		c, err := d.movement(ctx, tx, actor, &in)
		if err != nil {
			return Movement{}, err
		}
		r := record(d, in.Shared, c)
		r.Exercise = d.exercise() // its ground is in the same book
		if err := d.fillBasis(ctx, tx, &r); err != nil {
			return r, err
		}
		if !r.C.basis {
			return r, fault.New(fault.Conflict, "fault.reserve.basis")
		}
		return d.movements.create(ctx, tx, d, actor, r, "prepare", nil)
	})
}

// EditMovement changes loads and papers before the goods leave.
func (d *Desk) EditMovement(ctx context.Context, actor access.Actor, rid id.ID, seen int, in MovementInput) (Movement, error) {
	return write(ctx, d, func(tx *db.Tx) (Movement, error) {
		return d.movements.step(ctx, tx, d, actor, rid, seen, "edit", desk.Change[Movement]{Edit: func(r *Movement) error {
			r.C.Title, r.C.Carrier, r.C.Waybill, r.C.ETA = in.Title, in.Carrier, in.Waybill, in.ETA
			if len(in.Loads) > 0 {
				r.C.Loads = slices.Clone(in.Loads)
			}
			return d.nameLoads(ctx, tx, &r.C)
		}})
	})
}

// StepMovement dispatches or cancels.
func (d *Desk) StepMovement(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) (Movement, error) {
	return write(ctx, d, func(tx *db.Tx) (Movement, error) {
		switch verb {
		case "cancel":
			return d.movements.step(ctx, tx, d, actor, rid, seen, verb, desk.Change[Movement]{Detail: map[string]any{"reason": reason}, Edit: func(r *Movement) error { r.Reason = reason; return nil }})
		case "dispatch":
			c := d.movements.releases(d, actor, reason, func(r *Movement) error {
				r.C.Went = d.Now()
				seq, err := d.postDispatch(ctx, tx, actor, r)
				r.C.Out = seq
				return err
			}, func(ctx context.Context, tx *db.Tx, r *Movement) error { return d.drawPledge(ctx, tx, r) })
			return d.movements.step(ctx, tx, d, actor, rid, seen, verb, c)
		}
		return Movement{}, unknownVerb()
	})
}

// postDispatch books goods out of the warehouses onto the way. Only usable
// lots that keep leave.
func (d *Desk) postDispatch(ctx context.Context, tx *db.Tx, actor access.Actor, r *Movement) (int64, error) {
	var entries []ledger.Entry
	item, way := string(r.C.Item), ledger.Of(ledger.Transit, string(r.C.To))
	for _, l := range r.C.Loads {
		lot, err := d.lots.load(ctx, tx, l.Lot)
		if err != nil {
			return 0, err
		}
		if lot.State != Usable || !Keeps(lot.C.Expires, d.Now()) {
			return 0, fault.New(fault.Conflict, "fault.reserve.lot_unusable").With("lot", lot.C.Number)
		}
		entries = append(entries, ledger.Entry{Item: item, Lot: string(l.Lot), Account: ledger.Of(ledger.Stock, l.Warehouse), Amount: -l.Qty},
			ledger.Entry{Item: item, Lot: string(l.Lot), Account: way, Amount: l.Qty})
	}
	if r.C.Pledge != "" {
		entries = append(entries, ledger.Entry{Item: item, Account: ledger.Pledged, Amount: -r.C.Sent()}, ledger.Entry{Item: item, Account: ledger.Cover, Amount: r.C.Sent()})
	}
	return d.post(ctx, tx, actor, booking{book: r.Exercise, key: "dispatch:" + string(r.ID), kind: "dispatch", movement: r.ID, release: r.Release, entries: ledger.Merge(entries)})
}

// drawPledge writes down what of a promise was sent.
func (d *Desk) drawPledge(ctx context.Context, tx *db.Tx, r *Movement) error {
	if r.C.Pledge == "" {
		return nil
	}
	node := access.Node(d.env.Member)
	_, err := d.pledges.step(ctx, tx, d, node, r.C.Pledge, 0, "draw", d.pledges.releases(d, node, "", func(p *Pledge) error { p.C.Drawn += r.C.Sent(); return nil }, nil))
	return err
}

// fillBasis reads whether there is a ground for the movement, and the
// receiver's word on it.
func (d *Desk) fillBasis(ctx context.Context, tx *db.Tx, r *Movement) error {
	if r.C.Sent() == 0 || !r.Own() {
		return nil
	}
	if r.State == Dispatched {
		list, err := d.arrivals.all(ctx, tx, `parent = ? AND owner = ?`, string(r.ID), string(r.C.To))
		if err == nil && len(list) > 0 {
			r.C.arrived = &list[0]
		}
		return err
	}
	switch {
	case r.C.Allocation != "":
		due, err := d.dueLines(ctx, tx, r.Exercise)
		r.C.basis = slices.ContainsFunc(due, func(l DueLine) bool {
			left := l.Left // of a new movement; one that is prepared counts among the begun
			if r.State == Prepared {
				left = l.Unsent
			}
			return l.Allocation == r.C.Allocation && l.Line.N == r.C.Line && r.C.Sent() <= left
		})
		return err
	case r.C.Debt != "":
		b, err := d.debts.load(ctx, tx, r.C.Debt)
		if err != nil {
			return err
		}
		begun, err := d.underWay(ctx, tx, r)
		r.C.basis = err == nil && b.Own() && b.State == Owed && b.C.Creditor == r.C.To && b.C.Item == r.C.Item && r.C.Sent() <= b.C.Left()-begun
		return err
	}
	r.C.basis = true // a gift: who clears decides
	return nil
}

// underWay is what other movements carry for the same debt and has not arrived:
// nobody replaces more than is owed.
func (d *Desk) underWay(ctx context.Context, tx *db.Tx, r *Movement) (int64, error) {
	list, err := d.movements.all(ctx, tx, `owner = ? AND state IN (?, ?)`, string(d.env.Member), string(Prepared), string(Dispatched))
	var n int64
	for i := range list {
		if o := &list[i]; o.ID != r.ID && o.C.Debt == r.C.Debt && o.Exercise == r.Exercise {
			n += o.C.Sent()
		}
	}
	return n, err
}

func compareBatches(a, b *Batch) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Lot, b.Lot),
		cmp.Compare(a.Warehouse, b.Warehouse))
}
