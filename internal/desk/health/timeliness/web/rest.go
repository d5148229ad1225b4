package web

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const restEvents = "/timeliness/events"

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "timeliness-" + name, Summary: summary, Tag: "timeliness", Scope: scope}
	}
	list := op("GET", restEvents, "list", "List events with the results of the three clocks", readScope)
	list.Description = "Own events as computed now, and what other members released; in the order of members and names."
	api.Add(a, list, g.restList)
	api.Add(a, op("GET", restEvents+"/{id}", "get", "Read the timeliness of an event", readScope), g.restGet)
	save := op("PUT", restEvents+"/{id}", "save", "Save the actions, pauses and factors of an own event", writeScope)
	save.Description = "Without If-Match it begins the record of the event; with it, it changes the draft. The three dates are those of the event."
	save.Problems = []int{412}
	api.Add(a, save, g.restSave)
	step := op("POST", restEvents+"/{id}/steps", "step", "Take a step", writeScope)
	step.MustMatch, step.Description = true, "confirm (by a second person), release (to and marking), reopen, withdraw (reason)."
	api.Add(a, step, g.restStep)
	api.Add(a, op("GET", "/timeliness/clocks", "clocks", "Read the three clocks over all events, with counts and medians", readScope), g.restClocks)
	api.Add(a, op("GET", "/timeliness/regional", "regional", "Read 7-1-7-R as far as this node can compute it", readScope), g.restRegional)
}

// EventDoc is the timeliness of one event. Dates that are not exact make an
// interval of days, and never a pass.
type EventDoc struct {
	timeliness.View
	Own       bool            `json:"own"`
	Version   int             `json:"version" doc:"Of the record; 0: there is none yet."`
	Changed   bool            `json:"changed" doc:"The event's dates are no longer those that were confirmed."`
	Withdrawn bool            `json:"withdrawn,omitempty"`
	Marking   access.Marking  `json:"marking,omitempty"`
	To        []access.Member `json:"to,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Released  time.Time       `json:"released,omitzero" doc:"Of another member's."`
	Exercise  string          `json:"exercise,omitempty"`
	Steps     []api.Offer     `json:"steps,omitempty"`
}

type eventQuery struct {
	api.Paging
	State   string `query:"state" maxLength:"8" doc:"Only events of this member."`
	Outcome string `query:"outcome" enum:"met,missed,undecided,running,unknown,reversed" doc:"Of any of the three clocks."`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *eventQuery) (*api.List[EventDoc], error) {
	scope := "timeliness-list " + in.State + " " + in.Outcome
	keys, err := in.Keys(scope, 1)
	if err != nil {
		return nil, err
	}
	rows, err := g.desk.Region(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	var out []EventDoc
	past := keys == nil
	for _, x := range rows {
		switch {
		case !past:
			past = string(x.Event) == keys[0]
			continue
		case in.State != "" && string(x.Owner) != in.State, in.Outcome != "" && !comes(x.View, in.Outcome):
			continue
		}
		if len(out) == in.Limit {
			return api.NewList(out, api.Cursor(scope, string(out[len(out)-1].Event))), nil
		}
		out = append(out, EventDoc{View: x.View, Own: x.Own, Withdrawn: x.Withdrawn, Released: x.Released})
	}
	return api.NewList(out, ""), nil
}

// comes reports whether one of the clocks came to the outcome.
func comes(v timeliness.View, outcome string) bool {
	for _, r := range v.Results {
		if string(r.Outcome) == outcome {
			return true
		}
	}
	return false
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, eid id.ID, err error) (*api.One[EventDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.EventPage(ctx, c.Actor, eid)
	if err != nil {
		return nil, err
	}
	d := EventDoc{View: p.View, Own: p.Own, Version: p.Version, Changed: p.Changed, Marking: p.Marking, To: p.To, Reason: p.Reason, Exercise: p.Exercise, Steps: c.Offers(p.Offers)}
	if p.Copy != nil {
		d.Withdrawn, d.Released = p.Copy.Withdrawn, time.UnixMicro(p.Copy.Issued).UTC()
	}
	if !p.Own || p.Version == 0 {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(p.Version), d), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[EventDoc], error) {
	return g.restRead(ctx, c, in.Record(), nil)
}

// SaveInput is what a caller writes of the timeliness of an own event.
type SaveInput struct {
	Actions []ActionInput       `json:"actions,omitempty" doc:"Of the seven early-response actions; one that is absent is not answered."`
	Pauses  []timeliness.Pause  `json:"pauses,omitempty"`
	Factors []timeliness.Factor `json:"factors,omitempty" doc:"Bottlenecks and enablers."`
}

// ActionInput is one early-response action.
type ActionInput struct {
	Key      timeliness.ActionKey `json:"key" enum:"investigation,analysis,laboratory,case_management,countermeasures,communication,coordination"`
	Answer   timeliness.Answer    `json:"answer" enum:"done,not_done,not_applicable"`
	On       health.Date          `json:"on,omitzero"`
	Evidence string               `json:"evidence,omitempty" doc:"Where it does not apply: why."`
}

func (g *Pages) restSave(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Match string `header:"If-Match" doc:"The ETag that was read; absent: begin the record."`
	Body  SaveInput
}) (*api.One[EventDoc], error) {
	seen := 0
	if strings.TrimSpace(in.Match) != "" {
		var err error
		if seen, err = c.Seen(); err != nil {
			return nil, err
		}
	}
	x := timeliness.Input{Pauses: in.Body.Pauses, Factors: in.Body.Factors}
	for _, a := range in.Body.Actions {
		x.Actions = append(x.Actions, timeliness.Action{Key: a.Key, Answer: a.Answer, On: a.On, Evidence: a.Evidence})
	}
	_, err := g.desk.Save(ctx, c.Actor, in.Record(), seen, x)
	return g.restRead(ctx, c, in.Record(), err)
}

// StepInput is a step with what it brings.
type StepInput struct {
	Verb    string          `json:"verb" enum:"confirm,release,reopen,withdraw"`
	Reason  string          `json:"reason,omitempty" doc:"Of reopen and withdraw."`
	To      []access.Member `json:"to,omitempty" doc:"Of release."`
	Marking access.Marking  `json:"marking,omitempty" example:"TLP:AMBER" doc:"Of release."`
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body StepInput
}) (*api.One[EventDoc], error) {
	seen, err := c.Seen()
	b, eid := in.Body, in.Record()
	if err == nil {
		switch b.Verb {
		case "confirm":
			_, err = g.desk.Confirm(ctx, c.Actor, eid, seen)
		case "release":
			_, err = g.desk.Release(ctx, c.Actor, eid, seen, b.To, b.Marking)
		default: // the schema knows two more
			_, err = g.desk.Back(ctx, c.Actor, eid, seen, workflow.Verb(b.Verb), b.Reason)
		}
	}
	return g.restRead(ctx, c, eid, err)
}
