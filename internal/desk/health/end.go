package health

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/fault"
)

// Incubation is the range of the incubation period in days, and where it is
// from. It is a default: the rule of an event may name another.
type Incubation struct {
	Min, Max int
	Source   string
}

// The sources of the incubation periods.
const (
	whoSheet = "WHO fact sheet"
	ccdm     = "Heymann, Control of Communicable Diseases Manual, 20th edition"
)

// Incubations of the hazards that have an agreed range; for the others an
// event must name its own. Half days are rounded up.
var Incubations = map[string]Incubation{
	"covid_19": {2, 14, whoSheet}, "sars": {2, 10, ccdm}, "mers": {2, 14, whoSheet},
	"polio_wild": {4, 35, ccdm}, "smallpox": {7, 19, ccdm}, "cholera": {1, 5, whoSheet}, "plague_pneumonic": {1, 4, ccdm},
	"yellow_fever": {3, 6, whoSheet}, "ebola": {2, 21, whoSheet}, "marburg": {2, 21, whoSheet}, "lassa": {2, 21, whoSheet},
	"west_nile": {3, 14, whoSheet}, "rift_valley": {2, 6, whoSheet}, "dengue": {4, 10, whoSheet}, "meningococcal": {2, 10, ccdm},
	"nipah": {4, 14, whoSheet}, "chikungunya": {4, 8, whoSheet}, "zika": {3, 14, whoSheet}, "measles": {7, 21, ccdm},
	"mpox": {1, 21, whoSheet}, "diphtheria": {2, 5, whoSheet}, "japanese_encephalitis": {4, 14, whoSheet},
	"leptospirosis": {2, 30, ccdm}, "typhoid": {3, 60, ccdm}, "hand_foot_mouth": {3, 7, ccdm},
}

// EndRule is when an outbreak may be declared over: a multiple of the longest
// incubation period without a case. The zero rule is the default.
type EndRule struct {
	Incubation int    `json:"incubation,omitempty"` // days; 0: of the hazard's list
	Multiple   int    `json:"multiple,omitempty"`   // 0: 2
	LastCase   Date   `json:"last_case,omitzero"`   // entered; else from the facts
	Note       string `json:"note,omitempty"`
}

// DefaultMultiple of the incubation period: the practice of WHO for Ebola and
// others, two periods after the last case.
const DefaultMultiple = 2

func (r *EndRule) check(c *fault.Check, now time.Time) {
	r.Note = strings.TrimSpace(r.Note)
	c.That(r.Incubation >= 0 && r.Incubation <= 400, "end_incubation", "fault.health.end_incubation")
	c.That(r.Multiple >= 0 && r.Multiple <= 5, "end_multiple", "fault.health.end_multiple")
	c.That(utf8.RuneCountInString(r.Note) <= MaxReason, "end_note", "fault.too_long", fault.Args{"max": MaxReason})
	r.LastCase.check(c, "last_case", now)
}

// End is what a rule comes to. It closes nothing: people decide.
type End struct {
	On         time.Time // the first day on which the criteria hold, if no case comes
	Last       time.Time // the last case as counted
	Entered    bool      // the last case was entered, not derived
	Incubation int
	Multiple   int
	Source     string // of the incubation period; empty: entered
}

// ExpectedEnd is when the criteria will hold, ok is false where the incubation
// period or the last case is not known. An imprecise last case counts with
// its latest day: the end is never too early.
func ExpectedEnd(hazard string, r EndRule, facts []Fact) (End, bool) {
	out := End{Incubation: r.Incubation, Multiple: r.Multiple}
	if out.Incubation == 0 {
		i := Incubations[hazard]
		out.Incubation, out.Source = i.Max, i.Source
	}
	if out.Multiple == 0 {
		out.Multiple = DefaultMultiple
	}
	_, last, ok := r.LastCase.Span()
	if out.Entered = ok; !ok {
		last, ok = lastCase(facts)
	}
	if !ok || out.Incubation == 0 {
		return out, false
	}
	out.Last = last
	out.On = last.AddDate(0, 0, out.Multiple*out.Incubation)
	return out, true
}

// lastCase is the newest day on which a fact shows a case that was not there
// before: a total that rose, or a period with cases. A day that only repeats
// a total does not count.
func lastCase(facts []Fact) (time.Time, bool) {
	var list []Fact
	for _, f := range newest(facts) {
		if f.Indicator == "cases" && !f.Banded() && f.Of == 0 && (f.Value > 0 || f.Suppressed) {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b Fact) int { return a.AsOf.Compare(b.AsOf) })
	var last time.Time
	most := map[string]int64{}
	for _, f := range list {
		day := f.AsOf.UTC().Truncate(24 * time.Hour)
		if to, err := time.Parse(time.DateOnly, f.To); err == nil {
			day = to
		} else if key := f.Class + "|" + f.Place; !f.Suppressed && f.Value > most[key] {
			most[key] = f.Value
		} else if !f.Suppressed {
			continue
		}
		if day.After(last) {
			last = day
		}
	}
	return last, !last.IsZero()
}
