package sitrep

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// most is how many rows of one kind the list reads.
const most = 100

// Path is the page of a report.
func Path(rid id.ID) string { return "/health/sitreps/" + string(rid) }

// CallPath is the page of a request for an input.
func CallPath(cid id.ID) string { return "/health/sitrep-calls/" + string(cid) }

// Todos lists what the actor can and should do now. It asks the same table
// that enables the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	out, err := d.todoCalls(ctx, actor)
	if err != nil {
		return nil, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, part := range []func(context.Context, *db.Tx, access.Actor) ([]desk.Todo, error){d.todoReports, d.todoNext} {
			t, err := part(ctx, tx, actor)
			if err != nil {
				return err
			}
			out = append(out, t...)
		}
		return nil
	})
	return out, err
}

// todoCalls: another member asks for our input and we have sent none.
func (d *Desk) todoCalls(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !MayWrite(actor) {
		return nil, nil
	}
	calls, err := d.Calls(ctx, actor)
	var out []desk.Todo
	for _, c := range calls {
		if c.Answer != "" { // its own steps are listed below
			continue
		}
		key := "todo.sitrep.input"
		if !c.Reminded.IsZero() {
			key = "todo.sitrep.reminded"
		}
		out = append(out, desk.Todo{Key: key, Title: c.Name, Owner: c.Owner, Record: c.ID, Href: CallPath(c.ID), Due: c.CutOff, Late: c.Late})
	}
	return out, err
}

// waits is the step that a report in a state waits for.
var waits = map[workflow.State]workflow.Verb{Compiling: "compose", Draft: "submit", Clearance: "clear", Cleared: "issue"}

func (d *Desk) todoReports(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	list, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE copy_of = '' AND state IN (?, ?, ?, ?) ORDER BY due, id LIMIT ?`,
		string(Compiling), string(Draft), string(Clearance), string(Cleared), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	var out []desk.Todo
	for i := range list {
		x := &list[i]
		verb := waits[x.State]
		row, ok := Reports.Find(x.State, verb)
		if !ok || !sees(r, &x.Head, true, x.Scope == Regional) || !Reports.Allowed(row, *x, actor) ||
			x.State == Clearance && slices.Contains(x.Authors, actor.Account) || x.State == Draft && x.Due.IsZero() {
			continue
		}
		t := desk.Todo{Key: "todo.sitrep." + string(verb), Grade: string(x.Grade), Title: x.Title, Owner: x.Owner, Record: x.ID, Event: x.Event, Href: Path(x.ID),
			Due: x.Due, Late: late(x.Due, now)}
		if x.State == Compiling {
			given, err := d.given(ctx, tx, x)
			if err != nil {
				return nil, err
			}
			x.compose(given)
			v := viewReport(x)
			t.Members = v.Missing()
			if t.Late && len(t.Members) > 0 {
				t.Key = "todo.sitrep.overdue"
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// todoNext: the next issue of a series is due soon and nobody has begun it.
func (d *Desk) todoNext(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	if !MayWrite(actor) {
		return nil, nil
	}
	now := d.env.Clock.Now()
	list, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE copy_of = '' AND state = ? AND next_issue > 0 AND next_issue < ? ORDER BY next_issue, id LIMIT ?`,
		string(Issued), clock.Micros(now.Add(NextNotice)), most)
	if err != nil {
		return nil, err
	}
	r := reach(actor)
	var out []desk.Todo
	for i := range list {
		x := &list[i]
		if !sees(r, &x.Head, true, x.Scope == Regional) {
			continue
		}
		series, err := seriesOf(ctx, tx, x)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(series, func(y Report) bool { return y.Number > x.Number }) || now.Sub(x.Next) > 30*24*time.Hour {
			continue
		}
		out = append(out, desk.Todo{Key: "todo.sitrep.next", Grade: string(x.Grade), Title: x.Subject, Owner: x.Owner, Record: x.ID, Event: x.Event, Href: Path(x.ID),
			Due: x.Next, Late: late(x.Next, now)})
	}
	return out, nil
}

// Search finds reports in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(trim([]string{query})) == 0 {
		return nil, nil
	}
	rows, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	var out []desk.Hit
	for _, r := range rows {
		out = append(out, desk.Hit{Key: "hit.sitrep", Title: r.View.Title, Text: r.View.Subject, Owner: r.View.Owner, Href: Path(r.View.ID), At: r.View.Changed})
	}
	return out, err
}
