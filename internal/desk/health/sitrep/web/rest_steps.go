package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ReportDoc], error) {
	return g.reported(ctx, c, in.Record(), nil)
}

func (g *Pages) restDraft(ctx context.Context, c *api.Call, in *struct{ Body NewReport }) (*api.Made[ReportDoc], error) {
	b := in.Body
	if b.Nothing {
		r, err := g.desk.DraftNothing(ctx, c.Actor, api.Ref(b.Call), b.input())
		return g.made(ctx, c, r, err)
	}
	r, err := g.desk.Draft(ctx, c.Actor, api.Ref(b.Event), api.Ref(b.Call), b.input())
	return g.made(ctx, c, r, err)
}

func (g *Pages) restOpen(ctx context.Context, c *api.Call, in *struct{ Body NewRegional }) (*api.Made[ReportDoc], error) {
	b := in.Body
	r, err := g.desk.Open(ctx, c.Actor, api.Ref(b.Family), sitrep.OpenInput{Title: b.Title, Lang: b.Lang, From: b.From, Until: b.Until, CutOff: b.CutOff, Next: b.Next,
		Authority: b.Authority, Words: b.Words, Asked: b.Asked, Marking: b.Marking, Flash: b.Flash})
	return g.made(ctx, c, r, err)
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body ReportInput
}) (*api.One[ReportDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.reported(ctx, c, in.Record(), err)
}

// take takes a step that needs at most a reason.
func (g *Pages) take(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb, reason string) (sitrep.Report, error) {
	switch verb {
	case "refresh":
		return g.desk.Refresh(ctx, actor, rid, seen)
	case "compose":
		return g.desk.Compose(ctx, actor, rid, seen)
	case "remind":
		return g.desk.Remind(ctx, actor, rid, seen)
	}
	return g.desk.Step(ctx, actor, rid, seen, workflow.Verb(verb), reason)
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[ReportDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.take(ctx, c.Actor, in.Record(), seen, in.Body.Verb, in.Body.Reason)
	}
	return g.reported(ctx, c, in.Record(), err)
}

// WhyBody says why a report is corrected.
type WhyBody struct {
	Why string `json:"why"`
}

func (g *Pages) restCorrect(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body WhyBody
}) (*api.Made[ReportDoc], error) {
	r, err := g.desk.Correct(ctx, c.Actor, in.Record(), in.Body.Why)
	return g.made(ctx, c, r, err)
}

// InputDoc is how the input of one member stands.
type InputDoc struct {
	Member   access.Member `json:"member"`
	Stands   sitrep.Stands `json:"stands" enum:"in,nothing,late,silent"`
	Reminded time.Time     `json:"reminded,omitzero"`
	Reports  []GivenDoc    `json:"reports,omitempty"`
}

// GivenDoc is a national report as an input.
type GivenDoc struct {
	Report   id.ID     `json:"report"`
	Release  id.ID     `json:"release"`
	Number   int       `json:"number"`
	AsOf     time.Time `json:"as_of"`
	Received time.Time `json:"received"`
	Nothing  bool      `json:"nothing,omitempty"`
}

func (g *Pages) restInputs(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[InputDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]InputDoc, len(p.View.Inputs))
	for i, x := range p.View.Inputs {
		out[i] = InputDoc{Member: x.Member, Stands: x.Stands, Reminded: x.Reminded}
		for _, r := range x.Reports {
			out[i].Reports = append(out[i].Reports, GivenDoc{Report: r.Report, Release: r.Release, Number: r.Number, AsOf: r.AsOf, Received: r.Received, Nothing: r.Nothing})
		}
	}
	return api.NewList(out, ""), nil
}

// CallDoc is a request of another member for an input.
type CallDoc struct {
	sitrep.CallView
	Late   bool           `json:"late"`
	Answer id.ID          `json:"answer,omitempty" doc:"The newest own report on it."`
	Stage  workflow.State `json:"stage,omitempty" doc:"Of the answer."`
}

func callDoc(c *sitrep.CallRow) CallDoc {
	return CallDoc{CallView: c.CallView, Late: c.Late, Answer: c.Answer, Stage: c.State}
}

func (g *Pages) restCalls(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[CallDoc], error) {
	list, err := g.desk.Calls(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := make([]CallDoc, len(list))
	for i := range list {
		out[i] = callDoc(&list[i])
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restCall(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[CallDoc], error) {
	row, err := g.desk.Call(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	return api.Copied(callDoc(&row)), nil
}

// CollectionDoc is how far the newest regional report on a family has come.
type CollectionDoc struct {
	Report  id.ID           `json:"report"`
	Owner   access.Member   `json:"owner"`
	Title   string          `json:"title"`
	Number  int             `json:"number"`
	State   workflow.State  `json:"state"`
	In      int             `json:"in" doc:"Inputs received by the cut-off, with those that say that there is nothing."`
	Of      int             `json:"of" doc:"Members that were asked."`
	Missing []access.Member `json:"missing" nullable:"false"`
	CutOff  time.Time       `json:"cut_off"`
	Overdue bool            `json:"overdue"`
	Level   int             `json:"level,omitempty" doc:"Whose rhythm opened it."`
}

func (g *Pages) restCollections(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[CollectionDoc], error) {
	list, err := g.desk.Collections(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := make([]CollectionDoc, len(list))
	for i, x := range list {
		out[i] = CollectionDoc{Report: x.Report, Owner: x.Owner, Title: x.Title, Number: x.Number, State: x.State, In: x.In, Of: x.Of, Missing: append([]access.Member{}, x.Missing...),
			CutOff: x.CutOff, Overdue: x.Overdue, Level: x.Level}
	}
	return api.NewList(out, ""), nil
}
