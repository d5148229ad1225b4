package health

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Handlers are the desk's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{
		KindNotification: d.receiveNotification,
		KindReminder:     d.receiveReminder,
		KindQuestion:     d.receiveQuestion,
		KindAnswer:       d.receiveAnswer,
	}
}

func decode(in exchange.Inbound, out any) error {
	if err := json.Unmarshal(in.Body, out); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	return nil
}

func (d *Desk) receiveNotification(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.receiveWithdrawal(ctx, tx, in)
	}
	var v NotificationView
	if err := decode(in, &v); err != nil {
		return err
	}
	if err := checkView(&v, in); err != nil {
		return err
	}
	if err := d.keepCopy(ctx, tx, in, &v.Event); err != nil {
		return err
	}
	if err := d.updateOld(ctx, tx, in); err != nil {
		return err
	}
	n := Notice{Release: in.ID, From: in.From, Event: in.Ref.ID, Body: v, Purpose: in.Purpose, Basis: in.Basis,
		Lang: in.Lang, Issued: in.Issued, AckBy: in.Due, Files: in.Files, Supersedes: in.Supersedes}
	n.Place, n.Marking, n.Exercise, n.Due, n.Clock = string(d.env.Member), in.Marking, in.Exercise, in.Due, "acknowledge"
	if _, err := desk.CreateIn(ctx, d.env, tx, d.notices, access.Node(d.env.Member), n, "receive", desk.Change[Notice]{}); err != nil {
		return err
	}
	old, err := replaced(ctx, tx, in.From, in.ID)
	if err != nil || !old {
		return err
	}
	return d.otherStep(ctx, tx, in.From, in.ID, "update", func(*Notice) {}) // the update was faster
}

// updateOld marks the notice of the superseded release; one that never came
// or was withdrawn before needs nothing.
func (d *Desk) updateOld(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Supersedes == "" {
		return nil
	}
	return d.otherStep(ctx, tx, in.From, in.Supersedes, "update", func(*Notice) {})
}

// otherStep takes a step of a notice by a message of its sender, if the table
// has it from the present state.
func (d *Desk) otherStep(ctx context.Context, tx *db.Tx, from access.Member, release id.ID, verb workflow.Verb, edit func(*Notice)) error {
	nid, ok, err := noticeByRelease(ctx, tx, release)
	if err != nil || !ok {
		return err
	}
	n, err := loadNotice(ctx, tx, nid)
	if err != nil {
		return err
	}
	if n.From != from {
		return fault.New(fault.Forbidden, "fault.health.not_sender")
	}
	if _, ok := Notices.Find(n.State, verb); !ok {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.notices, access.Node(d.env.Member), nid, 0, verb,
		desk.Change[Notice]{Edit: func(n *Notice) error { edit(n); return nil }})
	return err
}

// receiveWithdrawal empties the content and keeps a tombstone with the reason.
func (d *Desk) receiveWithdrawal(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	err := d.otherStep(ctx, tx, in.From, in.Withdraws, "withdraw", func(n *Notice) {
		n.Words, n.Withdrawal = cut(in.Reason, MaxReason), in.ID
		n.Body.Message, n.Body.Event.Summary, n.Files = "", "", nil
		n.Body.Event.Facts, n.Body.Event.More, n.Body.Event.Sections, n.Body.Event.Absorbed = nil, nil, nil, nil
	})
	if err != nil {
		return err
	}
	return d.dropCopy(ctx, tx, in)
}

// dropCopy empties the copy of the event if it rests on the withdrawn release.
func (d *Desk) dropCopy(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	e, err := loadEvent(ctx, tx, in.Ref.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || e.CopyOf != in.Withdraws {
		return err
	}
	was := e.Version
	e.Summary, e.Agent, e.State, e.Sections, e.Kept, e.End = "", "", Withdrawn, nil, nil, EndRule{}
	e.Changed.At = d.env.Clock.Now()
	if _, err := tx.Exec(ctx, `DELETE FROM health_fact WHERE event = ?`, string(e.ID)); err != nil {
		return err
	}
	return updateEvent(ctx, tx, &e, was)
}

// keepCopy stores the newest released view of a foreign event. An older
// version that arrives late does not replace a newer one.
func (d *Desk) keepCopy(ctx context.Context, tx *db.Tx, in exchange.Inbound, v *EventView) error {
	old, err := loadEvent(ctx, tx, v.ID)
	found := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if found && (old.Own() || old.Owner != in.From) {
		return fault.New(fault.Forbidden, "fault.health.not_sender")
	}
	if found && old.Version > v.Version {
		return nil
	}
	e := copyOf(v, in)
	if !found {
		if err := insertEvent(ctx, tx, &e); err != nil {
			return err
		}
	} else {
		if err := updateEvent(ctx, tx, &e, old.Version); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM health_fact WHERE event = ?`, string(e.ID)); err != nil {
			return err
		}
	}
	facts := v.AllFacts()
	for i := range facts {
		f := &facts[i]
		f.Event, f.Owner = e.ID, in.From
		if f.Recorded.IsZero() {
			f.Recorded = in.Received // of a sender that does not tell
		}
	}
	return insertFacts(ctx, tx, facts, 0)
}

func copyOf(v *EventView, in exchange.Inbound) Event {
	e := Event{
		Name: v.Name, Summary: v.Summary, Lang: v.Lang, Hazard: v.Hazard, Agent: v.Agent, ICD11: v.ICD11, ICD10: v.ICD10,
		Grade: v.Grade, Places: v.Places, GLIDE: v.GLIDE, Onset: v.Onset, Emergence: v.Emergence, Detection: v.Detection,
		Notified: v.Notified, CopyOf: in.ID, Sections: v.Sections, End: v.End, MergedInto: v.MergedInto, Kept: v.Absorbed, Withheld: v.Withheld,
	}
	e.Head = desk.Head{ID: v.ID, Kind: "health.event", Owner: in.From, State: v.State, Place: string(in.From),
		Version: v.Version, Created: desk.Mark{At: in.Received}, Changed: desk.Mark{At: in.Issued}, Marking: in.Marking, Exercise: in.Exercise}
	if len(v.Places) > 0 {
		e.Place = v.Places[0]
	}
	return e
}

func (d *Desk) receiveReminder(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var b ReminderBody
	if err := decode(in, &b); err != nil {
		return err
	}
	return d.otherStep(ctx, tx, in.From, b.Release, "remind", func(n *Notice) { n.Reminded = d.env.Clock.Now() })
}

// receiveQuestion takes a question only about a notification of this node that
// went to the member that asks.
func (d *Desk) receiveQuestion(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var b QuestionBody
	if err := decode(in, &b); err != nil {
		return err
	}
	n, err := loadNotification(ctx, tx, b.Notification)
	if err != nil {
		return err
	}
	sentTo := false
	for _, r := range n.Recipients {
		sentTo = sentTo || r.Member == in.From && r.Release == b.Release
	}
	if !sentTo || b.ID != in.Ref.ID {
		return fault.New(fault.Forbidden, "fault.health.not_recipient")
	}
	q := Question{From: in.From, To: d.env.Member, Release: b.Release, Notification: n.ID, Event: n.Event, Title: n.Title,
		Words: strings.TrimSpace(b.Words), Asked: b.Asked, AskedAs: cut(b.Post, MaxName)}
	q.ID, q.Place, q.Marking, q.Exercise = b.ID, string(d.env.Member), in.Marking, in.Exercise
	_, err = desk.CreateIn(ctx, d.env, tx, d.answers, access.Node(d.env.Member), q, "receive", desk.Change[Question]{})
	return err
}

func (d *Desk) receiveAnswer(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var b AnswerBody
	if err := decode(in, &b); err != nil {
		return err
	}
	q, err := loadQuestion(ctx, tx, b.Question)
	if err != nil {
		return err
	}
	if q.To != in.From || q.From != d.env.Member {
		return fault.New(fault.Forbidden, "fault.health.not_recipient")
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.questions, access.Node(d.env.Member), q.ID, 0, "receive_answer", desk.Change[Question]{
		Edit: func(q *Question) error {
			q.Answer, q.Answered, q.AnsweredAs = strings.TrimSpace(b.Words), b.Answered, cut(b.Post, MaxName)
			return nil
		},
	})
	return err
}

// checkView refuses a body that breaks the limits every member keeps, or that
// speaks of another record than its release names.
func checkView(v *NotificationView, in exchange.Inbound) error {
	var c fault.Check
	e := &v.Event
	c.That(e.ID == in.Ref.ID && e.Owner == in.From, "event", "fault.health.not_sender")
	c.That(v.ID != "" && len(v.ID) == 36, "id", "fault.bad_id")
	c.That(v.Title != "" && utf8.RuneCountInString(v.Title) <= MaxName, "title", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(v.Message) <= MaxMessage, "message", "fault.too_long", fault.Args{"max": MaxMessage})
	c.That(e.Name != "" && utf8.RuneCountInString(e.Name) <= MaxName, "name", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(e.Summary) <= MaxSummary, "summary", "fault.too_long", fault.Args{"max": MaxSummary})
	c.That(len(e.Places) <= MaxPlaces, "places", "fault.too_many", fault.Args{"max": MaxPlaces})
	count := len(e.Facts) + len(e.More)
	for _, a := range e.Absorbed {
		count += len(a.Facts) + len(a.More)
		c.That(len(a.ID) == 36 && utf8.RuneCountInString(a.Name) <= MaxName, "absorbed", "fault.too_long", fault.Args{"max": MaxName})
	}
	c.That(count <= 20*MaxFacts, "facts", "fault.too_many", fault.Args{"max": 20 * MaxFacts})
	c.That(len(e.Absorbed) <= MaxAbsorbed, "absorbed", "fault.too_many", fault.Args{"max": MaxAbsorbed})
	c.That(e.MergedInto == "" || len(e.MergedInto) == 36, "merged_into", "fault.bad_id")
	c.That(len(e.Sections) <= 4*len(SectionBlocks), "sections", "fault.too_many", fault.Args{"max": 4 * len(SectionBlocks)})
	for i, s := range e.Sections {
		c.Row(utf8.RuneCountInString(s.Text) <= MaxSection && len(s.Source) <= 4*maxSourceText, i+1, "sections", "fault.too_long", fault.Args{"max": MaxSection})
	}
	c.That(len(v.Post) <= 4*MaxName, "post", "fault.too_long", fault.Args{"max": MaxName})
	c.That(e.Version > 0, "version", "fault.bad_id")
	for i, f := range e.AllFacts() {
		c.Row(f.Value >= 0 && f.Of >= 0 && len(f.Source) <= 1200 && len(f.Note) <= 4*MaxReason, i+1, "facts", "fault.health.value")
	}
	return c.Err()
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
