package request

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the part for requests and offers. What two members do together
// is two tables, one for each side's half; workflow_pairs.go has those of
// arrangements, deployments and consignments.

// States of a request, of a received request and of an offer.
const (
	Draft     workflow.State = "draft"
	Clearance workflow.State = "clearance"
	Cleared   workflow.State = "cleared"
	Issued    workflow.State = "issued"
	Received  workflow.State = "received"
	Opened    workflow.State = "opened"
	Offered   workflow.State = "offered"
	Accepted  workflow.State = "accepted"
	Partly    workflow.State = "accepted_partial"
	Declined  workflow.State = "declined"
	Closed    workflow.State = "closed"
	Withdrawn workflow.State = "withdrawn"
	Expired   workflow.State = "expired"
	Lapsed    workflow.State = "lapsed"
	Discarded workflow.State = "discarded"
)

type states = []workflow.State

var (
	workers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	senders  = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
	deciders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.SecretariatDsk}
)

var (
	asked     = []string{"addressees"}
	requester = []string{"requester"}
	offerer   = []string{"offering member"}
	informed  = []string{"requester", "informed bodies"}
)

// Requests is the table of a request at the member that asks. An issued
// request that is amended goes through clearance again; the version that was
// issued holds meanwhile.
var Requests = &workflow.Table[Request]{
	Record: OwnRequest, Track: "main", Version: "1", Initial: Draft, Final: states{Closed, Withdrawn, Expired, Discarded},
	State: func(r Request) workflow.State { return r.State },
	Steps: []workflow.Step[Request]{
		{From: states{""}, Verb: "draft", To: Draft, By: workers},
		{From: states{Draft}, Verb: "edit", By: workers},
		{From: states{Draft}, Verb: "submit", To: Clearance, By: workers, Needs: requestComplete, Within: clearRequest},
		{From: states{Clearance, Cleared}, Verb: "recall", To: Draft, By: workers, Within: answerStays},
		{From: states{Clearance}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Request]{requestReason}, Within: answerStays},
		{From: states{Clearance}, Verb: "clear", To: Cleared, By: clearers, Needs: append([]workflow.Need[Request]{requestSecond}, requestComplete...), Within: answerStays},
		{From: states{Cleared}, Verb: "issue", To: Issued, By: senders, Needs: requestComplete, Within: answerClock, Tells: asked},
		{From: states{Draft}, Verb: "discard", To: Discarded, By: workers, Needs: []workflow.Need[Request]{neverIssued}},
		{From: states{Draft, Clearance, Cleared}, Verb: "drop_changes", To: Issued, By: workers, Needs: []workflow.Need[Request]{wasIssued}, Within: answerStays},
		{From: states{Issued}, Verb: "amend", To: Draft, By: workers},
		{From: states{Issued}, Verb: "remind", By: senders, Needs: []workflow.Need[Request]{someSilent}, Tells: []string{"silent addressees"}},
		{From: standing, Verb: "receive_answer", Other: true},
		{From: standing, Verb: "receive_offer", Other: true, Within: answerStays},
		{From: standing, Verb: "note_receipt", Other: true},
		{From: states{Issued}, Verb: "close", To: Closed, By: deciders, Needs: []workflow.Need[Request]{requestReason}, Within: noAnswer, Tells: asked},
		{From: states{Issued}, Verb: "withdraw", To: Withdrawn, By: deciders, Needs: []workflow.Need[Request]{requestReason}, Within: noAnswer, Tells: asked},
		{From: states{Issued}, Verb: "lapse", To: Expired, Other: true, Needs: []workflow.Need[Request]{requestPast}, Within: noAnswer, Tells: asked},
	},
}

// standing are the states in which a request may be out there.
var standing = states{Draft, Clearance, Cleared, Issued, Closed, Withdrawn, Expired}

// callOpen are the states in which an addressee may still answer.
var callOpen = states{Received, Opened, Offered, Declined}

// Calls is the table of the same request at an addressee.
var Calls = &workflow.Table[Request]{
	Record: Call, Track: "main", Version: "1", Initial: Received, Final: states{Closed, Withdrawn, Expired},
	State: func(r Request) workflow.State { return r.State },
	Steps: []workflow.Step[Request]{
		{From: states{""}, Verb: "receive", To: Received, Other: true, Within: answerClock},
		{From: states{Received}, Verb: "open", To: Opened, By: deciders, Tells: requester},
		{From: states{Received, Opened}, Verb: "decline", To: Declined, By: deciders, Needs: []workflow.Need[Request]{requestWords}, Within: noAnswer, Tells: requester},
		{From: states{Declined}, Verb: "reconsider", To: Opened, By: deciders, Within: answerClock, Tells: requester},
		{From: states{Received, Opened, Declined, Offered}, Verb: "offer", To: Offered, Other: true, Within: noAnswer},
		{From: callOpen, Verb: "receive_version", Other: true, Within: callStays},
		{From: states{Received, Opened}, Verb: "receive_reminder", Other: true},
		{From: callOpen, Verb: "receive_closing", To: Closed, Other: true, Within: noAnswer},
		{From: callOpen, Verb: "receive_expiry", To: Expired, Other: true, Within: noAnswer},
		{From: callOpen, Verb: "receive_withdrawal", To: Withdrawn, Other: true, Within: noAnswer},
	},
}

// given are the states in which an offer is out there.
var given = states{Offered, Accepted, Partly, Declined}

// Offers is the table of an offer at the member that offers.
var Offers = &workflow.Table[Offer]{
	Record: OwnOffer, Track: "main", Version: "1", Initial: Draft, Final: states{Withdrawn, Lapsed, Discarded},
	State: func(o Offer) workflow.State { return o.State },
	Steps: []workflow.Step[Offer]{
		{From: states{""}, Verb: "draft", To: Draft, By: workers},
		{From: states{Draft}, Verb: "edit", By: workers},
		{From: states{Draft}, Verb: "submit", To: Clearance, By: workers, Needs: offerComplete, Within: clearOffer},
		{From: states{Clearance, Cleared}, Verb: "recall", To: Draft, By: workers, Within: noDecision},
		{From: states{Clearance}, Verb: "return", To: Draft, By: clearers, Needs: []workflow.Need[Offer]{offerReason}, Within: noDecision},
		{From: states{Clearance}, Verb: "clear", To: Cleared, By: clearers, Needs: append([]workflow.Need[Offer]{offerSecond}, offerComplete...), Within: noDecision},
		{From: states{Cleared}, Verb: "issue", To: Offered, By: senders, Needs: offerComplete, Within: decisionClock, Tells: informed},
		{From: states{Draft, Clearance, Cleared}, Verb: "discard", To: Discarded, By: workers, Within: noDecision},
		{From: given, Verb: "receive_acceptance", To: Accepted, Other: true, Within: noDecision},
		{From: given, Verb: "receive_part", To: Partly, Other: true, Within: noDecision},
		{From: given, Verb: "receive_decline", To: Declined, Other: true, Within: noDecision},
		{From: states{Offered, Accepted, Partly}, Verb: "withdraw", To: Withdrawn, By: deciders, Needs: []workflow.Need[Offer]{offerReason}, Within: noDecision, Tells: informed},
		{From: states{Offered}, Verb: "lapse", To: Lapsed, Other: true, Needs: []workflow.Need[Offer]{offerPast}, Within: noDecision, Tells: informed},
	},
}

// Bids is the table of the same offer at the requester: what it takes of it.
var Bids = &workflow.Table[Offer]{
	Record: Bid, Track: "main", Version: "1", Initial: Received, Final: states{Withdrawn, Lapsed},
	State: func(o Offer) workflow.State { return o.State },
	Steps: []workflow.Step[Offer]{
		{From: states{""}, Verb: "receive", To: Received, Other: true, Within: decisionClock},
		{From: states{Received}, Verb: "open", To: Opened, By: deciders},
		{From: states{Received, Opened, Partly, Declined}, Verb: "accept", To: Accepted, By: clearers, Needs: []workflow.Need[Offer]{takesAll, notOver}, Within: noDecision, Tells: offerer},
		{From: states{Received, Opened, Partly, Declined}, Verb: "accept_part", To: Partly, By: clearers, Needs: []workflow.Need[Offer]{takesSome, notOver}, Within: noDecision, Tells: offerer},
		{From: states{Received, Opened}, Verb: "decline", To: Declined, By: deciders, Needs: []workflow.Need[Offer]{decisionWords}, Within: noDecision, Tells: offerer},
		{From: states{Received, Opened, Accepted, Partly, Declined}, Verb: "receive_withdrawal", To: Withdrawn, Other: true, Within: noDecision},
		{From: states{Received, Opened, Accepted, Partly, Declined}, Verb: "receive_lapse", To: Lapsed, Other: true, Within: noDecision},
	},
}

// TableOf is the table that the record follows.
func (r *Request) TableOf() *workflow.Table[Request] {
	if r.Own() {
		return Requests
	}
	return Calls
}

// TableOf is the table that the record follows.
func (o *Offer) TableOf() *workflow.Table[Offer] {
	if o.Own() {
		return Offers
	}
	return Bids
}

// Open reports whether something of the request is still to come.
func (r *Request) Open() bool { return open(r.State, Closed, Withdrawn, Expired, Discarded) }

// Open reports whether something of the offer is still to come.
func (o *Offer) Open() bool { return open(o.State, Withdrawn, Lapsed, Discarded) }

func open(s workflow.State, final ...workflow.State) bool {
	for _, f := range final {
		if s == f {
			return false
		}
	}
	return s != ""
}

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
