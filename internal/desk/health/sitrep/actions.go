package sitrep

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ReportInput is what a person enters of a report.
type ReportInput struct {
	Title, Lang string
	From, Until string
	AsOf, Next  time.Time
	Authority   string
	Highlights  []string
	Texts       []Text
	Marking     access.Marking
	To          []access.Member
}

func (in *ReportInput) into(r *Report) {
	r.Title, r.Lang, r.From, r.Until, r.AsOf, r.Next = in.Title, in.Lang, in.From, in.Until, in.AsOf, in.Next
	r.Authority, r.Highlights, r.Marking, r.To = in.Authority, slices.Clone(in.Highlights), in.Marking, slices.Clone(in.To)
	r.Texts = nil
	for _, t := range in.Texts {
		if len(trim([]string{t.Text})) > 0 {
			r.Texts = append(r.Texts, t)
		}
	}
}

// Draft begins the next issue on an event of this member, with the facts that
// it has now. call is the regional report that asked for it, or empty.
func (d *Desk) Draft(ctx context.Context, actor access.Actor, event, call id.ID, in ReportInput) (Report, error) {
	return d.begin(ctx, actor, call, in, func(tx *db.Tx, r *Report) error {
		e, err := d.health.EventFull(ctx, tx, actor, event)
		if err != nil {
			return err
		}
		if e.Owner != d.env.Member {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		r.Event, r.Subject, r.Hazard, r.GLIDE, r.Grade = e.ID, e.Name, e.Hazard, e.GLIDE, e.Grade
		r.eventMarking, r.Exercise = e.Marking, e.Exercise
		if len(e.Places) > 0 {
			r.Place = e.Places[0]
		}
		r.takeFacts(&e)
		return nil
	})
}

// DraftNothing begins the answer to a call that this member has nothing to
// report.
func (d *Desk) DraftNothing(ctx context.Context, actor access.Actor, call id.ID, in ReportInput) (Report, error) {
	return d.begin(ctx, actor, call, in, func(_ *db.Tx, r *Report) error {
		r.Nothing = true
		return nil
	})
}

func (d *Desk) begin(ctx context.Context, actor access.Actor, call id.ID, in ReportInput, fill func(*db.Tx, *Report) error) (Report, error) {
	var out Report
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r := Report{Scope: National, Authors: []id.ID{actor.Account}}
		r.Owner, r.Place = d.env.Member, string(d.env.Member)
		in.into(&r)
		if err := d.answers(ctx, tx, actor, &r, call); err != nil {
			return err
		}
		exercise := r.Exercise
		if err := fill(tx, &r); err != nil {
			return err
		}
		if call != "" && r.Exercise != exercise {
			return fault.New(fault.Conflict, "fault.sitrep.exercise")
		}
		if err := d.place(ctx, tx, &r); err != nil {
			return err
		}
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.reports, actor, r, "draft", desk.Change[Report]{})
		return err
	})
	return out, err
}

// answers ties a report to the call that it answers.
func (d *Desk) answers(ctx context.Context, tx *db.Tx, actor access.Actor, r *Report, call id.ID) error {
	if call == "" {
		return nil
	}
	c, ok, err := loadCall(ctx, tx, call)
	if err != nil {
		return err
	}
	if !ok || !d.seesCall(actor, &c) {
		return desk.NotFound()
	}
	r.Call, r.CallOwner, r.Family, r.Subject, r.Hazard, r.CutOff, r.Exercise = c.ID, c.Owner, c.Family, c.Name, c.Hazard, c.CutOff, c.Exercise
	return nil
}

// place gives a new report its number in the series and the issue before it.
// Two drafts of one series would be two issues of one number.
func (d *Desk) place(ctx context.Context, tx *db.Tx, r *Report) error {
	series, err := seriesOf(ctx, tx, r)
	if err != nil {
		return err
	}
	r.Number = 1
	for i := range series {
		old := &series[i]
		if slices.Contains(open, old.State) {
			return fault.New(fault.Conflict, "fault.sitrep.begun").With("number", old.Number)
		}
		r.Number = max(r.Number, old.Number+1)
	}
	r.since(series)
	return nil
}

// since compares the figures with the newest issue before this one.
func (r *Report) since(series []Report) {
	r.Last = nil
	for i := range series {
		old := &series[i]
		if old.State == Issued && old.Number < r.Number {
			r.Last = &Issue{ID: old.ID, Number: old.Number, AsOf: old.AsOf, Release: old.Release}
			against(r.Figures, old.Figures)
			return
		}
	}
}

func (r *Report) takeFacts(e *health.EventView) {
	r.Facts = append(slices.Clone(e.Facts), e.More...)
	r.Figures = FiguresOf(e.AllFacts(), e.Owner, r.From, r.Until)
}

// Edit changes the words of a draft; who edits becomes an author. A new period
// takes the figures anew.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, rid id.ID, seen int, in ReportInput) (Report, error) {
	return d.rework(ctx, actor, rid, seen, "edit", func(r *Report) (again bool, err error) {
		again = r.From != in.From || r.Until != in.Until
		if r.Scope == Regional { // a more open report may not tell closer inputs
			again = r.Marking != in.Marking
		}
		in.into(r)
		return again, nil
	})
}

// Refresh takes the figures of a draft anew: from the event's facts as they
// are now, or from the inputs as they stand.
func (d *Desk) Refresh(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Report, error) {
	return d.rework(ctx, actor, rid, seen, "refresh", func(*Report) (bool, error) { return true, nil })
}

func (d *Desk) rework(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, edit func(*Report) (bool, error)) (Report, error) {
	var out Report
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.mayTouch(ctx, tx, actor, rid); err != nil {
			return err
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.reports, actor, rid, seen, verb, desk.Change[Report]{Edit: func(r *Report) error {
			again, err := edit(r)
			if err != nil {
				return err
			}
			if !slices.Contains(r.Authors, actor.Account) {
				r.Authors = append(r.Authors, actor.Account)
			}
			if again {
				return d.figures(ctx, tx, actor, r)
			}
			return nil
		}})
		return err
	})
	return out, err
}

// figures takes the figures of a report from where they come from.
func (d *Desk) figures(ctx context.Context, tx *db.Tx, actor access.Actor, r *Report) error {
	switch {
	case r.Scope == Regional:
		given, err := d.given(ctx, tx, r)
		if err != nil {
			return err
		}
		r.compose(given)
	case r.Event != "":
		e, err := d.health.EventFull(ctx, tx, actor, r.Event)
		if err != nil {
			return err
		}
		r.takeFacts(&e)
	}
	series, err := seriesOf(ctx, tx, r)
	if err != nil {
		return err
	}
	r.since(series)
	return nil
}

// steps are the verbs that take no more than a reason.
var steps = []workflow.Verb{"submit", "return", "clear", "issue", "withdraw", "discard"}

// Step takes a step of a report that needs at most a reason.
func (d *Desk) Step(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) (Report, error) {
	if !slices.Contains(steps, verb) {
		return Report{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var out Report
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.mayTouch(ctx, tx, actor, rid); err != nil {
			return err
		}
		c := desk.Change[Report]{Detail: map[string]any{}, Edit: func(r *Report) error { return d.edit(ctx, tx, r, actor, verb, reason) }}
		if reason != "" {
			c.Detail["reason"] = reason
		}
		switch verb {
		case "issue":
			c.Then = d.issue
		case "withdraw":
			c.Then = d.sendWithdrawal
		case "discard":
			c.Then = d.endCall
		}
		var err error
		out, err = desk.TakeIn(ctx, d.env, tx, d.reports, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

// edit is what a step changes besides the state.
func (d *Desk) edit(ctx context.Context, tx *db.Tx, r *Report, actor access.Actor, verb workflow.Verb, reason string) error {
	switch verb {
	case "submit":
		r.Reason = ""
	case "clear":
		r.Cleared = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
	case "return":
		r.Reason, r.Cleared = reason, desk.Mark{}
	case "withdraw", "discard":
		r.Reason = reason
	case "issue":
		r.Issued, r.Release = d.env.Clock.Now(), d.env.IDs.New()
		if r.Corrects != "" {
			old, err := loadReport(ctx, tx, r.Corrects)
			if err != nil {
				return err
			}
			r.Changes = changes(r, &old)
		}
	}
	return nil
}

// issue sends the report and, where it corrects one, takes that one's place in
// the same transaction.
func (d *Desk) issue(ctx context.Context, tx *db.Tx, r *Report) error {
	var old *Report
	if r.Corrects != "" {
		o, err := desk.TakeIn(ctx, d.env, tx, d.reports, access.Node(d.env.Member), r.Corrects, 0, "supersede", desk.Change[Report]{Detail: map[string]any{"by": r.ID}})
		if err != nil {
			return err
		}
		old = &o
	}
	return d.sendReport(ctx, tx, r, old)
}

// Correct begins the correction of an issued report of this node. A regional
// one may then take in what came after its cut-off.
func (d *Desk) Correct(ctx context.Context, actor access.Actor, rid id.ID, why string) (Report, error) {
	var out Report
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.mayTouch(ctx, tx, actor, rid); err != nil {
			return err
		}
		old, err := loadReport(ctx, tx, rid)
		if err != nil {
			return err
		}
		if !old.Own() {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(old.Owner))
		}
		if old.State != Issued {
			return fault.New(fault.Conflict, "fault.wrong_state").With("verb", "correct").With("state", string(old.State))
		}
		series, err := seriesOf(ctx, tx, &old)
		if err != nil {
			return err
		}
		for _, x := range series {
			if x.Corrects == rid && slices.Contains(open, x.State) {
				return fault.New(fault.Conflict, "fault.sitrep.begun").With("number", x.Number)
			}
		}
		r := old
		r.Head = desk.Head{Place: old.Place, Marking: old.Marking, Exercise: old.Exercise, Owner: old.Owner}
		r.Corrects, r.Corrected, r.Why, r.Authors = old.ID, old.Corrected+1, why, []id.ID{actor.Account}
		r.Cleared, r.Issued, r.Release, r.Changes, r.Reason = desk.Mark{}, time.Time{}, "", nil, ""
		if r.Scope == Regional {
			r.CutOff = d.env.Clock.Now()
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.reports, actor, r, "correct", desk.Change[Report]{Detail: map[string]any{"corrects": rid}})
		return err
	})
	return out, err
}

// mayTouch hides what the actor may not see before anything is said of it.
func (d *Desk) mayTouch(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID) error {
	r, err := loadReport(ctx, tx, rid)
	if err == nil && !sees(reach(actor), &r.Head, r.Own(), r.Scope == Regional) {
		err = desk.NotFound()
	}
	return err
}
