package level

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ProposalView is what of a proposal every member gets, and people see.
type ProposalView struct {
	ID         id.ID           `json:"id"`
	Owner      access.Member   `json:"owner"`
	Version    int             `json:"version"`
	State      workflow.State  `json:"state"`
	Family     id.ID           `json:"family"`
	FamilyName string          `json:"family_name"`
	Hazard     string          `json:"hazard,omitempty"`
	Title      string          `json:"title"`
	Lang       string          `json:"lang"`
	From       int             `json:"from"`
	Level      int             `json:"level"`
	Criteria   []string        `json:"criteria"`
	Reasons    string          `json:"reasons"`
	Rule       string          `json:"rule"`
	RuleAt     string          `json:"rule_version"`
	RuleDigest string          `json:"rule_digest"`
	Ladder     string          `json:"ladder"`
	Window     int             `json:"window_hours"`
	Closes     time.Time       `json:"closes,omitzero"`
	Review     time.Time       `json:"review"`
	Concerned  []access.Member `json:"concerned,omitempty"` // absent: every state
	To         []access.Member `json:"to,omitempty"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	Counted    []id.ID         `json:"counted,omitempty"`
	Claimed    Outcome         `json:"claimed,omitempty"`
	Decided    time.Time       `json:"decided,omitzero"`
	Reason     string          `json:"reason,omitempty"`
	Marking    access.Marking  `json:"marking"`
	Exercise   string          `json:"exercise,omitempty"`
	Changed    time.Time       `json:"changed"`
}

// Asked are the states whose position counts.
func (v *ProposalView) Asked() []access.Member { return concernedOr(v.Concerned) }

// Kind of change that the proposal asks for.
func (v *ProposalView) Kind() string { return kindOf(v.From, v.Level) }

func viewProposal(p *Proposal) ProposalView {
	return ProposalView{ID: p.ID, Owner: p.Owner, Version: p.Version, State: p.State, Family: p.Family, FamilyName: p.FamilyName, Hazard: p.Hazard, Title: p.Title,
		Lang: p.Lang, From: p.From, Level: p.Level, Criteria: slices.Clone(p.Criteria), Reasons: p.Reasons, Rule: p.Rule, RuleAt: p.RuleAt, RuleDigest: p.RuleDigest,
		Ladder: p.Ladder, Window: p.Window, Closes: p.Closes, Review: p.Review, Concerned: slices.Clone(p.Concerned), To: slices.Clone(p.To), ClearedAs: p.ClearedAs, Released: p.Released,
		Counted: slices.Clone(p.Counted), Claimed: p.Claimed, Decided: p.Decided, Reason: p.Reason, Marking: p.Marking, Exercise: p.Exercise, Changed: p.Changed.At}
}

// PositionView is what of a position every member gets.
type PositionView struct {
	ID         id.ID          `json:"id"`
	Owner      access.Member  `json:"owner"`
	Version    int            `json:"version"`
	State      workflow.State `json:"state"`
	Proposal   id.ID          `json:"proposal"`
	Proposer   access.Member  `json:"proposer"`
	Family     id.ID          `json:"family"`
	Title      string         `json:"title"`
	Level      int            `json:"level"`
	Lang       string         `json:"lang"`
	Stance     string         `json:"stance"`
	Reasons    string         `json:"reasons,omitempty"`
	ClearedAs  string         `json:"cleared_as,omitempty"`
	Released   time.Time      `json:"released,omitzero"`
	Supersedes id.ID          `json:"supersedes,omitempty"`
	Marking    access.Marking `json:"marking"`
	Exercise   string         `json:"exercise,omitempty"`
	Reason     string         `json:"reason,omitempty"` // of a return; empty in a release
}

func viewPosition(p *Position) PositionView {
	return PositionView{ID: p.ID, Owner: p.Owner, Version: p.Version, State: p.State, Proposal: p.Proposal, Proposer: p.Proposer, Family: p.Family, Title: p.Title,
		Level: p.Level, Lang: p.Lang, Stance: p.Stance, Reasons: p.Reasons, ClearedAs: p.ClearedAs, Released: p.Released, Supersedes: p.Supersedes,
		Marking: p.Marking, Exercise: p.Exercise, Reason: p.Reason}
}

// ActivationView is what of a state's own level its recipients get.
type ActivationView struct {
	ID        id.ID           `json:"id"`
	Owner     access.Member   `json:"owner"`
	Version   int             `json:"version"`
	State     workflow.State  `json:"state"`
	Event     id.ID           `json:"event"`
	EventName string          `json:"event_name"`
	Level     int             `json:"level"`
	Trigger   string          `json:"trigger"`
	Lang      string          `json:"lang"`
	Review    time.Time       `json:"review"`
	To        []access.Member `json:"to,omitempty"`
	Since     time.Time       `json:"since,omitzero"`
	DecidedAs string          `json:"decided_as,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Marking   access.Marking  `json:"marking"`
	Exercise  string          `json:"exercise,omitempty"`
}

// InForce reports whether the activation holds at a time: never beyond its
// review date.
func (v *ActivationView) InForce(now time.Time) bool {
	return v.State == Active && now.Before(v.Review)
}

func viewActivation(a *Activation) ActivationView {
	return ActivationView{ID: a.ID, Owner: a.Owner, Version: a.Version, State: a.State, Event: a.Event, EventName: a.EventName, Level: a.Level, Trigger: a.Trigger,
		Lang: a.Lang, Review: a.Review, To: slices.Clone(a.To), Since: a.Since, DecidedAs: a.DecidedAs, Reason: a.Reason, Marking: a.Marking, Exercise: a.Exercise}
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "level.read", By: readers, Scope: "health.read"},
	{Name: "level.export", By: readers, Scope: "health.read"},
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

// sees is the rule for a proposal: it concerns other members, so a reader
// whose grants all name places does not see it.
func sees(r health.Reach, m access.Marking) bool {
	return !r.None && r.Places == nil && !(r.NoRed && m == access.TLPRed)
}

// seesActivation is the rule for a state's own level, as for its event.
func seesActivation(r health.Reach, h *desk.Head, own bool) bool {
	return !r.None && !(r.NoRed && h.Marking == access.TLPRed) && (r.Places == nil || own && slices.Contains(r.Places, h.Place))
}

func reach(a access.Actor) health.Reach {
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return r
}
