package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/desk/health/review"
	"lintas/internal/id"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const restBase = "/review/reviews"

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "review-" + name, Summary: summary, Tag: "review", Scope: scope}
	}
	changes := func(o api.Op) api.Op { o.MustMatch = true; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", restBase, "list", "List reviews, own and received", readScope), g.restList)
	api.Add(a, makes(op("POST", restBase, "plan", "Plan a review of events, of a family or of an exercise", writeScope)), g.restPlan)
	api.Add(a, op("GET", restBase+"/{id}", "get", "Read a review", readScope), g.restGet)
	api.Add(a, changes(op("PUT", restBase+"/{id}", "edit", "Change what is planned; once the evidence is locked only the words", writeScope)), g.restEdit)
	step := changes(op("POST", restBase+"/{id}/steps", "step", "Take a step with an own review", writeScope))
	step.Description = "invite, lock, draft, validate (words, by a second person), clear, return (reason), release (to), follow, mend (reason), close, cancel (reason)."
	api.Add(a, step, g.restStep)
	api.Add(a, makes(op("POST", restBase+"/{id}/halves", "join", "Begin the own half of a joint review that another member leads", writeScope)), g.restJoin)
	line := op("GET", restBase+"/{id}/timeline", "timeline", "Read the whole timeline with its silences", readScope)
	line.Description = "Each entry says whether it stands in the locked evidence or came after the lock."
	api.Add(a, line, g.restTimeline)
	api.Add(a, changes(op("PUT", restBase+"/{id}/timeline", "choose", "Choose the entries that stand in the report", writeScope)), g.restChoose)
	api.Add(a, changes(op("POST", restBase+"/{id}/moments", "moment", "Add a moment that the history does not have", writeScope)), g.restMoment)
	check := op("GET", restBase+"/{id}/check", "check", "Prove the locked evidence anew", readScope)
	check.Problems = []int{http.StatusConflict} // nothing is locked
	api.Add(a, check, g.restCheck)
	api.Add(a, makes(op("POST", restBase+"/{id}/findings", "find", "Draft a finding on the locked evidence", writeScope)), g.restFind)
	api.Add(a, changes(op("PUT", restBase+"/{id}/groups", "arrange", "Group findings and say what this member holds of those of others", writeScope)), g.restArrange)
}

// ReviewDoc is a review.
type ReviewDoc struct {
	review.View
	Own     bool            `json:"own"`
	Due     time.Time       `json:"due,omitzero"`
	Steps   []api.Offer     `json:"steps,omitempty"`
	Silent  []access.Member `json:"silent,omitempty" doc:"Invited members of which nothing has come."`
	Halves  []id.ID         `json:"halves,omitempty" doc:"What invited members have released."`
	Actions int             `json:"actions" doc:"Of its trail."`
	Open    int             `json:"open" doc:"Actions that are neither verified nor ended with a reason."`
}

type listQuery struct {
	api.Paging
	Query string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Sort  string `query:"sort" enum:"early,intra,after,exercise"`
	State string `query:"state" maxLength:"40"`
	Owner string `query:"owner" maxLength:"8"`
	Event string `query:"event" format:"uuid"`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *listQuery) (*api.List[ReviewDoc], error) {
	scope := fmt.Sprintf("review %q %s %s %s %s", in.Query, in.Sort, in.State, in.Owner, in.Event)
	f := review.Filter{Query: in.Query, Sort: in.Sort, State: workflow.State(in.State), Owner: access.Member(in.Owner), Event: api.Ref(in.Event), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		n, _ := strconv.ParseInt(keys[0], 10, 64)
		f.After = &trail.After{Changed: n, ID: id.ID(keys[1])}
	}
	rows, more, err := g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out, next := make([]ReviewDoc, len(rows)), ""
	for i := range rows {
		out[i] = ReviewDoc{View: rows[i].View, Own: rows[i].Own, Due: rows[i].Due}
		if more {
			next = api.Cursor(scope, strconv.FormatInt(clock.Micros(rows[i].Changed), 10), string(rows[i].ID))
		}
	}
	return api.NewList(out, next), nil
}

func (g *Pages) read(ctx context.Context, c *api.Call, rid id.ID) (ReviewDoc, error) {
	p, err := g.desk.Page(ctx, c.Actor, rid)
	if err != nil {
		return ReviewDoc{}, err
	}
	d := ReviewDoc{View: p.View, Own: p.Own, Due: p.Due, Steps: c.Offers(p.Offers), Actions: p.Stand.Actions, Open: p.Stand.Open}
	for _, h := range p.Halves {
		if h.View == nil {
			d.Silent = append(d.Silent, h.Member)
		} else {
			d.Halves = append(d.Halves, h.View.ID)
		}
	}
	return d, nil
}

func (g *Pages) answer(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[ReviewDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, rid)
	if err != nil {
		return nil, err
	}
	if !d.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) made(ctx context.Context, c *api.Call, r review.Review, err error) (*api.Made[ReviewDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restBase+"/"+string(r.ID), int64(r.Version), d), nil
}

// ReviewInput is what a caller writes of a review.
type ReviewInput struct {
	review.Text
	Events  []string       `json:"events,omitempty"`
	Family  string         `json:"family,omitempty" format:"uuid"`
	Marking access.Marking `json:"marking" example:"TLP:AMBER"`
}

func (in ReviewInput) input() review.Input {
	out := review.Input{Text: in.Text, Family: api.Ref(in.Family), Marking: in.Marking}
	for _, s := range in.Events {
		out.Events = append(out.Events, api.Ref(s))
	}
	return out
}

func (g *Pages) restPlan(ctx context.Context, c *api.Call, in *struct{ Body ReviewInput }) (*api.Made[ReviewDoc], error) {
	r, err := g.desk.Plan(ctx, c.Actor, in.Body.input())
	return g.made(ctx, c, r, err)
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ReviewDoc], error) {
	return g.answer(ctx, c, in.Record(), nil)
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ReviewInput
}) (*api.One[ReviewDoc], error) {
	seen, err := c.Seen()
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, in.Record())
	switch {
	case err != nil:
		return nil, err
	case d.Lock != nil:
		_, err = g.desk.Describe(ctx, c.Actor, in.Record(), seen, in.Body.Text)
	default:
		_, err = g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.answer(ctx, c, in.Record(), err)
}

// StepIn is a step with what it may bring.
type StepIn struct {
	api.StepBody
	Words string          `json:"words,omitempty" doc:"How the participants agreed."`
	To    []access.Member `json:"to,omitempty" doc:"Of a release."`
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body StepIn
}) (*api.One[ReviewDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Step(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), review.StepInput{Reason: in.Body.Reason, Words: in.Body.Words, To: in.Body.To})
	}
	return g.answer(ctx, c, in.Record(), err)
}

func (g *Pages) restJoin(ctx context.Context, c *api.Call, in *api.ByID) (*api.Made[ReviewDoc], error) {
	r, err := g.desk.Join(ctx, c.Actor, in.Record(), nil)
	return g.made(ctx, c, r, err)
}

func (g *Pages) restFind(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body trailweb.FindingInput
}) (*api.Made[trailweb.FindingDoc], error) {
	f, err := g.desk.Find(ctx, c.Actor, in.Record(), in.Body.Input())
	if err != nil {
		return nil, err
	}
	return api.NewMade(trail.Path(trail.KindFinding, f.ID), int64(f.Version), trailweb.FindingDoc{FindingView: f.View(), PaperDoc: trailweb.PaperDoc{Own: true}}), nil
}
