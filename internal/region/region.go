// Package region runs a whole region in one process: a hub, a node for every
// member, and the scenarios that are played on them, for demonstrations,
// exercises and tests. Each node is a real one with its own database and keys.
package region

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange/hub"
	"lintas/internal/loopback"
	"lintas/internal/node"
	"lintas/internal/people"
	"lintas/internal/region/scenario"
)

// Options of a region. The zero Members are the eleven states and the
// Secretariat.
type Options struct {
	Dir     string
	Port    int // first of the ports on loopback; 0 takes free ones
	Members []access.Member
	Log     *slog.Logger
	// Contacts gives every member focal points that are marked as made up, so
	// that the directory and the communication check have somebody to show.
	Contacts bool
	// Data is a folder with tables that scenarios use where they are there;
	// empty: none.
	Data string
	// Scenarios are played instead of those that ship with the program.
	Scenarios []*scenario.Scenario
}

func (o *Options) address(i int) (string, error) {
	if o.Port != 0 {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port+i)), nil
	}
	return loopback.Address()
}

// Region is a running region.
type Region struct {
	opts  Options
	plan  plan
	log   *slog.Logger
	clock *clock.Scenario
	hub   *hub.Hub
	nodes map[access.Member]*node.Node

	mu      sync.Mutex
	cuts    map[access.Member]bool
	player  *player
	tickets map[string]ticket
	wg      sync.WaitGroup
}

// Open makes the region if its folder is empty, starts the hub and opens every
// node. Run serves them.
func Open(ctx context.Context, o Options) (*Region, error) {
	if len(o.Members) == 0 {
		o.Members = access.All()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r := &Region{opts: o, log: o.Log, clock: clock.NewScenario(clock.System{}), nodes: map[access.Member]*node.Node{},
		cuts: map[access.Member]bool{}, tickets: map[string]ticket{}}
	var err error
	if r.plan, err = prepare(&o); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Region) open(ctx context.Context) error {
	if err := r.startHub(ctx); err != nil {
		return err
	}
	// The accounts of a demo have no passwords: cheap costs keep the memory of
	// twelve nodes in one process small.
	hasher := people.NewHasher(people.Recommended, 1)
	for _, m := range r.plan.Member {
		n, err := node.Open(ctx, nodeDir(r.opts.Dir, m), node.Options{Clock: r.clock, Exercise: r.exercise, Log: r.log, Hasher: hasher})
		if err != nil {
			return fmt.Errorf("region: node %s: %w", m, err)
		}
		r.nodes[m] = n
		if err := r.seed(ctx, n); err != nil {
			return fmt.Errorf("region: accounts of %s: %w", m, err)
		}
	}
	if r.opts.Contacts {
		for _, m := range r.plan.Member {
			if err := r.seedContacts(ctx, m); err != nil {
				return fmt.Errorf("region: contacts of %s: %w", m, err)
			}
		}
	}
	return r.resume()
}

func (r *Region) startHub(ctx context.Context) error {
	var members []hub.Member
	for _, m := range r.plan.Member {
		keys, err := node.ReadKeys(nodeDir(r.opts.Dir, m))
		if err != nil {
			return err
		}
		members = append(members, hub.Member{Code: m, NKey: keys.Public})
	}
	h, err := hub.New(hub.Config{Folder: filepath.Join(r.opts.Dir, hubFolder), Listen: r.plan.Hub, Members: members, Log: r.log})
	if err != nil {
		return err
	}
	r.hub = h
	return h.Start(ctx)
}

// Run carries releases and plays scenarios until ctx ends.
func (r *Region) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, n := range r.nodes {
		r.wg.Go(func() {
			if err := n.Run(ctx); err != nil && ctx.Err() == nil {
				r.log.Error("node stopped", slog.String("node", string(n.Config.Member)), slog.Any("error", err))
			}
		})
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			r.wg.Wait()
			return r.save()
		case <-tick.C:
			r.tick(ctx)
		}
	}
}

// Close ends what Open began.
func (r *Region) Close() error {
	var wg sync.WaitGroup
	errs := make(chan error, len(r.nodes))
	for _, n := range r.nodes {
		wg.Go(func() { errs <- n.Close() })
	}
	wg.Wait()
	close(errs)
	var err error
	for e := range errs {
		err = errors.Join(err, e)
	}
	if r.hub != nil {
		r.hub.Close()
	}
	return err
}

// Node returns one member's node.
func (r *Region) Node(m access.Member) *node.Node { return r.nodes[m] }

// SetCut cuts a member's node off the network or reconnects it.
func (r *Region) SetCut(m access.Member, cut bool) {
	n := r.nodes[m]
	if n == nil {
		return
	}
	r.mu.Lock()
	r.cuts[m] = cut
	r.mu.Unlock()
	if cut {
		n.Link.Cut()
	} else {
		n.Link.Mend()
	}
}

// Cut reports whether a member's node is cut off.
func (r *Region) Cut(m access.Member) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cuts[m]
}

// exercise is the id that every record carries while a scenario's clock runs.
func (r *Region) exercise() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.player == nil {
		return ""
	}
	return r.player.sc.ID
}

func (r *Region) resume() error {
	b, err := os.ReadFile(filepath.Join(r.opts.Dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var p progress
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	all, err := r.scenarios()
	if err != nil {
		return err
	}
	for _, sc := range all {
		if sc.ID != p.Scenario {
			continue
		}
		if p.Counted {
			if sc, err = r.keptCounts(sc); err != nil {
				return err
			}
		}
		r.clock.Start(p.Clock.Now, p.Rate)
		r.player = &player{region: r, sc: sc, clock: r.clock, next: p.Next, names: p.Names, waiting: p.Waiting, rate: p.Rate, errs: p.Errors, counted: p.Counted}
		r.player.bound(nil)
	}
	return nil
}

// scenarios are those that this region can play.
func (r *Region) scenarios() ([]*scenario.Scenario, error) {
	if r.opts.Scenarios != nil {
		return r.opts.Scenarios, nil
	}
	return scenario.Shipped()
}
