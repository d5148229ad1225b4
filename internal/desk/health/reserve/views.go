package reserve

import (
	"lintas/internal/access"
	"lintas/internal/desk/health"
)

// Views of the records, which pages and releases take.
type (
	ItemView         = View[ItemContent]
	RegistrationView = View[RegistrationContent]
	LotView          = View[LotContent]
	PledgeView       = View[PledgeContent]
	DrawView         = View[DrawContent]
	AllocationView   = View[AllocationContent]
	VoteView         = View[VoteContent]
	MovementView     = View[MovementContent]
	ArrivalView      = View[ArrivalContent]
	DebtView         = View[DebtContent]
	StatementView    = View[StatementContent]
)

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "reserve.read", By: readersOf("health.read"), Scope: "health.read"},
	{Name: "reserve.export", By: readersOf("health.read"), Scope: "health.read"},
	{Name: "reserve.post", By: keepers, Scope: "health.write"},
	{Name: "reserve.correct", By: clearers, Scope: "health.write"},
}

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

// sees is the rule for every record: the reserve concerns all members, so a
// reader whose grants all name places does not see it.
func sees(a access.Actor, m access.Marking) bool {
	if a.System {
		return true
	}
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return !r.None && r.Places == nil && !(r.NoRed && m == access.TLPRed)
}

// May reports whether the actor may do what is not a step of a record.
func May(a access.Actor, name string) bool { return Capabilities.May(a, name) }

// Sees reports whether the actor may read the reserve at all.
func Sees(a access.Actor) bool { return sees(a, access.TLPAmber) }

// MayWrite reports whether the actor may begin a record.
func MayWrite(a access.Actor) bool { return a.HasAny(writers...) && Sees(a) }

// MayClear reports whether the actor lets things go.
func MayClear(a access.Actor) bool { return a.HasAny(clearers...) && Sees(a) }
