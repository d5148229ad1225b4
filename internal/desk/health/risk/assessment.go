package risk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Limits of an assessment, in characters or items.
const (
	MaxTitle       = 160
	MaxText        = 4000
	MaxLine        = 400
	MaxLines       = 20
	MaxPopulations = 12
	MaxReason      = 1000
	MaxValid       = 365 * 24 * time.Hour
	AnswerDefault  = 48 * time.Hour
)

// Part is one of the three assessments that a risk rests on: hazard, exposure
// and context, each with how old it is and where it comes from.
type Part struct {
	Text   string `json:"text"`
	AsOf   string `json:"as_of"` // a day: 2020-01-14
	Source string `json:"source"`
}

// Population is one group of people with its own risk; the first is the
// general population. Result is what the matrix said.
type Population struct {
	Group       string      `json:"group"` // of Groups
	Words       string      `json:"words,omitempty"`
	Likelihood  Likelihood  `json:"likelihood"`
	Consequence Consequence `json:"consequence"`
	Note        string      `json:"note,omitempty"`
	Result      Result      `json:"result"`
}

// Assessment is a rapid risk assessment of an event, at national or regional
// scope. Its owner alone changes it; members that it was released to hold a
// copy (CopyOf is that release) and answer with a Position.
type Assessment struct {
	desk.Head
	Event      id.ID         `json:"event"`
	EventName  string        `json:"event_name"`
	EventOwner access.Member `json:"event_owner"`
	EventAt    int           `json:"event_at"` // version of the event that was assessed
	Hazard     string        `json:"hazard"`

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
	Contributors []string        `json:"contributors,omitempty"` // duty posts
	ValidUntil   time.Time       `json:"valid_until,omitzero"`
	To           []access.Member `json:"to,omitempty"`
	AnswerWithin time.Duration   `json:"answer_within,omitempty"`

	Authors    []id.ID   `json:"authors,omitempty"` // accounts that wrote it; stay in the node
	ReviewedAs string    `json:"reviewed_as,omitempty"`
	ApprovedAs string    `json:"approved_as,omitempty"`
	Published  time.Time `json:"published,omitzero"`
	Supersedes id.ID     `json:"supersedes,omitempty"` // an earlier assessment of the same owner
	Release    id.ID     `json:"release,omitempty"`    // that carried it
	Reason     string    `json:"reason,omitempty"`     // of the last return or withdrawal
	CopyOf     id.ID     `json:"copy_of,omitempty"`
	Replaces   id.ID     `json:"replaces,omitempty"` // of a copy: the release that it supersedes

	// Before is where the superseded assessment stood, as the owner of a copy
	// told it.
	Before *Previous `json:"before,omitempty"`

	// eventMarking is that of the event while a step is taken.
	eventMarking access.Marking
}

// Own reports whether this node owns the assessment.
func (a *Assessment) Own() bool { return a.CopyOf == "" }

// Level is the level of the general population, which heads the assessment.
func (a *Assessment) Level() Level {
	if len(a.Populations) == 0 {
		return ""
	}
	return a.Populations[0].Result.Level
}

// Expired reports whether the assessment has outlived its validity.
func (a *Assessment) Expired(now time.Time) bool {
	return !a.ValidUntil.IsZero() && a.ValidUntil.Before(now)
}

// inputs of one population.
func (a *Assessment) inputs(p Population) Inputs {
	return Inputs{Likelihood: p.Likelihood, Consequence: p.Consequence, Unknowns: a.Unknowns}
}

// compute fills in the results with the current matrix.
func (a *Assessment) compute() {
	for i := range a.Populations {
		p := &a.Populations[i]
		p.Result = Result{}
		if p.Likelihood.valid() && p.Consequence.valid() {
			p.Result = Current().Assess(a.inputs(*p))
		}
	}
}

func short(c *fault.Check, s, field string, most int) {
	c.That(utf8.RuneCountInString(s) <= most, field, "fault.too_long", fault.Args{"max": most})
}

// validateAssessment checks what a person entered; what must be there before
// somebody reviews it are needs of the table.
func validateAssessment(a *Assessment) error {
	var c fault.Check
	a.Title = strings.TrimSpace(a.Title)
	c.That(a.Title != "", "title", "fault.risk.title")
	short(&c, a.Title, "title", MaxTitle)
	short(&c, a.Reason, "reason", MaxReason)
	c.That(a.Scope == National || a.Scope == Regional, "scope", "fault.risk.scope")
	c.That(a.Lang != "" && len(a.Lang) <= 20, "lang", "fault.invalid")
	c.That(a.Marking.Valid(), "marking", "fault.health.marking")
	c.That(a.Confidence == "" || slices.Contains(Confidences, a.Confidence), "confidence", "fault.risk.confidence")
	a.Questions, a.Actions, a.Contributors = trim(a.Questions), trim(a.Actions), trim(a.Contributors)
	lines(&c, a.Questions, "questions")
	lines(&c, a.Actions, "actions")
	lines(&c, a.Contributors, "contributors")
	checkPart(&c, &a.HazardPart, "hazard_part")
	checkPart(&c, &a.ExposurePart, "exposure_part")
	checkPart(&c, &a.ContextPart, "context_part")
	checkPopulations(&c, a)
	for _, u := range a.Unknowns {
		scale, _ := Current().Raises(u)
		c.That(scale != "", "unknowns", "fault.risk.unknown")
	}
	c.That(a.AnswerWithin >= 0 && a.AnswerWithin <= 30*24*time.Hour, "answer_within", "fault.risk.answer_within")
	checkTo(&c, a)
	return c.Err()
}

func checkTo(c *fault.Check, a *Assessment) {
	for i, m := range a.To {
		c.That(slices.Contains(access.All(), m) && m != a.Owner && !slices.Contains(a.To[:i], m), "to", "fault.risk.to")
	}
}

func checkPart(c *fault.Check, p *Part, field string) {
	p.Text, p.Source, p.AsOf = strings.TrimSpace(p.Text), strings.TrimSpace(p.Source), strings.TrimSpace(p.AsOf)
	short(c, p.Text, field, MaxText)
	short(c, p.Source, field+".source", MaxLine)
	_, err := time.Parse(time.DateOnly, p.AsOf)
	c.That(p.AsOf == "" || err == nil, field+".as_of", "fault.health.date")
}

func checkPopulations(c *fault.Check, a *Assessment) {
	c.That(len(a.Populations) > 0 && a.Populations[0].Group == "general", "populations", "fault.risk.general")
	c.That(len(a.Populations) <= MaxPopulations, "populations", "fault.too_many", fault.Args{"max": MaxPopulations})
	for i := range a.Populations {
		p := &a.Populations[i]
		p.Words, p.Note = strings.TrimSpace(p.Words), strings.TrimSpace(p.Note)
		c.Row(slices.Contains(Groups, p.Group), i+1, "group", "fault.risk.group")
		c.Row(p.Group != "other" || p.Words != "", i+1, "words", "fault.risk.group_words")
		c.Row(utf8.RuneCountInString(p.Words) <= MaxTitle, i+1, "words", "fault.too_long", fault.Args{"max": MaxTitle})
		c.Row(utf8.RuneCountInString(p.Note) <= MaxReason, i+1, "note", "fault.too_long", fault.Args{"max": MaxReason})
		c.Row(p.Likelihood.valid(), i+1, "likelihood", "fault.risk.likelihood")
		c.Row(p.Consequence.valid(), i+1, "consequence", "fault.risk.consequence")
		for _, other := range a.Populations[:i] {
			c.Row(other.Group != p.Group || p.Group == "other" && other.Words != p.Words, i+1, "group", "fault.risk.group_twice")
		}
	}
}

func lines(c *fault.Check, v []string, field string) {
	c.That(len(v) <= MaxLines, field, "fault.too_many", fault.Args{"max": MaxLines})
	for _, s := range v {
		short(c, s, field, MaxLine)
	}
}

func trim(v []string) []string {
	var out []string
	for _, s := range v {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
