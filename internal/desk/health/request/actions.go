package request

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// StepInput is what a step needs beside the record, from a page or from a
// program. Each step reads its own fields and no others.
type StepInput struct {
	Words  string `json:"words,omitempty" doc:"What is said with it; the reason where the step needs one."`
	Day    string `json:"day,omitempty" doc:"Of register, confirm_departure, confirm: 2026-11-23."`
	Until  string `json:"until,omitempty" doc:"Of ask_extension, clear_entry: a day."`
	Digest string `json:"digest,omitempty" doc:"Of sign, refuse, take_back: the text that it is about."`

	Taken    []Taken  `json:"taken,omitempty" doc:"Of accept, accept_part: how much of each line."`
	Manifest []Person `json:"manifest,omitempty" doc:"Of list_people. It stays in this node."`
	Got      []Got    `json:"got,omitempty" doc:"Of confirm and report: the receipt of each line."`
	Terms    *Terms   `json:"terms,omitempty" doc:"Of change: the new terms."`

	Entry       string `json:"entry,omitempty"`
	ETD         string `json:"etd,omitempty"`
	ETA         string `json:"eta,omitempty"`
	Carrier     string `json:"carrier,omitempty" doc:"Flight, vessel or forwarder."`
	Waybill     string `json:"waybill,omitempty"`
	Radio       string `json:"radio,omitempty"`
	Packages    int64  `json:"packages,omitempty"`
	Kilograms   int64  `json:"kilograms,omitempty"`
	People      int64  `json:"people,omitempty" doc:"Of clear_entry: for how many."`
	Consent     string `json:"consent,omitempty"`
	Visa        string `json:"visa,omitempty"`
	Licence     string `json:"licence,omitempty"`
	Customs     string `json:"customs,omitempty"`
	Drugs       string `json:"drugs,omitempty"`
	Registered  string `json:"registered,omitempty"`
	Ref         string `json:"ref,omitempty"`
	Handover    string `json:"handover,omitempty"`
	Needs       string `json:"needs,omitempty"`
	Consumption string `json:"consumption,omitempty"`
}

// act is one step with all that it is about.
type act struct {
	actor access.Actor
	verb  workflow.Verb
	in    StepInput
}

func noVerb() error { return fault.New(fault.NotFound, "fault.web.no_page") }

// Step takes a step of any record of the part. seen is the version that the
// person saw; 0 takes any.
func (d *Desk) Step(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb string, in StepInput) error {
	a := act{actor: actor, verb: workflow.Verb(verb), in: in}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		kind, err := kindAt(ctx, tx, rid)
		if err != nil {
			return err
		}
		switch kind {
		case OwnRequest:
			return take(ctx, d, tx, d.requests, a, rid, seen, d.requestStep)
		case Call:
			return take(ctx, d, tx, d.calls, a, rid, seen, d.callStep)
		case OwnOffer:
			return take(ctx, d, tx, d.offers, a, rid, seen, d.offerStep)
		case Bid:
			return take(ctx, d, tx, d.bids, a, rid, seen, d.bidStep)
		case Agreement:
			return take(ctx, d, tx, d.arrangements, a, rid, seen, d.arrangementStep)
		case OwnTeam:
			return take(ctx, d, tx, d.deployments, a, rid, seen, d.deploymentStep)
		case HostedTeam:
			return take(ctx, d, tx, d.hosting, a, rid, seen, d.hostStep)
		case OwnGoods:
			return take(ctx, d, tx, d.goods, a, rid, seen, d.goodsStep)
		case AwaitedGood:
			return take(ctx, d, tx, d.arrivals, a, rid, seen, d.arrivalStep)
		}
		return desk.NotFound()
	})
}

// steps gives the change of a step; a verb that no person takes has none.
type steps[R any] func(ctx context.Context, tx *db.Tx, a act) (desk.Change[R], error)

func take[R any](ctx context.Context, d *Desk, tx *db.Tx, k *desk.Kind[R], a act, rid id.ID, seen int, of steps[R]) error {
	r, err := k.Load(ctx, tx, rid)
	if err != nil {
		return err
	}
	if !sees(a.actor, k.Head(&r).Marking) {
		return desk.NotFound()
	}
	c, err := of(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = desk.TakeIn(ctx, d.env, tx, k, a.actor, rid, seen, a.verb, c)
	return err
}

// byNode takes a step that follows from a message or from time, if the table
// has it from the present state.
func byNode[R any](ctx context.Context, d *Desk, tx *db.Tx, k *desk.Kind[R], r *R, verb workflow.Verb, edit func(*R)) (bool, error) {
	if _, ok := k.Table.Find(k.Head(r).State, verb); !ok {
		return false, nil
	}
	out, err := desk.TakeIn(ctx, d.env, tx, k, access.Node(d.env.Member), k.Head(r).ID, 0, verb, desk.Change[R]{Edit: func(r *R) error { edit(r); return nil }})
	if err == nil {
		*r = out
	}
	return true, err
}

// visible loads a record that the actor may read.
func visible[R any](ctx context.Context, tx *db.Tx, k *desk.Kind[R], actor access.Actor, rid id.ID) (R, error) {
	var zero R
	r, err := k.Load(ctx, tx, rid)
	if err != nil {
		return zero, err
	}
	if !sees(actor, k.Head(&r).Marking) {
		return zero, desk.NotFound()
	}
	return r, nil
}

// reasonDetail is the detail of the history where words were given; never a name.
func reasonDetail(words string) map[string]any {
	if words == "" {
		return nil
	}
	return map[string]any{"reason": words}
}
