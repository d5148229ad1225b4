package timeliness

import (
	"slices"
	"time"

	"lintas/internal/desk/health"
)

// The 7-1-7 target: an outbreak is detected within 7 days of its emergence,
// the responsible authority is notified within 1 day of the detection, and the
// seven early-response actions are complete within 7 days of the notification.
// Source: Frieden et al., Lancet 2021;398:638-640; the actions as in Resolve to
// Save Lives, 7-1-7 toolkit. A date that is not exact makes an interval of
// days; a clock is met only if it is met on every day of the interval.

// Clock is one of the three.
type Clock string

const (
	Detect  Clock = "detect"
	Notify  Clock = "notify"
	Respond Clock = "respond"
)

// Clocks in their order, with their limits in days.
var (
	Clocks = []Clock{Detect, Notify, Respond}
	Limits = map[Clock]int{Detect: 7, Notify: 1, Respond: 7}
)

// RulesVersion names the limits and the list of actions of a result.
const RulesVersion = "7-1-7/1"

// Outcome of a clock.
type Outcome string

const (
	Met       Outcome = "met"       // in time on every day that the dates allow
	Missed    Outcome = "missed"    // late on every such day
	Undecided Outcome = "undecided" // in time on some of them, late on others
	Running   Outcome = "running"   // not done yet, and still in time
	NoDate    Outcome = "unknown"   // a date is missing
	Reversed  Outcome = "reversed"  // the dates stand in the wrong order
)

// Outcomes in the order of legends.
var Outcomes = []Outcome{Met, Missed, Undecided, Running, NoDate, Reversed}

// Lag is how many days lie between two dates: from Min to Max. Open says that
// there is no upper end.
type Lag struct {
	Min   int  `json:"min"`
	Max   int  `json:"max"`
	Known bool `json:"known"`
	Open  bool `json:"open,omitempty"`
}

// Exact reports whether the lag is one number.
func (l Lag) Exact() bool { return l.Known && !l.Open && l.Min == l.Max }

// Result is what a clock came to.
type Result struct {
	Clock   Clock   `json:"clock"`
	Limit   int     `json:"limit"`
	Outcome Outcome `json:"outcome"`
	Lag     Lag     `json:"lag"`
	Paused  int     `json:"paused,omitempty"` // days at most
}

// Pause stops a clock from a first to a last day, with a reason.
type Pause struct {
	Clock  Clock  `json:"clock"`
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

// span is a date as an interval of days; last is zero where it has no end.
type span struct {
	first, last time.Time
	known       bool
}

func spanOf(d health.Date) span {
	from, to, ok := d.Span()
	return span{from, to, ok}
}

func days(a, b time.Time) int { return int(b.Sub(a).Hours()/24 + .5) }

// net is the number of days after a up to b that no pause covers.
func net(a, b time.Time, pauses []Pause) int {
	if b.Before(a) {
		return -days(b, a)
	}
	n := 0
	for d := a.AddDate(0, 0, 1); !d.After(b); d = d.AddDate(0, 0, 1) {
		day := d.Format(time.DateOnly)
		if !slices.ContainsFunc(pauses, func(p Pause) bool { return p.From <= day && day <= p.To }) {
			n++
		}
	}
	return n
}

// judge compares two dates with the limit. The number of days falls with a
// later start and rises with a later end, pauses or not; so the ends of the
// dates' intervals give the ends of the lag.
func judge(c Clock, from, to span, pauses []Pause) Result {
	r := Result{Clock: c, Limit: Limits[c], Outcome: NoDate}
	pauses = slices.DeleteFunc(slices.Clone(pauses), func(p Pause) bool { return p.Clock != c })
	if !from.known || !to.known {
		return r
	}
	r.Lag.Known, r.Lag.Open = true, to.last.IsZero()
	// what was done before the notification was done in time
	if c != Respond && !r.Lag.Open && to.last.Before(from.first) {
		r.Outcome, r.Lag.Min, r.Lag.Max = Reversed, net(from.last, to.first, nil), net(from.first, to.last, nil)
		return r
	}
	r.Lag.Min = max(0, net(from.last, to.first, pauses))
	if !r.Lag.Open {
		r.Lag.Max = max(0, net(from.first, to.last, pauses))
		r.Paused = max(0, days(from.first, to.last)) - r.Lag.Max
	}
	switch {
	case r.Lag.Min > r.Limit:
		r.Outcome = Missed
	case !r.Lag.Open && r.Lag.Max <= r.Limit:
		r.Outcome = Met
	default:
		r.Outcome = Undecided
	}
	return r
}

// Dates are the three milestones, as the event has them.
type Dates struct {
	Emergence    health.Date `json:"emergence,omitzero"`
	Detection    health.Date `json:"detection,omitzero"`
	Notification health.Date `json:"notification,omitzero"`
}

// ActionKey is one of the seven early-response actions.
type ActionKey string

// ActionKeys in the order of the framework.
var ActionKeys = []ActionKey{"investigation", "analysis", "laboratory", "case_management", "countermeasures", "communication", "coordination"}

// Answer says how an action stands.
type Answer string

const (
	NotAnswered   Answer = ""
	Done          Answer = "done"
	NotDone       Answer = "not_done"
	NotApplicable Answer = "not_applicable"
)

// Answers in the order of the form.
var Answers = []Answer{Done, NotDone, NotApplicable}

// Action is one early-response action.
type Action struct {
	Key      ActionKey   `json:"key"`
	Answer   Answer      `json:"answer,omitempty"`
	On       health.Date `json:"on,omitzero"`
	Evidence string      `json:"evidence,omitempty"`
}

// Compute is the three results. now closes the time in which an action that is
// not done could have been done.
func Compute(d Dates, actions []Action, pauses []Pause, now time.Time) []Result {
	notified := spanOf(d.Notification)
	return []Result{
		judge(Detect, spanOf(d.Emergence), spanOf(d.Detection), pauses),
		judge(Notify, spanOf(d.Detection), notified, pauses),
		respond(notified, actions, pauses, now),
	}
}

// respond judges the latest of the applicable actions. Until every action is
// answered, the latest may still be later than any that is known.
func respond(notified span, actions []Action, pauses []Pause, now time.Time) Result {
	latest, open, waiting, any := span{known: notified.known}, false, false, false
	for _, key := range ActionKeys {
		i := slices.IndexFunc(actions, func(a Action) bool { return a.Key == key })
		if i < 0 {
			open = true
			continue
		}
		switch a := actions[i]; a.Answer {
		case NotApplicable:
		case NotAnswered:
			open = true
		case NotDone:
			any, waiting = true, true
			today := now.UTC().Truncate(24 * time.Hour)
			if latest.first.Before(today) {
				latest.first = today
			}
		case Done:
			any = true
			s := spanOf(a.On)
			if !s.known {
				open = true
				continue
			}
			if s.first.After(latest.first) {
				latest.first = s.first
			}
			if s.last.After(latest.last) {
				latest.last = s.last
			}
		}
	}
	if latest.first.IsZero() { // nothing but what has no date
		latest.first = notified.last
	}
	if open || waiting {
		latest.last = time.Time{}
	}
	latest.known = latest.known && any
	r := judge(Respond, notified, latest, pauses)
	if r.Outcome == Undecided && waiting {
		r.Outcome = Running
	}
	return r
}

// Summary of one clock over several results.
type Summary struct {
	Clock  Clock
	Count  map[Outcome]int
	N      int // with a lag that is one number
	Median float64
	// Of all with a closed interval: the median of the lower ends and of the
	// upper ends, between which the median of the true lags lies.
	Ranged   int
	Low, Top float64
}

// Decided is how many are met or missed.
func (s Summary) Decided() int { return s.Count[Met] + s.Count[Missed] }

// Summarise adds up the results of one clock. Lags of dates in the wrong order
// stay out.
func Summarise(c Clock, all [][]Result) Summary {
	s := Summary{Clock: c, Count: map[Outcome]int{}}
	var exact, low, top []int
	for _, results := range all {
		for _, r := range results {
			if r.Clock != c {
				continue
			}
			s.Count[r.Outcome]++
			if !r.Lag.Known || r.Lag.Open || r.Outcome == Reversed {
				continue
			}
			low, top = append(low, r.Lag.Min), append(top, r.Lag.Max)
			if r.Lag.Exact() {
				exact = append(exact, r.Lag.Min)
			}
		}
	}
	s.N, s.Median = len(exact), Median(exact)
	s.Ranged, s.Low, s.Top = len(low), Median(low), Median(top)
	return s
}

// Median of whole numbers; of none it is zero, and the caller has the count.
func Median(v []int) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if m := len(v) / 2; len(v)%2 == 1 {
		return float64(v[m])
	} else {
		return float64(v[m-1]+v[m]) / 2
	}
}

// Benchmark of one clock.
type Benchmark struct {
	Clock   Clock
	Percent int // met
	Median  int // days
}

// Benchmarks are those of 41 events in Brazil, Ethiopia, Liberia, Nigeria and
// Uganda: Bochner et al., Lancet Global Health 2023;11:e871-e879.
var Benchmarks = []Benchmark{{Detect, 54, 6}, {Notify, 71, 0}, {Respond, 49, 8}}
