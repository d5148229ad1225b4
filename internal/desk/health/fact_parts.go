package health

import (
	"slices"
	"time"

	"lintas/internal/fault"
)

// The closed lists by which a fact counts a part of the people. Bands do not
// overlap, so that their sum is the whole; the catalogue has "age.<a>",
// "sex.<s>" and "group.<g>". "unknown" is a band: who is not described is
// counted too.
var (
	Ages   = []string{"under_1", "1_4", "5_14", "15_24", "25_49", "50_64", "65_plus", "unknown"}
	Sexes  = []string{"female", "male", "other", "unknown"}
	Groups = []string{"pregnant", "health_workers", "disability", "migrants", "displaced", "detained", "unknown"}
)

// Granularities are kinds of periods. An epidemiological week must say on
// which day it begins: the region's national series differ.
var Granularities = []string{"day", "week_monday", "week_sunday", "month", "year"}

// Methods say how a number came about; the catalogue has "method.<m>".
var Methods = []string{"case_reports", "aggregate", "sentinel", "laboratory", "survey", "estimate"}

func (f *Fact) checkParts(c *fault.Check, row int) {
	in := func(list []string, v string) bool { return v == "" || slices.Contains(list, v) }
	c.Row(in(Ages, f.Age), row, "age", "fault.health.age")
	c.Row(in(Sexes, f.Sex), row, "sex", "fault.health.sex")
	c.Row(in(Groups, f.Group), row, "group", "fault.health.group")
	c.Row(in(Methods, f.Method), row, "method", "fault.health.method")
	c.Row(f.Of == 0 || f.Of >= f.Value && f.Of > 0, row, "of", "fault.health.of")
	c.Row(!f.Suppressed || f.Value == 0 && f.Of == 0, row, "value", "fault.health.suppressed")
}

// checkPeriod wants both ends of a period, and a period of the length that
// its granularity says.
func (f *Fact) checkPeriod(c *fault.Check, row int) {
	if f.From == "" && f.To == "" {
		c.Row(f.Granularity == "", row, "granularity", "fault.health.granularity_alone")
		return
	}
	from, e1 := time.Parse(time.DateOnly, f.From)
	to, e2 := time.Parse(time.DateOnly, f.To)
	if e1 != nil || e2 != nil || to.Before(from) {
		c.Row(false, row, "from", "fault.health.period")
		return
	}
	if f.Granularity == "" {
		return
	}
	last, ok := periodEnd(f.Granularity, from)
	c.Row(ok && last.Equal(to), row, "granularity", "fault.health.granularity")
}

// periodEnd is the last day of the period that begins on from; ok is false
// where no such period begins on that day.
func periodEnd(granularity string, from time.Time) (time.Time, bool) {
	switch granularity {
	case "day":
		return from, true
	case "week_monday":
		return from.AddDate(0, 0, 6), from.Weekday() == time.Monday
	case "week_sunday":
		return from.AddDate(0, 0, 6), from.Weekday() == time.Sunday
	case "month":
		return from.AddDate(0, 1, -1), from.Day() == 1
	case "year":
		return from.AddDate(1, 0, -1), from.YearDay() == 1
	}
	return from, false
}
