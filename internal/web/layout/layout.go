// Package layout is the frame of every page: masthead, exercise strip, rail,
// main part and footer, or the narrow frame of sign-in and errors.
package layout

import (
	"time"

	"github.com/a-h/templ"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
)

// Props is all that the frame shows. Words of the frame come from the
// printer; names of nodes, agencies and exercises come ready.
type Props struct {
	P     *locale.Printer
	Title string // of the page; the node's name is added
	Now   time.Time
	Theme string // "day", "night", or empty: what the device wishes
	Path  string // address of this page with its query, to come back to after a switch

	Node      Node
	Account   *Account // nil: nobody is signed in
	Exercise  *Exercise
	Nav       []NavGroup
	Sync      *Sync
	Languages []locale.Language // of the switch; as locale.Offered
	Search    bool              // show the search form
	Query     string            // words that were searched for
	Stream    string            // address of the live stream; empty: none
	Notices   []parts.Notice
	Map       bool // a map is on the page: the boundary disclaimer stands in the footer
	Marking   string
}

// Node is the node that answers.
type Node struct {
	Name   string // "Viet Nam node"
	Agency string // "National EOC, Hà Nội"
	Code   string // plate of the member
	Digest string // of the procedure, short; shown in the footer and on print
}

// Exercise is the strip that stays while the node plays one.
type Exercise struct {
	Name    string
	LogHref string
}

// Account is who is signed in.
type Account struct {
	Initials string
	Role     string // "Duty officer"
	Detail   string // "National EOC, until 17:00"
	Href     string // account page
	SignOut  string // POST
	Roles    []parts.Link
}

// NavGroup is a part of the rail.
type NavGroup struct {
	Title string
	Items []NavItem
}

// NavItem is one line of the rail. Those with Bar stand in the bottom bar of
// a phone, at most five; the rest is in its menu.
type NavItem struct {
	Text    string
	Href    string
	Icon    string
	Count   int
	Hot     bool // something there needs action
	Current bool
	Bar     bool
}

// Sync is the state of the nodes at the foot of the rail.
type Sync struct {
	Text   string // "10 of 11 nodes in step"
	Detail string // "Timor-Leste last heard 14 min ago"
	Plates []parts.Plate
	Href   string
}

// Fault is an error page: what happened, what one may do, and the number that
// an operator can find it by.
type Fault struct {
	Status  int
	Title   string
	Text    string
	Request string
	Actions []parts.Button
}

func (p Props) pageTitle() string {
	if p.Node.Name == "" {
		return p.Title + " · Lintas"
	}
	return p.Title + " · " + p.Node.Name
}

// themes of the switch, each with its icon; "auto" follows the device.
var themes = [...]struct{ name, icon string }{{"day", "sun"}, {"night", "moon"}, {"auto", "monitor"}}

func (p Props) theme() string {
	if p.Theme == "" {
		return "auto"
	}
	return p.Theme
}

// document are the attributes of the html element: the theme, and the words
// that the script needs to count times on.
func (p Props) document() templ.Attributes {
	a := templ.Attributes{"lang": p.P.Lang(), "data-now": p.Now.UTC().Format(time.RFC3339)}
	if p.Theme != "" {
		a["data-theme"] = p.Theme
	}
	for name, key := range map[string]string{
		"data-w-moment": "script.moment", "data-w-min": "script.minutes", "data-w-mixed": "script.mixed",
		"data-w-hour": "script.hours", "data-w-day": "script.days", "data-w-late": "script.late",
		"data-w-unsaved": "script.unsaved", "data-w-offline": "script.offline", "data-w-ago": "script.ago",
	} {
		a[name] = p.P.T(key, "n", "#", "h", "#h", "m", "#m", "time", "#")
	}
	return a
}

// bar are the items of the bottom bar of a phone.
func (p Props) bar() []NavItem {
	var out []NavItem
	for _, g := range p.Nav {
		for _, i := range g.Items {
			if i.Bar && len(out) < 4 {
				out = append(out, i)
			}
		}
	}
	return out
}

func itemClass(i NavItem) string {
	if i.Hot {
		return "n hot"
	}
	return "n"
}
