package signal

import (
	"context"
	"strings"
	"time"

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
	// Figures of the signal that the person takes over into the event's; a
	// signal's number is unverified, so none goes by itself.
	Figures []Figure
	AsOf    time.Time // of the figures; zero: when the signal was recorded
	Source  string    // of the figures; empty: the signal's
}

// Figure takes a number of a signal over as a fact of a class.
type Figure struct {
	Indicator string // "cases" or "deaths"
	Class     string
	Note      string // how exact the number is, in words
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
	facts, err := s.facts(in, d.env.Clock.Now())
	if err != nil {
		return "", err
	}
	if in.New == nil {
		return in.Event, d.health.LinkSignal(ctx, tx, actor, in.Event, s.ID, facts)
	}
	e, err := d.health.RecordFromSignal(ctx, tx, actor, *in.New, s.ID, facts)
	return e.ID, err
}

// facts are the numbers of the signal that are taken over, as they were
// reported: in a new event at its first place, else at the signal's.
func (s *Signal) facts(in Confirmation, now time.Time) ([]health.Fact, error) {
	var out []health.Fact
	var c fault.Check
	at, asOf, source := s.Place, in.AsOf, strings.TrimSpace(in.Source)
	if in.New != nil && len(in.New.Places) > 0 {
		at = in.New.Places[0]
	}
	if asOf.IsZero() {
		asOf = s.Created.At.UTC().Truncate(time.Minute)
	}
	c.That(len(in.Figures) == 0 || !asOf.After(now.Add(24*time.Hour)), "figures_as_of", "fault.health.as_of")
	if source == "" {
		source = strings.Trim(s.SourceName+" "+s.Ref, " ")
	}
	if source == "" {
		source = string(s.Source)
	}
	for _, f := range in.Figures {
		n := map[string]*Count{"cases": s.Cases, "deaths": s.Deaths}[f.Indicator]
		c.That(n != nil, "figure."+f.Indicator, "fault.signal.figure")
		if n != nil {
			out = append(out, health.Fact{Indicator: f.Indicator, Class: f.Class, Place: at, Value: n.N, AsOf: asOf, Source: source, Note: f.Note})
		}
	}
	return out, c.Err()
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
