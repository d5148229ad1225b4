package request

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// RequestInput is what a person enters of a request.
type RequestInput struct {
	Content
	To []access.Member `json:"to" nullable:"false"`
}

// into numbers new lines after all that were ever issued, so that a number
// never comes to mean something else.
func (in *RequestInput) into(r *Request) error {
	r.To, r.Draft, r.Marking = in.To, in.Content, in.Marking
	next := 0
	for _, v := range append(slices.Clone(r.Past), sentOf(r)...) {
		for _, l := range v.Lines {
			next = max(next, l.N)
		}
		for _, m := range v.To {
			if !slices.Contains(r.To, m) {
				return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "to", Key: "fault.request.addressee_stays"}}}
			}
		}
	}
	r.Draft.Lines = slices.Clone(in.Lines)
	for i := range r.Draft.Lines {
		if l := &r.Draft.Lines[i]; l.N == 0 {
			next++
			l.N = next
		} else {
			next = max(next, l.N)
		}
	}
	return nil
}

func sentOf(r *Request) []RequestView {
	if r.Sent == nil {
		return nil
	}
	return []RequestView{*r.Sent}
}

// about takes the name of the event that the content names, if the actor may
// see it.
func (d *Desk) about(ctx context.Context, tx *db.Tx, actor access.Actor, event id.ID, name *string) error {
	if event == "" || d.events == nil {
		return nil
	}
	v, err := d.events.EventIn(ctx, tx, actor, event)
	if err != nil {
		return err
	}
	*name = v.Name
	return nil
}

// DraftRequest begins a request.
func (d *Desk) DraftRequest(ctx context.Context, actor access.Actor, in RequestInput) (Request, error) {
	var r Request
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r = Request{From: d.env.Member, EditBy: actor.Account}
		r.Place = string(d.env.Member)
		if err := d.about(ctx, tx, actor, in.Event, &in.EventName); err != nil {
			return err
		}
		if err := in.into(&r); err != nil {
			return err
		}
		var err error
		r, err = desk.CreateIn(ctx, d.env, tx, d.requests, actor, r, "draft", desk.Change[Request]{})
		return err
	})
	return r, err
}

// EditRequest changes a draft, of the first version or of a later one.
func (d *Desk) EditRequest(ctx context.Context, actor access.Actor, rid id.ID, seen int, in RequestInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := visible(ctx, tx, d.requests, actor, rid); err != nil {
			return err
		}
		if err := d.about(ctx, tx, actor, in.Event, &in.EventName); err != nil {
			return err
		}
		_, err := desk.TakeIn(ctx, d.env, tx, d.requests, actor, rid, seen, "edit", desk.Change[Request]{Edit: func(r *Request) error {
			r.EditBy = actor.Account
			return in.into(r)
		}})
		return err
	})
}

// requestStep is the change of a step of the member that asks.
func (d *Desk) requestStep(ctx context.Context, _ *db.Tx, a act) (desk.Change[Request], error) {
	c := desk.Change[Request]{Detail: reasonDetail(a.in.Words)}
	edit := func(f func(*Request)) {
		c.Edit = func(r *Request) error { f(r); return nil }
	}
	switch a.verb {
	case "submit":
		edit(func(r *Request) { r.SubmitBy, r.Reason = a.actor.Account, "" })
	case "recall", "discard":
	case "amend":
		edit(func(r *Request) { r.Draft, r.Reason = r.Sent.Content, "" })
	case "drop_changes":
		edit(func(r *Request) {
			r.Draft, r.Reason = r.Sent.Content, ""
			r.To, r.Marking = r.Sent.To, r.Sent.Marking
		})
	case "return":
		edit(func(r *Request) { r.Reason = a.in.Words })
	case "clear":
		edit(func(r *Request) { r.Cleared = a.actor.Name })
	case "issue":
		edit(func(r *Request) { r.issue(a.actor.Name, d.env.Clock.Now(), d.env.IDs.New()) })
		c.Then = d.sendRequest
	case "remind":
		c.Then = d.sendReminders
	case "close", "withdraw":
		edit(func(r *Request) { r.over(string(a.verb), a.in.Words, d.env.IDs.New(), d.env.Clock.Now()) })
		c.Then = d.sendRequest
	default:
		return c, noVerb()
	}
	return c, nil
}

func (r *Request) issue(post string, now time.Time, release id.ID) {
	r.Seq++
	r.was, r.Release = r.Release, release
	v := viewRequest(r, post, now)
	r.Past = append(r.Past, sentOf(r)...)
	r.Sent = &v
	for _, m := range r.To {
		r.answer(m)
	}
}

// over writes into what was issued that it holds no more.
func (r *Request) over(verb, words string, release id.ID, now time.Time) {
	r.Ended = now
	r.was, r.Release = r.Release, release
	r.Reason = words
	r.Seq++
	v := *r.Sent
	v.Seq, v.Closed = r.Seq, words
	v.Over = map[string]workflow.State{"close": Closed, "withdraw": Withdrawn, "lapse": Expired}[verb]
	r.Sent = &v
}

// OpenRecord notes that a person of this node opened what another member
// sent; the sender of a request gets a receipt.
func (d *Desk) OpenRecord(ctx context.Context, actor access.Actor, rid id.ID) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		kind, err := kindAt(ctx, tx, rid)
		if err != nil {
			return err
		}
		switch kind {
		case Call:
			r, err := visible(ctx, tx, d.calls, actor, rid)
			if row, ok := Calls.Find(r.State, "open"); err != nil || !ok || !Calls.Allowed(row, r, actor) {
				return err
			}
			_, err = desk.TakeIn(ctx, d.env, tx, d.calls, actor, rid, 0, "open", desk.Change[Request]{
				Edit: func(r *Request) error { r.Opened = d.env.Clock.Now(); return nil },
				Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
					return d.env.Send.SendReceipt(ctx, tx, exchange.Receipt{Release: r.Release, Member: d.env.Member, Stage: exchange.Opened, At: r.Changed.At, Role: actor.Name})
				}})
			return err
		case Bid:
			o, err := visible(ctx, tx, d.bids, actor, rid)
			if row, ok := Bids.Find(o.State, "open"); err != nil || !ok || !Bids.Allowed(row, o, actor) {
				return err
			}
			_, err = desk.TakeIn(ctx, d.env, tx, d.bids, actor, rid, 0, "open", desk.Change[Offer]{
				Edit: func(o *Offer) error { o.Opened = d.env.Clock.Now(); return nil }})
			return err
		}
		return nil
	})
}

// callStep is the change of a step of an addressee.
func (d *Desk) callStep(_ context.Context, _ *db.Tx, a act) (desk.Change[Request], error) {
	c := desk.Change[Request]{Detail: reasonDetail(a.in.Words)}
	says := map[string]string{"decline": "declined", "reconsider": "reconsiders"}[string(a.verb)]
	if says == "" {
		return c, noVerb()
	}
	c.Edit = func(r *Request) error {
		r.Seq++
		r.words, r.Reason = a.in.Words, a.in.Words
		return nil
	}
	c.Then = func(ctx context.Context, tx *db.Tx, r *Request) error {
		return d.sendAnswer(ctx, tx, r, AnswerView{Request: r.ID, By: d.env.Member, Says: says, Words: r.Reason, At: r.Changed.At, Post: a.actor.Name, Seq: r.Seq})
	}
	return c, nil
}

// Lapse notes what time did: requests and offers whose validity is over.
func (d *Desk) Lapse(ctx context.Context) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		now := d.env.Clock.Now()
		rs, err := all[Request](ctx, tx, OwnRequest, `state = ? ORDER BY id LIMIT 500`, string(Issued))
		if err != nil {
			return err
		}
		for _, r := range rs {
			if !Past(r.Sent.Valid, now) {
				continue
			}
			if _, err := byNode(ctx, d, tx, d.requests, &r, "lapse", func(r *Request) { r.over("lapse", "", d.env.IDs.New(), now) }); err != nil {
				return err
			}
			if err := d.sendRequest(ctx, tx, &r); err != nil {
				return err
			}
		}
		offers, err := all[Offer](ctx, tx, OwnOffer, `state = ? ORDER BY id LIMIT 500`, string(Offered))
		if err != nil {
			return err
		}
		for _, o := range offers {
			if !Past(o.Valid, now) {
				continue
			}
			if _, err := byNode(ctx, d, tx, d.offers, &o, "lapse", func(o *Offer) { o.Seq++ }); err != nil {
				return err
			}
			if err := d.sendOffer(ctx, tx, &o); err != nil {
				return err
			}
		}
		return nil
	})
}
