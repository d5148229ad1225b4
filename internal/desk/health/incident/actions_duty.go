package incident

import (
	"context"
	"slices"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// People are those of this node who may stand on the roster.
func (d *Desk) People(ctx context.Context) ([]Person, error) {
	if d.from.People == nil {
		return nil, nil
	}
	return d.from.People(ctx)
}

// Post is a function and who is to hold it.
type Post struct {
	Function string
	Holder   id.ID
}

// Roster names people for one shift. Whom it names twice for the same function
// and shift it leaves as they are, so that a shift can be filled in steps.
func (d *Desk) Roster(ctx context.Context, actor access.Actor, iid id.ID, shift Shift, posts []Post) (int, error) {
	if err := works(actor, "roster"); err != nil {
		return 0, err
	}
	people, err := d.People(ctx)
	if err != nil {
		return 0, err
	}
	named := map[id.ID]Person{}
	for _, p := range people {
		named[p.Account] = p
	}
	if len(posts) == 0 {
		return 0, refused("holder", "fault.incident.nobody")
	}
	n := 0
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n = 0
		in, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		have, err := of[Duty](ctx, tx, KindDuty, iid)
		if err != nil {
			return err
		}
		for i, p := range posts {
			who, ok := named[p.Holder]
			if !ok {
				return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "holder", Row: i + 1, Key: "fault.incident.holder"}}}
			}
			if slices.ContainsFunc(have, func(x Duty) bool {
				return x.Function == p.Function && x.Holder == p.Holder && x.State != Cancelled && x.From.Equal(shift.From) && x.To.Equal(shift.To)
			}) {
				continue
			}
			x := Duty{Incident: iid, Function: p.Function, From: shift.From.UTC(), To: shift.To.UTC(), Holder: p.Holder, Post: who.Post, open: in.State != Closed}
			begin(&x.Head, &in)
			if _, err := desk.CreateIn(ctx, d.env, tx, d.duties, actor, x, "roster", desk.Change[Duty]{Detail: map[string]any{"function": p.Function}}); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return d.feed(ctx, tx, &in, actor, said{Key: "incident.did.roster", Args: map[string]string{"n": strconv.Itoa(n), "from": moment(shift.From), "to": moment(shift.To)}})
	})
	return n, err
}

// DutyInput is what a person says with a step of a duty.
type DutyInput struct {
	Brief, Pending, Reason string
}

var dutySteps = []workflow.Verb{"take", "cancel", "hand_over", "relieve", "end"}

// StepDuty takes a step of a duty. Who takes a function over acknowledges the
// hand-over of whoever had it.
func (d *Desk) StepDuty(ctx context.Context, actor access.Actor, did id.ID, seen int, verb workflow.Verb, in DutyInput) (Duty, error) {
	if !slices.Contains(dutySteps, verb) {
		return Duty{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var out Duty
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, of, err := child(ctx, d, tx, d.duties, actor, did, func(x *Duty) id.ID { return x.Incident })
		if err != nil {
			return err
		}
		out, err = d.takeDuty(ctx, tx, actor, &of, did, seen, verb, in)
		if err != nil || verb != "take" {
			return err
		}
		on, err := onDuty(ctx, tx, of.ID)
		for _, x := range on {
			if err == nil && x.State == HandedOver && x.Function == out.Function && x.Holder != actor.Account {
				_, err = d.takeDuty(ctx, tx, actor, &of, x.ID, 0, "relieve", DutyInput{})
			}
		}
		return err
	})
	return out, err
}

func (d *Desk) takeDuty(ctx context.Context, tx *db.Tx, actor access.Actor, of *Incident, did id.ID, seen int, verb workflow.Verb, in DutyInput) (Duty, error) {
	return desk.TakeIn(ctx, d.env, tx, d.duties, actor, did, seen, verb, desk.Change[Duty]{
		Edit: func(x *Duty) error {
			now := d.env.Clock.Now()
			switch verb {
			case "take":
				x.Taken = now
			case "hand_over":
				x.Handed, x.Brief, x.Pending = now, in.Brief, in.Pending
			case "relieve":
				x.Ended, x.Relief = now, actor.Name
			case "end", "cancel":
				x.Ended, x.Reason = now, in.Reason
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, x *Duty) error {
			s := said{Key: "incident.did." + string(verb), Function: x.Function, Args: map[string]string{"function": functionKey(x.Function), "holder": x.Post}}
			switch verb {
			case "cancel":
				s.Args["from"] = moment(x.From)
			case "end":
				s.Args["reason"] = x.Reason
			}
			if verb == "take" || verb == "hand_over" {
				delete(s.Args, "holder") // it is who acts
			}
			return d.feed(ctx, tx, of, actor, s)
		}})
}
