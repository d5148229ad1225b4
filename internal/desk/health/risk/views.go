package risk

import (
	"maps"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// AssessmentView is what of an assessment may be seen by whom it was made for:
// a person of this node, or a recipient of a release. Both get the same
// fields, so that the page of an approved assessment is the preview of what
// its recipients will get.
type AssessmentView struct {
	ID           id.ID           `json:"id"`
	Owner        access.Member   `json:"owner"`
	Version      int             `json:"version"`
	State        workflow.State  `json:"state"`
	Event        id.ID           `json:"event"`
	EventName    string          `json:"event_name"`
	EventOwner   access.Member   `json:"event_owner"`
	EventAt      int             `json:"event_at"`
	Hazard       string          `json:"hazard"`
	Scope        string          `json:"scope"`
	Title        string          `json:"title"`
	Lang         string          `json:"lang"`
	Questions    []string        `json:"questions"`
	HazardPart   Part            `json:"hazard_part"`
	ExposurePart Part            `json:"exposure_part"`
	ContextPart  Part            `json:"context_part"`
	Populations  []Population    `json:"populations"`
	Unknowns     []string        `json:"unknowns,omitempty"`
	Confidence   Confidence      `json:"confidence"`
	Actions      []string        `json:"actions,omitempty"`
	Contributors []string        `json:"contributors,omitempty"`
	ReviewedAs   string          `json:"reviewed_as,omitempty"`
	ApprovedAs   string          `json:"approved_as,omitempty"`
	ValidUntil   time.Time       `json:"valid_until,omitzero"`
	Published    time.Time       `json:"published,omitzero"`
	To           []access.Member `json:"to,omitempty"`
	Supersedes   id.ID           `json:"supersedes,omitempty"`
	Previous     *Previous       `json:"previous,omitempty"`
	Marking      access.Marking  `json:"marking"`
	Exercise     string          `json:"exercise,omitempty"`
	Reason       string          `json:"reason,omitempty"` // of a withdrawal; empty in a release
	Changed      time.Time       `json:"changed"`
}

// Previous is where the superseded assessment stood, so that both positions
// can be drawn also by who never had it.
type Previous struct {
	ID          id.ID       `json:"id"`
	Level       Level       `json:"level"`
	Likelihood  Likelihood  `json:"likelihood"`
	Consequence Consequence `json:"consequence"`
	At          time.Time   `json:"at"`
}

// Level heads the assessment: that of the general population.
func (v *AssessmentView) Level() Level {
	if len(v.Populations) == 0 {
		return ""
	}
	return v.Populations[0].Result.Level
}

// Expired reports whether the assessment has outlived its validity.
func (v *AssessmentView) Expired(now time.Time) bool {
	return !v.ValidUntil.IsZero() && v.ValidUntil.Before(now)
}

// PositionView is what of a position leaves and is shown.
type PositionView struct {
	ID              id.ID             `json:"id"`
	Owner           access.Member     `json:"owner"`
	Version         int               `json:"version"`
	State           workflow.State    `json:"state"`
	Assessment      id.ID             `json:"assessment"`
	AssessmentOwner access.Member     `json:"assessment_owner"`
	AssessmentAt    int               `json:"assessment_at"`
	Event           id.ID             `json:"event"`
	Title           string            `json:"title"`
	Lang            string            `json:"lang"`
	Stance          string            `json:"stance"`
	Held            Level             `json:"held,omitempty"`
	Importation     Likelihood        `json:"importation"`
	Consequence     Consequence       `json:"consequence"`
	Receptivity     map[string]string `json:"receptivity"`
	Capacity        string            `json:"capacity"`
	Result          Result            `json:"result"`
	Stated          Level             `json:"stated,omitempty"`
	Reasons         string            `json:"reasons,omitempty"`
	ClearedAs       string            `json:"cleared_as,omitempty"`
	Released        time.Time         `json:"released,omitzero"`
	Supersedes      id.ID             `json:"supersedes,omitempty"`
	Marking         access.Marking    `json:"marking"`
	Exercise        string            `json:"exercise,omitempty"`
	Reason          string            `json:"reason,omitempty"`
	Changed         time.Time         `json:"changed"`
}

// Level is the risk for the state's own territory.
func (v *PositionView) Level() Level {
	if v.Stated != "" {
		return v.Stated
	}
	return v.Result.Level
}

// viewAssessment is the view; old is the assessment that it supersedes, or nil.
func viewAssessment(a *Assessment, old *Assessment) AssessmentView {
	v := AssessmentView{
		ID: a.ID, Owner: a.Owner, Version: a.Version, State: a.State, Event: a.Event, EventName: a.EventName, EventOwner: a.EventOwner,
		EventAt: a.EventAt, Hazard: a.Hazard, Scope: a.Scope, Title: a.Title, Lang: a.Lang, Questions: slices.Clone(a.Questions),
		HazardPart: a.HazardPart, ExposurePart: a.ExposurePart, ContextPart: a.ContextPart, Populations: slices.Clone(a.Populations),
		Unknowns: slices.Clone(a.Unknowns), Confidence: a.Confidence, Actions: slices.Clone(a.Actions),
		Contributors: slices.Clone(a.Contributors), ReviewedAs: a.ReviewedAs, ApprovedAs: a.ApprovedAs, ValidUntil: a.ValidUntil,
		Published: a.Published, To: slices.Clone(a.To), Supersedes: a.Supersedes, Marking: a.Marking, Exercise: a.Exercise,
		Reason: a.Reason, Changed: a.Changed.At,
	}
	if old != nil && len(old.Populations) > 0 {
		r := old.Populations[0].Result
		v.Previous = &Previous{ID: old.ID, Level: r.Level, Likelihood: r.Likelihood, Consequence: r.Consequence, At: old.Published}
	} else {
		v.Previous = a.Before
	}
	return v
}

func viewPosition(p *Position) PositionView {
	return PositionView{
		ID: p.ID, Owner: p.Owner, Version: p.Version, State: p.State, Assessment: p.Assessment, AssessmentOwner: p.AssessmentOwner,
		AssessmentAt: p.AssessmentAt, Event: p.Event, Title: p.Title, Lang: p.Lang, Stance: p.Stance, Held: p.Held, Importation: p.Importation,
		Consequence: p.Consequence, Receptivity: maps.Clone(p.Receptivity), Capacity: p.Capacity, Result: p.Result, Stated: p.Stated,
		Reasons: p.Reasons, ClearedAs: p.ClearedAs, Released: p.Released, Supersedes: p.Supersedes, Marking: p.Marking,
		Exercise: p.Exercise, Reason: p.Reason, Changed: p.Changed.At,
	}
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "risk.read", By: readers, Scope: "health.read"},
	{Name: "risk.export", By: readers, Scope: "health.read"},
}

// readers are those of the desk.
var readers = readersOf("health.read")

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

// sees is the rule for one record: the reach of the desk, as for an event.
func sees(r health.Reach, h *desk.Head, own bool) bool {
	switch {
	case r.None:
		return false
	case r.NoRed && h.Marking == access.TLPRed:
		return false
	case r.Places != nil && (!own || !slices.Contains(r.Places, h.Place)):
		return false
	}
	return true
}

func reach(a access.Actor) health.Reach {
	return health.ReachOf(a)
}
