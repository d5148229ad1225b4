package verification

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// Say is what a message of the exchange is; the catalogue has
// "verification.say.<say>".
type Say string

// What the member that asks says, and what the member that answers says.
const (
	SayAsk      Say = "ask"
	SayFollowUp Say = "follow_up"
	SayRemind   Say = "remind"
	SayGrant    Say = "grant"
	SayDecline  Say = "decline"
	SayWithdraw Say = "withdraw"
	SayClose    Say = "close"

	SayFirst  Say = "first"
	SayAnswer Say = "answer"
	SayAmend  Say = "amend" // an answer in place of an earlier one
	SayRefuse Say = "refuse"
	SayExtend Say = "extend" // asks for more time
	SayWords  Say = "words"  // either side, beside the procedure
)

// asker and answerer are what each side may say.
var (
	askerSays    = []Say{SayRemind, SayGrant, SayDecline, SayClose, SayWords}
	answererSays = []Say{SayFirst, SayAnswer, SayAmend, SayRefuse, SayExtend, SayWords}
)

// Message is one line of the exchange. It is also what travels; the fields
// from Release on are of the node that keeps it.
type Message struct {
	ID        id.ID         `json:"id"`
	Request   id.ID         `json:"request"`
	From      access.Member `json:"from"`
	Say       Say           `json:"say"`
	Round     int           `json:"round"`
	At        time.Time     `json:"at"`
	Post      string        `json:"post"`                 // duty post that said it
	ClearedAs string        `json:"cleared_as,omitempty"` // duty post that let it leave
	Words     string        `json:"words,omitempty"`
	Questions []Question    `json:"questions,omitempty"` // asked with it
	Answer    *Answer       `json:"answer,omitempty"`
	Until     time.Time     `json:"until,omitzero"` // time asked for or granted

	Release   id.ID     `json:"-"`
	Received  time.Time `json:"-"` // here; of the other side's messages
	Delivered time.Time `json:"-"` // there; of own messages
}
