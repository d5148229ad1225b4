package request

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{
		KindRequest: d.receiveRequest, KindAnswer: d.receiveAnswer, KindProgress: d.receiveProgress, KindOffer: d.receiveOffer, KindDecision: d.receiveDecision,
		KindArrangement: d.receiveArrangement, KindDeployment: d.receiveMission, KindHosting: d.receiveHost, KindConsignment: d.receiveShipment, KindArrival: d.receiveReceipt,
	}
}

func decode(in exchange.Inbound, out any) error {
	if err := json.Unmarshal(in.Body, out); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	return nil
}

// sent begins the check of a body: it is about the record that the release
// names, of the sender, and its count is one.
func sent(in exchange.Inbound, rid id.ID, from access.Member, seq int) *form {
	var f form
	_, err := id.Parse(string(rid))
	f.That(err == nil && rid == in.Ref.ID, "id", "fault.bad_id")
	f.That(from == in.From, "from", "fault.request.not_side")
	f.That(seq >= 1, "seq", "fault.request.line_number")
	return &f
}

func notSide() error { return fault.New(fault.Forbidden, "fault.request.not_side") }

// found loads a record, or says that it is not here.
func found[R any](ctx context.Context, tx *db.Tx, k *desk.Kind[R], rid id.ID) (R, bool, error) {
	r, err := k.Load(ctx, tx, rid)
	if fault.Is(err, fault.NotFound) {
		return r, false, nil
	}
	return r, err == nil, err
}

// create makes the record of what came.
func create[R any](ctx context.Context, d *Desk, tx *db.Tx, k *desk.Kind[R], r *R, in exchange.Inbound) error {
	h := k.Head(r)
	h.ID, h.Place, h.Exercise, h.Marking = in.Ref.ID, string(d.env.Member), in.Exercise, in.Marking
	made, err := desk.CreateIn(ctx, d.env, tx, k, access.Node(d.env.Member), *r, "receive", desk.Change[R]{})
	*r = made
	return err
}

// receiveRequest takes a version of another member's request, or its end.
func (d *Desk) receiveRequest(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v RequestView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Seq)
	v.check(f)
	f.That(slices.Contains(v.To, d.env.Member) && len(v.To) <= len(access.All()), "to", "fault.request.not_side")
	f.That(v.Title != "" && len(v.Lines) > 0 && v.Rev >= 1 && !v.Issued.IsZero() && !v.AnswerBy.Before(v.Issued), "lines", "fault.request.body")
	f.one(string(v.Over), []string{string(Closed), string(Withdrawn), string(Expired)}, "over", 0)
	v.Post, v.Cleared, v.Closed = cut(v.Post, MaxShort), cut(v.Cleared, MaxShort), cut(v.Closed, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	r, ok, err := found(ctx, tx, d.calls, v.ID)
	if err != nil {
		return err
	}
	if !ok {
		r = Request{From: in.From, To: v.To, Sent: &v, Release: in.ID}
		if err := create(ctx, d, tx, d.calls, &r, in); err != nil {
			return err
		}
	} else if err := d.nextVersion(ctx, tx, &r, &v, in); err != nil {
		return err
	}
	if v.Over == "" || r.Sent.Seq != v.Seq {
		return nil
	}
	verb := verbOf(map[string]string{string(Closed): "receive_closing", string(Withdrawn): "receive_withdrawal", string(Expired): "receive_expiry"}[string(v.Over)])
	_, err = byNode(ctx, d, tx, d.calls, &r, verb, func(r *Request) { r.Reason = v.Closed })
	return err
}

func (d *Desk) nextVersion(ctx context.Context, tx *db.Tx, r *Request, v *RequestView, in exchange.Inbound) error {
	if r.From != in.From {
		return notSide()
	}
	if v.Seq == r.Sent.Seq { // the same again: a reminder
		_, err := byNode(ctx, d, tx, d.calls, r, "receive_reminder", func(*Request) {})
		return err
	}
	if v.Seq < r.Sent.Seq {
		return nil // an older one that came late
	}
	_, err := byNode(ctx, d, tx, d.calls, r, "receive_version", func(r *Request) {
		if v.Rev > r.Sent.Rev {
			r.Past = append(r.Past, *r.Sent)
		}
		r.Sent, r.To, r.Marking, r.Release = v, v.To, in.Marking, in.ID
	})
	return err
}

// receiveAnswer takes an addressee's no, or that it takes it back.
func (d *Desk) receiveAnswer(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v AnswerView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.Request, v.By, v.Seq)
	f.one(v.Says, []string{"declined", "reconsiders"}, "says", 0)
	f.That(v.Says != "" && !v.At.IsZero(), "says", "fault.request.body")
	f.text(&v.Words, MaxWords, "words", 0)
	if err := f.Err(); err != nil {
		return err
	}
	r, err := d.requests.Load(ctx, tx, v.Request)
	if err != nil {
		return err
	}
	if r.Sent == nil || !slices.Contains(r.Sent.To, in.From) {
		return notSide()
	}
	if r.answer(in.From).Seq >= v.Seq {
		return nil
	}
	_, err = byNode(ctx, d, tx, d.requests, &r, "receive_answer", func(r *Request) {
		a := r.answer(in.From)
		a.Seq, a.Words, a.Post = v.Seq, v.Words, cut(v.Post, MaxShort)
		a.Declined = v.At
		if v.Says == "reconsiders" {
			a.Declined, a.Words = time.Time{}, ""
		}
	})
	return err
}

// receiveOffer takes an offer to this member, or a copy of one to another.
func (d *Desk) receiveOffer(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v OfferView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Seq)
	v.check(f)
	f.That(v.Title != "" && len(v.Lines) > 0 && !v.Issued.IsZero() && v.To != v.From, "lines", "fault.request.body")
	f.one(v.Over, []string{string(Withdrawn), string(Lapsed)}, "over", 0)
	v.Post, v.Cleared, v.Reason = cut(v.Post, MaxShort), cut(v.Cleared, MaxShort), cut(v.Reason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	if v.To != d.env.Member {
		return d.informed(ctx, tx, in, v.To, v.Request, v.Seq, v.Over == "", v)
	}
	if err := d.asksFor(ctx, tx, &v, in); err != nil {
		return err
	}
	o, ok, err := found(ctx, tx, d.bids, v.ID)
	if err != nil || ok && o.From != in.From {
		return orNotSide(err)
	}
	if !ok {
		o = Offer{From: v.From, To: v.To, OfferContent: v.OfferContent, Issued: v.Issued, Post: v.Post, Cleared: v.Cleared}
		if err := create(ctx, d, tx, d.bids, &o, in); err != nil {
			return err
		}
		if err := d.noteOffer(ctx, tx, &o); err != nil {
			return err
		}
	}
	switch v.Over {
	case string(Withdrawn):
		_, err = byNode(ctx, d, tx, d.bids, &o, "receive_withdrawal", func(o *Offer) { o.Reason = v.Reason })
	case string(Lapsed):
		_, err = byNode(ctx, d, tx, d.bids, &o, "receive_lapse", func(*Offer) {})
	}
	if err != nil {
		return err
	}
	return d.tellProgress(ctx, tx, o.Request)
}

func orNotSide(err error) error {
	if err != nil {
		return err
	}
	return notSide()
}

// asksFor refuses an offer to a request that this member did not issue to the
// sender.
func (d *Desk) asksFor(ctx context.Context, tx *db.Tx, v *OfferView, in exchange.Inbound) error {
	if v.Request == "" {
		return nil
	}
	r, ok, err := found(ctx, tx, d.requests, v.Request)
	if err != nil {
		return err
	}
	if !ok || r.Sent == nil || !slices.Contains(r.Sent.To, in.From) {
		return notSide()
	}
	return nil
}

// noteOffer marks the addressee as one that answered.
func (d *Desk) noteOffer(ctx context.Context, tx *db.Tx, o *Offer) error {
	if o.Request == "" {
		return nil
	}
	r, err := d.requests.Load(ctx, tx, o.Request)
	if err != nil {
		return err
	}
	_, err = byNode(ctx, d, tx, d.requests, &r, "receive_offer", func(r *Request) {
		if a := r.answer(o.From); a.Offered.IsZero() {
			a.Offered, a.Post = o.Issued, o.Post
		}
	})
	return err
}

// receiveDecision takes what the requester takes of an offer of this member.
func (d *Desk) receiveDecision(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v DecisionView
	if err := decode(in, &v); err != nil {
		return err
	}
	if err := sent(in, v.Offer, v.By, v.Seq).Err(); err != nil {
		return err
	}
	o, err := d.offers.Load(ctx, tx, v.Offer)
	if err != nil {
		return err
	}
	if o.To != in.From || o.Issued.IsZero() {
		return notSide()
	}
	if o.Decision != nil && o.Decision.Seq >= v.Seq {
		return nil
	}
	var f form
	v.check(&f, &o)
	v.Post = cut(v.Post, MaxShort)
	if err := f.Err(); err != nil {
		return err
	}
	probe := o
	probe.Decision = &v
	offered, taken := probe.total()
	verb := verbOf("receive_part")
	switch taken {
	case 0:
		verb = "receive_decline"
	case offered:
		verb = "receive_acceptance"
	}
	_, err = byNode(ctx, d, tx, d.offers, &o, verb, func(o *Offer) { o.Decision = &v })
	return err
}

// receiveProgress keeps how far a request is met that this body was told of.
func (d *Desk) receiveProgress(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v ProgressView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.Request, in.From, v.Seq)
	f.That(len(v.Lines) <= MaxLines && v.Offers >= 0 && v.Silent >= 0, "lines", "fault.request.body")
	if err := f.Err(); err != nil {
		return err
	}
	return d.informed(ctx, tx, in, in.From, v.Request, v.Seq, true, v)
}

// informed keeps what was sent for information.
func (d *Desk) informed(ctx context.Context, tx *db.Tx, in exchange.Inbound, receiver access.Member, request id.ID, seq int, open bool, doc any) error {
	keep := func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		d.env.Notify(tx, "desk", "board")
		return keepCopy(ctx, tx, Copy{ID: in.Ref.ID, Kind: in.Kind, Sender: in.From, Receiver: receiver, Request: request, Rev: seq, Open: open,
			Marking: in.Marking, Issued: in.Issued}, doc)
	}
	return d.env.Receives(Name, in.Kind, keep)(ctx, tx, in) // records have a workflow that writes it; copies have none
}
