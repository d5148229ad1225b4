package ihr

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the IHR (2005): 48 h for the national assessment of an urgent
// event (Annex 1A), 24 h from the assessment to the notification (Article 6),
// 48 h from the start of a measure to its report (Article 43).
const (
	AssessLimit  = 48 * time.Hour
	NotifyLimit  = 24 * time.Hour
	ExpiryNotice = 3 * 24 * time.Hour // before a measure expires somebody is told
)

func none[R any](R, time.Time) time.Time { return time.Time{} }

var (
	// The clock began when the event was recorded, not when somebody opened
	// the form.
	assessWithin = &workflow.Within[Annex2]{Name: "ihr_assess", Due: func(a Annex2, now time.Time) time.Time {
		if a.Recorded.IsZero() {
			return now.Add(AssessLimit)
		}
		return a.Recorded.Add(AssessLimit)
	}}
	notifyWithin = &workflow.Within[Annex2]{Name: "ihr_notify", Due: func(a Annex2, now time.Time) time.Time {
		if a.Outcome != Notify {
			return time.Time{}
		}
		return now.Add(NotifyLimit)
	}}
	reportWithin = &workflow.Within[Measure]{Name: "ihr_report", Due: func(m Measure, _ time.Time) time.Time { return m.Start.Add(ReportLimit) }}
	noClockA     = &workflow.Within[Annex2]{Due: none[Annex2]}
	noClockM     = &workflow.Within[Measure]{Due: none[Measure]}
)

func need[R any](name string, check func(R, access.Actor, time.Time) bool) workflow.Need[R] {
	return workflow.Need[R]{Name: name, Check: check}
}

// Needs, each with the sentence "need.<name>".
var (
	annexReason = need("health.reason", func(a Annex2, _ access.Actor, _ time.Time) bool { return a.Reason != "" })
	// A reading belongs to who began it; a change of shift resets it.
	firstReader  = need("ihr.reader", func(a Annex2, by access.Actor, _ time.Time) bool { return reads(&a.First, by) })
	secondReader = need("ihr.reader", func(a Annex2, by access.Actor, _ time.Time) bool { return reads(&a.Second, by) })
	// otherPerson: the second reader did not take part in the first reading.
	otherPerson = need("ihr.other_person", func(a Annex2, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(a.First.Authors, by.Account)
	})
	firstComplete  = need("ihr.complete", func(a Annex2, _ access.Actor, _ time.Time) bool { return complete(&a, &a.First) })
	secondComplete = need("ihr.complete", func(a Annex2, _ access.Actor, _ time.Time) bool { return complete(&a, &a.Second) })
	outcomeChosen  = need("ihr.outcome", func(a Annex2, _ access.Actor, _ time.Time) bool { return a.Outcome != "" })
	toldNeeded     = need("ihr.told_needed", func(a Annex2, _ access.Actor, _ time.Time) bool { return a.Outcome == Notify || a.Outcome == Consult })
	toldGiven      = need("ihr.told", func(a Annex2, _ access.Actor, now time.Time) bool {
		return !a.Told.IsZero() && !a.Told.After(now) && a.ToldHow != ""
	})

	endGiven     = need("ihr.ended", func(d Determination, _ access.Actor, _ time.Time) bool { return d.Ended != "" })
	strikeReason = need("health.reason", func(d Determination, _ access.Actor, _ time.Time) bool { return d.Reason != "" })
	// determinationSecond: nobody clears what he or she wrote.
	determinationSecond = need("ihr.second_person", func(d Determination, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(d.Authors, by.Account)
	})
	determinationTo = need("health.recipients", func(d Determination, _ access.Actor, _ time.Time) bool { return len(d.Members) > 0 })

	rationale = need("ihr.rationale", func(m Measure, _ access.Actor, _ time.Time) bool {
		return m.Content.Reason != "" && m.Content.Evidence != ""
	})
	startGiven = need("ihr.start", func(m Measure, _ access.Actor, now time.Time) bool {
		return !m.Start.IsZero() && !m.Start.After(now)
	})
	notOver     = need("ihr.not_over", func(m Measure, _ access.Actor, now time.Time) bool { return m.until().After(now) })
	reportGiven = need("ihr.reported", func(m Measure, _ access.Actor, now time.Time) bool {
		return !m.Reported.IsZero() && !m.Reported.After(now)
	})
	wordsGiven   = need("ihr.words", func(m Measure, _ access.Actor, _ time.Time) bool { return m.Words != "" })
	renewedLater = need("ihr.not_over", func(m Measure, _ access.Actor, now time.Time) bool { return m.until().After(now) })
	endReason    = need("health.reason", func(m Measure, _ access.Actor, _ time.Time) bool { return m.EndReason != "" })
	addressed    = need("health.recipients", func(m Measure, _ access.Actor, _ time.Time) bool { return len(m.Members) > 0 })
	wasReleased  = need("ihr.was_released", func(m Measure, _ access.Actor, _ time.Time) bool { return m.Release != "" })
	// measureSecond: nobody clears what he or she wrote.
	measureSecond = need("ihr.second_person", func(m Measure, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(m.Authors, by.Account)
	})

	amendmentSecond = need("ihr.second_person", func(a Amendment, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(a.Authors, by.Account)
	})
	// ofState: only a state is party to the Regulations.
	ofState = need("ihr.state", func(a Amendment, _ access.Actor, _ time.Time) bool { return slices.Contains(access.States, a.Owner) })
)

func reads(r *Reading, by access.Actor) bool {
	return !r.Begun() || slices.Contains(r.Authors, by.Account)
}

// complete wants an answer with a reason to every question. Where a listed
// disease meets its definition the other questions are for the record only.
func complete(a *Annex2, r *Reading) bool {
	form := FormOf(a.Form, "en")
	if form == nil {
		return false
	}
	defined := a.Path == "A" && r.Replies[Definition].Answer == Yes
	for _, q := range form.Asked(a.Path) {
		x := r.Replies[q.ID]
		if q.ID != Definition && defined && x.Answer == "" {
			continue
		}
		if x.Answer == "" || strings.TrimSpace(x.Reason) == "" {
			return false
		}
	}
	return true
}

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// StepsOf are the steps of the part that a role may take, as the actions that
// the history names.
func StepsOf(role access.Role) []string {
	var out []string
	add := func(record string, verb workflow.Verb, by []access.Role) {
		if a := record + "." + string(verb); slices.Contains(by, role) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	for _, s := range Annex2s.Steps {
		add(KindAnnex2, s.Verb, s.By)
	}
	for _, s := range Determinations.Steps {
		add(KindDetermination, s.Verb, s.By)
	}
	for _, s := range Measures.Steps {
		add(KindMeasure, s.Verb, s.By)
	}
	for _, s := range Amendments.Steps {
		add(KindAmendment, s.Verb, s.By)
	}
	return out
}
