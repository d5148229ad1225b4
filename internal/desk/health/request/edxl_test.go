package request

import (
	"reflect"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/desk/health/edxl"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Every message that a record can be told as is written, read, and says the
// same; a request that comes back as a message makes the same draft.
func TestEDXL(t *testing.T) {
	w := join(t, nil)
	rid := w.issued(sample)
	w.deliver()
	oid := w.offered("TH", offerOf(rid, salts(600), medical(1)))
	w.deliver()
	seen := map[edxl.Type]bool{}
	tell := func(m access.Member, e *Page) {
		t.Helper()
		types := e.EDXLTypes()
		if len(types) == 0 {
			t.Errorf("%s: no message", e.Kind)
		}
		for _, kind := range types {
			x, err := e.EDXL(kind, w.clock.Now())
			w.must(err)
			raw, err := x.Encode()
			w.must(err)
			back, err := edxl.Decode(raw)
			w.must(err)
			if !reflect.DeepEqual(x, back) {
				t.Errorf("%s %s:\n%+v\n%+v", m, kind, x, back)
			}
			if strings.Contains(string(raw), "Pseudonym") {
				t.Error("a name leaves")
			}
			seen[kind] = true
		}
	}
	tell("TH", w.page("TH", rid))
	tell("TH", w.page("TH", oid))
	w.step("KH", approver, oid, "accept", StepInput{})
	w.deliver()
	tell("KH", w.page("KH", oid))
	tell("TH", w.page("TH", w.offered("TH", to("KH", offerOf("", OfferLine{Category: "equipment", Item: "Generator", Qty: 1, Unit: "piece", Cost: "loan"})))))
	tell("KH", w.page("KH", w.consigned("TH", oid, w.agreed("TH", oid))))
	d := w.planned("rrt", "", "")
	w.step("SG", duty, d, "list_people", StepInput{Manifest: secret})
	tell("SG", w.page("SG", d))

	w.comesIn(rid)
	for _, want := range []edxl.Type{edxl.RequestResource, edxl.ResponseToRequestResource, edxl.RequisitionResource, edxl.CommitResource, edxl.OfferUnsolicitedResource, edxl.ReportResourceDeployment} {
		if !seen[want] {
			t.Errorf("%s was not told", want)
		}
	}
}

// comesIn drafts a request from a message, and refuses one of another kind.
func (w *wire) comesIn(rid id.ID) {
	w.Helper()
	x, err := w.page("TH", rid).EDXL(edxl.RequestResource, w.clock.Now())
	w.must(err)
	in, err := RequestOf(x)
	w.must(err)
	if in.Title != sample.Title || in.Authority != sample.Authority || in.EventName != sample.EventName || in.Context != sample.Context {
		w.Errorf("%+v", in)
	}
	for i, l := range in.Lines {
		want := sample.Lines[i]
		want.Days, want.N = 0, 0 // the message has no place for a duration
		if !reflect.DeepEqual(l, want) {
			w.Errorf("line %d:\n%+v\n%+v", i+1, l, want)
		}
	}
	in.To = []access.Member{"TH"}
	_, err = w.desks["KH"].DraftRequest(w.Context(), duty, in)
	w.must(err)
	x.Type = edxl.ReleaseResource
	_, err = RequestOf(x)
	w.refused(fault.Invalid, err)
}
