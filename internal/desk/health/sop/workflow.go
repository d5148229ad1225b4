package sop

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States of playbooks.
const (
	Draft     workflow.State = "draft"
	Review    workflow.State = "in_review"
	Published workflow.State = "published"
	Retired   workflow.State = "retired"
	Discarded workflow.State = "discarded"
)

// States of runs.
const (
	Open      workflow.State = "open"
	Closed    workflow.State = "closed"
	Abandoned workflow.State = "abandoned"
)

// States of tasks.
const (
	Planned  workflow.State = "planned"
	Accepted workflow.State = "accepted"
	Working  workflow.State = "in_progress"
	Blocked  workflow.State = "blocked"
	Done     workflow.State = "done"
	Verified workflow.State = "verified"
	Not      workflow.State = "not_executable" // not executable here, because
	Skipped  workflow.State = "skipped"
)

// TaskStates are in the order of the pages.
var TaskStates = []workflow.State{Planned, Accepted, Working, Blocked, Done, Verified, Not, Skipped}

var (
	writers    = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	publishers = []access.Role{access.Approver, access.IHRAuthority, access.SecretariatDsk}
	starters   = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
	releasers  = []access.Role{access.Approver, access.SecretariatDsk}
)

type (
	needsP = []workflow.Need[Playbook]
	needsR = []workflow.Need[Run]
	needsT = []workflow.Need[Task]
)

// Playbooks is the table of one version of a playbook.
var Playbooks = &workflow.Table[Playbook]{
	Record: KindPlaybook, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Retired, Discarded},
	State: func(p Playbook) workflow.State { return p.State },
	Steps: []workflow.Step[Playbook]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "submit", To: Review, By: writers, Within: reviewWithin},
		{From: []workflow.State{Review}, Verb: "return", To: Draft, By: publishers, Needs: needsP{playbookReason}, Within: noClockP},
		{From: []workflow.State{Review}, Verb: "publish", To: Published, By: publishers, Needs: needsP{secondReader, freeCode}, Within: noClockP},
		{From: []workflow.State{Published}, Verb: "release", By: publishers, Needs: needsP{recipients}, Tells: []string{"recipients"}},
		{From: []workflow.State{Published}, Verb: "retire", To: Retired, By: publishers, Needs: needsP{playbookReason}, Tells: []string{"recipients"}},
		{From: []workflow.State{Published}, Verb: "supersede", To: Retired, Other: true, Tells: []string{"recipients"}},
		{From: []workflow.State{Draft, Review}, Verb: "discard", To: Discarded, By: writers, Within: noClockP},
	},
}

// Runs is the table of a playbook in use.
var Runs = &workflow.Table[Run]{
	Record: KindRun, Track: "main", Version: "2",
	Initial: Open, Final: []workflow.State{Closed, Abandoned},
	Place: func(r Run) string { return r.Place },
	State: func(r Run) workflow.State { return r.State },
	Steps: []workflow.Step[Run]{
		{From: []workflow.State{""}, Verb: "start", To: Open, By: starters},
		{From: []workflow.State{Open}, Verb: "follow", Other: true},
		{From: []workflow.State{Open}, Verb: "over", Other: true},
		{From: []workflow.State{Open, Closed, Abandoned}, Verb: "release", By: releasers, Needs: needsR{runRecipients}, Tells: []string{"recipients"}},
		{From: []workflow.State{Open, Closed, Abandoned}, Verb: "take_back", By: releasers, Needs: needsR{somebodyKnows, backReason}, Tells: []string{"recipients"}},
		{From: []workflow.State{Open}, Verb: "close", To: Closed, By: starters, Needs: needsR{allSettled}},
		{From: []workflow.State{Open}, Verb: "abandon", To: Abandoned, By: releasers, Needs: needsR{runReason}},
	},
}

var (
	active   = []workflow.State{Accepted, Working, Blocked}
	unsolved = append([]workflow.State{Planned}, active...) // neither finished nor answered
	provable = append([]workflow.State{Done}, active...)    // evidence can still change
)

// Tasks is the table of one step of a run.
var Tasks = &workflow.Table[Task]{
	Record: KindTask, Track: "main", Version: "2",
	Initial: Planned, Final: []workflow.State{Verified},
	Place: func(t Task) string { return t.Place },
	State: func(t Task) workflow.State { return t.State },
	Steps: []workflow.Step[Task]{
		{From: []workflow.State{""}, Verb: "plan", To: Planned, Other: true, Within: stepWithin},
		{From: unsolved, Verb: "clock", Other: true, Within: stepWithin},
		{From: []workflow.State{Planned}, Verb: "accept", To: Accepted, By: Workers, Needs: needsT{runOpen, rightRole}},
		{From: []workflow.State{Accepted}, Verb: "start", To: Working, By: Workers, Needs: needsT{runOpen, isDoer, notWaiting}},
		{From: []workflow.State{Accepted, Working}, Verb: "finish", To: Done, By: Workers, Needs: needsT{runOpen, isDoer, notWaiting, evident}, Within: noClockT},
		{From: []workflow.State{Accepted, Working}, Verb: "block", To: Blocked, By: Workers, Needs: needsT{runOpen, rightRole, taskReason}},
		{From: []workflow.State{Blocked}, Verb: "unblock", To: Working, By: Workers, Needs: needsT{runOpen, rightRole}},
		{From: active, Verb: "take_over", By: Workers, Needs: needsT{runOpen, rightRole, notDoer}},
		{From: unsolved, Verb: "assign", By: Workers, Needs: needsT{runOpen, mayAsk}},
		{From: unsolved, Verb: "decline", By: Workers, Needs: needsT{runOpen, wasAsked, declineReason}},
		{From: provable, Verb: "attach", By: Workers, Needs: needsT{runOpen, isDoer}},
		{From: provable, Verb: "detach", By: Workers, Needs: needsT{runOpen, isDoer}},
		{From: []workflow.State{Done}, Verb: "verify", To: Verified, By: Workers, Needs: needsT{notDoer, evident}},
		{From: []workflow.State{Done}, Verb: "return", To: Working, By: Workers, Needs: needsT{runOpen, notDoer, taskReason}, Within: stepWithin},
		{From: unsolved, Verb: "not_executable", To: Not, By: Workers, Needs: needsT{runOpen, rightRole, taskReason}, Within: noClockT},
		{From: []workflow.State{Planned, Accepted}, Verb: "skip", To: Skipped, By: Workers, Needs: needsT{runOpen, rightRole, mayLeave, taskReason}, Within: noClockT},
		{From: []workflow.State{Not, Skipped}, Verb: "resume", To: Planned, By: Workers, Needs: needsT{runOpen, rightRole, taskReason}, Within: stepWithin},
	},
}
