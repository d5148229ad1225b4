package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const noteKind = "test.note"

// note is what a handler was given.
type note struct {
	from access.Member
	id   id.ID
	text string
}

// node is one member with everything it needs.
type node struct {
	t     testing.TB
	r     *region
	code  access.Member
	opts  db.Options
	keys  envelope.Keys
	link  *memLink
	clock *clock.Manual
	hook  func(in Inbound) error

	db   *db.DB
	x    *Exchange
	dirs *directory.Store
	stop context.CancelFunc
	done chan struct{}

	mu       sync.Mutex
	notes    []note
	receipts []Receipt
}

type region struct {
	t     testing.TB
	hub   *memHub
	first directory.Signed
	nodes map[access.Member]*node
}

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func newRegion(t testing.TB, engine db.Engine, codes ...access.Member) *region {
	t.Helper()
	r := &region{t: t, hub: newMemHub(), nodes: map[access.Member]*node{}}
	var members []directory.Member
	for _, c := range codes {
		k, err := envelope.NewKeys(c)
		if err != nil {
			t.Fatal(err)
		}
		n := &node{t: t, r: r, code: c, opts: dbtest.Options(t, engine), keys: k, link: r.hub.link(c), clock: clock.NewManual(start)}
		r.nodes[c] = n
		members = append(members, memberOf(k))
	}
	s, err := directory.New("test", 2, members, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes[:2] {
		s = s.Sign(r.nodes[c].keys)
	}
	r.first = s
	for _, c := range codes {
		r.nodes[c].open()
	}
	t.Cleanup(func() {
		for _, n := range r.nodes {
			n.close()
		}
	})
	return r
}

func memberOf(k envelope.Keys) directory.Member {
	return directory.Member{Code: k.Member, Name: string(k.Member), LegalName: string(k.Member), Kind: directory.State, Languages: []string{"en"},
		Signing: []directory.Key{directory.MakeKey(k.SignPublic(), start.AddDate(-1, 0, 0))},
		Sealing: []directory.Key{directory.MakeKey(k.SealPublic(), start.AddDate(-1, 0, 0))}}
}

// open starts or restarts a node on its database.
func (n *node) open() {
	n.t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, n.opts, string(n.code), []db.Schema{directory.Schema, Schema})
	for err != nil && n.opts.Crash != nil { // as whoever starts a service again would
		d, err = db.Open(ctx, n.opts, string(n.code), []db.Schema{directory.Schema, Schema})
	}
	if err != nil {
		n.t.Fatal(err)
	}
	n.db = d
	if n.dirs, err = directory.Open(ctx, d, n.clock); err != nil {
		n.t.Fatal(err)
	}
	if n.dirs.Current() == nil {
		raw, err := n.r.first.Encode()
		if err != nil {
			n.t.Fatal(err)
		}
		for err = n.dirs.Load(ctx, raw); err != nil; err = n.dirs.Load(ctx, raw) {
			if n.opts.Crash == nil {
				n.t.Fatal(err)
			}
		}
	}
	var out io.Writer = io.Discard
	if os.Getenv("LINTAS_TEST_LOG") != "" {
		out = os.Stderr
	}
	n.x, err = New(Config{Member: n.code, DB: d, Keys: n.keys, Directory: n.dirs, Link: n.link, Clock: n.clock, IDs: &id.Maker{},
		Log: slog.New(slog.NewTextHandler(out, nil)).With("node", n.code), Heartbeat: 100 * time.Millisecond})
	if err != nil {
		n.t.Fatal(err)
	}
	n.x.Handle(noteKind, 1, n.take)
	n.x.OnReceipt("test", func(_ context.Context, _ *db.Tx, _ Release, r Receipt) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.receipts = append(n.receipts, r)
		return nil
	})
	ctx, n.stop = context.WithCancel(ctx)
	n.done = make(chan struct{})
	go func() {
		defer close(n.done)
		if err := n.x.Run(ctx); err != nil {
			n.t.Error(n.code, err)
		}
	}()
}

func (n *node) close() {
	if n.stop == nil {
		return
	}
	n.stop()
	<-n.done
	n.stop = nil
	if err := n.db.Close(); err != nil {
		n.t.Error(err)
	}
}

func (n *node) take(_ context.Context, tx *db.Tx, in Inbound) error {
	if n.hook != nil {
		if err := n.hook(in); err != nil {
			return err
		}
	}
	var s string
	if err := json.Unmarshal(in.Body, &s); err != nil && in.Withdraws == "" {
		return err
	}
	tx.AfterCommit(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.notes = append(n.notes, note{in.From, in.ID, s})
	})
	return nil
}

func (n *node) texts() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, t := range n.notes {
		out = append(out, t.text)
	}
	return out
}

// release makes a release; without recipients it is for all others.
func (n *node) release(text string, to ...access.Member) Release {
	if len(to) == 0 {
		to = n.dirs.Current().Others(n.code)
	}
	body, _ := json.Marshal(text)
	return Release{ID: n.x.c.IDs.New(), Kind: noteKind, Schema: 1, From: n.code, To: to, Ref: Ref{Desk: "test", Kind: "note", ID: n.x.c.IDs.New(), Version: 1},
		Purpose: "test", Marking: access.TLPGreen, Basis: "test", Lang: "en", Issued: n.clock.Now(), Body: body}
}

func (n *node) queue(r Release) Release {
	n.t.Helper()
	ctx := context.Background()
	if err := n.db.Write(ctx, func(tx *db.Tx) error { return n.x.Queue(ctx, tx, r) }); err != nil {
		n.t.Fatal(n.code, err)
	}
	return r
}

func (n *node) send(text string, to ...access.Member) Release {
	n.t.Helper()
	return n.queue(n.release(text, to...))
}

func (n *node) read(f func(ctx context.Context, tx *db.Tx) error) {
	n.t.Helper()
	ctx := context.Background()
	if err := n.db.Read(ctx, func(tx *db.Tx) error { return f(ctx, tx) }); err != nil {
		n.t.Fatal(n.code, err)
	}
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for !f() {
		if time.Now().After(limit) {
			t.Fatal("not in 20 s: " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (n *node) gets(texts ...string) {
	n.t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for !slices.Equal(n.texts(), texts) {
		if time.Now().After(limit) {
			n.t.Fatalf("%s has %q, want %q; quarantine %v", n.code, n.texts(), texts, n.reasons())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (n *node) reasons() []envelope.Reason {
	n.t.Helper()
	var out []envelope.Reason
	n.read(func(ctx context.Context, tx *db.Tx) error {
		rows, err := n.x.Quarantine(ctx, tx, Filter{})
		for _, r := range rows {
			out = append(out, r.Reason)
		}
		return err
	})
	return out
}

func (n *node) refuses(want envelope.Reason) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("%s refuses with %s, has %v", n.code, want, n.reasons()), func() bool { return slices.Contains(n.reasons(), want) })
}

func (n *node) stages(r Release) map[access.Member]Stage {
	n.t.Helper()
	out := map[access.Member]Stage{}
	n.read(func(ctx context.Context, tx *db.Tx) error {
		latest, err := n.x.Latest(ctx, tx, r.ID)
		for m, a := range latest {
			out[m] = a.Stage
		}
		return err
	})
	return out
}

func eachEngine(t *testing.T, f func(t *testing.T, e db.Engine)) {
	for _, e := range dbtest.Engines {
		t.Run(string(e), func(t *testing.T) { f(t, e) })
	}
}
