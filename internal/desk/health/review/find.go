package review

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/trail"
)

// Find begins a finding of a review on its locked evidence. Entries that it
// names stand in the locked set.
func (d *Desk) Find(ctx context.Context, actor access.Actor, rid id.ID, in trail.FindingInput) (trail.Finding, error) {
	p, err := d.Page(ctx, actor, rid)
	switch {
	case err != nil:
		return trail.Finding{}, err
	case !p.Own:
		return trail.Finding{}, fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.Owner))
	case p.Lock == nil:
		return trail.Finding{}, fault.New(fault.Conflict, "fault.review.not_locked")
	case !p.MayFind(actor):
		return trail.Finding{}, fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	if len(in.Entries) > 0 {
		var l Evidence
		if err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
			l, err = loadLock(ctx, tx, rid)
			return err
		}); err != nil {
			return trail.Finding{}, err
		}
		for _, n := range in.Entries {
			if !slices.ContainsFunc(l.Items, func(i Item) bool { return i.Index == n }) {
				return trail.Finding{}, invalid("entries", "fault.review.outside_lock")
			}
		}
	}
	return d.trail.DraftFinding(ctx, actor, p.SourceOf(), p.Exercise, in)
}
