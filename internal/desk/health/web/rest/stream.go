package rest

import (
	"context"
	"strings"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/history"
)

// topics of actions that send or receive a release, or answer one. What is
// not here is the topic "record".
var topics = map[string]string{
	"health.notification.release": "release", "health.notification.withdraw": "release", "health.notification.remind": "release",
	"health.notice.receive": "release", "health.notice.update": "release", "health.notice.withdraw": "release", "health.notice.remind": "release",
	"health.notice.open": "receipt", "health.notice.acknowledge": "receipt", "health.notice.ask": "receipt", "health.notice.refuse": "receipt",
	"health.notification.complete": "receipt",
}

// Describe tells a stream what an entry of the history is about, if the actor
// may read that record. Which record and what happened to it travels, never
// what is in it.
func (d *Desk) Describe(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (api.StreamEvent, bool, error) {
	if e.Record.Desk != health.Name || !actor.InScope(Read) {
		return api.StreamEvent{}, false, nil
	}
	knows, err := d.desk.Knows(ctx, tx, actor, e)
	if err != nil || !knows {
		return api.StreamEvent{}, false, err
	}
	out := api.StreamEvent{Topic: "record", Desk: e.Record.Desk, Kind: e.Record.Kind, ID: e.Record.ID, Version: e.Record.Version,
		Action: strings.TrimPrefix(e.Action, e.Record.Kind+"."), At: e.At, Exercise: e.Exercise}
	if t, ok := topics[e.Action]; ok {
		out.Topic = t
	}
	return out, true, nil
}
