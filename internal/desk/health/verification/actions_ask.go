package verification

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Input is what a person enters of a request.
type Input struct {
	To                        []access.Member
	Title, Context, Lang      string
	Hazard, Where             string
	Questions                 []string
	Marking                   access.Marking
	FirstWithin, AnswerWithin time.Duration
	Event, Signal             id.ID // of this member
}

func (in Input) into(r *Request) {
	r.Title, r.Context, r.Lang, r.Hazard, r.Where, r.Marking = in.Title, in.Context, in.Lang, in.Hazard, in.Where, in.Marking
	r.FirstWithin, r.AnswerWithin, r.Event, r.Signal = in.FirstWithin, in.AnswerWithin, in.Event, in.Signal
	r.Questions = nil
	for i, q := range in.Questions {
		r.Questions = append(r.Questions, Question{N: i + 1, Round: 1, Text: q})
	}
}

// Compose drafts one request for each of the members: they are asked alike
// and answer apart.
func (d *Desk) Compose(ctx context.Context, actor access.Actor, in Input) ([]Request, error) {
	if len(in.To) == 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "to", Key: "fault.verification.nobody"}}}
	}
	var out []Request
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		out = nil
		group := id.ID("")
		if len(in.To) > 1 {
			group = d.env.IDs.New()
		}
		for i, m := range in.To {
			if slices.Contains(in.To[:i], m) {
				continue
			}
			r := Request{From: d.env.Member, To: m, Round: 1, Group: group}
			r.Place = string(d.env.Member)
			in.into(&r)
			r, err := desk.CreateIn(ctx, d.env, tx, d.requests, actor, r, "compose", desk.Change[Request]{})
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// Edit changes a draft; its addressee stays.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, rid id.ID, seen int, in Input) (Request, error) {
	return d.ask(ctx, actor, rid, seen, "edit", desk.Change[Request]{Edit: func(r *Request) error { in.into(r); return nil }})
}

// Discard drops a draft.
func (d *Desk) Discard(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	return d.ask(ctx, actor, rid, seen, "discard", desk.Change[Request]{})
}

// Send asks the other member; both clocks start.
func (d *Desk) Send(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Request, error) {
	return d.ask(ctx, actor, rid, seen, "send", d.asking(actor, ""))
}

// asking is the change of sending questions, at first and as a follow-up.
func (d *Desk) asking(actor access.Actor, words string) desk.Change[Request] {
	return desk.Change[Request]{
		Edit: func(r *Request) error {
			r.Asked, r.AskedAs, r.Release = d.env.Clock.Now(), actor.Name, d.env.IDs.New()
			r.FirstBy, r.AnswerBy = r.Asked.Add(r.FirstWithin), r.Asked.Add(r.AnswerWithin)
			r.First, r.Answered, r.Delivered, r.Opened, r.OpenedAs, r.Extension, r.Reason = time.Time{}, time.Time{}, time.Time{}, time.Time{}, "", nil, ""
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error { return d.sendQuestions(ctx, tx, r, words) },
	}
}

// AskAgain puts further questions in the same exchange; the clocks start anew.
func (d *Desk) AskAgain(ctx context.Context, actor access.Actor, rid id.ID, seen int, questions []string, words string) (Request, error) {
	c := d.asking(actor, words)
	again := c.Edit
	c.Edit = func(r *Request) error {
		r.Round++
		r.Words = words
		for _, q := range questions {
			r.Questions = append(r.Questions, Question{N: len(r.Questions) + 1, Round: r.Round, Text: q})
		}
		return again(r)
	}
	return d.ask(ctx, actor, rid, seen, "ask_again", c)
}

// Remind asks once more for what has not come.
func (d *Desk) Remind(ctx context.Context, actor access.Actor, rid id.ID, seen int, words string) (Request, error) {
	return d.say(ctx, actor, rid, seen, "remind", SayRemind, words, func(r *Request, now time.Time) error {
		r.Reminders++
		r.Reminded = now
		return nil
	})
}

// Decide grants or declines the extension that the other member asked for.
func (d *Desk) Decide(ctx context.Context, actor access.Actor, rid id.ID, seen int, grant bool, words string) (Request, error) {
	verb, say := workflow.Verb("decline"), SayDecline
	if grant {
		verb, say = "grant", SayGrant
	}
	return d.say(ctx, actor, rid, seen, verb, say, words, func(r *Request, now time.Time) error {
		if !r.Extension.Open() {
			return nil // the need refuses it
		}
		e := *r.Extension
		e.Decided, e.Granted, e.fresh = now, grant, true
		r.Extension = &e
		if grant {
			r.AnswerBy = e.Until
		}
		return nil
	})
}

// Write says something beside the procedure, from either side.
func (d *Desk) Write(ctx context.Context, actor access.Actor, rid id.ID, seen int, words string) (Request, error) {
	return d.say(ctx, actor, rid, seen, "write", SayWords, words, nil)
}

// Close ends the exchange; words are optional.
func (d *Desk) Close(ctx context.Context, actor access.Actor, rid id.ID, seen int, words string) (Request, error) {
	return d.say(ctx, actor, rid, seen, "close", SayClose, words, func(r *Request, _ time.Time) error {
		if !runes(words, MaxReason) {
			return nil // refused as words
		}
		r.Reason = words
		return nil
	})
}

// Withdraw takes the question back with a reason. What was said stays with
// both sides.
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, rid id.ID, seen int, reason string) (Request, error) {
	return d.ask(ctx, actor, rid, seen, "withdraw", desk.Change[Request]{
		Edit:   func(r *Request) error { r.Reason = reason; return nil },
		Detail: map[string]any{"reason": reason},
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
			m := d.line(actor, r, SayWithdraw, r.Reason)
			return d.sendWithdrawal(ctx, tx, r, &m)
		},
	})
}

// say is a step that sends a line to the other side.
func (d *Desk) say(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, say Say, words string, edit func(*Request, time.Time) error) (Request, error) {
	return d.either(ctx, actor, rid, seen, verb, desk.Change[Request]{
		Edit: func(r *Request) error {
			r.Words = words
			if edit == nil {
				return nil
			}
			return edit(r, d.env.Clock.Now())
		},
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error {
			m := d.line(actor, r, say, r.Words)
			if r.Extension != nil && (say == SayGrant || say == SayExtend) {
				m.Until = r.Extension.Until
			}
			return d.sendLine(ctx, tx, r, &m)
		},
	})
}

// ask is a step of the asking side.
func (d *Desk) ask(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Request]) (Request, error) {
	return d.step(ctx, actor, rid, seen, verb, c, true)
}

// either is a step that both sides know, each in its table.
func (d *Desk) either(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Request]) (Request, error) {
	var out Request
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.kind(&r), actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

// step refuses a step of the other side's table: neither edits the other half.
func (d *Desk) step(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Request], asking bool) (Request, error) {
	var out Request
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		if r.Asking() != asking {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(r.Peer()))
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.kind(&r), actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) kind(r *Request) *desk.Kind[Request] {
	if r.Asking() {
		return d.requests
	}
	return d.answers
}

// visible loads an exchange that the actor may read.
func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID) (Request, error) {
	r, err := load(ctx, tx, rid)
	if err != nil {
		return r, err
	}
	if !Sees(actor, &r) {
		return Request{}, desk.NotFound()
	}
	return r, nil
}

// Lapse notes in the records of this member's own requests that a clock ran
// out. Whether something is late never waits for it.
func (d *Desk) Lapse(ctx context.Context) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		rs, err := loadAll(ctx, tx, `SELECT doc FROM verification_request WHERE side = ? AND state IN (?, ?) AND due > 0 AND due < ? ORDER BY due LIMIT 200`,
			SideAsked, string(Sent), string(Delivered), d.env.Clock.Now().UnixMicro())
		if err != nil {
			return err
		}
		for _, r := range rs {
			if _, err := desk.TakeIn(ctx, d.env, tx, d.requests, access.Node(d.env.Member), r.ID, 0, "lapse", desk.Change[Request]{}); err != nil {
				return err
			}
		}
		return nil
	})
}
