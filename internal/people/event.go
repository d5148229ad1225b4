package people

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// Event is an entry for the history. It names accounts by identifier and
// never carries a login, a name, a secret or a full network address.
type Event struct {
	Name    string // one of the constants below; the catalogue's "event.<Name>"
	By      access.Actor
	Account id.ID // whose account; empty where there is none
	Record  id.ID // the grant, session, token or invitation
	At      time.Time
	Data    map[string]string
}

// Names of events.
const (
	AgencySaved        = "people.agency.saved"
	AccountMade        = "people.account.made"
	AccountEdited      = "people.account.edited"
	AccountSuspended   = "people.account.suspended"
	AccountReactivated = "people.account.reactivated"
	AccountClosed      = "people.account.closed"
	LanguageChosen     = "people.account.language"
	GrantMade          = "people.grant.made"
	GrantAsked         = "people.grant.asked"
	GrantApproved      = "people.grant.approved"
	GrantDeclined      = "people.grant.declined"
	GrantRevoked       = "people.grant.revoked"
	InvitationMade     = "people.invitation.made"
	InvitationOpened   = "people.invitation.opened"
	InvitationAccepted = "people.invitation.accepted"
	SignedInEvent      = "people.session.signed_in"
	SignInSlowed       = "people.session.slowed"
	SteppedUp          = "people.session.stepped_up"
	SignedOut          = "people.session.signed_out"
	PasswordChanged    = "people.password.changed"
	TOTPChanged        = "people.totp.changed"
	RecoveryMade       = "people.recovery.made"
	RecoveryUsed       = "people.recovery.used"
	TokenMade          = "people.token.made"
	TokenRevoked       = "people.token.revoked"
)
