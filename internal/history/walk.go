package history

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/access"
	"lintas/internal/db"
)

// frontier is the row of complete subtrees of a growing tree, largest first.
type frontier []subtree

type subtree struct {
	level int
	hash  tlog.Hash
	known bool // false where an entry is missing
}

// root folds the frontier as tlog does.
func (f frontier) root() (tlog.Hash, bool) {
	last := f[len(f)-1]
	h, known := last.hash, last.known
	for i := len(f) - 2; i >= 0; i-- {
		h, known = tlog.NodeHash(f[i].hash, h), known && f[i].known
	}
	return h, known
}

// span is the first and last entry under a stored hash.
func span(pos int64) (first, last int64) {
	level, n := tlog.SplitStoredHashIndex(pos)
	return n << level, (n+1)<<level - 1
}

// grow adds a leaf, compares every subtree it completes with the stored node,
// and checks the checkpoints of the size that is reached.
func (v *verifier) grow(index int64, leaf tlog.Hash, known bool, signed map[int64][]checkpointRow) {
	s := subtree{hash: leaf, known: known}
	for n := index; n&1 == 1; n >>= 1 {
		left := v.tree[len(v.tree)-1]
		v.tree = v.tree[:len(v.tree)-1]
		s = v.join(left, s, n>>1)
	}
	v.tree = append(v.tree, s)
	for _, row := range signed[index+1] {
		v.checkpoint(row)
	}
}

// join makes the parent of two subtrees. Where the stored node differs it is
// reported once and believed from there on, so that the checkpoints decide
// and the hashes above are not all reported too.
func (v *verifier) join(left, right subtree, n int64) subtree {
	up := subtree{level: left.level + 1, known: left.known && right.known}
	pos := tlog.StoredHashIndex(up.level, n)
	up.hash = tlog.NodeHash(left.hash, right.hash)
	node, ok := v.nodes[pos]
	delete(v.nodes, pos)
	if up.known && (!ok || node != up.hash) {
		first, last := span(pos)
		v.report.add(Problem{Kind: NodeChanged, First: first, Last: last})
	}
	if ok {
		up.hash, up.known = node, true
	}
	return up
}

// checkpointRow is a stored own checkpoint with its countersignatures.
type checkpointRow struct {
	point Point
	note  string
	by    []countersignRow
}

type countersignRow struct {
	member access.Member
	note   string
}

func (v *verifier) readCheckpoints(ctx context.Context, tx *db.Tx, from, to int64) (map[int64][]checkpointRow, error) {
	by := map[Point][]countersignRow{}
	err := tx.Each(ctx, `SELECT epoch, size, member, note FROM history_countersign WHERE size > ? AND size <= ? ORDER BY epoch, size, member`,
		[]any{from, to}, func(scan func(...any) error) error {
			var p Point
			var m, n string
			if err := scan(&p.Epoch, &p.Size, &m, &n); err != nil {
				return err
			}
			by[p] = append(by[p], countersignRow{access.Member(m), n})
			return nil
		})
	if err != nil {
		return nil, err
	}
	out := map[int64][]checkpointRow{}
	err = tx.Each(ctx, `SELECT epoch, size, note FROM history_checkpoint WHERE size > ? AND size <= ? ORDER BY size, epoch`,
		[]any{from, to}, func(scan func(...any) error) error {
			var row checkpointRow
			if err := scan(&row.point.Epoch, &row.point.Size, &row.note); err != nil {
				return err
			}
			row.by = by[row.point]
			delete(by, row.point)
			out[row.point.Size] = append(out[row.point.Size], row)
			return nil
		})
	for p, rows := range by { // countersignatures whose checkpoint was removed
		for _, r := range rows {
			v.report.add(Problem{Kind: BadCountersign, Epoch: p.Epoch, Size: p.Size, Member: r.member})
		}
	}
	return out, err
}

// checkpoint checks one own checkpoint against the tree of its size.
func (v *verifier) checkpoint(row checkpointRow) {
	v.report.Checkpoints++
	p := Problem{Epoch: row.point.Epoch, Size: row.point.Size, First: v.good, Last: row.point.Size - 1}
	o, err := Open(row.note, v.keys)
	if err != nil || o.Point() != row.point {
		p.Kind = BadSignature
		v.report.add(p)
	} else if root, known := v.tree.root(); !known || root != o.Root {
		p.Kind = BadCheckpoint
		v.report.add(p)
	} else {
		v.good = row.point.Size
		v.report.LastSigned = row.point
	}
	if start, ok := v.epochs[row.point.Epoch]; !ok || row.point.Size <= start {
		v.report.add(Problem{Kind: BadEpoch, Epoch: row.point.Epoch, Size: row.point.Size, First: start, Last: start})
	}
	for _, c := range row.by {
		v.report.Countersignatures++
		if !v.countersigned(c, textOf(row.note)) {
			v.report.add(Problem{Kind: BadCountersign, Epoch: row.point.Epoch, Size: row.point.Size, Member: c.member})
		}
	}
}

// countersigned reports whether the row is the member's signature of the text.
func (v *verifier) countersigned(c countersignRow, text string) bool {
	if textOf(c.note) != text {
		return false
	}
	return signedBy(c.note, c.member, v.keys)
}

// end checks what is held of other members.
func (v *verifier) end(ctx context.Context, tx *db.Tx) error {
	return tx.Each(ctx, `SELECT member, note FROM history_peer ORDER BY member`, nil, func(scan func(...any) error) error {
		var m, text string
		if err := scan(&m, &text); err != nil {
			return err
		}
		v.report.Held++
		if o, err := Open(text, v.keys); err != nil || string(o.Member) != m {
			v.report.add(Problem{Kind: BadHeld, Member: access.Member(m)})
		}
		return nil
	})
}
