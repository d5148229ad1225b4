package web

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/contact"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

const restOwn = "/contact/own"

// ownOperations are those on the contacts that this member gives to others.
func (g *Pages) ownOperations(a *api.API) {
	op := func(method, path, name, summary string) api.Op {
		o := api.Op{Method: method, Path: restOwn + path, ID: "contact-own-" + name, Summary: summary, Tag: "contact", Scope: writeScope}
		if method == "GET" {
			o.Scope = readScope
		}
		return o
	}
	list := op("GET", "", "list", "List the contacts of this member, with what is being changed")
	list.Problems = []int{404} // for who does not read the directory
	api.Add(a, list, g.restOwned)
	add := op("POST", "", "add", "Add a contact")
	add.Status = 201
	api.Add(a, add, g.restAdd)
	api.Add(a, op("GET", "/{id}", "get", "Read a contact of this member"), g.restOwnGet)
	edit := op("PUT", "/{id}", "edit", "Change a contact")
	edit.MustMatch, edit.Description = true, "What was given before stands in every directory until the change is cleared."
	api.Add(a, edit, g.restOwnEdit)
	step := op("POST", "/{id}/steps", "step", "Take a step")
	step.MustMatch, step.Description = true, "submit, clear (by a second person), return, recall, keep (drop a change), confirm (still right), remove (with a reason)."
	api.Add(a, step, g.restOwnStep)
}

// OwnDoc is a contact at the member that owns it.
type OwnDoc struct {
	ID        id.ID            `json:"id"`
	Version   int              `json:"version"`
	State     workflow.State   `json:"state"`
	Contact   contact.Contact  `json:"contact" doc:"As it is being changed."`
	Given     *contact.Contact `json:"given,omitempty" doc:"As it stands in the directories."`
	Standing  contact.Standing `json:"standing,omitempty" doc:"Of what was given."`
	To        []access.Member  `json:"to,omitempty"`
	Marking   access.Marking   `json:"marking"`
	ClearedAs string           `json:"cleared_as,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Exercise  string           `json:"exercise,omitempty"`
	Steps     []api.Offer      `json:"steps,omitempty"`
}

func ownDoc(o *contact.Own) OwnDoc {
	return OwnDoc{ID: o.ID, Version: o.Version, State: o.State, Contact: o.Contact, Given: o.Given, To: o.To, Marking: o.Marking, ClearedAs: o.ClearedAs,
		Reason: o.Reason, Exercise: o.Exercise}
}

// OwnInput is what a caller writes of a contact.
type OwnInput struct {
	Role         contact.Role      `json:"role" example:"ihr_nfp"`
	Order        int               `json:"order" minimum:"1" doc:"1 is called first, then the alternates."`
	Organisation string            `json:"organisation"`
	Unit         string            `json:"unit,omitempty"`
	Post         string            `json:"post" doc:"The duty post."`
	Person       string            `json:"person,omitempty" doc:"Where a member wishes to name one."`
	Channels     []contact.Channel `json:"channels"`
	Languages    []string          `json:"languages,omitempty"`
	From         string            `json:"from" format:"date"`
	To           string            `json:"to,omitempty" format:"date"`
	Quiet        *contact.Quiet    `json:"quiet,omitempty" doc:"Local hours without calls that are not urgent."`
	Note         string            `json:"note,omitempty"`
	Marking      access.Marking    `json:"marking" example:"TLP:GREEN"`
	Recipients   []access.Member   `json:"recipients,omitempty" doc:"Who gets every cleared version."`
}

func (in OwnInput) input() contact.Input {
	k := contact.Contact{Role: in.Role, Order: in.Order, Organisation: in.Organisation, Unit: in.Unit, Post: in.Post, Person: in.Person, Channels: in.Channels,
		Languages: in.Languages, From: in.From, To: in.To, Note: in.Note}
	if in.Quiet != nil {
		k.Quiet = *in.Quiet
	}
	return contact.Input{Contact: k, To: in.Recipients, Marking: in.Marking}
}

func (g *Pages) restOwned(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[OwnDoc], error) {
	list, err := g.desk.Owned(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	out := make([]OwnDoc, len(list))
	for i := range list {
		if out[i] = ownDoc(&list[i]); list[i].Given != nil {
			out[i].Standing = list[i].Given.Stands(c.Now)
		}
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) readOwn(ctx context.Context, c *api.Call, i id.ID) (OwnDoc, error) {
	p, err := g.desk.Contact(ctx, c.Actor, i)
	if err != nil {
		return OwnDoc{}, err
	}
	d := ownDoc(&p.Own)
	d.Standing, d.Steps = p.Stands, c.Offers(p.Offers)
	return d, nil
}

func (g *Pages) ownAfter(ctx context.Context, c *api.Call, i id.ID, err error) (*api.One[OwnDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.readOwn(ctx, c, i)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restOwnGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[OwnDoc], error) {
	return g.ownAfter(ctx, c, in.Record(), nil)
}

func (g *Pages) restAdd(ctx context.Context, c *api.Call, in *struct{ Body OwnInput }) (*api.Made[OwnDoc], error) {
	o, err := g.desk.Add(ctx, c.Actor, in.Body.input())
	if err != nil {
		return nil, err
	}
	d, err := g.readOwn(ctx, c, o.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restOwn+"/"+string(o.ID), int64(o.Version), d), nil
}

func (g *Pages) restOwnEdit(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body OwnInput
}) (*api.One[OwnDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Edit(ctx, c.Actor, in.Record(), seen, in.Body.input())
	}
	return g.ownAfter(ctx, c, in.Record(), err)
}

func (g *Pages) restOwnStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body api.StepBody
}) (*api.One[OwnDoc], error) {
	seen, err := c.Seen()
	i, b := in.Record(), in.Body
	if err == nil {
		switch b.Verb {
		case "submit":
			_, err = g.desk.Submit(ctx, c.Actor, i, seen)
		case "clear":
			_, err = g.desk.Clear(ctx, c.Actor, i, seen)
		case "confirm":
			_, err = g.desk.Confirm(ctx, c.Actor, i, seen)
		case "remove":
			_, err = g.desk.Remove(ctx, c.Actor, i, seen, b.Reason)
		default: // refuses what is no step
			_, err = g.desk.Back(ctx, c.Actor, i, seen, workflow.Verb(b.Verb), b.Reason)
		}
	}
	return g.ownAfter(ctx, c, i, err)
}
