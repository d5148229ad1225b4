package incident

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when. WORKFLOW.md is made from these rows. Nothing is told to
// other members.

// States.
const (
	Open         workflow.State = "open"
	Standing     workflow.State = "standing_down"
	Closed       workflow.State = "closed"
	Planned      workflow.State = "planned"
	OnDuty       workflow.State = "on_duty"
	HandedOver   workflow.State = "handed_over" // still holds the function
	Relieved     workflow.State = "relieved"
	Ended        workflow.State = "ended"
	Cancelled    workflow.State = "cancelled"
	Draft        workflow.State = "draft"
	Submitted    workflow.State = "submitted"
	Approved     workflow.State = "approved"
	InForce      workflow.State = "in_force"
	Over         workflow.State = "over"
	Superseded   workflow.State = "superseded"
	Discarded    workflow.State = "discarded"
	Written      workflow.State = "written"
	Active       workflow.State = "active"
	Retired      workflow.State = "retired"
	Ringing      workflow.State = "ringing"
	Escalated    workflow.State = "escalated"
	Acknowledged workflow.State = "acknowledged"
	Listed       workflow.State = "listed"
	Cleared      workflow.State = "cleared"
)

// staff are who works in an operations centre.
var staff = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk}

// Incidents is the table of an activation.
var Incidents = &workflow.Table[Incident]{
	Record: KindIncident, Track: "main", Version: "1",
	Initial: Open, Final: []workflow.State{Closed},
	Place: func(r Incident) string { return r.Place },
	State: func(r Incident) workflow.State { return r.State },
	Steps: []workflow.Step[Incident]{
		{From: []workflow.State{""}, Verb: "open", To: Open, By: staff},
		{From: []workflow.State{Open, Standing}, Verb: "edit", By: staff},
		{From: []workflow.State{Open}, Verb: "set_mode", By: staff, Needs: []workflow.Need[Incident]{incidentReason}},
		{From: []workflow.State{Open}, Verb: "stand_down", To: Standing, By: staff, Needs: []workflow.Need[Incident]{incidentReason}},
		{From: []workflow.State{Standing}, Verb: "resume", To: Open, By: staff, Needs: []workflow.Need[Incident]{incidentReason}},
		{From: []workflow.State{Open, Standing}, Verb: "close", To: Closed, By: staff, Needs: []workflow.Need[Incident]{demobilised}},
		{From: []workflow.State{Closed}, Verb: "reopen", To: Open, By: staff, Needs: []workflow.Need[Incident]{incidentReason}},
	},
}

// Duties is the table of one person's shift in one function.
var Duties = &workflow.Table[Duty]{
	Record: KindDuty, Track: "main", Version: "1",
	Initial: Planned, Final: []workflow.State{Relieved, Ended, Cancelled},
	Place: func(r Duty) string { return r.Place },
	State: func(r Duty) workflow.State { return r.State },
	Steps: []workflow.Step[Duty]{
		{From: []workflow.State{""}, Verb: "roster", To: Planned, By: staff, Needs: []workflow.Need[Duty]{dutyOpen}, Within: takeWithin},
		{From: []workflow.State{Planned}, Verb: "take", To: OnDuty, By: staff, Needs: []workflow.Need[Duty]{dutyOpen, ownDuty, shiftNear}, Within: shiftWithin},
		{From: []workflow.State{Planned}, Verb: "cancel", To: Cancelled, By: staff, Within: noClockDuty},
		{From: []workflow.State{OnDuty}, Verb: "hand_over", To: HandedOver, By: staff, Needs: []workflow.Need[Duty]{ownDuty, brief}, Within: reliefWithin},
		{From: []workflow.State{HandedOver}, Verb: "relieve", To: Relieved, By: staff, Needs: []workflow.Need[Duty]{another}, Within: noClockDuty},
		{From: []workflow.State{OnDuty, HandedOver}, Verb: "end", To: Ended, By: staff, Needs: []workflow.Need[Duty]{dutyReason}, Within: noClockDuty},
	},
}

// Plans is the table of one edition of an action plan.
var Plans = &workflow.Table[Plan]{
	Record: KindPlan, Track: "main", Version: "1",
	Initial: Draft, Final: []workflow.State{Over, Superseded, Discarded},
	Place: func(r Plan) string { return r.Place },
	State: func(r Plan) workflow.State { return r.State },
	Steps: []workflow.Step[Plan]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: staff, Needs: []workflow.Need[Plan]{planOpen}},
		{From: []workflow.State{Draft}, Verb: "edit", By: staff},
		{From: []workflow.State{Draft}, Verb: "submit", To: Submitted, By: staff, Needs: content, Within: approveWithin},
		{From: []workflow.State{Submitted}, Verb: "return", To: Draft, By: staff, Needs: []workflow.Need[Plan]{mayApprove, planReason}, Within: noClockPlan},
		{From: []workflow.State{Submitted}, Verb: "approve", To: Approved, By: staff, Needs: append([]workflow.Need[Plan]{secondPerson, mayApprove, planOpen}, content...), Within: beginWithin},
		{From: []workflow.State{Approved}, Verb: "begin", To: InForce, By: staff, Needs: []workflow.Need[Plan]{hasBegun, planOpen}, Within: periodWithin},
		{From: []workflow.State{InForce}, Verb: "close", To: Over, By: staff, Needs: []workflow.Need[Plan]{periodOver}, Within: noClockPlan},
		{From: []workflow.State{Approved, InForce}, Verb: "supersede", To: Superseded, Other: true, Within: noClockPlan},
		{From: []workflow.State{Draft, Submitted}, Verb: "discard", To: Discarded, By: staff, Within: noClockPlan},
	},
}

// Entries is the table of a line of the activity log: it is written, and that
// is all.
var Entries = &workflow.Table[Entry]{
	Record: KindEntry, Track: "main", Version: "1",
	Initial: Written, Final: []workflow.State{Written},
	Place: func(r Entry) string { return r.Place },
	State: func(r Entry) workflow.State { return r.State },
	Steps: []workflow.Step[Entry]{
		{From: []workflow.State{""}, Verb: "write", To: Written, By: staff},
		{From: []workflow.State{""}, Verb: "feed", To: Written, Other: true},
	},
}

// Requirements is the table of a critical information requirement.
var Requirements = &workflow.Table[Requirement]{
	Record: KindRequirement, Track: "main", Version: "1",
	Initial: Active, Final: []workflow.State{Retired},
	Place: func(r Requirement) string { return r.Place },
	State: func(r Requirement) workflow.State { return r.State },
	Steps: []workflow.Step[Requirement]{
		{From: []workflow.State{""}, Verb: "require", To: Active, By: staff},
		{From: []workflow.State{Active}, Verb: "see", Other: true},
		{From: []workflow.State{Active}, Verb: "retire", To: Retired, By: staff, Needs: []workflow.Need[Requirement]{requirementReason}},
	},
}

// Rings is the table of one time that a requirement was met.
var Rings = &workflow.Table[Ring]{
	Record: KindRing, Track: "main", Version: "1",
	Initial: Ringing, Final: []workflow.State{Acknowledged},
	Place: func(r Ring) string { return r.Place },
	State: func(r Ring) workflow.State { return r.State },
	Steps: []workflow.Step[Ring]{
		{From: []workflow.State{""}, Verb: "ring", To: Ringing, By: staff, Within: ackWithin},
		{From: []workflow.State{Ringing, Escalated}, Verb: "acknowledge", To: Acknowledged, By: staff, Needs: []workflow.Need[Ring]{named}, Within: noClockRing},
		{From: []workflow.State{Ringing, Escalated}, Verb: "escalate", To: Escalated, Other: true, Within: ackWithin},
	},
}

// Checkouts is the table of the release of a function or resource.
var Checkouts = &workflow.Table[Checkout]{
	Record: KindCheckout, Track: "main", Version: "1",
	Initial: Listed, Final: []workflow.State{Cleared, Cancelled},
	Place: func(r Checkout) string { return r.Place },
	State: func(r Checkout) workflow.State { return r.State },
	Steps: []workflow.Step[Checkout]{
		{From: []workflow.State{""}, Verb: "list", To: Listed, By: staff},
		{From: []workflow.State{Listed}, Verb: "edit", By: staff},
		{From: []workflow.State{Listed}, Verb: "clear", To: Cleared, By: staff, Needs: []workflow.Need[Checkout]{nothingLeft}},
		{From: []workflow.State{Listed}, Verb: "cancel", To: Cancelled, By: staff, Needs: []workflow.Need[Checkout]{checkoutReason}},
		{From: []workflow.State{Cleared}, Verb: "reopen", To: Listed, By: staff, Needs: []workflow.Need[Checkout]{checkoutReason}},
	},
}
