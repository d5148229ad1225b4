package nudge

import (
	"strings"
	"testing"
	"time"
)

// Each line: preference | what waits | local time | what is told. e emergency,
// g grave, n neither, each with minutes until (or -minutes since) it is due.
const plans = `
at_once 06:30 22:00-06:00  | g:+60           | 12:00 | flash 1, daily
at_once -     22:00-06:00  | g:+60           | 23:00 |
at_once -     22:00-06:00  | e:+60           | 23:00 | flash 1
at_once -     22:00-06:00  | g:+60           | 05:59 |
at_once -     22:00-06:00  | g:+60           | 06:00 | flash 1
at_once -     00:00-00:00  | n:+60           | 12:00 |
at_once -     00:00-00:00  | n:-1            | 12:00 | flash 1
at_once -     00:00-00:00  | n:-1 g:+5 n:+60 | 12:00 | flash 2
alternate -   00:00-00:00  | g:-29           | 12:00 |
alternate -   00:00-00:00  | g:-30           | 12:00 | flash 1
alternate -   00:00-00:00  | e:+5            | 12:00 |
never   06:30 00:00-00:00  | e:-60           | 06:29 |
never   06:30 00:00-00:00  | e:-60           | 06:30 | daily
never   06:30 00:00-00:00  |                 | 12:00 |
never   -     00:00-00:00  | e:-60           | 12:00 |
at_once -     09:00-17:00  | g:+60           | 12:00 |
at_once -     09:00-17:00  | g:+60           | 18:00 | flash 1
`

func TestPlan(t *testing.T) {
	zone := time.FixedZone("local", 7*3600)
	for line := range strings.Lines(strings.TrimSpace(plans)) {
		cell := strings.Split(line, "|")
		f := strings.Fields(cell[0])
		p := Preference{Flash: Flash(f[0]), Daily: NoDaily}
		if f[1] != "-" {
			p.Daily = clockTime(t, f[1])
		}
		from, to, _ := strings.Cut(f[2], "-")
		p.QuietFrom, p.QuietTo = clockTime(t, from), clockTime(t, to)
		m := clockTime(t, strings.TrimSpace(cell[2]))
		now := time.Date(2020, 1, 27, m/60, m%60, 0, 0, zone)
		var waiting []Waiting
		for i, w := range strings.Fields(cell[1]) {
			d, err := time.ParseDuration(w[2:] + "m")
			if err != nil {
				t.Fatal(err)
			}
			waiting = append(waiting, Waiting{Key: string(rune('a' + i)), Emergency: w[0] == 'e', Grave: w[0] == 'g', Due: now.Add(d)})
		}
		var told []string
		sent := map[string]bool{}
		for _, n := range Plan(p, waiting, func(k string) bool { return sent[k] }, now) {
			if n.Daily {
				told = append(told, "daily")
			} else {
				told = append(told, "flash "+string(rune('0'+n.Count)))
			}
			for _, k := range n.Keys {
				sent[k] = true
			}
		}
		if got := strings.Join(told, ", "); got != strings.TrimSpace(cell[3]) {
			t.Errorf("%s: %q", strings.TrimSpace(line), got)
		}
		if again := Plan(p, waiting, func(k string) bool { return sent[k] }, now); len(again) > 0 {
			t.Errorf("%s: told twice: %v", strings.TrimSpace(line), again)
		}
	}
}

func clockTime(t *testing.T, s string) int {
	t.Helper()
	at, err := time.Parse("15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return at.Hour()*60 + at.Minute()
}

// What was told when it came is told once more when it is late, and no more.
func TestLateIsToldOnceMore(t *testing.T) {
	now := time.Date(2020, 1, 27, 12, 0, 0, 0, time.UTC)
	p := Preference{Flash: AtOnce, Daily: NoDaily}
	w := []Waiting{{Key: "a", Grave: true, Due: now.Add(time.Hour)}}
	sent, told := map[string]bool{}, 0
	for range 20 {
		for _, n := range Plan(p, w, func(k string) bool { return sent[k] }, now) {
			told++
			for _, k := range n.Keys {
				sent[k] = true
			}
		}
		now = now.Add(10 * time.Minute)
	}
	if told != 2 {
		t.Errorf("told %d times", told)
	}
}
