package web

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/family"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// FamilyInput is what a caller writes of a family.
type FamilyInput struct {
	Name    string         `json:"name"`
	Text    string         `json:"text,omitempty"`
	Lang    string         `json:"lang" example:"en"`
	Hazard  string         `json:"hazard" example:"cholera" doc:"A key of GET /health/hazards."`
	Marking access.Marking `json:"marking" example:"TLP:AMBER"`
}

func (in FamilyInput) input() family.Input {
	return family.Input{Name: in.Name, Text: in.Text, Lang: in.Lang, Hazard: in.Hazard, Marking: in.Marking}
}

// NewFamily is a family with its first events.
type NewFamily struct {
	FamilyInput
	Events []string `json:"events,omitempty" doc:"Identifiers of events that this node knows."`
}

func refs(in []string) []id.ID {
	out := make([]id.ID, len(in))
	for i, s := range in {
		out[i] = api.Ref(s)
	}
	return out
}

func (g *Pages) restMade(ctx context.Context, c *api.Call, f family.Family, err error) (*api.Made[FamilyDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.Page(ctx, c.Actor, f.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restFamilies+"/"+string(f.ID), int64(p.Version), docOf(c, &p)), nil
}

func (g *Pages) restMake(ctx context.Context, c *api.Call, in *struct{ Body NewFamily }) (*api.Made[FamilyDoc], error) {
	f, err := g.desk.Make(ctx, c.Actor, in.Body.input(), refs(in.Body.Events))
	return g.restMade(ctx, c, f, err)
}

// change takes a step with the version that the caller saw.
func (g *Pages) change(ctx context.Context, c *api.Call, fid id.ID, take func(seen int) error) (*api.One[FamilyDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		err = take(seen)
	}
	return g.restRead(ctx, c, fid, err)
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body FamilyInput
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
		return err
	})
}

func (g *Pages) restAdd(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Events []string `json:"events"`
	}
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Add(ctx, c.Actor, in.Record(), seen, refs(in.Body.Events))
		return err
	})
}

func (g *Pages) restDrop(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Event string `path:"event" format:"uuid"`
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Drop(ctx, c.Actor, in.Record(), seen, api.Ref(in.Event))
		return err
	})
}

func (g *Pages) restShare(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		To []access.Member `json:"to"`
	}
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Share(ctx, c.Actor, in.Record(), seen, in.Body.To)
		return err
	})
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Move(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
		return err
	})
}

func (g *Pages) restMerge(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Into   string `json:"into" format:"uuid"`
		Reason string `json:"reason"`
	}
}) (*api.One[FamilyDoc], error) {
	return g.change(ctx, c, in.Record(), func(seen int) error {
		_, err := g.desk.Merge(ctx, c.Actor, in.Record(), seen, api.Ref(in.Body.Into), in.Body.Reason)
		return err
	})
}

func (g *Pages) restSplit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Name   string   `json:"name"`
		Events []string `json:"events"`
		Reason string   `json:"reason"`
	}
}) (*api.Made[FamilyDoc], error) {
	seen, err := c.Seen()
	var made family.Family
	if err == nil {
		made, err = g.desk.Split(ctx, c.Actor, in.Record(), seen, in.Body.Name, refs(in.Body.Events), in.Body.Reason)
	}
	return g.restMade(ctx, c, made, err)
}

// SayInput is what this member says of its own event.
type SayInput struct {
	Event   string `json:"event" format:"uuid" doc:"Of this member."`
	Belongs bool   `json:"belongs"`
	Words   string `json:"words,omitempty" doc:"A no needs them."`
	Version int    `json:"version,omitempty" minimum:"0" doc:"Of the answer that was read; absent: whatever was said before."`
}

func (g *Pages) restAnswer(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body SayInput
}) (*api.One[FamilyDoc], error) {
	b := in.Body
	_, err := g.desk.Say(ctx, c.Actor, in.Record(), api.Ref(b.Event), b.Version, b.Belongs, b.Words)
	return g.restRead(ctx, c, in.Record(), err)
}
