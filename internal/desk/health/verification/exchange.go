package verification

import (
	"context"
	"encoding/json"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Everything that leaves the part is in this file, and in receive.go
// everything that enters it. Each message goes to one member: what two members
// say to each other is nobody else's.

// purpose is what the other side may use it for.
const purpose = "verification"

// basis of a request for verification.
const basis = "ihr_10"

func verbOf(s string) workflow.Verb { return workflow.Verb(s) }

// line begins a message of this member.
func (d *Desk) line(actor access.Actor, r *Request, say Say, words string) Message {
	return Message{ID: d.env.IDs.New(), Request: r.ID, From: d.env.Member, Say: say, Round: r.Round, At: r.Changed.At, Post: actor.Name, Words: words}
}

// sendQuestions sends the questions of this round.
func (d *Desk) sendQuestions(ctx context.Context, tx *db.Tx, r *Request, words string) error {
	m := Message{ID: d.env.IDs.New(), Request: r.ID, From: d.env.Member, Say: SayAsk, Round: r.Round, At: r.Asked, Post: r.AskedAs, Words: words,
		Questions: r.askedIn(r.Round), Release: r.Release}
	if r.Round > 1 {
		m.Say = SayFollowUp
	}
	if err := d.queue(ctx, tx, r, exchange.Release{ID: r.Release, Kind: KindRequest, Due: r.FirstBy, Workflow: Answers.Digest()},
		viewRequest(r, m.ID, words)); err != nil {
		return err
	}
	_, err := addMessage(ctx, tx, &m)
	return err
}

// sendLine sends any other message and keeps it.
func (d *Desk) sendLine(ctx context.Context, tx *db.Tx, r *Request, m *Message) error {
	m.Release = d.env.IDs.New()
	kind := KindReply
	if r.Asking() {
		kind = KindWord
	}
	if err := d.queue(ctx, tx, r, exchange.Release{ID: m.Release, Kind: kind}, m); err != nil {
		return err
	}
	_, err := addMessage(ctx, tx, m)
	return err
}

// sendWithdrawal is the tombstone of the questions.
func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, r *Request, m *Message) error {
	m.Release = d.env.IDs.New()
	if err := d.queue(ctx, tx, r, exchange.Release{ID: m.Release, Kind: KindRequest, Withdraws: r.Release, Reason: m.Words}, m); err != nil {
		return err
	}
	_, err := addMessage(ctx, tx, m)
	return err
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r *Request, rel exchange.Release, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	rel.From, rel.To, rel.Schema, rel.Body, rel.Ref = d.env.Member, []access.Member{r.Peer()}, bodySchema, b, r.Ref(Name)
	rel.Purpose, rel.Basis, rel.Marking, rel.Lang, rel.Exercise, rel.Issued = purpose, basis, r.Marking, r.Lang, r.Exercise, d.env.Clock.Now()
	return d.env.Send.Queue(ctx, tx, rel)
}

// ReceiveReceipt keeps when the other node had stored a message of this one,
// and when a person there opened the questions.
func (d *Desk) ReceiveReceipt(ctx context.Context, tx *db.Tx, of exchange.Release, rc exchange.Receipt) error {
	if of.Ref.Desk != Name {
		return nil
	}
	if rc.Stage == exchange.Delivered {
		rid, err := noteDelivered(ctx, tx, of.ID, clock.Cut(rc.At))
		if err != nil || rid == "" {
			return err
		}
		d.env.Notify(tx, "desk", "verification:"+string(rid))
	}
	if of.Kind != KindRequest || of.Withdraws != "" {
		return nil
	}
	r, err := load(ctx, tx, of.Ref.ID)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
	if !r.Asking() || r.Release != of.ID || r.To != rc.Member {
		return nil // of an earlier round
	}
	return d.reached(ctx, tx, &r, rc)
}

func (d *Desk) reached(ctx context.Context, tx *db.Tx, r *Request, rc exchange.Receipt) error {
	if rc.Stage != exchange.Delivered && rc.Stage != exchange.Opened {
		return nil
	}
	note := func(r *Request) error {
		if r.Delivered.IsZero() {
			r.Delivered = rc.At
		}
		if rc.Stage == exchange.Opened && r.Opened.IsZero() {
			r.Opened, r.OpenedAs = rc.At, cut(rc.Role, MaxTitle)
		}
		return nil
	}
	verb := workflow.Verb("note_receipt") // later than the delivery the state says more; the time is still kept
	if _, ok := Requests.Find(r.State, "deliver"); ok {
		verb = "deliver"
	}
	if rc.Stage == exchange.Delivered && !r.Delivered.IsZero() || rc.Stage == exchange.Opened && !r.Opened.IsZero() {
		return nil
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.requests, access.Node(d.env.Member), r.ID, 0, verb, desk.Change[Request]{Edit: note})
	return err
}

// Sending is exactly what the asked member will get of a draft.
func (r *Request) Sending(id id.ID) RequestView { return viewRequest(r, id, "") }
