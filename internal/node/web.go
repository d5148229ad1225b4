package node

import (
	"context"
	"crypto/tls"
	"net/netip"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/place"
	"lintas/internal/web"
	"lintas/internal/web/account"
	"lintas/internal/web/live"
	"lintas/internal/web/nudges"
)

// Web makes the node's web shell with the pages of every desk. The caller
// serves it and closes it.
func (n *Node) Web(ctx context.Context) (*web.Server, error) {
	proxies, err := prefixes(n.Config.Web.TrustedProxies)
	if err != nil {
		return nil, err
	}
	zone := place.Zone(string(n.Config.Member))
	if n.Config.Zone != "" {
		if zone, err = time.LoadLocation(n.Config.Zone); err != nil {
			return nil, err
		}
	}
	hub := live.New(live.Options{})
	n.OnChange(n.todos.forget) // before the pages hear of it
	n.OnChange(func(topic string) { hub.Publish(topic) })
	s, err := web.New(web.Config{
		Member: n.Config.Member, Clock: n.clock, IDs: n.ids, Log: n.log, TLS: n.Config.Secure(), Proxies: proxies,
		Session: n.session, Peek: n.peek, Hub: hub, Zone: zone, Place: place.Capital(string(n.Config.Member)), Frame: n.frame,
		Health: web.Health{Checks: n.checks()}, Metrics: web.Metrics{Token: n.Config.Metrics.Token, Measures: n.measures()},
	})
	if err != nil {
		return nil, err
	}
	m := s.Mux()
	account.New(account.Config{People: n.People, Clock: n.wall, Scopes: Scopes()}).Routes(m)
	nudges.New(n.Nudges).Routes(m)
	healthweb.New(n.Health, healthweb.Deps{Member: n.Config.Member, Nodes: n.nodes, Todos: n.todosOfParts, Search: n.searchParts,
		Panels: n.eventPanels(), Home: n.homePanels()}).Routes(m)
	for _, p := range n.parts {
		if p.routes != nil {
			p.routes(m)
		}
	}
	n.operatePages(ctx, m)
	if err := n.restRoutes(m); err != nil {
		return nil, err
	}
	return s, nil
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for i, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Cause: err,
				Fields: []fault.Field{{Name: "web.trusted_proxies", Row: i + 1, Key: "fault.node.proxy"}}}
		}
		out = append(out, p)
	}
	return out, nil
}

// TLSConfig is the certificate of the web address, or nil on loopback.
func (n *Node) TLSConfig() (*tls.Config, error) {
	w := n.Config.Web
	if w.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(n.path(w.Cert), n.path(w.Key))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.node.cert", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}, nil
}

// Listen is the address on which people reach the node.
func (n *Node) Listen() string { return n.Config.listen() }

func (n *Node) session(ctx context.Context, secret string) (web.Session, error) {
	s, actor, err := n.People.Session(ctx, secret)
	if err != nil {
		return web.Session{}, err
	}
	return web.Session{ID: string(s.ID), Actor: actor}, nil
}

func (n *Node) peek(ctx context.Context, secret string) (web.Session, error) {
	s, actor, err := n.People.Peek(ctx, secret)
	if err != nil {
		return web.Session{}, err
	}
	return web.Session{ID: string(s.ID), Actor: actor}, nil
}

// nodes is how the other members' nodes stand, in the fixed order.
func (n *Node) nodes(ctx context.Context) ([]healthweb.Node, error) {
	var status []exchange.PeerStatus
	err := n.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		status, err = n.Exchange.Status(ctx, tx)
		return err
	})
	var out []healthweb.Node
	for _, m := range access.All() {
		for _, s := range status {
			if s.Member == m {
				out = append(out, healthweb.Node{Member: m, State: healthweb.NodeState(s.State), Heard: s.LastHeard, Behind: s.Behind})
			}
		}
	}
	return out, err
}

func (n *Node) checks() []web.Check {
	return []web.Check{
		{Name: "database", Needs: true, Probe: func(ctx context.Context) error {
			return n.DB.Read(ctx, func(tx *db.Tx) error {
				var one int
				_, err := tx.Row(ctx, `SELECT 1`, nil, &one)
				return err
			})
		}},
		{Name: "disk", Needs: true, Probe: func(context.Context) error {
			if n.DB.State().Full {
				return fault.New(fault.Unavailable, "fault.db.disk_full")
			}
			return nil
		}},
		{Name: "exchange", Probe: func(context.Context) error {
			if !n.Link.Up() {
				return fault.New(fault.Unavailable, "fault.node.no_hub")
			}
			return nil
		}},
	}
}

// sweep removes what has expired, every hour until ctx ends.
func (n *Node) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := n.People.Sweep(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("sweeping expired sessions", "error", err)
			}
			if err := n.Health.SweepFiles(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("sweeping broken uploads", "error", err)
			}
			if err := n.Nudges.Sweep(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("sweeping old nudges", "error", err)
			}
			if err := n.sweepParts(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("sweeping the desks", "error", err)
			}
			if a := n.api.Load(); a != nil {
				if err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
					n.log.Error("sweeping stored answers", "error", err)
				}
			}
		}
	}
}
