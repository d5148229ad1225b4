package risk

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Stances on the level of an assessment.
const (
	Agree   = "agree"
	Dissent = "dissent"
)

// Position is what one receiving state holds of an assessment: its stance on
// the level, and the risk for its own territory. The state owns it; the owner
// of the assessment and every other recipient hold a copy.
type Position struct {
	desk.Head
	Assessment      id.ID         `json:"assessment"`
	AssessmentOwner access.Member `json:"assessment_owner"`
	AssessmentAt    int           `json:"assessment_at"` // version that it answers
	Event           id.ID         `json:"event"`
	Title           string        `json:"title"` // of the assessment
	Lang            string        `json:"lang"`

	Stance      string            `json:"stance"`
	Held        Level             `json:"held,omitempty"` // for the region, where it dissents
	Importation Likelihood        `json:"importation"`
	Consequence Consequence       `json:"consequence"`
	Receptivity map[string]string `json:"receptivity"` // part → how it stands
	Capacity    string            `json:"capacity"`
	Result      Result            `json:"result"`
	Stated      Level             `json:"stated,omitempty"` // where the state sets another level for itself than the matrix
	Reasons     string            `json:"reasons,omitempty"`

	Authors    []id.ID         `json:"authors,omitempty"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	To         []access.Member `json:"to,omitempty"`
	Supersedes id.ID           `json:"supersedes,omitempty"` // an earlier position of the same state
	Release    id.ID           `json:"release,omitempty"`
	Reason     string          `json:"reason,omitempty"` // of the last return or withdrawal
	CopyOf     id.ID           `json:"copy_of,omitempty"`
	Replaces   id.ID           `json:"replaces,omitempty"`

	// of is the assessment while a step is taken.
	of *Assessment
}

// Own reports whether this node owns the position.
func (p *Position) Own() bool { return p.CopyOf == "" }

// Level is the risk for the state's own territory.
func (p *Position) Level() Level {
	if p.Stated != "" {
		return p.Stated
	}
	return p.Result.Level
}

// inputs: what a state does not know of its receptivity or capacity raises the
// level by the rule of the matrix.
func (p *Position) inputs() Inputs {
	in := Inputs{Likelihood: p.Importation, Consequence: p.Consequence}
	for _, part := range ReceptivityParts {
		if p.Receptivity[part] == Unknown && !slices.Contains(in.Unknowns, "receptivity") {
			in.Unknowns = append(in.Unknowns, "receptivity")
		}
	}
	if p.Capacity == Unknown {
		in.Unknowns = append(in.Unknowns, "capacity")
	}
	return in
}

func (p *Position) compute() {
	p.Result = Result{}
	if p.Importation.valid() && p.Consequence.valid() {
		p.Result = Current().Assess(p.inputs())
	}
}

func validatePosition(p *Position) error {
	var c fault.Check
	p.Reasons = strings.TrimSpace(p.Reasons)
	c.That(p.Stance == Agree || p.Stance == Dissent, "stance", "fault.risk.stance")
	c.That(p.Held == "" || p.Held.Rank() >= 0, "held", "fault.risk.level")
	c.That(p.Stance != Dissent || p.Held != "", "held", "fault.risk.held")
	c.That(p.Stated == "" || p.Stated.Rank() >= 0, "stated", "fault.risk.level")
	c.That(p.Importation.valid(), "importation", "fault.risk.likelihood")
	c.That(p.Consequence.valid(), "consequence", "fault.risk.consequence")
	for _, part := range ReceptivityParts {
		c.That(slices.Contains(Receptivities, p.Receptivity[part]), "receptivity."+part, "fault.risk.receptivity")
	}
	c.That(len(p.Receptivity) <= len(ReceptivityParts), "receptivity.vector", "fault.risk.receptivity")
	c.That(slices.Contains(Capacities, p.Capacity), "capacity", "fault.risk.capacity")
	c.That(p.Lang != "" && len(p.Lang) <= 20, "lang", "fault.invalid")
	short(&c, p.Reasons, "reasons", MaxText)
	short(&c, p.Reason, "reason", MaxReason)
	return c.Err()
}
