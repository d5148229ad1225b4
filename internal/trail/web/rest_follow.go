package web

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/id"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

func (g *Pages) restRecommendations(ctx context.Context, c *api.Call, in *ListQuery) (*api.List[RecommendationDoc], error) {
	f, err := in.filter("recommendations")
	if err != nil {
		return nil, err
	}
	rows, more, err := g.desk.Recommendations(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out, next := make([]RecommendationDoc, len(rows)), ""
	for i := range rows {
		out[i] = RecommendationDoc{RecommendationView: rows[i].RecommendationView, PaperDoc: PaperDoc{Own: rows[i].Own}, Awaited: rows[i].Awaited}
		next = in.next("recommendations", more, rows[i].Changed, rows[i].ID)
	}
	return api.NewList(out, next), nil
}

func (g *Pages) readRecommendation(ctx context.Context, c *api.Call, rid id.ID) (RecommendationDoc, error) {
	p, err := g.desk.Recommendation(ctx, c.Actor, rid)
	return RecommendationDoc{RecommendationView: p.RecommendationView, PaperDoc: PaperDoc{p.Own, c.Offers(p.Offers)}, Actions: pairIDs(p.Pairs), Awaited: p.Awaited}, err
}

func (g *Pages) restRecommendation(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[RecommendationDoc], error) {
	d, err := g.readRecommendation(ctx, c, in.Record())
	if err != nil {
		return nil, err
	}
	return answered(d.Own, d.Version, d), nil
}

// RecommendationInput is what a caller writes of a recommendation.
type RecommendationInput struct {
	PaperInput
	Text     string          `json:"text"`
	Findings []string        `json:"findings" nullable:"false"`
	For      []access.Member `json:"for" nullable:"false"`
	Way      string          `json:"way" example:"supplies"`
	Priority string          `json:"priority" enum:"high,medium,low"`
	Theme    string          `json:"theme,omitempty"`
}

func (in *RecommendationInput) whole() trail.RecommendationInput {
	return trail.RecommendationInput{Input: in.input(), RecommendationText: trail.RecommendationText{Text: in.Text, Findings: idsOf(in.Findings), For: in.For, Way: in.Way,
		Priority: in.Priority, Theme: in.Theme}}
}

func (g *Pages) restEditRecommendation(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body RecommendationInput
}) (*api.One[RecommendationDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditRecommendation(ctx, c.Actor, in.Record(), seen, in.Body.whole())
	}
	if err != nil {
		return nil, err
	}
	return g.restRecommendation(ctx, c, &in.ByID)
}

func (g *Pages) restDraftRecommendation(ctx context.Context, c *api.Call, in *struct{ Body RecommendationInput }) (*api.Made[RecommendationDoc], error) {
	x, err := g.desk.DraftRecommendation(ctx, c.Actor, in.Body.whole())
	if err != nil {
		return nil, err
	}
	d, err := g.readRecommendation(ctx, c, x.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(recommendationsPath+"/"+string(x.ID), int64(x.Version), d), nil
}

func (g *Pages) restStepRecommendation(ctx context.Context, c *api.Call, in *stepOf) (*api.One[RecommendationDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.StepRecommendation(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restRecommendation(ctx, c, &in.ByID)
}

type actionQuery struct {
	ListQuery
	Proposer string `query:"proposer" maxLength:"8"`
	Open     bool   `query:"open" doc:"Only open ones."`
	Late     bool   `query:"late" doc:"Only overdue ones."`
}

func pairDoc(p *trail.Pair) PairDoc {
	return PairDoc{Stage: p.Stage, Due: p.Due, Late: p.Late, Terms: p.Terms(), Proposal: p.Proposal, Action: p.Action}
}

func (g *Pages) restActions(ctx context.Context, c *api.Call, in *actionQuery) (*api.List[PairDoc], error) {
	kind := "actions " + in.Proposer
	if in.Open {
		kind += " open"
	}
	if in.Late {
		kind += " late"
	}
	f, err := in.filter(kind)
	if err != nil {
		return nil, err
	}
	f.Proposer, f.Open, f.Late = access.Member(in.Proposer), in.Open, in.Late
	if f.After == nil {
		f.After = &trail.After{} // in the order of their identifiers from the first
	}
	rows, more, err := g.desk.Actions(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out, next := make([]PairDoc, len(rows)), ""
	for i := range rows {
		out[i] = pairDoc(&rows[i])
		next = in.next(kind, more, rows[i].Proposal.Changed, rows[i].Proposal.ID)
	}
	return api.NewList(out, next), nil
}

func (g *Pages) readPair(ctx context.Context, c *api.Call, rid id.ID) (PairDoc, *api.One[PairDoc], error) {
	p, err := g.desk.Action(ctx, c.Actor, rid)
	if err != nil {
		return PairDoc{}, nil, err
	}
	d := pairDoc(&p.Pair)
	d.ProposalSteps, d.ActionSteps = c.Offers(p.ProposalOffers), c.Offers(p.ActionOffers)
	if p.Action != nil && p.Action.ID == rid {
		return d, answered(p.OwnAction, p.Action.Version, d), nil
	}
	return d, answered(p.OwnProposal, p.Proposal.Version, d), nil
}

func (g *Pages) restAction(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[PairDoc], error) {
	_, out, err := g.readPair(ctx, c, in.Record())
	return out, err
}

// ProposalInput is what a caller writes of a proposal.
type ProposalInput struct {
	PaperInput
	For            access.Member   `json:"for" doc:"The member that is asked; it may be the own."`
	Inform         []access.Member `json:"inform,omitempty"`
	Findings       []string        `json:"findings,omitempty"`
	Recommendation string          `json:"recommendation,omitempty" format:"uuid"`
	Theme          string          `json:"theme,omitempty"`
	Deliverable    string          `json:"deliverable"`
	By             string          `json:"by_day" format:"date"`
	Measure        string          `json:"measure" doc:"How one will see that it helped."`
}

func (in *ProposalInput) whole() trail.ProposalInput {
	return trail.ProposalInput{Input: in.input(), For: in.For, Inform: in.Inform, Findings: idsOf(in.Findings), Recommendation: api.Ref(in.Recommendation), Theme: in.Theme,
		Terms: trail.Terms{Deliverable: in.Deliverable, By: in.By}, Measure: in.Measure}
}

func (g *Pages) restEditProposal(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ProposalInput
}) (*api.One[PairDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditProposal(ctx, c.Actor, in.Record(), seen, in.Body.whole())
	}
	if err != nil {
		return nil, err
	}
	return g.restAction(ctx, c, &in.ByID)
}

func (g *Pages) restPropose(ctx context.Context, c *api.Call, in *struct{ Body ProposalInput }) (*api.Made[PairDoc], error) {
	p, err := g.desk.DraftProposal(ctx, c.Actor, in.Body.whole())
	if err != nil {
		return nil, err
	}
	d, _, err := g.readPair(ctx, c, p.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(actionsPath+"/"+string(p.ID), int64(p.Version), d), nil
}

func (g *Pages) restStepProposal(ctx context.Context, c *api.Call, in *stepOf) (*api.One[PairDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.StepProposal(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restAction(ctx, c, &in.ByID)
}

func (g *Pages) restStepAction(ctx context.Context, c *api.Call, in *stepOf) (*api.One[PairDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.StepAction(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restAction(ctx, c, &in.ByID)
}
