// Package web is the pages of the trail: lists of findings, recommendations and
// actions, a page for each with its links both ways, their forms and steps.
package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the trail.
type Pages struct {
	desk *trail.Desk
}

// New makes the pages of the trail.
func New(d *trail.Desk) *Pages { return &Pages{desk: d} }

const (
	actionsPath         = "/trail/actions"
	findingsPath        = "/trail/findings"
	recommendationsPath = "/trail/recommendations"
)

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET /trail", g.reader(func(w http.ResponseWriter, r *shell.Request) error { return r.Redirect(w, actionsPath) }))
	for _, l := range []struct {
		path string
		list func(http.ResponseWriter, *shell.Request) error
	}{{actionsPath, g.actions}, {findingsPath, g.findings}, {recommendationsPath, g.recommendations}} {
		m.Page("GET "+l.path, g.reader(l.list))
		m.Download("GET "+l.path+".csv", g.reader(l.list))
		m.Download("GET "+l.path+".xlsx", g.reader(l.list))
	}
	m.Page("GET "+findingsPath+"/{id}", g.reader(g.finding))
	m.Page("GET "+findingsPath+"/{id}/edit", g.reader(g.editFinding))
	m.Page("POST "+findingsPath+"/{id}/edit", g.reader(g.saveFinding))
	m.Page("GET "+recommendationsPath+"/new", g.reader(g.newRecommendation))
	m.Page("POST "+recommendationsPath+"/new", g.reader(g.saveRecommendation))
	m.Page("GET "+recommendationsPath+"/{id}", g.reader(g.recommendation))
	m.Page("GET "+recommendationsPath+"/{id}/edit", g.reader(g.newRecommendation))
	m.Page("POST "+recommendationsPath+"/{id}/edit", g.reader(g.saveRecommendation))
	m.Page("GET "+actionsPath+"/new", g.reader(g.newProposal))
	m.Page("POST "+actionsPath+"/new", g.reader(g.saveProposal))
	m.Page("GET "+actionsPath+"/{id}", g.reader(g.action))
	m.Page("GET "+actionsPath+"/{id}/edit", g.reader(g.newProposal))
	m.Page("POST "+actionsPath+"/{id}/edit", g.reader(g.saveProposal))
	for _, kind := range []string{"findings", "recommendations", "proposals", "actions"} {
		ask, take := g.step(kind)
		m.Page("GET /trail/"+kind+"/{id}/step/{verb}", g.reader(ask))
		m.Page("POST /trail/"+kind+"/{id}/step/{verb}", g.reader(take))
	}
}

// Nav is the trail's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !trail.Capabilities.May(r.Actor, "trail.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.trail"), Href: actionsPath, Icon: "target"}}
}

// reader lets only those in who may read the trail at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !trail.Capabilities.May(r.Actor, "trail.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// Words say what pages say of the trail; desks that show a part of it use them
// too.
type Words struct {
	*locale.Printer
	Now  time.Time
	Self access.Member
}

func (g *Pages) words(r *shell.Request) Words { return Words{r.Printer, r.Now, g.desk.Member()} }

// Name of a member.
func (w Words) Name(m access.Member) string { return place.Name(string(m), w.Lang()) }

// Plate of a member.
func (w Words) Plate(m access.Member) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.Name(m)}
}

// Plates of members.
func (w Words) Plates(list []access.Member) []parts.Plate {
	var out []parts.Plate
	for _, m := range list {
		out = append(out, w.Plate(m))
	}
	return out
}

// Names of members in one line.
func (w Words) Names(list []access.Member) string {
	var out []string
	for _, m := range list {
		out = append(out, w.Name(m))
	}
	return strings.Join(out, ", ")
}

// Theme with its code, such as "D1 National laboratory system".
func (w Words) Theme(code string) string {
	switch {
	case code == "":
		return ""
	case trail.IsSPAR(code):
		return "SPAR " + code + " " + w.T("trail.spar."+code)
	}
	return "JEE " + code + " " + w.T("timeliness.jee."+strings.ToLower(code))
}

// Many are keys of the catalogue with one beginning, said in one line.
func (w Words) Many(begin string, list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, w.T(begin+s))
	}
	return strings.Join(out, ", ")
}

// Affected says who was; nobody having looked is said too.
func (w Words) Affected(list []string) string {
	if len(list) == 0 {
		return w.T("trail.group.not_examined")
	}
	return w.Many("trail.group.", list)
}

// DayOf says a day that a record keeps as text.
func (w Words) DayOf(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "–"
	}
	return w.Day(t)
}

func stageGrade(s workflow.State, late bool) parts.Grade {
	switch s {
	case trail.Verified:
		return parts.Good
	case trail.Declined, trail.Dropped:
		return parts.Warning
	case trail.Countered, trail.Offered:
		return parts.Watch
	case trail.Accepted, trail.Working, trail.Finished, trail.Done, trail.Released, trail.Final:
		if late {
			return parts.Warning
		}
		return parts.Information
	}
	return parts.Ungraded
}

// Stage of an action as a tag, with its lateness.
func (w Words) Stage(p *trail.Pair) templ.Component {
	text := w.T("trail.state." + string(p.Stage))
	if p.Late {
		text += " · " + w.T("trail.late")
	}
	return parts.Tag(stageGrade(p.Stage, p.Late), text)
}

func (w Words) state(s workflow.State) templ.Component {
	return parts.Tag(stageGrade(s, false), w.T("trail.state."+string(s)))
}

// ActionTable are actions with owner, due date and state.
func (w Words) ActionTable(list []trail.Pair, caption string) parts.Table {
	t := parts.Table{Caption: caption, RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("trail.col.action")}, {Text: w.T("trail.col.owner")}, {Text: w.T("trail.col.due")},
		{Text: w.T("trail.col.state")}, {Text: w.T("trail.col.proposer")}, {Text: w.T("trail.col.theme")}}}
	for i := range list {
		p := &list[i]
		due := w.DayOf(p.Terms().By)
		c := parts.Cell{Body: w.Stage(p)}
		if p.Action != nil && p.Action.Reason != "" {
			c.Note = p.Action.Reason
		} else if p.Proposal.Reason != "" {
			c.Note = p.Proposal.Reason
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: p.Proposal.Title, Href: trail.Path(trail.KindAction, p.Proposal.ID), Note: p.Terms().Deliverable},
			{Body: parts.PlateMark(w.Plate(p.Proposal.For))}, {Text: due}, c, {Body: parts.PlateMark(w.Plate(p.Proposal.Owner))}, {Text: w.Theme(p.Proposal.Theme)}})
	}
	return t
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// Paragraphs of a text.
func Paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(text(s), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Again is the status of a form that is shown once more, or 0.
func Again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

func idsOf(list []string) []id.ID {
	var out []id.ID
	for _, s := range list {
		if i, err := id.Parse(s); err == nil {
			out = append(out, i)
		}
	}
	return out
}

func membersOf(list []string) []access.Member {
	var out []access.Member
	for _, s := range list {
		out = append(out, access.Member(s))
	}
	return out
}

func strs[S ~string](list []S) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

// with changes one value of a query.
func with(q url.Values, name, value string) string {
	c := url.Values{}
	for k, v := range q {
		c[k] = v
	}
	if value == "" {
		c.Del(name)
	} else {
		c.Set(name, value)
	}
	if len(c) == 0 {
		return ""
	}
	return "?" + c.Encode()
}
