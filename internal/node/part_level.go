package node

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/level"
	levelweb "lintas/internal/desk/health/level/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/web/operate"
)

// levels is the part without its pages, for others that ask for the level in
// force; it keeps nothing but what is in the database.
func (n *Node) levels(env *desk.Env) *level.Desk {
	families, outside := family.New(env, n.Health), ihr.New(env, n.Health)
	return level.New(env, n.Health, level.Sources{
		Families: func(ctx context.Context, a access.Actor) ([]level.Family, error) {
			list, err := families.Briefs(ctx, a)
			out := make([]level.Family, len(list))
			for i, f := range list {
				out[i] = level.Family{ID: f.ID, Name: f.Name, Hazard: f.Hazard, Marking: f.Marking, Exercise: f.Exercise, Open: f.Open}
				for _, e := range f.Entries {
					out[i].Events, out[i].Owners = append(out[i].Events, e.Event), append(out[i].Owners, e.Owner)
				}
			}
			return out, err
		},
		Outside: func(ctx context.Context, a access.Actor, f level.Family) ([]level.Outside, error) {
			list, err := outside.DeterminationsOf(ctx, a, "", f.Hazard)
			var out []level.Outside
			for _, d := range list {
				if d.Hazard != f.Hazard || d.Event != "" && !slices.Contains(f.Events, d.Event) || d.State == ihr.Struck {
					continue
				}
				out = append(out, level.Outside{Kind: d.Kind, Title: d.Title, By: d.By, On: d.On, Grade: d.Grade, Ended: d.Ended, Href: ihr.DeterminationPath(d.ID)})
			}
			return out, err
		},
	})
}

func (n *Node) levelPart(env *desk.Env) part {
	d := n.levels(env)
	n.Levels = d
	pages := levelweb.New(d, n.Health)
	return part{
		manifest: level.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(level.KindProposal, schemaOf(level.KindProposal), level.ProposalView{}),
			operate.OutgoingOf(level.KindPosition, schemaOf(level.KindPosition), level.PositionView{}),
			operate.OutgoingOf(level.KindActivation, schemaOf(level.KindActivation), level.ActivationView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: []healthweb.EventPanel{pages.Panel()}, sweep: d.Sweep,
	}
}
