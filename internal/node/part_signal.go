package node

import (
	"context"
	"net/netip"
	"slices"

	"lintas/internal/desk"
	"lintas/internal/desk/health/signal"
	signalweb "lintas/internal/desk/health/signal/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
)

// feeds reads what others publish: from public servers by https, from the
// networks that the operator named, and in a demonstration, whose nodes are all
// on this machine, from the others beside it.
func (n *Node) feeds() signalweb.Fetcher {
	near, err := prefixes(n.Config.Feeds.Networks)
	if err != nil { // Check refuses it; then only public servers are read
		n.log.Error("networks of feeds", "error", err)
	}
	demo := n.Config.Demo
	return signalweb.Fetcher{Plain: demo, Allow: func(at netip.AddrPort) bool {
		a := at.Addr().Unmap()
		return demo && a.IsLoopback() || slices.ContainsFunc(near, func(p netip.Prefix) bool { return p.Contains(a) })
	}}
}

func (n *Node) signalPart(env *desk.Env) part {
	d := signal.New(env, n.Health)
	n.Signals = d
	pages := signalweb.New(d, n.Health, signalweb.Deps{Member: n.Config.Member, Fetch: n.feeds().Fetch, Feed: n.Config.Web.URL + "/health/feed.atom", Asked: n.askedOf})
	return part{
		manifest: signal.Manifest(), routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search,
		panels: []healthweb.EventPanel{{ID: "signals", Title: "signal.panel.title", Side: true, Body: pages.EventPanel}},
		run: func(ctx context.Context) {
			d.Run(ctx, func(what string, err error) { n.log.Error(what, "error", err) })
		},
		nav: func(r *web.Request) []layout.NavItem {
			waiting, err := d.Waiting(r.Context(), r.Actor)
			if err != nil {
				n.log.Error("counting signals", "error", err)
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.signals"), Href: "/health/signals", Icon: "inbox", Count: waiting, Bar: true}}
		},
	}
}
