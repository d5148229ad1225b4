package health

import (
	"time"

	"lintas/internal/fault"
)

// Precision says how exact a date is.
type Precision string

const (
	Day         Precision = "day"
	Month       Precision = "month"
	Year        Precision = "year"
	Approximate Precision = "approximate" // within a week either side
	Unknown     Precision = "unknown"
)

// Precisions in the order of the form.
var Precisions = []Precision{Day, Approximate, Month, Year, Unknown}

// Date is a calendar date with its precision; the zero Date is not given.
type Date struct {
	On        string    `json:"on,omitempty"` // 2020-01-13; of a month or year its first day
	Precision Precision `json:"precision,omitempty"`
}

// IsZero reports whether nothing was given.
func (d Date) IsZero() bool { return d.On == "" && d.Precision == "" }

// Span is the interval in which the date lies, both ends included; ok is
// false for an unknown or missing date. An imprecise date gives an interval,
// never a false point.
func (d Date) Span() (from, to time.Time, ok bool) {
	t, err := time.Parse(time.DateOnly, d.On)
	if err != nil {
		return from, to, false
	}
	switch d.Precision {
	case Day:
		return t, t, true
	case Approximate:
		return t.AddDate(0, 0, -7), t.AddDate(0, 0, 7), true
	case Month:
		first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		return first, first.AddDate(0, 1, -1), true
	case Year:
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC), time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC), true
	}
	return from, to, false
}

// check adds the faults of a date field. Dates after today (with a day of
// slack for the time zones of the region) are refused.
func (d Date) check(c *fault.Check, field string, now time.Time) {
	if d.IsZero() || d.Precision == Unknown && d.On == "" {
		return
	}
	from, _, ok := d.Span()
	c.That(ok, field, "fault.health.date", nil)
	c.That(!ok || !from.After(now.AddDate(0, 0, 1)), field, "fault.health.date_future", nil)
	c.That(!ok || from.Year() >= 1900, field, "fault.health.date", nil)
}
