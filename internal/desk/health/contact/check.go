package contact

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Limits of a check.
const (
	MinWithin     = 5 * time.Minute
	MaxWithin     = 48 * time.Hour
	DefaultWithin = time.Hour
	MaxWords      = 500
)

// Check is a communication check at the member that called it: one press asks
// the others whether anybody is there. It stays for ever.
type Check struct {
	desk.Head
	To      []access.Member `json:"to"`
	Role    Role            `json:"role,omitempty"` // addressed; empty: whoever keeps the watch
	Words   string          `json:"words,omitempty"`
	Urgent  bool            `json:"urgent"` // quiet hours do not apply
	Within  time.Duration   `json:"within"`
	Issued  time.Time       `json:"issued"`
	By      time.Time       `json:"by"` // when answers are due; Due is cleared once it is over
	Post    string          `json:"post"`
	Release id.ID           `json:"release"`
	Reason  string          `json:"reason,omitempty"` // why it was called off
}

// Call is a check at a member that was called.
type Call struct {
	desk.Head
	From     access.Member `json:"from"`
	Release  id.ID         `json:"release"`
	Body     CheckView     `json:"body"`
	Received time.Time     `json:"received"`
	Answered time.Time     `json:"answered,omitzero"`
	AnswerAs string        `json:"answer_as,omitempty"`
	Words    string        `json:"words,omitempty"`
	Reason   string        `json:"reason,omitempty"` // why it was called off
}

// Answer is how far one member has come with a check.
type Answer struct {
	Check     id.ID
	Member    access.Member
	Delivered time.Time // its node had it
	Opened    time.Time // a person saw it
	Answered  time.Time // a person pressed, by that node's clock
	Arrived   time.Time // the answer was here
	Post      string
	Words     string
}

func validateCheck(k *Check) error {
	var c fault.Check
	k.Words, k.Reason = strings.TrimSpace(k.Words), strings.TrimSpace(k.Reason)
	c.That(len(k.To) > 0, "to", "fault.contact.nobody")
	for i, m := range k.To {
		c.Row(slices.Contains(access.All(), m) && m != k.Owner && !slices.Contains(k.To[:i], m), i+1, "to", "fault.contact.recipient")
		c.Row(m != access.ASEC || !stateOnly(k.Role), i+1, "to", "fault.contact.role_state")
	}
	c.That(k.Role == "" || k.Role.Known(), "role", "fault.contact.role")
	c.That(fits(k.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(fits(k.Reason, MaxWords), "reason", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(k.Within >= MinWithin && k.Within <= MaxWithin, "within", "fault.contact.within")
	c.That(k.Marking.Valid(), "marking", "fault.health.marking")
	return c.Err()
}

func validateCall(k *Call) error {
	var c fault.Check
	k.Words = strings.TrimSpace(k.Words)
	c.That(fits(k.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	return c.Err()
}
