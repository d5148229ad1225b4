package trail

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the trail: proposals, to be replaced by the region's adopted
// procedure.
const (
	AnswerLimit = 14 * 24 * time.Hour // to answer a proposal
	VerifyLimit = 30 * 24 * time.Hour // to verify what was reported as done
	DueNotice   = 7 * 24 * time.Hour  // before an action is due its owner is told
)

var (
	answerWithin = &workflow.Within[Proposal]{Name: "trail_answer", Due: func(_ Proposal, now time.Time) time.Time { return now.Add(AnswerLimit) }}
	offerWithin  = &workflow.Within[Action]{Name: "trail_answer", Due: func(_ Action, now time.Time) time.Time { return now.Add(AnswerLimit) }}
	dueWithin    = &workflow.Within[Action]{Name: "trail_due", Due: func(a Action, _ time.Time) time.Time { return endOf(a.By) }}
	verifyWithin = &workflow.Within[Action]{Name: "trail_verify", Due: func(_ Action, now time.Time) time.Time { return now.Add(VerifyLimit) }}
)

func noClock[R any]() *workflow.Within[R] {
	return &workflow.Within[R]{Due: func(R, time.Time) time.Time { return time.Time{} }}
}

func baseOf(r any) *Base {
	switch x := r.(type) {
	case Finding:
		return &x.Base
	case Recommendation:
		return &x.Base
	case Proposal:
		return &x.Base
	case Action:
		return &x.Base
	}
	return &Base{}
}

// Needs, each with the sentence "need.<name>".

func need[R any](name string, check func(r *R, by access.Actor, now time.Time) bool) workflow.Need[R] {
	return workflow.Need[R]{Name: name, Check: func(r R, by access.Actor, now time.Time) bool { return check(&r, by, now) }}
}

// secondPerson: nobody lets go what he or she wrote.
func secondPerson[R any]() workflow.Need[R] {
	return need("trail.second_person", func(r *R, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(baseOf(*r).Authors, by.Account)
	})
}

func reasoned[R any]() workflow.Need[R] {
	return need("trail.reason", func(r *R, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(baseOf(*r).Reason) != "" })
}

// unreleased: what others hold is withdrawn, not thrown away.
func unreleased[R any]() workflow.Need[R] {
	return need("trail.unreleased", func(r *R, _ access.Actor, _ time.Time) bool { return baseOf(*r).Released.IsZero() })
}

// reachable: there is a member that does not have it yet.
func reachable[R any]() workflow.Need[R] {
	return need("trail.reachable", func(r *R, _ access.Actor, _ time.Time) bool { return len(baseOf(*r).To) < len(access.All())-1 })
}

// open: what comes from a source is not less protected than it.
func open[R any]() workflow.Need[R] {
	return need("trail.marking", func(r *R, _ access.Actor, _ time.Time) bool {
		b := baseOf(*r)
		return b.Source.Marking == "" || !b.Source.Marking.Stricter(b.Marking)
	})
}

var (
	findingContent = []workflow.Need[Finding]{
		need("trail.happened", func(f *Finding, _ access.Actor, _ time.Time) bool {
			return f.Happened != "" && (f.Planned != "" || f.Sort == Practice)
		}),
		// A gap without its cause comes again.
		need("trail.cause", func(f *Finding, _ access.Actor, _ time.Time) bool {
			return f.Sort == Practice || f.Cause != "" && (f.Method == Whys && len(f.Whys) >= 2 || f.Method == Factors && len(f.Factors) > 0)
		}),
		need("trail.theme", func(f *Finding, _ access.Actor, _ time.Time) bool { return f.Theme != "" }),
		need("trail.affected", func(f *Finding, _ access.Actor, _ time.Time) bool { return len(f.Affected) > 0 }),
		need("trail.evidence", func(f *Finding, _ access.Actor, _ time.Time) bool {
			return len(f.Entries) > 0 || f.Evidence != ""
		}),
		open[Finding](),
	}
	recommendationContent = []workflow.Need[Recommendation]{
		need("trail.text", func(r *Recommendation, _ access.Actor, _ time.Time) bool { return r.Text != "" }),
		open[Recommendation](),
	}
	proposalContent = []workflow.Need[Proposal]{
		need("trail.deliverable", func(p *Proposal, _ access.Actor, _ time.Time) bool { return p.Deliverable != "" }),
		need("trail.measure", func(p *Proposal, _ access.Actor, _ time.Time) bool { return p.Measure != "" }),
		need("trail.due_ahead", func(p *Proposal, _ access.Actor, now time.Time) bool { return endOf(p.By).After(now) }),
		open[Proposal](),
	}

	// answeredNo: terms change only after the state asked said that it cannot
	// take them.
	answeredNo = need("trail.answered_no", func(p *Proposal, _ access.Actor, _ time.Time) bool {
		return p.act != nil && (p.act.State == Countered || p.act.State == Declined)
	})
	reported = need("trail.reported", func(p *Proposal, _ access.Actor, _ time.Time) bool { return p.act != nil && p.act.State == Done })
	// notTheDoer: who completed an action does not verify it.
	notTheDoer = need("trail.not_the_doer", func(p *Proposal, by access.Actor, _ time.Time) bool {
		return p.act != nil && by.Account != "" && (!p.act.Own() || by.Account != p.act.FinishedBy)
	})
	judged = need("trail.verdict", func(p *Proposal, _ access.Actor, _ time.Time) bool {
		v, ok := p.Verdict()
		return ok && v.Words != "" && p.act != nil && v.Of == p.act.Version
	})

	dueSet    = need("trail.due", func(a *Action, _ access.Actor, now time.Time) bool { return endOf(a.By).After(now) })
	countered = need("trail.counter", func(a *Action, _ access.Actor, now time.Time) bool {
		return a.Counter != nil && a.Counter.Deliverable != "" && endOf(a.Counter.By).After(now) && *a.Counter != a.Terms
	})
	noted = need("trail.noted", func(a *Action, _ access.Actor, _ time.Time) bool {
		return len(a.Notes) > 0 && a.Notes[len(a.Notes)-1].Words != ""
	})
	// unshared: a report of progress says something new.
	unshared = need("trail.unshared", func(a *Action, _ access.Actor, _ time.Time) bool {
		return a.fresh || slices.ContainsFunc(a.Notes, func(n Note) bool { return !n.Shared })
	})
	evidence       = need("trail.shown", func(a *Action, _ access.Actor, _ time.Time) bool { return a.Evidence != "" })
	notWhoFinished = need("trail.second_person", func(a *Action, by access.Actor, _ time.Time) bool {
		return by.Account != "" && by.Account != a.FinishedBy
	})
)
