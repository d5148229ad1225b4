package review

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

// Input is what a person enters of a review.
type Input struct {
	Text
	Events  []id.ID
	Family  id.ID
	Marking access.Marking
}

// Plan begins a review of events, of a family of events, or of an exercise.
func (d *Desk) Plan(ctx context.Context, actor access.Actor, in Input) (Review, error) {
	families, err := d.Families(ctx, actor)
	if err != nil {
		return Review{}, err
	}
	var out Review
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r := Review{Authors: []id.ID{actor.Account}}
		r.Place = string(d.env.Member)
		if err := d.into(ctx, tx, actor, &r, in, families); err != nil {
			return err
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.reviews, actor, r, "plan", desk.Change[Review]{})
		return err
	})
	return out, err
}

// into writes the input with what it names, as far as the actor may see it.
func (d *Desk) into(ctx context.Context, tx *db.Tx, actor access.Actor, r *Review, in Input, families []Family) error {
	r.Text, r.Marking, r.Events, r.Family, r.FamilyName, r.Closest = in.Text, in.Marking, nil, "", "", access.TLPClear
	if !r.Joint {
		r.Members = nil
	}
	about := slices.Clone(in.Events)
	if i := slices.IndexFunc(families, func(f Family) bool { return f.ID == in.Family }); in.Family != "" {
		if i < 0 {
			return desk.NotFound()
		}
		f := families[i]
		r.Family, r.FamilyName, r.Hazard, r.Closest, r.Exercise = f.ID, f.Name, f.Hazard, f.Marking, f.Exercise
		for _, e := range f.Events {
			if !slices.Contains(about, e) {
				about = append(about, e)
			}
		}
	}
	for _, eid := range about {
		e, err := d.health.EventIn(ctx, tx, actor, eid)
		if fault.Is(err, fault.NotFound) && !slices.Contains(in.Events, eid) {
			continue // of a family, and not notified here
		}
		if err != nil {
			return err
		}
		r.Events = append(r.Events, EventRef{ID: e.ID, Owner: e.Owner, Name: e.Name})
		if r.Hazard == "" {
			r.Hazard = e.Hazard
		}
		if e.Marking.Stricter(r.Closest) {
			r.Closest = e.Marking
		}
		r.Exercise = e.Exercise
	}
	if r.Closest.Stricter(in.Marking) {
		return invalid("marking", "need.review.marking")
	}
	return nil
}

func invalid(field, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key}}}
}

// Join begins this member's half of a joint review that another leads: its own
// record, with its own evidence.
func (d *Desk) Join(ctx context.Context, actor access.Actor, lead id.ID, more []id.ID) (Review, error) {
	var out Review
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := d.visible(ctx, tx, actor, lead)
		if err != nil {
			return err
		}
		if l.Own() || !l.Joint || !slices.Contains(l.Members, d.env.Member) || final(l.State) {
			return fault.New(fault.Conflict, "fault.review.not_invited")
		}
		if _, err := half(ctx, tx, lead); !fault.Is(err, fault.NotFound) {
			if err == nil {
				err = fault.New(fault.Conflict, "fault.review.joined")
			}
			return err
		}
		in := Input{Text: l.Text, Family: "", Marking: l.Marking}
		in.Joint, in.Members, in.Summary, in.Turnout = false, nil, "", Turnout{}
		for _, e := range l.Events {
			if _, err := d.health.EventIn(ctx, tx, actor, e.ID); err == nil {
				in.Events = append(in.Events, e.ID)
			} else if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		for _, e := range more {
			if !slices.Contains(in.Events, e) {
				in.Events = append(in.Events, e)
			}
		}
		r := Review{Of: l.ID, Lead: l.Owner, Authors: []id.ID{actor.Account}}
		r.Place = string(d.env.Member)
		if err := d.into(ctx, tx, actor, &r, in, nil); err != nil {
			return err
		}
		r.Family, r.FamilyName, r.Hazard, r.Exercise = l.Family, l.FamilyName, l.Hazard, l.Exercise
		r.To = slices.DeleteFunc(append([]access.Member{l.Owner}, l.Members...), func(m access.Member) bool { return m == d.env.Member })
		out, err = desk.CreateIn(ctx, d.env, tx, d.reviews, actor, r, "join", desk.Change[Review]{Detail: map[string]any{"lead": l.ID}})
		return err
	})
	return out, err
}

// half is this member's half of a joint review.
func half(ctx context.Context, tx *db.Tx, lead id.ID) (Review, error) {
	return one[Review](ctx, tx, `SELECT doc FROM review_review WHERE half_of = ? AND copy_of = '' AND state <> ? ORDER BY id`, string(lead), string(Cancelled))
}

// Edit changes what is planned; who edits becomes an author.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, rid id.ID, seen int, in Input) (Review, error) {
	families, err := d.Families(ctx, actor)
	if err != nil {
		return Review{}, err
	}
	var out Review
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = d.takeIn(ctx, tx, actor, rid, seen, "edit", desk.Change[Review]{Edit: func(r *Review) error {
			was := r.Members
			if r.Of != "" {
				in.Joint, in.Members, in.Family = false, nil, ""
			}
			family, name := r.Family, r.FamilyName
			if err := d.into(ctx, tx, actor, r, in, families); err != nil {
				return err
			}
			if r.Of != "" {
				r.Family, r.FamilyName = family, name
			}
			r.wrote(actor)
			return stays(was, r)
		}})
		return err
	})
	return out, err
}

// stays: who was invited is not quietly left out.
func stays(was []access.Member, r *Review) error {
	if !r.Invited.IsZero() && slices.ContainsFunc(was, func(m access.Member) bool { return !slices.Contains(r.Members, m) }) {
		return invalid("members", "fault.review.invited")
	}
	return nil
}

// Describe changes the words of a review whose evidence is locked: what is
// reviewed and in which period stays.
func (d *Desk) Describe(ctx context.Context, actor access.Actor, rid id.ID, seen int, t Text) (Review, error) {
	return d.take(ctx, actor, rid, seen, "describe", desk.Change[Review]{Edit: func(r *Review) error {
		was := r.Text
		r.Text = t
		r.From, r.Until, r.Sort, r.Joint = was.From, was.Until, was.Sort, was.Joint
		if !r.Joint {
			r.Members = nil
		}
		r.wrote(actor)
		return stays(was.Members, r)
	}})
}

// Add puts a moment into the timeline that the history does not have.
func (d *Desk) Add(ctx context.Context, actor access.Actor, rid id.ID, seen int, at time.Time, words, source string) (Review, error) {
	return d.take(ctx, actor, rid, seen, "note", desk.Change[Review]{Detail: map[string]any{"moment": at}, Edit: func(r *Review) error {
		r.Moments = append(r.Moments, Moment{At: at, Index: -1, Words: words, Source: source, Member: d.env.Member, Late: r.Lock != nil})
		slices.SortStableFunc(r.Moments, func(a, b Moment) int { return a.At.Compare(b.At) })
		r.wrote(actor)
		return nil
	}})
}

// Choose marks the entries that stand in the report, with words to each; it
// changes nothing in what was locked.
func (d *Desk) Choose(ctx context.Context, actor access.Actor, rid id.ID, seen int, marks []Mark) (Review, error) {
	return d.take(ctx, actor, rid, seen, "note", desk.Change[Review]{Detail: map[string]any{"chosen": len(marks)}, Edit: func(r *Review) error {
		slices.SortFunc(marks, func(a, b Mark) int { return int(a.Index - b.Index) })
		for i := range marks {
			marks[i].Words = strings.TrimSpace(marks[i].Words)
			if marks[i].Index < 0 || i > 0 && marks[i-1].Index == marks[i].Index {
				return fault.New(fault.Invalid, "fault.invalid")
			}
		}
		r.Marks = marks
		r.wrote(actor)
		return nil
	}})
}

// Arrange groups findings and says what this member holds of those of others.
// It changes none of them.
func (d *Desk) Arrange(ctx context.Context, actor access.Actor, rid id.ID, seen int, groups []Group, opinions []Opinion) (Review, error) {
	return d.take(ctx, actor, rid, seen, "arrange", desk.Change[Review]{Edit: func(r *Review) error {
		r.Groups, r.Opinions = groups, opinions
		r.wrote(actor)
		return nil
	}})
}

// StepInput is what a step may bring.
type StepInput struct {
	Reason string
	Words  string // how the participants agreed
	To     []access.Member
}

var steps = []workflow.Verb{"invite", "lock", "draft", "validate", "clear", "return", "release", "follow", "mend", "close", "cancel"}

// Step takes a step of a review.
func (d *Desk) Step(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in StepInput) (Review, error) {
	if !slices.Contains(steps, verb) {
		return Review{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c := desk.Change[Review]{Detail: map[string]any{}}
	if in.Reason != "" {
		c.Detail["reason"] = in.Reason
	}
	var clocks []Clock
	if verb == "lock" {
		var err error
		if clocks, _, err = d.clocks(ctx, actor, rid); err != nil {
			return Review{}, err
		}
	}
	var out Review
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		c.Edit = func(r *Review) error { return d.edit(ctx, tx, r, actor, verb, in, clocks, c.Detail) }
		c.Then = func(ctx context.Context, tx *db.Tx, r *Review) error { return d.leaves(ctx, tx, actor, r, verb) }
		var err error
		out, err = d.takeIn(ctx, tx, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) edit(ctx context.Context, tx *db.Tx, r *Review, actor access.Actor, verb workflow.Verb, in StepInput, clocks []Clock, detail map[string]any) error {
	now := d.env.Clock.Now()
	switch verb {
	case "lock":
		l, err := d.gather(ctx, tx, actor, r, clocks)
		if err != nil {
			return err
		}
		if r.Lock, err = l.seal(now, actor.Name); err != nil {
			return err
		}
		r.Clocks, detail["digest"], detail["size"] = clocks, r.Lock.Digest, l.Size
		return putLock(ctx, tx, r.ID, &l)
	case "invite":
		r.Invited = now
	case "validate":
		r.Validated = &Validation{At: now, As: actor.Name, Words: strings.TrimSpace(in.Words), Of: r.stand.Digest}
	case "clear":
		r.ClearedAs = actor.Name
	case "release":
		for _, m := range in.To {
			if !slices.Contains(r.To, m) {
				r.To = append(r.To, m)
			}
		}
		r.Released, r.Reason = now, ""
	case "return", "mend", "cancel":
		r.Reason = in.Reason
		if verb != "cancel" {
			r.Validated, r.ClearedAs = nil, ""
		}
	}
	if slices.Contains([]workflow.Verb{"invite", "release", "close", "cancel"}, verb) {
		r.Release = d.env.IDs.New()
	}
	return nil
}

// leaves releases the review, and with it what was found.
func (d *Desk) leaves(ctx context.Context, tx *db.Tx, actor access.Actor, r *Review, verb workflow.Verb) error {
	switch verb {
	case "invite":
		return d.send(ctx, tx, r, r.Members)
	case "cancel":
		if r.Invited.IsZero() {
			return nil
		}
		return d.send(ctx, tx, r, r.Members)
	case "release":
		if err := d.trail.ReleaseOf(ctx, tx, actor, r.Source(), r.To); err != nil {
			return err
		}
		return d.send(ctx, tx, r, r.To)
	case "close":
		return d.send(ctx, tx, r, r.To)
	}
	return nil
}

// clocks are those of the events of a review, as they stand now.
func (d *Desk) clocks(ctx context.Context, actor access.Actor, rid id.ID) ([]Clock, []Factor, error) {
	if d.from.Clocks == nil {
		return nil, nil, nil
	}
	var r Review
	if err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = d.visible(ctx, tx, actor, rid)
		return err
	}); err != nil {
		return nil, nil, err
	}
	var clocks []Clock
	var factors []Factor
	for _, e := range r.Events {
		c, f, err := d.from.Clocks(ctx, actor, e.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, nil, err
		}
		clocks, factors = append(clocks, c...), append(factors, f...)
	}
	return clocks, factors, nil
}

func (d *Desk) take(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Review]) (Review, error) {
	var out Review
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.takeIn(ctx, tx, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

// takeIn checks that the actor may know of the review before its step.
func (d *Desk) takeIn(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Review]) (Review, error) {
	if _, err := d.visible(ctx, tx, actor, rid); err != nil {
		return Review{}, err
	}
	return desk.TakeIn(ctx, d.env, tx, d.reviews, actor, rid, seen, verb, c)
}

func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID) (Review, error) {
	r, err := d.load(ctx, tx, rid)
	if err == nil && !sees(reach(actor), r.Marking) {
		err = desk.NotFound()
	}
	return r, err
}
