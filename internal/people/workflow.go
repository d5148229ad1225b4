package people

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of an account and of a grant.
const (
	Invited   workflow.State = "invited"
	Active    workflow.State = "active"
	Suspended workflow.State = "suspended"
	Closed    workflow.State = "closed"

	Asked    workflow.State = "asked"
	Granted  workflow.State = "granted"
	Declined workflow.State = "declined"
	Revoked  workflow.State = "revoked"
)

// Verbs.
const (
	Accept     workflow.Verb = "accept"
	Invite     workflow.Verb = "invite"
	Edit       workflow.Verb = "edit"
	Suspend    workflow.Verb = "suspend"
	Reactivate workflow.Verb = "reactivate"
	Close      workflow.Verb = "close"
	Approve    workflow.Verb = "approve"
	Decline    workflow.Verb = "decline"
	Revoke     workflow.Verb = "revoke"
)

// accountCase is an account with what its needs ask for.
type accountCase struct {
	Account
	last bool // no other account administers the node
}

// grantCase is a grant with what its needs ask for.
type grantCase struct {
	RoleGrant
	last bool // the grant that keeps the node's last administrator
}

var admin = []access.Role{access.Administrator}

// Accounts is the track of an account. Accept is done with the one-time link,
// which is the authority; so the node takes that step.
var accountTable = workflow.Table[accountCase]{
	Record: "people.account", Track: "main", Version: "1",
	Initial: Invited, Final: []workflow.State{Closed},
	State: func(c accountCase) workflow.State { return c.State },
	Steps: []workflow.Step[accountCase]{
		{From: []workflow.State{Invited, Active}, Verb: Accept, To: Active, Other: true},
		{From: []workflow.State{Invited, Active}, Verb: Invite, By: admin},
		{From: []workflow.State{Invited, Active, Suspended}, Verb: Edit, By: admin},
		{From: []workflow.State{Invited, Active}, Verb: Suspend, To: Suspended, By: admin, Needs: []workflow.Need[accountCase]{keepsAdministrator}},
		{From: []workflow.State{Suspended}, Verb: Reactivate, To: Active, By: admin, Needs: []workflow.Need[accountCase]{notOwnAccount}},
		{From: []workflow.State{Invited, Active, Suspended}, Verb: Close, To: Closed, By: admin, Needs: []workflow.Need[accountCase]{keepsAdministrator}},
	},
}

// grantTable is the track of a grant that needs a second administrator; one
// that needs none starts as granted (see startState in grant.go).
var grantTable = workflow.Table[grantCase]{
	Record: "people.grant", Track: "main", Version: "1",
	Initial: Asked, Final: []workflow.State{Declined, Revoked},
	State: func(c grantCase) workflow.State { return c.State },
	Steps: []workflow.Step[grantCase]{
		{From: []workflow.State{Asked}, Verb: Approve, To: Granted, By: admin, Needs: []workflow.Need[grantCase]{secondAdministrator, notOwnGrant}},
		{From: []workflow.State{Asked}, Verb: Decline, To: Declined, By: admin},
		{From: []workflow.State{Granted}, Verb: Revoke, To: Revoked, By: admin, Needs: []workflow.Need[grantCase]{leavesAdministrator}},
	},
}

var (
	keepsAdministrator = workflow.Need[accountCase]{Name: "people.keeps_administrator",
		Check: func(c accountCase, _ access.Actor, _ time.Time) bool { return !c.last }}
	notOwnAccount = workflow.Need[accountCase]{Name: "people.not_own_account",
		Check: func(c accountCase, a access.Actor, _ time.Time) bool { return a.System || a.Account != c.ID }}
	secondAdministrator = workflow.Need[grantCase]{Name: "people.second_administrator",
		Check: func(g grantCase, a access.Actor, _ time.Time) bool { return a.System || a.Account != g.AskedBy }}
	notOwnGrant = workflow.Need[grantCase]{Name: "people.not_own_grant",
		Check: func(g grantCase, a access.Actor, _ time.Time) bool { return a.System || a.Account != g.Account }}
	leavesAdministrator = workflow.Need[grantCase]{Name: "people.keeps_administrator",
		Check: func(g grantCase, _ access.Actor, _ time.Time) bool { return !g.last }}
)

// Procedure writes the tables for the people who approve them.
func Procedure() string { return accountTable.Markdown() + "\n" + grantTable.Markdown() }

// check asks a table for one step: state, role and needs.
func check[R any](t *workflow.Table[R], rec R, verb workflow.Verb, by access.Actor, now time.Time) (*workflow.Step[R], error) {
	s, err := t.Authorise(rec, verb, by)
	if err != nil {
		return nil, err
	}
	return s, workflow.Satisfied(s, rec, by, now)
}
