package family

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
)

// Limits of what a person enters.
const (
	MaxName   = health.MaxName
	MaxText   = 2000
	MaxReason = health.MaxReason
	MaxEvents = 100
)

// Standing is how an event stands in a family.
type Standing string

const (
	Own      Standing = "own"      // of the family's owner
	Proposed Standing = "proposed" // its owner has not answered
	Joined   Standing = "joined"   // its owner says that it belongs
	Declined Standing = "declined" // its owner says that it does not
)

// Entry is one event of a family, by reference: no content of it is held here.
type Entry struct {
	Event    id.ID         `json:"event"`
	Owner    access.Member `json:"owner"`
	Standing Standing      `json:"standing"`
	Words    string        `json:"words,omitempty"` // of its owner
	Answered time.Time     `json:"answered,omitzero"`
	From     id.ID         `json:"from,omitempty"` // the family that was merged and brought it
}

// Family groups events of several states that belong together. Whoever made it
// owns it; it changes no event.
type Family struct {
	desk.Head
	Name       string          `json:"name"`
	Text       string          `json:"text,omitempty"`
	Lang       string          `json:"lang"`
	Hazard     string          `json:"hazard"`
	Entries    []Entry         `json:"entries,omitempty"`
	To         []access.Member `json:"to,omitempty"`
	Releases   []Sent          `json:"releases,omitempty"` // of the last sharing
	SharedAt   int             `json:"shared_at,omitempty"`
	EditedBy   id.ID           `json:"edited_by,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	MergedInto id.ID           `json:"merged_into,omitempty"`

	into    *Family          // that it is being merged into, for the needs
	closest access.Marking   // the strictest marking of own events in it
	strict  bool             // closest was looked up
	known   map[id.ID]string // names of own events, for what leaves
}

// Sent is one release of a sharing with those who got it.
type Sent struct {
	Release id.ID           `json:"release"`
	To      []access.Member `json:"to"`
}

// entry finds an event of the family.
func (f *Family) entry(eid id.ID) int {
	return slices.IndexFunc(f.Entries, func(e Entry) bool { return e.Event == eid })
}

func validate(f *Family) error {
	var c fault.Check
	f.Name, f.Text = strings.TrimSpace(f.Name), strings.TrimSpace(f.Text)
	checkHead(&c, f.Name, f.Text, f.Lang, f.Hazard)
	c.That(f.Marking.Valid(), "marking", "fault.health.marking")
	c.That(len(f.Entries) <= MaxEvents, "events", "fault.too_many", fault.Args{"max": MaxEvents})
	c.That(utf8.RuneCountInString(f.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}

func checkHead(c *fault.Check, name, text, lang, hazard string) {
	c.That(name != "", "name", "fault.family.name")
	c.That(utf8.RuneCountInString(name) <= MaxName, "name", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(text) <= MaxText, "text", "fault.too_long", fault.Args{"max": MaxText})
	c.That(len(lang) >= 2 && len(lang) <= 20, "lang", "fault.health.lang")
	_, known := health.HazardByKey(hazard)
	c.That(known, "hazard", "fault.health.hazard")
}

// Answer is what this member says of its own event in another member's family.
type Answer struct {
	desk.Head
	Family    id.ID         `json:"family"`
	Of        access.Member `json:"of"` // whose family it is
	Name      string        `json:"name"`
	Event     id.ID         `json:"event"`
	EventName string        `json:"event_name"`
	Words     string        `json:"words,omitempty"`
}

func validateAnswer(a *Answer) error {
	var c fault.Check
	a.Words = strings.TrimSpace(a.Words)
	c.That(utf8.RuneCountInString(a.Words) <= MaxReason, "words", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}
