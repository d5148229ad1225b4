// Package web is the pages of the inbox: its list, the form that records a
// signal, the page of one, its steps, and imports.
package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Deps are what the pages need besides the desk.
type Deps struct {
	Member access.Member
	// Fetch reads a feed from an address outside; nil: only uploads.
	Fetch func(ctx context.Context, address string) ([]byte, error)
	// Feed is the address of this node's own feed, for others to read.
	Feed string
	// Asked is what the page of a signal shows of the questions to other states
	// about it; nil for nothing.
	Asked func(r *shell.Request, s *signal.View) (templ.Component, error)
}

// Pages are the handlers of the inbox.
type Pages struct {
	desk   *signal.Desk
	health *health.Desk
	deps   Deps
}

// New makes the pages of an inbox.
func New(d *signal.Desk, h *health.Desk, deps Deps) *Pages {
	return &Pages{desk: d, health: h, deps: deps}
}

// Addresses of the pages.
const (
	inbox   = "/health/signals"
	imports = "/health/signal-imports"
)

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+inbox, g.reader(g.list))
	m.Download("GET "+inbox+".csv", g.reader(g.download))
	m.Download("GET "+inbox+".xlsx", g.reader(g.download))
	m.Page("GET "+inbox+"/new", g.reader(g.newSignal))
	m.Page("POST "+inbox+"/new", g.reader(g.record))
	m.Page("POST "+inbox+"/bulk", g.reader(g.bulk))
	m.Page("GET "+inbox+"/{id}", g.reader(g.signal))
	m.Page("GET "+inbox+"/{id}/edit", g.reader(g.editSignal))
	m.Page("POST "+inbox+"/{id}/edit", g.reader(g.saveSignal))
	m.Page("GET "+inbox+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+inbox+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("GET "+inbox+"/{id}/verify", g.reader(g.askVerify))
	m.Page("POST "+inbox+"/{id}/verify", g.reader(g.verify))
	m.Page("POST "+inbox+"/{id}/apart", g.reader(g.apart))
	m.Page("GET "+imports, g.reader(g.importList))
	m.Page("GET "+imports+"/new", g.reader(g.newImport))
	m.Upload("POST "+imports+"/new", g.reader(g.upload))
	m.Page("POST "+imports+"/fetch", g.reader(g.fetch))
	m.Page("GET "+imports+"/{id}", g.reader(g.importPage))
	m.Page("POST "+imports+"/{id}/check", g.reader(g.check))
	m.Page("POST "+imports+"/{id}/step/{verb}", g.reader(g.moveImport))
	m.Page("GET "+imports+"/{id}/rows/{row}", g.reader(g.askRow))
	m.Page("POST "+imports+"/{id}/rows/{row}", g.reader(g.mendRow))
	m.Download("GET "+imports+"/{id}/broken.csv", g.reader(g.brokenRows))
	m.Download("GET "+imports+"/{id}/broken.xlsx", g.reader(g.brokenRows))
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
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.deps.Member} }

// place is a place in the language of the page: a unit with its state, or any
// state of the world.
func (w words) place(code string) string {
	if place.Known(code) {
		return place.Full(code, w.Lang())
	}
	if r, err := language.ParseRegion(code); err == nil {
		n := display.Regions(language.Make(w.Lang()))
		if n == nil {
			n = display.Regions(language.English)
		}
		if name := n.Name(r); name != "" {
			return name
		}
	}
	return code
}

func (w words) hazard(key string) string { return w.T("hazard." + key) }

func (w words) state(s workflow.State) string { return w.T("signal.state." + string(s)) }

func (w words) source(s signal.Source) string { return w.T("signal.source." + string(s)) }

// date says a date no more precisely than it is known; empty when not given.
func (w words) date(d health.Date) string {
	t, err := time.Parse(time.DateOnly, d.On)
	switch {
	case d.IsZero():
		return ""
	case err != nil || d.Precision == health.Unknown:
		return w.T("date.unknown")
	case d.Precision == health.Approximate:
		return w.T("signal.date.about", "date", w.Day(t))
	}
	return w.Dated(t, string(d.Precision))
}

// count says a number as it was reported; a missing one is never 0.
func (w words) count(c *signal.Count) string {
	if c == nil {
		return w.T("signal.count.none")
	}
	n := w.Number(c.N)
	if c.About == "" {
		return n
	}
	return w.T("signal.count."+c.About, "n", n)
}

func (w words) plate(m access.Member) parts.Plate {
	return parts.Plate{Code: string(m), Title: place.Name(string(m), w.Lang())}
}

func str(n int) string { return strconv.Itoa(n) }

func signalPath(sid id.ID) string { return inbox + "/" + string(sid) }

func importPath(iid id.ID) string { return imports + "/" + string(iid) }

// version is the version of the record that the person saw; a form without
// one is refused later, since no record has this version.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// text brings what a browser posts to the line ends that are stored.
func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// grade is how a signal is marked in lists: by its marks of international
// concern and by its clock.
func grade(v *signal.View) parts.Grade {
	yes := 0
	for _, a := range v.Concern {
		if a == signal.Yes {
			yes++
		}
	}
	switch {
	case v.State == signal.Discarded || v.State == signal.Duplicate || v.State == signal.VerifiedEvent:
		return parts.Ungraded
	case yes >= 2:
		return parts.Warning
	case yes == 1 || v.Late:
		return parts.Watch
	}
	return parts.Information
}

// unmet are the sentences of the needs that keep a button disabled; those that
// the form of the step itself fulfils are left out.
func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		switch n {
		case "signal.reason", "signal.twin", "signal.reliability", "signal.credibility", "signal.confirmed_by", "signal.event":
		default:
			out = append(out, w.T("need."+n))
		}
	}
	return out
}
