package risk

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States of an assessment and of a position.
const (
	Draft        workflow.State = "draft"
	PeerReviewed workflow.State = "peer_reviewed"
	Approved     workflow.State = "approved"
	Published    workflow.State = "published"
	Superseded   workflow.State = "superseded"
	Withdrawn    workflow.State = "withdrawn"
	Discarded    workflow.State = "discarded"

	Clearance workflow.State = "clearance"
	Released  workflow.State = "released"
)

var (
	writers    = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	reviewers  = []access.Role{access.Epidemiologist, access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
	approvers  = []access.Role{access.Approver}
	publishers = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
)

// Assessments is the table of an assessment at its owner.
var Assessments = &workflow.Table[Assessment]{
	Record: KindAssessment, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Superseded, Withdrawn, Discarded},
	Place: func(a Assessment) string { return a.Place },
	State: func(a Assessment) workflow.State { return a.State },
	Steps: []workflow.Step[Assessment]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers, Within: noClock},
		{From: []workflow.State{Draft}, Verb: "ask_review", By: writers, Needs: content, Within: reviewWithin, Tells: []string{"reviewers"}},
		{From: []workflow.State{Draft}, Verb: "review", To: PeerReviewed, By: reviewers, Needs: append([]workflow.Need[Assessment]{secondPerson}, content...), Within: approveWithin},
		{From: []workflow.State{PeerReviewed, Approved}, Verb: "return", To: Draft, By: reviewers, Needs: []workflow.Need[Assessment]{reasonGiven}, Within: noClock},
		{From: []workflow.State{PeerReviewed}, Verb: "approve", To: Approved, By: approvers, Needs: append([]workflow.Need[Assessment]{secondPerson, addressed}, content...), Within: publishWithin},
		{From: []workflow.State{Approved}, Verb: "publish", To: Published, By: publishers, Needs: []workflow.Need[Assessment]{addressed, stillValid, eventNotCloser}, Within: positionsWithin, Tells: []string{"recipients"}},
		{From: []workflow.State{Published}, Verb: "complete", Other: true, Within: noClock},
		{From: []workflow.State{Published}, Verb: "supersede", To: Superseded, Other: true, Within: noClock},
		{From: []workflow.State{Published}, Verb: "withdraw", To: Withdrawn, By: approvers, Needs: []workflow.Need[Assessment]{reasonGiven}, Within: noClock, Tells: []string{"recipients"}},
		{From: []workflow.State{Draft, PeerReviewed, Approved}, Verb: "discard", To: Discarded, By: writers, Within: noClock},
	},
}

// Positions is the table of a position at the state that takes it.
var Positions = &workflow.Table[Position]{
	Record: KindPosition, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Superseded, Withdrawn, Discarded},
	State: func(p Position) workflow.State { return p.State },
	Steps: []workflow.Step[Position]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers, Needs: []workflow.Need[Position]{asked}},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "submit", To: Clearance, By: writers, Needs: reasoned, Within: clearWithin},
		{From: []workflow.State{Clearance}, Verb: "return", To: Draft, By: approvers, Needs: []workflow.Need[Position]{positionReason}, Within: noClockP},
		{From: []workflow.State{Clearance}, Verb: "release", To: Released, By: approvers, Needs: append([]workflow.Need[Position]{positionSecond, asked}, reasoned...), Within: noClockP,
			Tells: []string{"assessor", "recipients"}},
		{From: []workflow.State{Released}, Verb: "supersede", To: Superseded, Other: true},
		{From: []workflow.State{Released}, Verb: "withdraw", To: Withdrawn, By: approvers, Needs: []workflow.Need[Position]{positionReason}, Tells: []string{"assessor", "recipients"}},
		{From: []workflow.State{Draft, Clearance}, Verb: "discard", To: Discarded, By: writers, Within: noClockP},
	},
}
