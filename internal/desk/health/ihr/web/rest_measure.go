package web

import (
	"context"
	"fmt"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func (g *Pages) measureOperations(a *api.API) {
	api.Add(a, op("GET", restMeasures, "measure-list", "List additional health measures, own and received"), g.restMeasureList)
	api.Add(a, makes(restMeasures, "measure-plan", "Plan a measure of this state"), g.restPlan)
	api.Add(a, op("GET", restMeasures+"/{id}", "measure-get", "Read a measure"), g.restMeasureGet)
	api.Add(a, changes("PUT", restMeasures+"/{id}", "measure-edit", "Change what was entered", "Members that hold it get the change when it is cleared."), g.restMeasureEdit)
	api.Add(a, changes("POST", restMeasures+"/{id}/steps", "measure-step", "Take a step",
		"start (at), report (at, words: the reference), review (words, review), renew (words, review, expires), lift, cancel, withdraw (words), release (by a second person)."), g.restMeasureStep)
	api.Add(a, op("GET", "/ihr/corridors", "corridor-list", "List from where to where which measure holds now"), g.restCorridors)
}

// MeasureDoc is a measure with its clock.
type MeasureDoc struct {
	ihr.MeasureView
	Own       bool        `json:"own"`
	Holds     bool        `json:"holds" doc:"In force now."`
	Late      bool        `json:"late" doc:"The report to WHO is or was later than 48 hours after the start."`
	Due       time.Time   `json:"due,omitzero"`
	Released  bool        `json:"released"`
	Uncleared bool        `json:"uncleared" doc:"Changed since it was cleared: its members hold what was cleared."`
	Steps     []api.Offer `json:"steps,omitempty"`
}

// MeasureItem is a measure in a list.
type MeasureItem struct {
	ihr.MeasureView
	Holds bool `json:"holds"`
	Late  bool `json:"late"`
}

// MeasureInput is what a caller writes of a measure.
type MeasureInput struct {
	Hazard  string          `json:"hazard,omitempty" doc:"Where it is about no event."`
	Content ihr.Content     `json:"content" doc:"An end of its corridor is a member's code, or *."`
	Review  string          `json:"review" format:"date"`
	Expires string          `json:"expires" format:"date" doc:"The last day on which it holds."`
	Members []access.Member `json:"members,omitempty" doc:"Who gets it when it is cleared."`
	Marking access.Marking  `json:"marking" example:"TLP:GREEN"`
}

func (in MeasureInput) input() ihr.MeasureInput {
	return ihr.MeasureInput{Hazard: in.Hazard, Content: in.Content, Review: in.Review, Expires: in.Expires, Members: in.Members, Marking: in.Marking}
}

// NewMeasure is a measure about an event that this node knows, or a hazard.
type NewMeasure struct {
	MeasureInput
	Event string `json:"event,omitempty" format:"uuid"`
}

type measureQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Owner  string `query:"owner" maxLength:"8"`
	Type   string `query:"type" maxLength:"40"`
	Target string `query:"target" enum:"travellers,goods,conveyances"`
	State  string `query:"state" maxLength:"40"`
	From   string `query:"from" maxLength:"8" doc:"Its corridor begins there."`
	To     string `query:"to" maxLength:"8"`
	Event  string `query:"event" format:"uuid"`
	Holds  bool   `query:"holds" doc:"In force now."`
}

func (q *measureQuery) scope() string {
	return fmt.Sprintf("ihr-measure %q %s %s %s %s %s %s %s %t", q.Query, q.Owner, q.Type, q.Target, q.State, q.From, q.To, q.Event, q.Holds)
}

func (g *Pages) restMeasureList(ctx context.Context, c *api.Call, in *measureQuery) (*api.List[MeasureItem], error) {
	f := ihr.MeasureFilter{Query: in.Query, Owner: access.Member(in.Owner), Type: in.Type, Target: in.Target, State: workflow.State(in.State), From: in.From,
		To: in.To, Event: api.Ref(in.Event), Holding: in.Holds, Limit: in.Limit}
	keys, err := in.Keys(in.scope(), 2)
	if err != nil {
		return nil, err
	}
	f.After = cursorOf(keys)
	list, next, err := g.desk.Measures(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]MeasureItem, len(list))
	for i, v := range list {
		out[i] = MeasureItem{MeasureView: v, Holds: v.Holds(c.Now), Late: v.Late(c.Now)}
	}
	return api.NewList(out, nextOf(in.scope(), next)), nil
}

func (g *Pages) restMeasure(ctx context.Context, c *api.Call, mid id.ID) (MeasureDoc, error) {
	p, err := g.desk.Measure(ctx, c.Actor, mid)
	return MeasureDoc{MeasureView: p.View, Own: p.Own, Holds: p.View.Holds(c.Now), Late: p.View.Late(c.Now), Due: p.Due, Released: p.Released,
		Uncleared: p.Uncleared, Steps: c.Offers(p.Offers)}, err
}

func (g *Pages) measureAfter(ctx context.Context, c *api.Call, mid id.ID, err error) (*api.One[MeasureDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.restMeasure(ctx, c, mid)
	switch {
	case err != nil:
		return nil, err
	case !d.Own:
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restPlan(ctx context.Context, c *api.Call, in *struct{ Body NewMeasure }) (*api.Made[MeasureDoc], error) {
	m, err := g.desk.Plan(ctx, c.Actor, api.Ref(in.Body.Event), in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.restMeasure(ctx, c, m.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restMeasures+"/"+string(m.ID), int64(m.Version), d), nil
}

func (g *Pages) restMeasureGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[MeasureDoc], error) {
	return g.measureAfter(ctx, c, in.Record(), nil)
}

func (g *Pages) restMeasureEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body MeasureInput
}) (*api.One[MeasureDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditMeasure(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.measureAfter(ctx, c, in.Record(), err)
}

// MeasureStep is a step with what it brings.
type MeasureStep struct {
	Verb    string    `json:"verb" enum:"start,report,review,renew,lift,cancel,release,withdraw"`
	At      time.Time `json:"at,omitzero" doc:"Of start and report; absent: now."`
	Words   string    `json:"words,omitempty"`
	Review  string    `json:"review,omitempty" format:"date"`
	Expires string    `json:"expires,omitempty" format:"date"`
}

func (g *Pages) restMeasureStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body MeasureStep
}) (*api.One[MeasureDoc], error) {
	seen, err := c.Seen()
	b := in.Body
	if err == nil {
		_, err = g.desk.StepMeasure(ctx, c.Actor, in.Record(), seen, workflow.Verb(b.Verb), ihr.StepInput{At: b.At, Words: b.Words, Review: b.Review, Expires: b.Expires})
	}
	return g.measureAfter(ctx, c, in.Record(), err)
}

// CorridorDoc is one measure on the way from one end to another.
type CorridorDoc struct {
	From     string         `json:"from" doc:"A member's code, outside for states outside the region, or *."`
	To       string         `json:"to"`
	Measure  id.ID          `json:"measure"`
	Owner    access.Member  `json:"owner"`
	Type     string         `json:"type"`
	Target   string         `json:"target"`
	Title    string         `json:"title"`
	Since    time.Time      `json:"since"`
	Reported time.Time      `json:"reported,omitzero"`
	Late     bool           `json:"late"`
	Expires  string         `json:"expires" format:"date"`
	Marking  access.Marking `json:"marking"`
}

func (g *Pages) restCorridors(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[CorridorDoc], error) {
	held, err := g.holding(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	var out []CorridorDoc
	for _, k := range ihr.Corridors(held) {
		m := k.Measure
		out = append(out, CorridorDoc{From: k.From, To: k.To, Measure: m.ID, Owner: m.Owner, Type: m.Content.Type, Target: m.Content.Target, Title: m.Content.Title,
			Since: m.Start, Reported: m.Reported, Late: m.Late(c.Now), Expires: m.Expires, Marking: m.Marking})
	}
	return api.NewList(out, ""), nil
}

// holding are all measures that hold now.
func (g *Pages) holding(ctx context.Context, actor access.Actor) ([]ihr.MeasureView, error) {
	var all []ihr.MeasureView
	f := ihr.MeasureFilter{Holding: true, Limit: 200}
	for {
		list, next, err := g.desk.Measures(ctx, actor, f)
		all = append(all, list...)
		if err != nil || next.ID == "" || len(all) >= 5000 {
			return all, err
		}
		f.After = next
	}
}
