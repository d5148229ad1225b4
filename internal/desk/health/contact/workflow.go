package contact

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of an own contact. While one is changed, what was given last goes on
// standing in every directory.
const (
	Draft     workflow.State = "draft"
	Clearance workflow.State = "clearance"
	Current   workflow.State = "current"
	Removed   workflow.State = "removed"
)

// States of a check and of a call.
const (
	Running   workflow.State = "running"
	Over      workflow.State = "over"
	CalledOff workflow.State = "called_off"

	Ringing  workflow.State = "ringing"
	Answered workflow.State = "answered"
)

type states = []workflow.State

var (
	keepers  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
	callers  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
	watch    = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Epidemiologist, access.Approver, access.SecretariatDsk}
)

// Contacts is the table of an own contact.
var Contacts = &workflow.Table[Own]{
	Record: "contact.contact", Track: "main", Version: "1", Initial: Draft, Final: states{Removed},
	State: func(o Own) workflow.State { return o.State },
	Steps: []workflow.Step[Own]{
		{From: states{""}, Verb: "add", To: Draft, By: keepers},
		{From: states{Draft, Current}, Verb: "edit", To: Draft, By: keepers},
		{From: states{Draft}, Verb: "submit", To: Clearance, By: keepers, Needs: []workflow.Need[Own]{hasChannel, hasNight}},
		{From: states{Clearance}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Own]{hasReason}},
		{From: states{Clearance}, Verb: "recall", To: Draft, By: keepers},
		{From: states{Clearance}, Verb: "clear", To: Current, By: clearers, Needs: []workflow.Need[Own]{secondPerson, hasChannel, hasNight}, Tells: []string{"standing recipients"}},
		{From: states{Draft}, Verb: "keep", To: Current, By: keepers, Needs: []workflow.Need[Own]{wasGiven}},
		{From: states{Current}, Verb: "confirm", By: keepers, Tells: []string{"standing recipients"}},
		{From: states{Draft, Clearance, Current}, Verb: "remove", To: Removed, By: append([]access.Role{access.Approver}, keepers...), Needs: []workflow.Need[Own]{hasReason}, Tells: []string{"who holds it"}},
	},
}

// Checks is the table of a communication check at the member that calls it.
var Checks = &workflow.Table[Check]{
	Record: "contact.check", Track: "main", Version: "1", Initial: Running, Final: states{Over, CalledOff},
	State: func(c Check) workflow.State { return c.State },
	Steps: []workflow.Step[Check]{
		{From: states{""}, Verb: "call", To: Running, By: callers, Within: answerWithin, Tells: []string{"chosen members"}},
		{From: states{Running}, Verb: "complete", To: Over, Other: true, Within: noClock},
		{From: states{Running}, Verb: "lapse", To: Over, Other: true, Needs: []workflow.Need[Check]{pastDue}, Within: noClock},
		{From: states{Running}, Verb: "call_off", To: CalledOff, By: callers, Needs: []workflow.Need[Check]{offReason}, Within: noClock, Tells: []string{"chosen members"}},
	},
}

// Calls is the table of a check at a member that was called. A late answer is
// an answer, and says that it was late.
var Calls = &workflow.Table[Call]{
	Record: "contact.call", Track: "main", Version: "1", Initial: Ringing, Final: states{Answered, CalledOff},
	State: func(c Call) workflow.State { return c.State },
	Steps: []workflow.Step[Call]{
		{From: states{""}, Verb: "receive", To: Ringing, Other: true, Within: callWithin},
		{From: states{Ringing}, Verb: "open", By: watch, Tells: []string{"caller"}},
		{From: states{Ringing}, Verb: "here", To: Answered, By: watch, Within: noClockC, Tells: []string{"caller"}},
		{From: states{Ringing, Answered}, Verb: "receive_off", To: CalledOff, Other: true, Within: noClockC},
	},
}

func none[R any](R, time.Time) time.Time { return time.Time{} }

var (
	noClock  = &workflow.Within[Check]{Name: "", Due: none[Check]}
	noClockC = &workflow.Within[Call]{Name: "", Due: none[Call]}
)
