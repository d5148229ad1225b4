package trail

import (
	"slices"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// RecommendationText is the content of a recommendation.
type RecommendationText struct {
	Text     string          `json:"text"`
	Findings []id.ID         `json:"findings"`
	For      []access.Member `json:"for"` // who is to act
	Way      string          `json:"way"`
	Priority string          `json:"priority"`
	Theme    string          `json:"theme"`
	Affected []string        `json:"affected,omitempty"` // of its findings
}

// Recommendation says what should be done about one or more findings, and by
// whom. Each of these answers by an action of its own, or is named as awaited.
type Recommendation struct {
	Base
	RecommendationText
}

// RecommendationView is what of a recommendation people and recipients see.
type RecommendationView struct {
	Shown
	RecommendationText
}

func (r *Recommendation) validate() error {
	var c fault.Check
	r.check(&c)
	text(&c, &r.Text, "text", MaxText)
	gone := r.State == Withdrawn
	c.That(gone || len(r.Findings) > 0 && ids(r.Findings), "findings", "fault.trail.findings")
	c.That(gone || len(r.For) > 0 && members(r.For), "for", "fault.trail.for")
	c.That(gone || slices.Contains(Ways, r.Way), "way", "fault.trail.way")
	c.That(gone || slices.Contains(Priorities, r.Priority), "priority", "fault.trail.priority")
	c.That(r.Theme == "" || slices.Contains(Themes, r.Theme), "theme", "fault.trail.theme")
	c.That(among(r.Affected, Groups), "affected", "fault.trail.affected")
	return c.Err()
}

func (r *Recommendation) columns() columns {
	c := columns{Theme: r.Theme, Groups: r.Affected, Open: r.State == Draft || r.State == Final, Words: []string{r.Text}}
	for _, f := range r.Findings {
		c.Links = append(c.Links, link{KindFinding, f})
	}
	return c
}

// View of the recommendation; of a withdrawn one only that it was there.
func (r *Recommendation) View() RecommendationView {
	v := RecommendationView{r.view(), r.RecommendationText}
	if r.State == Withdrawn {
		v.Title, v.RecommendationText = "", RecommendationText{}
	}
	return v
}

func (v *RecommendationView) record() Recommendation {
	return Recommendation{v.copied(), v.RecommendationText}
}
