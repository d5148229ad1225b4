package request

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/fault"
)

// RequestOfFHIR is the draft of a request that the SupplyRequests of a bundle
// ask for. What the bundle has no place for stays empty, and a person completes
// it before clearance. What cannot be said in a line is refused, never left
// out: the fault names the element.
func RequestOfFHIR(b *fhir.Bundle, exercise bool) (RequestInput, error) {
	in := RequestInput{Content: Content{Lang: "en", Hours: AnswerDefault}}
	var c fault.Check
	var first *fhir.SupplyRequest
	metas := []*fhir.Meta{b.Meta}
	for i, e := range b.Entry {
		path := fmt.Sprintf("Bundle.entry[%d].resource", i)
		switch r := e.Resource.(type) {
		case fhir.Communication:
			in.Title = cmp.Or(in.Title, r.Topic.Words())
			for _, p := range r.Payload {
				in.Context = strings.TrimSpace(in.Context + "\n" + p.ContentString)
			}
			metas = append(metas, r.Meta)
		case fhir.SupplyRequest:
			first = cmp.Or(first, &r)
			metas = append(metas, r.Meta)
			in.Lines = append(in.Lines, lineOfFHIR(&c, path, &r))
		case fhir.SupplyDelivery:
			c.That(false, path+".resourceType", "fault.fhir.resource", fault.Args{"type": "SupplyDelivery"})
		}
	}
	c.That(first != nil, "Bundle.entry", "fault.fhir.missing")
	for _, m := range metas {
		in.mark(&c, m, exercise)
	}
	if err := c.Err(); err != nil {
		return in, err
	}
	in.Marking = cmp.Or(in.Marking, access.TLPAmber)
	in.Title, in.Lang = cmp.Or(in.Title, in.Lines[0].Item), cmp.Or(first.Language, in.Lang)
	in.Authority = asker(b, first.Requester)
	if len(first.ReasonCode) > 0 {
		in.EventName = first.ReasonCode[0].Words()
	}
	return in, nil
}

// mark takes the strictest marking that a part of the bundle has, and keeps
// what is only an exercise from becoming a request for help.
func (in *RequestInput) mark(c *fault.Check, m *fhir.Meta, exercise bool) {
	if m == nil {
		return
	}
	for _, s := range m.Security {
		if s.System != fhir.SystemTLP {
			continue
		}
		k := access.Marking(s.Code)
		c.That(k.Valid(), "Bundle.meta.security", "fault.fhir.code")
		if in.Marking == "" || k.Stricter(in.Marking) {
			in.Marking = k
		}
	}
	c.That(exercise || !slices.ContainsFunc(m.Tag, func(t fhir.Coding) bool { return t.System == fhir.TestData().System && t.Code == fhir.TestData().Code }), "Bundle.meta.tag", "fault.fhir.exercise")
}

// asker is the name of the organisation that asks.
func asker(b *fhir.Bundle, r *fhir.Reference) string {
	for _, e := range b.Entry {
		if o, ok := e.Resource.(fhir.Organization); ok && r != nil && r.Reference != "" && (e.FullURL == r.Reference || r.Reference == "Organization/"+o.ID) {
			return o.Name
		}
	}
	return r.Words()
}

func lineOfFHIR(c *fault.Check, path string, r *fhir.SupplyRequest) Line {
	l := Line{Item: cmp.Or(r.Item.Words(), r.ItemReference.Words()), Unit: cmp.Or(r.Quantity.Unit, r.Quantity.Code, "piece"), Category: "supplies", Priority: ourPriority[r.Priority], Place: r.DeliverTo.Words()}
	c.That(slices.Contains([]string{"", "draft", "active", "unknown"}, r.Status), path+".status", "fault.fhir.over")
	if k := r.Category.Code(listCategory); slices.Contains(goods, k) {
		l.Category = k
	}
	l.Qty = whole(c, path+".quantity.value", r.Quantity.Value)
	c.That(len(r.OccurrenceTiming) == 0, path+".occurrenceTiming", "fault.request.day")
	field, when := ".occurrenceDateTime", r.OccurrenceDateTime
	if r.OccurrencePeriod != nil {
		field, when = ".occurrencePeriod", cmp.Or(r.OccurrencePeriod.End, r.OccurrencePeriod.Start)
	}
	l.NeededBy = dayOf(c, path+field, when)
	for i := range r.Parameter {
		l.take(c, fmt.Sprintf("%s.parameter[%d]", path, i), &r.Parameter[i])
	}
	return l
}

// take is one property. Those that are not of our list are added to the
// specification as words.
func (l *Line) take(c *fault.Check, path string, p *fhir.Parameter) {
	code, words := p.Code.Code(listParameter), p.Words()
	choice := func(of []string) string {
		v := p.ValueConcept.Code("urn:lintas:request:" + code)
		c.That(slices.Contains(of, v), path+".valueCodeableConcept", "fault.fhir.code")
		return v
	}
	days := func() int64 {
		if p.ValueQuantity == nil || p.ValueQuantity.Code != "d" {
			c.That(false, path+".valueQuantity", "fault.fhir.value")
			return 0
		}
		return whole(c, path+".valueQuantity.value", p.ValueQuantity.Value)
	}
	switch code {
	case "entry":
		l.Entry = words
	case "words":
		l.OtherWords = words
	case "support":
		l.Support = append(l.Support, choice(Supports))
	case "formality":
		l.Formality = append(l.Formality, choice(Formalities))
	case "repayment":
		l.Repayment = choice(Repayments)
	case "days":
		l.Days = days()
	case "self-days":
		l.SelfDays = days()
	default:
		if name := p.Code.Words(); code != "specification" && name != "" {
			words = name + ": " + words
		}
		l.Spec = strings.TrimPrefix(l.Spec+"; "+words, "; ")
	}
}

// whole is a decimal number that is a whole one of 1 or more, however it is
// written.
func whole(c *fault.Check, path string, n json.Number) int64 {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || f < 1 || f > MaxQty || f != float64(int64(f)) {
		c.That(false, path, "fault.request.qty")
		return 0
	}
	return int64(f)
}

// dayOf is the day of a date, or in UTC of a time; a month or a year alone is
// no day.
func dayOf(c *fault.Check, path, s string) string {
	if s == "" {
		return ""
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		c.That(false, path, "fault.request.day")
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
