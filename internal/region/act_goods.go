package region

import (
	"cmp"
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/region/scenario"
)

// consign allocates, packs and ships. Items are LINE QUANTITY UNIT LOT | what.
func consign(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	items, err := read(t.s, "item", func(r *row) request.Item {
		return request.Item{For: int(r.number(0)), Qty: r.number(1), Unit: r.word(2), Lot: r.word(3), What: r.text(0)}
	})
	if err != nil {
		return err
	}
	f := t.s.Fields
	if under := t.named("under").ID; under != "" {
		p, err := t.node.Requests.Page(ctx, by, under)
		if err != nil {
			return err
		}
		if p.Arrangement.Holds == "" {
			return notYet() // the other signature is on its way
		}
	}
	c, err := t.node.Requests.Allocate(ctx, by, request.ShipmentInput{
		Link:     request.Link{Offer: t.other().ID, Arrangement: t.named("under").ID, Marking: marking(t.s), Inform: t.members("inform")},
		Shipment: request.Shipment{Title: f["title"], Carries: request.Goods, Items: items}})
	if err != nil {
		return err
	}
	t.keep("", c.ID)
	count := func(field string) int64 { return (&row{field: field, words: []string{f[field]}}).number(0) }
	return t.chain(ctx, c.ID,
		leg{access.DutyOfficer, "pack", request.StepInput{Packages: count("packages"), Kilograms: count("kilograms")}},
		leg{access.DutyOfficer, "ship", request.StepInput{Carrier: f["carrier"], Waybill: f["waybill"], Entry: f["entry"], ETD: f["etd"], ETA: f["eta"]}})
}

var goodsVerbs = map[scenario.Verb]string{scenario.Hold: "hold", scenario.LetGo: "release", scenario.Reconcile: "reconcile"}

// stepGoods takes a step of a consignment. The receiver acts once it has heard
// that the goods left, the sender reconciles once it has the receipt.
func stepGoods(ctx context.Context, t *turn) error {
	p, err := t.node.Requests.Page(ctx, t.duty, t.of().ID)
	if err != nil {
		return err
	}
	if c := p.Consignment; t.s.Verb == scenario.Reconcile && c.Receipt.Day == "" || t.s.Verb != scenario.Reconcile && c.Shipment.State != request.Shipped {
		return notYet()
	}
	return t.chain(ctx, t.of().ID, leg{access.DutyOfficer, goodsVerbs[t.s.Verb], request.StepInput{Words: t.s.Words, Ref: t.s.Fields["ref"]}})
}

// receiveGoods confirms what came: LINE OK SHORT DAMAGED | words.
func receiveGoods(ctx context.Context, t *turn) error {
	got, err := read(t.s, "got", func(r *row) request.Got {
		return request.Got{N: int(r.number(0)), OK: r.number(1), Short: r.number(2), Damaged: r.number(3), Words: r.text(0)}
	})
	if err != nil {
		return err
	}
	if p, err := t.node.Requests.Page(ctx, t.duty, t.of().ID); err != nil || p.Consignment.Shipment.State != request.Shipped {
		return cmp.Or(err, notYet())
	}
	return t.chain(ctx, t.of().ID, leg{access.DutyOfficer, "confirm", request.StepInput{Day: t.clock.Now().Format(time.DateOnly), Got: got}})
}
