package sop

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// MaxReason is how long a reason may be, MaxEvidence how long what is said of
// a finished step.
const (
	MaxReason   = 1000
	MaxEvidence = 2000
	MaxLink     = 400
)

// Origin is the playbook of another member, or the sample, from which one was
// taken.
type Origin struct {
	Member access.Member `json:"member,omitempty"` // empty: a sample of the program
	ID     id.ID         `json:"id,omitempty"`
	Code   string        `json:"code"`
	Number int           `json:"number,omitempty"`
	Digest string        `json:"digest"`
	Text   string        `json:"text"` // as it was then, so that differences can be shown for ever
}

// Playbook is one version of a playbook. Once it is published its text never
// changes; who thinks again writes another version.
type Playbook struct {
	desk.Head
	Code       string          `json:"code"`
	Number     int             `json:"number"` // counts the versions of one code at this member; 0: never published
	Title      string          `json:"title"`
	Text       string          `json:"text"`
	Digest     string          `json:"digest"`
	Lang       string          `json:"lang"`
	Sample     bool            `json:"sample,omitempty"`
	Triggers   []Trigger       `json:"triggers,omitempty"`
	Hazards    []string        `json:"hazards,omitempty"`
	Steps      int             `json:"steps"`
	Authors    []id.ID         `json:"authors"`
	Origin     *Origin         `json:"origin,omitempty"`
	Supersedes id.ID           `json:"supersedes,omitempty"`
	Note       string          `json:"note,omitempty"` // what changes in this version, and why
	Published  time.Time       `json:"published,omitzero"`
	By         string          `json:"by,omitempty"` // duty post that published it
	To         []access.Member `json:"to,omitempty"`
	Release    id.ID           `json:"release,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	CopyOf     id.ID           `json:"copy_of,omitempty"` // release by which it came from its owner

	next     int  // the number that it gets when it is published
	usedCode bool // another own playbook of this code is published, and this one does not follow it
}

// Own reports whether this node owns it.
func (p *Playbook) Own() bool { return p.CopyOf == "" }

// Plan is what its text says.
func (p *Playbook) Plan() (Plan, error) { return Parse(p.Text) }

// set takes a text that can be read.
func (p *Playbook) set(text string) error {
	plan, err := Parse(text)
	if err != nil {
		return err
	}
	p.Text = Canonical(text)
	p.Digest = Digest(p.Text)
	p.Code, p.Title, p.Lang, p.Sample, p.Triggers, p.Hazards, p.Steps = plan.Code, plan.Title, plan.Lang, plan.Sample, plan.Triggers, plan.Hazards, len(plan.Steps)
	return nil
}

func validatePlaybook(p *Playbook) error {
	var c fault.Check
	p.Reason, p.Note = strings.TrimSpace(p.Reason), strings.TrimSpace(p.Note)
	c.That(p.Marking.Valid(), "marking", "fault.health.marking")
	c.That(!long(p.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!long(p.Note, MaxReason), "note", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(p.Digest == Digest(p.Text), "text", "fault.sop.digest")
	return c.Err()
}

func long(s string, most int) bool { return utf8.RuneCountInString(s) > most }

// Run is one playbook in use: for a family at a level, for an own event, or
// started by hand.
type Run struct {
	desk.Head
	Playbook id.ID     `json:"playbook"`
	Code     string    `json:"code"`
	Number   int       `json:"number"`
	Digest   string    `json:"digest"`
	Title    string    `json:"title"`
	Lang     string    `json:"lang"`
	Why      string    `json:"why"` // ByLevel, ByActivation, ByHand
	Decision id.ID     `json:"decision,omitempty"`
	Level    int       `json:"level,omitempty"`
	Least    int       `json:"least,omitempty"` // the level from which the playbook is for it
	Until    time.Time `json:"until,omitzero"`  // when the decision ends unless it is renewed
	Over     time.Time `json:"over,omitzero"`   // when it was seen that the decision holds no longer
	Family   id.ID     `json:"family,omitempty"`
	Event    id.ID     `json:"event,omitempty"`
	Subject  string    `json:"subject"` // name of the event or family
	Hazard   string    `json:"hazard,omitempty"`
	// Concerned are the states that the level concerns, empty: all. It is still
	// known here when the level is over.
	Concerned []access.Member `json:"concerned,omitempty"`

	Started time.Time       `json:"started"`
	Ended   time.Time       `json:"ended,omitzero"`
	To      []access.Member `json:"to,omitempty"`
	Release id.ID           `json:"release,omitempty"`
	Shared  time.Time       `json:"shared,omitzero"` // when its progress was last released
	Told    []Told          `json:"told,omitempty"`  // releases of its progress that stand
	Sent    []Sent          `json:"sent,omitempty"`  // files that the last one carries
	Back    time.Time       `json:"back,omitzero"`   // when the progress was taken back
	BackWhy string          `json:"back_why,omitempty"`
	Reason  string          `json:"reason,omitempty"`

	unsettled int  // its tasks that are neither finished nor answered
	told      bool // somebody was told, and it was not taken back
}

// scope is the record that the run is for.
func (r *Run) scope() id.ID {
	if r.Family != "" {
		return r.Family
	}
	return r.Event
}

// asks reports whether the run asks for a step: all of them where a person
// began it, else those of its level.
func (r *Run) asks(s *Step) bool { return r.Why == ByHand || s.Level <= r.Level }

// IsOver reports whether the level that started the run holds no longer: it
// needs no sweep to be so.
func (r *Run) IsOver(now time.Time) bool {
	return r.Why != ByHand && (!r.Over.IsZero() || !r.Until.IsZero() && !now.Before(r.Until))
}

func validateRun(r *Run) error {
	var c fault.Check
	r.Reason = strings.TrimSpace(r.Reason)
	c.That(r.Marking.Valid(), "marking", "fault.health.marking")
	r.BackWhy = strings.TrimSpace(r.BackWhy)
	c.That(!long(r.Reason, MaxReason) && !long(r.BackWhy, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}

// Block is a time during which a task could not go on.
type Block struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	Reason string    `json:"reason"`
}

// Task is one step of a run. It keeps the words of the step as they were when
// the run began.
type Task struct {
	desk.Head
	Run         id.ID         `json:"run"`
	Playbook    id.ID         `json:"playbook"`
	Digest      string        `json:"digest"`
	N           int           `json:"n"` // place in the playbook, from 1
	Code        string        `json:"code"`
	Title       string        `json:"title"`
	Lang        string        `json:"lang"`
	Function    string        `json:"function"`
	Role        access.Role   `json:"role"`
	Within      time.Duration `json:"within,omitempty"`
	Of          string        `json:"of,omitempty"`
	After       []string      `json:"after,omitempty"`
	Deliverable string        `json:"deliverable,omitempty"`
	Asks        string        `json:"asks,omitempty"` // evidence that the step asks for
	Form        string        `json:"form,omitempty"`
	How         string        `json:"how,omitempty"`
	Level       int           `json:"level,omitempty"`
	Optional    bool          `json:"optional,omitempty"`
	Base        time.Time     `json:"base,omitzero"` // when its clock began
	Doer        id.ID         `json:"doer,omitempty"`
	DoerPost    string        `json:"doer_post,omitempty"`
	Asked       *Asked        `json:"asked,omitempty"`    // who is asked to do it and has not answered
	Declined    []Declined    `json:"declined,omitempty"` // who was asked and said no, the last at the end
	Accepted    time.Time     `json:"accepted,omitzero"`
	Begun       time.Time     `json:"begun,omitzero"`
	Done        time.Time     `json:"done,omitzero"`
	Verified    time.Time     `json:"verified,omitzero"`
	VerifiedAs  string        `json:"verified_as,omitempty"`
	Evidence    string        `json:"evidence,omitempty"`
	Link        string        `json:"link,omitempty"`
	Files       []File        `json:"files,omitempty"` // evidence; they stay on this node unless a release names them
	Blocks      []Block       `json:"blocks,omitempty"`
	Reason      string        `json:"reason,omitempty"` // of the last block, skip, return or "not executable"

	had    id.ID    // who had accepted it before the present step
	asked  id.ID    // who was asked before the present step
	waits  []string // steps that must be settled first and are not
	closed bool     // its run has ended
}

// File is a file that shows that a step was done.
type File = exchange.File

// evident reports whether something shows that the step was done.
func (t *Task) evident() bool { return t.Evidence != "" || len(t.Files) > 0 }

// Planned is when the step should be done; zero while its clock has not begun
// or where it has none.
func (t *Task) Planned() time.Time {
	if t.Within == 0 || t.Base.IsZero() {
		return time.Time{}
	}
	return t.Base.Add(t.Within)
}

func validateTask(t *Task) error {
	var c fault.Check
	t.Reason, t.Evidence, t.Link = strings.TrimSpace(t.Reason), strings.TrimSpace(t.Evidence), strings.TrimSpace(t.Link)
	c.That(!long(t.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!long(t.Evidence, MaxEvidence), "evidence", "fault.too_long", fault.Args{"max": MaxEvidence})
	c.That(t.Link == "" || !long(t.Link, MaxLink) && (strings.HasPrefix(t.Link, "https://") || strings.HasPrefix(t.Link, "/")) && !strings.ContainsAny(t.Link, " \n\\"),
		"link", "fault.sop.link", fault.Args{"max": MaxLink})
	n := len(t.Declined)
	c.That(n == 0 || !long(t.Declined[n-1].Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(t.Asked == nil || !long(t.Asked.Words, MaxReason), "words", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(slices.Contains(Workers, t.Role), "role", "fault.invalid")
	return c.Err()
}

// stepOf makes the task of a step.
func (r *Run) stepOf(n int, s *Step, base time.Time) Task {
	t := Task{Run: r.ID, Playbook: r.Playbook, Digest: r.Digest, N: n, Code: s.Code, Title: s.Title, Lang: r.Lang, Function: s.Function, Role: s.Role, Within: s.Within,
		Of: s.Of, After: slices.Clone(s.After), Deliverable: s.Deliverable, Asks: s.Evidence, Form: s.Form, How: s.How, Level: s.Level, Optional: s.Optional, Base: base}
	t.Place, t.Marking, t.Exercise = r.Place, r.Marking, r.Exercise
	return t
}
