package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lintas/internal/exchange/hub"
)

// cluster is three servers of one external cluster, each a process.
type cluster struct {
	t       testing.TB
	servers []hub.Server
	files   []string
	procs   []*proc
	dial    hub.Dial
}

// start writes the servers' configuration for the members and starts them.
func (c *cluster) start(dir string, members []hub.Member) {
	c.t.Helper()
	seed, operator, err := hub.NewUser()
	must(c.t, err)
	conf := hub.Cluster{Name: "region", Members: members, Operator: operator, Servers: c.servers}
	c.dial.Seed = seed
	for i, s := range c.servers {
		text, err := conf.ConfigText(i)
		must(c.t, err)
		file := filepath.Join(dir, s.Name+".conf")
		must(c.t, os.WriteFile(file, []byte(text), 0o600))
		c.files = append(c.files, file)
		c.procs = append(c.procs, start(c.t, role{Is: "server", File: file}))
	}
	for _, s := range c.servers {
		listening(c.t, s.Listen)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	must(c.t, hub.Provision(ctx, c.dial, members))
}

// leader is the server that leads the stream, and how many messages it has
// and how many servers have all of them.
func (c *cluster) leader() (at int, st hub.Stats) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	op, err := hub.Connect(ctx, c.dial)
	must(c.t, err)
	defer op.Close()
	st, err = op.Stats(ctx)
	must(c.t, err)
	for i, s := range c.servers {
		if s.Name == st.Leader {
			return i, st
		}
	}
	return -1, st
}

// Of three servers the one that leads is killed -9 while whole nodes publish
// through it, and comes back.
func TestOneOfThreeServersKilled(t *testing.T) {
	n := size(200, 1500, 10_000)
	dir := t.TempDir()
	c := &cluster{t: t}
	for i := range 3 {
		name := fmt.Sprint("hub", i+1)
		c.servers = append(c.servers, hub.Server{Name: name, Folder: filepath.Join(dir, name), Listen: freeAddress(t), Route: freeAddress(t)})
		c.dial.URLs = append(c.dial.URLs, "nats://"+c.servers[i].Listen)
	}
	r := newRegion(t, c.dial.URLs, "KH", "TH", "SG")
	c.start(dir, r.members)
	th, sg := r.start("TH"), r.start("SG")
	killed := -1
	r.tranches(n, 2, func(int) {
		until(t, time.Minute, "some of it", func() bool { return th.gotSoFar() >= n/10 })
		if killed, _ = c.leader(); killed < 0 {
			t.Fatal("no server leads")
		}
		c.procs[killed].kill()
	})
	for _, p := range []*proc{th, sg} {
		until(t, time.Minute, "everything arrived", func() bool { return p.gotSoFar() >= n })
	}
	r.check("TH", "KH", numbers(1, n))
	r.check("SG", "KH", numbers(1, n))
	next, _ := c.leader()
	if next == killed {
		t.Error("the killed server still leads")
	}
	c.procs[killed] = start(t, role{Is: "server", File: c.files[killed]})
	until(t, time.Minute, "the killed server has all again", func() bool { _, st := c.leader(); return st.Current == 3 })
	t.Logf("%d notes through three servers; the leading %s was killed, then %s led", n, c.servers[killed].Name, c.servers[next].Name)
}
