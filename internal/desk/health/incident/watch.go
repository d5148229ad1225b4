package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// What the node sees itself: it compares the newest figures of an incident's
// events with the highest that it saw before. A figure that is corrected
// downwards rings nothing, and nothing again when it comes back.

// seen is one thing that a requirement waits for.
type seen struct {
	mark string
	key  string
	args map[string]string
	href string
}

// counts is the highest number of each event for a watched figure: of all
// classes and of those parts of the people that it asks for.
func counts(e *health.EventView, watch string) (int64, bool) {
	facts := e.AllFacts()
	var most int64
	found := false
	take := func(v int64) { most, found = max(most, v), true }
	indicator := map[string]string{"death": "deaths", "health_worker": "health_workers"}[watch]
	for _, class := range append(slices.Clone(health.Classes), "") {
		if f, ok := health.Latest(facts, indicator, class); ok {
			take(f.Value)
		}
	}
	if watch == "health_worker" {
		for _, f := range facts {
			if f.Indicator == "cases" && f.Group == "health_workers" && f.From == "" && !f.Suppressed {
				take(f.Value)
			}
		}
	}
	return most, found
}

// places are the admin-1 places with cases.
func places(e *health.EventView) []string {
	var out []string
	for _, f := range e.AllFacts() {
		if f.Indicator == "cases" && f.Value > 0 && strings.Contains(f.Place, "-") && !slices.Contains(out, f.Place) {
			out = append(out, f.Place)
		}
	}
	slices.Sort(out)
	return out
}

// news compares an event with what a requirement remembers, and remembers it.
// What an event says when it is first looked at is where the watch begins.
func (r *Requirement) news(e *health.EventView) (out []seen, first bool) {
	href := "/health/events/" + string(e.ID)
	switch r.Watch {
	case "death", "health_worker":
		n, ok := counts(e, r.Watch)
		was, known := r.Highest[e.ID]
		if !known {
			r.Highest[e.ID] = n
			return nil, true
		}
		if ok && n >= was+int64(max(r.Least, 1)) {
			r.Highest[e.ID] = n
			out = append(out, seen{mark: string(e.ID) + "|" + strconv.FormatInt(n, 10), key: "incident.seen." + r.Watch, href: href,
				args: map[string]string{"event": e.Name, "was": strconv.FormatInt(was, 10), "now": strconv.FormatInt(n, 10)}})
		}
	case "new_place":
		if _, known := r.Places[e.ID]; !known {
			r.Places[e.ID] = places(e)
			return nil, true
		}
		for _, p := range places(e) {
			if !slices.Contains(r.Places[e.ID], p) {
				r.Places[e.ID] = append(r.Places[e.ID], p)
				out = append(out, seen{mark: string(e.ID) + "|" + p, key: "incident.seen.new_place", href: href, args: map[string]string{"event": e.Name, "place": "%" + p}})
			}
		}
	}
	return out, false
}

// look reads what a requirement watches, as the node: who is told is the
// function that the requirement names, and what is told is the incident's. fresh
// says that it began to watch an event.
func (d *Desk) look(ctx context.Context, tx *db.Tx, in *Incident, r Requirement) (_ Requirement, out []seen, fresh bool, _ error) {
	r = r.clone()
	if r.Watch == "" || r.Watch == "notification" {
		return r, nil, false, nil
	}
	for _, s := range in.Events {
		e, err := d.health.EventFull(ctx, tx, access.Node(d.env.Member), s.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return r, nil, false, err
		}
		n, first := r.news(&e)
		out, fresh = append(out, n...), fresh || first
	}
	return r, out, fresh, nil
}

// Watch rings every requirement that the records of the desk have met since it
// last looked. It looks at what others notified only for a requirement that
// asks for it: this runs with each piece of news.
func (d *Desk) Watch(ctx context.Context) error {
	var list []Requirement
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		list, err = docs[Requirement](ctx, tx, `SELECT doc FROM incident_record WHERE kind = ? AND state = ? ORDER BY id`, KindRequirement, string(Active))
		return err
	})
	list = slices.DeleteFunc(list, func(r Requirement) bool { return r.Watch == "" })
	var notices []health.Notice
	if err == nil && slices.ContainsFunc(list, func(r Requirement) bool { return r.Watch == "notification" }) {
		notices, _, err = d.health.NoticeList(ctx, access.Node(d.env.Member), health.NoticeFilter{Limit: 100})
	}
	for _, r := range list {
		if err != nil {
			return err
		}
		err = d.watch(ctx, r.ID, notices)
	}
	return err
}

// glance is what a requirement would ring now.
func (d *Desk) glance(ctx context.Context, tx *db.Tx, rid id.ID, notices []health.Notice) (r Requirement, in Incident, news []seen, fresh bool, err error) {
	if r, err = d.requirements.Load(ctx, tx, rid); err != nil {
		return
	}
	if in, err = d.incidents.Load(ctx, tx, r.Incident); err != nil || in.State == Closed || r.State != Active {
		return
	}
	if r, news, fresh, err = d.look(ctx, tx, &in, r); err != nil {
		return
	}
	all := append(news, r.received(notices)...)
	news = nil
	for _, s := range all {
		rang, err := tx.Row(ctx, `SELECT 1 FROM incident_record WHERE mark = ?`, []any{"ring|" + string(r.ID) + "|" + s.mark}, new(int))
		if err != nil {
			return r, in, nil, false, err
		}
		if !rang {
			news = append(news, s)
		}
	}
	return r, in, news, fresh, nil
}

// watch rings one requirement. Most looks find nothing; only what was found
// takes the writer's turn.
func (d *Desk) watch(ctx context.Context, rid id.ID, notices []health.Notice) error {
	found := false
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, _, news, fresh, err := d.glance(ctx, tx, rid, notices)
		found = fresh || len(news) > 0
		return err
	})
	if err != nil || !found {
		return err
	}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r, in, news, fresh, err := d.glance(ctx, tx, rid, notices)
		if err != nil || !fresh && len(news) == 0 {
			return err
		}
		node := access.Node(d.env.Member)
		if _, err := desk.TakeIn(ctx, d.env, tx, d.requirements, node, rid, 0, "see", desk.Change[Requirement]{Edit: func(x *Requirement) error {
			x.Highest, x.Places = r.Highest, r.Places
			return nil
		}}); err != nil {
			return err
		}
		for _, s := range news {
			if _, err := d.ring(ctx, tx, node, &in, &r, Ring{Key: s.key, Args: s.args, Seen: s.mark, Href: s.href}); err != nil {
				return err
			}
		}
		return nil
	})
}

// received are the notifications of the chosen hazard that came since the
// requirement was made.
func (r *Requirement) received(notices []health.Notice) []seen {
	if r.Watch != "notification" {
		return nil
	}
	var out []seen
	for _, n := range notices {
		if n.Created.At.Before(r.From) || r.Hazard != "" && n.Body.Event.Hazard != r.Hazard || n.Exercise != r.Exercise {
			continue
		}
		out = append(out, seen{mark: "notice|" + string(n.ID), key: "incident.seen.notification", href: "/health/notices/" + string(n.ID),
			args: map[string]string{"title": n.Body.Title, "from": "%" + string(n.From)}})
	}
	return out
}
