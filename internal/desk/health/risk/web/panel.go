package web

import (
	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/risk"
	shell "lintas/internal/web"
)

// panel is the risk of an event on its page: the newest assessment in force of
// each owner, with the matrix of the first.
func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	rows, _, err := g.desk.List(r.Context(), r.Actor, risk.Filter{Event: e.ID, Limit: 20})
	if err != nil {
		return nil, err
	}
	v := panelView{words: g.words(r), Event: string(e.ID), MayDraft: mayDraft(r.Actor)}
	if len(rows) == 0 && !v.MayDraft {
		return nil, nil
	}
	for i, x := range rows {
		if v.Matrix == nil && x.View.State == risk.Published {
			p, err := g.desk.AssessmentPage(r.Context(), r.Actor, x.View.ID)
			if err != nil {
				return nil, err
			}
			v.First, v.A = &rows[i], p.View
			m := p.Matrix
			if m == nil {
				m = risk.Current()
			}
			v.Matrix = v.matrixDrawing("riskmx", v.T("risk.matrix.title"), v.headline(p.View), m, marksOf(p.View), true)
		}
	}
	v.Rows = rows
	return panelBody(v), nil
}

func mayDraft(a access.Actor) bool {
	row, ok := risk.Assessments.Find("", "draft")
	return ok && a.HasAny(row.By...)
}

// line says one assessment of a list in a few words.
func (w words) line(x risk.Row) string {
	out := w.T("risk.scope."+x.View.Scope) + " · " + w.state(x.View.State)
	switch {
	case x.View.State == risk.Published && x.View.Expired(w.now):
		out += " · " + w.T("risk.expired")
	case x.View.State == risk.Published:
		out += " · " + w.T("risk.until", "time", x.View.ValidUntil)
	}
	if x.View.Scope == risk.Regional && !x.View.Published.IsZero() {
		out += " · " + w.T("risk.spread.counts", "agree", x.Agree, "dissent", x.Dissent, "silent", x.Silent)
	}
	return out
}
