package verification

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Limits of time. 24 h for the first reply to a request for verification:
// IHR (2005) Article 10, an initial reply to, or acknowledgement of, the
// request. The time for the full answer is the asker's wish, with this default.
const (
	FirstDefault  = 24 * time.Hour
	AnswerDefault = 72 * time.Hour
)

// Clocks: the record holds both limits, and Due is the one that runs. Both
// sides set it from the same release, so that they agree on it.
var (
	firstWithin = &workflow.Within[Request]{Name: "first_reply", Due: func(r Request, _ time.Time) time.Time { return r.FirstBy }}
	// answerWithin follows the first reply: from then on the full answer is due.
	answerWithin = &workflow.Within[Request]{Name: "full_answer", Due: func(r Request, _ time.Time) time.Time {
		if r.First.IsZero() {
			return r.FirstBy
		}
		return r.AnswerBy
	}}
)

// Needs, each with the sentence "need.<name>".
var (
	hasTitle     = need{Name: "verification.title", Check: func(r Request, _ access.Actor, _ time.Time) bool { return r.Title != "" }}
	hasQuestions = need{Name: "verification.questions", Check: func(r Request, _ access.Actor, _ time.Time) bool { return len(r.Questions) > 0 }}
	newQuestions = need{Name: "verification.new_questions", Check: func(r Request, _ access.Actor, _ time.Time) bool { return len(r.askedIn(r.Round)) > 0 && r.Round > 1 }}
	hasWords     = need{Name: "verification.words", Check: func(r Request, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(r.Words) != "" }}
	hasReason    = need{Name: "verification.reason", Check: func(r Request, _ access.Actor, _ time.Time) bool { return r.Reason != "" }}
	pastDue      = need{Name: "verification.past_due", Check: func(r Request, _ access.Actor, now time.Time) bool { return Late(r.Due, now) }}

	extensionAsked = need{Name: "verification.extension_asked", Check: func(r Request, _ access.Actor, _ time.Time) bool {
		return r.Extension != nil && (r.Extension.Open() || r.Extension.fresh)
	}}
	// noneAsked: one request for more time is decided before the next.
	noneAsked = need{Name: "verification.extension_open", Check: func(r Request, _ access.Actor, _ time.Time) bool {
		return !r.Extension.Open() || r.Extension.fresh
	}}
	laterThanDue = need{Name: "verification.extension_until", Check: func(r Request, _ access.Actor, now time.Time) bool {
		e := r.Extension
		return e == nil || !e.fresh || e.Until.After(now) && e.Until.After(r.AnswerBy) && e.Until.Before(now.Add(MaxAnswer))
	}}

	// secondPerson keeps the clearance with somebody other than who wrote or
	// submitted the answer.
	secondPerson = need{Name: "verification.second_person", Check: func(r Request, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != r.SubmitBy && a.Account != r.DraftBy
	}}
	// complete is what an answer must have before anybody clears it.
	complete = []need{
		{Name: "verification.outcome", Check: func(r Request, _ access.Actor, _ time.Time) bool { return r.Draft != nil && r.Draft.Outcome != "" }},
		{Name: "verification.summary", Check: func(r Request, _ access.Actor, _ time.Time) bool { return r.Draft != nil && r.Draft.Summary != "" }},
		{Name: "verification.replies", Check: func(r Request, _ access.Actor, _ time.Time) bool { return len(r.Unanswered()) == 0 }},
		{Name: "verification.evidence", Check: func(r Request, _ access.Actor, _ time.Time) bool {
			return r.Draft != nil && (r.Draft.Outcome == Unable || len(r.Draft.Evidence) > 0)
		}},
		// An answer may be closer than the request, never more open.
		{Name: "verification.marking", Check: func(r Request, _ access.Actor, _ time.Time) bool {
			return r.Draft != nil && !r.Marking.Stricter(r.Draft.Marking)
		}},
	}
)

// Unanswered are the questions to which the draft of the answer has no reply;
// "not known" is a reply.
func (r *Request) Unanswered() []Question {
	var out []Question
	for _, q := range r.Questions {
		if r.Draft == nil || !r.Draft.Reply(q.N).Given() {
			out = append(out, q)
		}
	}
	return out
}

func (r *Request) askedIn(round int) []Question {
	var out []Question
	for _, q := range r.Questions {
		if q.Round == round {
			out = append(out, q)
		}
	}
	return out
}

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// Mark is how one clock of an exchange stands.
type Mark string

// Marks; the catalogue has "verification.mark.<mark>".
const (
	Running Mark = "running"
	Missed  Mark = "missed" // the time is over and nothing has come
	Met     Mark = "met"
	TooLate Mark = "too_late" // it came after the time
	Stopped Mark = "stopped"  // withdrawn before it came
)

// Clock is one clock of an exchange as both sides see it.
type Clock struct {
	Name   string // "first_reply" or "full_answer"
	Start  time.Time
	Due    time.Time
	Stop   time.Time // zero: has not come
	Mark   Mark
	Passed time.Duration // from Start to Stop, or until now
}

// Clocks are the two clocks of the present round. A record that was not sent
// has none.
func (r *Request) Clocks(now time.Time) []Clock {
	if r.Asked.IsZero() {
		return nil
	}
	return []Clock{r.clock("first_reply", r.FirstBy, r.First, now), r.clock("full_answer", r.AnswerBy, r.Answered, now)}
}

func (r *Request) clock(name string, due, stop, now time.Time) Clock {
	c := Clock{Name: name, Start: r.Asked, Due: due, Stop: stop}
	switch {
	case !stop.IsZero() && stop.After(due):
		c.Mark = TooLate
	case !stop.IsZero():
		c.Mark = Met
	case slices.Contains([]workflow.State{Withdrawn, Closed}, r.State):
		c.Mark = Stopped
	case Late(due, now):
		c.Mark = Missed
	default:
		c.Mark = Running
	}
	end := stop
	if end.IsZero() {
		end = now
	}
	c.Passed = max(0, end.Sub(r.Asked))
	return c
}

// stricter is the closer of two markings.
func stricter(a, b access.Marking) access.Marking {
	if b.Stricter(a) {
		return b
	}
	return a
}
