package region

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	"lintas/internal/desk/health/handover"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/signal"
	"lintas/internal/desk/health/verification"
)

// The cholera cluster, played to its end, and what people see of it at several
// nodes: each part of the health desk has its say.
func TestCholeraAtTheBorder(t *testing.T) {
	r := played(t, "cholera-border", Options{Contacts: true})
	marked(t, r, "cholera-border", map[access.Member]int{"KH": 3, "VN": 3, "LA": 3, "TL": 3, "ASEC": 3})
	for name, check := range map[string]func(*testing.T, *Region){
		"signals": choleraSignals, "verification": choleraVerification, "notifications": choleraAnswers, "annex2": choleraAnnex2,
		"positions": choleraPositions, "check": choleraCheck, "measure": choleraMeasure, "shift": choleraShift, "timeliness": choleraTimeliness, "pages": choleraPages,
	} {
		t.Run(name, func(t *testing.T) { check(t, r) })
	}
}

func choleraSignals(t *testing.T, r *Region) {
	c := castOf(t, r, "KH")
	for name, want := range map[string]string{"s-call": "verified_event", "s-clinic": "duplicate_of", "s-rumour": "discarded", "s-lab": "verified_event", "s-new": "received"} {
		p, err := c.node.Signals.Page(t.Context(), c.duty, r.player.names[name].ID)
		if err != nil {
			t.Fatal(err)
		}
		if string(p.State) != want {
			t.Errorf("signal %s is %s, want %s", name, p.State, want)
		}
	}
	behind, err := c.node.Signals.OfEvent(t.Context(), c.duty, r.player.names["kh"].Event)
	if err != nil || len(behind) != 3 {
		t.Errorf("%d signals stand behind the event, want the call, what was joined to it and the laboratory: %v", len(behind), err)
	}
	if !slices.ContainsFunc(behind, func(v signal.View) bool { return v.Source == signal.Laboratory }) {
		t.Error("the laboratory does not stand behind the event")
	}
}

func choleraVerification(t *testing.T, r *Region) {
	for _, m := range []access.Member{"KH", "VN"} { // both sides hold the whole exchange
		c := castOf(t, r, m)
		p, err := c.node.Verification.Page(t.Context(), c.duty, r.player.names["v-1"].ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.State != verification.Closed || p.Answer == nil || p.Answer.Outcome != verification.Confirmed || !p.Answer.Reply(3).Unknown {
			t.Errorf("%s holds %s with the answer %+v", m, p.State, p.Answer)
		}
		if p.First.Sub(p.Asked) != 150*time.Minute || p.Answered.Sub(p.Asked) != 19*time.Hour {
			t.Errorf("%s: first reply after %s, answer after %s", m, p.First.Sub(p.Asked), p.Answered.Sub(p.Asked))
		}
	}
	c := castOf(t, r, "LA") // nobody else hears of it
	if _, err := c.node.Verification.Page(t.Context(), c.duty, r.player.names["v-1"].ID); err == nil {
		t.Error("a third state reads the exchange")
	}
}

func choleraAnswers(t *testing.T, r *Region) {
	got := answersTo(t, r, "KH", "kh-3")
	for m, want := range map[access.Member]health.AckState{"VN": health.AckActed, "ASEC": health.AckActed, "SG": health.AckActed, "LA": health.AckActed,
		"MY": health.AckRead, "TL": health.AckSilent, "TH": health.AckSilent} {
		if got[m] != want {
			t.Errorf("%s stands as %q on the last notification, want %q", m, got[m], want)
		}
	}
	if first := answersTo(t, r, "KH", "kh-1"); first["BN"] != health.AckActed || first["TL"] != health.AckSilent {
		t.Errorf("the late answer of BN and the silence of TL are not seen: %v", first)
	}
}

func choleraAnnex2(t *testing.T, r *Region) {
	c := castOf(t, r, "KH")
	p, err := c.node.IHR.Annex2Page(t.Context(), c.duty, r.player.names["a-kh"].ID)
	if err != nil {
		t.Fatal(err)
	}
	v := p.View
	if v.State != ihr.Decided || v.Outcome != ihr.Notify || v.First == nil || v.Second == nil || v.First.Replies["q2"].Answer == v.Second.Replies["q2"].Answer {
		t.Errorf("the two readings and the decision are %+v", v)
	}
}

// Every node sees the same spread: dissent is shown, never averaged.
func choleraPositions(t *testing.T, r *Region) {
	for _, m := range []access.Member{"ASEC", "VN", "MY"} {
		c := castOf(t, r, m)
		p, err := c.node.Risk.AssessmentPage(t.Context(), c.duty, r.player.names["r-asean"].ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.View.ID == "" || len(p.Spread) != len(access.States) {
			t.Fatalf("%s sees the positions of %d states", m, len(p.Spread))
		}
		level := p.View.Populations[0].Result.Level
		for _, cell := range p.Spread {
			switch cell.Member {
			case "TH", "LA":
				if cell.Kind != risk.CellDissent || cell.Region == level {
					t.Errorf("%s sees %s as %s at %s", m, cell.Member, cell.Kind, cell.Region)
				}
			case "SG", "VN":
				if cell.Kind != risk.CellAgree || cell.Region != level {
					t.Errorf("%s sees %s as %s at %s", m, cell.Member, cell.Kind, cell.Region)
				}
			default:
				if cell.Kind != risk.CellSilent {
					t.Errorf("%s sees a position of %s, which took none", m, cell.Member)
				}
			}
		}
	}
}

// The script answers by the minute, and the play is true to its minutes at any
// speed.
func choleraCheck(t *testing.T, r *Region) {
	c := castOf(t, r, "ASEC")
	if err := c.node.Contacts.Lapse(t.Context()); err != nil { // the node does so every few seconds
		t.Fatal(err)
	}
	p, err := c.node.Contacts.CheckPage(t.Context(), c.duty, r.player.names["drill"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.State != contact.Over || p.Asked != 11 || p.Replied != 10 || p.InTime != 9 || p.Median != 13.5 {
		t.Errorf("the check is %s: %d asked, %d answered, %d in time, median %.1f minutes", p.State, p.Asked, p.Replied, p.InTime, p.Median)
	}
	for _, x := range p.Results {
		if x.Member == "TH" && x.Took != 3 || x.Member == "TL" && (!x.Silent() || x.Next == nil) {
			t.Errorf("%s: %+v", x.Member, x)
		}
	}
	sections, err := c.node.Contacts.Directory(t.Context(), c.duty, contact.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if len(s.Rows) == 0 || len(s.Gaps) > 0 {
			t.Errorf("%s has %d contacts and the gaps %v", s.Member, len(s.Rows), s.Gaps)
		}
	}
}

func choleraMeasure(t *testing.T, r *Region) {
	c := castOf(t, r, "KH") // whom it concerns
	p, err := c.node.IHR.Measure(t.Context(), c.duty, r.player.names["m-th"].ID)
	if err != nil {
		t.Fatal(err)
	}
	m := p.View
	if m.Owner != "TH" || m.State != ihr.Lifted || m.Reported.Sub(m.Start) != 24*time.Hour || m.Content.Evidence == "" || m.EndReason == "" {
		t.Errorf("the measure reads %+v", m)
	}
}

func choleraShift(t *testing.T, r *Region) {
	c := castOf(t, r, "KH")
	n, err := c.node.Handover.Page(t.Context(), c.duty, r.player.names["h-1"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if n.State != handover.Accepted || len(n.Items) == 0 {
		t.Errorf("the note is %s with %d items", n.State, len(n.Items))
	}
	f, err := c.node.Families.Page(t.Context(), c.duty, r.player.names["river"].ID)
	if err != nil {
		t.Fatal(err)
	}
	var owners []access.Member
	for _, e := range f.Events {
		if e.Event != nil {
			owners = append(owners, e.Owner)
		}
	}
	if !slices.Equal(owners, []access.Member{"KH", "VN"}) {
		t.Errorf("Cambodia sees the events of %v in the family, want its own and that of VN", owners)
	}
}

func choleraTimeliness(t *testing.T, r *Region) {
	c := castOf(t, r, "LA")
	p, err := c.node.Timeliness.EventPage(t.Context(), c.duty, r.player.names["kh"].Event)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range p.Results {
		if x.Outcome != "met" {
			t.Errorf("LA reads %s as %s", x.Clock, x.Outcome)
		}
	}
	if p.Own || len(p.Results) != 3 {
		t.Errorf("LA reads %d clocks of Cambodia, own %v", len(p.Results), p.Own)
	}
}

// The pages on which each of these stands open for who works there.
func choleraPages(t *testing.T, r *Region) {
	kh := visitor(t, r, "KH", access.DutyOfficer)
	shows(t, kh("/"), "Needs your action", "Take a position", "We are here")
	shows(t, kh("/health/events/"+string(r.player.names["kh"].Event)), "Cholera, canal villages", "Signals")
	asec := visitor(t, r, "ASEC", access.SecretariatDsk)
	shows(t, asec("/health/risk/"+string(r.player.names["r-asean"].ID)), "no case has left the two communes")
	shows(t, asec("/health/contacts/checks/"+string(r.player.names["drill"].ID)), "Answered by the alternate.")
	for _, path := range []string{"/health/signals", "/health/verification", "/health/contacts", "/health/handover", "/health/risk", "/health/ihr",
		"/health/measures", "/health/families", "/health/timeliness", "/health/events", "/search?q=cholera"} {
		kh(path)
		asec(path)
	}
}
