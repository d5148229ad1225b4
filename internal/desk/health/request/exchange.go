package request

import (
	"context"
	"encoding/json"
	"slices"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves the part is in this file, and in receive.go
// everything that enters it.

const (
	purpose = "assistance"
	basis   = "aphecs"
)

// queue sends a body about a record to some members.
func (d *Desk) queue(ctx context.Context, tx *db.Tx, h *desk.Head, rel exchange.Release, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	if len(rel.To) == 0 {
		return nil
	}
	if rel.ID == "" {
		rel.ID = d.env.IDs.New()
	}
	rel.From, rel.Schema, rel.Body, rel.Ref = d.env.Member, bodySchema, b, h.Ref(Name)
	rel.Purpose, rel.Basis, rel.Marking, rel.Exercise, rel.Issued = purpose, basis, h.Marking, h.Exercise, d.env.Clock.Now()
	if rel.Lang == "" {
		rel.Lang = "en"
	}
	return d.env.Send.Queue(ctx, tx, rel)
}

// with is the other side and those that are informed.
func with(peer access.Member, inform []access.Member) []access.Member {
	out := []access.Member{peer}
	for _, m := range inform {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// sendRequest sends what holds of a request to all addressees: a version, its
// closing, or its withdrawal.
func (d *Desk) sendRequest(ctx context.Context, tx *db.Tx, r *Request) error {
	rel := exchange.Release{ID: r.Release, Kind: KindRequest, To: r.Sent.To, Lang: r.Sent.Lang, Workflow: Calls.Digest()}
	switch r.Sent.Over {
	case Withdrawn:
		rel.Withdraws, rel.Reason = r.was, r.Reason
	case "":
		rel.Supersedes, rel.Due = r.was, r.Sent.AnswerBy
	}
	if err := d.queue(ctx, tx, &r.Head, rel, r.Sent); err != nil {
		return err
	}
	return d.tellProgress(ctx, tx, r.ID)
}

// sendReminders repeats the request to those addressees that are silent.
func (d *Desk) sendReminders(ctx context.Context, tx *db.Tx, r *Request) error {
	return d.queue(ctx, tx, &r.Head, exchange.Release{Kind: KindRequest, To: r.Silent(), Lang: r.Sent.Lang, Due: r.Sent.AnswerBy, Workflow: Calls.Digest()}, r.Sent)
}

func (d *Desk) sendAnswer(ctx context.Context, tx *db.Tx, r *Request, v AnswerView) error {
	return d.queue(ctx, tx, &r.Head, exchange.Release{Kind: KindAnswer, To: []access.Member{r.From}}, v)
}

// bodies are the regional bodies that a request was issued to.
func (r *Request) bodies() []access.Member {
	var out []access.Member
	if r.Sent != nil {
		for _, a := range r.Sent.To {
			if !slices.Contains(access.States, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// halfTo is who gets the half of the member that receives: the sender, and the
// bodies that follow the request.
func (d *Desk) halfTo(ctx context.Context, tx *db.Tx, sender access.Member, request id.ID) ([]access.Member, error) {
	r, _, err := found(ctx, tx, d.requests, request)
	return with(sender, r.bodies()), err
}

// tellProgress tells the regional bodies among the addressees of a request of
// this member how far it is met.
func (d *Desk) tellProgress(ctx context.Context, tx *db.Tx, rid id.ID) error {
	if rid == "" {
		return nil
	}
	m, err := d.matching(ctx, tx, rid)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.Request.Sent == nil {
		return nil
	}
	to := m.Request.bodies()
	now := d.env.Clock.Now()
	v := ProgressView{Request: rid, Lines: m.Lines, Offers: len(m.Bids), Silent: len(m.Request.Silent()), At: now, Seq: int(clock.Micros(now) / 1000)}
	return d.queue(ctx, tx, &m.Request.Head, exchange.Release{Kind: KindProgress, To: to}, v)
}

func (d *Desk) sendOffer(ctx context.Context, tx *db.Tx, o *Offer) error {
	v := viewOffer(o)
	rel := exchange.Release{Kind: KindOffer, To: with(o.To, o.Inform), Lang: o.Lang, Workflow: Bids.Digest()}
	switch o.State {
	case Withdrawn, Lapsed:
		v.Over, v.Reason = string(o.State), o.Reason
	default:
		rel.Due = o.Due
	}
	return d.queue(ctx, tx, &o.Head, rel, v)
}

func (d *Desk) sendDecision(ctx context.Context, tx *db.Tx, o *Offer) error {
	return d.queue(ctx, tx, &o.Head, exchange.Release{Kind: KindDecision, To: []access.Member{o.From}}, o.Decision)
}

func (d *Desk) sendArrangement(ctx context.Context, tx *db.Tx, a *Arrangement) error {
	return d.queue(ctx, tx, &a.Head, exchange.Release{Kind: KindArrangement, To: []access.Member{a.Peer()}, Due: a.Due, Workflow: Arrangements.Digest()}, viewArrangement(a))
}

func (d *Desk) sendMission(ctx context.Context, tx *db.Tx, r *Deployment) error {
	return d.queue(ctx, tx, &r.Head, exchange.Release{Kind: KindDeployment, To: with(r.To, r.Inform), Workflow: Hostings.Digest()}, viewMission(r))
}

func (d *Desk) sendHost(ctx context.Context, tx *db.Tx, r *Deployment) error {
	to, err := d.halfTo(ctx, tx, r.From, r.Request)
	if err != nil {
		return err
	}
	return d.queue(ctx, tx, &r.Head, exchange.Release{Kind: KindHosting, To: to}, HostView{ID: r.ID, From: r.To, Host: r.Host})
}

func (d *Desk) sendShipment(ctx context.Context, tx *db.Tx, c *Consignment) error {
	return d.queue(ctx, tx, &c.Head, exchange.Release{Kind: KindConsignment, To: with(c.To, c.Inform), Workflow: Arrivals.Digest()}, viewShipment(c))
}

func (d *Desk) sendReceiptHalf(ctx context.Context, tx *db.Tx, c *Consignment) error {
	to, err := d.halfTo(ctx, tx, c.From, c.Request)
	if err != nil {
		return err
	}
	return d.queue(ctx, tx, &c.Head, exchange.Release{Kind: KindArrival, To: to}, ReceiptView{ID: c.ID, From: c.To, Receipt: c.Receipt})
}

// ReceiveReceipt keeps when each addressee's node had a request, and when a
// person there opened it.
func (d *Desk) ReceiveReceipt(ctx context.Context, tx *db.Tx, of exchange.Release, rc exchange.Receipt) error {
	if of.Ref.Desk != Name || of.Kind != KindRequest || rc.Stage != exchange.Delivered && rc.Stage != exchange.Opened {
		return nil
	}
	r, err := d.requests.Load(ctx, tx, of.Ref.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || !slices.Contains(r.To, rc.Member) {
		return err
	}
	if a := r.answer(rc.Member); !a.Opened.IsZero() || rc.Stage == exchange.Delivered && !a.Delivered.IsZero() {
		return nil
	}
	_, err = byNode(ctx, d, tx, d.requests, &r, "note_receipt", func(r *Request) {
		a := r.answer(rc.Member)
		if a.Delivered.IsZero() {
			a.Delivered = rc.At
		}
		if rc.Stage == exchange.Opened {
			a.Opened, a.Post = rc.At, cut(rc.Role, MaxShort)
		}
	})
	return err
}
