package ihr

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

const most = 100

// Paths of the records' pages.
func Annex2Path(aid id.ID) string        { return "/health/annex2/" + string(aid) }
func MeasurePath(mid id.ID) string       { return "/health/measures/" + string(mid) }
func DeterminationPath(xid id.ID) string { return "/health/determinations/" + string(xid) }

// Todos lists what the actor can and should do now. It asks the same tables
// that enable the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, part := range []func(context.Context, *db.Tx, access.Actor) ([]desk.Todo, error){d.todoAnnex2, d.todoMeasures, d.todoLapsing, d.todoDetermination, d.todoAmendment} {
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

// todoAnnex2: a first reading to be finished by who began it, a second reader
// who is wanted, a decision, and the notification that must leave.
func (d *Desk) todoAnnex2(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	all, err := annexStore.all(ctx, tx, `state IN (?, ?, ?) OR state = ? AND due > 0 ORDER BY due LIMIT ?`, string(FirstRead), string(SecondRead),
		string(Deciding), string(Decided), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	what := map[workflow.State][2]string{FirstRead: {"finish", "first"}, SecondRead: {"finish", "second"}, Deciding: {"decide", "decide"}, Decided: {"told", "told"}}
	var out []desk.Todo
	for _, a := range all {
		step, ok := Annex2s.Find(a.State, workflow.Verb(what[a.State][0]))
		if !ok || !sees(r, &a.Head, true) || !Annex2s.Allowed(step, a, actor) {
			continue
		}
		unmet := workflow.Unmet(step, a, actor, now)
		if slices.Contains(unmet, "ihr.other_person") || slices.Contains(unmet, "ihr.reader") {
			continue // somebody else must
		}
		out = append(out, desk.Todo{Key: "todo.ihr." + what[a.State][1], Title: a.EventName, Owner: a.Owner, Record: a.ID, Event: a.Event, Href: Annex2Path(a.ID),
			Due: a.Due, Late: Late(a.Due, now)})
	}
	return out, nil
}

// todoMeasures: the report to WHO within 48 hours, a review whose day has
// come, and a clearance that waits.
func (d *Desk) todoMeasures(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	all, err := measureStore.all(ctx, tx, `copy_of = '' AND state IN (?, ?, ?) ORDER BY expires LIMIT ?`, string(Planned), string(InForce), string(Reported), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	var out []desk.Todo
	for _, m := range all {
		if !sees(r, &m.Head, true) {
			continue
		}
		for _, w := range d.waits(&m, now) {
			step, ok := Measures.Find(m.State, w.verb)
			if !ok || !Measures.Allowed(step, m, actor) || w.verb == "release" && slices.Contains(m.Authors, actor.Account) {
				continue
			}
			out = append(out, desk.Todo{Key: "todo.ihr." + w.key, Title: m.Content.Title, Owner: m.Owner, Record: m.ID, Event: m.Event, Href: MeasurePath(m.ID),
				Due: w.due, Late: Late(w.due, now)})
		}
	}
	return out, nil
}

type wait struct {
	verb workflow.Verb
	key  string
	due  time.Time
}

// waits is what a measure waits for.
func (d *Desk) waits(m *Measure, now time.Time) []wait {
	var out []wait
	if m.State == InForce {
		out = append(out, wait{"report", "report", m.Due})
	}
	if slices.Contains(held, m.State) && !m.until().After(now.Add(ExpiryNotice)) {
		out = append(out, wait{"renew", "expiry", m.until()})
	} else if t, err := time.Parse(time.DateOnly, m.Review); err == nil && slices.Contains(held, m.State) && !t.After(now) {
		out = append(out, wait{"review", "review", t.AddDate(0, 0, 1)})
	}
	if len(m.Members) > 0 && (m.Cleared == nil || !sameContent(m.Cleared, &m.Content)) {
		out = append(out, wait{"release", "clear", time.Time{}})
	}
	return out
}

// todoLapsing: recommendations of a determination that end within the days of
// notice, or have ended.
func (d *Desk) todoLapsing(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	all, err := determinationStore.all(ctx, tx, `state = ? ORDER BY changed LIMIT ?`, string(Standing), most)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	step, _ := Determinations.Find(Standing, "edit")
	var out []desk.Todo
	for _, x := range all {
		if !x.Own() || !sees(r, &x.Head, true) || !Determinations.Allowed(step, x, actor) {
			continue
		}
		for _, rec := range x.Recommendations {
			t, err := time.Parse(time.DateOnly, rec.Expires)
			if end := t.AddDate(0, 0, 1); err == nil && !end.After(now.Add(7*24*time.Hour)) {
				out = append(out, desk.Todo{Key: "todo.ihr.lapse", Title: x.Title, Owner: x.Owner, Record: x.ID, Event: x.Event, Href: DeterminationPath(x.ID), Due: end, Late: Late(end, now)})
				break
			}
		}
	}
	return out, nil
}

// todoDetermination: a determination that waits for a second person before its
// recipients get it.
func (d *Desk) todoDetermination(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	all, err := determinationStore.all(ctx, tx, `state = ? ORDER BY changed LIMIT ?`, string(Standing), most)
	if err != nil {
		return nil, err
	}
	step, _ := Determinations.Find(Standing, "release")
	var out []desk.Todo
	for _, x := range all {
		if !x.Own() || len(x.Members) == 0 || !sees(reach(actor), &x.Head, true) || !Determinations.Allowed(step, x, actor) || slices.Contains(x.Authors, actor.Account) {
			continue
		}
		if v := viewDetermination(&x); x.Cleared == nil || !sameDetermination(x.Cleared, &v) {
			out = append(out, desk.Todo{Key: "todo.ihr.determination", Title: x.Title, Owner: x.Owner, Record: x.ID, Event: x.Event, Href: DeterminationPath(x.ID)})
		}
	}
	return out, nil
}

func (d *Desk) todoAmendment(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	all, err := amendmentStore.all(ctx, tx, `copy_of = '' AND state = ? LIMIT ?`, string(Draft), most)
	if err != nil {
		return nil, err
	}
	step, _ := Amendments.Find(Draft, "release")
	var out []desk.Todo
	for _, a := range all {
		if sees(reach(actor), &a.Head, true) && Amendments.Allowed(step, a, actor) && !slices.Contains(a.Authors, actor.Account) {
			out = append(out, desk.Todo{Key: "todo.ihr.amendment", Title: string(a.Owner), Owner: a.Owner, Record: a.ID, Href: "/health/amendments"})
		}
	}
	return out, nil
}

// Search finds measures and determinations in which every word occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	ms, _, err := d.Measures(ctx, actor, MeasureFilter{Query: query, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out []desk.Hit
	for _, v := range ms {
		out = append(out, desk.Hit{Key: "hit.ihr.measure", Title: v.Content.Title, Text: v.EventName, Owner: v.Owner, Href: MeasurePath(v.ID), At: v.Start})
	}
	all, err := d.DeterminationsOf(ctx, actor, "", "")
	for _, v := range all {
		if len(out) < limit && desk.Holds(strings.Join([]string{v.Title, v.By, health.HazardNames(v.Hazard), v.Kind, v.Source}, "\n"), query) {
			out = append(out, desk.Hit{Key: "hit.ihr.determination", Title: v.Title, Text: v.By, Owner: v.Owner, Href: DeterminationPath(v.ID)})
		}
	}
	return out, err
}
