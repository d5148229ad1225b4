package ihr

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Kinds of outside determinations, and the grades of WHO.
var (
	Kinds     = []string{"pheic", "pandemic_emergency", "who_grade"}
	WHOGrades = []string{"ungraded", "g1", "g2", "g3", "p1", "p2", "p3"}
)

// Lapse is after how many months temporary recommendations end unless they
// are renewed (Article 15).
const Lapse = 3

// Recommendation is a temporary or standing recommendation.
type Recommendation struct {
	Text    string `json:"text"`
	Expires string `json:"expires"` // a day
}

// Determination is what somebody outside determined: a public health emergency
// of international concern, a pandemic emergency, a grade of WHO. It is kept as
// a fact with its source; nobody here decides it.
type Determination struct {
	desk.Head
	Kind            string           `json:"determination"`
	Event           id.ID            `json:"event,omitempty"` // of this node; empty: the hazard everywhere
	Hazard          string           `json:"hazard"`
	Title           string           `json:"title"`
	Grade           string           `json:"grade,omitempty"`
	By              string           `json:"by"`
	On              string           `json:"on"`
	Meeting         int              `json:"meeting,omitempty"` // of the Emergency Committee
	Recommendations []Recommendation `json:"recommendations,omitempty"`
	Ended           string           `json:"ended,omitempty"`
	Source          string           `json:"source"`
	Reason          string           `json:"reason,omitempty"` // why it was struck out

	Members   []access.Member    `json:"members,omitempty"` // who gets it
	Authors   []id.ID            `json:"authors,omitempty"`
	Cleared   *DeterminationView `json:"cleared,omitempty"` // as cleared; only this leaves
	ClearedAs string             `json:"cleared_as,omitempty"`
	SentTo    []access.Member    `json:"sent_to,omitempty"`
	Release   id.ID              `json:"release,omitempty"` // the newest
	Post      string             `json:"post,omitempty"`    // of a copy: that recorded it
	CopyOf    id.ID              `json:"copy_of,omitempty"`
}

// Own reports whether this node owns the record of the determination.
func (d *Determination) Own() bool { return d.CopyOf == "" }

// LapseOf is the day on which recommendations of a day end.
func LapseOf(on string) string {
	t, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return ""
	}
	return t.AddDate(0, Lapse, 0).Format(time.DateOnly)
}

func validateDetermination(d *Determination, now time.Time) error {
	var c fault.Check
	for _, s := range []*string{&d.Title, &d.By, &d.Source, &d.Reason} {
		*s = strings.TrimSpace(*s)
	}
	c.That(slices.Contains(Kinds, d.Kind), "determination", "fault.ihr.kind")
	_, known := health.HazardByKey(d.Hazard)
	c.That(known, "hazard", "fault.health.hazard")
	c.That(d.Kind != "who_grade" || slices.Contains(WHOGrades, d.Grade), "grade", "fault.ihr.grade")
	c.That(d.Kind == "who_grade" || d.Grade == "", "grade", "fault.ihr.grade")
	c.That(d.Title != "", "title", "fault.ihr.title")
	c.That(d.By != "", "by", "fault.ihr.by")
	c.That(d.Source != "", "source", "fault.health.source_missing")
	c.That(d.Meeting >= 0 && d.Meeting < 1000, "meeting", "fault.ihr.meeting")
	c.That(d.Marking.Valid(), "marking", "fault.health.marking")
	short(&c, d.Title, "title", MaxTitle)
	short(&c, d.By, "by", MaxTitle)
	short(&c, d.Source, "source", MaxReason)
	short(&c, d.Reason, "reason", MaxReason)
	past(&c, d.On, "on", now, true)
	past(&c, d.Ended, "ended", now, false)
	c.That(d.Ended == "" || d.Ended >= d.On, "ended", "fault.health.date_order")
	c.That(len(d.Recommendations) <= 40, "recommendations", "fault.too_many", fault.Args{"max": 40})
	for i, r := range d.Recommendations {
		c.Row(r.Text != "" && utf8.RuneCountInString(r.Text) <= MaxReason, i+1, "recommendations", "fault.too_long", fault.Args{"max": MaxReason})
		c.Row(day(r.Expires), i+1, "recommendations", "fault.ihr.recommendation_day")
		c.Row(!day(r.Expires) || r.Expires >= d.On, i+1, "recommendations", "fault.ihr.recommendation_before")
	}
	for i, m := range d.Members {
		c.That(slices.Contains(access.All(), m) && m != d.Owner && !slices.Contains(d.Members[:i], m), "members", "fault.ihr.members")
	}
	return c.Err()
}

// Statuses of the amendments of 2024 in a state.
var Statuses = []string{"unknown", "accepted", "reservation", "rejected", "longer_period"}

// Amendment is where a state stands with the amendments of 2024 (WHA77.17).
// The state owns its statement; the others hold a copy.
type Amendment struct {
	desk.Head
	Status     string          `json:"status"`
	On         string          `json:"on,omitempty"`       // when the state said so
	InForce    string          `json:"in_force,omitempty"` // for this state
	Words      string          `json:"words,omitempty"`    // of the reservation, or why
	Source     string          `json:"source"`
	Lang       string          `json:"lang"`
	Authors    []id.ID         `json:"authors,omitempty"`
	ClearedAs  string          `json:"cleared_as,omitempty"`
	Released   time.Time       `json:"released,omitzero"`
	To         []access.Member `json:"to,omitempty"`
	Supersedes id.ID           `json:"supersedes,omitempty"`
	Release    id.ID           `json:"release,omitempty"`
	CopyOf     id.ID           `json:"copy_of,omitempty"`
}

// Own reports whether this node owns the statement.
func (a *Amendment) Own() bool { return a.CopyOf == "" }

func validateAmendment(a *Amendment) error {
	var c fault.Check
	a.Words, a.Source = strings.TrimSpace(a.Words), strings.TrimSpace(a.Source)
	c.That(slices.Contains(Statuses, a.Status), "status", "fault.ihr.status")
	c.That(a.Status == "unknown" || a.On != "", "on", "fault.health.date")
	c.That(a.On == "" || day(a.On), "on", "fault.health.date")
	c.That(a.InForce == "" || day(a.InForce) && a.InForce >= a.On, "in_force", "fault.health.date")
	c.That(a.Status != "reservation" || a.Words != "", "words", "fault.ihr.reservation")
	c.That(a.Source != "", "source", "fault.health.source_missing")
	c.That(a.Lang != "" && len(a.Lang) <= 20, "lang", "fault.invalid")
	short(&c, a.Words, "words", MaxText)
	short(&c, a.Source, "source", MaxReason)
	return c.Err()
}

func short(c *fault.Check, s, field string, most int) {
	c.That(utf8.RuneCountInString(s) <= most, field, "fault.too_long", fault.Args{"max": most})
}

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// past wants a day that is not after tomorrow.
func past(c *fault.Check, s, field string, now time.Time, must bool) {
	if s == "" {
		c.That(!must, field, "fault.health.date")
		return
	}
	t, err := time.Parse(time.DateOnly, s)
	c.That(err == nil, field, "fault.health.date")
	c.That(err != nil || !t.After(now.Add(24*time.Hour)), field, "fault.health.date_future")
}

// link reports whether a source is an address that a page may lead to.
func link(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
