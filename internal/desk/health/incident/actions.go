package incident

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Input is what a person enters of an incident.
type Input struct {
	Name, Lang, Mode, Trigger, Cost, DecidedBy string
	Since                                      time.Time // zero: now
	Events                                     []id.ID
	Functions                                  []string
	Hours                                      int
	Marking                                    access.Marking
}

// into writes the input into an incident. Events that the actor does not see
// stay as they were.
func (d *Desk) into(ctx context.Context, tx *db.Tx, actor access.Actor, in *Input, r *Incident) error {
	r.Name, r.Lang, r.Trigger, r.Cost, r.DecidedBy, r.Hours, r.Marking = in.Name, in.Lang, in.Trigger, in.Cost, in.DecidedBy, in.Hours, in.Marking
	r.Functions = nil
	for _, f := range Functions {
		if slices.Contains(in.Functions, f.Key) {
			r.Functions = append(r.Functions, f.Key)
		}
	}
	if !in.Since.IsZero() {
		r.Since = in.Since.UTC()
	}
	now := d.env.Clock.Now()
	if r.Since.IsZero() {
		r.Since = now
	}
	if r.Since.After(now.Add(time.Minute)) {
		return refused("since", "fault.incident.future")
	}
	var events []Subject
	for _, old := range r.Events {
		if _, err := d.health.EventIn(ctx, tx, actor, old.ID); fault.Is(err, fault.NotFound) {
			events = append(events, old)
		} else if err != nil {
			return err
		}
	}
	for _, eid := range in.Events {
		e, err := d.health.EventIn(ctx, tx, actor, eid)
		if fault.Is(err, fault.NotFound) {
			return refused("events", "fault.incident.event")
		}
		if err != nil {
			return err
		}
		if e.Marking.Stricter(r.Marking) {
			return refused("marking", "fault.incident.marking")
		}
		if r.Exercise == "" {
			r.Exercise = e.Exercise
		}
		events = append(events, Subject{ID: e.ID, Name: e.Name, Owner: e.Owner})
	}
	r.Events = events
	return nil
}

// Open activates the operations centre.
func (d *Desk) Open(ctx context.Context, actor access.Actor, in Input) (Incident, error) {
	return d.open(ctx, actor, in, Incident{})
}

func (d *Desk) open(ctx context.Context, actor access.Actor, in Input, r Incident) (Incident, error) {
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r.Mode, r.Place = in.Mode, string(d.env.Member)
		if err := d.into(ctx, tx, actor, &in, &r); err != nil {
			return err
		}
		var err error
		r, err = desk.CreateIn(ctx, d.env, tx, d.incidents, actor, r, "open", desk.Change[Incident]{Then: func(ctx context.Context, tx *db.Tx, r *Incident) error {
			return d.feed(ctx, tx, r, actor, said{Key: "incident.did.open", Notable: true, Args: map[string]string{"by": r.DecidedBy, "mode": "@incident.mode." + r.Mode}})
		}})
		return err
	})
	return r, err
}

// Proposed are the state's own activations in force for which no incident was
// opened here.
func (d *Desk) Proposed(ctx context.Context, actor access.Actor) ([]Activation, error) {
	if d.from.Activations == nil || !MayWork(actor) {
		return nil, nil
	}
	all, err := d.from.Activations(ctx, actor)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var out []Activation
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, a := range all {
			taken, err := tx.Row(ctx, `SELECT 1 FROM incident_record WHERE mark = ?`, []any{"activation|" + string(a.ID)}, new(int))
			if err != nil {
				return err
			}
			if !taken {
				out = append(out, a)
			}
		}
		return nil
	})
	return out, err
}

// modeOf is the mode that a level of activation begins with.
func modeOf(level int) string { return Modes[min(max(level-1, 0), 2)] }

// Adopt opens the incident of a national activation: one press, everything
// else can be edited.
func (d *Desk) Adopt(ctx context.Context, actor access.Actor, activation id.ID) (Incident, error) {
	list, err := d.Proposed(ctx, actor)
	i := slices.IndexFunc(list, func(a Activation) bool { return a.ID == activation })
	if err == nil && i < 0 {
		err = desk.NotFound()
	}
	if err != nil {
		return Incident{}, err
	}
	a := list[i]
	r := Incident{Activation: a.ID, Level: a.Level}
	r.Exercise = a.Exercise
	in := Input{Name: a.EventName, Lang: a.Lang, Mode: modeOf(a.Level), Trigger: a.Trigger, DecidedBy: a.By, Events: []id.ID{a.Event}, Functions: Core, Hours: 12, Marking: a.Marking}
	return d.open(ctx, actor, in, r)
}

// Edit changes what a person entered; events may join later.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, iid id.ID, seen int, in Input) (Incident, error) {
	var out Incident
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.incidents, actor, iid, seen, "edit", desk.Change[Incident]{
			Edit: func(r *Incident) error { return d.into(ctx, tx, actor, &in, r) },
			Then: func(ctx context.Context, tx *db.Tx, r *Incident) error {
				// what the incident becomes, all that is in it becomes
				if r.Marking != was.Marking {
					if _, err := tx.Exec(ctx, `UPDATE incident_record SET marking = ? WHERE incident = ?`, string(r.Marking), string(r.ID)); err != nil {
						return err
					}
				}
				return d.feed(ctx, tx, r, actor, said{Key: "incident.did.edit"})
			}})
		return err
	})
	return out, err
}

var incidentSteps = []workflow.Verb{"set_mode", "stand_down", "resume", "close", "reopen"}

// Step takes a step of an incident; mode only with set_mode.
func (d *Desk) Step(ctx context.Context, actor access.Actor, iid id.ID, seen int, verb workflow.Verb, mode, reason string) (Incident, error) {
	if !slices.Contains(incidentSteps, verb) {
		return Incident{}, fault.New(fault.Invalid, "fault.invalid")
	}
	var out Incident
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		s := said{Key: "incident.did." + string(verb), Notable: true, Args: map[string]string{"reason": reason}}
		if verb == "set_mode" {
			s.Args["from"], s.Args["to"] = "@incident.mode."+was.Mode, "@incident.mode."+mode
		}
		if verb == "close" && reason == "" {
			s.Key = "incident.did.close_clean"
			delete(s.Args, "reason")
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.incidents, actor, iid, seen, verb, desk.Change[Incident]{
			Detail: map[string]any{"reason": reason},
			Edit: func(r *Incident) error {
				r.Reason = reason
				switch verb {
				case "set_mode":
					if mode == r.Mode {
						return refused("mode", "fault.incident.same_mode")
					}
					r.Mode = mode
				case "close":
					r.Ended = d.env.Clock.Now()
				case "reopen":
					r.Ended = time.Time{}
				}
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, r *Incident) error {
				if err := d.feed(ctx, tx, r, actor, s); err != nil {
					return err
				}
				switch verb {
				case "stand_down":
					return d.listFunctions(ctx, tx, r, actor)
				case "close":
					return d.wind(ctx, tx, r)
				}
				return nil
			}})
		return err
	})
	return out, err
}

// wind ends what runs when an incident is closed.
func (d *Desk) wind(ctx context.Context, tx *db.Tx, in *Incident) error {
	node := access.Node(d.env.Member)
	duties, err := of[Duty](ctx, tx, KindDuty, in.ID)
	if err != nil {
		return err
	}
	for _, x := range duties {
		verb := workflow.Verb("end")
		switch {
		case x.State == Planned:
			verb = "cancel"
		case !x.holds():
			continue
		}
		if _, err := desk.TakeIn(ctx, d.env, tx, d.duties, node, x.ID, 0, verb, desk.Change[Duty]{Edit: func(x *Duty) error {
			x.Reason, x.Ended = in.Name, d.env.Clock.Now()
			return nil
		}}); err != nil {
			return err
		}
	}
	if p, ok, err := inForce(ctx, tx, in.ID); err != nil || !ok {
		return err
	} else {
		_, err = desk.TakeIn(ctx, d.env, tx, d.plans, node, p.ID, 0, "close", desk.Change[Plan]{Edit: d.endPlan})
		return err
	}
}

func (d *Desk) endPlan(p *Plan) error {
	p.Ended = d.env.Clock.Now()
	return nil
}

// inForce is the plan by which the incident works now.
func inForce(ctx context.Context, tx *db.Tx, iid id.ID) (Plan, bool, error) {
	p, err := one[Plan](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state = ? ORDER BY at DESC, id DESC LIMIT 1`,
		string(iid), KindPlan, string(InForce))
	if fault.Is(err, fault.NotFound) {
		return Plan{}, false, nil
	}
	return p, err == nil, err
}
