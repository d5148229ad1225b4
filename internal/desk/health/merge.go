package health

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// A merge says that two events of this member are one. Nothing moves: the
// event that is merged keeps its facts, notifications and history, and points
// at the other; a split takes the pointer away again.

// Absorbed is an event that was merged into another, as that other shows it:
// with its own figures, which are shown beside and never added up.
type Absorbed struct {
	ID    id.ID      `json:"id"`
	Name  string     `json:"name"`
	Facts []FactView `json:"facts,omitempty"`
	More  []FactView `json:"more_facts,omitempty"`
}

// MergeEvent merges an event of this member into another open one.
func (d *Desk) MergeEvent(ctx context.Context, actor access.Actor, eid id.ID, seen int, into id.ID, reason string) (Event, error) {
	var out Event
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visible(ctx, tx, actor, eid); err != nil {
			return err
		}
		target, err := d.visible(ctx, tx, actor, into)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.events, actor, eid, seen, "merge", desk.Change[Event]{
			Edit: func(e *Event) error {
				e.into, e.MergedInto, e.Reason = &target, into, strings.TrimSpace(reason)
				return nil
			},
			Detail: map[string]any{"reason": strings.TrimSpace(reason), "other": into},
			Then: func(ctx context.Context, tx *db.Tx, e *Event) error {
				return d.otherOfMerge(ctx, tx, into, eid, "absorb", func(t *Event) { t.Absorbs = append(t.Absorbs, eid) })
			},
		})
		return err
	})
	return out, err
}

// SplitEvent takes a merge back: the event is assessed anew, with everything
// that it had.
func (d *Desk) SplitEvent(ctx context.Context, actor access.Actor, eid id.ID, seen int, reason string) (Event, error) {
	var out Event
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		old, err := d.visible(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.events, actor, eid, seen, "split", desk.Change[Event]{
			Edit:   func(e *Event) error { e.MergedInto, e.Reason = "", strings.TrimSpace(reason); return nil },
			Detail: map[string]any{"reason": strings.TrimSpace(reason), "other": old.MergedInto},
			Then: func(ctx context.Context, tx *db.Tx, e *Event) error {
				return d.otherOfMerge(ctx, tx, old.MergedInto, eid, "separate", func(t *Event) {
					t.Absorbs = slices.DeleteFunc(slices.Clone(t.Absorbs), func(x id.ID) bool { return x == eid })
				})
			},
		})
		return err
	})
	return out, err
}

// otherOfMerge notes a merge at the event that absorbs. Its version rises, so
// that a notification that was cleared before must be cleared again.
func (d *Desk) otherOfMerge(ctx context.Context, tx *db.Tx, into, from id.ID, verb string, edit func(*Event)) error {
	_, err := desk.TakeIn(ctx, d.env, tx, d.events, access.Node(d.env.Member), into, 0, workflow.Verb(verb), desk.Change[Event]{
		Edit: func(t *Event) error { edit(t); return nil }, Detail: map[string]any{"other": from},
	})
	return err
}

// MergeTargets are the open events of this member that an event can be merged
// into, those of the same hazard first.
func (d *Desk) MergeTargets(ctx context.Context, actor access.Actor, eid id.ID) ([]EventView, error) {
	var out []EventView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		e, err := d.visible(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		where, args := (&Filter{Open: true, Mine: true}).where(ReachOf(actor))
		list, err := loadAll[Event](ctx, tx, `SELECT doc FROM health_event WHERE `+where+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, 500)...)
		if err != nil {
			return err
		}
		for _, o := range list {
			if o.ID != e.ID && o.Exercise == e.Exercise {
				out = append(out, viewEvent(&o, nil))
			}
		}
		slices.SortStableFunc(out, func(a, b EventView) int {
			switch same, other := a.Hazard == e.Hazard, b.Hazard == e.Hazard; {
			case same == other:
				return 0
			case same:
				return -1
			}
			return 1
		})
		return nil
	})
	return out, err
}

// absorbed are the events that were merged into e, those merged into them
// included, each with its newest figures, as far as the reach goes.
func absorbed(ctx context.Context, tx *db.Tx, e *Event, r Reach) ([]Absorbed, error) {
	if !e.Own() {
		return e.Kept, nil
	}
	var out []Absorbed
	seen := map[id.ID]bool{e.ID: true}
	next := slices.Clone(e.Absorbs)
	for len(next) > 0 && len(out) < MaxAbsorbed {
		eid := next[0]
		next = next[1:]
		if seen[eid] {
			continue
		}
		seen[eid] = true
		o, err := loadEvent(ctx, tx, eid)
		if err != nil {
			return nil, err
		}
		facts, err := factsOf(ctx, tx, eid)
		if err != nil {
			return nil, err
		}
		next = append(next, o.Absorbs...)
		if o.Marking.Stricter(e.Marking) || !r.Sees(&o) {
			continue // a marking is never weakened by a merge
		}
		a := Absorbed{ID: o.ID, Name: o.Name}
		a.Facts, a.More = viewFacts(newest(facts))
		out = append(out, a)
	}
	return out, nil
}

// MaxAbsorbed is how many events may be merged into one.
const MaxAbsorbed = 50

// mergedInto is the event that e was merged into, nil where the actor may not
// know of it or a copy of it never came.
func (d *Desk) mergedInto(ctx context.Context, tx *db.Tx, actor access.Actor, e *Event) (*EventView, error) {
	if e.MergedInto == "" {
		return nil, nil
	}
	t, err := d.visible(ctx, tx, actor, e.MergedInto)
	if fault.Is(err, fault.NotFound) || err == nil && t.Owner != e.Owner {
		return nil, nil
	}
	v := viewEvent(&t, nil)
	return &v, err
}
