package reserve

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
)

// Stage is how far an open request has come, as the divisions and movements
// that are known here say. The request itself stays with its owner, who closes
// it.
type Stage string

// Stages.
const (
	StageWaits     Stage = "waits"     // no division names it
	StageVoting    Stage = "voting"    // a division that names it is voted on
	StageAllocated Stage = "allocated" // all of it was decided
	StagePartly    Stage = "partly"    // a part of it was decided
	StageRefused   Stage = "refused"   // it was decided, and nothing was given
	StageArrived   Stage = "arrived"   // all that was decided has been received
)

// Progress is what came of a request, in units.
type Progress struct {
	Stage    Stage     `json:"stage" enum:"waits,voting,allocated,partly,refused,arrived"`
	Proposed int64     `json:"proposed" doc:"By divisions that are voted on."`
	Given    int64     `json:"given" doc:"By adopted divisions."`
	Sent     int64     `json:"sent"`
	Usable   int64     `json:"usable" doc:"Arrived in good order."`
	Short    int64     `json:"short"`
	Damaged  int64     `json:"damaged"`
	Decided  time.Time `json:"decided,omitzero" doc:"When the newest division that names it was decided."`
	Records  []id.ID   `json:"divisions,omitempty" doc:"Divisions that name it."`
}

// Progress says what came of each of some requests.
func (d *Desk) Progress(ctx context.Context, a access.Actor, draws []DrawView) (map[id.ID]Progress, error) {
	out := map[id.ID]Progress{}
	if !Sees(a) || len(draws) == 0 {
		return out, nil
	}
	var items []id.ID
	for i := range draws {
		if !slices.Contains(items, draws[i].C.Item) {
			items = append(items, draws[i].C.Item)
		}
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sums := map[id.ID]*Progress{}
		for i := range draws {
			sums[draws[i].ID] = &Progress{}
		}
		for _, item := range items {
			if err := d.decidedOf(ctx, tx, a, item, sums); err != nil {
				return err
			}
			if err := d.sentOf(ctx, tx, a, item, sums); err != nil {
				return err
			}
		}
		for i := range draws {
			p := sums[draws[i].ID]
			p.Stage = p.stage(draws[i].C.Qty)
			out[draws[i].ID] = *p
		}
		return nil
	})
	return out, err
}

func (p *Progress) stage(asked int64) Stage {
	switch {
	case p.Given > 0 && p.Usable+p.Short+p.Damaged >= p.Given:
		return StageArrived
	case p.Given >= asked:
		return StageAllocated
	case p.Given > 0:
		return StagePartly
	case p.Proposed > 0 || len(p.Records) > 0 && p.Decided.IsZero():
		return StageVoting
	case len(p.Records) > 0:
		return StageRefused
	}
	return StageWaits
}

// decidedOf adds up what the divisions of an item give to each request.
func (d *Desk) decidedOf(ctx context.Context, tx *db.Tx, a access.Actor, item id.ID, sums map[id.ID]*Progress) error {
	list, err := d.allocations.all(ctx, tx, `item = ? AND state IN (?, ?) ORDER BY changed, id`, string(item), string(Voted), string(Decided))
	if err != nil {
		return err
	}
	for i := range list {
		r := &list[i]
		if !sees(a, r.Marking) || !slices.ContainsFunc(r.C.Result.Shares, shareOf(sums)) {
			continue
		}
		if err := d.fillAllocation(ctx, tx, r); err != nil {
			return err
		}
		adopted := r.State == Decided && d.decide(ballotOf(r)).Outcome == Adopted
		for _, s := range r.C.Result.Shares {
			p := sums[id.ID(s.Draw)]
			if p == nil {
				continue
			}
			p.Records = append(p.Records, r.ID)
			switch {
			case adopted:
				p.Given += s.Qty
			case r.State == Voted:
				p.Proposed += s.Qty
			}
			if r.C.Decided.After(p.Decided) {
				p.Decided = r.C.Decided
			}
		}
	}
	return nil
}

// sentOf adds up what was sent for each request, and what came of it.
func (d *Desk) sentOf(ctx context.Context, tx *db.Tx, a access.Actor, item id.ID, sums map[id.ID]*Progress) error {
	list, err := d.movements.all(ctx, tx, `item = ? AND state IN (?, ?)`, string(item), string(Dispatched), string(Booked))
	if err != nil {
		return err
	}
	for i := range list {
		m := &list[i]
		p := sums[m.C.Draw]
		if p == nil || m.C.Purpose == ledger.Replenish || !sees(a, m.Marking) {
			continue
		}
		p.Sent += m.C.Sent()
		came, err := d.arrivals.all(ctx, tx, `parent = ? AND owner = ? AND state = ?`, string(m.ID), string(m.C.To), string(Received))
		if err != nil {
			return err
		}
		for k := range came {
			ok, short, damaged := came[k].C.Sum()
			p.Usable, p.Short, p.Damaged = p.Usable+ok, p.Short+short, p.Damaged+damaged
		}
	}
	return nil
}
