package ihr

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// MeasureInput is what a person enters of a measure.
type MeasureInput struct {
	Hazard  string // of a measure without an event
	Content Content
	Review  string
	Expires string
	Members []access.Member
	Marking access.Marking
}

func (in MeasureInput) into(m *Measure) {
	m.Content, m.Review, m.Expires, m.Members, m.Marking = in.Content, in.Review, in.Expires, in.Members, in.Marking
	m.Content.From, m.Content.To = slices.Clone(in.Content.From), slices.Clone(in.Content.To)
}

// Plan begins a measure, about an event that the actor may see or about a
// hazard without one.
func (d *Desk) Plan(ctx context.Context, actor access.Actor, event id.ID, in MeasureInput) (Measure, error) {
	var out Measure
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		m := Measure{Hazard: in.Hazard, Authors: []id.ID{actor.Account}}
		m.Owner, m.Place = d.env.Member, string(d.env.Member)
		if event != "" {
			e, err := d.health.EventIn(ctx, tx, actor, event)
			if err != nil {
				return err
			}
			m.Event, m.EventName, m.Hazard, m.Exercise = e.ID, e.Name, e.Hazard, e.Exercise
		}
		in.into(&m)
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.measures, actor, m, "plan", desk.Change[Measure]{})
		return err
	})
	return out, err
}

// EditMeasure changes what was entered. What was cleared before stays what
// leaves until the change is cleared too.
func (d *Desk) EditMeasure(ctx context.Context, actor access.Actor, mid id.ID, seen int, in MeasureInput) (Measure, error) {
	return d.takeMeasure(ctx, actor, mid, seen, "edit", desk.Change[Measure]{Edit: func(m *Measure) error {
		expires := m.Expires
		in.into(m)
		if m.State != Planned && m.Expires != expires {
			return needs("ihr.renew_only") // a measure that holds is prolonged by a renewal
		}
		if !slices.Contains(m.Authors, actor.Account) {
			m.Authors = append(m.Authors, actor.Account)
		}
		return nil
	}})
}

// StepInput is what a step of a measure takes with it.
type StepInput struct {
	At      time.Time // start: since when; report: when; zero: now
	Words   string    // review, renew: what was found; lift, cancel, withdraw: why; report: the reference
	Review  string    // review, renew: the day of the next review
	Expires string    // renew: the new last day
}

var measureSteps = []workflow.Verb{"start", "report", "review", "renew", "lift", "cancel", "release", "withdraw"}

// StepMeasure takes a step of a measure. Once it was released, every step
// tells the same members, with the content that was cleared.
func (d *Desk) StepMeasure(ctx context.Context, actor access.Actor, mid id.ID, seen int, verb workflow.Verb, in StepInput) (Measure, error) {
	if !slices.Contains(measureSteps, verb) {
		return Measure{}, fault.New(fault.Invalid, "fault.invalid")
	}
	in.Words = strings.TrimSpace(in.Words)
	if in.At.IsZero() {
		in.At = d.env.Clock.Now()
	}
	c := desk.Change[Measure]{Detail: map[string]any{}, Edit: func(m *Measure) error { return d.editStep(m, actor, verb, in) }}
	if in.Words != "" {
		c.Detail["words"] = in.Words
	}
	c.Then = func(ctx context.Context, tx *db.Tx, m *Measure) error { return d.tell(ctx, tx, m, verb) }
	return d.takeMeasure(ctx, actor, mid, seen, verb, c)
}

func (d *Desk) editStep(m *Measure, actor access.Actor, verb workflow.Verb, in StepInput) error {
	now := d.env.Clock.Now()
	switch verb {
	case "start":
		m.Start = in.At
	case "report":
		m.Reported, m.ReportRef = in.At, in.Words
	case "review":
		m.Reviewed, m.Words = now, in.Words
		if in.Review != "" {
			m.Review = in.Review
		}
	case "renew":
		if in.Expires <= m.Expires {
			return needs("ihr.renewed_later")
		}
		m.Reviewed, m.Words, m.Expires, m.Review = now, in.Words, in.Expires, in.Review
		m.Renewals++
	case "lift", "cancel", "withdraw":
		m.Ended, m.EndReason = now, in.Words
	case "release":
		x := m.Content
		m.Cleared, m.ClearedAs, m.ClearedMarking = &x, actor.Name, m.Marking
	}
	return nil
}

// Sweep ends the measures of this node whose last day is over.
func (d *Desk) Sweep(ctx context.Context) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		now := d.env.Clock.Now()
		ms, err := measureStore.all(ctx, tx, `copy_of = '' AND state IN (?, ?) AND expires <= ? ORDER BY expires LIMIT 200`,
			string(InForce), string(Reported), now.UnixMicro())
		if err != nil {
			return err
		}
		for _, m := range ms {
			if _, err := desk.TakeIn(ctx, d.env, tx, d.measures, access.Node(d.env.Member), m.ID, 0, "expire", desk.Change[Measure]{
				Edit: func(m *Measure) error { m.Ended = m.until(); return nil },
				Then: func(ctx context.Context, tx *db.Tx, m *Measure) error { return d.tell(ctx, tx, m, "expire") },
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Desk) takeMeasure(ctx context.Context, actor access.Actor, mid id.ID, seen int, verb workflow.Verb, c desk.Change[Measure]) (Measure, error) {
	var out Measure
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visibleMeasure(ctx, tx, actor, mid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.measures, actor, mid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) visibleMeasure(ctx context.Context, tx *db.Tx, actor access.Actor, mid id.ID) (Measure, error) {
	m, err := measureStore.load(ctx, tx, mid)
	if err != nil {
		return m, err
	}
	if !sees(reach(actor), &m.Head, m.Own()) {
		return Measure{}, desk.NotFound()
	}
	return m, nil
}
