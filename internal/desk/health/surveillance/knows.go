package surveillance

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
)

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read what the entry is about. Imports, their names of
// places and standing releases are known to those who may read their pages.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	r := health.ReachOf(actor)
	if r.None {
		return false, nil
	}
	of, err := e.Record.ID, error(nil)
	switch e.Record.Kind {
	case d.datasets.Name:
	case d.imports.Name:
		var i Import
		i, err = loadImport(ctx, tx, of)
		of = i.Dataset
		if !MayImport(actor) {
			return false, err
		}
	case d.shares.Name:
		var s Share
		s, err = loadShare(ctx, tx, of)
		of = s.Dataset
		if r.Places != nil || r.NoRed && s.Marking == access.TLPRed {
			return false, err
		}
	case d.scans.Name:
		var s ScanRun
		s, err = loadScan(ctx, tx, of)
		of = s.Set
	case d.aliases.Name:
		return MayImport(actor), nil
	case KindCounts:
		return knowsCounts(ctx, tx, r, of)
	case d.methods.Name:
		return true, nil // the methods are the same for every reader
	default:
		return false, nil
	}
	if err == nil {
		_, err = datasetOf(ctx, tx, r, of)
	}
	return desk.Known(err)
}

// knowsCounts is the rule for counts of another member, as for reading them.
func knowsCounts(ctx context.Context, tx *db.Tx, r health.Reach, share id.ID) (bool, error) {
	var marking string
	ok, err := tx.Row(ctx, `SELECT marking FROM surveillance_released WHERE share = ? ORDER BY received DESC LIMIT 1`, []any{string(share)}, &marking)
	return ok && r.Places == nil && !(r.NoRed && access.Marking(marking) == access.TLPRed), err
}
