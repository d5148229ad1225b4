package ihr

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Types and targets of additional health measures; the catalogue has
// "ihr.type.<t>" and "ihr.target.<t>".
var (
	Types = []string{"entry_denial", "border_closure", "flight_suspension", "visa_suspension", "quarantine", "isolation", "testing",
		"medical_exam", "vaccination_proof", "health_declaration", "import_ban", "export_ban", "goods_inspection", "conveyance_denial",
		"conveyance_treatment", "other"}
	Targets = []string{"travellers", "goods", "conveyances"}
)

// Ends of a corridor that are no member: Anywhere is every state, Outside are
// those states outside the region that the measure names.
const (
	Anywhere = "*"
	Outside  = "outside"
)

// Content of a measure is what is cleared before it leaves: what is done, to
// whom, between which states, and why.
type Content struct {
	Type   string   `json:"type"`
	Target string   `json:"target"`
	Title  string   `json:"title"`
	Text   string   `json:"text,omitempty"`
	From   []string `json:"from"` // members, Outside or Anywhere
	To     []string `json:"to"`
	Others string   `json:"others,omitempty"` // the states that Outside stands for, in words
	// Reason is the public health rationale, Evidence the scientific evidence
	// or the advice of WHO that it rests on (Article 43).
	Reason   string `json:"reason"`
	Evidence string `json:"evidence"`
	Lang     string `json:"lang"`
}

// Measure is an additional health measure under Article 43 of the state that
// takes it. It ends on its day of expiry unless it is renewed.
type Measure struct {
	desk.Head
	Event     id.ID     `json:"event,omitempty"`
	EventName string    `json:"event_name,omitempty"`
	Hazard    string    `json:"hazard"`
	Content   Content   `json:"content"`
	Start     time.Time `json:"start,omitzero"` // when it was put in force
	Review    string    `json:"review"`         // the day by which it is reviewed
	Expires   string    `json:"expires"`        // the last day on which it holds
	Reported  time.Time `json:"reported,omitzero"`
	ReportRef string    `json:"report_ref,omitempty"`
	Reviewed  time.Time `json:"reviewed,omitzero"`
	Words     string    `json:"words,omitempty"` // of the last review or renewal
	Renewals  int       `json:"renewals,omitempty"`
	Ended     time.Time `json:"ended,omitzero"`
	EndReason string    `json:"end_reason,omitempty"`

	Members   []access.Member `json:"members,omitempty"` // who gets it
	Authors   []id.ID         `json:"authors,omitempty"`
	Cleared   *Content        `json:"cleared,omitempty"` // what the approver cleared; only this leaves
	ClearedAs string          `json:"cleared_as,omitempty"`
	// ClearedMarking is the marking under which it leaves, as cleared.
	ClearedMarking access.Marking  `json:"cleared_marking,omitempty"`
	SentTo         []access.Member `json:"sent_to,omitempty"`
	Release        id.ID           `json:"release,omitempty"` // the newest
	CopyOf         id.ID           `json:"copy_of,omitempty"`
}

// Own reports whether this node owns the measure.
func (m *Measure) Own() bool { return m.CopyOf == "" }

// ReportLimit is the time for the report to WHO (Article 43, paragraph 5).
const ReportLimit = 48 * time.Hour

// Delay is how long after its start a measure was reported; of one that was
// not, how long it has been in force.
func Delay(start, reported, now time.Time) time.Duration {
	if start.IsZero() {
		return 0
	}
	if reported.IsZero() {
		return now.Sub(start)
	}
	return reported.Sub(start)
}

// until is the moment after which the measure has expired.
func (m *Measure) until() time.Time {
	t, err := time.Parse(time.DateOnly, m.Expires)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

func validateMeasure(m *Measure) error {
	var c fault.Check
	checkContent(&c, &m.Content)
	m.Words, m.EndReason, m.ReportRef = strings.TrimSpace(m.Words), strings.TrimSpace(m.EndReason), strings.TrimSpace(m.ReportRef)
	short(&c, m.Words, "words", MaxReason)
	short(&c, m.EndReason, "reason", MaxReason)
	short(&c, m.ReportRef, "report_ref", MaxTitle)
	c.That(day(m.Expires), "expires", "fault.health.date")
	c.That(day(m.Review), "review", "fault.health.date")
	c.That(m.Review <= m.Expires, "review", "fault.ihr.review_late")
	c.That(m.Marking.Valid(), "marking", "fault.health.marking")
	c.That(m.Start.IsZero() || m.Reported.IsZero() || !m.Reported.Before(m.Start), "reported", "fault.health.date_order")
	for i, x := range m.Members {
		c.That(slices.Contains(access.All(), x) && x != m.Owner && !slices.Contains(m.Members[:i], x), "members", "fault.ihr.members")
	}
	return c.Err()
}

func checkContent(c *fault.Check, x *Content) {
	for _, s := range []*string{&x.Title, &x.Text, &x.Others, &x.Reason, &x.Evidence} {
		*s = strings.TrimSpace(*s)
	}
	c.That(slices.Contains(Types, x.Type), "type", "fault.ihr.type")
	c.That(slices.Contains(Targets, x.Target), "target", "fault.ihr.target")
	c.That(x.Title != "", "title", "fault.ihr.title")
	short(c, x.Title, "title", MaxTitle)
	short(c, x.Text, "text", MaxText)
	short(c, x.Others, "others", MaxReason)
	short(c, x.Reason, "reason", MaxText)
	short(c, x.Evidence, "evidence", MaxText)
	c.That(x.Lang != "" && len(x.Lang) <= 20, "lang", "fault.invalid")
	ends(c, x.From, "from")
	ends(c, x.To, "to")
	beyond := func(list []string) bool { return slices.Contains(list, Outside) }
	c.That(!beyond(x.From) && !beyond(x.To) || x.Others != "", "others", "fault.ihr.others")
	only := func(list []string) bool { return len(list) == 1 && list[0] == Outside }
	c.That(!only(x.From) || !only(x.To), "to", "fault.ihr.outside_only")
}

// ends checks one side of a corridor.
func ends(c *fault.Check, list []string, field string) {
	c.That(len(list) > 0, field, "fault.ihr.ends")
	for i, s := range list {
		c.That(s == Anywhere || s == Outside || slices.Contains(access.States, access.Member(s)), field, "fault.ihr.ends")
		c.That(!slices.Contains(list[:i], s), field, "fault.ihr.ends")
	}
}
