package people

import (
	"slices"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// Names of what may be done with the shell of a node.
const (
	AdministerAccounts = "node.accounts"   // accounts, agencies, grants, invitations
	AdministerTokens   = "node.tokens"     // see and revoke everybody's tokens
	OwnToken           = "node.token.own"  // make and revoke one's own tokens
	ReadAudit          = "node.audit"      // the history of the node
	ReadStatus         = "node.status"     // queues, links, versions
	AdministerNode     = "node.administer" // quarantine, directory, configuration
)

// Capabilities is the table of the node's shell. A row without a scope is
// never done by a token.
var Capabilities = access.Capabilities{
	{Name: AdministerAccounts, By: []access.Role{access.Administrator}},
	{Name: AdministerTokens, By: []access.Role{access.Administrator}},
	{Name: OwnToken, By: access.Roles},
	{Name: ReadAudit, By: []access.Role{access.Auditor, access.Administrator}, Scope: "audit.read"},
	{Name: ReadStatus, By: []access.Role{access.Auditor, access.Administrator}, Scope: "node.read"},
	{Name: AdministerNode, By: []access.Role{access.Administrator}},
}

// Scopes are those of the table above, for Config.Scopes beside the desks'.
func Scopes() []string {
	var out []string
	for _, c := range Capabilities {
		if c.Scope != "" && !slices.Contains(out, c.Scope) {
			out = append(out, c.Scope)
		}
	}
	return out
}

func may(a access.Actor, capability string) error {
	if Capabilities.May(a, capability) {
		return nil
	}
	return fault.New(fault.Forbidden, "fault.people.not_allowed")
}

// person refuses tokens and the node: what follows is for somebody at a page.
func person(a access.Actor) error {
	if a.Account == "" || a.System || a.Scopes != nil {
		return fault.New(fault.Forbidden, "fault.people.person_only")
	}
	return nil
}
