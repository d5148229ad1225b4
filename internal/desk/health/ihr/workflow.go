package ihr

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States of the part's records.
const (
	FirstRead  workflow.State = "first_read"
	SecondRead workflow.State = "second_read"
	Deciding   workflow.State = "deciding" // both have read, the focal point decides
	Decided    workflow.State = "decided"
	Superseded workflow.State = "superseded"
	Cancelled  workflow.State = "cancelled"

	Standing workflow.State = "standing" // a determination in force
	Ended    workflow.State = "ended"
	Struck   workflow.State = "struck" // recorded in error

	Planned   workflow.State = "planned"
	InForce   workflow.State = "in_force"
	Reported  workflow.State = "reported"
	Lifted    workflow.State = "lifted"
	Expired   workflow.State = "expired"
	Withdrawn workflow.State = "withdrawn"

	Draft    workflow.State = "draft"
	Released workflow.State = "released"
)

var (
	assessors   = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint}
	focalPoint  = []access.Role{access.IHRFocalPoint}
	recorders   = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.IHRAuthority, access.SecretariatDsk}
	regulators  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.IHRAuthority}
	authorities = []access.Role{access.IHRAuthority}
	approvers   = []access.Role{access.Approver}
)

// Annex2s is the table of an assessment by Annex 2.
var Annex2s = &workflow.Table[Annex2]{
	Record: KindAnnex2, Track: "main", Version: "1",
	Initial: FirstRead, Final: []workflow.State{Superseded, Cancelled},
	Place: func(a Annex2) string { return a.Place },
	State: func(a Annex2) workflow.State { return a.State },
	Steps: []workflow.Step[Annex2]{
		{From: []workflow.State{""}, Verb: "open", To: FirstRead, By: assessors, Within: assessWithin},
		{From: []workflow.State{FirstRead}, Verb: "answer", By: assessors, Needs: []workflow.Need[Annex2]{firstReader}},
		{From: []workflow.State{FirstRead}, Verb: "finish", To: SecondRead, By: assessors, Needs: []workflow.Need[Annex2]{firstReader, firstComplete}, Tells: []string{"second reader"}},
		{From: []workflow.State{SecondRead}, Verb: "answer", By: assessors, Needs: []workflow.Need[Annex2]{otherPerson, secondReader}},
		{From: []workflow.State{SecondRead}, Verb: "finish", To: Deciding, By: assessors, Needs: []workflow.Need[Annex2]{otherPerson, secondReader, secondComplete}, Tells: []string{"focal point"}},
		{From: []workflow.State{FirstRead, SecondRead}, Verb: "reset", By: assessors, Needs: []workflow.Need[Annex2]{annexReason}},
		{From: []workflow.State{Deciding}, Verb: "decide", To: Decided, By: focalPoint, Needs: []workflow.Need[Annex2]{annexReason, outcomeChosen}, Within: notifyWithin},
		{From: []workflow.State{Decided}, Verb: "told", By: focalPoint, Needs: []workflow.Need[Annex2]{toldNeeded, toldGiven}, Within: noClockA},
		{From: []workflow.State{Decided}, Verb: "supersede", To: Superseded, Other: true, Within: noClockA},
		{From: []workflow.State{FirstRead, SecondRead, Deciding}, Verb: "cancel", To: Cancelled, By: focalPoint, Needs: []workflow.Need[Annex2]{annexReason}, Within: noClockA},
	},
}

// Determinations is the table of what was determined outside.
var Determinations = &workflow.Table[Determination]{
	Record: KindDetermination, Track: "main", Version: "2",
	Initial: Standing, Final: []workflow.State{Ended, Struck},
	State: func(d Determination) workflow.State { return d.State },
	Steps: []workflow.Step[Determination]{
		{From: []workflow.State{""}, Verb: "record", To: Standing, By: recorders},
		{From: []workflow.State{Standing}, Verb: "edit", By: recorders},
		{From: []workflow.State{Standing, Ended}, Verb: "release", By: approvers, Needs: []workflow.Need[Determination]{determinationSecond, determinationTo}, Tells: []string{"members"}},
		{From: []workflow.State{Standing}, Verb: "end", To: Ended, By: recorders, Needs: []workflow.Need[Determination]{endGiven}, Tells: []string{"members"}},
		{From: []workflow.State{Standing, Ended}, Verb: "strike", To: Struck, By: recorders, Needs: []workflow.Need[Determination]{strikeReason}, Tells: []string{"members"}},
	},
}

// held are the states of a measure that holds.
var held = []workflow.State{InForce, Reported}

// Measures is the table of an additional health measure at its owner.
var Measures = &workflow.Table[Measure]{
	Record: KindMeasure, Track: "main", Version: "1",
	Initial: Planned, Final: []workflow.State{Lifted, Expired, Cancelled, Withdrawn},
	State: func(m Measure) workflow.State { return m.State },
	Steps: []workflow.Step[Measure]{
		{From: []workflow.State{""}, Verb: "plan", To: Planned, By: regulators},
		{From: []workflow.State{Planned, InForce, Reported}, Verb: "edit", By: regulators},
		{From: []workflow.State{Planned}, Verb: "start", To: InForce, By: regulators, Needs: []workflow.Need[Measure]{rationale, startGiven, notOver}, Within: reportWithin, Tells: []string{"members"}},
		{From: []workflow.State{InForce}, Verb: "report", To: Reported, By: focalPoint, Needs: []workflow.Need[Measure]{reportGiven}, Within: noClockM, Tells: []string{"members"}},
		{From: held, Verb: "review", By: regulators, Needs: []workflow.Need[Measure]{wordsGiven}, Tells: []string{"members"}},
		{From: held, Verb: "renew", By: authorities, Needs: []workflow.Need[Measure]{wordsGiven, renewedLater}, Tells: []string{"members"}},
		{From: held, Verb: "lift", To: Lifted, By: regulators, Needs: []workflow.Need[Measure]{endReason}, Within: noClockM, Tells: []string{"members"}},
		{From: held, Verb: "expire", To: Expired, Other: true, Within: noClockM, Tells: []string{"members"}},
		{From: []workflow.State{Planned, InForce, Reported}, Verb: "release", By: approvers, Needs: []workflow.Need[Measure]{measureSecond, rationale, addressed}, Tells: []string{"members"}},
		{From: []workflow.State{Planned}, Verb: "cancel", To: Cancelled, By: regulators, Needs: []workflow.Need[Measure]{endReason}, Within: noClockM, Tells: []string{"members"}},
		{From: []workflow.State{Planned, InForce, Reported, Lifted, Expired}, Verb: "withdraw", To: Withdrawn, By: approvers, Needs: []workflow.Need[Measure]{endReason, wasReleased}, Within: noClockM,
			Tells: []string{"members"}},
	},
}

// Amendments is the table of a state's statement on the amendments.
var Amendments = &workflow.Table[Amendment]{
	Record: KindAmendment, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Superseded, Cancelled},
	State: func(a Amendment) workflow.State { return a.State },
	Steps: []workflow.Step[Amendment]{
		{From: []workflow.State{""}, Verb: "state", To: Draft, By: authorities, Needs: []workflow.Need[Amendment]{ofState}},
		{From: []workflow.State{Draft}, Verb: "edit", By: authorities},
		{From: []workflow.State{Draft}, Verb: "release", To: Released, By: approvers, Needs: []workflow.Need[Amendment]{amendmentSecond}, Tells: []string{"members"}},
		{From: []workflow.State{Released}, Verb: "supersede", To: Superseded, Other: true},
		{From: []workflow.State{Draft}, Verb: "cancel", To: Cancelled, By: authorities},
	},
}
