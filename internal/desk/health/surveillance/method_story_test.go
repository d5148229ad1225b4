package surveillance

import (
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// TestMethodStory: a version is proposed, confirmed by another person,
// replaced, and every scan says by which it judged.
func TestMethodStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		s := describe(t, d, "Weekly bulletin", sunday)
		store(t, d, s, "first", now.Now(), bulletin(scanWeek(now)))
		d.ScanWork(t.Context())
		bad := MethodInput{Disease: "nothing", Resolution: Yearly, Settings: Settings{Algorithm: "magic"}}
		if _, err := d.Propose(t.Context(), epi, bad); !fault.Is(err, fault.Invalid) || len(fieldsOf(err)) < 5 {
			t.Fatalf("%v", err)
		}
		in := MethodInput{Disease: "dengue", Resolution: Weekly, Settings: WithDefaults(EARSC2, Weekly), Basis: "Sample: a new programme without history"}
		if _, err := d.Propose(t.Context(), duty, in); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer proposed: %v", err)
		}
		m, err := d.Propose(t.Context(), epi, in)
		if err != nil || m.Number != 1 || m.State != Proposed {
			t.Fatalf("%v %+v", err, m)
		}
		if _, err := d.StepMethod(t.Context(), epi, m.ID, m.Version, "confirm"); !fault.Is(err, fault.Invalid) {
			t.Fatalf("who proposed it confirmed it: %v", err)
		}
		in.Settings.MinCases = 3
		if m, err = d.EditMethod(t.Context(), second, m.ID, m.Version, in); err != nil || m.Proposed.Account != second.Account {
			t.Fatalf("%v %+v", err, m)
		}
		if m, err = d.StepMethod(t.Context(), epi, m.ID, m.Version, "confirm"); err != nil || m.State != InForce {
			t.Fatalf("%v %+v", err, m)
		}
		if _, err := d.EditMethod(t.Context(), epi, m.ID, m.Version, in); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a version in force was changed: %v", err)
		}
		now.Advance(time.Minute)
		d.ScanWork(t.Context())
		runs := scans(t, d, epi)
		if len(runs) != 2 || runs[0].Because != "method" || runs[0].Rev != 1 || len(runs[0].Methods) != 2 || runs[0].Methods[1].Number != 1 {
			t.Fatalf("%+v", runs)
		}
		for _, v := range alarms(t, d, epi, AlarmFilter{}) {
			if (v.Disease == "dengue") != (v.Settings.Algorithm == EARSC2 && v.Method.ID == m.ID) {
				t.Fatalf("%s was judged by %+v", v.Disease, v.Method)
			}
		}
		replaceMethod(t, d, in, m)
	}, schemas...)
}

func replaceMethod(t *testing.T, d *Desk, in MethodInput, m Method) {
	t.Helper()
	in.Settings = WithDefaults(CUSUM, Weekly)
	next, err := d.Propose(t.Context(), epi, in)
	if err == nil {
		next, err = d.StepMethod(t.Context(), approver, next.ID, next.Version, "confirm")
	}
	if err != nil || next.Number != 2 {
		t.Fatalf("%v %+v", err, next)
	}
	old, err := d.MethodPage(t.Context(), duty, m.ID)
	if err != nil || old.State != Replaced {
		t.Fatalf("%v %+v", err, old)
	}
	if next, err = d.StepMethod(t.Context(), approver, next.ID, next.Version, "withdraw"); err != nil || next.State != Withdrawn {
		t.Fatalf("%v %+v", err, next)
	}
	list, err := d.MethodList(t.Context(), duty)
	if err != nil || len(list) != 2 || list[0].Number != 2 {
		t.Fatalf("%v %+v", err, list)
	}
}
