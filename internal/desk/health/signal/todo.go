package signal

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/workflow"
)

// mostTodos is how many of one kind the duty desk lists one by one; the rest
// wait in the inbox, which one more line says.
const mostTodos = 20

// Todos are the signals that wait for the actor: those to triage, those to
// verify, and for the approver and the focal point those whose verification
// is open after its time.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	now := d.env.Clock.Now()
	oversees := actor.HasAny(access.Approver) && !actor.HasAny(watchers...) // the others have it as one to verify
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, k := range []struct {
			key   string
			state workflow.State
			verb  workflow.Verb
			late  bool
		}{{"todo.signal.triage", Received, "triage", false}, {"todo.signal.verify", Triaged, "begin", false},
			{"todo.signal.verify", UnderVerification, "verify", false}, {"todo.signal.escalated", Triaged, "take_over", true},
			{"todo.signal.escalated", UnderVerification, "take_over", true}} {
			if k.late && !oversees {
				continue
			}
			row, ok := Signals.Find(k.state, k.verb)
			if !ok {
				continue
			}
			more, err := d.todosOf(ctx, tx, actor, k.state, row, k.key, k.late, now)
			if err != nil {
				return err
			}
			out = append(out, more...)
		}
		return nil
	})
	return out, err
}

func (d *Desk) todosOf(ctx context.Context, tx *db.Tx, actor access.Actor, state workflow.State, row *workflow.Step[Signal], key string, late bool, now time.Time) ([]desk.Todo, error) {
	c := &condition{}
	reachOf(c, actor)
	c.add(true, "state = ?", string(state))
	c.add(late, "rank < ?", clock.Micros(now))
	c.add(true, "(claimed_until <= ? OR claimer = ?)", clock.Micros(now), string(actor.Account))
	found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE `+c.String()+` ORDER BY rank, id LIMIT ?`, append(c.args, mostTodos)...)
	if err != nil {
		return nil, err
	}
	var out []desk.Todo
	for i := range found {
		s := &found[i]
		if !Signals.Allowed(row, *s, actor) || !sees(health.ReachOf(actor), s) {
			continue
		}
		t := desk.Todo{Key: key, Title: s.Title(), Owner: d.env.Member, Record: s.ID, Href: "/health/signals/" + string(s.ID), Due: s.Due, Late: Late(s.Due, now)}
		if s.Overdue(now) {
			t.Key, t.Grade = "todo.signal.escalated", string(health.Warning)
		}
		if yes, _ := s.ConcernCount(); yes > 0 {
			t.Grade = string(health.Warning)
		}
		out = append(out, t)
	}
	return out, nil
}

// Search finds signals for the search over everything.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	found, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []desk.Hit
	for _, v := range found {
		out = append(out, desk.Hit{Key: "hit.signal", Title: v.Title, Text: firstLine(v.SourceName+" "+v.Ref, 120), Owner: d.env.Member,
			Href: "/health/signals/" + string(v.ID), At: v.Received})
	}
	return out, nil
}
