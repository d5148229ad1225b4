package health

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Indicators and Classes of a fact; the catalogue has "indicator.<i>" and
// "class.<c>".
var (
	Indicators = []string{"cases", "deaths", "hospitalised", "tests", "health_workers", "contacts", "beds", "vaccinated"}
	Classes    = []string{"confirmed", "probable", "suspected", ""}
)

// Fact is one observation: a number with its source and its as-of. Facts are
// never changed: a correction is a new revision that keeps the old value.
type Fact struct {
	ID        id.ID         `json:"id"`
	Event     id.ID         `json:"event"`
	Owner     access.Member `json:"owner"`
	Indicator string        `json:"indicator"`
	Class     string        `json:"class,omitempty"`
	Place     string        `json:"place"`
	From      string        `json:"from,omitempty"` // period, days; empty: cumulative to AsOf
	To        string        `json:"to,omitempty"`
	Value     int64         `json:"value"`
	Of        int64         `json:"of,omitempty"` // the whole of which Value is a part; 0: Value stands alone
	Age       string        `json:"age,omitempty"`
	Sex       string        `json:"sex,omitempty"`
	Group     string        `json:"group,omitempty"`
	Source    string        `json:"source"`
	AsOf      time.Time     `json:"as_of"`
	Revision  int           `json:"revision"` // 1 is the first; the newest counts
	Note      string        `json:"note,omitempty"`
	// Granularity is the kind of period, Method how the number came about.
	Granularity string `json:"granularity,omitempty"`
	Method      string `json:"method,omitempty"`
	// Suppressed says that there is a number, too small to be told; Value is
	// then 0 and means nothing.
	Suppressed bool      `json:"suppressed,omitempty"`
	Recorded   time.Time `json:"recorded"`
	Post       string    `json:"post,omitempty"` // duty post that entered it; stays in the node
}

// Key is what two revisions of one fact have in common.
func (f *Fact) Key() string {
	key := strings.Join([]string{f.Indicator, f.Class, f.Place, f.From, f.To, f.AsOf.UTC().Format(time.RFC3339)}, "|")
	if f.Banded() || f.Of > 0 {
		key += "|" + strings.Join([]string{f.Age, f.Sex, f.Group}, "|")
	}
	if f.Of > 0 {
		key += "|of"
	}
	return key
}

// Banded reports whether the fact counts only a part of the people.
func (f *Fact) Banded() bool { return f.Age != "" || f.Sex != "" || f.Group != "" }

// Plain reports whether the fact is a number of all people that stands alone:
// only such facts make key figures, curves and maps.
func (f *Fact) Plain() bool { return !f.Banded() && f.Of == 0 && !f.Suppressed }

func (f *Fact) check(c *fault.Check, row int, owner access.Member, now time.Time) {
	f.Source, f.Note = strings.TrimSpace(f.Source), strings.TrimSpace(f.Note)
	c.Row(slices.Contains(Indicators, f.Indicator), row, "indicator", "fault.health.indicator")
	c.Row(slices.Contains(Classes, f.Class), row, "class", "fault.health.class")
	c.Row(f.Value >= 0 && f.Value <= math.MaxInt32, row, "value", "fault.health.value")
	c.Row(f.Source != "", row, "source", "fault.health.source_missing")
	c.Row(utf8.RuneCountInString(f.Source) <= 300, row, "source", "fault.too_long", fault.Args{"max": 300})
	c.Row(utf8.RuneCountInString(f.Note) <= MaxReason, row, "note", "fault.too_long", fault.Args{"max": MaxReason})
	c.Row(!f.AsOf.IsZero() && !f.AsOf.After(now.Add(24*time.Hour)), row, "as_of", "fault.health.as_of")
	c.Row(place.Known(f.Place) && (owner == access.ASEC || place.Member(f.Place) == string(owner)), row, "place", "fault.health.place_unknown", fault.Args{"place": f.Place})
	f.checkParts(c, row)
	f.checkPeriod(c, row)
}

// newest keeps the last revision of every fact, in the order of entry.
func newest(facts []Fact) []Fact {
	at := map[string]int{}
	var out []Fact
	for _, f := range facts {
		if i, ok := at[f.Key()]; ok {
			if f.Revision >= out[i].Revision {
				out[i] = f
			}
			continue
		}
		at[f.Key()] = len(out)
		out = append(out, f)
	}
	return out
}

// Figure is a key figure of an event with what it rests on.
type Figure struct {
	Value  int64
	AsOf   time.Time // of the oldest part of a sum
	Source string    // of a single fact; empty for a sum
	Places int       // how many places were summed; 0 for a figure of the whole state
}

// Latest returns the newest cumulative value of an indicator and class: that
// of the whole state where one was given, unless places have newer ones; else
// the sum of the newest value of each place. No fact is no figure, never zero.
func Latest(facts []Fact, indicator, class string) (Figure, bool) {
	byPlace := map[string]Fact{}
	for _, f := range newest(facts) {
		if f.Indicator != indicator || f.Class != class || f.From != "" || !f.Plain() {
			continue
		}
		if old, ok := byPlace[f.Place]; !ok || f.AsOf.After(old.AsOf) {
			byPlace[f.Place] = f
		}
	}
	var sum Figure
	for code, f := range byPlace {
		if !strings.Contains(code, "-") {
			continue
		}
		sum.Value += f.Value
		sum.Places++
		if sum.AsOf.IsZero() || f.AsOf.Before(sum.AsOf) {
			sum.AsOf = f.AsOf
		}
	}
	for code, f := range byPlace {
		if !strings.Contains(code, "-") && (sum.Places == 0 || !f.AsOf.Before(sum.AsOf)) {
			return Figure{Value: f.Value, AsOf: f.AsOf, Source: f.Source}, true
		}
	}
	return sum, sum.Places > 0
}
