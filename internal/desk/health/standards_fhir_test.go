package health

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"lintas/internal/access"
	"lintas/internal/desk/health/fhir"
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

type read struct {
	bundle         r4.Bundle
	organisations  []r4.Organization
	communications []r4.Communication
	measures       []r4.MeasureReport
}

func readBundle(t *testing.T, b fhir.Bundle) read {
	t.Helper()
	raw, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	out := read{bundle: strict[r4.Bundle](t, raw)}
	known := map[string]bool{}
	for _, e := range out.bundle.Entry {
		if known[*e.FullUrl] {
			t.Errorf("%s is there twice", *e.FullUrl)
		}
		known[*e.FullUrl] = true
		var kind struct {
			ResourceType string `json:"resourceType"`
		}
		if err := json.Unmarshal(e.Resource, &kind); err != nil {
			t.Fatal(err)
		}
		switch kind.ResourceType {
		case "Organization":
			out.organisations = append(out.organisations, strict[r4.Organization](t, e.Resource))
		case "Communication":
			out.communications = append(out.communications, strict[r4.Communication](t, e.Resource))
		case "MeasureReport":
			out.measures = append(out.measures, strict[r4.MeasureReport](t, e.Resource))
		default:
			t.Errorf("a resource of type %q", kind.ResourceType)
		}
	}
	c := out.communications[0]
	for _, r := range append(c.Recipient, *c.Sender) {
		if !known[*r.Reference] {
			t.Errorf("%s leads nowhere", *r.Reference)
		}
	}
	for _, m := range out.measures {
		if !known[*m.Reporter.Reference] {
			t.Errorf("%s leads nowhere", *m.Reporter.Reference)
		}
	}
	return out
}

func TestFHIRBundle(t *testing.T) {
	a := alerted(func(a *Alerted) {
		a.View.Event.Withheld = []Block{BlockDates}
		a.View.Event.Facts = []FactView{
			{Indicator: "cases", Class: "confirmed", Place: "TH", Value: 5, Source: "MoPH", AsOf: issued, Revision: 1},
			{Indicator: "cases", Class: "confirmed", Place: "TH-10", Value: 3, Source: "MoPH", AsOf: issued, Revision: 1},
			{Indicator: "cases", Class: "confirmed", Place: "TH-11", Value: 0, Source: "MoPH", AsOf: issued, Revision: 1},
			{Indicator: "cases", Class: "confirmed", Place: "TH-12", Source: "MoPH", AsOf: issued, Revision: 1, Suppressed: true},
			{Indicator: "deaths", Place: "TH", Value: 1, From: "2020-01-06", To: "2020-01-12", Source: "MoPH", AsOf: issued, Revision: 1},
			{Indicator: "tests", Place: "TH", Value: 5, Of: 40, Source: "Lab", AsOf: issued, Revision: 1},
		}
	})
	got := readBundle(t, a.FHIR(false))
	if got.bundle.Meta.Tag != nil || *got.bundle.Meta.Security[0].Code != "TLP:AMBER" || len(got.organisations) != 3 || len(got.communications) != 1 || len(got.measures) != 3 {
		t.Fatalf("%d organisations, %d communications, %d measures", len(got.organisations), len(got.communications), len(got.measures))
	}
	c := got.communications[0]
	if c.Status.Code() != "completed" || c.Priority.Code() != "asap" || len(c.Recipient) != 2 || c.Payload[0].ContentString != "One & only." ||
		*c.ReasonCode[0].Coding[0].Code != "1A00" || len(c.Note) != 1 {
		t.Errorf("%+v", c)
	}
	cases, deaths, tests := got.measures[0], got.measures[1], got.measures[2]
	if cases.Measure != "urn:lintas:measure:cases:confirmed" || *cases.Group[0].Population[0].Count != 5 || *cases.Period.Start != "2020-01-08" {
		t.Errorf("%+v", cases)
	}
	strata := cases.Group[0].Stratifier[0].Stratum
	if len(strata) != 3 || *strata[0].Population[0].Count != 3 || *strata[1].Population[0].Count != 0 || strata[2].Population != nil {
		t.Errorf("reported 0 stays 0, and a suppressed cell has no count: %+v", strata)
	}
	if *deaths.Period.Start != "2020-01-06" || *deaths.Period.End != "2020-01-12" || len(tests.Group[0].Population) != 2 || *tests.Group[0].Population[1].Count != 40 {
		t.Errorf("%+v %+v", deaths, tests)
	}
}

func TestFHIRWithdrawnAndExercise(t *testing.T) {
	a := alerted(func(a *Alerted) {
		confirmedCases(a)
		a.Withdrawn, a.Reason, a.Exercise = issued.Add(time.Hour), "sent to the wrong list", "drill"
		a.Replaces = &Earlier{Release: "0190a000-0000-7000-8000-000000000009", Issued: issued}
	})
	b := a.FHIR(false)
	got := readBundle(t, b)
	c := got.communications[0]
	if c.Status.Code() != "entered-in-error" || c.Payload != nil || c.Topic != nil || len(got.measures) != 0 || len(c.InResponseTo) != 1 || *got.bundle.Meta.Tag[0].Code != "HTEST" {
		t.Errorf("%+v", c)
	}
	raw, _ := b.Encode()
	for _, gone := range []string{"One & only", "First <case>", "Three cases"} {
		if strings.Contains(string(raw), gone) {
			t.Errorf("%q is in what was withdrawn", gone)
		}
	}
	if again := a.FHIR(false); again.ID != b.ID || again.Entry[0].FullURL != b.Entry[0].FullURL {
		t.Error("made twice, it is two things")
	}
	a.Marking = access.TLPRed
	if a := readBundle(t, a.FHIR(true)); *a.bundle.Meta.Security[0].Code != "TLP:RED" {
		t.Error("the marking is lost")
	}
}
