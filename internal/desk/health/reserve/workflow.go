package reserve

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States.
const (
	Draft       workflow.State = "draft"
	Discarded   workflow.State = "discarded"
	Withdrawn   workflow.State = "withdrawn"
	Published   workflow.State = "published"
	Retired     workflow.State = "retired"
	Stated      workflow.State = "stated"
	Usable      workflow.State = "usable"
	Quarantined workflow.State = "quarantined"
	InForce     workflow.State = "in_force"
	Lapsed      workflow.State = "lapsed"
	Asked       workflow.State = "asked"
	Closed      workflow.State = "closed"
	Voted       workflow.State = "voting" // the members vote
	Decided     workflow.State = "decided"
	Given       workflow.State = "given"
	Replaced    workflow.State = "replaced"
	Prepared    workflow.State = "prepared"
	Dispatched  workflow.State = "dispatched"
	Booked      workflow.State = "booked" // the receipt is in both books
	Cancelled   workflow.State = "cancelled"
	Expected    workflow.State = "expected"
	CustomsHold workflow.State = "customs_hold"
	Freed       workflow.State = "freed"
	Received    workflow.State = "received"
	Owed        workflow.State = "owed"
	Settled     workflow.State = "settled"
	Standing    workflow.State = "standing"
	Stopped     workflow.State = "stopped"
)

type (
	states        = []workflow.State
	stepOf[C any] = workflow.Step[Record[C]]
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver, access.SecretariatDsk}
	keepers  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk, access.Approver}
	speakers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint}
	voices   = []access.Role{access.Approver, access.IHRAuthority}
	everyone = []string{"every member"}
)

func table[C any](kind string, initial workflow.State, final states, steps []stepOf[C]) *workflow.Table[Record[C]] {
	return &workflow.Table[Record[C]]{Record: kind, Track: "main", Version: "1", Initial: initial, Final: final, Steps: steps, State: func(r Record[C]) workflow.State { return r.State }}
}

// Items is the table of the specification of an item.
var Items = table(KindItem, Draft, states{Retired, Discarded}, []stepOf[ItemContent]{
	{From: states{""}, Verb: "draft", To: Draft, By: writers},
	{From: states{Draft}, Verb: "edit", By: writers},
	{From: states{Draft}, Verb: "publish", To: Published, By: clearers, Needs: needs(second[ItemContent]()), Tells: everyone},
	{From: states{Published}, Verb: "revise", By: clearers, Tells: everyone},
	{From: states{Published}, Verb: "retire", To: Retired, By: clearers, Needs: needs(reason[ItemContent]()), Tells: everyone},
	{From: states{Draft}, Verb: "discard", To: Discarded, By: writers},
})

// Registrations is the table of what a state's own authority says of an item.
var Registrations = table(KindRegistered, Stated, nil, []stepOf[RegistrationContent]{
	{From: states{""}, Verb: "declare", To: Stated, By: clearers, Needs: needs(ofState[RegistrationContent]()), Tells: everyone},
	{From: states{Stated}, Verb: "change", By: clearers, Tells: everyone},
})

// Lots is the table of the condition of a lot.
var Lots = table(KindLot, Usable, nil, []stepOf[LotContent]{
	{From: states{""}, Verb: "register", To: Usable, By: keepers},
	{From: states{""}, Verb: "receive", To: Usable, Other: true},
	{From: states{Usable}, Verb: "quarantine", To: Quarantined, By: keepers, Needs: needs(reason[LotContent]())},
	{From: states{Quarantined}, Verb: "free", To: Usable, By: clearers, Needs: needs(reason[LotContent]())},
	{From: states{Usable, Quarantined}, Verb: "correct", By: clearers, Needs: needs(reason[LotContent]())},
})

// Pledges is the table of a promise out of a state's own supplies.
var Pledges = table(KindPledge, Draft, states{Withdrawn, Lapsed, Discarded}, []stepOf[PledgeContent]{
	{From: states{""}, Verb: "draft", To: Draft, By: writers, Needs: needs(ofState[PledgeContent]())},
	{From: states{Draft}, Verb: "edit", By: writers},
	{From: states{Draft}, Verb: "pledge", To: InForce, By: clearers, Needs: needs(second[PledgeContent](), pledgeAhead), Within: pledgeWithin, Tells: everyone},
	{From: states{InForce}, Verb: "draw", Other: true, Within: pledgeWithin, Tells: everyone},
	{From: states{InForce}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: needs(reason[PledgeContent]()), Within: no[PledgeContent](), Tells: everyone},
	{From: states{InForce}, Verb: "lapse", To: Lapsed, Other: true, Within: no[PledgeContent](), Tells: everyone},
	{From: states{Draft}, Verb: "discard", To: Discarded, By: writers},
})

// Draws is the table of a request to the reserve.
var Draws = table(KindDraw, Draft, states{Closed, Withdrawn, Discarded}, []stepOf[DrawContent]{
	{From: states{""}, Verb: "draft", To: Draft, By: writers},
	{From: states{Draft}, Verb: "edit", By: writers},
	{From: states{Draft}, Verb: "ask", To: Asked, By: clearers, Needs: needs(second[DrawContent]()), Within: drawWithin, Tells: everyone},
	{From: states{Asked}, Verb: "close", To: Closed, By: writers, Needs: needs(reason[DrawContent]()), Within: no[DrawContent](), Tells: everyone},
	{From: states{Asked}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: needs(reason[DrawContent]()), Within: no[DrawContent](), Tells: everyone},
	{From: states{Draft}, Verb: "discard", To: Discarded, By: writers},
})

// Allocations is the table of a division at the member that proposes it.
var Allocations = table(KindAllocation, Draft, states{Decided, Withdrawn, Discarded}, []stepOf[AllocationContent]{
	{From: states{""}, Verb: "draft", To: Draft, By: writers},
	{From: states{Draft}, Verb: "edit", By: writers},
	{From: states{Draft}, Verb: "propose", To: Voted, By: clearers, Needs: needs(second[AllocationContent](), recomputes, reasoned, sourcesHold), Within: windowWithin, Tells: everyone},
	{From: states{Voted}, Verb: "close", To: Decided, By: append(writers, access.Approver), Needs: needs(windowOver), Within: no[AllocationContent](), Tells: everyone},
	{From: states{Decided}, Verb: "recount", By: append(writers, access.Approver), Needs: needs(leftOut), Tells: everyone},
	{From: states{Voted}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: needs(reason[AllocationContent]()), Within: no[AllocationContent](), Tells: everyone},
	{From: states{Draft}, Verb: "discard", To: Discarded, By: writers},
})

// Votes is the table of a vote at the state that gives it.
var Votes = table(KindVote, Draft, states{Replaced, Discarded}, []stepOf[VoteContent]{
	{From: states{""}, Verb: "draft", To: Draft, By: speakers, Needs: needs(voteAsked, voteReasoned)},
	{From: states{Draft}, Verb: "edit", By: speakers, Needs: needs(voteReasoned)},
	{From: states{Draft}, Verb: "give", To: Given, By: voices, Needs: needs(second[VoteContent](), voteAsked, voteInTime, voteReasoned), Tells: everyone},
	{From: states{Given}, Verb: "replace", To: Replaced, Other: true},
	{From: states{Draft}, Verb: "discard", To: Discarded, By: speakers},
})

// Movements is the table of the member that sends.
var Movements = table(KindMovement, Prepared, states{Booked, Cancelled}, []stepOf[MovementContent]{
	{From: states{""}, Verb: "prepare", To: Prepared, By: keepers},
	{From: states{Prepared}, Verb: "edit", By: keepers},
	{From: states{Prepared}, Verb: "dispatch", To: Dispatched, By: keepers, Needs: needs(hasBasis, waybill), Within: arriveWithin, Tells: everyone},
	{From: states{Dispatched}, Verb: "book_receipt", To: Booked, Other: true, Needs: needs(arrivedThere), Within: no[MovementContent](), Tells: everyone},
	{From: states{Prepared}, Verb: "cancel", To: Cancelled, By: keepers, Needs: needs(reason[MovementContent]()), Within: no[MovementContent]()},
})

// Arrivals is the table of the member that receives.
var Arrivals = table(KindArrival, Expected, states{Received}, []stepOf[ArrivalContent]{
	{From: states{""}, Verb: "expect", To: Expected, Other: true, Within: receiveWithin},
	{From: states{Expected, Freed}, Verb: "hold", To: CustomsHold, By: keepers, Needs: needs(reason[ArrivalContent]()), Within: freeWithin, Tells: everyone},
	{From: states{CustomsHold}, Verb: "free", To: Freed, By: keepers, Within: receiveWithin, Tells: everyone},
	{From: states{Expected, Freed}, Verb: "receive", To: Received, By: keepers, Needs: needs(everyLoad, lossSaid), Within: no[ArrivalContent](), Tells: everyone},
})

// Debts is the table of a replacement owed. Both ends follow from receipts.
var Debts = table(KindDebt, Owed, states{Settled}, []stepOf[DebtContent]{
	{From: states{""}, Verb: "owe", To: Owed, Other: true, Within: debtWithin, Tells: everyone},
	{From: states{Owed}, Verb: "pay_part", Other: true, Within: debtWithin, Tells: everyone},
	{From: states{Owed}, Verb: "settle", To: Settled, Other: true, Needs: needs(paidInFull), Within: no[DebtContent](), Tells: everyone},
})

// Statements is the table of the standing statement of a book.
var Statements = table(KindStatement, Standing, nil, []stepOf[StatementContent]{
	{From: states{""}, Verb: "open", To: Standing, By: clearers, Tells: everyone},
	{From: states{Standing}, Verb: "renew", Other: true, Tells: everyone},
	{From: states{Standing}, Verb: "stop", To: Stopped, By: clearers, Needs: needs(reason[StatementContent]()), Tells: everyone},
	{From: states{Stopped}, Verb: "reopen", To: Standing, By: clearers, Tells: everyone},
})
