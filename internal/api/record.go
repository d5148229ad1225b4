package api

import (
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ByID is the input of an operation on one record; embed it.
type ByID struct {
	ID string `path:"id" format:"uuid" doc:"The record's identifier."`
}

// Record is the identifier. One that cannot exist is one that does not.
func (in ByID) Record() id.ID { return Ref(in.ID) }

// Ref is an identifier that came as text; empty for what is none.
func Ref(s string) id.ID {
	v, err := id.Parse(s)
	if err != nil {
		return ""
	}
	return v
}

// StepBody is one step of a workflow that brings no content of its own.
type StepBody struct {
	Verb   string `json:"verb" maxLength:"40" doc:"One of the offered steps."`
	Reason string `json:"reason,omitempty" doc:"Where the step needs one."`
}

// Offer is a step that the caller's roles permit now.
type Offer struct {
	Verb  workflow.Verb  `json:"verb"`
	To    workflow.State `json:"to,omitempty" doc:"The state after it; absent when it stays."`
	Unmet []OfferNeed    `json:"unmet,omitempty" doc:"What keeps the step from being taken."`
}

// OfferNeed is a condition of a step that does not hold.
type OfferNeed struct {
	Need   string `json:"need"`
	Detail string `json:"detail"`
}

// Offers are the steps in the words of the caller's language; the same that
// enable the buttons of the page.
func (c *Call) Offers(offers []workflow.Offer) []Offer {
	out := make([]Offer, len(offers))
	for i, o := range offers {
		out[i] = Offer{Verb: o.Verb, To: o.To}
		for _, n := range o.Unmet {
			out[i].Unmet = append(out[i].Unmet, OfferNeed{Need: n, Detail: c.Printer.T("need." + n)})
		}
	}
	return out
}

// Seen is the version of If-Match. There is no version 0: for a desk it would
// mean any.
func (c *Call) Seen() (int, error) {
	v, ok, err := c.Version()
	if err != nil {
		return 0, err
	}
	if !ok || v < 1 || v > 1<<31 {
		return -1, nil
	}
	return int(v), nil
}

// Copied is a record of another member: its content goes with its release, so
// that no version of this node names it and it has no tag.
func Copied[T any](body T) *One[T] { return &One[T]{Body: body} }
