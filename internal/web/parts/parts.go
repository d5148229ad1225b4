// Package parts are the pieces that pages are made of: typed views in, HTML
// out. Texts of records come ready in the view; a part's own words come from
// the catalogue.
package parts

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/locale"
)

// Grade is how grave something is; it picks colour and shape, and its word is
// the catalogue's "grade.<Grade>".
type Grade string

const (
	Emergency   Grade = "emergency"
	Warning     Grade = "warning"
	Watch       Grade = "watch"
	Information Grade = "info"
	Good        Grade = "good"
	Ungraded    Grade = ""
)

// Grades are those of a legend, the gravest first.
var Grades = []Grade{Emergency, Warning, Watch, Information}

// Class is the style class that sets the colours of a grade.
func (g Grade) Class() string {
	if g == Ungraded {
		return "g-none"
	}
	return "g-" + string(g)
}

// Word is the name of a grade.
func (g Grade) Word(p *locale.Printer) string {
	if g == Ungraded {
		return p.T("grade.none")
	}
	return p.T("grade." + string(g))
}

// Outline is the path of the grade's shape around the origin, in a box of
// about 25 units; empty for a circle. Map, table and tag draw the same.
func (g Grade) Outline() string {
	switch g {
	case Emergency:
		return "M-4.6-11h9.2l6.4 6.4v9.2l-6.4 6.4h-9.2l-6.4-6.4v-9.2z"
	case Warning:
		return "M0-12.5L12 8.5H-12z"
	case Watch:
		return "M0-11.5L11.5 0 0 11.5-11.5 0z"
	}
	return ""
}

// Link is a piece of text that leads somewhere.
type Link struct {
	Text    string
	Href    string
	Current bool
}

// PlateState is how a state's plate is drawn.
type PlateState string

const (
	Plain   PlateState = ""
	Lead    PlateState = "lead"    // filled: leads the event, owns the record
	Missing PlateState = "missing" // dashed: has not answered, or is out of reach
	Behind  PlateState = "behind"  // dotted: in reach, not yet in step
)

// Plate stands for a member: its code, never a flag.
type Plate struct {
	Code  string
	Title string // name of the member and what the drawing means
	State PlateState
}

// Kind of a button or notice.
type Kind string

const (
	Primary Kind = "primary"
	Danger  Kind = "danger"
)

// Button is a link (Href), a button of the form around it (Name and Value), or
// a small form of its own (Post). Unmet are the reasons why it cannot be
// pressed now; the button is then shown disabled with them.
type Button struct {
	Text  string
	Icon  string
	Kind  Kind
	Small bool

	Href  string
	Name  string
	Value string
	Post  string
	Unmet []string
	Label string // for screen readers, where Text alone is not clear
	Print bool   // prints the page; there only where script can
}

func (b Button) class() string {
	c := "btn"
	if b.Kind != "" {
		c += " " + string(b.Kind)
	}
	if b.Small {
		c += " small"
	}
	return c
}

// Panel is a framed section. ID must be unique on the page.
type Panel struct {
	ID    string
	Title string
	Count string
	Tabs  []Link // a segmented switch beside the title
	More  Link
	Aside string // words at the end of the heading
	Class string
	Live  string // address that the panel reloads itself from ...
	On    string // ... when the live stream tells one of these events, comma separated
}

// PageHead is the top of a page.
type PageHead struct {
	Crumbs  []Link
	Meta    templ.Component // tags and plates above the title
	Title   string
	Lede    string
	Note    string // small line below the title
	Actions []Button
}

// Tab is one page of a record.
type Tab struct {
	Text    string
	Href    string
	Count   int // not shown below 0
	Current bool
}

// Notice tells how something went, or what is in the way.
type Notice struct {
	Grade   Grade // Good, Information, Warning, Emergency
	Title   string
	Text    string
	Actions []Button
}

// Figure is one key figure.
type Figure struct {
	Label string
	Value string
	Note  string
}

// Definition is one row of a definition list; Body goes before Text.
type Definition struct {
	Term string
	Text string
	Body templ.Component
}

// Empty says that there is nothing, and what one may do.
type Empty struct {
	Title  string
	Text   string
	Action Button
}

// Pager leads to the pages before and after; empty addresses are left out.
type Pager struct {
	Previous string
	Next     string
	Text     string // "51 to 100 of 1,204"
}

// Due is one row of "needs your action".
type Due struct {
	Grade   Grade
	At      time.Time // zero: no deadline
	Title   string
	Text    string
	Href    string // of the record; the title links to it when set
	Plates  []Plate
	Actions []Button
}

// Moment is one row of a timeline.
type Moment struct {
	At        time.Time
	Precision string // as locale.Dated; empty: to the minute
	Kind      MomentKind
	Title     string
	Text      string
	Plates    []Plate
	Signed    string // who signed it and that it was verified
	Href      string
}

// MomentKind is how a moment is drawn.
type MomentKind string

const (
	Report   MomentKind = "report"
	Decision MomentKind = "decision"
	Alarm    MomentKind = "alarm"
)

// EventRow is one row of the table of events.
type EventRow struct {
	Number  int // the same in table and map
	Href    string
	Grade   Grade
	Title   string
	Sub     string
	States  []Plate
	Spark   templ.Component
	Acks    []Ack
	Updated time.Time
}

func str(n int) string { return strconv.Itoa(n) }

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }
