// Package web is the pages of the health desk: the duty desk, events and
// their forms, notifications, received notices, questions and the search.
package web

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
)

// NodeState is how another node stands to this one; its word is the
// catalogue's "health.node.<state>".
type NodeState string

const (
	InStep      NodeState = "in_step"
	Behind      NodeState = "behind"
	Unreachable NodeState = "unreachable"
	Never       NodeState = "never"
)

// Node is another member's node as the exchange sees it.
type Node struct {
	Member access.Member
	State  NodeState
	Heard  time.Time // zero: never
	Behind int       // messages that it has not confirmed
}

// Deps are what the pages need besides the desk.
type Deps struct {
	Member access.Member
	// Nodes asks the exchange for the other nodes, in the fixed order; nil
	// leaves the panel out.
	Nodes func(ctx context.Context) ([]Node, error)
	// Todos are what waits for the actor in other parts of the node; nil: none.
	Todos func(ctx context.Context, a access.Actor) ([]desk.Todo, error)
	// Search finds records of other parts of the node; nil: none.
	Search func(ctx context.Context, a access.Actor, query string, limit int) ([]desk.Hit, error)
	// Panels stand on the page of an event, Home on the duty desk.
	Panels []EventPanel
	Home   []HomePanel
}

// HomePanel is what another part of the node shows on the duty desk, in the
// narrow column.
type HomePanel struct {
	ID    string
	Title string // key of the catalogue
	Body  func(r *shell.Request) (templ.Component, error)
}

// EventPanel is what another part of the node shows on the page of an event.
type EventPanel struct {
	ID    string // of the element and its live update
	Title string // key of the catalogue
	Side  bool   // in the narrow column
	// Body is nil where there is nothing to show.
	Body func(r *shell.Request, e health.EventView) (templ.Component, error)
}

// Pages are the handlers of the desk.
type Pages struct {
	desk *health.Desk
	deps Deps
}

// New makes the pages of a desk.
func New(d *health.Desk, deps Deps) *Pages { return &Pages{desk: d, deps: deps} }

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET /{$}", g.dutyDesk)
	m.Page("GET /search", g.reader(g.search))
	m.Page("GET /health/events", g.reader(g.list))
	m.Download("GET /health/events.csv", g.reader(g.downloadAs(sheet.CSV)))
	m.Download("GET /health/events.xlsx", g.reader(g.downloadAs(sheet.XLSX)))
	m.Page("GET /health/events/new", g.reader(g.newEvent))
	m.Page("POST /health/events/new", g.reader(g.recordEvent))
	m.Page("GET /health/events/{id}", g.reader(g.event))
	m.Page("GET /health/events/{id}/edit", g.reader(g.editEvent))
	m.Page("POST /health/events/{id}/edit", g.reader(g.saveEvent))
	m.Page("GET /health/events/{id}/facts", g.reader(g.newFacts))
	m.Page("POST /health/events/{id}/facts", g.reader(g.saveFacts))
	m.Page("GET /health/events/{id}/grid", g.reader(g.newGrid))
	m.Page("POST /health/events/{id}/grid", g.reader(g.readGrid))
	m.Upload("POST /health/events/{id}/grid/file", g.reader(g.readGridFile))
	m.Page("GET /health/events/{id}/describe", g.reader(g.editSections))
	m.Page("POST /health/events/{id}/describe", g.reader(g.saveSections))
	m.Page("GET /health/events/{id}/merge", g.reader(g.askMerge))
	m.Page("POST /health/events/{id}/merge", g.reader(g.merge))
	m.Download("GET /health/events/{id}/figures.csv", g.reader(g.factsAs(sheet.CSV)))
	m.Download("GET /health/events/{id}/figures.xlsx", g.reader(g.factsAs(sheet.XLSX)))
	m.Download("GET /health/events/{id}/figures-hxl.csv", g.reader(g.factsHXL))
	m.Page("GET /health/events/{id}/move/{verb}", g.reader(g.askMove))
	m.Page("POST /health/events/{id}/move/{verb}", g.reader(g.move))
	m.Page("GET /health/events/{id}/notify", g.reader(g.newNotification))
	m.Page("POST /health/events/{id}/notify", g.reader(g.compose))
	m.Page("GET /health/notifications/{id}", g.reader(g.notification))
	m.Page("GET /health/notifications/{id}/edit", g.reader(g.editNotification))
	m.Page("POST /health/notifications/{id}/edit", g.reader(g.saveNotification))
	m.Page("GET /health/notifications/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST /health/notifications/{id}/step/{verb}", g.reader(g.step))
	m.Upload("POST /health/notifications/{id}/files", g.reader(g.attach))
	m.Download("GET /health/notifications/{id}/files/{file}", g.reader(g.notificationFile))
	m.Page("POST /health/notifications/{id}/files/{file}/remove", g.reader(g.detach))
	m.Page("GET /health/notices/{id}", g.reader(g.notice))
	m.Download("GET /health/notices/{id}/files/{file}", g.reader(g.noticeFile))
	m.Page("POST /health/notices/{id}/{verb}", g.reader(g.answerNotice))
	m.Page("GET /health/questions/{id}", g.reader(g.question))
	m.Page("POST /health/questions/{id}", g.reader(g.answerQuestion))
}

// reader lets only those in who may read the desk at all; to others its pages
// are not there.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page: the language, the time, the member.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
	// answers says that the reader may answer questions of others.
	answers bool
}

func (g *Pages) words(r *shell.Request) words {
	return words{r.Printer, r.Now, g.deps.Member, health.MayAnswer(r.Actor)}
}

// name is a member's or place's name in the language of the page.
func (w words) name(code string) string { return place.Name(code, w.Lang()) }
