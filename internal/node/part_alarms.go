package node

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/signal"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// alarmInbox makes signals of what a scan found, and says what became of them.
type alarmInbox struct{ signals *signal.Desk }

func (b alarmInbox) Raise(ctx context.Context, tx *db.Tx, o surveillance.Occurrence) (id.ID, error) {
	s, _, err := b.signals.Raise(ctx, tx, signal.Raise{Key: o.Key, Place: o.Place, Hazard: o.Hazard, Text: o.Text, Lang: o.Lang, FirstSeen: o.FirstSeen,
		Cases: &signal.Count{N: o.Cases}, Marking: o.Marking, At: o.At, Ref: o.Ref})
	return s.ID, err
}

// outcomes of a signal's states; those that are not here are open.
var outcomes = map[workflow.State]string{signal.VerifiedEvent: "verified", signal.Discarded: "discarded", signal.Monitored: "monitored", signal.Duplicate: "joined"}

func (b alarmInbox) Fate(ctx context.Context, tx *db.Tx, actor access.Actor, sid id.ID) (surveillance.Fate, bool, error) {
	v, _, err := b.signals.Lookup(ctx, tx, actor, sid)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		return surveillance.Fate{}, false, nil
	}
	f := surveillance.Fate{Signal: sid, State: v.State, Outcome: "open", Event: v.Event}
	if o, ok := outcomes[v.State]; ok {
		f.Outcome = o
	}
	return f, err == nil, err
}
