package health

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Block is a part of the event's content that a recipient gets or not.
type Block string

const (
	BlockSummary Block = "summary"
	BlockDates   Block = "dates"
	BlockPlaces  Block = "places" // admin-1; without it only the state is named
	BlockFacts   Block = "facts"  // with BlockPlaces also the figures below the state
)

// Blocks in the order of the form.
var Blocks = append([]Block{BlockSummary, BlockDates, BlockPlaces, BlockFacts}, SectionBlocks...)

// Bases are the legal bases of a notification; the catalogue has "basis.<b>".
var Bases = []string{"ihr_6", "ihr_7", "ihr_8", "ihr_9", "aphecs", "bilateral"}

// Purposes say what a recipient may use it for; the catalogue has "purpose.<p>".
var Purposes = []string{"early_warning", "risk_assessment", "joint_response", "information"}

// Limits of a notification.
const (
	MaxMessage = 8000
	MaxFiles   = 10
	MaxDue     = 14 * 24 * time.Hour
)

// Recipient is one addressee and what it gets of the event.
type Recipient struct {
	Member access.Member `json:"member"`
	Blocks []Block       `json:"blocks"`
	// Release is the release that carried it, once released. Recipients that
	// get the same content share one.
	Release id.ID `json:"release,omitempty"`
	// Replaces is the release of the superseded notification to this member.
	Replaces id.ID `json:"replaces,omitempty"`
	// Withdrawal is the release that took the notification back, once withdrawn.
	Withdrawal id.ID `json:"withdrawal,omitempty"`
}

// Notification tells other members about one version of an event. It leaves
// only after the national clearance by a second person.
type Notification struct {
	desk.Head
	Event      id.ID           `json:"event"`
	Title      string          `json:"title"`
	Message    string          `json:"message"`
	Lang       string          `json:"lang"`
	Purpose    string          `json:"purpose"`
	Basis      string          `json:"basis"`
	Recipients []Recipient     `json:"recipients"`
	AckWithin  time.Duration   `json:"ack_within"` // from the release
	Files      []exchange.File `json:"files,omitempty"`
	Supersedes id.ID           `json:"supersedes,omitempty"` // notification
	SubmitBy   id.ID           `json:"submit_by,omitempty"`
	ClearedBy  id.ID           `json:"cleared_by,omitempty"`
	ClearedAs  string          `json:"cleared_as,omitempty"` // duty post
	Released   time.Time       `json:"released,omitzero"`
	EventAt    int             `json:"event_at,omitempty"` // version of the event that was released
	Reason     string          `json:"reason,omitempty"`   // of the last return or withdrawal

	event *Event        // for the needs; loaded with the notification
	old   *Notification // that it supersedes, likewise
}

// replace notes which release of the superseded notification each recipient
// had.
func (n *Notification) replace() {
	for i := range n.Recipients {
		n.Recipients[i].Replaces = ""
		if n.old == nil {
			continue
		}
		for _, o := range n.old.Recipients {
			if o.Member == n.Recipients[i].Member {
				n.Recipients[i].Replaces = o.Release
			}
		}
	}
}

// EventRecord is the event as it was when the notification was loaded.
func (n *Notification) EventRecord() *Event { return n.event }

// To lists the recipients' members.
func (n *Notification) To() []access.Member {
	out := make([]access.Member, len(n.Recipients))
	for i, r := range n.Recipients {
		out[i] = r.Member
	}
	return out
}

// validateNotification checks what was entered; a draft may still lack parts
// that the needs of its next step ask for.
func validateNotification(n *Notification) error {
	var c fault.Check
	n.Title, n.Message, n.Reason = strings.TrimSpace(n.Title), strings.TrimSpace(n.Message), strings.TrimSpace(n.Reason)
	c.That(utf8.RuneCountInString(n.Title) <= MaxName, "title", "fault.too_long", fault.Args{"max": MaxName})
	c.That(utf8.RuneCountInString(n.Message) <= MaxMessage, "message", "fault.too_long", fault.Args{"max": MaxMessage})
	c.That(utf8.RuneCountInString(n.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(langForm.MatchString(n.Lang) && len(n.Lang) <= 20, "lang", "fault.health.lang")
	c.That(slices.Contains(Purposes, n.Purpose), "purpose", "fault.health.purpose")
	c.That(slices.Contains(Bases, n.Basis), "basis", "fault.health.basis")
	c.That(n.Marking.Valid(), "marking", "fault.health.marking")
	c.That(n.AckWithin >= time.Hour && n.AckWithin <= MaxDue, "ack_within", "fault.health.ack_within")
	c.That(len(n.Files) <= MaxFiles, "files", "fault.too_many", fault.Args{"max": MaxFiles})
	seen := map[access.Member]bool{}
	for i, r := range n.Recipients {
		c.Row(slices.Contains(access.All(), r.Member), i+1, "recipients", "fault.health.recipient")
		c.Row(r.Member != n.Owner, i+1, "recipients", "fault.health.recipient_self")
		c.Row(!seen[r.Member], i+1, "recipients", "fault.health.recipient_twice")
		seen[r.Member] = true
		for _, b := range r.Blocks {
			c.Row(slices.Contains(Blocks, b), i+1, "blocks", "fault.health.block")
		}
	}
	return c.Err()
}

// groups are the recipients that get the same content in place of the same
// earlier release, in a fixed order, so that one release serves each group.
func (n *Notification) groups() [][]int {
	at := map[string]int{}
	var out [][]int
	for i, r := range n.Recipients {
		var key strings.Builder
		for _, b := range Blocks {
			if slices.Contains(r.Blocks, b) {
				key.WriteString(string(b) + " ")
			}
		}
		key.WriteString(string(r.Replaces))
		g, ok := at[key.String()]
		if !ok {
			g = len(out)
			at[key.String()] = g
			out = append(out, nil)
		}
		out[g] = append(out[g], i)
	}
	return out
}
