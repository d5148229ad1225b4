// Package web is the pages of the risk assessments: the list, an assessment
// with its matrix and the spread of positions, their forms, and the panel on
// the page of an event.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/risk"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *risk.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *risk.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/risk"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Page("GET "+base+".csv", g.reader(g.download))
	m.Page("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/matrix", g.reader(g.matrix))
	m.Page("GET "+base+"/new", g.reader(g.newAssessment))
	m.Page("POST "+base+"/new", g.reader(g.draft))
	m.Page("GET "+base+"/{id}", g.reader(g.assessment))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.editAssessment))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.saveAssessment))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("GET "+base+"/{id}/position", g.reader(g.newPosition))
	m.Page("POST "+base+"/{id}/position", g.reader(g.answer))
	m.Page("GET /health/positions/{id}", g.reader(g.position))
	m.Page("GET /health/positions/{id}/edit", g.reader(g.editPosition))
	m.Page("POST /health/positions/{id}/edit", g.reader(g.savePosition))
	m.Page("GET /health/positions/{id}/step/{verb}", g.reader(g.askPositionStep))
	m.Page("POST /health/positions/{id}/step/{verb}", g.reader(g.positionStep))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !risk.Capabilities.May(r.Actor, "risk.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.risk"), Href: base, Icon: "triangle-alert"}}
}

// Panel stands on the page of an event.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "risk", Title: "risk.panel.title", Side: true, Body: g.panel}
}

// reader lets only those in who may read the desk at all; to others its pages
// are not there.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !risk.Capabilities.May(r.Actor, "risk.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
	// shows reports whether this node and person have the page of an event.
	shows func(event id.ID) bool
}

func (g *Pages) words(r *shell.Request) words {
	shows := func(event id.ID) bool { return g.health.Shows(r.Context(), r.Actor, event) }
	return words{r.Printer, r.Now, g.desk.Member(), shows}
}

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) names(ms []access.Member) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = w.name(m)
	}
	return strings.Join(out, ", ")
}

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

func (w words) level(l risk.Level) string {
	if l == "" {
		return w.T("risk.level.none")
	}
	return w.T("risk.level." + string(l))
}

func (w words) likelihood(l risk.Likelihood) string   { return w.T("risk.likelihood." + string(l)) }
func (w words) consequence(c risk.Consequence) string { return w.T("risk.consequence." + string(c)) }
func (w words) state(s workflow.State) string         { return w.T("risk.state." + string(s)) }

// group is the name of a population.
func (w words) group(p risk.Population) string {
	if p.Group == "other" {
		return p.Words
	}
	if p.Words != "" {
		return w.T("risk.group."+p.Group) + " (" + p.Words + ")"
	}
	return w.T("risk.group." + p.Group)
}

// band says a likelihood with its percents.
func (w words) band(l risk.Likelihood) string {
	b := risk.Current().Bands[l]
	return w.T("risk.band", "word", w.likelihood(l), "from", b.From, "to", b.To)
}

// grade is the shape and colour of a level.
func grade(l risk.Level) parts.Grade { return parts.Grade(risk.GradeOf(l)) }

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func path(aid id.ID) string         { return risk.AssessmentPath(aid) }
func positionPath(pid id.ID) string { return risk.PositionPath(pid) }
func eventPath(eid id.ID) string    { return "/health/events/" + url.PathEscape(string(eid)) }

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func offered(offers []workflow.Offer, verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return offers[i], true
}

// version is the version of the record that the person saw; a form without
// one is refused later, since no record has this version.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(text(s), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
