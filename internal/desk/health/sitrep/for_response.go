package sitrep

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Collection is how far the newest regional report on a family has come.
type Collection struct {
	Report  id.ID
	Owner   access.Member
	Title   string
	Href    string
	Number  int
	State   workflow.State
	In      int             // inputs received by the cut-off, with those that say "nothing"
	Of      int             // members that were asked
	Missing []access.Member // without an input in this issue
	CutOff  time.Time
	Overdue bool // the cut-off has passed, inputs are missing and it is not composed yet
	Level   int
}

// mostFamilies is how many regional reports Collections looks back at.
const mostFamilies = 100

// Collections are the newest regional reports, one of each family: own ones as
// their inputs stand now, those of other members as they were issued.
func (d *Desk) Collections(ctx context.Context, actor access.Actor) ([]Collection, error) {
	var out []Collection
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		list, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE scope = ? AND state IN (?, ?, ?, ?, ?) ORDER BY number DESC, changed DESC, id DESC LIMIT ?`,
			Regional, string(Compiling), string(Draft), string(Clearance), string(Cleared), string(Issued), mostFamilies)
		if err != nil {
			return err
		}
		seen, reach, now := map[id.ID]bool{}, reach(actor), d.env.Clock.Now()
		for i := range list {
			r := &list[i]
			if seen[r.Family] || !sees(reach, &r.Head, r.Own(), true) {
				continue
			}
			seen[r.Family] = true
			if r.State == Compiling {
				given, err := d.given(ctx, tx, r)
				if err != nil {
					return err
				}
				r.compose(given)
			}
			v := viewReport(r)
			c := Collection{Report: r.ID, Owner: r.Owner, Title: r.Title, Href: Path(r.ID), Number: r.Number, State: r.State, In: v.Count(In, Nothing), Of: len(v.Inputs),
				Missing: v.Missing(), CutOff: r.CutOff, Level: r.Level}
			c.Overdue = r.State == Compiling && len(c.Missing) > 0 && late(r.CutOff, now)
			out = append(out, c)
		}
		return nil
	})
	return out, err
}
