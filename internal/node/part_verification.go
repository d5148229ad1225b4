package node

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/desk/health/verification"
	verificationweb "lintas/internal/desk/health/verification/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// verificationPart is the questions that states ask one another.
func (n *Node) verificationPart(env *desk.Env) part {
	d := verification.New(env, n.Health)
	n.Verification = d
	pages := verificationweb.New(d, n.Health, n.Config.Member)
	n.askAbout, pages.Behind = pages.SignalPanel, n.signalsBehind
	return part{
		manifest: verification.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(verification.KindRequest, 1, verification.RequestView{}),
			operate.OutgoingOf(verification.KindReply, 1, verification.Message{}),
			operate.OutgoingOf(verification.KindWord, 1, verification.Message{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search, sweep: d.Lapse,
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

// askedOf shows on the page of a signal what other states were asked about it.
func (n *Node) askedOf(r *web.Request, s *signal.View) (templ.Component, error) {
	return n.askAbout(r, verificationweb.AboutSignal{ID: s.ID, Title: s.Title, Text: s.Text, Hazard: s.Hazard, Place: s.Place,
		Lang: s.Lang, Marking: s.Marking, Open: !slices.Contains(signal.Signals.Final, s.State)})
}

// signalsBehind are the signals that became an event: what other states were
// asked about them belongs to its page too.
func (n *Node) signalsBehind(ctx context.Context, a access.Actor, event id.ID) ([]id.ID, error) {
	found, err := n.Signals.OfEvent(ctx, a, event)
	var out []id.ID
	for _, s := range found {
		out = append(out, s.ID)
	}
	return out, err
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
