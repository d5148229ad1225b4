package request

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Line is one thing that is asked for: the fields of the request form of SASOP
// (ASEAN, standard operating procedure for regional standby arrangements).
type Line struct {
	N          int      `json:"n"`
	Category   string   `json:"category"`
	Item       string   `json:"item"`
	Spec       string   `json:"spec,omitempty"`
	Qty        int64    `json:"qty"`
	Unit       string   `json:"unit"`
	Priority   string   `json:"priority,omitempty"`
	NeededBy   string   `json:"needed_by,omitempty"` // a day
	Days       int64    `json:"days,omitempty"`      // for how long
	Entry      string   `json:"entry,omitempty"`     // entry point
	Place      string   `json:"place,omitempty"`     // final place
	SelfDays   int64    `json:"self_days,omitempty"` // self-sufficiency expected
	Support    []string `json:"support,omitempty"`   // what the host provides
	Formality  []string `json:"formality,omitempty"` // customs, immigration, quarantine
	Repayment  string   `json:"repayment,omitempty"`
	Contact    string   `json:"contact,omitempty"` // site contact: a duty post
	OtherWords string   `json:"words,omitempty"`
}

// Content is what a request says.
type Content struct {
	Title     string         `json:"title"`
	Context   string         `json:"context,omitempty"`
	Authority string         `json:"authority"`
	Lang      string         `json:"lang"`
	Hazard    string         `json:"hazard,omitempty"`
	Event     id.ID          `json:"event,omitempty"`
	EventName string         `json:"event_name,omitempty"`
	Family    id.ID          `json:"family,omitempty"`
	Valid     string         `json:"valid,omitempty"` // until the end of this day
	Hours     int64          `json:"hours"`           // in which an answer is asked
	Marking   access.Marking `json:"marking"`
	Lines     []Line         `json:"lines"`
}

// Line finds a line by its number.
func (c *Content) Line(n int) (Line, bool) {
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.N == n })
	if i < 0 {
		return Line{}, false
	}
	return c.Lines[i], true
}

// RequestView is the body of a request.request release.
type RequestView struct {
	Content
	ID       id.ID           `json:"id"`
	Rev      int             `json:"rev"`
	From     access.Member   `json:"from"`
	To       []access.Member `json:"to"` // all whom it was issued to, so that nobody guesses
	Issued   time.Time       `json:"issued"`
	Post     string          `json:"post"`
	Cleared  string          `json:"cleared"`
	AnswerBy time.Time       `json:"answer_by"`
	Seq      int             `json:"seq"`              // of the message; the highest holds
	Closed   string          `json:"closed,omitempty"` // why it was closed or withdrawn
	Over     workflow.State  `json:"over,omitempty"`   // "closed", "expired" or "withdrawn"
}

// Answer is how an addressee stands to a request.
type Answer struct {
	Member    access.Member `json:"member"`
	Delivered time.Time     `json:"delivered,omitzero"`
	Opened    time.Time     `json:"opened,omitzero"`
	Declined  time.Time     `json:"declined,omitzero"`
	Offered   time.Time     `json:"offered,omitzero"` // the first offer
	Post      string        `json:"post,omitempty"`
	Words     string        `json:"words,omitempty"`
	Seq       int           `json:"seq,omitempty"`
}

// Request is a request at the member that asks, or at one that it was issued
// to. Sent is what was issued last; at the other members it is all there is.
type Request struct {
	desk.Head
	From     access.Member   `json:"from"`
	To       []access.Member `json:"to"`
	Draft    Content         `json:"draft"`
	Sent     *RequestView    `json:"sent,omitempty"`
	Past     []RequestView   `json:"past,omitempty"` // versions before Sent
	Release  id.ID           `json:"release,omitempty"`
	Seq      int             `json:"seq"`
	EditBy   id.ID           `json:"edit_by,omitempty"`
	SubmitBy id.ID           `json:"submit_by,omitempty"`
	Cleared  string          `json:"cleared,omitempty"` // duty post
	Answers  []Answer        `json:"answers,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Ended    time.Time       `json:"ended,omitzero"`  // closed, withdrawn or expired
	Opened   time.Time       `json:"opened,omitzero"` // at the addressee
	Offer    id.ID           `json:"offer,omitempty"` // the addressee's first

	was   id.ID // the release that a new one replaces
	words string
}

func (r *Request) head() *desk.Head { return &r.Head }

// Own reports whether this member asks.
func (r *Request) Own() bool { return r.From == r.Owner }

// Content is what holds now: what was issued last, or the draft of the first.
func (r *Request) Content() *Content {
	if r.Sent != nil {
		return &r.Sent.Content
	}
	return &r.Draft
}

func (r *Request) columns() columns {
	c := r.Content()
	out := columns{Peer: r.From, Request: r.ID, Event: c.Event, Open: r.Open(), Words: []string{c.Title, c.Context, c.EventName, c.Hazard}}
	if r.Own() {
		out.Peer = ""
	}
	for _, l := range c.Lines {
		out.Words = append(out.Words, l.Item, l.Spec, l.Place)
	}
	return out
}

// answer is the row of an addressee, made when there is none.
func (r *Request) answer(m access.Member) *Answer {
	i := slices.IndexFunc(r.Answers, func(a Answer) bool { return a.Member == m })
	if i < 0 {
		r.Answers = append(r.Answers, Answer{Member: m})
		i = len(r.Answers) - 1
	}
	return &r.Answers[i]
}

// Silent are the addressees that have neither offered nor declined. Bodies
// that are only informed owe no answer.
func (r *Request) Silent() []access.Member {
	var out []access.Member
	for _, m := range r.To {
		if !slices.Contains(access.States, m) {
			continue
		}
		i := slices.IndexFunc(r.Answers, func(a Answer) bool { return a.Member == m && (!a.Declined.IsZero() || !a.Offered.IsZero()) })
		if i < 0 {
			out = append(out, m)
		}
	}
	return out
}

func validateRequest(r *Request) error {
	var f form
	f.text(&r.Reason, MaxReason, "reason", 0)
	f.text(&r.words, MaxWords, "words", 0)
	f.member(r.From, "from")
	seen := map[access.Member]bool{}
	for _, m := range r.To {
		f.member(m, "to")
		f.That(m != r.From && !seen[m], "to", "fault.request.member")
		seen[m] = true
	}
	if r.Own() {
		r.Draft.check(&f)
	}
	return f.Err()
}

func (c *Content) check(f *form) {
	f.text(&c.Title, MaxTitle, "title", 0)
	f.text(&c.Context, MaxWords, "context", 0)
	f.text(&c.Authority, MaxShort, "authority", 0)
	f.text(&c.EventName, MaxShort, "event", 0)
	f.text(&c.Lang, 20, "lang", 0)
	_, known := health.HazardByKey(c.Hazard)
	f.That(known || c.Hazard == "", "hazard", "fault.health.hazard")
	f.ref(c.Event, "event")
	f.ref(c.Family, "family")
	f.day(c.Valid, "valid", 0)
	f.That(c.Hours >= 1 && c.Hours <= 24*30, "hours", "fault.request.hours")
	f.marking(c.Marking)
	f.That(len(c.Lines) <= MaxLines, "lines", "fault.too_many", map[string]any{"max": MaxLines})
	for i := range c.Lines {
		l := &c.Lines[i]
		f.Row(l.N >= 1 && l.N <= 10*MaxLines && (i == 0 || l.N > c.Lines[i-1].N), i+1, "lines", "fault.request.line_number")
		l.check(f, i+1)
	}
}

func (l *Line) check(f *form, row int) {
	f.Row(l.Category != "", row, "category", "fault.request.choice")
	f.one(l.Category, Categories, "category", row)
	f.text(&l.Item, MaxShort, "item", row)
	f.Row(l.Item != "", row, "item", "fault.request.item")
	f.text(&l.Spec, MaxWords, "spec", row)
	f.Row(l.Qty >= 1 && l.Qty <= MaxQty, row, "qty", "fault.request.qty")
	f.text(&l.Unit, 40, "unit", row)
	f.Row(l.Unit != "", row, "unit", "fault.request.unit")
	f.one(l.Priority, Priorities, "priority", row)
	f.day(l.NeededBy, "needed_by", row)
	f.number(l.Days, MaxDays, "days", row)
	f.number(l.SelfDays, MaxDays, "self_days", row)
	for _, t := range []*string{&l.Entry, &l.Place, &l.Contact} {
		f.text(t, MaxShort, "place", row)
	}
	f.text(&l.OtherWords, MaxReason, "words", row)
	f.some(l.Support, Supports, "support", row)
	f.some(l.Formality, Formalities, "formality", row)
	f.one(l.Repayment, Repayments, "repayment", row)
}

// Difference is one field that a version of a request has otherwise than the
// version before. Line 0 is the head of the request; a line that is new has no
// Was, one that was dropped no Is.
type Difference struct {
	Line  int
	Field string
	Was   string
	Is    string
}

// Differences compares two versions, line by line and field by field.
func Differences(was, is *Content) []Difference {
	var out []Difference
	add := func(line int, a, b [][2]string) {
		for i := range a {
			if a[i][1] != b[i][1] {
				out = append(out, Difference{line, a[i][0], a[i][1], b[i][1]})
			}
		}
	}
	add(0, was.fields(), is.fields())
	for _, l := range is.Lines {
		if old, ok := was.Line(l.N); ok {
			add(l.N, old.Fields(), l.Fields())
		} else {
			out = append(out, Difference{Line: l.N, Field: "line", Is: l.Words()})
		}
	}
	for _, l := range was.Lines {
		if _, ok := is.Line(l.N); !ok {
			out = append(out, Difference{Line: l.N, Field: "line", Was: l.Words()})
		}
	}
	return out
}

func (c *Content) fields() [][2]string {
	return [][2]string{{"title", c.Title}, {"context", c.Context}, {"authority", c.Authority}, {"hazard", c.Hazard}, {"event", string(c.Event)},
		{"valid", c.Valid}, {"hours", fmt.Sprint(c.Hours)}, {"marking", string(c.Marking)}}
}

// Fields are the fields of a line with their values, in the order of the form.
func (l Line) Fields() [][2]string {
	return [][2]string{{"category", l.Category}, {"item", l.Item}, {"spec", l.Spec}, {"qty", fmt.Sprint(l.Qty)}, {"unit", l.Unit}, {"priority", l.Priority},
		{"needed_by", l.NeededBy}, {"days", blank(l.Days)}, {"entry", l.Entry}, {"place", l.Place}, {"self_days", blank(l.SelfDays)},
		{"support", strings.Join(l.Support, ", ")}, {"formality", strings.Join(l.Formality, ", ")}, {"repayment", l.Repayment}, {"contact", l.Contact}, {"words", l.OtherWords}}
}

// Words name the line in short.
func (l Line) Words() string { return fmt.Sprintf("%d %s %s", l.Qty, l.Unit, l.Item) }

func blank(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
