package incident

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Ringing are the rings of all incidents that the actor may see and that nobody
// has acknowledged, those first that have waited longest.
func (d *Desk) Ringing(ctx context.Context, actor access.Actor) ([]RingView, error) {
	var out []RingView
	err := d.each(ctx, actor, func(ctx context.Context, tx *db.Tx, in *Incident, duties []Duty) error {
		rings, err := docs[Ring](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?) ORDER BY at, id`,
			string(in.ID), KindRing, string(Ringing), string(Escalated))
		for _, r := range rings {
			out = append(out, d.ringView(r, duties, actor, d.env.Clock.Now()))
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b RingView) int { return a.Rung.Compare(b.Rung) })
	return out, err
}

// each calls f for every incident that is not closed and that the actor sees,
// with its duties.
func (d *Desk) each(ctx context.Context, actor access.Actor, f func(context.Context, *db.Tx, *Incident, []Duty) error) error {
	r := reach(actor)
	if r.None {
		return nil
	}
	return d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Incident](ctx, tx, `SELECT doc FROM incident_record WHERE kind = ? AND state IN (?, ?) ORDER BY id LIMIT 100`, KindIncident, string(Open), string(Standing))
		for i := range list {
			if err != nil {
				return err
			}
			if !sees(r, &list[i].Head) {
				continue
			}
			var duties []Duty
			if duties, err = docs[Duty](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?, ?) ORDER BY at, id`,
				string(list[i].ID), KindDuty, string(Planned), string(OnDuty), string(HandedOver)); err == nil {
				err = f(ctx, tx, &list[i], duties)
			}
		}
		return err
	})
}

// Stand is an incident as the duty desk shows it.
type Stand struct {
	Incident
	Mine   []Duty // of the actor: on duty, or planned to be
	Vacant []string
	Rings  []RingView
	Period int
	Ends   time.Time
}

// Stands are the incidents that run.
func (d *Desk) Stands(ctx context.Context, actor access.Actor) ([]Stand, error) {
	var out []Stand
	now := d.env.Clock.Now()
	err := d.each(ctx, actor, func(ctx context.Context, tx *db.Tx, in *Incident, duties []Duty) error {
		s := Stand{Incident: *in}
		for _, x := range duties {
			if x.Holder == actor.Account && (x.holds() || x.To.After(now)) {
				s.Mine = append(s.Mine, x)
			}
		}
		for _, seat := range Chart(in.Functions, duties, now) {
			if seat.Vacant() {
				s.Vacant = append(s.Vacant, seat.Key)
			}
		}
		rings, err := docs[Ring](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?) ORDER BY at, id`,
			string(in.ID), KindRing, string(Ringing), string(Escalated))
		if err != nil {
			return err
		}
		for _, r := range rings {
			s.Rings = append(s.Rings, d.ringView(r, duties, actor, now))
		}
		p, ok, err := inForce(ctx, tx, in.ID)
		if ok {
			s.Period, s.Ends = p.Number, p.To
		}
		out = append(out, s)
		return err
	})
	return out, err
}

// levelGrade is the grade whose shape an activation takes.
func levelGrade(level int) string {
	return []string{"", string(health.Information), string(health.Watch), string(health.Warning), string(health.Emergency)}[min(max(level, 0), 4)]
}

// TakeNotice is how long before a shift its holder is reminded.
const TakeNotice = 30 * time.Minute

// Todos lists what the actor can and should do now.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !MayWork(actor) {
		return nil, nil
	}
	proposed, err := d.Proposed(ctx, actor)
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []desk.Todo
	for _, a := range proposed {
		out = append(out, desk.Todo{Key: "todo.incident.adopt", Grade: levelGrade(a.Level), Title: a.EventName, Owner: d.env.Member, Record: a.ID,
			Href: "/health/incidents", Post: "/health/incident-activations/" + string(a.ID)})
	}
	err = d.each(ctx, actor, func(ctx context.Context, tx *db.Tx, in *Incident, duties []Duty) error {
		todo := func(what, title, href, grade string, rid id.ID, due time.Time) {
			t := desk.Todo{Key: "todo.incident." + what, Grade: grade, Title: title, Owner: d.env.Member, Record: rid, Href: href, Due: due, Late: late(due, now)}
			if len(in.Events) == 1 {
				t.Event = in.Events[0].ID
			}
			out = append(out, t)
		}
		rings, err := docs[Ring](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?) ORDER BY at, id`,
			string(in.ID), KindRing, string(Ringing), string(Escalated))
		if err != nil {
			return err
		}
		for _, r := range rings {
			// the gravest there is: it comes through at night too
			if v := d.ringView(r, duties, actor, now); v.Named {
				todo("ring", r.Text, RingPath(&r), string(health.Emergency), r.ID, r.Due)
			}
		}
		mine := d.todoDuties(in, duties, actor, now, todo)
		return d.todoPlans(ctx, tx, in, duties, actor, mine, todo)
	})
	return out, err
}

// RingPath is where a ring is acknowledged.
func RingPath(r *Ring) string { return Path(r.Incident) + "/requirements#ring-" + string(r.ID) }

type noteTodo func(what, title, href, grade string, rid id.ID, due time.Time)

// todoDuties are the shifts that begin or should have ended; it returns the
// functions that the actor holds.
func (d *Desk) todoDuties(in *Incident, duties []Duty, actor access.Actor, now time.Time, todo noteTodo) (mine []string) {
	vacant := true
	for _, x := range duties {
		vacant = vacant && !(x.Function == Manager && x.holds())
		if x.Holder != actor.Account {
			continue
		}
		switch {
		case x.State == Planned && !now.Before(x.From.Add(-TakeNotice)) && now.Before(x.To):
			todo("take", in.Name, Path(in.ID)+"/organisation", "", x.ID, x.From)
		case x.State == OnDuty && !now.Before(x.To.Add(-TakeNotice)):
			todo("hand_over", in.Name, Path(in.ID)+"/duties/"+string(x.ID)+"/hand_over", "", x.ID, x.To)
		}
		if x.holds() {
			mine = append(mine, x.Function)
		}
	}
	if vacant && in.State == Open {
		todo("vacant", in.Name, Path(in.ID)+"/organisation", string(health.Warning), in.ID, time.Time{})
	}
	return mine
}

func (d *Desk) todoPlans(ctx context.Context, tx *db.Tx, in *Incident, duties []Duty, actor access.Actor, mine []string, todo noteTodo) error {
	plans, err := docs[Plan](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?, ?, ?) ORDER BY at, id`,
		string(in.ID), KindPlan, string(Draft), string(Submitted), string(Approved), string(InForce))
	if err != nil || in.State != Open {
		return err
	}
	now, covered := d.env.Clock.Now(), false
	var ends time.Time
	for _, p := range plans {
		if p.State == Submitted {
			p.open = true
			for _, x := range duties {
				if x.Function == Manager && x.holds() {
					p.managers = append(p.managers, x.Holder)
				}
			}
			if row, ok := Plans.Find(p.State, "approve"); ok && Plans.Allowed(row, p, actor) && len(workflow.Unmet(row, p, actor, now)) == 0 {
				todo("approve", in.Name, PlanPath(&p), "", p.ID, p.Due)
			}
		}
		if p.State == InForce {
			ends = p.To
		}
		covered = covered || p.State != InForce || p.To.After(now.Add(p.To.Sub(p.From)/4))
	}
	if !covered && slices.ContainsFunc(mine, func(f string) bool { return f == Planning || f == Manager }) {
		todo("plan", in.Name, Path(in.ID)+"/plans", "", in.ID, ends)
	}
	return nil
}

// PlanPath is the page of a plan.
func PlanPath(p *Plan) string { return Path(p.Incident) + "/plans/" + string(p.ID) }

// Search finds incidents and lines of their logs in which every word occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	words, r := wordsOf(query), reach(actor)
	if len(words) == 0 || r.None {
		return nil, nil
	}
	cond, args := "kind IN (?, ?)", []any{KindIncident, KindEntry}
	for _, w := range words {
		cond, args = cond+" AND needle LIKE ? ESCAPE '!'", append(args, w)
	}
	var out []desk.Hit
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := docs[struct {
			desk.Head
			Incident id.ID     `json:"incident"`
			Name     string    `json:"name"`
			Text     string    `json:"text"`
			Trigger  string    `json:"trigger"`
			At       time.Time `json:"at"`
		}](ctx, tx, `SELECT doc FROM incident_record WHERE `+cond+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, 4*limit)...)
		for _, x := range found {
			if err != nil || len(out) >= limit {
				return err
			}
			h := desk.Hit{Key: "hit.incident", Title: x.Name, Text: x.Trigger, Owner: d.env.Member, Href: Path(x.ID), At: x.Changed.At}
			if x.Kind == KindEntry {
				var in Incident
				if in, err = d.visible(ctx, tx, actor, x.Incident); fault.Is(err, fault.NotFound) {
					err = nil
					continue
				}
				h = desk.Hit{Key: "hit.incident_entry", Title: in.Name, Text: x.Text, Owner: d.env.Member, Href: Path(x.Incident) + "/log#e-" + string(x.ID), At: x.At}
			} else if !sees(r, &x.Head) {
				continue
			}
			out = append(out, h)
		}
		return err
	})
	return out, err
}

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the incident of the record.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	var iid string
	ok, err := tx.Row(ctx, `SELECT incident FROM incident_record WHERE id = ?`, []any{string(e.Record.ID)}, &iid)
	if err != nil || !ok {
		return false, err
	}
	_, err = d.visible(ctx, tx, actor, id.ID(iid))
	return desk.Known(err)
}

// Situation is an event of the incident with its newest figures, as the actor
// may see it.
type Situation struct {
	Event   health.EventView
	Figures []Figure
}

// Figure is a number with what it rests on.
type Figure struct {
	Indicator, Class string
	health.Figure
	Sources []string // one, or those of the places that were summed
}

// sourcesOf are the sources of the newest word of every place on a figure.
func sourcesOf(facts []health.Fact, indicator, class string) []string {
	newest := map[string]health.Fact{}
	for _, f := range facts {
		if f.Indicator != indicator || f.Class != class || f.From != "" || !f.Plain() || !strings.Contains(f.Place, "-") {
			continue
		}
		if old, ok := newest[f.Place]; !ok || !f.AsOf.Before(old.AsOf) {
			newest[f.Place] = f
		}
	}
	var out []string
	for _, f := range newest {
		if !slices.Contains(out, f.Source) {
			out = append(out, f.Source)
		}
	}
	slices.Sort(out)
	return out
}

// Situations are the newest facts of the incident's events.
func (d *Desk) Situations(ctx context.Context, actor access.Actor, in *Incident) ([]Situation, error) {
	var out []Situation
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, s := range in.Events {
			e, err := d.health.EventFull(ctx, tx, actor, s.ID)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			x := Situation{Event: e}
			facts := e.AllFacts()
			for _, i := range health.Indicators {
				for _, c := range health.Classes {
					if f, ok := health.Latest(facts, i, c); ok {
						sources := []string{f.Source}
						if f.Places > 0 {
							sources = sourcesOf(facts, i, c)
						}
						x.Figures = append(x.Figures, Figure{i, c, f, sources})
					}
				}
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// Resources are what arrived for the incident's events.
func (d *Desk) Resources(ctx context.Context, actor access.Actor, in *Incident) ([]Resource, error) {
	if d.from.Resources == nil {
		return nil, nil
	}
	var out []Resource
	for _, s := range in.Events {
		list, err := d.from.Resources(ctx, actor, s.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
