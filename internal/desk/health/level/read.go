package level

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
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Row is a proposal with what this node computes of it.
type Row struct {
	View   ProposalView
	Own    bool
	Due    time.Time
	Result Result
	// Holds is whether it is the level in force of its family now.
	Holds bool
}

// Filter narrows the list of proposals, which comes newest first.
type Filter struct {
	Query  string
	Family id.ID
	State  workflow.State
	Owner  access.Member
	Limit  int // 1 to 200; 0 is 50
	After  Cursor
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// most is how many rows of one kind are read where nobody pages.
const most = 300

// List are the proposals that the actor may see, and the cursor of the next
// page; an empty cursor is the end.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, Cursor, error) {
	var out []Row
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := f.where(reach(actor))
		list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE `+where+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, f.limit()+1)...)
		if err != nil {
			return err
		}
		next = Cursor{}
		if len(list) > f.limit() {
			list = list[:f.limit()]
			last := list[len(list)-1]
			next = Cursor{Changed: clock.Micros(last.Changed.At), ID: last.ID}
		}
		given, err := givenOn(ctx, tx, list)
		if err == nil {
			out, err = d.rows(ctx, tx, list, given)
		}
		return err
	})
	return out, next, err
}

// Count is how many proposals a filter finds.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	f.After = Cursor{}
	where, args := f.where(reach(actor))
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM level_proposal WHERE `+where, args, &n)
		return err
	})
	return n, err
}

// where is sees and the filter as a condition.
func (f *Filter) where(r health.Reach) (string, []any) {
	cond, args := []string{"state <> ?"}, []any{string(Discarded)}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.None || r.Places != nil, "1 = 0")
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	add(f.Family != "", "family = ?", string(f.Family))
	add(f.State != "", "state = ?", string(f.State))
	add(f.Owner != "", "owner = ?", string(f.Owner))
	for _, w := range desk.Words(f.Query) {
		add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	return strings.Join(cond, " AND "), args
}

// rows computes what stands of several proposals with the positions on them;
// the level of each family is computed once.
func (d *Desk) rows(ctx context.Context, tx *db.Tx, list []Proposal, given map[id.ID][]Said) ([]Row, error) {
	type series struct {
		family   id.ID
		exercise string
	}
	now, holds := d.env.Clock.Now(), map[series]id.ID{}
	out := make([]Row, len(list))
	for i := range list {
		p := &list[i]
		k := series{p.Family, p.Exercise}
		if _, ok := holds[k]; !ok {
			s, err := d.inForce(ctx, tx, p.Family, p.Exercise)
			if err != nil {
				return nil, err
			}
			holds[k] = s.Proposal
		}
		out[i] = Row{View: viewProposal(p), Own: p.Own(), Due: p.Due, Result: Decide(p.facts(given[p.ID]), now), Holds: holds[k] == p.ID}
	}
	return out, nil
}

// inForce is the level of a family now, as this node computes it. Only the
// newest adopted decision matters, so the positions on older ones are not read.
func (d *Desk) inForce(ctx context.Context, tx *db.Tx, family id.ID, exercise string) (Standing, error) {
	list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE family = ? AND state IN (?, ?) ORDER BY id`, string(family), string(Decided), string(Expired))
	if err != nil {
		return Standing{}, err
	}
	now := d.env.Clock.Now()
	slices.SortFunc(list, func(a, b Proposal) int { return cmp.Or(b.Decided.Compare(a.Decided), cmp.Compare(b.ID, a.ID)) })
	for i := range list {
		p := &list[i]
		if p.Exercise != exercise || p.Decided.After(now) {
			continue
		}
		given, err := givenTo(ctx, tx, p.ID)
		if err != nil {
			return Standing{}, err
		}
		x := Standing{Proposal: p.ID, Level: p.Level, Effective: p.Decided, Review: p.Review, Outcome: Decide(p.facts(given), now).Outcome,
			Concerned: slices.Clone(concernedOr(p.Concerned))}
		if x.Outcome == Adopted {
			s, _ := InForce([]Standing{x}, now)
			return s, nil
		}
	}
	return Standing{}, nil
}

// Current is the level of a family in force now; level 0 is none.
func (d *Desk) Current(ctx context.Context, actor access.Actor, family id.ID) (Standing, error) {
	f, ok, err := d.Family(ctx, actor, family)
	if err != nil || !ok || !sees(reach(actor), f.Marking) {
		return Standing{}, err
	}
	var out Standing
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = d.inForce(ctx, tx, family, f.Exercise)
		return err
	})
	return out, err
}

// Page is a proposal as an actor sees it.
type Page struct {
	Row
	Offers    []workflow.Offer
	Mine      []MyPosition // of this state, the newest first
	MayAnswer bool
}

// MyPosition is a position of this state with the buttons for the actor.
type MyPosition struct {
	PositionView
	Due    time.Time
	Offers []workflow.Offer
}

// Page reads a proposal, own or received.
func (d *Desk) Page(ctx context.Context, actor access.Actor, pid id.ID) (Page, error) {
	var out Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := one[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE id = ?`, string(pid))
		if err == nil && !sees(reach(actor), p.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		all, err := d.pages(ctx, tx, actor, []Proposal{p})
		if err == nil {
			out = all[0]
		}
		return err
	})
	return out, err
}

// pages are several proposals as an actor sees them.
func (d *Desk) pages(ctx context.Context, tx *db.Tx, actor access.Actor, list []Proposal) ([]Page, error) {
	given, err := givenOn(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	mine, err := ownOn(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	rows, err := d.rows(ctx, tx, list, given)
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	first, _ := Positions.Find("", "draft")
	out := make([]Page, len(list))
	for i := range list {
		p := &list[i]
		p.knows(given[p.ID])
		out[i].Row = rows[i]
		if p.Own() {
			out[i].Offers = Proposals.Offers(*p, actor, now)
		}
		begun := false
		for k := range slices.Backward(mine[p.ID]) {
			x := &mine[p.ID][k]
			x.of = p
			begun = begun || x.State == Draft || x.State == Clearance
			out[i].Mine = append(out[i].Mine, MyPosition{viewPosition(x), x.Due, Positions.Offers(*x, actor, now)})
		}
		out[i].MayAnswer = !begun && p.State == Consulted && now.Before(p.Closes) && slices.Contains(concernedOr(p.Concerned), d.env.Member) && Positions.Allowed(first, Position{}, actor)
	}
	return out, nil
}

// Position reads a position of this state.
func (d *Desk) Position(ctx context.Context, actor access.Actor, pid id.ID) (MyPosition, error) {
	var out MyPosition
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := d.loadPosition(ctx, tx, pid)
		if err == nil && (!p.Own() || !sees(reach(actor), p.Marking)) {
			err = desk.NotFound()
		}
		if err == nil {
			out = MyPosition{viewPosition(&p), p.Due, Positions.Offers(p, actor, d.env.Clock.Now())}
		}
		return err
	})
	return out, err
}

// Activated is a state's own level with the buttons for the actor.
type Activated struct {
	ActivationView
	Own    bool
	Offers []workflow.Offer
}

// Activations are the states' own levels on events, the newest first; an event
// narrows them.
func (d *Desk) Activations(ctx context.Context, actor access.Actor, event id.ID) ([]Activated, error) {
	var out []Activated
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Activation](ctx, tx, `SELECT doc FROM level_activation WHERE (? = '' OR event = ?) AND state <> ? ORDER BY changed DESC, id DESC LIMIT ?`,
			string(event), string(event), string(Discarded), most)
		r, now := reach(actor), d.env.Clock.Now()
		for i := range list {
			a := &list[i]
			if !seesActivation(r, &a.Head, a.Own()) {
				continue
			}
			x := Activated{ActivationView: viewActivation(a), Own: a.Own()}
			if a.Own() {
				x.Offers = Activations.Offers(*a, actor, now)
			}
			out = append(out, x)
		}
		return err
	})
	return out, err
}

// Activation reads one.
func (d *Desk) Activation(ctx context.Context, actor access.Actor, aid id.ID) (Activated, error) {
	list, err := d.Activations(ctx, actor, "")
	for _, a := range list {
		if a.ID == aid {
			return a, err
		}
	}
	return Activated{}, cmp.Or(err, desk.NotFound())
}

// MayPropose reports whether the actor may begin a proposal.
func MayPropose(actor access.Actor) bool {
	return actor.HasAny(writers...) && sees(reach(actor), access.TLPAmber)
}

// Path is the page of a proposal.
func Path(pid id.ID) string { return "/health/levels/" + string(pid) }

// Todos lists what the actor can and should do now. Only what is open, and own
// decisions that may have to be counted again or renewed, can need anything.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var pages []Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE state IN (?, ?, ?) ORDER BY changed DESC, id DESC LIMIT ?`,
			string(Draft), string(Clearance), string(Consulted), most)
		if err != nil {
			return err
		}
		own, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE state = ? AND copy_of = '' ORDER BY changed DESC, id DESC LIMIT ?`, string(Decided), most)
		if err != nil {
			return err
		}
		r := reach(actor)
		list = slices.DeleteFunc(append(list, own...), func(p Proposal) bool { return !sees(r, p.Marking) })
		pages, err = d.pages(ctx, tx, actor, list)
		return err
	})
	now := d.env.Clock.Now()
	var out []desk.Todo
	for i := range pages {
		p := &pages[i]
		v := &p.View
		todo := func(what string, due time.Time) {
			out = append(out, desk.Todo{Key: "todo.level." + what, Grade: GradeOf(v.Level), Title: v.Title, Owner: v.Owner, Record: v.ID, Href: Path(v.ID), Due: due, Late: late(due, now)})
		}
		answered := slices.ContainsFunc(p.Mine, func(m MyPosition) bool { return m.State == Released })
		waiting := slices.IndexFunc(p.Mine, func(m MyPosition) bool { return m.State == Draft || m.State == Clearance })
		switch {
		case p.MayAnswer && !answered && v.Owner != d.env.Member:
			todo("position", v.Closes)
		case waiting >= 0 && offers(p.Mine[waiting].Offers, "release"):
			todo("release", v.Closes)
		case offers(p.Offers, "propose"):
			todo("propose", p.Due)
		case offers(p.Offers, "close"):
			todo("close", v.Closes)
		case offers(p.Offers, "recount"):
			todo("recount", time.Time{})
		}
		if p.Holds && p.Own && MayPropose(actor) && v.Review.Sub(now) < ReviewNotice {
			todo("renew", v.Review)
		}
	}
	return out, err
}

// offers reports whether a step can be taken now, but for words that its form
// asks for.
func offers(list []workflow.Offer, verb workflow.Verb) bool {
	return slices.ContainsFunc(list, func(o workflow.Offer) bool { return o.Verb == verb && len(o.Unmet) == 0 })
}

// GradeOf is the grade whose colour and shape a level takes.
func GradeOf(level int) string {
	return []string{"", "info", "watch", "warning", "emergency"}[min(max(level, 0), Top)]
}

// Search finds proposals in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	rows, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	var out []desk.Hit
	for _, r := range rows {
		out = append(out, desk.Hit{Key: "hit.level", Title: r.View.Title, Text: r.View.FamilyName, Owner: r.View.Owner, Href: Path(r.View.ID), At: r.View.Changed})
	}
	return out, err
}

// National is the activation of this member in force on an event now.
func (d *Desk) National(ctx context.Context, actor access.Actor, event id.ID) (ActivationView, bool, error) {
	list, err := d.Activations(ctx, actor, event)
	now := d.env.Clock.Now()
	for _, a := range list {
		if a.Own && a.InForce(now) {
			return a.ActivationView, true, err
		}
	}
	return ActivationView{}, false, err
}
