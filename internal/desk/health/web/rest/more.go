package rest

import (
	"context"

	"lintas/internal/api"
	"lintas/internal/desk/health"
)

// What an event has beside its figures and steps: the sections of a
// notification under Article 6, and merges.
func (d *Desk) addMore(a *api.API) {
	api.Add(a, api.Op{Method: "PUT", Path: events + "/{id}/sections", ID: "health-event-describe", Summary: "Replace the sections and the rule for the end", Tag: "health", Scope: Write,
		MustMatch: true, Description: "Sections that are absent are taken away; the history keeps that they changed."}, d.describe)
	api.Add(a, api.Op{Method: "POST", Path: events + "/{id}/merge", ID: "health-event-merge", Summary: "Merge an event of this member into another one", Tag: "health", Scope: Write,
		MustMatch: true, Description: "Nothing moves: the event keeps its figures and history and points at the other. The step split takes it back."}, d.merge)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}/merge-targets", ID: "health-event-targets", Summary: "List the events into which an event can be merged", Tag: "health", Scope: Read}, d.targets)
}

// SectionsInput is the structured content of an event.
type SectionsInput struct {
	Sections []health.Section `json:"sections" doc:"Blocks case_definition, laboratory, transmission, measures, difficulties and support, each at most once."`
	End      *health.EndRule  `json:"end,omitempty" doc:"When the outbreak may be declared over; absent: the default of the hazard."`
}

func (d *Desk) describe(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body SectionsInput
}) (*api.One[EventDoc], error) {
	v, err := seen(c)
	if err == nil {
		var end health.EndRule
		if in.Body.End != nil {
			end = *in.Body.End
		}
		for i := range in.Body.Sections {
			in.Body.Sections[i].AsOf = in.Body.Sections[i].AsOf.UTC()
		}
		_, err = d.desk.DescribeEvent(ctx, c.Actor, in.id(), v, in.Body.Sections, end)
	}
	return d.after(ctx, c, in.id(), err)
}

func (d *Desk) merge(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body struct {
		Into   string `json:"into" format:"uuid"`
		Reason string `json:"reason"`
	}
}) (*api.One[EventDoc], error) {
	v, err := seen(c)
	if err == nil {
		_, err = d.desk.MergeEvent(ctx, c.Actor, in.id(), v, api.Ref(in.Body.Into), in.Body.Reason)
	}
	return d.after(ctx, c, in.id(), err)
}

func (d *Desk) targets(ctx context.Context, c *api.Call, in *ByID) (*api.List[EventDoc], error) {
	found, err := d.desk.MergeTargets(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	out := make([]EventDoc, len(found))
	for i, v := range found {
		out[i] = EventDoc{EventView: v, Own: true}
	}
	return list(out, ""), nil
}
