package request

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// listParameter is the list of properties of a line that FHIR has no element
// for.
const listParameter = "urn:lintas:request:parameter"

// Extensions of a delivery: what was sent, and how it came.
const (
	extLot     = "urn:lintas:fhir:lot"
	extExpiry  = "urn:lintas:fhir:expiry"
	extETA     = "urn:lintas:fhir:estimated-arrival"
	extSent    = "urn:lintas:fhir:sent"
	extShort   = "urn:lintas:fhir:short"
	extDamaged = "urn:lintas:fhir:damaged"
)

// goods are the categories that FHIR has a request for.
var goods = []string{"equipment", "supplies"}

var (
	fhirPriority = map[string]string{"life_saving": "stat", "urgent": "urgent", "needed": "routine"}
	ourPriority  = map[string]string{"stat": "life_saving", "asap": "urgent", "urgent": "urgent", "routine": "needed"}
	fhirOver     = map[workflow.State]string{"": "active", Closed: "completed", Expired: "cancelled", Withdrawn: "cancelled"}
)

// FHIRType is the FHIR resource that the record's goods can be told as, or
// nothing: a request once it was issued, a consignment once the receiver knows
// of it.
func (e *Entry) FHIRType() string {
	switch {
	case e.Request != nil && e.Request.Sent != nil && len(e.Request.Sent.goods()) > 0:
		return "SupplyRequest"
	case e.Consignment != nil && e.Consignment.Shipment.Seq > 0 && e.Consignment.Shipment.Carries == Goods:
		return "SupplyDelivery"
	}
	return ""
}

// FHIR tells the goods of the record as a bundle. It carries what was released,
// and never a name of a person: contacts stay out.
func (e *Entry) FHIR() (*fhir.Bundle, bool) {
	meta := &fhir.Meta{Security: []fhir.Coding{{System: fhir.SystemTLP, Code: string(e.Head().Marking)}}}
	if e.Head().Exercise != "" {
		meta.Tag = []fhir.Coding{fhir.TestData()}
	}
	switch e.FHIRType() {
	case "SupplyRequest":
		return e.Request.Sent.fhir(meta), true
	case "SupplyDelivery":
		return e.Consignment.fhir(meta), true
	}
	return nil, false
}

func (v *RequestView) goods() []Line {
	return slices.DeleteFunc(slices.Clone(v.Lines), func(l Line) bool { return !slices.Contains(goods, l.Category) })
}

// resourceID is the same for the same thing wherever it is said.
func resourceID(urn string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(urn)).String()
}

func fullURL(resource string) string { return "urn:uuid:" + resource }

func uri(s string) []fhir.Identifier { return []fhir.Identifier{{System: fhir.SystemURI, Value: s}} }

// lineURN names a line of a request through all its versions.
func lineURN(m access.Member, rid id.ID, n int) string {
	return "urn:lintas:" + string(m) + ":" + string(rid) + ":line:" + strconv.Itoa(n)
}

func newBundle(meta *fhir.Meta, urn string, at time.Time) *fhir.Bundle {
	return &fhir.Bundle{ResourceType: "Bundle", ID: resourceID(urn), Meta: meta, Identifier: uri(urn)[0], Type: "collection", Timestamp: fhir.Instant(at)}
}

func add(b *fhir.Bundle, resource string, r any) {
	b.Entry = append(b.Entry, fhir.Entry{FullURL: fullURL(resource), Resource: r})
}

// addMember adds a member as an organisation and refers to it.
func addMember(b *fhir.Bundle, m access.Member, name, lang string) fhir.Reference {
	o := fhir.Organization{ResourceType: "Organization", ID: resourceID(health.CAPSender(m)), Identifier: uri(health.CAPSender(m)), Name: cmp.Or(name, place.Name(string(m), lang))}
	add(b, o.ID, o)
	return fhir.Reference{Reference: fullURL(o.ID), Display: place.Name(string(m), lang)}
}

func (v *RequestView) fhir(meta *fhir.Meta) *fhir.Bundle {
	b := newBundle(meta, urn(v.From, v.ID, v.Seq), v.Issued)
	from := addMember(b, v.From, v.Authority, v.Lang)
	var to, about []fhir.Reference
	for _, m := range v.To {
		to = append(to, addMember(b, m, "", v.Lang))
	}
	var reason []fhir.Concept
	if v.EventName != "" {
		reason = []fhir.Concept{{Text: v.EventName}}
	}
	lines := v.goods()
	for _, l := range lines {
		about = append(about, fhir.Reference{Reference: fullURL(resourceID(lineURN(v.From, v.ID, l.N)))})
	}
	c := fhir.Communication{ResourceType: "Communication", ID: resourceID(b.Identifier.Value + ":told"), Meta: meta, Language: v.Lang, Identifier: uri(b.Identifier.Value), Status: "completed",
		Topic: &fhir.Concept{Text: v.Title}, About: about, Sent: b.Timestamp, Recipient: to, Sender: from, ReasonCode: reason}
	if v.Context != "" {
		c.Payload = []fhir.Payload{{ContentString: v.Context}}
	}
	add(b, c.ID, c)
	for _, l := range lines {
		name := lineURN(v.From, v.ID, l.N)
		r := l.fhir()
		r.ID, r.Meta, r.Language, r.Identifier, r.Status = resourceID(name), meta, v.Lang, uri(name), fhirOver[v.Over]
		r.AuthoredOn, r.Requester, r.Supplier, r.ReasonCode = b.Timestamp, &from, to, reason
		add(b, r.ID, r)
	}
	return b
}

func amount(n int64, unit string) fhir.Quantity {
	return fhir.Quantity{Value: json.Number(strconv.FormatInt(n, 10)), Unit: unit}
}

func (l *Line) fhir() fhir.SupplyRequest {
	r := fhir.SupplyRequest{ResourceType: "SupplyRequest", Category: &fhir.Concept{Coding: []fhir.Coding{{System: listCategory, Code: l.Category}}}, Priority: fhirPriority[l.Priority],
		Item: &fhir.Concept{Text: l.Item}, Quantity: amount(l.Qty, l.Unit), OccurrenceDateTime: l.NeededBy}
	if l.Place != "" {
		r.DeliverTo = &fhir.Reference{Display: l.Place}
	}
	put := func(code string, p fhir.Parameter) {
		p.Code = &fhir.Concept{Coding: []fhir.Coding{{System: listParameter, Code: code}}}
		r.Parameter = append(r.Parameter, p)
	}
	for _, t := range []struct{ code, s string }{{"specification", l.Spec}, {"entry", l.Entry}, {"words", l.OtherWords}} {
		if t.s != "" {
			put(t.code, fhir.Parameter{ValueConcept: &fhir.Concept{Text: t.s}})
		}
	}
	for _, t := range []struct {
		code string
		of   []string
	}{{"support", l.Support}, {"formality", l.Formality}, {"repayment", []string{l.Repayment}}} {
		for _, s := range t.of {
			if s != "" {
				put(t.code, fhir.Parameter{ValueConcept: &fhir.Concept{Coding: []fhir.Coding{{System: "urn:lintas:request:" + t.code, Code: s}}}})
			}
		}
	}
	for _, t := range []struct {
		code string
		n    int64
	}{{"days", l.Days}, {"self-days", l.SelfDays}} {
		if t.n > 0 {
			q := amount(t.n, "d")
			q.System, q.Code = fhir.SystemUCUM, "d"
			put(t.code, fhir.Parameter{ValueQuantity: &q})
		}
	}
	return r
}

func (c *Consignment) fhir(meta *fhir.Meta) *fhir.Bundle {
	s, at := &c.Shipment, c.Shipment.At
	if c.Receipt.At.After(at) {
		at = c.Receipt.At
	}
	b := newBundle(meta, urn(c.From, c.ID, s.Seq)+":"+strconv.Itoa(c.Receipt.Seq), at)
	from := addMember(b, c.From, "", "en")
	name := place.Name(string(c.To), "en")
	for _, it := range s.Items {
		d := c.delivery(it)
		own := lineURN(c.From, c.ID, it.N)
		d.ID, d.Meta, d.Identifier, d.Supplier = resourceID(own), meta, uri(own), &from
		d.Destination = &fhir.Reference{Identifier: &uri(health.CAPSender(c.To))[0], Display: name}
		if s.Place != "" {
			d.Destination.Display = s.Place + ", " + name
		}
		add(b, d.ID, d)
	}
	return b
}

// delivery is one line of a consignment. What was received is completed with
// the quantity that came whole; where nothing came whole, or the consignment
// was cancelled, it is abandoned with the quantity that was meant to come.
func (c *Consignment) delivery(it Item) fhir.SupplyDelivery {
	q := amount(it.Qty, it.Unit)
	d := fhir.SupplyDelivery{ResourceType: "SupplyDelivery", Status: "in-progress", SuppliedItem: &fhir.SuppliedItem{Quantity: &q, Item: &fhir.Concept{Text: it.What}}}
	if it.For > 0 && c.Request != "" {
		d.BasedOn = []fhir.Reference{{Identifier: &uri(lineURN(c.To, c.Request, it.For))[0]}}
	}
	if it.Lot != "" {
		d.Extension = append(d.Extension, fhir.Extension{URL: extLot, ValueString: it.Lot})
	}
	for _, day := range []struct{ url, day string }{{extExpiry, it.Until}, {extETA, c.Shipment.ETA}} {
		if day.day != "" {
			d.Extension = append(d.Extension, fhir.Extension{URL: day.url, ValueDate: day.day})
		}
	}
	got, received := c.Receipt.Of(it.N)
	switch {
	case received && got.OK > 0:
		d.Status, q = "completed", amount(got.OK, it.Unit)
	case received || c.Shipment.State == Cancelled:
		d.Status = "abandoned"
	}
	if received {
		d.OccurrenceDateTime = c.Receipt.Day
		for _, n := range []struct {
			url string
			n   int64
		}{{extSent, it.Qty}, {extShort, got.Short}, {extDamaged, got.Damaged}} {
			d.Extension = append(d.Extension, fhir.Extension{URL: n.url, ValueInteger: &n.n})
		}
	}
	return d
}

// DraftFHIR drafts a request from a bundle of SupplyRequests, addressed to
// those that are named. What is tagged as test data becomes a draft only while
// an exercise is played.
func (d *Desk) DraftFHIR(ctx context.Context, a access.Actor, raw []byte, to []access.Member) (Request, error) {
	b, err := fhir.Decode(raw)
	if err != nil {
		return Request{}, err
	}
	in, err := RequestOfFHIR(b, d.env.Exercise != nil && d.env.Exercise() != "")
	if err != nil {
		return Request{}, err
	}
	in.To = to
	return d.DraftRequest(ctx, a, in)
}
