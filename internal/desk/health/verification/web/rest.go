package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/verification"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

// ExchangeDoc is one side's record of an exchange.
type ExchangeDoc struct {
	ID        id.ID                   `json:"id"`
	Version   int                     `json:"version"`
	From      access.Member           `json:"from" doc:"Who asks."`
	To        access.Member           `json:"to" doc:"Who is asked."`
	State     workflow.State          `json:"state"`
	Title     string                  `json:"title"`
	Context   string                  `json:"context,omitempty"`
	Lang      string                  `json:"lang"`
	Hazard    string                  `json:"hazard,omitempty"`
	Where     string                  `json:"where,omitempty"`
	Questions []verification.Question `json:"questions" nullable:"false"`
	Round     int                     `json:"round"`
	Marking   access.Marking          `json:"marking"`
	Event     id.ID                   `json:"event,omitempty" doc:"Of this node; the other side does not get it."`
	Signal    id.ID                   `json:"signal,omitempty" doc:"Of this node; the other side does not get it."`
	Due       time.Time               `json:"due,omitzero" doc:"Of the clock that runs."`
	Clock     string                  `json:"clock,omitempty"`
	Late      bool                    `json:"late"`
	FirstBy   time.Time               `json:"first_by,omitzero"`
	First     time.Time               `json:"first,omitzero"`
	AnswerBy  time.Time               `json:"answer_by,omitzero"`
	Answered  time.Time               `json:"answered,omitzero"`
	Delivered time.Time               `json:"delivered,omitzero"`
	Opened    time.Time               `json:"opened,omitzero"`
	Answer    *verification.Answer    `json:"answer,omitempty"`
	Draft     *verification.Answer    `json:"draft,omitempty" doc:"Of the answer; of this node."`
	Extension *verification.Extension `json:"extension,omitempty"`
	Messages  []verification.Message  `json:"messages,omitempty"`
	Steps     []string                `json:"steps,omitempty" doc:"What the caller's roles permit now."`
	Exercise  string                  `json:"exercise,omitempty"`
}

func docOf(r *verification.Request, now time.Time) ExchangeDoc {
	d := ExchangeDoc{ID: r.ID, Version: r.Version, From: r.From, To: r.To, State: r.State, Title: r.Title, Context: r.Context, Lang: r.Lang, Hazard: r.Hazard,
		Where: r.Where, Questions: r.Questions, Round: r.Round, Marking: r.Marking, Event: r.Event, Signal: r.Signal, Due: r.Due, Clock: r.Clock,
		Late: verification.Late(r.Due, now), FirstBy: r.FirstBy, First: r.First, AnswerBy: r.AnswerBy, Answered: r.Answered, Delivered: r.Delivered,
		Opened: r.Opened, Answer: r.Answer, Draft: r.Draft, Extension: r.Extension, Exercise: r.Exercise}
	if d.Questions == nil {
		d.Questions = []verification.Question{}
	}
	return d
}

// ExchangeByID is the input of an operation on one exchange.
type ExchangeByID struct {
	ID string `path:"id" format:"uuid" doc:"The exchange's identifier, the same on both sides."`
}

func (in ExchangeByID) id() id.ID {
	v, err := id.Parse(in.ID)
	if err != nil {
		return ""
	}
	return v
}

type exchangeQuery struct {
	api.Paging
	Query string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Side  string `query:"side" enum:"asked,answering" doc:"Asked by this member, or of it."`
	Peer  string `query:"peer" maxLength:"8"`
	Open  bool   `query:"open"`
	Late  bool   `query:"late"`
}

// NewExchange is a request for each of some members.
type NewExchange struct {
	To          []access.Member `json:"to"`
	Title       string          `json:"title"`
	Context     string          `json:"context,omitempty"`
	Lang        string          `json:"lang" example:"en"`
	Hazard      string          `json:"hazard,omitempty"`
	Where       string          `json:"where,omitempty"`
	Questions   []string        `json:"questions"`
	Marking     access.Marking  `json:"marking" example:"TLP:AMBER"`
	FirstHours  int             `json:"first_hours" example:"24"`
	AnswerHours int             `json:"answer_hours" example:"72"`
	Event       string          `json:"event,omitempty"`
	Signal      string          `json:"signal,omitempty"`
}

const exchanges = "/verification/exchanges"

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: exchanges + path, ID: "verification-" + name, Summary: summary, Tag: "verification", Scope: scope}
	}
	api.Add(a, op("GET", "", "exchange-list", "List exchanges between this state and others", readScope), g.restList)
	api.Add(a, op("POST", "", "exchange-compose", "Draft a request to one or more states", writeScope), g.restCompose)
	api.Add(a, op("GET", "/{id}", "exchange-get", "Read an exchange with its messages", readScope), g.restGet)
	answer := op("PUT", "/{id}/answer", "answer-prepare", "Save the draft of the answer", writeScope)
	answer.MustMatch = true
	api.Add(a, answer, g.restPrepare)
	step := op("POST", "/{id}/steps", "exchange-step", "Take a step", writeScope)
	step.MustMatch = true
	api.Add(a, step, g.restStep)
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *exchangeQuery) (*api.List[ExchangeDoc], error) {
	scope := fmt.Sprintf("verification %q %s %s %t %t", in.Query, in.Side, in.Peer, in.Open, in.Late)
	f := verification.Filter{Query: in.Query, Side: in.Side, Peer: access.Member(in.Peer), Open: in.Open, Late: in.Late, Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	rs, next, err := g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]ExchangeDoc, len(rs))
	for i := range rs {
		out[i] = docOf(&rs[i], c.Now)
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(scope, strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) restCompose(ctx context.Context, c *api.Call, in *struct{ Body NewExchange }) (*api.List[ExchangeDoc], error) {
	b := in.Body
	x := verification.Input{To: b.To, Title: b.Title, Context: b.Context, Lang: b.Lang, Hazard: b.Hazard, Where: b.Where, Questions: b.Questions, Marking: b.Marking,
		FirstWithin: time.Duration(min(max(b.FirstHours, 0), 10000)) * time.Hour, AnswerWithin: time.Duration(min(max(b.AnswerHours, 0), 10000)) * time.Hour}
	x.Event, x.Signal = ExchangeByID{b.Event}.id(), ExchangeByID{b.Signal}.id()
	rs, err := g.desk.Compose(ctx, c.Actor, x)
	if err != nil {
		return nil, err
	}
	out := make([]ExchangeDoc, len(rs))
	for i := range rs {
		out[i] = docOf(&rs[i], c.Now)
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[ExchangeDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.Page(ctx, c.Actor, rid)
	if err != nil {
		return nil, err
	}
	d := docOf(&p.Request, c.Now)
	d.Messages = p.Messages
	for _, o := range p.Offers {
		d.Steps = append(d.Steps, string(o.Verb))
	}
	return api.NewOne(int64(p.Version), d), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *ExchangeByID) (*api.One[ExchangeDoc], error) {
	return g.restRead(ctx, c, in.id(), nil)
}

func (g *Pages) restPrepare(ctx context.Context, c *api.Call, in *struct {
	ExchangeByID
	Body verification.Answer
}) (*api.One[ExchangeDoc], error) {
	seen, err := seenOf(c)
	if err == nil {
		_, err = g.desk.Prepare(ctx, c.Actor, in.id(), seen, verification.AnswerInput{Answer: in.Body})
	}
	return g.restRead(ctx, c, in.id(), err)
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	ExchangeByID
	Body StepInput
}) (*api.One[ExchangeDoc], error) {
	seen, err := seenOf(c)
	if err == nil {
		err = g.take(ctx, c.Actor, in.id(), seen, in.Body)
	}
	return g.restRead(ctx, c, in.id(), err)
}

// seenOf is the version of If-Match; there is no version 0, which the desk
// would take for any.
func seenOf(c *api.Call) (int, error) {
	v, ok, err := c.Version()
	if err != nil {
		return 0, err
	}
	if !ok || v < 1 || v > 1<<31 {
		return -1, nil
	}
	return int(v), nil
}
