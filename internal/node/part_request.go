package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	requestweb "lintas/internal/desk/health/request/web"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/desk/health/timeliness"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// signing is the node's key and the directory's, for what is signed beside
// releases.
type signing struct{ n *Node }

// Sign signs with the member's present key.
func (s signing) Sign(message []byte) (string, []byte) {
	k := s.n.keys().Member
	return k.SignID(), ed25519.Sign(k.Sign, message)
}

// Public is the key of a member by which it may have signed at a time.
func (s signing) Public(m access.Member, key string, at time.Time) (ed25519.PublicKey, error) {
	v := s.n.Directory.Current()
	if v == nil {
		return nil, errors.New("no directory")
	}
	return v.SigningKey(m, key, at)
}

// connectHelp lets the timeliness of the region count how soon help came.
func (n *Node) connectHelp(d *request.Desk) {
	n.Timeliness.Connect(timeliness.Sources{Help: func(ctx context.Context, a access.Actor) ([]timeliness.Help, error) {
		list, err := d.Answered(ctx, a)
		out := make([]timeliness.Help, len(list))
		for i, x := range list {
			out[i] = timeliness.Help{Record: x.ID, Event: x.Event, Title: x.Title, Href: x.Href, Issued: x.Issued, Offered: x.Offered, Arrived: x.Arrived, Ended: x.Ended}
		}
		return out, err
	}})
}

// connectBoard lets the board show the levels in force and how many inputs of
// the situation reports are in; both parts are made after this one.
func (n *Node) connectBoard(d *request.Desk) {
	d.Connect(request.Sources{
		Levels: func(ctx context.Context, a access.Actor) ([]request.BoardLevel, error) {
			if n.Levels == nil {
				return nil, nil
			}
			list, err := n.Levels.InForceNow(ctx, a)
			out := make([]request.BoardLevel, len(list))
			for i, x := range list {
				out[i] = request.BoardLevel{Family: x.Family, Name: x.Name, Level: x.Level, Until: x.Review, Href: x.Href}
			}
			return out, err
		},
		Reports: func(ctx context.Context, a access.Actor) ([]request.BoardReport, error) {
			if n.Reports == nil {
				return nil, nil
			}
			list, err := n.Reports.Collections(ctx, a)
			out := make([]request.BoardReport, len(list))
			for i, x := range list {
				out[i] = request.BoardReport{Title: x.Title, Href: x.Href, Number: x.Number, In: x.In, Of: x.Of, Missing: x.Missing, CutOff: x.CutOff, Overdue: x.Overdue, Done: x.State != sitrep.Compiling}
			}
			return out, err
		},
	})
}

// requestPart is requests, offers, arrangements, deployments and consignments.
func (n *Node) requestPart(env *desk.Env) part {
	d := request.New(env, n.Health, signing{n})
	n.Requests = d
	n.connectHelp(d)
	n.connectBoard(d)
	pages := requestweb.New(d, n.Health, n.Config.Member)
	out := func(kind string, body any) operate.Outgoing { return operate.OutgoingOf(kind, schemaOf(kind), body) }
	return part{
		manifest: request.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			out(request.KindRequest, request.RequestView{}), out(request.KindAnswer, request.AnswerView{}), out(request.KindProgress, request.ProgressView{}),
			out(request.KindOffer, request.OfferView{}), out(request.KindDecision, request.DecisionView{}), out(request.KindArrangement, request.ArrangementView{}),
			out(request.KindDeployment, request.MissionView{}), out(request.KindHosting, request.HostView{}), out(request.KindConsignment, request.ShipmentView{}),
			out(request.KindArrival, request.ReceiptView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search, sweep: d.Lapse,
		nav: func(r *web.Request) []layout.NavItem {
			if !health.Capabilities.May(r.Actor, "health.read") {
				return nil
			}
			return []layout.NavItem{{Text: r.Printer.T("nav.request"), Href: "/health/requests", Icon: "truck"}}
		},
		panels: []healthweb.EventPanel{{ID: "requests", Title: "request.panel", Body: pages.EventPanel}},
		run:    func(ctx context.Context) { n.often(ctx, "request", d.Lapse) },
	}
}
