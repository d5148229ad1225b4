package region

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/region/scenario"
)

// DayPerSecond is the speed of a scenario unless another is chosen.
const DayPerSecond = 86400

// MaxRate is the fastest that a scenario can be played: ten days per second.
const MaxRate = 10 * DayPerSecond

// Play starts a scenario from its first day. A region plays one scenario in
// its life: what was recorded stays, and would be late by years on the clock of
// another, so that another play needs a fresh region.
func (r *Region) Play(id string, rate float64) error {
	if rate < 0 || rate > MaxRate {
		return fault.New(fault.Invalid, "fault.region.rate").With("max", MaxRate/DayPerSecond)
	}
	all, err := r.scenarios()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s *scenario.Scenario) bool { return s.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "fault.region.scenario")
	}
	if p, ok := r.Playing(); ok && !p.Done {
		return fault.New(fault.Conflict, "fault.region.playing")
	} else if ok {
		return fault.New(fault.Conflict, "fault.region.played")
	}
	sc, counted, err := r.withCounts(all[i])
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock.Start(sc.Starts, rate)
	r.player = &player{region: r, sc: sc, clock: r.clock, names: map[string]made{}, waiting: map[access.Member][]int{}, rate: rate, counted: counted}
	r.player.bound(nil)
	return nil
}

// Rate changes the speed; 0 pauses.
func (r *Region) Rate(rate float64) error {
	if rate < 0 || rate > MaxRate {
		return fault.New(fault.Invalid, "fault.region.rate").With("max", MaxRate/DayPerSecond)
	}
	p := r.current()
	if p == nil {
		return fault.New(fault.Conflict, "fault.region.not_playing")
	}
	p.setRate(rate)
	return nil
}

// Playing is what the page shows of a play.
type Playing struct {
	ID, Title, Note string
	Counts          string // the table that the figures come from; empty: the script
	Starts, Ends    time.Time
	Now             time.Time
	Rate            float64
	Done            bool
	Steps, Played   int
	Held            bool
	Errors          []PlayError
}

// Playing reports the play, if there is one.
func (r *Region) Playing() (Playing, bool) {
	p := r.current()
	if p == nil {
		return Playing{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := Playing{ID: p.sc.ID, Title: p.sc.Title, Note: p.sc.Note, Starts: p.sc.Starts, Ends: p.sc.Ends, Now: r.clock.Now(),
		Rate: p.rate, Done: p.done(), Steps: len(p.sc.Steps), Played: p.next, Held: p.held, Errors: slices.Clone(p.errs)}
	if p.counted {
		out.Counts = p.sc.Counts.Source
	}
	for _, w := range p.waiting {
		out.Played -= len(w)
	}
	return out, true
}

func (r *Region) current() *player {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.player
}

func (r *Region) tick(ctx context.Context) {
	p := r.current()
	if p == nil {
		return
	}
	if p.tick(ctx) {
		if err := r.save(); err != nil {
			r.log.Error("keeping the play", "error", err)
		}
	}
}

// save keeps the play for the next start.
func (r *Region) save() error {
	p := r.current()
	path := filepath.Join(r.opts.Dir, stateFile)
	if p == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	b, err := json.Marshal(p.state())
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
