package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// RequirementInput is what a person enters of a requirement.
type RequirementInput struct {
	Text, Threshold, Tell, Watch, Hazard string
	Minutes, Least                       int
}

// Require adds a critical information requirement. What the records say already
// does not ring.
func (d *Desk) Require(ctx context.Context, actor access.Actor, iid id.ID, in RequirementInput) (Requirement, error) {
	var out Requirement
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		of, err := d.visible(ctx, tx, actor, iid)
		if err != nil {
			return err
		}
		if err := of.writable(); err != nil {
			return err
		}
		r := Requirement{Incident: iid, Text: in.Text, Threshold: in.Threshold, Tell: in.Tell, Minutes: in.Minutes, Watch: in.Watch, Hazard: in.Hazard, Least: in.Least, From: d.env.Clock.Now()}
		if r.Watch != "" && r.Watch != "new_place" && r.Watch != "notification" {
			r.Least = max(r.Least, 1)
		}
		begin(&r.Head, &of)
		if r, _, _, err = d.look(ctx, tx, &of, r); err != nil {
			return err
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.requirements, actor, r, "require", desk.Change[Requirement]{Then: func(ctx context.Context, tx *db.Tx, r *Requirement) error {
			return d.feed(ctx, tx, &of, actor, said{Key: "incident.did.require", Args: map[string]string{"text": r.Text, "function": functionKey(r.Tell)}})
		}})
		return err
	})
	return out, err
}

// Retire takes a requirement out of use.
func (d *Desk) Retire(ctx context.Context, actor access.Actor, rid id.ID, seen int, reason string) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, of, err := child(ctx, d, tx, d.requirements, actor, rid, func(r *Requirement) id.ID { return r.Incident })
		if err == nil {
			err = of.writable()
		}
		if err != nil {
			return err
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.requirements, actor, rid, seen, "retire", desk.Change[Requirement]{
			Edit: func(r *Requirement) error { r.Reason = reason; return nil },
			Then: func(ctx context.Context, tx *db.Tx, r *Requirement) error {
				return d.feed(ctx, tx, &of, actor, said{Key: "incident.did.retire", Args: map[string]string{"text": bare(r.Text), "reason": r.Reason}})
			}})
		return err
	})
}

// Ring says that a requirement was met: one press, words if there are any. Who
// presses again, with the same words, while it still rings, hears the same ring.
func (d *Desk) Ring(ctx context.Context, actor access.Actor, requirement id.ID, words string) (Ring, error) {
	var out Ring
	if err := works(actor, "ring"); err != nil {
		return out, err
	}
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, of, err := child(ctx, d, tx, d.requirements, actor, requirement, func(r *Requirement) id.ID { return r.Incident })
		if err != nil {
			return err
		}
		if r.State != Active || of.State == Closed {
			return fault.New(fault.Conflict, "fault.incident.retired")
		}
		words = strings.TrimSpace(words)
		open, err := docs[Ring](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?) ORDER BY at, id`,
			string(of.ID), KindRing, string(Ringing), string(Escalated))
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(open, func(x Ring) bool { return x.Requirement == r.ID && x.Key == "" && x.Words == words }); i >= 0 {
			out = open[i]
			return nil
		}
		out, err = d.ring(ctx, tx, actor, &of, &r, Ring{Words: words})
		return err
	})
	return out, err
}

// ring makes a ring of a requirement.
func (d *Desk) ring(ctx context.Context, tx *db.Tx, actor access.Actor, of *Incident, r *Requirement, x Ring) (Ring, error) {
	x.Incident, x.IncidentName, x.Requirement, x.Text, x.Tell, x.Minutes = of.ID, of.Name, r.ID, r.Text, r.Tell, r.Minutes
	x.Rung, x.RungAs = d.env.Clock.Now(), actor.Name
	begin(&x.Head, of)
	return desk.CreateIn(ctx, d.env, tx, d.rings, actor, x, "ring", desk.Change[Ring]{Then: func(ctx context.Context, tx *db.Tx, x *Ring) error {
		return d.feed(ctx, tx, of, actor, said{Key: "incident.did.ring", Notable: true, Function: x.Tell,
			Args: map[string]string{"text": bare(joined(x.Text, x.Words)), "function": functionKey(x.Tell), "n": strconv.Itoa(x.Minutes)}})
	}})
}

// Answer acknowledges a ring for the function that it names.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, rid id.ID, seen int, words string) (Ring, error) {
	var out Ring
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, of, err := child(ctx, d, tx, d.rings, actor, rid, func(r *Ring) id.ID { return r.Incident })
		if err != nil {
			return err
		}
		on, err := onDuty(ctx, tx, of.ID)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.rings, actor, rid, seen, "acknowledge", desk.Change[Ring]{
			Edit: func(r *Ring) error {
				r.Acked, r.AckedAs, r.Answer, r.AckedFor = d.env.Clock.Now(), actor.Name, words, post(on, actor, r.Tell, Manager)
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, r *Ring) error {
				minutes := int(r.Waited(r.Acked).Round(time.Minute) / time.Minute)
				return d.feed(ctx, tx, &of, actor, said{Key: "incident.did.acknowledge", Notable: true, Function: r.Tell,
					Args: map[string]string{"text": bare(r.Text), "n": strconv.Itoa(minutes), "words": r.Answer}})
			}})
		return err
	})
	return out, err
}

// Lapse does what clocks ask for: rings that nobody acknowledged go to the
// incident manager, and plans whose period has come are put in force.
func (d *Desk) Lapse(ctx context.Context) error {
	now := d.env.Clock.Now().UnixMicro()
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		rings, err := docs[Ring](ctx, tx, `SELECT doc FROM incident_record WHERE kind = ? AND state IN (?, ?) AND due > 0 AND due <= ? ORDER BY due LIMIT 200`,
			KindRing, string(Ringing), string(Escalated), now)
		if err != nil {
			return err
		}
		for _, r := range rings {
			if err := d.escalate(ctx, tx, r.ID); err != nil {
				return err
			}
		}
		plans, err := docs[Plan](ctx, tx, `SELECT doc FROM incident_record WHERE kind = ? AND state = ? AND at <= ? ORDER BY at, id LIMIT 50`, KindPlan, string(Approved), now)
		if err != nil {
			return err
		}
		for _, p := range plans {
			in, err := d.incidents.Load(ctx, tx, p.Incident)
			if err != nil {
				return err
			}
			if in.State == Closed {
				continue
			}
			if again, err := d.plans.Load(ctx, tx, p.ID); err != nil || again.State != Approved {
				if err != nil {
					return err
				}
				continue // another plan of this run has taken its place
			}
			if _, err := d.beginPlan(ctx, tx, &in, p.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Desk) escalate(ctx context.Context, tx *db.Tx, rid id.ID) error {
	node := access.Node(d.env.Member)
	_, err := desk.TakeIn(ctx, d.env, tx, d.rings, node, rid, 0, "escalate", desk.Change[Ring]{
		Edit: func(r *Ring) error {
			if r.Times++; r.Escalated.IsZero() {
				r.Escalated = d.env.Clock.Now()
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, r *Ring) error {
			in, err := d.incidents.Load(ctx, tx, r.Incident)
			if err != nil {
				return err
			}
			minutes := int(r.Waited(d.env.Clock.Now()) / time.Minute)
			return d.feed(ctx, tx, &in, node, said{Key: "incident.did.escalate", Notable: true, Function: r.Tell,
				Args: map[string]string{"text": bare(r.Text), "n": strconv.Itoa(minutes), "function": functionKey(r.Tell)}})
		}})
	return err
}
