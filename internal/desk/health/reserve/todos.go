package reserve

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/workflow"
)

// debtNotice is how long before its date a debt is told.
const debtNotice = 14 * 24 * time.Hour

// offers reports whether a step can be taken now, but for words that its form
// asks for.
func offers(list []workflow.Offer, verb workflow.Verb) bool {
	return slices.ContainsFunc(list, func(o workflow.Offer) bool { return o.Verb == verb && len(o.Unmet) == 0 })
}

type todos struct {
	d    *Desk
	a    access.Actor
	now  time.Time
	list []desk.Todo
}

func (t *todos) add(what, title string, e *Envelope, due time.Time) {
	t.list = append(t.list, desk.Todo{Key: "todo.reserve." + what, Title: title, Owner: e.Owner, Record: e.ID, Href: Path(e.Kind, e.ID), Due: due, Late: late(due, t.now)})
}

// open goes through the own records of a kind in some states and adds one line
// for the first of the verbs that the actor can take.
func open[C any](ctx context.Context, tx *db.Tx, t *todos, k *kind[C], in states, title func(*C) string, verbs ...workflow.Verb) error {
	for _, s := range in {
		rows, err := k.all(ctx, tx, `owner = ? AND state = ? ORDER BY due, id LIMIT 100`, string(t.d.env.Member), string(s))
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			if !sees(t.a, r.Marking) {
				continue
			}
			if k.fill != nil {
				if err := k.fill(ctx, tx, r); err != nil {
					return err
				}
			}
			list := k.table.Offers(*r, t.a, t.now)
			for _, v := range verbs {
				if offers(list, v) {
					e := viewOf(r).Envelope
					t.add(string(v), title(&r.C), &e, r.Due)
					break
				}
			}
		}
	}
	return nil
}

// Todos lists what the actor can and should do now.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	if !Sees(actor) {
		return nil, nil
	}
	t := &todos{d: d, a: actor, now: d.Now()}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		if err := open(ctx, tx, t, d.items, states{Draft}, func(c *ItemContent) string { return c.Name }, "publish"); err != nil {
			return err
		}
		if err := open(ctx, tx, t, d.pledges, states{Draft}, func(c *PledgeContent) string { return c.Name }, "pledge"); err != nil {
			return err
		}
		if err := open(ctx, tx, t, d.draws, states{Draft}, func(c *DrawContent) string { return c.Title }, "ask"); err != nil {
			return err
		}
		if err := open(ctx, tx, t, d.allocations, states{Draft, Voted}, func(c *AllocationContent) string { return c.Title }, "propose", "close"); err != nil {
			return err
		}
		if err := open(ctx, tx, t, d.movements, states{Prepared}, func(c *MovementContent) string { return c.Title }, "dispatch"); err != nil {
			return err
		}
		if err := t.votes(ctx, tx); err != nil {
			return err
		}
		if err := t.goods(ctx, tx); err != nil {
			return err
		}
		return t.expiries(ctx, tx)
	})
	return t.list, err
}

// votes are divisions of others and of this member that wait for its vote.
func (t *todos) votes(ctx context.Context, tx *db.Tx) error {
	d := t.d
	row, _ := Votes.Find("", "draft")
	rows, err := d.allocations.all(ctx, tx, `state = ? ORDER BY due, id LIMIT 100`, string(Voted))
	if err != nil || !state(d.env.Member) {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if !t.now.Before(r.C.Closes) || !sees(t.a, r.Marking) {
			continue
		}
		votes, err := d.votes.all(ctx, tx, `parent = ? AND owner = ? AND state IN (?, ?)`, string(r.ID), string(d.env.Member), string(Draft), string(Given))
		if err != nil {
			return err
		}
		e := viewOf(r).Envelope
		draft := slices.IndexFunc(votes, func(v Vote) bool { return v.State == Draft })
		switch {
		case draft >= 0:
			votes[draft].C.of = r
			if offers(Votes.Offers(votes[draft], t.a, t.now), "give") {
				t.add("give", r.C.Title, &e, r.C.Closes)
			}
		case len(votes) == 0 && Votes.Allowed(row, Vote{}, t.a):
			t.add("vote", r.C.Title, &e, r.C.Closes)
		}
	}
	return nil
}

// goods are lines to send, arrivals to confirm, and debts.
func (t *todos) goods(ctx context.Context, tx *db.Tx) error {
	d := t.d
	if Capabilities.May(t.a, "reserve.post") {
		due, err := d.dueLines(ctx, tx, d.exercise())
		if err != nil {
			return err
		}
		for _, l := range due {
			if l.Left > 0 {
				t.add("prepare", l.Title, &Envelope{ID: l.Allocation, Kind: KindAllocation, Owner: d.env.Member}, time.Time{})
			}
		}
	}
	if err := open(ctx, tx, t, d.arrivals, states{CustomsHold}, func(c *ArrivalContent) string { return c.Title }, "free"); err != nil {
		return err
	}
	rows, err := d.arrivals.all(ctx, tx, `owner = ? AND state IN (?, ?) ORDER BY due, id LIMIT 100`, string(d.env.Member), string(Expected), string(Freed))
	if err != nil {
		return err
	}
	row, _ := Arrivals.Find(Expected, "receive")
	for i := range rows {
		if r := &rows[i]; sees(t.a, r.Marking) && Arrivals.Allowed(row, *r, t.a) {
			e := viewOf(r).Envelope
			t.add("receive", r.C.Title, &e, r.Due)
		}
	}
	if !Capabilities.May(t.a, "reserve.post") {
		return nil
	}
	debts, err := d.debts.all(ctx, tx, `owner = ? AND state = ? ORDER BY due, id LIMIT 100`, string(d.env.Member), string(Owed))
	for i := range debts {
		if r := &debts[i]; r.C.By.Sub(t.now) < debtNotice {
			e := viewOf(r).Envelope
			t.add("replace", r.C.Name, &e, r.C.By)
		}
	}
	return err
}

// expiries are lots that expire within the second nearest alert.
func (t *todos) expiries(ctx context.Context, tx *db.Tx) error {
	d := t.d
	if !Capabilities.May(t.a, "reserve.post") {
		return nil
	}
	list, err := d.batches(ctx, tx, d.exercise(), "")
	said := map[string]bool{}
	for i := range list {
		b := &list[i]
		n := Alert(b.Expires, t.now)
		if n < 0 || n > 90 || said[b.Lot] {
			continue
		}
		said[b.Lot] = true
		what, gone := "expiry", n == 0
		if gone {
			what = "expired"
		}
		t.list = append(t.list, desk.Todo{Key: "todo.reserve." + what, Title: b.Name + ", " + b.Number, Owner: d.env.Member, Href: Path(KindLot, "") + b.Lot, Due: endOf(b.Expires),
			Late: gone})
	}
	return err
}
