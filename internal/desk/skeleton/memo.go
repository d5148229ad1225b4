package skeleton

import (
	"strings"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
)

// MaxText is the longest text of a memo, in characters.
const MaxText = 4000

// Memo is the record: a text for other members.
type Memo struct {
	desk.Head
	Text string          `json:"text"`
	To   []access.Member `json:"to"`
}

func validate(m *Memo) error {
	var c fault.Check
	m.Text = strings.TrimSpace(m.Text)
	c.That(utf8.RuneCountInString(m.Text) <= MaxText, "text", "fault.too_long", fault.Args{"max": MaxText})
	c.That(m.Marking.Valid(), "marking", "fault.invalid")
	return c.Err()
}
