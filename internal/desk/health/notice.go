package health

import (
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Notice is a notification as this node received it: the recipient's own
// record of what it did with it. The content is the release, which stays the
// sender's.
type Notice struct {
	desk.Head
	Release    id.ID            `json:"release"`
	From       access.Member    `json:"from"`
	Event      id.ID            `json:"event"` // of the sender
	Body       NotificationView `json:"body"`
	Purpose    string           `json:"purpose"`
	Basis      string           `json:"basis"`
	Lang       string           `json:"lang"`
	Issued     time.Time        `json:"issued"`
	AckBy      time.Time        `json:"ack_by,omitzero"` // as released; Due is cleared once answered
	Files      []exchange.File  `json:"files,omitempty"`
	Supersedes id.ID            `json:"supersedes,omitempty"` // release
	Words      string           `json:"words,omitempty"`      // of the last answer
	Reminded   time.Time        `json:"reminded,omitzero"`
	// Withdrawal is the release that took it back; WithdrawalRead says that a
	// person of this node has seen that.
	Withdrawal     id.ID `json:"withdrawal,omitempty"`
	WithdrawalRead bool  `json:"withdrawal_read,omitempty"`
}

func validateNotice(n *Notice) error {
	var c fault.Check
	c.That(utf8.RuneCountInString(n.Words) <= MaxReason, "words", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}

// Question is what a recipient asks about a notification. The asking member
// owns it; the notifying member holds a copy and answers with a release.
type Question struct {
	desk.Head
	From         access.Member `json:"from"`         // who asks
	To           access.Member `json:"to"`           // who notified
	Release      id.ID         `json:"release"`      // the notification's release
	Notification id.ID         `json:"notification"` // known to the notifying member
	Event        id.ID         `json:"event"`
	Title        string        `json:"title"`
	Words        string        `json:"words"`
	Asked        time.Time     `json:"asked"`
	AskedAs      string        `json:"asked_as,omitempty"`
	Answer       string        `json:"answer,omitempty"`
	Answered     time.Time     `json:"answered,omitzero"`
	AnsweredAs   string        `json:"answered_as,omitempty"`
}

func validateQuestion(q *Question) error {
	var c fault.Check
	c.That(q.Words != "", "words", "fault.health.words_missing")
	c.That(utf8.RuneCountInString(q.Words) <= MaxReason, "words", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(utf8.RuneCountInString(q.Answer) <= 4*MaxReason, "answer", "fault.too_long", fault.Args{"max": 4 * MaxReason})
	return c.Err()
}
