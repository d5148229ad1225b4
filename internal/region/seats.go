package region

import (
	"lintas/internal/access"
	"lintas/internal/people"
	"lintas/internal/place"
)

// seat is one role that the demo offers at a node.
type seat struct {
	role    access.Role
	account people.NewAccount
}

// logins of the seeded accounts by role.
var logins = map[access.Role]string{
	access.DutyOfficer: "duty", access.Epidemiologist: "epi", access.IHRFocalPoint: "ihr", access.IHRAuthority: "authority", access.Approver: "approver",
	access.SecretariatDsk: "desk", access.Auditor: "auditor", access.Administrator: "admin",
}

// posts are what the history shows for them; a post is data of the node and
// stays in the language in which it was entered.
var posts = map[access.Role]string{
	access.DutyOfficer: "Duty officer", access.Epidemiologist: "Epidemiologist", access.IHRFocalPoint: "National IHR Focal Point",
	access.IHRAuthority: "National IHR Authority",
	access.Approver:     "Approver", access.SecretariatDsk: "Secretariat desk", access.Auditor: "Auditor", access.Administrator: "Administrator",
}

// seats are the roles at a member's node: a state has no secretariat desk,
// the Secretariat has no IHR focal point.
func seats(m access.Member) []seat {
	var out []seat
	for _, r := range access.Roles {
		if m == access.ASEC && ofStates(r) || m != access.ASEC && r == access.SecretariatDsk {
			continue
		}
		out = append(out, seat{role: r, account: people.NewAccount{
			Login: logins[r], Post: posts[r] + ", " + string(m), Grants: []access.Grant{{Role: r}},
		}})
	}
	return out
}

// ofStates are the roles that only a state has.
func ofStates(r access.Role) bool {
	return r == access.DutyOfficer || r == access.IHRFocalPoint || r == access.IHRAuthority || r == access.Epidemiologist
}

// dutyRole is who keeps the watch at a member.
func dutyRole(m access.Member) access.Role {
	if m == access.ASEC {
		return access.SecretariatDsk
	}
	return access.DutyOfficer
}

func capital(m access.Member) string { return place.Capital(string(m)) }
