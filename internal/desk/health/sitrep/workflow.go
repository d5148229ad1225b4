package sitrep

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States of a report.
const (
	Compiling workflow.State = "compiling" // regional: inputs are awaited
	Draft     workflow.State = "draft"
	Clearance workflow.State = "clearance"
	Cleared   workflow.State = "cleared"
	Issued    workflow.State = "issued"
	Corrected workflow.State = "corrected" // a correction took its place
	Withdrawn workflow.State = "withdrawn"
	Discarded workflow.State = "discarded"
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.SecretariatDsk}
	clearers = []access.Role{access.Approver, access.SecretariatDsk}
	issuers  = []access.Role{access.DutyOfficer, access.Approver, access.SecretariatDsk}
	open     = []workflow.State{Compiling, Draft, Clearance, Cleared}
)

// Reports is the table of a report at its owner.
var Reports = &workflow.Table[Report]{
	Record: KindReport, Track: "main", Version: "2",
	Initial: Draft, Final: []workflow.State{Corrected, Withdrawn, Discarded},
	Place: func(r Report) string { return r.Place },
	State: func(r Report) workflow.State { return r.State },
	Steps: []workflow.Step[Report]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers, Needs: []workflow.Need[Report]{national}, Within: inputWithin},
		{From: []workflow.State{""}, Verb: "open", To: Compiling, By: writers, Needs: []workflow.Need[Report]{asked}, Within: cutOffWithin, Tells: []string{"members that are asked"}},
		{From: []workflow.State{""}, Verb: "open_by_level", To: Compiling, Other: true, Needs: []workflow.Need[Report]{asked}, Within: cutOffWithin, Tells: []string{"members that are asked"}},
		{From: []workflow.State{""}, Verb: "correct", To: Draft, By: writers, Needs: []workflow.Need[Report]{why}, Within: noClock},
		{From: []workflow.State{Compiling}, Verb: "remind", By: writers, Tells: []string{"members without an input"}},
		{From: []workflow.State{Compiling}, Verb: "compose", To: Draft, By: writers, Needs: []workflow.Need[Report]{cutOff}, Within: draftWithin, Tells: []string{"members that are asked"}},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "refresh", By: writers},
		{From: []workflow.State{Draft}, Verb: "submit", To: Clearance, By: writers, Needs: content, Within: clearWithin},
		{From: []workflow.State{Clearance, Cleared}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Report]{reasonGiven}, Within: draftWithin},
		{From: []workflow.State{Clearance}, Verb: "clear", To: Cleared, By: clearers, Needs: append([]workflow.Need[Report]{secondPerson}, content...), Within: issueWithin},
		{From: []workflow.State{Cleared}, Verb: "issue", To: Issued, By: issuers, Needs: []workflow.Need[Report]{addressed, notCloser}, Within: noClock, Tells: []string{"recipients"}},
		{From: []workflow.State{Issued}, Verb: "supersede", To: Corrected, Other: true, Within: noClock},
		{From: []workflow.State{Issued}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: []workflow.Need[Report]{reasonGiven}, Within: noClock, Tells: []string{"recipients"}},
		{From: open, Verb: "discard", To: Discarded, By: writers, Needs: []workflow.Need[Report]{reasonGiven}, Within: noClock, Tells: []string{"members that were asked"}},
	},
}
