package risk

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

// GradeOf is the grade of the desk whose shape and colour a level takes.
func GradeOf(l Level) string {
	return map[Level]string{"low": "info", "moderate": "watch", "high": "warning", "very_high": "emergency"}[l]
}

// AssessmentPath is the page of an assessment.
func AssessmentPath(aid id.ID) string { return "/health/risk/" + string(aid) }

// PositionPath is the page of a position.
func PositionPath(pid id.ID) string { return "/health/positions/" + string(pid) }

// Todos lists what the actor can and should do now. It asks the same tables
// that enable the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, part := range []func(context.Context, *db.Tx, access.Actor) ([]desk.Todo, error){
			d.todoAssessments, d.todoExpiry, d.todoAsked, d.todoPositions,
		} {
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

func (d *Desk) todoOf(a *Assessment, what string, due time.Time) desk.Todo {
	return desk.Todo{Key: "todo.risk." + what, Grade: GradeOf(a.Level()), Title: a.Title, Owner: a.Owner, Record: a.ID, Event: a.Event,
		Href: AssessmentPath(a.ID), Due: due, Late: Late(due, d.env.Clock.Now())}
}

// waits is the step that an assessment in a state waits for.
var waits = map[workflow.State]workflow.Verb{Draft: "review", PeerReviewed: "approve", Approved: "publish"}

func (d *Desk) todoAssessments(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	as, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE copy_of = '' AND state IN (?, ?, ?) AND due > 0 ORDER BY due LIMIT ?`,
		string(Draft), string(PeerReviewed), string(Approved), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	var out []desk.Todo
	for _, a := range as {
		verb := waits[a.State]
		row, ok := Assessments.Find(a.State, verb)
		if !ok || !sees(r, &a.Head, true) || !Assessments.Allowed(row, a, actor) || slices.Contains(workflow.Unmet(row, a, actor, now), "risk.second_person") {
			continue
		}
		out = append(out, d.todoOf(&a, string(verb), a.Due))
	}
	return out, nil
}

// todoExpiry: an assessment that soon ends, or ended, wants a new one.
func (d *Desk) todoExpiry(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	as, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE copy_of = '' AND state = ? AND valid_until < ? ORDER BY valid_until LIMIT ?`,
		string(Published), clock.Micros(d.env.Clock.Now().Add(ExpiryNotice)), most)
	if err != nil {
		return nil, err
	}
	r := reach(actor)
	row, _ := Assessments.Find("", "draft")
	var out []desk.Todo
	for _, a := range as {
		redone, err := begunAnew(ctx, tx, &a)
		if err != nil {
			return nil, err
		}
		if !redone && sees(r, &a.Head, true) && Assessments.Allowed(row, a, actor) {
			out = append(out, d.todoOf(&a, "renew", a.ValidUntil))
		}
	}
	return out, nil
}

// begunAnew reports whether somebody is writing what will supersede it.
func begunAnew(ctx context.Context, tx *db.Tx, a *Assessment) (bool, error) {
	as, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE copy_of = '' AND event = ? AND state IN (?, ?, ?)`,
		string(a.Event), string(Draft), string(PeerReviewed), string(Approved))
	return slices.ContainsFunc(as, func(x Assessment) bool { return x.Supersedes == a.ID }), err
}

// todoAsked: another member's assessment that asks this state for a position.
func (d *Desk) todoAsked(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	row, _ := Positions.Find("", "draft")
	if !slices.Contains(access.States, d.env.Member) || !actor.HasAny(row.By...) {
		return nil, nil
	}
	as, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE copy_of <> '' AND state = ? AND scope = ? AND due > 0
		AND valid_until > ? ORDER BY due LIMIT ?`, string(Published), Regional, clock.Micros(d.env.Clock.Now()), most)
	if err != nil {
		return nil, err
	}
	r := reach(actor)
	var out []desk.Todo
	for _, a := range as {
		if !sees(r, &a.Head, false) {
			continue
		}
		all, err := positionsOf(ctx, tx, a.ID)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(p Position) bool { return p.Own() && p.State != Discarded && p.State != Withdrawn }) {
			out = append(out, d.todoOf(&a, "position", a.Due))
		}
	}
	return out, nil
}

// todoPositions: own positions that wait for their clearance.
func (d *Desk) todoPositions(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	ps, err := loadAll[Position](ctx, tx, `SELECT doc FROM risk_position WHERE copy_of = '' AND state = ? ORDER BY due LIMIT ?`, string(Clearance), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	row, _ := Positions.Find(Clearance, "release")
	var out []desk.Todo
	for _, p := range ps {
		if !sees(r, &p.Head, true) || !Positions.Allowed(row, p, actor) || slices.Contains(p.Authors, actor.Account) {
			continue
		}
		out = append(out, desk.Todo{Key: "todo.risk.clear", Grade: GradeOf(p.Level()), Title: p.Title, Owner: p.AssessmentOwner, Record: p.ID, Event: p.Event,
			Href: PositionPath(p.ID), Due: p.Due, Late: Late(p.Due, now)})
	}
	return out, nil
}

// Search finds assessments in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(desk.Words(query)) == 0 {
		return nil, nil
	}
	rows, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	var out []desk.Hit
	for _, r := range rows {
		out = append(out, desk.Hit{Key: "hit.risk", Title: r.View.Title, Text: r.View.EventName, Owner: r.View.Owner, Href: AssessmentPath(r.View.ID), At: r.View.Changed})
	}
	return out, err
}
