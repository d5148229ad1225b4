package surveillance

import (
	"testing"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
)

// TestIntervalStory: a serial interval is proposed, corrected and confirmed by
// another person, takes the place of the built-in one in every reproduction
// number, is replaced, and gives the place back when it is withdrawn.
func TestIntervalStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		s := describe(t, d, "Weekly bulletin", sunday)
		last := scanWeek(now)
		var cells []packed.Cell
		for i := range int32(60) {
			cells = append(cells, packed.Cell{Period: last - 59 + i, Value: 20 + i})
		}
		store(t, d, s, "first", now.Now(), map[Key][]packed.Cell{{Disease: "dengue", Place: "KH-7", Class: All}: cells})
		rt := func() Reproduction {
			c, err := d.Curve(t.Context(), duty, CurveAsk{Dataset: s.Number, Rev: 1, From: last - 51, To: last, Key: Key{Disease: "dengue", Place: "KH-7", Class: All}})
			if err != nil || c.Rt.Why != "" || len(c.Rt.Points) == 0 {
				t.Fatalf("%v %+v", err, c.Rt)
			}
			return c.Rt
		}
		built := rt()
		in := SerialInterval{Disease: "dengue", Mean: 30, SD: 5, Source: "Sample: an investigation of households"}
		for field, bad := range map[string]SerialInterval{"disease": {Disease: "nothing", Mean: 3, SD: 1, Source: "x"}, "mean": {Disease: "dengue", Mean: 1, SD: 1, Source: "x"},
			"sd": {Disease: "dengue", Mean: 3, SD: -1, Source: "x"}, "source": {Disease: "dengue", Mean: 3, SD: 1, Source: " "}} {
			if _, err := d.ProposeInterval(t.Context(), epi, bad); !fault.Is(err, fault.Invalid) || len(fieldsOf(err)) != 1 || fieldsOf(err)[0].Name != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := d.ProposeInterval(t.Context(), duty, in); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer proposed: %v", err)
		}
		i, err := d.ProposeInterval(t.Context(), epi, in)
		if err != nil || i.Number != 1 || rt().Interval != built.Interval {
			t.Fatalf("%v %+v", err, i)
		}
		if _, err := d.StepInterval(t.Context(), epi, i.ID, i.Version, "confirm"); !fault.Is(err, fault.Invalid) {
			t.Fatalf("who proposed it confirmed it: %v", err)
		}
		in.Mean = 28
		if i, err = d.EditInterval(t.Context(), second, i.ID, i.Version, in); err != nil || i.Proposed.Account != second.Account {
			t.Fatalf("%v %+v", err, i)
		}
		if i, err = d.StepInterval(t.Context(), epi, i.ID, i.Version, "confirm"); err != nil || i.State != InForce {
			t.Fatalf("%v %+v", err, i)
		}
		if _, err := d.EditInterval(t.Context(), second, i.ID, i.Version, in); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a version in force was changed: %v", err)
		}
		own := rt()
		if own.Interval.Number != 1 || own.Interval.Mean != 28 || own.Points[len(own.Points)-1].Mean == built.Points[len(built.Points)-1].Mean {
			t.Fatalf("%+v", own.Interval)
		}
		replaceInterval(t, d, in, i)
		if got := rt(); got.Interval != built.Interval {
			t.Fatalf("the built-in one is not back: %+v", got.Interval)
		}
	}, schemas...)
}

func replaceInterval(t *testing.T, d *Desk, in SerialInterval, i Interval) {
	t.Helper()
	next, err := d.ProposeInterval(t.Context(), epi, in)
	if err == nil {
		next, err = d.StepInterval(t.Context(), approver, next.ID, next.Version, "confirm")
	}
	if err != nil || next.Number != 2 {
		t.Fatalf("%v %+v", err, next)
	}
	old, err := d.IntervalPage(t.Context(), duty, i.ID)
	if err != nil || old.State != Replaced {
		t.Fatalf("%v %+v", err, old)
	}
	if next, err = d.StepInterval(t.Context(), approver, next.ID, next.Version, "withdraw"); err != nil || next.State != Withdrawn {
		t.Fatalf("%v %+v", err, next)
	}
	own, builtIn, err := d.IntervalList(t.Context(), duty)
	if err != nil || len(own) != 2 || own[0].Number != 2 || len(builtIn) != len(SerialIntervals) {
		t.Fatalf("%v %d %d", err, len(own), len(builtIn))
	}
}
