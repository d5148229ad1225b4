package trail

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// Terms are what is to be done and by when.
type Terms struct {
	Deliverable string `json:"deliverable"`
	By          string `json:"by_day"` // the last day
}

// Digest names the terms, so that what was agreed is what was read.
func (t Terms) Digest() string { return history.Digest([]byte(t.By + "\n" + t.Deliverable)) }

// Verdict is what the proposer says of a completed action.
type Verdict struct {
	Shown bool      `json:"shown"` // the evidence shows that it was done
	Of    int       `json:"of"`    // version of the action that was judged
	Words string    `json:"words"` // how it was checked, or what is missing
	As    string    `json:"as"`    // duty post
	At    time.Time `json:"at"`
}

// ProposalText is the content of a proposal.
type ProposalText struct {
	For            access.Member   `json:"for"` // the state that is asked
	Inform         []access.Member `json:"inform,omitempty"`
	Recommendation id.ID           `json:"recommendation,omitempty"`
	Findings       []id.ID         `json:"findings"`
	Theme          string          `json:"theme"`
	Affected       []string        `json:"affected,omitempty"`
	Terms
	Measure  string    `json:"measure"`         // how one will see that it helped
	Round    int       `json:"round"`           // grows each time that it is put
	Taken    string    `json:"taken,omitempty"` // digest of the counter-proposal that it took over
	Verdicts []Verdict `json:"verdicts,omitempty"`
}

// Proposal is the half of an action that belongs to who asks for it.
type Proposal struct {
	Base
	ProposalText

	act *Action // the other half as far as it is here
}

// ProposalView is what of a proposal people and recipients see.
type ProposalView struct {
	Shown
	ProposalText
}

// Verdict is the newest.
func (p *ProposalText) Verdict() (Verdict, bool) {
	if n := len(p.Verdicts); n > 0 {
		return p.Verdicts[n-1], true
	}
	return Verdict{}, false
}

func checkTerms(c *fault.Check, t *Terms) {
	text(c, &t.Deliverable, "deliverable", MaxText)
	c.That(t.By == "" || day(t.By), "by", "fault.trail.due")
}

func (p *Proposal) validate() error {
	var c fault.Check
	p.check(&c)
	checkTerms(&c, &p.Terms)
	text(&c, &p.Measure, "measure", MaxText)
	c.That(slices.Contains(access.All(), p.For), "for", "fault.trail.for")
	c.That(members(p.Inform) && !slices.Contains(p.Inform, p.For) && !slices.Contains(p.Inform, p.Owner), "inform", "fault.trail.members")
	c.That(len(p.Findings) > 0 && ids(p.Findings), "findings", "fault.trail.findings")
	c.That(p.Recommendation == "" || len(p.Recommendation) == 36, "recommendation", "fault.bad_id")
	c.That(p.Theme == "" || slices.Contains(Themes, p.Theme), "theme", "fault.trail.theme")
	c.That(among(p.Affected, Groups), "affected", "fault.trail.affected")
	c.That(p.Round >= 0 && p.Round <= 100 && len(p.Taken) <= 64 && len(p.Verdicts) <= 100, "round", "fault.trail.foreign")
	for i := range p.Verdicts {
		text(&c, &p.Verdicts[i].Words, "words", MaxText)
		c.That(!long(p.Verdicts[i].As, 4*MaxTitle), "words", "fault.trail.foreign")
	}
	return c.Err()
}

func (p *Proposal) columns() columns {
	c := columns{Theme: p.Theme, Groups: p.Affected, For: p.For, Day: endOf(p.By), Open: p.State == Draft || p.State == Proposed,
		Words: []string{p.Deliverable, p.Measure}, Links: []link{{KindRecommendation, p.Recommendation}}}
	for _, f := range p.Findings {
		c.Links = append(c.Links, link{KindFinding, f})
	}
	return c
}

// View of the proposal.
func (p *Proposal) View() ProposalView { return ProposalView{p.view(), p.ProposalText} }

func (v *ProposalView) record() Proposal {
	return Proposal{Base: v.copied(), ProposalText: v.ProposalText}
}

// recipients of a proposal, and of what the state that was asked says to it.
func (p *ProposalText) recipients(owner access.Member) []access.Member {
	var out []access.Member
	for _, m := range access.All() {
		if m != owner && (m == p.For || slices.Contains(p.Inform, m)) {
			out = append(out, m)
		}
	}
	return out
}
