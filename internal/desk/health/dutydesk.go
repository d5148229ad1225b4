package health

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Todo is one thing that waits for the actor, most urgent first.
type Todo struct {
	Kind    string // catalogue "todo.health.<kind>"
	Grade   Grade
	Title   string
	Owner   access.Member // whose event it is
	Event   id.ID
	Record  id.ID
	Version int
	Due     time.Time
	Late    bool
	Members []access.Member // for a notification with silent recipients
	Count   int
}

// Todos lists what the actor can and should do now, ordered by the time left.
// It asks the same tables that enable the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]Todo, error) {
	var out []Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, part := range []func(context.Context, *db.Tx, access.Actor) ([]Todo, error){
			d.todoNotices, d.todoWithdrawn, d.todoQuestions, d.todoNotifications, d.todoEvents,
		} {
			t, err := part(ctx, tx, actor)
			if err != nil {
				return err
			}
			out = append(out, t...)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Todo) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			if a.Due.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Record, b.Record))
	})
	return out, err
}

// most is how many rows of one kind the list reads: a desk with more than
// that has lost its watch, and the list says "more".
const most = 100

func (d *Desk) todoNotices(ctx context.Context, tx *db.Tx, actor access.Actor) ([]Todo, error) {
	ns, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE state IN (?, ?) ORDER BY due LIMIT ?`,
		string(NoticeDelivered), string(NoticeOpened), most)
	if err != nil {
		return nil, err
	}
	r, now := ReachOf(actor), d.env.Clock.Now()
	var out []Todo
	for _, n := range ns {
		row, ok := Notices.Find(n.State, "acknowledge")
		if !ok || !r.SeesNotice(&n) || !Notices.Allowed(row, n, actor) {
			continue
		}
		out = append(out, Todo{Kind: "acknowledge", Grade: n.Body.Event.Grade, Title: n.Body.Title, Owner: n.From,
			Event: n.Event, Record: n.ID, Version: n.Version, Due: n.Due, Late: Late(n.Due, now)})
	}
	return out, nil
}

func (d *Desk) todoQuestions(ctx context.Context, tx *db.Tx, actor access.Actor) ([]Todo, error) {
	qs, err := loadAll[Question](ctx, tx, `SELECT doc FROM health_question WHERE state = ? AND asked = ? ORDER BY due LIMIT ?`,
		string(Asked), string(d.env.Member), most)
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []Todo
	for _, q := range qs {
		row, ok := Answers.Find(q.State, "answer")
		if !ok || !Answers.Allowed(row, q, actor) {
			continue
		}
		e, err := loadEvent(ctx, tx, q.Event)
		if err != nil {
			return nil, err
		}
		if !ReachOf(actor).Sees(&e) || !ReachOf(actor).SeesQuestion(&q) {
			continue
		}
		out = append(out, Todo{Kind: "answer", Grade: e.Grade, Title: q.Words, Owner: q.From, Event: q.Event,
			Record: q.ID, Version: q.Version, Due: q.Due, Late: Late(q.Due, now)})
	}
	return out, nil
}

func (d *Desk) todoNotifications(ctx context.Context, tx *db.Tx, actor access.Actor) ([]Todo, error) {
	ns, err := loadAll[Notification](ctx, tx, `SELECT doc FROM health_notification WHERE state IN (?, ?, ?) AND (state <> ? OR due > 0) ORDER BY due LIMIT ?`,
		string(NationalClearance), string(Cleared), string(Released), string(Released), most)
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []Todo
	for _, n := range ns {
		e, err := loadEvent(ctx, tx, n.Event)
		if err != nil {
			return nil, err
		}
		n.event = &e
		verb := map[workflow.State]workflow.Verb{NationalClearance: "clear", Cleared: "release", Released: "remind"}[n.State]
		row, ok := Notifications.Find(n.State, verb)
		if !ok || !ReachOf(actor).SeesNotification(&n) || !Notifications.Allowed(row, n, actor) {
			continue
		}
		t := Todo{Kind: string(verb), Grade: e.Grade, Title: n.Title, Owner: n.Owner, Event: n.Event, Record: n.ID,
			Version: n.Version, Due: n.Due, Late: Late(n.Due, now)}
		if verb == "remind" {
			acks, err := acksOf(ctx, tx, n.ID)
			if err != nil {
				return nil, err
			}
			for _, c := range cells(acks, n.Due, now) {
				if c.Late {
					t.Members = append(t.Members, c.Member)
				}
			}
			if len(t.Members) == 0 {
				continue
			}
		}
		if verb == "clear" && slices.Contains(workflow.Unmet(row, n, actor, now), "health.second_person") {
			continue // somebody else must
		}
		out = append(out, t)
	}
	return out, nil
}

func (d *Desk) todoEvents(ctx context.Context, tx *db.Tx, actor access.Actor) ([]Todo, error) {
	es, err := loadAll[Event](ctx, tx, `SELECT doc FROM health_event WHERE copy_of = '' AND open = 1 AND due > 0 ORDER BY due LIMIT ?`, most)
	if err != nil {
		return nil, err
	}
	r, now := ReachOf(actor), d.env.Clock.Now()
	var out []Todo
	for _, e := range es {
		row, ok := Events.Find(e.State, "watch")
		if !ok || !r.Sees(&e) || !Events.Allowed(row, e, actor) {
			continue
		}
		out = append(out, Todo{Kind: "assess", Grade: e.Grade, Title: e.Name, Owner: e.Owner, Event: e.ID, Record: e.ID,
			Version: e.Version, Due: e.Due, Late: Late(e.Due, now)})
	}
	return out, nil
}

// Outstanding counts the recipients that have not acted on a notification in
// force, for the operator's figures.
func (d *Desk) Outstanding(ctx context.Context) (int, error) {
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM health_ack a JOIN health_notification n ON n.id = a.notification
			WHERE n.state = ? AND a.stage NOT IN (?, ?, ?)`, []any{string(Released), string(exchange.Acknowledged),
			string(exchange.Question), string(exchange.Refused)}, &n)
		return err
	})
	return n, err
}
