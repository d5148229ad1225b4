package trail

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Todos lists what the actor can and should do now.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !sees(actor, &Base{}) {
		return nil, nil
	}
	var out []desk.Todo
	now := d.env.Clock.Now()
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := pairs(ctx, tx, actor, now, Filter{Open: true, Limit: mostRows})
		for i := range list {
			if what := d.waits(actor, &list[i], now); what != "" {
				p := &list[i]
				out = append(out, desk.Todo{Key: "todo.trail." + what, Grade: map[bool]string{true: "warning"}[p.Late], Title: p.Proposal.Title, Owner: p.Proposal.For,
					Record: p.Proposal.ID, Href: Path(KindAction, p.Proposal.ID), Due: p.Due, Late: p.Late})
			}
		}
		return err
	})
	return out, err
}

// waits is what of an action waits for the actor; empty: nothing.
func (d *Desk) waits(actor access.Actor, p *Pair, now time.Time) string {
	clears, writes := actor.HasAny(clearers...), actor.HasAny(writers...)
	switch {
	case p.OwnProposal && p.Stage == Draft && clears && p.Proposal.Deliverable != "":
		return "propose"
	case p.OwnAction && p.Stage == Offered && clears:
		return "answer"
	case p.OwnAction && p.Stage == Finished && clears:
		return "report"
	case p.OwnAction && slices.Contains(busy, p.Stage) && p.Stage != Finished && writes && !p.Due.After(now.Add(DueNotice)):
		return "due"
	case p.OwnProposal && (p.Stage == Countered || p.Stage == Declined) && clears:
		return "again"
	case p.OwnProposal && p.Stage == Done && clears:
		return "verify"
	}
	return ""
}

// Search finds records in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(query) == 0 {
		return nil, nil
	}
	f := Filter{Query: query, Limit: limit}
	fs, _, err := d.Findings(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	rs, _, err := d.Recommendations(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	as, _, err := d.Actions(ctx, actor, f)
	var out []desk.Hit
	add := func(key, kind string, s *Shown) {
		if s.State != Withdrawn && len(out) < limit {
			out = append(out, desk.Hit{Key: "hit.trail." + key, Title: s.Title, Text: s.Source.Title, Owner: s.Owner, Href: Path(kind, s.ID), At: s.Changed})
		}
	}
	for i := range as {
		add("action", KindAction, &as[i].Proposal.Shown)
	}
	for i := range rs {
		add("recommendation", KindRecommendation, &rs[i].Shown)
	}
	for i := range fs {
		add("finding", KindFinding, &fs[i].Shown)
	}
	return out, err
}

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	var marking string
	found, err := tx.Row(ctx, `SELECT marking FROM trail_record WHERE id = ? AND kind = ?`, []any{string(e.Record.ID), e.Record.Kind}, &marking)
	return found && sees(actor, &Base{Head: desk.Head{Marking: access.Marking(marking)}}), err
}

// RecordsOf are the records of the trail that came from a source.
func RecordsOf(ctx context.Context, tx *db.Tx, source id.ID) ([]id.ID, error) {
	return desk.IDs(ctx, tx, `SELECT id FROM trail_record WHERE source = ?`, string(source))
}

// Stages of an action in the order of the filter.
var Stages = []workflow.State{Draft, Offered, Accepted, Countered, Declined, Working, Finished, Done, Verified, Dropped, Ended, Closed}
