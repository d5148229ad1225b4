package web

import (
	"context"
	"slices"
	"time"

	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PlanDoc is one edition of the action plan of one operational period.
type PlanDoc struct {
	ID          id.ID           `json:"id"`
	Version     int             `json:"version"`
	State       workflow.State  `json:"state"`
	Number      int             `json:"number" doc:"Of the operational period."`
	Edition     int             `json:"edition" doc:"1 is the first; an amendment is the next."`
	Amends      id.ID           `json:"amends,omitempty"`
	Why         string          `json:"why,omitempty" doc:"Of an amendment."`
	From        time.Time       `json:"from"`
	To          time.Time       `json:"to"`
	Situation   string          `json:"situation,omitempty"`
	Objectives  []ObjectiveDoc  `json:"objectives" nullable:"false"`
	Assignments []AssignmentDoc `json:"assignments" nullable:"false"`
	Channels    []ChannelDoc    `json:"channels" nullable:"false"`
	Safety      string          `json:"safety,omitempty"`
	Weather     string          `json:"weather,omitempty"`
	Other       string          `json:"other,omitempty"`
	Changes     []ChangeDoc     `json:"changes,omitempty" doc:"Of an amendment, against the edition that it amends."`
	WrittenBy   string          `json:"written_by,omitempty"`
	ApprovedBy  string          `json:"approved_by,omitempty"`
	Approved    time.Time       `json:"approved,omitzero"`
	Began       time.Time       `json:"began,omitzero"`
	Ended       time.Time       `json:"ended,omitzero"`
	Steps       []api.Offer     `json:"steps" nullable:"false"`
}

// ObjectiveDoc is what is to be reached.
type ObjectiveDoc struct {
	ID       id.ID     `json:"id,omitempty" doc:"Kept from period to period; absent for a new one."`
	Text     string    `json:"text"`
	Measure  string    `json:"measure,omitempty"`
	Function string    `json:"function"`
	Due      time.Time `json:"due,omitzero"`
	Since    int       `json:"since,omitempty" doc:"Period in which it was set."`
	Status   string    `json:"status,omitempty" doc:"By the newest word in the activity log."`
}

// AssignmentDoc is a task of a function.
type AssignmentDoc struct {
	Function  string `json:"function"`
	Task      string `json:"task"`
	Resources string `json:"resources,omitempty"`
	Place     string `json:"place,omitempty"`
	Special   string `json:"special,omitempty"`
}

// ChannelDoc is how a function is reached.
type ChannelDoc struct {
	Function string `json:"function"`
	Means    string `json:"means"`
	Number   string `json:"number"`
	Note     string `json:"note,omitempty"`
}

// ChangeDoc is one difference between two editions.
type ChangeDoc struct {
	Part string `json:"part"`
	Row  int    `json:"row,omitempty"`
	Was  string `json:"was,omitempty"`
	Now  string `json:"now,omitempty"`
}

// PlanBody is what a person writes of a plan.
type PlanBody struct {
	From        time.Time       `json:"from"`
	To          time.Time       `json:"to"`
	Situation   string          `json:"situation,omitempty"`
	Objectives  []ObjectiveDoc  `json:"objectives"`
	Assignments []AssignmentDoc `json:"assignments"`
	Channels    []ChannelDoc    `json:"channels,omitempty"`
	Safety      string          `json:"safety,omitempty"`
	Weather     string          `json:"weather,omitempty"`
	Other       string          `json:"other,omitempty"`
	Why         string          `json:"why,omitempty"`
}

func (b *PlanBody) input() incident.PlanInput {
	in := incident.PlanInput{From: b.From, To: b.To, Situation: b.Situation, Safety: b.Safety, Weather: b.Weather, Other: b.Other, Why: b.Why}
	for _, o := range b.Objectives {
		in.Objectives = append(in.Objectives, incident.Objective{ID: o.ID, Text: o.Text, Measure: o.Measure, Function: o.Function, Due: o.Due})
	}
	for _, a := range b.Assignments {
		in.Assignments = append(in.Assignments, incident.Assignment(a))
	}
	for _, c := range b.Channels {
		in.Channels = append(in.Channels, incident.Channel(c))
	}
	return in
}

func planDoc(c *api.Call, b *incident.Book, p *incident.PlanView) PlanDoc {
	d := PlanDoc{ID: p.ID, Version: p.Version, State: p.State, Number: p.Number, Edition: p.Edition, Amends: p.Amends, Why: p.Why, From: p.From, To: p.To, Situation: p.Situation,
		Objectives: []ObjectiveDoc{}, Assignments: []AssignmentDoc{}, Channels: []ChannelDoc{}, Safety: p.Safety, Weather: p.Weather, Other: p.Other,
		WrittenBy: p.WrittenAs, ApprovedBy: p.ApprovedAs, Approved: p.Approved, Began: p.Began, Ended: p.Ended, Steps: c.Offers(p.Offers)}
	for _, o := range p.Objectives {
		x := ObjectiveDoc{ID: o.ID, Text: o.Text, Measure: o.Measure, Function: o.Function, Due: o.Due, Since: o.Since}
		if i := slices.IndexFunc(b.Objectives, func(v incident.ObjectiveView) bool { return v.ID == o.ID }); i >= 0 {
			x.Status = b.Objectives[i].Status
		}
		d.Objectives = append(d.Objectives, x)
	}
	for _, a := range p.Assignments {
		d.Assignments = append(d.Assignments, AssignmentDoc(a))
	}
	for _, x := range p.Channels {
		d.Channels = append(d.Channels, ChannelDoc(x))
	}
	for _, x := range p.Changes {
		d.Changes = append(d.Changes, ChangeDoc(x))
	}
	return d
}

// PlanRef names a plan of an incident.
type PlanRef struct {
	api.ByID
	Plan string `path:"plan" format:"uuid"`
}

// planOf reads a plan of an incident after a step; a plan of another incident is
// none of it.
func (g *Pages) planOf(ctx context.Context, c *api.Call, iid, pid id.ID, err error) (*api.One[PlanDoc], error) {
	if err != nil {
		return nil, err
	}
	b, err := g.desk.Book(ctx, c.Actor, iid)
	if err != nil {
		return nil, err
	}
	p := b.Plan(pid)
	if p == nil {
		return nil, desk.NotFound()
	}
	return api.NewOne(int64(p.Version), planDoc(c, &b, p)), nil
}

func (g *Pages) restPlans(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[PlanDoc], error) {
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]PlanDoc, len(b.Plans))
	for i := range b.Plans {
		out[i] = planDoc(c, &b, &b.Plans[i])
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restPlan(ctx context.Context, c *api.Call, in *PlanRef) (*api.One[PlanDoc], error) {
	return g.planOf(ctx, c, in.Record(), api.Ref(in.Plan), nil)
}

func (g *Pages) restDraft(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Amends string `json:"amends,omitempty" doc:"Plan of which this is the next edition; absent: the next period."`
	}
}) (*api.Made[PlanDoc], error) {
	var p incident.Plan
	var err error
	if in.Body.Amends == "" {
		p, err = g.desk.Draft(ctx, c.Actor, in.Record())
	} else if _, err = g.planOf(ctx, c, in.Record(), api.Ref(in.Body.Amends), nil); err == nil {
		p, err = g.desk.Amend(ctx, c.Actor, api.Ref(in.Body.Amends))
	}
	d, err := g.planOf(ctx, c, in.Record(), p.ID, err)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restBase+"/"+string(in.Record())+"/plans/"+string(p.ID), int64(p.Version), d.Body), nil
}

func (g *Pages) restEditPlan(ctx context.Context, c *api.Call, in *struct {
	PlanRef
	Body PlanBody
}) (*api.One[PlanDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.planOf(ctx, c, in.Record(), api.Ref(in.Plan), nil)
	}
	if err == nil {
		_, err = g.desk.EditPlan(ctx, c.Actor, api.Ref(in.Plan), seen, in.Body.input())
	}
	return g.planOf(ctx, c, in.Record(), api.Ref(in.Plan), err)
}

func (g *Pages) restStepPlan(ctx context.Context, c *api.Call, in *struct {
	PlanRef
	Body api.StepBody
}) (*api.One[PlanDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.planOf(ctx, c, in.Record(), api.Ref(in.Plan), nil)
	}
	if err == nil {
		_, err = g.desk.StepPlan(ctx, c.Actor, api.Ref(in.Plan), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
	}
	return g.planOf(ctx, c, in.Record(), api.Ref(in.Plan), err)
}
