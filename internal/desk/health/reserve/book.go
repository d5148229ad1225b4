package reserve

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// The book of this member. Postings and entries are only ever inserted; the
// balances beside them are kept with every posting, so that a page asks for as
// many rows as there are accounts, however long the book is.

// booking is a posting that is to be made.
type booking struct {
	book     string // exercise, or empty: the real one
	key      string // the same key is booked once
	kind     string
	movement id.ID
	release  id.ID // that carried it here
	reverses int64
	words    string
	entries  []ledger.Entry
}

// post books entries and gives the number of the posting. What was booked
// under the key before is not booked again.
func (d *Desk) post(ctx context.Context, tx *db.Tx, actor access.Actor, b booking) (int64, error) {
	seq, head, err := lockBook(ctx, tx, b.book)
	if err != nil {
		return 0, err
	}
	var was int64
	if found, err := tx.Row(ctx, `SELECT seq FROM reserve_posting WHERE book = ? AND key = ?`, []any{b.book, b.key}, &was); found || err != nil {
		return was, err
	}
	p := ledger.Posting{ID: string(d.env.IDs.New()), Key: b.key, Kind: b.kind, Movement: string(b.movement), Release: string(b.release), Reverses: b.reverses,
		At: clock.Micros(d.Now()), By: actor.Name, Words: b.words, Entries: b.entries}
	if err := p.Check(); err != nil {
		return 0, err
	}
	if err := p.Seal(seq+1, head); err != nil {
		return 0, err
	}
	if err := insertPosting(ctx, tx, b.book, &p); err != nil {
		return 0, err
	}
	for _, e := range p.Entries {
		if err := addBalance(ctx, tx, b.book, e); err != nil {
			return 0, err
		}
	}
	if err := bounded(ctx, tx, b.book, p.Entries); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE reserve_book SET seq = ?, digest = ? WHERE book = ?`, p.Seq, p.Digest, b.book); err != nil {
		return 0, err
	}
	d.env.Notify(tx, "reserve", "reserve:book")
	return p.Seq, d.env.Log(ctx, tx, history.Entry{Account: actor.Account, Actor: actor.Name, Action: KindPosting + "." + b.kind,
		Record: history.Record{Desk: Name, Kind: KindPosting, ID: id.ID(p.ID), Version: int(p.Seq)}, Digest: p.Digest, Exercise: b.book})
}

// lockBook lets one posting at a time into a book, also where several
// processes share the database, and reads its end.
func lockBook(ctx context.Context, tx *db.Tx, book string) (seq int64, head string, err error) {
	if _, err = tx.Exec(ctx, `INSERT INTO reserve_book (book, seq, digest) VALUES (?, 0, '') ON CONFLICT (book) DO NOTHING`, book); err != nil {
		return
	}
	if _, err = tx.Exec(ctx, `UPDATE reserve_book SET seq = seq WHERE book = ?`, book); err != nil {
		return
	}
	_, err = tx.Row(ctx, `SELECT seq, digest FROM reserve_book WHERE book = ?`, []any{book}, &seq, &head)
	return
}

func insertPosting(ctx context.Context, tx *db.Tx, book string, p *ledger.Posting) error {
	_, err := tx.Exec(ctx, `INSERT INTO reserve_posting (book, seq, id, key, kind, movement, carrier, reverses, at, post, words, prev, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, book, p.Seq, p.ID, p.Key, p.Kind, p.Movement, p.Release, p.Reverses, p.At, p.By, p.Words, p.Prev, p.Digest)
	for n, e := range p.Entries {
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO reserve_entry (book, seq, n, item, lot, account, amount) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				book, p.Seq, n, e.Item, e.Lot, string(e.Account), e.Amount)
		}
	}
	return err
}

// addBalance changes a balance in one statement that also refuses to overdraw,
// so that two postings at once cannot spend the same goods.
func addBalance(ctx context.Context, tx *db.Tx, book string, e ledger.Entry) error {
	key := []any{book, e.Item, e.Lot, string(e.Account)}
	n, err := tx.Exec(ctx, `UPDATE reserve_balance SET amount = amount + ? WHERE book = ? AND item = ? AND lot = ? AND account = ? AND (whole = 0 OR amount + ? >= 0)`,
		append(append([]any{e.Amount}, key...), e.Amount)...)
	if err != nil || n == 1 {
		return err
	}
	whole := 0
	if e.Account.Whole() {
		whole = 1
	}
	if whole == 1 && e.Amount < 0 {
		var left int64
		if _, err := tx.Row(ctx, `SELECT amount FROM reserve_balance WHERE book = ? AND item = ? AND lot = ? AND account = ?`, key, &left); err != nil {
			return err
		}
		return ledger.Overdrawn(e.Key(), left)
	}
	_, err = tx.Exec(ctx, `INSERT INTO reserve_balance (book, item, lot, account, whole, amount) VALUES (?, ?, ?, ?, ?, ?)`, append(key, whole, e.Amount)...)
	return err
}

// bounded refuses entries after which an account holds more, over all lots of
// an item, than a statement of the book may say.
func bounded(ctx context.Context, tx *db.Tx, book string, entries []ledger.Entry) error {
	type of struct {
		item    string
		account ledger.Account
	}
	seen := map[of]bool{}
	for _, e := range entries {
		k := of{e.Item, e.Account}
		if seen[k] {
			continue
		}
		seen[k] = true
		var n int64
		if _, err := tx.Row(ctx, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM reserve_balance WHERE book = ? AND item = ? AND account = ?`, []any{book, e.Item, string(e.Account)}, &n); err != nil {
			return err
		}
		if n > ledger.MaxBalance || n < -ledger.MaxBalance {
			return tooMuch("qty", ledger.MaxBalance)
		}
	}
	return nil
}

// balances of a book, account by account and lot by lot.
func balances(ctx context.Context, tx *db.Tx, book, cond string, args ...any) (ledger.Balances, error) {
	out := ledger.Balances{}
	err := tx.Each(ctx, `SELECT item, lot, account, amount FROM reserve_balance WHERE book = ? AND amount <> 0 AND `+cond, append([]any{book}, args...), func(scan func(...any) error) error {
		var k ledger.Key
		var account string
		var n int64
		err := scan(&k.Item, &k.Lot, &account, &n)
		k.Account = ledger.Account(account)
		out[k] = n
		return err
	})
	return out, err
}

// totals of a book, account by account over all lots.
func totals(ctx context.Context, tx *db.Tx, book string) ([]Balance, error) {
	var out []Balance
	err := tx.Each(ctx, `SELECT item, account, CAST(SUM(amount) AS BIGINT) FROM reserve_balance WHERE book = ? AND amount <> 0 GROUP BY item, account ORDER BY item, account`,
		[]any{book}, func(scan func(...any) error) error {
			var item, account string
			var n int64
			err := scan(&item, &account, &n)
			out = append(out, Balance{id.ID(item), ledger.Account(account), n})
			return err
		})
	return out, err
}

// bookEnd is the number and digest of the newest posting.
func bookEnd(ctx context.Context, tx *db.Tx, book string) (seq int64, head string, err error) {
	_, err = tx.Row(ctx, `SELECT seq, digest FROM reserve_book WHERE book = ?`, []any{book}, &seq, &head)
	return
}

const postingColumns = `seq, id, key, kind, movement, carrier, reverses, at, post, words, prev, digest`

// postings reads postings with their entries, in the order of cond.
func postings(ctx context.Context, tx *db.Tx, book, cond string, args ...any) ([]ledger.Posting, error) {
	var out []ledger.Posting
	at := map[int64]int{}
	low, high := int64(0), int64(-1)
	err := tx.Each(ctx, `SELECT `+postingColumns+` FROM reserve_posting WHERE book = ? AND `+cond, append([]any{book}, args...), func(scan func(...any) error) error {
		var p ledger.Posting
		err := scan(&p.Seq, &p.ID, &p.Key, &p.Kind, &p.Movement, &p.Release, &p.Reverses, &p.At, &p.By, &p.Words, &p.Prev, &p.Digest)
		if len(out) == 0 {
			low, high = p.Seq, p.Seq
		}
		low, high = min(low, p.Seq), max(high, p.Seq)
		at[p.Seq] = len(out)
		out = append(out, p)
		return err
	})
	if err != nil || len(out) == 0 {
		return out, err
	}
	collect := func(scan func(...any) error) error {
		var e ledger.Entry
		var seq int64
		var account string
		err := scan(&seq, &e.Item, &e.Lot, &account, &e.Amount)
		e.Account = ledger.Account(account)
		if i, ok := at[seq]; ok {
			out[i].Entries = append(out[i].Entries, e)
		}
		return err
	}
	const entries = `SELECT seq, item, lot, account, amount FROM reserve_entry WHERE book = ? AND seq >= ? AND seq <= ? ORDER BY seq, n`
	if high-low < 3*int64(len(out)) {
		return out, tx.Each(ctx, entries, []any{book, low, high}, collect)
	}
	for i := range out { // far apart: not what lies between them
		if err := tx.Each(ctx, entries, []any{book, out[i].Seq, out[i].Seq}, collect); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// auditBatch is how many postings the audit reads at once.
const auditBatch = 4000

// audit computes a book again from its first posting and holds it against the
// balances that are kept.
func audit(ctx context.Context, tx *db.Tx, book string) (*ledger.Audit, error) {
	a := ledger.NewAudit()
	for after := int64(0); ; {
		list, err := postings(ctx, tx, book, `seq > ? ORDER BY seq LIMIT ?`, after, auditBatch)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if err := a.Add(&list[i]); err != nil {
				return nil, err
			}
			after = list[i].Seq
		}
		if len(list) < auditBatch {
			break
		}
	}
	kept, err := balances(ctx, tx, book, `1 = 1`)
	if err != nil {
		return nil, err
	}
	seq, head, err := bookEnd(ctx, tx, book)
	a.Compare(kept, seq, head)
	return a, err
}

// Audit is the result of a check of the whole book, with when it was made.
type Audit struct {
	*ledger.Audit
	Book string
	Took float64 // seconds
}

// Check computes the whole book of this member again.
func (d *Desk) Check(ctx context.Context, actor access.Actor) (Audit, error) {
	if !sees(actor, access.TLPAmber) {
		return Audit{}, notFound()
	}
	out := Audit{Book: d.exercise()}
	began := d.env.Wall.Now()
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out.Audit, err = audit(ctx, tx, out.Book)
		return err
	})
	out.Took = d.env.Wall.Now().Sub(began).Seconds()
	return out, err
}

func notFound() error { return fault.New(fault.NotFound, "fault.not_found") }

func forbidden(verb string) error { return fault.New(fault.Forbidden, "fault.role").With("verb", verb) }
