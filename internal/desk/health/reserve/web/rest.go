package web

import (
	"context"
	"fmt"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

// Doc is a record of the reserve as released, with what the caller can do.
type Doc[C any] struct {
	reserve.View[C]
	Own   bool        `json:"own"`
	Steps []api.Offer `json:"steps,omitempty" doc:"What the caller's roles permit now."`
}

func docOf[C any](c *api.Call, p *reserve.Page[C]) Doc[C] {
	d := Doc[C]{View: p.View, Own: p.Own}
	if len(p.Offers) > 0 {
		d.Steps = c.Offers(p.Offers)
	}
	return d
}

// plain is the document of a record that has nothing beside it.
func plain[C any](_ context.Context, c *api.Call, ps []reserve.Page[C]) ([]Doc[C], error) {
	out := make([]Doc[C], len(ps))
	for i := range ps {
		out[i] = docOf(c, &ps[i])
	}
	return out, nil
}

type newBody[In any] struct{ Body In }

type changeBody[In any] struct {
	api.ByID
	Body In
}

type listQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Item   string `query:"item" format:"uuid"`
	Parent string `query:"of" format:"uuid" doc:"The record that it follows from: of a request the event, of a movement the division, of a receipt or of what is owed the movement."`
	State  string `query:"state" maxLength:"40"`
	Owner  string `query:"owner" maxLength:"8"`
}

// rest is the operations of one kind of record. What is nil is left out.
type rest[C, D, In any] struct {
	name, plural string
	verbs        string // of its steps
	list         func(ctx context.Context, a access.Actor, f reserve.Filter) ([]reserve.View[C], bool, error)
	get          func(ctx context.Context, a access.Actor, rid id.ID) (reserve.Page[C], error)
	docs         func(ctx context.Context, c *api.Call, ps []reserve.Page[C]) ([]D, error)
	create       func(ctx context.Context, c *api.Call, in In) (id.ID, error)
	edit         func(ctx context.Context, c *api.Call, rid id.ID, seen int, in In) error
	step         func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error
}

func op(method, path, name, summary, scope string) api.Op {
	return api.Op{Method: method, Path: "/reserve/" + path, ID: "reserve-" + name, Summary: summary, Tag: "reserve", Scope: scope}
}

// hides is an operation on what not everybody may know of.
func hides(o api.Op) api.Op { o.Problems = []int{404}; return o }

func makes(o api.Op) api.Op                { o.Status = 201; return o }
func changes(o api.Op, says string) api.Op { o.MustMatch, o.Description = true, says; return o }

func (o rest[C, D, In]) add(a *api.API) {
	if o.list != nil {
		api.Add(a, op("GET", o.plural, o.name+"-list", "List "+o.plural+", own and received, the newest change first", readScope), o.page)
	}
	if o.get != nil {
		api.Add(a, op("GET", o.plural+"/{id}", o.name+"-get", "Read one of "+o.plural, readScope), func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[D], error) {
			return o.read(ctx, c, in.Record(), nil)
		})
	}
	if o.create != nil {
		api.Add(a, makes(op("POST", o.plural, o.name+"-create", "Begin one of "+o.plural, writeScope)), func(ctx context.Context, c *api.Call, in *newBody[In]) (*api.Made[D], error) {
			rid, err := o.create(ctx, c, in.Body)
			return o.made(ctx, c, rid, err)
		})
	}
	if o.edit != nil {
		api.Add(a, changes(op("PUT", o.plural+"/{id}", o.name+"-edit", "Change one of "+o.plural, writeScope), ""), func(ctx context.Context, c *api.Call, in *changeBody[In]) (*api.One[D], error) {
			seen, err := c.Seen()
			if err == nil {
				err = o.edit(ctx, c, in.Record(), seen, in.Body)
			}
			return o.read(ctx, c, in.Record(), err)
		})
	}
	if o.step != nil {
		api.Add(a, changes(op("POST", o.plural+"/{id}/steps", o.name+"-step", "Take a step with an own record", writeScope), o.verbs), func(ctx context.Context, c *api.Call, in *changeBody[api.StepBody]) (*api.One[D], error) {
			seen, err := c.Seen()
			if err == nil {
				err = o.step(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason)
			}
			return o.read(ctx, c, in.Record(), err)
		})
	}
}

func (o rest[C, D, In]) page(ctx context.Context, c *api.Call, in *listQuery) (*api.List[D], error) {
	scope := fmt.Sprintf("reserve %s %q %s %s %s %s", o.name, in.Query, in.Item, in.Parent, in.State, in.Owner)
	f := reserve.Filter{Query: in.Query, Item: api.Ref(in.Item), Parent: api.Ref(in.Parent), State: workflow.State(in.State), Owner: access.Member(in.Owner), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	rows, more, err := o.list(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	ps := make([]reserve.Page[C], len(rows))
	for i := range rows {
		ps[i].View = rows[i]
	}
	out, err := o.docs(ctx, c, ps)
	if err != nil {
		return nil, err
	}
	next := ""
	if more {
		last := rows[len(rows)-1].Envelope
		next = api.Cursor(scope, strconv.FormatInt(clock.Micros(last.Changed), 10), string(last.ID))
	}
	return api.NewList(out, next), nil
}

// one is a record as it is now, with its version where it is this member's.
func (o rest[C, D, In]) one(ctx context.Context, c *api.Call, rid id.ID, err error) (D, int64, bool, error) {
	var d D
	if err != nil {
		return d, 0, false, err
	}
	p, err := o.get(ctx, c.Actor, rid)
	if err != nil {
		return d, 0, false, err
	}
	out, err := o.docs(ctx, c, []reserve.Page[C]{p})
	if err != nil {
		return d, 0, false, err
	}
	return out[0], int64(p.Version), p.Own, nil
}

func (o rest[C, D, In]) read(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[D], error) {
	d, version, own, err := o.one(ctx, c, rid, err)
	if err != nil {
		return nil, err
	}
	if !own {
		return api.Copied(d), nil
	}
	return api.NewOne(version, d), nil
}

func (o rest[C, D, In]) made(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.Made[D], error) {
	d, version, _, err := o.one(ctx, c, rid, err)
	if err != nil {
		return nil, err
	}
	return api.NewMade("/reserve/"+o.plural+"/"+string(rid), version, d), nil
}
