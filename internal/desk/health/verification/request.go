package verification

import (
	"regexp"
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

// Limits of what is entered and of what is taken from other members.
const (
	MaxTitle     = 160
	MaxWhere     = 160
	MaxContext   = 8000
	MaxWords     = 4000
	MaxQuestion  = 600
	MaxQuestions = 20
	MaxRounds    = 20
	MaxEvidence  = 12
	MaxSource    = 300
	MaxReason    = 1000
	MaxFirst     = 7 * 24 * time.Hour
	MaxAnswer    = 30 * 24 * time.Hour
)

// Outcome is what an answer says about the whole matter.
type Outcome string

// Outcomes; the catalogue has "verification.outcome.<o>".
const (
	Confirmed Outcome = "confirmed"
	Refuted   Outcome = "refuted"
	Partly    Outcome = "partly"
	Unable    Outcome = "unable" // it could not be verified
)

// Outcomes in the order of the form.
var Outcomes = []Outcome{Confirmed, Refuted, Partly, Unable}

// EvidenceKinds say what an item of evidence is; the catalogue has
// "verification.evidence.<kind>".
var EvidenceKinds = []string{"laboratory", "epidemiological", "clinical", "environmental", "animal", "document", "statement"}

// Question is one question; Round says in which turn of the exchange it was
// asked.
type Question struct {
	N     int    `json:"n"`
	Round int    `json:"round"`
	Text  string `json:"text"`
}

// Reply answers one question. Unknown says that the answer is not known, which
// is an answer; an empty reply is none.
type Reply struct {
	N       int    `json:"n"`
	Text    string `json:"text,omitempty"`
	Unknown bool   `json:"unknown,omitempty"`
}

// Given reports whether the question was answered.
func (r Reply) Given() bool { return r.Text != "" || r.Unknown }

// Evidence is what an answer rests on.
type Evidence struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Source string `json:"source"`
	AsOf   string `json:"as_of"` // a day: 2020-01-13
}

// Answer is the full answer of the member that was asked.
type Answer struct {
	Outcome  Outcome        `json:"outcome"`
	Summary  string         `json:"summary"`
	Replies  []Reply        `json:"replies"`
	Evidence []Evidence     `json:"evidence,omitempty"`
	Marking  access.Marking `json:"marking"`
}

// Reply to the question with the number; the zero Reply is none.
func (a *Answer) Reply(n int) Reply {
	for _, r := range a.Replies {
		if r.N == n {
			return r
		}
	}
	return Reply{N: n}
}

// Extension is more time for the full answer, asked for by who answers and
// decided by who asked.
type Extension struct {
	Until   time.Time `json:"until"`
	Words   string    `json:"words"`
	Asked   time.Time `json:"asked"`
	Granted bool      `json:"granted,omitempty"`
	Decided time.Time `json:"decided,omitzero"`

	fresh bool // the step that is being taken asks for it or decides it
}

// Open reports whether it waits for a decision.
func (e *Extension) Open() bool { return e != nil && e.Decided.IsZero() }

// Request is one side of an exchange: of the member that asks, or of the
// member that answers. Each side owns its record; what the other side said
// came as a release and is never edited here.
type Request struct {
	desk.Head
	From      access.Member `json:"from"` // who asks
	To        access.Member `json:"to"`   // who is asked
	Title     string        `json:"title"`
	Context   string        `json:"context"`
	Lang      string        `json:"lang"`
	Hazard    string        `json:"hazard,omitempty"` // a key of health.Hazards
	Where     string        `json:"where"`            // a place code, or words
	Questions []Question    `json:"questions"`
	Round     int           `json:"round"`
	Group     id.ID         `json:"group,omitempty"` // requests composed together

	// Event and Signal are of this member; they never leave it.
	Event  id.ID `json:"event,omitempty"`
	Signal id.ID `json:"signal,omitempty"`

	FirstWithin  time.Duration `json:"first_within"`
	AnswerWithin time.Duration `json:"answer_within"`
	Release      id.ID         `json:"release,omitempty"` // of the questions of this round
	Asked        time.Time     `json:"asked,omitzero"`    // this round
	AskedAs      string        `json:"asked_as,omitempty"`
	FirstBy      time.Time     `json:"first_by,omitzero"`
	AnswerBy     time.Time     `json:"answer_by,omitzero"`
	First        time.Time     `json:"first,omitzero"`    // first reply of any kind in this round
	Answered     time.Time     `json:"answered,omitzero"` // full answer or refusal in this round
	Delivered    time.Time     `json:"delivered,omitzero"`
	Opened       time.Time     `json:"opened,omitzero"`
	OpenedAs     string        `json:"opened_as,omitempty"`
	Reminded     time.Time     `json:"reminded,omitzero"`
	Reminders    int           `json:"reminders,omitempty"`

	Answer    *Answer    `json:"answer,omitempty"` // that left or arrived
	Draft     *Answer    `json:"draft,omitempty"`  // of the member that answers; stays there
	DraftBy   id.ID      `json:"draft_by,omitempty"`
	SubmitBy  id.ID      `json:"submit_by,omitempty"`
	SubmitAs  string     `json:"submit_as,omitempty"` // duty post
	Extension *Extension `json:"extension,omitempty"`
	Reason    string     `json:"reason,omitempty"` // of the last return, refusal, withdrawal or closing
	Crossed   time.Time  `json:"crossed,omitzero"` // an answer came after the withdrawal or the closing
	Words     string     `json:"-"`                // of the step that is being taken
}

// Asking reports whether this node asks; else it answers.
func (r *Request) Asking() bool { return r.From == r.Owner }

// Peer is the other side.
func (r *Request) Peer() access.Member {
	if r.Asking() {
		return r.To
	}
	return r.From
}

var (
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	dayForm  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

func runes(s string, most int) bool { return utf8.RuneCountInString(s) <= most }

// validate checks what was entered; what a step still lacks is said by its
// needs.
func validate(r *Request) error {
	var c fault.Check
	for _, s := range []*string{&r.Title, &r.Context, &r.Where, &r.Reason, &r.Words} {
		*s = strings.TrimSpace(*s)
	}
	c.That(runes(r.Title, MaxTitle), "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(runes(r.Context, MaxContext), "context", "fault.too_long", fault.Args{"max": MaxContext})
	c.That(runes(r.Where, MaxWhere), "where", "fault.too_long", fault.Args{"max": MaxWhere})
	c.That(runes(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(runes(r.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(langForm.MatchString(r.Lang) && len(r.Lang) <= 20, "lang", "fault.health.lang")
	_, known := health.HazardByKey(r.Hazard)
	c.That(known || r.Hazard == "", "hazard", "fault.health.hazard")
	c.That(r.Marking.Valid(), "marking", "fault.health.marking")
	c.That(slices.Contains(access.All(), r.To) && slices.Contains(access.All(), r.From), "to", "fault.verification.member")
	c.That(r.To != r.From, "to", "fault.verification.self")
	c.That(r.FirstWithin >= time.Hour && r.FirstWithin <= MaxFirst, "first_within", "fault.verification.first_within")
	c.That(r.AnswerWithin >= r.FirstWithin && r.AnswerWithin <= MaxAnswer, "answer_within", "fault.verification.answer_within")
	checkQuestions(&c, r.Questions)
	if r.Draft != nil {
		r.Draft.check(&c, r.Questions)
	}
	if r.Answer != nil {
		r.Answer.check(&c, r.Questions)
	}
	return c.Err()
}

func checkQuestions(c *fault.Check, qs []Question) {
	c.That(len(qs) <= MaxQuestions, "questions", "fault.too_many", fault.Args{"max": MaxQuestions})
	for i := range qs {
		q := &qs[i]
		q.Text = strings.TrimSpace(q.Text)
		c.Row(q.Text != "", i+1, "questions", "fault.verification.question")
		c.Row(runes(q.Text, MaxQuestion), i+1, "questions", "fault.too_long", fault.Args{"max": MaxQuestion})
		c.Row(q.N == i+1 && q.Round >= 1 && q.Round <= MaxRounds, i+1, "questions", "fault.invalid")
	}
}

// check refuses an answer that breaks the limits; it may still be incomplete.
func (a *Answer) check(c *fault.Check, qs []Question) {
	a.Summary = strings.TrimSpace(a.Summary)
	c.That(a.Outcome == "" || slices.Contains(Outcomes, a.Outcome), "outcome", "fault.verification.outcome")
	c.That(runes(a.Summary, MaxWords), "summary", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(a.Marking.Valid(), "marking", "fault.health.marking")
	c.That(len(a.Replies) <= MaxQuestions, "replies", "fault.too_many", fault.Args{"max": MaxQuestions})
	seen := map[int]bool{}
	for i := range a.Replies {
		r := &a.Replies[i]
		r.Text = strings.TrimSpace(r.Text)
		c.Row(r.N >= 1 && r.N <= len(qs) && !seen[r.N], i+1, "replies", "fault.verification.reply")
		c.Row(runes(r.Text, MaxWords), i+1, "replies", "fault.too_long", fault.Args{"max": MaxWords})
		seen[r.N] = true
	}
	c.That(len(a.Evidence) <= MaxEvidence, "evidence", "fault.too_many", fault.Args{"max": MaxEvidence})
	for i := range a.Evidence {
		e := &a.Evidence[i]
		e.Text, e.Source = strings.TrimSpace(e.Text), strings.TrimSpace(e.Source)
		c.Row(slices.Contains(EvidenceKinds, e.Kind), i+1, "evidence", "fault.verification.evidence_kind")
		c.Row(e.Text != "" && runes(e.Text, MaxWords), i+1, "evidence", "fault.verification.evidence_text", fault.Args{"max": MaxWords})
		c.Row(e.Source != "" && runes(e.Source, MaxSource), i+1, "source", "fault.verification.evidence_source", fault.Args{"max": MaxSource})
		_, err := time.Parse(time.DateOnly, e.AsOf)
		c.Row(err == nil && dayForm.MatchString(e.AsOf), i+1, "as_of", "fault.verification.evidence_asof")
	}
}
