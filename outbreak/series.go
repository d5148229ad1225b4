package outbreak

import (
	"math"
	"time"
)

// The vocabulary of the package: a Series goes in, Points come out.
//
//	Series     counts at equal steps, oldest first; a missing count is NaN,
//	           never zero
//	Value      a number that may be undefined; never NaN and never infinite
//	Point      what a method says of one step
//	Reason     why there is no decision, or no alarm above a threshold
//	Error      an input or an option that was refused
//	Compat     follow the paper, or the reference implementation in R

// Day is a calendar day as the number of days since 1 January 1970. It has no
// clock and no zone.
type Day int32

// DayOf gives the calendar day that t shows in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return DateOf(y, m, d)
}

// DateOf gives the day of a calendar date. Days past the end of a month roll on
// as in package time: 29 February of a common year is 1 March.
func DateOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads a day such as 2026-11-23.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, refuse(BadSeries, "Days", "%q is not a date such as 2026-11-23", s)
	}
	return DayOf(t), nil
}

// Time is the start of the day in UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String writes the day as 2026-11-23.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Missing is the count of a step that nobody reported. It is not zero.
func Missing() float64 { return math.NaN() }

// IsMissing tells whether a count is missing.
func IsMissing(count float64) bool { return math.IsNaN(count) }

// Steps per year.
const (
	Daily   = 365
	Weekly  = 52
	Monthly = 12
)

// Series holds counts of cases at equal steps of time, oldest first.
type Series struct {
	Counts     []float64 // cases per step; NaN where missing (see Missing)
	Frequency  int       // steps per year: Daily, Weekly or Monthly; 0 means Weekly
	Days       []Day     // first day of each step; nil when only the order is known
	Population []float64 // people at risk per step; nil when unknown
}

// PerYear is the number of steps per year.
func (s Series) PerYear() int {
	if s.Frequency == 0 {
		return Weekly
	}
	return s.Frequency
}

// MaxCount is the largest count that is taken: more than there are people, and
// little enough that no sum of squares overflows.
const MaxCount = 1e12

// Check refuses a series that no method can read: negative or too large counts,
// days that do not increase, columns of different length, or a population that
// is not positive. Missing counts are allowed.
func (s Series) Check() error {
	if s.Frequency < 0 || s.Frequency > 366 {
		return refuse(BadSeries, "Frequency", "a series has 1 to 366 steps per year, not %d", s.Frequency)
	}
	for i, x := range s.Counts {
		if x < 0 || x > MaxCount {
			return refuse(BadSeries, "Counts", "count %d is %v; a count is 0 to %.0e, or missing", i+1, x, MaxCount)
		}
	}
	if s.Days != nil && len(s.Days) != len(s.Counts) {
		return refuse(BadSeries, "Days", "there are %d days for %d counts", len(s.Days), len(s.Counts))
	}
	for i := 1; i < len(s.Days); i++ {
		if s.Days[i] <= s.Days[i-1] {
			return refuse(BadSeries, "Days", "day %d (%s) does not follow day %d (%s)", i+1, s.Days[i], i, s.Days[i-1])
		}
	}
	if s.Population != nil && len(s.Population) != len(s.Counts) {
		return refuse(BadSeries, "Population", "there are %d populations for %d counts", len(s.Population), len(s.Counts))
	}
	for i, x := range s.Population {
		if !(x > 0) || math.IsInf(x, 0) {
			return refuse(BadSeries, "Population", "population %d is %v; it must be more than zero", i+1, x)
		}
	}
	return nil
}

// Value is a number that may be undefined. The zero Value is undefined. A
// defined Value is always finite.
type Value struct {
	number  float64
	defined bool
}

// Known makes a Value of x; NaN and the infinities make an undefined one.
func Known(x float64) Value {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Value{}
	}
	return Value{number: x, defined: true}
}

// Get returns the number and whether it is defined.
func (v Value) Get() (float64, bool) { return v.number, v.defined }

// Defined tells whether there is a number.
func (v Value) Defined() bool { return v.defined }

// Or returns the number, or alt where it is undefined.
func (v Value) Or(alt float64) float64 {
	if v.defined {
		return v.number
	}
	return alt
}

// String writes the number, or "undefined".
func (v Value) String() string {
	if !v.defined {
		return "undefined"
	}
	return formatNumber(v.number)
}

// MarshalJSON writes the number, or null.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.defined {
		return []byte("null"), nil
	}
	return []byte(formatNumber(v.number)), nil
}

// UnmarshalJSON reads a number or null.
func (v *Value) UnmarshalJSON(b []byte) error { return v.read(string(b)) }

// Point is what a method says of one step of a series.
type Point struct {
	Step      int   // index in the series, from 0
	Observed  Value // the count; undefined where missing
	Expected  Value // what the method expected without an outbreak
	Threshold Value // the count (or statistic) from which it speaks of an alarm
	Score     Value // distance from the expected in units of the method
	PValue    Value // chance of a count at least this large without an outbreak
	Alarm     bool
	Reason    Reason // why there is no decision, or no alarm; Decided otherwise
}

// Reason says why a point carries no decision, or no alarm although the count
// is above the threshold.
type Reason uint8

const (
	Decided           Reason = iota // there is a decision
	MissingCount                    // the count of this step, or all that it is compared with, is missing
	TooShort                        // the history does not reach far enough back
	TooFewCases                     // fewer recent cases than the rule asks for an alarm
	UndefinedVariance               // the history does not vary, so that no distance can be measured
	NotConverged                    // the model could not be fitted
	Unbounded                       // no finite threshold exists
	NoReference                     // nothing is left in the history to compare with
	TooEarly                        // the window ends before the method can say anything
	BadInput                        // the numbers of this step cannot be used
)

var reasonKeys = [...]string{"decided", "missing", "too-short", "too-few-cases", "undefined-variance",
	"not-converged", "unbounded", "no-reference", "too-early", "bad-input"}

// String is the stable key of the reason, for storage and for catalogues of
// sentences in other languages.
func (r Reason) String() string {
	if int(r) >= len(reasonKeys) {
		return "unknown"
	}
	return reasonKeys[r]
}

// MarshalText writes the key.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the key.
func (r *Reason) UnmarshalText(b []byte) error {
	for i, k := range reasonKeys {
		if k == string(b) {
			*r = Reason(i)
			return nil
		}
	}
	return refuse(BadOption, "Reason", "there is no reason %q", b)
}

// Compat chooses between the published method and the reference implementation
// in R where they differ.
type Compat uint8

const (
	Paper Compat = iota // the published method
	R                   // package surveillance, EpiEstim or incidence, faults included
)
