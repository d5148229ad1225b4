package web

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/id"
)

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	d := g.desk
	rest[RequestDoc, request.RequestInput]{g: g, name: "request", plural: "requests", kinds: []string{request.OwnRequest, request.Call}, doc: requestDoc, edit: d.EditRequest,
		create: func(ctx context.Context, a access.Actor, in request.RequestInput) (id.ID, error) {
			r, err := d.DraftRequest(ctx, a, in)
			return r.ID, err
		}, steps: func(x *RequestDoc, s []api.Offer) { x.Steps = s }}.add(a)
	rest[OfferDoc, request.OfferInput]{g: g, name: "offer", plural: "offers", kinds: []string{request.OwnOffer, request.Bid}, doc: offerDoc, edit: d.EditOffer,
		create: func(ctx context.Context, a access.Actor, in request.OfferInput) (id.ID, error) {
			r, err := d.DraftOffer(ctx, a, in)
			return r.ID, err
		}, steps: func(x *OfferDoc, s []api.Offer) { x.Steps = s }}.add(a)
	rest[ArrangementDoc, request.ArrangementInput]{g: g, name: "arrangement", plural: "arrangements", kinds: []string{request.Agreement}, doc: arrangementDoc, edit: d.EditArrangement,
		create: func(ctx context.Context, a access.Actor, in request.ArrangementInput) (id.ID, error) {
			r, err := d.DraftArrangement(ctx, a, in)
			return r.ID, err
		}, steps: func(x *ArrangementDoc, s []api.Offer) { x.Steps = s }}.add(a)
	rest[DeploymentDoc, request.MissionInput]{g: g, name: "deployment", plural: "deployments", kinds: []string{request.OwnTeam, request.HostedTeam}, doc: deploymentDoc, edit: d.EditDeployment,
		create: func(ctx context.Context, a access.Actor, in request.MissionInput) (id.ID, error) {
			r, err := d.PlanDeployment(ctx, a, in)
			return r.ID, err
		}, steps: func(x *DeploymentDoc, s []api.Offer) { x.Steps = s }}.add(a)
	rest[ConsignmentDoc, request.ShipmentInput]{g: g, name: "consignment", plural: "consignments", kinds: []string{request.OwnGoods, request.AwaitedGood}, doc: consignmentDoc, edit: d.EditConsignment,
		create: func(ctx context.Context, a access.Actor, in request.ShipmentInput) (id.ID, error) {
			r, err := d.Allocate(ctx, a, in)
			return r.ID, err
		}, steps: func(x *ConsignmentDoc, s []api.Offer) { x.Steps = s }}.add(a)
	g.proofOperations(a)
	g.edxlOperations(a)
	g.fhirOperations(a)
}

// proofOperations are the file of an arrangement and its check by anybody.
func (g *Pages) proofOperations(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/request/arrangements/{id}/proof", ID: "request-arrangement-proof", Summary: "Read an arrangement as a file that anybody can check", Tag: "request", Scope: readScope},
		func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[request.Proof], error) {
			raw, err := g.desk.Proof(ctx, c.Actor, in.Record())
			if err != nil {
				return nil, err
			}
			var p request.Proof
			err = json.Unmarshal(raw, &p)
			return &api.One[request.Proof]{Body: p}, err
		})
	api.Add(a, api.Op{Method: "POST", Path: "/request/arrangements/verify", ID: "request-arrangement-verify", Summary: "Check the file of an arrangement with this node's directory", Tag: "request", Scope: readScope},
		func(_ context.Context, c *api.Call, in *newBody[request.Proof]) (*api.One[request.Verdict], error) {
			if !health.Capabilities.May(c.Actor, "health.read") {
				return nil, desk.NotFound()
			}
			raw, err := json.Marshal(in.Body)
			if err != nil {
				return nil, err
			}
			v, err := g.desk.CheckProof(raw)
			return &api.One[request.Verdict]{Body: v}, err
		})
}

func requestDoc(_ *Pages, e *request.Entry, now time.Time) RequestDoc {
	r := e.Request
	d := RequestDoc{RecordHead: headOf(e, now), From: r.From, To: slices.Clone(r.To), Content: *r.Content(), Answers: r.Answers}
	if d.To == nil {
		d.To = []access.Member{}
	}
	if r.Sent != nil {
		d.Rev, d.AnswerBy = r.Sent.Rev, r.Sent.AnswerBy
	}
	return d
}

func offerDoc(_ *Pages, e *request.Entry, now time.Time) OfferDoc {
	o := e.Offer
	return OfferDoc{RecordHead: headOf(e, now), From: o.From, To: o.To, Content: o.OfferContent, Decision: o.Decision}
}

func arrangementDoc(g *Pages, e *request.Entry, now time.Time) ArrangementDoc {
	a := e.Arrangement
	d := ArrangementDoc{RecordHead: headOf(e, now), Sending: a.Sending, Receiving: a.Receiving, Texts: []TextDoc{}, Holds: a.Holds}
	if len(a.Texts) == 0 {
		d.Draft = a.Draft
	}
	waiting := a.Waiting()
	for _, text := range a.Texts {
		digest := request.Digest(text)
		t, _ := a.TermsOf(digest)
		x := TextDoc{Digest: digest, Text: text, Terms: t, Signatures: []SignatureDoc{}, Waits: slices.Contains(waiting, digest), InForce: a.State == request.InForce && a.Holds == digest,
			Refused: slices.ContainsFunc(a.Refusals, func(r request.Refusal) bool { return r.Digest == digest }), Parties: []access.Member{a.Sending, a.Receiving}}
		for _, s := range g.desk.Signatures(a, digest) {
			x.Signatures = append(x.Signatures, SignatureDoc{Member: s.Member, Key: s.Key, At: s.At, Post: s.Post, Value: s.Value, Valid: s.Valid})
		}
		d.Texts = append(d.Texts, x)
	}
	return d
}

func deploymentDoc(_ *Pages, e *request.Entry, now time.Time) DeploymentDoc {
	x := e.Deployment
	return DeploymentDoc{RecordHead: headOf(e, now), From: x.From, To: x.To, Request: x.Request, Offer: x.Offer, Line: x.Line, Arrangement: x.Arrangement, Mission: x.Mission, Host: x.Host}
}

func consignmentDoc(_ *Pages, e *request.Entry, now time.Time) ConsignmentDoc {
	x := e.Consignment
	return ConsignmentDoc{RecordHead: headOf(e, now), From: x.From, To: x.To, Request: x.Request, Offer: x.Offer, Arrangement: x.Arrangement, Shipment: x.Shipment, Receipt: x.Receipt}
}
