package health

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/workflow"
)

// Deadlines. 48 h for the national assessment of an urgent event: IHR (2005)
// Annex 1A. The others are the desk's proposals, to be replaced by the
// region's adopted procedure.
const (
	AssessLimit  = 48 * time.Hour
	ClearLimit   = 4 * time.Hour
	ReleaseLimit = 4 * time.Hour
	AnswerLimit  = 24 * time.Hour // as the first reply to a verification request, IHR Article 10
	AckDefault   = 24 * time.Hour // 7-1-7-R, R1
)

var (
	assessWithin  = &workflow.Within[Event]{Name: "assess", Due: func(_ Event, now time.Time) time.Time { return now.Add(AssessLimit) }}
	clearWithin   = &workflow.Within[Notification]{Name: "clear", Due: func(_ Notification, now time.Time) time.Time { return now.Add(ClearLimit) }}
	releaseWithin = &workflow.Within[Notification]{Name: "release", Due: func(_ Notification, now time.Time) time.Time { return now.Add(ReleaseLimit) }}
	ackWithin     = &workflow.Within[Notification]{Name: "acknowledge", Due: func(n Notification, now time.Time) time.Time { return now.Add(n.AckWithin) }}
	answerWithin  = &workflow.Within[Question]{Name: "answer", Due: func(_ Question, now time.Time) time.Time { return now.Add(AnswerLimit) }}
)

// Needs, each with the sentence "need.<name>".
var (
	eventReason = workflow.Need[Event]{Name: "health.reason", Check: func(e Event, _ access.Actor, _ time.Time) bool {
		return strings.TrimSpace(e.Reason) != ""
	}}
	// mergeTarget: the other event is another open one of this member, of the
	// same exercise or of none.
	mergeTarget = workflow.Need[Event]{Name: "health.merge_target", Check: func(e Event, _ access.Actor, _ time.Time) bool {
		t := e.into
		return t != nil && t.ID != e.ID && t.Own() && t.Exercise == e.Exercise && slices.Contains(OpenStates, t.State)
	}}
	// mergeMarking: what is marked closer must not come under a weaker marking.
	mergeMarking = workflow.Need[Event]{Name: "health.merge_marking", Check: func(e Event, _ access.Actor, _ time.Time) bool {
		return e.into != nil && !e.Marking.Stricter(e.into.Marking)
	}}
	notificationReason = workflow.Need[Notification]{Name: "health.reason", Check: func(n Notification, _ access.Actor, _ time.Time) bool {
		return n.Reason != ""
	}}
	noticeWords = workflow.Need[Notice]{Name: "health.words", Check: func(n Notice, _ access.Actor, _ time.Time) bool {
		return n.Words != ""
	}}
	answerWords = workflow.Need[Question]{Name: "health.words", Check: func(q Question, _ access.Actor, _ time.Time) bool {
		return q.Answer != ""
	}}
	// secondPerson keeps the national clearance with somebody other than the
	// person who wrote or submitted the notification.
	secondPerson = workflow.Need[Notification]{Name: "health.second_person", Check: func(n Notification, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != n.SubmitBy && a.Account != n.Created.Account
	}}
	// eventUnchanged: what was cleared is what leaves. If the event changed
	// meanwhile the notification must be recalled and cleared again.
	eventUnchanged = workflow.Need[Notification]{Name: "health.event_unchanged", Check: func(n Notification, _ access.Actor, _ time.Time) bool {
		return n.event != nil && n.EventAt == n.event.Version
	}}
	// content is what every notification must have before anybody clears it.
	content = []workflow.Need[Notification]{
		{Name: "health.recipients", Check: func(n Notification, _ access.Actor, _ time.Time) bool { return len(n.Recipients) > 0 }},
		{Name: "health.title", Check: func(n Notification, _ access.Actor, _ time.Time) bool { return n.Title != "" }},
		{Name: "health.event_open", Check: func(n Notification, _ access.Actor, _ time.Time) bool { return n.event != nil && n.event.Own() }},
		// A release may be closer than its event, never more open.
		{Name: "health.marking", Check: func(n Notification, _ access.Actor, _ time.Time) bool {
			return n.event == nil || !n.event.Marking.Stricter(n.Marking)
		}},
	}
)

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// AckState is the strip's cell for one recipient.
type AckState string

const (
	AckActed  AckState = "acted"  // acknowledged, refused or asked by a person
	AckRead   AckState = "read"   // opened by a person
	AckSilent AckState = "silent" // not yet: queued, sent or only delivered
)

// AckOf is the cell for a stage.
func AckOf(s exchange.Stage) AckState {
	switch s {
	case exchange.Acknowledged, exchange.Refused, exchange.Question:
		return AckActed
	case exchange.Opened:
		return AckRead
	}
	return AckSilent
}

// stageRank orders the stages: a receipt that comes late never takes back
// what a later one said. The three answers of a person are of one rank.
func stageRank(s exchange.Stage) int {
	switch s {
	case exchange.Queued:
		return 0
	case exchange.Sent:
		return 1
	case exchange.Delivered:
		return 2
	case exchange.Opened:
		return 3
	}
	return 4
}
