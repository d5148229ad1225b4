package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/risk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// PositionDoc is what one state holds of an assessment.
type PositionDoc struct {
	risk.PositionView
	Own   bool            `json:"own"`
	Level risk.Level      `json:"level,omitempty" doc:"For the state's own territory."`
	Due   time.Time       `json:"due,omitzero"`
	To    []access.Member `json:"to,omitempty" doc:"Who got it, or who will: the assessor and every other recipient of the assessment."`
	Steps []api.Offer     `json:"steps,omitempty"`
}

// PositionInput is what a caller writes of the own state's position. Any
// unknown raises the level by the rule of the matrix.
type PositionInput struct {
	Stance      string            `json:"stance" enum:"agree,dissent" doc:"On the level of the assessment."`
	Held        risk.Level        `json:"held,omitempty" enum:"low,moderate,high,very_high" doc:"For the region, where the state dissents."`
	Importation risk.Likelihood   `json:"importation" enum:"almost_certain,highly_likely,likely,unlikely,very_unlikely,unknown"`
	Consequence risk.Consequence  `json:"consequence" enum:"minimal,minor,moderate,major,severe,unknown"`
	Receptivity map[string]string `json:"receptivity" doc:"vector, immunity and season: favours, partly, hinders, not_applicable or unknown."`
	Capacity    string            `json:"capacity" enum:"sufficient,strained,insufficient,unknown"`
	Stated      risk.Level        `json:"stated,omitempty" enum:"low,moderate,high,very_high" doc:"Where the state sets another level for itself than the matrix."`
	Reasons     string            `json:"reasons,omitempty" doc:"A dissent, or a level of one's own, needs them."`
	Lang        string            `json:"lang" example:"en"`
}

func (in PositionInput) input() risk.PositionInput {
	return risk.PositionInput{Stance: in.Stance, Held: in.Held, Importation: in.Importation, Consequence: in.Consequence, Receptivity: in.Receptivity,
		Capacity: in.Capacity, Stated: in.Stated, Reasons: in.Reasons, Lang: in.Lang}
}

func (g *Pages) readPosition(ctx context.Context, c *api.Call, pid id.ID) (PositionDoc, error) {
	p, err := g.desk.PositionPage(ctx, c.Actor, pid)
	if err != nil {
		return PositionDoc{}, err
	}
	return PositionDoc{PositionView: p.View, Own: p.Own, Level: p.View.Level(), Due: p.Due, To: p.To, Steps: c.Offers(p.Offers)}, nil
}

func (g *Pages) positioned(ctx context.Context, c *api.Call, pid id.ID, err error) (*api.One[PositionDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.readPosition(ctx, c, pid)
	if err != nil {
		return nil, err
	}
	if !d.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restAnswer(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body PositionInput
}) (*api.Made[PositionDoc], error) {
	p, err := g.desk.Answer(ctx, c.Actor, in.Record(), in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.readPosition(ctx, c, p.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restPositions+"/"+string(p.ID), int64(p.Version), d), nil
}

func (g *Pages) restPosition(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[PositionDoc], error) {
	return g.positioned(ctx, c, in.Record(), nil)
}

func (g *Pages) restEditPosition(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body PositionInput
}) (*api.One[PositionDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditPosition(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.positioned(ctx, c, in.Record(), err)
}

func (g *Pages) restPositionStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[PositionDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.StepPosition(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
	}
	return g.positioned(ctx, c, in.Record(), err)
}

// MatrixDoc is the matrix in force.
type MatrixDoc struct {
	Version  string      `json:"version"`
	Digest   string      `json:"digest" doc:"Of its text; two nodes with the same digest compute alike."`
	Cells    []MatrixRow `json:"cells"`
	Unknowns []RaiseDoc  `json:"unknowns"`
}

// MatrixRow is the levels of one likelihood, from minimal to severe.
type MatrixRow struct {
	Likelihood risk.Likelihood `json:"likelihood"`
	From       int             `json:"from_percent"`
	To         int             `json:"to_percent"`
	Levels     []risk.Level    `json:"levels"`
}

// RaiseDoc is one thing that may be unknown, and which scale it raises by how
// many steps.
type RaiseDoc struct {
	Unknown string `json:"unknown"`
	Scale   string `json:"scale"`
	Steps   int    `json:"steps"`
}

func (g *Pages) restMatrix(context.Context, *api.Call, *struct{}) (*api.One[MatrixDoc], error) {
	m := risk.Current()
	d := MatrixDoc{Version: m.Version, Digest: m.Digest}
	for _, l := range risk.Likelihoods {
		row := MatrixRow{Likelihood: l, From: m.Bands[l].From, To: m.Bands[l].To}
		for _, q := range risk.Consequences {
			row.Levels = append(row.Levels, m.Level(l, q))
		}
		d.Cells = append(d.Cells, row)
	}
	for _, u := range m.Unknowns() {
		scale, steps := m.Raises(u)
		d.Unknowns = append(d.Unknowns, RaiseDoc{Unknown: u, Scale: scale, Steps: steps})
	}
	return api.Copied(d), nil
}
