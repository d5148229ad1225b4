package surveillance

import (
	"testing"
	"time"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Weeks by both rules. ISO against time.ISOWeek for every day; MMWR against
// the weeks that CDC lists: the years 1997, 2003, 2008, 2014, 2020 and 2025
// have 53.
func TestWeeks(t *testing.T) {
	iso, sun := Calendar{Weekly, ISOWeeks}, Calendar{Weekly, SundayWeeks}
	for d := day("1993-01-01"); d.Year() < 2031; d = d.AddDate(0, 0, 1) {
		y, n := iso.InYear(iso.Of(d))
		if wy, wn := d.ISOWeek(); wy != y || wn != n {
			t.Fatalf("%s is %d-W%d, not %d-W%d", d.Format(time.DateOnly), wy, wn, y, n)
		}
		for _, c := range []Calendar{iso, sun, {Resolution: Monthly}, {Resolution: Daily}, {Resolution: Yearly}} {
			p := c.Of(d)
			if d.Before(c.Start(p)) || d.After(c.End(p)) {
				t.Fatalf("%v: %s is not between %s and %s", c, d, c.Start(p), c.End(p))
			}
			y, n := c.InYear(p)
			if back, ok := c.At(y, n); !ok || back != p {
				t.Fatalf("%v: %d %d is %d, not %d", c, y, n, back, p)
			}
			if back, f := c.ParsePeriod(c.Label(p)); f != nil || back != p {
				t.Fatalf("%v: label %s is %d, not %d (%v)", c, c.Label(p), back, p, f)
			}
		}
	}
	long := map[int]bool{1997: true, 2003: true, 2008: true, 2014: true, 2020: true, 2025: true}
	for y := 1994; y <= 2027; y++ {
		if _, ok := sun.At(y, 53); ok != long[y] {
			t.Errorf("MMWR year %d has a week 53: %v", y, ok)
		}
	}
	for date, want := range map[string]string{"2014-12-28": "2014-W53", "2015-01-04": "2015-W01", "2020-01-04": "2020-W01", "2020-01-05": "2020-W02",
		"2021-01-02": "2020-W53", "2019-12-29": "2020-W01", "2022-01-01": "2021-W52"} {
		if got := sun.Label(sun.Of(day(date))); got != want {
			t.Errorf("MMWR week of %s is %s, not %s", date, got, want)
		}
	}
}

func TestPeriodsInFiles(t *testing.T) {
	iso, sun, month := Calendar{Weekly, ISOWeeks}, Calendar{Weekly, SundayWeeks}, Calendar{Resolution: Monthly}
	for _, c := range []struct {
		cal  Calendar
		in   string
		want string // label, or the key of the fault
	}{
		{iso, "2024W5", "2024-W05"}, {iso, "2024-w05", "2024-W05"}, {sun, "2024SunW5", "2024-W05"}, {iso, "2024-01-29", "2024-W05"},
		{sun, "2024-01-28", "2024-W05"}, {sun, "2024-01-28T00:00:00", "2024-W05"}, {month, "202405", "2024-05"}, {month, "2024-05-01", "2024-05"},
		{iso, "2024SunW5", "fault.surveillance.week_rule"}, {iso, "2024-01-28", "fault.surveillance.period_start"},
		{iso, "2024W53", "fault.surveillance.no_period"}, {iso, "202405", "fault.surveillance.period"}, {month, "2024W05", "fault.surveillance.period"},
		{month, "2024-05-02", "fault.surveillance.period_start"}, {iso, "03/04/2024", "fault.surveillance.period"}, {iso, "", "fault.surveillance.period"},
		{iso, "0024-01-01", "fault.surveillance.no_period"}, {month, "2024-13", "fault.surveillance.no_period"},
	} {
		p, f := c.cal.ParsePeriod(c.in)
		got := ""
		if f != nil {
			got = f.Key
		} else {
			got = c.cal.Label(p)
		}
		if got != c.want {
			t.Errorf("%v %q: %s, want %s", c.cal, c.in, got, c.want)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2024-W05", "2024SunW1", "202405", "2024-01-31", "1999", "31.12.2024"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []Calendar{{Weekly, ISOWeeks}, {Weekly, SundayWeeks}, {Monthly, ""}, {Daily, ""}, {Yearly, ""}} {
			if p, bad := c.ParsePeriod(s); bad == nil && c.Of(c.Start(p)) != p {
				t.Fatalf("%q is period %d, which is not its own", s, p)
			}
		}
	})
}
