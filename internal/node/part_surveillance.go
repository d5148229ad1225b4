package node

import (
	"strings"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	surveillanceweb "lintas/internal/desk/health/surveillance/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
)

// surveillancePart keeps counts by place, disease and week.
func (n *Node) surveillancePart(env *desk.Env) part {
	d := surveillance.New(env)
	pages := surveillanceweb.New(d, surveillanceweb.Deps{Member: n.Config.Member})
	return part{
		manifest: surveillance.Manifest(), routes: pages.Routes, todos: d.Todos, search: d.Search, run: d.Run, operations: pages.Operations,
		nav: func(r *web.Request) []layout.NavItem {
			if !health.Capabilities.May(r.Actor, "health.read") {
				return nil
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.surveillance"), Href: "/surveillance", Icon: "activity", Current: strings.HasPrefix(r.URL.Path, "/surveillance")}}
		},
	}
}
