package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/risk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const (
	restAssessments = "/risk/assessments"
	restPositions   = "/risk/positions"
)

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "risk-" + name, Summary: summary, Tag: "risk", Scope: scope}
	}
	changes := func(o api.Op) api.Op { o.MustMatch = true; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", restAssessments, "assessment-list", "List risk assessments, own and received", readScope), g.restList)
	api.Add(a, makes(op("POST", restAssessments, "assessment-draft", "Draft an assessment of an event", writeScope)), g.restDraft)
	api.Add(a, op("GET", restAssessments+"/{id}", "assessment-get", "Read an assessment", readScope), g.restGet)
	api.Add(a, changes(op("PUT", restAssessments+"/{id}", "assessment-edit", "Change a draft", writeScope)), g.restEdit)
	step := changes(op("POST", restAssessments+"/{id}/steps", "assessment-step", "Take a step with an own assessment", writeScope))
	step.Description = "ask_review, review (by a second person), return, approve, publish, withdraw, discard."
	api.Add(a, step, g.restStep)
	spread := op("GET", restAssessments+"/{id}/positions", "assessment-positions", "Read where every state stands", readScope)
	spread.Description = "Every state in the fixed order; one that was asked and is silent is there, and nothing is averaged. Empty for a national assessment."
	api.Add(a, spread, g.restSpread)
	api.Add(a, makes(op("POST", restAssessments+"/{id}/positions", "position-draft", "Draft this state's position on an assessment", writeScope)), g.restAnswer)
	api.Add(a, op("GET", restPositions+"/{id}", "position-get", "Read the position of a state", readScope), g.restPosition)
	api.Add(a, changes(op("PUT", restPositions+"/{id}", "position-edit", "Change a draft", writeScope)), g.restEditPosition)
	step = changes(op("POST", restPositions+"/{id}/steps", "position-step", "Take a step with this state's position", writeScope))
	step.Description = "submit, return, release (by a second person), withdraw, discard."
	api.Add(a, step, g.restPositionStep)
	api.Add(a, op("GET", "/risk/matrix", "matrix", "Read the matrix in force: every cell, and what is unknown raises which scale", readScope), g.restMatrix)
}

// AssessmentDoc is an assessment. Positions on it are read apart: they come
// without a new version of it.
type AssessmentDoc struct {
	risk.AssessmentView
	Own     bool        `json:"own"`
	Level   risk.Level  `json:"level,omitempty" doc:"Of the general population."`
	Expired bool        `json:"expired"`
	Due     time.Time   `json:"due,omitzero"`
	Clock   string      `json:"clock,omitempty"`
	Next    id.ID       `json:"next,omitempty" doc:"The assessment that superseded it."`
	Mine    id.ID       `json:"mine,omitempty" doc:"The newest position of this state, on an assessment that it received."`
	Steps   []api.Offer `json:"steps,omitempty"`
}

// AssessmentItem is an assessment in a list, with how many states took which
// stance.
type AssessmentItem struct {
	AssessmentDoc
	Agree   int `json:"agree"`
	Dissent int `json:"dissent"`
	Silent  int `json:"silent" doc:"Asked, and no position."`
}

// CellDoc is how one state stands to an assessment.
type CellDoc struct {
	Member    access.Member `json:"member"`
	Kind      risk.CellKind `json:"kind" enum:"assessor,agree,dissent,none,withdrawn,not_asked"`
	Region    risk.Level    `json:"region,omitempty" doc:"The level that the state holds for the region."`
	Territory risk.Level    `json:"territory,omitempty" doc:"The level that the state holds for itself."`
	Position  id.ID         `json:"position,omitempty"`
	Before    risk.Level    `json:"before,omitempty" doc:"For itself, in the position that this one replaced."`
	Reasons   string        `json:"reasons,omitempty"`
	Stage     string        `json:"stage,omitempty" doc:"How far the release has come there."`
	Late      bool          `json:"late"`
}

func cellOf(c *risk.Cell) CellDoc {
	d := CellDoc{Member: c.Member, Kind: c.Kind, Region: c.Region, Stage: string(c.Reached.Stage), Late: c.Late}
	if c.Position != nil {
		d.Position, d.Territory, d.Reasons = c.Position.ID, c.Position.Level(), c.Position.Reasons
	}
	if c.Before != nil {
		d.Before = c.Before.Level()
	}
	return d
}

func docOf(v risk.AssessmentView, own bool, now time.Time) AssessmentDoc {
	return AssessmentDoc{AssessmentView: v, Own: own, Level: v.Level(), Expired: v.Expired(now)}
}

// AssessmentInput is what a caller writes of an assessment. The results are
// computed with the matrix in force.
type AssessmentInput struct {
	Scope        string            `json:"scope" enum:"national,regional"`
	Title        string            `json:"title"`
	Lang         string            `json:"lang" example:"en"`
	Questions    []string          `json:"questions"`
	HazardPart   risk.Part         `json:"hazard_part"`
	ExposurePart risk.Part         `json:"exposure_part"`
	ContextPart  risk.Part         `json:"context_part"`
	Populations  []PopulationInput `json:"populations" doc:"The first one is the general population."`
	Unknowns     []string          `json:"unknowns,omitempty" doc:"What is not known, of GET /risk/matrix; each raises the level by the matrix's rule."`
	Confidence   risk.Confidence   `json:"confidence,omitempty" enum:"low,moderate,high"`
	Actions      []string          `json:"actions,omitempty"`
	Contributors []string          `json:"contributors,omitempty" doc:"Duty posts, no names."`
	ValidUntil   time.Time         `json:"valid_until,omitzero"`
	Marking      access.Marking    `json:"marking" example:"TLP:AMBER"`
	To           []access.Member   `json:"to,omitempty" doc:"Who gets it when it is published; a regional one is asked for a position."`
	AnswerHours  int               `json:"answer_hours,omitempty" minimum:"0" maximum:"720"`
}

// PopulationInput is one group of people with its own risk.
type PopulationInput struct {
	Group       string           `json:"group" example:"general"`
	Words       string           `json:"words,omitempty" doc:"Of the group other."`
	Likelihood  risk.Likelihood  `json:"likelihood" enum:"almost_certain,highly_likely,likely,unlikely,very_unlikely,unknown"`
	Consequence risk.Consequence `json:"consequence" enum:"minimal,minor,moderate,major,severe,unknown"`
	Note        string           `json:"note,omitempty"`
}

func (in AssessmentInput) input() risk.AssessmentInput {
	out := risk.AssessmentInput{Scope: in.Scope, Title: in.Title, Lang: in.Lang, Questions: in.Questions, HazardPart: in.HazardPart,
		ExposurePart: in.ExposurePart, ContextPart: in.ContextPart, Unknowns: in.Unknowns, Confidence: in.Confidence, Actions: in.Actions,
		Contributors: in.Contributors, ValidUntil: in.ValidUntil, Marking: in.Marking, To: in.To, AnswerWithin: time.Duration(in.AnswerHours) * time.Hour}
	for _, p := range in.Populations {
		out.Populations = append(out.Populations, risk.Population{Group: p.Group, Words: p.Words, Likelihood: p.Likelihood, Consequence: p.Consequence, Note: p.Note})
	}
	return out
}

// NewAssessment is an assessment of an event.
type NewAssessment struct {
	AssessmentInput
	Event      string `json:"event" format:"uuid"`
	Supersedes string `json:"supersedes,omitempty" format:"uuid" doc:"A published assessment of this node, of the same event and scope."`
}

type assessmentQuery struct {
	api.Paging
	Query   string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Scope   string `query:"scope" enum:"national,regional"`
	State   string `query:"state" maxLength:"40"`
	Owner   string `query:"owner" maxLength:"8"`
	Event   string `query:"event" format:"uuid"`
	Level   string `query:"level" enum:"low,moderate,high,very_high"`
	InForce bool   `query:"in_force" doc:"Published, and still valid."`
}

func (q *assessmentQuery) scope() string {
	return fmt.Sprintf("risk-assessment %q %s %s %s %s %s %t", q.Query, q.Scope, q.State, q.Owner, q.Event, q.Level, q.InForce)
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *assessmentQuery) (*api.List[AssessmentItem], error) {
	f := risk.Filter{Query: in.Query, Scope: in.Scope, State: workflow.State(in.State), Owner: access.Member(in.Owner), Event: api.Ref(in.Event),
		Level: risk.Level(in.Level), InForce: in.InForce, Limit: in.Limit}
	keys, err := in.Keys(in.scope(), 2)
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
	out := make([]AssessmentItem, len(rows))
	for i, r := range rows {
		out[i] = AssessmentItem{AssessmentDoc: docOf(r.View, r.Own, c.Now), Agree: r.Agree, Dissent: r.Dissent, Silent: r.Silent}
		out[i].Due = r.Due
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(in.scope(), strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) read(ctx context.Context, c *api.Call, aid id.ID) (AssessmentDoc, error) {
	p, err := g.desk.AssessmentPage(ctx, c.Actor, aid)
	if err != nil {
		return AssessmentDoc{}, err
	}
	d := docOf(p.View, p.Own, c.Now)
	d.Due, d.Clock, d.Next, d.Steps = p.Due, p.Clock, p.Next, c.Offers(p.Offers)
	if p.Mine != nil {
		d.Mine = p.Mine.ID
	}
	return d, nil
}

func (g *Pages) restSpread(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[CellDoc], error) {
	p, err := g.desk.AssessmentPage(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	var out []CellDoc
	for i := range p.Spread {
		out = append(out, cellOf(&p.Spread[i]))
	}
	return api.NewList(out, ""), nil
}

// answered is the assessment as it is after an action.
func (g *Pages) answered(ctx context.Context, c *api.Call, aid id.ID, err error) (*api.One[AssessmentDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, aid)
	if err != nil {
		return nil, err
	}
	if !d.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[AssessmentDoc], error) {
	return g.answered(ctx, c, in.Record(), nil)
}

func (g *Pages) restDraft(ctx context.Context, c *api.Call, in *struct{ Body NewAssessment }) (*api.Made[AssessmentDoc], error) {
	a, err := g.desk.Draft(ctx, c.Actor, api.Ref(in.Body.Event), api.Ref(in.Body.Supersedes), in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, a.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restAssessments+"/"+string(a.ID), int64(a.Version), d), nil
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body AssessmentInput
}) (*api.One[AssessmentDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.answered(ctx, c, in.Record(), err)
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[AssessmentDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Step(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
	}
	return g.answered(ctx, c, in.Record(), err)
}
