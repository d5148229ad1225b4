package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/request"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

// RecordHead is what every record of the part begins with.
type RecordHead struct {
	ID       id.ID          `json:"id"`
	Kind     string         `json:"kind"`
	Version  int            `json:"version"`
	State    workflow.State `json:"state" doc:"Of this side's half."`
	Stage    string         `json:"stage" doc:"As both halves together say."`
	Title    string         `json:"title"`
	Peer     access.Member  `json:"peer,omitempty" doc:"The other side; an own request has none."`
	Marking  access.Marking `json:"marking"`
	Due      time.Time      `json:"due,omitzero"`
	Clock    string         `json:"clock,omitempty"`
	Late     bool           `json:"late"`
	Exercise string         `json:"exercise,omitempty"`
	Changed  time.Time      `json:"changed"`
	Steps    []api.Offer    `json:"steps,omitempty" doc:"What the caller's roles permit now."`
}

// RequestDoc is a request of this member, or one that it got.
type RequestDoc struct {
	RecordHead
	From     access.Member    `json:"from"`
	To       []access.Member  `json:"to" nullable:"false"`
	Content  request.Content  `json:"content"`
	Rev      int              `json:"rev" doc:"0: never issued."`
	AnswerBy time.Time        `json:"answer_by,omitzero"`
	Answers  []request.Answer `json:"answers,omitempty"`
}

// OfferDoc is an offer of this member, or one that it got.
type OfferDoc struct {
	RecordHead
	From     access.Member         `json:"from"`
	To       access.Member         `json:"to"`
	Content  request.OfferContent  `json:"content"`
	Decision *request.DecisionView `json:"decision,omitempty"`
}

// TextDoc is one text of an arrangement with the signatures under it.
type TextDoc struct {
	Digest     string          `json:"digest"`
	Text       string          `json:"text" doc:"Canonical JSON: the bytes that are signed, after the space."`
	Terms      *request.Terms  `json:"terms"`
	Signatures []SignatureDoc  `json:"signatures" nullable:"false"`
	Waits      bool            `json:"waits"`
	Refused    bool            `json:"refused"`
	InForce    bool            `json:"in_force"`
	Parties    []access.Member `json:"parties" nullable:"false"`
}

// SignatureDoc is a signature as this node checks it now.
type SignatureDoc struct {
	Member access.Member `json:"member"`
	Key    string        `json:"key"`
	At     time.Time     `json:"at"`
	Post   string        `json:"post"`
	Value  []byte        `json:"value"`
	Valid  bool          `json:"valid"`
}

// ArrangementDoc is an arrangement with all its texts.
type ArrangementDoc struct {
	RecordHead
	Sending   access.Member  `json:"sending"`
	Receiving access.Member  `json:"receiving"`
	Draft     *request.Terms `json:"draft,omitempty"`
	Texts     []TextDoc      `json:"texts" nullable:"false"`
	Holds     string         `json:"holds,omitempty" doc:"Digest of the text in force."`
}

// DeploymentDoc is a deployment with both halves. It has no place for names.
type DeploymentDoc struct {
	RecordHead
	From        access.Member   `json:"from"`
	To          access.Member   `json:"to"`
	Request     id.ID           `json:"request,omitempty"`
	Offer       id.ID           `json:"offer,omitempty"`
	Line        int             `json:"line,omitempty"`
	Arrangement id.ID           `json:"arrangement,omitempty"`
	Mission     request.Mission `json:"mission" doc:"The sender's half."`
	Host        request.Host    `json:"host" doc:"The host's half."`
}

// ConsignmentDoc is a consignment with both halves.
type ConsignmentDoc struct {
	RecordHead
	From        access.Member    `json:"from"`
	To          access.Member    `json:"to"`
	Request     id.ID            `json:"request,omitempty"`
	Offer       id.ID            `json:"offer,omitempty"`
	Arrangement id.ID            `json:"arrangement,omitempty"`
	Shipment    request.Shipment `json:"shipment" doc:"The sender's half."`
	Receipt     request.Receipt  `json:"receipt" doc:"The receiver's half."`
}

func headOf(e *request.Entry, now time.Time) RecordHead {
	h := e.Head()
	return RecordHead{ID: h.ID, Kind: e.Kind, Version: h.Version, State: h.State, Stage: e.Stage(), Title: e.Title(), Peer: e.Peer(), Marking: h.Marking, Due: h.Due, Clock: h.Clock,
		Late: request.Late(h.Due, now), Exercise: h.Exercise, Changed: h.Changed.At}
}

type listQuery struct {
	api.Paging
	Query string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Peer  string `query:"peer" maxLength:"8"`
	Open  bool   `query:"open"`
	Late  bool   `query:"late"`
	Event string `query:"event" maxLength:"40"`
}

type newBody[In any] struct{ Body In }

type changeBody[In any] struct {
	api.ByID
	Body In
}

// stepBody is a step with what it needs.
type stepBody struct {
	Verb string `json:"verb" maxLength:"40" doc:"One of the offered steps."`
	request.StepInput
}

// rest is the operations of one kind of record.
type rest[D, In any] struct {
	g      *Pages
	name   string // "request"
	plural string
	kinds  []string
	doc    func(g *Pages, e *request.Entry, now time.Time) D
	create func(ctx context.Context, a access.Actor, in In) (id.ID, error)
	edit   func(ctx context.Context, a access.Actor, rid id.ID, seen int, in In) error
	steps  func(d *D, steps []api.Offer)
}

func (o rest[D, In]) add(a *api.API) {
	op := func(method, path, verb, summary, scope string) api.Op {
		return api.Op{Method: method, Path: "/request/" + o.plural + path, ID: "request-" + o.name + "-" + verb, Summary: summary, Tag: "request", Scope: scope}
	}
	api.Add(a, op("GET", "", "list", "List "+o.plural, readScope), o.list)
	api.Add(a, op("POST", "", "create", "Begin one of "+o.plural, writeScope), func(ctx context.Context, c *api.Call, in *newBody[In]) (*api.One[D], error) {
		rid, err := o.create(ctx, c.Actor, in.Body)
		return o.read(ctx, c, rid, err)
	})
	api.Add(a, op("GET", "/{id}", "get", "Read one of "+o.plural, readScope), func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[D], error) {
		return o.read(ctx, c, in.Record(), nil)
	})
	edit := op("PUT", "/{id}", "edit", "Change a draft of "+o.plural, writeScope)
	edit.MustMatch = true
	api.Add(a, edit, func(ctx context.Context, c *api.Call, in *changeBody[In]) (*api.One[D], error) {
		seen, err := c.Seen()
		if err == nil {
			err = o.edit(ctx, c.Actor, in.Record(), seen, in.Body)
		}
		return o.read(ctx, c, in.Record(), err)
	})
	step := op("POST", "/{id}/steps", "step", "Take a step", writeScope)
	step.MustMatch = true
	api.Add(a, step, func(ctx context.Context, c *api.Call, in *changeBody[stepBody]) (*api.One[D], error) {
		seen, err := c.Seen()
		if err == nil {
			err = o.g.desk.Step(ctx, c.Actor, in.Record(), seen, in.Body.Verb, in.Body.StepInput)
		}
		return o.read(ctx, c, in.Record(), err)
	})
}

func (o rest[D, In]) list(ctx context.Context, c *api.Call, in *listQuery) (*api.List[D], error) {
	scope := fmt.Sprintf("%s %q %s %t %t %s", o.name, in.Query, in.Peer, in.Open, in.Late, in.Event)
	f := request.Filter{Kinds: o.kinds, Query: in.Query, Peer: access.Member(in.Peer), Open: in.Open, Late: in.Late, Event: id.ID(in.Event), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	es, next, err := o.g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]D, len(es))
	for i := range es {
		out[i] = o.doc(o.g, &es[i], c.Now)
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(scope, strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

func (o rest[D, In]) read(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[D], error) {
	if err != nil {
		return nil, err
	}
	p, err := o.g.desk.Page(ctx, c.Actor, rid)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.kinds, p.Kind) {
		return nil, desk.NotFound()
	}
	d := o.doc(o.g, &p.Entry, c.Now)
	o.steps(&d, c.Offers(p.Offers))
	return api.NewOne(int64(p.Head().Version), d), nil
}
