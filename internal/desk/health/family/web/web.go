// Package web is the pages of regional families: their list, the events of all
// members side by side, the answers, and the forms.
package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
)

const base = "/health/families"

// Pages are the handlers of the part.
type Pages struct {
	desk   *family.Desk
	health *health.Desk
	member access.Member
}

// New makes the pages.
func New(d *family.Desk, h *health.Desk, member access.Member) *Pages { return &Pages{d, h, member} }

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, reader(g.list))
	m.Page("GET "+base+"/new", reader(g.newFamily))
	m.Page("POST "+base+"/new", reader(g.makeFamily))
	m.Page("GET "+base+"/{id}", reader(g.page))
	m.Files(base, reader(g.download))
	m.Files(base+"/{id}/figures", reader(g.figures))
	m.Page("GET "+base+"/{id}/edit", reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", reader(g.save))
	m.Page("GET "+base+"/{id}/events", reader(g.choose))
	m.Page("POST "+base+"/{id}/events", reader(g.add))
	m.Page("GET "+base+"/{id}/step/{verb}", reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", reader(g.step))
	m.Page("POST "+base+"/{id}/drop", reader(g.drop))
	m.Page("GET "+base+"/{id}/answer/{event}", reader(g.askAnswer))
	m.Page("POST "+base+"/{id}/answer/{event}", reader(g.answer))
}

func reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// EventPanel shows on the page of an event in which families it stands.
func (g *Pages) EventPanel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "families", Title: "family.list.title", Side: true,
		Body: func(r *shell.Request, e health.EventView) (templ.Component, error) {
			rows, err := g.desk.Of(r.Context(), r.Actor, e.ID)
			if err != nil || len(rows) == 0 && !family.MayMake(r.Actor) {
				return nil, err
			}
			return panel(g.words(r), rows, e.ID, family.MayMake(r.Actor)), nil
		}}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now time.Time
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func (w words) members(list []access.Member) string {
	var out []string
	for _, m := range list {
		out = append(out, w.name(string(m)))
	}
	return strings.Join(out, ", ")
}

func path(fid id.ID) string { return base + "/" + string(fid) }

func str(n int) string { return strconv.Itoa(n) }

// version is that of the record which the person saw; a form without one is
// refused later.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n") }
