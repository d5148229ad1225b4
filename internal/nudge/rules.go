package nudge

import (
	"net/mail"
	"slices"
	"time"

	"lintas/internal/fault"
	"lintas/internal/id"
)

// Flash says when a person is nudged at once.
type Flash string

const (
	Never     Flash = "never"
	AtOnce    Flash = "at_once"   // what is grave or late, as soon as it is so
	Alternate Flash = "alternate" // what nobody has done half an hour after it was due
)

// Flashes in the order of the form.
var Flashes = []Flash{AtOnce, Alternate, Never}

// AlternateAfter is how long the first in line has before the alternate hears.
const AlternateAfter = 30 * time.Minute

// NoDaily is the Daily of who wants no summary.
const NoDaily = -1

// Preference is what one person chose. Minutes are of the local day.
type Preference struct {
	Account   id.ID
	Mail      string // empty: no mail
	Flash     Flash
	Daily     int // minute of the daily summary, or NoDaily
	QuietFrom int // equal to QuietTo: no quiet hours
	QuietTo   int
	Lang      string
}

// Standard is the preference of who has chosen nothing: no nudges at all.
func Standard(account id.ID) Preference {
	return Preference{Account: account, Flash: Never, Daily: NoDaily}
}

func (p *Preference) check() error {
	var c fault.Check
	if p.Mail != "" {
		a, err := mail.ParseAddress(p.Mail)
		ok := err == nil && a.Address == p.Mail && len(p.Mail) <= 200
		c.That(ok, "mail", "fault.nudge.mail")
	}
	c.That(slices.Contains(Flashes, p.Flash), "flash", "fault.invalid")
	c.That(p.Daily >= NoDaily && p.Daily < day, "daily", "fault.nudge.time")
	c.That(p.QuietFrom >= 0 && p.QuietFrom < day, "quiet_from", "fault.nudge.time")
	c.That(p.QuietTo >= 0 && p.QuietTo < day, "quiet_to", "fault.nudge.time")
	return c.Err()
}

const day = 24 * 60

// Quiet reports whether the person must not be disturbed at a local time.
func (p *Preference) Quiet(local time.Time) bool {
	m := local.Hour()*60 + local.Minute()
	if p.QuietFrom <= p.QuietTo {
		return m >= p.QuietFrom && m < p.QuietTo
	}
	return m >= p.QuietFrom || m < p.QuietTo // over midnight
}

// Waiting is one thing that waits: enough to decide, nothing of its content.
type Waiting struct {
	Key       string // the same as long as it is the same thing
	Emergency bool   // breaks quiet hours
	Grave     bool
	Due       time.Time
}

// Nudge is what one person is told now.
type Nudge struct {
	Daily bool
	Count int      // things of this nudge
	All   int      // everything that waits
	Keys  []string // to remember, so that nobody is told twice
}

// Plan decides what a person is told now. sent reports what was told before;
// now is local time. It is pure.
func Plan(p Preference, waiting []Waiting, sent func(key string) bool, now time.Time) []Nudge {
	var out []Nudge
	flash := Nudge{All: len(waiting)}
	for _, w := range waiting {
		key := "flash|" + w.Key
		late := !w.Due.IsZero() && w.Due.Before(now)
		if late {
			key = "late|" + w.Key // once when it comes, once when it is late
		}
		if p.wants(w, late, now) && (w.Emergency || !p.Quiet(now)) && !sent(key) {
			flash.Keys = append(flash.Keys, key)
		}
	}
	if flash.Count = len(flash.Keys); flash.Count > 0 {
		out = append(out, flash)
	}
	today := "daily|" + now.Format(time.DateOnly)
	if p.Daily != NoDaily && len(waiting) > 0 && now.Hour()*60+now.Minute() >= p.Daily && !sent(today) {
		out = append(out, Nudge{Daily: true, Count: len(waiting), All: len(waiting), Keys: []string{today}})
	}
	return out
}

func (p *Preference) wants(w Waiting, late bool, now time.Time) bool {
	switch p.Flash {
	case AtOnce:
		return w.Emergency || w.Grave || late
	case Alternate:
		return late && now.Sub(w.Due) >= AlternateAfter
	}
	return false
}
