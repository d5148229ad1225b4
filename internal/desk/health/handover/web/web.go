// Package web is the pages of the shift: handover notes, the watch list and
// the calendar of deadlines.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/handover"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

const base = "/health/handover"

// Deps are what the pages need besides the part.
type Deps struct {
	Member access.Member
	URL    string // the node's public address, for the calendar
}

// Pages are the handlers of the part.
type Pages struct {
	desk *handover.Desk
	deps Deps
}

// New makes the pages.
func New(d *handover.Desk, deps Deps) *Pages { return &Pages{desk: d, deps: deps} }

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Files(base, g.reader(g.download))
	m.Page("POST "+base+"/new", g.reader(g.begin))
	m.Page("GET "+base+"/{id}", g.reader(g.note))
	m.Page("POST "+base+"/{id}", g.reader(g.step))
	m.Page("GET "+base+"/watch/{id}", g.reader(g.askWatch))
	m.Page("POST "+base+"/watch/{id}", g.reader(g.watch))
	m.Page("GET /health/deadlines.ics", g.reader(g.calendar))
}

func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// EventPanel shows on an event whether it is watched.
func (g *Pages) EventPanel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "watch", Title: "handover.watch.title", Side: true,
		Body: func(r *shell.Request, e health.EventView) (templ.Component, error) {
			w, on, may, err := g.desk.WatchOf(r.Context(), r.Actor, e.ID)
			if err != nil || !on && !may {
				return nil, err
			}
			return watchPanel(words{r.Printer, r.Now}, e.ID, w, on, may), nil
		}}
}

// HomePanel shows the watch list on the duty desk.
func (g *Pages) HomePanel() healthweb.HomePanel {
	return healthweb.HomePanel{ID: "watchlist", Title: "handover.list.watched", Body: func(r *shell.Request) (templ.Component, error) {
		ws, err := g.desk.Watching(r.Context(), r.Actor)
		if err != nil || len(ws) == 0 {
			return nil, err
		}
		return watchLines(words{r.Printer, r.Now}, ws), nil
	}}
}

// words is the language and the time of one page.
type words struct {
	*locale.Printer
	now time.Time
}

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) plate(m access.Member) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m)}
}

// title of an item is a whole sentence in the reader's language.
func (w words) title(i handover.Item) string {
	return w.T(i.Key, "title", i.Title, "owner", w.name(i.Owner))
}

// last says what happened to a changed record: its last step, and how many.
func (w words) last(i handover.Item) string {
	if i.Action == "" {
		return i.Text
	}
	s := w.T("handover.changed.last", "action", w.T("action."+i.Action), "ago", w.Ago(i.At, w.now))
	if i.Steps > 1 {
		s = w.T("handover.changed.steps", "last", s, "n", i.Steps)
	}
	return strings.TrimSpace(s + " " + i.Text)
}

func (g *Pages) calendar(w http.ResponseWriter, r *shell.Request) error {
	items, err := g.desk.Deadlines(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	p := words{r.Printer, r.Now}
	var out []handover.Deadline
	for _, i := range items {
		out = append(out, handover.Deadline{UID: url.PathEscape(i.Href) + "@" + string(g.deps.Member), Title: p.title(i), URL: g.deps.URL + i.Href, Due: i.Due})
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="deadlines.ics"`)
	_, err = w.Write([]byte(handover.Calendar(p.T("handover.calendar", "member", p.name(g.deps.Member)), out, r.Now)))
	return err
}

func path(nid id.ID) string { return base + "/" + url.PathEscape(string(nid)) }

func watchPath(eid id.ID) string { return base + "/watch/" + url.PathEscape(string(eid)) }

func eventPath(eid id.ID) string { return "/health/events/" + url.PathEscape(string(eid)) }

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

// paragraphs are the lines of what a person wrote.
func paragraphs(s string) []string {
	return slices.DeleteFunc(strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), func(p string) bool { return strings.TrimSpace(p) == "" })
}
