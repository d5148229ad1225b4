package health

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the desk: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States of an event (domain reference, section 3). All but the last four
// are open.
const (
	Assessment  workflow.State = "assessment"
	WatchState  workflow.State = "watch"
	Alert       workflow.State = "alert"
	Response    workflow.State = "response"
	Stabilising workflow.State = "stabilising"
	StoodDown   workflow.State = "stood_down"
	UnderReview workflow.State = "under_review"
	Closed      workflow.State = "closed"
	Merged      workflow.State = "merged_into"
)

// OpenStates are the states of an open event.
var OpenStates = []workflow.State{Assessment, WatchState, Alert, Response, Stabilising}

// States of a notification, of a notice and of a question.
const (
	Draft             workflow.State = "draft"
	NationalClearance workflow.State = "national_clearance"
	Cleared           workflow.State = "cleared"
	Released          workflow.State = "released"
	Updated           workflow.State = "updated" // superseded by a newer one
	Withdrawn         workflow.State = "withdrawn"
	Discarded         workflow.State = "discarded"

	NoticeDelivered    workflow.State = "delivered"
	NoticeOpened       workflow.State = "opened"
	NoticeAcknowledged workflow.State = "acknowledged"
	NoticeQuestion     workflow.State = "question"
	NoticeRefused      workflow.State = "refused"

	Asked    workflow.State = "asked"
	Answered workflow.State = "answered"
)

var (
	watchers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.SecretariatDsk}
	senders  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
	deciders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
)

// Events is the table of an event.
var Events = &workflow.Table[Event]{
	Record: "health.event", Track: "main", Version: "2",
	Initial: Assessment, Final: []workflow.State{Closed},
	Place: func(e Event) string { return e.Place },
	State: func(e Event) workflow.State { return e.State },
	Steps: []workflow.Step[Event]{
		{From: []workflow.State{""}, Verb: "record", To: Assessment, By: watchers, Within: assessWithin},
		{From: OpenStates, Verb: "edit", By: watchers},
		{From: OpenStates, Verb: "describe", By: watchers},
		{From: OpenStates, Verb: "add_facts", By: watchers},
		{From: []workflow.State{Assessment, Alert}, Verb: "watch", To: WatchState, By: watchers, Within: noClock},
		{From: []workflow.State{Assessment, WatchState}, Verb: "alert", To: Alert, By: watchers, Within: noClock},
		{From: []workflow.State{Assessment, WatchState, Alert, Stabilising}, Verb: "respond", To: Response, By: deciders, Within: noClock},
		{From: []workflow.State{Response}, Verb: "stabilise", To: Stabilising, By: deciders},
		{From: OpenStates, Verb: "stand_down", To: StoodDown, By: deciders, Needs: []workflow.Need[Event]{eventReason}, Within: noClock},
		{From: []workflow.State{StoodDown}, Verb: "review", To: UnderReview, By: deciders},
		{From: []workflow.State{StoodDown, UnderReview}, Verb: "close", To: Closed, By: deciders, Needs: []workflow.Need[Event]{eventReason}},
		{From: OpenStates, Verb: "merge", To: Merged, By: deciders, Needs: []workflow.Need[Event]{eventReason, mergeTarget, mergeMarking}, Within: noClock},
		{From: []workflow.State{Merged}, Verb: "split", To: Assessment, By: deciders, Needs: []workflow.Need[Event]{eventReason}, Within: assessWithin},
		{From: OpenStates, Verb: "absorb", Other: true},
		{From: append([]workflow.State{StoodDown, UnderReview, Closed, Merged}, OpenStates...), Verb: "separate", Other: true},
		{From: []workflow.State{StoodDown, UnderReview, Closed}, Verb: "reopen", To: Assessment, By: clearers, Needs: []workflow.Need[Event]{eventReason}, Within: assessWithin},
	},
}

// Notifications is the table of a notification at its owner.
var Notifications = &workflow.Table[Notification]{
	Record: "health.notification", Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Updated, Withdrawn, Discarded},
	State: func(n Notification) workflow.State { return n.State },
	Steps: []workflow.Step[Notification]{
		{From: []workflow.State{""}, Verb: "compose", To: Draft, By: senders},
		{From: []workflow.State{Draft}, Verb: "edit", By: senders},
		{From: []workflow.State{Draft}, Verb: "submit", To: NationalClearance, By: senders, Needs: content, Within: clearWithin},
		{From: []workflow.State{Draft, NationalClearance, Cleared}, Verb: "discard", To: Discarded, By: senders, Within: noClockN},
		{From: []workflow.State{NationalClearance}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Notification]{notificationReason}, Within: noClockN},
		{From: []workflow.State{NationalClearance}, Verb: "clear", To: Cleared, By: clearers, Needs: append([]workflow.Need[Notification]{secondPerson}, content...), Within: releaseWithin},
		{From: []workflow.State{Cleared}, Verb: "release", To: Released, By: senders, Needs: append([]workflow.Need[Notification]{eventUnchanged}, content...), Within: ackWithin, Tells: []string{"recipients"}},
		{From: []workflow.State{Cleared}, Verb: "recall", To: Draft, By: senders, Within: noClockN},
		{From: []workflow.State{Released}, Verb: "remind", By: senders, Tells: []string{"silent recipients"}},
		{From: []workflow.State{Released}, Verb: "supersede", To: Updated, Other: true, Within: noClockN},
		{From: []workflow.State{Released}, Verb: "complete", Other: true, Within: noClockN},
		{From: []workflow.State{Released}, Verb: "withdraw", To: Withdrawn, By: append([]access.Role{access.Approver}, senders...), Needs: []workflow.Need[Notification]{notificationReason}, Within: noClockN, Tells: []string{"recipients"}},
	},
}

// answerable are the states in which a recipient can still answer.
var answerable = []workflow.State{NoticeDelivered, NoticeOpened, NoticeQuestion}

// Notices is the table of a received notification at the recipient.
var Notices = &workflow.Table[Notice]{
	Record: "health.notice", Track: "main", Version: "2",
	Initial: NoticeDelivered, Final: []workflow.State{Updated, Withdrawn},
	State: func(n Notice) workflow.State { return n.State },
	Steps: []workflow.Step[Notice]{
		{From: []workflow.State{""}, Verb: "receive", To: NoticeDelivered, Other: true},
		{From: []workflow.State{NoticeDelivered}, Verb: "open", To: NoticeOpened, By: deciders, Tells: []string{"owner"}},
		{From: answerable, Verb: "acknowledge", To: NoticeAcknowledged, By: deciders, Within: noClockR, Tells: []string{"owner"}},
		{From: append([]workflow.State{NoticeAcknowledged}, answerable...), Verb: "ask", To: NoticeQuestion, By: deciders, Needs: []workflow.Need[Notice]{noticeWords}, Tells: []string{"owner"}},
		{From: answerable, Verb: "refuse", To: NoticeRefused, By: deciders, Needs: []workflow.Need[Notice]{noticeWords}, Within: noClockR, Tells: []string{"owner"}},
		{From: append([]workflow.State{NoticeAcknowledged, NoticeRefused}, answerable...), Verb: "remind", Other: true},
		{From: append([]workflow.State{NoticeAcknowledged, NoticeRefused}, answerable...), Verb: "update", To: Updated, Other: true, Within: noClockR},
		{From: append([]workflow.State{NoticeAcknowledged, NoticeRefused, Updated}, answerable...), Verb: "withdraw", To: Withdrawn, Other: true, Within: noClockR},
		{From: []workflow.State{Withdrawn}, Verb: "read_withdrawal", To: Withdrawn, By: deciders, Tells: []string{"owner"}},
	},
}

// Questions is the table of a question at the member that asks.
var Questions = &workflow.Table[Question]{
	Record: "health.question", Track: "main", Version: "1",
	Initial: Asked, Final: []workflow.State{Answered},
	State: func(q Question) workflow.State { return q.State },
	Steps: []workflow.Step[Question]{
		{From: []workflow.State{""}, Verb: "ask", To: Asked, By: deciders, Within: answerWithin, Tells: []string{"owner"}},
		{From: []workflow.State{Asked}, Verb: "receive_answer", To: Answered, Other: true, Within: noClockQ},
	},
}

// Answers is the table of a question at the member that is asked: it holds a
// copy and answers it once.
var Answers = &workflow.Table[Question]{
	Record: "health.answer", Track: "main", Version: "1",
	Initial: Asked, Final: []workflow.State{Answered},
	State: func(q Question) workflow.State { return q.State },
	Steps: []workflow.Step[Question]{
		{From: []workflow.State{""}, Verb: "receive", To: Asked, Other: true, Within: answerWithin},
		{From: []workflow.State{Asked}, Verb: "answer", To: Answered, By: deciders, Needs: []workflow.Need[Question]{answerWords}, Within: noClockQ, Tells: []string{"asker"}},
	},
}

func none[R any](R, time.Time) time.Time { return time.Time{} }

var (
	noClock  = &workflow.Within[Event]{Name: "", Due: none[Event]}
	noClockN = &workflow.Within[Notification]{Name: "", Due: none[Notification]}
	noClockR = &workflow.Within[Notice]{Name: "", Due: none[Notice]}
	noClockQ = &workflow.Within[Question]{Name: "", Due: none[Question]}
)

// MayAnswer reports whether a person may answer the questions of others.
func MayAnswer(a access.Actor) bool {
	row, ok := Answers.Find(Asked, "answer")
	return ok && a.HasAny(row.By...)
}
