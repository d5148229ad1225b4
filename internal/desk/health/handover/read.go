package handover

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// NoteView is a note for a person of this node. Of a draft the items are those
// that handing it over now would keep.
type NoteView struct {
	Note
	Offers []workflow.Offer
	Own    bool // the reader began it
}

func (d *Desk) note(ctx context.Context, nid id.ID) (Note, error) {
	var n Note
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		n, err = loadNote(ctx, tx, nid)
		return err
	})
	return n, err
}

// Page is one note.
func (d *Desk) Page(ctx context.Context, actor access.Actor, nid id.ID) (NoteView, error) {
	if err := mayRead(actor); err != nil {
		return NoteView{}, err
	}
	n, err := d.note(ctx, nid)
	if err != nil {
		return NoteView{}, err
	}
	now := d.env.Clock.Now()
	v := NoteView{Note: n, Offers: Notes.Offers(n, actor, now), Own: n.Created.Account == actor.Account}
	if n.State == Draft {
		v.Until = now
		v.Items, v.More, err = d.compose(ctx, actor, n.Since, now)
	}
	return v, err
}

// List is the notes, the newest first; drafts only of the actor.
func (d *Desk) List(ctx context.Context, actor access.Actor, before time.Time, limit int) ([]NoteView, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	if limit < 1 || limit > 200 {
		limit = 50
	}
	cut := int64(1) << 62
	if !before.IsZero() {
		cut = before.UnixMicro()
	}
	var out []NoteView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ns, err := load[Note](ctx, tx, `SELECT doc FROM handover_note WHERE (state IN (?, ?) OR state = ? AND account = ?) AND until < ?
			ORDER BY until DESC, id DESC LIMIT ?`, string(HandedOver), string(Accepted), string(Draft), string(actor.Account), cut, limit)
		for _, n := range ns {
			out = append(out, NoteView{Note: n, Own: n.Created.Account == actor.Account})
		}
		return err
	})
	return out, err
}

// WatchView is a watched event as far as the reader may see it.
type WatchView struct {
	Watch
	Event health.EventView
}

// Watching is the watch list: the gravest first, then the newest change.
func (d *Desk) Watching(ctx context.Context, actor access.Actor) ([]WatchView, error) {
	if !health.Capabilities.May(actor, "health.read") {
		return nil, nil
	}
	var out []WatchView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ws, err := watching(ctx, tx, d.env.Clock.Now())
		if err != nil {
			return err
		}
		for _, w := range ws {
			e, err := d.src.Event(ctx, tx, actor, w.Event)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, WatchView{Watch: w, Event: e})
		}
		return nil
	})
	gravest(out)
	return out, err
}

// WatchOf is the watch of an event that the caller has shown to the actor, and
// whether the actor may change the list.
func (d *Desk) WatchOf(ctx context.Context, actor access.Actor, eid id.ID) (w Watch, on, may bool, err error) {
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		w, on, err = watchOf(ctx, tx, eid, d.env.Clock.Now())
		return err
	})
	row, ok := Watches.Find("", "watch")
	return w, on, ok && Watches.Allowed(row, Watch{}, actor), err
}

// Todos: a note that waits for somebody to take over.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if mayRead(actor) != nil {
		return nil, nil
	}
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ns, err := load[Note](ctx, tx, `SELECT doc FROM handover_note WHERE state = ? ORDER BY due LIMIT 20`, string(HandedOver))
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		for _, n := range ns {
			row, ok := Notes.Find(n.State, "accept")
			if !ok || !Notes.Allowed(row, n, actor) || len(workflow.Unmet(row, n, actor, now)) > 0 {
				continue
			}
			out = append(out, desk.Todo{Key: "todo.handover.accept", Title: n.Handed.Post, Owner: n.Owner, Record: n.ID,
				Href: "/health/handover/" + string(n.ID), Due: n.Due, Late: health.Late(n.Due, now)})
		}
		return nil
	})
	return out, err
}

// Event is what the actor may see of an event.
func (d *Desk) Event(ctx context.Context, actor access.Actor, eid id.ID) (health.EventView, error) {
	var e health.EventView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		e, err = d.src.Event(ctx, tx, actor, eid)
		return err
	})
	return e, err
}
