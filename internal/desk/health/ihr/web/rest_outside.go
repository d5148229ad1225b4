package web

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func (g *Pages) outsideOperations(a *api.API) {
	api.Add(a, op("GET", restDeterminations, "determination-list", "List what was determined outside, own records and received ones"), g.restDeterminationList)
	api.Add(a, makes(restDeterminations, "determination-record", "Record what somebody outside determined"), g.restRecord)
	api.Add(a, op("GET", restDeterminations+"/{id}", "determination-get", "Read a determination"), g.restDeterminationGet)
	api.Add(a, changes("PUT", restDeterminations+"/{id}", "determination-edit", "Correct what was recorded", "Members that hold it get the correction when it is cleared."), g.restDeterminationEdit)
	api.Add(a, changes("POST", restDeterminations+"/{id}/steps", "determination-step", "Take a step", "release (by a second person), end (with on), strike (with reason)."), g.restDeterminationStep)
	api.Add(a, op("GET", restAmendments, "amendment-list", "Read where every state stands with the amendments of 2024"), g.restStandings)
	api.Add(a, makes(restAmendments, "amendment-state", "Draft this state's statement"), g.restState)
	api.Add(a, changes("PUT", restAmendments+"/{id}", "amendment-edit", "Change the draft", ""), g.restAmendmentEdit)
	api.Add(a, changes("POST", restAmendments+"/{id}/steps", "amendment-step", "Take a step with the draft", "release (by a second person; every other member is told), cancel."), g.restAmendmentStep)
}

// DeterminationDoc is a determination with what the caller may do.
type DeterminationDoc struct {
	ihr.DeterminationView
	Own       bool        `json:"own"`
	Released  bool        `json:"released"`
	Uncleared bool        `json:"uncleared" doc:"Changed since it was cleared: its members hold what was cleared."`
	Steps     []api.Offer `json:"steps,omitempty"`
}

// DeterminationInput is what a caller writes of one.
type DeterminationInput struct {
	Kind            string               `json:"kind" enum:"pheic,pandemic_emergency,who_grade"`
	Hazard          string               `json:"hazard,omitempty" doc:"Where it is about no event."`
	Title           string               `json:"title"`
	Grade           string               `json:"grade,omitempty" doc:"Of kind who_grade: ungraded, g1, g2, g3, p1, p2 or p3."`
	By              string               `json:"by" example:"WHO Director-General"`
	On              string               `json:"on" format:"date"`
	Meeting         int                  `json:"meeting,omitempty" minimum:"0" doc:"Of the Emergency Committee."`
	Recommendations []RecommendationBody `json:"recommendations,omitempty"`
	Source          string               `json:"source"`
	Marking         access.Marking       `json:"marking" example:"TLP:CLEAR"`
	Members         []access.Member      `json:"members,omitempty" doc:"Who gets it when it is cleared."`
}

// RecommendationBody is one recommendation.
type RecommendationBody struct {
	Text    string `json:"text"`
	Expires string `json:"expires,omitempty" format:"date" doc:"Absent: three months after on (Article 15)."`
}

func (in DeterminationInput) input() ihr.DeterminationInput {
	out := ihr.DeterminationInput{Kind: in.Kind, Hazard: in.Hazard, Title: in.Title, Grade: in.Grade, By: in.By, On: in.On, Source: in.Source,
		Meeting: in.Meeting, Marking: in.Marking, Members: in.Members}
	for _, r := range in.Recommendations {
		out.Recommendations = append(out.Recommendations, ihr.Recommendation{Text: r.Text, Expires: r.Expires})
	}
	return out
}

// NewDetermination is one about an event of this node, or about a hazard.
type NewDetermination struct {
	DeterminationInput
	Event string `json:"event,omitempty" format:"uuid"`
}

type determinationQuery struct {
	api.Paging
	Hazard string `query:"hazard" maxLength:"60"`
}

func (g *Pages) restDeterminationList(ctx context.Context, c *api.Call, in *determinationQuery) (*api.List[ihr.DeterminationView], error) {
	scope := "ihr-determination " + in.Hazard
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	list, next, err := g.desk.DeterminationList(ctx, c.Actor, in.Hazard, cursorOf(keys), in.Limit)
	if err != nil {
		return nil, err
	}
	return api.NewList(list, nextOf(scope, next)), nil
}

func (g *Pages) restDetermination(ctx context.Context, c *api.Call, xid id.ID) (DeterminationDoc, error) {
	p, err := g.desk.Determination(ctx, c.Actor, xid)
	return DeterminationDoc{DeterminationView: p.View, Own: p.Own, Released: p.Released, Uncleared: p.Uncleared, Steps: c.Offers(p.Offers)}, err
}

func (g *Pages) determinationAfter(ctx context.Context, c *api.Call, xid id.ID, err error) (*api.One[DeterminationDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.restDetermination(ctx, c, xid)
	switch {
	case err != nil:
		return nil, err
	case !d.Own:
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restDeterminationGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[DeterminationDoc], error) {
	return g.determinationAfter(ctx, c, in.Record(), nil)
}

func (g *Pages) restRecord(ctx context.Context, c *api.Call, in *struct{ Body NewDetermination }) (*api.Made[DeterminationDoc], error) {
	x, err := g.desk.Record(ctx, c.Actor, api.Ref(in.Body.Event), in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.restDetermination(ctx, c, x.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restDeterminations+"/"+string(x.ID), int64(x.Version), d), nil
}

func (g *Pages) restDeterminationEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body DeterminationInput
}) (*api.One[DeterminationDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditDetermination(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.determinationAfter(ctx, c, in.Record(), err)
}

func (g *Pages) restDeterminationStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Verb   string `json:"verb" enum:"release,end,strike"`
		On     string `json:"on,omitempty" format:"date" doc:"Of end."`
		Reason string `json:"reason,omitempty" doc:"Of strike."`
	}
}) (*api.One[DeterminationDoc], error) {
	seen, err := c.Seen()
	xid := in.Record()
	if err == nil {
		switch in.Body.Verb {
		case "release":
			_, err = g.desk.ReleaseDetermination(ctx, c.Actor, xid, seen)
		case "end":
			_, err = g.desk.EndDetermination(ctx, c.Actor, xid, seen, in.Body.On)
		default: // the schema knows one more
			_, err = g.desk.Strike(ctx, c.Actor, xid, seen, in.Body.Reason)
		}
	}
	return g.determinationAfter(ctx, c, xid, err)
}

// StandingDoc is where one state stands; without a statement it is silent and
// its status is unknown.
type StandingDoc struct {
	Member    access.Member      `json:"member"`
	Status    string             `json:"status" enum:"unknown,accepted,reservation,rejected,longer_period"`
	Statement *ihr.AmendmentView `json:"statement,omitempty"`
}

// AmendmentDoc is this state's draft or statement.
type AmendmentDoc struct {
	ihr.AmendmentView
	Steps []api.Offer `json:"steps,omitempty"`
}

// AmendmentInput is what a caller writes of it.
type AmendmentInput struct {
	Status  string `json:"status" enum:"accepted,reservation,rejected,longer_period"`
	On      string `json:"on" format:"date"`
	InForce string `json:"in_force,omitempty" format:"date"`
	Words   string `json:"words,omitempty" doc:"Of a reservation, or why."`
	Source  string `json:"source"`
	Lang    string `json:"lang" example:"en"`
}

func (in AmendmentInput) input() ihr.AmendmentInput {
	return ihr.AmendmentInput{Status: in.Status, On: in.On, InForce: in.InForce, Words: in.Words, Source: in.Source, Lang: in.Lang}
}

func (g *Pages) restStandings(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[StandingDoc], error) {
	p, err := g.desk.Amendments(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := make([]StandingDoc, len(p.Rows))
	for i, r := range p.Rows {
		out[i] = StandingDoc{Member: r.Member, Status: r.Status(), Statement: r.View}
	}
	return api.NewList(out, ""), nil
}

// amendmentAfter answers with the draft while there is one, else with what a
// step made of it.
func (g *Pages) amendmentAfter(ctx context.Context, c *api.Call, a ihr.Amendment, err error) (*api.One[AmendmentDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.restAmendment(ctx, c, a.ID)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restAmendment(ctx context.Context, c *api.Call, aid id.ID) (AmendmentDoc, error) {
	v, offers, err := g.desk.Amendment(ctx, c.Actor, aid)
	return AmendmentDoc{AmendmentView: v, Steps: c.Offers(offers)}, err
}

func (g *Pages) restState(ctx context.Context, c *api.Call, in *struct{ Body AmendmentInput }) (*api.Made[AmendmentDoc], error) {
	a, err := g.desk.State(ctx, c.Actor, in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.restAmendment(ctx, c, a.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restAmendments+"/"+string(a.ID), int64(a.Version), d), nil
}

func (g *Pages) restAmendmentEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body AmendmentInput
}) (*api.One[AmendmentDoc], error) {
	seen, err := c.Seen()
	var a ihr.Amendment
	if err == nil {
		a, err = g.desk.EditAmendment(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.amendmentAfter(ctx, c, a, err)
}

func (g *Pages) restAmendmentStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[AmendmentDoc], error) {
	seen, err := c.Seen()
	var a ihr.Amendment
	if err == nil {
		switch in.Body.Verb {
		case "release":
			a, err = g.desk.ReleaseAmendment(ctx, c.Actor, in.Record(), seen)
		case "cancel":
			a, err = g.desk.CancelAmendment(ctx, c.Actor, in.Record(), seen)
		default:
			err = fault.New(fault.Invalid, "fault.invalid")
		}
	}
	return g.amendmentAfter(ctx, c, a, err)
}
