// Package access holds who may act: members, roles, markings and the actor
// that every write and read is asked for.
package access

import (
	"slices"
	"time"

	"lintas/internal/id"
)

// Member is a state (ISO 3166-1 alpha-2) or a regional body that runs a node.
type Member string

// States are the eleven ASEAN member states in the order that every strip
// and table of the system uses.
var States = []Member{"BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN"}

// ASEC is the ASEAN Secretariat.
const ASEC Member = "ASEC"

// All are the states and the Secretariat.
func All() []Member { return append(slices.Clone(States), ASEC) }

// Role is what a person may be at a place or an agency of its member.
type Role string

const (
	DutyOfficer    Role = "duty_officer"     // keeps the watch of an operations centre
	Epidemiologist Role = "epidemiologist"   // verifies, assesses, enters facts
	IHRFocalPoint  Role = "ihr_focal_point"  // National IHR Focal Point, IHR (2005) Article 4
	IHRAuthority   Role = "ihr_authority"    // National IHR Authority, IHR (2005) as amended in 2024, Article 4
	Approver       Role = "approver"         // gives the national clearance of what leaves
	SecretariatDsk Role = "secretariat_desk" // the regional desk
	Auditor        Role = "auditor"          // reads everything that was done, changes nothing
	Administrator  Role = "administrator"    // runs the node; sees no content by that role alone
)

// Roles lists every role in the order of the pages.
var Roles = []Role{DutyOfficer, Epidemiologist, IHRFocalPoint, IHRAuthority, Approver, SecretariatDsk, Auditor, Administrator}

// Grant is one role of an account. An empty Place or Agency means the whole
// member; a zero time means no limit.
type Grant struct {
	Role   Role
	Place  string // ISO 3166-2 code, or empty
	Agency string
	From   time.Time
	To     time.Time
}

// Valid reports whether the grant holds at t.
func (g Grant) Valid(t time.Time) bool {
	return (g.From.IsZero() || !t.Before(g.From)) && (g.To.IsZero() || t.Before(g.To))
}

// Actor is who asks: a person at a page, a token at the API, or the node
// itself. It is always an argument, never taken from a context. Grants are
// those that hold at the time of the request.
type Actor struct {
	Account id.ID
	Member  Member
	Name    string // what the history and the pages show: a duty post, or "node"
	Grants  []Grant
	System  bool     // the node acting by itself: import of releases, clocks
	Scopes  []string // of an API token; nil for a person, who has every scope
}

// Node is the actor for what the node does by itself.
func Node(m Member) Actor { return Actor{Member: m, Name: "node", System: true} }

// Has reports whether the actor holds the role for the place. A grant for the
// whole member holds everywhere in it; one for a place holds for that place.
func (a Actor) Has(role Role, place string) bool {
	for _, g := range a.Grants {
		if g.Role == role && (g.Place == "" || g.Place == place) {
			return true
		}
	}
	return false
}

// HasAny reports whether the actor holds one of the roles anywhere.
func (a Actor) HasAny(roles ...Role) bool {
	for _, g := range a.Grants {
		if slices.Contains(roles, g.Role) {
			return true
		}
	}
	return false
}

// InScope reports whether a token carries the scope; a person has them all.
func (a Actor) InScope(scope string) bool {
	return a.Scopes == nil || slices.Contains(a.Scopes, scope)
}
