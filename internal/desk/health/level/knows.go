package level

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	r, sight, err := reach(actor), false, error(nil)
	switch e.Record.Kind {
	case KindProposal:
		var p Proposal
		p, err = d.loadProposal(ctx, tx, e.Record.ID)
		sight = sees(r, p.Marking)
	case KindPosition:
		var p Position
		p, err = d.loadPosition(ctx, tx, e.Record.ID)
		sight = sees(r, p.Marking) && (p.of == nil || sees(r, p.of.Marking))
	case KindActivation:
		var a Activation
		a, err = loadActivation(ctx, tx, e.Record.ID)
		sight = seesActivation(r, &a.Head, a.Own())
	}
	known, err := desk.Known(err)
	return known && sight, err
}
