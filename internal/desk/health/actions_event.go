package health

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// EventInput is what a person enters of an event.
type EventInput struct {
	Name, Summary, Lang, Hazard, Agent, ICD11, ICD10, GLIDE string
	Grade                                                   Grade
	Marking                                                 access.Marking
	Places                                                  []string
	Onset, Emergence, Detection, Notified                   Date
}

func (in EventInput) into(e *Event) {
	e.Name, e.Summary, e.Lang, e.Hazard, e.Agent = in.Name, in.Summary, in.Lang, in.Hazard, in.Agent
	e.ICD11, e.ICD10, e.GLIDE, e.Grade, e.Marking = in.ICD11, in.ICD10, in.GLIDE, in.Grade, in.Marking
	e.Places, e.Onset, e.Emergence, e.Detection, e.Notified = in.Places, in.Onset, in.Emergence, in.Detection, in.Notified
	if h, ok := HazardByKey(in.Hazard); ok {
		if e.ICD11 == "" {
			e.ICD11 = h.ICD11
		}
		if e.ICD10 == "" {
			e.ICD10 = h.ICD10
		}
	}
	e.Place = string(e.Owner)
	if len(in.Places) > 0 {
		e.Place = in.Places[0]
	}
}

// RecordEvent makes an event with its first facts.
func (d *Desk) RecordEvent(ctx context.Context, actor access.Actor, in EventInput, facts []Fact) (Event, error) {
	var e Event
	e.Owner = d.env.Member
	in.into(&e)
	var out Event
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.events, actor, e, "record", desk.Change[Event]{
			Detail: map[string]any{"facts": len(facts)},
			Then: func(ctx context.Context, tx *db.Tx, e *Event) error {
				return d.addFacts(ctx, tx, actor, e, facts)
			},
		})
		return err
	})
	return out, err
}

// EditEvent changes what was entered. seen is the version the person saw.
func (d *Desk) EditEvent(ctx context.Context, actor access.Actor, eid id.ID, seen int, in EventInput) (Event, error) {
	return d.take(ctx, actor, eid, seen, "edit", func(old Event) desk.Change[Event] {
		return desk.Change[Event]{
			Edit:   func(e *Event) error { in.into(e); return nil },
			Detail: map[string]any{"fields": changedFields(old, in)},
		}
	})
}

// MoveEvent takes a step of the event's table that needs at most a reason.
func (d *Desk) MoveEvent(ctx context.Context, actor access.Actor, eid id.ID, seen int, verb workflow.Verb, reason string) (Event, error) {
	switch verb {
	case "split":
		return d.SplitEvent(ctx, actor, eid, seen, reason)
	case "edit", "add_facts", "describe", "merge", "record": // these carry more than a reason
		return Event{}, fault.New(fault.Invalid, "fault.invalid")
	}
	detail := map[string]any{}
	if reason != "" {
		detail["reason"] = reason
	}
	return d.take(ctx, actor, eid, seen, verb, func(Event) desk.Change[Event] {
		return desk.Change[Event]{Edit: func(e *Event) error { e.Reason = reason; return nil }, Detail: detail}
	})
}

// DescribeEvent changes the structured content and the end criteria.
func (d *Desk) DescribeEvent(ctx context.Context, actor access.Actor, eid id.ID, seen int, sections []Section, end EndRule) (Event, error) {
	return d.take(ctx, actor, eid, seen, "describe", func(old Event) desk.Change[Event] {
		return desk.Change[Event]{
			Edit:   func(e *Event) error { e.Sections, e.End = sections, end; return nil },
			Detail: map[string]any{"fields": changedSections(old, sections, end)},
		}
	})
}

// changedSections names the sections that a change touches, for the history.
func changedSections(old Event, now []Section, end EndRule) []string {
	var out []string
	for _, b := range SectionBlocks {
		was, had := sectionOf(old.Sections, b)
		is, has := sectionOf(now, b)
		if had != has || was != is {
			out = append(out, string(b))
		}
	}
	if old.End != end {
		out = append(out, "end")
	}
	return out
}

// AddFacts stores new facts or new revisions of old ones.
func (d *Desk) AddFacts(ctx context.Context, actor access.Actor, eid id.ID, seen int, facts []Fact) (Event, error) {
	if len(facts) == 0 {
		return Event{}, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "facts", Key: "fault.health.facts_missing"}}}
	}
	return d.take(ctx, actor, eid, seen, "add_facts", func(Event) desk.Change[Event] {
		return desk.Change[Event]{
			Detail: map[string]any{"facts": len(facts)},
			Then: func(ctx context.Context, tx *db.Tx, e *Event) error {
				return d.addFacts(ctx, tx, actor, e, facts)
			},
		}
	})
}

// take is desk.Take after the check that the actor may know of the event.
func (d *Desk) take(ctx context.Context, actor access.Actor, eid id.ID, seen int, verb workflow.Verb, change func(Event) desk.Change[Event]) (Event, error) {
	var out Event
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.visible(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.events, actor, eid, seen, verb, change(e))
		return err
	})
	return out, err
}

// visible loads an event that the actor may read; what may not be read looks
// like what is not there.
func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (Event, error) {
	e, err := loadEvent(ctx, tx, eid)
	if err != nil {
		return e, err
	}
	if !ReachOf(actor).Sees(&e) {
		return Event{}, desk.NotFound()
	}
	return e, nil
}

// MaxFacts is how many facts one step may bring.
const MaxFacts = 500

func (d *Desk) addFacts(ctx context.Context, tx *db.Tx, actor access.Actor, e *Event, facts []Fact) error {
	if len(facts) == 0 {
		return nil
	}
	var c fault.Check
	c.That(len(facts) <= MaxFacts, "facts", "fault.too_many", fault.Args{"max": MaxFacts})
	now := d.env.Clock.Now()
	for i := range facts {
		facts[i].check(&c, i+1, e.Owner, now)
	}
	if err := c.Err(); err != nil {
		return err
	}
	old, err := factsOf(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	revision := map[string]int{}
	for _, f := range old {
		revision[f.Key()] = max(revision[f.Key()], f.Revision)
	}
	for i := range facts {
		f := &facts[i]
		f.ID, f.Event, f.Owner, f.Recorded, f.Post = d.env.IDs.New(), e.ID, e.Owner, now, actor.Name
		revision[f.Key()]++
		f.Revision = revision[f.Key()]
	}
	return insertFacts(ctx, tx, facts, len(old))
}

// changedFields names the fields that an edit changes, for the history.
func changedFields(old Event, in EventInput) []string {
	now := old
	in.into(&now)
	var out []string
	add := func(changed bool, name string) {
		if changed {
			out = append(out, name)
		}
	}
	add(old.Name != now.Name, "name")
	add(old.Summary != now.Summary, "summary")
	add(old.Hazard != now.Hazard, "hazard")
	add(old.Agent != now.Agent, "agent")
	add(old.ICD11 != now.ICD11 || old.ICD10 != now.ICD10, "codes")
	add(old.Grade != now.Grade, "grade")
	add(old.Marking != now.Marking, "marking")
	add(old.GLIDE != now.GLIDE, "glide")
	add(!equal(old.Places, now.Places), "places")
	add(old.Onset != now.Onset || old.Emergence != now.Emergence || old.Detection != now.Detection || old.Notified != now.Notified, "dates")
	return out
}
