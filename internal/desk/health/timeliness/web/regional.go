package web

import (
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/timeliness"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// regional are R2 and R3, where this node keeps what they are computed from.
func (g *Pages) regional(r *shell.Request, v *regionView) error {
	helped, ok, err := g.desk.Helped(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	if ok {
		v.R2 = v.helped(helped)
	}
	given, ok, err := g.desk.Given(r.Context(), r.Actor)
	if err == nil && ok {
		v.R3 = v.given(given)
	}
	return err
}

func (w words) table(key string, columns ...string) *parts.Table {
	t := &parts.Table{Caption: w.T("timeliness." + key), RowHead: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("timeliness." + key + "." + c)})
	}
	return t
}

func (w words) helped(list []timeliness.R2) *parts.Table {
	t := w.table("r2", "request", "issued", "offer", "arrival")
	span := func(s timeliness.Span) parts.Cell {
		word := w.outcome(s.Outcome)
		if s.Outcome != timeliness.NoDate && s.Outcome != timeliness.Reversed {
			word = w.T("timeliness.r2.line", "outcome", word, "after", w.Duration(s.Took))
		}
		return parts.Cell{Body: parts.Tag(grade(s.Outcome), word)}
	}
	for _, x := range list[:min(len(list), mostShown)] {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: x.Href}, {At: x.Issued}, span(x.Offer), span(x.Arrival)})
	}
	return t
}

func (w words) given(list []timeliness.R3) *parts.Table {
	t := w.table("r3", "report", "due", "share", "late", "silent", "open")
	names := func(ms []access.Member) parts.Cell {
		var out []string
		for _, m := range ms {
			out = append(out, w.name(string(m)))
		}
		return parts.Cell{Text: strings.Join(out, ", ")}
	}
	for _, x := range list[:min(len(list), mostShown)] {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: x.Href}, {At: x.Due}, {Text: w.T("timeliness.r3.count", "in_time", len(x.InTime), "decided", x.Decided())},
			names(x.Late), names(x.Silent), names(x.Open)})
	}
	return t
}
