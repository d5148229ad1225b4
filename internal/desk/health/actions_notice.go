package health

import (
	"context"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// OpenNotice records that a person of this node opened the notification; the
// sender gets a receipt. A notice that was opened before stays as it is.
func (d *Desk) OpenNotice(ctx context.Context, actor access.Actor, nid id.ID) (Notice, error) {
	var out Notice
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := d.visibleNotice(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		verb, change := workflow.Verb("open"), d.answer(actor, exchange.Opened, "")
		if n.unread() {
			verb, change = "read_withdrawal", d.readWithdrawal(actor)
		}
		row, ok := Notices.Find(n.State, verb)
		if !ok || !Notices.Allowed(row, n, actor) || n.State == Withdrawn && !n.unread() {
			out = n
			return nil
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.notices, actor, nid, 0, verb, change)
		return err
	})
	return out, err
}

// Acknowledge answers a notification; words are optional.
func (d *Desk) Acknowledge(ctx context.Context, actor access.Actor, nid id.ID, seen int, words string) (Notice, error) {
	return d.answerNotice(ctx, actor, nid, seen, "acknowledge", exchange.Acknowledged, words)
}

// Refuse answers that this node cannot accept the notification, and why.
func (d *Desk) Refuse(ctx context.Context, actor access.Actor, nid id.ID, seen int, words string) (Notice, error) {
	return d.answerNotice(ctx, actor, nid, seen, "refuse", exchange.Refused, words)
}

func (d *Desk) answerNotice(ctx context.Context, actor access.Actor, nid id.ID, seen int, verb workflow.Verb, stage exchange.Stage, words string) (Notice, error) {
	words = strings.TrimSpace(words)
	var out Notice
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visibleNotice(ctx, tx, actor, nid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.notices, actor, nid, seen, verb, d.answer(actor, stage, words))
		return err
	})
	return out, err
}

// answer is the change that every answer of a recipient makes: the words, and
// a receipt to the sender.
func (d *Desk) answer(actor access.Actor, stage exchange.Stage, words string) desk.Change[Notice] {
	return desk.Change[Notice]{
		Edit: func(n *Notice) error { n.Words = words; return nil },
		Then: func(ctx context.Context, tx *db.Tx, n *Notice) error {
			return d.env.Send.SendReceipt(ctx, tx, exchange.Receipt{
				Release: n.Release, Member: d.env.Member, Stage: stage, At: n.Changed.At, Role: actor.Name, Words: words,
			})
		},
	}
}

// Ask sends a question about a notification to its owner: a record of this
// member, and the receipt "question".
func (d *Desk) Ask(ctx context.Context, actor access.Actor, nid id.ID, seen int, words string) (Question, error) {
	words = strings.TrimSpace(words)
	var q Question
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visibleNotice(ctx, tx, actor, nid); err != nil {
			return err
		}
		n, err := desk.TakeIn(ctx, d.env, tx, d.notices, actor, nid, seen, "ask", d.answer(actor, exchange.Question, words))
		if err != nil {
			return err
		}
		q = Question{From: d.env.Member, To: n.From, Release: n.Release, Notification: n.Body.ID, Event: n.Event,
			Title: n.Body.Title, Words: words, Asked: d.env.Clock.Now(), AskedAs: actor.Name}
		q.Place, q.Marking, q.Exercise = string(d.env.Member), n.Marking, n.Exercise
		q, err = desk.CreateIn(ctx, d.env, tx, d.questions, actor, q, "ask", desk.Change[Question]{
			Then: func(ctx context.Context, tx *db.Tx, q *Question) error { return d.sendQuestion(ctx, tx, q) },
		})
		return err
	})
	return q, err
}

// Answer answers a question that another member asked.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, qid id.ID, seen int, words string) (Question, error) {
	words = strings.TrimSpace(words)
	var out Question
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		q, err := loadQuestion(ctx, tx, qid)
		if err != nil {
			return err
		}
		if _, err := d.visible(ctx, tx, actor, q.Event); err != nil {
			return err
		}
		if q.To != d.env.Member { // the asker holds its question, but cannot answer it
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(q.To))
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.answers, actor, qid, seen, "answer", desk.Change[Question]{
			Edit: func(q *Question) error {
				q.Answer, q.Answered, q.AnsweredAs = words, d.env.Clock.Now(), actor.Name
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, q *Question) error { return d.sendAnswer(ctx, tx, q) },
		})
		return err
	})
	return out, err
}

// visibleNotice loads a notice that the actor may read.
func (d *Desk) visibleNotice(ctx context.Context, tx *db.Tx, actor access.Actor, nid id.ID) (Notice, error) {
	n, err := loadNotice(ctx, tx, nid)
	if err != nil {
		return n, err
	}
	if !ReachOf(actor).SeesNotice(&n) {
		return Notice{}, desk.NotFound()
	}
	return n, nil
}
