package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"lintas/internal/fault"
)

// Limits of what is read.
const (
	MaxSize    = 1 << 20
	MaxEntries = 500
)

type wireBundle struct {
	Bundle
	ImplicitRules string      `json:"implicitRules"`
	Entry         []wireEntry `json:"entry"`
}

type wireEntry struct {
	FullURL  string          `json:"fullUrl"`
	Resource json.RawMessage `json:"resource"`
}

// wireHead is what decides whether a resource can be read at all: R4 says
// that rules and modifying extensions that are not known must not be passed
// over.
type wireHead struct {
	ResourceType      string            `json:"resourceType"`
	ImplicitRules     string            `json:"implicitRules"`
	ModifierExtension []json.RawMessage `json:"modifierExtension"`
	Patient           json.RawMessage   `json:"patient"`
}

// Decode reads a bundle of Organization, Communication, SupplyRequest and
// SupplyDelivery. Elements that it does not know are passed over, except those
// that change the meaning of others; what is refused is named by its path,
// such as Bundle.entry[2].resource.status, where entries count from 0.
func Decode(raw []byte) (*Bundle, error) {
	if len(raw) > MaxSize {
		return nil, fault.Wrap(fault.Invalid, "fault.fhir.json", errors.New("too large"))
	}
	var x wireBundle
	if err := json.Unmarshal(raw, &x); err != nil {
		return nil, unreadable("Bundle", err)
	}
	var c fault.Check
	c.That(x.ResourceType == "Bundle", "resourceType", "fault.fhir.resource", fault.Args{"type": short(x.ResourceType)})
	c.That(x.ImplicitRules == "", "Bundle.implicitRules", "fault.fhir.modifier")
	c.That(len(x.Entry) > 0, "Bundle.entry", "fault.fhir.missing")
	c.That(len(x.Entry) <= MaxEntries, "Bundle.entry", "fault.too_many", fault.Args{"max": MaxEntries})
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := x.Bundle
	for i, e := range x.Entry {
		r, err := resource(&c, fmt.Sprintf("Bundle.entry[%d].resource", i), e.Resource)
		if err != nil {
			return nil, err
		}
		out.Entry = append(out.Entry, Entry{FullURL: e.FullURL, Resource: r})
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return &out, nil
}

// unreadable names the element whose JSON is of the wrong kind, where that is
// known.
func unreadable(path string, err error) error {
	var t *json.UnmarshalTypeError
	if !errors.As(err, &t) {
		return fault.Wrap(fault.Invalid, "fault.fhir.json", err)
	}
	if t.Field != "" {
		path += "." + t.Field
	}
	var c fault.Check
	c.That(false, path, "fault.fhir.value")
	return c.Err()
}

func short(s string) string {
	if len(s) > 60 {
		return strconv.QuoteToASCII(s[:60])
	}
	return s
}

func resource(c *fault.Check, path string, raw json.RawMessage) (any, error) {
	var head wireHead
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, unreadable(path, err)
	}
	c.That(head.ImplicitRules == "", path+".implicitRules", "fault.fhir.modifier")
	c.That(len(head.ModifierExtension) == 0, path+".modifierExtension", "fault.fhir.modifier")
	c.That(len(head.Patient) == 0, path+".patient", "fault.fhir.patient")
	switch head.ResourceType {
	case "Organization":
		return as[Organization](path, raw)
	case "Communication":
		return as[Communication](path, raw)
	case "SupplyRequest":
		r, err := as[SupplyRequest](path, raw)
		r.check(c, path)
		return r, err
	case "SupplyDelivery":
		r, err := as[SupplyDelivery](path, raw)
		r.check(c, path)
		return r, err
	}
	c.That(false, path+".resourceType", "fault.fhir.resource", fault.Args{"type": short(head.ResourceType)})
	return nil, nil
}

func as[R any](path string, raw json.RawMessage) (R, error) {
	var r R
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, unreadable(path, err)
	}
	return r, nil
}

func (r *SupplyRequest) check(c *fault.Check, path string) {
	c.That(r.Status == "" || slices.Contains(supplyStates, r.Status), path+".status", "fault.fhir.code")
	c.That(r.Priority == "" || slices.Contains(priorities, r.Priority), path+".priority", "fault.fhir.code")
	c.That(r.Item.Words() != "" || r.ItemReference.Words() != "", path+".itemCodeableConcept", "fault.fhir.missing")
	r.Quantity.check(c, path+".quantity")
	for i, p := range r.Parameter {
		if p.ValueQuantity != nil {
			p.ValueQuantity.check(c, fmt.Sprintf("%s.parameter[%d].valueQuantity", path, i))
		}
	}
}

func (r *SupplyDelivery) check(c *fault.Check, path string) {
	c.That(r.Status == "" || slices.Contains(deliveryStates, r.Status), path+".status", "fault.fhir.code")
	if r.SuppliedItem != nil && r.SuppliedItem.Quantity != nil {
		r.SuppliedItem.Quantity.check(c, path+".suppliedItem.quantity")
	}
}

func (q *Quantity) check(c *fault.Check, path string) {
	c.That(q.Value != "", path+".value", "fault.fhir.missing")
	c.That(q.Comparator == "", path+".comparator", "fault.fhir.modifier")
}

// Words are what a concept says: its text, else what its first code shows.
func (c *Concept) Words() string {
	if c == nil {
		return ""
	}
	if c.Text != "" || len(c.Coding) == 0 {
		return c.Text
	}
	if d := c.Coding[0].Display; d != "" {
		return d
	}
	return c.Coding[0].Code
}

// Code is the code of a system, or nothing.
func (c *Concept) Code(system string) string {
	if c == nil {
		return ""
	}
	for _, x := range c.Coding {
		if x.System == system {
			return x.Code
		}
	}
	return ""
}

// Words are how a reference is shown, else what it points at.
func (r *Reference) Words() string {
	switch {
	case r == nil:
		return ""
	case r.Display != "":
		return r.Display
	case r.Identifier != nil:
		return r.Identifier.Value
	}
	return r.Reference
}

// Words are a property as one can read it.
func (p *Parameter) Words() string {
	switch {
	case p.ValueConcept != nil:
		return p.ValueConcept.Words()
	case p.ValueQuantity != nil:
		return p.ValueQuantity.words()
	case p.ValueRange != nil:
		return p.ValueRange.Low.words() + "–" + p.ValueRange.High.words()
	case p.ValueBoolean != nil:
		return strconv.FormatBool(*p.ValueBoolean)
	}
	return ""
}

func (q *Quantity) words() string {
	switch {
	case q == nil:
		return ""
	case q.Unit == "":
		return q.Comparator + q.Value.String()
	}
	return q.Comparator + q.Value.String() + " " + q.Unit
}
