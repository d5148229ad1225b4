package health

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Grade is how grave an event is for the region; its shape on every page is
// octagon, triangle, diamond, circle.
type Grade string

const (
	Emergency   Grade = "emergency"
	Warning     Grade = "warning"
	Watch       Grade = "watch"
	Information Grade = "info"
)

// Grades from the gravest on.
var Grades = []Grade{Emergency, Warning, Watch, Information}

// Limits of an event's fields, in characters or items.
const (
	MaxName    = 160
	MaxSummary = 8000
	MaxPlaces  = 60
	MaxReason  = 1000
)

// Event is a hazard in one affected state. Its owner alone changes it; other
// members hold a copy of what was released to them (CopyOf is that release).
type Event struct {
	desk.Head
	Name      string   `json:"name"`
	Summary   string   `json:"summary"`
	Lang      string   `json:"lang"`
	Hazard    string   `json:"hazard"` // key of Hazards
	Agent     string   `json:"agent,omitempty"`
	ICD11     string   `json:"icd11,omitempty"`
	ICD10     string   `json:"icd10,omitempty"`
	Grade     Grade    `json:"grade"`
	Places    []string `json:"places"` // ISO 3166-2, or the state's code for the whole state
	GLIDE     string   `json:"glide,omitempty"`
	Onset     Date     `json:"onset,omitzero"`
	Emergence Date     `json:"emergence,omitzero"`
	Detection Date     `json:"detection,omitzero"`
	Notified  Date     `json:"notified,omitzero"` // to the authority that must act
	Reason    string   `json:"reason,omitempty"`  // of the last closing or reopening
	CopyOf    id.ID    `json:"copy_of,omitempty"`

	Sections   []Section  `json:"sections,omitempty"`
	End        EndRule    `json:"end,omitzero"`
	MergedInto id.ID      `json:"merged_into,omitempty"`
	Absorbs    []id.ID    `json:"absorbs,omitempty"`  // own events that were merged into this one
	Kept       []Absorbed `json:"absorbed,omitempty"` // of a copy: what its owner showed of them
	Withheld   []Block    `json:"withheld,omitempty"` // of a copy: what its owner did not send

	into  *Event     // that it is being merged into, for the needs
	shows []Absorbed // of an own event, loaded with it where it is shown
}

// Own reports whether this node owns the event.
func (e *Event) Own() bool { return e.CopyOf == "" }

var (
	icd11Form = regexp.MustCompile(`^[A-Z0-9]{2}[A-Z0-9]{2}(\.[A-Z0-9]{1,2})?$`)
	icd10Form = regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9A-Z]{1,2})?$`)
	glideForm = regexp.MustCompile(`^[A-Z]{2}-[0-9]{4}-[0-9]{6}-[A-Z]{3}$`)
	langForm  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// validateEvent checks what a person entered. now is the desk's time.
func validateEvent(e *Event, now time.Time) error {
	var c fault.Check
	e.Name, e.Summary, e.Agent = strings.TrimSpace(e.Name), strings.TrimSpace(e.Summary), strings.TrimSpace(e.Agent)
	c.That(e.Name != "", "name", "fault.health.name_missing")
	c.That(utf8.RuneCountInString(e.Name) <= MaxName, "name", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(e.Summary) <= MaxSummary, "summary", "fault.too_long", fault.Args{"max": MaxSummary})
	c.That(utf8.RuneCountInString(e.Agent) <= MaxName, "agent", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(e.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	_, known := HazardByKey(e.Hazard)
	c.That(known, "hazard", "fault.health.hazard")
	c.That(e.ICD11 == "" || icd11Form.MatchString(e.ICD11), "icd11", "fault.health.icd11")
	c.That(e.ICD10 == "" || icd10Form.MatchString(e.ICD10), "icd10", "fault.health.icd10")
	c.That(e.GLIDE == "" || glideForm.MatchString(e.GLIDE), "glide", "fault.health.glide")
	c.That(langForm.MatchString(e.Lang) && len(e.Lang) <= 20, "lang", "fault.health.lang")
	c.That(slices.Contains(Grades, e.Grade), "grade", "fault.health.grade")
	c.That(e.Marking.Valid(), "marking", "fault.health.marking")
	checkPlaces(&c, e)
	checkSections(&c, e.Sections, now)
	e.End.check(&c, now)
	c.That(len(e.Absorbs) <= MaxAbsorbed, "absorbs", "fault.too_many", fault.Args{"max": MaxAbsorbed})
	e.Onset.check(&c, "onset", now)
	e.Emergence.check(&c, "emergence", now)
	e.Detection.check(&c, "detection", now)
	e.Notified.check(&c, "notified", now)
	checkOrder(&c, "detection", e.Emergence, e.Detection)
	checkOrder(&c, "notified", e.Detection, e.Notified)
	return c.Err()
}

// checkPlaces wants places of the owner's own state: a state cannot record an
// event of another.
func checkPlaces(c *fault.Check, e *Event) {
	c.That(len(e.Places) > 0, "places", "fault.health.place_missing")
	c.That(len(e.Places) <= MaxPlaces, "places", "fault.too_many", fault.Args{"max": MaxPlaces})
	for i, p := range e.Places {
		c.Row(place.Known(p), i+1, "places", "fault.health.place_unknown", fault.Args{"place": p})
		c.Row(e.Owner == access.ASEC || place.Member(p) == string(e.Owner), i+1, "places", "fault.health.place_foreign", fault.Args{"place": p})
	}
	e.Place = string(e.Owner)
	if len(e.Places) > 0 {
		e.Place = e.Places[0]
	}
}

// checkOrder refuses b before a only when that is certain for both intervals.
func checkOrder(c *fault.Check, field string, a, b Date) {
	af, _, ok1 := a.Span()
	_, bt, ok2 := b.Span()
	c.That(!ok1 || !ok2 || !bt.Before(af), field, "fault.health.date_order")
}
