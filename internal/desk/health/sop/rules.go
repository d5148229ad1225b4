package sop

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// ReviewLimit is how soon a second person should read a playbook; a proposal
// of this desk until the region adopts its own.
const ReviewLimit = 7 * 24 * time.Hour

var (
	reviewWithin = &workflow.Within[Playbook]{Name: "sop_review", Due: func(_ Playbook, now time.Time) time.Time { return now.Add(ReviewLimit) }}
	noClockP     = &workflow.Within[Playbook]{Due: func(Playbook, time.Time) time.Time { return time.Time{} }}
	stepWithin   = &workflow.Within[Task]{Name: "sop_step", Due: func(t Task, _ time.Time) time.Time { return t.Planned() }}
	noClockT     = &workflow.Within[Task]{Due: func(Task, time.Time) time.Time { return time.Time{} }}
)

func needP(name string, check func(p *Playbook, by access.Actor) bool) workflow.Need[Playbook] {
	return workflow.Need[Playbook]{Name: name, Check: func(p Playbook, by access.Actor, _ time.Time) bool { return check(&p, by) }}
}

func needR(name string, check func(r *Run) bool) workflow.Need[Run] {
	return workflow.Need[Run]{Name: name, Check: func(r Run, _ access.Actor, _ time.Time) bool { return check(&r) }}
}

func needT(name string, check func(t *Task, by access.Actor) bool) workflow.Need[Task] {
	return workflow.Need[Task]{Name: name, Check: func(t Task, by access.Actor, _ time.Time) bool { return check(&t, by) }}
}

// Needs, each with the sentence "need.<name>".
var (
	playbookReason = needP("health.reason", func(p *Playbook, _ access.Actor) bool { return p.Reason != "" })
	// secondReader: nobody publishes what he or she wrote.
	secondReader = needP("sop.second_reader", func(p *Playbook, by access.Actor) bool {
		return by.Account != "" && !slices.Contains(p.Authors, by.Account)
	})
	// freeCode: two published playbooks of one code would both start.
	freeCode   = needP("sop.free_code", func(p *Playbook, _ access.Actor) bool { return !p.usedCode })
	recipients = needP("sop.recipients", func(p *Playbook, _ access.Actor) bool { return len(p.To) > 0 })

	runReason = needR("health.reason", func(r *Run) bool { return r.Reason != "" })
	// somebodyKnows: what nobody was told cannot be taken back.
	somebodyKnows = needR("sop.told", func(r *Run) bool { return r.told })
	backReason    = needR("health.reason", func(r *Run) bool { return r.BackWhy != "" })
	runRecipients = needR("sop.recipients", func(r *Run) bool { return len(r.To) > 0 })
	// allSettled: an open step is answered, never forgotten.
	allSettled = needR("sop.settled", func(r *Run) bool { return r.unsettled == 0 })

	taskReason = needT("health.reason", func(t *Task, _ access.Actor) bool { return t.Reason != "" })
	runOpen    = needT("sop.run_open", func(t *Task, _ access.Actor) bool { return !t.closed })
	// rightRole: the step names who does it.
	rightRole = needT("sop.role", func(t *Task, by access.Actor) bool { return by.Has(t.Role, t.Place) })
	isDoer    = needT("sop.doer", func(t *Task, by access.Actor) bool { return by.Account != "" && by.Account == t.Doer })
	notDoer   = needT("sop.not_doer", func(t *Task, by access.Actor) bool { return by.Account != "" && by.Account != t.had })
	// mayAsk: who could do it, who has it, and who answers for the desk may ask
	// somebody else.
	mayAsk = needT("sop.may_ask", func(t *Task, by access.Actor) bool {
		return by.Account != "" && by.Account == t.Doer || by.Has(t.Role, t.Place) || by.Has(access.Approver, t.Place) || by.Has(access.SecretariatDsk, t.Place)
	})
	wasAsked = needT("sop.was_asked", func(t *Task, by access.Actor) bool { return by.Account != "" && by.Account == t.asked })
	// declineReason: it is the answer's own reason, not that of a block.
	declineReason = needT("health.reason", func(t *Task, _ access.Actor) bool {
		n := len(t.Declined)
		return t.Asked == nil && n > 0 && t.Declined[n-1].Reason != ""
	})
	notWaiting = needT("sop.not_waiting", func(t *Task, _ access.Actor) bool { return len(t.waits) == 0 })
	// evident: a step that asks for evidence is done when it is there.
	evident  = needT("sop.evidence", func(t *Task, _ access.Actor) bool { return t.Asks == "" || t.evident() })
	mayLeave = needT("sop.optional", func(t *Task, _ access.Actor) bool { return t.Optional })
)

// settled reports whether a task needs nothing more before the run can close:
// it is finished, or it was said why it will not be.
func settled(s workflow.State) bool {
	return s == Done || s == Verified || s == Not || s == Skipped
}
