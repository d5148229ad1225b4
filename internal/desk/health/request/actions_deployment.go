package request

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func verbOf(s string) workflow.Verb { return workflow.Verb(s) }

// Link says what a deployment or a consignment follows from.
type Link struct {
	To          access.Member   `json:"to"`
	Request     id.ID           `json:"request,omitempty"`
	Offer       id.ID           `json:"offer,omitempty"`
	Event       id.ID           `json:"event,omitempty"`
	Arrangement id.ID           `json:"arrangement,omitempty"`
	Basis       string          `json:"basis,omitempty" doc:"Where there is no arrangement: on what ground."`
	Marking     access.Marking  `json:"marking"`
	Inform      []access.Member `json:"inform,omitempty"`
}

// follow brings a link in line with the offer that it names: an own one, of
// which something was taken.
func (d *Desk) follow(ctx context.Context, tx *db.Tx, actor access.Actor, l *Link) error {
	if l.Offer == "" {
		return nil
	}
	o, err := visible(ctx, tx, d.offers, actor, l.Offer)
	if err != nil {
		return err
	}
	var f form
	f.That(o.State == Accepted || o.State == Partly, "offer", "fault.request.not_accepted")
	l.To, l.Request, l.Event = o.To, o.Request, o.Event
	if l.Inform == nil {
		l.Inform = o.Inform
	}
	return f.Err()
}

// MissionInput is what a person enters of a deployment.
type MissionInput struct {
	Link
	Line    int     `json:"line,omitempty"`
	Mission Mission `json:"mission"`
}

func (in *MissionInput) into(d *Deployment) {
	d.To, d.Request, d.Offer, d.Event, d.Arrangement, d.Basis, d.Inform = in.To, in.Request, in.Offer, in.Event, in.Arrangement, in.Basis, in.Inform
	d.Line, d.Marking = in.Line, in.Link.Marking
	m := in.Mission
	m.State, m.Seq, m.At, m.Post, m.Ask = d.Mission.State, d.Mission.Seq, d.Mission.At, d.Mission.Post, d.Mission.Ask
	d.Mission = m
	d.count()
}

// PlanDeployment begins a deployment.
func (d *Desk) PlanDeployment(ctx context.Context, actor access.Actor, in MissionInput) (Deployment, error) {
	var r Deployment
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.follow(ctx, tx, actor, &in.Link); err != nil {
			return err
		}
		r = Deployment{From: d.env.Member}
		r.Place, r.Owner = string(d.env.Member), d.env.Member
		in.into(&r)
		r.Mission.State = Planned
		var err error
		r, err = desk.CreateIn(ctx, d.env, tx, d.deployments, actor, r, "plan", desk.Change[Deployment]{})
		return err
	})
	return r, err
}

// EditDeployment changes the sender's half before it is proposed.
func (d *Desk) EditDeployment(ctx context.Context, actor access.Actor, rid id.ID, seen int, in MissionInput) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := visible(ctx, tx, d.deployments, actor, rid)
		if err != nil {
			return err
		}
		in.To, in.Offer = was.To, was.Offer
		if err := d.follow(ctx, tx, actor, &in.Link); err != nil {
			return err
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.deployments, actor, rid, seen, "edit", desk.Change[Deployment]{
			Edit: func(r *Deployment) error { in.into(r); return nil }})
		return err
	})
}

// deploymentStep is the change of a step of the member that sends the team; it
// writes the sender's half alone.
func (d *Desk) deploymentStep(ctx context.Context, tx *db.Tx, a act) (desk.Change[Deployment], error) {
	c := desk.Change[Deployment]{}
	row, ok := missionSteps[a.verb]
	if !ok {
		return c, noVerb()
	}
	c.Edit = func(r *Deployment) error {
		force, err := d.holdsToday(ctx, tx, r.Arrangement, r.To)
		if err != nil {
			return err
		}
		r.force, r.words = force, a.in.Words
		if a.verb == "list_people" {
			r.Manifest = a.in.Manifest
			r.count()
		}
		row(&r.Mission, &a.in)
		if step, ok := Deployments.Find(r.State, a.verb); ok && step.To != "" {
			r.Mission.State = step.To
		}
		r.Mission.Seq, r.Mission.At, r.Mission.Post = r.Mission.Seq+1, d.env.Clock.Now(), a.actor.Name
		r.Told = r.Told || a.verb == "propose"
		return nil
	}
	c.Then = func(ctx context.Context, tx *db.Tx, r *Deployment) error {
		if !r.Told {
			return nil
		}
		return d.sendMission(ctx, tx, r)
	}
	return c, nil
}

// missionSteps are what each step writes into the sender's half.
var missionSteps = map[workflow.Verb]func(m *Mission, in *StepInput){
	"list_people": func(*Mission, *StepInput) {},
	"propose":     func(*Mission, *StepInput) {},
	"ask_clearance": func(m *Mission, in *StepInput) {
		m.Entry, m.ETA = either(in.Entry, m.Entry), either(in.ETA, m.ETA)
	},
	"mobilise": func(m *Mission, in *StepInput) {
		m.Conveyance, m.ETD, m.ETA = either(in.Carrier, m.Conveyance), either(in.ETD, m.ETD), either(in.ETA, m.ETA)
		m.Radio = either(in.Radio, m.Radio)
	},
	"start": func(*Mission, *StepInput) {},
	"ask_extension": func(m *Mission, in *StepInput) {
		m.Ask = Extension{Until: in.Until, Words: in.Words, N: m.Ask.N + 1}
	},
	"demobilise": func(m *Mission, in *StepInput) {
		m.Reason, m.LastDay, m.Handover, m.Needs, m.Consumption = in.Words, in.Day, in.Handover, in.Needs, in.Consumption
		m.ETD = either(in.ETD, m.ETD)
	},
	"debrief": func(m *Mission, in *StepInput) { m.Report = in.Words },
	"cancel":  func(m *Mission, in *StepInput) { m.Reason = in.Words },
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// hostStep is the change of a step of the host; it writes the host's half
// alone.
func (d *Desk) hostStep(_ context.Context, _ *db.Tx, a act) (desk.Change[Deployment], error) {
	c := desk.Change[Deployment]{}
	row, ok := hostSteps[a.verb]
	if !ok {
		return c, noVerb()
	}
	c.Edit = func(r *Deployment) error {
		r.words = a.in.Words
		row(&r.Host, &r.Mission, &a.in)
		if step, ok := Hostings.Find(r.State, a.verb); ok && step.To != "" {
			r.Host.State = step.To
		}
		r.Host.Seq, r.Host.At, r.Host.Post = r.Host.Seq+1, d.env.Clock.Now(), a.actor.Name
		return nil
	}
	c.Then = func(ctx context.Context, tx *db.Tx, r *Deployment) error {
		if err := d.sendHost(ctx, tx, r); err != nil {
			return err
		}
		return d.tellProgress(ctx, tx, r.Request)
	}
	return c, nil
}

// hostSteps are what each step writes into the host's half. The sender's half
// is read, never written.
var hostSteps = map[workflow.Verb]func(h *Host, m *Mission, in *StepInput){
	"accept": func(h *Host, _ *Mission, in *StepInput) { h.Consent, h.Words = in.Consent, in.Words },
	"refuse": func(h *Host, _ *Mission, in *StepInput) { h.Words = in.Words },
	"clear_entry": func(h *Host, _ *Mission, in *StepInput) {
		h.Visa, h.Licence, h.Customs, h.Drugs, h.Cleared, h.ValidTo, h.Words = in.Visa, in.Licence, in.Customs, in.Drugs, in.People, in.Until, in.Words
	},
	"register": func(h *Host, _ *Mission, in *StepInput) { h.Arrived, h.Registered = in.Day, in.Registered },
	"grant": func(h *Host, m *Mission, in *StepInput) {
		if m.Ask.N > h.Extended.N {
			h.Extended = Extension{Until: m.Ask.Until, Words: in.Words, N: m.Ask.N, Given: true}
		} else {
			h.Extended.N = -1 // nothing to decide: the need refuses it
		}
	},
	"decline": func(h *Host, m *Mission, in *StepInput) {
		if m.Ask.N > h.Extended.N {
			// An extension that was granted before still holds.
			h.Extended = Extension{Until: h.Extended.Until, Words: in.Words, N: m.Ask.N, Given: h.Extended.Given}
		} else {
			h.Extended.N = -1
		}
	},
	"confirm_departure": func(h *Host, _ *Mission, in *StepInput) { h.Departed = in.Day },
	"clear_report":      func(h *Host, _ *Mission, in *StepInput) { h.ReportOK, h.Words = true, in.Words },
}
