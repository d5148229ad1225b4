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
	v.Head.Actions = append([]parts.Button{{Text: w.T("parts.print"), Icon: "printer", Print: true}}, v.Head.Actions...)
}

// notifiable reports whether the actor may tell others of the event now. Of a
// merged event only the merge is news, and it must be possible to tell.
func notifiable(p health.Page) bool {
	return p.MayNotify && (isOpen(p.View.State) || p.View.State == health.Merged)
}
