package node

import (
	"lintas/internal/desk"
	"lintas/internal/desk/health/timeliness"
	timelinessweb "lintas/internal/desk/health/timeliness/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

func (n *Node) timelinessPart(env *desk.Env) part {
	d := timeliness.New(env, n.Health)
	n.Timeliness = d
	pages := timelinessweb.New(d, n.Config.Member)
	return part{
		manifest: timeliness.Manifest(), handlers: d.Handlers(), routes: pages.Routes, operations: pages.Operations, knows: d.Knows,
		outgoing: []operate.Outgoing{operate.OutgoingOf(timeliness.KindResult, 1, timeliness.View{})},
		panels:   []healthweb.EventPanel{pages.EventPanel()},
		nav: func(r *web.Request) []layout.NavItem {
			return []layout.NavItem{{Text: r.Printer.T("nav.timeliness"), Href: "/health/timeliness", Icon: "gauge"}}
		},
	}
}
