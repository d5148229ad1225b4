package review

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States.
const (
	Planned   workflow.State = "planned"
	Locked    workflow.State = "locked"    // the evidence is fixed
	Drafted   workflow.State = "drafted"   // the findings are written
	Validated workflow.State = "validated" // by the participants
	Cleared   workflow.State = "cleared"
	Released  workflow.State = "released"
	Following workflow.State = "following" // the actions are followed up
	Closed    workflow.State = "closed"
	Cancelled workflow.State = "cancelled"
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver, access.IHRAuthority, access.SecretariatDsk}
	anybody  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.Approver, access.IHRAuthority, access.SecretariatDsk}
)

// Reviews is the table of a review.
var Reviews = &workflow.Table[Review]{
	Record: KindReview, Track: "main", Version: "1", Initial: Planned, Final: []workflow.State{Closed, Cancelled},
	State: func(r Review) workflow.State { return r.State },
	Steps: []workflow.Step[Review]{
		{From: []workflow.State{""}, Verb: "plan", To: Planned, By: writers},
		{From: []workflow.State{""}, Verb: "join", To: Planned, By: writers},
		{From: []workflow.State{Planned}, Verb: "edit", By: writers},
		{From: []workflow.State{Planned, Locked, Drafted}, Verb: "invite", By: clearers, Needs: needs(joint), Tells: []string{"invited members"}},
		{From: []workflow.State{Planned}, Verb: "lock", To: Locked, By: writers, Needs: needs(evidence), Within: findWithin},
		{From: []workflow.State{Locked, Drafted}, Verb: "describe", By: writers},
		{From: []workflow.State{Planned, Locked, Drafted}, Verb: "note", By: writers},
		{From: []workflow.State{Locked, Drafted}, Verb: "arrange", By: writers},
		{From: []workflow.State{Locked}, Verb: "draft", To: Drafted, By: writers, Needs: needs(found, settled), Within: validateWithin},
		{From: []workflow.State{Drafted}, Verb: "validate", To: Validated, By: anybody, Needs: needs(found, settled, agreed, secondPerson), Within: clearWithin},
		{From: []workflow.State{Validated}, Verb: "clear", To: Cleared, By: clearers, Needs: needs(secondPerson, summary, unchanged, marking), Within: clearWithin},
		{From: []workflow.State{Drafted}, Verb: "return", To: Locked, By: anybody, Needs: needs(reason), Within: findWithin},
		{From: []workflow.State{Validated, Cleared}, Verb: "return", To: Drafted, By: anybody, Needs: needs(reason), Within: validateWithin},
		{From: []workflow.State{Cleared}, Verb: "release", To: Released, By: clearers, Needs: needs(recipients, settled, unchanged, marking), Within: followWithin, Tells: []string{"recipients"}},
		{From: []workflow.State{Released}, Verb: "follow", To: Following, By: writers, Needs: needs(followed), Within: noClock},
		{From: []workflow.State{Released, Following}, Verb: "mend", To: Drafted, By: writers, Needs: needs(reason), Within: validateWithin},
		{From: []workflow.State{Following}, Verb: "close", To: Closed, By: clearers, Needs: needs(followed, over), Within: noClock, Tells: []string{"recipients"}},
		{From: []workflow.State{Planned, Locked, Drafted}, Verb: "cancel", To: Cancelled, By: anybody, Needs: needs(reason), Within: noClock, Tells: []string{"invited members"}},
	},
}

func needs(list ...workflow.Need[Review]) []workflow.Need[Review] { return list }
