package region

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

// Goods of the reserve: what a storekeeper books, and what travels.

// keeper is who keeps the book: the duty desk, or who clears where a count is
// corrected.
func (t *turn) keeper(ctx context.Context) (access.Actor, error) {
	if t.s.Choice == "count_more" || t.s.Choice == "count_less" {
		return t.by(ctx, access.Approver)
	}
	return t.by(ctx, access.DutyOfficer)
}

func (t *turn) posting() reserve.PostInput {
	return reserve.PostInput{Kind: t.s.Choice, Warehouse: t.s.Fields["warehouse"], Qty: t.number("quantity"), Words: t.s.Words}
}

// stockLot registers a lot and books what there is of it.
func stockLot(ctx context.Context, t *turn) error {
	by, err := t.keeper(ctx)
	if err != nil {
		return err
	}
	item, err := t.item(ctx, by)
	if err != nil {
		return err
	}
	f := t.s.Fields
	l, err := t.node.Reserve.Register(ctx, by, reserve.LotInput{Item: item, Number: f["number"], Maker: f["maker"], Expires: f["expires"], Holder: access.Member(t.s.Field("holder", string(t.member)))},
		t.posting())
	if err == nil {
		t.keep("", l.ID)
	}
	return err
}

// findLot names a lot of the member's register by its number.
func findLot(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	number := t.s.Fields["number"]
	list, err := t.node.Reserve.Batches(ctx, by, t.other().ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(b reserve.Batch) bool { return b.Number == number })
	if i < 0 {
		return invalid("number", "fault.scenario.no_lot", number)
	}
	t.keep("", id.ID(list[i].Lot))
	return nil
}

func postLot(ctx context.Context, t *turn) error {
	by, err := t.keeper(ctx)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err != nil {
		return err
	}
	in := t.posting()
	in.Lot = m.ID
	_, err = t.node.Reserve.Post(ctx, by, in)
	return err
}

// moveStock carries goods from one warehouse of the member to another.
func moveStock(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err == nil {
		_, err = t.node.Reserve.Post(ctx, by, reserve.PostInput{Kind: "move", Lot: m.ID, Warehouse: t.s.Fields["from"], To: t.s.Fields["to"], Qty: t.number("quantity"), Words: t.s.Words})
	}
	return err
}

// rotateLot swaps goods near their expiry for fresh ones from the state's own
// supplies.
func rotateLot(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err != nil {
		return err
	}
	f := t.s.Fields
	l, err := t.node.Reserve.Rotate(ctx, by, reserve.RotateInput{Lot: m.ID, Warehouse: f["warehouse"], Qty: t.number("quantity"), Words: t.s.Words,
		New: reserve.LotInput{Number: f["number"], Maker: f["maker"], Expires: f["expires"]}})
	if err == nil {
		t.names[t.s.As] = made{Owner: t.member, ID: l.ID}
	}
	return err
}

func stepLot(ctx context.Context, t *turn) error {
	verb, role := workflow.Verb("quarantine"), access.DutyOfficer
	if t.s.Verb == scenario.FreeLot {
		verb, role = "free", access.Approver
	}
	by, err := t.by(ctx, role)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err == nil {
		_, err = t.node.Reserve.StepLot(ctx, by, m.ID, 0, verb, t.s.Words, nil)
	}
	return err
}

// movement reads the papers of goods that leave, and loads LOT WAREHOUSE
// QUANTITY; without loads the lots that expire first are taken.
func (t *turn) movement() (reserve.MovementInput, error) {
	f := t.s.Fields
	in := reserve.MovementInput{Shared: t.shared(), Title: f["title"], Qty: t.number("quantity"), Carrier: f["carrier"], Waybill: f["waybill"], ETA: f["eta"]}
	var err error
	in.Loads, err = read(t.s, "load", func(r *row) reserve.Load {
		lot := t.names[r.word(0)]
		if lot.Owner != t.member {
			r.err = notOwned(r.word(0), lot.Owner)
		}
		return reserve.Load{Lot: lot.ID, Warehouse: r.word(1), Qty: r.number(2)}
	})
	return in, err
}

// send prepares goods and lets them leave.
func (t *turn) send(ctx context.Context, by access.Actor, in *reserve.MovementInput) error {
	m, err := t.node.Reserve.Prepare(ctx, by, *in)
	if err != nil {
		return err
	}
	t.keep("", m.ID)
	_, err = t.node.Reserve.StepMovement(ctx, by, m.ID, 0, "dispatch", "")
	return err
}

// dispatch sends what an adopted division lets this member send to another,
// from its warehouses or out of the pledge that is named.
func dispatch(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	in, err := t.movement()
	if err != nil {
		return err
	}
	due, err := t.node.Reserve.DueLines(ctx, by)
	if err != nil {
		return err
	}
	pledge, pool := string(t.named("pledge").ID), allocation.Physical
	if pledge != "" {
		pool = allocation.Pledge
	}
	i := slices.IndexFunc(due, func(l reserve.DueLine) bool {
		return l.Allocation == t.other().ID && l.Line.To == string(t.s.From) && l.Line.Pool == pool && l.Line.Pledge == pledge
	})
	if i < 0 { // decided elsewhere, and not known here yet
		return fault.New(fault.NotFound, "fault.scenario.no_line").With("to", string(t.s.From))
	}
	if due[i].Replace == 0 { // nothing is owed for it: a gift, which who clears sends
		if by, err = t.by(ctx, access.Approver); err != nil {
			return err
		}
	}
	in.Allocation, in.Line = due[i].Allocation, due[i].Line.N
	if in.Qty == 0 {
		in.Qty = due[i].Left
	}
	return t.send(ctx, by, &in)
}

// replenish sends back what is owed for a shipment that was drawn: so much of
// it as the step says, or all that is still owed.
func replenish(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	in, err := t.movement()
	if err != nil {
		return err
	}
	list, _, err := t.node.Reserve.Debts(ctx, by, reserve.Filter{Parent: t.other().ID, Owner: t.member})
	if err != nil {
		return err
	}
	if len(list) == 0 { // it arises with the receipt, which this member gave or did not
		return invalid("name", "fault.scenario.no_debt", t.s.Other)
	}
	in.Debt = list[0].ID
	if in.Qty == 0 {
		in.Qty = list[0].C.Left()
	}
	return t.send(ctx, by, &in)
}

// gift sends goods for good; who clears decides.
func gift(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Approver)
	if err != nil {
		return err
	}
	in, err := t.movement()
	if err != nil {
		return err
	}
	if in.Item, err = t.item(ctx, by); err != nil {
		return err
	}
	in.To = t.s.From
	return t.send(ctx, by, &in)
}

// delivery is what this member expects, or got, of a shipment.
func (t *turn) delivery(ctx context.Context, by access.Actor) (reserve.ArrivalView, error) {
	list, _, err := t.node.Reserve.Arrivals(ctx, by, reserve.Filter{Parent: t.of().ID, Owner: t.member})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.scenario.no_goods").With("word", t.s.Name)
	}
	if err != nil {
		return reserve.ArrivalView{}, err
	}
	return list[0], nil
}

// stepDelivery is what customs of the receiving state does.
func stepDelivery(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	a, err := t.delivery(ctx, by)
	if err != nil {
		return err
	}
	verb := workflow.Verb("hold")
	if t.s.Verb == scenario.CustomsFree {
		verb = "free"
	}
	_, err = t.node.Reserve.StepArrival(ctx, by, a.ID, 0, verb, t.s.Words, t.s.Fields["ref"], nil)
	return err
}

// takeDelivery counts what came, LOAD WHOLE SHORT DAMAGED | words; a load that
// no line names came whole.
func takeDelivery(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	a, err := t.delivery(ctx, by)
	if err != nil {
		return err
	}
	got, err := read(t.s, "got", func(r *row) reserve.Landed {
		l := reserve.Landed{OK: r.number(1), Short: r.number(2), Damaged: r.number(3), Words: r.text(0)}
		l.N = int(r.number(0))
		if !slices.ContainsFunc(a.C.Landed, func(x reserve.Landed) bool { return x.N == l.N }) {
			r.err = invalid("got", "fault.scenario.no_load", r.word(0))
		}
		return l
	})
	if err != nil {
		return err
	}
	in := &reserve.ReceiptInput{Warehouse: t.s.Fields["warehouse"]}
	for _, l := range a.C.Landed {
		whole := reserve.Landed{Load: reserve.Load{N: l.N}, OK: l.Qty}
		if i := slices.IndexFunc(got, func(x reserve.Landed) bool { return x.N == l.N }); i >= 0 {
			whole = got[i]
		}
		in.Landed = append(in.Landed, whole)
	}
	_, err = t.node.Reserve.StepArrival(ctx, by, a.ID, 0, "receive", "", "", in)
	return err
}
