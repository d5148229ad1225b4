package reserve

import (
	"fmt"
	"os"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/id"
)

// BenchmarkLedger is what pages and the audit ask of a long book: the balances
// of all accounts lot by lot, the totals of all accounts, and the check of the
// whole chain with every balance computed again.
//
//	LINTAS_FULL=1 go test -run '^$' -bench Ledger -benchtime 3x ./internal/desk/health/reserve
//
// The book has a million entries; 50,000 without LINTAS_FULL.
func BenchmarkLedger(b *testing.B) {
	entries := 50_000
	if os.Getenv("LINTAS_FULL") != "" {
		entries = 1_000_000
	}
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) {
			now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
			d := dbtest.Open(b, dbtest.Options(b, e), schemas...)
			env := &desk.Env{Member: "KH", DB: d, Clock: now, Wall: clock.System{}, IDs: &id.Maker{Clock: now}}
			k := New(env, health.New(env), Sources{})
			began := time.Now()
			accounts := longBook(b, d, entries)
			b.Logf("%d entries on %d accounts and lots, written in %.1f s", entries, accounts, time.Since(began).Seconds())
			b.Run("balances", func(b *testing.B) {
				for b.Loop() {
					if err := d.Read(b.Context(), func(tx *db.Tx) error {
						got, err := balances(b.Context(), tx, "", `1 = 1`)
						if err == nil && len(got) != accounts {
							err = fmt.Errorf("%d balances", len(got))
						}
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("totals", func(b *testing.B) {
				for b.Loop() {
					if err := d.Read(b.Context(), func(tx *db.Tx) error {
						got, err := totals(b.Context(), tx, "")
						if err == nil && len(got) == 0 {
							err = fmt.Errorf("no totals")
						}
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("verify", func(b *testing.B) {
				for b.Loop() {
					a, err := k.Check(b.Context(), duty)
					if err != nil || !a.Sound() || a.Entries != int64(entries) {
						b.Fatalf("%v, %d entries, %v", err, a.Entries, a.Faults)
					}
				}
			})
		})
	}
}

// longBook writes a book of so many entries: 40 items of 25 lots at 4 places
// that come in and are used up, some on credit of another member.
func longBook(b *testing.B, d *db.DB, entries int) (accounts int) {
	b.Helper()
	ids := &id.Maker{Clock: clock.System{}}
	var items, lots []string
	for range 40 {
		items = append(items, string(ids.New()))
	}
	for range 1000 {
		lots = append(lots, string(ids.New()))
	}
	have, head, n := ledger.Balances{}, "", entries/2
	for from := 1; from <= n; from += 5000 {
		if err := d.Write(b.Context(), func(tx *db.Tx) error {
			for i := from; i < from+5000 && i <= n; i++ {
				p := numbered(i, items, lots)
				p.ID = string(ids.New())
				if err := have.Apply(p); err != nil {
					return err
				}
				if err := p.Seal(int64(i), head); err != nil {
					return err
				}
				head = p.Digest
				if err := insertPosting(b.Context(), tx, "", p); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := d.Write(b.Context(), func(tx *db.Tx) error {
		for k, v := range have {
			if err := addBalance(b.Context(), tx, "", ledger.Entry{Item: k.Item, Lot: k.Lot, Account: k.Account, Amount: v}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(b.Context(), `INSERT INTO reserve_book (book, seq, digest) VALUES (?, ?, ?)`, "", n, head)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return len(have)
}

// numbered is posting i: of every three, two bring goods in.
func numbered(i int, items, lots []string) *ledger.Posting {
	round := i / 3
	lot := round % len(lots)
	item, place := items[lot%len(items)], ledger.Of(ledger.Stock, fmt.Sprint("W", lot%4))
	amount, against := int64(10+i%90), ledger.Of(ledger.Supplier, "")
	if i%3 == 1 {
		against = ledger.Of(ledger.DueTo, string([]access.Member{"TH", "SG", "VN"}[lot%3]))
	}
	if i%3 == 2 {
		amount, against = -10, ledger.Of(ledger.Consumed, "")
	}
	return &ledger.Posting{Key: fmt.Sprint("bench:", i), Kind: "bench", At: int64(i), By: "Post duty",
		Entries: []ledger.Entry{{Item: item, Lot: lots[lot], Account: place, Amount: amount}, {Item: item, Account: against, Amount: -amount}}}
}
