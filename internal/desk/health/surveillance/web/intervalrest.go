package web

import (
	"context"

	"lintas/internal/api"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// IntervalDoc is a serial interval for programs.
type IntervalDoc struct {
	ID      id.ID   `json:"id,omitempty" doc:"Absent: built in."`
	State   string  `json:"state" enum:"built_in,proposed,in_force,replaced,withdrawn"`
	Disease string  `json:"disease"`
	Number  int64   `json:"number" doc:"0: built in."`
	Mean    float64 `json:"mean" doc:"Days."`
	SD      float64 `json:"sd" doc:"Days."`
	Source  string  `json:"source"`
	Assumed bool    `json:"sd_assumed,omitempty" doc:"The source gives the mean only."`
}

// IntervalBody proposes a serial interval; another person confirms it.
type IntervalBody struct {
	Disease string  `json:"disease" doc:"A key of GET /health/hazards."`
	Mean    float64 `json:"mean" doc:"Days, more than 1."`
	SD      float64 `json:"sd" doc:"Days."`
	Source  string  `json:"source"`
	Assumed bool    `json:"sd_assumed,omitempty" doc:"The source gives the mean only."`
}

// intervalOperations adds serial intervals to the REST interface.
func (g *Pages) intervalOperations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: "/surveillance/intervals" + path, ID: "surveillance-interval-" + name, Summary: summary, Tag: "surveillance", Scope: scope}
	}
	api.Add(a, op("GET", "", "list", "List serial intervals: the versions of this node, then the built-in ones that none takes the place of", readScope), g.restIntervals)
	api.Add(a, op("GET", "/{id}", "get", "Read a version of a serial interval", readScope), g.restInterval)
	propose := op("POST", "", "propose", "Propose a serial interval", writeScope)
	propose.Status = 201
	api.Add(a, propose, g.restProposeInterval)
	step := op("POST", "/{id}/{verb}", "step", "Confirm or withdraw a version of a serial interval", writeScope)
	step.MustMatch = true
	api.Add(a, step, g.restIntervalStep)
}

func intervalDoc(v surveillance.IntervalView) IntervalDoc {
	d := IntervalDoc{ID: v.ID, State: string(v.State), Disease: v.Disease, Number: v.Number, Mean: v.Mean, SD: v.SD, Source: v.Source, Assumed: v.Assumed}
	if v.ID == "" {
		d.State = "built_in"
	}
	return d
}

func (g *Pages) restIntervals(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[IntervalDoc], error) {
	own, builtIn, err := g.desk.IntervalList(ctx, c.Actor)
	out := make([]IntervalDoc, 0, len(own)+len(builtIn))
	for _, v := range append(own, builtIn...) {
		out = append(out, intervalDoc(v))
	}
	return api.NewList(out, ""), err
}

func (g *Pages) restInterval(ctx context.Context, c *api.Call, in *ScanByID) (*api.One[IntervalDoc], error) {
	v, err := g.desk.IntervalPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(v.Version), intervalDoc(v)), nil
}

func (g *Pages) restProposeInterval(ctx context.Context, c *api.Call, in *struct{ Body IntervalBody }) (*api.Made[IntervalDoc], error) {
	i, err := g.desk.ProposeInterval(ctx, c.Actor, surveillance.SerialInterval(in.Body))
	if err != nil {
		return nil, err
	}
	v, err := g.desk.IntervalPage(ctx, c.Actor, i.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(intervalPath(i.ID), int64(i.Version), intervalDoc(v)), nil
}

func (g *Pages) restIntervalStep(ctx context.Context, c *api.Call, in *struct {
	ScanByID
	Verb string `path:"verb" enum:"confirm,withdraw"`
}) (*api.One[IntervalDoc], error) {
	seen, ok, err := c.Version()
	if err != nil {
		return nil, err
	}
	if !ok || seen < 1 || seen > 1<<31 {
		return nil, fault.New(fault.Conflict, "fault.changed_meanwhile").With("version", seen)
	}
	if _, err := g.desk.StepInterval(ctx, c.Actor, in.id(), int(seen), workflow.Verb(in.Verb)); err != nil {
		return nil, err
	}
	return g.restInterval(ctx, c, &in.ScanByID)
}
