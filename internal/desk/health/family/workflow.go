package family

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of a family and of an answer.
const (
	Draft  workflow.State = "draft"
	Shared workflow.State = "shared"
	Closed workflow.State = "closed"
	Merged workflow.State = "merged_into"

	Asked      workflow.State = "asked"
	Belongs    workflow.State = "joined"
	BelongsNot workflow.State = "declined"
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
	deciders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
	open     = []workflow.State{Draft, Shared}
)

// AnswerLimit is a proposal of this desk, as for a question.
const AnswerLimit = 48 * time.Hour

// Needs, each with the sentence "need.<name>".
var (
	reason = workflow.Need[Family]{Name: "family.reason", Check: func(f Family, _ access.Actor, _ time.Time) bool { return f.Reason != "" }}
	some   = workflow.Need[Family]{Name: "family.events", Check: func(f Family, _ access.Actor, _ time.Time) bool { return len(f.Entries) > 0 }}
	// recipients: others of the region, each once.
	recipients = workflow.Need[Family]{Name: "family.recipients", Check: func(f Family, _ access.Actor, _ time.Time) bool {
		seen := map[access.Member]bool{f.Owner: true}
		for _, m := range f.To {
			if seen[m] || !slices.Contains(access.All(), m) {
				return false
			}
			seen[m] = true
		}
		return len(f.To) > 0
	}}
	secondPerson = workflow.Need[Family]{Name: "family.second_person", Check: func(f Family, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != f.EditedBy
	}}
	// marking: never more open than the own events that it names.
	marking = workflow.Need[Family]{Name: "family.marking", Check: func(f Family, _ access.Actor, _ time.Time) bool {
		return f.strict && (f.closest == "" || !f.closest.Stricter(f.Marking))
	}}
	target = workflow.Need[Family]{Name: "family.target", Check: func(f Family, _ access.Actor, _ time.Time) bool {
		t := f.into
		return t != nil && t.ID != f.ID && t.Owner == f.Owner && t.Exercise == f.Exercise && slices.Contains(open, t.State) &&
			!f.Marking.Stricter(t.Marking)
	}}
	words = workflow.Need[Answer]{Name: "family.words", Check: func(a Answer, _ access.Actor, _ time.Time) bool { return a.Words != "" }}
)

func none[R any](R, time.Time) time.Time { return time.Time{} }

var (
	answerWithin = &workflow.Within[Answer]{Name: "family.answer", Due: func(_ Answer, now time.Time) time.Time { return now.Add(AnswerLimit) }}
	noClock      = &workflow.Within[Answer]{Name: "", Due: none[Answer]}
)

// Families is the table of a family at its owner.
var Families = &workflow.Table[Family]{
	Record: "family.family", Track: "main", Version: "1",
	Initial: Draft,
	State:   func(f Family) workflow.State { return f.State },
	Steps: []workflow.Step[Family]{
		{From: []workflow.State{""}, Verb: "make", To: Draft, By: writers},
		{From: open, Verb: "edit", By: writers},
		{From: open, Verb: "add", By: writers},
		{From: open, Verb: "drop", By: writers},
		{From: open, Verb: "split", By: writers, Needs: []workflow.Need[Family]{reason}},
		{From: open, Verb: "share", To: Shared, By: clearers, Needs: []workflow.Need[Family]{some, recipients, secondPerson, marking}, Tells: []string{"recipients", "owners of its events"}},
		{From: open, Verb: "merge", To: Merged, By: clearers, Needs: []workflow.Need[Family]{reason, target}, Tells: []string{"recipients"}},
		{From: open, Verb: "absorb", Other: true},
		{From: open, Verb: "receive_answer", Other: true},
		{From: open, Verb: "close", To: Closed, By: clearers, Needs: []workflow.Need[Family]{reason}, Tells: []string{"recipients"}},
		{From: []workflow.State{Shared}, Verb: "withdraw", To: Draft, By: clearers, Needs: []workflow.Need[Family]{reason}, Tells: []string{"recipients"}},
		{From: []workflow.State{Closed, Merged}, Verb: "reopen", To: Draft, By: clearers, Needs: []workflow.Need[Family]{reason}},
	},
}

// Answers is the table of what a member says of its own event in a family of
// another member.
var Answers = &workflow.Table[Answer]{
	Record: "family.answer", Track: "main", Version: "1",
	Initial: Asked,
	State:   func(a Answer) workflow.State { return a.State },
	Steps: []workflow.Step[Answer]{
		{From: []workflow.State{""}, Verb: "receive", To: Asked, Other: true, Within: answerWithin},
		{From: []workflow.State{""}, Verb: "propose", To: Belongs, By: deciders, Tells: []string{"owner of the family"}},
		{From: []workflow.State{Asked, BelongsNot}, Verb: "join", To: Belongs, By: deciders, Within: noClock, Tells: []string{"owner of the family"}},
		{From: []workflow.State{Asked, Belongs}, Verb: "decline", To: BelongsNot, By: deciders, Needs: []workflow.Need[Answer]{words}, Within: noClock, Tells: []string{"owner of the family"}},
	},
}
