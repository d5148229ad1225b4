package review

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
	"lintas/internal/workflow"
)

// Todos lists what the actor can and should do now.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !sees(reach(actor), access.TLPAmber) {
		return nil, nil
	}
	var out []desk.Todo
	now := d.env.Clock.Now()
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Review](ctx, tx, `SELECT doc FROM review_review WHERE open = 1 ORDER BY due, id LIMIT 200`)
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			if !sees(reach(actor), r.Marking) {
				continue
			}
			if r.Own() {
				if r.stand, err = d.trail.StandingOf(ctx, tx, r.Source()); err != nil {
					return err
				}
			}
			what := d.waits(actor, r, list, now)
			if what == "" {
				continue
			}
			t := desk.Todo{Key: "todo.review." + what, Title: r.Title, Owner: r.Owner, Record: r.ID, Href: Path(r.ID), Due: r.Due, Late: late(r.Due, now)}
			if i := slices.IndexFunc(r.Events, func(e EventRef) bool { return e.Owner == d.env.Member }); i >= 0 {
				t.Event = r.Events[i].ID
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// waits is what of a review waits for the actor; empty: nothing.
func (d *Desk) waits(actor access.Actor, r *Review, all []Review, now time.Time) string {
	if !r.Own() {
		joined := slices.ContainsFunc(all, func(x Review) bool { return x.Own() && x.Of == r.ID })
		if r.Joint && !joined && slices.Contains(r.Members, d.env.Member) && actor.HasAny(writers...) && r.State != Released {
			return "join"
		}
		return ""
	}
	offers := Reviews.Offers(*r, actor, now)
	can := func(verb workflow.Verb, spare ...string) bool {
		return slices.ContainsFunc(offers, func(o workflow.Offer) bool {
			return o.Verb == verb && !slices.ContainsFunc(o.Unmet, func(n string) bool { return !slices.Contains(spare, n) })
		})
	}
	switch {
	case r.State == Locked && actor.HasAny(writers...) && r.stand.Findings == 0:
		return "find"
	case can("validate", "review.agreed"):
		return "validate"
	case can("clear"):
		return "clear"
	case can("release", "review.recipients"):
		return "release"
	case can("follow"):
		return "follow"
	case can("close"):
		return "close"
	case r.State == Released && actor.HasAny(writers...):
		return "act"
	}
	return ""
}

// Search finds reviews in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if query == "" {
		return nil, nil
	}
	rows, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	var out []desk.Hit
	for _, r := range rows {
		out = append(out, desk.Hit{Key: "hit.review", Title: r.Title, Text: r.FamilyName, Owner: r.Owner, Href: Path(r.ID), At: r.Changed})
	}
	return out, err
}

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	r, err := one[Review](ctx, tx, `SELECT doc FROM review_review WHERE id = ?`, string(e.Record.ID))
	known, err := desk.Known(err)
	return known && sees(reach(actor), r.Marking), err
}
