package node

import (
	"context"
	"errors"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/contact"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/handover"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/incident"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/request"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/review"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/signal"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/desk/health/sop"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/desk/health/verification"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/trail"
	"lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/operate"
)

// part is one desk, or one part of a large desk, as a node holds it beside the
// health desk's events. Each part has a file here, part_<name>.go, that makes
// it; parts lists them. A nil field is something the part does not have.
type part struct {
	manifest desk.Manifest
	outgoing []operate.Outgoing // the bodies that it sends
	handlers map[string]exchange.Handler
	receipts exchange.ReceiptHandler // of releases whose Ref.Desk is the manifest's name

	routes     func(m *web.Mux)
	operations func(a *api.API)
	// knows says whether the actor may know of an entry of the history about one
	// of the part's records; nil: the event stream says nothing of the part.
	knows  func(ctx context.Context, tx *db.Tx, a access.Actor, e history.Entry) (bool, error)
	nav    func(r *web.Request) []layout.NavItem // in the health group
	todos  func(ctx context.Context, a access.Actor) ([]desk.Todo, error)
	search func(ctx context.Context, a access.Actor, query string, limit int) ([]desk.Hit, error)
	panels []healthweb.EventPanel
	home   []healthweb.HomePanel
	sweep  func(ctx context.Context) error // every hour
	run    func(ctx context.Context)       // until ctx ends
}

// makeParts makes the parts of a node, in the order of the navigation.
func (n *Node) makeParts(env *desk.Env) []part {
	return []part{
		n.signalPart(env),
		n.verificationPart(env),
		n.contactPart(env),
		n.handoverPart(env),
		n.riskPart(env),
		n.ihrPart(env),
		n.surveillancePart(env),
		n.familyPart(env),
		n.timelinessPart(env),
		n.requestPart(env),
		n.reservePart(env),
		n.levelPart(env),
		n.incidentPart(env),
		n.sitrepPart(env),
		n.sopPart(env),
		n.trailPart(env),
		n.reviewPart(env),
	}
}

// manifests of the parts, for what must be known before a node is open.
func manifests() []desk.Manifest {
	return []desk.Manifest{
		signal.Manifest(),
		verification.Manifest(),
		contact.Manifest(),
		handover.Manifest(),
		risk.Manifest(),
		ihr.Manifest(),
		surveillance.Manifest(),
		family.Manifest(),
		timeliness.Manifest(),
		request.Manifest(),
		reserve.Manifest(),
		level.Manifest(),
		incident.Manifest(),
		sitrep.Manifest(),
		sop.Manifest(),
		trail.Manifest(),
		review.Manifest(),
	}
}

// register tells the exchange who receives what.
func (n *Node) register() {
	for _, p := range n.parts {
		for kind, h := range p.handlers {
			n.Exchange.Handle(kind, schemaOf(kind), h)
		}
		if p.receipts != nil {
			n.Exchange.OnReceipt(p.manifest.Name, p.receipts)
		}
	}
}

// todosOfParts are what waits for the actor outside the health desk's events.
func (n *Node) todosOfParts(ctx context.Context, a access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	for _, p := range n.parts {
		if p.todos == nil {
			continue
		}
		t, err := p.todos(ctx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, t...)
	}
	return out, nil
}

func (n *Node) searchParts(ctx context.Context, a access.Actor, query string, limit int) ([]desk.Hit, error) {
	var out []desk.Hit
	for _, p := range n.parts {
		if p.search == nil {
			continue
		}
		hits, err := p.search(ctx, a, query, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, hits...)
	}
	return out, nil
}

func (n *Node) eventPanels() []healthweb.EventPanel {
	var out []healthweb.EventPanel
	for _, p := range n.parts {
		out = append(out, p.panels...)
	}
	return out
}

func (n *Node) homePanels() []healthweb.HomePanel {
	var out []healthweb.HomePanel
	for _, p := range n.parts {
		out = append(out, p.home...)
	}
	return out
}

func (n *Node) sweepParts(ctx context.Context) error {
	var errs []error
	for _, p := range n.parts {
		if p.sweep != nil {
			errs = append(errs, p.sweep(ctx))
		}
	}
	return errors.Join(errs...)
}
