package node

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/handover"
	handoverweb "lintas/internal/desk/health/handover/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web"
	"lintas/internal/web/layout"
)

func (n *Node) handoverPart(env *desk.Env) part {
	d := handover.New(env, handover.Sources{Todos: n.allTodos, Changes: n.healthChanges, Event: n.Health.EventIn})
	n.Handover = d
	pages := handoverweb.New(d, handoverweb.Deps{Member: n.Config.Member, URL: n.publicURL()})
	return part{
		manifest: handover.Manifest(), routes: pages.Routes, operations: pages.Operations, knows: d.Knows, todos: d.Todos, search: d.Search,
		panels: []healthweb.EventPanel{pages.EventPanel()}, home: []healthweb.HomePanel{pages.HomePanel()},
		nav: func(r *web.Request) []layout.NavItem {
			return []layout.NavItem{{Text: r.Printer.T("nav.handover"), Href: "/health/handover", Icon: "notebook-pen"}}
		},
	}
}

// allTodos is everything that waits for the actor.
func (n *Node) allTodos(ctx context.Context, a access.Actor) ([]desk.Todo, error) {
	own, err := n.Health.Todos(ctx, a)
	if err != nil {
		return nil, err
	}
	out, err := n.todosOfParts(ctx, a)
	for i := range own {
		out = append(out, own[i].Shared())
	}
	return out, err
}

// healthChanges are the events around which something changed.
func (n *Node) healthChanges(ctx context.Context, a access.Actor, since, until time.Time, limit int) ([]handover.Change, int, error) {
	changed, err := n.Health.ChangedBetween(ctx, a, since, until)
	more := max(len(changed)-limit, 0)
	var out []handover.Change
	for _, c := range changed[:len(changed)-more] {
		out = append(out, handover.Change{Hit: desk.Hit{Key: "hit.event", Title: c.Event.Name, Owner: c.Event.Owner,
			Href: "/health/events/" + string(c.Event.ID), At: c.At}, Grade: string(c.Event.Grade), Action: c.Action, Steps: c.Steps})
	}
	return out, more, err
}
