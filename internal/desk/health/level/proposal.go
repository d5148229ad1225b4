package level

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// Limits of what a person enters, in characters.
const (
	MaxTitle  = health.MaxName
	MaxText   = 4000
	MaxReason = health.MaxReason
	MaxWindow = 14 * 24 * time.Hour
)

// Proposal asks the members for a level of a family. Its proposer owns it, and
// decides nothing by that: what comes out is computed from the positions.
type Proposal struct {
	desk.Head
	Family     id.ID     `json:"family"`
	FamilyName string    `json:"family_name"`
	Hazard     string    `json:"hazard,omitempty"`
	Title      string    `json:"title"`
	Lang       string    `json:"lang"`
	From       int       `json:"from"` // the level in force when it was made
	Level      int       `json:"level"`
	Criteria   []string  `json:"criteria"` // of the ladder, that are met
	Reasons    string    `json:"reasons"`
	Rule       string    `json:"rule"`
	RuleAt     string    `json:"rule_version"`
	RuleDigest string    `json:"rule_digest"`
	Ladder     string    `json:"ladder"` // its version
	Window     int       `json:"window_hours"`
	Closes     time.Time `json:"closes,omitzero"`
	Review     time.Time `json:"review"` // the level ends then unless it is renewed

	// Concerned are the states that are asked and whose position counts; nil in
	// a proposal from before they were named: all.
	Concerned []access.Member `json:"concerned,omitempty"`
	// Affected are the states with an event in the family when it was written.
	Affected  []access.Member `json:"affected,omitempty"`
	To        []access.Member `json:"to,omitempty"`
	Authors   []id.ID         `json:"authors,omitempty"`
	ClearedAs string          `json:"cleared_as,omitempty"`
	Released  time.Time       `json:"released,omitzero"`
	Release   id.ID           `json:"release,omitempty"` // the newest
	Counted   []id.ID         `json:"counted,omitempty"`
	Claimed   Outcome         `json:"claimed,omitempty"`
	Decided   time.Time       `json:"decided,omitzero"`
	Reason    string          `json:"reason,omitempty"` // of a return, withdrawal or discarding
	CopyOf    id.ID           `json:"copy_of,omitempty"`
	// Closest is the marking of the family; a proposal is never more open.
	Closest access.Marking `json:"closest,omitempty"`

	given []Said // the positions here, for the needs
	short bool   // as stored, the close leaves out a position that is here
}

// recipients are everybody who has the proposal, but one.
func (p *Proposal) recipients(but access.Member) []access.Member {
	var out []access.Member
	for _, m := range access.All() {
		if m != but && (m == p.Owner || slices.Contains(p.To, m)) {
			out = append(out, m)
		}
	}
	return out
}

// Own reports whether this node owns the proposal.
func (p *Proposal) Own() bool { return p.CopyOf == "" }

// Kind of change that the proposal asks for.
func (p *Proposal) Kind() string { return kindOf(p.From, p.Level) }

func kindOf(from, to int) string {
	switch {
	case to == 0:
		return "lift"
	case to == from:
		return "renew"
	case to < from:
		return "lower"
	}
	return "raise"
}

// facts are what the outcome is computed from.
func (p *Proposal) facts(given []Said) Facts {
	return Facts{Proposer: p.Owner, Concerned: p.Concerned, Closes: p.Closes, Rule: p.Rule, Version: p.RuleAt, Digest: p.RuleDigest, Gone: p.State == Withdrawn,
		Closed: !p.Decided.IsZero(), Counted: p.Counted, Claimed: p.Claimed, Given: given}
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func language(s string) bool {
	return slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == s })
}

func validateProposal(p *Proposal) error {
	var c fault.Check
	p.Title, p.Reasons, p.Reason = strings.TrimSpace(p.Title), strings.TrimSpace(p.Reasons), strings.TrimSpace(p.Reason)
	c.That(p.Title != "", "title", "fault.level.title")
	c.That(!long(p.Title, MaxTitle), "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(!long(p.Reasons, MaxText), "reasons", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(p.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(language(p.Lang), "lang", "fault.health.lang")
	c.That(p.Marking.Valid(), "marking", "fault.health.marking")
	c.That(p.Level >= 0 && p.Level <= Top && p.From >= 0 && p.From <= Top, "level", "fault.level.level")
	c.That(p.Window >= 1 && time.Duration(p.Window)*time.Hour <= MaxWindow, "window", "fault.level.window")
	c.That(len(p.Criteria) <= 20 && !slices.ContainsFunc(p.Criteria, func(s string) bool { return len(s) > 60 }), "criteria", "fault.level.criteria")
	c.That(len(p.Rule) > 0 && len(p.Rule) <= 40 && len(p.RuleAt) <= 20 && len(p.RuleDigest) <= 64 && len(p.Ladder) <= 20, "rule", "fault.level.rule")
	c.That(!p.Review.IsZero(), "review", "fault.level.review")
	for i, m := range p.Concerned {
		c.That(slices.Contains(access.States, m) && !slices.Contains(p.Concerned[:i], m), "concerned", "fault.level.concerned")
	}
	return c.Err()
}

// Position is what one state holds of a proposal. It is never changed: a state
// that thinks again gives another one, and both stay.
type Position struct {
	desk.Head
	Proposal   id.ID           `json:"proposal"`
	Proposer   access.Member   `json:"proposer"`
	Family     id.ID           `json:"family"`
	Title      string          `json:"title"`
	Level      int             `json:"level"`
	Lang       string          `json:"lang"`
	Stance     string          `json:"stance"`
	Reasons    string          `json:"reasons,omitempty"`
	To         []access.Member `json:"to,omitempty"`
	Authors    []id.ID         `json:"authors,omitempty"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	Release    id.ID           `json:"release,omitempty"`
	Supersedes id.ID           `json:"supersedes,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	CopyOf     id.ID           `json:"copy_of,omitempty"`

	of *Proposal
}

// Own reports whether this node owns the position.
func (p *Position) Own() bool { return p.CopyOf == "" }

func validatePosition(p *Position) error {
	var c fault.Check
	p.Reasons, p.Reason = strings.TrimSpace(p.Reasons), strings.TrimSpace(p.Reason)
	c.That(slices.Contains(Stances, p.Stance), "stance", "fault.level.stance")
	c.That(!long(p.Reasons, MaxText), "reasons", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(p.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(language(p.Lang), "lang", "fault.health.lang")
	c.That(len(p.Proposal) == 36, "proposal", "fault.bad_id")
	return c.Err()
}

// Activation is the level at which one state itself responds, decided by its
// national authority alone.
type Activation struct {
	desk.Head
	Event     id.ID           `json:"event"`
	EventName string          `json:"event_name"`
	Level     int             `json:"level"`
	Trigger   string          `json:"trigger"`
	Lang      string          `json:"lang"`
	Review    time.Time       `json:"review"`
	To        []access.Member `json:"to,omitempty"`
	Since     time.Time       `json:"since,omitzero"`
	DecidedAs string          `json:"decided_as,omitempty"`
	Release   id.ID           `json:"release,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	CopyOf    id.ID           `json:"copy_of,omitempty"`
}

// Own reports whether this node owns the activation.
func (a *Activation) Own() bool { return a.CopyOf == "" }

func validateActivation(a *Activation) error {
	var c fault.Check
	a.Trigger, a.Reason = strings.TrimSpace(a.Trigger), strings.TrimSpace(a.Reason)
	c.That(a.Level >= 1 && a.Level <= Top, "level", "fault.level.level")
	c.That(a.Trigger != "", "trigger", "fault.level.trigger")
	c.That(!long(a.Trigger, MaxText), "trigger", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(a.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!a.Review.IsZero(), "review", "fault.level.review")
	c.That(language(a.Lang), "lang", "fault.health.lang")
	c.That(a.Marking.Valid(), "marking", "fault.health.marking")
	return c.Err()
}
