package web

import (
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/locale"
)

// Curve is the epidemic curve of facts with its title and the rule that it is
// drawn by; nil where they make none.
func Curve(p *locale.Printer, now time.Time, facts []health.FactView) (figure templ.Component, title, rule string) {
	c := words{Printer: p, now: now}.curve(facts)
	if c == nil {
		return nil, "", ""
	}
	return c.Figure, c.Title, c.Rule
}
