package ihr

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
	var head *desk.Head
	own := true
	var err error
	switch e.Record.Kind {
	case KindAnnex2:
		var a Annex2
		a, err = annexStore.load(ctx, tx, e.Record.ID)
		head = &a.Head
	case KindDetermination:
		var x Determination
		x, err = determinationStore.load(ctx, tx, e.Record.ID)
		head, own = &x.Head, x.Own()
	case KindMeasure:
		var m Measure
		m, err = measureStore.load(ctx, tx, e.Record.ID)
		head, own = &m.Head, m.Own()
	case KindAmendment:
		var a Amendment
		a, err = amendmentStore.load(ctx, tx, e.Record.ID)
		head, own = &a.Head, a.Own()
	default:
		return false, nil
	}
	if err == nil && !sees(reach(actor), head, own) {
		return false, nil
	}
	return desk.Known(err)
}
