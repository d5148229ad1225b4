package region

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/id"
	"lintas/internal/node"
	"lintas/internal/workflow"
)

// rules is a region of real nodes in which Cambodia owns one record of each
// kind and has released it to Thailand, Singapore, Viet Nam and the regional
// desk.
type rules struct {
	t   *testing.T
	r   *Region
	ctx context.Context

	event, note, annex id.ID // of KH
	assessment         id.ID
	measure, outside   id.ID
	statement          id.ID // a draft: released, it would go to every member there is
	family             id.ID // of TH
	positions          map[access.Member]id.ID
	seen               map[string]string // what was shown before it left
}

var others = []access.Member{"TH", "SG", "VN", access.ASEC}

func newRules(t *testing.T) *rules {
	w := &rules{t: t, ctx: t.Context(), positions: map[access.Member]id.ID{}, seen: map[string]string{}}
	w.r = open(t, "KH", "TH", "SG", "VN", access.ASEC)
	w.notified()
	w.assessed()
	w.regulated()
	return w
}

func (w *rules) node(m access.Member) *node.Node { return w.r.Node(m) }

// as is the person of a member who holds a role.
func (w *rules) as(m access.Member, role access.Role) access.Actor {
	w.t.Helper()
	c, err := w.r.cast(w.ctx, m)
	w.must(err)
	a, err := c.actor(w.ctx, role)
	w.must(err)
	return a
}

func (w *rules) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// shown keeps what a preview says, to be compared with what arrives.
func (w *rules) shown(name string, v any) { w.seen[name] = meaning(w.t, v) }

// meaning is the canonical JSON of a view: keys in order, no space between.
func meaning(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	if b, err = json.Marshal(plain); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (w *rules) notified() {
	d, duty, approver := w.node("KH").Health, w.as("KH", access.DutyOfficer), w.as("KH", access.Approver)
	day := func(on string) health.Date { return health.Date{On: on, Precision: health.Day} }
	e, err := d.RecordEvent(w.ctx, duty, health.EventInput{Name: "Cholera at a land border (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning,
		Marking: access.TLPAmber, Places: []string{"KH-1"}, Emergence: day("2020-01-01"), Detection: day("2020-01-08"), Notified: day("2020-01-10")},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH-1", Value: 4, Source: "Provincial EOC (sample)", AsOf: time.Date(2020, 1, 10, 0, 0, 0, 0, time.UTC)}})
	w.must(err)
	in := health.NotificationInput{Title: "Cholera (sample)", Message: "Please acknowledge.", Lang: "en", Purpose: "early_warning", Basis: "aphecs",
		Marking: access.TLPAmber, AckWithin: 24 * time.Hour}
	for _, m := range others {
		blocks := health.Blocks
		if m == "SG" {
			blocks = []health.Block{"summary"} // not every recipient gets the same
		}
		in.Recipients = append(in.Recipients, health.Recipient{Member: m, Blocks: blocks})
	}
	n, err := d.Compose(w.ctx, duty, e.ID, "", in)
	w.must(err)
	_, err = d.Submit(w.ctx, duty, n.ID, 0)
	w.must(err)
	_, err = d.Clear(w.ctx, approver, n.ID, 0)
	w.must(err)
	p, err := d.NotificationPage(w.ctx, duty, n.ID)
	w.must(err)
	for _, x := range p.Previews {
		for _, m := range x.Members {
			w.shown("notification to "+string(m), x.View)
		}
	}
	_, err = d.Release(w.ctx, duty, n.ID, 0)
	w.must(err)
	w.event, w.note = e.ID, n.ID
	for _, m := range others {
		within(w.t, 20*time.Second, "the notification at "+string(m), func() bool {
			_, err := w.node(m).Health.FindNotice(w.ctx, access.Node(m), e.ID, n.ID)
			return err == nil
		})
	}
	a, err := w.node("KH").IHR.Open(w.ctx, duty, e.ID)
	w.must(err)
	w.annex = a.ID
}

// assessed publishes a regional assessment and takes the positions of two
// states on it; Viet Nam stays silent.
func (w *rules) assessed() {
	d := w.node("KH").Risk
	epi, duty, approver := w.as("KH", access.Epidemiologist), w.as("KH", access.DutyOfficer), w.as("KH", access.Approver)
	part := risk.Part{Text: "One canal serves both sides.", AsOf: "2020-01-10", Source: "National EOC (sample)"}
	a, err := d.Draft(w.ctx, epi, w.event, "", risk.AssessmentInput{Scope: risk.Regional, Title: "Spread to the neighbours (sample)", Lang: "en",
		Questions: []string{"How likely is spread within four weeks?"}, HazardPart: part, ExposurePart: part, ContextPart: part,
		Populations: []risk.Population{{Group: "general", Likelihood: "highly_likely", Consequence: "major"}}, Confidence: "moderate", Actions: []string{"Screen."},
		ValidUntil: time.Now().Add(7 * 24 * time.Hour).UTC(), Marking: access.TLPAmber, To: others, AnswerWithin: 48 * time.Hour})
	for _, s := range []struct {
		who  access.Actor
		verb workflow.Verb
	}{{epi, "ask_review"}, {duty, "review"}, {approver, "approve"}, {duty, "publish"}} {
		if err == nil {
			a, err = d.Step(w.ctx, s.who, a.ID, a.Version, s.verb, "")
		}
	}
	w.must(err)
	w.assessment = a.ID
	in := risk.PositionInput{Stance: risk.Agree, Importation: "likely", Consequence: "moderate", Lang: "en", Capacity: "sufficient",
		Receptivity: map[string]string{"vector": "not_applicable", "immunity": "partly", "season": "favours"}}
	w.position("SG", in)
	in.Stance, in.Held, in.Reasons = risk.Dissent, "low", dissent
	w.position("TH", in)
}

const dissent = "Both crossings are closed since Monday; we hold the regional risk for low."

func (w *rules) position(m access.Member, in risk.PositionInput) {
	w.t.Helper()
	d, epi, approver := w.node(m).Risk, w.as(m, access.Epidemiologist), w.as(m, access.Approver)
	within(w.t, 20*time.Second, "the assessment at "+string(m), func() bool {
		_, err := d.AssessmentPage(w.ctx, access.Node(m), w.assessment)
		return err == nil
	})
	p, err := d.Answer(w.ctx, epi, w.assessment, in)
	w.must(err)
	_, err = d.StepPosition(w.ctx, epi, p.ID, 0, "submit", "")
	w.must(err)
	_, err = d.StepPosition(w.ctx, approver, p.ID, 0, "release", "")
	w.must(err)
	w.positions[m] = p.ID
}

// regulated releases a measure, a determination, a statement, the timeliness
// of the event, and a family that Thailand makes.
func (w *rules) regulated() {
	n := w.node("KH")
	duty, approver, authority := w.as("KH", access.DutyOfficer), w.as("KH", access.Approver), w.as("KH", access.IHRAuthority)
	m, err := n.IHR.Plan(w.ctx, duty, w.event, ihr.MeasureInput{Review: future(5), Expires: future(9), Members: others, Marking: access.TLPAmber,
		Content: ihr.Content{Type: "testing", Target: "travellers", Title: "Test before entry (sample)", From: []string{"TH"}, To: []string{"KH"}, Reason: "Cases.", Evidence: "Incubation.", Lang: "en"}})
	w.must(err)
	_, err = n.IHR.StepMeasure(w.ctx, duty, m.ID, 0, "start", ihr.StepInput{})
	w.must(err)
	_, err = n.IHR.StepMeasure(w.ctx, approver, m.ID, 0, "release", ihr.StepInput{})
	w.must(err)
	x, err := n.IHR.Record(w.ctx, duty, w.event, ihr.DeterminationInput{Kind: "pheic", Title: "PHEIC (sample)", By: "WHO Director-General", On: "2020-01-30", Source: "Sample", Marking: access.TLPClear,
		Recommendations: []ihr.Recommendation{{Text: "Watch (sample)."}}, Members: others})
	w.must(err)
	_, err = n.IHR.ReleaseDetermination(w.ctx, approver, x.ID, 0)
	w.must(err)
	s, err := n.IHR.State(w.ctx, authority, ihr.AmendmentInput{Status: "accepted", On: "2025-07-01", Source: "Note (sample)", Lang: "en"})
	w.must(err)
	w.measure, w.outside, w.statement = m.ID, x.ID, s.ID
	w.timed()
	f, err := w.node("TH").Families.Make(w.ctx, w.as("TH", access.DutyOfficer), family.Input{Name: "Border (sample)", Lang: "en", Hazard: "cholera", Marking: access.TLPAmber}, []id.ID{w.event})
	w.must(err)
	_, err = w.node("TH").Families.Share(w.ctx, w.as("TH", access.Approver), f.ID, 0, []access.Member{"KH", "SG", access.ASEC})
	w.must(err)
	w.family = f.ID
	within(w.t, 20*time.Second, "the question about the family at KH", func() bool {
		p, err := n.Families.Page(w.ctx, duty, f.ID)
		return err == nil && len(p.Answers) == 1
	})
	_, err = n.Families.Say(w.ctx, duty, f.ID, w.event, 0, true, "The same strain.")
	w.must(err)
}

func (w *rules) timed() {
	n := w.node("KH")
	var in timeliness.Input
	for _, k := range timeliness.ActionKeys {
		in.Actions = append(in.Actions, timeliness.Action{Key: k, Answer: timeliness.Done, On: health.Date{On: "2020-01-12", Precision: health.Day}})
	}
	_, err := n.Timeliness.Save(w.ctx, w.as("KH", access.Epidemiologist), w.event, 0, in)
	w.must(err)
	_, err = n.Timeliness.Confirm(w.ctx, w.as("KH", access.Approver), w.event, 0)
	w.must(err)
	_, err = n.Timeliness.Release(w.ctx, w.as("KH", access.Approver), w.event, 0, others, access.TLPAmber)
	w.must(err)
}

func future(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

// stands is everything that a member's own node says of its records.
func (w *rules) stands(m access.Member) string {
	w.t.Helper()
	n, who := w.node(m), access.Node(m)
	all := map[string]any{}
	keep := func(name string, v any, err error) {
		if err != nil {
			w.t.Fatalf("%s at %s: %v", name, m, err)
		}
		all[name] = v
	}
	e, err := n.Health.EventPage(w.ctx, who, w.event)
	keep("event", e.View, err)
	if m == "KH" {
		p, err := n.Health.NotificationPage(w.ctx, who, w.note)
		keep("notification", p.Notification, err)
		a, err := n.IHR.Annex2Page(w.ctx, who, w.annex)
		keep("annex 2", a.View, err)
		s, _, err := n.IHR.Amendment(w.ctx, who, w.statement)
		keep("statement", s, err)
	}
	r, err := n.Risk.AssessmentPage(w.ctx, who, w.assessment)
	keep("assessment", r.View, err)
	x, err := n.IHR.Measure(w.ctx, who, w.measure)
	keep("measure", x.View, err)
	o, err := n.IHR.Determination(w.ctx, who, w.outside)
	keep("determination", o.View, err)
	t, err := n.Timeliness.EventPage(w.ctx, who, w.event)
	t.View.Judged = time.Time{}
	keep("timeliness", t.View, err)
	if m != "VN" {
		f, err := n.Families.Page(w.ctx, who, w.family)
		keep("family", f.View, err)
	}
	return meaning(w.t, all)
}
