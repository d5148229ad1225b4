package request

import (
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Limits of time. None of them stands in a published text: they are defaults
// of this system (7-1-7-R asks for the first offer within 24 h of a request).
const (
	AnswerDefault   = 24             // hours, of the request's form
	ClearWithin     = 12 * time.Hour // a request or an offer waits for its clearance
	DecideWithin    = 48 * time.Hour // the requester decides on an offer
	SignWithin      = 48 * time.Hour // a text waits for the signature of this side
	HostWithin      = 24 * time.Hour // the host answers a proposal or a request for entry clearance
	ConfirmWithin   = 24 * time.Hour // after the day of the arrival, the receipt is confirmed
	ReconcileWithin = 72 * time.Hour

	// maxSkew is how far the clocks of two nodes may differ.
	maxSkew = 10 * time.Minute
)

func within[R any](name string, due func(R, time.Time) time.Time) *workflow.Within[R] {
	return &workflow.Within[R]{Name: name, Due: due}
}

func never[R any]() *workflow.Within[R] {
	return within("", func(R, time.Time) time.Time { return time.Time{} })
}

func after[R any](name string, d time.Duration) *workflow.Within[R] {
	return within(name, func(_ R, now time.Time) time.Time { return now.Add(d) })
}

var (
	clearRequest = after[Request]("request_clear", ClearWithin)
	noAnswer     = never[Request]()
	answerClock  = within("request_answer", func(r Request, _ time.Time) time.Time { return r.Sent.AnswerBy })
	// answerStays is the clock of what is out there: it runs while a change
	// waits for clearance, and stops once nobody owes an answer.
	answerStays = within("request_answer", func(r Request, _ time.Time) time.Time {
		if r.Sent == nil || len(r.Silent()) == 0 {
			return time.Time{}
		}
		return r.Sent.AnswerBy
	})
	// callStays: a version that arrives renews the clock of who has not
	// answered yet.
	callStays = within("request_answer", func(r Request, _ time.Time) time.Time {
		if r.State == Received || r.State == Opened {
			return r.Sent.AnswerBy
		}
		return time.Time{}
	})
	clearOffer    = after[Offer]("request_offer_clear", ClearWithin)
	noDecision    = never[Offer]()
	decisionClock = within("request_decision", func(o Offer, _ time.Time) time.Time {
		due := o.Issued.Add(DecideWithin)
		if end := dayEnd(o.Valid); !end.IsZero() && end.Before(due) {
			return end
		}
		return due
	})
)

func need[R any](name string, ok func(r R) bool) workflow.Need[R] {
	return workflow.Need[R]{Name: "request." + name, Check: func(r R, _ access.Actor, _ time.Time) bool { return ok(r) }}
}

func said(s string) bool { return strings.TrimSpace(s) != "" }

// Needs of requests, each with the sentence "need.<name>".
var (
	requestReason = need("reason", func(r Request) bool { return said(r.Reason) })
	requestWords  = need("words", func(r Request) bool { return said(r.words) })
	neverIssued   = need("never_issued", func(r Request) bool { return r.Sent == nil })
	wasIssued     = need("was_issued", func(r Request) bool { return r.Sent != nil })
	someSilent    = need("some_silent", func(r Request) bool { return len(r.Silent()) > 0 })
	requestPast   = workflow.Need[Request]{Name: "request.past", Check: func(r Request, _ access.Actor, now time.Time) bool {
		return r.Sent != nil && Past(r.Sent.Valid, now)
	}}
	// requestSecond keeps the clearance with somebody other than who wrote or
	// submitted it.
	requestSecond = workflow.Need[Request]{Name: "request.second_person", Check: func(r Request, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != r.SubmitBy && a.Account != r.EditBy
	}}
	requestComplete = []workflow.Need[Request]{
		need("title", func(r Request) bool { return r.Draft.Title != "" }),
		need("authority", func(r Request) bool { return r.Draft.Authority != "" }),
		need("lines", func(r Request) bool { return len(r.Draft.Lines) > 0 }),
		need("addressees", func(r Request) bool { return len(r.To) > 0 }),
		{Name: "request.valid", Check: func(r Request, _ access.Actor, now time.Time) bool { return !Past(r.Draft.Valid, now) }},
		need("event", func(r Request) bool { return r.Draft.Event != "" || r.Draft.EventName != "" }),
	}
)

// Needs of offers.
var (
	offerReason = need("reason", func(o Offer) bool { return said(o.Reason) })
	offerPast   = workflow.Need[Offer]{Name: "request.past", Check: func(o Offer, _ access.Actor, now time.Time) bool { return Past(o.Valid, now) }}
	offerSecond = workflow.Need[Offer]{Name: "request.second_person", Check: func(o Offer, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != o.SubmitBy && a.Account != o.EditBy
	}}
	offerComplete = []workflow.Need[Offer]{
		need("title", func(o Offer) bool { return o.Title != "" }),
		need("entity", func(o Offer) bool { return o.Entity != "" && o.Authority != "" }),
		need("lines", func(o Offer) bool { return len(o.Lines) > 0 }),
		{Name: "request.valid", Check: func(o Offer, _ access.Actor, now time.Time) bool { return !Past(o.Valid, now) }},
	}
	takesAll = need("takes_all", func(o Offer) bool {
		offered, taken := o.total()
		return offered > 0 && taken == offered
	})
	takesSome = need("takes_some", func(o Offer) bool {
		offered, taken := o.total()
		return taken > 0 && taken < offered
	})
	notOver       = need("not_over", func(o Offer) bool { return !o.over })
	decisionWords = need("words", func(o Offer) bool { return o.Decision != nil && said(o.Decision.Words) })
)
