package incident

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// said is what the node writes into the log about a step. A value that begins
// with "@" is a key of the catalogue, one that begins with "#" a time.
type said struct {
	Key      string
	Args     map[string]string
	Function string
	Notable  bool
}

func moment(t time.Time) string { return "#" + t.UTC().Format(time.RFC3339) }

// bare is a text for the middle of a sentence: without its full stop.
func bare(s string) string { return strings.TrimRight(strings.TrimSpace(s), ".") }

func functionKey(f string) string { return "@incident.function." + f }

// feed writes a step into the log, in the step's own transaction: the log and
// what happened never differ.
func (d *Desk) feed(ctx context.Context, tx *db.Tx, in *Incident, by access.Actor, s said) error {
	if s.Args == nil {
		s.Args = map[string]string{}
	}
	s.Args["post"] = by.Name
	on, err := onDuty(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	e := Entry{Incident: in.ID, At: d.env.Clock.Now(), Kind: StepKind, Key: s.Key, Args: s.Args, Function: s.Function, Notable: s.Notable}
	if e.Function == "" {
		e.Function = post(on, by)
	}
	return d.enter(ctx, tx, access.Node(d.env.Member), in, e, "feed")
}

func (d *Desk) enter(ctx context.Context, tx *db.Tx, actor access.Actor, in *Incident, e Entry, verb workflow.Verb) error {
	if p, ok, err := inForce(ctx, tx, in.ID); err != nil {
		return err
	} else if ok {
		e.Period = p.Number
	}
	begin(&e.Head, in)
	_, err := desk.CreateIn(ctx, d.env, tx, d.entries, actor, e, verb, desk.Change[Entry]{})
	return err
}

// EntryInput is what a person writes into the log.
type EntryInput struct {
	Text      string
	At        time.Time // zero: now
	Function  string    // empty: the one in which the writer is on duty
	Notable   bool
	Corrects  id.ID
	Objective id.ID
	Status    string
}

// Write adds a line to the activity log. What is closed takes none: who must
// add something opens it again, with the reason.
func (d *Desk) Write(ctx context.Context, actor access.Actor, iid id.ID, in EntryInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, iid)
		if err == nil {
			err = r.writable()
		}
		if err != nil {
			return err
		}
		on, err := onDuty(ctx, tx, iid)
		if err != nil {
			return err
		}
		e := Entry{Incident: iid, At: in.At.UTC(), Kind: Note, Text: in.Text, Function: in.Function, Notable: in.Notable, Corrects: in.Corrects, Objective: in.Objective, Status: in.Status}
		if in.At.IsZero() {
			e.At = d.env.Clock.Now()
		}
		if e.Function == "" {
			e.Function = post(on, actor)
		}
		if e.Objective != "" {
			e.Kind = Progress
			if err := d.knownObjective(ctx, tx, iid, e.Objective); err != nil {
				return err
			}
		}
		if e.Corrects != "" {
			old, err := d.entries.Load(ctx, tx, e.Corrects)
			if err != nil || old.Incident != iid {
				return refused("corrects", "fault.incident.corrects")
			}
			if old.Kind == StepKind {
				return refused("corrects", "fault.incident.corrects_step")
			}
			// what replaces a word on an objective is a word on it
			e.Objective, e.Kind = old.Objective, old.Kind
			if e.Status == "" {
				e.Status = old.Status
			}
		}
		return d.enter(ctx, tx, actor, &r, e, "write")
	})
}

func (d *Desk) knownObjective(ctx context.Context, tx *db.Tx, iid, objective id.ID) error {
	plans, err := of[Plan](ctx, tx, KindPlan, iid)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if p.Approved.IsZero() {
			continue
		}
		for _, o := range p.Objectives {
			if o.ID == objective {
				return nil
			}
		}
	}
	return refused("objective", "fault.incident.objective")
}
