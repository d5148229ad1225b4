package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"lintas/internal/access"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// strict reads a resource with the types of an independent library; a field or
// code that R4 does not have is an error.
func strict[R any](t *testing.T, raw json.RawMessage) R {
	t.Helper()
	var head map[string]json.RawMessage
	if err := json.Unmarshal(raw, &head); err != nil {
		t.Fatal(err)
	}
	delete(head, "resourceType") // the library's types leave it out
	body, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	var out R
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%T: %v in %s", out, err, body)
	}
	return out
}

type supply struct {
	raw        []byte
	requests   []r4.SupplyRequest
	deliveries []r4.SupplyDelivery
}

// told writes the record's bundle, reads it with both readers, and looks that
// what was read is what was written and that every reference leads somewhere.
func (w *wire) told(m access.Member, rid id.ID) supply {
	w.Helper()
	b, ok := w.page(m, rid).FHIR()
	if !ok {
		w.Fatal("no bundle")
	}
	raw, err := b.Encode()
	w.must(err)
	back, err := fhir.Decode(raw)
	w.must(err)
	if !reflect.DeepEqual(b, back) {
		w.Errorf("read again:\n%+v\n%+v", b, back)
	}
	out := supply{raw: raw}
	known, refs := map[string]bool{}, []*r4.Reference{}
	for _, e := range strict[r4.Bundle](w.T, raw).Entry {
		if known[*e.FullUrl] {
			w.Errorf("%s is there twice", *e.FullUrl)
		}
		known[*e.FullUrl] = true
		var kind struct{ ResourceType string }
		w.must(json.Unmarshal(e.Resource, &kind))
		switch kind.ResourceType {
		case "Organization":
			strict[r4.Organization](w.T, e.Resource)
		case "Communication":
			c := strict[r4.Communication](w.T, e.Resource)
			refs = append(refs, c.Sender)
			for i := range c.About {
				refs = append(refs, &c.About[i])
			}
		case "SupplyRequest":
			r := strict[r4.SupplyRequest](w.T, e.Resource)
			refs = append(refs, r.Requester, &r.Supplier[0])
			out.requests = append(out.requests, r)
		case "SupplyDelivery":
			d := strict[r4.SupplyDelivery](w.T, e.Resource)
			refs = append(refs, d.Supplier)
			out.deliveries = append(out.deliveries, d)
		default:
			w.Errorf("a resource of type %q", kind.ResourceType)
		}
	}
	for _, r := range refs {
		if !known[*r.Reference] {
			w.Errorf("%s leads nowhere", *r.Reference)
		}
	}
	return out
}

// asking is a request whose goods use every field of a line that leaves.
func asking() RequestInput {
	in := sample
	in.Lines = slices.Clone(sample.Lines)
	l := &in.Lines[0]
	l.Spec, l.Days, l.SelfDays, l.Formality, l.Repayment, l.OtherWords, l.Contact = "WHO formula", 30, 7, []string{"drug_permits", "customs"}, "none", "No <glass> & no tins.", "Pseudonym Omega"
	return in
}

// A request's goods go out, and come in as the same draft; a person's contact
// and the lines that are no goods stay at home.
func TestSupplyRequest(t *testing.T) {
	w := join(t, nil)
	rid := w.issued(asking())
	w.deliver()
	got := w.told("TH", rid)
	if own := w.told("KH", rid); !bytes.Equal(own.raw, got.raw) {
		t.Error("the two sides tell it differently")
	}
	if len(got.requests) != 1 || bytes.Contains(got.raw, []byte("Omega")) || bytes.Contains(got.raw, []byte("Emergency medical team")) {
		t.Fatalf("%d requests: %s", len(got.requests), got.raw)
	}
	r := got.requests[0]
	if r.Status.Code() != "active" || r.Priority.Code() != "stat" || *r.Quantity.Value != "1000" || *r.Quantity.Unit != "box" || *r.ItemCodeableConcept.Text != "Oral rehydration salts" ||
		*r.OccurrenceDateTime != "2026-11-28" || *r.DeliverTo.Display != "KH-7" {
		t.Errorf("%s", got.raw)
	}
	draft, err := w.desks["KH"].DraftFHIR(w.Context(), duty, got.raw, []access.Member{"TH"})
	w.must(err)
	in, want := draft.Draft, asking()
	line := want.Lines[0]
	line.N, line.Contact = in.Lines[0].N, ""
	if len(in.Lines) != 1 || !reflect.DeepEqual(in.Lines[0], line) || in.Title != want.Title || in.Context != want.Context || in.Authority != want.Authority || in.EventName != want.EventName ||
		in.Lang != want.Lang || in.Marking != want.Marking {
		t.Errorf("%+v", in)
	}
	w.step("KH", duty, rid, "withdraw", StepInput{Words: "Not needed."})
	w.deliver()
	over := w.told("TH", rid)
	if over.requests[0].Status.Code() != "cancelled" {
		t.Errorf("%s", over.raw)
	}
	_, err = w.desks["KH"].DraftFHIR(w.Context(), duty, over.raw, nil)
	w.named(err, "Bundle.entry[5].resource.status", "fault.fhir.over")
}

// named wants the fault of one element.
func (w *wire) named(err error, field, key string) {
	w.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		w.Fatalf("want %s at %s, got %v", key, field, err)
	}
	if field == "" && f.Key == key || slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == field && x.Key == key }) {
		return
	}
	w.Errorf("want %s at %s, got %s %+v", key, field, f.Key, f.Fields)
}

// A consignment is in progress until it is received; then the quantity is what
// came whole, and what was short or damaged stands beside it.
func TestSupplyDelivery(t *testing.T) {
	w := join(t, nil)
	rid := w.issued(sample)
	w.deliver()
	oid := w.offered("TH", offerOf(rid, salts(600)))
	w.deliver()
	if _, ok := w.page("TH", oid).FHIR(); ok {
		t.Error("an offer is no FHIR resource here")
	}
	w.step("KH", approver, oid, "accept", StepInput{})
	w.deliver()
	c := w.consigned("TH", oid, w.agreed("TH", oid))
	d := w.told("KH", c).deliveries[0]
	if d.Status.Code() != "in-progress" || *d.SuppliedItem.Quantity.Value != "600" || d.OccurrenceDateTime != nil || *d.BasedOn[0].Identifier.Value != lineURN("KH", rid, 1) {
		t.Errorf("%+v", d)
	}
	w.step("KH", duty, c, "confirm", StepInput{Day: "2026-11-28", Got: []Got{{N: 1, OK: 500, Short: 80, Damaged: 20, Words: "Two pallets were wet."}}})
	w.deliver()
	got := w.told("TH", c)
	d = got.deliveries[0]
	says := map[string]int{}
	for _, e := range d.Extension {
		if e.ValueInteger != nil {
			says[e.Url] = *e.ValueInteger
		}
	}
	if d.Status.Code() != "completed" || *d.SuppliedItem.Quantity.Value != "500" || *d.OccurrenceDateTime != "2026-11-28" || says[extSent] != 600 || says[extShort] != 80 || says[extDamaged] != 20 {
		t.Errorf("%s", got.raw)
	}
	_, err := w.desks["KH"].DraftFHIR(w.Context(), duty, got.raw, nil)
	w.named(err, "Bundle.entry[1].resource.resourceType", "fault.fhir.resource")
	lost := w.page("TH", c).Consignment
	lost.Receipt.Got[0] = Got{N: 1, Short: 600}
	if x := lost.delivery(lost.Shipment.Items[0]); x.Status != "abandoned" || x.SuppliedItem.Quantity.Value != "600" {
		t.Errorf("nothing came whole: %+v", x)
	}
	lost.Shipment.Carries = Specimens
	if (&Entry{Consignment: lost}).FHIRType() != "" {
		t.Error("specimens are no supply")
	}
}

// What a line cannot say is refused by the name of the element.
func TestSupplyRequestRefused(t *testing.T) {
	w := join(t, nil)
	const good = `{"resourceType":"Bundle","type":"collection","meta":{"security":[{"system":"https://www.first.org/tlp","code":"TLP:GREEN"}]},"entry":[{"resource":{"resourceType":"SupplyRequest","status":"active",` +
		`"itemCodeableConcept":{"coding":[{"system":"urn:x","code":"1","display":"Tents"}]},"quantity":{"value":2.0e1,"unit":"piece"},"occurrencePeriod":{"end":"2026-11-28T23:30:00-02:00"},` +
		`"parameter":[{"code":{"text":"Length"},"valueRange":{"low":{"value":3,"unit":"m"},"high":{"value":4,"unit":"m"}}}]}}]}`
	r, err := w.desks["KH"].DraftFHIR(w.Context(), duty, []byte(good), []access.Member{"TH"})
	w.must(err)
	if l := r.Draft.Lines[0]; l.Item != "Tents" || l.Qty != 20 || l.NeededBy != "2026-11-29" || l.Spec != "Length: 3 m–4 m" || l.Category != "supplies" || r.Draft.Marking != access.TLPGreen {
		t.Errorf("%+v", r.Draft)
	}
	at := "Bundle.entry[0].resource"
	for _, c := range []struct{ old, new, field, key string }{
		{good, "{", "", "fault.fhir.json"},
		{good, `{"x":"` + strings.Repeat("x", fhir.MaxSize) + `"}`, "", "fault.fhir.json"},
		{`"2026-11-28T23:30:00-02:00"`, `"2026-11"`, at + ".occurrencePeriod", "fault.request.day"},
		{`2.0e1`, `2.5`, at + ".quantity.value", "fault.request.qty"},
		{`2.0e1`, `-1`, at + ".quantity.value", "fault.request.qty"},
		{`2.0e1`, `{}`, at + ".quantity.value", "fault.fhir.value"},
		{`"unit":"piece"`, `"comparator":">"`, at + ".quantity.comparator", "fault.fhir.modifier"},
		{`"active"`, `"maybe"`, at + ".status", "fault.fhir.code"},
		{`"active"`, `"suspended"`, at + ".status", "fault.fhir.over"},
		{`"status":"active"`, `"modifierExtension":[{"url":"urn:x"}]`, at + ".modifierExtension", "fault.fhir.modifier"},
		{`"status":"active"`, `"occurrenceTiming":{"repeat":{}}`, at + ".occurrenceTiming", "fault.request.day"},
		{`"status":"active"`, `"patient":{"display":"x"}`, at + ".patient", "fault.fhir.patient"},
		{`"resourceType":"SupplyRequest"`, `"resourceType":"Patient"`, at + ".resourceType", "fault.fhir.resource"},
		{`"display":"Tents"`, `"display":""`, "", ""},
		{`"code":"TLP:GREEN"`, `"code":"TLP:WHITE"`, "Bundle.meta.security", "fault.fhir.code"},
		{`"meta":{`, `"meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST"}],`, "Bundle.meta.tag", "fault.fhir.exercise"},
	} {
		_, err := w.desks["KH"].DraftFHIR(w.Context(), duty, []byte(strings.Replace(good, c.old, c.new, 1)), []access.Member{"TH"})
		if c.key == "" {
			w.must(err) // the code alone still says what it is
			continue
		}
		w.named(err, c.field, c.key)
	}
}
