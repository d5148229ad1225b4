package request

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The tables of what two members do together. Each side has its own table and
// its own half; a step that waits for the other side names a need on what the
// other side released.

// States of arrangements, and of both halves of deployments and consignments.
const (
	Proposed workflow.State = "proposed"
	InForce  workflow.State = "in_force"
	Ended    workflow.State = "ended"
	Refused  workflow.State = "refused"

	Planned        workflow.State = "planned"
	ClearanceAsked workflow.State = "clearance_asked"
	Mobilised      workflow.State = "mobilised"
	OnTask         workflow.State = "on_task"
	Demobilised    workflow.State = "demobilised"
	Debriefed      workflow.State = "debriefed"
	Cancelled      workflow.State = "cancelled"
	EntryCleared   workflow.State = "entry_cleared"
	Arrived        workflow.State = "arrived"
	Departed       workflow.State = "departed"
	Over           workflow.State = "over"

	Allocated     workflow.State = "allocated"
	Packed        workflow.State = "packed"
	Shipped       workflow.State = "shipped"
	Expected      workflow.State = "expected"
	CustomsHold   workflow.State = "customs_hold"
	Released      workflow.State = "released"
	GoodsReceived workflow.State = "received"
	Reconciled    workflow.State = "reconciled"
)

var (
	otherSide = []string{"other side"}
	entrants  = []access.Role{access.IHRFocalPoint, access.Approver}
	receivers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
)

// Arrangements is the table of an arrangement at either side. Whether it is in
// force is never typed: the last two rows follow from the signatures alone.
var Arrangements = &workflow.Table[Arrangement]{
	Record: Agreement, Track: "main", Version: "1", Initial: Draft, Final: states{Ended, Withdrawn, Discarded},
	State: func(a Arrangement) workflow.State { return a.State },
	Steps: []workflow.Step[Arrangement]{
		{From: states{""}, Verb: "draft", To: Draft, By: workers},
		{From: states{Draft}, Verb: "edit", By: workers},
		{From: states{Draft}, Verb: "discard", To: Discarded, By: workers},
		{From: states{Draft}, Verb: "propose", To: Proposed, By: senders, Needs: textComplete, Within: signClock, Tells: otherSide},
		{From: states{""}, Verb: "receive", To: Proposed, Other: true, Within: signClock},
		{From: states{Proposed, InForce}, Verb: "sign", By: clearers, Needs: []workflow.Need[Arrangement]{textOpen}, Tells: otherSide},
		{From: states{Proposed, InForce}, Verb: "refuse", By: clearers, Needs: []workflow.Need[Arrangement]{textOpen, arrangementWords}, Tells: otherSide},
		{From: states{InForce}, Verb: "change", By: senders, Needs: []workflow.Need[Arrangement]{changeComplete}, Within: signClock, Tells: otherSide},
		{From: states{Proposed, InForce}, Verb: "take_back", By: senders, Needs: []workflow.Need[Arrangement]{ownUnsigned}, Tells: otherSide},
		{From: states{Proposed, InForce, Refused, Withdrawn, Ended}, Verb: "merge", Other: true},
		{From: states{Proposed}, Verb: "drop", To: Refused, Other: true, Needs: []workflow.Need[Arrangement]{nothingWaits}, Within: noSignature},
		// A refusal and a withdrawal may cross: then both sides say withdrawn.
		{From: states{Proposed, Refused}, Verb: "drop_withdrawn", To: Withdrawn, Other: true, Needs: []workflow.Need[Arrangement]{nothingWaits}, Within: noSignature},
		{From: states{Proposed, InForce}, Verb: "come_into_force", To: InForce, Other: true, Needs: []workflow.Need[Arrangement]{bothSigned}, Within: stillWaits},
		{From: states{Proposed, InForce}, Verb: "end", To: Ended, Other: true, Needs: []workflow.Need[Arrangement]{bothSigned}, Within: noSignature},
	},
}

// Deployments is the table of the member that sends a team.
var Deployments = &workflow.Table[Deployment]{
	Record: OwnTeam, Track: "main", Version: "1", Initial: Planned, Final: states{Debriefed, Cancelled},
	State: func(d Deployment) workflow.State { return d.State },
	Steps: []workflow.Step[Deployment]{
		{From: states{""}, Verb: "plan", To: Planned, By: workers},
		{From: states{Planned}, Verb: "edit", By: workers},
		{From: states{Planned, Proposed, ClearanceAsked}, Verb: "list_people", By: workers},
		{From: states{Planned}, Verb: "propose", To: Proposed, By: senders, Needs: missionComplete, Tells: otherSide},
		{From: states{Proposed}, Verb: "ask_clearance", To: ClearanceAsked, By: senders, Needs: askingComplete, Tells: otherSide},
		{From: states{ClearanceAsked}, Verb: "mobilise", To: Mobilised, By: senders, Needs: []workflow.Need[Deployment]{hostCleared, basisHolds, conveyance}, Tells: otherSide},
		{From: states{Mobilised}, Verb: "start", To: OnTask, By: senders, Needs: []workflow.Need[Deployment]{hostArrived}, Tells: otherSide},
		{From: states{OnTask}, Verb: "ask_extension", By: senders, Needs: []workflow.Need[Deployment]{laterEnd}, Tells: otherSide},
		{From: states{OnTask}, Verb: "demobilise", To: Demobilised, By: senders, Needs: []workflow.Need[Deployment]{missionReason, lastDay}, Tells: otherSide},
		{From: states{Demobilised}, Verb: "debrief", To: Debriefed, By: senders, Needs: []workflow.Need[Deployment]{reported}, Within: noMission, Tells: otherSide},
		{From: states{Planned, Proposed, ClearanceAsked, Mobilised}, Verb: "cancel", To: Cancelled, By: deciders, Needs: []workflow.Need[Deployment]{missionReason}, Within: noMission, Tells: otherSide},
		{From: states{Proposed, ClearanceAsked, Mobilised, OnTask, Demobilised, Debriefed, Cancelled}, Verb: "receive_half", Other: true},
	},
}

var hostOpen = states{Proposed, Accepted, EntryCleared, Arrived, Departed}

// Hostings is the table of the host.
var Hostings = &workflow.Table[Deployment]{
	Record: HostedTeam, Track: "main", Version: "1", Initial: Proposed, Final: states{Refused, Over, Cancelled},
	State: func(d Deployment) workflow.State { return d.State },
	Steps: []workflow.Step[Deployment]{
		{From: states{""}, Verb: "receive", To: Proposed, Other: true, Within: hostClock},
		{From: hostOpen, Verb: "receive_half", Other: true, Within: hostClock},
		{From: states{Proposed}, Verb: "accept", To: Accepted, By: clearers, Needs: []workflow.Need[Deployment]{consent}, Within: hostClock, Tells: otherSide},
		{From: states{Proposed, Accepted}, Verb: "refuse", To: Refused, By: clearers, Needs: []workflow.Need[Deployment]{deploymentWords}, Within: noMission, Tells: otherSide},
		{From: states{Accepted}, Verb: "clear_entry", To: EntryCleared, By: entrants, Needs: []workflow.Need[Deployment]{senderAsked, clearanceComplete}, Within: noMission, Tells: otherSide},
		{From: states{EntryCleared}, Verb: "register", To: Arrived, By: receivers, Needs: []workflow.Need[Deployment]{senderMobilised, arrivalDay}, Within: noMission, Tells: otherSide},
		{From: states{Arrived}, Verb: "grant", By: entrants, Needs: []workflow.Need[Deployment]{extensionAsked}, Within: noMission, Tells: otherSide},
		{From: states{Arrived}, Verb: "decline", By: entrants, Needs: []workflow.Need[Deployment]{extensionAsked, deploymentWords}, Within: noMission, Tells: otherSide},
		{From: states{Arrived}, Verb: "confirm_departure", To: Departed, By: receivers, Needs: []workflow.Need[Deployment]{senderLeft, departureDay}, Within: noMission, Tells: otherSide},
		{From: states{Departed, Over}, Verb: "clear_report", By: clearers, Tells: otherSide},
		{From: states{Departed}, Verb: "receive_debrief", To: Over, Other: true, Within: noMission},
		{From: states{Proposed, Accepted, EntryCleared}, Verb: "receive_cancel", To: Cancelled, Other: true, Within: noMission},
		{From: states{Refused, Over, Cancelled}, Verb: "note_half", Other: true},
	},
}

// Consignments is the table of the member that sends goods or specimens.
var Consignments = &workflow.Table[Consignment]{
	Record: OwnGoods, Track: "main", Version: "1", Initial: Allocated, Final: states{Reconciled, Cancelled},
	State: func(c Consignment) workflow.State { return c.State },
	Steps: []workflow.Step[Consignment]{
		{From: states{""}, Verb: "allocate", To: Allocated, By: workers},
		{From: states{Allocated}, Verb: "edit", By: workers},
		{From: states{Allocated}, Verb: "pack", To: Packed, By: workers, Needs: itemsComplete, Tells: otherSide},
		{From: states{Packed}, Verb: "ship", To: Shipped, By: senders, Needs: append([]workflow.Need[Consignment]{goodsBasis, carrier}, papers...), Tells: otherSide},
		{From: states{Shipped}, Verb: "reconcile", To: Reconciled, By: senders, Needs: []workflow.Need[Consignment]{otherReceived, differencesSaid}, Within: noGoods, Tells: otherSide},
		{From: states{Allocated, Packed}, Verb: "cancel", To: Cancelled, By: deciders, Needs: []workflow.Need[Consignment]{goodsReason}, Within: noGoods, Tells: otherSide},
		{From: states{Packed, Shipped, Reconciled, Cancelled}, Verb: "receive_half", Other: true, Within: reconcileClock},
	},
}

var arrivalOpen = states{Expected, CustomsHold, Released, GoodsReceived}

// Arrivals is the table of the member that gets them.
var Arrivals = &workflow.Table[Consignment]{
	Record: AwaitedGood, Track: "main", Version: "1", Initial: Expected, Final: states{Reconciled, Cancelled},
	State: func(c Consignment) workflow.State { return c.State },
	Steps: []workflow.Step[Consignment]{
		{From: states{""}, Verb: "receive", To: Expected, Other: true, Within: confirmClock},
		{From: arrivalOpen, Verb: "receive_half", Other: true, Within: confirmClock},
		{From: states{Expected, Released}, Verb: "hold", To: CustomsHold, By: receivers, Needs: []workflow.Need[Consignment]{senderShipped, holdSaid}, Tells: otherSide},
		{From: states{CustomsHold}, Verb: "release", To: Released, By: receivers, Tells: otherSide},
		{From: states{Expected, Released}, Verb: "confirm", To: GoodsReceived, By: receivers, Needs: []workflow.Need[Consignment]{senderShipped, everyLine, importPermit}, Within: noGoods, Tells: otherSide},
		{From: states{GoodsReceived}, Verb: "report", By: receivers, Needs: []workflow.Need[Consignment]{ofSpecimens}, Tells: otherSide},
		{From: states{GoodsReceived}, Verb: "receive_reconciled", To: Reconciled, Other: true, Within: noGoods},
		{From: states{Expected}, Verb: "receive_cancel", To: Cancelled, Other: true, Within: noGoods},
		{From: states{Reconciled, Cancelled}, Verb: "note_half", Other: true},
	},
}

// TableOf is the table that the record follows.
func (d *Deployment) TableOf() *workflow.Table[Deployment] {
	if d.Own() {
		return Deployments
	}
	return Hostings
}

// TableOf is the table that the record follows.
func (c *Consignment) TableOf() *workflow.Table[Consignment] {
	if c.Own() {
		return Consignments
	}
	return Arrivals
}

// Open reports whether something of the arrangement is still to come.
func (a *Arrangement) Open() bool { return open(a.State, Ended, Refused, Withdrawn, Discarded) }

// Open reports whether something of the deployment is still to come.
func (d *Deployment) Open() bool { return open(d.State, Debriefed, Cancelled, Refused, Over) }

// Open reports whether something of the consignment is still to come.
func (c *Consignment) Open() bool { return open(c.State, Reconciled, Cancelled) }
