package trail

import (
	"lintas/internal/access"
	"lintas/internal/workflow"
)

// The rule of the trail: what may happen next, who may do it, what must be
// there first, by when, and who is told. WORKFLOW.md is made from these rows.

// States.
const (
	Draft     workflow.State = "draft"
	Final     workflow.State = "final" // settled here, not yet released
	Released  workflow.State = "released"
	Withdrawn workflow.State = "withdrawn"
	Discarded workflow.State = "discarded"

	Proposed workflow.State = "proposed"
	Verified workflow.State = "verified"
	Closed   workflow.State = "closed" // by its proposer, with a reason

	Offered   workflow.State = "offered" // asked of this state, which has not answered
	Accepted  workflow.State = "accepted"
	Countered workflow.State = "countered"
	Declined  workflow.State = "declined"
	Working   workflow.State = "working"
	Finished  workflow.State = "finished" // complete by the word of who did it; a second person reports it
	Done      workflow.State = "done"     // reported, waits for verification
	Dropped   workflow.State = "dropped"  // given up by its owner, with a reason
	Ended     workflow.State = "ended"    // its proposer took it back, with a reason
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.SecretariatDsk}
	clearers = []access.Role{access.Approver, access.IHRAuthority, access.SecretariatDsk}
)

func needs[R any](lists ...[]workflow.Need[R]) []workflow.Need[R] {
	var out []workflow.Need[R]
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func one[R any](n workflow.Need[R]) []workflow.Need[R] { return []workflow.Need[R]{n} }

// paper are the steps that findings and recommendations share: written, settled,
// released by a second person, sent on to more members, mended by a new version,
// withdrawn.
func paper[R any](content []workflow.Need[R], second, reason workflow.Need[R]) []workflow.Step[R] {
	return []workflow.Step[R]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "settle", To: Final, By: writers, Needs: content},
		{From: []workflow.State{Final}, Verb: "return", To: Draft, By: append(writers, access.Approver, access.IHRAuthority), Needs: one(reason)},
		{From: []workflow.State{Final}, Verb: "release", To: Released, By: clearers, Needs: append(one(second), content...), Tells: []string{"recipients"}},
		{From: []workflow.State{Released}, Verb: "send_on", By: clearers, Needs: append([]workflow.Need[R]{second, reachable[R]()}, content...), Tells: []string{"recipients"}},
		{From: []workflow.State{Released}, Verb: "mend", To: Draft, By: writers, Needs: one(reason)},
		{From: []workflow.State{Released}, Verb: "withdraw", To: Withdrawn, By: clearers, Needs: one(reason), Tells: []string{"recipients"}},
		{From: []workflow.State{Draft}, Verb: "discard", To: Discarded, By: writers, Needs: one(unreleased[R]())},
	}
}

// Findings is the table of a finding.
var Findings = &workflow.Table[Finding]{
	Record: KindFinding, Track: "main", Version: "2", Initial: Draft, Final: []workflow.State{Withdrawn, Discarded},
	State: func(f Finding) workflow.State { return f.State },
	Steps: paper(findingContent, secondPerson[Finding](), reasoned[Finding]()),
}

// Recommendations is the table of a recommendation.
var Recommendations = &workflow.Table[Recommendation]{
	Record: KindRecommendation, Track: "main", Version: "2", Initial: Draft, Final: []workflow.State{Withdrawn, Discarded},
	State: func(r Recommendation) workflow.State { return r.State },
	Steps: paper(recommendationContent, secondPerson[Recommendation](), reasoned[Recommendation]()),
}

// Proposals is the table of the proposer's half of an action.
var Proposals = &workflow.Table[Proposal]{
	Record: KindProposal, Track: "main", Version: "1", Initial: Draft, Final: []workflow.State{Verified, Closed, Discarded},
	State: func(p Proposal) workflow.State { return p.State },
	Steps: []workflow.Step[Proposal]{
		{From: []workflow.State{""}, Verb: "draft", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "propose", To: Proposed, By: clearers, Needs: append(one(secondPerson[Proposal]()), proposalContent...), Within: answerWithin, Tells: []string{"the state asked", "informed members"}},
		{From: []workflow.State{Proposed}, Verb: "revise", By: clearers, Needs: append(one(answeredNo), proposalContent...), Within: answerWithin, Tells: []string{"the state asked", "informed members"}},
		{From: []workflow.State{Proposed}, Verb: "verify", To: Verified, By: clearers, Needs: needs(one(reported), one(notTheDoer), one(judged)), Within: noClock[Proposal](), Tells: []string{"the state asked", "informed members"}},
		{From: []workflow.State{Proposed}, Verb: "send_back", By: clearers, Needs: needs(one(reported), one(notTheDoer), one(judged)), Tells: []string{"the state asked", "informed members"}},
		{From: []workflow.State{Proposed}, Verb: "close", To: Closed, By: clearers, Needs: one(reasoned[Proposal]()), Within: noClock[Proposal](), Tells: []string{"the state asked", "informed members"}},
		{From: []workflow.State{Draft}, Verb: "discard", To: Discarded, By: writers, Within: noClock[Proposal]()},
	},
}

// Actions is the table of the half of the state that was asked.
var Actions = &workflow.Table[Action]{
	Record: KindAction, Track: "main", Version: "1", Initial: Offered, Final: []workflow.State{Verified, Dropped, Ended},
	State: func(a Action) workflow.State { return a.State },
	Steps: []workflow.Step[Action]{
		{From: []workflow.State{""}, Verb: "receive", To: Offered, Other: true, Within: offerWithin},
		{From: []workflow.State{Offered, Countered, Declined}, Verb: "accept", To: Accepted, By: clearers, Needs: one(dueSet), Within: dueWithin, Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Offered}, Verb: "counter", To: Countered, By: clearers, Needs: needs(one(countered), one(reasoned[Action]())), Within: noClock[Action](), Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Offered, Countered}, Verb: "decline", To: Declined, By: clearers, Needs: one(reasoned[Action]()), Within: noClock[Action](), Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Offered, Countered, Declined}, Verb: "revise", To: Offered, Other: true, Within: offerWithin},
		{From: []workflow.State{Countered}, Verb: "agree", To: Accepted, Other: true, Within: dueWithin},
		{From: []workflow.State{Accepted}, Verb: "start", To: Working, By: writers},
		{From: []workflow.State{Accepted, Working}, Verb: "note", By: writers, Needs: one(noted)},
		{From: []workflow.State{Accepted, Working}, Verb: "share", By: clearers, Needs: one(unshared), Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Accepted, Working}, Verb: "postpone", By: clearers, Needs: needs(one(dueSet), one(reasoned[Action]())), Within: dueWithin, Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Accepted, Working}, Verb: "finish", To: Finished, By: writers, Needs: one(evidence)},
		{From: []workflow.State{Finished}, Verb: "return", To: Working, By: append(writers, access.Approver, access.IHRAuthority), Needs: one(reasoned[Action]())},
		{From: []workflow.State{Finished}, Verb: "report", To: Done, By: clearers, Needs: needs(one(evidence), one(notWhoFinished)), Within: verifyWithin, Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Done}, Verb: "verify", To: Verified, Other: true, Within: noClock[Action]()},
		{From: []workflow.State{Done}, Verb: "reopen", To: Working, Other: true, Within: dueWithin},
		{From: []workflow.State{Accepted, Working, Finished}, Verb: "drop", To: Dropped, By: clearers, Needs: one(reasoned[Action]()), Within: noClock[Action](), Tells: []string{"proposer", "informed members"}},
		{From: []workflow.State{Offered, Countered, Declined, Done}, Verb: "end", To: Ended, Other: true, Within: noClock[Action]()},
	},
}
