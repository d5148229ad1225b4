package node

import (
	"lintas/internal/desk"
	"lintas/internal/desk/health/family"
	familyweb "lintas/internal/desk/health/family/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

func (n *Node) familyPart(env *desk.Env) part {
	d := family.New(env, n.Health)
	n.Families = d
	pages := familyweb.New(d, n.Health, n.Config.Member)
	return part{
		manifest: family.Manifest(), handlers: d.Handlers(), routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search,
		outgoing: []operate.Outgoing{operate.OutgoingOf(family.KindFamily, 1, family.View{}), operate.OutgoingOf(family.KindAnswer, 1, family.AnswerBody{})},
		panels:   []healthweb.EventPanel{pages.EventPanel()},
		nav: func(r *web.Request) []layout.NavItem {
			return []layout.NavItem{{Text: r.Printer.T("nav.family"), Href: "/health/families", Icon: "network"}}
		},
	}
}
