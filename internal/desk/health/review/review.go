package review

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
	"lintas/internal/trail"
)

// Limits of what a person enters, in characters and in rows.
const (
	MaxTitle   = health.MaxName
	MaxText    = 4000
	MaxReason  = health.MaxReason
	MaxEvents  = 20
	MaxMoments = 200
	MaxGroups  = 60
)

// Sorts of reviews in the order of the form: the early action review is held
// while the event goes on, with the bottlenecks of 7-1-7.
var Sorts = []string{"early", "intra", "after", "exercise"}

// Formats in which a review is held, those of WHO's guidance for after-action
// reviews (2019).
var Formats = []string{"debrief", "working_group", "interviews", "mixed"}

// EventRef names an event that is reviewed.
type EventRef struct {
	ID    id.ID         `json:"id"`
	Owner access.Member `json:"owner"`
	Name  string        `json:"name"`
}

// Moment is one thing that happened, by the history or, where Index is below
// zero, by the word of somebody who names a source.
type Moment struct {
	At     time.Time     `json:"at"`
	Index  int64         `json:"index"`
	Action string        `json:"action,omitempty"` // the history's word for it
	Kind   string        `json:"kind,omitempty"`
	Record id.ID         `json:"record,omitempty"`
	Actor  string        `json:"actor,omitempty"` // duty post
	Member access.Member `json:"member,omitempty"`
	Words  string        `json:"words,omitempty"`  // what was added to it, or what happened
	Source string        `json:"source,omitempty"` // of what the history does not have
	Late   bool          `json:"late,omitempty"`   // it was added after the lock
}

// Mark chooses an entry of the history for the report, with words to it.
type Mark struct {
	Index int64  `json:"index"`
	Words string `json:"words,omitempty"`
}

// Group puts findings of several members beside one another. It changes none.
type Group struct {
	Title    string  `json:"title"`
	Findings []id.ID `json:"findings"`
}

// Stances towards another member's finding.
var Stances = []string{"agree", "differ"}

// Opinion is what this member holds of a finding of another.
type Opinion struct {
	Finding id.ID  `json:"finding"`
	Stance  string `json:"stance"`
	Words   string `json:"words,omitempty"`
}

// Turnout is who took part; a nil number was not counted.
type Turnout struct {
	Women    *int   `json:"women,omitempty"`
	Men      *int   `json:"men,omitempty"`
	Unsaid   *int   `json:"unsaid,omitempty"` // other, or did not say
	Agencies string `json:"agencies,omitempty"`
}

// Text is what a person writes of a review.
type Text struct {
	Title      string          `json:"title"`
	Lang       string          `json:"lang"`
	Sort       string          `json:"sort"`
	Format     string          `json:"format"`
	Objectives string          `json:"objectives,omitempty"`
	From       string          `json:"from"` // days of the period that is reviewed
	Until      string          `json:"until"`
	Held       string          `json:"held,omitempty"`
	Turnout    Turnout         `json:"turnout,omitzero"`
	Summary    string          `json:"summary,omitempty"`
	Joint      bool            `json:"joint,omitempty"`
	Members    []access.Member `json:"members,omitempty"` // invited to a joint review
}

// Validation is how the participants agreed to the findings.
type Validation struct {
	At    time.Time `json:"at"`
	As    string    `json:"as"`
	Words string    `json:"words"`
	Of    string    `json:"of,omitempty"` // digest of the findings and recommendations that were agreed on
}

// Review is one review of this member: of its own, the lead of a joint one, or
// its half of a joint review that another member leads.
type Review struct {
	desk.Head
	Text
	Events     []EventRef      `json:"events,omitempty"`
	Family     id.ID           `json:"family,omitempty"`
	FamilyName string          `json:"family_name,omitempty"`
	Hazard     string          `json:"hazard,omitempty"`
	Of         id.ID           `json:"of,omitempty"` // the joint review of which it is a half
	Lead       access.Member   `json:"lead,omitempty"`
	Lock       *Seal           `json:"lock,omitempty"`
	Clocks     []Clock         `json:"clocks,omitempty"` // as they stood at the lock
	Marks      []Mark          `json:"marks,omitempty"`
	Moments    []Moment        `json:"moments,omitempty"` // by hand; in a copy all that were released
	Groups     []Group         `json:"groups,omitempty"`
	Opinions   []Opinion       `json:"opinions,omitempty"`
	Validated  *Validation     `json:"validated,omitempty"`
	To         []access.Member `json:"to,omitempty"`
	Authors    []id.ID         `json:"authors,omitempty"`
	Invited    time.Time       `json:"invited,omitzero"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	Release    id.ID           `json:"release,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Closest    access.Marking  `json:"closest,omitempty"` // of what is reviewed
	CopyOf     id.ID           `json:"copy_of,omitempty"`

	stand trail.Standing // of the trail, for the needs
}

// Own reports whether this node owns the review.
func (r *Review) Own() bool { return r.CopyOf == "" }

// Source is the review from which findings come: a half's are those of the
// joint review, so that all stand together.
func (r *Review) Source() id.ID {
	if r.Of != "" {
		return r.Of
	}
	return r.ID
}

func (r *Review) wrote(a access.Actor) {
	if !slices.Contains(r.Authors, a.Account) {
		r.Authors = append(r.Authors, a.Account)
	}
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func language(s string) bool {
	return slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == s })
}

func members(list []access.Member) bool {
	for i, m := range list {
		if !slices.Contains(access.All(), m) || slices.Contains(list[:i], m) {
			return false
		}
	}
	return true
}

// span is the period that is reviewed.
func (t *Text) span() (from, until time.Time, ok bool) {
	from, e1 := time.Parse(time.DateOnly, t.From)
	until, e2 := time.Parse(time.DateOnly, t.Until)
	return from, until.AddDate(0, 0, 1), e1 == nil && e2 == nil && !until.Before(from)
}

func (t *Text) check(c *fault.Check) {
	for _, x := range []struct {
		s    *string
		name string
		most int
	}{{&t.Title, "title", MaxTitle}, {&t.Objectives, "objectives", MaxText}, {&t.Summary, "summary", MaxText}, {&t.Turnout.Agencies, "agencies", MaxText}} {
		*x.s = strings.TrimSpace(*x.s)
		c.That(!long(*x.s, x.most), x.name, "fault.too_long", fault.Args{"max": x.most})
	}
	c.That(t.Title != "", "title", "fault.review.title")
	c.That(language(t.Lang), "lang", "fault.health.lang")
	c.That(slices.Contains(Sorts, t.Sort), "sort", "fault.review.sort")
	c.That(slices.Contains(Formats, t.Format), "format", "fault.review.format")
	_, _, ok := t.span()
	c.That(ok, "from", "fault.review.period")
	if t.Held != "" {
		_, err := time.Parse(time.DateOnly, t.Held)
		c.That(err == nil, "held", "fault.review.day")
	}
	for name, n := range map[string]*int{"women": t.Turnout.Women, "men": t.Turnout.Men, "unsaid": t.Turnout.Unsaid} {
		c.That(n == nil || *n >= 0 && *n <= 100000, name, "fault.review.count")
	}
	c.That(members(t.Members), "members", "fault.review.members")
}

func validate(r *Review) error {
	var c fault.Check
	r.Reason = strings.TrimSpace(r.Reason)
	r.check(&c)
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(r.Marking.Valid(), "marking", "fault.health.marking")
	c.That(len(r.Events) <= MaxEvents, "events", "fault.too_many", fault.Args{"max": MaxEvents})
	for _, e := range r.Events {
		c.That(len(e.ID) == 36 && !long(e.Name, 4*MaxTitle) && slices.Contains(access.All(), e.Owner), "events", "fault.review.foreign")
	}
	c.That(!slices.Contains(r.Members, r.Owner) && (r.Of == "" || !r.Joint), "members", "fault.review.members")
	c.That(members(r.To) && !slices.Contains(r.To, r.Owner), "to", "fault.review.members")
	c.That(len(r.Moments) <= MaxMoments && len(r.Marks) <= MaxMoments, "moments", "fault.too_many", fault.Args{"max": MaxMoments})
	for i := range r.Moments {
		m := &r.Moments[i]
		m.Words, m.Source = strings.TrimSpace(m.Words), strings.TrimSpace(m.Source)
		c.Row(!m.At.IsZero(), i+1, "moment.at", "fault.review.moment_at")
		c.Row(m.Index >= 0 || m.Words != "" && m.Source != "", i+1, "moment.words", "fault.review.moment")
		c.Row(!long(m.Words, MaxReason) && !long(m.Source, MaxReason) && len(m.Action) <= 100 && len(m.Kind) <= 60 && !long(m.Actor, MaxTitle), i+1, "moment.words", "fault.too_long", fault.Args{"max": MaxReason})
	}
	for i := range r.Marks {
		c.That(!long(r.Marks[i].Words, MaxReason), "words", "fault.too_long", fault.Args{"max": MaxReason})
	}
	c.That(len(r.Groups) <= MaxGroups && len(r.Opinions) <= 500, "groups", "fault.too_many", fault.Args{"max": MaxGroups})
	for i := range r.Groups {
		g := &r.Groups[i]
		g.Title = strings.TrimSpace(g.Title)
		c.Row(g.Title != "" && !long(g.Title, MaxTitle) && len(g.Findings) <= 100, i+1, "group.title", "fault.review.group")
	}
	for i := range r.Opinions {
		o := &r.Opinions[i]
		o.Words = strings.TrimSpace(o.Words)
		c.Row(slices.Contains(Stances, o.Stance) && !long(o.Words, MaxReason) && (o.Stance == "agree" || o.Words != ""), i+1, "words", "fault.review.opinion")
	}
	c.That(r.Validated == nil || !long(r.Validated.Words, MaxText) && !long(r.Validated.As, 4*MaxTitle), "words", "fault.too_long", fault.Args{"max": MaxText})
	return c.Err()
}
