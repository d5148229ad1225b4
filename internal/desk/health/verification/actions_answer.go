package verification

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// OpenRequest records that a person of this node opened the request; the asker
// gets a receipt. One that was opened before stays as it is.
func (d *Desk) OpenRequest(ctx context.Context, actor access.Actor, rid id.ID) (Request, error) {
	var out Request
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		out = r
		if r.Asking() {
			return nil
		}
		if row, ok := Answers.Find(r.State, "open"); !ok || !Answers.Allowed(row, r, actor) {
			return nil
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.answers, actor, rid, 0, "open", desk.Change[Request]{
			Edit: func(r *Request) error { r.Opened, r.OpenedAs = d.env.Clock.Now(), actor.Name; return nil },
			Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
				return d.env.Send.SendReceipt(ctx, tx, exchange.Receipt{Release: r.Release, Member: d.env.Member, Stage: exchange.Opened, At: r.Changed.At, Role: actor.Name})
			},
		})
		return err
	})
	return out, err
}

// FirstReply tells the asker that the matter is in hand, and stops the first
// clock. It is no answer: what was found leaves only after clearance.
func (d *Desk) FirstReply(ctx context.Context, actor access.Actor, rid id.ID, seen int, words string) (Request, error) {
	return d.answerSide(ctx, actor, rid, seen, "first_reply", SayFirst, words, func(r *Request, now time.Time) {
		if r.First.IsZero() {
			r.First = now
		}
	})
}

// AskExtension asks the asker for more time for the full answer. It is a reply
// to the request, so it also stops the first clock.
func (d *Desk) AskExtension(ctx context.Context, actor access.Actor, rid id.ID, seen int, until time.Time, words string) (Request, error) {
	return d.answerSide(ctx, actor, rid, seen, "ask_extension", SayExtend, words, func(r *Request, now time.Time) {
		if !r.Extension.Open() {
			r.Extension = &Extension{Until: until, Words: words, Asked: now, fresh: true}
		}
	})
}

// Refuse answers that this member will not verify, and why.
func (d *Desk) Refuse(ctx context.Context, actor access.Actor, rid id.ID, seen int, reason string) (Request, error) {
	return d.answerSide(ctx, actor, rid, seen, "refuse", SayRefuse, reason, func(r *Request, now time.Time) {
		r.Reason, r.Answered = reason, now
		if r.First.IsZero() {
			r.First = now
		}
	})
}

// AnswerInput is what a person enters of the answer.
type AnswerInput struct {
	Answer
	Event id.ID // of this member, or empty
}

// Prepare saves the draft of the answer.
func (d *Desk) Prepare(ctx context.Context, actor access.Actor, rid id.ID, seen int, in AnswerInput) (Request, error) {
	return d.step(ctx, actor, rid, seen, "prepare", desk.Change[Request]{
		Edit: func(r *Request) error {
			a := in.Answer
			r.Draft, r.DraftBy, r.Event = &a, actor.Account, in.Event
			return nil
		},
	}, false)
}

// Submit asks for the clearance of the draft.
func (d *Desk) Submit(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	return d.step(ctx, actor, rid, seen, "submit", desk.Change[Request]{
		Edit: func(r *Request) error { r.SubmitBy, r.SubmitAs, r.Reason = actor.Account, actor.Name, ""; return nil },
	}, false)
}

// Recall takes the draft back from clearance.
func (d *Desk) Recall(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	return d.step(ctx, actor, rid, seen, "recall", desk.Change[Request]{}, false)
}

// Return gives the draft back with a reason.
func (d *Desk) Return(ctx context.Context, actor access.Actor, rid id.ID, seen int, reason string) (Request, error) {
	return d.step(ctx, actor, rid, seen, "return", desk.Change[Request]{
		Edit: func(r *Request) error { r.Reason = reason; return nil }, Detail: map[string]any{"reason": reason},
	}, false)
}

// Clear is the clearance by a second person; the answer leaves with it, since
// a clock runs at the asker.
func (d *Desk) Clear(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	amended := false
	return d.step(ctx, actor, rid, seen, "clear", desk.Change[Request]{
		Edit: func(r *Request) error {
			if r.Draft == nil {
				return nil // the needs refuse it
			}
			a := *r.Draft
			amended = r.Answer != nil && !r.Answered.IsZero()
			r.Answer, r.Marking = &a, stricter(r.Marking, a.Marking)
			if r.Answered.IsZero() {
				r.Answered = d.env.Clock.Now()
			}
			if r.First.IsZero() {
				r.First = r.Answered
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
			m := d.line(actor, r, SayAnswer, "")
			if amended {
				m.Say = SayAmend
			}
			m.Post, m.ClearedAs, m.Answer = r.SubmitAs, actor.Name, r.Answer
			return d.sendLine(ctx, tx, r, &m)
		},
	}, false)
}

// Amend begins a further answer in place of the one that left.
func (d *Desk) Amend(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	return d.step(ctx, actor, rid, seen, "amend", desk.Change[Request]{
		Edit: func(r *Request) error {
			if r.Draft == nil && r.Answer != nil {
				a := *r.Answer
				r.Draft = &a
			}
			r.Reason = ""
			return nil
		},
	}, false)
}

func (d *Desk) answerSide(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb string, say Say, words string, edit func(*Request, time.Time)) (Request, error) {
	return d.step(ctx, actor, rid, seen, verbOf(verb), desk.Change[Request]{
		Edit: func(r *Request) error {
			r.Words = words
			edit(r, d.env.Clock.Now())
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
			m := d.line(actor, r, say, r.Words)
			if say == SayExtend {
				m.Until = r.Extension.Until
			}
			return d.sendLine(ctx, tx, r, &m)
		},
	}, false)
}
