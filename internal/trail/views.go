package trail

import (
	"lintas/internal/access"
)

// Capabilities of the trail: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "trail.read", By: readers, Scope: "trail.read"},
	{Name: "trail.export", By: readers, Scope: "trail.read"},
	{Name: "trail.write", By: writersAndClearers, Scope: "trail.write"},
}

var (
	readers            = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk, access.Auditor}
	writersAndClearers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk}
	// redReaders may see what is marked TLP:RED: those who decide on it.
	redReaders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.Auditor, access.SecretariatDsk}
)

// sees is the rule for every record of the trail: it concerns other members, so
// a reader whose grants all name places does not see it.
func sees(a access.Actor, b *Base) bool {
	if a.System {
		return true
	}
	if !Capabilities.May(a, "trail.read") || b.Marking == access.TLPRed && !a.HasAny(redReaders...) {
		return false
	}
	for _, g := range a.Grants {
		for _, r := range readers {
			if g.Role == r && g.Place == "" {
				return true
			}
		}
	}
	return false
}

// MayWrite reports whether the actor may begin something.
func MayWrite(a access.Actor) bool {
	return a.HasAny(writers...) && sees(a, &Base{})
}
