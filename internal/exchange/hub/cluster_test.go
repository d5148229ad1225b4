package hub_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
)

// cluster writes the configuration of three servers with certificates of a
// new authority and starts them.
type cluster struct {
	hub.Cluster
	files []string
	procs []*exec.Cmd
	dial  hub.Dial
	urls  []string
	pem   []byte
}

func startCluster(t *testing.T, members []hub.Member) *cluster {
	t.Helper()
	dir := t.TempDir()
	a, err := pki.Create(filepath.Join(dir, "authority"), "region test", clock.System{})
	must(t, err)
	seed, operator, err := hub.NewUser()
	must(t, err)
	c := &cluster{Cluster: hub.Cluster{Name: "region", Members: members, Operator: operator}, pem: a.PEM()}
	for i := range 3 {
		name := fmt.Sprint("hub", i+1)
		cert, key, err := a.Issue(dir, name, "127.0.0.1")
		must(t, err)
		s := hub.Server{Name: name, Folder: filepath.Join(dir, name), Listen: freeAddress(t), Route: freeAddress(t),
			TLS: &hub.Files{Cert: cert, Key: key, CA: filepath.Join(dir, "authority", pki.AuthorityFile)}}
		c.Servers = append(c.Servers, s)
		c.urls = append(c.urls, "tls://"+s.Listen)
	}
	for i, s := range c.Servers {
		text, err := c.ConfigText(i)
		must(t, err)
		file := filepath.Join(dir, s.Name+".conf")
		must(t, os.WriteFile(file, []byte(text), 0o600))
		c.files = append(c.files, file)
		c.procs = append(c.procs, child(t, childServer, file))
	}
	for _, s := range c.Servers {
		listening(t, s.Listen, 20*time.Second)
	}
	roots, err := pki.Client(c.pem)
	must(t, err)
	c.dial = hub.Dial{URLs: c.urls, Seed: seed, TLS: roots}
	return c
}

func (c *cluster) link(t *testing.T, cfg link.Config) *link.Link {
	t.Helper()
	roots, err := pki.Client(c.pem)
	must(t, err)
	cfg.TLS = roots
	return connect(t, cfg, c.urls...)
}

// The server that leads the stream is killed -9 while 3,000 messages are
// published. All confirmed messages are there, and the killed one catches up.
func TestClusterLosesNothingWithOneServerKilled(t *testing.T) {
	const n = 3000
	mKH, cKH := member(t, "KH")
	mID, cID := member(t, "ID")
	members := []hub.Member{mKH, mID}
	c := startCluster(t, members)
	ctx := within(t, 4*time.Minute)
	must(t, hub.Provision(ctx, c.dial, members))
	must(t, hub.Provision(ctx, c.dial, members)) // may be repeated
	leader := c.leader(t)
	var down time.Time
	again := sendAll(t, c.link(t, cKH), n, func(total int) {
		switch total {
		case n / 6:
			kill(c.procs[leader])
			down = time.Now()
		case n/6 + 600: // more than was on its way
			t.Logf("the two others went on after %v", time.Since(down).Round(time.Millisecond))
		}
	})
	distinct, repeats := collect(t, c.link(t, cID), n)
	t.Logf("%d confirmed, leader killed, %d tries failed, %d of %d there, %d twice", n, again, distinct, n, repeats)
	if distinct != n {
		t.Errorf("%d of %d", distinct, n)
	}
	if next := c.leader(t); next == leader {
		t.Error("the killed server still leads")
	}
	c.procs[leader] = child(t, childServer, c.files[leader])
	op, err := hub.Connect(ctx, c.dial)
	must(t, err)
	defer op.Close()
	for { // a consumer is not listed while its own servers elect
		st, err := op.Stats(ctx)
		if err != nil {
			t.Fatalf("the three never agreed on %d messages and 2 consumers: %v", n, err)
		}
		if st.Messages == n && len(st.Members) == 2 && st.Current == 3 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// A node of a cluster reads on after readers that ended without a word, at
// whichever server it is: what the hub still hands to the ended ones must
// neither be lost nor keep it from reading. One of the three nodes reads at
// each server, so that most are not at the one that leads their consumer.
func TestClusterReadsOnAfterEndedReaders(t *testing.T) {
	const n = 200
	mKH, cKH := member(t, "KH")
	members, cfgs := []hub.Member{mKH}, []link.Config{}
	for _, code := range []access.Member{"ID", "LA", "TH"} {
		m, cfg := member(t, code)
		members, cfgs = append(members, m), append(cfgs, cfg)
	}
	c := startCluster(t, members)
	must(t, hub.Provision(within(t, time.Minute), c.dial, members))
	from := c.link(t, cKH)
	sent := make(chan struct{})
	go func() { // ends with its last message
		defer close(sent)
		for i := range n {
			for _, cfg := range cfgs {
				sendOne(from, hub.Subject("KH", string(cfg.Member)), i)
			}
			time.Sleep(25 * time.Millisecond)
		}
	}()
	roots, err := pki.Client(c.pem)
	must(t, err)
	began := time.Now()
	for k, cfg := range cfgs {
		cfg.TLS = roots
		for i := range 6 {
			l := connect(t, cfg, c.urls[i%3])
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			_, _ = l.Fetch(ctx, 500) // whatever came is not confirmed
			cancel()
			l.Close()
		}
		distinct, repeats := collect(t, connect(t, cfg, c.urls[k]), n)
		t.Logf("%s at server %d: %d of %d, %d twice, after %v", cfg.Member, k+1, distinct, n, repeats, time.Since(began).Round(100*time.Millisecond))
		if distinct != n {
			t.Fatalf("%d of %d", distinct, n)
		}
	}
	<-sent
}

// leader is the server that leads the stream.
func (c *cluster) leader(t *testing.T) int {
	t.Helper()
	ctx := within(t, time.Minute)
	op, err := hub.Connect(ctx, c.dial)
	must(t, err)
	defer op.Close()
	st, err := op.Stats(ctx)
	must(t, err)
	for i, s := range c.Servers {
		if s.Name == st.Leader {
			return i
		}
	}
	t.Fatalf("no server leads: %+v", st)
	return 0
}

// A member's key is not the operator's, and a stranger to the authority is
// not served at all.
func TestClusterRefusesStrangers(t *testing.T) {
	mKH, _ := member(t, "KH")
	c := startCluster(t, []hub.Member{mKH})
	seed, _, err := hub.NewUser()
	must(t, err)
	d := c.dial
	d.Seed = seed
	if _, err := hub.Connect(within(t, 10*time.Second), d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("stranger as operator: %v", err)
	}
	d = c.dial
	d.TLS, err = pki.Client(otherAuthority(t))
	must(t, err)
	if _, err := hub.Connect(within(t, time.Second), d); !fault.Is(err, fault.Unavailable) {
		t.Errorf("with another authority: %v", err)
	}
}

func otherAuthority(t *testing.T) []byte {
	t.Helper()
	a, err := pki.Create(t.TempDir(), "other", clock.System{})
	must(t, err)
	return a.PEM()
}

// The text is what the engine itself accepts, and never plain outside
// loopback.
func TestConfigText(t *testing.T) {
	mKH, _ := member(t, "KH")
	_, operator, err := hub.NewUser()
	must(t, err)
	c := hub.Cluster{Name: "region", Members: []hub.Member{mKH}, Operator: operator, Servers: []hub.Server{
		{Name: "a", Folder: `/srv/x "y"`, Listen: "127.0.0.1:1", Route: "127.0.0.1:2", WebSocket: "127.0.0.1:7"},
		{Name: "b", Folder: "/srv/b", Listen: "127.0.0.1:3", Route: "127.0.0.1:4"},
		{Name: "c", Folder: "/srv/c", Listen: "127.0.0.1:5", Route: "127.0.0.1:6"},
	}}
	text, err := c.ConfigText(0)
	must(t, err)
	opts := &server.Options{}
	must(t, opts.ProcessConfigString(text))
	if !opts.SyncAlways || opts.StoreDir != c.Servers[0].Folder || len(opts.Routes) != 2 || opts.MaxPayload != hub.MaxPayload {
		t.Errorf("%+v", opts)
	}
	if strings.Contains(text, "tls {") {
		t.Error("TLS without a certificate")
	}
	for name, change := range map[string]func(*hub.Cluster){
		"two servers":  func(c *hub.Cluster) { c.Servers = c.Servers[:2] },
		"plain":        func(c *hub.Cluster) { c.Servers[1].Listen = "10.0.0.1:4222" },
		"plain routes": func(c *hub.Cluster) { c.Servers[1].Route = "hub2.example:6222" },
		"same name":    func(c *hub.Cluster) { c.Servers[1].Name = "a" },
		"no operator":  func(c *hub.Cluster) { c.Operator = "" },
		"injection":    func(c *hub.Cluster) { c.Name = "x }" },
	} {
		d := c
		d.Servers = append([]hub.Server(nil), c.Servers...)
		change(&d)
		if _, err := d.ConfigText(0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.ConfigText(3); !fault.Is(err, fault.Invalid) {
		t.Errorf("the fourth of three: %v", err)
	}
}
