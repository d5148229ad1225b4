package ihr

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

// Open begins the assessment of an own event. One that was decided is
// superseded when the new one is decided; only one can be open at a time.
func (d *Desk) Open(ctx context.Context, actor access.Actor, event id.ID) (Annex2, error) {
	var out Annex2
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.health.EventIn(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		if e.Owner != d.env.Member || !slices.Contains(access.States, e.Owner) {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		a := Annex2{Event: e.ID, EventName: e.Name, EventAt: e.Version, Hazard: e.Hazard, Form: CurrentForm, Path: Current().PathOf(e.Hazard)}
		if h, ok := health.HazardByKey(e.Hazard); ok {
			a.Class = h.Class
		}
		a.Owner, a.Place, a.Marking, a.Exercise = d.env.Member, string(d.env.Member), e.Marking, e.Exercise
		if len(e.Places) > 0 {
			a.Place = e.Places[0]
		}
		before, err := annexStore.all(ctx, tx, `event = ? ORDER BY changed DESC`, string(event))
		if err != nil {
			return err
		}
		for _, b := range before {
			switch b.State {
			case FirstRead, SecondRead, Deciding:
				return fault.New(fault.Conflict, "fault.ihr.open_already")
			case Decided:
				a.Supersedes = b.ID
			}
		}
		if a.Supersedes == "" { // another look at an old event has its own 48 hours
			if a.Recorded, err = d.health.EventRecorded(ctx, tx, actor, event); err != nil {
				return err
			}
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.annex2s, actor, a, "open", desk.Change[Annex2]{})
		return err
	})
	return out, err
}

// Answer keeps a reader's answers so far, as the first or the second reading.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, aid id.ID, seen int, replies map[string]Reply) (Annex2, error) {
	return d.read(ctx, actor, aid, seen, "answer", replies)
}

// Finish ends a reading: of the first, the second reader may begin; of the
// second, both are shown and the focal point decides.
func (d *Desk) Finish(ctx context.Context, actor access.Actor, aid id.ID, seen int, replies map[string]Reply) (Annex2, error) {
	return d.read(ctx, actor, aid, seen, "finish", replies)
}

func (d *Desk) read(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, replies map[string]Reply) (Annex2, error) {
	return d.takeAnnex2(ctx, actor, aid, seen, verb, desk.Change[Annex2]{Edit: func(a *Annex2) error {
		r := &a.First
		if a.State == SecondRead {
			r = &a.Second
			if slices.Contains(a.First.Authors, actor.Account) {
				return needs("ihr.other_person")
			}
		}
		if !reads(r, actor) {
			return needs("ihr.reader")
		}
		if !slices.Contains(r.Authors, actor.Account) {
			r.Authors = append(r.Authors, actor.Account)
		}
		r.Replies, r.Post = clean(replies), actor.Name
		if form := FormOf(a.Form, "en"); form != nil {
			r.Result = form.Compute(a.Path, r.Replies)
		}
		if verb == "finish" {
			r.At = d.env.Clock.Now()
		}
		return nil
	}})
}

// needs is the refusal of a step whose need is checked before the edit, since
// the edit itself would fulfil it.
func needs(name string) error {
	e := fault.New(fault.Invalid, "fault.needs")
	e.Fields = []fault.Field{{Name: name, Key: "need." + name}}
	return e
}

func clean(in map[string]Reply) map[string]Reply {
	out := map[string]Reply{}
	for q, r := range in {
		r.Reason = strings.TrimSpace(r.Reason)
		out[q] = r
	}
	return out
}

// Reset gives the reading that is under way to somebody else, empty.
func (d *Desk) Reset(ctx context.Context, actor access.Actor, aid id.ID, seen int, reason string) (Annex2, error) {
	return d.takeAnnex2(ctx, actor, aid, seen, "reset", desk.Change[Annex2]{Detail: map[string]any{"reason": reason}, Edit: func(a *Annex2) error {
		a.Reason = reason
		if a.State == SecondRead {
			a.Second = Reading{}
		} else {
			a.First = Reading{}
		}
		return nil
	}})
}

// Cancel ends an assessment without a decision.
func (d *Desk) Cancel(ctx context.Context, actor access.Actor, aid id.ID, seen int, reason string) (Annex2, error) {
	return d.takeAnnex2(ctx, actor, aid, seen, "cancel", desk.Change[Annex2]{Detail: map[string]any{"reason": reason}, Edit: func(a *Annex2) error {
		a.Reason = reason
		return nil
	}})
}

// Decide is the decision of the National IHR Focal Point, with its reason.
func (d *Desk) Decide(ctx context.Context, actor access.Actor, aid id.ID, seen int, outcome Outcome, reason string) (Annex2, error) {
	return d.takeAnnex2(ctx, actor, aid, seen, "decide", desk.Change[Annex2]{
		Detail: map[string]any{"outcome": outcome},
		Edit: func(a *Annex2) error {
			a.Outcome, a.Reason, a.DecidedAs, a.DecidedAt, a.Follows = outcome, strings.TrimSpace(reason), actor.Name, d.env.Clock.Now(), "first"
			if a.differ() && outcome == a.Second.Result.Outcome {
				a.Follows = "second"
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, a *Annex2) error {
			if a.Supersedes == "" {
				return nil
			}
			_, err := desk.TakeIn(ctx, d.env, tx, d.annex2s, access.Node(d.env.Member), a.Supersedes, 0, "supersede", desk.Change[Annex2]{})
			return err
		},
	})
}

// Told records when and how WHO was notified or consulted.
func (d *Desk) Told(ctx context.Context, actor access.Actor, aid id.ID, seen int, at time.Time, how string) (Annex2, error) {
	return d.takeAnnex2(ctx, actor, aid, seen, "told", desk.Change[Annex2]{Edit: func(a *Annex2) error {
		a.Told, a.ToldHow = at, strings.TrimSpace(how)
		return nil
	}})
}

func (d *Desk) takeAnnex2(ctx context.Context, actor access.Actor, aid id.ID, seen int, verb workflow.Verb, c desk.Change[Annex2]) (Annex2, error) {
	var out Annex2
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := d.visibleAnnex2(ctx, tx, actor, aid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.annex2s, actor, aid, seen, verb, c)
		return err
	})
	return out, err
}

func (d *Desk) visibleAnnex2(ctx context.Context, tx *db.Tx, actor access.Actor, aid id.ID) (Annex2, error) {
	a, err := annexStore.load(ctx, tx, aid)
	if err != nil {
		return a, err
	}
	if !sees(reach(actor), &a.Head, true) {
		return Annex2{}, desk.NotFound()
	}
	return a, nil
}
