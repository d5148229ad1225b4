package node

import (
	"context"
	"slices"
	"sync"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/sop"
	sopweb "lintas/internal/desk/health/sop/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/web/operate"
)

// regional are the levels of families in force that concern this member.
func (n *Node) regional(ctx context.Context, levels *level.Desk, a access.Actor) ([]sop.Decision, error) {
	families, err := levels.Families(ctx, a)
	if err != nil {
		return nil, err
	}
	self := n.Config.Member
	var out []sop.Decision
	for _, f := range families {
		s, err := levels.Current(ctx, a, f.ID)
		if err != nil {
			return nil, err
		}
		if s.Level == 0 || len(s.Concerned) > 0 && slices.Contains(access.States, self) && !slices.Contains(s.Concerned, self) {
			continue
		}
		p, err := levels.Page(ctx, a, s.Proposal)
		if err != nil {
			return nil, err
		}
		out = append(out, sop.Decision{Kind: sop.ByLevel, ID: s.Proposal, Level: s.Level, From: p.View.From, Since: s.Effective, Until: s.Review, Family: f.ID, Title: f.Name,
			Events: f.Events, Hazard: f.Hazard, Place: string(self), Marking: p.View.Marking, Exercise: f.Exercise, Concerned: s.Concerned})
	}
	return out, nil
}

// national are the own activations in force.
func (n *Node) national(ctx context.Context, levels *level.Desk, a access.Actor) ([]sop.Decision, error) {
	list, err := levels.Activations(ctx, a, "")
	now := n.clock.Now()
	var out []sop.Decision
	for _, x := range list {
		if !x.Own || !x.InForce(now) {
			continue
		}
		d := sop.Decision{Kind: sop.ByActivation, ID: x.ID, Level: x.Level, Since: x.Since, Until: x.Review, Event: x.Event, Title: x.EventName, Place: string(n.Config.Member),
			Marking: x.Marking, Exercise: x.Exercise}
		if e, err := n.Health.EventPage(ctx, a, x.Event); err == nil {
			d.Hazard = e.View.Hazard
			if len(e.View.Places) > 0 {
				d.Place = e.View.Places[0]
			}
		}
		out = append(out, d)
	}
	return out, err
}

// sopPart is playbooks, their runs and tasks.
func (n *Node) sopPart(env *desk.Env) part {
	levels, families := n.levels(env), family.New(env, n.Health)
	d := sop.New(env, n.Health, sop.Sources{
		Standing: func(ctx context.Context, a access.Actor) ([]sop.Decision, error) {
			out, err := n.regional(ctx, levels, a)
			if err != nil {
				return nil, err
			}
			own, err := n.national(ctx, levels, a)
			return append(out, own...), err
		},
		FamiliesOf: func(ctx context.Context, a access.Actor, event id.ID) ([]id.ID, error) {
			list, err := families.Briefs(ctx, a)
			var out []id.ID
			for _, f := range list {
				for _, e := range f.Entries {
					if e.Event == event {
						out = append(out, f.ID)
						break
					}
				}
			}
			return out, err
		},
		People: func(ctx context.Context) ([]sop.Person, error) {
			all, err := n.colleagues(ctx)
			var out []sop.Person
			for _, c := range all {
				out = append(out, sop.Person{Actor: c.Actor, Display: c.display})
			}
			return out, err
		},
		Asked: func(ctx context.Context, a access.Actor, family id.ID) ([]access.Member, error) {
			s, err := levels.Current(ctx, a, family)
			return s.Concerned, err
		},
	})
	n.Playbooks = d
	pages := sopweb.New(d, n.Health)
	return part{
		manifest: sop.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(sop.KindPlaybook, schemaOf(sop.KindPlaybook), sop.PlaybookView{}),
			operate.OutgoingOf(sop.KindProgress, schemaOf(sop.KindProgress), sop.ProgressView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: []healthweb.EventPanel{pages.Panel()},
		sweep: d.Sweep, run: func(ctx context.Context) {
			var wg sync.WaitGroup
			wg.Go(func() {
				d.SendFiles(ctx, func(err error) { n.log.Error("sending files of playbooks", "error", err) })
			})
			n.often(ctx, "sop", d.Sweep)
			wg.Wait()
		},
	}
}
