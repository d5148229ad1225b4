package handover

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// firstShift is how far the very first note looks back.
const firstShift = 12 * time.Hour

// mayRead: a note says what its writer could see, so only those who see all of
// the desk read it.
func mayRead(a access.Actor) error {
	if !health.ReachOf(a).ReadsAll() {
		return desk.NotFound()
	}
	return nil
}

// MayBegin reports whether the actor may write a note.
func MayBegin(a access.Actor) bool {
	row, ok := Notes.Find("", "begin")
	return ok && mayRead(a) == nil && Notes.Allowed(row, Note{}, a)
}

// Begin starts the note of the shift that ends now: it looks back to where the
// note before ended. An open draft of the same person is returned instead.
func (d *Desk) Begin(ctx context.Context, actor access.Actor) (Note, error) {
	var out Note
	if err := mayRead(actor); err != nil {
		return out, err
	}
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		drafts, err := load[Note](ctx, tx, `SELECT doc FROM handover_note WHERE state = ? AND account = ? ORDER BY id DESC LIMIT 1`,
			string(Draft), string(actor.Account))
		if err != nil {
			return err
		}
		if len(drafts) > 0 {
			out = drafts[0]
			return nil
		}
		now := d.env.Clock.Now()
		n := Note{Since: now.Add(-firstShift), Until: now}
		if last, ok, err := lastHanded(ctx, tx); err != nil {
			return err
		} else if ok && last.Until.Before(now) && now.Sub(last.Until) <= MaxShift {
			n.Since = last.Until
		}
		n.Marking = access.TLPRed // it may name anything that the node holds
		out, err = desk.CreateIn(ctx, d.env, tx, d.notes, actor, n, "begin", desk.Change[Note]{})
		return err
	})
	return out, err
}

// Written is what the outgoing shift writes itself.
type Written struct {
	Since time.Time
	Words string
	To    string
}

func (w Written) into(n *Note, now time.Time) {
	if !w.Since.IsZero() {
		n.Since = w.Since
	}
	n.Words, n.To, n.Until = w.Words, w.To, now
}

// Save keeps the words of a draft.
func (d *Desk) Save(ctx context.Context, actor access.Actor, nid id.ID, seen int, w Written) (Note, error) {
	if err := mayRead(actor); err != nil {
		return Note{}, err
	}
	return desk.Take(ctx, d.env, d.notes, actor, nid, seen, "edit", desk.Change[Note]{
		Edit: func(n *Note) error { w.into(n, d.env.Clock.Now()); return nil },
	})
}

// HandOver composes the items, keeps them, and offers the note to the next
// shift.
func (d *Desk) HandOver(ctx context.Context, actor access.Actor, nid id.ID, seen int, w Written) (Note, error) {
	if err := mayRead(actor); err != nil {
		return Note{}, err
	}
	now := d.env.Clock.Now()
	draft, err := d.note(ctx, nid)
	if err != nil {
		return draft, err
	}
	w.into(&draft, now)
	items, more, err := d.compose(ctx, actor, draft.Since, now)
	if err != nil {
		return draft, err
	}
	return desk.Take(ctx, d.env, d.notes, actor, nid, seen, "hand_over", desk.Change[Note]{
		Edit: func(n *Note) error {
			w.into(n, now)
			n.Items, n.More, n.Remark = items, more, ""
			n.Handed = desk.Mark{At: now, Account: actor.Account, Post: actor.Name}
			return nil
		},
		Detail: map[string]any{"items": len(items)},
	})
}

// Accept takes the watch over; Return asks for more.
func (d *Desk) Accept(ctx context.Context, actor access.Actor, nid id.ID, seen int, remark string) (Note, error) {
	return d.answer(ctx, actor, nid, seen, "accept", remark)
}

// Return gives the note back to the outgoing shift with what is missing.
func (d *Desk) Return(ctx context.Context, actor access.Actor, nid id.ID, seen int, remark string) (Note, error) {
	return d.answer(ctx, actor, nid, seen, "return", remark)
}

func (d *Desk) answer(ctx context.Context, actor access.Actor, nid id.ID, seen int, verb string, remark string) (Note, error) {
	if err := mayRead(actor); err != nil {
		return Note{}, err
	}
	return desk.Take(ctx, d.env, d.notes, actor, nid, seen, workflow.Verb(verb), desk.Change[Note]{Edit: func(n *Note) error {
		n.Remark = remark
		if verb == "accept" {
			n.Accepted = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
		} else {
			n.Items, n.Handed = nil, desk.Mark{}
		}
		return nil
	}})
}

// Discard drops a draft.
func (d *Desk) Discard(ctx context.Context, actor access.Actor, nid id.ID, seen int) (Note, error) {
	if err := mayRead(actor); err != nil {
		return Note{}, err
	}
	return desk.Take(ctx, d.env, d.notes, actor, nid, seen, "discard", desk.Change[Note]{})
}

// Watch puts an event on the list, or changes why and until when.
func (d *Desk) Watch(ctx context.Context, actor access.Actor, eid id.ID, reason string, until time.Time) (Watch, error) {
	var out Watch
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.src.Event(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		set := func(w *Watch) error { w.Reason, w.Until = reason, until; return nil }
		w, ok, err := watchOf(ctx, tx, eid, d.env.Clock.Now())
		if err != nil {
			return err
		}
		if ok {
			out, err = desk.TakeIn(ctx, d.env, tx, d.watches, actor, w.ID, 0, "edit", desk.Change[Watch]{Edit: set})
			return err
		}
		w = Watch{Event: eid}
		w.Marking, w.Exercise = e.Marking, e.Exercise
		_ = set(&w)
		out, err = desk.CreateIn(ctx, d.env, tx, d.watches, actor, w, "watch", desk.Change[Watch]{})
		return err
	})
	return out, err
}

// Unwatch takes an event off the list.
func (d *Desk) Unwatch(ctx context.Context, actor access.Actor, eid id.ID) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.src.Event(ctx, tx, actor, eid); err != nil {
			return err
		}
		w, ok, err := watchOf(ctx, tx, eid, d.env.Clock.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "fault.handover.not_watched")
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.watches, actor, w.ID, 0, "unwatch", desk.Change[Watch]{})
		return err
	})
}

// compose gathers what the next shift must know, as the actor may see it.
func (d *Desk) compose(ctx context.Context, actor access.Actor, since, until time.Time) ([]Item, int, error) {
	todos, err := d.src.Todos(ctx, actor)
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(todos, soonest)
	var out []Item
	for _, t := range todos[:min(len(todos), maxItems)] {
		out = append(out, Item{Section: Waiting, Key: t.Key, Title: t.Title, Owner: t.Owner, Grade: t.Grade, Href: t.Href, Due: t.Due})
	}
	watched, err := d.Watching(ctx, actor)
	if err != nil {
		return nil, 0, err
	}
	for _, w := range watched {
		out = append(out, Item{Section: Watched, Key: "hit.event", Title: w.Event.Name, Text: w.Reason, Owner: w.Event.Owner,
			Grade: string(w.Event.Grade), Href: "/health/events/" + string(w.Event.ID), Due: w.Until, At: w.Event.Changed})
	}
	changes, more, err := d.src.Changes(ctx, actor, since, until, maxItems)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range changes {
		out = append(out, Item{Section: Changed, Key: c.Hit.Key, Title: c.Hit.Title, Text: strings.TrimSpace(c.Hit.Text), Owner: c.Hit.Owner,
			Grade: c.Grade, Href: c.Hit.Href, Action: c.Action, Steps: c.Steps, At: c.Hit.At})
	}
	return out, more + max(len(todos)-maxItems, 0), nil
}

// soonest puts the least time left first and what has no clock last.
func soonest(a, b desk.Todo) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		if a.Due.IsZero() {
			return 1
		}
		return -1
	}
	return a.Due.Compare(b.Due)
}
