package region

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/region/scenario"
)

// player plays one scenario on the region's clock. Each member's steps are
// done in order, each at its own time; a step that waits for a message holds
// the clock, unless its member is cut off the network, so that the play stays
// true to its times however slow the machine is.
type player struct {
	region *Region
	sc     *scenario.Scenario
	clock  *clock.Scenario

	mu      sync.Mutex // taken before the region's, never after it
	next    int        // first step that is not yet due
	names   map[string]made
	waiting map[access.Member][]int
	rate    float64
	held    bool
	since   time.Time // when holding began, by the machine's clock
	errs    []PlayError
	counted bool
}

// PlayError is a step that could not be done; the play goes on.
type PlayError struct {
	Scenario string     `json:"scenario"` // whose file holds the line
	Line     int        `json:"line"`
	Text     string     `json:"text"` // as the log has it
	Said     []Sentence `json:"said,omitempty"`
}

// Sentence is what is wrong, and how to mend it, for people.
type Sentence struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

// failure is a step that could not be done. What is not classified has no
// sentence of its own.
func failure(s *scenario.Step, err error) PlayError {
	out := PlayError{Scenario: s.In, Line: s.Line, Text: err.Error()}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if f.Key != "fault.invalid" || len(f.Fields) == 0 { // the fields say more
			out.Said = append(out.Said, Sentence{f.Key, f.Args})
		}
		for _, x := range f.Fields {
			out.Said = append(out.Said, Sentence{x.Key, x.Args})
		}
	}
	return out
}

// Words are the sentences in a reader's language.
func (e *PlayError) Words(p *locale.Printer) string {
	var out []string
	for _, s := range e.Said {
		if p.Has(s.Key) {
			out = append(out, p.With(s.Key, s.Args))
		}
	}
	if len(out) == 0 {
		return e.Text
	}
	return strings.Join(out, " ")
}

// holdLimit is how long a step may hold the clock before it is given up.
const holdLimit = 10 * time.Second

// progress is what is kept on disk of a play.
type progress struct {
	Scenario string                  `json:"scenario"`
	Clock    clock.ScenarioState     `json:"clock"`
	Rate     float64                 `json:"rate"`
	Next     int                     `json:"next"`
	Names    map[string]made         `json:"names"`
	Waiting  map[access.Member][]int `json:"waiting"`
	Errors   []PlayError             `json:"errors,omitempty"`
	Counted  bool                    `json:"counted,omitempty"` // a table of counts took the place of the script's own
}

func (p *player) state() progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return progress{Scenario: p.sc.ID, Clock: p.clock.State(), Rate: p.rate, Next: p.next, Names: p.names, Waiting: p.waiting, Errors: p.errs, Counted: p.counted}
}

func (p *player) done() bool {
	if p.next < len(p.sc.Steps) {
		return false
	}
	for _, w := range p.waiting {
		if len(w) > 0 {
			return false
		}
	}
	return true
}

// tick does what is due. It reports whether anything changed.
func (p *player) tick(ctx context.Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Free()
	changed := false
	for p.next < len(p.sc.Steps) && !p.sc.Steps[p.next].At.After(now) {
		s := &p.sc.Steps[p.next]
		p.waiting[s.Member] = append(p.waiting[s.Member], p.next)
		p.next++
		changed = true
	}
	blocked := false
	stuck := map[access.Member]bool{} // waits for a link that is cut
	for {
		m, ok := p.first(stuck)
		if !ok {
			break
		}
		i := p.waiting[m][0]
		if p.sc.Steps[i].At.After(p.clock.Free()) {
			break // the clock was held since, and is not there again
		}
		p.clock.Ceiling(p.sc.Steps[i].At)
		err := p.play(ctx, &p.sc.Steps[i])
		if fault.Is(err, fault.NotFound) && !p.expired() { // the message is still on its way
			if blocked = !p.region.Cut(m) && !p.region.Cut(p.names[p.sc.Steps[i].Name].Owner); blocked {
				break // what comes later in the script waits with it
			}
			stuck[m] = true
			continue
		}
		if err != nil {
			p.errs = append(p.errs, failure(&p.sc.Steps[i], err))
			p.region.log.Error("scenario step failed", slog.String("scenario", p.sc.Steps[i].In), slog.Int("line", p.sc.Steps[i].Line), slog.Any("error", err))
		}
		p.waiting[m] = p.waiting[m][1:]
		changed = true
	}
	p.hold(blocked)
	p.bound(stuck)
	p.end(now)
	return changed
}

// bound keeps the clock from passing the next step before it was done.
func (p *player) bound(stuck map[access.Member]bool) {
	var next time.Time
	if m, ok := p.first(stuck); ok {
		next = p.sc.Steps[p.waiting[m][0]].At
	} else if p.next < len(p.sc.Steps) {
		next = p.sc.Steps[p.next].At
	}
	p.clock.Ceiling(next)
}

// first is the member whose next step comes first in the script, among those
// that are not stuck: what one member does may rest on what another has not
// done yet.
func (p *player) first(stuck map[access.Member]bool) (access.Member, bool) {
	best, at := access.Member(""), len(p.sc.Steps)
	for m, w := range p.waiting {
		if len(w) > 0 && !stuck[m] && w[0] < at {
			best, at = m, w[0]
		}
	}
	return best, best != ""
}

// end stops the clock at the scenario's last day, so that due times stay true.
func (p *player) end(now time.Time) {
	if p.done() && now.After(p.sc.Ends) && p.rate != 0 {
		p.rate = 0
		p.clock.Rate(0)
	}
}

func (p *player) expired() bool {
	return p.held && time.Since(p.since) > holdLimit
}

// hold stops the clock while a step waits, and lets it run again.
func (p *player) hold(blocked bool) {
	switch {
	case blocked && !p.held:
		p.held, p.since = true, time.Now()
		p.clock.Rate(0)
	case !blocked && p.held:
		p.held = false
		p.clock.Rate(p.rate)
	}
}

func (p *player) setRate(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
	if !p.held {
		p.clock.Rate(rate)
	}
}

func (p *player) play(ctx context.Context, s *scenario.Step) error {
	switch s.Verb {
	case scenario.Cut:
		p.region.SetCut(s.Member, true)
		return nil
	case scenario.Reconnect:
		p.region.SetCut(s.Member, false)
		return nil
	}
	c, err := p.region.cast(ctx, s.Member)
	if err != nil {
		return err
	}
	return act(ctx, c, s, p.names)
}
