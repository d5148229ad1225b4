package history

import (
	"context"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/db"
)

// ProblemKind says what is wrong; the catalogue's "history.problem.<kind>",
// with {first}, {last}, {epoch}, {size} and {member} as far as they apply.
type ProblemKind string

const (
	Changed        ProblemKind = "changed"          // the entry no longer has its hash
	Missing        ProblemKind = "missing"          // there is no entry at the index
	Inserted       ProblemKind = "inserted"         // an entry that was never appended
	NodeChanged    ProblemKind = "node"             // a hash over these entries does not fit them
	NodeInserted   ProblemKind = "node_inserted"    // a hash that no entry made
	BadCheckpoint  ProblemKind = "checkpoint"       // these entries are not those that were signed
	BadSignature   ProblemKind = "signature"        // a checkpoint that its key did not sign
	BadCountersign ProblemKind = "countersignature" // a countersignature of another text or key
	Shortened      ProblemKind = "shortened"        // a checkpoint is larger than the log
	BadEpoch       ProblemKind = "epoch"            // an epoch without the entry that begins it
	BadHeld        ProblemKind = "held"             // another member's checkpoint that is not signed
)

// Problem is one finding. First and Last are the entries concerned; Epoch and
// Size name a checkpoint.
type Problem struct {
	Kind        ProblemKind
	First, Last int64
	Epoch, Size int64
	Member      access.Member
}

// Report is what Verify found. Only the first maxProblems are listed; Found
// counts them all.
type Report struct {
	Head              Head
	Entries           int64
	Checkpoints       int64
	Countersignatures int64
	Held              int64 // checkpoints of others
	LastSigned        Point // newest checkpoint that matches
	Found             int64
	Problems          []Problem
	Took              time.Duration
}

// OK reports whether nothing was found.
func (r Report) OK() bool { return r.Found == 0 }

const (
	maxProblems = 200
	perPage     = 4096
)

func (r *Report) add(p Problem) {
	r.Found++
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, p)
	}
}

// Verify recomputes every hash from its row and checks every checkpoint and
// countersignature. It reads page by page, so that the node goes on working;
// progress is called after each with the entries done and all. What was
// changed together with all its hashes shows at the first checkpoint over it.
func Verify(ctx context.Context, d *db.DB, keys note.Verifiers, progress func(done, all int64)) (Report, error) {
	began := time.Now()
	v := &verifier{keys: keys, report: &Report{}}
	err := d.Read(ctx, func(tx *db.Tx) error { return v.begin(ctx, tx) })
	if err != nil {
		return *v.report, err
	}
	size := v.report.Head.Size
	for from := int64(0); from < size; from += perPage {
		to := min(from+perPage, size)
		if err := d.Read(ctx, func(tx *db.Tx) error { return v.page(ctx, tx, from, to) }); err != nil {
			return *v.report, err
		}
		if progress != nil {
			progress(to, size)
		}
	}
	err = d.Read(ctx, func(tx *db.Tx) error { return v.end(ctx, tx) })
	v.report.Took = time.Since(began)
	return *v.report, err
}

// verifier carries what one run knows from page to page.
type verifier struct {
	keys   note.Verifiers
	report *Report
	tree   frontier
	epochs map[int64]int64 // epoch to its first entry
	nodes  map[int64]tlog.Hash
	good   int64 // size of the last checkpoint that matched
}

// begin reads the head, the epochs and what lies outside the log.
func (v *verifier) begin(ctx context.Context, tx *db.Tx) error {
	var err error
	if v.report.Head, err = Now(ctx, tx); err != nil {
		return err
	}
	size := v.report.Head.Size
	// Rows behind the head may have been appended after it was read; only
	// those that the head does not count in this same snapshot are foreign.
	err = tx.Each(ctx, `SELECT idx FROM history_entry WHERE idx < 0 OR idx >= ? ORDER BY idx`, []any{size}, func(scan func(...any) error) error {
		var i int64
		if err := scan(&i); err != nil {
			return err
		}
		v.report.add(Problem{Kind: Inserted, First: i, Last: i})
		return nil
	})
	if err != nil {
		return err
	}
	err = tx.Each(ctx, `SELECT pos FROM history_node WHERE pos < 0 OR pos >= ? ORDER BY pos`, []any{tlog.StoredHashCount(size)},
		func(scan func(...any) error) error {
			var p int64
			if err := scan(&p); err != nil {
				return err
			}
			first, last := p, p
			if p >= 0 {
				first, last = span(p)
			}
			v.report.add(Problem{Kind: NodeInserted, First: first, Last: last})
			return nil
		})
	if err != nil {
		return err
	}
	if err := v.outside(ctx, tx, size); err != nil {
		return err
	}
	return v.readEpochs(ctx, tx)
}

// outside reports checkpoints of sizes that the log does not have.
func (v *verifier) outside(ctx context.Context, tx *db.Tx, size int64) error {
	return tx.Each(ctx, `SELECT epoch, size FROM history_checkpoint WHERE size > ? OR size < 1
		UNION SELECT epoch, size FROM history_countersign WHERE size > ? OR size < 1 ORDER BY size, epoch`, []any{size, size},
		func(scan func(...any) error) error {
			p := Problem{Kind: Shortened, First: size}
			if err := scan(&p.Epoch, &p.Size); err != nil {
				return err
			}
			p.Last = p.Size - 1
			v.report.add(p)
			return nil
		})
}

// readEpochs checks that each epoch up to the head's begins with its entry.
func (v *verifier) readEpochs(ctx context.Context, tx *db.Tx) error {
	v.epochs = map[int64]int64{1: 0}
	err := tx.Each(ctx, `SELECT epoch, start FROM history_epoch ORDER BY epoch`, nil, func(scan func(...any) error) error {
		var epoch, start int64
		if err := scan(&epoch, &start); err != nil {
			return err
		}
		v.epochs[epoch] = start
		return nil
	})
	if err != nil {
		return err
	}
	for epoch, start := range v.epochs {
		if epoch == 1 {
			continue
		}
		begins, err := entries(ctx, tx, `WHERE idx = ?`, []any{start})
		if err != nil {
			return err
		}
		if len(begins) == 1 {
			if r, err := reopeningOf(begins[0]); err == nil && r.Epoch == epoch {
				continue
			}
		}
		v.report.add(Problem{Kind: BadEpoch, Epoch: epoch, First: start, Last: start})
	}
	if _, ok := v.epochs[v.report.Head.Epoch]; !ok {
		v.report.add(Problem{Kind: BadEpoch, Epoch: v.report.Head.Epoch})
	}
	return nil
}

// page checks the entries from..to-1 and the checkpoints of sizes from+1..to.
func (v *verifier) page(ctx context.Context, tx *db.Tx, from, to int64) error {
	if err := v.readNodes(ctx, tx, from, to); err != nil {
		return err
	}
	signed, err := v.readCheckpoints(ctx, tx, from, to)
	if err != nil {
		return err
	}
	next := from
	err = tx.Each(ctx, `SELECT `+entryColumns+`, leaf FROM history_entry WHERE idx >= ? AND idx < ? ORDER BY idx`, []any{from, to},
		func(scan func(...any) error) error {
			var raw []byte
			e, err := scanEntry(scan, &raw)
			if err != nil {
				return err
			}
			for ; next < e.Index; next++ {
				v.missing(next, signed)
			}
			v.entry(e, raw, signed)
			next++
			return nil
		})
	for ; err == nil && next < to; next++ {
		v.missing(next, signed)
	}
	for pos := range v.nodes { // join takes out those that belong
		first, last := span(pos)
		v.report.add(Problem{Kind: NodeInserted, First: first, Last: last})
	}
	v.report.Entries += to - from
	return err
}

func (v *verifier) missing(index int64, signed map[int64][]checkpointRow) {
	v.report.add(Problem{Kind: Missing, First: index, Last: index})
	v.grow(index, tlog.Hash{}, false, signed)
}

// entry compares a row with its leaf. The tree goes on with the stored leaf,
// so that one changed row does not hide behind all hashes above it.
func (v *verifier) entry(e Entry, raw []byte, signed map[int64][]checkpointRow) {
	want, err := e.hash()
	if err != nil || !slices.Equal(want[:], raw) {
		v.report.add(Problem{Kind: Changed, First: e.Index, Last: e.Index})
	}
	leaf, err := toHash(raw)
	v.grow(e.Index, leaf, err == nil, signed)
}

func (v *verifier) readNodes(ctx context.Context, tx *db.Tx, from, to int64) error {
	v.nodes = make(map[int64]tlog.Hash, to-from)
	return tx.Each(ctx, `SELECT pos, hash FROM history_node WHERE pos >= ? AND pos < ?`,
		[]any{tlog.StoredHashCount(from), tlog.StoredHashCount(to)}, func(scan func(...any) error) error {
			var p int64
			var raw []byte
			if err := scan(&p, &raw); err != nil {
				return err
			}
			if h, err := toHash(raw); err == nil { // else it counts as missing
				v.nodes[p] = h
			}
			return nil
		})
}
