package timeliness

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// View is what of a record may be seen: by a person of this node, and by the
// recipients of a release. Both get the same.
type View struct {
	ID      id.ID          `json:"id"`
	Owner   access.Member  `json:"owner"`
	Event   id.ID          `json:"event"`
	Name    string         `json:"name"` // of the event
	Hazard  string         `json:"hazard"`
	Lang    string         `json:"lang"`
	State   workflow.State `json:"state,omitempty"`
	Rules   string         `json:"rules"`
	Dates   Dates          `json:"dates"`
	Actions []Action       `json:"actions,omitempty"`
	Pauses  []Pause        `json:"pauses,omitempty"`
	Factors []Factor       `json:"factors,omitempty"`
	Results []Result       `json:"results"`
	Judged  time.Time      `json:"judged"` // as of when the results hold
}

// viewOf computes the results of a record, or of an event without one.
func viewOf(r *Record, e *health.EventView, now time.Time) View {
	v := View{ID: r.ID, Owner: e.Owner, Event: e.ID, Name: e.Name, Hazard: e.Hazard, Lang: e.Lang, State: r.State, Rules: RulesVersion,
		Dates: datesOf(e), Actions: r.Actions, Pauses: r.Pauses, Factors: r.Factors, Judged: now}
	if r.Fixed() {
		v.Dates, v.Judged = r.Dates, r.Judged
	}
	v.Results = Compute(v.Dates, v.Actions, v.Pauses, v.Judged)
	return v
}

// Result of one clock of the view.
func (v *View) Result(c Clock) Result {
	for _, r := range v.Results {
		if r.Clock == c {
			return r
		}
	}
	return Result{Clock: c, Limit: Limits[c], Outcome: NoDate}
}

// seesCopy is the rule for what another member released: as for a notice.
func seesCopy(r health.Reach, c *Copy) bool {
	return !r.None && r.Places == nil && !(r.NoRed && c.Marking == access.TLPRed)
}
