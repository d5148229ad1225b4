package health

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// OwnEvents are the events of this member that the actor may see, the newest
// change first, without their figures.
func (d *Desk) OwnEvents(ctx context.Context, tx *db.Tx, actor access.Actor, limit int) ([]EventView, error) {
	where, args := (&Filter{Mine: true}).where(ReachOf(actor))
	list, err := loadAll[Event](ctx, tx, `SELECT doc FROM health_event WHERE `+where+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, limit)...)
	out := make([]EventView, len(list))
	for i := range list {
		out[i] = viewEvent(&list[i], nil)
	}
	return out, err
}

// ReleaseAcks is a released notification of this member with its answers.
type ReleaseAcks struct {
	Notification id.ID
	Event        id.ID
	Title        string
	State        workflow.State
	Released     time.Time
	Acks         []AckCell
}

// ReleasesOf are the released notifications that the actor may see, the newest
// first. Withdrawn ones are left out: their answers were to something that no
// longer holds.
func (d *Desk) ReleasesOf(ctx context.Context, tx *db.Tx, actor access.Actor, limit int) ([]ReleaseAcks, error) {
	list, err := loadAll[Notification](ctx, tx, `SELECT doc FROM health_notification WHERE state IN (?, ?) ORDER BY released DESC, id DESC LIMIT ?`,
		string(Released), string(Updated), limit)
	if err != nil {
		return nil, err
	}
	acks := map[id.ID][]Ack{}
	if len(list) > 0 {
		all, err := scanAcks(ctx, tx, `SELECT a.notification, a.event, a.member, a.release_id, a.stage, a.at, a.role, a.words FROM health_ack a
			JOIN health_notification n ON n.id = a.notification WHERE n.released >= ?`, clock.Micros(list[len(list)-1].Released))
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			acks[a.Notification] = append(acks[a.Notification], a)
		}
	}
	now, r := d.env.Clock.Now(), ReachOf(actor)
	var out []ReleaseAcks
	for _, n := range list {
		e, err := loadEvent(ctx, tx, n.Event)
		if err != nil {
			return nil, err
		}
		if n.event = &e; r.SeesNotification(&n) {
			out = append(out, ReleaseAcks{Notification: n.ID, Event: n.Event, Title: n.Title, State: n.State, Released: n.Released,
				Acks: cells(acks[n.ID], n.Released.Add(n.AckWithin), now)})
		}
	}
	return out, nil
}
