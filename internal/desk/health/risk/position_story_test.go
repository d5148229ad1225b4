package risk_test

import (
	"testing"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/risk"
	"lintas/internal/fault"
)

// The life of a position: asked for, drafted, cleared by a second person,
// superseded by a newer one, withdrawn.
func TestPositionStory(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH", "TH")
		ctx, d := t.Context(), w.desks["TH"].risk
		e := w.event("KH")
		a := w.published("KH", e.ID, "", w.input(risk.Regional, "TH"))
		w.deliver()
		if !has(t, d, duty, "todo.risk.position") {
			t.Error("nobody is told that a position is asked for")
		}
		_, err := w.desks["KH"].risk.Answer(ctx, epi, a.ID, agree())
		refused(t, "the assessor answers itself", err, fault.Invalid)
		_, err = d.Answer(ctx, auditor, a.ID, agree())
		refused(t, "an auditor answers", err, fault.Forbidden)
		mute := dissent("", "")
		_, err = d.Answer(ctx, epi, a.ID, mute)
		refused(t, "dissent without the level that is held", err, fault.Invalid)
		p, err := d.Answer(ctx, epi, a.ID, dissent("moderate", ""))
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Answer(ctx, epi, a.ID, agree())
		refused(t, "a second draft beside the first", err, fault.Conflict)
		_, err = d.StepPosition(ctx, epi, p.ID, p.Version, "submit", "")
		refused(t, "dissent without reasons", err, fault.Invalid)
		_, err = d.EditPosition(ctx, epi, p.ID, p.Version, dissent("high", "No."))
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.StepPosition(ctx, epi, p.ID, 0, "submit", "")
		refused(t, "dissent that holds the same level", err, fault.Invalid)
		unsure := dissent("moderate", "The crossing is closed.")
		unsure.Capacity, unsure.Importation = risk.Unknown, "unlikely"
		if p, err = d.EditPosition(ctx, epi, p.ID, 0, unsure); err != nil || p.Result.Base != "moderate" || p.Level() != "high" {
			t.Fatalf("unknown capacity raised nothing: %+v %v", p.Result, err)
		}
		p = clearedAndReleased(t, d, p)
		w.deliver()
		replacedAndWithdrawn(t, w, d, a, p)
	})
}

func clearedAndReleased(t *testing.T, d *risk.Desk, p risk.Position) risk.Position {
	t.Helper()
	ctx := t.Context()
	p, err := d.StepPosition(ctx, epi, p.ID, p.Version, "submit", "")
	if err != nil {
		t.Fatal(err)
	}
	if !has(t, d, approver, "todo.risk.clear") || has(t, d, duty, "todo.risk.clear") {
		t.Error("the clearance waits for the wrong people")
	}
	both := person("epi", access.Epidemiologist, access.Approver)
	_, err = d.StepPosition(ctx, both, p.ID, p.Version, "release", "")
	refused(t, "cleared by its author", err, fault.Invalid)
	if p, err = d.StepPosition(ctx, approver, p.ID, p.Version, "release", ""); err != nil || p.State != risk.Released {
		t.Fatal(p.State, err)
	}
	return p
}

func replacedAndWithdrawn(t *testing.T, w *world, d *risk.Desk, a risk.Assessment, p risk.Position) {
	t.Helper()
	ctx := t.Context()
	own, err := w.desks["KH"].risk.AssessmentPage(ctx, duty, a.ID)
	if err != nil || !own.Due.IsZero() {
		t.Errorf("the clock of the positions runs on though all have answered: %s %v", own.Due, err)
	}
	q := w.answered("TH", a.ID, agree())
	w.deliver()
	for _, m := range []access.Member{"KH", "TH"} {
		c := w.spread(m, a.ID)["TH"]
		if c.Kind != risk.CellAgree || c.Position.ID != q.ID || c.Before == nil || c.Before.ID != p.ID || c.Before.Held != "moderate" {
			t.Fatalf("%s: the new position is %+v", m, c)
		}
	}
	if _, err = d.StepPosition(ctx, approver, q.ID, q.Version, "withdraw", "To be written anew."); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	for _, m := range []access.Member{"KH", "TH"} {
		if c := w.spread(m, a.ID)["TH"]; c.Kind != risk.CellWithdrawn || c.Region != "" {
			t.Fatalf("%s: after the withdrawal %+v", m, c)
		}
	}
}

// Dissent is shown: on every node the same spread of eleven, each position as
// its state took it, silence named, nothing averaged, nothing edited by others.
func TestDissentIsShown(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		asked := []access.Member{"LA", "SG", "TH", "VN"}
		w := newWorld(t, o, "KH", "LA", "TH", "VN", "MY") // Singapore is asked and never heard
		ctx := t.Context()
		a := w.published("KH", w.event("KH").ID, "", w.input(risk.Regional, asked...))
		w.deliver()
		w.answered("TH", a.ID, agree())
		p := w.answered("VN", a.ID, dissent("very_high", "The canal crosses into An Giang."))
		w.answered("LA", a.ID, dissent("low", "No crossing is open."))
		w.deliver()

		want := map[access.Member]struct {
			kind   risk.CellKind
			region risk.Level
			own    risk.Level
		}{
			"KH": {risk.CellAssessor, "high", ""}, "TH": {risk.CellAgree, "high", "moderate"}, "VN": {risk.CellDissent, "very_high", "high"},
			"LA": {risk.CellDissent, "low", "high"}, "SG": {risk.CellSilent, "", ""}, "MY": {risk.CellNotAsked, "", ""}, "PH": {risk.CellNotAsked, "", ""},
		}
		for _, m := range []access.Member{"KH", "LA", "TH", "VN"} {
			spread := w.spread(m, a.ID)
			for s, x := range want {
				c := spread[s]
				if c.Kind != x.kind || c.Region != x.region || x.own != "" && (c.Position == nil || c.Position.Level() != x.own) {
					t.Errorf("at %s, %s is %s %s, want %+v", m, s, c.Kind, c.Region, x)
				}
			}
			if c := spread["VN"]; c.Position.Reasons != "The canal crosses into An Giang." || c.Position.ClearedAs != approver.Name {
				t.Errorf("at %s the dissent lost its reasons: %+v", m, c.Position)
			}
			cells := make([]risk.Cell, 0, len(spread))
			for _, c := range spread {
				cells = append(cells, c)
			}
			if yes, no, silent := risk.Counts(cells); yes != 1 || no != 2 || silent != 1 {
				t.Errorf("at %s: %d agree, %d dissent, %d silent", m, yes, no, silent)
			}
		}
		if _, err := w.desks["MY"].risk.AssessmentPage(ctx, duty, a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("who was not asked reads it: %v", err)
		}
		for _, m := range []access.Member{"KH", "TH", "LA"} {
			d := w.desks[m].risk
			_, err := d.EditPosition(ctx, epi, p.ID, 0, agree())
			refused(t, string(m)+" edits the dissent", err, fault.Forbidden)
			_, err = d.StepPosition(ctx, approver, p.ID, 0, "withdraw", "No.")
			refused(t, string(m)+" withdraws the dissent", err, fault.Forbidden)
		}
	})
}
