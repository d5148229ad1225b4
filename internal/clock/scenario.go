package clock

import (
	"sync"
	"time"
)

// Scenario is the clock of an exercise: it follows the base clock until it is
// started, then runs from a given time at a given rate, and can be paused. It
// never shows a time after its ceiling, so that what the exercise does at a time
// is done at that time, however coarsely the exercise is driven.
type Scenario struct {
	base Clock

	mu     sync.Mutex
	on     bool
	rate   float64
	from   time.Time // scenario time at the anchor
	anchor time.Time // base time at the anchor
	top    time.Time // the ceiling; zero: none
}

// ScenarioState is what must be kept to go on after a restart.
type ScenarioState struct {
	On   bool      `json:"on"`
	Rate float64   `json:"rate"`
	Now  time.Time `json:"now"`
}

// NewScenario returns a clock that equals base until Start.
func NewScenario(base Clock) *Scenario { return &Scenario{base: base} }

// Now is the scenario's time while it is on, the base clock's otherwise.
func (s *Scenario) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Scenario) now() time.Time {
	if !s.on {
		return s.base.Now()
	}
	if t := s.free(); s.top.IsZero() || t.Before(s.top) {
		return t
	}
	return s.top
}

// free is the time without the ceiling.
func (s *Scenario) free() time.Time {
	return Cut(s.from.Add(time.Duration(float64(s.base.Now().Sub(s.anchor)) * s.rate)))
}

// Free is where the clock would stand without its ceiling.
func (s *Scenario) Free() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on {
		return s.base.Now()
	}
	return s.free()
}

// Ceiling is the time that the clock does not pass until a later one is set;
// the zero time is none. It is never below what the clock has shown.
func (s *Scenario) Ceiling(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); !t.IsZero() && t.Before(now) {
		t = now
	}
	s.top = Cut(t)
}

// Start puts the clock to t and lets it run: rate 86400 is a day per second,
// rate 0 is a pause.
func (s *Scenario) Start(t time.Time, rate float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on, s.rate, s.from, s.anchor, s.top = true, rate, Cut(t), s.base.Now(), time.Time{}
}

// Rate changes the speed from now on; 0 pauses.
func (s *Scenario) Rate(rate float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on {
		s.from, s.anchor, s.rate = s.now(), s.base.Now(), rate // what the ceiling held back is let go
	}
}

// Stop returns to the base clock.
func (s *Scenario) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = false
}

// State is the present state.
func (s *Scenario) State() ScenarioState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ScenarioState{On: s.on, Rate: s.rate, Now: s.now()}
}
