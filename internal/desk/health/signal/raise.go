package signal

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// alarmGap is the silence after which the same alarm is a new signal.
const alarmGap = 28 * 24 * time.Hour

// Raise is an alarm of a surveillance method. Key names the series and the
// method; an alarm with the same key is the same signal while it persists.
type Raise struct {
	Key       string
	Place     string
	Hazard    string
	Text      string
	Lang      string
	FirstSeen health.Date
	Cases     *Count
	Marking   access.Marking
	At        time.Time       // of this occurrence; zero: now
	Ref       json.RawMessage // series, method, parameters, data version
}

// Raise makes a signal of an alarm, or lets the signal grow that the alarm
// made before, in the caller's transaction. made says which it was. The same
// occurrence (At and Ref) again changes nothing.
func (d *Desk) Raise(ctx context.Context, tx *db.Tx, r Raise) (s Signal, made bool, err error) {
	var c fault.Check
	c.That(r.Key != "" && len(r.Key) <= MaxLine, "key", "fault.signal.alarm_key")
	c.That(len(r.Ref) == 0 || json.Valid(r.Ref) && len(r.Ref) <= 16<<10, "ref", "fault.signal.alarm_ref")
	if err := c.Err(); err != nil {
		return s, false, err
	}
	if r.At.IsZero() {
		r.At = d.env.Clock.Now()
	}
	node, occurrence := access.Node(d.env.Member), Alarm{At: clock.Cut(r.At), Text: r.Text, Ref: r.Ref}
	old, err := d.persisting(ctx, tx, "alarm:"+r.Key, r.At)
	if err != nil {
		return s, false, err
	}
	if old != nil {
		if hasAlarm(old, occurrence) {
			return *old, false, nil
		}
		s, err = desk.TakeIn(ctx, d.env, tx, d.signals, node, old.ID, 0, "grow", desk.Change[Signal]{
			Edit:   func(s *Signal) error { grow(s, occurrence, r.Cases); return nil },
			Detail: map[string]any{"times": old.Raised + 1}})
		return s, false, err
	}
	s = Signal{Source: Indicator, Text: r.Text, Lang: r.Lang, Hazard: r.Hazard, FirstSeen: r.FirstSeen, Alarm: "alarm:" + r.Key}
	s.Place, s.Marking = r.Place, r.Marking
	coded(&s)
	grow(&s, occurrence, r.Cases)
	s, err = desk.CreateIn(ctx, d.env, tx, d.signals, node, s, "raise", desk.Change[Signal]{Then: d.compare})
	return s, true, err
}

// persisting is the signal that the key made and that still counts.
func (d *Desk) persisting(ctx context.Context, tx *db.Tx, key string, at time.Time) (*Signal, error) {
	found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE alarm = ? AND state <> ? ORDER BY created DESC LIMIT 1`, key, string(Discarded))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	s := &found[0]
	if n := len(s.Alarms); n > 0 && at.Sub(s.Alarms[n-1].At) > alarmGap {
		return nil, nil
	}
	return s, nil
}

func hasAlarm(s *Signal, a Alarm) bool {
	return slices.ContainsFunc(s.Alarms, func(b Alarm) bool { return a.At.Equal(b.At) && bytes.Equal(a.Ref, b.Ref) })
}

func grow(s *Signal, a Alarm, cases *Count) {
	s.Alarms = append(s.Alarms, a)
	slices.SortStableFunc(s.Alarms, func(a, b Alarm) int { return a.At.Compare(b.At) })
	if n := len(s.Alarms); n > MaxAlarms {
		s.Alarms = s.Alarms[n-MaxAlarms:]
	}
	s.Raised++
	if cases != nil {
		s.Cases = cases
	}
}

// FromPartner is what another state says of a signal, in a release that this
// node received.
type FromPartner struct {
	From    access.Member
	Release id.ID
	Input
}

// Received makes a signal of what another state sent, in the transaction that
// applies the release. The same release again gives the same signal.
func (d *Desk) Received(ctx context.Context, tx *db.Tx, in FromPartner) (Signal, error) {
	if in.From == "" || in.From == d.env.Member || in.Release == "" || !slices.Contains(access.All(), in.From) {
		return Signal{}, fault.New(fault.Invalid, "fault.signal.partner")
	}
	key := "release:" + string(in.Release)
	found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE alarm = ?`, key)
	if err != nil {
		return Signal{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	s := Signal{From: in.From, Release: in.Release, Alarm: key}
	in.Input.into(&s)
	s.Source = Partner
	return desk.CreateIn(ctx, d.env, tx, d.signals, access.Node(d.env.Member), s, "receive",
		desk.Change[Signal]{Detail: map[string]any{"from": string(in.From), "release": string(in.Release)}, Then: d.compare})
}

// Lookup is a signal for another part of the node, in its transaction, if the
// actor may see it; ref is how that part points to it.
func (d *Desk) Lookup(ctx context.Context, tx *db.Tx, actor access.Actor, sid id.ID) (v View, ref exchange.Ref, err error) {
	s, err := d.visible(ctx, tx, actor, sid)
	if err != nil {
		return v, ref, err
	}
	return view(&s, actor, d.env.Clock.Now()), s.Head.Ref(Name), nil
}

// escalateMost is how many signals one round escalates.
const escalateMost = 200

// Escalate marks the signals whose verification is open after its time, so
// that the history says when the approver and the focal point were called.
func (d *Desk) Escalate(ctx context.Context) (int, error) {
	n := 0
	now := d.env.Clock.Now()
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n = 0
		var late []id.ID
		for _, state := range []workflow.State{Triaged, UnderVerification} {
			err := tx.Each(ctx, `SELECT id FROM signal_signal WHERE state = ? AND rank < ? AND escalated < due ORDER BY rank LIMIT ?`,
				[]any{string(state), clock.Micros(now), escalateMost}, func(scan func(...any) error) error {
					var s string
					err := scan(&s)
					late = append(late, id.ID(s))
					return err
				})
			if err != nil {
				return err
			}
		}
		for _, sid := range late {
			if _, err := desk.TakeIn(ctx, d.env, tx, d.signals, access.Node(d.env.Member), sid, 0, "escalate", desk.Change[Signal]{
				Edit: func(s *Signal) error { s.Escalated = now; return nil }}); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
