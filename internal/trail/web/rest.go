package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/id"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

// Scopes of a token.
const (
	readScope  = "trail.read"
	writeScope = "trail.write"
)

// Operations adds the operations of the trail to the REST interface. Findings
// begin at the desk in whose record something was found.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "trail-" + name, Summary: summary, Tag: "trail", Scope: scope}
	}
	changes := func(o api.Op) api.Op { o.MustMatch = true; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", findingsPath, "finding-list", "List findings, own and received", readScope), g.restFindings)
	api.Add(a, op("GET", findingsPath+"/{id}", "finding-get", "Read a finding with what followed from it", readScope), g.restFinding)
	api.Add(a, changes(op("PUT", findingsPath+"/{id}", "finding-edit", "Change the draft of a finding", writeScope)), g.restEditFinding)
	step := changes(op("POST", findingsPath+"/{id}/steps", "finding-step", "Take a step with an own finding", writeScope))
	step.Description = "settle, return, release (by a second person, to members), send_on (to more members), mend, withdraw, discard."
	api.Add(a, step, g.restStepFinding)

	api.Add(a, op("GET", recommendationsPath, "recommendation-list", "List recommendations with the addressees that have not answered", readScope), g.restRecommendations)
	api.Add(a, makes(op("POST", recommendationsPath, "recommendation-draft", "Draft a recommendation on findings", writeScope)), g.restDraftRecommendation)
	api.Add(a, changes(op("PUT", recommendationsPath+"/{id}", "recommendation-edit", "Change the draft of a recommendation; its findings stay", writeScope)), g.restEditRecommendation)
	api.Add(a, op("GET", recommendationsPath+"/{id}", "recommendation-get", "Read a recommendation with its findings and actions", readScope), g.restRecommendation)
	step = changes(op("POST", recommendationsPath+"/{id}/steps", "recommendation-step", "Take a step with an own recommendation", writeScope))
	step.Description = "settle, return, release (by a second person, to members), send_on (to more members), mend, withdraw, discard."
	api.Add(a, step, g.restStepRecommendation)

	api.Add(a, op("GET", actionsPath, "action-list", "List actions, each with both halves as far as they are here", readScope), g.restActions)
	get := op("GET", actionsPath+"/{id}", "action-get", "Read an action by either half", readScope)
	get.Description = "The tag is the version of the half whose identifier was given, if it is an own one."
	api.Add(a, get, g.restAction)
	api.Add(a, makes(op("POST", "/trail/proposals", "proposal-draft", "Draft the proposal of an action to a member", writeScope)), g.restPropose)
	api.Add(a, changes(op("PUT", "/trail/proposals/{id}", "proposal-edit", "Change the draft of a proposal; what it follows from stays", writeScope)), g.restEditProposal)
	step = changes(op("POST", "/trail/proposals/{id}/steps", "proposal-step", "Take a step with the half of the proposer", writeScope))
	step.Description = "propose (by a second person), revise (new terms), verify or send_back (words), close (reason), discard."
	api.Add(a, step, g.restStepProposal)
	step = changes(op("POST", actionsPath+"/{id}/steps", "action-step", "Take a step with the half of the state that was asked", writeScope))
	step.Description = "accept, counter (terms, reason), decline (reason), start, note (words), share, postpone (by_day, reason), finish (words), return, report (by a second person), drop (reason). By the identifier of the action, not of the proposal."
	api.Add(a, step, g.restStepAction)
}

// PaperDoc is what findings and recommendations have beside their content.
type PaperDoc struct {
	Own   bool        `json:"own"`
	Steps []api.Offer `json:"steps,omitempty"`
}

// FindingDoc is a finding.
type FindingDoc struct {
	trail.FindingView
	PaperDoc
	Recommendations []id.ID `json:"recommendations,omitempty"`
	Actions         []id.ID `json:"actions,omitempty" doc:"By their proposals."`
	Follows         int     `json:"follows" doc:"Recommendations and actions that speak of it."`
}

// RecommendationDoc is a recommendation.
type RecommendationDoc struct {
	trail.RecommendationView
	PaperDoc
	Actions []id.ID         `json:"actions,omitempty" doc:"By their proposals."`
	Awaited []access.Member `json:"awaited,omitempty" doc:"Addressees without an action."`
}

// PairDoc is an action with both halves.
type PairDoc struct {
	Stage         workflow.State     `json:"stage"`
	Due           time.Time          `json:"due,omitzero"`
	Late          bool               `json:"late"`
	Terms         trail.Terms        `json:"terms" doc:"Those that hold, or are asked for."`
	Proposal      trail.ProposalView `json:"proposal"`
	Action        *trail.ActionView  `json:"action,omitempty" doc:"Absent: no answer has arrived."`
	ProposalSteps []api.Offer        `json:"proposal_steps,omitempty"`
	ActionSteps   []api.Offer        `json:"action_steps,omitempty"`
}

// StepIn is a step with what it may bring.
type StepIn struct {
	api.StepBody
	Words       string          `json:"words,omitempty" doc:"Of a verdict, a line of progress, a completion."`
	To          []access.Member `json:"to,omitempty" doc:"Of a release."`
	Deliverable string          `json:"deliverable,omitempty" doc:"Of other terms."`
	By          string          `json:"by_day,omitempty" doc:"Last day, such as 2027-03-31."`
	Post        string          `json:"post,omitempty" doc:"Responsible duty post."`
}

func (in StepIn) input() trail.StepInput {
	return trail.StepInput{Reason: in.Reason, Words: in.Words, To: in.To, Post: in.Post, Terms: trail.Terms{Deliverable: in.Deliverable, By: in.By}}
}

type stepOf struct {
	api.ByID
	Body StepIn
}

// ListQuery narrows a list; its name is public so that the fields are seen where
// another query holds it.
type ListQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Owner  string `query:"owner" maxLength:"8" doc:"Whose paper it is; of actions: who is to act."`
	State  string `query:"state" maxLength:"40"`
	Theme  string `query:"theme" maxLength:"10"`
	Group  string `query:"group" maxLength:"40" doc:"Who was affected."`
	Source string `query:"source" format:"uuid"`
	About  string `query:"about" format:"uuid"`
}

func (q *ListQuery) scope(kind string) string {
	return fmt.Sprintf("trail-%s %q %s %s %s %s %s %s", kind, q.Query, q.Owner, q.State, q.Theme, q.Group, q.Source, q.About)
}

func (q *ListQuery) filter(kind string) (trail.Filter, error) {
	f := trail.Filter{Query: q.Query, Owner: access.Member(q.Owner), State: workflow.State(q.State), Theme: q.Theme, Group: q.Group, Source: api.Ref(q.Source), About: api.Ref(q.About), Limit: q.Limit}
	keys, err := q.Keys(q.scope(kind), 2)
	if keys != nil {
		n, _ := strconv.ParseInt(keys[0], 10, 64)
		f.After = &trail.After{Changed: n, ID: id.ID(keys[1])}
	}
	return f, err
}

func (q *ListQuery) next(kind string, more bool, changed time.Time, last id.ID) string {
	if !more {
		return ""
	}
	return api.Cursor(q.scope(kind), strconv.FormatInt(clock.Micros(changed), 10), string(last))
}

func pairIDs(list []trail.Pair) []id.ID {
	var out []id.ID
	for i := range list {
		out = append(out, list[i].Proposal.ID)
	}
	return out
}

// answered is a record with the tag of its version, if it is an own one.
func answered[T any](own bool, version int, doc T) *api.One[T] {
	if !own {
		return api.Copied(doc)
	}
	return api.NewOne(int64(version), doc)
}

func (g *Pages) restFindings(ctx context.Context, c *api.Call, in *ListQuery) (*api.List[FindingDoc], error) {
	f, err := in.filter("findings")
	if err != nil {
		return nil, err
	}
	rows, more, err := g.desk.Findings(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out, next := make([]FindingDoc, len(rows)), ""
	for i := range rows {
		out[i] = FindingDoc{FindingView: rows[i].FindingView, PaperDoc: PaperDoc{Own: rows[i].Own}, Follows: rows[i].Follows}
		next = in.next("findings", more, rows[i].Changed, rows[i].ID)
	}
	return api.NewList(out, next), nil
}

func (g *Pages) restFinding(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[FindingDoc], error) {
	p, err := g.desk.Finding(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	d := FindingDoc{FindingView: p.FindingView, PaperDoc: PaperDoc{p.Own, c.Offers(p.Offers)}, Actions: pairIDs(p.Pairs), Follows: len(p.Pairs) + len(p.Recommendations)}
	for i := range p.Recommendations {
		d.Recommendations = append(d.Recommendations, p.Recommendations[i].ID)
	}
	return answered(p.Own, p.Version, d), nil
}

// PaperInput is what every record of the trail is written with.
type PaperInput struct {
	Title   string         `json:"title"`
	Lang    string         `json:"lang" example:"en"`
	Marking access.Marking `json:"marking" example:"TLP:AMBER"`
}

func (in PaperInput) input() trail.Input {
	return trail.Input{Title: in.Title, Lang: in.Lang, Marking: in.Marking}
}

// FindingInput is what a caller writes of a finding.
type FindingInput struct {
	PaperInput
	trail.FindingText
}

// Input as the trail takes it.
func (in FindingInput) Input() trail.FindingInput {
	return trail.FindingInput{Input: in.input(), FindingText: in.FindingText}
}

func (g *Pages) restEditFinding(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body FindingInput
}) (*api.One[FindingDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.EditFinding(ctx, c.Actor, in.Record(), seen, in.Body.Input())
	}
	if err != nil {
		return nil, err
	}
	return g.restFinding(ctx, c, &in.ByID)
}

func (g *Pages) restStepFinding(ctx context.Context, c *api.Call, in *stepOf) (*api.One[FindingDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.StepFinding(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restFinding(ctx, c, &in.ByID)
}
