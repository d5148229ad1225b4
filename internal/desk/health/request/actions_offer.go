package request

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// OfferInput is what a person enters of an offer.
type OfferInput struct {
	OfferContent
	To     access.Member   `json:"to"`
	Inform []access.Member `json:"inform,omitempty"`
}

func (in *OfferInput) into(o *Offer) {
	o.OfferContent, o.Inform = in.OfferContent, in.Inform
	o.Head.Marking = in.OfferContent.Marking
	o.Lines = append([]OfferLine(nil), in.Lines...)
	for i := range o.Lines {
		o.Lines[i].N = i + 1
	}
}

// DraftOffer begins an offer: to a request that this member got, or of its
// own accord.
func (d *Desk) DraftOffer(ctx context.Context, actor access.Actor, in OfferInput) (Offer, error) {
	var o Offer
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		o = Offer{From: d.env.Member, To: in.To, EditBy: actor.Account}
		o.Place = string(d.env.Member)
		if err := d.answers(ctx, tx, actor, &in); err != nil {
			return err
		}
		o.To = in.To
		in.into(&o)
		var err error
		o, err = desk.CreateIn(ctx, d.env, tx, d.offers, actor, o, "draft", desk.Change[Offer]{})
		return err
	})
	return o, err
}

// answers brings an offer in line with the request that it names: to whom it
// goes, about which event, and for lines that are there.
func (d *Desk) answers(ctx context.Context, tx *db.Tx, actor access.Actor, in *OfferInput) error {
	var f form
	if in.Request == "" {
		for i, l := range in.Lines {
			f.Row(l.For == 0, i+1, "for", "fault.request.line_number")
		}
		return f.Err()
	}
	call, err := visible(ctx, tx, d.calls, actor, in.Request)
	if err != nil {
		return err
	}
	if !call.Open() {
		return fault.New(fault.Conflict, "fault.request.over")
	}
	in.To, in.Event = call.From, call.Content().Event
	for i, l := range in.Lines {
		_, ok := call.Content().Line(l.For)
		f.Row(l.For == 0 || ok, i+1, "for", "fault.request.line_number")
	}
	return f.Err()
}

// EditOffer changes a draft; whom it is offered to stays.
func (d *Desk) EditOffer(ctx context.Context, actor access.Actor, rid id.ID, seen int, in OfferInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		o, err := visible(ctx, tx, d.offers, actor, rid)
		if err != nil {
			return err
		}
		in.Request, in.Event = o.Request, o.Event
		if err := d.answers(ctx, tx, actor, &in); err != nil {
			return err
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.offers, actor, rid, seen, "edit", desk.Change[Offer]{Edit: func(o *Offer) error {
			o.EditBy = actor.Account
			in.into(o)
			return nil
		}})
		return err
	})
}

// offerStep is the change of a step of the member that offers.
func (d *Desk) offerStep(ctx context.Context, tx *db.Tx, a act) (desk.Change[Offer], error) {
	c := desk.Change[Offer]{Detail: reasonDetail(a.in.Words)}
	edit := func(f func(*Offer)) {
		c.Edit = func(o *Offer) error { f(o); return nil }
	}
	switch a.verb {
	case "submit":
		edit(func(o *Offer) { o.SubmitBy, o.Reason = a.actor.Account, "" })
	case "recall", "discard":
	case "return":
		edit(func(o *Offer) { o.Reason = a.in.Words })
	case "clear":
		edit(func(o *Offer) { o.Cleared = a.actor.Name })
	case "issue":
		edit(func(o *Offer) { o.Issued, o.Post, o.Seq = d.env.Clock.Now(), a.actor.Name, o.Seq+1 })
		c.Then = func(ctx context.Context, tx *db.Tx, o *Offer) error {
			if err := d.sendOffer(ctx, tx, o); err != nil || o.Request == "" {
				return err
			}
			return d.offered(ctx, tx, o)
		}
	case "withdraw":
		edit(func(o *Offer) { o.Reason, o.Seq = a.in.Words, o.Seq+1 })
		c.Then = d.sendOffer
	default:
		return c, noVerb()
	}
	return c, nil
}

// offered notes at the received request that this member answered it.
func (d *Desk) offered(ctx context.Context, tx *db.Tx, o *Offer) error {
	r, err := d.calls.Load(ctx, tx, o.Request)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = byNode(ctx, d, tx, d.calls, &r, "offer", func(r *Request) {
		if r.Offer == "" {
			r.Offer = o.ID
		}
	})
	return err
}

// bidStep is the change of a step of the requester with an offer it got.
func (d *Desk) bidStep(ctx context.Context, tx *db.Tx, a act) (desk.Change[Offer], error) {
	c := desk.Change[Offer]{Detail: reasonDetail(a.in.Words)}
	switch a.verb {
	case "accept", "accept_part", "decline":
	default:
		return c, noVerb()
	}
	c.Edit = func(o *Offer) error { return d.decide(ctx, tx, o, a) }
	c.Then = func(ctx context.Context, tx *db.Tx, o *Offer) error {
		if err := d.sendDecision(ctx, tx, o); err != nil {
			return err
		}
		return d.tellProgress(ctx, tx, o.Request)
	}
	return c, nil
}

// decide writes what is taken, and finds out whether it is more than was
// asked for: what other offers already give counts.
func (d *Desk) decide(ctx context.Context, tx *db.Tx, o *Offer, a act) error {
	v := DecisionView{Offer: o.ID, Request: o.Request, By: d.env.Member, Words: a.in.Words, At: d.env.Clock.Now(), Post: a.actor.Name, Seq: o.Seq + 1}
	switch a.verb {
	case "accept":
		for _, l := range o.Lines {
			v.Taken = append(v.Taken, Taken{N: l.N, For: l.For, Qty: l.Qty})
		}
	case "accept_part":
		v.Taken = a.in.Taken
	}
	for i := range v.Taken { // the line of the request is the offer's, unless the requester says another
		if l, ok := o.Line(v.Taken[i].N); ok && v.Taken[i].For == 0 {
			v.Taken[i].For = l.For
		}
	}
	if v.Taken == nil {
		v.Taken = []Taken{}
	}
	if o.Request != "" {
		m, err := d.matching(ctx, tx, o.Request)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "fault.request.no_request")
		}
		if err != nil {
			return err
		}
		o.over = m.wouldExceed(o.ID, v.Taken)
	}
	o.Decision, o.Seq = &v, v.Seq
	return nil
}
