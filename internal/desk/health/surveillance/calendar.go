package surveillance

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lintas/internal/fault"
)

// Resolution is how long one period of a dataset is.
type Resolution string

const (
	Daily   Resolution = "day"
	Weekly  Resolution = "week"
	Monthly Resolution = "month"
	Yearly  Resolution = "year"
)

// Resolutions in the order of the pages.
var Resolutions = []Resolution{Weekly, Monthly, Daily, Yearly}

// WeekRule says where weeks begin and which is week 1. It is part of a
// dataset: week 5 of one rule is not week 5 of the other.
type WeekRule string

const (
	// ISOWeeks begin on Monday; week 1 holds the year's first Thursday (ISO 8601).
	ISOWeeks WeekRule = "iso"
	// SundayWeeks begin on Sunday; week 1 is the first with at least four days
	// in the year, as MMWR (CDC) and PAHO number them.
	SundayWeeks WeekRule = "sunday"
)

// WeekRules in the order of the pages.
var WeekRules = []WeekRule{ISOWeeks, SundayWeeks}

// Calendar numbers the periods of a dataset. Numbers are consecutive: days
// from 1 January 1970, weeks from the one that holds that day, months and
// years from 1970.
type Calendar struct {
	Resolution Resolution `json:"resolution"`
	Weeks      WeekRule   `json:"weeks,omitempty"` // of weekly datasets only
}

// Valid reports whether the calendar can number periods.
func (c Calendar) Valid() bool {
	if c.Resolution == Weekly {
		return c.Weeks == ISOWeeks || c.Weeks == SundayWeeks
	}
	return c.Weeks == "" && (c.Resolution == Daily || c.Resolution == Monthly || c.Resolution == Yearly)
}

func days(t time.Time) int {
	t = t.UTC()
	return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func dayAt(n int) time.Time { return time.Unix(int64(n)*86400, 0).UTC() }

// lead is how many days the week of 1 January 1970, a Thursday, began earlier.
func (c Calendar) lead() int {
	if c.Weeks == SundayWeeks {
		return 4
	}
	return 3
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Of is the period of a day.
func (c Calendar) Of(t time.Time) int32 {
	t = t.UTC()
	switch c.Resolution {
	case Weekly:
		return int32(floorDiv(days(t)+c.lead(), 7))
	case Monthly:
		return int32((t.Year()-1970)*12 + int(t.Month()) - 1)
	case Yearly:
		return int32(t.Year() - 1970)
	}
	return int32(days(t))
}

// Start is the first day of a period.
func (c Calendar) Start(p int32) time.Time {
	switch c.Resolution {
	case Weekly:
		return dayAt(int(p)*7 - c.lead())
	case Monthly:
		return time.Date(1970, time.Month(int(p)+1), 1, 0, 0, 0, 0, time.UTC)
	case Yearly:
		return time.Date(1970+int(p), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return dayAt(int(p))
}

// End is the last day of a period.
func (c Calendar) End(p int32) time.Time { return c.Start(p+1).AddDate(0, 0, -1) }

// InYear is the year that a period is counted to and its number there, from 1.
// A week belongs to the year that holds its fourth day.
func (c Calendar) InYear(p int32) (year, n int) {
	switch c.Resolution {
	case Weekly:
		middle := c.Start(p).AddDate(0, 0, 3)
		return middle.Year(), (middle.YearDay()-1)/7 + 1
	case Monthly:
		s := c.Start(p)
		return s.Year(), int(s.Month())
	case Yearly:
		return 1970 + int(p), 1
	}
	s := c.Start(p)
	return s.Year(), s.YearDay()
}

// At is the period by year and number; false where the year has none such.
func (c Calendar) At(year, n int) (int32, bool) {
	if year < 1900 || year > 2200 || n < 1 {
		return 0, false
	}
	var p int32
	switch c.Resolution {
	case Weekly:
		p = c.Of(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)) + int32(n) - 1 // 4 January is in week 1 by both rules
	case Monthly:
		p = int32((year-1970)*12 + n - 1)
	case Yearly:
		p = int32(year - 1970)
	default:
		p = c.Of(time.Date(year, 1, n, 0, 0, 0, 0, time.UTC))
	}
	y, k := c.InYear(p)
	return p, y == year && k == n
}

// Label names a period: 2024-W05, 2024-05, 2024-05-31, 2024.
func (c Calendar) Label(p int32) string {
	y, n := c.InYear(p)
	switch c.Resolution {
	case Weekly:
		return fmt.Sprintf("%04d-W%02d", y, n)
	case Monthly:
		return fmt.Sprintf("%04d-%02d", y, n)
	case Yearly:
		return fmt.Sprintf("%04d", y)
	}
	return c.Start(p).Format(time.DateOnly)
}

// What a period may look like in a file. DHIS2 writes weeks as 2024W5 and,
// where they begin on Sunday, 2024SunW5; months as 202405.
var (
	weekForm  = regexp.MustCompile(`^(\d{4})[-\s]?(SUN)?W(\d{1,2})$`)
	monthForm = regexp.MustCompile(`^(\d{4})[-/]?(\d{2})$`)
	yearForm  = regexp.MustCompile(`^\d{4}$`)
)

// ParsePeriod reads a period from one cell: a label, or the date of its first
// day. A date inside a period is refused, because it shows that the file has
// another calendar than the dataset.
func (c Calendar) ParsePeriod(s string) (int32, *fault.Field) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if m := weekForm.FindStringSubmatch(s); m != nil && c.Resolution == Weekly {
		if (m[2] == "SUN") && c.Weeks != SundayWeeks {
			return 0, &fault.Field{Key: "fault.surveillance.week_rule", Args: fault.Args{"value": s}}
		}
		y, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[3])
		return c.numbered(s, y, n)
	}
	if m := monthForm.FindStringSubmatch(s); m != nil && c.Resolution == Monthly {
		y, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		return c.numbered(s, y, n)
	}
	if yearForm.MatchString(s) && c.Resolution == Yearly {
		y, _ := strconv.Atoi(s)
		return c.numbered(s, y, 1)
	}
	t, err := ParseDate(s)
	if err != nil {
		return 0, &fault.Field{Key: "fault.surveillance.period", Args: fault.Args{"value": clip(s), "example": c.Label(c.Of(time.Date(2024, 2, 4, 0, 0, 0, 0, time.UTC)))}}
	}
	p := c.Of(t)
	if !c.Start(p).Equal(t) {
		return 0, &fault.Field{Key: "fault.surveillance.period_start", Args: fault.Args{"value": s, "start": c.Start(p).Format(time.DateOnly)}}
	}
	return c.inRange(s, p)
}

func (c Calendar) numbered(s string, year, n int) (int32, *fault.Field) {
	p, ok := c.At(year, n)
	if !ok {
		return 0, &fault.Field{Key: "fault.surveillance.no_period", Args: fault.Args{"value": s}}
	}
	return p, nil
}

// inRange keeps a slip of the keyboard from making a series of millennia.
func (c Calendar) inRange(s string, p int32) (int32, *fault.Field) {
	if y := c.Start(p).Year(); y < 1900 || y > 2200 {
		return 0, &fault.Field{Key: "fault.surveillance.no_period", Args: fault.Args{"value": s}}
	}
	return p, nil
}

var errDate = errors.New("surveillance: not a date")

// ParseDate reads a day as it stands in files; day and month are never
// guessed, so 03/04/2024 is refused.
func ParseDate(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	for _, layout := range []string{time.DateOnly, "20060102", "2006/01/02", "02.01.2006", "2-Jan-2006", "2 Jan 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errDate
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// mid is the middle of a period. It lies in the period of any other calendar
// of the same resolution that the two share most days with: weeks that begin on
// Sunday and on Monday are numbered alike, and begin in different ones.
func (c Calendar) mid(p int32) time.Time {
	from := c.Start(p)
	return from.Add(c.Start(p+1).Sub(from) / 2)
}
