package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/hub"
	"lintas/internal/node"
)

// region is the folders of a few nodes and of their hub.
type region struct {
	t       testing.TB
	dir     string
	codes   []access.Member
	dirs    map[access.Member]string
	members []hub.Member
	signed  directory.Signed
	hubs    []string
	hub     *proc
}

// newRegion makes the nodes' folders as their administrators would, for a hub
// at the addresses; without any, its own hub is started as a child.
func newRegion(t testing.TB, hubs []string, codes ...access.Member) *region {
	t.Helper()
	r := &region{t: t, dir: t.TempDir(), codes: codes, dirs: map[access.Member]string{}, hubs: hubs}
	address := ""
	if hubs == nil {
		address = freeAddress(t)
		r.hubs = []string{"nats://" + address}
	}
	now := clock.System{}.Now().Add(-time.Hour)
	var entries []directory.Member
	for _, m := range codes {
		r.dirs[m] = filepath.Join(r.dir, strings.ToLower(string(m)))
		e, err := node.Init(r.dirs[m], node.Config{Member: m, Demo: true, Exchange: node.ExchangeConfig{Hubs: r.hubs,
			Heartbeat: node.Duration(500 * time.Millisecond), Checkpoint: node.Duration(time.Second)}}, now)
		must(t, err)
		entries = append(entries, e)
		r.members = append(r.members, hub.Member{Code: m, NKey: e.Node})
	}
	var err error
	r.signed, err = directory.New("faults", 2, entries, now)
	must(t, err)
	for _, m := range codes[:2] {
		r.signed = r.signed.Sign(r.keys(m).Member)
	}
	raw, err := r.signed.Encode()
	must(t, err)
	for _, m := range codes {
		must(t, node.WriteDirectory(r.dirs[m], raw))
	}
	if address != "" {
		r.startHub(address)
	}
	return r
}

func (r *region) keys(m access.Member) node.Keys {
	r.t.Helper()
	k, err := node.ReadKeys(r.dirs[m])
	must(r.t, err)
	return k
}

func (r *region) startHub(address string) {
	r.t.Helper()
	r.hub = start(r.t, role{Is: "hub", Dir: filepath.Join(r.dir, "hub"), Listen: address, Members: r.members})
	listening(r.t, address)
}

func (r *region) hubAddress() string { return strings.TrimPrefix(r.hubs[0], "nats://") }

// start runs a member's node as a child.
func (r *region) start(m access.Member) *proc {
	r.t.Helper()
	p := start(r.t, role{Is: "node", Dir: r.dirs[m]})
	until(r.t, 30*time.Second, string(m)+" is ready", func() bool { return p.hasSaid("ready") })
	return p
}

// attend looks into a node's database, whether or not the node runs.
func (r *region) attend(m access.Member, f func(ctx context.Context, n *node.Node)) {
	r.t.Helper()
	ctx := context.Background()
	n, err := node.Attend(ctx, r.dirs[m], slog.New(slog.DiscardHandler))
	must(r.t, err)
	defer n.Close()
	f(ctx, n)
}

// notes are the numbers that a member took from another, in the order in
// which they were written down.
func (r *region) notes(m, from access.Member) []int {
	r.t.Helper()
	var out []int
	r.attend(m, func(ctx context.Context, n *node.Node) { out = notesOf(r.t, ctx, n, from) })
	return out
}

func notesOf(t testing.TB, ctx context.Context, n *node.Node, from access.Member) []int {
	t.Helper()
	var out []int
	err := n.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, "SELECT detail FROM history_entry WHERE action = ? ORDER BY idx", []any{taken}, func(scan func(...any) error) error {
			var text string
			if err := scan(&text); err != nil {
				return err
			}
			var v note
			err := json.Unmarshal([]byte(text), &v)
			if v.From == from {
				out = append(out, v.N)
			}
			return err
		})
	})
	must(t, err)
	return out
}

// numbers are first, first+1, … last.
func numbers(first, last int) []int {
	var out []int
	for i := first; i <= last; i++ {
		out = append(out, i)
	}
	return out
}

// tally says how a list differs from what it should be.
func tally(got, want []int) string {
	seen := map[int]int{}
	for _, n := range got {
		seen[n]++
	}
	lost, twice := 0, 0
	for _, n := range want {
		if seen[n] == 0 {
			lost++
		}
	}
	for _, c := range seen {
		twice += c - 1
	}
	return fmt.Sprintf("%d of %d, %d lost, %d twice, in order: %v", len(seen), len(want), lost, twice, slices.IsSorted(got))
}

// check demands that a member has taken exactly the numbers, in order, refused
// nothing, and that its history is whole.
func (r *region) check(m, from access.Member, want []int) {
	r.t.Helper()
	got := r.notes(m, from)
	r.t.Logf("%s has of %s: %s", m, from, tally(got, want))
	if !slices.Equal(got, want) {
		r.t.Errorf("%s has of %s: %s", m, from, tally(got, want))
	}
	r.attend(m, func(ctx context.Context, n *node.Node) {
		if q := quarantine(r.t, ctx, n); len(q) > 0 {
			r.t.Errorf("%s refused %d messages, such as %s %s", m, len(q), q[0].Reason, q[0].Detail)
		}
		rep, err := n.VerifyHistory(ctx, nil)
		must(r.t, err)
		if !rep.OK() {
			r.t.Errorf("history of %s: %d problems, such as %+v", m, rep.Found, rep.Problems[0])
		}
	})
}

func quarantine(t testing.TB, ctx context.Context, n *node.Node) []exchange.QuarantineRow {
	t.Helper()
	var out []exchange.QuarantineRow
	must(t, n.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = n.Exchange.Quarantine(ctx, tx, exchange.Filter{Limit: 1000})
		return err
	}))
	return out
}

// ownEpochs are the beginnings that a member reports of its own sequences;
// peer is the same of another as it sees it.
func (r *region) epochs(m, of access.Member) []exchange.Epoch {
	r.t.Helper()
	var out []exchange.Epoch
	r.attend(m, func(ctx context.Context, n *node.Node) {
		must(r.t, n.DB.Read(ctx, func(tx *db.Tx) error {
			all, err := n.Exchange.Epochs(ctx, tx)
			for _, e := range all {
				if e.Member == of {
					out = append(out, e)
				}
			}
			return err
		}))
	})
	return out
}

func remove(t testing.TB, dir string, prefix string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	must(t, err)
	for _, f := range files {
		must(t, os.RemoveAll(f))
	}
	return len(files)
}
