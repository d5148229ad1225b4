package signal

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the inbox: what may happen next, who may do it, what must be
// there first and by when. WORKFLOW.md is made from these rows.

// States of a signal (domain reference, section 3).
const (
	Received          workflow.State = "received"
	Triaged           workflow.State = "triaged" // to be verified
	UnderVerification workflow.State = "under_verification"
	Monitored         workflow.State = "monitored"
	VerifiedEvent     workflow.State = "verified_event"
	Discarded         workflow.State = "discarded"
	Duplicate         workflow.State = "duplicate_of"
)

// States in the order of the tabs.
var States = []workflow.State{Received, Triaged, UnderVerification, Monitored, VerifiedEvent, Discarded, Duplicate}

// OpenStates are those that somebody must still decide on.
var OpenStates = []workflow.State{Received, Triaged, UnderVerification}

// States of an import.
const (
	Uploaded        workflow.State = "uploaded" // columns not yet confirmed
	Checking        workflow.State = "checking"
	Stopped         workflow.State = "stopped"
	Checked         workflow.State = "checked"
	Storing         workflow.State = "storing"
	Stored          workflow.State = "stored"
	ImportDiscarded workflow.State = "discarded"
	Failed          workflow.State = "failed"
)

var (
	watchers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	overseers = append(slices.Clone(watchers), access.Approver)
	working   = []workflow.State{Received, Triaged, UnderVerification, Monitored}
)

// Signals is the table of a signal.
var Signals = &workflow.Table[Signal]{
	Record: "signal.signal", Track: "main", Version: "1",
	Initial: Received, Final: []workflow.State{VerifiedEvent, Discarded, Duplicate},
	Place: func(s Signal) string { return s.Place },
	State: func(s Signal) workflow.State { return s.State },
	Steps: []workflow.Step[Signal]{
		{From: []workflow.State{""}, Verb: "record", To: Received, By: watchers, Within: triageWithin},
		{From: []workflow.State{""}, Verb: "import", To: Received, By: watchers, Within: triageWithin},
		{From: []workflow.State{""}, Verb: "archive", To: Monitored, By: watchers, Within: none[Signal]()},
		{From: []workflow.State{""}, Verb: "raise", To: Received, Other: true, Within: triageWithin},
		{From: []workflow.State{""}, Verb: "receive", To: Received, Other: true, Within: triageWithin},
		{From: append([]workflow.State{VerifiedEvent, Duplicate}, working...), Verb: "grow", Other: true},
		{From: working, Verb: "claim", By: watchers, Needs: []need{unclaimed}},
		{From: working, Verb: "release", By: watchers, Needs: []need{claimMine}},
		{From: working, Verb: "take_over", By: overseers, Needs: []need{claimOthers, hasReason}},
		{From: working, Verb: "edit", By: watchers, Needs: []need{notOthers}},
		{From: append([]workflow.State{VerifiedEvent, Discarded}, working...), Verb: "note", By: overseers, Needs: []need{hasReason}},
		{From: []workflow.State{Received}, Verb: "triage", To: Triaged, By: watchers, Needs: []need{notOthers}, Within: verifyWithin},
		{From: []workflow.State{Triaged}, Verb: "begin", To: UnderVerification, By: watchers, Needs: []need{notOthers}},
		{From: []workflow.State{Monitored}, Verb: "begin", To: UnderVerification, By: watchers, Needs: []need{notOthers}, Within: verifyWithin},
		{From: []workflow.State{Triaged, UnderVerification}, Verb: "escalate", Other: true, Tells: []string{"approver", "IHR focal point"}},
		{From: []workflow.State{UnderVerification}, Verb: "verify", To: VerifiedEvent, By: watchers,
			Needs: []need{notOthers, hasReliability, hasCredibility, hasConfirmation, hasEvent}, Within: none[Signal]()},
		{From: []workflow.State{Received, Triaged, UnderVerification}, Verb: "monitor", To: Monitored, By: watchers, Needs: []need{notOthers, hasReason}, Within: reviewWithin},
		{From: []workflow.State{Monitored}, Verb: "keep", By: watchers, Needs: []need{notOthers, hasReason}, Within: reviewWithin},
		{From: working, Verb: "discard", To: Discarded, By: watchers, Needs: []need{notOthers, hasReason}, Within: none[Signal]()},
		{From: working, Verb: "merge", To: Duplicate, By: watchers, Needs: []need{notOthers, hasTwin}, Within: none[Signal]()},
		{From: working, Verb: "apart", By: watchers, Needs: []need{notOthers}},
		{From: []workflow.State{Duplicate}, Verb: "split", To: Received, By: watchers, Needs: []need{hasReason}, Within: triageAgain},
		{From: []workflow.State{VerifiedEvent, Discarded}, Verb: "reopen", To: Triaged, By: overseers, Needs: []need{hasReason}, Within: verifyWithin},
	},
}

// TriageOutcomes are the steps that decide at triage, also for many at once.
var TriageOutcomes = []workflow.Verb{"triage", "monitor", "discard"}

// Imports is the table of an import: a bulk of signals that comes in by its
// own, equally audited door.
var Imports = &workflow.Table[Import]{
	Record: "signal.import", Track: "main", Version: "1",
	Initial: Uploaded, Final: []workflow.State{Stored, ImportDiscarded, Failed},
	State: func(i Import) workflow.State { return i.State },
	Steps: []workflow.Step[Import]{
		{From: []workflow.State{""}, Verb: "upload", To: Uploaded, By: watchers},
		{From: []workflow.State{Uploaded, Checked, Stopped}, Verb: "check", To: Checking, By: watchers, Needs: []workflow.Need[Import]{textMapped}},
		{From: []workflow.State{Checking}, Verb: "stop", To: Stopped, By: watchers},
		{From: []workflow.State{Stopped}, Verb: "resume", To: Checking, By: watchers},
		{From: []workflow.State{Checking}, Verb: "checked", To: Checked, Other: true},
		{From: []workflow.State{Checked}, Verb: "mend", By: watchers},
		{From: []workflow.State{Checked}, Verb: "store", To: Storing, By: watchers, Needs: []workflow.Need[Import]{someRows}},
		{From: []workflow.State{Storing}, Verb: "stored", To: Stored, Other: true},
		{From: []workflow.State{Uploaded, Stopped, Checked, Failed}, Verb: "discard", To: ImportDiscarded, By: watchers},
		{From: []workflow.State{Checking, Storing}, Verb: "fail", To: Failed, Other: true},
	},
}

func noTime[R any](R, time.Time) time.Time { return time.Time{} }
