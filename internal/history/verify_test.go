package history

import (
	"context"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
)

// signNow signs, and has the others countersign as they would over the
// exchange.
func signNow(t testing.TB, d *db.DB, at time.Time, others ...access.Member) Signed {
	t.Helper()
	var s Signed
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		var err error
		s, _, err = Sign(ctx, tx, signerOf(t, "KH"), at)
		if err != nil {
			return err
		}
		for _, m := range others {
			text, err := s.Checkpoint.sign(signerOf(t, m))
			if err != nil {
				return err
			}
			both := s.Note + text[len(textOf(text))+1:]
			if _, err := AddCountersignature(ctx, tx, m, both, allKeys(t), at); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

// built is a log of 100 entries with checkpoints at 10, 40 and 90,
// countersigned by two.
func built(t testing.TB, d *db.DB) {
	t.Helper()
	at := 0
	for i, size := range []int{10, 40, 90} {
		appendN(t, d, at, size-at)
		signNow(t, d, day.Add(time.Duration(i)*time.Minute), "TH", "SG")
		at = size
	}
	appendN(t, d, at, 10)
}

func TestVerifyFindsNothingWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		built(t, d)
		var steps []int64
		r, err := Verify(t.Context(), d, allKeys(t), func(done, all int64) { steps = append(steps, done, all) })
		if err != nil || !r.OK() {
			t.Fatalf("%+v, %v", r, err)
		}
		if r.Entries != 100 || r.Checkpoints != 3 || r.Countersignatures != 6 || r.LastSigned != (Point{1, 90}) {
			t.Errorf("%+v", r)
		}
		if len(steps) == 0 || steps[len(steps)-2] != 100 || steps[len(steps)-1] != 100 {
			t.Errorf("progress %v", steps)
		}
		empty := Report{}
		if !empty.OK() {
			t.Error("an empty log must be right")
		}
	}, Schema)
}

// rehash recomputes leaf and inner nodes after a row was changed, as somebody
// would who knows how the tables work; with it only the signatures can tell.
func rehash(ctx context.Context, tx *db.Tx, index int64, leafOnly bool) error {
	e, err := At(ctx, tx, index)
	if err != nil {
		return err
	}
	h, err := e.hash()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE history_entry SET leaf = ? WHERE idx = ?`, h[:], index); err != nil || leafOnly {
		return err
	}
	r := &reader{ctx, tx}
	for level, n := 0, index; ; level, n = level+1, n/2 {
		pair, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, n&^1), tlog.StoredHashIndex(level, n|1)})
		if err != nil {
			return nil // the top of this part of the tree
		}
		up := tlog.NodeHash(pair[0], pair[1])
		if _, err := tx.Exec(ctx, `UPDATE history_node SET hash = ? WHERE pos = ?`, up[:], tlog.StoredHashIndex(level+1, n/2)); err != nil {
			return err
		}
	}
}

type tamper func(context.Context, *db.Tx) error

func exec(query string, args ...any) tamper {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}
}

func all(fs ...tamper) tamper {
	return func(ctx context.Context, tx *db.Tx) error {
		for _, f := range fs {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}
}

func cp(first, last, size int64) Problem {
	return Problem{Kind: BadCheckpoint, First: first, Last: last, Epoch: 1, Size: size}
}

var change = exec(`UPDATE history_entry SET actor = 'nobody' WHERE idx = 23`)

// tamperings are what somebody with the database in hand could do, and what
// Verify must say of it.
var tamperings = []struct {
	name   string
	tamper tamper
	want   []Problem
}{
	{"changed", change, []Problem{{Kind: Changed, First: 23, Last: 23}}},
	{"changed time", exec(`UPDATE history_entry SET recorded = recorded + 1 WHERE idx = 0`), []Problem{{Kind: Changed}}},
	{"changed, leaf recomputed", all(change, func(ctx context.Context, tx *db.Tx) error { return rehash(ctx, tx, 23, true) }),
		[]Problem{{Kind: NodeChanged, First: 22, Last: 23}}},
	{"changed, all hashes recomputed", all(change, func(ctx context.Context, tx *db.Tx) error { return rehash(ctx, tx, 23, false) }),
		[]Problem{cp(10, 39, 40), cp(10, 89, 90)}},
	{"missing", exec(`DELETE FROM history_entry WHERE idx = 57`), []Problem{{Kind: Missing, First: 57, Last: 57}}},
	{"last missing", exec(`DELETE FROM history_entry WHERE idx = 99`), []Problem{{Kind: Missing, First: 99, Last: 99}}},
	{"inserted behind", exec(`INSERT INTO history_entry (` + entryColumns + `, leaf) SELECT 100, at, recorded, member, account, actor, role,
		action, desk, kind, record, version, track, from_state, to_state, digest, detail, exercise, leaf FROM history_entry WHERE idx = 5`),
		[]Problem{{Kind: Inserted, First: 100, Last: 100}}},
	{"two exchanged", all(exec(`UPDATE history_entry SET idx = -1 WHERE idx = 70`), exec(`UPDATE history_entry SET idx = 70 WHERE idx = 71`),
		exec(`UPDATE history_entry SET idx = 71 WHERE idx = -1`)),
		[]Problem{{Kind: Changed, First: 70, Last: 70}, {Kind: Changed, First: 71, Last: 71}, {Kind: NodeChanged, First: 70, Last: 71}}},
	{"node changed", exec(`UPDATE history_node SET hash = (SELECT leaf FROM history_entry WHERE idx = 0) WHERE pos = ?`, tlog.StoredHashIndex(3, 2)),
		[]Problem{{Kind: NodeChanged, First: 16, Last: 23}, {Kind: NodeChanged, First: 16, Last: 31}}},
	{"node inserted", exec(`INSERT INTO history_node (pos, hash) VALUES (?, ?)`, tlog.StoredHashIndex(0, 8), make([]byte, 32)),
		[]Problem{{Kind: NodeInserted, First: 8, Last: 8}}},
	{"shortened", all(exec(`DELETE FROM history_entry WHERE idx >= 64`), exec(`UPDATE history_head SET size = 64`),
		exec(`DELETE FROM history_node WHERE pos >= ?`, tlog.StoredHashCount(64))),
		[]Problem{{Kind: Shortened, First: 64, Last: 89, Epoch: 1, Size: 90}}},
	{"checkpoint of others' words", exec(`UPDATE history_checkpoint SET note = (SELECT note FROM history_checkpoint WHERE size = 10) WHERE size = 40`),
		[]Problem{{Kind: BadSignature, First: 10, Last: 39, Epoch: 1, Size: 40},
			{Kind: BadCountersign, Epoch: 1, Size: 40, Member: "SG"}, {Kind: BadCountersign, Epoch: 1, Size: 40, Member: "TH"}}},
	{"checkpoint removed", exec(`DELETE FROM history_checkpoint WHERE size = 40`),
		[]Problem{{Kind: BadCountersign, Epoch: 1, Size: 40, Member: "SG"}, {Kind: BadCountersign, Epoch: 1, Size: 40, Member: "TH"}}},
	{"countersignature of another size", exec(`UPDATE history_countersign SET note = (SELECT note FROM history_countersign WHERE size = 10 AND member = 'TH')
		WHERE size = 90 AND member = 'TH'`), []Problem{{Kind: BadCountersign, Epoch: 1, Size: 90, Member: "TH"}}},
	{"countersignature of another member", exec(`UPDATE history_countersign SET member = 'LA' WHERE size = 90 AND member = 'TH'`),
		[]Problem{{Kind: BadCountersign, Epoch: 1, Size: 90, Member: "LA"}}},
	{"epoch without entry", all(exec(`UPDATE history_head SET epoch = 2`), exec(`INSERT INTO history_epoch (epoch, start) VALUES (2, 95)`)),
		[]Problem{{Kind: BadEpoch, Epoch: 2, First: 95, Last: 95}}},
}

func TestVerifyFindsTampering(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		for _, c := range tamperings {
			t.Run(c.name, func(t *testing.T) {
				d := dbtest.Open(t, dbtest.Options(t, o.Engine), Schema)
				built(t, d)
				write(t, d, c.tamper)
				r, err := Verify(t.Context(), d, allKeys(t), nil)
				if err != nil {
					t.Fatal(err)
				}
				if int(r.Found) != len(c.want) || len(r.Problems) != len(c.want) {
					t.Fatalf("found %+v, want %+v", r.Problems, c.want)
				}
				for i, p := range r.Problems {
					if p != c.want[i] {
						t.Errorf("found %+v, want %+v", p, c.want[i])
					}
				}
			})
		}
	})
}
