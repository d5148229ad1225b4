package signal

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// visible loads a signal that the actor may read; what may not be read looks
// like what is not there.
func (d *Desk) visible(ctx context.Context, tx *db.Tx, actor access.Actor, sid id.ID) (Signal, error) {
	s, err := loadSignal(ctx, tx, sid)
	if err != nil {
		return s, err
	}
	if !sees(health.ReachOf(actor), &s) {
		return Signal{}, desk.NotFound()
	}
	return s, nil
}

// take is desk.Take after the check that the actor may know of the signal.
func (d *Desk) take(ctx context.Context, actor access.Actor, sid id.ID, seen int, verb workflow.Verb, change func(Signal) desk.Change[Signal]) (Signal, error) {
	var out Signal
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := d.visible(ctx, tx, actor, sid)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.signals, actor, sid, seen, verb, change(s))
		return err
	})
	return out, err
}

// Page is all that the page of a signal shows to one actor.
type Page struct {
	View
	Offers   []workflow.Offer
	Timeline []history.Entry
	Sealed   history.Signed
	Twins    []Proposal // undecided near duplicates, the most alike first
	Joined   []View     // signals that were joined to this one
	Into     *View      // the signal that this one was joined to
	Event    *health.EventView
}

// Offered is nil when the table offers the step, else why not.
func (p *Page) Offered(verb workflow.Verb) error {
	if slices.ContainsFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == verb }) {
		return nil
	}
	return desk.NotFound()
}

// Page reads a signal with everything that belongs to it.
func (d *Desk) Page(ctx context.Context, actor access.Actor, sid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		s, err := d.visible(ctx, tx, actor, sid)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		p.View, p.Offers = view(&s, actor, now), Signals.Offers(s, actor, now)
		if p.Timeline, err = history.Of(ctx, tx, sid); err != nil {
			return err
		}
		if p.Sealed, err = history.Last(ctx, tx); err != nil {
			return err
		}
		if p.Twins, err = d.proposals(ctx, tx, actor, &s); err != nil {
			return err
		}
		p.View.Twins = len(p.Twins)
		if p.Joined, err = d.joinedTo(ctx, tx, actor, sid, now); err != nil {
			return err
		}
		return d.around(ctx, tx, actor, &s, &p, now)
	})
	return p, err
}

// around adds the records that the signal points to, where the actor may see
// them.
func (d *Desk) around(ctx context.Context, tx *db.Tx, actor access.Actor, s *Signal, p *Page, now time.Time) error {
	if s.DuplicateOf != "" {
		if main, err := d.visible(ctx, tx, actor, s.DuplicateOf); err == nil {
			v := view(&main, actor, now)
			p.Into = &v
		}
	}
	if s.Event != "" {
		if e, err := d.health.EventForSignal(ctx, tx, actor, s.Event); err == nil {
			p.Event = &e
		}
	}
	return nil
}

// joinedTo are the signals that were joined to one, and to those in turn.
func (d *Desk) joinedTo(ctx context.Context, tx *db.Tx, actor access.Actor, sid id.ID, now time.Time) ([]View, error) {
	var out []View
	next := []id.ID{sid}
	for depth := 0; len(next) > 0 && depth < 5; depth++ {
		found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE duplicate_of IN (`+marks(len(next))+`) ORDER BY created LIMIT 100`, anys(next)...)
		if err != nil {
			return nil, err
		}
		next = next[:0]
		for i := range found {
			next = append(next, found[i].ID)
			if sees(health.ReachOf(actor), &found[i]) {
				out = append(out, view(&found[i], actor, now))
			}
		}
	}
	return out, nil
}

// OfEvent are the signals behind an event, the first that came first: those
// that were verified into it and those that were joined to these.
func (d *Desk) OfEvent(ctx context.Context, actor access.Actor, event id.ID) ([]View, error) {
	var out []View
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		now := d.env.Clock.Now()
		found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE event = ? ORDER BY created LIMIT 200`, string(event))
		if err != nil {
			return err
		}
		for i := range found {
			if !sees(health.ReachOf(actor), &found[i]) {
				continue
			}
			more, err := d.joinedTo(ctx, tx, actor, found[i].ID, now)
			if err != nil {
				return err
			}
			out = append(append(out, view(&found[i], actor, now)), more...)
		}
		return nil
	})
	return out, err
}
