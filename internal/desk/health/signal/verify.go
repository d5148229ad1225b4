package signal

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Confirmation is what turns a signal into an event, or into part of one that
// is known. Exactly one of Event and New is given.
type Confirmation struct {
	StepInput
	Event id.ID              // link to this one
	New   *health.EventInput // make this one
}

// Verify confirms a signal: in one transaction it makes or links the event,
// and both histories say so. The signal stays as it came.
func (d *Desk) Verify(ctx context.Context, actor access.Actor, sid id.ID, seen int, in Confirmation) (Signal, error) {
	var out Signal
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := d.visible(ctx, tx, actor, sid)
		if err != nil {
			return err
		}
		if (in.Event == "") == (in.New == nil) {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "event", Key: "fault.signal.event_one"}}}
		}
		// A signal whose step will be refused must not make an event first.
		if _, err := Signals.Authorise(s, "verify", actor); err != nil {
			return err
		}
		eid, err := d.eventFor(ctx, tx, actor, &s, in)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.signals, actor, sid, seen, "verify", desk.Change[Signal]{
			Detail: map[string]any{"event": string(eid), "reliability": in.Reliability, "credibility": in.Credibility, "confirmed_by": in.ConfirmedBy, "made": in.New != nil},
			Edit: func(s *Signal) error {
				d.judge(s, in.StepInput)
				s.Reason, s.Event, s.Claim = in.Reason, eid, nil
				s.Definition, s.LabEvidence, s.ConfirmedBy, s.ConfirmedOn = in.Definition, in.LabEvidence, in.ConfirmedBy, in.ConfirmedOn
				return nil
			}})
		return err
	})
	return out, err
}

func (d *Desk) eventFor(ctx context.Context, tx *db.Tx, actor access.Actor, s *Signal, in Confirmation) (id.ID, error) {
	if in.New == nil {
		return in.Event, d.health.LinkSignal(ctx, tx, actor, in.Event, s.ID)
	}
	e, err := d.health.RecordFromSignal(ctx, tx, actor, *in.New, s.ID)
	return e.ID, err
}

// EventDraft is what the form for a new event begins with: what the signal
// says. An event is always of the own state.
func (d *Desk) EventDraft(v View) health.EventInput {
	in := health.EventInput{Name: v.Title, Summary: v.Text, Lang: v.Lang, Hazard: v.Hazard, Agent: v.Agent, ICD11: v.ICD11, ICD10: v.ICD10,
		Grade: health.Watch, Marking: v.Marking, Places: []string{v.Place}, Detection: v.FirstSeen, Onset: v.Known["start"]}
	if r := []rune(in.Name); len(r) > health.MaxName {
		in.Name = string(r[:health.MaxName])
	}
	if d.env.Member != access.ASEC && Country(v.Place) != string(d.env.Member) {
		in.Places = []string{string(d.env.Member)}
	}
	if yes, _ := (&Signal{Concern: v.Concern}).ConcernCount(); yes >= 2 {
		in.Grade = health.Warning
	}
	return in
}
