// Package web is the pages of the levels: the list with the ladder, a decision
// with every position, the forms, and the panel on the page of an event.
package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/level"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *level.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *level.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/levels"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.newProposal))
	m.Page("POST "+base+"/new", g.reader(g.draft))
	m.Page("GET "+base+"/{id}", g.reader(g.page))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("GET "+base+"/{id}/position", g.reader(g.newPosition))
	m.Page("POST "+base+"/{id}/position", g.reader(g.answer))
	m.Page("POST /health/level-positions/{id}/{verb}", g.reader(g.stepPosition))
	m.Page("GET /health/activations/new", g.reader(g.newActivation))
	m.Page("POST /health/activations/new", g.reader(g.propose))
	m.Page("GET /health/activations/{id}/{verb}", g.reader(g.askActivation))
	m.Page("POST /health/activations/{id}/{verb}", g.reader(g.stepActivation))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !level.Capabilities.May(r.Actor, "level.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.level"), Href: base, Icon: "gauge"}}
}

// reader lets only those in who may read the desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !level.Capabilities.May(r.Actor, "level.read") {
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

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) level(n int) string { return w.T("level.name." + strconv.Itoa(n)) }

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

func tag(w words, n int) templ.Component { return parts.Tag(parts.Grade(level.GradeOf(n)), w.level(n)) }

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

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(text(s), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

const stampForm = "2006-01-02T15:04"

func moment(s string) time.Time {
	t, err := time.Parse(stampForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Panel stands on the page of an event: the state's own level, and that of the
// families in which the event stands.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "levels", Title: "level.panel.title", Side: true, Body: g.panel}
}

type panelView struct {
	words
	Lines []panelLine
	New   string
}

type panelLine struct {
	Level      int
	Text, Href string
	Note       string
}

func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	v := panelView{words: g.words(r)}
	acts, err := g.desk.Activations(r.Context(), r.Actor, e.ID)
	if err != nil {
		return nil, err
	}
	for i := range acts {
		if a := &acts[i]; a.InForce(r.Now) {
			v.Lines = append(v.Lines, panelLine{Level: a.Level, Text: v.T("level.panel.national", "owner", v.name(a.Owner)), Note: v.T("level.until", "time", v.Stamp(a.Review)), Href: base})
		}
	}
	fs, err := g.desk.Families(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	for _, f := range fs {
		if !slices.Contains(f.Events, e.ID) {
			continue
		}
		s, err := g.desk.Current(r.Context(), r.Actor, f.ID)
		if err != nil {
			return nil, err
		}
		l := panelLine{Level: s.Level, Text: f.Name, Href: base + "?family=" + string(f.ID), Note: v.T("level.panel.none")}
		if s.Level > 0 {
			l.Href, l.Note = level.Path(s.Proposal), v.T("level.until", "time", v.Stamp(s.Review))
		}
		v.Lines = append(v.Lines, l)
	}
	if level.MayPropose(r.Actor) && e.Owner == g.desk.Member() {
		v.New = "/health/activations/new?event=" + string(e.ID)
	}
	if len(v.Lines) == 0 && v.New == "" {
		return nil, nil
	}
	return panelBody(v), nil
}
