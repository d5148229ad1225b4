package signal

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
)

var countryIndex = sync.OnceValue(buildCountries)

// what reads hazard, agent and codes.
func (r *record) what() {
	var agents []string
	r.each(ToAgent, func(_, v string) { agents = append(agents, v) })
	r.codes(&agents)
	column, name := r.of(ToHazard)
	full := strings.TrimSpace(name + " " + strings.Join(agents, " "))
	found := r.hazard(full)
	if !found.ok && name != "" {
		found = r.hazard(name)
	}
	if !found.ok {
		key, ok := HazardOfCodes(r.s.ICD11, r.s.ICD10)
		found = resolved{key: key, ok: ok}
	}
	switch {
	case !found.ok || found.key == "unknown":
		r.s.Hazard = "unknown"
		if name != "" { // the name is kept where the list has none for it
			agents = append([]string{name}, agents...)
			r.mended(column, name, "unknown", "hazard_unlisted")
		}
	default:
		r.s.Hazard = found.key
		if found.wide {
			r.mended(column, full, found.key, "hazard_wide")
		}
	}
	r.s.Agent = r.line("agent", strings.Join(agents, ", "))
	coded(&r.s)
}

func (c *converter) hazard(name string) resolved {
	if x, ok := c.hazards[name]; ok {
		return x
	}
	var x resolved
	x.key, x.wide, x.ok = HazardOf(name)
	if len(c.hazards) < 5000 {
		c.hazards[name] = x
	}
	return x
}

// codes reads ICD codes and shows every repair. What is no code at all breaks
// the row; an extension code names an agent.
func (r *record) codes(agents *[]string) {
	if column, v := r.of(ToICD11); v != "" {
		code, ok := ICD11(v)
		switch {
		case Extension(v):
			*agents = append(*agents, v)
			r.mended(column, v, "", "extension")
		case !ok:
			r.bad(column, "fault.signal.icd11", fault.Args{"code": v})
		default:
			r.s.ICD11 = code
			if code != v {
				r.mended(column, v, code, "code")
			}
		}
	}
	if column, v := r.of(ToICD10); v != "" {
		code, ok := ICD10(v)
		switch {
		case !ok:
			r.bad(column, "fault.signal.icd10", fault.Args{"code": v})
		default:
			r.s.ICD10 = code
			if code != v {
				r.mended(column, v, code, "code")
			}
		}
	}
}

// counts reads the numbers. Where there is no total, the confirmed ones are a
// lower bound of it, then the probable, then the suspected.
func (r *record) counts() {
	r.s.Cases = r.count(ToCases)
	for _, t := range []Target{ToConfirmed, ToProbable, ToSuspected} {
		n := r.count(t)
		if r.s.Cases == nil && n != nil {
			n.About = "at_least"
			r.s.Cases = n
		}
	}
	r.s.Deaths = r.count(ToDeaths)
}

var numberForm = regexp.MustCompile(`^([<>~≥≤]?)\s*([0-9]{1,9}|[0-9]{1,3}(?:[ ,.'\x{00a0}\x{202f}][0-9]{3})+)(\.0+)?\s*([*+]?)$`)

var boundOf = map[string]string{">": "at_least", "≥": "at_least", "+": "at_least", "<": "at_most", "≤": "at_most", "~": "about", "*": ""}

// count reads ">1,000" as at least 1000; an asterisk is dropped and shown.
func (r *record) count(t Target) *Count {
	column, v := r.of(t)
	if v == "" {
		return nil
	}
	c, trimmed, key := parseCount(v)
	if key != "" {
		r.bad(column, key, fault.Args{"text": short(v)})
		return nil
	}
	if trimmed {
		r.mended(column, v, strconv.FormatInt(c.N, 10), "number")
	}
	return c
}

// ParseCount reads a number as people write it; nothing gives nil. What is no
// number gives one that the desk refuses, with its own words.
func ParseCount(s string) *Count {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	c, _, key := parseCount(s)
	if key != "" {
		return &Count{N: -1}
	}
	return c
}

func parseCount(v string) (c *Count, trimmed bool, key string) {
	m := numberForm.FindStringSubmatch(v)
	if m == nil {
		return nil, false, "fault.signal.number"
	}
	digits := strings.NewReplacer(" ", "", ",", "", ".", "", "'", "", "\u00a0", "", "\u202f", "").Replace(m[2])
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > mostCount {
		return nil, false, "fault.signal.number"
	}
	c = &Count{N: n, About: boundOf[m[1]]}
	if m[4] == "+" {
		c.About = "at_least"
	}
	return c, m[4] == "*", ""
}

// dates reads whole dates, and dates in three parts with the precision that
// the parts leave.
func (r *record) dates() {
	for _, name := range Dates {
		if column, v := r.of(Target("date." + name)); v != "" {
			d, repaired, err := parseDate(v, r.options.Order)
			if err != nil {
				r.bad(column, "fault.signal.row_date", fault.Args{"text": short(v)})
				continue
			}
			if repaired {
				r.mended(column, v, d.On, "serial")
			}
			setDate(&r.s, name, d)
			continue
		}
		r.triple(name)
	}
}

func (r *record) triple(name string) {
	column, year := r.of(Target("year." + name))
	_, month := r.of(Target("month." + name))
	_, day := r.of(Target("day." + name))
	if year == "" {
		if _, known := r.of(Target("known." + name)); yes(known) {
			setDate(&r.s, name, health.Date{Precision: health.Unknown})
		}
		return
	}
	d, err := tripleDate(year, month, day)
	if err != nil {
		r.bad(column, "fault.signal.row_date", fault.Args{"text": strings.Trim(year+"-"+month+"-"+day, "-")})
		return
	}
	setDate(&r.s, name, d)
}

func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "y", "1", "true", "ya":
		return true
	}
	return false
}

var errDate = errors.New("signal: not a date")

// tripleDate makes a date of a year, and a month and day where they are known.
func tripleDate(year, month, day string) (health.Date, error) {
	y, err := strconv.Atoi(strings.TrimSuffix(year, ".0"))
	if err != nil || y < 1900 || y > 2200 {
		return health.Date{}, errDate
	}
	if month == "" {
		if day != "" {
			return health.Date{}, errDate
		}
		return health.Date{On: calendar(y, 1, 1), Precision: health.Year}, nil
	}
	m, err := strconv.Atoi(strings.TrimSuffix(month, ".0"))
	if err != nil || m < 1 || m > 12 {
		return health.Date{}, errDate
	}
	if day == "" {
		return health.Date{On: calendar(y, m, 1), Precision: health.Month}, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(day, ".0"))
	if err != nil || time.Date(y, time.Month(m), n, 0, 0, 0, 0, time.UTC).Day() != n {
		return health.Date{}, errDate
	}
	return health.Date{On: calendar(y, m, n), Precision: health.Day}, nil
}

func calendar(y, m, d int) string {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

var (
	isoMonth = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`)
	isoYear  = regexp.MustCompile(`^[0-9]{4}$`)
	serial   = regexp.MustCompile(`^[2-6][0-9]{4}(\.[0-9]+)?$`)
	slashed  = regexp.MustCompile(`^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})(?: [0-9:]+)?$`)
)

// stamps are the forms of feeds and of programs.
var stamps = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly, time.RFC1123Z, time.RFC1123,
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006", "2 January 2006", "January 2, 2006", "Jan 2, 2006", "2006/01/02"}

// parseDate reads one cell; repaired says that it was the number of a day as
// spreadsheets count them.
func parseDate(v string, order DateOrder) (d health.Date, repaired bool, err error) {
	for _, layout := range stamps {
		if t, err := time.Parse(layout, v); err == nil {
			return health.Date{On: t.Format(time.DateOnly), Precision: health.Day}, false, nil
		}
	}
	switch {
	case isoYear.MatchString(v):
		d, err = tripleDate(v, "", "")
	case isoMonth.MatchString(v):
		d, err = tripleDate(v[:4], v[5:], "")
	case serial.MatchString(v):
		n, _ := strconv.ParseFloat(v, 64)
		d, repaired = health.Date{On: serialDay.AddDate(0, 0, int(n)).Format(time.DateOnly), Precision: health.Day}, true
	default:
		m := slashed.FindStringSubmatch(v)
		if m == nil {
			return d, false, errDate
		}
		if order == MonthFirst {
			m[1], m[2] = m[2], m[1]
		}
		d, err = tripleDate(m[3], m[2], m[1])
	}
	return d, repaired, err
}
