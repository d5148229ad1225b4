package request

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ShipmentInput is what a person enters of a consignment.
type ShipmentInput struct {
	Link
	Shipment Shipment `json:"shipment"`
}

func (in *ShipmentInput) into(c *Consignment) {
	c.To, c.Request, c.Offer, c.Event, c.Arrangement, c.Basis, c.Inform = in.To, in.Request, in.Offer, in.Event, in.Arrangement, in.Basis, in.Inform
	c.Marking = in.Link.Marking
	s := in.Shipment
	s.State, s.Seq, s.At, s.Post = c.Shipment.State, c.Shipment.Seq, c.Shipment.At, c.Shipment.Post
	s.Items = append([]Item(nil), s.Items...)
	for i := range s.Items {
		s.Items[i].N = i + 1
	}
	c.Shipment = s
}

// Allocate begins a consignment.
func (d *Desk) Allocate(ctx context.Context, actor access.Actor, in ShipmentInput) (Consignment, error) {
	var r Consignment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.follow(ctx, tx, actor, &in.Link); err != nil {
			return err
		}
		r = Consignment{From: d.env.Member}
		r.Place, r.Owner = string(d.env.Member), d.env.Member
		in.into(&r)
		r.Shipment.State = Allocated
		var err error
		r, err = desk.CreateIn(ctx, d.env, tx, d.goods, actor, r, "allocate", desk.Change[Consignment]{})
		return err
	})
	return r, err
}

// EditConsignment changes what was allocated, before it is packed.
func (d *Desk) EditConsignment(ctx context.Context, actor access.Actor, rid id.ID, seen int, in ShipmentInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := visible(ctx, tx, d.goods, actor, rid)
		if err != nil {
			return err
		}
		in.To, in.Offer = was.To, was.Offer
		if err := d.follow(ctx, tx, actor, &in.Link); err != nil {
			return err
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.goods, actor, rid, seen, "edit", desk.Change[Consignment]{Edit: func(r *Consignment) error { in.into(r); return nil }})
		return err
	})
}

// goodsStep is the change of a step of the member that sends; it writes the
// sender's half alone.
func (d *Desk) goodsStep(ctx context.Context, tx *db.Tx, a act) (desk.Change[Consignment], error) {
	c := desk.Change[Consignment]{Detail: reasonDetail(a.in.Words)}
	row, ok := goodsSteps[a.verb]
	if !ok {
		return c, noVerb()
	}
	c.Edit = func(r *Consignment) error {
		force, err := d.holdsToday(ctx, tx, r.Arrangement, r.To)
		if err != nil {
			return err
		}
		r.force, r.words = force, a.in.Words
		row(&r.Shipment, &a.in)
		if step, ok := Consignments.Find(r.State, a.verb); ok && step.To != "" {
			r.Shipment.State = step.To
		}
		r.Shipment.Seq, r.Shipment.At, r.Shipment.Post = r.Shipment.Seq+1, d.env.Clock.Now(), a.actor.Name
		r.Told = r.Told || a.verb == "pack"
		return nil
	}
	c.Then = func(ctx context.Context, tx *db.Tx, r *Consignment) error {
		if !r.Told {
			return nil
		}
		return d.sendShipment(ctx, tx, r)
	}
	return c, nil
}

// goodsSteps are what each step writes into the sender's half.
var goodsSteps = map[workflow.Verb]func(s *Shipment, in *StepInput){
	"pack": func(s *Shipment, in *StepInput) {
		if in.Packages > 0 {
			s.Packages = in.Packages
		}
		if in.Kilograms > 0 {
			s.Kilograms = in.Kilograms
		}
	},
	"ship": func(s *Shipment, in *StepInput) {
		s.Carrier, s.Waybill, s.Entry = either(in.Carrier, s.Carrier), either(in.Waybill, s.Waybill), either(in.Entry, s.Entry)
		s.ETD, s.ETA = either(in.ETD, s.ETD), either(in.ETA, s.ETA)
	},
	"reconcile": func(s *Shipment, in *StepInput) { s.Reconciled = in.Words },
	"cancel":    func(s *Shipment, in *StepInput) { s.Reason = in.Words },
}

// arrivalStep is the change of a step of the receiver; it writes the
// receiver's half alone.
func (d *Desk) arrivalStep(_ context.Context, _ *db.Tx, a act) (desk.Change[Consignment], error) {
	c := desk.Change[Consignment]{Detail: reasonDetail(a.in.Words)}
	c.Edit = func(r *Consignment) error {
		now := d.env.Clock.Now()
		h := &r.Receipt
		switch a.verb {
		case "hold":
			h.HoldWhy, h.HoldRef, h.Held = a.in.Words, a.in.Ref, now
		case "release":
			h.Released, h.Words = now, a.in.Words
		case "confirm":
			h.Day, h.Got, h.Import, h.Words = a.in.Day, a.in.Got, either(a.in.Ref, h.Import), a.in.Words
		case "report":
			r.results(a.in.Got)
			h.Words = a.in.Words
		}
		if step, ok := Arrivals.Find(r.State, a.verb); ok && step.To != "" {
			h.State = step.To
		}
		h.Seq, h.At, h.Post = h.Seq+1, now, a.actor.Name
		return nil
	}
	switch a.verb {
	case "hold", "release", "confirm", "report":
	default:
		return c, noVerb()
	}
	c.Then = func(ctx context.Context, tx *db.Tx, r *Consignment) error {
		if err := d.sendReceiptHalf(ctx, tx, r); err != nil {
			return err
		}
		return d.tellProgress(ctx, tx, r.Request)
	}
	return c, nil
}

// results are the findings on specimens; what was counted stays.
func (c *Consignment) results(found []Got) {
	got := append([]Got(nil), c.Receipt.Got...)
	for i := range got {
		for _, f := range found {
			if f.N == got[i].N {
				got[i].Result, got[i].Access = f.Result, f.Access
			}
		}
	}
	c.Receipt.Got = got
}
