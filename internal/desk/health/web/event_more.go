package web

import (
	"lintas/internal/desk/health"
	"lintas/internal/web/parts"
)

// further adds what the page shows besides figures and places.
func (w words) further(v *eventView, p health.Page) {
	e := p.View
	v.More, _ = w.factTables(e.More)
	v.More.Caption = w.T("health.facts.more")
	v.Bands = w.bands(e.More)
	path := eventPath(e.ID)
	v.Tables = []parts.Link{{Text: "CSV", Href: path + "/figures.csv"}, {Text: "XLSX", Href: path + "/figures.xlsx"}, {Text: "HXL", Href: path + "/figures-hxl.csv"}}
	v.End = w.end(e)
	v.Merged = w.merged(e, p.Own)
	if o, ok := offered(p.Offers, "describe"); ok {
		v.Describe = &parts.Button{Text: w.T("health.verb.describe"), Icon: "pencil", Small: true, Href: path + "/describe", Unmet: w.unmet(o)}
	}
	v.Head.Actions = append(v.Head.Actions, parts.Button{Text: w.T("parts.print"), Icon: "printer", Print: true})
}

// notifiable reports whether the actor may tell others of the event now. Of a
// merged event only the merge is news, and it must be possible to tell.
func notifiable(p health.Page) bool {
	return p.MayNotify && (isOpen(p.View.State) || p.View.State == health.Merged)
}

// newestMoments is how much of the timeline is open; the rest is folded.
const newestMoments = 12

// jumps are the panels of the page for a phone, on which they stand one below
// the other: the next steps first, then in the order of the page.
func (v *eventView) jumps() []parts.Link {
	var out []parts.Link
	add := func(on bool, id, title string) {
		if on {
			out = append(out, parts.Link{Text: v.T(title), Href: "#" + id})
		}
	}
	add(true, "state", "health.state.title")
	add(true, "figures", "health.figures.title")
	add(true, "where", "health.where.title")
	add(true, "facts", "health.facts.title")
	add(true, "sections", "health.sections.title")
	add(len(v.Merged) > 0, "merged", "health.merged.title")
	for _, p := range v.Main {
		out = append(out, parts.Link{Text: p.Panel.Title, Href: "#" + p.Panel.ID})
	}
	add(true, "timeline", "health.timeline.title")
	add(true, "end", "health.end.title")
	add(v.Own, "acks", "health.ack.title")
	add(v.Own, "notifications", "health.notifications.title")
	add(len(v.Notices) > 0, "notices", "health.notices.title")
	add(len(v.Asked) > 0, "questions", "health.questions.title")
	add(true, "details", "health.details.title")
	for _, p := range v.Side {
		out = append(out, parts.Link{Text: p.Panel.Title, Href: "#" + p.Panel.ID})
	}
	return out
}
