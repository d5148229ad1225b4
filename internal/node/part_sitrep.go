package node

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/sitrep"
	sitrepweb "lintas/internal/desk/health/sitrep/web"
	"lintas/internal/desk/health/timeliness"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/web/operate"
)

// rhythm is how often a level asks for a report.
func rhythm(at int, since, until time.Time) sitrep.Rhythm {
	if at == 0 {
		return sitrep.Rhythm{}
	}
	step, _ := level.Current().At(at)
	return sitrep.Rhythm{Level: at, Every: step.Every(), Since: since, Until: until}
}

// connectInputs lets the timeliness of the region count the inputs that came in
// time. A report on a family is about each of its events.
func (n *Node) connectInputs(d *sitrep.Desk, families *family.Desk) {
	n.Timeliness.Connect(timeliness.Sources{Inputs: func(ctx context.Context, a access.Actor) ([]timeliness.Contribution, error) {
		list, err := d.Expected(ctx, a)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		briefs, err := families.Briefs(ctx, a)
		events := map[id.ID][]id.ID{}
		for _, f := range briefs {
			for _, e := range f.Entries {
				events[f.ID] = append(events[f.ID], e.Event)
			}
		}
		out := make([]timeliness.Contribution, len(list))
		for i, x := range list {
			out[i] = timeliness.Contribution{Report: x.Report, Title: x.Title, Href: x.Href, Member: x.Member, Due: x.CutOff, Given: x.Given, Events: events[x.Family]}
			if x.Event != "" {
				out[i].Events = []id.ID{x.Event}
			}
		}
		return out, err
	}})
}

func (n *Node) sitrepPart(env *desk.Env) part {
	families, levels := family.New(env, n.Health), n.levels(env)
	d := sitrep.New(env, n.Health, sitrep.Sources{
		Families: func(ctx context.Context, a access.Actor) ([]sitrep.Family, error) {
			list, err := families.Briefs(ctx, a)
			out := make([]sitrep.Family, len(list))
			for i, f := range list {
				out[i] = sitrep.Family{ID: f.ID, Owner: f.Owner, Name: f.Name, Hazard: f.Hazard, Marking: f.Marking, Exercise: f.Exercise, Open: f.Open}
				for _, e := range f.Entries {
					out[i].Events = append(out[i].Events, sitrep.FamilyEvent{ID: e.Event, Owner: e.Owner})
				}
			}
			return out, err
		},
		// A report follows the level of its family, or the state's own response.
		Rhythm: func(ctx context.Context, a access.Actor, of id.ID) (sitrep.Rhythm, error) {
			s, err := levels.Current(ctx, a, of)
			if err != nil || s.Level > 0 {
				r := rhythm(s.Level, s.Effective, s.Review)
				r.Asked = s.Concerned
				return r, err
			}
			own, _, err := levels.National(ctx, a, of)
			return rhythm(own.Level, own.Since, own.Review), err
		},
	})
	n.connectInputs(d, families)
	n.Reports = d
	pages := sitrepweb.New(d, n.Health)
	return part{
		manifest: sitrep.Manifest(), handlers: d.Handlers(), receipts: d.ReceiveReceipt,
		outgoing: []operate.Outgoing{
			operate.OutgoingOf(sitrep.KindReport, schemaOf(sitrep.KindReport), sitrep.ReportView{}),
			operate.OutgoingOf(sitrep.KindCall, schemaOf(sitrep.KindCall), sitrep.CallView{}),
		},
		routes: pages.Routes, operations: pages.Operations, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, panels: []healthweb.EventPanel{pages.Panel()},
		sweep: d.Sweep, run: func(ctx context.Context) { n.often(ctx, "sitrep", d.Sweep) },
	}
}
