package node

import (
	"context"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	contactweb "lintas/internal/desk/health/contact/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// contactPart is the directory of focal points and the communication check.
func (n *Node) contactPart(env *desk.Env) part {
	d := contact.New(env)
	n.Contacts = d
	pages := contactweb.New(d, n.Config.Member)
	return part{
		manifest: contact.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(contact.KindContact, 1, contact.Contact{}),
			operate.OutgoingOf(contact.KindCheck, 1, contact.CheckView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search, sweep: d.Lapse,
		nav: func(r *web.Request) []layout.NavItem {
			if !health.Capabilities.May(r.Actor, "health.read") {
				return nil
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.contact"), Href: contact.DirectoryPath, Icon: "book-user"}}
		},
		run: func(ctx context.Context) { n.often(ctx, "contact", d.Lapse) },
	}
}
