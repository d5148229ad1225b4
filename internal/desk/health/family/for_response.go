package family

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
)

// Brief is a family as far as other parts refer to it.
type Brief struct {
	View
	Marking  access.Marking
	Exercise string
	Open     bool
}

// Briefs are the families that the actor may see, own and received, without
// what this node holds of their events. An event whose owner declined is left
// out.
func (d *Desk) Briefs(ctx context.Context, actor access.Actor) ([]Brief, error) {
	r := health.ReachOf(actor)
	var out []Brief
	add := func(v View, m access.Marking, exercise string, open bool) {
		if !sees(r, m) {
			return
		}
		var entries []Entry
		for _, e := range v.Entries {
			if e.Standing != Declined {
				entries = append(entries, e)
			}
		}
		v.Entries = entries
		out = append(out, Brief{View: v, Marking: m, Exercise: exercise, Open: open})
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		own, err := docs[Family](ctx, tx, `SELECT doc FROM family_family ORDER BY changed DESC, id LIMIT ?`, most)
		if err != nil {
			return err
		}
		for i := range own {
			f := &own[i]
			v := viewFor(f, f.Owner)
			v.Entries = f.Entries
			add(v, f.Marking, f.Exercise, f.State == Draft || f.State == Shared)
		}
		copies, err := docs[Copy](ctx, tx, `SELECT doc FROM family_copy ORDER BY issued DESC, id LIMIT ?`, most)
		for _, c := range copies {
			add(c.View, c.Marking, c.Exercise, !c.Withdrawn && c.State == Shared)
		}
		return err
	})
	return out, err
}
