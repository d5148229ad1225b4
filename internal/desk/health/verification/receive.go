package verification

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindRequest: d.receiveRequest, KindReply: d.receiveReply, KindWord: d.receiveWord}
}

// receiveRequest takes the questions of another member, or further ones.
func (d *Desk) receiveRequest(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.receiveWithdrawal(ctx, tx, in)
	}
	var v RequestView
	if err := decode(in, &v); err != nil {
		return err
	}
	if err := checkView(&v, in); err != nil {
		return err
	}
	m := Message{ID: v.Message, Request: v.ID, From: in.From, Say: SayAsk, Round: v.Round, At: v.Asked, Post: cut(v.Post, MaxTitle), Words: v.Words,
		Received: in.Received, Release: in.ID}
	r, err := load(ctx, tx, v.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		r = Request{From: in.From, To: d.env.Member}
		r.ID, r.Place, r.Exercise = v.ID, string(d.env.Member), in.Exercise
		take(&r, &v, in)
		m.Questions = r.askedIn(v.Round)
		if _, err = addMessage(ctx, tx, &m); err != nil {
			return err
		}
		_, err = desk.CreateIn(ctx, d.env, tx, d.answers, access.Node(d.env.Member), r, "receive", desk.Change[Request]{})
		return err
	case err != nil:
		return err
	}
	if err := d.fromAsker(&r, in); err != nil {
		return err
	}
	if v.Round <= r.Round {
		return nil // an older round that came late: the newer one holds its questions
	}
	m.Say = SayFollowUp
	return d.other(ctx, tx, &r, "receive_follow_up", &m, func(r *Request) {
		take(r, &v, in)
		m.Questions = r.askedIn(v.Round)
	})
}

// take brings the questions of a round into the answering record.
func take(r *Request, v *RequestView, in exchange.Inbound) {
	r.Title, r.Context, r.Lang, r.Hazard, r.Where, r.Questions, r.Round = v.Title, v.Context, v.Lang, v.Hazard, v.Where, v.Questions, v.Round
	r.Asked, r.AskedAs, r.FirstBy, r.AnswerBy, r.Release = v.Asked, cut(v.Post, MaxTitle), v.FirstBy, v.AnswerBy, in.ID
	r.FirstWithin, r.AnswerWithin = v.FirstBy.Sub(v.Asked), v.AnswerBy.Sub(v.Asked)
	r.Delivered, r.Opened, r.OpenedAs, r.First, r.Answered, r.Extension, r.Reason = in.Received, time.Time{}, "", time.Time{}, time.Time{}, nil, ""
	r.Marking = in.Marking
	if r.Answer != nil {
		r.Marking = stricter(in.Marking, r.Answer.Marking)
	}
}

func (d *Desk) receiveWithdrawal(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var m Message
	if err := d.decodeLine(in, &m, []Say{SayWithdraw}); err != nil {
		return err
	}
	r, err := load(ctx, tx, in.Ref.ID)
	if fault.Is(err, fault.NotFound) {
		return nil // the questions never came; the exchange keeps the tombstone
	}
	if err != nil {
		return err
	}
	if err := d.fromAsker(&r, in); err != nil {
		return err
	}
	return d.other(ctx, tx, &r, "receive_withdrawal", &m, func(r *Request) { r.Reason = cut(in.Reason, MaxReason) })
}

// receiveWord takes what the asker says beside its questions.
func (d *Desk) receiveWord(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var m Message
	if err := d.decodeLine(in, &m, askerSays); err != nil {
		return err
	}
	r, err := load(ctx, tx, in.Ref.ID)
	if err != nil {
		return err
	}
	if err := d.fromAsker(&r, in); err != nil {
		return err
	}
	switch m.Say {
	case SayRemind:
		return d.other(ctx, tx, &r, "receive_reminder", &m, func(r *Request) { r.Reminders, r.Reminded = r.Reminders+1, m.At })
	case SayGrant, SayDecline:
		if m.Round != r.Round || !r.Extension.Open() {
			return d.keep(ctx, tx, &r, &m)
		}
		return d.decided(ctx, tx, &r, &m)
	case SayClose:
		return d.other(ctx, tx, &r, "receive_closing", &m, func(r *Request) { r.Reason = cut(m.Words, MaxReason) })
	}
	return d.other(ctx, tx, &r, "receive_words", &m, func(*Request) {})
}

func (d *Desk) decided(ctx context.Context, tx *db.Tx, r *Request, m *Message) error {
	verb := workflow.Verb("receive_decline")
	if m.Say == SayGrant {
		verb = "receive_grant"
	}
	return d.other(ctx, tx, r, verb, m, func(r *Request) {
		e := *r.Extension
		e.Decided, e.Granted = m.At, m.Say == SayGrant
		if e.Granted {
			e.Until, r.AnswerBy, r.AnswerWithin = m.Until, m.Until, min(m.Until.Sub(r.Asked), MaxAnswer)
		}
		r.Extension = &e
	})
}

// receiveReply takes what the asked member says.
func (d *Desk) receiveReply(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var m Message
	if err := d.decodeLine(in, &m, answererSays); err != nil {
		return err
	}
	r, err := load(ctx, tx, in.Ref.ID)
	if err != nil {
		return err
	}
	if !r.Asking() || r.To != in.From || r.Asked.IsZero() || m.Round > r.Round {
		return fault.New(fault.Forbidden, "fault.verification.not_asked")
	}
	first := func(r *Request) {
		if r.First.IsZero() && m.Round == r.Round {
			r.First = m.At
		}
	}
	switch m.Say {
	case SayFirst:
		return d.other(ctx, tx, &r, "receive_first", &m, first)
	case SayExtend:
		return d.other(ctx, tx, &r, "receive_extension", &m, func(r *Request) {
			first(r)
			if m.Round == r.Round {
				r.Extension = &Extension{Until: m.Until, Words: m.Words, Asked: m.At}
			}
		})
	case SayAnswer, SayAmend:
		return d.receiveAnswer(ctx, tx, &r, &m, first)
	case SayRefuse:
		return d.other(ctx, tx, &r, "receive_refusal", &m, func(r *Request) {
			first(r)
			r.crossed(m.At)
			r.answeredAt(&m)
			if r.Open() {
				r.Reason = cut(m.Words, MaxReason)
			}
		})
	}
	return d.other(ctx, tx, &r, "receive_words", &m, func(*Request) {})
}

// receiveAnswer refuses an answer that speaks of questions that were not asked
// or says more openly what was asked under a closer marking.
func (d *Desk) receiveAnswer(ctx context.Context, tx *db.Tx, r *Request, m *Message, first func(*Request)) error {
	var c fault.Check
	c.That(m.Answer != nil && m.Answer.Outcome != "", "answer", "fault.verification.outcome")
	if m.Answer != nil {
		m.Answer.check(&c, r.Questions)
	}
	if err := c.Err(); err != nil {
		return err
	}
	verb := workflow.Verb("receive_answer")
	if m.Round < r.Round && r.Open() {
		return d.keep(ctx, tx, r, m) // of a round that a follow-up has overtaken: shown, decides nothing
	}
	return d.other(ctx, tx, r, verb, m, func(r *Request) {
		first(r)
		r.crossed(m.At)
		r.answeredAt(m)
		r.Answer, r.Marking = m.Answer, stricter(r.Marking, m.Answer.Marking)
	})
}

func (r *Request) crossed(at time.Time) {
	if !r.Open() {
		r.Crossed = at
	}
}

func (r *Request) answeredAt(m *Message) {
	if r.Answered.IsZero() && m.Round == r.Round {
		r.Answered = m.At
	}
}

// fromAsker wants the sender to be who asked this member.
func (d *Desk) fromAsker(r *Request, in exchange.Inbound) error {
	if r.Asking() || r.From != in.From {
		return fault.New(fault.Forbidden, "fault.verification.not_asker")
	}
	return nil
}

// other takes a step by a message of the other side, if the table has it from
// the present state; the message is kept either way.
func (d *Desk) other(ctx context.Context, tx *db.Tx, r *Request, verb workflow.Verb, m *Message, edit func(*Request)) error {
	if _, ok := r.TableOf().Find(r.State, verb); !ok {
		return d.keep(ctx, tx, r, m)
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.kind(r), access.Node(d.env.Member), r.ID, 0, verb, desk.Change[Request]{
		Edit: func(r *Request) error { edit(r); return nil },
		Then: func(ctx context.Context, tx *db.Tx, r *Request) error { _, err := addMessage(ctx, tx, m); return err },
	})
	return err
}

func (d *Desk) keep(ctx context.Context, tx *db.Tx, r *Request, m *Message) error {
	if _, err := addMessage(ctx, tx, m); err != nil {
		return err
	}
	d.env.Notify(tx, topics(r)...)
	return nil
}

func decode(in exchange.Inbound, out any) error {
	if err := json.Unmarshal(in.Body, out); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	return nil
}

// decodeLine reads a message and refuses one that is not the sender's, not of
// this exchange, or longer than any member may write.
func (d *Desk) decodeLine(in exchange.Inbound, m *Message, may []Say) error {
	if err := decode(in, m); err != nil {
		return err
	}
	var c fault.Check
	c.That(m.From == in.From && m.Request == in.Ref.ID, "from", "fault.verification.not_sender")
	_, err := id.Parse(string(m.ID))
	c.That(err == nil, "id", "fault.bad_id")
	c.That(slices.Contains(may, m.Say), "say", "fault.invalid")
	c.That(m.Round >= 1 && m.Round <= MaxRounds, "round", "fault.invalid")
	c.That(!m.At.IsZero(), "at", "fault.invalid")
	c.That(runes(m.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(m.Say != SayExtend && m.Say != SayGrant || !m.Until.IsZero(), "until", "fault.invalid")
	c.That(len(m.Questions) == 0, "questions", "fault.invalid")
	c.That((m.Answer != nil) == (m.Say == SayAnswer || m.Say == SayAmend), "answer", "fault.invalid")
	m.Post, m.ClearedAs = cut(m.Post, MaxTitle), cut(m.ClearedAs, MaxTitle)
	m.Release, m.Received = in.ID, in.Received
	return c.Err()
}

// checkView refuses questions that break the limits every member keeps.
func checkView(v *RequestView, in exchange.Inbound) error {
	var c fault.Check
	c.That(v.ID == in.Ref.ID, "id", "fault.verification.not_sender")
	for _, i := range []id.ID{v.ID, v.Message} {
		_, err := id.Parse(string(i))
		c.That(err == nil, "id", "fault.bad_id")
	}
	c.That(v.Title != "" && runes(v.Title, MaxTitle), "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(runes(v.Context, MaxContext), "context", "fault.too_long", fault.Args{"max": MaxContext})
	c.That(runes(v.Where, MaxWhere), "where", "fault.too_long", fault.Args{"max": MaxWhere})
	c.That(runes(v.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(len(v.Questions) > 0, "questions", "fault.verification.question")
	c.That(v.Round >= 1 && v.Round <= MaxRounds, "round", "fault.invalid")
	c.That(!v.Asked.IsZero() && v.FirstBy.After(v.Asked) && !v.AnswerBy.Before(v.FirstBy), "first_by", "fault.invalid")
	checkQuestions(&c, v.Questions)
	for i, q := range v.Questions {
		c.Row(q.Round <= v.Round, i+1, "questions", "fault.invalid")
	}
	return c.Err()
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
