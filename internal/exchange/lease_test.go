package exchange

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// Two processes on one database: one at a time runs the loops, either may
// queue, the other takes over when the first ends, and both see a new
// directory.
func TestTwoProcessesShareADatabase(t *testing.T) {
	r := newRegion(t, db.Postgres, "KH", "TH", "SG")
	kh, th := r.nodes["KH"], r.nodes["TH"]
	kh.close()
	first, second := kh.process(), kh.process()
	first.begin()
	first.queue(first.release("one"))
	th.gets("one")
	second.begin() // stands by
	second.queue(second.release("two"))
	th.gets("one", "two") // the holder publishes what the other queued
	first.end()           // gives the lease back
	second.queue(second.release("three"))
	th.gets("one", "two", "three")

	k, err := envelope.NewKeys("LA")
	if err != nil {
		t.Fatal(err)
	}
	next, err := second.dirs.Current().Signed.Next(start.Add(time.Hour), directory.Put(memberOf(k)))
	if err != nil {
		t.Fatal(err)
	}
	next = next.Sign(kh.keys).Sign(th.keys)
	first.begin()
	ctx := context.Background()
	if err := first.db.Write(ctx, func(tx *db.Tx) error { return first.dirs.Accept(ctx, tx, next) }); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other process has it", func() bool { _, known := second.dirs.Current().Member(access.Member("LA")); return known })
	for i, n := range []*node{first, second} {
		n.end()
		if err := n.db.Close(); err != nil {
			t.Error(fmt.Errorf("process %d: %w", i, err))
		}
	}
}

// process opens the node's database once more.
func (n *node) process() *node {
	n.t.Helper()
	ctx := context.Background()
	p := &node{t: n.t, r: n.r, code: n.code, opts: n.opts, keys: n.keys, link: n.link, clock: n.clock}
	var err error
	if p.db, err = db.Open(ctx, n.opts, string(n.code), []db.Schema{directory.Schema, Schema}); err != nil {
		n.t.Fatal(err)
	}
	if p.dirs, err = directory.Open(ctx, p.db, n.clock); err != nil {
		n.t.Fatal(err)
	}
	p.x, err = New(Config{Member: n.code, DB: p.db, Keys: n.keys, Directory: p.dirs, Link: n.link, Clock: n.clock, IDs: &id.Maker{},
		Heartbeat: 100 * time.Millisecond, Shared: true})
	if err != nil {
		n.t.Fatal(err)
	}
	p.x.Handle(noteKind, 1, p.take)
	return p
}

func (n *node) begin() {
	ctx, stop := context.WithCancel(context.Background())
	n.stop, n.done = stop, make(chan struct{})
	go func() {
		defer close(n.done)
		if err := n.x.Run(ctx); err != nil {
			n.t.Error(n.code, err)
		}
	}()
}

func (n *node) end() {
	n.stop()
	<-n.done
}
