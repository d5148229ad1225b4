package health

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// ReadsAll reports whether the actor sees every record of the desk, whatever
// its place and marking.
func (r Reach) ReadsAll() bool { return !r.None && r.Places == nil && !r.NoRed }

// EventIn is what the actor may see of an event, without its figures.
func (d *Desk) EventIn(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (EventView, error) {
	e, err := d.visible(ctx, tx, actor, eid)
	if err != nil {
		return EventView{}, err
	}
	return viewEvent(&e, nil), nil
}

// Path is the page where the thing is done.
func (t *Todo) Path() string {
	switch t.Kind {
	case "acknowledge", "withdrawn":
		return "/health/notices/" + string(t.Record)
	case "answer":
		return "/health/questions/" + string(t.Record)
	case "assess":
		return "/health/events/" + string(t.Event)
	}
	return "/health/notifications/" + string(t.Record)
}

// Shared is the thing in the form that all parts of the node share.
func (t *Todo) Shared() desk.Todo {
	return desk.Todo{Key: "todo.health." + t.Kind, Grade: string(t.Grade), Title: t.Title, Owner: t.Owner, Record: t.Record,
		Href: t.Path(), Due: t.Due, Late: t.Late, Members: t.Members}
}

// Changed is an event around which something changed in a span of time.
type Changed struct {
	Event  EventView
	Action string // of the last change
	Steps  int
	At     time.Time
}

// ChangedBetween are the events around which something changed after since and
// not after until, the newest change first: of the event itself, its
// notifications, notices and questions.
func (d *Desk) ChangedBetween(ctx context.Context, actor access.Actor, since, until time.Time) ([]Changed, error) {
	var out []Changed
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		steps, err := d.stepsBetween(ctx, tx, since, until)
		if err != nil {
			return err
		}
		at := map[id.ID]int{}
		for _, s := range steps { // the newest first
			if i, ok := at[s.event]; ok {
				if i >= 0 {
					out[i].Steps++
				}
				continue
			}
			at[s.event] = -1
			v, err := d.EventIn(ctx, tx, actor, s.event)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			at[s.event] = len(out)
			out = append(out, Changed{Event: v, Action: s.action, Steps: 1, At: s.at})
		}
		return nil
	})
	return out, err
}

type changeStep struct {
	record, event id.ID
	action        string
	at            time.Time
}

// mostSteps bounds what is read of a span: a desk with more has other worries
// than its handover.
const mostSteps = 5000

func (d *Desk) stepsBetween(ctx context.Context, tx *db.Tx, since, until time.Time) ([]changeStep, error) {
	entries, err := history.Between(ctx, tx, Name, since, until, mostSteps)
	if err != nil {
		return nil, err
	}
	out := make([]changeStep, len(entries))
	for i, e := range entries {
		out[i] = changeStep{record: e.Record.ID, action: e.Action, at: e.At}
	}
	known := map[id.ID]id.ID{}
	for i := range out {
		eid, ok := known[out[i].record]
		if !ok {
			if eid, err = eventOf(ctx, tx, out[i].record); err != nil {
				return nil, err
			}
			known[out[i].record] = eid
		}
		out[i].event = eid
	}
	return slices.DeleteFunc(out, func(s changeStep) bool { return s.event == "" }), nil
}

// eventOf is the event that a record of the desk belongs to.
func eventOf(ctx context.Context, tx *db.Tx, rid id.ID) (id.ID, error) {
	if _, err := loadEvent(ctx, tx, rid); err == nil {
		return rid, nil
	} else if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	for _, q := range []string{`SELECT event FROM health_notification WHERE id = ?`, `SELECT event FROM health_notice WHERE id = ?`,
		`SELECT event FROM health_question WHERE id = ?`} {
		var eid string
		ok, err := tx.Row(ctx, q, []any{string(rid)}, &eid)
		if err != nil || ok {
			return id.ID(eid), err
		}
	}
	return "", nil
}
