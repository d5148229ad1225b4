package incident

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the part: practice of operations centres, to be replaced by the
// national procedure.
const (
	ApproveLimit = 2 * time.Hour    // a submitted plan is decided on
	ReliefLimit  = 30 * time.Minute // a hand-over is acknowledged
	TakeEarly    = 2 * time.Hour    // before the shift a duty can be taken over
)

func within[R any](name string, due func(R, time.Time) time.Time) *workflow.Within[R] {
	return &workflow.Within[R]{Name: name, Due: due}
}

func noClock[R any]() *workflow.Within[R] {
	return within("", func(R, time.Time) time.Time { return time.Time{} })
}

var (
	takeWithin    = within("incident_take", func(r Duty, _ time.Time) time.Time { return r.From })
	shiftWithin   = within("incident_shift", func(r Duty, _ time.Time) time.Time { return r.To })
	reliefWithin  = within("incident_relief", func(_ Duty, now time.Time) time.Time { return now.Add(ReliefLimit) })
	approveWithin = within("incident_approve", func(_ Plan, now time.Time) time.Time { return now.Add(ApproveLimit) })
	beginWithin   = within("incident_begin", func(r Plan, _ time.Time) time.Time { return r.From })
	periodWithin  = within("incident_period", func(r Plan, _ time.Time) time.Time { return r.To })
	ackWithin     = within("incident_ring", func(r Ring, now time.Time) time.Time { return now.Add(time.Duration(r.Minutes) * time.Minute) })

	noClockDuty = noClock[Duty]()
	noClockPlan = noClock[Plan]()
	noClockRing = noClock[Ring]()
)

func need[R any](name string, check func(r *R, by access.Actor, now time.Time) bool) workflow.Need[R] {
	return workflow.Need[R]{Name: name, Check: func(r R, by access.Actor, now time.Time) bool { return check(&r, by, now) }}
}

// reasonGiven is the need that every kind shares.
func reasonGiven[R any](reason func(*R) string) workflow.Need[R] {
	return need("health.reason", func(r *R, _ access.Actor, _ time.Time) bool { return reason(r) != "" })
}

// Needs, each with the sentence "need.<name>".
var (
	incidentReason    = reasonGiven(func(r *Incident) string { return r.Reason })
	dutyReason        = reasonGiven(func(r *Duty) string { return r.Reason })
	planReason        = reasonGiven(func(r *Plan) string { return r.Reason })
	requirementReason = reasonGiven(func(r *Requirement) string { return r.Reason })
	checkoutReason    = reasonGiven(func(r *Checkout) string { return r.Reason })

	// demobilised: everybody and everything is released, or somebody says why not.
	demobilised = need("incident.demobilised", func(r *Incident, _ access.Actor, _ time.Time) bool { return r.left == 0 || r.Reason != "" })

	dutyOpen = need("incident.open", func(r *Duty, _ access.Actor, _ time.Time) bool { return r.open })
	// ownDuty: nobody takes or hands over the duty of another.
	ownDuty   = need("incident.own_duty", func(r *Duty, by access.Actor, _ time.Time) bool { return by.Account != "" && by.Account == r.Holder })
	shiftNear = need("incident.shift_near", func(r *Duty, _ access.Actor, now time.Time) bool {
		return !now.Before(r.From.Add(-TakeEarly)) && now.Before(r.To)
	})
	brief   = need("incident.brief", func(r *Duty, _ access.Actor, _ time.Time) bool { return r.Brief != "" })
	another = need("incident.another", func(r *Duty, by access.Actor, _ time.Time) bool { return by.Account != "" && by.Account != r.Holder })

	planOpen = need("incident.open", func(r *Plan, _ access.Actor, _ time.Time) bool { return r.open })
	// secondPerson: nobody approves what he or she wrote.
	secondPerson = need("incident.second_person", func(r *Plan, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(r.Authors, by.Account)
	})
	// mayApprove: the incident manager on duty, or who clears for the state.
	mayApprove = need("incident.may_approve", func(r *Plan, by access.Actor, _ time.Time) bool {
		return slices.Contains(r.managers, by.Account) || by.HasAny(access.Approver, access.IHRAuthority)
	})
	hasBegun   = need("incident.has_begun", func(r *Plan, _ access.Actor, now time.Time) bool { return !now.Before(r.From) })
	periodOver = need("incident.period_over", func(r *Plan, _ access.Actor, now time.Time) bool {
		return !now.Before(r.To) || !r.open || r.Reason != ""
	})
	// content is what a plan must have before anybody works by it.
	content = []workflow.Need[Plan]{
		need("incident.objectives", func(r *Plan, _ access.Actor, _ time.Time) bool { return len(r.Objectives) > 0 }),
		need("incident.assignments", func(r *Plan, _ access.Actor, _ time.Time) bool { return len(r.Assignments) > 0 }),
		need("incident.safety", func(r *Plan, _ access.Actor, _ time.Time) bool { return r.Safety != "" }),
		need("incident.why", func(r *Plan, _ access.Actor, _ time.Time) bool { return r.Edition == 1 || r.Why != "" }),
		need("incident.not_past", func(r *Plan, _ access.Actor, now time.Time) bool { return r.To.After(now) }),
	}

	// named: the function that the requirement names has to know, not somebody.
	named = need("incident.named", func(r *Ring, by access.Actor, _ time.Time) bool {
		return by.Account != "" && (r.free || slices.Contains(r.may, by.Account))
	})

	nothingLeft = need("incident.nothing_left", func(r *Checkout, _ access.Actor, _ time.Time) bool { return r.Left() == 0 || r.Reason != "" })
)
