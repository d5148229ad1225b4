package reserve

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
)

// Proof is the books of all members side by side: that each balances, and
// that together they do, but for what is on the way between two of them.
type Proof struct {
	Exercise string
	Members  []Column // in the fixed order; who states nothing is among them
	Items    []ProofItem
}

// Column is a member's book in the proof.
type Column struct {
	Member access.Member
	Stated bool // there is a statement, or it is the own book
	Own    bool // computed from the own entries just now
	Seq    int64
	AsOf   time.Time
	Page   id.ID // record of the statement
	Old    bool  // stopped by its member
}

// ProofItem is one item in all books.
type ProofItem struct {
	Item       id.ID
	Name, Unit string
	Rows       []ProofRow
	Sums       []int64 // of the columns of goods; each must be 0
	Pairs      []ledger.Pair
	Balanced   bool // every column is 0, and every difference between two books is explained
	Complete   bool // nobody who appears in it is silent
}

// ProofRow is one kind of account in every book; nil: no statement.
type ProofRow struct {
	Kind  string
	Cells []*int64
	Sum   int64
}

// Columns of the proof: every member that the region lists, this one too.
func (d *Desk) columns() []access.Member {
	all := append([]access.Member{d.env.Member}, d.env.Others()...)
	return slices.DeleteFunc(access.All(), func(m access.Member) bool { return !slices.Contains(all, m) })
}

// Prove holds the newest statement of every member, and this member's own
// book, against one another. An item narrows it.
func (d *Desk) Prove(ctx context.Context, actor access.Actor, item id.ID) (Proof, error) {
	out := Proof{Exercise: d.exercise()}
	if !Sees(actor) {
		return out, notFound()
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := d.statements.all(ctx, tx, `exercise = ? ORDER BY changed`, out.Exercise)
		if err != nil {
			return err
		}
		by := map[access.Member]Statement{}
		for i := range list {
			by[list[i].Owner] = list[i]
		}
		own := by[d.env.Member]
		own.Owner = d.env.Member
		if own.C, err = d.state(ctx, tx, out.Exercise); err != nil {
			return err
		}
		by[d.env.Member] = own
		moves, err := d.moves(ctx, tx, out.Exercise)
		if err != nil {
			return err
		}
		out.fill(d, by, moves, item)
		return nil
	})
	return out, err
}

// moves are all movements that are known here, with the postings by which
// their two sides booked them.
func (d *Desk) moves(ctx context.Context, tx *db.Tx, exercise string) ([]ledger.Move, error) {
	sent, err := d.movements.all(ctx, tx, `exercise = ? AND state IN (?, ?) ORDER BY id`, exercise, string(Dispatched), string(Booked))
	if err != nil {
		return nil, err
	}
	came, err := d.arrivals.all(ctx, tx, `exercise = ? AND state = ?`, exercise, string(Received))
	if err != nil {
		return nil, err
	}
	got := map[id.ID]*Arrival{}
	for i := range came {
		got[came[i].C.Movement] = &came[i]
	}
	var out []ledger.Move
	for i := range sent {
		m := &sent[i]
		x := ledger.Move{ID: string(m.ID), Title: m.C.Title, From: m.Owner, To: m.C.To, Item: string(m.C.Item), Purpose: m.C.Purpose, Sent: m.C.Sent(), Came: m.C.Came,
			Out: m.C.Out, In: m.C.In, Closed: m.C.Closed}
		if a := got[m.ID]; a != nil && a.Owner == m.C.To {
			x.Came, _, _ = a.C.Sum()
			x.In = a.C.In
		}
		out = append(out, x)
	}
	return out, nil
}

func (p *Proof) fill(d *Desk, by map[access.Member]Statement, moves []ledger.Move, only id.ID) {
	names := map[id.ID]Held{}
	var sides []ledger.Side
	for _, m := range d.columns() {
		s, ok := by[m]
		c := Column{Member: m, Stated: ok, Own: m == d.env.Member, Old: s.State == Stopped}
		if ok {
			c.Seq, c.AsOf, c.Page = s.C.Seq, s.C.AsOf, s.ID
			sides = append(sides, sideOf(&s))
			for _, h := range s.C.Items {
				if _, had := names[h.Item]; !had || c.Own {
					names[h.Item] = h
				}
			}
		}
		p.Members = append(p.Members, c)
	}
	pairs := map[string][]ledger.Pair{}
	for _, x := range ledger.Match(sides, moves) {
		pairs[x.Item] = append(pairs[x.Item], x)
	}
	for _, h := range slices.SortedFunc(maps.Values(names), func(a, b Held) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Item, b.Item)) }) {
		if only == "" || only == h.Item {
			p.Items = append(p.Items, p.item(h, sides, pairs[string(h.Item)]))
		}
	}
}

func (p *Proof) item(h Held, sides []ledger.Side, pairs []ledger.Pair) ProofItem {
	out := ProofItem{Item: h.Item, Name: h.Name, Unit: h.Unit, Pairs: pairs, Balanced: true, Complete: true, Sums: make([]int64, len(p.Members))}
	for _, kind := range ledger.Kinds {
		row, any := ProofRow{Kind: kind, Cells: make([]*int64, len(p.Members))}, false
		memo := ledger.Of(kind, "").Memo()
		for i, c := range p.Members {
			j := slices.IndexFunc(sides, func(s ledger.Side) bool { return s.Member == c.Member })
			if j < 0 {
				continue
			}
			var n int64
			for acc, v := range sides[j].Balances[string(h.Item)] {
				if acc.Kind() == kind {
					n, any = n+v, true
				}
			}
			row.Cells[i], row.Sum = &n, row.Sum+n
			if !memo {
				out.Sums[i] += n
			}
		}
		if any {
			out.Rows = append(out.Rows, row)
		}
	}
	for _, n := range out.Sums {
		out.Balanced = out.Balanced && n == 0
	}
	for _, x := range pairs {
		out.Balanced = out.Balanced && x.Open == 0
		out.Complete = out.Complete && x.Both
	}
	return out
}

// Balanced reports whether all that is stated balances.
func (p *Proof) Balanced() bool {
	return !slices.ContainsFunc(p.Items, func(i ProofItem) bool { return !i.Balanced })
}

// Silent are the members without a statement.
func (p *Proof) Silent() []access.Member {
	var out []access.Member
	for _, c := range p.Members {
		if !c.Stated {
			out = append(out, c.Member)
		}
	}
	return out
}

// OwnStatement is the standing statement of this member, if it was opened,
// with the buttons for the actor.
func (d *Desk) OwnStatement(ctx context.Context, a access.Actor) (Page[StatementContent], bool, error) {
	var out Page[StatementContent]
	var had bool
	if !Sees(a) {
		return out, false, nil
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		s, ok, err := d.ownStatement(ctx, tx, d.exercise())
		had = ok
		if ok {
			out = Page[StatementContent]{viewOf(&s), Statements.Offers(s, a, d.Now())}
		}
		return err
	})
	return out, had, err
}

// BookFilter narrows the postings, which come newest first.
type BookFilter struct {
	Item   id.ID
	Kind   string
	Before int64 // postings with a lower number; 0: all
	Offset int
	Limit  int
}

// Book are postings of this member's book.
func (d *Desk) Book(ctx context.Context, a access.Actor, f BookFilter) ([]ledger.Posting, error) {
	if !Sees(a) {
		return nil, nil
	}
	cond, args := `1 = 1`, []any{}
	if f.Kind != "" {
		cond, args = cond+` AND kind = ?`, append(args, f.Kind)
	}
	if f.Before > 0 {
		cond, args = cond+` AND seq < ?`, append(args, f.Before)
	}
	var out []ledger.Posting
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		book := d.exercise()
		if f.Item != "" {
			cond, args = cond+` AND seq IN (SELECT e.seq FROM reserve_entry e WHERE e.book = ? AND e.item = ?)`, append(args, book, string(f.Item))
		}
		n := f.Limit
		if n <= 0 || n > most {
			n = 50
		}
		var err error
		out, err = postings(ctx, tx, book, cond+` ORDER BY seq DESC LIMIT ? OFFSET ?`, append(args, n, max(f.Offset, 0))...)
		return err
	})
	return out, err
}

// Posting is one posting of the own book.
func (d *Desk) Posting(ctx context.Context, a access.Actor, seq int64) (ledger.Posting, error) {
	if !Sees(a) {
		return ledger.Posting{}, desk.NotFound()
	}
	var out ledger.Posting
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := postings(ctx, tx, d.exercise(), `seq = ?`, seq)
		if err == nil && len(list) == 0 {
			err = desk.NotFound()
		}
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}

// Totals are the balances of the own book, with the names of its items.
func (d *Desk) Totals(ctx context.Context, a access.Actor) (StatementContent, error) {
	var out StatementContent
	if !Sees(a) {
		return out, nil
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.state(ctx, tx, d.exercise())
		return err
	})
	return out, err
}
