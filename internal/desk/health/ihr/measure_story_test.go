package ihr_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func measureInput(members ...access.Member) ihr.MeasureInput {
	return ihr.MeasureInput{Review: "2026-02-08", Expires: "2026-02-15", Members: members, Marking: access.TLPAmber,
		Content: ihr.Content{Type: "testing", Target: "travellers", Title: "Test before boarding (sample)", From: []string{"KH"}, To: []string{"TH"},
			Reason: "Two cases boarded while ill.", Evidence: "Incubation of up to five days.", Lang: "en"}}
}

// The life of a measure: planned, cleared and released, in force with its 48 h
// clock, reported late, reviewed, renewed, and expired when nobody renews it.
func TestMeasureStory(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "TH", "KH", "SG")
		ctx, d := t.Context(), w.desks["TH"].ihr
		e := w.event("TH")
		bad := measureInput("KH")
		bad.Content.From, bad.Review = []string{"KH", "FR"}, "2026-02-20"
		_, err := d.Plan(ctx, duty, e.ID, bad)
		refused(t, "an unknown corridor, a review after the expiry", err, fault.Invalid)
		_, err = d.Plan(ctx, epi, e.ID, measureInput("KH"))
		refused(t, "planned by an epidemiologist", err, fault.Forbidden)
		in := measureInput("KH")
		in.Content.Evidence = ""
		m, err := d.Plan(ctx, duty, e.ID, in)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.StepMeasure(ctx, duty, m.ID, m.Version, "start", ihr.StepInput{})
		refused(t, "started without evidence", err, fault.Invalid)
		if m, err = d.EditMeasure(ctx, duty, m.ID, m.Version, measureInput("KH")); err != nil {
			t.Fatal(err)
		}
		_, err = d.StepMeasure(ctx, duty, m.ID, m.Version, "start", ihr.StepInput{At: w.clock.Now().Add(time.Hour)})
		refused(t, "started in the future", err, fault.Invalid)
		if m, err = d.StepMeasure(ctx, duty, m.ID, m.Version, "start", ihr.StepInput{At: w.clock.Now().Add(-2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if want := m.Start.Add(48 * time.Hour); !m.Due.Equal(want) || !has(t, d, focal, "todo.ihr.report") {
			t.Errorf("the report is due %s, want %s", m.Due, want)
		}
		if len(w.queued("TH")) != 0 {
			t.Fatal("it left before anybody cleared it")
		}
		_, err = d.StepMeasure(ctx, duty, m.ID, m.Version, "release", ihr.StepInput{})
		refused(t, "cleared by a duty officer", err, fault.Forbidden)
		own := person("duty", access.DutyOfficer, access.Approver)
		_, err = d.StepMeasure(ctx, own, m.ID, m.Version, "release", ihr.StepInput{})
		refused(t, "cleared by its author", err, fault.Invalid)
		if m, err = d.StepMeasure(ctx, approver, m.ID, m.Version, "release", ihr.StepInput{}); err != nil {
			t.Fatal(err)
		}
		w.deliver()
		released(t, w, m)
	})
}

func (w *world) copyAt(m access.Member, mid id.ID) (ihr.MeasureView, error) {
	p, err := w.desks[m].ihr.Measure(w.t.Context(), duty, mid)
	return p.View, err
}

func released(t *testing.T, w *world, m ihr.Measure) {
	t.Helper()
	ctx, d, kh := t.Context(), w.desks["TH"].ihr, w.desks["KH"].ihr
	if v, err := w.copyAt("KH", m.ID); err != nil || v.State != ihr.InForce || v.Content.Title != m.Content.Title {
		t.Fatal(v.State, err)
	}
	if _, err := w.copyAt("SG", m.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("who was not chosen has it: %v", err)
	}
	_, err := kh.StepMeasure(ctx, duty, m.ID, 0, "lift", ihr.StepInput{Words: "It hurts us."})
	refused(t, "the affected state lifts it", err, fault.Forbidden)

	// What was changed since does not leave until it is cleared.
	in := measureInput("KH", "SG")
	in.Content.Title = "Test and quarantine (sample)"
	in.Marking = access.TLPClear
	longer := in
	longer.Expires = "2026-03-15"
	_, err = d.EditMeasure(ctx, duty, m.ID, 0, longer)
	refused(t, "prolonged by an edit", err, fault.Invalid)
	if _, err := d.EditMeasure(ctx, duty, m.ID, 0, in); err != nil {
		t.Fatal(err)
	}
	_, err = d.StepMeasure(ctx, duty, m.ID, 0, "report", ihr.StepInput{})
	refused(t, "reported by a duty officer", err, fault.Forbidden)
	w.clock.Advance(50 * time.Hour)
	if m, err = d.StepMeasure(ctx, focal, m.ID, 0, "report", ihr.StepInput{Words: "Message 7"}); err != nil || !m.Due.IsZero() {
		t.Fatal(m.Due, err)
	}
	for _, r := range w.queued("TH") {
		if r.Marking != access.TLPAmber || !slices.Equal(r.To, []access.Member{"KH"}) {
			t.Errorf("it leaves as %s to %v, cleared was TLP:AMBER to KH", r.Marking, r.To)
		}
		if err := w.hand("KH", r); err != nil {
			t.Fatal(err)
		}
	}
	v, err := w.copyAt("KH", m.ID)
	if err != nil || v.Content.Title != "Test before boarding (sample)" || v.State != ihr.Reported {
		t.Fatalf("what was not cleared has left: %q %s %v", v.Content.Title, v.State, err)
	}
	if got := ihr.Delay(v.Start, v.Reported, w.clock.Now()); got != 52*time.Hour || !v.Late(w.clock.Now()) {
		t.Errorf("reported after %s, late %t", got, v.Late(w.clock.Now()))
	}
	if _, err := d.StepMeasure(ctx, approver, m.ID, 0, "release", ihr.StepInput{}); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if v, err := w.copyAt("SG", m.ID); err != nil || v.Content.Title != "Test and quarantine (sample)" {
		t.Fatal(v.Content.Title, err)
	}
	renewedAndExpired(t, w, m)
}

func renewedAndExpired(t *testing.T, w *world, m ihr.Measure) {
	t.Helper()
	ctx, d := t.Context(), w.desks["TH"].ihr
	_, err := d.StepMeasure(ctx, duty, m.ID, 0, "review", ihr.StepInput{Review: "2026-02-12"})
	refused(t, "reviewed without words", err, fault.Invalid)
	if _, err := d.StepMeasure(ctx, duty, m.ID, 0, "review", ihr.StepInput{Words: "Still cases.", Review: "2026-02-12"}); err != nil {
		t.Fatal(err)
	}
	_, err = d.StepMeasure(ctx, focal, m.ID, 0, "renew", ihr.StepInput{Words: "More cases.", Review: "2026-02-18", Expires: "2026-02-20"})
	refused(t, "renewed by the focal point", err, fault.Forbidden)
	_, err = d.StepMeasure(ctx, authority, m.ID, 0, "renew", ihr.StepInput{Words: "More cases.", Review: "2026-02-10", Expires: "2026-02-11"})
	refused(t, "renewed to an earlier day", err, fault.Invalid)
	if m, err = d.StepMeasure(ctx, authority, m.ID, 0, "renew", ihr.StepInput{Words: "More cases.", Review: "2026-02-18", Expires: "2026-02-20"}); err != nil || m.Renewals != 1 {
		t.Fatal(m.Renewals, err)
	}
	w.deliver()
	w.clock.Set(time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC))
	if !has(t, d, authority, "todo.ihr.expiry") {
		t.Error("nobody is told that it expires")
	}
	if err := d.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if v, _ := w.copyAt("TH", m.ID); v.State != ihr.Reported || !v.Holds(w.clock.Now()) {
		t.Fatalf("on its last day it is %s", v.State)
	}
	w.clock.Set(time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC))
	if v, _ := w.copyAt("KH", m.ID); v.Holds(w.clock.Now()) {
		t.Error("a copy holds after its last day though its owner is silent")
	}
	if err := d.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	for _, x := range []access.Member{"TH", "KH", "SG"} {
		if v, err := w.copyAt(x, m.ID); err != nil || v.State != ihr.Expired {
			t.Errorf("at %s it is %s: %v", x, v.State, err)
		}
	}
	_, err = d.StepMeasure(ctx, authority, m.ID, 0, "renew", ihr.StepInput{Words: "Again.", Review: "2026-03-01", Expires: "2026-03-02"})
	refused(t, "renewed after it expired", err, fault.Conflict)
	if _, err := d.StepMeasure(ctx, approver, m.ID, 0, "withdraw", ihr.StepInput{Words: "Wrong state named."}); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if v, err := w.copyAt("KH", m.ID); err != nil || v.State != ihr.Withdrawn || v.Content.Reason != "" || v.EndReason != "Wrong state named." {
		t.Errorf("after the withdrawal %+v %v", v, err)
	}
}

// What comes in another order, twice, or from somebody who may not send it.
func TestReceiving(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "TH", "KH")
		ctx, d := t.Context(), w.desks["TH"].ihr
		m, err := d.Plan(ctx, duty, w.event("TH").ID, measureInput("KH"))
		for _, s := range []struct {
			who  access.Actor
			verb workflow.Verb
		}{{approver, "release"}, {duty, "start"}, {approver, "withdraw"}} {
			if err == nil {
				m, err = d.StepMeasure(ctx, s.who, m.ID, 0, s.verb, ihr.StepInput{Words: "Sample."})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		sent := w.queued("TH")
		for name, edit := range map[string]func(map[string]any){
			"another owner":        func(m map[string]any) { m["owner"] = "SG" },
			"not for this member":  func(m map[string]any) { m["members"] = []string{"SG"} },
			"without evidence":     func(m map[string]any) { m["content"].(map[string]any)["evidence"] = "" },
			"a state of its own":   func(m map[string]any) { m["state"] = "eternal" },
			"another version":      func(m map[string]any) { m["version"] = 99 },
			"a corridor to nobody": func(m map[string]any) { m["content"].(map[string]any)["to"] = []string{"XX"} },
		} {
			var body map[string]any
			if err := json.Unmarshal(sent[0].Body, &body); err != nil {
				t.Fatal(err)
			}
			edit(body)
			r := sent[0]
			r.Body, _ = json.Marshal(body)
			if err := w.hand("KH", r); err == nil {
				t.Errorf("taken: %s", name)
			}
		}
		for _, r := range []exchange.Release{sent[2], sent[1], sent[0], sent[1]} { // the withdrawal first
			if err := w.hand("KH", r); err != nil {
				t.Fatal(err)
			}
		}
		if v, err := w.copyAt("KH", m.ID); err != nil || v.State != ihr.Withdrawn || v.Content.Title != "" {
			t.Errorf("%+v %v", v, err)
		}
		list, _, err := w.desks["KH"].ihr.Measures(ctx, duty, ihr.MeasureFilter{})
		if err != nil || len(list) != 0 {
			t.Errorf("the register shows %d measures of which nothing is known: %v", len(list), err)
		}
	})
}
