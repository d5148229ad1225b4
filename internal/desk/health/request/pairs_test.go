package request

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

var secret = []Person{
	{Name: "Pseudonym Alpha", Nationality: "SG", Passport: "P-SECRET-1", Profession: "physician", Licence: "LIC-SECRET-1", Vaccines: "cholera", Leader: true},
	{Name: "Pseudonym Beta", Nationality: "MY", Passport: "P-SECRET-2", Profession: "nurse", Vaccines: "cholera"},
}

func (w *wire) planned(team string, offer, arrangement id.ID) id.ID {
	w.Helper()
	in := MissionInput{Link: Link{To: "KH", Offer: offer, Arrangement: arrangement, Marking: access.TLPAmber}, Line: 2,
		Mission: Mission{Title: "Medical team (sample)", Team: team, Teams: 1, People: 2, From: "2026-11-25", Until: "2026-12-15", Entry: "PNH", Place: "KH-7", ETA: "2026-11-25"}}
	if offer == "" {
		in.Line, in.Basis = 0, "Exchange of letters (sample)"
	}
	d, err := w.desks["SG"].PlanDeployment(w.Context(), duty, in)
	w.must(err)
	return d.ID
}

// A team from planned to debriefed: each side its own half, each step only
// when the other side is ready, and no name leaves the node.
func TestDeployment(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issued(sample)
		w.deliver()
		oid := w.offered("SG", offerOf(rid, medical(1)))
		w.deliver()
		w.step("KH", approver, oid, "accept", StepInput{})
		w.deliver()
		d := w.planned("emt_1_mobile", oid, w.agreed("SG", oid))
		w.step("SG", duty, d, "propose", StepInput{})
		w.deliver()
		w.no(fault.Invalid, "SG", duty, d, "ask_clearance", StepInput{}) // not accepted, no manifest
		w.step("KH", approver, d, "accept", StepInput{})
		w.no(fault.Invalid, "KH", ihr, d, "clear_entry", StepInput{People: 2, Until: "2026-12-20", Visa: "V-1"}) // nobody asked
		w.step("SG", duty, d, "list_people", StepInput{Manifest: secret})
		w.deliver()
		w.step("SG", duty, d, "ask_clearance", StepInput{})
		w.deliver()
		if !w.todo("KH", ihr, "entry") || w.page("KH", d).Head().Due.IsZero() {
			t.Error("the clock of the entry clearance does not run")
		}
		w.no(fault.Invalid, "SG", duty, d, "mobilise", StepInput{Carrier: "SQ-0 (sample)", ETD: "2026-11-25"})
		w.no(fault.Forbidden, "KH", duty, d, "clear_entry", StepInput{})
		w.no(fault.Invalid, "KH", ihr, d, "clear_entry", StepInput{People: 2})
		w.step("KH", ihr, d, "clear_entry", StepInput{People: 2, Until: "2026-12-20", Visa: "V-1", Licence: "L-1", Drugs: "D-1"})
		w.deliver()
		w.no(fault.Invalid, "KH", duty, d, "register", StepInput{Day: "2026-11-25"})
		w.step("SG", duty, d, "mobilise", StepInput{Carrier: "SQ-0 (sample)", ETD: "2026-11-25"})
		w.deliver()
		w.reach(rid, 2, Reach{Offered: 1, Committed: 1, Sent: 1, Commit: Partial, Transit: Partial, Fulfil: None})
		w.step("KH", duty, d, "register", StepInput{Day: "2026-11-25", Registered: "EMTCC-4"})
		w.deliver()
		w.step("SG", duty, d, "start", StepInput{})
		w.deliver()
		w.extended(d)
		w.no(fault.Invalid, "SG", duty, d, "demobilise", StepInput{})
		w.step("SG", duty, d, "demobilise", StepInput{Words: "Cases fall.", Day: "2026-12-20", Handover: "12 patients to the ward."})
		w.deliver()
		w.step("KH", duty, d, "confirm_departure", StepInput{Day: "2026-12-21"})
		w.deliver()
		w.step("SG", duty, d, "debrief", StepInput{Words: "480 consultations."})
		w.deliver()
		w.state("SG", d, Debriefed)
		w.state("KH", d, Over)
		w.reach(rid, 2, Reach{Offered: 1, Committed: 1, Sent: 1, Came: 1, Commit: Partial, Transit: Partial, Fulfil: Partial})
		w.noName(d)
	})
}

func (w *wire) extended(d id.ID) {
	w.Helper()
	w.no(fault.Invalid, "KH", ihr, d, "grant", StepInput{})
	w.no(fault.Invalid, "SG", duty, d, "ask_extension", StepInput{Until: "2026-12-01", Words: "Earlier."})
	w.step("SG", duty, d, "ask_extension", StepInput{Until: "2026-12-20", Words: "Cases still rise."})
	w.deliver()
	w.no(fault.Invalid, "KH", ihr, d, "decline", StepInput{})
	w.step("KH", ihr, d, "grant", StepInput{})
	w.no(fault.Invalid, "KH", ihr, d, "grant", StepInput{})
	w.deliver()
	if p := w.page("SG", d).Deployment; p.Stage() != "extended" || p.Ends() != "2026-12-20" {
		w.Fatalf("%s until %s", p.Stage(), p.Ends())
	}
}

// noName checks the bytes of everything that left, and what the host and an
// auditor at home see.
func (w *wire) noName(d id.ID) {
	w.Helper()
	for _, rel := range w.all {
		raw, err := json.Marshal(rel)
		w.must(err)
		for _, word := range []string{"Pseudonym", "SECRET", `"manifest"`, "passport"} {
			if strings.Contains(string(raw), word) {
				w.Fatalf("%s leaves in %s: %s", word, rel.Kind, raw)
			}
		}
	}
	host := w.page("KH", d).Deployment
	if host.Manifest != nil || host.Mission.People != 2 || !slices.Equal(host.Mission.Counts, []Count{{"physician", 1, 1}, {"nurse", 1, 0}}) {
		w.Errorf("the host sees %+v", host.Mission.Counts)
	}
	if p := w.page("SG", d); len(p.Deployment.Manifest) != 2 {
		w.Error("the sender lost the manifest")
	}
	p, err := w.desks["SG"].Page(w.Context(), auditor, d)
	w.must(err)
	if p.Deployment.Manifest != nil {
		w.Error("an auditor reads names")
	}
	if hits, err := w.desks["SG"].Search(w.Context(), duty, "Pseudonym", 10); err != nil || len(hits) != 0 {
		w.Error("the search finds people by name")
	}
	for _, h := range p.History {
		if strings.Contains(string(h.Detail), "Pseudonym") {
			w.Error("the history names people")
		}
	}
}

// A joint mission needs terms of reference and the host's consent, and the
// host clears the joint report.
func TestMissionNeedsConsent(t *testing.T) {
	each(t, func(w *wire) {
		d := w.planned("jmoir", "", "")
		w.no(fault.Invalid, "SG", duty, d, "propose", StepInput{})
		in := MissionInput{Link: Link{To: "KH", Basis: "Request of the host (sample)", Marking: access.TLPAmber}, Mission: w.page("SG", d).Deployment.Mission}
		in.Mission.ToR = Reference{Objectives: "Find the source.", Sectors: []string{"human", "animal"}, Outputs: "Joint report."}
		w.must(w.desks["SG"].EditDeployment(w.Context(), duty, d, 0, in))
		w.step("SG", duty, d, "propose", StepInput{})
		w.deliver()
		w.no(fault.Invalid, "KH", approver, d, "accept", StepInput{})
		w.step("KH", approver, d, "accept", StepInput{Consent: "The ministry consents (sample)."})
		w.deliver()
		w.step("SG", duty, d, "cancel", StepInput{Words: "Not needed."})
		w.deliver()
		w.state("KH", d, Cancelled)
		d = w.planned("rrt", "", "")
		w.step("SG", duty, d, "propose", StepInput{})
		w.deliver()
		w.no(fault.Invalid, "KH", approver, d, "refuse", StepInput{})
		w.step("KH", approver, d, "refuse", StepInput{Words: "We have our own."})
		w.deliver()
		if !w.todo("SG", duty, "team_refused") {
			t.Error("the sender is not told")
		}
	})
}

// Specimens cross a border with their papers only, and the results come back.
func TestLaboratoryReferral(t *testing.T) {
	each(t, func(w *wire) {
		c, err := w.desks["TH"].Allocate(w.Context(), duty, ShipmentInput{Link: Link{To: "SG", Basis: "Laboratory network (sample)", Marking: access.TLPAmber},
			Shipment: Shipment{Title: "Referral (sample)", Carries: Specimens, Packages: 1, Carrier: "Courier (sample)", Waybill: "W-1", ETA: "2026-11-25",
				Items: []Item{{What: "TH-LAB-0001", Spec: "stool", Qty: 2, Unit: "tube"}}}})
		w.must(err)
		w.step("TH", duty, c.ID, "pack", StepInput{})
		w.no(fault.Invalid, "TH", duty, c.ID, "ship", StepInput{})
		w.step("TH", duty, c.ID, "cancel", StepInput{Words: "Without papers."})
		w.deliver()
		w.state("SG", c.ID, Cancelled)
		c, err = w.desks["TH"].Allocate(w.Context(), duty, ShipmentInput{Link: Link{To: "SG", Basis: "Laboratory network (sample)", Marking: access.TLPAmber},
			Shipment: Shipment{Title: "Referral (sample)", Carries: Specimens, Packages: 1, Carrier: "Courier (sample)", Waybill: "W-1", ETA: "2026-11-25", Dangerous: "UN 3373",
				Permit: "EXP-1", Transfer: "MTA-1", Items: []Item{{What: "TH-LAB-0001", Spec: "stool", Qty: 2, Unit: "tube"}}}})
		w.must(err)
		w.step("TH", duty, c.ID, "pack", StepInput{})
		w.step("TH", duty, c.ID, "ship", StepInput{})
		w.deliver()
		got := StepInput{Day: "2026-11-25", Got: []Got{{N: 1, OK: 2}}}
		w.no(fault.Invalid, "SG", duty, c.ID, "confirm", got)
		got.Ref = "IMP-1"
		w.step("SG", duty, c.ID, "confirm", got)
		w.step("SG", duty, c.ID, "report", StepInput{Got: []Got{{N: 1, Result: "Vibrio cholerae O1", Access: "EPI-0 (sample)"}}})
		w.deliver()
		if g, _ := w.page("TH", c.ID).Consignment.Receipt.Of(1); g.Result != "Vibrio cholerae O1" || g.OK != 2 {
			t.Errorf("%+v", g)
		}
	})
}

// TestNobodyEditsTheOthersHalf lets both sides take any steps with any words,
// and messages come late, twice and in any order. What a side holds of the
// other's half is always something that the other side released.
func TestNobodyEditsTheOthersHalf(t *testing.T) {
	w := join(t, nil)
	verbs := verbsOf(Deployments, Hostings)
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 11))
		d := w.planned("rrt", "", "")
		w.step("SG", duty, d, "propose", StepInput{})
		missions, hosts := []Mission{}, []Host{{State: Proposed}, {}}
		var mail []exchange.Release
		collect := func() {
			for _, m := range []access.Member{"SG", "KH"} {
				for _, rel := range w.desks[m].releases {
					var v struct {
						Mission Mission
						Host    Host
					}
					w.must(json.Unmarshal(rel.Body, &v))
					if rel.Kind == KindDeployment {
						missions = append(missions, v.Mission)
					} else {
						hosts = append(hosts, v.Host)
					}
				}
				mail = append(mail, w.desks[m].releases...)
				w.desks[m].releases = nil
			}
		}
		collect()
		w.arrives(mail[0])
		for range 60 {
			m := []access.Member{"SG", "KH"}[r.IntN(2)]
			if r.IntN(2) == 0 {
				in := StepInput{Words: "Words.", Day: "2026-12-01", Until: "2026-12-30", Visa: "V", People: 2, Manifest: secret, Carrier: "F", ETD: "2026-11-24", Entry: "PNH", ETA: "2026-11-25"}
				err := w.desks[m].Step(w.Context(), post("all", access.DutyOfficer, access.Approver, access.IHRFocalPoint), d, 0, verbs[r.IntN(len(verbs))], in)
				if err != nil && fault.Is(err, fault.Internal) {
					t.Fatal(err)
				}
				collect()
			} else if len(mail) > 0 {
				w.arrives(mail[r.IntN(len(mail))])
			}
			sg, kh := w.page("SG", d).Deployment, w.page("KH", d).Deployment
			if !slices.ContainsFunc(hosts, func(h Host) bool { return h == sg.Host }) {
				t.Fatalf("seed %d: SG holds a half that KH never released: %+v", seed, sg.Host)
			}
			if !slices.ContainsFunc(missions, func(x Mission) bool { return reflect.DeepEqual(x, kh.Mission) }) {
				t.Fatalf("seed %d: KH holds a half that SG never released: %+v", seed, kh.Mission)
			}
		}
	}
}

func verbsOf[R any](tables ...*workflow.Table[R]) []string {
	var out []string
	for _, t := range tables {
		for _, s := range t.Steps {
			out = append(out, string(s.Verb))
		}
	}
	return out
}

// What was shipped no longer changes, and what a member claims to follow must
// be there.
func TestForeignPairs(t *testing.T) {
	w := join(t, nil)
	c, err := w.desks["TH"].Allocate(w.Context(), duty, ShipmentInput{Link: Link{To: "KH", Basis: "Gift (sample)", Marking: access.TLPAmber},
		Shipment: Shipment{Title: "Salts (sample)", Carries: Goods, Packages: 1, Carrier: "C", Waybill: "W", ETA: "2026-11-25", Items: []Item{{What: "Salts", Qty: 10, Unit: "box"}}}})
	w.must(err)
	w.step("TH", duty, c.ID, "pack", StepInput{})
	w.step("TH", duty, c.ID, "ship", StepInput{})
	rel := w.desks["TH"].releases[1]
	w.deliver()
	change := func(f func(v *ShipmentView)) exchange.Release {
		var v ShipmentView
		w.must(json.Unmarshal(rel.Body, &v))
		v.Shipment.Seq += 5
		f(&v)
		x := rel
		x.Body, _ = json.Marshal(v)
		return x
	}
	kh := w.desks["KH"]
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ShipmentView) { v.Shipment.Items[0].Qty = 9 })))
	w.refused(fault.Forbidden, w.apply(kh, change(func(v *ShipmentView) { v.Offer = w.ids.New() })))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ShipmentView) { v.From = "SG" })))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ShipmentView) { v.Shipment.State = "teleported" })))
	w.refused(fault.Invalid, w.apply(kh, change(func(v *ShipmentView) { v.Shipment.Title = strings.Repeat("x", MaxTitle+1) })))
	// The receiver's half is the receiver's: its sender cannot send one.
	w.step("KH", duty, c.ID, "confirm", StepInput{Day: "2026-11-25", Got: []Got{{N: 1, OK: 10}}})
	own := kh.releases[0]
	own.From, own.To = "SG", []access.Member{"TH"}
	w.refused(fault.Invalid, w.apply(w.desks["TH"], own))
	w.deliver()
	w.state("TH", c.ID, Shipped)
}

// The regional desk sees on its board what was released to it, and no more.
func TestBoard(t *testing.T) {
	each(t, func(w *wire) {
		rid := w.issued(sample)
		private := sample
		private.To, private.Title = []access.Member{"TH"}, "Between two (sample)"
		w.issued(private)
		w.deliver()
		oid := w.offered("TH", offerOf(rid, salts(600)))
		w.deliver()
		w.step("KH", approver, oid, "accept_part", StepInput{Taken: []Taken{{N: 1, Qty: 400}}})
		w.deliver()
		w.clock.Advance(25 * 3600e9)
		b, err := w.desks["ASEC"].Board(w.Context(), regional)
		w.must(err)
		if b.Requests != 1 || len(b.Lines) != 2 || b.Overdue != 1 {
			t.Fatalf("%+v", b)
		}
		l := b.Lines[slices.IndexFunc(b.Lines, func(l BoardLine) bool { return l.Line.N == 1 })]
		if l.Unclear || l.Reach.Committed != 400 || l.Reach.Commit != Partial || len(l.Offers) != 1 || l.Offers[0].Member != "TH" || l.Offers[0].Qty != 600 || l.SilentN != 1 {
			t.Errorf("%+v", l)
		}
		c := w.consigned("TH", oid, w.agreed("TH", oid))
		b, err = w.desks["ASEC"].Board(w.Context(), regional)
		w.must(err)
		if len(b.Moves) != 1 || b.Moves[0].ID != c || b.Moves[0].Stage != "shipped" {
			t.Errorf("%+v", b.Moves)
		}
		w.step("KH", duty, c, "confirm", StepInput{Day: "2026-11-28", Got: []Got{{N: 1, OK: 600}}})
		w.deliver()
		b, err = w.desks["ASEC"].Board(w.Context(), regional)
		w.must(err)
		if l := b.Lines[slices.IndexFunc(b.Lines, func(l BoardLine) bool { return l.Line.N == 1 })]; l.Reach.Came != 600 {
			t.Errorf("%+v", l.Reach)
		}
		own, err := w.desks["KH"].Board(w.Context(), duty)
		w.must(err)
		if own.Requests != 2 {
			t.Errorf("%d requests", own.Requests)
		}
	})
}

func FuzzReceive(f *testing.F) {
	f.Add(0, `{"id":"0197f6a0-0000-7000-8000-000000000001","from":"TH","seq":1,"lines":[{"n":1}]}`)
	f.Add(5, `{"id":"0197f6a0-0000-7000-8000-000000000001","texts":["{}"]}`)
	f.Add(8, `{"id":"0197f6a0-0000-7000-8000-000000000001","from":"TH","to":"KH","shipment":{"seq":1,"carries":"goods","items":[{"n":1,"what":"x","qty":1,"unit":"x"}]}}`)
	f.Fuzz(func(t *testing.T, kind int, body string) {
		if kind < 0 || kind >= len(messageKinds) {
			return
		}
		in := exchange.Inbound{Release: exchange.Release{Kind: messageKinds[kind], From: "TH", Body: []byte(body),
			Ref: exchange.Ref{ID: "0197f6a0-0000-7000-8000-000000000001"}}}
		switch in.Kind {
		case KindRequest:
			var v RequestView
			if decode(in, &v) == nil {
				if fm := sent(in, v.ID, v.From, v.Seq); len(v.Lines) > MaxLines {
					if v.check(fm); fm.Err() == nil {
						t.Fatal("taken")
					}
				}
			}
		case KindArrangement:
			var v ArrangementView
			d := New(nil, nil, nil)
			_ = d
			if decode(in, &v) == nil {
				for _, text := range v.Texts {
					if terms, err := readTerms(text); err == nil {
						if again, err := terms.Text(); err != nil || again != text {
							t.Fatal("a text that is not canonical was read")
						}
					}
				}
			}
		case KindConsignment:
			var v ShipmentView
			if decode(in, &v) == nil {
				fm := sent(in, v.ID, v.From, v.Shipment.Seq)
				if v.Shipment.check(fm); fm.Err() == nil && (len(v.Shipment.Items) > MaxLines || v.From != "TH") {
					t.Fatal("taken")
				}
			}
		}
	})
}
