package clock

import (
	"sync"
	"time"
)

// Scenario is the clock of an exercise: it follows the base clock until it is
// started, then runs from a given time at a given rate, and can be paused.
type Scenario struct {
	base Clock

	mu     sync.Mutex
	on     bool
	rate   float64
	from   time.Time // scenario time at the anchor
	anchor time.Time // base time at the anchor
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
	b := s.base.Now()
	if !s.on {
		return b
	}
	return Cut(s.from.Add(time.Duration(float64(b.Sub(s.anchor)) * s.rate)))
}

// Start puts the clock to t and lets it run: rate 86400 is a day per second,
// rate 0 is a pause.
func (s *Scenario) Start(t time.Time, rate float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on, s.rate, s.from, s.anchor = true, rate, Cut(t), s.base.Now()
}

// Rate changes the speed from now on; 0 pauses.
func (s *Scenario) Rate(rate float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on {
		s.from, s.anchor, s.rate = s.now(), s.base.Now(), rate
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
