package node

import (
	"strings"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	surveillanceweb "lintas/internal/desk/health/surveillance/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// surveillancePart keeps counts by place, disease and week.
func (n *Node) surveillancePart(env *desk.Env) part {
	d := surveillance.New(env)
	d.Raise(alarmInbox{n.Signals})
	n.Surveillance = d
	pages := surveillanceweb.New(d, surveillanceweb.Deps{Member: n.Config.Member, Layers: []surveillanceweb.Layer{surveillanceweb.ScanLayer{Desk: d}}})
	return part{
		manifest: surveillance.Manifest(), routes: pages.Routes, knows: d.Knows, todos: d.Todos, search: d.Search, run: d.Run, operations: pages.Operations,
		handlers: d.Handlers(), outgoing: []operate.Outgoing{operate.OutgoingOf(surveillance.KindCounts, 1, surveillance.CountsBody{})}, sweep: d.SendDue,
		nav: func(r *web.Request) []layout.NavItem {
			if !health.Capabilities.May(r.Actor, "health.read") {
				return nil
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.surveillance"), Href: "/surveillance", Icon: "activity", Current: strings.HasPrefix(r.URL.Path, "/surveillance")}}
		},
	}
}
