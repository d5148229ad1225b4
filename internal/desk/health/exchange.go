package health

import (
	"context"
	"encoding/json"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves the desk is in this file, and in receive.go
// everything that enters it.

// ReminderBody is the body of a health.reminder release.
type ReminderBody struct {
	Notification id.ID     `json:"notification"`
	Release      id.ID     `json:"release"`
	Due          time.Time `json:"due"`
}

// QuestionBody is the body of a health.question release.
type QuestionBody struct {
	ID           id.ID     `json:"id"`
	Release      id.ID     `json:"release"`
	Notification id.ID     `json:"notification"`
	Words        string    `json:"words"`
	Post         string    `json:"post"`
	Asked        time.Time `json:"asked"`
}

// AnswerBody is the body of a health.answer release.
type AnswerBody struct {
	Question id.ID     `json:"question"`
	Words    string    `json:"words"`
	Post     string    `json:"post"`
	Answered time.Time `json:"answered"`
}

// sendNotification queues one release for each group of recipients and starts
// the strip of acknowledgements.
func (d *Desk) sendNotification(ctx context.Context, tx *db.Tx, actor access.Actor, n *Notification) error {
	facts, err := factsOf(ctx, tx, n.Event)
	if err != nil {
		return err
	}
	for i, p := range previews(n, n.event, facts, actor.Name) {
		first := n.Recipients[n.groups()[i][0]]
		if err := d.queue(ctx, tx, exchange.Release{
			ID: first.Release, Kind: KindNotification, To: p.Members, Ref: n.event.Ref(Name),
			Purpose: n.Purpose, Marking: n.Marking, Basis: n.Basis, Lang: n.Lang, Issued: n.Released, Due: n.Due,
			Supersedes: first.Replaces, Exercise: n.Exercise, Workflow: Notices.Digest(), Files: n.Files,
		}, p.View); err != nil {
			return err
		}
		if err := d.noteRelease(ctx, tx, n, first.Release, p); err != nil {
			return err
		}
	}
	if n.Supersedes == "" {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.notifications, access.Node(d.env.Member), n.Supersedes, 0, "supersede", desk.Change[Notification]{})
	return err
}

// noteRelease keeps what was sent, since the event goes on changing, and
// begins the strip.
func (d *Desk) noteRelease(ctx context.Context, tx *db.Tx, n *Notification, rid id.ID, p Preview) error {
	body, err := encode(p.View)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO health_release (id, notification, event, body) VALUES (?, ?, ?, ?)`,
		string(rid), string(n.ID), string(n.Event), body); err != nil {
		return err
	}
	for _, m := range p.Members {
		if err := upsertAck(ctx, tx, Ack{Notification: n.ID, Member: m, Event: n.Event, Release: rid,
			Stage: exchange.Queued, At: clock.Micros(n.Released)}); err != nil {
			return err
		}
	}
	return nil
}

// sendReminder goes to those recipients of whom no person has acted yet.
func (d *Desk) sendReminder(ctx context.Context, tx *db.Tx, n *Notification) error {
	acks, err := acksOf(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	sent := 0
	for _, a := range acks {
		if AckOf(a.Stage) == AckActed {
			continue
		}
		sent++
		if err := d.queue(ctx, tx, exchange.Release{
			ID: d.env.IDs.New(), Kind: KindReminder, To: []access.Member{a.Member}, Ref: n.event.Ref(Name),
			Purpose: n.Purpose, Marking: n.Marking, Basis: n.Basis, Lang: n.Lang, Issued: d.env.Clock.Now(), Exercise: n.Exercise,
		}, ReminderBody{Notification: n.ID, Release: a.Release, Due: n.Due}); err != nil {
			return err
		}
	}
	if sent == 0 {
		return fault.New(fault.Conflict, "fault.health.nobody_silent")
	}
	return nil
}

// sendWithdrawal sends a tombstone for each release of the notification.
func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, n *Notification) error {
	to, by := map[id.ID][]access.Member{}, map[id.ID]id.ID{}
	var order []id.ID
	for _, r := range n.Recipients {
		if to[r.Release] == nil {
			order = append(order, r.Release)
		}
		to[r.Release], by[r.Release] = append(to[r.Release], r.Member), r.Withdrawal
	}
	for _, rid := range order {
		if err := d.queue(ctx, tx, exchange.Release{
			ID: by[rid], Kind: KindNotification, To: to[rid], Ref: n.event.Ref(Name),
			Purpose: n.Purpose, Marking: n.Marking, Basis: n.Basis, Lang: n.Lang, Issued: d.env.Clock.Now(),
			Withdraws: rid, Reason: n.Reason, Exercise: n.Exercise,
		}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) sendQuestion(ctx context.Context, tx *db.Tx, q *Question) error {
	return d.queue(ctx, tx, exchange.Release{
		ID: d.env.IDs.New(), Kind: KindQuestion, To: []access.Member{q.To}, Ref: q.Ref(Name),
		Purpose: "information", Marking: q.Marking, Lang: "en", Issued: q.Asked, Due: q.Due, Exercise: q.Exercise,
		Workflow: Answers.Digest(),
	}, QuestionBody{ID: q.ID, Release: q.Release, Notification: q.Notification, Words: q.Words, Post: q.AskedAs, Asked: q.Asked})
}

func (d *Desk) sendAnswer(ctx context.Context, tx *db.Tx, q *Question) error {
	return d.queue(ctx, tx, exchange.Release{
		ID: d.env.IDs.New(), Kind: KindAnswer, To: []access.Member{q.From}, Ref: q.Ref(Name),
		Purpose: "information", Marking: q.Marking, Lang: "en", Issued: q.Answered, Exercise: q.Exercise,
	}, AnswerBody{Question: q.ID, Words: q.Answer, Post: q.AnsweredAs, Answered: q.Answered})
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	r.From, r.Schema, r.Body = d.env.Member, bodySchema, json.RawMessage("null")
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		r.Body = b
	}
	return d.env.Send.Queue(ctx, tx, r)
}
