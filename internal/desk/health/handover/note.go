package handover

import (
	"cmp"
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

// Limits of what a person writes, in characters, and of a shift.
const (
	MaxWords = 8000
	MaxPost  = 120
	MaxShift = 14 * 24 * time.Hour
	maxItems = 200 // of one section
)

// Note is what one shift tells the next. While it is a draft, its items are
// composed anew each time it is looked at; handing over keeps them as they
// were.
type Note struct {
	desk.Head
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"` // of a draft: now
	Words    string    `json:"words"`
	To       string    `json:"to,omitempty"` // the post that takes over
	Items    []Item    `json:"items,omitempty"`
	More     int       `json:"more,omitempty"` // changed records that did not fit
	Handed   desk.Mark `json:"handed,omitzero"`
	Accepted desk.Mark `json:"accepted,omitzero"`
	Remark   string    `json:"remark,omitempty"` // of who accepted or returned it
}

// Section of a note.
type Section string

const (
	Waiting Section = "waiting" // needs action
	Changed Section = "changed" // during the shift
	Watched Section = "watched" // on the watch list
)

// Sections in the order of the page.
var Sections = []Section{Waiting, Watched, Changed}

// Item is one line of a note: what a record was like when the note was handed
// over. Key is a sentence of the catalogue with {title} and {owner}.
type Item struct {
	Section Section       `json:"section"`
	Key     string        `json:"key"`
	Title   string        `json:"title"`
	Text    string        `json:"text,omitempty"`
	Owner   access.Member `json:"owner,omitempty"`
	Grade   string        `json:"grade,omitempty"`
	Href    string        `json:"href,omitempty"`
	Action  string        `json:"action,omitempty"` // catalogue "action.<Action>"
	Steps   int           `json:"steps,omitempty"`
	Due     time.Time     `json:"due,omitzero"`
	At      time.Time     `json:"at,omitzero"`
}

func validateNote(n *Note, now time.Time) error {
	var c fault.Check
	n.Words, n.To, n.Remark = strings.TrimSpace(n.Words), strings.TrimSpace(n.To), strings.TrimSpace(n.Remark)
	c.That(utf8.RuneCountInString(n.Words) <= MaxWords, "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(utf8.RuneCountInString(n.To) <= MaxPost, "to", "fault.too_long", fault.Args{"max": MaxPost})
	c.That(utf8.RuneCountInString(n.Remark) <= MaxWords, "remark", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(!n.Since.IsZero() && n.Since.Before(n.Until) && !n.Until.After(now.Add(time.Minute)), "since", "fault.handover.shift")
	c.That(n.Until.Sub(n.Since) <= MaxShift, "since", "fault.handover.long")
	return c.Err()
}

// Watch keeps an event on the list of what the next shifts look at, whatever
// else is urgent.
type Watch struct {
	desk.Head
	Event  id.ID     `json:"event"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"` // zero: until somebody ends it
}

func validateWatch(w *Watch) error {
	var c fault.Check
	w.Reason = strings.TrimSpace(w.Reason)
	c.That(w.Reason != "", "reason", "fault.handover.reason")
	c.That(utf8.RuneCountInString(w.Reason) <= 500, "reason", "fault.too_long", fault.Args{"max": 500})
	c.That(w.Until.IsZero() || w.Until.After(w.Created.At) && w.Until.Before(w.Created.At.AddDate(1, 0, 1)), "until", "fault.handover.until")
	return c.Err()
}

// gravest puts the gravest event first, then the newest change.
func gravest(ws []WatchView) {
	slices.SortStableFunc(ws, func(a, b WatchView) int {
		return cmp.Or(cmp.Compare(slices.Index(health.Grades, a.Event.Grade), slices.Index(health.Grades, b.Event.Grade)),
			b.Event.Changed.Compare(a.Event.Changed))
	})
}
