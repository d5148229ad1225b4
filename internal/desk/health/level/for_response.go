package level

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Brief is the level of a family in force now, as far as other parts refer to
// it.
type Brief struct {
	Family   id.ID
	Name     string
	Level    int
	Since    time.Time
	Review   time.Time // it ends then unless it is renewed
	Every    time.Duration
	Href     string // of the decision
	Exercise string
	Events   []id.ID
}

// InForceNow are the levels in force of the families that the actor may see, in
// the order of the families. A family without a level is left out.
func (d *Desk) InForceNow(ctx context.Context, actor access.Actor) ([]Brief, error) {
	families, err := d.Families(ctx, actor)
	if err != nil {
		return nil, err
	}
	r := reach(actor)
	var out []Brief
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, f := range families {
			if !sees(r, f.Marking) {
				continue
			}
			s, err := d.inForce(ctx, tx, f.ID, f.Exercise)
			if err != nil {
				return err
			}
			if step, ok := Current().At(s.Level); ok && s.Level > 0 {
				out = append(out, Brief{Family: f.ID, Name: f.Name, Level: s.Level, Since: s.Effective, Review: s.Review, Every: step.Every(), Href: Path(s.Proposal),
					Exercise: f.Exercise, Events: f.Events})
			}
		}
		return nil
	})
	return out, err
}
