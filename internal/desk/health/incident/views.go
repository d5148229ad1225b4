package incident

import (
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "incident.read", By: readersOf("health.read"), Scope: "health.read"},
	{Name: "incident.export", By: readersOf("health.read"), Scope: "health.read"},
}

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

// sees is the rule for an incident and everything in it, as for an event.
func sees(r health.Reach, h *desk.Head) bool {
	return !r.None && !(r.NoRed && h.Marking == access.TLPRed) && (r.Places == nil || slices.Contains(r.Places, h.Place))
}

func reach(a access.Actor) health.Reach {
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return r
}

// MayWork reports whether the actor works in the operations centre.
func MayWork(a access.Actor) bool { return a.HasAny(staff...) && sees(reach(a), &desk.Head{}) }

// Path is the page of an incident.
func Path(iid id.ID) string { return "/health/incidents/" + string(iid) }
