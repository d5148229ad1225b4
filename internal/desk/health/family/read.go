package family

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Page is a family as an actor sees it.
type Page struct {
	View
	Mine      bool
	Marking   access.Marking
	Exercise  string
	Withdrawn bool
	Reason    string
	To        []access.Member
	Stale     bool // changed after it was last shared
	Issued    time.Time
	Offers    []workflow.Offer
	Previews  []Preview // what a sharing with the present recipients would send
	Events    []EntryView
	Answers   []AnswerView // of this member
	MayBring  bool
	Into      string // name of the family that it was merged into
}

// EntryView is an event of the family as far as this node holds it. Event is
// nil where nothing was released to this node: no report.
type EntryView struct {
	Entry
	Event *health.EventView
	Name  string
	Acks  []health.AckCell // of an own event's newest notification
}

// AnswerView is what this member says, with the buttons for the actor.
type AnswerView struct {
	Answer
	Late   bool
	Offers []workflow.Offer
}

// Page reads a family, own or received.
func (d *Desk) Page(ctx context.Context, actor access.Actor, fid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = d.find(ctx, tx, actor, fid); err != nil {
			return err
		}
		if p.MergedInto != "" {
			if t, err := d.find(ctx, tx, actor, p.MergedInto); err == nil {
				p.Into = t.Name
			}
		}
		if err := d.fill(ctx, tx, actor, &p); err != nil {
			return err
		}
		return d.said(ctx, tx, actor, &p)
	})
	return p, err
}

func (d *Desk) find(ctx context.Context, tx *db.Tx, actor access.Actor, fid id.ID) (Page, error) {
	r := health.ReachOf(actor)
	f, err := d.load(ctx, tx, fid)
	if err == nil {
		if !sees(r, f.Marking) {
			return Page{}, desk.NotFound()
		}
		v := viewFor(&f, f.Owner)
		v.Entries = f.Entries
		next := f
		next.State, next.Version = Shared, f.Version+1
		return Page{View: v, Mine: true, Marking: f.Marking, Exercise: f.Exercise, Reason: f.Reason, To: f.To, Stale: f.State == Shared && f.Version != f.SharedAt,
			Offers: Families.Offers(f, actor, d.env.Clock.Now()), Previews: previews(&next)}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return Page{}, err
	}
	c, ok, err := loadCopy(ctx, tx, fid)
	if err == nil && (!ok || !sees(r, c.Marking)) {
		err = desk.NotFound()
	}
	return Page{View: c.View, Marking: c.Marking, Exercise: c.Exercise, Withdrawn: c.Withdrawn, Reason: cmp.Or(c.Reason, c.View.Reason), Issued: clock.FromMicros(c.Issued)}, err
}

// fill brings what this node holds of the events, in the order of members.
func (d *Desk) fill(ctx context.Context, tx *db.Tx, actor access.Actor, p *Page) error {
	for _, e := range p.Entries {
		x := EntryView{Entry: e, Name: p.Names[e.Event]}
		v, err := d.events.EventFull(ctx, tx, actor, e.Event)
		switch {
		case err == nil && v.Owner == e.Owner: // a claim about another member's event shows nothing of it
			x.Event, x.Name = &v, v.Name
		case err != nil && !fault.Is(err, fault.NotFound):
			return err
		}
		p.Events = append(p.Events, x)
	}
	slices.SortStableFunc(p.Events, func(a, b EntryView) int {
		return cmp.Compare(slices.Index(access.All(), a.Owner), slices.Index(access.All(), b.Owner))
	})
	sent, err := d.events.ReleasesOf(ctx, tx, actor, 500)
	for i := range p.Events {
		for _, s := range sent { // the newest first
			if s.Event == p.Events[i].Entry.Event {
				p.Events[i].Acks = s.Acks
				break
			}
		}
	}
	return err
}

// said are the answers of this member, and whether it may bring events.
func (d *Desk) said(ctx context.Context, tx *db.Tx, actor access.Actor, p *Page) error {
	if p.Mine {
		return nil
	}
	list, err := docs[Answer](ctx, tx, `SELECT doc FROM family_answer WHERE family = ? ORDER BY changed DESC, id`, string(p.ID))
	now := d.env.Clock.Now()
	for _, a := range list {
		p.Answers = append(p.Answers, AnswerView{Answer: a, Late: late(&a, now), Offers: Answers.Offers(a, actor, now)})
	}
	row, _ := Answers.Find("", "propose")
	p.MayBring = !p.Withdrawn && p.State == Shared && Answers.Allowed(row, Answer{}, actor)
	return err
}

// Row is a family in a list.
type Row struct {
	View
	Mine      bool
	Withdrawn bool
	At        time.Time
}

// most is how many families a list shows.
const most = 500

// List are the families that the actor may see, own and received, the newest
// change first. Every word of the query must occur.
func (d *Desk) List(ctx context.Context, actor access.Actor, query string) ([]Row, error) {
	r := health.ReachOf(actor)
	var out []Row
	add := func(v View, m access.Marking, mine, gone bool, at time.Time) {
		text := strings.Join([]string{v.Name, v.Text, health.HazardNames(v.Hazard), string(v.Owner), string(v.ID)}, "\n")
		if sees(r, m) && desk.Holds(text, query) {
			out = append(out, Row{v, mine, gone, at})
		}
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		own, err := docs[Family](ctx, tx, `SELECT doc FROM family_family ORDER BY changed DESC, id LIMIT ?`, most)
		if err != nil {
			return err
		}
		for _, f := range own {
			v := viewFor(&f, f.Owner)
			v.Entries = f.Entries
			add(v, f.Marking, true, false, f.Changed.At)
		}
		copies, err := docs[Copy](ctx, tx, `SELECT doc FROM family_copy ORDER BY issued DESC, id LIMIT ?`, most)
		for _, c := range copies {
			add(c.View, c.Marking, false, c.Withdrawn, clock.FromMicros(c.Issued))
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Row) int { return b.At.Compare(a.At) })
	return out, err
}

// Of are the families in which an event stands.
func (d *Desk) Of(ctx context.Context, actor access.Actor, eid id.ID) ([]Row, error) {
	var links []id.ID
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT family FROM family_link WHERE event = ? ORDER BY family`, []any{string(eid)}, func(scan func(...any) error) error {
			var f string
			err := scan(&f)
			links = append(links, id.ID(f))
			return err
		})
	})
	if err != nil || len(links) == 0 {
		return nil, err
	}
	all, err := d.List(ctx, actor, "")
	return slices.DeleteFunc(all, func(r Row) bool { return !slices.Contains(links, r.ID) }), err
}

// Todos are the answers that wait for the actor.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	r, now := health.ReachOf(actor), d.env.Clock.Now()
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Answer](ctx, tx, `SELECT doc FROM family_answer WHERE state = ? ORDER BY changed LIMIT 100`, string(Asked))
		for _, a := range list {
			row, _ := Answers.Find(a.State, "join")
			if sees(r, a.Marking) && Answers.Allowed(row, a, actor) {
				out = append(out, desk.Todo{Key: "todo.family.answer", Title: a.Name, Owner: a.Of, Record: a.ID, Event: a.Event, Href: "/health/families/" + string(a.Family),
					Due: a.Due, Late: late(&a, now)})
			}
		}
		return err
	})
	return out, err
}

// Search finds families for the search of the node.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	rows, err := d.List(ctx, actor, query)
	var out []desk.Hit
	for _, r := range rows[:min(len(rows), limit)] {
		out = append(out, desk.Hit{Key: "hit.family", Title: r.Name, Owner: r.Owner, Href: "/health/families/" + string(r.ID), At: r.At})
	}
	return out, err
}

// MayMake reports whether the actor may make a family.
func MayMake(actor access.Actor) bool {
	row, _ := Families.Find("", "make")
	return Families.Allowed(row, Family{}, actor) && sees(health.ReachOf(actor), access.TLPAmber)
}
