package incident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// The life of an incident: opened, staffed, two periods, demobilised, closed.
func TestIncidentStory(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		_, err := w.desk.Open(ctx, auditor, Input{Name: "x", Lang: "en", Mode: "alert", Trigger: "x", DecidedBy: "x", Functions: Core, Hours: 12, Marking: access.TLPAmber})
		w.refused(fault.Forbidden, err)
		e := w.event(w.fact("cases", "confirmed", "KH-3", 4))
		_, err = w.desk.Open(ctx, duty, Input{Name: "x", Lang: "en", Mode: "alert", Trigger: "x", DecidedBy: "x", Functions: []string{"logistics"}, Hours: 12, Marking: access.TLPAmber})
		w.refused(fault.Invalid, err) // somebody answers for the whole
		_, err = w.desk.Open(ctx, duty, Input{Name: "x", Lang: "en", Mode: "alert", Trigger: "x", DecidedBy: "x", Functions: Core, Hours: 12, Marking: access.TLPClear, Events: []id.ID{e.ID}})
		w.refused(fault.Invalid, err) // more open than its event
		in := w.open(e.ID)
		if n := w.todos(second)["todo.incident.vacant"]; n != 1 {
			t.Fatalf("nobody is told that there is no incident manager: %v", w.todos(second))
		}
		if _, err := w.desk.Book(ctx, admin, in.ID); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the administrator reads: %v", err)
		}
		w.shifts(in)
		w.periods(in)
		in, err = w.desk.Step(ctx, duty, in.ID, 0, "set_mode", "response", "Spread to a third province.")
		w.must(err)
		w.windDown(in)
	})
}

// shifts: nobody takes the place of another, and who handed over keeps the
// function until somebody has taken it.
func (w *world) shifts(in Incident) {
	w.Helper()
	ctx, t := w.Context(), w.T
	at := w.clock.Now().Truncate(time.Hour)
	n, err := w.desk.Roster(ctx, duty, in.ID, Shift{at, at.Add(12 * time.Hour)}, []Post{{Manager, second.Account}, {Planning, duty.Account}})
	w.must(err)
	if again, err := w.desk.Roster(ctx, duty, in.ID, Shift{at, at.Add(12 * time.Hour)}, []Post{{Manager, second.Account}}); err != nil || n != 2 || again != 0 {
		t.Fatalf("rostered %d, then %d: %v", n, again, err)
	}
	_, err = w.desk.Roster(ctx, duty, in.ID, Shift{at, at.Add(12 * time.Hour)}, []Post{{Manager, "stranger"}})
	w.refused(fault.Invalid, err)
	var manager Duty
	for _, x := range w.book(in.ID).Duties {
		if x.Function == Manager {
			manager = x.Duty
		} else {
			_, err = w.desk.StepDuty(ctx, duty, x.ID, 0, "take", DutyInput{})
			w.must(err)
		}
	}
	if s := w.book(in.ID).Seats[0]; s.Key != Manager || !s.Vacant() || len(s.Due) != 1 {
		t.Fatalf("planned is not taken over: %+v", s)
	}
	_, err = w.desk.StepDuty(ctx, duty, manager.ID, 0, "take", DutyInput{})
	w.refused(fault.Invalid, err) // another's duty
	manager, err = w.desk.StepDuty(ctx, second, manager.ID, 0, "take", DutyInput{})
	w.must(err)
	_, err = w.desk.StepDuty(ctx, second, manager.ID, 0, "hand_over", DutyInput{})
	w.refused(fault.Invalid, err) // without words
	w.clock.Advance(12 * time.Hour)
	manager, err = w.desk.StepDuty(ctx, second, manager.ID, 0, "hand_over", DutyInput{Brief: "Two wards open.", Pending: "Chlorine by 20:00."})
	w.must(err)
	if s := w.book(in.ID).Seats[0]; s.Vacant() || s.On[0].Holder != second.Account {
		t.Fatalf("handed over to nobody and already gone: %+v", s)
	}
	_, err = w.desk.StepDuty(ctx, second, manager.ID, 0, "relieve", DutyInput{})
	w.refused(fault.Invalid, err) // of oneself
	x := w.on(in.ID, third, Manager)
	for _, old := range w.book(in.ID).Duties {
		if old.ID == manager.ID && (old.State != Relieved || old.Relief != third.Name) {
			t.Fatalf("not relieved: %s by %s", old.State, old.Relief)
		}
	}
	if s := w.book(in.ID).Seats[0]; len(s.On) != 1 || s.On[0].ID != x.ID {
		t.Fatalf("the manager is %+v", s.On)
	}
}

func (w *world) plan(p Plan, objectives ...Objective) PlanInput {
	return PlanInput{From: p.From, To: p.To, Situation: "Eight cases.", Safety: "Boots and gloves; heat.", Objectives: objectives,
		Assignments: []Assignment{{Function: "operations", Task: "Set up a treatment centre", Place: "KH-3"}}, Channels: []Channel{{Function: Manager, Means: "Phone", Number: "+855 00 000 000"}}, Why: "More cases."}
}

// periods: two people make a plan; what was approved stays; objectives go on.
func (w *world) periods(in Incident) {
	w.Helper()
	ctx, t := w.Context(), w.T
	p, err := w.desk.Draft(ctx, duty, in.ID)
	w.must(err)
	_, err = w.desk.Draft(ctx, second, in.ID)
	w.refused(fault.Conflict, err)
	_, err = w.desk.StepPlan(ctx, duty, p.ID, 0, "submit", "")
	w.refused(fault.Invalid, err) // empty
	p, err = w.desk.EditPlan(ctx, duty, p.ID, 0, w.plan(p, Objective{Text: "Case fatality below 1 %", Measure: "Deaths over cases", Function: "operations"},
		Objective{Text: "Safe water in 12 villages", Function: "logistics"}))
	w.must(err)
	p, err = w.desk.StepPlan(ctx, duty, p.ID, 0, "submit", "")
	w.must(err)
	_, err = w.desk.StepPlan(ctx, duty, p.ID, 0, "approve", "")
	w.refused(fault.Invalid, err) // of one's own
	_, err = w.desk.StepPlan(ctx, second, p.ID, 0, "approve", "")
	w.refused(fault.Invalid, err) // not the manager on duty
	if n := w.todos(third)["todo.incident.approve"]; n != 1 {
		t.Fatalf("the manager does not know that the plan waits: %v", w.todos(third))
	}
	p, err = w.desk.StepPlan(ctx, third, p.ID, 0, "approve", "")
	w.must(err)
	if p.State != InForce {
		t.Fatalf("its period has begun, and it is %s", p.State)
	}
	_, err = w.desk.EditPlan(ctx, duty, p.ID, 0, w.plan(p))
	w.refused(fault.Conflict, err) // what was approved stays
	a, err := w.desk.Amend(ctx, duty, p.ID)
	w.must(err)
	change := w.plan(a, a.Objectives...)
	change.Objectives[0].Text = "Case fatality below 0.5 %"
	change.Channels = append(change.Channels, Channel{Function: Planning, Means: "Radio", Number: "4"})
	a, err = w.desk.EditPlan(ctx, duty, a.ID, 0, change)
	w.must(err)
	a, err = w.desk.StepPlan(ctx, duty, a.ID, 0, "submit", "")
	w.must(err)
	a, err = w.desk.StepPlan(ctx, approver, a.ID, 0, "approve", "")
	w.must(err)
	b := w.book(in.ID)
	if got := b.Plan(a.ID).Changes; a.Edition != 2 || len(got) != 2 || got[0].Part != "objectives" || !strings.Contains(got[0].Was, "1 %") || got[1].Was != "" {
		t.Fatalf("edition %d changes %+v", a.Edition, got)
	}
	if old := b.Plan(p.ID); old.State != Superseded || old.Objectives[0].Text != "Case fatality below 1 %" {
		t.Fatalf("the first edition is %s: %s", old.State, old.Objectives[0].Text)
	}
	w.progress(in, a)
	w.secondPeriod(in, a)
}

// secondPeriod begins at its time, with what was not reached in the first.
func (w *world) secondPeriod(in Incident, a Plan) {
	w.Helper()
	ctx, t := w.Context(), w.T
	p2, err := w.desk.Draft(ctx, duty, in.ID)
	w.must(err)
	if p2.Number != 2 || len(p2.Objectives) != 1 || p2.Objectives[0].ID != a.Objectives[0].ID || len(p2.Assignments) != 1 || !p2.From.Equal(a.To) {
		t.Fatalf("what is not reached goes on: %+v", p2)
	}
	p2, err = w.desk.EditPlan(ctx, duty, p2.ID, 0, w.plan(p2, p2.Objectives...))
	w.must(err)
	_, err = w.desk.StepPlan(ctx, duty, p2.ID, 0, "submit", "")
	w.must(err)
	p2, err = w.desk.StepPlan(ctx, third, p2.ID, 0, "approve", "")
	w.must(err)
	if p2.State != Approved {
		t.Fatalf("in force before its period: %s", p2.State)
	}
	_, err = w.desk.StepPlan(ctx, third, p2.ID, 0, "begin", "")
	w.refused(fault.Invalid, err)
	w.clock.Advance(p2.From.Sub(w.clock.Now()))
	w.must(w.desk.Lapse(ctx))
	b := w.book(in.ID)
	if b.InForce() == nil || b.InForce().ID != p2.ID || b.Plan(a.ID).State != Over {
		t.Fatalf("the second period is %s, the first %s", b.Plan(p2.ID).State, b.Plan(a.ID).State)
	}
	if o := b.Objectives[0]; o.Since != 1 || o.Status != "behind" || len(o.History) != 2 || o.History[0].Period != 1 {
		t.Fatalf("an objective without its history: %+v", o)
	}
}

// progress: the log is the only place where an objective gets a status.
func (w *world) progress(in Incident, p Plan) {
	w.Helper()
	ctx, t := w.Context(), w.T
	first, other := p.Objectives[0].ID, p.Objectives[1].ID
	w.must(w.desk.Write(ctx, duty, in.ID, EntryInput{Objective: first, Status: "on_track"}))
	w.must(w.desk.Write(ctx, duty, in.ID, EntryInput{Objective: first, Status: "behind", Text: "No beds since noon."}))
	w.refused(fault.Invalid, w.desk.Write(ctx, duty, in.ID, EntryInput{Objective: other, Status: "dropped"})) // without words
	w.must(w.desk.Write(ctx, duty, in.ID, EntryInput{Objective: other, Status: "achieved"}))
	w.refused(fault.Invalid, w.desk.Write(ctx, duty, in.ID, EntryInput{Objective: in.ID, Status: "achieved"}))
	w.refused(fault.Invalid, w.desk.Write(ctx, duty, in.ID, EntryInput{Text: "Tomorrow.", At: w.clock.Now().Add(time.Hour)}))
	w.refused(fault.Forbidden, w.desk.Write(ctx, auditor, in.ID, EntryInput{Text: "I was here."}))
	w.must(w.desk.Write(ctx, second, in.ID, EntryInput{Text: "Water truck arrved.", At: w.clock.Now().Add(-3 * time.Hour), Notable: true}))
	b := w.book(in.ID)
	i := slices.IndexFunc(b.Entries, func(e EntryView) bool { return e.Text == "Water truck arrved." })
	wrong := b.Entries[i]
	if !wrong.Later() {
		t.Fatal("three hours later, and it does not show")
	}
	w.must(w.desk.Write(ctx, second, in.ID, EntryInput{Text: "Water truck arrived.", At: wrong.At, Corrects: wrong.ID}))
	w.refused(fault.Conflict, w.desk.Write(ctx, second, in.ID, EntryInput{Text: "Again.", Corrects: wrong.ID}))
	b = w.book(in.ID)
	i = slices.IndexFunc(b.Entries, func(e EntryView) bool { return e.ID == wrong.ID })
	if b.Entries[i].Text != "Water truck arrved." || b.Entries[i].Corrected == "" {
		t.Fatalf("what was written has changed, or does not name its correction: %+v", b.Entries[i])
	}
}

// windDown: everybody is released, or somebody says why not.
func (w *world) windDown(in Incident) {
	w.Helper()
	ctx, t := w.Context(), w.T
	in, err := w.desk.Step(ctx, duty, in.ID, 0, "stand_down", "", "No case for ten days.")
	w.must(err)
	b := w.book(in.ID)
	if len(b.Checkouts) != 2 { // those that somebody held: manager and planning
		t.Fatalf("check-outs of %+v", b.Checkouts)
	}
	_, err = w.desk.Step(ctx, duty, in.ID, 0, "close", "", "")
	w.refused(fault.Invalid, err)
	items := []Item{{Text: "Two radios"}}
	_, err = w.desk.StepCheckout(ctx, duty, b.Checkouts[0].ID, 0, "clear", CheckoutInput{Items: items}, "")
	w.refused(fault.Invalid, err) // something is left
	items[0].To = "Logistics store"
	for i, x := range b.Checkouts {
		input := CheckoutInput{}
		if i == 0 {
			input.Items = items
		}
		_, err = w.desk.StepCheckout(ctx, duty, x.ID, 0, "clear", input, "")
		w.must(err)
	}
	for _, x := range b.Duties {
		if x.holds() {
			_, err = w.desk.StepDuty(ctx, duty, x.ID, 0, "end", DutyInput{Reason: "Released."})
			w.must(err)
		}
	}
	_, err = w.desk.Step(ctx, duty, in.ID, 0, "close", "", "")
	w.must(err)
	b = w.book(in.ID)
	if b.State != Closed || b.InForce() != nil || len(w.todos(duty)) != 0 {
		t.Fatalf("closed, and still running: %s, plan %v, todos %v", b.State, b.InForce(), w.todos(duty))
	}
	_, err = w.desk.Draft(ctx, duty, in.ID)
	w.refused(fault.Invalid, err)
	if last := b.Last(); last == nil || last.Began.IsZero() || last.Ended.IsZero() || b.Works {
		t.Fatalf("of a closed incident the last plan is %+v, and writing is offered: %v", last, b.Works)
	}
	lines := len(b.Entries)
	w.refused(fault.Conflict, w.desk.Write(ctx, duty, in.ID, EntryInput{Text: "One more."}))
	_, err = w.desk.StepCheckout(ctx, duty, b.Checkouts[0].ID, 0, "reopen", CheckoutInput{}, "A radio came back.")
	w.refused(fault.Conflict, err)
	if n := len(w.book(in.ID).Entries); n != lines {
		t.Fatalf("what was refused left %d lines in the log", n-lines)
	}
	// Every step of the incident stands in its log, and every line in the history.
	if steps := slices.DeleteFunc(slices.Clone(b.Entries), func(e EntryView) bool { return e.Kind != StepKind }); len(steps) < 20 {
		t.Fatalf("the log has %d steps", len(steps))
	}
	w.must(w.db.Read(ctx, func(tx *db.Tx) error {
		for _, e := range b.Entries {
			if list, err := history.Of(ctx, tx, e.ID); err != nil || len(list) != 1 {
				t.Fatalf("%d entries of the history for a line: %v", len(list), err)
			}
		}
		return nil
	}))
}
