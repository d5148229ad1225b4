package request

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// ArrangementInput is what a person enters of the terms.
type ArrangementInput struct {
	Peer    access.Member   `json:"peer"`
	Sends   bool            `json:"sends" doc:"This member is the sending side."`
	Title   string          `json:"title"`
	Event   id.ID           `json:"event,omitempty"`
	Request id.ID           `json:"request,omitempty"`
	Offer   id.ID           `json:"offer,omitempty"`
	Scope   []ScopeLine     `json:"scope" nullable:"false"`
	From    string          `json:"from"`
	Until   string          `json:"until"`
	Clauses []Clause        `json:"clauses,omitempty"`
	Lang    string          `json:"lang"`
	Marking access.Marking  `json:"marking"`
	Inform  []access.Member `json:"inform,omitempty"`
}

func (in *ArrangementInput) into(a *Arrangement, eventName string) {
	a.Marking, a.Inform = in.Marking, in.Inform
	t := Terms{Arrangement: a.ID, N: 1, Does: Agree, Sending: in.Peer, Receiving: a.Owner, Title: in.Title, Event: in.Event, EventName: eventName,
		Request: in.Request, Offer: in.Offer, Scope: in.Scope, From: in.From, Until: in.Until, Lang: in.Lang, By: a.Owner}
	if in.Sends {
		t.Sending, t.Receiving = a.Owner, in.Peer
	}
	for _, key := range Clauses { // in the order of the text
		for _, c := range in.Clauses {
			if c.Key == key && said(c.Text) {
				t.Clauses = append(t.Clauses, c)
			}
		}
	}
	a.Sending, a.Receiving, a.Draft = t.Sending, t.Receiving, &t
}

// subject is the name of the event that an arrangement is about. Who helps may
// not have the event: then the request names it.
func (d *Desk) subject(ctx context.Context, tx *db.Tx, actor access.Actor, in *ArrangementInput) (string, error) {
	if in.Request != "" {
		es, err := entries(ctx, tx, `id = ?`, string(in.Request))
		if err != nil {
			return "", err
		}
		for i := range es {
			r := es[i].Request
			if r != nil && sees(actor, r.Marking) && r.Content().Event == in.Event {
				return r.Content().EventName, nil
			}
		}
	}
	name := ""
	err := d.about(ctx, tx, actor, in.Event, &name)
	return name, err
}

// DraftArrangement begins an arrangement.
func (d *Desk) DraftArrangement(ctx context.Context, actor access.Actor, in ArrangementInput) (Arrangement, error) {
	var a Arrangement
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a = Arrangement{}
		a.ID, a.Owner, a.Place = d.env.IDs.New(), d.env.Member, string(d.env.Member)
		name, err := d.subject(ctx, tx, actor, &in)
		if err != nil {
			return err
		}
		in.into(&a, name)
		a, err = desk.CreateIn(ctx, d.env, tx, d.arrangements, actor, a, "draft", desk.Change[Arrangement]{})
		return err
	})
	return a, err
}

// EditArrangement changes a draft; the other side stays.
func (d *Desk) EditArrangement(ctx context.Context, actor access.Actor, rid id.ID, seen int, in ArrangementInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := visible(ctx, tx, d.arrangements, actor, rid)
		if err != nil {
			return err
		}
		name, err := d.subject(ctx, tx, actor, &in)
		if err != nil {
			return err
		}
		in.Peer = a.Peer()
		_, err = desk.TakeIn(ctx, d.env, tx, d.arrangements, actor, rid, seen, "edit", desk.Change[Arrangement]{Edit: func(a *Arrangement) error {
			in.into(a, name)
			return nil
		}})
		return err
	})
}

// arrangementStep is the change of a step of either side.
func (d *Desk) arrangementStep(ctx context.Context, tx *db.Tx, s act) (desk.Change[Arrangement], error) {
	c := desk.Change[Arrangement]{Detail: reasonDetail(s.in.Words)}
	now := d.env.Clock.Now()
	switch s.verb {
	case "discard":
		return c, nil
	case "propose":
		c.Edit = func(a *Arrangement) error {
			a.Draft.Made = now
			text, err := a.Draft.Text()
			a.Texts = append(a.Texts, text)
			return err
		}
	case "sign":
		c.Detail = map[string]any{"text": s.in.Digest}
		c.Edit = func(a *Arrangement) error { return d.sign(a, s) }
	case "refuse":
		c.Edit = func(a *Arrangement) error {
			a.words, a.isOpen = s.in.Words, slices.Contains(a.Waiting(), s.in.Digest) && a.SignedBy(a.Owner, s.in.Digest) == nil
			if a.isOpen {
				a.Refusals = append(a.Refusals, Refusal{Digest: s.in.Digest, Member: a.Owner, Words: cut(s.in.Words, MaxReason), At: now, Post: s.actor.Name})
			}
			return nil
		}
	case "take_back":
		c.Edit = func(a *Arrangement) error {
			if a.isOpen = a.mayTakeBack(s.in.Digest); a.isOpen {
				a.Withdrawn = append(a.Withdrawn, s.in.Digest)
			}
			return nil
		}
	case "change":
		c.Edit = func(a *Arrangement) error { return d.propose(a, s) }
	default:
		return c, noVerb()
	}
	c.Then = func(ctx context.Context, tx *db.Tx, a *Arrangement) error {
		if err := d.sendArrangement(ctx, tx, a); err != nil {
			return err
		}
		return d.settle(ctx, tx, a)
	}
	return c, nil
}

// sign puts this member's signature under the text that the person saw.
func (d *Desk) sign(a *Arrangement, s act) error {
	a.isOpen = a.maySign(s.in.Digest)
	if !a.isOpen {
		return nil // the need refuses it
	}
	_, text := a.TermsOf(s.in.Digest)
	sig := Signature{Digest: s.in.Digest, Member: a.Owner, At: d.env.Wall.Now(), Post: s.actor.Name}
	sig.Key, sig.Value = d.keys.Sign([]byte(SignSpace + text))
	if !d.valid(text, &sig) {
		return fault.New(fault.Unavailable, "fault.request.own_key")
	}
	a.Signatures = append(a.Signatures, sig)
	return nil
}

// propose adds a text that changes or ends what is in force.
func (d *Desk) propose(a *Arrangement, s act) error {
	holds, _ := a.TermsOf(a.Holds)
	if holds == nil || s.in.Terms == nil || len(a.Waiting()) > 0 {
		return fault.New(fault.Conflict, "fault.request.change_waits")
	}
	t, in := *holds, s.in.Terms
	t.N, t.Previous, t.Does, t.Words, t.By, t.Made = holds.N+1, a.Holds, Change, s.in.Words, a.Owner, d.env.Clock.Now()
	if in.Does == End {
		t.Does = End
		if in.Until != "" {
			t.Until = in.Until
		}
	} else {
		t.From, t.Until, t.Scope, t.Clauses = in.From, in.Until, in.Scope, in.Clauses
	}
	var f form
	t.check(&f)
	f.That(len(t.Scope) > 0, "scope", "need.request.scope")
	if err := f.Err(); err != nil {
		return err
	}
	text, err := t.Text()
	a.words, a.Texts = s.in.Words, append(a.Texts, text)
	return err
}

// valid checks a signature with the region's directory: by a key that its
// member had when it was made.
func (d *Desk) valid(text string, s *Signature) bool {
	public, err := d.keys.Public(s.Member, s.Key, s.At)
	return err == nil && s.Verify(text, public)
}

// settle brings the state in line with what texts and signatures say.
func (d *Desk) settle(ctx context.Context, tx *db.Tx, a *Arrangement) error {
	holds, ended := Standing(a.Texts, a.Signatures, d.valid)
	var err error
	switch {
	case ended && a.State != Ended:
		_, err = byNode(ctx, d, tx, d.arrangements, a, "end", func(a *Arrangement) { a.Holds = holds })
	case holds != a.Holds && holds != "" && !ended:
		_, err = byNode(ctx, d, tx, d.arrangements, a, "come_into_force", func(a *Arrangement) { a.Holds = holds })
	case holds == "" && len(a.Waiting()) == 0 && len(a.Withdrawn) > 0:
		_, err = byNode(ctx, d, tx, d.arrangements, a, "drop_withdrawn", func(*Arrangement) {})
	case holds == "" && len(a.Waiting()) == 0 && len(a.Refusals) > 0:
		_, err = byNode(ctx, d, tx, d.arrangements, a, "drop", func(*Arrangement) {})
	}
	return err
}

// holdsToday reports whether an arrangement of this member is in force today
// between it and the other member.
func (d *Desk) holdsToday(ctx context.Context, tx *db.Tx, rid id.ID, peer access.Member) (bool, error) {
	if rid == "" {
		return false, nil
	}
	a, err := d.arrangements.Load(ctx, tx, rid)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && a.Peer() == peer && a.HoldsOn(d.env.Clock.Now()), err
}
