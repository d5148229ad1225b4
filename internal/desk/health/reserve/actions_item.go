package reserve

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Shared is what a person enters of any record.
type Shared struct {
	Lang    string         `json:"lang,omitempty"`
	Marking access.Marking `json:"marking,omitempty"`
}

func record[C any](d *Desk, s Shared, c C) Record[C] {
	r := Record[C]{C: c}
	r.Owner, r.Lang, r.Marking = d.env.Member, s.Lang, s.Marking
	return r
}

func unknownVerb() error { return fault.New(fault.Invalid, "fault.invalid") }

// DraftItem begins a specification.
func (d *Desk) DraftItem(ctx context.Context, actor access.Actor, s Shared, in ItemContent) (Item, error) {
	return write(ctx, d, func(tx *db.Tx) (Item, error) {
		return d.items.create(ctx, tx, d, actor, record(d, s, in), "draft", nil)
	})
}

// StepItem edits, publishes, revises, retires or discards a specification.
func (d *Desk) StepItem(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string, in *ItemContent) (Item, error) {
	into := func(c *ItemContent, in ItemContent) { *c = in }
	return write(ctx, d, func(tx *db.Tx) (Item, error) {
		var c desk.Change[Item]
		switch verb {
		case "edit":
			if in == nil {
				return Item{}, unknownVerb()
			}
			c = edits(actor, *in, into)
		case "publish", "retire", "revise":
			c = d.items.releases(d, actor, reason, func(r *Item) error {
				if verb == "revise" && in != nil {
					if in.Unit != r.C.Unit {
						return wrong("unit", "fault.reserve.unit_fixed")
					}
					into(&r.C, *in)
				}
				return nil
			}, nil)
		case "discard":
		default:
			return Item{}, unknownVerb()
		}
		return d.items.step(ctx, tx, d, actor, rid, seen, verb, c)
	})
}

// Declare says how an item stands in this state; said again, it replaces what
// was said before.
func (d *Desk) Declare(ctx context.Context, actor access.Actor, in RegistrationContent) (Registration, error) {
	return write(ctx, d, func(tx *db.Tx) (Registration, error) {
		item, err := d.item(ctx, tx, actor, in.Item)
		if err != nil {
			return Registration{}, err
		}
		in.Name = item.C.Name
		list, err := d.registered.all(ctx, tx, `item = ? AND owner = ?`, string(in.Item), string(d.env.Member))
		if err != nil {
			return Registration{}, err
		}
		c := d.registered.releases(d, actor, "", func(r *Registration) error { r.C = in; return nil }, nil)
		if len(list) > 0 {
			return d.registered.step(ctx, tx, d, actor, list[0].ID, 0, "change", c)
		}
		r := record(d, Shared{}, in)
		r.Released, r.Release, r.ClearedAs = d.Now(), d.env.IDs.New(), actor.Name
		return d.registered.create(ctx, tx, d, actor, r, "declare", func(ctx context.Context, tx *db.Tx, r *Registration) error { return d.registered.send(ctx, tx, d, r) })
	})
}

// DraftPledge begins a promise out of the state's own supplies.
func (d *Desk) DraftPledge(ctx context.Context, actor access.Actor, s Shared, in PledgeContent) (Pledge, error) {
	return write(ctx, d, func(tx *db.Tx) (Pledge, error) {
		item, err := d.item(ctx, tx, actor, in.Item)
		if err != nil {
			return Pledge{}, err
		}
		in.Name, in.Unit, in.Drawn = item.C.Name, item.C.Unit, 0
		return d.pledges.create(ctx, tx, d, actor, record(d, s, in), "draft", nil)
	})
}

// StepPledge edits, gives, withdraws or discards a promise.
func (d *Desk) StepPledge(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string, in *PledgeContent) (Pledge, error) {
	return write(ctx, d, func(tx *db.Tx) (Pledge, error) {
		var c desk.Change[Pledge]
		switch verb {
		case "edit":
			if in == nil {
				return Pledge{}, unknownVerb()
			}
			c = edits(actor, *in, func(c *PledgeContent, in PledgeContent) {
				c.Qty, c.Notice, c.Blackout, c.Until = in.Qty, in.Notice, in.Blackout, in.Until
			})
		case "pledge":
			c = d.pledges.releases(d, actor, reason, nil, func(ctx context.Context, tx *db.Tx, r *Pledge) error {
				return d.memo(ctx, tx, actor, r, r.C.Qty, "pledge")
			})
		case "withdraw":
			c = d.pledges.releases(d, actor, reason, nil, func(ctx context.Context, tx *db.Tx, r *Pledge) error {
				return d.memo(ctx, tx, actor, r, -r.C.Left(), "withdraw_pledge")
			})
		case "discard":
		default:
			return Pledge{}, unknownVerb()
		}
		return d.pledges.step(ctx, tx, d, actor, rid, seen, verb, c)
	})
}

// memo books what is promised outside the balance of goods.
func (d *Desk) memo(ctx context.Context, tx *db.Tx, actor access.Actor, r *Pledge, n int64, kind string) error {
	if n == 0 {
		return nil
	}
	_, err := d.post(ctx, tx, actor, booking{book: r.Exercise, key: kind + ":" + string(r.ID), kind: kind, entries: []ledger.Entry{
		{Item: string(r.C.Item), Account: ledger.Pledged, Amount: n}, {Item: string(r.C.Item), Account: ledger.Cover, Amount: -n}}})
	return err
}

// DraftDraw begins a request to the reserve.
func (d *Desk) DraftDraw(ctx context.Context, actor access.Actor, s Shared, in DrawContent) (Draw, error) {
	return write(ctx, d, func(tx *db.Tx) (Draw, error) {
		item, err := d.item(ctx, tx, actor, in.Item)
		if err != nil {
			return Draw{}, err
		}
		in.Name, in.Unit = item.C.Name, item.C.Unit
		if err := d.nameEvent(ctx, tx, actor, &in); err != nil {
			return Draw{}, err
		}
		return d.draws.create(ctx, tx, d, actor, record(d, s, in), "draft", nil)
	})
}

func (d *Desk) nameEvent(ctx context.Context, tx *db.Tx, actor access.Actor, in *DrawContent) error {
	in.EventName = ""
	if in.Event == "" {
		return nil
	}
	e, err := d.health.EventFull(ctx, tx, actor, in.Event)
	if fault.Is(err, fault.NotFound) {
		return wrong("event", "fault.reserve.choose")
	}
	in.EventName = e.Name
	return err
}

// StepDraw edits, asks, closes, withdraws or discards a request.
func (d *Desk) StepDraw(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string, in *DrawContent) (Draw, error) {
	return write(ctx, d, func(tx *db.Tx) (Draw, error) {
		var c desk.Change[Draw]
		switch verb {
		case "edit":
			if in == nil {
				return Draw{}, unknownVerb()
			}
			if err := d.nameEvent(ctx, tx, actor, in); err != nil {
				return Draw{}, err
			}
			c = edits(actor, *in, func(c *DrawContent, in DrawContent) {
				in.Item, in.Name, in.Unit = c.Item, c.Name, c.Unit
				*c = in
			})
		case "ask", "close", "withdraw":
			c = d.draws.releases(d, actor, reason, nil, nil)
		case "discard":
		default:
			return Draw{}, unknownVerb()
		}
		return d.draws.step(ctx, tx, d, actor, rid, seen, verb, c)
	})
}

// statement of a book, if this member has opened one.
func (d *Desk) ownStatement(ctx context.Context, tx *db.Tx, book string) (Statement, bool, error) {
	list, err := d.statements.all(ctx, tx, `owner = ? AND exercise = ? ORDER BY id`, string(d.env.Member), book)
	if err != nil || len(list) == 0 {
		return Statement{}, false, err
	}
	return list[0], true, nil
}

// StepStatement opens, stops or opens again the standing statement.
func (d *Desk) StepStatement(ctx context.Context, actor access.Actor, verb workflow.Verb, reason string) (Statement, error) {
	return write(ctx, d, func(tx *db.Tx) (Statement, error) {
		was, had, err := d.ownStatement(ctx, tx, d.exercise())
		if err != nil {
			return was, err
		}
		if !slices.Contains([]workflow.Verb{"open", "stop", "reopen"}, verb) || had == (verb == "open") {
			return was, unknownVerb()
		}
		if verb == "open" {
			r := record(d, Shared{}, StatementContent{})
			r.Released, r.Release, r.ClearedAs = d.Now(), d.env.IDs.New(), actor.Name
			if r.C, err = d.state(ctx, tx, d.exercise()); err != nil {
				return r, err
			}
			return d.statements.create(ctx, tx, d, actor, r, "open", func(ctx context.Context, tx *db.Tx, r *Statement) error { return d.statements.send(ctx, tx, d, r) })
		}
		return d.statements.step(ctx, tx, d, actor, was.ID, 0, verb, d.statements.releases(d, actor, reason, func(r *Statement) error {
			var err error
			r.C, err = d.state(ctx, tx, r.Exercise)
			return err
		}, nil))
	})
}

// Renew releases the balances of the books that changed since their standing
// statement last left.
func (d *Desk) Renew(ctx context.Context) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := d.statements.all(ctx, tx, `owner = ? AND state = ?`, string(d.env.Member), string(Standing))
		if err != nil {
			return err
		}
		for _, s := range list {
			c, err := d.state(ctx, tx, s.Exercise)
			if err != nil {
				return err
			}
			if c.Seq == s.C.Seq && slices.Equal(c.Items, s.C.Items) {
				continue
			}
			node := access.Node(d.env.Member)
			if _, err := d.statements.step(ctx, tx, d, node, s.ID, 0, "renew", d.statements.releases(d, node, "", func(r *Statement) error { r.C = c; return nil }, nil)); err != nil {
				return err
			}
		}
		return nil
	})
}

// state is what a book says now.
func (d *Desk) state(ctx context.Context, tx *db.Tx, book string) (StatementContent, error) {
	out := StatementContent{AsOf: d.Now()}
	var err error
	if out.Seq, out.Head, err = bookEnd(ctx, tx, book); err != nil {
		return out, err
	}
	if out.Balances, err = totals(ctx, tx, book); err != nil {
		return out, err
	}
	out.Items, err = d.held(ctx, tx, book, out.Balances)
	return out, err
}

// held names the items of a book and says what of each can be sent.
func (d *Desk) held(ctx context.Context, tx *db.Tx, book string, all []Balance) ([]Held, error) {
	promised, err := d.promised(ctx, tx, book)
	if err != nil {
		return nil, err
	}
	usable := map[id.ID]int64{}
	batches, err := d.batches(ctx, tx, book, "")
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		if b.Usable && Keeps(b.Expires, d.Now()) {
			usable[b.Item] += b.Qty
		}
	}
	var out []Held
	for _, b := range all {
		if len(out) > 0 && out[len(out)-1].Item == b.Item {
			continue
		}
		name, unit, err := d.naming(ctx, tx, b.Item)
		if err != nil {
			return nil, err
		}
		out = append(out, Held{Item: b.Item, Name: name, Unit: unit, Usable: max(usable[b.Item]-promised[b.Item], 0)})
	}
	return out, nil
}

// naming finds what an item is called, in its specification or, where that has
// not come, in a record that names it.
func (d *Desk) naming(ctx context.Context, tx *db.Tx, item id.ID) (name, unit string, err error) {
	list, err := d.items.all(ctx, tx, `id = ?`, string(item))
	if err != nil || len(list) > 0 {
		for _, i := range list {
			name, unit = i.C.Name, i.C.Unit
		}
		return
	}
	lots, err := d.lots.all(ctx, tx, `item = ? ORDER BY id LIMIT 1`, string(item))
	for _, l := range lots {
		return l.C.Name, l.C.Unit, err
	}
	return item.Short(), "-", err
}
