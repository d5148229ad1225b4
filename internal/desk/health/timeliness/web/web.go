// Package web is the pages of timeliness: 7-1-7 of an event, of the states and
// the region, and the back-test of a table.
package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/timeliness"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

const base = "/health/timeliness"

// Pages are the handlers of the part.
type Pages struct {
	desk   *timeliness.Desk
	member access.Member
}

// New makes the pages.
func New(d *timeliness.Desk, member access.Member) *Pages { return &Pages{d, member} }

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, reader(g.region))
	m.Download("GET "+base+".csv", reader(g.download(sheet.CSV)))
	m.Download("GET "+base+".xlsx", reader(g.download(sheet.XLSX)))
	m.Page("GET "+base+"/backtest", reader(g.backtest))
	m.Upload("POST "+base+"/backtest", reader(g.readBacktest))
	m.Page("GET "+base+"/events/{id}", reader(g.event))
	m.Page("GET "+base+"/events/{id}/edit", reader(g.edit))
	m.Page("POST "+base+"/events/{id}/edit", reader(g.save))
	m.Page("GET "+base+"/events/{id}/step/{verb}", reader(g.askStep))
	m.Page("POST "+base+"/events/{id}/step/{verb}", reader(g.step))
}

func reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// EventPanel shows the three clocks on the page of an event, with R1 to R3.
func (g *Pages) EventPanel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "timeliness", Title: "timeliness.title", Side: true,
		Body: func(r *shell.Request, e health.EventView) (templ.Component, error) {
			p, err := g.desk.EventPage(r.Context(), r.Actor, e.ID)
			if fault.Is(err, fault.NotFound) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			x, err := g.desk.RegionalOf(r.Context(), r.Actor, e.ID)
			if err != nil {
				return nil, err
			}
			w := g.words(r)
			return panel(w, p.View, w.regionalLines(x), path(e.ID)), nil
		}}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now time.Time
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func path(eid id.ID) string { return base + "/events/" + string(eid) }

func str(n int) string { return strconv.Itoa(n) }

// grade colours an outcome; its word is always beside the colour.
func grade(o timeliness.Outcome) parts.Grade {
	switch o {
	case timeliness.Met:
		return parts.Good
	case timeliness.Missed:
		return parts.Warning
	case timeliness.Undecided, timeliness.Reversed:
		return parts.Watch
	case timeliness.Running:
		return parts.Information
	}
	return parts.Ungraded
}

func (w words) outcome(o timeliness.Outcome) string { return w.T("timeliness.outcome." + string(o)) }

// lag says a number of days, or the interval in which it lies.
func (w words) lag(l timeliness.Lag) string {
	switch {
	case !l.Known:
		return w.T("timeliness.lag.none")
	case l.Open:
		return w.T("timeliness.lag.open", "n", l.Min)
	case l.Min == l.Max:
		return w.T("timeliness.lag", "n", l.Min)
	}
	return w.T("timeliness.lag.range", "from", l.Min, "to", l.Max)
}

// date says a date no more precisely than it is known.
func (w words) date(d health.Date) string {
	t, err := time.Parse(time.DateOnly, d.On)
	switch {
	case d.IsZero():
		return w.T("timeliness.date.none")
	case err != nil || d.Precision == health.Unknown:
		return w.T("date.unknown")
	case d.Precision == health.Approximate:
		return w.T("health.date.about", "date", w.Day(t))
	}
	return w.Dated(t, string(d.Precision))
}

// version is that of the record which the person saw; 0 where there was none.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func text(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n") }

func joined(list ...string) string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " · ")
}
