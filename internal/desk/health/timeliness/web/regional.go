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
	t := &parts.Table{Caption: w.T("timeliness." + key), RowHead: true, Cards: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("timeliness." + key + "." + c)})
	}
	return t
}

// told is R1: how soon every other state had acknowledged a notification.
func (w words) told(list []timeliness.R1) *parts.Table {
	t := &parts.Table{Caption: w.T("timeliness.r1"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("timeliness.notification")}, {Text: w.T("timeliness.released")},
		{Text: w.T("timeliness.answered")}, {Text: w.T("timeliness.after")}, {Text: w.T("timeliness.outcome")}}}
	for _, x := range list[:min(len(list), mostShown)] {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: "/health/notifications/" + string(x.Notification)}, {At: x.Released},
			{Text: w.T("timeliness.r1.count", "answered", x.Answered, "asked", x.Asked)}, {Text: w.Duration(x.Hours)}, {Body: parts.Tag(grade(x.Outcome), w.toldWord(x))}})
	}
	return t
}

func (w words) toldWord(x timeliness.R1) string {
	if x.Outcome == timeliness.NoDate {
		return w.T("timeliness.r1.some", "n", x.Asked)
	}
	return w.outcome(x.Outcome)
}

func (w words) helped(list []timeliness.R2) *parts.Table {
	t := w.table("r2", "request", "issued", "offer", "arrival")
	span := func(s timeliness.Span) parts.Cell { return parts.Cell{Body: parts.Tag(grade(s.Outcome), w.span(s))} }
	for _, x := range list[:min(len(list), mostShown)] {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: x.Href}, {At: x.Issued}, span(x.Offer), span(x.Arrival)})
	}
	return t
}

func (w words) span(s timeliness.Span) string {
	word := w.outcome(s.Outcome)
	if s.Outcome == timeliness.NoDate || s.Outcome == timeliness.Reversed {
		return word
	}
	return w.T("timeliness.r2.line", "outcome", word, "after", w.Duration(s.Took))
}

func (w words) given(list []timeliness.R3) *parts.Table {
	t := w.table("r3", "report", "due", "share", "late", "silent", "open")
	names := func(ms []access.Member) parts.Cell { return parts.Cell{Text: w.names(ms)} }
	for _, x := range list[:min(len(list), mostShown)] {
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Title, Href: x.Href}, {At: x.Due}, {Text: w.T("timeliness.r3.count", "in_time", len(x.InTime), "decided", x.Decided())},
			names(x.Late), names(x.Silent), names(x.Open)})
	}
	return t
}

func (w words) names(ms []access.Member) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = w.name(string(m))
	}
	return strings.Join(out, ", ")
}

// regionalLine is one of R1, R2, R3 of an event in a word and a sentence.
type regionalLine struct {
	Term, Word, Text, Href string
	Grade                  parts.Grade
}

// regionalLines are the newest of each: what was told last, asked for last, and
// the last report.
func (w words) regionalLines(x timeliness.Regional) []regionalLine {
	var out []regionalLine
	if len(x.R1) > 0 {
		r := x.R1[0]
		out = append(out, regionalLine{w.T("timeliness.r1.short"), w.toldWord(r), w.T("timeliness.r1.line", "answered", r.Answered, "asked", r.Asked, "after", w.Duration(r.Hours)),
			"/health/notifications/" + string(r.Notification), grade(r.Outcome)})
	}
	if len(x.R2) > 0 {
		r := x.R2[0]
		out = append(out, regionalLine{w.T("timeliness.r2.short.offer"), w.span(r.Offer), "", r.Href, grade(r.Offer.Outcome)},
			regionalLine{w.T("timeliness.r2.short.arrival"), w.span(r.Arrival), "", r.Href, grade(r.Arrival.Outcome)})
	}
	if len(x.R3) > 0 {
		r := x.R3[0]
		g, text := parts.Good, ""
		if len(r.Late) > 0 {
			g, text = parts.Watch, w.T("timeliness.r3.line.late", "members", w.names(r.Late))
		}
		if len(r.Silent) > 0 {
			g, text = parts.Warning, joined(w.T("timeliness.r3.line.silent", "members", w.names(r.Silent)), text)
		}
		word := w.T("timeliness.r3.count", "in_time", len(r.InTime), "decided", r.Decided())
		if r.Decided() == 0 {
			g, word = parts.Information, w.outcome(timeliness.Running)
		}
		out = append(out, regionalLine{w.T("timeliness.r3.short"), word, text, r.Href, g})
	}
	return out
}
