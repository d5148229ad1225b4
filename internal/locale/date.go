package locale

import (
	"strconv"
	"strings"
	"time"
)

// calendar holds what a language needs to write a date, from the keys date.*.
// Lists are separated by a bar; months from January, weekdays from Sunday. All
// languages use the Gregorian calendar: dates cross borders here.
type calendar struct {
	months, monthsShort, weekdays, weekdaysShort []string
	day, short, long, month                      sentence
}

func newCalendar(w, src *words) calendar {
	list := func(key string, n int) []string {
		for _, from := range [...]*words{w, src} {
			if v := strings.Split(string(from.single[key]), "|"); len(v) == n {
				return v
			}
		}
		return make([]string, n)
	}
	pattern := func(key string) sentence {
		if s, ok := w.single[key]; ok {
			return s
		}
		return src.single[key]
	}
	return calendar{
		months: list("date.months", 12), monthsShort: list("date.months.short", 12),
		weekdays: list("date.weekdays", 7), weekdaysShort: list("date.weekdays.short", 7),
		day: pattern("date.day"), short: pattern("date.short"), long: pattern("date.long"), month: pattern("date.month"),
	}
}

func (p *Printer) date(s sentence, t time.Time) string {
	c := &p.own.words().calendar
	return p.fill(s, func(name string) (any, bool) {
		switch name {
		case "weekday":
			return c.weekdays[t.Weekday()], true
		case "wd":
			return c.weekdaysShort[t.Weekday()], true
		case "month":
			return c.months[t.Month()-1], true
		case "mon":
			return c.monthsShort[t.Month()-1], true
		case "day":
			return strconv.Itoa(t.Day()), true
		case "num":
			return strconv.Itoa(int(t.Month())), true
		case "year":
			return strconv.Itoa(t.Year()), true
		}
		return nil, false
	})
}

// Day is "23 Nov 2026", of the day in UTC.
func (p *Printer) Day(t time.Time) string { return p.date(p.own.words().calendar.day, t.UTC()) }

// ShortDay is "23 Nov".
func (p *Printer) ShortDay(t time.Time) string { return p.date(p.own.words().calendar.short, t.UTC()) }

// LongDay is "Monday 23 November 2026".
func (p *Printer) LongDay(t time.Time) string { return p.date(p.own.words().calendar.long, t.UTC()) }

// Weekday is "Mon".
func (p *Printer) Weekday(t time.Time) string {
	return p.own.words().calendar.weekdaysShort[t.UTC().Weekday()]
}

// Time is "08:18 UTC".
func (p *Printer) Time(t time.Time) string { return t.UTC().Format("15:04") + " UTC" }

// Local is "15:18 Hà Nội", or empty where the printer has no zone. A local
// time on another day than in UTC carries its day: "Tue 01:18 Dili".
func (p *Printer) Local(t time.Time) string {
	if p.zone == nil {
		return ""
	}
	l := t.In(p.zone)
	out := l.Format("15:04") + " " + p.place
	if l.Day() != t.UTC().Day() {
		out = p.own.words().calendar.weekdaysShort[l.Weekday()] + " " + out
	}
	return out
}

// Stamp is "23 Nov 2026, 08:18 UTC".
func (p *Printer) Stamp(t time.Time) string { return p.Day(t) + ", " + p.Time(t) }

// ShortStamp is "23 Nov 08:18", for cells that say UTC in their heading.
func (p *Printer) ShortStamp(t time.Time) string {
	return p.ShortDay(t) + " " + t.UTC().Format("15:04")
}

// Week is the ISO 8601 week with its year, as epidemiologists number them:
// "2026-W48".
func (p *Printer) Week(t time.Time) string {
	y, w := t.UTC().ISOWeek()
	return strconv.Itoa(y) + "-W" + two(w)
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// Dated writes a time as precisely as it is known: "year", "month", "week",
// "day", or else to the minute. It never shows more than is known.
func (p *Printer) Dated(t time.Time, precision string) string {
	if t.IsZero() {
		return p.T("date.unknown")
	}
	switch precision {
	case "year":
		return strconv.Itoa(t.UTC().Year())
	case "month":
		return p.date(p.own.words().calendar.month, t.UTC())
	case "week":
		return p.T("date.week", "week", p.Week(t))
	case "day":
		return p.Day(t)
	case "unknown":
		return p.T("date.unknown")
	}
	return p.Stamp(t)
}

// Duration is a length of time in the coarsest words that still help to act:
// "12 min", "1 h 42 min", "22 h", "3 days". Its sign is dropped.
func (p *Printer) Duration(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	m := int(d / time.Minute)
	switch {
	case m < 1:
		return p.T("duration.moment")
	case m < 60:
		return p.T("duration.minutes", "n", m)
	case m < 6*60 && m%60 != 0:
		return p.T("duration.mixed", "h", m/60, "m", m%60)
	case m < 48*60:
		return p.T("duration.hours", "n", m/60)
	}
	return p.T("duration.days", "n", m/(24*60))
}

// Ago is "8 min ago", or "in 3 h" for what lies ahead.
func (p *Printer) Ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d > -time.Minute && d < time.Minute:
		return p.T("duration.now")
	case d < 0:
		return p.T("duration.ahead", "time", p.Duration(d))
	}
	return p.T("duration.ago", "time", p.Duration(d))
}

// Left is the time cell of what needs action: "12 min", or "late by 2 h".
func (p *Printer) Left(due, now time.Time) string {
	if due.Before(now) {
		return p.T("duration.late", "time", p.Duration(now.Sub(due)))
	}
	return p.Duration(due.Sub(now))
}
