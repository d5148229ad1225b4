package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/incident"
	incidentweb "lintas/internal/desk/health/incident/web"
	"lintas/internal/desk/health/request"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/people"
)

// colleague is an active account with the roles that hold now.
type colleague struct {
	access.Actor
	display string
}

// colleagues are the active accounts of this node.
func (n *Node) colleagues(ctx context.Context) ([]colleague, error) {
	node, now := access.Node(n.Config.Member), n.wall.Now()
	var out []colleague
	q := people.AccountQuery{State: people.Active, Limit: 500}
	for {
		list, err := n.People.Accounts(ctx, node, q)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			actor := access.Actor{Account: a.ID, Member: n.Config.Member, Name: a.Post}
			for _, g := range a.Grants {
				if g.State == people.Granted && g.Valid(now) {
					actor.Grants = append(actor.Grants, g.Grant)
				}
			}
			out = append(out, colleague{actor, a.Display})
			q.After = a.Login
		}
		if len(list) < q.Limit {
			return out, nil
		}
	}
}

// operationsStaff are the accounts of this node that may stand on a roster.
func (n *Node) operationsStaff(ctx context.Context) ([]incident.Person, error) {
	all, err := n.colleagues(ctx)
	var out []incident.Person
	for _, c := range all {
		if incident.MayWork(c.Actor) {
			out = append(out, incident.Person{Account: c.Account, Post: c.Name, Display: c.display})
		}
	}
	return out, err
}

// activated are this member's own activations in force.
func (n *Node) activated(ctx context.Context, a access.Actor) ([]incident.Activation, error) {
	list, err := n.Levels.Activations(ctx, a, "")
	now := n.clock.Now()
	var out []incident.Activation
	for _, x := range list {
		if x.Own && x.InForce(now) {
			out = append(out, incident.Activation{ID: x.ID, Event: x.Event, EventName: x.EventName, Level: x.Level, Trigger: x.Trigger, Lang: x.Lang, By: x.DecidedAs,
				Since: x.Since, Until: x.Review, Marking: x.Marking, Exercise: x.Exercise})
		}
	}
	return out, err
}

// here are the teams and goods that arrived at this member for an event.
func (n *Node) here(ctx context.Context, a access.Actor, event id.ID) ([]incident.Resource, error) {
	list, err := n.Requests.Of(ctx, a, event)
	var out []incident.Resource
	for _, e := range list {
		href := "/health/requests/" + string(e.Head().ID)
		switch {
		case e.Kind == request.HostedTeam && slices.Contains([]string{"arrived", "on_task", "extended"}, e.Stage()):
			d := e.Deployment
			r := incident.Resource{Kind: "team", Title: d.Mission.Title, From: d.From, Place: d.Mission.Place, Detail: d.Mission.Equipment, Since: d.Host.Arrived, Until: d.Mission.Until, Href: href}
			if d.Host.Extended.Given {
				r.Until = d.Host.Extended.Until
			}
			out = append(out, r)
		case e.Kind == request.AwaitedGood && (e.Stage() == "received" || e.Stage() == "reconciled"):
			c := e.Consignment
			out = append(out, incident.Resource{Kind: "goods", Title: c.Shipment.Title, From: c.From, Place: c.Shipment.Place, Href: href})
		}
	}
	return out, err
}

func (n *Node) incidentPart(env *desk.Env) part {
	d := incident.New(env, n.Health, incident.Sources{Activations: n.activated, People: n.operationsStaff, Resources: n.here})
	n.Incidents = d
	news := make(chan struct{}, 1)
	n.OnChange(func(topic string) {
		if strings.HasPrefix(topic, "event:") {
			select {
			case news <- struct{}{}:
			default: // it will look anyway
			}
		}
	})
	pages := incidentweb.New(d, n.Health)
	pages.Review = func(event id.ID) string { return "/health/reviews/new?sort=after&event=" + string(event) }
	return part{
		manifest: incident.Manifest(), routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search,
		panels: []healthweb.EventPanel{pages.Panel()}, home: []healthweb.HomePanel{pages.HomePanel()}, sweep: d.Lapse,
		run: func(ctx context.Context) { n.ringing(ctx, d, news) },
	}
}

// ringing keeps the clocks of what rings, and looks at once when an event has
// news.
func (n *Node) ringing(ctx context.Context, d *incident.Desk, news <-chan struct{}) {
	tick := time.NewTicker(oftenEvery)
	defer tick.Stop()
	look := func(f func(context.Context) error) {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("looking for critical information", "error", err)
		}
	}
	look(d.Watch)
	look(d.Lapse)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			look(d.Watch)
			look(d.Lapse)
		case <-news:
			look(d.Watch)
		}
	}
}
