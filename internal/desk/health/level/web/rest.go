package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/level"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const (
	restProposals   = "/level/proposals"
	restPositions   = "/level/positions"
	restActivations = "/level/activations"
)

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "level-" + name, Summary: summary, Tag: "level", Scope: scope}
	}
	changes := func(o api.Op, says string) api.Op { o.MustMatch, o.Description = true, says; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", restProposals, "proposal-list", "List proposals for a level, own and received, with what came of each", readScope), g.restList)
	api.Add(a, makes(op("POST", restProposals, "proposal-draft", "Draft a proposal on a family of events", writeScope)), g.restDraft)
	api.Add(a, op("GET", restProposals+"/{id}", "proposal-get", "Read a proposal", readScope), g.restGet)
	api.Add(a, changes(op("PUT", restProposals+"/{id}", "proposal-edit", "Change a draft", writeScope), ""), g.restEdit)
	api.Add(a, changes(op("POST", restProposals+"/{id}/steps", "proposal-step", "Take a step with an own proposal", writeScope),
		"submit, return, propose (by a second person), close, recount, withdraw, discard."), g.restStep)
	outcome := op("GET", restProposals+"/{id}/outcome", "proposal-outcome", "Read what came of a proposal, with the position of every state that is asked", readScope)
	outcome.Description = "Computed by this node from the released records that it holds. It changes with the clock and with positions, without a new version of the proposal; nothing is averaged."
	api.Add(a, outcome, g.restOutcome)
	api.Add(a, makes(op("POST", restProposals+"/{id}/positions", "position-draft", "Draft this state's position on an open proposal", writeScope)), g.restAnswer)
	api.Add(a, op("GET", restPositions+"/{id}", "position-get", "Read a position of this state", readScope), g.restPosition)
	api.Add(a, changes(op("PUT", restPositions+"/{id}", "position-edit", "Change a draft", writeScope), ""), g.restEditPosition)
	api.Add(a, changes(op("POST", restPositions+"/{id}/steps", "position-step", "Take a step with this state's position", writeScope),
		"submit, return, release (by a second person), discard."), g.restPositionStep)
	api.Add(a, op("GET", restActivations, "activation-list", "List the states' own responses, own and received", readScope), g.restActivations)
	api.Add(a, makes(op("POST", restActivations, "activation-propose", "Put the response to an own event to the national authority", writeScope)), g.restPropose)
	api.Add(a, op("GET", restActivations+"/{id}", "activation-get", "Read an own response of a state", readScope), g.restActivation)
	api.Add(a, changes(op("POST", restActivations+"/{id}/steps", "activation-step", "Take a step with the own response", writeScope),
		"activate and renew (with level and review date), lift, discard; by the national authority."), g.restActivationStep)
	api.Add(a, op("GET", "/level/in-force", "in-force", "Read the level in force of each family, as this node computes it now", readScope), g.restInForce)
	api.Add(a, op("GET", "/level/ladder", "ladder", "Read the ladder and the rules of adoption", readScope), g.restLadder)
}

// ProposalDoc is a proposal. What came of it is read apart.
type ProposalDoc struct {
	level.ProposalView
	Own   bool          `json:"own"`
	Due   time.Time     `json:"due,omitzero"`
	Asked []string      `json:"asked" nullable:"false" doc:"The states whose position counts."`
	Mine  []PositionDoc `json:"mine,omitempty" doc:"Positions of this state, the newest first."`
	Steps []api.Offer   `json:"steps,omitempty"`
}

// ProposalItem is a proposal in a list.
type ProposalItem struct {
	ProposalDoc
	Outcome level.Outcome `json:"outcome" enum:"consulting,awaiting,unknowable,disputed,taken_back,not_adopted,adopted"`
	InForce bool          `json:"in_force" doc:"It is the level of its family now."`
}

// OutcomeDoc is what this node says of a proposal now.
type OutcomeDoc struct {
	Proposal id.ID         `json:"proposal"`
	Outcome  level.Outcome `json:"outcome" enum:"consulting,awaiting,unknowable,disputed,taken_back,not_adopted,adopted"`
	InForce  bool          `json:"in_force"`
	Stands   []StandDoc    `json:"stands" nullable:"false" doc:"Every state that is asked, in the fixed order."`
	Missing  int           `json:"missing" doc:"Positions that the close lists and that have not come here."`
	Omitted  []id.ID       `json:"omitted,omitempty" doc:"Of a disputed close: releases that it should have listed."`
	Needed   int           `json:"needed,omitempty" doc:"The quorum, of those that are asked."`
}

// StandDoc is what one state holds.
type StandDoc struct {
	Member  access.Member `json:"member"`
	Stance  string        `json:"stance" enum:"agree,reserve,disagree,abstain,no_answer,consented,by_proposal"`
	Reasons string        `json:"reasons,omitempty"`
	At      time.Time     `json:"at,omitzero"`
	Release id.ID         `json:"release,omitempty"`
}

// PositionDoc is a position of this state.
type PositionDoc struct {
	level.PositionView
	Due   time.Time   `json:"due,omitzero"`
	Steps []api.Offer `json:"steps,omitempty"`
}

// ProposalInput is what a caller writes of a proposal.
type ProposalInput struct {
	Title     string          `json:"title"`
	Lang      string          `json:"lang" example:"en"`
	Level     int             `json:"level" minimum:"0" maximum:"4" doc:"0 lifts the level in force."`
	Criteria  []string        `json:"criteria" nullable:"false" doc:"Of GET /level/ladder, of this level."`
	Reasons   string          `json:"reasons"`
	Rule      string          `json:"rule" example:"consensus"`
	Window    int             `json:"window_hours" minimum:"1" maximum:"336"`
	Review    time.Time       `json:"review" doc:"The level ends then unless it is renewed."`
	Marking   access.Marking  `json:"marking" example:"TLP:AMBER"`
	Concerned []access.Member `json:"concerned,omitempty" doc:"The states that are asked; absent: all. A state with an event in the family is always among them."`
}

func (in ProposalInput) input() level.ProposalInput {
	return level.ProposalInput{Title: in.Title, Lang: in.Lang, Level: in.Level, Criteria: in.Criteria, Reasons: in.Reasons, Rule: in.Rule, Window: in.Window, Review: in.Review,
		Marking: in.Marking, Concerned: in.Concerned}
}

// NewProposal is a proposal on a family.
type NewProposal struct {
	ProposalInput
	Family string `json:"family" format:"uuid"`
}

// PositionInput is what a caller writes of this state's position.
type PositionInput struct {
	Stance  string `json:"stance" enum:"agree,reserve,disagree,abstain"`
	Reasons string `json:"reasons,omitempty" doc:"Needed unless the stance is plain agreement."`
	Lang    string `json:"lang" example:"en"`
}

func (in PositionInput) input() level.PositionInput {
	return level.PositionInput{Stance: in.Stance, Reasons: in.Reasons, Lang: in.Lang}
}

func proposalDoc(r *level.Row) ProposalDoc {
	return ProposalDoc{ProposalView: r.View, Own: r.Own, Due: r.Due, Asked: membersOf(r.View.Asked())}
}

type proposalQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Family string `query:"family" format:"uuid"`
	State  string `query:"state" maxLength:"40"`
	Owner  string `query:"owner" maxLength:"8"`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *proposalQuery) (*api.List[ProposalItem], error) {
	scope := fmt.Sprintf("level-proposal %q %s %s %s", in.Query, in.Family, in.State, in.Owner)
	f := level.Filter{Query: in.Query, Family: api.Ref(in.Family), State: workflow.State(in.State), Owner: access.Member(in.Owner), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	rows, next, err := g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]ProposalItem, len(rows))
	for i := range rows {
		out[i] = ProposalItem{ProposalDoc: proposalDoc(&rows[i]), Outcome: rows[i].Result.Outcome, InForce: rows[i].Holds}
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(scope, strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) readProposal(ctx context.Context, c *api.Call, pid id.ID) (ProposalDoc, error) {
	p, err := g.desk.Page(ctx, c.Actor, pid)
	if err != nil {
		return ProposalDoc{}, err
	}
	d := proposalDoc(&p.Row)
	d.Steps = c.Offers(p.Offers)
	for _, m := range p.Mine {
		d.Mine = append(d.Mine, PositionDoc{PositionView: m.PositionView, Due: m.Due})
	}
	return d, nil
}

// proposed is the proposal as it is after an action.
func (g *Pages) proposed(ctx context.Context, c *api.Call, pid id.ID, err error) (*api.One[ProposalDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.readProposal(ctx, c, pid)
	if err != nil {
		return nil, err
	}
	if !d.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ProposalDoc], error) {
	return g.proposed(ctx, c, in.Record(), nil)
}

func (g *Pages) restDraft(ctx context.Context, c *api.Call, in *struct{ Body NewProposal }) (*api.Made[ProposalDoc], error) {
	p, err := g.desk.Draft(ctx, c.Actor, api.Ref(in.Body.Family), in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.readProposal(ctx, c, p.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restProposals+"/"+string(p.ID), int64(p.Version), d), nil
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ProposalInput
}) (*api.One[ProposalDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.proposed(ctx, c, in.Record(), err)
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[ProposalDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Step(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
	}
	return g.proposed(ctx, c, in.Record(), err)
}

func (g *Pages) restOutcome(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[OutcomeDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	d := OutcomeDoc{Proposal: p.View.ID, Outcome: p.Result.Outcome, InForce: p.Holds, Stands: []StandDoc{}, Missing: p.Result.Missing, Omitted: p.Result.Omitted}
	if r, ok := level.RuleAt(p.View.Rule, p.View.RuleAt, p.View.RuleDigest); ok {
		d.Needed = r.Needed(len(p.View.Asked()))
	}
	for _, s := range p.Result.Stands {
		d.Stands = append(d.Stands, StandDoc{Member: s.Member, Stance: s.Stance, Reasons: s.Reasons, At: s.At, Release: s.Release})
	}
	return api.Copied(d), nil
}
