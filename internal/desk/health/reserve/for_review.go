package reserve

import (
	"context"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// RecordsOn are the requests to the reserve because of an event and what
// follows from them: divisions, votes, movements, receipts, what is owed, how
// it was replaced, and the postings of all that.
// A review reads their history, each entry by the rule of this part.
func (d *Desk) RecordsOn(ctx context.Context, tx *db.Tx, event id.ID) ([]id.ID, error) {
	draws, divisions, moves, err := d.linked(ctx, tx, event)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for i := range draws {
		out = append(out, draws[i].ID)
		back, err := d.movements.all(ctx, tx, `item = ? AND parent = ''`, string(draws[i].C.Item))
		if err != nil {
			return nil, err
		}
		for _, m := range back { // replacements name the request that was answered
			if m.C.Draw == draws[i].ID {
				moves = append(moves, m)
			}
		}
	}
	parents := make([]id.ID, 0, len(divisions)+len(moves))
	for i := range divisions {
		parents = append(parents, divisions[i].ID)
	}
	for i := range moves {
		parents = append(parents, moves[i].ID)
	}
	for _, p := range parents {
		list, err := desk.IDs(ctx, tx, `SELECT id FROM reserve_record WHERE parent = ? AND kind IN (?, ?, ?) UNION SELECT id FROM reserve_posting WHERE movement = ?`,
			string(p), KindVote, KindArrival, KindDebt, string(p))
		if err != nil {
			return nil, err
		}
		out = append(append(out, p), list...)
	}
	return out, nil
}
