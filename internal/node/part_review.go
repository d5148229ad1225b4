package node

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/review"
	reviewweb "lintas/internal/desk/health/review/web"
	"lintas/internal/desk/health/risk"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/operate"
)

// recordsOn are the records of all parts about an event or a family.
func (n *Node) recordsOn(env *desk.Env) func(ctx context.Context, tx *db.Tx, about id.ID) ([]id.ID, error) {
	risks, outside := risk.New(env, n.Health), ihr.New(env, n.Health)
	return func(ctx context.Context, tx *db.Tx, about id.ID) ([]id.ID, error) {
		var out []id.ID
		for _, of := range []func(context.Context, *db.Tx, id.ID) ([]id.ID, error){n.Health.RecordsOn, n.Signals.RecordsOn, n.Verification.RecordsOn, risks.RecordsOn, outside.RecordsOn,
			n.Timeliness.RecordsOn, n.Requests.RecordsOn, n.Levels.RecordsOn, n.Incidents.RecordsOn, n.Reports.RecordsOn, n.Playbooks.RecordsOn, n.Reserve.RecordsOn} {
			list, err := of(ctx, tx, about)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
		return out, nil
	}
}

// knowsOf is the rule of the desk whose record an entry is about; without one
// nobody may know.
func (n *Node) knowsOf(ctx context.Context, tx *db.Tx, a access.Actor, e history.Entry) (bool, error) {
	if e.Record.Desk == health.Name {
		return n.Health.Knows(ctx, tx, a, e)
	}
	for _, p := range n.parts {
		if p.manifest.Name == e.Record.Desk && p.knows != nil {
			return p.knows(ctx, tx, a, e)
		}
	}
	return false, nil
}

// clocksOf are the clocks of 7-1-7 of an event with its bottlenecks and
// enablers.
func (n *Node) clocksOf(ctx context.Context, a access.Actor, event id.ID) ([]review.Clock, []review.Factor, error) {
	p, err := n.Timeliness.EventPage(ctx, a, event)
	if err != nil {
		return nil, nil, err
	}
	var clocks []review.Clock
	for _, r := range p.Results {
		clocks = append(clocks, review.Clock{Event: event, Name: p.Name, Clock: string(r.Clock), Limit: r.Limit, Outcome: string(r.Outcome), Min: r.Lag.Min, Max: r.Lag.Max,
			Known: r.Lag.Known, Open: r.Lag.Open})
	}
	var factors []review.Factor
	for _, f := range p.Factors {
		factors = append(factors, review.Factor{Enabler: f.Enabler, Clock: string(f.Clock), Category: f.Category, Text: f.Text, Action: f.Action, Horizon: f.Horizon})
	}
	return clocks, factors, nil
}

func (n *Node) reviewPart(env *desk.Env) part {
	families := family.New(env, n.Health)
	d := review.New(env, n.Health, n.Trail, review.Sources{
		Families: func(ctx context.Context, a access.Actor) ([]review.Family, error) {
			list, err := families.Briefs(ctx, a)
			out := make([]review.Family, len(list))
			for i, f := range list {
				out[i] = review.Family{ID: f.ID, Name: f.Name, Hazard: f.Hazard, Marking: f.Marking, Exercise: f.Exercise}
				for _, e := range f.Entries {
					out[i].Events = append(out[i].Events, e.Event)
				}
			}
			return out, err
		},
		Records: n.recordsOn(env), Knows: n.knowsOf, Clocks: n.clocksOf,
	})
	n.Reviews = d
	pages := reviewweb.New(d, n.Health)
	return part{
		manifest: review.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{operate.OutgoingOf(review.KindReview, schemaOf(review.KindReview), review.View{})},
		routes:   pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: []healthweb.EventPanel{pages.Panel()},
	}
}
