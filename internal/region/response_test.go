package region

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/request"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// response is a region in which Cambodia asks for help, and Thailand,
// Singapore, Viet Nam and the regional desk do their part. The other states
// are there because a level with a dissent needs six that stand behind it.
type response struct {
	rules
	lead id.ID // the request of KH
}

// five are the nodes at which every outcome is compared.
var five = []access.Member{"KH", "TH", "SG", "VN", access.ASEC}

// The response over real nodes: help asked for, offered, agreed, carried and
// received short; one regional report with a silent member; a level raised
// against one dissent, over at its review date.
func TestResponse(t *testing.T) {
	if testing.Short() {
		t.Skip("runs twelve nodes")
	}
	w := &response{rules: rules{t: t, ctx: t.Context(), r: open(t)}}
	w.at(time.Now().UTC().Truncate(time.Second))
	th, sg := w.asked()
	w.matched(th, sg)
	w.carried(th, w.agreed(th))
	kh, f := w.grouped()
	w.reported(kh, f)
	w.levelled(f)
}

// at stops the region's clock at a time.
func (w *response) at(now time.Time) { w.r.clock.Start(now, 0) }

func (w *response) later(d time.Duration) { w.at(w.r.clock.Now().Add(d)) }

func (w *response) until(what string, ok func() bool) {
	w.t.Helper()
	within(w.t, 30*time.Second, what, ok)
}

func (w *response) step(m access.Member, role access.Role, rid id.ID, verb string, in request.StepInput) {
	w.t.Helper()
	if err := w.node(m).Requests.Step(w.ctx, w.as(m, role), rid, 0, verb, in); err != nil {
		w.t.Fatalf("%s %s: %v", m, verb, err)
	}
}

// refused wants that a step fails at a member, whoever of it tries.
func (w *response) refused(m access.Member, rid id.ID, verb string, in request.StepInput) {
	w.t.Helper()
	for _, who := range w.people(m) {
		if w.node(m).Requests.Step(w.ctx, who, rid, 0, verb, in) == nil {
			w.t.Errorf("%s of %s took the step %s", who.Name, m, verb)
		}
	}
}

// page is a record at a member once it holds.
func (w *response) page(m access.Member, rid id.ID, what string, holds func(p *request.Page) bool) request.Page {
	w.t.Helper()
	var p request.Page
	w.until(what+" at "+string(m), func() bool {
		var err error
		p, err = w.node(m).Requests.Page(w.ctx, w.as(m, dutyRole(m)), rid)
		return err == nil && holds(&p)
	})
	return p
}

func is(states ...workflow.State) func(p *request.Page) bool {
	return func(p *request.Page) bool { return slices.Contains(states, p.Head().State) }
}

func (w *response) released(m access.Member, rid id.ID) {
	w.t.Helper()
	w.step(m, access.DutyOfficer, rid, "submit", request.StepInput{})
	w.step(m, access.Approver, rid, "clear", request.StepInput{})
	w.step(m, access.DutyOfficer, rid, "issue", request.StepInput{})
}

// asked is the request of Cambodia and what Thailand and Singapore offer.
func (w *response) asked() (th, sg id.ID) {
	w.t.Helper()
	r, err := w.node("KH").Requests.DraftRequest(w.ctx, w.as("KH", access.DutyOfficer), request.RequestInput{To: []access.Member{"TH", "SG", access.ASEC},
		Content: request.Content{Title: "Help with cholera in the east (sample)", Context: "Wards are full.", Authority: "Ministry of Health", Lang: "en",
			Hazard: "cholera", EventName: "Cholera (sample)", Hours: 24, Marking: access.TLPAmber, Valid: future(40), Lines: []request.Line{
				{Category: "supplies", Item: "Oral rehydration salts", Qty: 1000, Unit: "box", Priority: "life_saving", NeededBy: future(5), Entry: "PNH", Place: "KH-7"}}}})
	w.must(err)
	w.released("KH", r.ID)
	w.lead = r.ID
	offer := func(m access.Member, qty int64) id.ID {
		w.page(m, r.ID, "the request", is(request.Received))
		w.refused(m, r.ID, "withdraw", request.StepInput{Words: "Not theirs."})
		o, err := w.node(m).Requests.DraftOffer(w.ctx, w.as(m, access.DutyOfficer), request.OfferInput{Inform: []access.Member{access.ASEC},
			OfferContent: request.OfferContent{Title: "Salts (sample)", Entity: "Medical stores", Authority: "Ministry of Health", Lang: "en", Request: r.ID, Marking: access.TLPAmber,
				Valid: future(20), Lines: []request.OfferLine{{For: 1, Category: "supplies", Item: "Oral rehydration salts", Qty: qty, Unit: "box", Cost: "free", ETA: future(4)}}}})
		w.must(err)
		w.released(m, o.ID)
		w.page("KH", o.ID, "the offer of "+string(m), is(request.Received))
		return o.ID
	}
	return offer("TH", 600), offer("SG", 700)
}

// reach is how far the one line of the request is met, at its owner.
func (w *response) reach(committed, sent, came int64) {
	w.t.Helper()
	m, err := w.node("KH").Requests.Matching(w.ctx, w.as("KH", access.DutyOfficer), w.lead)
	w.must(err)
	l := m.Lines[0]
	if l.Asked != 1000 || l.Offered != 1300 || l.Committed != committed || l.Sent != sent || l.Came != came || l.Commit != request.Partial {
		w.t.Errorf("the line: %+v, want %d, %d, %d", l, committed, sent, came)
	}
}

func (w *response) matched(th, sg id.ID) {
	w.t.Helper()
	w.step("KH", access.Approver, th, "accept", request.StepInput{})
	w.refused("KH", sg, "accept", request.StepInput{}) // 600 and 700 are more than was asked for
	w.step("KH", access.Approver, sg, "accept_part", request.StepInput{Taken: []request.Taken{{N: 1, Qty: 300}}})
	w.page("TH", th, "the acceptance", is(request.Accepted))
	p := w.page("SG", sg, "the acceptance in part", is(request.Partly))
	if got := p.Offer.Decision.TakenOf(1).Qty; got != 300 {
		w.t.Errorf("SG reads that %d were taken", got)
	}
	w.reach(900, 0, 0)
}

// agreed is the arrangement between Thailand and Cambodia. Both signatures are
// valid at both nodes, and for Singapore, which is no party to it.
func (w *response) agreed(offer id.ID) id.ID {
	w.t.Helper()
	a, err := w.node("TH").Requests.DraftArrangement(w.ctx, w.as("TH", access.DutyOfficer), request.ArrangementInput{Peer: "KH", Sends: true, Title: "Salts (sample)",
		Request: w.lead, Offer: offer, Scope: []request.ScopeLine{{What: "Oral rehydration salts", Qty: 600, Unit: "box", Cost: "free"}}, From: future(0), Until: future(30),
		Lang: "en", Marking: access.TLPAmber, Clauses: []request.Clause{{Key: "liability", Text: "Each side bears its own."}}})
	w.must(err)
	w.step("TH", access.DutyOfficer, a.ID, "propose", request.StepInput{})
	p := w.page("KH", a.ID, "the text", is(request.Proposed))
	digest := p.Arrangement.Waiting()[0]
	w.step("KH", access.Approver, a.ID, "sign", request.StepInput{Digest: digest})
	p = w.page("TH", a.ID, "the signature of KH", func(p *request.Page) bool { return p.Arrangement.SignedBy("KH", digest) != nil })
	if p.Arrangement.Holds != "" {
		w.t.Error("in force with one signature")
	}
	w.step("TH", access.Approver, a.ID, "sign", request.StepInput{Digest: digest})
	for _, m := range []access.Member{"TH", "KH"} {
		p := w.page(m, a.ID, "the arrangement in force", is(request.InForce))
		checks := w.node(m).Requests.Signatures(p.Arrangement, digest)
		if len(checks) != 2 || !checks[0].Valid || !checks[1].Valid || checks[0].Member == checks[1].Member {
			w.t.Errorf("signatures at %s: %+v", m, checks)
		}
		raw, err := w.node(m).Requests.Proof(w.ctx, w.as(m, access.Auditor), a.ID)
		w.must(err)
		v, err := w.node("SG").Requests.CheckProof(raw)
		if err != nil || v.Holds != digest || len(v.Checks) != 2 || slices.ContainsFunc(v.Checks, func(c request.ProofResult) bool { return !c.Signed || !c.Known }) {
			w.t.Errorf("Singapore on the file of %s: %+v %v", m, v, err)
		}
	}
	return a.ID
}

// carried is the consignment: held at customs, let go, received short.
func (w *response) carried(offer, arrangement id.ID) {
	w.t.Helper()
	c, err := w.node("TH").Requests.Allocate(w.ctx, w.as("TH", access.DutyOfficer), request.ShipmentInput{Link: request.Link{Offer: offer, Arrangement: arrangement, Marking: access.TLPAmber},
		Shipment: request.Shipment{Title: "Salts (sample)", Carries: request.Goods, Items: []request.Item{{For: 1, What: "Oral rehydration salts", Qty: 600, Unit: "box", Lot: "L-7"}}}})
	w.must(err)
	duty := access.DutyOfficer
	w.step("TH", duty, c.ID, "pack", request.StepInput{Packages: 30, Kilograms: 900})
	w.step("TH", duty, c.ID, "ship", request.StepInput{Carrier: "Air cargo (sample)", Waybill: "217-0001", Entry: "PNH", ETD: future(1), ETA: future(2)})
	stage := func(want string) func(p *request.Page) bool {
		return func(p *request.Page) bool { return p.Consignment.Stage() == want }
	}
	w.page("KH", c.ID, "the consignment", stage("shipped"))
	w.reach(900, 600, 0)
	w.step("KH", duty, c.ID, "hold", request.StepInput{Words: "A permit is missing.", Ref: "CUS-1"})
	w.page("TH", c.ID, "the hold", stage("customs_hold"))
	w.refused("TH", c.ID, "release", request.StepInput{}) // the receiver's half
	w.step("KH", duty, c.ID, "release", request.StepInput{})
	w.step("KH", duty, c.ID, "confirm", request.StepInput{Day: future(0), Got: []request.Got{{N: 1, OK: 500, Short: 80, Damaged: 20, Words: "Two pallets were wet."}}})
	p := w.page("TH", c.ID, "the receipt", stage("received"))
	if g, _ := p.Consignment.Receipt.Of(1); g.OK != 500 || g.Short != 80 || g.Damaged != 20 {
		w.t.Errorf("TH reads the receipt as %+v", g)
	}
	w.step("TH", duty, c.ID, "reconcile", request.StepInput{Words: "80 follow, 20 are written off."})
	w.page("KH", c.ID, "the end", is(request.Reconciled))
	w.reach(900, 500, 500)
}

// event records an event of a state with its cases.
func (w *response) recorded(m access.Member, cases int64) id.ID {
	w.t.Helper()
	e, err := w.node(m).Health.RecordEvent(w.ctx, w.as(m, access.DutyOfficer), health.EventInput{Name: "Cholera, " + string(m) + " (sample)", Lang: "en", Hazard: "cholera",
		Grade: health.Warning, Marking: access.TLPAmber, Places: []string{string(m)}},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: string(m), Value: cases, Source: "Ministry of " + string(m) + " (sample)", AsOf: w.r.clock.Now()}})
	w.must(err)
	return e.ID
}

// grouped is the family of the events, shared with everybody.
func (w *response) grouped() (event, of id.ID) {
	w.t.Helper()
	event = w.recorded("KH", 114)
	f, err := w.node("KH").Families.Make(w.ctx, w.as("KH", access.DutyOfficer), family.Input{Name: "Cholera on the border (sample)", Lang: "en", Hazard: "cholera", Marking: access.TLPAmber}, []id.ID{event})
	w.must(err)
	_, err = w.node("KH").Families.Share(w.ctx, w.as("KH", access.Approver), f.ID, 0, without("KH"))
	w.must(err)
	for _, m := range without("KH") {
		w.until("the family at "+string(m), func() bool {
			_, err := w.node(m).Families.Page(w.ctx, access.Node(m), f.ID)
			return err == nil
		})
	}
	return event, f.ID
}

func without(m access.Member) []access.Member {
	return slices.DeleteFunc(access.All(), func(x access.Member) bool { return x == m })
}

func (w *response) input(m access.Member) sitrep.ReportInput {
	now := w.r.clock.Now()
	return sitrep.ReportInput{Title: "Cholera (sample)", Lang: "en", From: now.AddDate(0, 0, -6).Format(time.DateOnly), Until: now.Format(time.DateOnly), AsOf: now, Next: now.Add(48 * time.Hour),
		Authority: "Sample authority", Highlights: []string{"Cases go on."}, Marking: access.TLPAmber, To: without(m)}
}

func (w *response) issued(m access.Member, r sitrep.Report) sitrep.Report {
	w.t.Helper()
	writer := w.as(m, dutyRole(m))
	for _, s := range []struct {
		by   access.Actor
		verb workflow.Verb
	}{{writer, "submit"}, {w.as(m, access.Approver), "clear"}, {writer, "issue"}} {
		var err error
		if r, err = w.node(m).Reports.Step(w.ctx, s.by, r.ID, 0, s.verb, ""); err != nil {
			w.t.Fatalf("%s %s: %v", m, s.verb, err)
		}
	}
	return r
}

// reported is the regional report: two states give numbers, one has nothing to
// report, and Viet Nam stays silent.
func (w *response) reported(khEvent, of id.ID) {
	w.t.Helper()
	desk, asec := w.as(access.ASEC, access.SecretariatDsk), w.node(access.ASEC).Reports
	in := w.input(access.ASEC)
	r, err := asec.Open(w.ctx, desk, of, sitrep.OpenInput{Title: in.Title, Lang: "en", From: in.From, Until: in.Until, CutOff: in.AsOf.Add(6 * time.Hour), Next: in.Next,
		Authority: in.Authority, Asked: []access.Member{"KH", "TH", "SG", "VN"}, Marking: access.TLPAmber})
	w.must(err)
	given := map[access.Member]sitrep.Report{}
	for m, event := range map[access.Member]id.ID{"KH": khEvent, "TH": w.recorded("TH", 5), "SG": ""} {
		d, duty := w.node(m).Reports, w.as(m, access.DutyOfficer)
		w.until("the call at "+string(m), func() bool { _, err := d.Call(w.ctx, duty, r.ID); return err == nil })
		var x sitrep.Report
		if event == "" {
			x, err = d.DraftNothing(w.ctx, duty, r.ID, w.input(m))
		} else {
			x, err = d.Draft(w.ctx, duty, event, r.ID, w.input(m))
		}
		w.must(err)
		given[m] = w.issued(m, x)
	}
	w.until("the inputs at the regional desk", func() bool {
		p, err := asec.Page(w.ctx, desk, r.ID)
		return err == nil && len(p.View.Missing()) == 1
	})
	if _, err := asec.Compose(w.ctx, desk, r.ID, 0); err == nil {
		w.t.Error("composed while Viet Nam has time until the cut-off")
	}
	w.later(7 * time.Hour)
	_, err = asec.Compose(w.ctx, desk, r.ID, 0)
	w.must(err)
	r, err = asec.Edit(w.ctx, desk, r.ID, 0, in)
	w.must(err)
	r = w.issued(access.ASEC, r)
	for _, m := range five {
		w.sameReport(m, r.ID, given)
	}
}

// sameReport: every number keeps member, source and release; silence and
// "nothing" are words, with no number behind them.
func (w *response) sameReport(m access.Member, rid id.ID, given map[access.Member]sitrep.Report) {
	w.t.Helper()
	var p sitrep.Page
	w.until("the regional report at "+string(m), func() bool {
		var err error
		p, err = w.node(m).Reports.Page(w.ctx, w.as(m, dutyRole(m)), rid)
		return err == nil && p.View.State == sitrep.Issued
	})
	_, lines := sitrep.Overview(&p.View)
	want := map[string]sitrep.Why{"KH": sitrep.Told, "TH": sitrep.Told, "SG": sitrep.NoneHere, "VN": sitrep.NoReport}
	if len(lines) != len(want) || !slices.Equal(p.View.Missing(), []access.Member{"VN"}) {
		w.t.Fatalf("at %s: %d lines, missing %v", m, len(lines), p.View.Missing())
	}
	for _, l := range lines {
		c, own := l.Cells[0], access.Member(l.Place)
		if c.Why != want[l.Place] || c.Why != sitrep.Told && len(c.Figure.Values) != 0 {
			w.t.Errorf("at %s: %s is %s with %+v", m, l.Place, c.Why, c.Figure)
			continue
		}
		if v, ok := c.Figure.Single(); c.Why == sitrep.Told && (!ok || v.Value != map[access.Member]int64{"KH": 114, "TH": 5}[own] || v.Member != own ||
			v.Source != "Ministry of "+l.Place+" (sample)" || v.Release != given[own].Release || v.Report != given[own].ID) {
			w.t.Errorf("at %s: %s is %+v", m, l.Place, v)
		}
	}
	for _, row := range sitrep.Table(&p.View) {
		if v := row[slices.Index(sitrep.TableHead, "value")]; row[slices.Index(sitrep.TableHead, "member")] == "VN" && v != nil {
			w.t.Errorf("at %s the table says %v of Viet Nam", m, v)
		}
	}
}
