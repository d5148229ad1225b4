package request

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// receiveArrangement adds the texts, signatures and refusals of the other side
// to those that are here. Adding is all it does, so that messages may come in
// any order and any number of times.
func (d *Desk) receiveArrangement(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v ArrangementView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, in.From, 1)
	f.That(len(v.Texts) <= MaxTexts && len(v.Signatures) <= MaxTexts && len(v.Refusals) <= MaxTexts && len(v.Withdrawn) <= MaxTexts, "texts", "fault.too_many", fault.Args{"max": MaxTexts})
	if err := f.Err(); err != nil {
		return err
	}
	terms, err := d.checkTexts(&v, in)
	if err != nil {
		return err
	}
	a, ok, err := found(ctx, tx, d.arrangements, v.ID)
	if err != nil {
		return err
	}
	if ok && a.Peer() != in.From {
		return notSide()
	}
	if !ok {
		if len(terms) == 0 {
			return fault.New(fault.NotFound, "fault.not_found") // the text has not come; the exchange keeps this one
		}
		a = Arrangement{Sending: terms[0].Sending, Receiving: terms[0].Receiving, Texts: v.Texts}
		a.Owner = d.env.Member
		if err := create(ctx, d, tx, d.arrangements, &a, in); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(terms, func(t *Terms) bool { return t.Sending != a.Sending || t.Receiving != a.Receiving }) {
		return notSide()
	}
	if _, err := byNode(ctx, d, tx, d.arrangements, &a, "merge", func(a *Arrangement) { d.merge(a, &v) }); err != nil {
		return err
	}
	return d.settle(ctx, tx, &a)
}

// checkTexts refuses texts that are not the sender's, not between it and this
// member, or not canonical, and signatures that are not the sender's own.
func (d *Desk) checkTexts(v *ArrangementView, in exchange.Inbound) ([]*Terms, error) {
	var f form
	var out []*Terms
	for i, text := range v.Texts {
		t, err := readTerms(text)
		if err != nil {
			return nil, err
		}
		t.check(&f)
		parties := []access.Member{t.Sending, t.Receiving}
		f.Row(t.Arrangement == v.ID && t.By == in.From && slices.Contains(parties, in.From) && slices.Contains(parties, d.env.Member), i+1, "texts", "fault.request.not_side")
		out = append(out, t)
	}
	for i := range v.Signatures {
		s := &v.Signatures[i]
		s.Post = cut(s.Post, MaxShort)
		f.Row(s.Member == in.From && len(s.Digest) == 64 && len(s.Value) <= 128 && len(s.Key) <= 64, i+1, "signatures", "fault.request.not_side")
		// Not later than the release that brings it, so that nobody signs ahead
		// of time for a key that is yet to come.
		f.Row(!s.At.IsZero() && !s.At.After(d.env.Wall.Now().Add(maxSkew)), i+1, "signatures", "fault.request.body")
	}
	for i := range v.Refusals {
		r := &v.Refusals[i]
		r.Words, r.Post = cut(r.Words, MaxReason), cut(r.Post, MaxShort)
		f.Row(r.Member == in.From && len(r.Digest) == 64, i+1, "refusals", "fault.request.not_side")
	}
	return out, f.Err()
}

// merge adds what is not here. A signature is kept whether or not its text has
// come, and counts only once both are here and it is valid.
func (d *Desk) merge(a *Arrangement, v *ArrangementView) {
	for _, text := range v.Texts {
		if !slices.Contains(a.Texts, text) && len(a.Texts) < MaxTexts {
			a.Texts = append(a.Texts, text)
		}
	}
	for _, s := range v.Signatures {
		if a.SignedBy(s.Member, s.Digest) == nil && len(a.Signatures) < 2*MaxTexts {
			a.Signatures = append(a.Signatures, s)
		}
	}
	for _, r := range v.Refusals {
		if a.refused(r.Digest) == nil && len(a.Refusals) < MaxTexts {
			a.Refusals = append(a.Refusals, r)
		}
	}
	for _, w := range v.Withdrawn {
		t, _ := a.TermsOf(w)
		if t != nil && t.By != a.Owner && !slices.Contains(a.Withdrawn, w) {
			a.Withdrawn = append(a.Withdrawn, w)
		}
	}
}

// receiveMission takes the sender's half of a deployment.
func (d *Desk) receiveMission(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v MissionView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Mission.Seq)
	v.Mission.check(f)
	f.one(string(v.Mission.State), names(Proposed, ClearanceAsked, Mobilised, OnTask, Demobilised, Debriefed, Cancelled), "state", 0)
	f.That(v.From != v.To && v.Mission.State != "" && !v.Mission.At.IsZero(), "to", "fault.request.body")
	f.number(int64(v.Line), 10*MaxLines, "line", 0)
	v.Basis, v.Mission.Post = cut(v.Basis, MaxShort), cut(v.Mission.Post, MaxShort)
	if err := f.Err(); err != nil {
		return err
	}
	if v.To != d.env.Member {
		return d.informed(ctx, tx, in, v.To, v.Request, v.Mission.Seq, v.Mission.State != Debriefed && v.Mission.State != Cancelled, v)
	}
	if err := d.bidOf(ctx, tx, v.Offer, v.Request, in.From); err != nil {
		return err
	}
	r, ok, err := found(ctx, tx, d.hosting, v.ID)
	if err != nil || ok && r.From != in.From {
		return orNotSide(err)
	}
	if !ok {
		r = Deployment{From: v.From, To: v.To, Host: Host{State: Proposed}}
		r.takeMission(&v)
		if err := create(ctx, d, tx, d.hosting, &r, in); err != nil {
			return err
		}
	} else if v.Mission.Seq <= r.Mission.Seq {
		return nil
	} else {
		verb := verbOf("receive_half")
		if !r.Open() {
			verb = "note_half"
		}
		if _, err := byNode(ctx, d, tx, d.hosting, &r, verb, func(r *Deployment) { r.takeMission(&v) }); err != nil {
			return err
		}
	}
	switch v.Mission.State {
	case Cancelled:
		_, err = byNode(ctx, d, tx, d.hosting, &r, "receive_cancel", func(*Deployment) {})
	case Debriefed:
		_, err = byNode(ctx, d, tx, d.hosting, &r, "receive_debrief", func(*Deployment) {})
	}
	if err != nil {
		return err
	}
	return d.tellProgress(ctx, tx, r.Request)
}

func (r *Deployment) takeMission(v *MissionView) {
	r.Mission, r.Request, r.Offer, r.Line, r.Event, r.Arrangement, r.Basis = v.Mission, v.Request, v.Offer, v.Line, v.Event, v.Arrangement, v.Basis
}

// bidOf refuses what claims to follow an offer or a request that is not there.
func (d *Desk) bidOf(ctx context.Context, tx *db.Tx, offer, request id.ID, from access.Member) error {
	if offer == "" && request == "" {
		return nil
	}
	o, ok, err := found(ctx, tx, d.bids, offer)
	if err != nil {
		return err
	}
	if !ok || o.From != from || o.Request != request {
		return notSide()
	}
	return nil
}

func names[S ~string](ss ...S) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = string(s)
	}
	return out
}

// receiveHost takes the host's half of a deployment of this member.
func (d *Desk) receiveHost(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v HostView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Host.Seq)
	v.Host.check(f)
	f.one(string(v.Host.State), names(Proposed, Accepted, Refused, EntryCleared, Arrived, Departed, Over, Cancelled), "state", 0)
	v.Host.Post = cut(v.Host.Post, MaxShort)
	if err := f.Err(); err != nil {
		return err
	}
	r, ok, err := found(ctx, tx, d.deployments, v.ID)
	if err != nil {
		return err
	}
	if !ok {
		return d.followed(ctx, tx, in, v.Host.Seq, v)
	}
	if r.To != in.From || r.Mission.Seq == 0 {
		return notSide()
	}
	if v.Host.Seq <= r.Host.Seq {
		return nil
	}
	_, err = byNode(ctx, d, tx, d.deployments, &r, "receive_half", func(r *Deployment) { r.Host = v.Host })
	return err
}

// receiveShipment takes the sender's half of a consignment.
func (d *Desk) receiveShipment(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v ShipmentView
	if err := decode(in, &v); err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Shipment.Seq)
	v.Shipment.check(f)
	f.one(string(v.Shipment.State), names(Packed, Shipped, Reconciled, Cancelled), "state", 0)
	f.That(v.From != v.To && v.Shipment.State != "" && len(v.Shipment.Items) > 0 && !v.Shipment.At.IsZero(), "to", "fault.request.body")
	v.Basis, v.Shipment.Post = cut(v.Basis, MaxShort), cut(v.Shipment.Post, MaxShort)
	if err := f.Err(); err != nil {
		return err
	}
	if v.To != d.env.Member {
		return d.informed(ctx, tx, in, v.To, v.Request, v.Shipment.Seq, v.Shipment.State != Reconciled && v.Shipment.State != Cancelled, v)
	}
	if err := d.bidOf(ctx, tx, v.Offer, v.Request, in.From); err != nil {
		return err
	}
	c, ok, err := found(ctx, tx, d.arrivals, v.ID)
	if err != nil || ok && c.From != in.From {
		return orNotSide(err)
	}
	if !ok {
		c = Consignment{From: v.From, To: v.To, Receipt: Receipt{State: Expected}}
		c.takeShipment(&v)
		if err := create(ctx, d, tx, d.arrivals, &c, in); err != nil {
			return err
		}
	} else if v.Shipment.Seq <= c.Shipment.Seq {
		return nil
	} else if err := d.nextShipment(ctx, tx, &c, &v); err != nil {
		return err
	}
	switch v.Shipment.State {
	case Cancelled:
		_, err = byNode(ctx, d, tx, d.arrivals, &c, "receive_cancel", func(*Consignment) {})
	case Reconciled:
		_, err = byNode(ctx, d, tx, d.arrivals, &c, "receive_reconciled", func(*Consignment) {})
	}
	if err != nil {
		return err
	}
	return d.tellProgress(ctx, tx, c.Request)
}

// nextShipment takes a newer half of the sender. What was shipped no longer
// changes: receipts are counted against it.
func (d *Desk) nextShipment(ctx context.Context, tx *db.Tx, c *Consignment, v *ShipmentView) error {
	was := c.Shipment
	if (was.State == Shipped || was.State == Reconciled) && !slices.Equal(was.Items, v.Shipment.Items) {
		return fault.New(fault.Invalid, "fault.request.items_fixed")
	}
	verb := verbOf("receive_half")
	if !c.Open() {
		verb = "note_half"
	}
	_, err := byNode(ctx, d, tx, d.arrivals, c, verb, func(c *Consignment) { c.takeShipment(v) })
	return err
}

func (c *Consignment) takeShipment(v *ShipmentView) {
	c.Shipment, c.Request, c.Offer, c.Event, c.Arrangement, c.Basis = v.Shipment, v.Request, v.Offer, v.Event, v.Arrangement, v.Basis
}

// receiveReceipt takes the receiver's half of a consignment of this member.
func (d *Desk) receiveReceipt(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v ReceiptView
	if err := decode(in, &v); err != nil {
		return err
	}
	c, ok, err := found(ctx, tx, d.goods, v.ID)
	if err != nil {
		return err
	}
	f := sent(in, v.ID, v.From, v.Receipt.Seq)
	if !ok {
		f.That(len(v.Receipt.Got) <= MaxLines, "got", "fault.too_many", fault.Args{"max": MaxLines})
		if err := f.Err(); err != nil {
			return err
		}
		return d.followed(ctx, tx, in, v.Receipt.Seq, v)
	}
	f.That(c.To == in.From && c.Shipment.Seq > 0, "from", "fault.request.not_side")
	v.Receipt.check(f, &c.Shipment)
	f.one(string(v.Receipt.State), names(Expected, CustomsHold, Released, GoodsReceived, Reconciled, Cancelled), "state", 0)
	f.That(v.Receipt.State != GoodsReceived || len(v.Receipt.Got) == len(c.Shipment.Items), "got", "fault.request.body")
	v.Receipt.Post = cut(v.Receipt.Post, MaxShort)
	if err := f.Err(); err != nil {
		return err
	}
	if v.Receipt.Seq <= c.Receipt.Seq {
		return nil
	}
	_, err = byNode(ctx, d, tx, d.goods, &c, "receive_half", func(c *Consignment) { c.Receipt = v.Receipt })
	return err
}

// followed keeps the half of a receiving member at a regional body that
// follows the request. At a state there is no record that it could be of.
func (d *Desk) followed(ctx context.Context, tx *db.Tx, in exchange.Inbound, seq int, doc any) error {
	if slices.Contains(access.States, d.env.Member) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return d.informed(ctx, tx, in, d.env.Member, "", seq, true, doc)
}
