// Package web is the pages of the situation reports: the list, a report as a
// printed sheet, its forms, the inputs of a regional one, and the panel on the
// page of an event.
package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sitrep"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *sitrep.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *sitrep.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/sitreps"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.newReport))
	m.Page("POST "+base+"/new", g.reader(g.draft))
	m.Page("GET "+base+"/regional", g.reader(g.newRegional))
	m.Page("POST "+base+"/regional", g.reader(g.open))
	m.Page("GET /health/sitrep-calls/{id}", g.reader(g.call))
	m.Page("GET "+base+"/{id}", g.reader(g.report))
	m.Download("GET "+base+"/{id}/table.csv", g.reader(g.table))
	m.Download("GET "+base+"/{id}/table.xlsx", g.reader(g.table))
	m.Download("GET "+base+"/{id}/edxl.xml", g.reader(g.edxl))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !sitrep.Capabilities.May(r.Actor, "sitrep.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.sitrep"), Href: base, Icon: "scroll-text"}}
}

// Panel stands on the page of an event.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "sitreps", Title: "sitrep.panel.title", Side: true, Body: g.panel}
}

// reader lets only those in who may read the desk at all; to others its pages
// are not there.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !sitrep.Capabilities.May(r.Actor, "sitrep.read") {
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
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.desk.Member()} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func (w words) members(ms []access.Member) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = w.name(string(m))
	}
	return strings.Join(out, ", ")
}

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(string(m)), State: s}
}

func (w words) state(s workflow.State) string { return w.T("sitrep.state." + string(s)) }

// issue is the number of a report in words.
func (w words) issue(v *sitrep.ReportView) string {
	if v.Corrections > 0 {
		return w.T("sitrep.issue.corrected", "n", v.Number, "c", v.Corrections)
	}
	return w.T("sitrep.issue", "n", v.Number)
}

// reference names an issued report on paper: its owner, its number and the end
// of the release that brought it.
func reference(v *sitrep.ReportView) string {
	rel := string(v.Release)
	return string(v.Owner) + "-" + str(v.Number) + "-" + strings.ToUpper(rel[max(0, len(rel)-8):])
}

// date is a day of the form 2006-01-02 in words.
func (w words) date(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.Day(t)
}

// what is an indicator of a class in words.
func (w words) what(indicator, class string) string {
	if class == "" {
		return w.T("indicator." + indicator)
	}
	return w.T("sitrep.what", "indicator", w.T("indicator."+indicator), "class", w.T("class."+class))
}

// signed is a difference with its sign.
func (w words) signed(n int64) string {
	if n > 0 {
		return "+" + w.Number(n)
	}
	return w.Number(n)
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason", "sitrep.why"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

// version is that of the record which the person saw; a form without one is
// refused later.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func lines(s string) []string {
	var out []string
	for _, l := range strings.Split(text(s), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(text(s), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
