package verification

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: one table for the member that asks, one for the member
// that answers. Lateness is due < now on both sides; the state overdue notes
// in the asker's history that a clock ran out.

// States of a request at the member that asks.
const (
	Draft     workflow.State = "draft"
	Sent      workflow.State = "sent"
	Delivered workflow.State = "delivered"
	Overdue   workflow.State = "overdue"
	Answered  workflow.State = "answered"
	Refused   workflow.State = "refused"
	Withdrawn workflow.State = "withdrawn"
	Closed    workflow.State = "closed"
	Discarded workflow.State = "discarded"
)

// States at the member that answers, beside answered, refused, withdrawn and
// closed.
const (
	Received   workflow.State = "received"
	Opened     workflow.State = "opened"
	InProgress workflow.State = "in_progress"
	Clearance  workflow.State = "clearance"
)

type (
	tableOf = workflow.Table[Request]
	step    = workflow.Step[Request]
	need    = workflow.Need[Request]
	states  = []workflow.State
)

var (
	workers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	senders  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
	deciders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
	refusers = []access.Role{access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
)

var (
	waiting  = states{Sent, Delivered, Overdue}
	done     = states{Answered, Refused}
	working  = states{Received, Opened, InProgress}
	unsent   = states{Received, Opened, InProgress, Clearance}
	standing = states{Received, Opened, InProgress, Clearance, Answered, Refused}
)

// Requests is the table of a request at the member that asks.
var Requests = &tableOf{
	Record: "verification.request", Track: "main", Version: "1", Initial: Draft, Final: states{Withdrawn, Closed, Discarded},
	State: func(r Request) workflow.State { return r.State },
	Steps: []step{
		{From: states{""}, Verb: "compose", To: Draft, By: workers},
		{From: states{Draft}, Verb: "edit", By: workers},
		{From: states{Draft}, Verb: "discard", To: Discarded, By: workers},
		{From: states{Draft}, Verb: "send", To: Sent, By: senders, Needs: []need{hasTitle, hasQuestions}, Within: firstWithin, Tells: asked},
		{From: states{Sent}, Verb: "deliver", To: Delivered, Other: true},
		{From: append(states{Delivered, Overdue, Withdrawn, Closed}, done...), Verb: "note_receipt", Other: true},
		{From: states{Sent, Delivered}, Verb: "lapse", To: Overdue, Other: true, Needs: []need{pastDue}},
		{From: waiting, Verb: "remind", By: senders, Tells: asked},
		{From: waiting, Verb: "receive_first", To: Delivered, Other: true, Within: answerWithin},
		{From: waiting, Verb: "receive_extension", Other: true},
		{From: waiting, Verb: "grant", To: Delivered, By: senders, Needs: []need{extensionAsked}, Within: answerWithin, Tells: asked},
		{From: waiting, Verb: "decline", By: senders, Needs: []need{extensionAsked, hasWords}, Tells: asked},
		{From: append(states{Answered, Refused}, waiting...), Verb: "receive_answer", To: Answered, Other: true, Within: noClock},
		{From: append(states{Answered}, waiting...), Verb: "receive_refusal", To: Refused, Other: true, Within: noClock},
		// The answer and the withdrawal, or the closing, crossed on the way: the
		// answer is kept and shown, and decides nothing any more.
		{From: states{Withdrawn, Closed}, Verb: "receive_answer", Other: true},
		{From: states{Withdrawn, Closed}, Verb: "receive_refusal", Other: true},
		{From: append(states{Answered, Refused}, waiting...), Verb: "write", By: senders, Needs: []need{hasWords}, Tells: asked},
		{From: append(states{Answered, Refused, Withdrawn, Closed}, waiting...), Verb: "receive_words", Other: true},
		{From: done, Verb: "ask_again", To: Sent, By: senders, Needs: []need{newQuestions}, Within: firstWithin, Tells: asked},
		{From: waiting, Verb: "withdraw", To: Withdrawn, By: append([]access.Role{access.Approver}, senders...), Needs: []need{hasReason}, Within: noClock, Tells: asked},
		{From: done, Verb: "close", To: Closed, By: deciders, Tells: asked},
	},
}

// Answers is the table of the same exchange at the member that answers.
var Answers = &tableOf{
	Record: "verification.answer", Track: "main", Version: "1", Initial: Received, Final: states{Withdrawn, Closed},
	State: func(r Request) workflow.State { return r.State },
	Steps: []step{
		{From: states{""}, Verb: "receive", To: Received, Other: true, Within: firstWithin},
		{From: states{Received}, Verb: "open", To: Opened, By: deciders, Tells: asker},
		{From: working, Verb: "first_reply", To: InProgress, By: deciders, Needs: []need{hasWords}, Within: answerWithin, Tells: asker},
		{From: working, Verb: "prepare", To: InProgress, By: workers},
		{From: states{InProgress}, Verb: "submit", To: Clearance, By: workers, Needs: complete},
		{From: states{Clearance}, Verb: "recall", To: InProgress, By: workers},
		{From: states{Clearance}, Verb: "return", To: InProgress, By: clearers, Needs: []need{hasReason}},
		{From: states{Clearance}, Verb: "clear", To: Answered, By: clearers, Needs: append([]need{secondPerson}, complete...), Within: noClock, Tells: asker},
		{From: unsent, Verb: "refuse", To: Refused, By: refusers, Needs: []need{hasReason}, Within: noClock, Tells: asker},
		{From: unsent, Verb: "ask_extension", By: deciders, Needs: []need{noneAsked, hasWords, laterThanDue}, Tells: asker},
		{From: standing, Verb: "write", By: deciders, Needs: []need{hasWords}, Tells: asker},
		{From: done, Verb: "amend", To: InProgress, By: workers},
		{From: append(states{Withdrawn, Closed}, standing...), Verb: "receive_words", Other: true},
		{From: unsent, Verb: "receive_reminder", Other: true},
		{From: unsent, Verb: "receive_grant", Other: true, Within: answerWithin},
		{From: unsent, Verb: "receive_decline", Other: true},
		{From: standing, Verb: "receive_follow_up", To: Received, Other: true, Within: firstWithin},
		{From: standing, Verb: "receive_withdrawal", To: Withdrawn, Other: true, Within: noClock},
		{From: standing, Verb: "receive_closing", To: Closed, Other: true, Within: noClock},
	},
}

var (
	asked = []string{"asked member"}
	asker = []string{"asking member"}
)

// TableOf is the table that the record follows.
func (r *Request) TableOf() *tableOf {
	if r.Asking() {
		return Requests
	}
	return Answers
}

// Open reports whether something of the exchange is still to come.
func (r *Request) Open() bool {
	switch r.State {
	case Withdrawn, Closed, Discarded, "":
		return false
	}
	return true
}

func none(Request, time.Time) time.Time { return time.Time{} }

var noClock = &workflow.Within[Request]{Name: "", Due: none}
