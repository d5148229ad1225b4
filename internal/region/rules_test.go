package region

import (
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// The four rules of the domain, each over real nodes that exchange real
// releases.
func TestFourRules(t *testing.T) {
	w := newRules(t)
	for name, rule := range map[string]func(*testing.T){"dissent is shown": w.dissentIsShown, "a preview equals what is received": w.previewEqualsReceived} {
		t.Run(name, func(t *testing.T) { w.t = t; rule(t) })
	}
	t.Run("no regional command", func(t *testing.T) { w.t = t; w.nobodyElseMoves(access.ASEC) })
	t.Run("one owner", func(t *testing.T) { w.t = t; w.nobodyElseMoves("TH"); w.forgeriesAreRefused("TH") })
}

// settled waits until everything that KH released is everywhere.
func (w *rules) settled() {
	w.t.Helper()
	for _, m := range others {
		n, who := w.node(m), access.Node(m)
		within(w.t, 30*time.Second, "every release at "+string(m), func() bool {
			_, e1 := n.IHR.Measure(w.ctx, who, w.measure)
			_, e2 := n.IHR.Determination(w.ctx, who, w.outside)
			p, e4 := n.Timeliness.EventPage(w.ctx, who, w.event)
			a, e5 := n.Risk.AssessmentPage(w.ctx, who, w.assessment)
			agree, no, _ := risk.Counts(a.Spread)
			joined := true
			if m == "SG" || m == access.ASEC { // who learns of it only when KH has said that it belongs
				_, err := n.Families.Page(w.ctx, who, w.family)
				joined = err == nil
			}
			return e1 == nil && e2 == nil && e4 == nil && p.Copy != nil && e5 == nil && agree == 1 && no == 1 && joined
		})
	}
}

// dissentIsShown: at every node the spread holds every state by name, the
// dissenting level with its reasons word for word, the silent one as silent,
// and the level of the assessment is still its owner's.
func (w *rules) dissentIsShown(t *testing.T) {
	w.settled()
	want := map[access.Member]risk.CellKind{"KH": risk.CellAssessor, "TH": risk.CellDissent, "SG": risk.CellAgree, "VN": risk.CellSilent}
	owned, err := w.node("KH").Risk.AssessmentPage(w.ctx, access.Node("KH"), w.assessment)
	w.must(err)
	for _, m := range append([]access.Member{"KH"}, others...) {
		p, err := w.node(m).Risk.AssessmentPage(w.ctx, w.as(m, dutyRole(m)), w.assessment)
		w.must(err)
		if len(p.Spread) != len(access.States) {
			t.Errorf("%s shows %d states", m, len(p.Spread))
		}
		if got := p.View.Level(); got != owned.View.Level() || got == "low" {
			t.Errorf("at %s the assessment says %s, its owner %s", m, got, owned.View.Level())
		}
		for i, c := range p.Spread {
			kind := want[c.Member]
			if kind == "" {
				kind = risk.CellNotAsked
			}
			if c.Member != access.States[i] || c.Kind != kind {
				t.Errorf("%s shows %s as %s, want %s in the fixed order", m, c.Member, c.Kind, kind)
			}
			if c.Member == "TH" && (c.Region != "low" || c.Position == nil || c.Position.Reasons != dissent) {
				t.Errorf("at %s the dissent is %+v", m, c)
			}
			if c.Member == "VN" && (c.Position != nil || c.Region != "") {
				t.Errorf("at %s silence is %+v", m, c)
			}
		}
		rows, _, err := w.node(m).Risk.List(w.ctx, w.as(m, dutyRole(m)), risk.Filter{})
		if err != nil || len(rows) != 1 || rows[0].Agree != 1 || rows[0].Dissent != 1 || rows[0].Silent != 1 {
			t.Errorf("the list of %s: %+v %v", m, rows, err)
		}
	}
}

// previewEqualsReceived compares what a screen showed before the release with
// what the recipient's node holds: the same meaning, byte for byte.
func (w *rules) previewEqualsReceived(t *testing.T) {
	w.settled()
	same := func(m access.Member, what, shown, got string) {
		if shown != got {
			t.Errorf("%s at %s: shown\n%s\nreceived\n%s", what, m, shown, got)
		}
	}
	kh, duty := w.node("KH"), w.as("KH", access.DutyOfficer)
	measure, err := kh.IHR.Measure(w.ctx, duty, w.measure)
	w.must(err)
	outside, err := kh.IHR.Determination(w.ctx, duty, w.outside)
	w.must(err)
	assessment, err := kh.Risk.AssessmentPage(w.ctx, duty, w.assessment)
	w.must(err)
	timely, err := kh.Timeliness.EventPage(w.ctx, duty, w.event)
	w.must(err)
	if w.seen["notification to TH"] == w.seen["notification to SG"] {
		t.Error("the previews of different recipients are the same: the comparison would show nothing")
	}
	for _, m := range others {
		n, who := w.node(m), access.Node(m)
		notice, err := n.Health.FindNotice(w.ctx, who, w.event, w.note)
		w.must(err)
		same(m, "notification", w.seen["notification to "+string(m)], meaning(t, notice.Body))
		x, err := n.IHR.Measure(w.ctx, who, w.measure)
		w.must(err)
		same(m, "measure", meaning(t, measure.Preview), meaning(t, x.View))
		o, err := n.IHR.Determination(w.ctx, who, w.outside)
		w.must(err)
		same(m, "determination", meaning(t, outside.Preview), meaning(t, o.View))
		a, err := n.Risk.AssessmentPage(w.ctx, who, w.assessment)
		w.must(err)
		a.View.Changed = assessment.View.Changed // of a copy: when it was issued
		same(m, "assessment", meaning(t, assessment.View), meaning(t, a.View))
		p, err := n.Timeliness.EventPage(w.ctx, who, w.event)
		w.must(err)
		same(m, "timeliness", meaning(t, timely.View), meaning(t, p.View))
	}
}

// nobodyElseMoves: every verb of every workflow table of the health desk, by
// every person of a member and by one who holds all roles at once, on records
// that another member owns. None succeeds, nothing leaves, and nothing has
// changed at the owner, at a third member, or in the copies.
func (w *rules) nobodyElseMoves(m access.Member) {
	w.t.Helper()
	w.settled()
	before := map[access.Member]string{}
	for _, x := range append([]access.Member{"KH"}, others...) {
		before[x] = w.stands(x)
	}
	n := 0
	for _, who := range w.people(m) {
		for _, try := range w.attempts(m) {
			for _, verb := range try.verbs {
				n++
				if err := try.take(who, verb); err == nil {
					w.t.Errorf("%s of %s took the step %s of %s", who.Name, m, verb, try.what)
				}
			}
		}
	}
	if n < 400 {
		w.t.Errorf("only %d attempts", n)
	}
	w.sentinel(m)
	for _, x := range append([]access.Member{"KH"}, others...) {
		if after := w.stands(x); after != before[x] {
			w.t.Errorf("at %s\n%s\nbecame\n%s", x, before[x], after)
		}
	}
}

// sentinel is a notification of the member that comes after whatever it might
// have sent: releases of one member arrive in order.
func (w *rules) sentinel(m access.Member) {
	w.t.Helper()
	d, writer, second := w.node(m).Health, w.as(m, dutyRole(m)), w.as(m, access.Approver)
	e, err := d.RecordEvent(w.ctx, writer, health.EventInput{Name: "Own event (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPGreen,
		Places: []string{string(m)}}, nil)
	if m == access.ASEC {
		if err == nil {
			w.t.Error("the regional desk has an event of its own")
		}
		time.Sleep(500 * time.Millisecond) // it has nothing to send that could follow
		return
	}
	w.must(err)
	in := health.NotificationInput{Title: "Own event (sample)", Lang: "en", Purpose: "information", Basis: "aphecs", Marking: access.TLPGreen, AckWithin: time.Hour}
	for _, x := range append([]access.Member{"KH"}, others...) {
		if x != m {
			in.Recipients = append(in.Recipients, health.Recipient{Member: x, Blocks: health.Blocks})
		}
	}
	note, err := d.Compose(w.ctx, writer, e.ID, "", in)
	w.must(err)
	_, err = d.Submit(w.ctx, writer, note.ID, 0)
	w.must(err)
	_, err = d.Clear(w.ctx, second, note.ID, 0)
	w.must(err)
	_, err = d.Release(w.ctx, writer, note.ID, 0)
	w.must(err)
	for _, r := range in.Recipients {
		within(w.t, 20*time.Second, "the sentinel at "+string(r.Member), func() bool {
			_, err := w.node(r.Member).Health.FindNotice(w.ctx, access.Node(r.Member), e.ID, note.ID)
			return err == nil
		})
	}
}

// people are every seat of a member, and one who holds every role there is.
func (w *rules) people(m access.Member) []access.Actor {
	w.t.Helper()
	all := w.as(m, dutyRole(m))
	all.Name, all.Grants = "Every role", nil
	var out []access.Actor
	for _, s := range seats(m) {
		out = append(out, w.as(m, s.role))
	}
	for _, role := range access.Roles {
		all.Grants = append(all.Grants, access.Grant{Role: role})
	}
	return append(out, all)
}

// attempt is one record of another member and every way to change it.
type attempt struct {
	what  string
	verbs []workflow.Verb
	take  func(who access.Actor, verb workflow.Verb) error
}

func verbs[R any](t *workflow.Table[R]) []workflow.Verb {
	var out []workflow.Verb
	for _, s := range t.Steps {
		if s.From[0] != "" || len(s.From) > 1 {
			out = append(out, s.Verb)
		}
	}
	return out
}

func (w *rules) attempts(m access.Member) []attempt {
	n := w.node(m)
	const why = "Because."
	out := []attempt{
		{"the event", verbs(health.Events), func(a access.Actor, v workflow.Verb) error { return w.tryEvent(n.Health, a, v, why) }},
		{"the notification", verbs(health.Notifications), func(a access.Actor, v workflow.Verb) error { return tryNotification(w.ctx, n.Health, a, w.note, v) }},
		{"the assessment", verbs(risk.Assessments), func(a access.Actor, v workflow.Verb) error {
			if v == "edit" {
				_, err := n.Risk.Edit(w.ctx, a, w.assessment, 0, risk.AssessmentInput{Title: why})
				return err
			}
			_, err := n.Risk.Step(w.ctx, a, w.assessment, 0, v, why)
			return err
		}},
		{"the position of Singapore", verbs(risk.Positions), func(a access.Actor, v workflow.Verb) error {
			if v == "edit" {
				_, err := n.Risk.EditPosition(w.ctx, a, w.positions["SG"], 0, risk.PositionInput{Stance: risk.Agree})
				return err
			}
			_, err := n.Risk.StepPosition(w.ctx, a, w.positions["SG"], 0, v, why)
			return err
		}},
		{"the measure", verbs(ihr.Measures), func(a access.Actor, v workflow.Verb) error {
			if v == "edit" {
				_, err := n.IHR.EditMeasure(w.ctx, a, w.measure, 0, ihr.MeasureInput{Marking: access.TLPClear})
				return err
			}
			_, err := n.IHR.StepMeasure(w.ctx, a, w.measure, 0, v, ihr.StepInput{Words: why, Review: future(3), Expires: future(20)})
			return err
		}},
		{"the determination", verbs(ihr.Determinations), func(a access.Actor, v workflow.Verb) error { return w.tryOutside(n.IHR, a, v) }},
		{"the statement", verbs(ihr.Amendments), func(a access.Actor, v workflow.Verb) error { return w.tryStatement(n.IHR, a, v) }},
		{"the assessment by Annex 2", verbs(ihr.Annex2s), func(a access.Actor, v workflow.Verb) error { return w.tryAnnex(n.IHR, a, v) }},
		{"the timeliness", verbs(timeliness.Records), func(a access.Actor, v workflow.Verb) error { return w.tryTimeliness(n.Timeliness, a, v) }},
	}
	if m != "TH" { // it made the family
		out = append(out, attempt{"the family", verbs(family.Families), func(a access.Actor, v workflow.Verb) error { return w.tryFamily(n.Families, a, v) }})
	}
	return out
}

// forgeriesAreRefused: a member whose node does not keep to the rules sends
// releases about another's event, and withdraws what it never released. Nobody
// takes them.
func (w *rules) forgeriesAreRefused(m access.Member) {
	w.t.Helper()
	before := w.stands("SG")
	n := w.node(m)
	notice, err := w.node("SG").Health.FindNotice(w.ctx, access.Node("SG"), w.event, w.note)
	w.must(err)
	lie := notice.Body
	lie.ID, lie.Event.State, lie.Event.Version = (&id.Maker{}).New(), health.Closed, lie.Event.Version+5
	body, err := json.Marshal(lie)
	w.must(err)
	base := exchange.Release{From: m, To: []access.Member{"SG"}, Schema: 1, Purpose: "information", Basis: "aphecs", Lang: "en", Marking: access.TLPAmber, Issued: time.Now().UTC(), Body: json.RawMessage("null")}
	queue := func(r exchange.Release) error {
		r.ID = (&id.Maker{}).New()
		return n.DB.Write(w.ctx, func(tx *db.Tx) error { return n.Exchange.Queue(w.ctx, tx, r) })
	}
	r := base
	r.Kind, r.Ref, r.Body = health.KindNotification, exchange.Ref{Desk: "health", Kind: "health.event", ID: w.event, Version: lie.Event.Version}, body
	w.must(queue(r)) // it says nothing that its own node could judge
	r.Body, r.Withdraws, r.Reason = base.Body, notice.Release, "Forged."
	if err := queue(r); err == nil {
		w.t.Error("a member withdraws what another released")
	}
	r.Kind, r.Ref = ihr.KindMeasure, exchange.Ref{Desk: ihr.Name, Kind: ihr.KindMeasure, ID: w.measure, Version: 99}
	if err := queue(r); err == nil {
		w.t.Error("a member withdraws another's measure")
	}
	x, err := w.node("SG").IHR.Measure(w.ctx, access.Node("SG"), w.measure)
	w.must(err)
	x.View.Version, x.View.State, x.View.Members = 99, ihr.Lifted, []access.Member{"SG"}
	for _, owner := range []access.Member{"KH", m} {
		x.View.Owner = owner
		r = base
		r.Kind, r.Ref = ihr.KindMeasure, exchange.Ref{Desk: ihr.Name, Kind: ihr.KindMeasure, ID: w.measure, Version: 99}
		r.Body, err = json.Marshal(x.View)
		w.must(err)
		w.must(queue(r))
	}
	w.sentinel(m)
	if after := w.stands("SG"); after != before {
		w.t.Errorf("a forgery of %s was taken:\n%s\nbecame\n%s", m, before, after)
	}
	var held int
	w.must(w.node("SG").DB.Read(w.ctx, func(tx *db.Tx) error {
		rows, err := w.node("SG").Exchange.Quarantine(w.ctx, tx, exchange.Filter{})
		held = len(rows)
		return err
	}))
	if held != 3 {
		w.t.Errorf("%d of 3 forgeries are kept for the operator to see", held)
	}
}
