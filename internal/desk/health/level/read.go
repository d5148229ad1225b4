package level

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
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
}

// most is how many rows a list shows.
const most = 300

// List are the proposals that the actor may see.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, error) {
	var out []Row
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.list(ctx, tx, actor, f)
		return err
	})
	return out, err
}

func (d *Desk) list(ctx context.Context, tx *db.Tx, actor access.Actor, f Filter) ([]Row, error) {
	cond, args := []string{"state <> ?"}, []any{string(Discarded)}
	add := func(on bool, c string, a any) {
		if on {
			cond, args = append(cond, c), append(args, a)
		}
	}
	add(f.Family != "", "family = ?", string(f.Family))
	add(f.State != "", "state = ?", string(f.State))
	add(f.Owner != "", "owner = ?", string(f.Owner))
	words := strings.Fields(health.Fold(f.Query))
	for _, w := range words[:min(len(words), 8)] {
		add(true, `needle LIKE ? ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE `+strings.Join(cond, " AND ")+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, most)...)
	if err != nil {
		return nil, err
	}
	r, now := reach(actor), d.env.Clock.Now()
	var out []Row
	holds := map[id.ID]id.ID{}
	for i := range list {
		p := &list[i]
		if !sees(r, p.Marking) {
			continue
		}
		given, err := givenTo(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if _, ok := holds[p.Family]; !ok {
			s, err := d.inForce(ctx, tx, p.Family, p.Exercise)
			if err != nil {
				return nil, err
			}
			holds[p.Family] = s.Proposal
		}
		out = append(out, Row{View: viewProposal(p), Own: p.Own(), Due: p.Due, Result: Decide(p.facts(given), now), Holds: holds[p.Family] == p.ID})
	}
	return out, nil
}

// inForce is the level of a family now, as this node computes it.
func (d *Desk) inForce(ctx context.Context, tx *db.Tx, family id.ID, exercise string) (Standing, error) {
	list, err := docs[Proposal](ctx, tx, `SELECT doc FROM level_proposal WHERE family = ? AND state IN (?, ?) ORDER BY id`, string(family), string(Decided), string(Expired))
	if err != nil {
		return Standing{}, err
	}
	now := d.env.Clock.Now()
	var standings []Standing
	for i := range list {
		p := &list[i]
		if p.Exercise != exercise {
			continue
		}
		given, err := givenTo(ctx, tx, p.ID)
		if err != nil {
			return Standing{}, err
		}
		standings = append(standings, Standing{Proposal: p.ID, Level: p.Level, Effective: p.Decided, Review: p.Review, Outcome: Decide(p.facts(given), now).Outcome})
	}
	s, _ := InForce(standings, now)
	return s, nil
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
		p, err := d.loadProposal(ctx, tx, pid)
		if err == nil && !sees(reach(actor), p.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		out.Row = Row{View: viewProposal(&p), Own: p.Own(), Due: p.Due, Result: Decide(p.facts(p.given), now)}
		s, err := d.inForce(ctx, tx, p.Family, p.Exercise)
		if err != nil {
			return err
		}
		out.Holds = s.Proposal == p.ID
		if p.Own() {
			out.Offers = Proposals.Offers(p, actor, now)
		}
		all, err := positionsOn(ctx, tx, pid)
		begun := false
		for i := range slices.Backward(all) {
			x := &all[i]
			if !x.Own() || x.State == Discarded {
				continue
			}
			x.of = &p
			begun = begun || x.State == Draft || x.State == Clearance
			out.Mine = append(out.Mine, MyPosition{viewPosition(x), x.Due, Positions.Offers(*x, actor, now)})
		}
		row, _ := Positions.Find("", "draft")
		out.MayAnswer = !begun && p.State == Consulted && now.Before(p.Closes) && slices.Contains(access.States, d.env.Member) && Positions.Allowed(row, Position{}, actor)
		return err
	})
	return out, err
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

// Todos lists what the actor can and should do now.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	rows, err := d.List(ctx, actor, Filter{})
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []desk.Todo
	for i := range rows {
		p, err := d.Page(ctx, actor, rows[i].View.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
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
	return out, nil
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
	rows, err := d.List(ctx, actor, Filter{Query: query})
	var out []desk.Hit
	for _, r := range rows[:min(len(rows), limit)] {
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
