package level

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States.
const (
	Draft      workflow.State = "draft"
	Clearance  workflow.State = "clearance"
	Consulted  workflow.State = "consulted" // the members are asked
	Decided    workflow.State = "decided"   // closed; the outcome is computed
	Expired    workflow.State = "expired"   // the review date came
	Withdrawn  workflow.State = "withdrawn"
	Discarded  workflow.State = "discarded"
	Released   workflow.State = "released"
	Superseded workflow.State = "superseded"
	Active     workflow.State = "in_force"
	Lifted     workflow.State = "lifted"
)

var (
	writers     = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	clearers    = []access.Role{access.Approver, access.SecretariatDsk}
	speakers    = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint}
	voices      = []access.Role{access.Approver, access.IHRAuthority}
	authorities = []access.Role{access.Approver, access.IHRAuthority}
)

// Proposals is the table of a proposal at its proposer.
var Proposals = &workflow.Table[Proposal]{
	Record: KindProposal, Track: "main", Version: "2",
	Initial: Draft, Final: []workflow.State{Expired, Withdrawn, Discarded},
	State: func(p Proposal) workflow.State { return p.State },
	Steps: []workflow.Step[Proposal]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "submit", To: Clearance, By: writers, Needs: content, Within: clearWithin},
		{From: []workflow.State{Clearance}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Proposal]{proposalReason}, Within: noClock},
		{From: []workflow.State{Clearance}, Verb: "propose", To: Consulted, By: clearers, Needs: append([]workflow.Need[Proposal]{secondPerson}, content...), Within: windowWithin, Tells: []string{"every member"}},
		{From: []workflow.State{Consulted}, Verb: "close", To: Decided, By: append(writers, access.Approver), Needs: []workflow.Need[Proposal]{windowOver}, Within: reviewWithin, Tells: []string{"every member"}},
		{From: []workflow.State{Decided}, Verb: "recount", By: append(writers, access.Approver), Needs: []workflow.Need[Proposal]{leftOut}, Within: reviewWithin, Tells: []string{"every member"}},
		{From: []workflow.State{Decided}, Verb: "expire", To: Expired, Other: true, Within: noClock},
		{From: []workflow.State{Consulted}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: []workflow.Need[Proposal]{proposalReason}, Within: noClock, Tells: []string{"every member"}},
		{From: []workflow.State{Draft, Clearance}, Verb: "discard", To: Discarded, By: writers, Within: noClock},
	},
}

// Positions is the table of a position at the state that takes it.
var Positions = &workflow.Table[Position]{
	Record: KindPosition, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Superseded, Discarded},
	State: func(p Position) workflow.State { return p.State },
	Steps: []workflow.Step[Position]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: speakers, Needs: []workflow.Need[Position]{asked}},
		{From: []workflow.State{Draft}, Verb: "edit", By: speakers},
		{From: []workflow.State{Draft}, Verb: "submit", To: Clearance, By: speakers, Needs: []workflow.Need[Position]{reasoned}, Within: speakWithin},
		{From: []workflow.State{Clearance}, Verb: "return", To: Draft, By: voices, Needs: []workflow.Need[Position]{positionReason}, Within: noClockP},
		{From: []workflow.State{Clearance}, Verb: "release", To: Released, By: voices, Needs: []workflow.Need[Position]{positionSecond, asked, inWindow, reasoned}, Within: noClockP, Tells: []string{"every member"}},
		{From: []workflow.State{Released}, Verb: "supersede", To: Superseded, Other: true},
		{From: []workflow.State{Draft, Clearance}, Verb: "discard", To: Discarded, By: speakers, Within: noClockP},
	},
}

// Activations is the table of a state's own level: its authority decides alone.
var Activations = &workflow.Table[Activation]{
	Record: KindActivation, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Expired, Lifted, Discarded},
	Place: func(a Activation) string { return a.Place },
	State: func(a Activation) workflow.State { return a.State },
	Steps: []workflow.Step[Activation]{
		{From: []workflow.State{""}, Verb: "propose", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "activate", To: Active, By: authorities, Needs: []workflow.Need[Activation]{reviewAhead}, Within: activeWithin, Tells: []string{"recipients"}},
		{From: []workflow.State{Active}, Verb: "renew", By: authorities, Needs: []workflow.Need[Activation]{reviewAhead, activationReason}, Within: activeWithin, Tells: []string{"recipients"}},
		{From: []workflow.State{Active}, Verb: "lift", To: Lifted, By: authorities, Needs: []workflow.Need[Activation]{activationReason}, Within: noClockA, Tells: []string{"recipients"}},
		{From: []workflow.State{Active}, Verb: "expire", To: Expired, Other: true, Within: noClockA, Tells: []string{"recipients"}},
		{From: []workflow.State{Draft}, Verb: "discard", To: Discarded, By: writers, Within: noClockA},
	},
}
