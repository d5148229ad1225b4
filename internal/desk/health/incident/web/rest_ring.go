package web

import (
	"context"

	"lintas/internal/api"
	"lintas/internal/desk/health/incident"
	"lintas/internal/workflow"
)

func (g *Pages) restRequirements(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[RequirementDoc], error) {
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]RequirementDoc, len(b.Requirements))
	for i := range b.Requirements {
		out[i] = requirementDoc(&b.Requirements[i])
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restRequire(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Text      string `json:"text"`
		Threshold string `json:"threshold,omitempty"`
		Tell      string `json:"tell" doc:"Function that must acknowledge."`
		Minutes   int    `json:"minutes"`
		Watch     string `json:"watch,omitempty" enum:"new_place,health_worker,death,notification"`
		Hazard    string `json:"hazard,omitempty"`
		Least     int    `json:"least,omitempty"`
	}
}) (*api.None, error) {
	b := in.Body
	_, err := g.desk.Require(ctx, c.Actor, in.Record(), incident.RequirementInput{Text: b.Text, Threshold: b.Threshold, Tell: b.Tell, Minutes: b.Minutes, Watch: b.Watch, Hazard: b.Hazard, Least: b.Least})
	return &api.None{}, err
}

func requirementsOf(b *incident.Book) []incident.Requirement { return b.Requirements }

// RequirementRef names a requirement of an incident.
type RequirementRef struct {
	api.ByID
	Requirement string `path:"requirement" format:"uuid"`
}

func (r *RequirementRef) is(x *incident.Requirement) bool { return x.ID == api.Ref(r.Requirement) }

func (g *Pages) restRetire(ctx context.Context, c *api.Call, in *struct {
	RequirementRef
	Body struct {
		Reason string `json:"reason"`
	}
}) (*api.One[RequirementDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = booked(ctx, g, c, in.Record(), requirementsOf, in.is)
	}
	if err == nil {
		err = g.desk.Retire(ctx, c.Actor, api.Ref(in.Requirement), seen, in.Body.Reason)
	}
	if err != nil {
		return nil, err
	}
	x, err := booked(ctx, g, c, in.Record(), requirementsOf, in.is)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(x.Version), requirementDoc(&x)), nil
}

// WordsInput is what somebody says with a ring.
type WordsInput struct {
	Words string `json:"words,omitempty"`
}

func (g *Pages) restRing(ctx context.Context, c *api.Call, in *struct {
	RequirementRef
	Body WordsInput
}) (*api.One[RingDoc], error) {
	if _, err := booked(ctx, g, c, in.Record(), requirementsOf, in.is); err != nil {
		return nil, err
	}
	r, err := g.desk.Ring(ctx, c.Actor, api.Ref(in.Requirement), in.Body.Words)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(r.Version), ringDoc(&r, g.restWords(c))), nil
}

func (g *Pages) restRings(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[RingDoc], error) {
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]RingDoc, len(b.Rings))
	for i := range b.Rings {
		out[i] = ringDoc(&b.Rings[i].Ring, g.restWords(c))
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restAck(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Ring string `path:"ring" format:"uuid"`
	Body WordsInput
}) (*api.One[RingDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = booked(ctx, g, c, in.Record(), func(b *incident.Book) []incident.RingView { return b.Rings }, func(r *incident.RingView) bool { return r.ID == api.Ref(in.Ring) })
	}
	if err != nil {
		return nil, err
	}
	r, err := g.desk.Answer(ctx, c.Actor, api.Ref(in.Ring), seen, in.Body.Words)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(r.Version), ringDoc(&r, g.restWords(c))), nil
}

func (g *Pages) restCheckouts(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[CheckoutDoc], error) {
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]CheckoutDoc, len(b.Checkouts))
	for i := range b.Checkouts {
		out[i] = checkoutDoc(c, &b.Checkouts[i])
	}
	return api.NewList(out, ""), nil
}

// CheckoutBody is what a person writes of a release.
type CheckoutBody struct {
	Items []ItemDoc `json:"items,omitempty"`
	Words string    `json:"words,omitempty"`
}

func (b *CheckoutBody) input() incident.CheckoutInput {
	in := incident.CheckoutInput{Words: b.Words}
	for _, it := range b.Items {
		in.Items = append(in.Items, incident.Item(it))
	}
	return in
}

func (g *Pages) restCheckout(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		CheckoutBody
		Function string `json:"function,omitempty" doc:"This or resource."`
		Resource string `json:"resource,omitempty"`
	}
}) (*api.None, error) {
	x := in.Body.input()
	x.Function, x.Resource = in.Body.Function, in.Body.Resource
	_, err := g.desk.List(ctx, c.Actor, in.Record(), x)
	return &api.None{}, err
}

func (g *Pages) restStepCheckout(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Checkout string `path:"checkout" format:"uuid"`
	Body     struct {
		CheckoutBody
		Verb   string `json:"verb" enum:"edit,clear,cancel,reopen"`
		Reason string `json:"reason,omitempty"`
	}
}) (*api.One[CheckoutDoc], error) {
	find := func() (incident.CheckoutView, error) {
		return booked(ctx, g, c, in.Record(), func(b *incident.Book) []incident.CheckoutView { return b.Checkouts }, func(x *incident.CheckoutView) bool { return x.ID == api.Ref(in.Checkout) })
	}
	seen, err := c.Seen()
	if err == nil {
		_, err = find()
	}
	if err == nil {
		_, err = g.desk.StepCheckout(ctx, c.Actor, api.Ref(in.Checkout), seen, workflow.Verb(in.Body.Verb), in.Body.input(), in.Body.Reason)
	}
	if err != nil {
		return nil, err
	}
	if in.Body.Verb == "cancel" { // it stands on no list any more
		return api.NewOne(int64(seen)+1, CheckoutDoc{ID: api.Ref(in.Checkout), Version: seen + 1, State: incident.Cancelled, Items: []ItemDoc{}, Reason: in.Body.Reason, Steps: []api.Offer{}}), nil
	}
	x, err := find()
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(x.Version), checkoutDoc(c, &x)), nil
}
