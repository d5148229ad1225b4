package history

import (
	"context"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/clock"
	"lintas/internal/db"
)

// Append adds one entry in the transaction of the change that it records and
// returns its index. The head's row lock is held until the commit, so callers
// append last.
func Append(ctx context.Context, tx *db.Tx, e Entry) (int64, error) {
	return AppendAll(ctx, tx, []Entry{e})
}

// AppendAll adds several entries in order and returns the index of the first.
func AppendAll(ctx context.Context, tx *db.Tx, entries []Entry) (int64, error) {
	if len(entries) == 0 {
		return 0, nil
	}
	rows := make([]Entry, len(entries))
	for i := range entries {
		rows[i] = entries[i]
		if err := rows[i].prepare(); err != nil {
			return 0, err
		}
	}
	var size int64
	if _, err := tx.Row(ctx, `UPDATE history_head SET size = size + ? WHERE one = 1 RETURNING size`,
		[]any{len(rows)}, &size); err != nil {
		return 0, err
	}
	first := size - int64(len(rows))
	grow := &growth{ctx: ctx, tx: tx, fresh: map[int64]tlog.Hash{}}
	leaves := make([]tlog.Hash, len(rows))
	for i := range rows {
		rows[i].Index = first + int64(i)
		h, err := rows[i].hash()
		if err != nil {
			return 0, err
		}
		leaves[i] = h
		if err := grow.add(rows[i].Index, h); err != nil {
			return 0, err
		}
	}
	if err := insertEntries(ctx, tx, rows, leaves); err != nil {
		return 0, err
	}
	return first, insertNodes(ctx, tx, grow.nodes)
}

// node is an inner node that a new leaf completed.
type node struct {
	pos  int64
	hash tlog.Hash
}

// growth computes the inner nodes of a batch, reading from the database only
// what the batch did not make itself.
type growth struct {
	ctx   context.Context
	tx    *db.Tx
	fresh map[int64]tlog.Hash
	nodes []node
}

func (g *growth) add(n int64, leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, g)
	if err != nil {
		return err
	}
	pos := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		g.fresh[pos+int64(i)] = h
		if i > 0 {
			g.nodes = append(g.nodes, node{pos + int64(i), h})
		}
	}
	return nil
}

// ReadHashes implements tlog.HashReader.
func (g *growth) ReadHashes(pos []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(pos))
	var missing []int64
	var at []int
	for i, p := range pos {
		if h, ok := g.fresh[p]; ok {
			out[i] = h
			continue
		}
		missing, at = append(missing, p), append(at, i)
	}
	if len(missing) == 0 {
		return out, nil
	}
	stored, err := (&reader{ctx: g.ctx, tx: g.tx}).ReadHashes(missing)
	if err != nil {
		return nil, err
	}
	for i, h := range stored {
		out[at[i]] = h
		g.fresh[missing[i]] = h
	}
	return out, nil
}

// perInsert rows go in one statement: far under both engines' limits of
// parameters, and few enough forms for their statement caches.
const perInsert = 64

const entryColumns = `idx, at, recorded, member, account, actor, role, action, desk, kind, record, version,
 track, from_state, to_state, digest, detail, exercise`

func insertEntries(ctx context.Context, tx *db.Tx, rows []Entry, leaves []tlog.Hash) error {
	for len(rows) > 0 {
		n := chunk(len(rows))
		args := make([]any, 0, n*19)
		for i, e := range rows[:n] {
			args = append(args, e.Index, clock.Micros(e.At), clock.Micros(e.Recorded), string(e.Member), string(e.Account),
				e.Actor, e.Role, e.Action, e.Record.Desk, e.Record.Kind, string(e.Record.ID), e.Record.Version,
				e.Track, string(e.From), string(e.To), e.Digest, string(e.Detail), e.Exercise, leaves[i][:])
		}
		if _, err := tx.Exec(ctx, `INSERT INTO history_entry (`+entryColumns+`, leaf) VALUES `+values(n, 19), args...); err != nil {
			return err
		}
		rows, leaves = rows[n:], leaves[n:]
	}
	return nil
}

func insertNodes(ctx context.Context, tx *db.Tx, nodes []node) error {
	for len(nodes) > 0 {
		n := chunk(len(nodes))
		args := make([]any, 0, n*2)
		for i := range nodes[:n] {
			args = append(args, nodes[i].pos, nodes[i].hash[:])
		}
		if _, err := tx.Exec(ctx, `INSERT INTO history_node (pos, hash) VALUES `+values(n, 2), args...); err != nil {
			return err
		}
		nodes = nodes[n:]
	}
	return nil
}

// chunk is a power of two, so that few forms of a statement exist.
func chunk(n int) int {
	c := perInsert
	for c > n {
		c /= 2
	}
	return c
}

func values(rows, columns int) string {
	one := "(?" + strings.Repeat(",?", columns-1) + ")"
	return one + strings.Repeat(","+one, rows-1)
}
