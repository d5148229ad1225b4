package health

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Page is all that the event page shows to one actor.
type Page struct {
	View          EventView
	Own           bool
	Created       desk.Mark
	Due           time.Time
	Clock         string
	Reason        string
	Offers        []workflow.Offer
	MayNotify     bool
	Notifications []Sent   // own events
	Notices       []Notice // received about this event
	Questions     []Question
	Timeline      []history.Entry
	Into          *EventView     // that a merged event was merged into, where it is here
	Sealed        history.Signed // the newest checkpoint; entries below its size are signed
}

// Sent is a notification with its strip and its buttons.
type Sent struct {
	Notification
	Acks   []AckCell
	Due    time.Time // when acknowledgements are due; kept after the clock stopped
	Offers []workflow.Offer
}

// Late lists the members that are silent after the due time.
func (s *Sent) Late() []access.Member {
	var out []access.Member
	for _, c := range s.Acks {
		if c.Late {
			out = append(out, c.Member)
		}
	}
	return out
}

// EventPage reads an event with everything that belongs to it.
func (d *Desk) EventPage(ctx context.Context, actor access.Actor, eid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		e, err := d.visible(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		facts, err := factsOf(ctx, tx, eid)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		if e.shows, err = absorbed(ctx, tx, &e, ReachOf(actor)); err != nil {
			return err
		}
		into, err := d.mergedInto(ctx, tx, actor, &e)
		if err != nil {
			return err
		}
		p = Page{View: viewEvent(&e, facts), Own: e.Own(), Created: e.Created, Due: e.Due, Clock: e.Clock, Reason: e.Reason, Into: into}
		if e.Own() {
			p.Offers = Events.Offers(e, actor, now)
			n := Notification{event: &e}
			row, _ := Notifications.Find("", "compose")
			p.MayNotify = Notifications.Allowed(row, n, actor)
			if p.Notifications, err = d.sentOf(ctx, tx, actor, &e, now); err != nil {
				return err
			}
		}
		if p.Notices, err = d.noticesOf(ctx, tx, actor, eid); err != nil {
			return err
		}
		if p.Questions, err = questionsOf(ctx, tx, actor, eid); err != nil {
			return err
		}
		p.Timeline, err = history.Of(ctx, tx, p.records()...)
		if err != nil {
			return err
		}
		p.Sealed, err = history.Last(ctx, tx)
		return err
	})
	return p, err
}

// records are the identifiers whose history is the event's timeline.
func (p *Page) records() []id.ID {
	out := []id.ID{p.View.ID}
	for _, n := range p.Notifications {
		out = append(out, n.ID)
	}
	for _, n := range p.Notices {
		out = append(out, n.ID)
	}
	for _, q := range p.Questions {
		out = append(out, q.ID)
	}
	return out
}

func (d *Desk) sentOf(ctx context.Context, tx *db.Tx, actor access.Actor, e *Event, now time.Time) ([]Sent, error) {
	ns, err := loadAll[Notification](ctx, tx, `SELECT doc FROM health_notification WHERE event = ? ORDER BY changed DESC`, string(e.ID))
	if err != nil {
		return nil, err
	}
	var out []Sent
	for _, n := range ns {
		n.event = e
		if !ReachOf(actor).SeesNotification(&n) {
			continue
		}
		sent := Sent{Notification: n, Offers: Notifications.Offers(n, actor, now)}
		if !n.Released.IsZero() {
			acks, err := acksOf(ctx, tx, n.ID)
			if err != nil {
				return nil, err
			}
			sent.Due = n.Released.Add(n.AckWithin)
			sent.Acks = cells(acks, sent.Due, now)
		}
		out = append(out, sent)
	}
	return out, nil
}

// questionsOf are the questions about an event that the actor may see.
func questionsOf(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) ([]Question, error) {
	qs, err := loadAll[Question](ctx, tx, `SELECT doc FROM health_question WHERE event = ? ORDER BY changed DESC`, string(eid))
	r := ReachOf(actor)
	return slices.DeleteFunc(qs, func(q Question) bool { return !r.SeesQuestion(&q) }), err
}

func (d *Desk) noticesOf(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) ([]Notice, error) {
	ns, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE event = ? ORDER BY changed DESC`, string(eid))
	if err != nil {
		return nil, err
	}
	r := ReachOf(actor)
	out := ns[:0]
	for _, n := range ns {
		if r.SeesNotice(&n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// NotificationPage is a notification with what every recipient will get.
type NotificationPage struct {
	Sent
	Attached  []Attached
	Event     EventView
	Previews  []Preview
	Questions []Question
	Old       *Notification // that it supersedes
}

// NotificationPage reads one notification of this node.
func (d *Desk) NotificationPage(ctx context.Context, actor access.Actor, nid id.ID) (NotificationPage, error) {
	var p NotificationPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := loadNotification(ctx, tx, nid)
		if err != nil {
			return err
		}
		if !ReachOf(actor).SeesNotification(&n) {
			return desk.NotFound()
		}
		now := d.env.Clock.Now()
		facts, err := factsOf(ctx, tx, n.Event)
		if err != nil {
			return err
		}
		acks, err := acksOf(ctx, tx, nid)
		if err != nil {
			return err
		}
		p = NotificationPage{Event: viewEvent(n.event, facts), Previews: previews(&n, n.event, facts, actor.Name), Old: n.old}
		p.Sent = Sent{Notification: n, Offers: Notifications.Offers(n, actor, now)}
		if p.Attached, err = d.sentFiles(ctx, tx, &n); err != nil {
			return err
		}
		if !n.Released.IsZero() {
			p.Sent.Due = n.Released.Add(n.AckWithin)
			p.Sent.Acks = cells(acks, p.Sent.Due, now)
			if err := d.withdrawn(ctx, tx, &p.Sent, now); err != nil {
				return err
			}
			if p.Previews, err = sentViews(ctx, tx, &n); err != nil {
				return err
			}
		}
		qs, err := questionsOf(ctx, tx, actor, n.Event)
		for _, q := range qs {
			if q.Notification == nid {
				p.Questions = append(p.Questions, q)
			}
		}
		return err
	})
	return p, err
}

// NoticePage is a received notification with the buttons for the actor.
type NoticePage struct {
	Notice
	Attached  []Attached
	Offers    []workflow.Offer
	Questions []Question
}

// NoticePage reads one received notification.
func (d *Desk) NoticePage(ctx context.Context, actor access.Actor, nid id.ID) (NoticePage, error) {
	var p NoticePage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := d.visibleNotice(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		p = NoticePage{Notice: n}
		if p.Attached, err = d.arrived(ctx, tx, &n); err != nil {
			return err
		}
		for _, o := range Notices.Offers(n, actor, now) {
			// the words that "ask" and "refuse" need come with the press
			if o.Verb != "open" && o.Verb != "read_withdrawal" {
				p.Offers = append(p.Offers, o)
			}
		}
		qs, err := questionsOf(ctx, tx, actor, n.Event)
		for _, q := range qs {
			if q.Release == n.Release {
				p.Questions = append(p.Questions, q)
			}
		}
		return err
	})
	return p, err
}

// ReleaseReceipts are all stages of all receipts of a notification.
func (d *Desk) ReleaseReceipts(ctx context.Context, actor access.Actor, nid id.ID) ([]exchange.Receipt, error) {
	var out []exchange.Receipt
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := loadNotification(ctx, tx, nid)
		if err != nil {
			return err
		}
		if !ReachOf(actor).SeesNotification(&n) {
			return desk.NotFound()
		}
		seen := map[id.ID]bool{}
		for _, r := range n.Recipients {
			if r.Release == "" || seen[r.Release] {
				continue
			}
			seen[r.Release] = true
			rs, err := d.env.Send.Receipts(ctx, tx, r.Release)
			if err != nil {
				return err
			}
			out = append(out, rs...)
		}
		return nil
	})
	return out, err
}

// FindNotice finds the notice that a notification of another member made here.
// It is not_found until the release has arrived.
func (d *Desk) FindNotice(ctx context.Context, actor access.Actor, event, notification id.ID) (Notice, error) {
	var out Notice
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ns, err := d.noticesOf(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		for _, n := range ns {
			if n.Body.ID == notification {
				out = n
				return nil
			}
		}
		return desk.NotFound()
	})
	return out, err
}

// OpenQuestion finds the unanswered question of a member about a notification.
func (d *Desk) OpenQuestion(ctx context.Context, actor access.Actor, event, notification id.ID, from access.Member) (Question, error) {
	var out Question
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := d.visible(ctx, tx, actor, event); err != nil {
			return err
		}
		qs, err := loadAll[Question](ctx, tx, `SELECT doc FROM health_question WHERE event = ? AND state = ? ORDER BY changed`, string(event), string(Asked))
		if err != nil {
			return err
		}
		for _, q := range qs {
			if q.Notification == notification && q.From == from {
				out = q
				return nil
			}
		}
		return desk.NotFound()
	})
	return out, err
}
