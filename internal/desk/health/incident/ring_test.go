package incident

import (
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// A ring goes to the function that the requirement names, and higher when
// nobody answers.
func TestRingStory(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		in := w.open()
		r, err := w.desk.Require(ctx, duty, in.ID, RequirementInput{Text: "A health worker falls ill", Tell: "operations", Minutes: 15})
		w.must(err)
		w.on(in.ID, second, "operations")
		w.on(in.ID, third, Manager)
		x, err := w.desk.Ring(ctx, duty, r.ID, "Nurse at the district hospital.")
		w.must(err)
		if again, err := w.desk.Ring(ctx, third, r.ID, " Nurse at the district hospital. "); err != nil || again.ID != x.ID {
			t.Fatalf("the same press rings again: %s %v", again.ID, err)
		}
		if w.todos(second)["todo.incident.ring"] != 1 || w.todos(third)["todo.incident.ring"] != 0 {
			t.Fatalf("operations hears %v, the manager %v", w.todos(second), w.todos(third))
		}
		_, err = w.desk.Answer(ctx, third, x.ID, 0, "")
		w.refused(fault.Invalid, err) // not named yet
		w.clock.Advance(14 * time.Minute)
		w.must(w.desk.Lapse(ctx))
		if b := w.book(in.ID); b.Rings[0].State != Ringing {
			t.Fatalf("escalated early: %s", b.Rings[0].State)
		}
		w.clock.Advance(time.Minute)
		w.must(w.desk.Lapse(ctx))
		w.must(w.desk.Lapse(ctx)) // not twice
		b := w.book(in.ID)
		if y := b.Rings[0]; y.State != Escalated || y.Times != 1 || w.todos(third)["todo.incident.ring"] != 1 {
			t.Fatalf("after its time: %s, %d times, the manager hears %v", y.State, y.Times, w.todos(third))
		}
		w.clock.Advance(5 * time.Minute)
		_, err = w.desk.Answer(ctx, third, x.ID, 0, "Isolated; contacts are traced.")
		w.must(err)
		b = w.book(in.ID)
		if y := b.Rings[0]; y.Ring.Open() || y.AckedFor != Manager || y.Waited(w.clock.Now()) != 20*time.Minute {
			t.Fatalf("acknowledged for %s after %s", y.AckedFor, y.Waited(w.clock.Now()))
		}
		w.refused(fault.Invalid, w.desk.Retire(ctx, duty, r.ID, 0, ""))
		w.must(w.desk.Retire(ctx, duty, r.ID, 0, "Hospital closed."))
		_, err = w.desk.Ring(ctx, duty, r.ID, "")
		w.refused(fault.Conflict, err)
	})
}

// Where nobody is on duty, whoever hears it may answer, and it says so.
func TestRingWithNobodyOnDuty(t *testing.T) {
	each(t, func(w *world) {
		in := w.open()
		r, err := w.desk.Require(w.Context(), duty, in.ID, RequirementInput{Text: "A death", Tell: "operations", Minutes: 5})
		w.must(err)
		x, err := w.desk.Ring(w.Context(), second, r.ID, "")
		w.must(err)
		y, err := w.desk.Answer(w.Context(), duty, x.ID, 0, "Called the hospital.")
		w.must(err)
		if y.AckedFor != "" {
			t.Fatalf("for %q", y.AckedFor)
		}
	})
}

// What the records say when a requirement is made does not ring; what comes
// later rings once, and a figure that goes down and up again does not.
func TestWatch(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		e := w.event(w.fact("cases", "confirmed", "KH-3", 4), w.fact("deaths", "confirmed", "KH-3", 1))
		in := w.open(e.ID)
		for _, x := range []string{"new_place", "death", "health_worker"} {
			_, err := w.desk.Require(ctx, duty, in.ID, RequirementInput{Text: "Watched: " + x, Tell: Manager, Minutes: 30, Watch: x})
			w.must(err)
		}
		look := func(want int, why string) {
			t.Helper()
			w.must(w.desk.Watch(ctx))
			w.must(w.desk.Watch(ctx))
			if n := len(w.book(in.ID).Rings); n != want {
				t.Fatalf("%s: %d rings, want %d: %+v", why, n, want, w.book(in.ID).Rings)
			}
		}
		add := func(f health.Fact) {
			t.Helper()
			w.clock.Advance(time.Hour)
			f.AsOf = w.clock.Now()
			_, err := w.health.AddFacts(ctx, duty, e.ID, 0, []health.Fact{f})
			w.must(err)
		}
		look(0, "what was there")
		add(w.fact("cases", "confirmed", "KH-3", 9))
		look(0, "more cases in the same place")
		add(w.fact("cases", "suspected", "KH-12", 1))
		look(1, "a case in a new place")
		add(w.fact("deaths", "confirmed", "KH-3", 2))
		look(2, "a death")
		add(w.fact("deaths", "confirmed", "KH-3", 1))
		look(2, "a death taken back")
		add(w.fact("deaths", "confirmed", "KH-3", 2))
		look(2, "and counted again")
		add(health.Fact{Indicator: "cases", Class: "confirmed", Place: "KH-3", Value: 1, Group: "health_workers", Source: "Hospital (sample)"})
		look(3, "a health worker")
		if r := w.book(in.ID).Rings[0]; r.Key != "incident.seen.health_worker" || r.RungAs != "node" {
			t.Fatalf("%+v", r)
		}
		// An event that joins later brings what it has, and rings from then on.
		w.clock.Advance(time.Minute)
		late := w.event(w.fact("deaths", "confirmed", "KH-3", 7))
		input := Input{Name: in.Name, Lang: "en", Trigger: in.Trigger, DecidedBy: in.DecidedBy, Events: []id.ID{e.ID, late.ID}, Functions: Core, Hours: 12, Marking: access.TLPAmber}
		_, err := w.desk.Edit(ctx, duty, in.ID, 0, input)
		w.must(err)
		look(3, "an event that joins")
		_, err = w.health.AddFacts(ctx, duty, late.ID, 0, []health.Fact{{Indicator: "deaths", Class: "confirmed", Place: "KH-3", Value: 8, Source: "Hospital (sample)", AsOf: w.clock.Now().Add(time.Second)}})
		w.must(err)
		look(4, "its next death")
	})
}

// An activation of the state opens its incident with one press, once.
func TestAdopt(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		e := w.event()
		w.activations = []Activation{{ID: "01900000-0000-7000-8000-000000000001", Event: e.ID, EventName: e.Name, Level: 3, Trigger: "Spread", Lang: "en", By: "Post approver",
			Since: w.clock.Now(), Until: w.clock.Now().Add(240 * time.Hour), Marking: access.TLPAmber}}
		if w.todos(duty)["todo.incident.adopt"] != 1 || w.todos(auditor)["todo.incident.adopt"] != 0 {
			t.Fatalf("duty %v, auditor %v", w.todos(duty), w.todos(auditor))
		}
		in, err := w.desk.Adopt(ctx, duty, w.activations[0].ID)
		w.must(err)
		if in.Mode != "response" || in.Level != 3 || len(in.Events) != 1 || in.DecidedBy != "Post approver" {
			t.Fatalf("%+v", in)
		}
		_, err = w.desk.Adopt(ctx, second, w.activations[0].ID)
		w.refused(fault.NotFound, err)
		if w.todos(duty)["todo.incident.adopt"] != 0 {
			t.Fatal("still proposed")
		}
		if rows, _, err := w.desk.Incidents(ctx, duty, Filter{Event: e.ID, Query: "cholera"}); err != nil || len(rows) != 1 || rows[0].Vacant != len(Core) {
			t.Fatalf("%+v %v", rows, err)
		}
	})
}
