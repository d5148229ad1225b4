package signal

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines (domain reference, section 4: event-based surveillance practice).
// How long a claim and a watch last are the desk's proposals.
const (
	TriageLimit = 24 * time.Hour
	VerifyLimit = 24 * time.Hour
	ReviewLimit = 7 * 24 * time.Hour
	ClaimFor    = time.Hour
)

type need = workflow.Need[Signal]

var (
	triageWithin = &workflow.Within[Signal]{Name: "signal_triage", Due: func(_ Signal, now time.Time) time.Time { return now.Add(TriageLimit) }}
	verifyWithin = &workflow.Within[Signal]{Name: "signal_verification", Due: func(_ Signal, now time.Time) time.Time { return now.Add(VerifyLimit) }}
	reviewWithin = &workflow.Within[Signal]{Name: "signal_review", Due: func(_ Signal, now time.Time) time.Time { return now.Add(ReviewLimit) }}
	// triageAgain keeps the clock of the day the signal came: a merge that is
	// taken back must not make a late signal early.
	triageAgain = &workflow.Within[Signal]{Name: "signal_triage", Due: func(s Signal, _ time.Time) time.Time { return s.Created.At.Add(TriageLimit) }}
)

// Held is the claim that is in force, or nil.
func (s *Signal) Held(now time.Time) *Claim { return s.Claim.inForce(now) }

func (c *Claim) inForce(now time.Time) *Claim {
	if c == nil || !now.Before(c.Until) {
		return nil
	}
	return c
}

func othersHold(s Signal, a access.Actor, now time.Time) bool {
	c := s.before.inForce(now)
	return c != nil && c.Account != a.Account
}

// Needs, each with the sentence "need.<name>".
var (
	unclaimed = need{Name: "signal.unclaimed", Check: func(s Signal, _ access.Actor, now time.Time) bool { return s.before.inForce(now) == nil }}
	claimMine = need{Name: "signal.claim_mine", Check: func(s Signal, a access.Actor, now time.Time) bool {
		c := s.before.inForce(now)
		return c != nil && c.Account == a.Account
	}}
	claimOthers = need{Name: "signal.claim_others", Check: othersHold}
	// notOthers keeps two people from working on the same signal. A claim that
	// ran out holds nobody up.
	notOthers = need{Name: "signal.not_others", Check: func(s Signal, a access.Actor, now time.Time) bool { return !othersHold(s, a, now) }}
	hasReason = need{Name: "signal.reason", Check: func(s Signal, _ access.Actor, _ time.Time) bool { return s.Reason != "" }}

	hasReliability  = need{Name: "signal.reliability", Check: func(s Signal, _ access.Actor, _ time.Time) bool { return s.Reliability != "" }}
	hasCredibility  = need{Name: "signal.credibility", Check: func(s Signal, _ access.Actor, _ time.Time) bool { return s.Credibility != "" }}
	hasConfirmation = need{Name: "signal.confirmed_by", Check: func(s Signal, _ access.Actor, _ time.Time) bool { return s.ConfirmedBy != "" }}
	hasEvent        = need{Name: "signal.event", Check: func(s Signal, _ access.Actor, _ time.Time) bool { return s.Event != "" }}
	hasTwin         = need{Name: "signal.twin", Check: func(s Signal, _ access.Actor, _ time.Time) bool {
		return s.DuplicateOf != "" && s.DuplicateOf != s.ID
	}}

	textMapped = workflow.Need[Import]{Name: "signal.text_mapped", Check: func(i Import, _ access.Actor, _ time.Time) bool { return i.hasText() }}
	someRows   = workflow.Need[Import]{Name: "signal.some_rows", Check: func(i Import, _ access.Actor, _ time.Time) bool { return i.Tally.Good > 0 }}
)

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// Overdue reports whether the verification is open after its time: what the
// approver and the focal point must see.
func (s *Signal) Overdue(now time.Time) bool {
	return (s.State == Triaged || s.State == UnderVerification) && Late(s.Due, now)
}

// ConcernCount counts the six marks: answered yes, and not known.
func (s *Signal) ConcernCount() (yes, unknown int) {
	for _, k := range Concerns {
		switch s.Concern[k] {
		case Yes:
			yes++
		case No:
		default:
			unknown++
		}
	}
	return yes, unknown
}
