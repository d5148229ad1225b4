package sop

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
)

// Each node looks by itself which levels are in force and starts its own
// published playbooks: nobody can make a task at another member. Looking again,
// or by two processes at once, starts nothing twice.

// Sweep starts what a level in force starts, and lets open runs follow their
// level when it is renewed, raised or over.
func (d *Desk) Sweep(ctx context.Context) error {
	if d.from.Standing == nil {
		return nil
	}
	node := access.Node(d.env.Member)
	standing, err := d.from.Standing(ctx, node)
	if err != nil {
		return err
	}
	var list []Playbook
	var open []Run
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		list, err = docs[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE copy_of = '' AND state = ? ORDER BY id LIMIT 500`, string(Published))
		if err == nil {
			open, err = docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE state = ? ORDER BY started, id LIMIT 1000`, string(Open))
		}
		return err
	})
	if err != nil {
		return err
	}
	// Each in a transaction of its own: what goes wrong with one playbook holds
	// up no other.
	var errs []error
	each := func(f func(tx *db.Tx) error) { errs = append(errs, d.env.DB.Write(ctx, f)) }
	for i := range open {
		if open[i].behind(standing) {
			each(func(tx *db.Tx) error { return d.follow(ctx, tx, node, open[i].ID, standing) })
		}
	}
	for i := range list {
		plan := Plan{Hazards: list[i].Hazards, Triggers: list[i].Triggers}
		for j := range standing {
			s := &standing[j]
			if least := plan.StartsAt(s.Kind, s.Level); least > 0 && plan.Fits(s.Hazard) {
				each(func(tx *db.Tx) error { return d.trigger(ctx, tx, node, &list[i], s, least) })
			}
		}
	}
	return errors.Join(errs...)
}

// latestRun is the last run of a code for a family or event.
func latestRun(ctx context.Context, tx *db.Tx, code string, scope id.ID) (Run, bool, error) {
	list, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE code = ? AND scope = ? ORDER BY started DESC, id DESC LIMIT 1`, code, string(scope))
	if err != nil || len(list) == 0 {
		return Run{}, false, err
	}
	return list[0], true, nil
}

// running is an open run of a code that already serves what a decision is
// about: the same family or event, or an event of the family.
func running(ctx context.Context, tx *db.Tx, code string, s *Decision) (id.ID, error) {
	open, err := docs[Run](ctx, tx, `SELECT doc FROM sop_run WHERE code = ? AND state = ? ORDER BY started, id`, code, string(Open))
	for i := range open {
		r := &open[i]
		if r.Family != "" && r.Family == s.Family || r.Event != "" && (r.Event == s.Event || slices.Contains(s.Events, r.Event)) {
			return r.ID, err
		}
	}
	return "", err
}

// trigger starts a playbook for a decision once, and not while one is open for
// the same event. A renewal of a level for which the playbook was already run
// to its end does not start it again; a higher level does.
func (d *Desk) trigger(ctx context.Context, tx *db.Tx, node access.Actor, p *Playbook, s *Decision, least int) error {
	key := p.Code + "|" + string(s.scope()) + "|" + string(s.ID) + "|" + strconv.Itoa(s.Level)
	if taken, err := claimed(ctx, tx, key); err != nil || taken {
		return err
	}
	rid, err := running(ctx, tx, p.Code, s)
	if err != nil {
		return err
	}
	begin := rid == ""
	if begin {
		last, found, err := latestRun(ctx, tx, p.Code, s.scope())
		if err != nil || found && s.From >= least && last.Level >= s.Level {
			return err
		}
		rid = d.env.IDs.New()
	}
	r := Run{Why: s.Kind, Decision: s.ID, Level: s.Level, Least: least, Until: s.Until, Family: s.Family, Event: s.Event, Subject: s.Title, Hazard: s.Hazard, Concerned: s.Concerned}
	if r.ID = rid; begin && !d.concerns(p, &r) {
		return nil
	}
	first, err := claim(ctx, tx, key, rid, clock.Micros(d.env.Clock.Now()))
	if err != nil || !first || !begin {
		return err
	}
	if r.Event == "" {
		r.Event = d.ownEvent(ctx, tx, node, s.Events)
	}
	r.Marking, r.Exercise, r.Place = stricter(s.Marking, p.Marking), s.Exercise, s.Place
	if r.Place == "" {
		r.Place = string(d.env.Member)
	}
	_, err = d.begin(ctx, tx, node, p, r)
	return err
}

// concerns reports whether a playbook has a step for this member at the level
// of a run: one of the states may give the Secretariat nothing to do.
func (d *Desk) concerns(p *Playbook, r *Run) bool {
	plan, err := p.Plan()
	return err == nil && slices.ContainsFunc(plan.Steps, func(s Step) bool { return r.asks(&s) && s.For(d.env.Member) })
}

// ownEvent is the first of these events that this member owns.
func (d *Desk) ownEvent(ctx context.Context, tx *db.Tx, node access.Actor, events []id.ID) id.ID {
	for _, e := range events {
		if v, err := d.health.EventIn(ctx, tx, node, e); err == nil && v.Owner == d.env.Member {
			return e
		}
	}
	return ""
}

// standsBy finds the decision that a run follows: of the same kind, for the
// same record, and not below the level that the playbook is for.
func (r *Run) standsBy(standing []Decision) *Decision {
	i := slices.IndexFunc(standing, func(s Decision) bool { return s.Kind == r.Why && s.scope() == r.scope() && s.Level >= r.Least })
	if i < 0 {
		return nil
	}
	return &standing[i]
}

// behind reports whether an open run is not in step with what stands now.
func (r *Run) behind(standing []Decision) bool {
	if r.Why == ByHand {
		return false
	}
	s := r.standsBy(standing)
	if s == nil {
		return r.Over.IsZero()
	}
	return !r.Over.IsZero() || r.Decision != s.ID || r.Level != s.Level || !r.Until.Equal(s.Until)
}

// follow keeps an open run in step with the level that started it. A level that
// is over closes nothing: the run says so, and its tasks stay.
func (d *Desk) follow(ctx context.Context, tx *db.Tx, node access.Actor, rid id.ID, standing []Decision) error {
	r, err := loadRun(ctx, tx, rid)
	if err != nil || r.State != Open || !r.behind(standing) {
		return err
	}
	s := r.standsBy(standing)
	if s == nil {
		_, err := desk.TakeIn(ctx, d.env, tx, d.runs, node, rid, 0, "over", desk.Change[Run]{Edit: func(r *Run) error {
			r.Over = d.env.Clock.Now()
			return nil
		}})
		return err
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.runs, node, rid, 0, "follow", desk.Change[Run]{Detail: map[string]any{"level": s.Level, "decision": s.ID}, Edit: func(r *Run) error {
		r.Decision, r.Level, r.Until, r.Concerned = s.ID, s.Level, s.Until, s.Concerned
		r.Over = time.Time{}
		return nil
	}, Then: d.planMore})
	return err
}

// planMore makes the tasks of steps that a higher level asks for.
func (d *Desk) planMore(ctx context.Context, tx *db.Tx, r *Run) error {
	p, err := loadPlaybook(ctx, tx, r.Playbook)
	if err != nil {
		return err
	}
	plan, err := p.Plan()
	if err != nil {
		return err
	}
	have, err := tasksOf(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	return d.plan(ctx, tx, r, &plan, have)
}
