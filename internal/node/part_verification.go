package node

import (
	"context"
	"time"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	verificationweb "lintas/internal/desk/health/verification/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// verificationPart is the questions that states ask one another.
func (n *Node) verificationPart(env *desk.Env) part {
	d := verification.New(env, n.Health)
	pages := verificationweb.New(d, n.Health, n.Config.Member)
	return part{
		manifest: verification.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(verification.KindRequest, 1, verification.RequestView{}),
			operate.OutgoingOf(verification.KindReply, 1, verification.Message{}),
			operate.OutgoingOf(verification.KindWord, 1, verification.Message{}),
		},
		routes: pages.Routes, operations: pages.Operations, todos: d.Todos, search: d.Search, sweep: d.Lapse,
		nav: func(r *web.Request) []layout.NavItem {
			if !health.Capabilities.May(r.Actor, "health.read") {
				return nil
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.verification"), Href: "/health/verification", Icon: "message-circle-question"}}
		},
		panels: []healthweb.EventPanel{{ID: "verification", Title: "verification.panel", Body: pages.EventPanel}},
		run:    func(ctx context.Context) { n.often(ctx, "verification", d.Lapse) },
	}
}

// oftenEvery is how soon a clock that ran out stands in a record. Pages do not
// wait for it: they compare the time themselves.
const oftenEvery = 20 * time.Second

// often calls f again and again until ctx ends.
func (n *Node) often(ctx context.Context, part string, f func(context.Context) error) {
	tick := time.NewTicker(oftenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := f(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("looking for clocks that ran out", "part", part, "error", err)
			}
		}
	}
}
