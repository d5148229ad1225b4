package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	shell "lintas/internal/web"
)

// mostRows is how many assessments one file holds.
const mostRows = 5000

func mayExport(r *shell.Request) error {
	if !ihr.Capabilities.May(r.Actor, "ihr.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	return nil
}

// annexFile is the list of the assessments by Annex 2.
func (g *Pages) annexFile(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	list, err := g.desk.Annex2s(r.Context(), r.Actor, "", mostRows)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, x := range list {
		rows = append(rows, []any{string(x.ID), string(x.Event), x.EventName, x.Hazard, x.Form, x.Path, string(x.State), string(x.Outcome), x.FirstBy, x.FirstAt, x.SecondBy, x.SecondAt,
			strings.Join(x.Differs, " "), x.Reason})
	}
	return r.Sheet(w, "annex2", []string{"id", "event", "name", "hazard", "form", "path", "state", "outcome", "first_reader", "first_at", "second_reader", "second_at", "differs", "reason"}, rows)
}

// determinationFile is the list of outside determinations.
func (g *Pages) determinationFile(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	list, err := g.desk.DeterminationsOf(r.Context(), r.Actor, "", "")
	if err != nil {
		return err
	}
	var rows [][]any
	for _, x := range list {
		var recs []string
		for _, k := range x.Recommendations {
			recs = append(recs, k.Text+" | "+k.Expires)
		}
		rows = append(rows, []any{string(x.ID), string(x.Owner), x.Kind, x.Grade, x.Title, x.Hazard, x.By, x.On, x.Meeting, x.Ended, string(x.State), x.Source,
			strings.Join(recs, "\n"), string(x.Marking), x.Exercise})
	}
	return r.Sheet(w, "determinations", []string{"id", "recorded_by", "determination", "grade", "title", "hazard", "by", "on", "meeting", "ended", "state", "source", "recommendations",
		"marking", "exercise"}, rows)
}

// amendmentFile says where each state stands; the silent have a row too.
func (g *Pages) amendmentFile(w http.ResponseWriter, r *shell.Request) error {
	if err := mayExport(r); err != nil {
		return err
	}
	p, err := g.desk.Amendments(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, x := range p.Rows {
		row := []any{string(x.Member), x.Status()}
		if v := x.View; v != nil {
			row = append(row, v.On, v.InForce, v.Words, v.Source, v.Lang, v.ClearedAs, v.Released)
		}
		rows = append(rows, row)
	}
	return r.Sheet(w, "amendments", []string{"state", "stands", "on", "in_force", "words", "source", "language", "cleared_by", "released"}, rows)
}
