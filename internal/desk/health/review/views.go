package review

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// View is what of a review people see and recipients get.
type View struct {
	ID      id.ID          `json:"id"`
	Owner   access.Member  `json:"owner"`
	Version int            `json:"version"`
	State   workflow.State `json:"state"`
	Text
	Events     []EventRef      `json:"events,omitempty"`
	Family     id.ID           `json:"family,omitempty"`
	FamilyName string          `json:"family_name,omitempty"`
	Hazard     string          `json:"hazard,omitempty"`
	Of         id.ID           `json:"of,omitempty"`
	Lead       access.Member   `json:"lead,omitempty"`
	Lock       *Seal           `json:"lock,omitempty"`
	Clocks     []Clock         `json:"clocks,omitempty"`
	Timeline   []Moment        `json:"timeline,omitempty"` // what was chosen for the report
	Groups     []Group         `json:"groups,omitempty"`
	Opinions   []Opinion       `json:"opinions,omitempty"`
	Validated  *Validation     `json:"validated,omitempty"`
	To         []access.Member `json:"to,omitempty"`
	Invited    time.Time       `json:"invited,omitzero"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	Reason     string          `json:"reason,omitempty"`
	Marking    access.Marking  `json:"marking"`
	Exercise   string          `json:"exercise,omitempty"`
	Changed    time.Time       `json:"changed"`
}

// Source is the review from which findings come.
func (v *View) Source() id.ID {
	if v.Of != "" {
		return v.Of
	}
	return v.ID
}

// viewOf is the review with the timeline that was chosen for it.
func viewOf(r *Review, timeline []Moment) View {
	return View{ID: r.ID, Owner: r.Owner, Version: r.Version, State: r.State, Text: r.Text, Events: slices.Clone(r.Events), Family: r.Family, FamilyName: r.FamilyName,
		Hazard: r.Hazard, Of: r.Of, Lead: r.Lead, Lock: r.Lock, Clocks: slices.Clone(r.Clocks), Timeline: timeline, Groups: slices.Clone(r.Groups), Opinions: slices.Clone(r.Opinions),
		Validated: r.Validated, To: slices.Clone(r.To), Invited: r.Invited, ClearedAs: r.ClearedAs, Released: r.Released, Reason: r.Reason, Marking: r.Marking,
		Exercise: r.Exercise, Changed: r.Changed.At}
}

// outward is the view as others get it: before the release only what is asked
// of them.
func outward(r *Review, timeline []Moment) View {
	v := viewOf(r, timeline)
	if r.State != Released && r.State != Following && r.State != Closed {
		v.Lock, v.Clocks, v.Timeline, v.Groups, v.Opinions, v.Validated, v.Summary, v.Turnout = nil, nil, nil, nil, nil, nil, "", Turnout{}
	}
	return v
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "review.read", By: readers, Scope: "health.read"},
	{Name: "review.export", By: readers, Scope: "health.read"},
}

var readers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk, access.Auditor}

// sees is the rule for a review: it may concern other members, so a reader
// whose grants all name places does not see it.
func sees(r health.Reach, m access.Marking) bool {
	return !r.None && r.Places == nil && !(r.NoRed && m == access.TLPRed)
}

func reach(a access.Actor) health.Reach {
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return r
}

// MayPlan reports whether the actor may begin a review.
func MayPlan(a access.Actor) bool { return a.HasAny(writers...) && sees(reach(a), access.TLPAmber) }
