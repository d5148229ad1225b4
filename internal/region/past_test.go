package region

import (
	"testing"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/timeliness"
)

// The first weeks of 2020 with the script's own figures.
func TestCovid2020(t *testing.T) {
	everything(t)
	r := played(t, "covid-2020", Options{})
	covidAtTheNodes(t, r)
	c := castOf(t, r, "TH")
	if f := latest(t, c, r.player.names["th"], "cases"); f.Value != 1524 || f.Source != "WHO situation report 70" {
		t.Errorf("Thailand stands at %+v", f)
	}
}

// The same with the daily totals, where they are at hand.
func TestCovid2020WithDailyTotals(t *testing.T) {
	everything(t)
	r := played(t, "covid-2020", Options{Data: data(t)})
	covidAtTheNodes(t, r)
	p, _ := r.Playing()
	if p.Counts == "" {
		t.Fatal("the table was not used")
	}
	c := castOf(t, r, "TH")
	// Row of Thailand, 2020-04-01, in full_data.csv.
	if f := latest(t, c, r.player.names["th"], "cases"); f.Value != 1651 || f.AsOf.Format("2006-01-02") != "2020-04-01" || f.Source != p.Counts {
		t.Errorf("Thailand stands at %+v", f)
	}
}

func latest(t *testing.T, c *cast, m made, indicator string) health.Figure {
	t.Helper()
	p, err := c.desk.EventPage(t.Context(), c.duty, m.Event)
	if err != nil {
		t.Fatal(err)
	}
	var facts []health.Fact
	for _, f := range p.View.Facts {
		facts = append(facts, f.Fact())
	}
	f, ok := health.Latest(facts, indicator, "confirmed")
	if !ok {
		t.Fatalf("no %s", indicator)
	}
	return f
}

func covidAtTheNodes(t *testing.T, r *Region) {
	t.Helper()
	events := map[access.Member]int{}
	for _, m := range access.All() {
		events[m] = len(access.States)
	}
	marked(t, r, "covid-2020", events)
	lao := castOf(t, r, "LA")
	a, err := lao.node.Risk.AssessmentPage(t.Context(), lao.duty, r.player.names["r-1"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if agree, dissent, _ := risk.Counts(a.Spread); agree != 4 || dissent != 2 {
		t.Errorf("LA sees %d that agree and %d that dissent, want 4 and 2", agree, dissent)
	}
	sg := castOf(t, r, "SG")
	ds, err := sg.node.IHR.DeterminationsOf(t.Context(), sg.duty, r.player.names["sg"].Event, "covid_19")
	if err != nil || len(ds) != 1 || ds[0].Kind != "pheic" || ds[0].On != "2020-01-30" {
		t.Errorf("Singapore reads the determinations %+v: %v", ds, err)
	}
	id := castOf(t, r, "ID")
	ms, _, err := id.node.IHR.Measures(t.Context(), id.duty, ihr.MeasureFilter{Limit: 50})
	if err != nil || len(ms) != 4 {
		t.Fatalf("Indonesia reads %d measures, want those of MY, VN, SG and TH: %v", len(ms), err)
	}
	for _, m := range ms {
		if reported := !m.Reported.IsZero(); reported != (m.Owner == "MY" || m.Owner == "SG") {
			t.Errorf("%s: reported is %v", m.Owner, reported)
		}
	}
	if got := answersTo(t, r, "SG", "sg-2"); got["LA"] != health.AckSilent {
		t.Errorf("the silence of LA on sg-2 is not seen: %v", got)
	}
	f, err := lao.node.Families.Page(t.Context(), lao.duty, r.player.names["ncov"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) < 9 { // those that have said themselves that they belong, and the own one
		t.Errorf("LA sees %d events in the family", len(f.Entries))
	}
}

// Nipah: one outbreak behind two diagnoses, two states and two sectors.
func TestNipah1998(t *testing.T) {
	everything(t)
	r := played(t, "nipah-1998", Options{})
	marked(t, r, "nipah-1998", map[access.Member]int{"MY": 3, "SG": 2, "TH": 2, "ASEC": 2})
	my := castOf(t, r, "MY")
	je, err := my.desk.EventPage(t.Context(), my.duty, r.player.names["je"].Event)
	if err != nil {
		t.Fatal(err)
	}
	if je.View.State != health.Merged || je.Into == nil || je.Into.ID != r.player.names["my"].Event {
		t.Errorf("the working diagnosis is %s, into %v", je.View.State, je.Into)
	}
	sg := castOf(t, r, "SG")
	my2, err := sg.desk.EventPage(t.Context(), sg.duty, r.player.names["my"].Event)
	if err != nil {
		t.Fatal(err)
	}
	if got := my2.View.Onset; got.Precision != health.Approximate {
		t.Errorf("Singapore reads the onset as %+v, which is approximate", got)
	}
	p, err := my.node.Timeliness.EventPage(t.Context(), my.duty, r.player.names["my"].Event)
	if err != nil {
		t.Fatal(err)
	}
	// Late September to early March is months late on any day of the intervals,
	// and an action that is not done can never be in time. Both dates of the
	// notification are approximate: in time on some days, late on others.
	want := map[timeliness.Clock]timeliness.Outcome{timeliness.Detect: timeliness.Missed, timeliness.Notify: timeliness.Undecided, timeliness.Respond: timeliness.Missed}
	for _, x := range p.Results {
		if x.Outcome != want[x.Clock] {
			t.Errorf("%s of Malaysia is %s, want %s", x.Clock, x.Outcome, want[x.Clock])
		}
	}
	r1 := castOf(t, r, "TH")
	a, err := r1.node.Risk.AssessmentPage(t.Context(), r1.duty, r.player.names["r-1"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if agree, dissent, _ := risk.Counts(a.Spread); agree != 2 || dissent != 1 {
		t.Errorf("%d agree and %d dissent", agree, dissent)
	}
	shows(t, visitor(t, r, "SG", access.DutyOfficer)("/health/events/"+string(r.player.names["sg"].Event)), "abattoir workers", "Lancet 1999;354:1253")
}
