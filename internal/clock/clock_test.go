package clock

import (
	"testing"
	"time"
)

func TestScenarioRunsPausesAndReturns(t *testing.T) {
	base := NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s := NewScenario(base)
	if !s.Now().Equal(base.Now()) {
		t.Fatal("before the start it is the base clock")
	}
	start := time.Date(2020, 1, 13, 0, 0, 0, 0, time.UTC)
	s.Start(start, 86400)
	base.Advance(2 * time.Second)
	if got := s.Now(); !got.Equal(start.AddDate(0, 0, 2)) {
		t.Fatalf("two seconds at a day per second: %v", got)
	}
	s.Rate(0)
	base.Advance(time.Hour)
	if got := s.Now(); !got.Equal(start.AddDate(0, 0, 2)) {
		t.Fatalf("paused: %v", got)
	}
	s.Rate(3600)
	base.Advance(time.Second)
	if got := s.Now(); !got.Equal(start.AddDate(0, 0, 2).Add(time.Hour)) {
		t.Fatalf("an hour per second: %v", got)
	}
	st := s.State()
	again := NewScenario(base)
	again.Start(st.Now, st.Rate)
	if !again.Now().Equal(s.Now()) {
		t.Fatal("the state brings the clock back after a restart")
	}
	s.Stop()
	if !s.Now().Equal(base.Now()) {
		t.Fatal("stopped, it is the base clock again")
	}
}

func TestStoredForm(t *testing.T) {
	if !FromMicros(Micros(time.Time{})).IsZero() {
		t.Fatal("no time stays no time")
	}
	at := Cut(time.Date(2020, 1, 13, 8, 30, 0, 123456789, time.FixedZone("", 7*3600)))
	if got := FromMicros(Micros(at)); !got.Equal(at) || got.Location() != time.UTC {
		t.Fatalf("%v became %v", at, got)
	}
}

// Whatever the rate, the clock shows no time after its ceiling, never goes
// back, and catches up with where it would stand once the ceiling is lifted.
func TestScenarioCeiling(t *testing.T) {
	base := NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	s := NewScenario(base)
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	s.Start(start, 86400)
	top := start.Add(time.Hour)
	s.Ceiling(top)
	base.Advance(time.Second)
	if got := s.Now(); !got.Equal(top) {
		t.Errorf("the clock shows %s above its ceiling %s", got, top)
	}
	if got := s.Free(); !got.Equal(start.AddDate(0, 0, 1)) {
		t.Errorf("without the ceiling it would show %s", got)
	}
	s.Ceiling(start) // a lower one would make it go back
	if got := s.Now(); !got.Equal(top) {
		t.Errorf("the clock went back to %s", got)
	}
	s.Ceiling(time.Time{})
	if got := s.Now(); !got.Equal(start.AddDate(0, 0, 1)) {
		t.Errorf("the clock shows %s after the ceiling was lifted", got)
	}
	s.Ceiling(start.AddDate(0, 0, 1).Add(time.Minute))
	base.Advance(time.Second)
	s.Rate(0)
	held := s.Now()
	base.Advance(time.Second)
	s.Rate(86400)
	if got := s.Now(); !got.Equal(held) {
		t.Errorf("a pause under the ceiling moved the clock from %s to %s", held, got)
	}
}
