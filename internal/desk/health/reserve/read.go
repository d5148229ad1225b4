package reserve

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows a list, which comes newest first.
type Filter struct {
	Query  string
	Item   id.ID
	Parent id.ID
	State  workflow.State
	Owner  access.Member
	Limit  int // 0: 50
	Offset int
	After  Place // the last row seen; for pages by key
}

// Place is where a row stands in a list.
type Place struct {
	Changed int64
	ID      id.ID
}

// most is how many rows a list gives at once; a download asks for all of them
// page by page.
const most = 500

func (f *Filter) where(actor access.Actor) (string, []any) {
	cond, args := []string{"state <> ?"}, []any{string(Discarded)}
	add := func(on bool, c string, a any) {
		if on {
			cond, args = append(cond, c), append(args, a)
		}
	}
	add(f.Item != "", "item = ?", string(f.Item))
	add(f.Parent != "", "parent = ?", string(f.Parent))
	add(f.State != "", "state = ?", string(f.State))
	add(f.Owner != "", "owner = ?", string(f.Owner))
	add(!sees(actor, access.TLPRed), "marking <> ?", string(access.TLPRed))
	if f.After.ID != "" {
		cond, args = append(cond, "(changed < ? OR changed = ? AND id < ?)"), append(args, f.After.Changed, f.After.Changed, string(f.After.ID))
	}
	for _, w := range desk.Words(f.Query) {
		add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	return strings.Join(cond, " AND "), args
}

// list reads views of the kind, and whether there are more.
func list[C any](ctx context.Context, d *Desk, k *kind[C], actor access.Actor, f Filter) ([]View[C], bool, error) {
	if !Sees(actor) {
		return nil, false, nil
	}
	n := min(max(f.Limit, 0), most)
	if n == 0 {
		n = 50
	}
	cond, args := f.where(actor)
	var out []View[C]
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := k.all(ctx, tx, cond+` ORDER BY changed DESC, id DESC LIMIT ? OFFSET ?`, append(args, n+1, max(f.Offset, 0))...)
		for i := range rows {
			out = append(out, viewOf(&rows[i]))
		}
		return err
	})
	more := len(out) > n
	return out[:min(len(out), n)], more, err
}

// Items are the specifications.
func (d *Desk) Items(ctx context.Context, a access.Actor, f Filter) ([]ItemView, bool, error) {
	return list(ctx, d, d.items, a, f)
}

// Registrations are how items stand in the states.
func (d *Desk) Registrations(ctx context.Context, a access.Actor, f Filter) ([]RegistrationView, bool, error) {
	return list(ctx, d, d.registered, a, f)
}

// Pledges are the promises of all members.
func (d *Desk) Pledges(ctx context.Context, a access.Actor, f Filter) ([]PledgeView, bool, error) {
	return list(ctx, d, d.pledges, a, f)
}

// Draws are the requests of all members.
func (d *Desk) Draws(ctx context.Context, a access.Actor, f Filter) ([]DrawView, bool, error) {
	return list(ctx, d, d.draws, a, f)
}

// Allocations are the divisions, proposed and decided.
func (d *Desk) Allocations(ctx context.Context, a access.Actor, f Filter) ([]AllocationView, bool, error) {
	return list(ctx, d, d.allocations, a, f)
}

// Movements are what travels between members, as their senders say.
func (d *Desk) Movements(ctx context.Context, a access.Actor, f Filter) ([]MovementView, bool, error) {
	return list(ctx, d, d.movements, a, f)
}

// Arrivals are what came, as the receivers say.
func (d *Desk) Arrivals(ctx context.Context, a access.Actor, f Filter) ([]ArrivalView, bool, error) {
	return list(ctx, d, d.arrivals, a, f)
}

// Debts are what members have to put back.
func (d *Desk) Debts(ctx context.Context, a access.Actor, f Filter) ([]DebtView, bool, error) {
	return list(ctx, d, d.debts, a, f)
}

// Lots of this member.
func (d *Desk) Lots(ctx context.Context, a access.Actor, f Filter) ([]LotView, bool, error) {
	return list(ctx, d, d.lots, a, f)
}

// Page is one record with the buttons for the actor.
type Page[C any] struct {
	View[C]
	Offers []workflow.Offer
}

func page[C any](ctx context.Context, tx *db.Tx, d *Desk, k *kind[C], actor access.Actor, rid id.ID) (Page[C], Record[C], error) {
	r, err := k.visible(ctx, tx, actor, rid)
	if err != nil {
		return Page[C]{}, r, err
	}
	p := Page[C]{View: viewOf(&r)}
	if r.Own() {
		p.Offers = k.table.Offers(r, actor, d.Now())
	}
	return p, r, nil
}

func read[C any](ctx context.Context, d *Desk, k *kind[C], actor access.Actor, rid id.ID) (Page[C], error) {
	var out Page[C]
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, _, err = page(ctx, tx, d, k, actor, rid)
		return err
	})
	return out, err
}

// Item reads a specification.
func (d *Desk) Item(ctx context.Context, a access.Actor, rid id.ID) (Page[ItemContent], error) {
	return read(ctx, d, d.items, a, rid)
}

// Pledge reads a promise.
func (d *Desk) Pledge(ctx context.Context, a access.Actor, rid id.ID) (Page[PledgeContent], error) {
	return read(ctx, d, d.pledges, a, rid)
}

// Draw reads a request.
func (d *Desk) Draw(ctx context.Context, a access.Actor, rid id.ID) (Page[DrawContent], error) {
	return read(ctx, d, d.draws, a, rid)
}

// Lot reads a lot of this member.
func (d *Desk) Lot(ctx context.Context, a access.Actor, rid id.ID) (Page[LotContent], error) {
	return read(ctx, d, d.lots, a, rid)
}

// Movement reads goods on their way.
func (d *Desk) Movement(ctx context.Context, a access.Actor, rid id.ID) (Page[MovementContent], error) {
	return read(ctx, d, d.movements, a, rid)
}

// Arrival reads a receipt.
func (d *Desk) Arrival(ctx context.Context, a access.Actor, rid id.ID) (Page[ArrivalContent], error) {
	return read(ctx, d, d.arrivals, a, rid)
}

// Debt reads what is owed.
func (d *Desk) Debt(ctx context.Context, a access.Actor, rid id.ID) (Page[DebtContent], error) {
	return read(ctx, d, d.debts, a, rid)
}

// Division is an allocation with its votes and with its numbers worked out
// again.
type Division struct {
	Page[AllocationContent]
	Verdict Verdict
	Same    bool              // the numbers come out as they are stored
	Again   allocation.Result // worked out from the stored rule and inputs
	Fault   error             // why they cannot be worked out at all
	Mine    []Page[VoteContent]
	MayVote bool
}

// Allocation reads a division.
func (d *Desk) Allocation(ctx context.Context, a access.Actor, rid id.ID) (Division, error) {
	var out Division
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, r, err := page(ctx, tx, d, d.allocations, a, rid)
		if err != nil {
			return err
		}
		out.Page, out.Verdict = p, d.decide(ballotOf(&r))
		out.Again, out.Same, out.Fault = r.C.Recompute() // a division of another member has its page, whatever it holds
		votes, err := d.votes.all(ctx, tx, `parent = ? AND owner = ? AND state <> ? ORDER BY changed DESC, id DESC`, string(rid), string(d.env.Member), string(Discarded))
		if err != nil {
			return err
		}
		begun := false
		for i := range votes {
			v := &votes[i]
			v.C.of = &r
			begun = begun || v.State == Draft
			out.Mine = append(out.Mine, Page[VoteContent]{viewOf(v), Votes.Offers(*v, a, d.Now())})
		}
		row, _ := Votes.Find("", "draft")
		out.MayVote = !begun && r.State == Voted && d.Now().Before(r.C.Closes) && state(d.env.Member) && Votes.Allowed(row, Vote{}, a)
		return nil
	})
	return out, err
}

// Vote reads what a state said of a division.
func (d *Desk) Vote(ctx context.Context, a access.Actor, rid id.ID) (Page[VoteContent], error) {
	return read(ctx, d, d.votes, a, rid)
}

// Claims are the open draws of an item as the formula takes them.
func (d *Desk) Claims(ctx context.Context, a access.Actor, item id.ID) ([]allocation.Claim, error) {
	if !Sees(a) {
		return nil, nil
	}
	var out []allocation.Claim
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := d.draws.all(ctx, tx, `state = ? AND item = ? ORDER BY owner, id`, string(Asked), string(item))
		for i := range list {
			if err != nil {
				break
			}
			if !sees(a, list[i].Marking) || len(out) == allocation.MaxClaims {
				continue
			}
			var c allocation.Claim
			c, err = d.claim(ctx, tx, a, item, list[i].ID)
			out = append(out, c)
		}
		return err
	})
	return out, err
}

// DueLines are what this member is to send by adopted divisions and has not
// prepared.
func (d *Desk) DueLines(ctx context.Context, a access.Actor) ([]DueLine, error) {
	if !Sees(a) {
		return nil, nil
	}
	var out []DueLine
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := d.dueLines(ctx, tx, d.exercise())
		out = slices.DeleteFunc(all, func(l DueLine) bool { return l.Left == 0 })
		return err
	})
	return out, err
}

// Sources are what can be named in a division of an item.
func (d *Desk) Sources(ctx context.Context, a access.Actor, item id.ID) ([]Offered, error) {
	if !Sees(a) {
		return nil, nil
	}
	var out []Offered
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.sources(ctx, tx, item, d.exercise())
		return err
	})
	return out, err
}

// Batches are the goods that are physically here.
func (d *Desk) Batches(ctx context.Context, a access.Actor, item id.ID) ([]Batch, error) {
	if !Sees(a) {
		return nil, nil
	}
	var out []Batch
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.batches(ctx, tx, d.exercise(), item)
		return err
	})
	return out, err
}

// Propose are the loads that FEFO takes for a quantity, and what is missing.
func (d *Desk) Propose(ctx context.Context, a access.Actor, item id.ID, qty int64) (loads []Load, short int64, err error) {
	if !Sees(a) {
		return nil, qty, nil
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		loads, short, err = d.fefo(ctx, tx, d.exercise(), item, qty)
		return err
	})
	return
}

// Alert is the nearest of the alerts that a lot has passed: 0 expired, 30, 90,
// 180; -1: none.
func Alert(expires string, now time.Time) int {
	out := -1
	switch {
	case expires == "":
		return out
	case !Keeps(expires, now):
		return 0
	}
	for _, n := range ExpiryAlerts {
		if today(now.AddDate(0, 0, n)) >= expires {
			out = n
		}
	}
	return out
}

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	if e.Record.Kind == KindPosting {
		return Sees(actor), nil
	}
	var marking string
	ok, err := tx.Row(ctx, `SELECT marking FROM reserve_record WHERE id = ?`, []any{string(e.Record.ID)}, &marking)
	return ok && err == nil && sees(actor, access.Marking(marking)), err
}

// Path is the page of a record.
func Path(kind string, rid id.ID) string {
	return "/health/reserve/" + strings.TrimPrefix(kind, "reserve.") + "s/" + string(rid)
}

// Search finds records in which every word of the query occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if strings.TrimSpace(query) == "" || !Sees(actor) {
		return nil, nil
	}
	f := Filter{Query: query, Limit: limit}
	var out []desk.Hit
	hit := func(key, title, text string, e *Envelope) {
		if len(out) < limit {
			out = append(out, desk.Hit{Key: "hit.reserve." + key, Title: title, Text: text, Owner: e.Owner, Href: Path(e.Kind, e.ID), At: e.Changed})
		}
	}
	items, _, err := d.Items(ctx, actor, f)
	for i := range items {
		hit("item", items[i].C.Name, items[i].C.Spec, &items[i].Envelope)
	}
	if err != nil {
		return nil, err
	}
	draws, _, err := d.Draws(ctx, actor, f)
	for i := range draws {
		hit("draw", draws[i].C.Title, draws[i].C.Name, &draws[i].Envelope)
	}
	if err != nil {
		return nil, err
	}
	all, _, err := d.Allocations(ctx, actor, f)
	for i := range all {
		hit("allocation", all[i].C.Title, all[i].C.Name, &all[i].Envelope)
	}
	if err != nil {
		return nil, err
	}
	moves, _, err := d.Movements(ctx, actor, f)
	for i := range moves {
		hit("movement", moves[i].C.Title, moves[i].C.Name, &moves[i].Envelope)
	}
	if err != nil {
		return nil, err
	}
	lots, _, err := d.Lots(ctx, actor, f)
	for i := range lots {
		hit("lot", lots[i].C.Number, lots[i].C.Name, &lots[i].Envelope)
	}
	return out, err
}
