package sop

import (
	"cmp"
	"slices"
	"time"

	"lintas/internal/workflow"
)

// Drift is how a version of a playbook went in reality, step by step. It is
// computed from the tasks alone: plain values in, plain values out.

// Fact is one step of one run.
type Fact struct {
	Code     string
	State    workflow.State
	Base     time.Time // when its clock began; zero: it has none, or it never began
	Within   time.Duration
	Done     time.Time // zero unless done
	Asks     bool      // evidence is asked for
	Evident  bool      // evidence is there
	Blocks   []Block
	Reason   string
	RunEnded bool
	Subject  string // what the run was for
}

// Said is a reason with where it was given.
type Said struct {
	Reason, Subject string
	For             time.Duration // how long a block lasted; zero of others and of one that lasts
	Lasts           bool
}

// Drift of one step.
type Drift struct {
	Step
	Runs     int // in which the step was asked for
	Done     int // with a time that can be compared with the plan
	Finished int // done or verified
	Median   time.Duration
	Least    time.Duration
	Most     time.Duration
	Late     int // done after its time, or not done and its time has passed
	Open     int // neither done nor answered
	Blocked  int // times
	Waited   time.Duration
	Blocks   []Said
	Not      []Said // not executable, with reasons
	Skips    []Said
	Shown    int // evidence was asked for and given
	Bare     int // it was asked for, and the step was left or the run ended without any
	Verified int
}

// Never reports whether the step asks for evidence and no run ever gave any.
func (d *Drift) Never() bool { return d.Shown == 0 && d.Bare > 0 }

// DriftOf computes the drift of each step of a plan from what happened.
func DriftOf(plan *Plan, facts []Fact, now time.Time) []Drift {
	out := make([]Drift, len(plan.Steps))
	for i := range plan.Steps {
		out[i].Step = plan.Steps[i]
		var took []time.Duration
		for j := range facts {
			if facts[j].Code == plan.Steps[i].Code {
				out[i].add(&facts[j], now, &took)
			}
		}
		out[i].spread(took)
	}
	return out
}

func (d *Drift) add(f *Fact, now time.Time, took *[]time.Duration) {
	d.Runs++
	finished := f.State == Done || f.State == Verified
	var due time.Time
	if f.Within > 0 && !f.Base.IsZero() {
		due = f.Base.Add(f.Within)
	}
	switch {
	case finished:
		d.Finished++
		if f.State == Verified {
			d.Verified++
		}
		if !due.IsZero() {
			d.Done++
			*took = append(*took, f.Done.Sub(f.Base))
			if f.Done.After(due) {
				d.Late++
			}
		}
	case f.State == Not:
		d.Not = append(d.Not, Said{Reason: f.Reason, Subject: f.Subject})
	case f.State == Skipped:
		d.Skips = append(d.Skips, Said{Reason: f.Reason, Subject: f.Subject})
	default:
		d.Open++
		if late(due, now) {
			d.Late++
		}
	}
	switch {
	case f.Asks && f.Evident:
		d.Shown++
	case f.State == Not: // nobody can show what cannot be done here
	case f.Asks && (settled(f.State) || f.RunEnded):
		d.Bare++
	}
	for _, b := range f.Blocks {
		d.Blocked++
		s := Said{Reason: b.Reason, Subject: f.Subject, Lasts: b.To.IsZero()}
		if !s.Lasts {
			s.For = b.To.Sub(b.From)
			d.Waited += s.For
		}
		d.Blocks = append(d.Blocks, s)
	}
}

// spread is the median, the least and the most of the times. Of an even number
// the median is the mean of the two in the middle.
func (d *Drift) spread(took []time.Duration) {
	n := len(took)
	if n == 0 {
		return
	}
	slices.SortFunc(took, cmp.Compare[time.Duration])
	d.Least, d.Most, d.Median = took[0], took[n-1], took[n/2]
	if n%2 == 0 {
		d.Median = (took[n/2-1] + took[n/2]) / 2
	}
}

// fact is what the drift needs of a task.
func (t *Task) fact(r *Run) Fact {
	return Fact{Code: t.Code, State: t.State, Base: t.Base, Within: t.Within, Done: t.Done, Asks: t.Asks != "", Evident: t.evident(), Blocks: t.Blocks, Reason: t.Reason,
		RunEnded: r.State != Open, Subject: r.Subject}
}
