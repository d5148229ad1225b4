package ihr_test

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("%s: %v, want %v", what, err, kind)
	}
}

func has(t *testing.T, d *ihr.Desk, who access.Actor, key string) bool {
	t.Helper()
	todos, err := d.Todos(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range todos {
		if x.Key == key {
			return true
		}
	}
	return false
}

// replies answers the four questions, each with a reason.
func replies(q1, q2, q3, q4 ihr.Answer) map[string]ihr.Reply {
	out := map[string]ihr.Reply{}
	for i, a := range []ihr.Answer{q1, q2, q3, q4} {
		out["q"+string(rune('1'+i))] = ihr.Reply{Answer: a, Reason: "Sample reason."}
	}
	return out
}

// decided plays an assessment to its decision by two readers who agree.
func (w *world) decided(event id.ID, r map[string]ihr.Reply, o ihr.Outcome) ihr.Annex2 {
	w.t.Helper()
	ctx, d := w.t.Context(), w.desks["KH"].ihr
	a, err := d.Open(ctx, epi, event)
	if err == nil {
		a, err = d.Finish(ctx, epi, a.ID, a.Version, r)
	}
	if err == nil {
		a, err = d.Finish(ctx, duty, a.ID, a.Version, r)
	}
	if err == nil {
		a, err = d.Decide(ctx, focal, a.ID, a.Version, o, "As both readers found.")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// The life of an assessment by Annex 2: a first reader, a second who does not
// see the first one's answers, the decision of the focal point, the
// notification within 24 hours, and a newer assessment that supersedes it.
func TestAnnex2Story(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH")
		ctx, d := t.Context(), w.desks["KH"].ihr
		e := w.event("KH")
		w.clock.Advance(5 * time.Hour)
		_, err := d.Open(ctx, approver, e.ID)
		refused(t, "an approver opens it", err, fault.Forbidden)
		a, err := d.Open(ctx, epi, e.ID)
		if err != nil || a.Path != "B" || a.Form != ihr.CurrentForm {
			t.Fatal(a.Path, err)
		}
		if want := e.Created.At.Add(48 * time.Hour); !a.Due.Equal(want) {
			t.Errorf("due %s, want 48 h after the event was recorded: %s", a.Due, want)
		}
		_, err = d.Open(ctx, duty, e.ID)
		refused(t, "opened twice", err, fault.Conflict)
		a, err = d.Answer(ctx, epi, a.ID, a.Version, map[string]ihr.Reply{"q1": {Answer: ihr.Yes, Reason: "Four deaths."}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Finish(ctx, epi, a.ID, a.Version, map[string]ihr.Reply{"q1": {Answer: ihr.Yes, Reason: "Four deaths."}})
		refused(t, "finished with open questions", err, fault.Invalid)
		bare := replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No)
		bare["q3"] = ihr.Reply{Answer: ihr.Yes}
		_, err = d.Finish(ctx, epi, a.ID, a.Version, bare)
		refused(t, "finished without a reason", err, fault.Invalid)
		_, err = d.Answer(ctx, duty, a.ID, a.Version, replies(ihr.No, ihr.No, ihr.No, ihr.No))
		refused(t, "another person writes into the first reading", err, fault.Invalid)
		hidden(t, d, a.ID, duty, "the first reading while it goes on")
		_, err = d.Decide(ctx, focal, a.ID, a.Version, ihr.Notify, "Sure.")
		refused(t, "decided before anybody has read", err, fault.Conflict)
		if a, err = d.Finish(ctx, epi, a.ID, a.Version, replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No)); err != nil || a.State != ihr.SecondRead {
			t.Fatal(a.State, err)
		}
		secondReader(t, w, a)
	})
}

// hidden fails if the actor sees what the first reader answered.
func hidden(t *testing.T, d *ihr.Desk, aid id.ID, who access.Actor, what string) {
	t.Helper()
	p, err := d.Annex2Page(t.Context(), who, aid)
	if err != nil || p.View.First != nil || len(p.View.Differs) > 0 || len(p.Precedents) > 0 {
		t.Fatalf("%s sees %s: %+v %v", who.Name, what, p.View.First, err)
	}
}

func secondReader(t *testing.T, w *world, a ihr.Annex2) {
	t.Helper()
	ctx, d := t.Context(), w.desks["KH"].ihr
	for _, who := range []access.Actor{duty, focal, approver, auditor} {
		hidden(t, d, a.ID, who, "the first reading before the second is done")
	}
	if p, err := d.Annex2Page(ctx, epi, a.ID); err != nil || p.View.First == nil || p.Reading != "" {
		t.Fatalf("the first reader does not see the own answers, or may read twice: %+v %v", p.Reading, err)
	}
	_, err := d.Finish(ctx, epi, a.ID, a.Version, replies(ihr.Yes, ihr.Yes, ihr.Yes, ihr.Yes))
	refused(t, "the first reader is the second", err, fault.Invalid)
	if !has(t, d, duty, "todo.ihr.second") || has(t, d, epi, "todo.ihr.second") {
		t.Error("the second reading waits for the wrong people")
	}
	if a, err = d.Answer(ctx, duty, a.ID, a.Version, replies(ihr.No, ihr.No, ihr.Unknown, ihr.No)); err != nil {
		t.Fatal(err)
	}
	if p, _ := d.Annex2Page(ctx, epi, a.ID); p.View.Second != nil {
		t.Error("the first reader sees the second reading while it goes on")
	}
	if a, err = d.Reset(ctx, duty, a.ID, a.Version, "End of the shift."); err != nil || a.Second.Begun() || !a.First.Begun() {
		t.Fatal("a reset of the second reading", err)
	}
	if a, err = d.Finish(ctx, duty2, a.ID, a.Version, replies(ihr.No, ihr.No, ihr.Unknown, ihr.No)); err != nil || a.State != ihr.Deciding {
		t.Fatal(a.State, err)
	}
	p, err := d.Annex2Page(ctx, approver, a.ID)
	if err != nil || p.View.First == nil || p.View.Second == nil || !slices.Equal(p.View.Differs, []string{"q1", "q3"}) {
		t.Fatalf("the disagreement is not shown: %+v %v", p.View.Differs, err)
	}
	if p.View.First.Result.Outcome != ihr.Notify || p.View.Second.Result.Outcome != ihr.NoNeed {
		t.Errorf("results %s and %s", p.View.First.Result.Outcome, p.View.Second.Result.Outcome)
	}
	_, err = d.Decide(ctx, duty2, a.ID, a.Version, ihr.Notify, "Sure.")
	refused(t, "a duty officer decides", err, fault.Forbidden)
	_, err = d.Decide(ctx, authority, a.ID, a.Version, ihr.Notify, "Sure.")
	refused(t, "the authority decides in place of the focal point", err, fault.Forbidden)
	_, err = d.Decide(ctx, focal, a.ID, a.Version, ihr.Notify, " ")
	refused(t, "decided without a reason", err, fault.Invalid)
	w.clock.Advance(time.Hour)
	if a, err = d.Decide(ctx, focal, a.ID, a.Version, ihr.NoNeed, "The second reader knew the laboratory result."); err != nil || a.Follows != "second" || !a.Due.IsZero() {
		t.Fatal(a.Follows, a.Due, err)
	}
	_, err = d.Told(ctx, focal, a.ID, a.Version, w.clock.Now(), "E-mail.")
	refused(t, "WHO told of what needs no notification", err, fault.Invalid)
	again(t, w, a)
}

// again: more becomes known, a new assessment supersedes the old one.
func again(t *testing.T, w *world, old ihr.Annex2) {
	t.Helper()
	ctx, d := t.Context(), w.desks["KH"].ihr
	a := w.decided(old.Event, replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No), ihr.Notify)
	if want := w.clock.Now().Add(24 * time.Hour); !a.Due.Equal(want) || a.Supersedes != old.ID {
		t.Fatalf("due %s, want %s; supersedes %s", a.Due, want, a.Supersedes)
	}
	if p, err := d.Annex2Page(ctx, focal, old.ID); err != nil || p.View.State != ihr.Superseded {
		t.Fatal(p.View.State, err)
	}
	w.clock.Advance(25 * time.Hour)
	todos, err := d.Todos(ctx, focal)
	if err != nil {
		t.Fatal(err)
	}
	late := false
	for _, x := range todos {
		late = late || x.Key == "todo.ihr.told" && x.Late
	}
	if !late {
		t.Error("nobody is told that the notification is late")
	}
	_, err = d.Told(ctx, focal, a.ID, a.Version, w.clock.Now().Add(time.Hour), "E-mail.")
	refused(t, "told in the future", err, fault.Invalid)
	if a, err = d.Told(ctx, focal, a.ID, a.Version, w.clock.Now(), "E-mail to the WHO Contact Point."); err != nil || !a.Due.IsZero() {
		t.Fatal(a.Due, err)
	}
}

// Precedents: decided events of the same class that were answered alike.
func TestPrecedents(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH")
		ctx, d := t.Context(), w.desks["KH"].ihr
		other := func(hazard string) id.ID {
			e, err := w.desks["KH"].health.RecordEvent(ctx, duty, health.EventInput{Name: "Another (sample)", Lang: "en", Hazard: hazard,
				Grade: health.Watch, Marking: access.TLPAmber, Places: []string{"KH"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return e.ID
		}
		same := w.decided(w.event("KH").ID, replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No), ihr.Notify)
		near := w.decided(other("dengue"), replies(ihr.Yes, ihr.No, ihr.No, ihr.No), ihr.NoNeed)
		w.decided(other("dengue"), replies(ihr.No, ihr.Yes, ihr.No, ihr.No), ihr.NoNeed)          // three answers away
		w.decided(other("chemical_event"), replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No), ihr.Notify) // another class
		a := w.decided(w.event("KH").ID, replies(ihr.Yes, ihr.No, ihr.Yes, ihr.No), ihr.Notify)
		p, err := d.Annex2Page(ctx, focal, a.ID)
		if err != nil || len(p.Precedents) != 2 || p.Precedents[0].View.ID != same.ID || p.Precedents[1].View.ID != near.ID {
			t.Fatalf("%d precedents: %+v %v", len(p.Precedents), p.Precedents, err)
		}
		if p.Precedents[0].Differs != 0 || !p.Precedents[0].Same || p.Precedents[1].Differs != 1 || p.Precedents[1].Same {
			t.Errorf("how they differ: %+v", p.Precedents)
		}
	})
}

// Each state's own statement on the amendments, unknown until it says so.
func TestAmendmentStory(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "TH", "KH")
		ctx, d := t.Context(), w.desks["TH"].ihr
		in := ihr.AmendmentInput{Status: "reservation", On: "2025-07-18", InForce: "2025-09-19", Source: "Note to the Director-General (sample)", Lang: "en"}
		_, err := d.State(ctx, authority, in)
		refused(t, "a reservation without its words", err, fault.Invalid)
		in.Words = "To one article (sample)."
		_, err = d.State(ctx, focal, in)
		refused(t, "stated by the focal point", err, fault.Forbidden)
		a, err := d.State(ctx, authority, in)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.ReleaseAmendment(ctx, authority, a.ID, a.Version)
		refused(t, "released without clearance", err, fault.Forbidden)
		status := func(m access.Member) map[access.Member]string {
			p, err := w.desks[m].ihr.Amendments(ctx, auditor)
			if err != nil || len(p.Rows) != len(access.States) {
				t.Fatal(len(p.Rows), err)
			}
			out := map[access.Member]string{}
			for _, r := range p.Rows {
				out[r.Member] = r.Status()
			}
			return out
		}
		if s := status("KH"); s["TH"] != "unknown" || s["VN"] != "unknown" {
			t.Errorf("before anybody said anything: %v", s)
		}
		if a, err = d.ReleaseAmendment(ctx, approver, a.ID, a.Version); err != nil {
			t.Fatal(err)
		}
		first := w.queued("TH")[0]
		in.Status, in.Words = "accepted", ""
		b, err := d.State(ctx, authority, in)
		if err == nil {
			w.clock.Advance(time.Hour)
			_, err = d.ReleaseAmendment(ctx, approver, b.ID, b.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []exchange.Release{w.queued("TH")[0], first} { // the newer one first
			if err := w.hand("KH", r); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range []access.Member{"TH", "KH"} {
			if s := status(m); s["TH"] != "accepted" || s["VN"] != "unknown" {
				t.Errorf("at %s: %v", m, s)
			}
		}
		_, err = w.desks["KH"].ihr.EditAmendment(ctx, authority, b.ID, 0, in)
		refused(t, "another state edits it", err, fault.Forbidden)
	})
}

// An outside determination: recorded with its source, its recommendations
// lapse after three months, ended, struck out when it was an error.
func TestDeterminationStory(t *testing.T) {
	each(t, func(t *testing.T, o db.Options) {
		w := newWorld(t, o, "KH")
		ctx, d := t.Context(), w.desks["KH"].ihr
		e := w.event("KH")
		in := ihr.DeterminationInput{Kind: "pheic", Hazard: "cholera", Title: "Sample determination", By: "WHO Director-General", On: "2026-01-30", Meeting: 2,
			Source: "https://example.org/statement", Marking: access.TLPClear, Recommendations: []ihr.Recommendation{{Text: "Strengthen surveillance (sample)."}}}
		late := in
		late.On = "2026-05-01"
		_, err := d.Record(ctx, duty, "", late)
		refused(t, "determined in the future", err, fault.Invalid)
		nobody := in
		nobody.By, nobody.Source = "", ""
		_, err = d.Record(ctx, duty, "", nobody)
		refused(t, "without who and source", err, fault.Invalid)
		_, err = d.Record(ctx, epi, "", in)
		refused(t, "recorded by an epidemiologist", err, fault.Forbidden)
		x, err := d.Record(ctx, duty, "", in)
		if err != nil || x.Recommendations[0].Expires != "2026-04-30" {
			t.Fatal(x.Recommendations, err)
		}
		on, err := d.DeterminationsOf(ctx, duty, e.ID, e.Hazard)
		if err != nil || len(on) != 1 {
			t.Fatalf("a determination of the hazard is not on its event: %d %v", len(on), err)
		}
		if has(t, d, duty, "todo.ihr.lapse") {
			t.Error("recommendations lapse too early")
		}
		w.clock.Set(time.Date(2026, 4, 28, 0, 0, 0, 0, time.UTC))
		if !has(t, d, duty, "todo.ihr.lapse") {
			t.Error("nobody is told that the recommendations lapse")
		}
		_, err = d.EndDetermination(ctx, duty, x.ID, 0, "2026-01-01")
		refused(t, "ended before it began", err, fault.Invalid)
		if x, err = d.EndDetermination(ctx, duty, x.ID, 0, "2026-04-27"); err != nil || x.State != ihr.Ended {
			t.Fatal(x.State, err)
		}
		_, err = d.Strike(ctx, duty, x.ID, 0, "")
		refused(t, "struck out without a reason", err, fault.Invalid)
		if _, err = d.Strike(ctx, duty, x.ID, 0, "Another hazard."); err != nil {
			t.Fatal(err)
		}
		if on, _ = d.DeterminationsOf(ctx, duty, e.ID, e.Hazard); len(on) != 0 {
			t.Error("what was struck out is still on the event")
		}
	})
}
