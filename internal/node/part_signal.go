package node

import (
	"context"

	"lintas/internal/desk"
	"lintas/internal/desk/health/signal"
	signalweb "lintas/internal/desk/health/signal/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
)

func (n *Node) signalPart(env *desk.Env) part {
	d := signal.New(env, n.Health)
	n.Signals = d
	pages := signalweb.New(d, n.Health, signalweb.Deps{Member: n.Config.Member, Fetch: signalweb.Fetcher{}.Fetch, Asked: n.askedOf})
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
