package signal

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Input is what a person enters of a signal.
type Input struct {
	Source                                                       Source
	SourceName, Ref, Link, Text, Lang, Hazard, Agent, Population string
	Place, Locality                                              string
	FirstSeen                                                    health.Date
	Cases, Deaths                                                *Count
	Marking                                                      access.Marking
}

func (in Input) into(s *Signal) {
	s.Source, s.SourceName, s.Ref, s.Link, s.Text, s.Lang = in.Source, in.SourceName, in.Ref, in.Link, in.Text, in.Lang
	s.Hazard, s.Agent, s.Population, s.Place, s.Locality = in.Hazard, in.Agent, in.Population, in.Place, in.Locality
	s.FirstSeen, s.Cases, s.Deaths, s.Marking = in.FirstSeen, in.Cases, in.Deaths, in.Marking
	coded(s)
}

// coded fills in the codes of the hazard.
func coded(s *Signal) {
	if h, ok := health.HazardByKey(s.Hazard); ok {
		if s.ICD11 == "" {
			s.ICD11 = h.ICD11
		}
		if s.ICD10 == "" {
			s.ICD10 = h.ICD10
		}
	}
}

// Record makes a signal that a person entered.
func (d *Desk) Record(ctx context.Context, actor access.Actor, in Input) (Signal, error) {
	var s Signal
	in.into(&s)
	if !slices.Contains(Recordable, s.Source) {
		return s, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "source", Key: "fault.signal.source"}}}
	}
	return desk.Create(ctx, d.env, d.signals, actor, s, "record", desk.Change[Signal]{
		Detail: map[string]any{"source": string(s.Source)}, Then: d.compare})
}

// Edit changes what was entered. seen is the version that the person saw.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, sid id.ID, seen int, in Input) (Signal, error) {
	return d.take(ctx, actor, sid, seen, "edit", func(old Signal) desk.Change[Signal] {
		return desk.Change[Signal]{Detail: map[string]any{"fields": changed(old, in)}, Then: d.compare,
			Edit: func(s *Signal) error {
				if s.Hazard != in.Hazard {
					s.ICD10, s.ICD11 = "", ""
				}
				if !slices.Contains(Recordable, in.Source) {
					in.Source = s.Source
				}
				in.into(s)
				return nil
			}}
	})
}

// changed names the fields that an edit changes, for the history.
func changed(old Signal, in Input) []string {
	now := old
	in.into(&now)
	var out []string
	add := func(differs bool, name string) {
		if differs {
			out = append(out, name)
		}
	}
	add(old.Text != now.Text, "text")
	add(old.Source != now.Source || old.SourceName != now.SourceName || old.Ref != now.Ref || old.Link != now.Link, "source")
	add(old.Hazard != now.Hazard || old.Agent != now.Agent, "hazard")
	add(old.Place != now.Place || old.Locality != now.Locality, "place")
	add(old.FirstSeen != now.FirstSeen, "first_seen")
	add(!same(old.Cases, now.Cases), "cases")
	add(!same(old.Deaths, now.Deaths), "deaths")
	add(old.Population != now.Population, "population")
	add(old.Marking != now.Marking, "marking")
	return out
}

func same(a, b *Count) bool { return a == b || a != nil && b != nil && *a == *b }

// StepInput is what a step may bring along; a step takes what it is for.
type StepInput struct {
	Reason      string
	Concern     map[string]Answer // triage
	Hazard      string            // triage may correct it
	Reliability string            // triage, verify
	Credibility string
	Definition  Answer // verify
	LabEvidence string
	ConfirmedBy string
	ConfirmedOn health.Date
	Twin        id.ID // merge
}

// Step takes a step of the signal's table that a person takes. Confirming a
// signal as an event has its own action, Verify.
func (d *Desk) Step(ctx context.Context, actor access.Actor, sid id.ID, seen int, verb workflow.Verb, in StepInput) (Signal, error) {
	if verb == "verify" || verb == "edit" || verb == "record" {
		return Signal{}, fault.New(fault.Invalid, "fault.invalid") // these bring more than a reason
	}
	var out Signal
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.stepIn(ctx, tx, actor, sid, seen, verb, in)
		return err
	})
	return out, err
}

func (d *Desk) stepIn(ctx context.Context, tx *db.Tx, actor access.Actor, sid id.ID, seen int, verb workflow.Verb, in StepInput) (Signal, error) {
	old, err := d.visible(ctx, tx, actor, sid)
	if err != nil {
		return old, err
	}
	c := desk.Change[Signal]{Detail: map[string]any{}}
	in.Reason = strings.TrimSpace(in.Reason)
	if in.Reason != "" {
		c.Detail["reason"] = in.Reason
	}
	c.Edit = func(s *Signal) error {
		s.Reason = in.Reason
		d.apply(s, actor, verb, in)
		return nil
	}
	switch verb {
	case "merge":
		if in.Twin == "" {
			break // the table says that it is missing
		}
		if err := d.twin(ctx, tx, actor, sid, in.Twin); err != nil {
			return old, err
		}
		c.Detail["twin"] = string(in.Twin)
		c.Then = func(ctx context.Context, tx *db.Tx, s *Signal) error { return d.joined(ctx, tx, s) }
	case "split":
		c.Detail["twin"] = string(old.DuplicateOf)
		c.Then = func(ctx context.Context, tx *db.Tx, s *Signal) error { return d.parted(ctx, tx, s, old.DuplicateOf) }
	case "discard", "reopen":
		c.Then = d.closed
	}
	return desk.TakeIn(ctx, d.env, tx, d.signals, actor, sid, seen, verb, c)
}

// apply sets the fields that a step is for. What ends the work on a signal
// ends the claim.
func (d *Desk) apply(s *Signal, actor access.Actor, verb workflow.Verb, in StepInput) {
	now := d.env.Clock.Now()
	switch verb {
	case "claim", "take_over":
		s.Claim = &Claim{Account: actor.Account, Post: actor.Name, At: now, Until: now.Add(ClaimFor)}
	case "release":
		s.Claim = nil
	case "triage", "monitor", "discard", "begin":
		if s.State == Received {
			s.Outcome, s.Triaged = verb, desk.Mark{At: now, Account: actor.Account, Post: actor.Name}
		}
		d.judge(s, in)
	case "merge":
		s.DuplicateOf = in.Twin
	case "split":
		s.DuplicateOf, s.Outcome, s.Triaged = "", "", desk.Mark{}
	}
	if verb == "discard" || verb == "monitor" || verb == "merge" {
		s.Claim = nil
	}
}

func (d *Desk) judge(s *Signal, in StepInput) {
	if len(in.Concern) > 0 {
		s.Concern = in.Concern
	}
	if in.Hazard != "" && in.Hazard != s.Hazard {
		s.Hazard, s.ICD10, s.ICD11 = in.Hazard, "", ""
		coded(s)
	}
	if in.Reliability != "" {
		s.Reliability = in.Reliability
	}
	if in.Credibility != "" {
		s.Credibility = in.Credibility
	}
}
