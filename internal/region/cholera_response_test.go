package region

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/incident"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/request"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/desk/health/sop"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

// The response to the cholera cluster, played to its end: what was asked for
// has come short, one state is silent, and the level is over.
func TestCholeraResponse(t *testing.T) {
	r := played(t, "cholera-response", Options{Contacts: true})
	for name, check := range map[string]func(*testing.T, *Region){"help": responseHelp, "report": responseReport, "level": responseLevel,
		"centre": responseCentre, "review": responseReview, "reserve": responseReserve} {
		t.Run(name, func(t *testing.T) { check(t, r) })
	}
}

func responseHelp(t *testing.T, r *Region) {
	c := castOf(t, r, "KH")
	m, err := c.node.Requests.Matching(t.Context(), c.duty, r.player.names["help-kh"].ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []request.Reach{{Asked: 1000, Offered: 1300, Committed: 900, Sent: 500, Came: 500}, {Asked: 200, Offered: 200, Committed: 200}, {Asked: 1}} {
		if l := m.Lines[i]; l.Asked != want.Asked || l.Offered != want.Offered || l.Committed != want.Committed || l.Sent != want.Sent || l.Came != want.Came {
			t.Errorf("line %d: %+v", i+1, l)
		}
	}
	for _, side := range []access.Member{"KH", "TH"} {
		c := castOf(t, r, side)
		deal, err := c.node.Requests.Page(t.Context(), c.duty, r.player.names["deal-th"].ID)
		if err != nil || deal.Head().State != request.InForce {
			t.Errorf("at %s the arrangement is %s: %v", side, deal.Head().State, err)
		}
		goods, err := c.node.Requests.Page(t.Context(), c.duty, r.player.names["goods-th"].ID)
		if err != nil || goods.Head().State != request.Reconciled {
			t.Errorf("at %s the goods are %s: %v", side, goods.Head().State, err)
		}
	}
}

func responseReport(t *testing.T, r *Region) {
	for _, m := range []access.Member{access.ASEC, "KH", "TH", "MM"} {
		c := castOf(t, r, m)
		p, err := c.node.Reports.Page(t.Context(), c.duty, r.player.names["report-1"].ID)
		if err != nil || p.View.State != sitrep.Issued {
			t.Fatalf("at %s the report is %s: %v", m, p.View.State, err)
		}
		_, lines := sitrep.Overview(&p.View)
		want := map[string]sitrep.Why{"KH": sitrep.Told, "VN": sitrep.Told, "LA": sitrep.NoneHere, "TH": sitrep.NoReport}
		for _, l := range lines {
			if l.Cells[0].Why != want[l.Place] {
				t.Errorf("at %s, %s is %s", m, l.Place, l.Cells[0].Why)
			}
			delete(want, l.Place)
		}
		if len(want) > 0 {
			t.Errorf("at %s there is no line of %v", m, want)
		}
	}
}

func responseLevel(t *testing.T, r *Region) {
	for _, m := range []access.Member{"KH", "TH", access.ASEC} {
		c := castOf(t, r, m)
		p, err := c.node.Levels.Page(t.Context(), c.duty, r.player.names["level-2"].ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.Result.Outcome != level.Adopted {
			t.Errorf("at %s the proposal is %s", m, p.Result.Outcome)
		}
		for _, s := range p.Result.Stands {
			if (s.Stance == level.Disagree) != (s.Member == "TH") {
				t.Errorf("at %s, %s is told to %s", m, s.Member, s.Stance)
			}
		}
		now, err := c.node.Levels.Current(t.Context(), c.duty, r.player.names["river"].ID)
		if err != nil || now.Level != 0 {
			t.Errorf("at %s level %d holds after its review date: %v", m, now.Level, err)
		}
	}
}

func responseCentre(t *testing.T, r *Region) {
	c := castOf(t, r, "KH")
	b, err := c.node.Incidents.Book(t.Context(), c.duty, r.player.names["centre-kh"].ID)
	if err != nil || b.State != incident.Closed {
		t.Errorf("the centre is %s: %v", b.State, err)
	}
	if len(b.Rings) != 1 || b.Rings[0].AckedFor != incident.Manager {
		t.Errorf("what rang: %+v", b.Rings)
	}
	run, err := c.node.Playbooks.RunPage(t.Context(), c.duty, r.player.names["run-ill"].ID)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]workflow.State{}
	for _, x := range run.Tasks {
		states[x.Code] = x.State
	}
	if states["P1"] != sop.Verified || states["P4"] != sop.Not || states["P3"] != sop.Planned {
		t.Errorf("the steps are %v", states)
	}
}

func responseReview(t *testing.T, r *Region) {
	for _, m := range []access.Member{"KH", "TH", access.ASEC} {
		c := castOf(t, r, m)
		for name, want := range map[string]workflow.State{"act-permit": trail.Verified, "act-tests": trail.Declined} {
			within(t, 30*time.Second, name+" "+string(want)+" at "+string(m), func() bool {
				x, err := c.node.Trail.Action(t.Context(), c.duty, r.player.names[name].ID)
				return err == nil && x.Stage == want
			})
		}
	}
	c := castOf(t, r, "KH")
	if proof, err := c.node.Reviews.Check(t.Context(), c.duty, r.player.names["look-back"].ID); err != nil || !proof.OK() {
		t.Errorf("the locked evidence: %+v %v", proof, err)
	}
}
