package sitrep

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the part: proposals, to be replaced by the region's adopted
// procedure.
const (
	ClearLimit  = 4 * time.Hour
	IssueLimit  = 2 * time.Hour
	DraftLimit  = 6 * time.Hour
	NextNotice  = 24 * time.Hour // before the next issue somebody is told
	MaxCutOff   = 30 * 24 * time.Hour
	RemindAfter = time.Hour // between two reminders
	FlashWindow = 2 * time.Hour
	FlashLevel  = 4 // asks for a flash report when it comes into force
)

// Window is how long members have for their inputs, by the time between two
// reports: a quarter of it, at least two hours and at most a day.
func Window(every time.Duration) time.Duration {
	return min(max(every/4, 2*time.Hour), 24*time.Hour)
}

func after(d time.Duration) func(Report, time.Time) time.Time {
	return func(_ Report, now time.Time) time.Time { return now.Add(d) }
}

var (
	clearWithin  = &workflow.Within[Report]{Name: "sitrep_clear", Due: after(ClearLimit)}
	issueWithin  = &workflow.Within[Report]{Name: "sitrep_issue", Due: after(IssueLimit)}
	draftWithin  = &workflow.Within[Report]{Name: "sitrep_draft", Due: after(DraftLimit)}
	cutOffWithin = &workflow.Within[Report]{Name: "sitrep_cut_off", Due: func(r Report, _ time.Time) time.Time { return r.CutOff }}
	// inputWithin: a report that answers a call is due when the call is.
	inputWithin = &workflow.Within[Report]{Name: "sitrep_input", Due: func(r Report, _ time.Time) time.Time { return r.CutOff }}
	noClock     = &workflow.Within[Report]{Due: func(Report, time.Time) time.Time { return time.Time{} }}
)

func need(name string, check func(r *Report, by access.Actor, now time.Time) bool) workflow.Need[Report] {
	return workflow.Need[Report]{Name: name, Check: func(r Report, by access.Actor, now time.Time) bool { return check(&r, by, now) }}
}

// Needs, each with the sentence "need.<name>".
var (
	// national: a state reports on its own event, or says that it has nothing.
	national = need("sitrep.national", func(r *Report, _ access.Actor, _ time.Time) bool {
		return r.Scope == National && (r.Event != "" || r.Nothing)
	})
	asked = need("sitrep.asked", func(r *Report, _ access.Actor, now time.Time) bool {
		return r.Scope == Regional && len(r.Asked) > 0 && r.CutOff.After(now) && !r.CutOff.After(now.Add(MaxCutOff))
	})
	// cutOff: nobody's time is cut short; before it only when all are in.
	cutOff = need("sitrep.cut_off", func(r *Report, _ access.Actor, now time.Time) bool {
		return !now.Before(r.CutOff) || !slices.ContainsFunc(r.Inputs, func(in Input) bool { return in.Stands == Silent })
	})
	why         = need("sitrep.why", func(r *Report, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(r.Why) != "" })
	reasonGiven = need("health.reason", func(r *Report, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(r.Reason) != "" })
	// secondPerson: nobody clears what he or she wrote.
	secondPerson = need("sitrep.second_person", func(r *Report, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(r.Authors, by.Account)
	})
	addressed = need("sitrep.addressed", func(r *Report, _ access.Actor, _ time.Time) bool {
		return len(r.To) > 0 && (r.CallOwner == "" || r.CallOwner == r.Owner || slices.Contains(r.To, r.CallOwner))
	})
	// notCloser: a report may be marked closer than its event or family, never
	// more open.
	notCloser = need("sitrep.marking", func(r *Report, _ access.Actor, _ time.Time) bool {
		return !r.eventMarking.Stricter(r.Marking) && !r.Closest.Stricter(r.Marking)
	})
	// content is what every report must have before anybody clears it.
	content = []workflow.Need[Report]{
		need("sitrep.highlights", func(r *Report, _ access.Actor, _ time.Time) bool { return r.Nothing || len(r.Highlights) > 0 }),
		need("sitrep.figures", func(r *Report, _ access.Actor, _ time.Time) bool {
			return r.Scope == Regional || r.Nothing || len(r.Figures) > 0 || r.Text("caveats") != ""
		}),
		addressed, notCloser,
	}
)

// late reports whether a due time has passed; zero is never late.
func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
