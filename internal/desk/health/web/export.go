package web

import (
	"net/http"
	"strings"
	"time"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
)

// mostRows is where a download ends; a list that long wants a filter.
const mostRows = 10000

// begin answers with a table in a format.
func begin(w http.ResponseWriter, r *shell.Request, f sheet.Format, name string) (*sheet.Writer, error) {
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+"."+string(f)+`"`)
	return sheet.Create(w, f, name)
}

// mayExport refuses who may read but not take tables away.
func mayExport(r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	return nil
}

// downloadAs is the list of events as a table.
func (g *Pages) downloadAs(f sheet.Format) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if err := mayExport(r); err != nil {
			return err
		}
		filter := filterOf(r.URL.Query())
		filter.Limit, filter.After = 200, health.Cursor{}
		first, next, err := g.desk.List(r.Context(), r.Actor, filter)
		if err != nil {
			return err
		}
		out, err := begin(w, r, f, "events")
		if err != nil {
			return err
		}
		err = out.Head("id", "owner", "name", "grade", "state", "hazard", "icd11", "icd10", "glide", "places", "marking", "onset", "emergence", "detection", "notified",
			"merged_into", "exercise", "version", "changed")
		for n := 0; err == nil; {
			for _, e := range first {
				if err == nil {
					err = out.Row(string(e.ID), string(e.Owner), e.Name, string(e.Grade), string(e.State), e.Hazard, e.ICD11, e.ICD10, e.GLIDE,
						strings.Join(e.Places, " "), string(e.Marking), dated(e.Onset), dated(e.Emergence), dated(e.Detection), dated(e.Notified),
						string(e.MergedInto), e.Exercise, e.Version, e.Changed.At)
				}
			}
			if n += len(first); err != nil || next.ID == "" || n >= mostRows {
				break
			}
			filter.After = next
			first, next, err = g.desk.List(r.Context(), r.Actor, filter)
		}
		if err != nil {
			return err
		}
		return out.Close()
	}
}

// dated writes a date with its precision where it is not a day, so that a
// table never makes it more exact than it is known.
func dated(d health.Date) string {
	if d.On == "" || d.Precision == health.Day {
		return d.On
	}
	return d.On + " (" + string(d.Precision) + ")"
}

// factsAs are all figures of an event as a table with the columns of a grid.
func (g *Pages) factsAs(f sheet.Format) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		p, err := g.exported(r)
		if err != nil {
			return err
		}
		out, err := begin(w, r, f, "figures")
		if err != nil {
			return err
		}
		head, rows := health.FactTable(p.View)
		return table(out, [][]string{head}, rows)
	}
}

// factsHXL are the newest figures with HXL tags.
func (g *Pages) factsHXL(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.exported(r)
	if err != nil {
		return err
	}
	out, err := begin(w, r, sheet.CSV, "figures-hxl")
	if err != nil {
		return err
	}
	t := health.HXL(p.View)
	return table(out, [][]string{t.Titles, t.Tags}, t.Rows)
}

func table(out *sheet.Writer, heads [][]string, rows [][]any) error {
	for _, h := range heads {
		if err := out.Head(h...); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if err := out.Row(row...); err != nil {
			return err
		}
	}
	return out.Close()
}

func (g *Pages) exported(r *shell.Request) (health.Page, error) {
	if err := mayExport(r); err != nil {
		return health.Page{}, err
	}
	eid, err := r.PathID("id")
	if err != nil {
		return health.Page{}, err
	}
	return g.desk.EventPage(r.Context(), r.Actor, eid)
}
