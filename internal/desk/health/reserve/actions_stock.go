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

// What a storekeeper books. Each is a posting with two sides.

// Postings by people: the other side of the entry, and whether goods come in.
var byHand = map[string]struct {
	against string
	in      bool
	correct bool // only who clears may book it
}{
	"opening":       {ledger.Opening, true, false},
	"supply":        {ledger.Supplier, true, false},
	"from_national": {ledger.National, true, false},
	"to_national":   {ledger.National, false, false},
	"consume":       {ledger.Consumed, false, false},
	"expire":        {ledger.Expired, false, false},
	"damage":        {ledger.Damaged, false, false},
	"count_more":    {ledger.Counted, true, true},
	"count_less":    {ledger.Counted, false, true},
}

// Incoming and Outgoing are the postings by people, in the order of the form.
var (
	Incoming = []string{"opening", "supply", "from_national", "count_more"}
	Outgoing = []string{"consume", "to_national", "move", "expire", "damage", "count_less"}
)

// LotInput is what a person enters of a lot.
type LotInput struct {
	Item    id.ID         `json:"item"`
	Number  string        `json:"number"`
	Maker   string        `json:"maker"`
	Expires string        `json:"expires,omitempty"`
	Holder  access.Member `json:"holder"`
}

// Register begins a lot and books what there is of it.
func (d *Desk) Register(ctx context.Context, actor access.Actor, in LotInput, p PostInput) (Lot, error) {
	var out Lot
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.register(ctx, tx, actor, in)
		if err != nil {
			return err
		}
		p.Lot = out.ID
		if !slices.Contains(Incoming, p.Kind) {
			return wrong("kind", "fault.reserve.choice")
		}
		_, err = d.postIn(ctx, tx, actor, p)
		return err
	})
	return out, err
}

func (d *Desk) register(ctx context.Context, tx *db.Tx, actor access.Actor, in LotInput) (Lot, error) {
	item, err := d.item(ctx, tx, actor, in.Item)
	if err != nil {
		return Lot{}, err
	}
	r := Lot{C: LotContent{Item: item.ID, Name: item.C.Name, Unit: item.C.Unit, Number: in.Number, Maker: in.Maker, Expires: in.Expires, Holder: in.Holder, Keeps: item.C.Keeps}}
	return d.lots.create(ctx, tx, d, actor, r, "register", nil)
}

// item reads a published item.
func (d *Desk) item(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID) (Item, error) {
	r, err := d.items.visible(ctx, tx, actor, rid)
	if fault.Is(err, fault.NotFound) || err == nil && r.State != Published && r.State != Retired {
		return r, wrong("item", "fault.reserve.item")
	}
	return r, err
}

func wrong(field, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key}}}
}

// PostInput is what a person books of a lot.
type PostInput struct {
	Kind      string `json:"kind"`
	Lot       id.ID  `json:"lot"`
	Warehouse string `json:"warehouse"`
	To        string `json:"to_warehouse,omitempty"` // of a move
	Qty       int64  `json:"qty"`
	Words     string `json:"words,omitempty"`
}

// Post books goods in or out.
func (d *Desk) Post(ctx context.Context, actor access.Actor, in PostInput) (int64, error) {
	var seq int64
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		seq, err = d.postIn(ctx, tx, actor, in)
		return err
	})
	return seq, err
}

func (d *Desk) postIn(ctx context.Context, tx *db.Tx, actor access.Actor, in PostInput) (int64, error) {
	if err := may(ctx, actor, "reserve.post"); err != nil {
		return 0, err
	}
	lot, err := d.lots.visible(ctx, tx, actor, in.Lot)
	if err != nil {
		return 0, err
	}
	how, ok := byHand[in.Kind]
	var c fault.Check
	c.That(ok || in.Kind == "move", "kind", "fault.reserve.choice")
	quantity(&c, in.Qty, 1, "qty")
	c.That(ledger.Warehouse(in.Warehouse), "warehouse", "fault.reserve.warehouse")
	c.That(in.Kind != "move" || ledger.Warehouse(in.To) && in.To != in.Warehouse, "to_warehouse", "fault.reserve.warehouse")
	text(&c, &in.Words, ledger.MaxWords, "words")
	c.That(!how.correct || in.Words != "", "words", "fault.reserve.why")
	if err := c.Err(); err != nil {
		return 0, err
	}
	if how.correct && !Capabilities.May(actor, "reserve.correct") {
		return 0, forbidden(in.Kind)
	}
	n := in.Qty
	if !how.in {
		n = -n
	}
	entries := []ledger.Entry{{Item: string(lot.C.Item), Lot: string(lot.ID), Account: ledger.Of(ledger.Stock, in.Warehouse), Amount: n}}
	if in.Kind == "move" {
		entries = append(entries, ledger.Entry{Item: string(lot.C.Item), Lot: string(lot.ID), Account: ledger.Of(ledger.Stock, in.To), Amount: in.Qty})
	} else {
		entries = append(entries, ledger.Entry{Item: string(lot.C.Item), Account: ledger.Of(how.against, ""), Amount: -n})
	}
	return d.post(ctx, tx, actor, booking{book: lot.Exercise, key: in.Kind + ":" + string(d.env.IDs.New()), kind: in.Kind, words: in.Words, entries: entries})
}

// RotateInput swaps goods near their expiry for fresh ones from the state's
// own supplies.
type RotateInput struct {
	Lot       id.ID    `json:"lot"`
	Warehouse string   `json:"warehouse"`
	Qty       int64    `json:"qty"`
	New       LotInput `json:"new"`
	Words     string   `json:"words,omitempty"`
}

// Rotate books the old lot out to national use and the new one in, in one
// posting: the reserve is never smaller in between.
func (d *Desk) Rotate(ctx context.Context, actor access.Actor, in RotateInput) (Lot, error) {
	var out Lot
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := may(ctx, actor, "reserve.post"); err != nil {
			return err
		}
		old, err := d.lots.visible(ctx, tx, actor, in.Lot)
		if err != nil {
			return err
		}
		var c fault.Check
		quantity(&c, in.Qty, 1, "qty")
		c.That(ledger.Warehouse(in.Warehouse), "warehouse", "fault.reserve.warehouse")
		c.That(in.New.Expires == "" || in.New.Expires > old.C.Expires, "expires", "fault.reserve.rotate_later")
		text(&c, &in.Words, ledger.MaxWords, "words")
		if err := c.Err(); err != nil {
			return err
		}
		in.New.Item, in.New.Holder = old.C.Item, old.C.Holder
		if out, err = d.register(ctx, tx, actor, in.New); err != nil {
			return err
		}
		item, acc := string(old.C.Item), ledger.Of(ledger.Stock, in.Warehouse)
		_, err = d.post(ctx, tx, actor, booking{book: old.Exercise, key: "rotate:" + string(out.ID), kind: "rotate", words: in.Words, entries: []ledger.Entry{
			{Item: item, Lot: string(old.ID), Account: acc, Amount: -in.Qty}, {Item: item, Lot: string(out.ID), Account: acc, Amount: in.Qty}}})
		return err
	})
	return out, err
}

// reversible are the postings that a person may take back: those that no
// other member has booked too.
var reversible = append(append([]string{"move", "rotate"}, Incoming...), "consume", "to_national", "expire", "damage", "count_less")

// Reversible reports whether a posting of the kind can be taken back by one of
// its own.
func Reversible(kind string) bool { return slices.Contains(reversible, kind) }

// Reverse takes a posting back by another one.
func (d *Desk) Reverse(ctx context.Context, actor access.Actor, seq int64, words string) (int64, error) {
	var out int64
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := may(ctx, actor, "reserve.correct"); err != nil {
			return err
		}
		var c fault.Check
		need(&c, &words, ledger.MaxWords, "words")
		if err := c.Err(); err != nil {
			return err
		}
		book := d.exercise()
		list, err := postings(ctx, tx, book, `seq = ?`, seq)
		if err == nil && len(list) == 0 {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		if !Reversible(list[0].Kind) {
			return fault.New(fault.Conflict, "fault.reserve.not_reversible")
		}
		key := "reverse:" + list[0].ID
		var was int64
		if found, err := tx.Row(ctx, `SELECT seq FROM reserve_posting WHERE book = ? AND key = ?`, []any{book, key}, &was); err != nil {
			return err
		} else if found {
			return fault.New(fault.Conflict, "fault.reserve.reversed").With("seq", was)
		}
		out, err = d.post(ctx, tx, actor, booking{book: book, key: key, kind: "reverse", reverses: seq, words: words, entries: list[0].Reversal()})
		return err
	})
	return out, err
}

// StepLot changes the condition of a lot, or corrects what is written of it.
func (d *Desk) StepLot(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string, in *LotInput) (Lot, error) {
	return write(ctx, d, func(tx *db.Tx) (Lot, error) {
		return d.lots.step(ctx, tx, d, actor, rid, seen, verb, desk.Change[Lot]{Detail: map[string]any{"reason": reason}, Edit: func(r *Lot) error {
			if verb == "receive" || verb == "register" {
				return wrong("verb", "fault.reserve.choice")
			}
			r.Reason = reason
			if in != nil && verb == "correct" {
				r.C.Number, r.C.Maker, r.C.Expires, r.C.Holder = in.Number, in.Maker, in.Expires, in.Holder
			}
			return nil
		}})
	})
}

// write runs f in one transaction and gives its record.
func write[R any](ctx context.Context, d *Desk, f func(tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = f(tx)
		return err
	})
	return out, err
}
