package sitrep

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// Scopes of a report.
const (
	National = "national"
	Regional = "regional"
)

// Parts of the text of a report, in the order of the page; the catalogue has
// "sitrep.part.<p>".
var Parts = []string{"changed", "done", "coordination", "surveillance", "points_of_entry", "laboratory", "transmission", "ipc", "case_management",
	"rcce", "logistics", "continuity", "vaccination", "research", "resources", "needs", "travel", "risk", "next", "caveats"}

// Summary is the part that is given in several languages.
const Summary = "summary"

// Limits of what a person enters, in characters or items.
const (
	MaxTitle      = health.MaxName
	MaxHighlights = 5
	MaxHighlight  = 300
	MaxText       = 4000
	MaxReason     = health.MaxReason
	MaxFacts      = 3000
	MaxSummaries  = 12
)

// Text is one part of the report in the language that it is written in.
type Text struct {
	Part string `json:"part"`
	Lang string `json:"lang"`
	Text string `json:"text"`
}

// Report is a situation report: of one state on one event, or of the region on
// a family. What it shows is frozen when it is taken from the facts or from the
// inputs; a later correction is another record that supersedes this one.
type Report struct {
	desk.Head
	Scope     string       `json:"scope"`
	Event     id.ID        `json:"event,omitempty"`
	Family    id.ID        `json:"family,omitempty"`
	Subject   string       `json:"subject"` // name of the event or family
	Hazard    string       `json:"hazard,omitempty"`
	GLIDE     string       `json:"glide,omitempty"`
	Grade     health.Grade `json:"grade,omitempty"`
	Number    int          `json:"number"`
	Corrected int          `json:"corrected,omitempty"` // how many times this issue was corrected before
	Title     string       `json:"title"`
	Lang      string       `json:"lang"`
	From      string       `json:"from"` // the period, days
	Until     string       `json:"until"`
	AsOf      time.Time    `json:"as_of"`
	Next      time.Time    `json:"next,omitzero"` // the next issue
	Authority string       `json:"authority"`
	// Nothing says that the state has nothing to report: an answer, which is
	// neither a zero nor silence.
	Nothing    bool     `json:"nothing,omitempty"`
	Highlights []string `json:"highlights,omitempty"`
	Texts      []Text   `json:"texts,omitempty"`

	Facts   []health.FactView `json:"facts,omitempty"`   // of a national report
	Figures []Figure          `json:"figures,omitempty"` // of both scopes
	Last    *Issue            `json:"last,omitempty"`    // that the difference is told to

	Call      id.ID           `json:"call,omitempty"` // the regional report that this one is an input of
	CallOwner access.Member   `json:"call_owner,omitempty"`
	Asked     []access.Member `json:"asked,omitempty"` // of a regional report
	Level     int             `json:"level,omitempty"` // in force, whose rhythm opened the report
	Flash     bool            `json:"flash,omitempty"` // out of the rhythm, with little time to answer
	CutOff    time.Time       `json:"cut_off,omitzero"`
	Words     string          `json:"words,omitempty"` // of the call
	Reminded  time.Time       `json:"reminded,omitzero"`
	Inputs    []Input         `json:"inputs,omitempty"`

	To       []access.Member `json:"to,omitempty"`
	Authors  []id.ID         `json:"authors,omitempty"`
	Cleared  desk.Mark       `json:"cleared,omitzero"`
	Issued   time.Time       `json:"issued,omitzero"`
	Release  id.ID           `json:"release,omitempty"`
	Calls    id.ID           `json:"calls,omitempty"` // the newest release of the call
	Corrects id.ID           `json:"corrects,omitempty"`
	Changes  []string        `json:"changes,omitempty"` // keys of what a correction changed
	Why      string          `json:"why,omitempty"`     // of a correction
	Reason   string          `json:"reason,omitempty"`  // of a return, discarding or withdrawal

	CopyOf   id.ID     `json:"copy_of,omitempty"`
	Replaces id.ID     `json:"replaces,omitempty"`
	Received time.Time `json:"received,omitzero"`

	// Closest is the marking of the family; a report is never more open.
	Closest access.Marking `json:"closest,omitempty"`

	eventMarking access.Marking
}

// Issue is an earlier report of the same series.
type Issue struct {
	ID      id.ID     `json:"id"`
	Number  int       `json:"number"`
	AsOf    time.Time `json:"as_of"`
	Release id.ID     `json:"release"`
}

// Own reports whether this node owns the report.
func (r *Report) Own() bool { return r.CopyOf == "" }

// Text is a part in the report's own language.
func (r *Report) Text(part string) string { return textOf(r.Texts, part, r.Lang) }

func textOf(list []Text, part, lang string) string {
	for _, t := range list {
		if t.Part == part && t.Lang == lang {
			return t.Text
		}
	}
	return ""
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func validate(r *Report) error {
	var c fault.Check
	for _, s := range []*string{&r.Title, &r.Authority, &r.Reason, &r.Why, &r.Words} {
		*s = strings.TrimSpace(*s)
	}
	c.That(r.Scope == National || r.Scope == Regional, "scope", "fault.invalid")
	c.That(r.Title != "", "title", "fault.sitrep.title")
	c.That(r.Authority != "", "authority", "fault.sitrep.authority")
	for field, s := range map[string]string{"title": r.Title, "authority": r.Authority} {
		c.That(!long(s, MaxTitle), field, "fault.too_long", fault.Args{"max": MaxTitle})
	}
	for field, s := range map[string]string{"reason": r.Reason, "why": r.Why, "words": r.Words} {
		c.That(!long(s, MaxReason), field, "fault.too_long", fault.Args{"max": MaxReason})
	}
	c.That(r.Number > 0 && r.Number < 100000, "number", "fault.sitrep.number")
	c.That(r.Marking.Valid(), "marking", "fault.health.marking")
	c.That(known(r.Lang), "lang", "fault.health.lang")
	checkPeriod(&c, r)
	checkTexts(&c, r)
	seen := map[access.Member]bool{r.Owner: r.Own()}
	for _, m := range r.To {
		c.That(slices.Contains(access.All(), m) && !seen[m], "to", "fault.sitrep.to")
		seen[m] = true
	}
	return c.Err()
}

func checkPeriod(c *fault.Check, r *Report) {
	from, e1 := time.Parse(time.DateOnly, r.From)
	until, e2 := time.Parse(time.DateOnly, r.Until)
	c.That(e1 == nil, "from", "fault.sitrep.day")
	c.That(e2 == nil, "until", "fault.sitrep.day")
	if e1 == nil && e2 == nil {
		c.That(!until.Before(from), "until", "fault.sitrep.period")
		c.That(until.Sub(from) <= 366*24*time.Hour, "from", "fault.sitrep.period_long")
	}
	c.That(!r.AsOf.IsZero(), "as_of", "fault.health.as_of")
	c.That(r.Next.IsZero() || r.Next.After(r.AsOf), "next", "fault.sitrep.next")
}

func checkTexts(c *fault.Check, r *Report) {
	r.Highlights = trim(r.Highlights)
	c.That(len(r.Highlights) <= MaxHighlights, "highlights", "fault.sitrep.highlights", fault.Args{"max": MaxHighlights})
	for _, h := range r.Highlights {
		c.That(!long(h, MaxHighlight), "highlights", "fault.too_long", fault.Args{"max": MaxHighlight})
	}
	seen, summaries := map[string]bool{}, 0
	for i := range r.Texts {
		t := &r.Texts[i]
		t.Text = strings.TrimSpace(t.Text)
		key := t.Part + "|" + t.Lang
		if t.Part == Summary {
			summaries++
			c.That(!seen[key], "summaries", "fault.sitrep.summary_twice")
			c.That(known(t.Lang), "summaries", "fault.health.lang")
			c.That(!long(t.Text, MaxText), "summaries", "fault.too_long", fault.Args{"max": MaxText})
		} else {
			c.That(slices.Contains(Parts, t.Part) && !seen[key] && known(t.Lang), "part."+t.Part, "fault.invalid")
			c.That(!long(t.Text, MaxText), "part."+t.Part, "fault.too_long", fault.Args{"max": MaxText})
		}
		seen[key] = true
	}
	c.That(summaries <= MaxSummaries, "summaries", "fault.too_many", fault.Args{"max": MaxSummaries})
	c.That(len(r.Facts) <= MaxFacts && len(r.Figures) <= MaxFacts, "figures", "fault.too_many", fault.Args{"max": MaxFacts})
}

// known languages are those of the interface and the working languages of
// members that the interface does not have.
func known(lang string) bool {
	return slices.ContainsFunc(Languages(), func(l Language) bool { return l.Code == lang })
}

// Language is one that a part of a report can be written in.
type Language struct{ Code, Name string }

// more are languages of members that pages are not offered in, by their own
// names.
var more = []Language{{"ms", "Bahasa Melayu"}, {"lo", "ລາວ"}, {"my", "မြန်မာ"}, {"fil", "Filipino"}, {"ta", "தமிழ்"}, {"zh", "中文"}, {"tet", "Tetun"}}

// Languages are those that a text can be in.
func Languages() []Language {
	var out []Language
	for _, l := range locale.Languages() {
		out = append(out, Language{l.Code, l.Name})
	}
	for _, l := range more {
		if !slices.ContainsFunc(out, func(x Language) bool { return x.Code == l.Code }) {
			out = append(out, l)
		}
	}
	return out
}

// LanguageName is a language by its own name.
func LanguageName(code string) string {
	for _, l := range Languages() {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

func trim(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
