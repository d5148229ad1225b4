package history

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/db"
	"lintas/internal/fault"
)

// reader reads stored hashes: leaves from the entries, inner nodes from
// history_node.
type reader struct {
	ctx context.Context
	tx  *db.Tx
}

// ReadHashes implements tlog.HashReader. At most 2 x 63 positions are asked
// at a time, so one statement per table is enough.
func (r *reader) ReadHashes(pos []int64) ([]tlog.Hash, error) {
	found := make(map[int64]tlog.Hash, len(pos))
	var leaves, nodes []any
	for _, p := range pos {
		if level, n := tlog.SplitStoredHashIndex(p); level == 0 {
			leaves = append(leaves, n)
		} else {
			nodes = append(nodes, p)
		}
	}
	leafPos := func(n int64) int64 { return tlog.StoredHashIndex(0, n) }
	if err := r.collect(`SELECT idx, leaf FROM history_entry WHERE idx IN `, leaves, leafPos, found); err != nil {
		return nil, err
	}
	same := func(p int64) int64 { return p }
	if err := r.collect(`SELECT pos, hash FROM history_node WHERE pos IN `, nodes, same, found); err != nil {
		return nil, err
	}
	out := make([]tlog.Hash, len(pos))
	for i, p := range pos {
		h, ok := found[p]
		if !ok {
			level, n := tlog.SplitStoredHashIndex(p)
			return nil, fault.Wrap(fault.Internal, "fault.history.broken", fmt.Errorf("history: hash missing at level %d, number %d", level, n))
		}
		out[i] = h
	}
	return out, nil
}

func (r *reader) collect(query string, keys []any, pos func(int64) int64, into map[int64]tlog.Hash) error {
	if len(keys) == 0 {
		return nil
	}
	return r.tx.Each(r.ctx, query+values(1, len(keys)), keys, func(scan func(...any) error) error {
		var key int64
		var raw []byte
		if err := scan(&key, &raw); err != nil {
			return err
		}
		h, err := toHash(raw)
		if err != nil {
			return err
		}
		into[pos(key)] = h
		return nil
	})
}

func toHash(raw []byte) (tlog.Hash, error) {
	var h tlog.Hash
	if len(raw) != tlog.HashSize {
		return h, fault.Wrap(fault.Internal, "fault.history.broken", fmt.Errorf("history: hash of %d bytes", len(raw)))
	}
	copy(h[:], raw)
	return h, nil
}

// Head is where the log stands.
type Head struct {
	Epoch     int64
	Size      int64
	Suspended bool  // restored, and not yet confirmed by the others
	Kept      int64 // size when it was suspended
}

// Now reads where the log stands.
func Now(ctx context.Context, tx *db.Tx) (Head, error) {
	var h Head
	var suspended int64
	ok, err := tx.Row(ctx, `SELECT epoch, size, suspended, kept FROM history_head WHERE one = 1`, nil,
		&h.Epoch, &h.Size, &suspended, &h.Kept)
	if err == nil && !ok {
		err = fault.New(fault.Internal, "fault.history.broken")
	}
	h.Suspended = suspended != 0
	return h, err
}

// Root is the hash of the first size entries.
func Root(ctx context.Context, tx *db.Tx, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, &reader{ctx, tx})
}

// InclusionProof shows that the entry at index is in the tree of the size.
func InclusionProof(ctx context.Context, tx *db.Tx, index, size int64) (tlog.RecordProof, error) {
	if err := within(ctx, tx, size, index >= 0 && index < size); err != nil {
		return nil, err
	}
	return tlog.ProveRecord(size, index, &reader{ctx, tx})
}

// ConsistencyProof shows that the tree of the new size begins with that of
// the old.
func ConsistencyProof(ctx context.Context, tx *db.Tx, old, size int64) (tlog.TreeProof, error) {
	if err := within(ctx, tx, size, old >= 1 && old <= size); err != nil {
		return nil, err
	}
	return tlog.ProveTree(size, old, &reader{ctx, tx})
}

func within(ctx context.Context, tx *db.Tx, size int64, ok bool) error {
	h, err := Now(ctx, tx)
	if err != nil {
		return err
	}
	if !ok || size > h.Size {
		return fault.New(fault.NotFound, "fault.history.no_proof").With("size", h.Size)
	}
	return nil
}

// maxProof is longer than any proof of a tree with 2^62 entries.
const maxProof = 130

// CheckInclusion verifies that the entry is the one at its index in the tree
// that the checkpoint signs.
func CheckInclusion(proof tlog.RecordProof, c Checkpoint, e Entry) error {
	h, err := e.hash()
	if err != nil {
		return err
	}
	return checkLeaf(proof, c, e.Index, h)
}

func checkLeaf(proof tlog.RecordProof, c Checkpoint, index int64, h tlog.Hash) error {
	if index < 0 || index >= c.Size || len(proof) > maxProof {
		return fault.New(fault.Invalid, "fault.history.proof")
	}
	if err := tlog.CheckRecord(proof, c.Size, c.Root, index, h); err != nil {
		return fault.Wrap(fault.Invalid, "fault.history.proof", err)
	}
	return nil
}

// CheckConsistency verifies that the tree of one checkpoint begins with that
// of an older one, whatever their epochs.
func CheckConsistency(proof tlog.TreeProof, old, c Checkpoint) error {
	if old.Size < 1 || old.Size > c.Size || len(proof) > maxProof {
		return fault.New(fault.Invalid, "fault.history.proof")
	}
	if err := tlog.CheckTree(proof, c.Size, c.Root, old.Size, old.Root); err != nil {
		return fault.Wrap(fault.Invalid, "fault.history.proof", err)
	}
	return nil
}
