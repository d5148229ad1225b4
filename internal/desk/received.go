package desk

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
)

// Receives makes a receiver write into the history what it took: that a copy of
// another member's record came or was taken back. A copy has no workflow here,
// so no state changes; without the entry nobody could later show what this node
// was told, and when, and the event stream would be silent about it. The
// catalogue has "action.<kind>.receive" and "action.<kind>.retract".
func (e *Env) Receives(deskName, kind string, receive exchange.Handler) exchange.Handler {
	return func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		if err := receive(ctx, tx, in); err != nil {
			return err
		}
		node, verb := access.Node(e.Member), ".receive"
		if in.Withdraws != "" {
			verb = ".retract"
		}
		return e.Log(ctx, tx, history.Entry{Account: node.Account, Actor: node.Name, Action: kind + verb,
			Record: history.Record{Desk: deskName, Kind: kind, ID: in.Ref.ID, Version: in.Ref.Version}, Digest: history.Digest(in.Body), Exercise: in.Exercise})
	}
}

// Known turns the outcome of reading a record into whether the actor may know
// of it.
func Known(err error) (bool, error) {
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
