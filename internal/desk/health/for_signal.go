package health

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// RecordFromSignal makes an event inside the transaction that confirms a
// signal; the event's history names the signal. The facts are what the person
// who confirmed took over from it.
func (d *Desk) RecordFromSignal(ctx context.Context, tx *db.Tx, actor access.Actor, in EventInput, signal id.ID, facts []Fact) (Event, error) {
	var e Event
	e.Owner = d.env.Member
	in.into(&e)
	return desk.CreateIn(ctx, d.env, tx, d.events, actor, e, "record", desk.Change[Event]{
		Detail: map[string]any{"signal": string(signal), "facts": len(facts)},
		Then:   func(ctx context.Context, tx *db.Tx, e *Event) error { return d.addFacts(ctx, tx, actor, e, facts) }})
}

// LinkSignal says in the history of an event that a signal was confirmed as
// part of it. The event stays as it is but for the facts that the person took
// over, which only an event of this node can get.
func (d *Desk) LinkSignal(ctx context.Context, tx *db.Tx, actor access.Actor, event, signal id.ID, facts []Fact) error {
	e, err := d.visible(ctx, tx, actor, event)
	if err != nil {
		return err
	}
	if len(facts) > 0 && e.CopyOf != "" {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "figure", Key: "fault.signal.figures_own"}}}
	}
	if len(facts) > 0 {
		if e, err = desk.TakeIn(ctx, d.env, tx, d.events, actor, event, e.Version, "add_facts", desk.Change[Event]{
			Detail: map[string]any{"facts": len(facts), "signal": string(signal)},
			Then:   func(ctx context.Context, tx *db.Tx, e *Event) error { return d.addFacts(ctx, tx, actor, e, facts) }}); err != nil {
			return err
		}
	}
	entry := history.Entry{Account: actor.Account, Actor: actor.Name, Action: "health.event.link_signal",
		Record: history.Record{Desk: Name, Kind: d.events.Name, ID: e.ID, Version: e.Version}, From: e.State, To: e.State, Exercise: e.Exercise,
		Detail: []byte(`{"signal":"` + string(signal) + `"}`)}
	d.env.Notify(tx, "desk", "event:"+string(e.ID))
	return d.env.Log(ctx, tx, entry)
}

// EventForSignal is an event as the page of a signal shows it, if the actor
// may see it.
func (d *Desk) EventForSignal(ctx context.Context, tx *db.Tx, actor access.Actor, event id.ID) (EventView, error) {
	e, err := d.visible(ctx, tx, actor, event)
	if err != nil {
		return EventView{}, err
	}
	return viewEvent(&e, nil), nil
}
