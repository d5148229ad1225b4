package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/level"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func (g *Pages) readPosition(ctx context.Context, c *api.Call, pid id.ID) (PositionDoc, error) {
	p, err := g.desk.Position(ctx, c.Actor, pid)
	if err != nil {
		return PositionDoc{}, err
	}
	return PositionDoc{PositionView: p.PositionView, Due: p.Due, Steps: c.Offers(p.Offers)}, nil
}

func (g *Pages) positioned(ctx context.Context, c *api.Call, pid id.ID, err error) (*api.One[PositionDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.readPosition(ctx, c, pid)
	if err != nil {
		return nil, err
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

// ActivationDoc is a state's own response.
type ActivationDoc struct {
	level.ActivationView
	Own     bool        `json:"own"`
	InForce bool        `json:"in_force" doc:"Never beyond the review date."`
	Steps   []api.Offer `json:"steps,omitempty"`
}

func activationDoc(x *level.Activated, now time.Time) ActivationDoc {
	return ActivationDoc{ActivationView: x.ActivationView, Own: x.Own, InForce: x.InForce(now)}
}

type activationQuery struct {
	Event string `query:"event" format:"uuid" doc:"Of this event alone."`
}

func (g *Pages) restActivations(ctx context.Context, c *api.Call, in *activationQuery) (*api.List[ActivationDoc], error) {
	list, err := g.desk.Activations(ctx, c.Actor, api.Ref(in.Event))
	if err != nil {
		return nil, err
	}
	out := make([]ActivationDoc, len(list))
	for i := range list {
		out[i] = activationDoc(&list[i], c.Now)
	}
	return api.NewList(out, ""), nil
}

// NewActivation is what a caller writes of the own response to an event.
type NewActivation struct {
	Event   string          `json:"event" format:"uuid"`
	Level   int             `json:"level" minimum:"1" maximum:"4"`
	Trigger string          `json:"trigger"`
	Lang    string          `json:"lang" example:"en"`
	Review  time.Time       `json:"review"`
	Marking access.Marking  `json:"marking" example:"TLP:AMBER"`
	To      []access.Member `json:"to,omitempty" doc:"Who is told."`
}

func (g *Pages) activated(ctx context.Context, c *api.Call, aid id.ID, err error) (*api.One[ActivationDoc], error) {
	if err != nil {
		return nil, err
	}
	x, err := g.desk.Activation(ctx, c.Actor, aid)
	if err != nil {
		return nil, err
	}
	d := activationDoc(&x, c.Now)
	d.Steps = c.Offers(x.Offers)
	if !x.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restPropose(ctx context.Context, c *api.Call, in *struct{ Body NewActivation }) (*api.Made[ActivationDoc], error) {
	b := in.Body
	a, err := g.desk.Propose(ctx, c.Actor, api.Ref(b.Event), level.ActivationInput{Level: b.Level, Trigger: b.Trigger, Lang: b.Lang, Review: b.Review, Marking: b.Marking, To: b.To})
	if err != nil {
		return nil, err
	}
	one, err := g.activated(ctx, c, a.ID, nil)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restActivations+"/"+string(a.ID), int64(a.Version), one.Body), nil
}

func (g *Pages) restActivation(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ActivationDoc], error) {
	return g.activated(ctx, c, in.Record(), nil)
}

// ActivationStep is a step with what activate and renew take.
type ActivationStep struct {
	Verb   string    `json:"verb" maxLength:"40"`
	Reason string    `json:"reason,omitempty"`
	Level  int       `json:"level,omitempty" minimum:"0" maximum:"4" doc:"Of activate and renew; absent: as it is."`
	Review time.Time `json:"review,omitzero" doc:"Of activate and renew; absent: as it is."`
}

func (g *Pages) restActivationStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ActivationStep
}) (*api.One[ActivationDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		var x level.Activated
		x, err = g.desk.Activation(ctx, c.Actor, in.Record())
		at := in.Body.Level
		if at == 0 {
			at = x.Level
		}
		if err == nil {
			_, err = g.desk.StepActivation(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), at, in.Body.Review, in.Body.Reason)
		}
	}
	return g.activated(ctx, c, in.Record(), err)
}

// InForceDoc is the level of a family now.
type InForceDoc struct {
	Family      id.ID     `json:"family"`
	Name        string    `json:"name"`
	Level       int       `json:"level"`
	Since       time.Time `json:"since"`
	Review      time.Time `json:"review" doc:"It ends then unless it is renewed."`
	ReportHours int       `json:"report_hours" doc:"Between two situation reports."`
	Exercise    string    `json:"exercise,omitempty"`
}

func (g *Pages) restInForce(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[InForceDoc], error) {
	list, err := g.desk.InForceNow(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := make([]InForceDoc, len(list))
	for i, b := range list {
		out[i] = InForceDoc{Family: b.Family, Name: b.Name, Level: b.Level, Since: b.Since, Review: b.Review, ReportHours: int(b.Every / time.Hour), Exercise: b.Exercise}
	}
	return api.NewList(out, ""), nil
}

// LadderDoc is the table of levels with the rules of adoption.
type LadderDoc struct {
	Version string    `json:"version"`
	Digest  string    `json:"digest"`
	Source  string    `json:"source"`
	Levels  []StepDoc `json:"levels" nullable:"false"`
	Rules   []RuleDoc `json:"rules" nullable:"false" doc:"The newest version of each."`
}

// StepDoc is one level.
type StepDoc struct {
	Level       int      `json:"level"`
	Criteria    []string `json:"criteria" nullable:"false"`
	WindowHours int      `json:"window_hours"`
	ReviewDays  int      `json:"review_days"`
	ReportHours int      `json:"report_hours"`
	Rules       []string `json:"rules" nullable:"false"`
}

// RuleDoc is a rule of adoption.
type RuleDoc struct {
	Key      string `json:"key"`
	Version  string `json:"version"`
	Digest   string `json:"digest" doc:"Of its text; two nodes with the same digest decide alike."`
	Source   string `json:"source"`
	Silence  string `json:"silence" enum:"waits,consents"`
	Dissents int    `json:"dissents" doc:"How many may disagree and it is still adopted."`
	Quorum   int    `json:"quorum" doc:"Of eleven states that are asked."`
}

func (g *Pages) restLadder(_ context.Context, _ *api.Call, _ *struct{}) (*api.One[LadderDoc], error) {
	l := level.Current()
	d := LadderDoc{Version: l.Version, Digest: l.Digest, Source: l.Source, Levels: []StepDoc{}, Rules: []RuleDoc{}}
	for _, s := range l.Levels {
		d.Levels = append(d.Levels, StepDoc{Level: s.Level, Criteria: s.Criteria, WindowHours: s.Window, ReviewDays: s.Review, ReportHours: s.Report, Rules: s.Rules})
	}
	for _, k := range level.Rules() {
		r, _ := level.RuleBy(k)
		d.Rules = append(d.Rules, RuleDoc{Key: r.Key, Version: r.Version, Digest: r.Digest, Source: r.Source, Silence: r.Silence, Dissents: r.Dissents, Quorum: r.Needed(len(access.States))})
	}
	return api.Copied(d), nil
}
